"""The editor in a browser: rich text, images, rows and kinds without leaving the page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Visitors

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser


def stem(page: Page) -> Locator:
    return page.get_by_label("Câu dẫn", exact=True)


def tools(page: Page, text: str = "Câu dẫn") -> Locator:
    return page.get_by_role("toolbar", name=f"Định dạng: {text}")


def add_image(page: Page, alt: str) -> None:
    raw = io.BytesIO()
    Image.new("RGB", (80, 40), "navy").save(raw, "PNG")
    tools(page).get_by_role("button", name="Chèn hình").click()
    box = page.get_by_role("dialog")
    insert = box.get_by_role("button", name="Chèn hình")
    insert.click()
    box.get_by_text("Hãy chọn tệp hình.").wait_for()
    box.get_by_label("Tệp hình").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"no image"})
    box.get_by_label("Mô tả hình").fill(alt)
    with page.expect_response("**/bank/images") as refused:
        insert.click()
    assert refused.value.status == 422
    box.get_by_role("alert").wait_for()
    box.get_by_label("Tệp hình").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": raw.getvalue()})
    insert.click()
    box.wait_for(state="hidden")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_rich_question_is_written_without_leaving_the_page(visitors: Visitors, width: int):
    page = visitors.open("cauhoi", width=width)
    page.goto("/bank/questions/new")
    stem(page).click()
    page.keyboard.type("Thửa đất mẫu rộng 10 m")
    tools(page).get_by_role("button", name="Số mũ").click()
    page.keyboard.type("2")
    tools(page).get_by_role("button", name="Số mũ").click()
    page.keyboard.type(", giới hạn nào đúng?")
    preview = page.locator("#preview")
    preview.locator("sup", has_text="2").wait_for()
    page.get_by_label("Phương án A", exact=True).fill("Giới hạn một")
    page.get_by_label("Phương án B", exact=True).fill("Giới hạn hai")
    page.get_by_role("checkbox", name="Đúng", exact=True).first.check()
    page.get_by_role("button", name="Thêm phương án").click()
    page.get_by_label("Phương án E", exact=True).wait_for()
    page.locator("#kind").select_option("matching")
    page.get_by_label("Vế trái 1", exact=True).wait_for()
    page.locator("#kind").select_option("single_choice")
    page.locator(".rich-text", has_text="Giới hạn một").wait_for()
    find = page.get_by_role("searchbox", name="Tìm vị trí việc làm")
    find.fill("khong co vi tri nay")
    expect(page.locator("[data-filter-line]:visible input:not(:checked)")).to_have_count(0)
    find.fill("")
    page.locator("[data-filter-group] summary").first.click()
    page.locator("[data-filter-line] input:visible").first.check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    page.get_by_text("Đã lưu bản nháp").wait_for()
    page.locator(".phone sup", has_text="2").first.wait_for()
    assert not page.get_by_role("heading", name="Viết câu hỏi").count()


def test_an_image_needs_a_file_that_is_one_and_a_description(visitors: Visitors):
    page = visitors.open("cauhoi")
    page.goto("/bank/questions/new")
    stem(page).click()
    page.keyboard.type("Xem sơ đồ: ")
    add_image(page, "Sơ đồ các bước mẫu")
    page.locator("#preview").get_by_role("img", name="Sơ đồ các bước mẫu").wait_for()
    visitors.faults = [fault for fault in visitors.faults if "422" not in fault]
