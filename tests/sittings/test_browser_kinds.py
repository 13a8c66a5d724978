"""A paper with every kind on a phone of 360 px: touch, keyboard, no network, reload, submission, marks; axe on it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from examapp.core import clock
from examapp.core.db import db
from examapp.sittings.models import AnswerEvent, Sitting
from question_bank.kinds import get_kind
from question_bank.marking import mark_paper
from tests.browser.test_pages import AXE, overflow, violations
from tests.chromium import CHROMIUM
from tests.sittings.builders import Still, hall, one_of_each_kind
from tests.sittings.test_browser import (
    change,
    enter,
    late_code,
    the_responses,
    wait_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]

ESSAY = "Tiếp nhận, kiểm tra hồ sơ.\n“Hướng dẫn” bổ sung một lần."
QUESTIONS = one_of_each_kind()


def solutions() -> dict[int, Any]:
    """What earns everything, and an essay."""
    found = {}
    for slot, question in enumerate(QUESTIONS, start=1):
        kind = get_kind(question.kind)
        found[slot] = kind.solution(question, kind.shuffle(question, Still())) or [ESSAY]
    return found


def tab_to(page, selector: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def field(name: str) -> str:
    return f'[name="{name}"]'


def following(page) -> None:
    page.get_by_role("button", name="Tiếp").click()


def answer_by_touch(page) -> None:
    """The first six, each by a tap; the list that orders by its buttons."""
    page.locator("#q1 label").nth(0).tap()
    following(page)
    for option in (0, 1):
        page.locator("#q2 label").nth(option).tap()
    following(page)
    page.locator("#q3 label").nth(0).tap()
    following(page)
    for number, verdict in enumerate((1, 2, 2, 2), start=1):
        page.locator(f'#q4 {field(f"s4.{number}")}[value="{verdict}"]').tap()
    following(page)
    for number in range(1, 5):
        page.locator(field(f"s5.{number}")).select_option(str(number))
    following(page)
    page.get_by_role("button", name="Đưa xuống: Bước A").tap()
    expect(page.locator("#say")).to_have_text("Bước A: vị trí 2 trên 4")
    page.get_by_role("button", name="Đưa lên: Bước A").tap()
    assert page.locator("#q6 .order-text").all_inner_texts() == [f"Bước {x}" for x in "ABCD"]


def answer_by_keyboard(page) -> None:
    """The last five, without a pointer."""
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    tab_to(page, field("s7"))
    page.keyboard.type("10,5 ngày")
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    tab_to(page, field("s8"))
    page.keyboard.insert_text("Cơ quan A")
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    fill_gaps(page, "s9")
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    tab_to(page, field("s10.1"))
    page.keyboard.press("Space")
    tab_to(page, field("s10.2"))
    assert page.locator("#q10 .situation").get_attribute("open") is not None, "its numbers are needed"
    assert page.locator("#q10 .situation .stem").evaluate("stem => stem.clientHeight") <= 128, "nor is all the room its"
    page.keyboard.type("10.5")
    fill_gaps(page, "s10.3")
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    tab_to(page, field("s11"))
    page.keyboard.insert_text(ESSAY)
    page.get_by_text("Đã viết 12 trên tối đa 300 từ").wait_for()


def fill_gaps(page, name: str) -> None:
    tab_to(page, field(f"{name}.1"))
    page.keyboard.press("ArrowDown")
    tab_to(page, field(f"{name}.2"))
    page.keyboard.insert_text("chữ 0")
    tab_to(page, field(f"{name}.3"))
    page.keyboard.type("0")


def check_looks(page) -> None:
    """Each question as it stands fits the screen and is accessible."""
    problems = []
    for slot in range(1, len(QUESTIONS) + 1):
        page.get_by_role("button", name="Danh sách câu").click()
        page.locator("#grid button").nth(slot - 1).click()
        expect(page.locator(f"#q{slot}")).to_be_visible()
        problems += [f"câu {slot}: {wide}" for wide in [overflow(page)] if wide]
        if AXE.exists():
            problems += [f"câu {slot}: {one}" for one in violations(page)]
    assert not problems, "\n".join(problems)


def test_a_paper_of_every_kind(app, build, phone):
    place = hall(build, questions=QUESTIONS)
    account, candidate = place.candidate()
    # what a page sends through a service worker could not be held up here
    page = phone(account, has_touch=True, bypass_csp=True, service_workers="block")
    url = enter(page, candidate)
    answer_by_touch(page)
    wait_saved(page)
    page.route("**/sittings/save", lambda route: route.abort())
    answer_by_keyboard(page)
    page.get_by_text("câu chưa gửi", exact=False).first.wait_for()
    page.goto("about:blank")
    page.goto(url)
    page.locator("#state.warn").wait_for()
    expect(page.locator("#count")).to_have_text("11 trên 11 câu đã trả lời")
    expect(page.locator(field("s11"))).to_have_value(ESSAY)
    assert set(the_responses(app)) == set(range(1, 7)), "the rest is on the device only"
    page.unroute("**/sittings/save")
    wait_saved(page)
    assert the_responses(app) == solutions() | {7: ["10,5 ngày"], 10: [[1], ["10.5"], [1, "chữ 0", "0"]]}
    check_looks(page)
    page.get_by_role("button", name="Danh sách câu").click()
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    page.get_by_text("Đã trả lời đủ 11 câu.").wait_for()
    page.locator("#confirm").click()
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    mark = mark_paper(place.layout, dict(zip([s.question_id for s in place.layout.slots], QUESTIONS, strict=True)),
                      the_responses(app))  # fmt: skip
    assert (mark.answered, mark.right, mark.pending) == (11, 10, 1)


def test_the_code_of_an_unsent_text_is_the_servers(app, build, phone):
    place = hall(build, questions=QUESTIONS[-1:])
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    now = clock.to_ms(clock.now())
    times = {"deadline_ms": now + 4000, "late_ms": now + 900_000}
    change(app, lambda session: session.execute(update(Sitting).values(times)))
    page.reload()
    page.context.set_offline(True)
    page.locator(field("s1")).fill(f'{ESSAY} \\ "ngoặc" 😀\t<b>')
    page.get_by_role("heading", name="Đã hết giờ làm bài").wait_for()
    page.locator("#ending .receipt-code").wait_for()
    shown = page.locator("#ending .receipt-code").inner_text()
    page.context.set_offline(False)
    page.get_by_role("heading", name="Đã nộp bài").wait_for()
    assert late_code(app, place.round.id, candidate.id) == shown


def test_typing_sends_little_and_never_rewrites_the_field(app, build, phone):
    account, candidate = hall(build, questions=QUESTIONS[-1:]).candidate()
    page = phone(account)
    enter(page, candidate)
    area = page.locator(field("s1"))
    area.click()
    for word in ("Một", " hai", " ba"):
        page.keyboard.insert_text(word)
        page.wait_for_timeout(1700)
    assert area.input_value() == "Một hai ba"
    assert the_responses(app) == {}, "still typing"
    area.blur()
    wait_saved(page)
    assert the_responses(app) == {1: ["Một hai ba"]}
    with app.app_context():
        assert len(list(db.session.scalars(select(AnswerEvent)))) == 1
    page.get_by_role("button", name="Xóa câu trả lời").click()
    wait_saved(page)
    assert (the_responses(app), area.input_value()) == ({1: []}, "")


def test_what_cannot_be_a_number_is_kept_and_said_beside_the_field(app, build, phone):
    place = hall(build, questions=[QUESTIONS[6], QUESTIONS[8]])
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    hint = page.locator("#q1 .only-number")
    widths = set()
    for text, wrong in (
        ("", False),
        ("abc", True),
        ("-", False),
        ("- 1.500,5 ngày", False),
        ("10,5", False),
        ("mười", True),
    ):
        page.locator(field("s1")).fill(text)
        assert hint.is_visible() is wrong, text
        widths.add(page.locator(field("s1")).bounding_box()["width"])
    assert len(widths) == 1, "the field stays as it is"
    page.get_by_role("button", name="Tiếp").click()
    wait_saved(page)
    assert the_responses(app) == {1: ["mười"]}
    page.locator(field("s2.3")).fill("x")
    expect(page.locator("#q2 .only-number").last).to_be_visible()


def test_the_situation_stays_as_the_person_left_it(app, build, phone):
    place = hall(build, questions=[QUESTIONS[9]])
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, candidate)
    situation = page.locator("#q1 details.situation")
    for is_open in (True, False):
        page.locator(field("s1.2")).focus()
        assert (situation.get_attribute("open") is not None) is is_open
        page.locator(field("s1.2")).blur()
        page.locator("#q1 .situation summary").click()
