"""Examiner and reviewer: a Word file becomes questions, one of them is mended, rewritten, sent, approved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from question_bank.formats import write_word
from question_bank.question import Citation, Level, Option, Question

if TYPE_CHECKING:
    from playwright.sync_api import Page

POSITION = "Tài chính"
TOPIC = "Kế toán và quản lý thu chi"
CITED = Citation("335/2025/NĐ-CP")
STEMS = (
    "Phiếu chi được lập khi nào trong quy trình thu chi của xã mẫu?",
    "Sổ quỹ tiền mặt của xã mẫu được đối chiếu với ai vào cuối ngày?",
    "Hóa đơn ghi sai tên đơn vị mua hàng thì kế toán xã mẫu làm gì trước?",
)
REWRITTEN = "Phiếu chi được lập vào lúc nào trong quy trình thu chi của xã mẫu?"


def _question(stem: str, *, right: int | None) -> Question:
    options = ("Trước khi xuất tiền", "Sau khi xuất tiền một tuần", "Cuối quý", "Không cần lập")
    return Question(
        kind="single_choice",
        stem=stem,
        options=tuple(Option(text, correct=number == right) for number, text in enumerate(options)),
        level=Level.RECALL,
        citations=(CITED,),
        explanation="Câu mẫu của kiểm thử.",
    )


def write_file(folder: Path) -> Path:
    """Three questions as an examiner types them; the second has no right answer marked."""
    path = folder / "cau-hoi-thu-chi.docx"
    rights = (0, None, 2)
    questions = [_question(stem, right=right) for stem, right in zip(STEMS, rights, strict=True)]
    path.write_bytes(write_word(questions, key_mark="bold").data)
    return path


def upload(page: Page, path: Path) -> None:
    page.goto("/")
    page.get_by_role("link", name="Nhập tệp").first.click()
    page.get_by_label("Tệp câu hỏi").set_input_files(path)
    expect(page.locator("[data-file-note]").first).to_contain_text(path.name, use_inner_text=True)
    page.get_by_label("Vị trí việc làm").select_option(label=POSITION)
    page.get_by_label("Chuyên đề").select_option(label=TOPIC)
    page.get_by_role("button", name="Đọc tệp").click()
    page.get_by_text("3 câu đọc được, 2 câu sẽ lưu, 1 câu lỗi").wait_for()


def mend(page: Page) -> None:
    """The faulty question in place: say which option is right."""
    page.get_by_role("link", name="Có lỗi").click()
    page.get_by_role("link", name="Sửa câu 2").click()
    assert page.locator(".notice.bad").inner_text()
    page.get_by_role("checkbox", name="Đúng").first.check()
    page.get_by_role("button", name="Lưu vào bản xem trước").last.click()
    page.get_by_text("Câu 2 đã hợp lệ.").wait_for()


def confirm(page: Page) -> None:
    page.get_by_role("link", name="Tất cả").click()
    page.get_by_role("button", name="Lưu 3 câu hợp lệ").click()
    page.get_by_text("Đã lưu 3 câu hỏi dạng bản nháp.").wait_for()


def rewrite(page: Page) -> None:
    """Edit the first question; what the candidate will see changes while typing."""
    listed = page.url
    page.locator("#item-1 .sheet-head a").click()
    page.get_by_role("link", name="Sửa", exact=True).click()
    page.get_by_label("Câu dẫn", exact=True).press("End")
    page.get_by_label("Câu dẫn", exact=True).fill(REWRITTEN)
    page.locator("#preview").get_by_text(REWRITTEN).wait_for()
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    page.get_by_role("heading", name="Câu hỏi và đáp án").wait_for()
    page.goto(listed)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Gửi thẩm định 3 câu").click()
    page.get_by_text("Đã gửi thẩm định 3 câu.").wait_for()


def approve_all(page: Page) -> None:
    """Another person reads each question, ticks every point, approves."""
    page.get_by_role("link", name="Thẩm định").first.click()
    for stem in (REWRITTEN, *STEMS[1:]):
        page.goto("/bank/review")
        page.get_by_role("link", name=stem).click()
        page.get_by_role("button", name="Duyệt", exact=True).wait_for()
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.get_by_role("button", name="Duyệt", exact=True).click()
        page.get_by_text(re.compile(r"Đã duyệt câu ")).wait_for()
