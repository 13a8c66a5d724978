"""No way back, and notes on questions: the rules, and the plain form that keeps them."""

from __future__ import annotations

import pytest

from examapp.core import clock
from examapp.rounds.models import Movement
from examapp.sittings.models import Sitting
from examapp.sittings.notes import MOST, note_text, notes_in, notes_of, notes_of_round
from examapp.sittings.settle import responses_of
from examapp.sittings.standing import Facts, left, note_on
from examapp.sittings.way import Way, section_ends, way_through
from question_bank.paper import Layout, Slot
from tests.sittings.builders import hall
from tests.sittings.road import begin, change, events, path_of
from tests.sittings.test_standing import FACTS, LATE, MINUTE, event


def layout(*sections: str) -> Layout:
    slots = (Slot(n, name, n, "d", "single_choice", (1, 2), 1000) for n, name in enumerate(sections, start=1))
    return Layout(tuple(slots), 45)


PAPER = layout("common", "common", "VP-01", "VP-01", "VP-02")


@pytest.mark.parametrize(
    ("movement", "gone", "open_slots", "leaves"),
    [
        (Movement.FREE, (), [1, 2, 3, 4, 5], None),
        (Movement.FREE, (3,), [1, 2, 3, 4, 5], None),  # no such act exists there, whoever sends one
        (Movement.ONE_WAY, (), [1], 1),
        (Movement.ONE_WAY, (1, 2), [3], 3),
        (Movement.ONE_WAY, (4,), [5], None),
        (Movement.ONE_WAY, (5,), [], None),  # no page of ours leaves the last one behind
        (Movement.BY_SECTION, (), [1, 2], 2),
        (Movement.BY_SECTION, (2,), [3, 4], 4),
        (Movement.BY_SECTION, (4, 2), [5], None),
        (Movement.BY_SECTION, (3,), [4], 4),
    ],
)
def test_what_is_open_by_how_far_one_has_gone(movement, gone, open_slots, leaves):
    acts = [event(n, left(slot), answered=MINUTE, received=MINUTE, response=()) for n, slot in enumerate(gone, start=1)]
    way = way_through(PAPER, movement, acts, FACTS)
    assert [slot for slot in range(1, 6) if way.is_open(slot)] == open_slots
    assert way.leaves == leaves
    assert way.is_free is (movement is Movement.FREE)


def test_a_new_device_begins_where_the_older_one_was_when_it_was_left():
    facts = Facts(0, 45 * MINUTE, LATE, taken_ms=(20 * MINUTE,))
    known = event(1, left(1), answered=MINUTE, received=19 * MINUTE, writer="old", response=())
    unknown = event(2, left(2), answered=2 * MINUTE, received=21 * MINUTE, writer="old", response=())
    own = event(1, left(3), answered=22 * MINUTE, received=22 * MINUTE, writer="new", lease=2, response=())
    assert way_through(PAPER, Movement.ONE_WAY, [known, unknown], facts).behind == 1
    assert way_through(PAPER, Movement.ONE_WAY, [known, unknown, own], facts).behind == 3


def test_sections_end_where_the_next_begins():
    assert section_ends(PAPER) == (2, 4, 5)
    assert section_ends(Layout((), 45)) == ()
    assert Way(Movement.ONE_WAY, ()).leaves is None


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (("Sai chính tả ",), "Sai chính tả"),
        ((), ""),
        (("  ",), ""),
        ((3,), ""),
        (([1],), ""),
        (("x" * 600,), "x" * MOST),
    ],
)
def test_a_note_is_a_short_text(response, text):
    assert note_text(response) == text


