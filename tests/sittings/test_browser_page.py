"""The candidate's page in a real Chromium: what it says of every question, the way on, notes, time, and its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db
from examapp.rounds.models import Movement
from examapp.sittings.models import AnswerEvent, Sitting
from examapp.sittings.notes import notes_of
from examapp.sittings.services import extend
from examapp.sittings.standing import left, note_on
from tests.browser.test_pages import violations
from tests.chromium import CHROMIUM
from tests.sittings.builders import hall, one_of_each_kind
from tests.sittings.test_browser import (
    change,
    choose,
    enter,
    the_responses,
    wait_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]
MINUTE = 60_000
SAVES = "**/sittings/save"


def begin(build, phone, *, width=360, questions=None, **columns):
    place = hall(build, questions=questions, **columns)
    account, candidate = place.candidate()
    page = phone(account, width=width)
    enter(page, candidate)
    return place, page


def stored(app) -> list[tuple[int, str]]:
    with app.app_context(), Session(db.engine) as session:
        rows = session.scalars(select(AnswerEvent).order_by(AnswerEvent.received_ms, AnswerEvent.seq))
        return [(row.slot, row.response) for row in rows]


def notes(app) -> dict[int, str]:
    with app.app_context():
        return notes_of(db.session.scalars(select(Sitting)).one())


def left_for(app, milliseconds: int) -> None:
    """So much time is left from now on."""
    now = clock.to_ms(clock.now())
    times = {"started_ms": now - 30 * MINUTE, "deadline_ms": now + milliseconds, "late_ms": now + milliseconds + MINUTE}
    change(app, lambda session: session.execute(update(Sitting).values(times)))


def place_of(page) -> str:
    return page.locator("#place").inner_text()


def cell(page, slot: int):
    return page.locator("#grid button").nth(slot - 1)


def forward(page) -> None:
    page.get_by_role("button", name="Tiếp").click()


def here(page) -> str:
    return page.locator(".q:visible").get_attribute("id")


def faults_of(page) -> list[str]:
    """What axe finds against WCAG 2.2 AA; from the top, where the time lies over nothing."""
    page.evaluate("scrollTo(0, 0)")
    return list(violations(page))


def test_each_question_says_where_its_answer_is(build, phone):
    _place, page = begin(build, phone, width=1280)
    assert (place_of(page), cell(page, 1).get_attribute("aria-label")) == ("Chưa trả lời", "Câu 1, chưa trả lời")
    page.route(SAVES, lambda route: route.abort())
    choose(page, 1, 2)
    page.get_by_text("1 câu chưa gửi", exact=True).wait_for()
    assert place_of(page) == "Còn trên máy này, chưa gửi"
    expect(cell(page, 1)).to_have_attribute("aria-label", "Câu 1, còn trên máy này, chưa gửi")
    unsent = cell(page, 1).evaluate("cell => getComputedStyle(cell, '::before').borderBottomWidth")
    page.unroute(SAVES)
    wait_saved(page)
    assert place_of(page) == "Đã lưu trên máy chủ"
    expect(cell(page, 1)).to_have_attribute("aria-label", "Câu 1, đã trả lời")
    assert cell(page, 1).evaluate("cell => getComputedStyle(cell, '::before').borderBottomWidth") != unsent
    page.get_by_role("button", name="Xóa câu trả lời").click()
    wait_saved(page)
    assert place_of(page) == "Chưa trả lời"


@pytest.mark.parametrize("width", [320, 360])
def test_the_bar_stays_where_it_is_when_an_answer_is_told(build, phone, width):
    """A press on it that leaves a field would else find it gone from under the finger."""
    _place, page = begin(build, phone, width=width)
    page.route(SAVES, lambda route: route.abort())
    row = page.locator(".under")
    before = row.bounding_box()["height"]
    choose(page, 1, 2)
    page.get_by_text("1 câu chưa gửi", exact=True).wait_for()
    assert place_of(page) == "Còn trên máy này, chưa gửi"
    expect(page.locator("#clear")).to_be_visible()
    assert abs(row.bounding_box()["height"] - before) < 1


def test_without_network_the_page_says_what_happens_and_whom_to_call(build, phone):
    _place, page = begin(build, phone, contact="Ông Mẫu 0900 000 000")
    page.context.set_offline(True)
    banner = page.locator("#offline")
    banner.get_by_text("Mọi câu đã trả lời đều đã lưu trên máy chủ.").wait_for()
    for words in ("Mất mạng.", "tự gửi khi có mạng", "0203 000 000 (mẫu); Ông Mẫu 0900 000 000"):
        expect(banner).to_contain_text(words, use_inner_text=True)
    choose(page, 1, 1)
    banner.get_by_text("Bài vẫn giữ trên máy này (1 câu chưa gửi)").wait_for()
    page.context.set_offline(False)
    wait_saved(page)
    expect(banner).to_be_hidden()


def test_going_on_asks_once_and_closes_what_lies_behind(app, build, phone):
    _place, page = begin(build, phone, movement=Movement.ONE_WAY)
    choose(page, 1, 2)
    forward(page)
    expect(page.get_by_text("Sang câu sau thì không quay lại câu này được.")).to_be_visible()
    page.keyboard.press("Escape")
    assert (here(page), page.locator("#ask").is_hidden()) == ("q1", True)
    forward(page)
    page.get_by_label("Không hỏi lại ở các câu sau").check()
    page.get_by_role("button", name="Sang câu sau").click()
    assert here(page) == "q2"
    expect(page.locator("#say")).to_have_text("Câu 1 đã khóa.")
    expect(page.get_by_role("button", name="Trước")).to_have_count(0)
    forward(page)
    assert here(page) == "q3", "not asked again"
    page.get_by_role("button", name="Danh sách câu").click()
    expect(cell(page, 1)).to_have_attribute("aria-label", "Câu 1, đã trả lời, đã khóa, không mở lại được")
    expect(cell(page, 4)).to_have_attribute("aria-label", "Câu 4, chưa trả lời, chưa đến")
    assert [cell(page, slot).is_disabled() for slot in (1, 2, 3, 4)] == [True, True, False, True]
    for told in ("Đã khóa, không mở lại được (2)", "Chưa đến, mở ra khi đi tiếp (1)", "Chưa trả lời (2)"):
        expect(page.locator("#key").get_by_text(told), told).to_be_visible()
    wait_saved(page)
    assert stored(app) == [(1, "[2]"), (left(1), "[]"), (left(2), "[]")]
    page.reload()
    wait_saved(page)
    assert here(page) == "q3"
    forward(page)
    page.get_by_role("button", name="Sang câu sau").click()
    forward(page)
    missing = page.locator("#missing").inner_text()
    assert missing == "Còn 1 câu chưa trả lời. 2 câu chưa trả lời đã khóa, không mở lại được."
    expect(page.locator("#confirm")).to_have_text("Nộp bài, bỏ trống 3 câu")
    page.get_by_role("button", name="Quay lại làm bài").click()
    assert here(page) == "q4"


def test_whoever_has_answered_all_is_not_warned(build, phone):
    _place, page = begin(build, phone)
    for slot in (1, 2, 3, 4):
        choose(page, slot, 1)
        forward(page)
    missing = page.locator("#missing")
    assert missing.inner_text() == "Đã trả lời đủ 4 câu."
    assert "good" in missing.get_attribute("class")
    expect(page.locator("#confirm")).to_have_text("Nộp bài")
    expect(page.locator("#review")).to_be_hidden()
    assert faults_of(page) == []


def test_what_was_left_behind_without_network_stays_closed(app, build, phone):
    _place, page = begin(build, phone, movement=Movement.ONE_WAY)
    url = page.url
    page.route(SAVES, lambda route: route.abort())
    choose(page, 1, 2)
    forward(page)
    page.get_by_role("button", name="Sang câu sau").click()
    page.goto("about:blank")
    page.goto(url)
    assert here(page) == "q2"
    expect(page.locator("#q1 input").first).to_be_disabled()
    page.unroute(SAVES)
    wait_saved(page)
    assert the_responses(app) == {1: [2]}
    assert stored(app) == [(1, "[2]"), (left(1), "[]")]


def test_section_by_section(app, build, phone):
    _place, page = begin(build, phone, movement=Movement.BY_SECTION)
    forward(page)
    choose(page, 2, 1)
    page.get_by_role("button", name="Trước").click()
    assert here(page) == "q1"
    forward(page)
    page.get_by_role("button", name="Đánh dấu").click()
    forward(page)
    expect(page.get_by_text("Phần này còn 1 câu chưa trả lời. Đánh dấu xem lại: câu 2.")).to_be_visible()
    page.get_by_role("button", name="Ở lại").click()
    assert here(page) == "q2"
    forward(page)
    page.get_by_role("button", name="Sang phần sau").click()
    assert here(page) == "q3"
    expect(page.get_by_role("button", name="Trước")).to_be_disabled()
    forward(page)
    assert here(page) == "q4"
    wait_saved(page)
    assert stored(app) == [(2, "[1]"), (left(2), "[]")]


def test_a_problem_with_a_question_is_reported_even_without_network(app, build, phone):
    _place, page = begin(build, phone)
    url = page.url
    page.context.set_offline(True)
    page.locator(".q:visible summary").click()
    page.locator("#n1").fill("Hai phương án giống nhau")
    page.get_by_role("button", name="Ghi nhận").click()
    summary = page.locator("#q1 .report summary")
    summary.get_by_text("Báo cáo câu này còn trên máy, gửi cùng câu trả lời").wait_for()
    expect(page.locator("#n1")).to_be_hidden()
    page.get_by_text("1 câu chưa gửi", exact=True).wait_for()
    assert place_of(page) == "Chưa trả lời", "a note is no answer"
    page.context.set_offline(False)
    wait_saved(page)
    summary.get_by_text("Đã gửi báo cáo câu này").wait_for()
    assert notes(app) == {1: "Hai phương án giống nhau"}
    assert the_responses(app) == {}
    page.goto(url)
    page.locator("#q1 summary").click()
    expect(page.locator("#n1")).to_have_value("Hai phương án giống nhau")
    page.locator("#n1").fill("Phương án A và C giống nhau")
    forward(page)  # leaving the field is enough
    wait_saved(page)
    assert notes(app) == {1: "Phương án A và C giống nhau"}
    assert [slot for slot, _text in stored(app)] == [note_on(1), note_on(1)]


def test_an_empty_note_is_none(app, build, phone):
    _place, page = begin(build, phone)
    page.locator(".q:visible summary").click()
    page.locator("#n1").fill("  ")
    page.get_by_role("button", name="Ghi nhận").click()
    expect(page.locator("#q1 .report").get_by_text("Ô này còn trống nên không có báo cáo nào.")).to_be_visible()
    assert page.locator("#say").inner_text().startswith("Ô này còn trống")
    assert page.evaluate("document.activeElement.id") == "n1"
    assert stored(app) == []


def test_a_note_kept_here_only_comes_back_after_a_reload(app, build, phone):
    _place, page = begin(build, phone)
    url = page.url
    page.route(SAVES, lambda route: route.abort())
    page.locator(".q:visible summary").click()
    page.locator("#n1").fill("Sai số điều")
    page.get_by_role("button", name="Ghi nhận").click()
    page.goto("about:blank")
    page.goto(url)
    expect(page.locator("#n1")).to_have_value("Sai số điều")
    page.unroute(SAVES)
    wait_saved(page)
    assert notes(app) == {1: "Sai số điều"}


def test_the_end_of_the_time_is_said_once_and_moves_nothing(app, build, phone):
    _place, page = begin(build, phone)
    left_for(app, 10 * MINUTE + 2000)
    page.reload()
    wait_saved(page)
    expect(page.locator("#warning")).to_be_hidden()
    top = page.locator("#q1").bounding_box()["y"]
    page.get_by_text("Còn 10 phút.").locator("visible=true").first.wait_for()
    expect(page.locator("#warning")).to_be_visible()
    expect(page.locator("#say")).to_have_text("Còn 10 phút.")
    assert abs(page.locator("#q1").bounding_box()["y"] - top) < 1
    page.locator("#warning-hide").click()
    expect(page.locator("#warning")).to_be_hidden()
    choose(page, 1, 1)
    wait_saved(page)
    assert page.locator("#warning").is_hidden(), "said once"
    left_for(app, 4 * MINUTE)
    choose(page, 1, 2)
    page.get_by_text("Còn 4 phút.").locator("visible=true").first.wait_for()
    expect(page.locator("#say")).to_have_text("Còn 4 phút.")


def test_whoever_comes_back_late_hears_the_latest_warning_only(app, build, phone):
    _place, page = begin(build, phone)
    left_for(app, 50_000)
    page.reload()
    wait_saved(page)
    assert page.locator("#warning").inner_text().split("\n")[0].startswith("Còn 1 phút.")
    page.locator("#warning-hide").click()
    page.get_by_role("button", name="Ẩn đồng hồ").click()
    expect(page.locator("#clock")).to_have_text("–:–")


def test_added_time_is_on_an_idle_page_within_half_a_minute(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    organiser = place.organiser()
    page = phone(account)
    page.clock.install()
    enter(page, candidate)

    def more_time(session: Session) -> None:
        by = session.get_one(Account, organiser.id)
        extend(session.scalars(select(Sitting)).one(), minutes=7, reason="Mất điện", by=by, now=clock.now())

    change(app, more_time)
    page.clock.run_for(26_000)
    page.locator("#notice").get_by_text("Được cộng thêm 7 phút: Mất điện").wait_for()
    page.locator("#notice-hide").click()
    expect(page.locator("#notice")).to_be_hidden()
    assert page.locator("#clock").inner_text() > "50"


def test_large_text_and_contrast_are_kept_on_the_device(build, phone):
    _place, page = begin(build, phone)
    page.get_by_role("button", name="Chữ to").click()
    page.get_by_role("button", name="Tương phản cao").click()
    page.reload()
    wait_saved(page)
    assert page.evaluate("document.documentElement.className") == "text-large contrast"
    expect(page.get_by_role("button", name="Chữ to")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("button", name="Chữ to").click()
    assert page.evaluate("document.documentElement.className") == "contrast"


def test_the_keyboard_covers_no_field_and_input_methods_are_left_alone(app, build, phone):
    text = one_of_each_kind()[7]
    _place, page = begin(build, phone, questions=[text, text])
    bar = page.locator("#bar")
    assert bar.evaluate("bar => getComputedStyle(bar).position") == "fixed"
    field = page.locator("#q1 input")
    field.focus()
    assert bar.evaluate("bar => getComputedStyle(bar).position") == "static"
    devtools = page.context.new_cdp_session(page)
    for composed in ("U", "UB", "UBN", "Ủy"):
        sent = {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)}
        devtools.send("Input.imeSetComposition", sent)
    page.get_by_text("Còn trên máy này, chưa gửi").wait_for()  # told after the pause, in the middle of a composition
    devtools.send("Input.imeSetComposition", {"text": "Ủy ban", "selectionStart": 6, "selectionEnd": 6})
    devtools.send("Input.insertText", {"text": "Ủy ban"})
    assert field.input_value() == "Ủy ban"
    assert page.evaluate("document.activeElement.name") == "s1"
    page.keyboard.press("Tab")
    wait_saved(page)
    assert the_responses(app) == {1: ["Ủy ban"]}
    page.wait_for_selector("html:not(.typing)")  # a moment later, so that a press on a button finds it where it was
    assert bar.evaluate("bar => getComputedStyle(bar).position") == "fixed"


def test_at_zero_without_network_a_file_and_the_way_for_the_next_person(app, build, phone):
    _place, page = begin(build, phone)
    left_for(app, 4000)
    page.reload()
    page.context.set_offline(True)
    choose(page, 1, 2)
    page.get_by_role("heading", name="Đã hết giờ làm bài").wait_for()
    code = page.locator("#ending .receipt-code").inner_text()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Lưu tệp bài làm khẩn cấp").click()
    assert code in saving.value.suggested_filename
    content = json.loads(Path(saving.value.path()).read_text(encoding="utf-8"))
    assert (content["format"], content["code"]) == ("thuocdo-outbox", code)
    assert faults_of(page) == []
    page.get_by_role("button", name="Người tiếp theo").click()
    expect(page.locator("#paper")).to_have_count(0)
    page.context.set_offline(False)
    page.wait_for_url("**/sign-in**", timeout=20_000)
