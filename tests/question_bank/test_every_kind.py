"""What holds for every kind of question, whatever its question says and whatever is answered."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.draw import Drawn, arrange
from question_bank.kinds import KINDS, get_kind
from question_bank.marking import mark_paper
from question_bank.messages import Message
from question_bank.paper import Layout, delivered
from question_bank.question import Question, canonical_json, question_digest
from tests.question_bank.sound import SOUND, rekeyed

QUESTIONS = st.one_of(*SOUND.values())
SEEDS = st.integers(0, 2**32)
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["\ud800", "\0", "x" * 9000, 10**30])
)
ANYTHING = st.recursive(
    ATOMS, lambda one: st.lists(one, max_size=5) | st.dictionaries(st.text(max_size=3), one, max_size=2), max_leaves=8
)
RESPONSES = st.one_of(
    ANYTHING,
    st.lists(st.integers(0, 6), max_size=6),
    st.lists(st.text(max_size=6), max_size=2),
    st.lists(st.lists(st.integers(0, 4) | st.text(max_size=4), max_size=4) | st.text(max_size=3), max_size=4),
)
often = settings(max_examples=150)


def test_there_are_sound_questions_of_every_kind() -> None:
    assert SOUND.keys() == KINDS.keys()


@given(QUESTIONS, SEEDS)
@often
def test_a_sound_question_has_no_problem_and_its_solution_earns_everything(question: Question, seed: int) -> None:
    kind = get_kind(question.kind)
    order = kind.shuffle(question, random.Random(seed))
    solution = kind.solution(question, order)

    assert kind.check(question) == []
    assert kind.accepts(solution, order)
    assert kind.mark(question, order, solution) == (0 if kind.marked_by_people else 1)
    assert kind.is_answered(solution) is bool(kind.describe(question, order, solution)) is not kind.marked_by_people


@given(QUESTIONS, SEEDS, RESPONSES)
@often
def test_any_response_is_taken_calmly_and_earns_between_nothing_and_everything(
    question: Question, seed: int, response: Any
) -> None:
    kind = get_kind(question.kind)
    order = kind.shuffle(question, random.Random(seed))
    accepted = kind.accepts(response, order)
    mark = kind.mark(question, order, response)

    assert type(accepted) is bool
    assert 0 <= mark <= 1
    assert mark == 0 or (accepted and kind.is_answered(response))
    assert accepted or (kind.describe(question, order, response), kind.feedback(question, order, response)) == ([], [])
    if accepted:
        json.dumps(response, ensure_ascii=False).encode()


@given(QUESTIONS, SEEDS)
@often
def test_an_empty_answer_is_taken_and_earns_nothing(question: Question, seed: int) -> None:
    kind = get_kind(question.kind)
    order = kind.shuffle(question, random.Random(seed))

    assert kind.accepts([], order)
    assert not kind.is_answered([])
    assert kind.mark(question, order, []) == 0
    assert kind.describe(question, order, []) == []


@given(st.one_of(SOUND["single_choice"], SOUND["multiple_response"], SOUND["true_false"]), SEEDS)
@often
def test_ticking_everything_never_pays(question: Question, seed: int) -> None:
    kind = get_kind(question.kind)
    order = kind.shuffle(question, random.Random(seed))

    assert kind.mark(question, order, list(range(1, len(order) + 1))) == 0


@given(QUESTIONS, SEEDS, st.randoms(use_true_random=False))
@often
def test_what_is_delivered_does_not_depend_on_what_is_right(
    question: Question, seed: int, chance: random.Random
) -> None:
    """The whole way: shuffled, laid out and delivered with one key and another."""

    def received(asked: Question) -> bytes:
        questions = {7: asked}
        slots = arrange([Drawn("Phần chung", 7, 1000)], questions, random.Random(seed))
        return canonical_json(delivered(Layout(slots, 30), questions))

    assert received(question) == received(rekeyed(question, chance))


@given(QUESTIONS, SEEDS)
@often
def test_orders_survive_a_sealed_paper(question: Question, seed: int) -> None:
    slots = arrange([Drawn("Phần chung", 7, 1000)], {7: question}, random.Random(seed))
    layout = Layout(slots, 30)

    assert Layout.from_json(json.loads(layout.canonical())) == layout


@given(QUESTIONS, SEEDS)
@often
def test_a_paper_is_marked_by_its_solutions(question: Question, seed: int) -> None:
    questions = {7: question}
    layout = Layout(arrange([Drawn("Phần chung", 7, 333)], questions, random.Random(seed)), 30)
    kind = get_kind(question.kind)
    solution = kind.solution(question, layout.slots[0].order) or ["Bài làm"]
    paper = mark_paper(layout, questions, {1: solution})

    assert paper.slots[0].answered
    assert (paper.awarded, paper.pending) == ((0, 1) if kind.marked_by_people else (333, 0))
    assert ("pending" in paper.as_json()["slots"][0]) is kind.marked_by_people


@given(QUESTIONS)
@often
def test_a_question_of_every_kind_survives_its_json(question: Question) -> None:
    again = Question.from_json(json.loads(canonical_json(question.as_json())))

    assert again == question
    assert question_digest(again) == question_digest(question)


@given(QUESTIONS, ANYTHING, SEEDS)
@settings(often, max_examples=300)
def test_details_of_any_form_are_checked_without_an_accident(question: Question, junk: Any, seed: int) -> None:
    rng = random.Random(seed)
    broken = replace(question, details=_with(junk, dict(question.details), rng))
    kind = get_kind(question.kind)
    found = kind.check(broken) + kind.advice(broken)
    order = kind.shuffle(broken, rng)

    assert all(isinstance(message, Message) and message.translated(str.strip) for message in found)
    assert all(isinstance(text, str) for text in kind.texts(broken))
    assert kind.show(broken, order).keys() == kind.show(question, kind.shuffle(question, rng)).keys()
    assert found or kind.mark(broken, order, kind.solution(broken, order)) == (0 if kind.marked_by_people else 1)


def _with(junk: Any, value: Any, rng: random.Random) -> Any:
    """``value`` with ``junk`` somewhere in it."""
    if isinstance(value, dict) and value:
        name = rng.choice(list(value))
        whole = rng.random() < 0.3 and isinstance(junk, dict)
        return junk if whole else {**value, name: junk if rng.random() < 0.4 else _with(junk, value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = rng.randrange(len(value))
        return [*value[:place], _with(junk, value[place], rng), *value[place + 1 :]]
    return {} if value == {} else junk


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
@settings(max_examples=10)
def test_all_texts_are_found_for_search(name: str, data: st.DataObject) -> None:
    question = data.draw(SOUND[name])
    told = json.dumps(question.as_json(), ensure_ascii=False)

    assert all(text in told or name in {"numeric", "gap_text", "case"} for text in get_kind(name).texts(question))
    assert get_kind(name).texts(question)


@pytest.mark.parametrize("name", KINDS)
def test_a_stem_must_be_there_and_not_be_a_book(name: str) -> None:
    kind = get_kind(name)

    assert "Câu hỏi chưa có nội dung: cần nhập phần hỏi." in kind.check(Question(name, " \n"))
    assert any("quá dài" in message for message in kind.check(Question(name, "dài " * 3000)))
