"""What becomes of the papers: marks, publication, recognition; what the official and the evaluator then see."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.browser.organising import NAME, wait_for_job

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

DECISION = "31/QĐ-MAU"
PASSED = re.compile(r"^(Đạt|Chưa đạt)$")


def today() -> str:
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).strftime("%d/%m/%Y")


def fetch(page: Page, link: Locator) -> bytes:
    """The file that a link gives."""
    with page.expect_download() as waiting:
        link.click()
    return Path(waiting.value.path()).read_bytes()


def words_of(workbook: bytes) -> str:
    """Everything written in a workbook."""
    book = load_workbook(BytesIO(workbook), read_only=True)
    cells = [str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c is not None]
    return "\n".join([*book.sheetnames, *cells])


def compute_and_publish(page: Page, code: str) -> None:
    page.goto(f"/results/{code}")
    page.get_by_role("button", name="Tính kết quả").click()
    wait_for_job(page)
    page.get_by_role("link", name="Xem kết quả").click()
    page.get_by_role("link", name="Công bố", exact=True).first.click()
    page.get_by_role("button", name=re.compile("Công bố")).click()
    page.get_by_role("link", name="Nhập quyết định công nhận").first.wait_for()


def recognise(page: Page, code: str) -> None:
    page.goto(f"/results/{code}")
    page.get_by_role("link", name="Nhập quyết định công nhận").first.click()
    page.get_by_label("Số, ký hiệu quyết định").fill(DECISION)
    page.get_by_label("Ngày ban hành quyết định").fill(today())
    page.locator("main form button[type=submit]").click()
    page.get_by_text(DECISION).first.wait_for()


def export(page: Page, code: str, person: str) -> None:
    page.goto(f"/results/{code}")
    written = words_of(fetch(page, page.get_by_role("link", name="Xuất Excel")))
    assert person in written
    assert DECISION in written


def see_own_result(page: Page) -> str:
    """From the own record to every answer with its explanation, and the slip as PDF; gives the person's name."""
    page.goto("/record")
    person = page.locator(".page-head .muted").inner_text().split(" · ")[0]
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("heading", name=re.compile(re.escape(NAME))).wait_for()
    expect(page.get_by_text(PASSED).first).to_be_attached()
    expect(page.get_by_text(f"Quyết định số {DECISION}")).to_be_visible()
    expect(page.get_by_text("Giải thích:").first).to_be_attached()
    expect(page.get_by_text("Căn cứ pháp lý:").first).to_be_attached()
    expect(page.get_by_text("Đáp án đúng").first).to_be_attached()
    slip = fetch(page, page.get_by_role("link", name=re.compile("giấy xác nhận kết quả", re.IGNORECASE)))
    assert slip.startswith(b"%PDF")
    return person


def evaluate(page: Page, person: str) -> None:
    """Open the year, enter the criteria, take the proposal, decide; the unit's sheet and the person's slip as files."""
    year = today()[-4:]
    page.goto(f"/evaluation/{year}")
    page.get_by_role("button", name=re.compile("Mở đánh giá năm|Cập nhật danh sách")).click()
    page.get_by_label("Tìm theo họ tên, mã cán bộ").fill(person)
    page.get_by_role("button", name="Tìm, lọc").click()
    page.get_by_role("link", name=person).click()
    page.locator("section", has_text="Kết quả thi đã công nhận").get_by_text(NAME).wait_for()
    form = page.locator("form", has=page.get_by_label("Số tháng làm việc trong năm"))
    for score in form.locator("input[inputmode=decimal]").all():
        hint = page.locator(f"#{score.get_attribute('id')}-hint").inner_text()
        found = re.search(r"Từ 0 đến ([\d.,]+) điểm", hint)
        score.fill(str(int(int(found[1]) * 0.8)) if found else "80")
    form.locator("button[type=submit]").click()
    level = "Hoàn thành tốt nhiệm vụ"
    page.locator("section[aria-labelledby=proposal]").get_by_text(level, exact=True).wait_for()
    page.get_by_label("Mức xếp loại quyết định").select_option(label=level)
    page.get_by_label("Số quyết định", exact=True).fill("45/QĐ-MAU")
    page.get_by_label("Ngày quyết định").fill(today())
    page.get_by_role("button", name="Ghi nhận quyết định").click()
    page.get_by_text("45/QĐ-MAU").wait_for()
    slip = fetch(page, page.get_by_role("link", name="Phiếu đánh giá (PDF)"))
    assert slip.startswith(b"%PDF")
    page.goto(f"/evaluation/{year}")
    assert person in words_of(fetch(page, page.get_by_role("link", name=re.compile("Excel"))))


def look_over(page: Page) -> None:
    """The leader's page: figures with their fractions, topics, years, and the rounds they come from."""
    page.goto("/")
    page.get_by_role("link", name="Toàn cảnh").first.click()
    page.get_by_role("heading", name=re.compile("Toàn cảnh năm")).wait_for()
    expect(page.get_by_text(NAME).first).to_be_attached()
    expect(page.locator("figure.chart svg").first).to_be_attached()
    expect(page.locator("table.heat").first).to_be_attached()
    assert "Theo đơn vị" in words_of(fetch(page, page.get_by_role("link", name=re.compile("Excel"))))
