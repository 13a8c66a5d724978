"""The exam page with its script, in a real Chromium: offline, reload, time over, another device."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.models import Deployment
from examapp.invigilation.board import detail_of
from examapp.sittings.models import AnswerEvent, Sitting, SittingState
from examapp.sittings.services import extend
from examapp.sittings.settle import responses_of, settle_due
from examapp.sittings.standing import Standing
from tests.chromium import CHROMIUM
from tests.sittings.builders import hall

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]


def enter(page, candidate) -> str:
    page.goto(f"/sittings/enter/{candidate.id}")
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    page.wait_for_selector("#state.good")
    return page.url


def wait_saved(page) -> None:
    page.wait_for_selector("#state.good")


def the_sitting(app) -> Sitting:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return session.scalars(select(Sitting)).one()


def the_responses(app) -> dict[int, list[int]]:
    with app.app_context():
        return responses_of(db.session.scalars(select(Sitting)).one())


def change(app, act: Callable[[Session], None]) -> None:
    with app.app_context(), unit_of_work() as session:
        act(session)


def late_code(app, round_id: int, candidate_id: int) -> str:
    with app.app_context():
        return detail_of(round_id, candidate_id, now=clock.now()).late_code


def choose(page, slot: int, option: int) -> None:
    page.locator(f"#q{slot} label").nth(option - 1).click()


def until(page, ask) -> None:
    """Waits for something that happens beside the page, or that it must be asked: its rules forbid it to evaluate text,
    which `wait_for_function` does from the second look on."""
    end = time.monotonic() + 10
    while not ask() and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert ask()


def test_answer_review_submit(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    expect(page.locator(".q:visible")).to_have_count(1)
    choose(page, 1, 2)
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 3)
    page.get_by_role("button", name="Đánh dấu").click()
    wait_saved(page)
    page.get_by_role("button", name="Danh sách câu").click()
    expect(page.get_by_label("Câu 2, đã trả lời, đánh dấu xem lại")).to_be_visible()
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    expect(page.locator("#missing")).to_have_text("Còn 2 câu chưa trả lời. Đánh dấu xem lại: câu 2.")
    both = "[...document.querySelectorAll('p:has(> #left), #clock')].map(each => each.innerText).sort()"
    clock, left = page.evaluate(both)  # at once: they change together, every second
    assert left == f"Thời gian còn lại: {clock}"
    expect(page.locator("#confirm")).to_have_text("Nộp bài, bỏ trống 2 câu")
    page.locator("#confirm").click()
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    sitting = the_sitting(app)
    assert sitting.state is SittingState.SETTLED
    expect(page.get_by_text(sitting.receipt)).to_be_visible()
    assert the_responses(app) == {1: [2], 2: [3]}
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes('sitting')).length") == 0
    page.get_by_role("link", name="Xem giấy biên nhận").click()
    expect(page.get_by_text(sitting.receipt)).to_be_visible()


def test_an_option_is_a_wide_row_even_on_the_narrowest_screen(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account, width=320)
    enter(page, candidate)
    row = page.locator("#q1 label").first.bounding_box()
    assert row["width"] >= 280
    assert row["height"] >= 48
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_network_goes_and_comes_back(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    page.context.set_offline(True)
    choose(page, 1, 1)
    page.locator("#offline").get_by_text("Mất mạng.").wait_for()
    expect(page.locator("#offline").get_by_text("Bài vẫn giữ trên máy này (1 câu chưa gửi)")).to_be_visible()
    expect(page.locator("#state")).to_have_text("1 câu chưa gửi")
    assert the_responses(app) == {}
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 4)
    page.context.set_offline(False)
    wait_saved(page)
    assert the_responses(app) == {1: [1], 2: [4]}
    expect(page.locator("#offline")).to_be_hidden()


def test_a_device_that_took_over_is_told_what_comes_from_the_one_before(app, build, phone):
    account, candidate = hall(build).candidate()
    old, new = phone(account), phone(account)
    url = enter(old, candidate)
    old.route("**/sittings/save", lambda route: route.abort())
    choose(old, 1, 2)
    new.goto(url)
    new.get_by_role("button", name="Làm tiếp ở máy này").click()
    wait_saved(new)
    old.unroute("**/sittings/save")
    old.get_by_role("heading", name="Bài đang mở trên thiết bị khác").wait_for(timeout=20_000)
    new.get_by_role("button", name="Tiếp").click()
    choose(new, 2, 3)
    told = new.locator("#older")
    told.get_by_text("1 lượt trả lời từ thiết bị dùng trước đó vừa đến máy chủ.").wait_for()
    assert new.locator("#say").inner_text().startswith("1 lượt trả lời")
    told.get_by_role("link", name="Tải lại trang để xem").click()
    new.wait_for_selector("#older", state="hidden")
    wait_saved(new)
    expect(new.locator("#q2"), "the same question as before").to_be_visible()
    expect(new.locator("#q1 input").nth(1)).to_be_checked()
    assert the_responses(app) == {1: [2], 2: [3]}


def test_a_page_closed_offline_gives_its_answers_back(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    url = enter(page, candidate)
    choose(page, 1, 1)
    wait_saved(page)
    page.route("**/sittings/save", lambda route: route.abort())
    choose(page, 1, 3)
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 2)
    page.get_by_text("2 câu chưa gửi", exact=True).wait_for()
    page.unroute("**/sittings/save")
    page.goto("about:blank")
    page.goto(url)
    expect(page.locator("#q1 input").nth(2)).to_be_checked()
    wait_saved(page)
    assert the_responses(app) == {1: [3], 2: [2]}


def test_time_over_offline_shows_a_code_the_server_can_check(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    now = clock.to_ms(clock.now())
    times = {"deadline_ms": now + 4000, "late_ms": now + 900_000}
    change(app, lambda session: session.execute(update(Sitting).values(times)))
    page.reload()
    page.context.set_offline(True)
    choose(page, 1, 2)
    page.get_by_role("heading", name="Đã hết giờ làm bài").wait_for()
    shown = page.locator("#ending .receipt-code").inner_text()
    page.context.set_offline(False)
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    assert the_responses(app) == {1: [2]}
    code = late_code(app, place.round.id, candidate.id)
    assert code == shown
    assert the_sitting(app).state is SittingState.SETTLED


def test_an_extension_reaches_the_page_and_unlocks_it(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    organiser = place.organiser()
    page = phone(account)
    enter(page, candidate)

    def more_time(session: Session) -> None:
        by = session.get_one(Account, organiser.id)
        extend(session.scalars(select(Sitting)).one(), minutes=7, reason="Mất điện", by=by, now=clock.now())

    change(app, more_time)
    before = page.locator("#clock").inner_text()
    choose(page, 1, 1)
    page.locator("#notice").get_by_text("Được cộng thêm 7 phút: Mất điện").wait_for()
    assert page.locator("#clock").inner_text() > before


def test_all_time_added_while_the_page_was_offline_is_told(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    organiser = place.organiser()
    page = phone(account)
    enter(page, candidate)
    page.context.set_offline(True)

    def more_time(session: Session) -> None:
        by = session.get_one(Account, organiser.id)
        sitting = session.scalars(select(Sitting)).one()
        extend(sitting, minutes=3, reason="Mất điện", by=by, now=clock.now())
        extend(sitting, minutes=5, reason="Đổi máy", by=by, now=clock.now())

    change(app, more_time)
    page.context.set_offline(False)
    told = page.locator("#notice-text")
    told.get_by_text("Được cộng thêm").wait_for()
    assert told.inner_text() == "Được cộng thêm 3 phút: Mất điện\nĐược cộng thêm 5 phút: Đổi máy"
    page.locator("#notice-hide").click()
    choose(page, 1, 1)
    wait_saved(page)
    expect(page.locator("#notice")).to_be_hidden()
    page.reload()
    choose(page, 1, 2)
    wait_saved(page)
    assert page.locator("#notice").is_hidden(), "put away before"


def test_the_older_device_stops(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    first, second = phone(account), phone(account, width=1280)
    url = enter(first, candidate)
    choose(first, 1, 1)
    wait_saved(first)
    second.goto(url)
    second.get_by_role("button", name="Làm tiếp ở máy này").click()
    wait_saved(second)
    expect(second.locator("#q1 input").first).to_be_checked()
    first.get_by_role("button", name="Tiếp").click()
    choose(first, 2, 2)
    first.get_by_role("heading", name="Bài đang mở trên thiết bị khác").wait_for()
    time.sleep(0.2)
    assert the_responses(app) == {1: [1], 2: [2]}


def test_what_stayed_on_a_device_is_delivered_after_settlement_and_waits_for_a_decision(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    url = enter(page, candidate)
    page.route("**/sittings/save", lambda route: route.abort())
    choose(page, 1, 2)
    page.get_by_text("1 câu chưa gửi", exact=True).wait_for()
    page.goto("about:blank")
    page.unroute("**/sittings/save")

    def a_day_later(session: Session) -> None:
        sitting = session.scalars(select(Sitting)).one()
        for name in ("started_ms", "deadline_ms", "late_ms"):
            setattr(sitting, name, getattr(sitting, name) - 20 * 3600_000)
        session.flush()
        assert settle_due(clock.now()) == 1

    change(app, a_day_later)
    page.goto(url)
    page.get_by_role("heading", name="Bài đã được chốt khi hết giờ").wait_for()
    until(page, lambda: not page.evaluate("Object.keys(localStorage).some(key => key.includes('sitting'))"))
    assert the_responses(app) == {}
    with app.app_context():
        detail = detail_of(place.round.id, candidate.id, now=clock.now())
        assert detail.standing[Standing.NEEDS_DECISION] == 1


def test_another_history_of_the_database_gets_everything_again(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    choose(page, 1, 1)
    wait_saved(page)

    def restore_a_backup(session: Session) -> None:
        session.get_one(Deployment, 1).epoch = "restored"
        session.execute(delete(AnswerEvent))

    change(app, restore_a_backup)
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 2)
    deadline = time.monotonic() + 5
    while the_responses(app) != {1: [1], 2: [2]} and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert the_responses(app) == {1: [1], 2: [2]}


def test_without_storage_the_page_says_so(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('none') }})")
    enter(page, candidate)
    expect(page.locator("#offline").get_by_text("Trình duyệt này không giữ được bài trên máy.")).to_be_visible()
    choose(page, 1, 1)
    wait_saved(page)
    assert the_responses(app) == {1: [1]}