def test_the_last_note_stands_and_can_be_taken_back():
    said = [
        event(1, note_on(1), answered=MINUTE, received=9 * MINUTE, response=("Lần một",)),
        event(2, note_on(1), answered=2 * MINUTE, received=9 * MINUTE, response=("Lần hai",)),
        event(3, note_on(2), answered=3 * MINUTE, received=9 * MINUTE, response=("Nhầm",)),
        event(4, note_on(2), answered=4 * MINUTE, received=9 * MINUTE, response=()),
        event(5, note_on(3), answered=5 * MINUTE, received=LATE + MINUTE, response=("Đến muộn vẫn là báo cáo",)),
    ]
    assert {slot: text for slot, (text, _at) in notes_in(said, FACTS).items()} == {
        1: "Lần hai",
        3: "Đến muộn vẫn là báo cáo",
    }


def shown(page) -> list[str]:
    return [box.get("id") for box in page.all("fieldset[@class='q']") if box.get("hidden") is None]


def closed(page) -> list[str]:
    return [box.get("id") for box in page.all("fieldset[@class='q']") if box.get("disabled") is not None]


def answers(app) -> dict[int, list]:
    from sqlalchemy import select

    from examapp.core.db import db

    with app.app_context():
        return responses_of(db.session.scalars(select(Sitting)).one())


def test_one_question_after_the_other_without_script(app, build, reader):
    account, _candidate = hall(build, movement=Movement.ONE_WAY).candidate()
    browser = begin(reader, account)
    assert (shown(browser.page), closed(browser.page)) == (["q1"], [])
    assert "sang câu sau rồi thì không quay lại câu trước được" in browser.page.text
    page = browser.submit("s1", press="then=next-1", s1="2")
    assert (shown(page), closed(page)) == (["q2"], ["q1"])
    assert "1 trên 4 câu đã trả lời" in page.text
    page = browser.submit("s1", press="then=stay", s2="3")
    assert shown(page) == ["q2"]
    page = browser.submit("s1", press="then=next-2")
    page = browser.submit("s1", press="then=next-3")
    assert shown(page) == ["q4"]
    assert [button.get("value") for button in page.all("button[@name='then']")] == ["stay", "review"]
    assert [row for row in events(app) if row[0] < 0] == [(left(1), "[]"), (left(2), "[]"), (left(3), "[]")]
    assert answers(app) == {1: [2], 2: [3]}


def test_an_older_page_changes_no_question_left_behind(app, build, reader):
    account, _candidate = hall(build, movement=Movement.ONE_WAY).candidate()
    browser = begin(reader, account)
    old = browser.page
    browser.submit("s1", press="then=next-1", s1="2")
    browser.page = old
    page = browser.submit("s1", press="then=next-1", s1="4")
    assert (1, "[4]") in events(app), "kept as evidence"
    assert answers(app) == {1: [2]}
    assert shown(page) == ["q2"]
    assert [row for row in events(app) if row[0] < 0] == [(left(1), "[]")]


@pytest.mark.parametrize("then", ["next-0", "next-4", "next-9", "next-999", "next--1", "next-²", "next-" + "9" * 5000])
def test_no_form_leaves_behind_what_the_paper_does_not_let_go(app, build, reader, then):
    account, _candidate = hall(build, movement=Movement.ONE_WAY).candidate()
    browser = begin(reader, account)
    assert shown(browser.submit("s1", press=f"then={then}")) == ["q1"]
    assert events(app) == []


