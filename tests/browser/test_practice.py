"""Practice on a phone with script: no new page from question to question, a mock exam that saves itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitors

pytestmark = pytest.mark.browser


def test_questions_follow_each_other_in_one_page(visitors: Visitors) -> None:
    page = visitors.open("cb0039", width=360)
    page.goto("/practice/question?more=yes")
    page.evaluate("window.kept = true")
    for _turn in range(2):
        page.get_by_role("button", name="Chưa biết").click()
        page.get_by_role("link", name="Câu tiếp theo").click()
        page.locator("form[data-started]").wait_for()
    assert page.evaluate("window.kept")
    page.reload()
    page.get_by_role("button", name="Trả lời", exact=True).wait_for()


def test_a_mock_exam_saves_itself_and_hands_itself_in(visitors: Visitors) -> None:
    page = visitors.open("cb0039", width=360)
    page.clock.install()
    page.goto("/practice/mock")
    page.locator("main form button").first.click()
    page.locator("form[data-started]").wait_for()
    page.locator(".choice input").first.check()
    page.clock.run_for(1000)
    page.get_by_text("Đã lưu lúc").wait_for()
    page.reload()
    expect(page.locator(".choice input:checked")).to_have_count(1)
    page.clock.run_for("01:00:00")
    page.get_by_role("heading", name="Kết quả thi thử").wait_for()
