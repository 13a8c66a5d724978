"""The candidate's page for whoever uses keys, hears it read, or types Vietnamese on a small screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.rounds.models import Movement
from examapp.sittings.models import Sitting, SittingState
from examapp.sittings.services import extend
from tests.chromium import CHROMIUM
from tests.sittings.builders import hall, one_of_each_kind
from tests.sittings.test_browser import (
    change,
    choose,
    enter,
    the_responses,
    the_sitting,
    wait_saved,
)
from tests.sittings.test_browser_page import left_for, notes
from tests.sittings.test_browser_waiting import begin_now, wait_in_room

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]
KINDS = one_of_each_kind()
TYPED = KINDS[6:11]
"""Numeric, short text, gaps, a case, an essay."""

FOCUS = "(selector) => document.activeElement.matches(selector)"
HAS = "document.activeElement !== document.body && document.activeElement.checkVisibility()"

HEARD = """() => {
    const known = new Map();
    window.heard = [];
    const listen = () => {
        for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live=polite]')) {
            const text = region.checkVisibility() ? region.innerText.trim() : '';
            if (text && text !== known.get(region)) heard.push(text);
            known.set(region, text);
        }
    };
    listen();
    heard.length = 0;
    const all = {subtree: true, childList: true, characterData: true, attributes: true};
    new MutationObserver(listen).observe(document.documentElement, all);
}"""

WRITES = """() => {
    window.writes = [];
    for (const kind of [HTMLInputElement, HTMLTextAreaElement]) {
        const own = Object.getOwnPropertyDescriptor(kind.prototype, 'value');
        const set = function (text) {
            if (this === document.activeElement) writes.push(text);
            own.set.call(this, text);
        };
        Object.defineProperty(kind.prototype, 'value', {get: own.get, set});
    }
}"""

COVERED = """(field) => {
    const at = field.getBoundingClientRect();
    const top = Math.max(at.top, 0) + 3;
    const points = [top, Math.min(at.bottom, innerHeight) - 3].map((y) => document.elementFromPoint(at.left + 20, y));
    return points.filter((one) => one !== field).map((one) => one ? one.outerHTML.slice(0, 80) : 'the edge');
}"""


def tab_to(page, selector: str, *, within: int = 12, back: bool = False) -> None:
    for _ in range(within):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate(FOCUS, selector):
            return
    raise AssertionError(f"{selector} is not reached with {within} presses")


def press(page, selector: str, key: str = "Enter", *, within: int = 12, back: bool = False) -> None:
    """By keys only; afterwards the focus is somewhere on the page."""
    tab_to(page, selector, within=within, back=back)
    page.keyboard.press(key)
    assert page.evaluate(HAS), f"the focus vanishes after {selector}"


def test_a_whole_sitting_by_keys(app, build, phone):
    """From the waiting room to the receipt, and never far from where one wants to go."""
    questions = [KINDS[0], KINDS[5], KINDS[7], KINDS[3]]
    account, candidate = hall(build, questions=questions, starts_at=clock.now() + timedelta(minutes=10)).candidate()
    page = phone(account)
    wait_in_room(page, candidate)
    page.get_by_text("Đề đã nằm sẵn trên máy").wait_for()
    press(page, "#read", "Space", within=5)
    press(page, "#start button", within=1)
    begin_now(app, page)
    page.wait_for_selector("#state.good")
    assert page.evaluate(FOCUS, "#main"), "begun without another page: read from its beginning"
    press(page, "[name=s1]", "Space", within=5)
    page.keyboard.press("ArrowDown")
    press(page, "#clear", within=3)
    press(page, "[name=s1]", "Space", within=1)
    press(page, "#flag", back=True, within=1)
    press(page, "#q1 summary", within=3)
    tab_to(page, "#n1", within=1)
    page.keyboard.insert_text("Hai phương án giống nhau")
    press(page, "#q1 .report button", within=1)
    assert page.evaluate(FOCUS, "#q1 summary")
    press(page, "#next", within=6)
    assert page.evaluate(FOCUS, "#q2")
    press(page, "#q2 .order-keep button", within=9)
    press(page, "#q2 [data-item='1'] button:last-of-type", within=4)
    expect(page.locator("#say")).to_have_text("Bước A: vị trí 2 trên 4")
    press(page, "#next", within=14)
    tab_to(page, "[name=s3]", within=1)
    page.keyboard.insert_text("Cơ quan A")
    press(page, "#list", within=7)
    press(page, "#grid li:nth-child(4) button", within=4)
    for part, verdict in enumerate((1, 2, 2, 2), start=1):
        press(page, f"[name='s4.{part}']", "Space" if verdict == 1 else "ArrowDown", within=1)
    press(page, "#back", within=6)
    assert page.evaluate(FOCUS, "#q3")
    press(page, "#next", within=8)
    press(page, "#next", within=12)
    assert page.evaluate(FOCUS, "#side")
    press(page, "#confirm", within=6)
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    assert page.evaluate(FOCUS, "#ending")
    assert the_responses(app) == {1: [1], 2: [2, 1, 3, 4], 3: ["Cơ quan A"], 4: [1, 2, 2, 2]}
    assert notes(app) == {1: "Hai phương án giống nhau"}
    assert the_sitting(app).state is SittingState.SETTLED
    tab_to(page, "#ending a", within=2)
    page.keyboard.press("Enter")
    page.get_by_text("Kết quả hiện ở trang").wait_for()


def test_going_on_where_there_is_no_way_back_by_keys(build, phone):
    account, candidate = hall(build, movement=Movement.ONE_WAY).candidate()
    page = phone(account)
    enter(page, candidate)
    ask = page.locator("#ask")
    press(page, "#next", within=12)
    assert page.evaluate(FOCUS, "#ask-text")
    tab_to(page, "#ask-no-more", within=1)
    tab_to(page, "#q1 *, .view-choice *", back=True, within=2)
    expect(ask, "whoever turns to something else stays").to_be_hidden()
    press(page, "#next", within=6)
    expect(ask).to_be_visible()
    choose(page, 1, 2)
    expect(ask, "what it said of the question is no longer so").to_be_hidden()
    press(page, "#next", within=8)
    press(page, "#ask-go", within=2)
    assert page.evaluate(FOCUS, "#q2")


def test_everything_is_told_once(app, build, phone):
    place = hall(build)
    account, candidate = place.candidate()
    organiser = place.organiser()
    page = phone(account)
    enter(page, candidate)
    page.evaluate(HEARD)
    left_for(app, 10 * 60_000 - 5000)
    choose(page, 1, 1)
    page.get_by_text("Còn 10 phút.").locator("visible=true").first.wait_for()
    page.context.set_offline(True)
    for option in (2, 3, 4):
        choose(page, 1, option)
        page.get_by_text("1 câu chưa gửi", exact=True).wait_for()
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 1)
    page.get_by_text("2 câu chưa gửi", exact=True).wait_for()
    page.context.set_offline(False)
    wait_saved(page)

    def more_time(session: Session) -> None:
        by = session.get_one(Account, organiser.id)
        extend(session.scalars(select(Sitting)).one(), minutes=60, reason="Mất điện", by=by, now=clock.now())

    change(app, more_time)
    choose(page, 2, 2)
    page.get_by_text("Được cộng thêm 60 phút: Mất điện").locator("visible=true").first.wait_for()
    choose(page, 2, 3)
    wait_saved(page)
    page.locator("#notice-hide").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(HAS), "the focus does not vanish with the notice"
    heard = page.evaluate("heard")
    for words in ("Còn 10 phút.", "Mất mạng.", "Đã lưu", "Được cộng thêm 60 phút: Mất điện"):
        assert sum(words in one for one in heard) == 1, (words, heard)


def test_the_focus_stays_when_what_is_said_at_the_end_changes(app, build, phone):
    account, candidate = hall(build).candidate()
    page = phone(account)
    enter(page, candidate)
    left_for(app, 3000)
    with page.expect_response("**/sittings/save"):
        choose(page, 1, 1)
    page.route("**/sittings/save", lambda route: route.abort())
    choose(page, 1, 2)
    page.locator("#ending .receipt-code").wait_for()
    tab_to(page, "#ending button", within=1)
    page.route("**/sittings/save", lambda route: route.fulfill(status=503, body="busy"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # tried again at once
    page.get_by_text("Máy chủ đang bận.").locator("visible=true").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Lưu tệp bài làm khẩn cấp"


def compose(page, text: str) -> None:
    """As an input method does: the word grows, changes backwards, and is put in."""
    devtools = page.context.new_cdp_session(page)
    for upto in range(1, len(text) + 1):
        part = text[:upto]
        devtools.send("Input.imeSetComposition", {"text": part, "selectionStart": upto, "selectionEnd": upto})
    devtools.send("Input.imeSetComposition", {"text": text, "selectionStart": 0, "selectionEnd": len(text)})
    page.wait_for_timeout(1700)  # longer than the pause after which a text is an answer, composed or not
    with page.expect_response("**/sittings/save"):  # and a reply comes in the middle
        page.evaluate("window.dispatchEvent(new Event('online'))")
    devtools.send("Input.insertText", {"text": text})
    devtools.detach()


def test_input_methods_are_never_disturbed(app, build, phone):
    account, candidate = hall(build, questions=[KINDS[7], KINDS[10]]).candidate()
    page = phone(account)
    enter(page, candidate)
    page.evaluate(WRITES)
    page.locator("#q1 summary").click()
    for field, text in (("[name=s1]", "Ủy ban"), ("#n1", "thiếu từ “xã”")):
        page.locator(field).focus()
        compose(page, text)
        assert page.evaluate(FOCUS, field)
        expect(page.locator(field)).to_have_value(text)
    page.get_by_role("button", name="Tiếp").click()
    page.locator("[name=s2]").focus()
    compose(page, "Tiếp nhận")
    page.keyboard.press("Tab")
    wait_saved(page)
    assert page.evaluate("writes") == []
    assert the_responses(app) == {1: ["Ủy ban"], 2: ["Tiếp nhận"]}
    assert notes(app) == {1: "thiếu từ “xã”"}


def check_field(page, field, height: int) -> list[str]:
    """The field gets the focus, then the keyboard takes half of the screen."""
    page.set_viewport_size({"width": 360, "height": 740})
    field.scroll_into_view_if_needed()
    before = field.bounding_box()["y"]
    field.click()
    jumped = field.bounding_box()["y"] - before
    page.set_viewport_size({"width": 360, "height": height})
    field.evaluate("field => field.scrollIntoView({block: 'nearest'})")  # as phones do
    return [f"moves by {jumped}"] * (abs(jumped) > 1) + [f"under {one}" for one in field.evaluate(COVERED)]


@pytest.mark.parametrize(("height", "large"), [(370, False), (200, True)], ids=["upright", "across, large text"])
def test_nothing_lies_over_the_field_when_the_keyboard_comes(build, phone, height, large):
    account, candidate = hall(build, questions=TYPED).candidate()
    page = phone(account)
    enter(page, candidate)
    if large:
        page.get_by_role("button", name="Chữ to").click()
    problems = []
    for slot in range(1, 6):
        page.locator(f"#q{slot} > .report > summary").click()
        for field in page.locator(f"#q{slot} input[type=text], #q{slot} textarea").all():
            found = check_field(page, field, height)
            problems += [f"câu {slot}, {field.get_attribute('name')}: {one}" for one in found]
        page.set_viewport_size({"width": 360, "height": 740})
        page.get_by_role("button", name="Tiếp").click()
    assert not problems, "\n".join(problems)
