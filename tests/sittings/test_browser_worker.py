"""What the service worker keeps of the exam, in a real Chromium: through a reload without network, for nobody else."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from examapp.core import clock
from examapp.core.db import db
from examapp.sittings.models import AnswerEvent, Sitting
from examapp.sittings.standing import SUBMISSION
from tests.chromium import CHROMIUM
from tests.sittings.builders import hall
from tests.sittings.test_browser_waiting import (
    begin_now,
    change,
    choose,
    get_ready,
    line,  # noqa: F401 - a fixture
    phone,  # noqa: F401 - a fixture
    the_responses,
    wait_in_room,
)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]
KEPT = """async () => {
    if (!(await caches.has("thuocdo-page"))) return 0;
    return (await (await caches.open("thuocdo-page")).keys()).length;
}"""
HOUR_MS = 3_600_000


def wait_kept(page, count: int = 1) -> None:
    """Until so many pages are kept: 1, or 0 after what ends it."""
    end = time.monotonic() + 30
    while page.evaluate(KEPT) != count:
        assert time.monotonic() < end, f"not {count} pages"
        page.wait_for_timeout(100)


def begin(page, candidate) -> str:
    """Into the exam by the button, with the page kept."""
    page.goto(f"/sittings/enter/{candidate.id}")
    page.get_by_text("vẫn mở lại được").wait_for()
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    page.wait_for_selector("#state.good")
    wait_kept(page)
    return page.url


def seconds(page) -> int:
    minutes, rest = page.locator("#clock").inner_text().split(":")[-2:]
    return 60 * int(minutes) + int(rest)


def reload_without_network(page, line) -> None:  # noqa: F811
    """Answers before and after the line is cut; the page comes back with all of them."""
    choose(page, 1, 2)
    page.wait_for_selector("#place.good")
    line.cut()
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 3)
    page.get_by_text("1 câu chưa gửi", exact=True).wait_for(timeout=30_000)  # a dead connection takes 20 s
    before = seconds(page)
    page.reload()
    page.wait_for_selector("#paper[data-age]")
    expect(page.locator(".q:visible"), "where the candidate was").to_have_attribute("id", "q2")
    expect(page.locator("#q1 input").nth(1), "what had arrived").to_be_checked()
    expect(page.locator("#q2 input").nth(2), "what had not").to_be_checked()
    page.get_by_text("2 trên 4 câu").wait_for()
    assert seconds(page) <= before
    page.get_by_role("button", name="Trước").click()
    choose(page, 1, 4)
    page.reload()
    page.wait_for_selector("#paper[data-age]")
    expect(page.locator("#q1 input").nth(3)).to_be_checked()
    expect(page.locator(".q:visible")).to_have_attribute("id", "q1")


def test_a_page_opened_in_the_waiting_room_survives(app, build, line, phone):  # noqa: F811
    place = hall(build, starts_at=clock.now() + timedelta(minutes=10))
    account, candidate = place.candidate()
    page = phone(account)
    wait_in_room(page, candidate)
    page.get_by_text("Đề đã nằm sẵn").wait_for()
    get_ready(page)
    begin_now(app, page)
    page.wait_for_selector("#state.good")
    wait_kept(page)
    reload_without_network(page, line)
    line.mend()
    page.wait_for_selector("#state.good", timeout=40_000)
    assert the_responses(app) == {1: [4], 2: [3]}


def test_a_page_opened_by_its_address_survives(app, build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    begin(page, candidate)
    reload_without_network(page, line)
    line.mend()
    page.wait_for_selector("#state.good", timeout=40_000)
    assert the_responses(app) == {1: [4], 2: [3]}


def test_what_was_submitted_without_network_stays_submitted(app, build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    url = begin(page, candidate)
    tab = page.context.new_page()
    tab.goto(url)
    tab.wait_for_selector("#state.good")
    line.cut()
    choose(page, 1, 2)
    page.get_by_role("button", name="Danh sách câu").click()
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    page.locator("#confirm").click()
    asked_ms = clock.to_ms(clock.now())
    tab.get_by_role("heading", name="Đang nộp bài").wait_for()
    page.get_by_text("Khi có mạng, trang tự gửi và tự nộp bài.").wait_for()
    expect(page.locator("#clock"), "no time runs for whoever has submitted").to_be_hidden()
    tab.close()
    page.reload()
    page.wait_for_selector("#paper[data-age]", state="attached")
    page.get_by_role("heading", name="Đang nộp bài").wait_for()
    page.get_by_text("Khi có mạng, trang tự gửi và tự nộp bài.").wait_for()
    expect(page.locator(".q:visible, #clock:visible")).to_have_count(0)
    page.wait_for_timeout(1500)
    line.mend()
    page.get_by_role("heading", name="Đã nộp bài").wait_for(timeout=40_000)
    assert the_responses(app) == {1: [2]}
    assert the_submission(app).answered_ms <= asked_ms < the_submission(app).received_ms - 1000
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('sitting'))") == []


def the_submission(app) -> AnswerEvent:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return session.scalars(select(AnswerEvent).where(AnswerEvent.slot == SUBMISSION)).one()


def test_a_submission_asked_for_before_the_exam_moved_away_and_back_is_none(app, build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page, other = phone(account), phone(account)
    url = begin(page, candidate)
    page.context.set_offline(True)
    page.get_by_role("button", name="Danh sách câu").click()
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    page.locator("#confirm").click()
    page.get_by_text("Khi có mạng, trang tự gửi và tự nộp bài.").wait_for()
    other.goto(url)
    other.get_by_role("button", name="Làm tiếp ở máy này").click()
    other.wait_for_selector("#state.good")
    page.context.set_offline(False)
    page.get_by_role("heading", name="Bài đang mở trên thiết bị khác").wait_for(timeout=40_000)
    page.get_by_role("link", name="Mở lại ở máy này").click()
    page.get_by_role("button", name="Làm tiếp ở máy này").click()
    page.wait_for_selector("#state.good")
    expect(page.locator(".q:visible"), "the person goes on here").to_have_count(1)
    assert the_responses(app) == {}


def test_with_network_the_server_is_asked(app, build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    begin(page, candidate)
    change(app, update(Sitting).values(deadline_ms=Sitting.deadline_ms + HOUR_MS, late_ms=Sitting.late_ms + HOUR_MS))
    page.reload()
    page.wait_for_selector("#state.good")
    expect(page.locator("#paper[data-age]")).to_have_count(0)
    assert page.locator("#clock").inner_text().startswith("1:")


@pytest.mark.parametrize("trouble", ["slow", "busy"])
def test_a_slow_or_busy_server_does_not_keep_the_page_away(build, line, phone, trouble):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    begin(page, candidate)
    line.slow_s, line.busy = (8.0, False) if trouble == "slow" else (0.0, True)
    page.reload()
    page.wait_for_selector("#paper[data-age]")
    expect(page.locator(".q:visible")).to_have_count(1)


def test_after_the_receipt_nothing_is_left(build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    url = begin(page, candidate)
    choose(page, 1, 2)
    page.get_by_role("button", name="Danh sách câu").click()
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    page.locator("#confirm").click()
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    wait_kept(page, 0)
    line.cut()
    assert cannot_open(page, url)


def cannot_open(page, url: str) -> bool:
    """The browser's own error page, and nothing of ours. In a tab of its own: that page comes late, and would interrupt
    what the first tab opens next."""
    from playwright.sync_api import Error

    tab = page.context.new_page()
    try:
        tab.goto(url)
    except Error as error:
        return "ERR_" in str(error)
    finally:
        tab.close()
    return False


def test_after_signing_out_nothing_is_left(build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    url = begin(page, candidate)
    page.goto("/sittings/")
    assert page.evaluate(KEPT) == 1, "still sitting"
    page.locator("form[action$='/sign-out']").first.evaluate("form => form.requestSubmit()")
    page.get_by_role("heading", name="Đăng nhập").wait_for()
    wait_kept(page, 0)
    line.cut()
    assert cannot_open(page, url)


def test_another_person_never_gets_the_page(build, line, phone):  # noqa: F811
    place = hall(build)
    account, candidate = place.candidate()
    other, next_candidate = place.candidate("Lê Văn Sau")
    page = phone(account)
    url = begin(page, candidate)
    phone.sign_in(page, other)
    page.goto(url)
    page.get_by_role("heading", name="Không tìm thấy").wait_for()
    wait_kept(page, 0)
    phone.sign_in(page, account)
    page.goto(url)
    wait_kept(page)
    phone.sign_in(page, other)
    page.goto(f"/sittings/enter/{next_candidate.id}")
    wait_kept(page, 0)
    line.cut()
    assert cannot_open(page, url)


def test_it_answers_for_the_exam_alone(build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    url = begin(page, candidate)
    line.cut()
    for address in ("/sittings/", f"/sittings/enter/{candidate.id}", f"{url}/review", f"{url}/receipt"):
        assert cannot_open(page, address)
    page.goto(url)
    page.wait_for_selector("#paper[data-age]")


def test_a_page_of_yesterday_is_not_given_back(build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    url = begin(page, candidate)
    page.evaluate(
        """async () => {
            const cache = await caches.open("thuocdo-page");
            const [address] = await cache.keys();
            const page = await cache.match(address);
            const headers = new Headers(page.headers);
            headers.set("X-Kept-At", Date.now() - 25 * 3600000);
            await cache.put(address, new Response(await page.text(), { headers }));
        }"""
    )
    line.cut()
    assert cannot_open(page, url)


def test_files_of_an_older_build_go(build, line, phone):  # noqa: F811
    account, candidate = hall(build).candidate()
    page = phone(account)
    page.goto("/sittings/")
    page.evaluate("caches.open('thuocdo-assets-000000000000')")
    page.evaluate("caches.open('of-somebody-else')")
    page.goto(f"/sittings/enter/{candidate.id}")
    page.get_by_text("vẫn mở lại được").wait_for()
    end = time.monotonic() + 10
    while "thuocdo-assets-000000000000" in page.evaluate("caches.keys()"):
        assert time.monotonic() < end
        page.wait_for_timeout(100)
    names = page.evaluate("caches.keys()")
    assert "of-somebody-else" in names
    assert len([name for name in names if name.startswith("thuocdo-assets-")]) == 1


def test_the_first_page_of_all_is_kept_too(build, line, phone):  # noqa: F811
    """Opened by its address on a device that had no worker yet."""
    place = hall(build)
    account, candidate = place.candidate()
    first = phone(account)
    url = begin(first, candidate)
    cookies = first.context.cookies()
    second = phone(account)
    second.context.add_cookies(cookies)
    second.goto(url)
    second.wait_for_selector("#state.good")
    wait_kept(second)
    line.cut()
    second.reload()
    second.wait_for_selector("#paper[data-age]")
    expect(second.locator(".q:visible")).to_have_count(1)
