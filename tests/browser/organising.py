"""Organiser: a matrix, a round of one commune from its basis to its opening."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser.questions import POSITION, TOPIC

if TYPE_CHECKING:
    from playwright.sync_api import Page

COMMUNE = "Xã Đông Hải (mẫu)"
NAME = "Kỳ thi thử đường đi của xã (mẫu)"
MATRIX = "Tài chính, đề ngắn (mẫu)"
CONTACT = "Tổ kỹ thuật, 0203 000 000 (số mẫu)"
QUESTIONS = 8
"""What the short matrices ask for together."""


def wait_for_job(page: Page) -> None:
    """The page of long work asks again by itself until the runner has done it."""
    page.locator("#job").get_by_text("Đã xong", exact=True).wait_for(timeout=60_000)


def build_matrix(page: Page) -> None:
    """Too many questions are told at once; then one that the bank can fill."""
    page.goto("/bank/matrices")
    page.get_by_role("link", name="Tạo ma trận").click()
    page.get_by_label("Dùng cho").select_option(label=POSITION)
    page.get_by_label("Tên ma trận").fill(MATRIX)
    page.get_by_role("button", name="Tạo và ghi số câu").click()
    page.get_by_label("Thời gian cho phần này").fill("20")
    cell = page.get_by_label(f"{TOPIC} – Nhận biết")
    cell.fill("99")
    page.get_by_role("button", name="Tính lại").click()
    page.get_by_text(re.compile(r"Ngân hàng thiếu \d+ câu")).wait_for()
    cell.fill("4")
    page.get_by_role("button", name="Lưu ma trận").click()
    page.get_by_text(re.compile("Ngân hàng đủ câu hỏi cho ma trận này")).wait_for()


def edit_common_matrix(page: Page) -> None:
    """A new version of the common section: four questions instead of fifteen."""
    page.goto("/bank/matrices/MT-CHUNG")
    cells = page.locator("tbody input")
    for number in range(cells.count()):
        cells.nth(number).fill("1" if number % 4 == 0 and number < 16 else "")
    page.get_by_role("button", name="Lưu ma trận").click()
    page.get_by_text(re.compile("Ngân hàng đủ câu hỏi cho ma trận này")).wait_for()


def create(page: Page) -> str:
    """A round of one commune on own devices that tells the answers; gives its address."""
    now = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
    page.goto("/rounds/")
    page.get_by_role("link", name="Tạo kỳ thi").first.click()
    page.get_by_label("Tên kỳ thi").fill(NAME)
    unit = page.get_by_label("Phạm vi")
    labels = unit.locator("option").all_inner_texts()
    unit.select_option(label=next(text for text in labels if re.fullmatch(rf"[— ]*{re.escape(COMMUNE)}", text)))
    page.get_by_label("Kỳ", exact=True).select_option(label="Tháng")
    page.get_by_label("Số của kỳ").fill(str(now.month))
    page.get_by_label("Căn cứ: số, ký hiệu").fill("12/KH-MAU")
    page.get_by_label("Căn cứ: ngày ban hành").fill(now.strftime("%d/%m/%Y"))
    page.get_by_label("Chính thức").check()
    page.get_by_label("Trên thiết bị của từng người").check()
    page.get_by_label("Thời gian làm bài (phút)").fill("30")
    page.get_by_label("Điểm, đáp án, giải thích và căn cứ pháp lý").check()
    page.get_by_label("Quy định riêng của kỳ thi").fill("Làm bài một mình, không dùng tài liệu.")
    page.get_by_role("button", name="Tạo kỳ thi").click()
    page.get_by_text(re.compile("Đã tạo kỳ thi")).wait_for()
    return page.url


def choose_matrices(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name=re.compile("Làm tiếp: Ma trận")).click()
    page.get_by_role("button", name="Lưu ma trận").wait_for()
    for choice in page.locator("form select").all():
        label = choice.evaluate("(select) => select.labels[0].textContent.trim()")
        if label == POSITION:
            choice.select_option(label=next(t for t in choice.locator("option").all_inner_texts() if MATRIX in t))
        elif label != "Phần chung":
            choice.select_option(label="Không dùng")
    page.get_by_role("button", name="Lưu ma trận").click()
    page.get_by_text("Đã lưu ma trận của kỳ thi.").wait_for()
    expect(page.get_by_text("Đủ câu", exact=True)).to_have_count(2)


def add_shift(page: Page, url: str) -> None:
    """Running now, for two hours more."""
    now = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
    page.goto(url)
    page.get_by_role("link", name=re.compile("Làm tiếp: Ca thi")).click()
    page.get_by_role("link", name="Thêm ca thi").first.click()
    page.get_by_label("Bắt đầu").fill((now - timedelta(minutes=5)).strftime("%d/%m/%Y %H:%M"))
    page.get_by_label("Kết thúc").fill((now + timedelta(hours=2)).strftime("%d/%m/%Y %H:%M"))
    page.get_by_label("Địa điểm").fill("Trụ sở xã (mẫu)")
    page.get_by_label("Người hỗ trợ, điện thoại").fill(CONTACT)
    page.get_by_role("button", name="Lưu ca").click()
    page.get_by_text(re.compile("Đã lưu")).wait_for()


def enrol(page: Page, url: str) -> int:
    """Everybody of the commune who holds the position; gives how many."""
    page.goto(url)
    page.get_by_role("link", name=re.compile("Làm tiếp: Người dự thi")).click()
    page.get_by_role("link", name="Lập danh sách").first.click()
    save = page.get_by_role("button", name=re.compile(r"Lưu danh sách, thêm \d+ người"))
    found = re.search(r"thêm (\d+) người", save.inner_text())
    assert found
    save.click()
    page.get_by_role("link", name="Cập nhật danh sách").wait_for()
    return int(found[1])


def seal_and_open(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="Làm tiếp: Niêm phong đề").click()
    page.get_by_role("button", name="Niêm phong đề").click()
    wait_for_job(page)
    page.get_by_role("link", name="Xem kết quả").click()
    page.get_by_role("link", name="Làm tiếp: Mở kỳ thi").click()
    page.get_by_role("button", name="Mở kỳ thi").click()
    page.get_by_text(re.compile("Đã mở kỳ thi")).wait_for()


def watch(page: Page, url: str, *, submitted: int, enrolled: int, receipt: str) -> None:
    """From the round to who has started and handed in, and to one person's receipt."""
    page.goto(url)
    page.get_by_role("link", name="Theo dõi làm bài").click()
    handed_in = page.locator(".kpi", has_text=re.compile("^\\s*Đã nộp"))
    expect(handed_in.locator(".kpi-value")).to_have_text(str(submitted))
    started = page.locator(".kpi", has_text=re.compile("^\\s*Đã bắt đầu"))
    expect(started).to_contain_text(f"trên {enrolled} người dự thi", use_inner_text=True)
    page.locator("tr", has_text=f"{QUESTIONS} trên {QUESTIONS}").first.wait_for()
    page.goto(f"{page.url}?q=Toàn")
    page.locator("td.lead-cell a").click()
    page.get_by_text(receipt).wait_for()


def close(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="Đóng kỳ thi").click()
    page.get_by_role("button", name="Đóng sớm kỳ thi").click()
    page.get_by_text("Đã đóng kỳ thi.").wait_for()
