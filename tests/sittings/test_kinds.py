"""Every kind on the candidate's page: what a page shows is what its form sends, and what is sent is what is stored."""

from __future__ import annotations

import json
import random
from typing import Any

import html5lib
import pytest
from flask import render_template_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.bank.answer_fields import READERS
from examapp.bank.asked import asked
from examapp.core.db import db
from examapp.sittings.models import AnswerEvent
from examapp.sittings.plain import changed_answers
from question_bank.kinds import KINDS, get_kind
from question_bank.paper import Layout, Slot, delivered
from question_bank.question import Option, Question
from tests.question_bank.sound import SOUND
from tests.reader import form_fields
from tests.sittings.builders import hall, one_of_each_kind
from tests.sittings.road import begin, path_of

TYPED = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20).filter(
    lambda text: not text or bool(text.strip())
)
QUESTIONS = st.one_of(*SOUND.values())
ANSWERED = {
    "single_choice": [2],
    "multiple_response": [1, 3],
    "true_false": [1],
    "true_false_cluster": [2, 0, 1, 2],
    "matching": [4, 0, 1, 1],
    "ordering": [3, 1, 4, 2],
    "numeric": ["12,5"],
    "short_text": ["Ủy ban  nhân dân"],
    "gap_text": [3, "một chữ", ""],
    "case": [[4], [], [0, "chữ", "7"]],
    "essay": ["Dòng một\n\n  dòng “hai”"],
}
"""An answer of each kind to the questions of ``one_of_each_kind``, in their order."""
FIELDS = {
    1: {"s1": "2"},
    2: {"s2": ["3", "1"]},
    3: {"s3": "1"},
    4: {"s4.1": "2", "s4.3": "1", "s4.4": "2"},
    5: {"s5.1": "4", "s5.3": "1", "s5.4": "1"},
    6: {"s6.1": "2", "s6.2": "4", "s6.3": "1", "s6.4": "3"},
    7: {"s7": "12,5"},
    8: {"s8": "Ủy ban  nhân dân"},
    9: {"s9.1": "3", "s9.2": "một chữ"},
    10: {"s10.1": "4", "s10.3.2": "chữ", "s10.3.3": "7"},
    11: {"s11": "Dòng một\r\n\r\n  dòng “hai”"},
}


def stored(app) -> dict[int, Any]:
    with app.app_context(), Session(db.engine) as session:
        return {e.slot: json.loads(e.response) for e in session.scalars(select(AnswerEvent))}


def paper_of(question: Question, seed: int) -> tuple[Layout, dict[int, Question]]:
    order = get_kind(question.kind).shuffle(question, random.Random(seed))
    return Layout((Slot(1, "common", 7, "x", question.kind, order, 1000),), 30), {7: question}


@st.composite
def responses(draw: st.DrawFn, kind: str, order: Any) -> list[Any]:
    """An answer of the kind's shape, with something in it, or none."""
    match kind:
        case "single_choice" | "true_false":
            return draw(st.lists(st.integers(1, len(order)), max_size=1))
        case "multiple_response":
            return sorted(draw(st.sets(st.integers(1, len(order)))))
        case "true_false_cluster":
            found = draw(st.lists(st.integers(0, 2), min_size=len(order), max_size=len(order)))
        case "matching":
            least = len(order[0])
            found = draw(st.lists(st.integers(0, len(order[1])), min_size=least, max_size=least))
        case "ordering":
            return draw(st.permutations(range(1, len(order) + 1)) | st.just([]))
        case "gap_text":
            found = [draw(st.integers(0, len(gap))) if gap else draw(TYPED) for gap in order]
        case "case":
            found = [draw(responses(name, inner)) for name, inner in order]
        case _:
            found = [draw(TYPED)]
    return found if get_kind(kind).is_answered(found) else []


def test_every_kind_has_its_reader():
    assert set(READERS) == set(KINDS) == set(ANSWERED)