def test_where_everything_is_open_nothing_is_left_behind(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    assert len(shown(browser.submit("s1", press="then=next-1", s1="2"))) == 4
    assert events(app) == [(1, "[2]")]


def test_going_on_waits_for_an_answer_that_cannot_be_taken(app, build, reader):
    account, _candidate = hall(build, movement=Movement.ONE_WAY).candidate()
    browser = begin(reader, account)
    page = browser.submit("s1", press="then=next-1", s1="9")
    assert "Chưa lưu được câu 1" in page.text
    assert shown(page) == ["q1"]


def test_section_by_section_without_script(app, build, reader):
    account, _candidate = hall(build, movement=Movement.BY_SECTION).candidate()
    browser = begin(reader, account)
    assert shown(browser.page) == ["q1", "q2"]
    page = browser.submit("s1", press="then=review", s1="1")
    links = [link for link in page.all("ol//a")]
    assert [link.get("href").split("#")[1] for link in links] == ["q1", "q2"]
    assert "Còn 3 câu chưa trả lời trên tổng số 4 câu. Bấm số câu đang mở để quay lại trả lời." in page.text
    assert "Chưa đến, mở ra khi đi tiếp" in page.texts("main//li")
    assert "khóa" not in page.text
    browser.open(path_of(browser))
    page = browser.submit("s1", press="then=next-2", s2="1")
    assert (shown(page), closed(page)) == (["q3", "q4"], ["q1", "q2"])
    page = browser.submit("s1", press="then=review", s3="1")
    assert [link.get("href").split("#")[1] for link in page.all("ol//a")] == ["q3", "q4"]
    browser.submit("Nộp bài")
    assert "Máy chủ đã nhận 3 trên 4 câu trả lời." in browser.page.text


def test_the_review_tells_what_is_locked_from_what_can_still_be_answered(app, build, reader):
    account, _candidate = hall(build, movement=Movement.BY_SECTION).candidate()
    browser = begin(reader, account)
    browser.submit("s1", press="then=next-2", s1="1")
    page = browser.submit("s1", press="then=review", s3="1")
    assert page.texts("main//div[@class='notice']") == [
        "Còn 1 câu chưa trả lời trên tổng số 4 câu. Bấm số câu đang mở để quay lại trả lời. "
        "1 câu chưa trả lời đã khóa, không mở lại được."
    ]
    said = ["1, đã trả lời, đã khóa, không mở lại được", "2, chưa trả lời, đã khóa, không mở lại được"]
    assert page.texts("ol//span[@class='cell done closed']") + page.texts("ol//span[@class='cell  closed']") == said
    browser.open(path_of(browser))
    page = browser.submit("s1", press="then=review", s4="1")
    assert page.texts("main//div[@class='notice']") == ["1 câu chưa trả lời đã khóa, không mở lại được."]


def test_after_the_time_a_closed_form_takes_no_answer_back(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    browser.submit("s1", press="then=stay", s1="2", n1="Không rõ")
    now = clock.to_ms(clock.now())
    change(app, Sitting, started_ms=now - 9000, deadline_ms=now - 1000, late_ms=now + 60_000)
    browser.open(path_of(browser))
    browser.submit("s1", press="then=review")
    assert events(app) == [(note_on(1), '["Không rõ"]'), (1, "[2]")]


def test_a_note_by_the_plain_form(app, build, reader):
    place = hall(build)
    account, candidate = place.candidate()
    browser = begin(reader, account)
    page = browser.submit("s1", press="then=stay", n2="  Hai phương án giống nhau. ", n3=" ")
    assert events(app) == [(note_on(2), '["Hai phương án giống nhau."]')]
    assert "0 trên 4 câu đã trả lời" in page.text
    assert page.form("s1").find(".//textarea[@id='n2']").text.strip() == "Hai phương án giống nhau."
    browser.submit("s1", press="then=stay")
    assert len(events(app)) == 1, "said once"
    browser.submit("s1", press="then=stay", n2="", n1="<b>Sai</b>")
    with app.app_context():
        sitting = browser_sitting()
        assert notes_of(sitting) == {1: "<b>Sai</b>"}
        found = notes_of_round(place.round.id)
        assert [(note.candidate.id, note.slot, note.text) for note in found] == [(candidate.id, 1, "<b>Sai</b>")]
        assert found[0].question_id == place.layout.slots[0].question_id
        assert notes_of_round(place.round.id + 1) == []


def browser_sitting() -> Sitting:
    from sqlalchemy import select

    from examapp.core.db import db

    return db.session.scalars(select(Sitting)).one()


def test_a_note_too_long_is_cut_and_harms_nothing(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    browser.submit("s1", press="then=stay", n1="x" * 9000, n77="Không có câu này")
    assert [(slot, len(response)) for slot, response in events(app)] == [(note_on(1), MOST + 4)]
