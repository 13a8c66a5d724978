"""Every state of the candidate's pages: WCAG 2.2 AA by axe, fingers, the narrowest screen, the Tab key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.rounds.models import Movement, RoundState
from examapp.sittings.models import Sitting, SittingState
from examapp.sittings.services import extend
from tests.browser.test_pages import AXE
from tests.chromium import CHROMIUM
from tests.sittings.access import Looks
from tests.sittings.builders import hall, one_of_each_kind
from tests.sittings.test_browser import (
    change,
    choose,
    enter,
    wait_saved,
)
from tests.sittings.test_browser_page import MINUTE, left_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core chưa được cài: make assets"),
]
SAVES = "**/sittings/save"
ZALO = "Mozilla/5.0 (Linux; Android 9; SM-A105F) AppleWebKit/537.36 Chrome/90.0 Mobile Safari/537.36 Zalo android/12"


@pytest.fixture
def looks() -> Iterator[Looks]:
    return Looks()


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def hears_of(page, option: int) -> None:
    """Another option, and the reply to it."""
    with page.expect_response(SAVES):
        choose(page, 1, option)


def see(page, text: str):
    """The element with the text, once it is seen."""
    found = page.get_by_text(text).locator("visible=true").first
    found.wait_for()
    return found


def test_before_the_exam(build, phone, looks):
    now = clock.now()
    waits = hall(build, starts_at=now + timedelta(minutes=30))
    shut = hall(build, starts_at=now - timedelta(seconds=5), state=RoundState.SEALED, code="Q3-2026")
    begun = hall(build, code="Q2-2026", contact="Ông Mẫu 0900 000 000", rules="Không trao đổi bài (mẫu).")
    account, first = waits.candidate()
    account_2, second = shut.candidate()
    account_3, third = begun.candidate()
    page = phone(account, user_agent=ZALO)
    page.goto(f"/sittings/enter/{first.id}")
    see(page, "Máy chủ trả lời sau")
    looks.at(page, "waiting, inside Zalo")
    page.get_by_label("đúng là tôi dự thi").check()
    page.locator("#start button").click()
    see(page, "Đã sẵn sàng")
    looks.at(page, "ready")
    page.goto("/sittings/")
    looks.at(page, "my exams, inside Zalo", least=24)
    page = phone(account_2)
    page.goto(f"/sittings/enter/{second.id}")
    see(page, "Kỳ thi chưa mở")
    looks.at(page, "cannot start")
    page = phone(account_3, width=1280)
    page.goto(f"/sittings/enter/{third.id}")
    see(page, "Máy chủ trả lời sau")
    looks.at(page, "after the start")
    assert looks.problems == []
    assert len(looks.states) == 5


def test_a_question_of_every_kind(build, phone, looks):
    account, candidate = hall(build, questions=one_of_each_kind()).candidate()
    page = phone(account)
    enter(page, candidate)
    for slot in range(1, 12):
        looks.at(page, f"câu {slot}, {page.locator(f'#q{slot}').get_attribute('data-kind')}")
        press(page, "Tiếp ›")
    looks.at(page, "review")
    assert looks.problems == []
    assert len(looks.states) == 12


def test_on_the_way_through_the_paper(build, phone, looks):
    account, candidate = hall(build, movement=Movement.ONE_WAY).candidate()
    page = phone(account)
    enter(page, candidate)
    choose(page, 1, 1)
    wait_saved(page)
    page.locator(".q:visible summary").click()
    looks.at(page, "a note", desk=True)
    press(page, "Tiếp ›")
    looks.at(page, "asked before there is no way back", keyboard=False, desk=True)
    press(page, "Sang câu sau")
    press(page, "Đánh dấu")
    page.context.set_offline(True)
    choose(page, 2, 2)
    see(page, "Bài vẫn giữ trên máy này")
    looks.at(page, "without network")
    press(page, "Chữ to")
    press(page, "Tương phản cao")
    looks.at(page, "without network, large, high contrast", desk=True)
    press(page, "Danh sách câu")
    looks.at(page, "the list, large, high contrast")
    press(page, "Xem lại và nộp bài")
    looks.at(page, "the review, large, high contrast", desk=True)
    assert looks.problems == []
    assert len(looks.states) == 6


def test_notices_while_answering(app, build, phone, looks):
    place = hall(build)
    account, candidate = place.candidate()
    organiser = place.organiser()
    page = phone(account)
    enter(page, candidate)
    for minutes, option in ((10, 1), (5, 2), (1, 3)):
        left_for(app, minutes * MINUTE - 5000)
        hears_of(page, option)
        see(page, f"Còn {minutes} phút.")
        looks.at(page, f"{minutes} minutes left", keyboard=minutes == 1)

    def more_time(session) -> None:
        by = session.get_one(Account, organiser.id)
        extend(session.scalars(select(Sitting)).one(), minutes=60, reason="Mất điện", by=by, now=clock.now())

    change(app, more_time)
    hears_of(page, 4)
    see(page, "Được cộng thêm 60 phút: Mất điện")
    looks.at(page, "time added", desk=True)
    page.route(SAVES, lambda route: route.fulfill(status=503, body="busy"))
    hears_of(page, 1)
    see(page, "Máy chủ đang bận.")
    looks.at(page, "the server is busy", keyboard=False)
    page.unroute(SAVES)
    page.route(SAVES, lambda route: route.fulfill(status=403, json={"error": "token"}))
    see(page, "Máy chủ không nhận bài từ trang này.")
    looks.at(page, "refused", keyboard=False)
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")
    page.unroute(SAVES)
    page.reload()
    see(page, "Trình duyệt này không giữ được bài trên máy.")
    looks.at(page, "no room on the device")
    assert looks.problems == []
    assert len(looks.states) == 7


def test_how_it_ends(app, build, phone, looks):
    account, candidate = hall(build).candidate()
    page, other = phone(account), phone(account, width=1280)
    url = enter(page, candidate)
    other.goto(url)
    see(other, "Bài thi này đã bắt đầu ở một máy")
    looks.at(other, "elsewhere")
    press(other, "Làm tiếp ở máy này")
    wait_saved(other)
    looks.at(other, "a question on a PC")
    hears_of(page, 1)
    see(page, "Trang này dừng lại.")
    looks.at(page, "moved")
    left_for(app, 4000)
    page.goto(url)
    press(page, "Làm tiếp ở máy này")
    wait_saved(page)
    page.context.set_offline(True)
    choose(page, 1, 2)
    page.locator("#ending .receipt-code").wait_for()
    looks.at(page, "zero without network")
    waiting: list = []
    page.route("**/submit", lambda route: waiting.extend([route]))
    page.context.set_offline(False)
    expect(page.locator("#ending .receipt-code")).to_have_count(0)
    looks.at(page, "zero, submitting")
    for route in waiting:
        route.continue_()
    see(page, "Mã biên nhận")
    looks.at(page, "submitted")
    page.get_by_role("link", name="Xem giấy biên nhận").click()
    see(page, "Kết quả hiện ở trang")
    looks.at(page, "receipt")
    page.get_by_role("link", name="Kiểm tra mã biên nhận").click()
    see(page, "Khớp.")
    looks.at(page, "verified")
    assert looks.problems == []
    assert len(looks.states) == 8


def test_a_stopped_exam(app, build, phone, looks):
    account, candidate = hall(build).candidate()
    page = phone(account)
    enter(page, candidate)
    notice = json.dumps({"id": "stop-1", "stopped": True, "reason": "Thi bù bằng đề khác"}, ensure_ascii=False)
    values = {"notice": notice, "state": SittingState.STOPPED}
    change(app, lambda session: session.execute(update(Sitting).values(values)))
    hears_of(page, 1)
    see(page, "Bài thi này đã được dừng")
    looks.at(page, "stopped, on the page")
    page.reload()
    see(page, "Các câu đã trả lời vẫn được giữ")
    looks.at(page, "stopped")
    page.goto("/sittings/")
    looks.at(page, "my exams", least=24)
    assert looks.problems == []
    assert len(looks.states) == 3


UNSCRIPTED = """for (const one of document.querySelectorAll('noscript')) {
    const seen = document.createElement('div');
    seen.innerHTML = one.textContent;
    one.replaceWith(seen);
}"""


def test_without_javascript(build, phone, looks):
    """The pages as they stand; axe itself needs scripts to be on."""
    account, candidate = hall(build, questions=one_of_each_kind(), movement=Movement.BY_SECTION).candidate()
    page = phone(account)
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"/sittings/enter/{candidate.id}")
    looks.at(page, "rules, without JavaScript")
    press(page, "Bắt đầu làm bài")
    page.get_by_role("button", name="Lưu, xem lại và nộp bài").wait_for()
    page.evaluate(UNSCRIPTED)
    see(page, "Trang này không tự lưu")
    looks.at(page, "the paper as a form")
    press(page, "Lưu, xem lại và nộp bài")
    see(page, "Nộp rồi thì không sửa được nữa.")
    looks.at(page, "its review")
    assert looks.problems == []
    assert len(looks.states) == 3