@given(st.data(), QUESTIONS, st.integers(0, 99))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_a_page_shows_is_what_its_form_sends(app, data, question, seed):
    layout, questions = paper_of(question, seed)
    response = data.draw(responses(question.kind, layout.slots[0].order))
    assert get_kind(question.kind).accepts(response, layout.slots[0].order)
    shown = asked("s1", delivered(layout, questions)[0], response, {})
    with app.test_request_context():
        html = render_template_string('{% import "bank/kinds/" ~ q.kind ~ ".html" as kind %}{{ kind.ask(q) }}', q=shown)
    sent: dict[str, list[str]] = {"shown": ["{}"]}
    for name, value in form_fields(html5lib.parse(f"<form>{html}</form>", namespaceHTMLElements=False)):
        sent.setdefault(name, []).append(value)
    changes = changed_answers(layout, sent)
    assert (changes.answers, changes.refused) == ({1: response} if response else {}, [])
    sent["shown"] = [json.dumps({1: response})]
    assert changed_answers(layout, sent).answers == {}


def test_answers_of_every_kind_by_the_plain_form(app, build, reader):
    account, _candidate = hall(build, questions=one_of_each_kind()).candidate()
    browser = begin(reader, account)
    fields = {name: value for values in FIELDS.values() for name, value in values.items()}
    page = browser.submit("s1", press="then=stay", **fields)
    assert "11 trên 11 câu đã trả lời" in page.text
    expected = dict(enumerate(ANSWERED.values(), start=1))
    assert stored(app) == expected
    browser.submit("s1", press="then=stay")
    assert stored(app) == expected, "nothing was changed"
    browser.submit("s1", press="then=review", **{"s4.1": None, "s4.3": None, "s4.4": None, "s7": "  "})
    assert "Còn 2 câu chưa trả lời trên tổng số 11 câu" in browser.page.text
    browser.submit("Nộp bài")
    assert "Máy chủ đã nhận 9 trên 11 câu trả lời." in browser.page.text


def test_two_items_at_one_place_are_named_and_not_stored(app, build, reader):
    account, _candidate = hall(build, questions=one_of_each_kind()).candidate()
    browser = begin(reader, account)
    page = browser.submit("s1", press="then=review", **{"s1": "2", "s6.1": "1", "s6.2": "1"})
    assert "Chưa lưu được câu 6" in page.text
    assert stored(app) == {1: [2]}
    for wrong in ("x,²", "9" * 300, "0,-1"):
        browser.open(f"{path_of(browser)}?refused={wrong}")


def test_a_formula_and_an_image_come_with_the_page(app, build, reader):
    sha = "a" * 64
    rich = Question(
        kind="single_choice",
        stem="Tính m² [Hình: sơ đồ]",
        stem_html=f'<p>Tính <b>m</b><sup>2</sup> \\(x^2\\)<script>x</script> <img src="media:{sha}" alt="sơ đồ"></p>',
        options=(Option("10²", correct=True, html="10<sup>2</sup>"), Option("<b>hai</b>")),
    )
    account, _candidate = hall(build, questions=[rich, *one_of_each_kind()[:1]]).candidate()
    page = begin(reader, account).page
    assert "<b>m</b><sup>2</sup>" in page.html
    assert "<math" in page.html
    assert "[Hình: sơ đồ]" in page.text, "an image that is not there is told"
    assert "<script>x" not in page.html
    assert "&lt;b&gt;hai&lt;/b&gt;" in page.html


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_without_an_answer_is_shown_empty(app, kind):
    question = next(one for one in one_of_each_kind() if one.kind == kind)
    layout, questions = paper_of(question, 1)
    shown = asked("s1", delivered(layout, questions)[0], [], {})
    assert not shown.answered
    with app.test_request_context():
        html = render_template_string('{% import "bank/kinds/" ~ q.kind ~ ".html" as kind %}{{ kind.ask(q) }}', q=shown)
    assert "checked" not in html
    assert "selected" not in html
