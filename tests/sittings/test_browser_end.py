"""How an exam ends on its page in a real Chromium: submitted, late, or stopped; and what comes after."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from examapp.core import text
from examapp.rounds.models import Setting
from examapp.sittings.models import Sitting, SittingState
from tests.chromium import CHROMIUM
from tests.sittings.test_browser import change, choose, the_sitting
from tests.sittings.test_browser_page import SAVES, begin, left_for

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]


def test_a_stopped_exam_ends_the_page_and_says_why(app, build, phone):
    place, page = begin(build, phone)
    notice = json.dumps({"id": "stop-1", "stopped": True, "reason": "Mất điện quá lâu"}, ensure_ascii=False)
    change(app, lambda session: session.execute(update(Sitting).values(notice=notice)))
    choose(page, 1, 1)
    page.get_by_role("heading", name="Bài thi này đã được dừng").wait_for()
    told = page.locator("#ending").inner_text()
    assert "dừng bài này và cho thi bù bằng một đề khác. Lý do: Mất điện quá lâu" in told
    assert "Các câu đã trả lời vẫn được giữ để tra cứu, không tính điểm" in told
    expect(page.locator(".q:visible")).to_have_count(0)
    change(app, lambda session: session.execute(update(Sitting).values(state=SittingState.STOPPED)))
    page.get_by_role("link", name="Xem ca thi bù").click()
    page.get_by_role("heading", name="Thi bù", exact=True).wait_for()
    expect(page.get_by_text(place.shift.name)).to_be_visible()
    expect(page.get_by_text(text.format_moment(place.shift.starts_at))).to_be_visible()


def test_the_receipt_says_how_many_when_and_the_code_and_lets_the_next_person_in(app, build, phone):
    _place, page = begin(build, phone, width=1280)
    choose(page, 1, 2)
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    page.locator("#confirm").click()
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    ending = page.locator("#ending")
    expect(ending).to_contain_text("Máy chủ đã nhận 1 câu trả lời lúc", use_inner_text=True)
    expect(ending).to_contain_text(the_sitting(app).receipt, use_inner_text=True)
    expect(ending.locator(".btn-primary")).to_have_text("Người tiếp theo")
    page.get_by_role("button", name="Người tiếp theo").click()
    page.wait_for_url("**/sign-in**")
    assert (
        page.evaluate("Object.keys(localStorage).filter(key => key.includes('thuocdo') && !key.includes('view'))") == []
    )


def test_on_ones_own_device_the_receipt_comes_first(build, phone):
    _place, page = begin(build, phone, setting=Setting.OWN_DEVICE)
    page.get_by_role("button", name="Danh sách câu").click()
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    page.locator("#confirm").click()
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    expect(page.locator("#ending .btn-primary")).to_have_text("Xem giấy biên nhận")
    expect(page.locator("#ending").get_by_role("button", name="Người tiếp theo")).to_be_visible()
    page.get_by_role("link", name="Xem giấy biên nhận").click()
    page.wait_for_selector("#receipt")
    expect(page.locator("main .btn-primary")).to_have_text("Bài thi của tôi")
    expect(page.get_by_role("button", name="Người tiếp theo")).to_be_visible()
    expect(page.get_by_text("Chỉ khi máy này dùng chung:")).to_be_visible()


@pytest.mark.parametrize(
    ("left_ms", "late"),
    [
        (300, "1 lượt trả lời đến sau giờ làm bài hoặc từ thiết bị dùng trước đó; vẫn được tính và được đánh dấu."),
        (-5000, "1 lượt trả lời đến khi đã hết thời gian nhận bài, nên chờ hội đồng quyết định có tính hay không."),
    ],
)
def test_the_submission_says_what_came_late_as_the_receipt_does(app, build, phone, left_ms, late):
    _place, page = begin(build, phone)
    page.route(SAVES, lambda route: route.abort())
    choose(page, 1, 2)
    left_for(app, left_ms)
    page.wait_for_timeout(500)
    page.unroute(SAVES)
    page.get_by_role("heading", name="Đã nộp bài").wait_for(timeout=20_000)
    expect(page.locator("#ending").get_by_text(late)).to_be_visible()
    page.get_by_role("link", name="Xem giấy biên nhận").click()
    expect(page.locator("#receipt").get_by_text(late)).to_be_visible()
