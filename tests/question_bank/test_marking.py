"""Marks: exact, bounded, repeatable."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.draw import Drawn, arrange
from question_bank.marking import SectionMark, SlotMark, mark_paper, passes, percent, round_half_up
from question_bank.paper import Layout, Slot
from question_bank.question import Option, Question


def ask(kind: str, count: int, *key: int) -> Question:
    texts = ["Đúng", "Sai"] if kind == "true_false" else [f"Nội dung số {index}" for index in range(count)]
    return Question(kind, "Chọn nội dung phù hợp:", tuple(Option(t, i in key) for i, t in enumerate(texts)))


QUESTIONS = {
    10: ask("single_choice", 4, 2),
    20: ask("multiple_response", 4, 0, 3),
    30: ask("true_false", 2, 1),
}
PAPER = Layout(
    slots=(
        Slot(1, "Phần chung", 10, "", "single_choice", (2, 0, 1, 3), 250),
        Slot(2, "Phần chung", 20, "", "multiple_response", (1, 0, 3, 2), 500),
        Slot(3, "Phần riêng", 30, "", "true_false", (0, 1), 333),
    ),
    minutes=30,
)
RIGHT = {1: [1], 2: [2, 3], 3: [2]}


@pytest.mark.parametrize(
    ("responses", "awarded"),
    [
        (RIGHT, [250, 500, 333]),
        ({1: [1], 2: [3, 2], 3: [2]}, [250, 500, 333]),
        ({}, [0, 0, 0]),
        ({1: [], 2: [], 3: []}, [0, 0, 0]),
        ({1: [2], 2: [2], 3: [1]}, [0, 0, 0]),
        ({1: [1], 2: [1, 2, 3]}, [250, 0, 0]),
        ({2: [1, 2, 3, 4]}, [0, 0, 0]),
    ],
)
def test_marks_of_a_paper(responses: dict[int, list[int]], awarded: list[int]) -> None:
    paper = mark_paper(PAPER, QUESTIONS, responses)

    assert [mark.awarded for mark in paper.slots] == awarded
    assert [mark.right for mark in paper.slots] == [points > 0 for points in awarded]
    assert paper.awarded == sum(awarded)
    assert paper.possible == 1083


def test_a_slot_says_what_was_answered_and_earned() -> None:
    paper = mark_paper(PAPER, QUESTIONS, {1: [1], 3: [1]})

    assert paper.slots == (
        SlotMark(1, "Phần chung", 10, awarded=250, possible=250, right=True, answered=True),
        SlotMark(2, "Phần chung", 20, awarded=0, possible=500, right=False, answered=False),
        SlotMark(3, "Phần riêng", 30, awarded=0, possible=333, right=False, answered=True),
    )
    assert paper.sections == (
        SectionMark("Phần chung", awarded=250, possible=750, questions=2, answered=1, right=1),
        SectionMark("Phần riêng", awarded=0, possible=333, questions=1, answered=1, right=0),
    )
    assert (paper.questions, paper.answered, paper.right) == (3, 2, 1)


@pytest.mark.parametrize("response", [[0], [5], [1, 1], [True], ["1"], [1.0], "1", 1, None, {"1": 1}])
def test_a_response_of_the_wrong_shape_counts_as_none(response: Any) -> None:
    paper = mark_paper(PAPER, QUESTIONS, dict.fromkeys((1, 2, 3), response))

    assert paper.awarded == paper.answered == 0


def test_a_response_for_an_unknown_slot_is_ignored() -> None:
    assert mark_paper(PAPER, QUESTIONS, RIGHT | {4: [1], -1: [1]}) == mark_paper(PAPER, QUESTIONS, RIGHT)


def test_a_corrected_key_changes_the_marks_and_nothing_else() -> None:
    corrected = QUESTIONS | {10: ask("single_choice", 4, 0)}
    before, after = (mark_paper(PAPER, bank, RIGHT) for bank in (QUESTIONS, corrected))

    assert (before.awarded, after.awarded) == (1083, 833)
    assert before.slots[1:] == after.slots[1:]


def test_an_empty_paper_has_no_marks() -> None:
    paper = mark_paper(Layout((), 30), {}, {1: [1]})

    assert (paper.slots, paper.sections, paper.awarded, paper.possible) == ((), (), 0, 0)


def test_json_has_the_marks_of_every_slot() -> None:
    assert mark_paper(PAPER, QUESTIONS, {1: [1]}).as_json() == {
        "awarded": 250,
        "possible": 1083,
        "slots": [
            {"slot": 1, "question_id": 10, "awarded": 250, "possible": 250, "answered": True},
            {"slot": 2, "question_id": 20, "awarded": 0, "possible": 500, "answered": False},
            {"slot": 3, "question_id": 30, "awarded": 0, "possible": 333, "answered": False},
        ],
    }


@st.composite
def papers(draw: st.DrawFn) -> tuple[Layout, dict[int, Question]]:
    questions: dict[int, Question] = {}
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["single_choice", "multiple_response", "true_false"]))
        count = 2 if kind == "true_false" else draw(st.integers(2, 5))
        right = draw(st.integers(1, count - 1)) if kind == "multiple_response" else 1
        questions[number] = ask(kind, count, *draw(st.permutations(range(count)))[:right])
    drawn = [Drawn(draw(st.sampled_from("AB")), number, draw(st.integers(0, 2000))) for number in questions]
    return Layout(arrange(drawn, questions, random.Random(draw(st.integers()))), 30), questions


anything = st.lists(st.integers(-1, 6), max_size=4) | st.none() | st.booleans() | st.text(max_size=2)


@given(papers(), st.dictionaries(st.integers(0, 8), anything))
@settings(max_examples=100)
def test_marks_are_bounded_and_repeatable_and_add_up(
    paper: tuple[Layout, dict[int, Question]], responses: dict[int, Any]
) -> None:
    layout, questions = paper
    marks = mark_paper(layout, questions, responses)

    assert marks == mark_paper(layout, questions, dict(reversed(responses.items())))
    assert all(0 <= mark.awarded <= mark.possible for mark in marks.slots)
    assert all(mark.answered or mark.awarded == 0 for mark in marks.slots)
    assert marks.awarded == sum(mark.awarded for mark in marks.slots)
    assert marks.possible == layout.points == sum(section.possible for section in marks.sections)
    assert [mark.slot for mark in marks.slots] == [slot.number for slot in layout.slots]


@given(papers())
@settings(max_examples=60)
def test_answering_by_the_key_earns_everything(paper: tuple[Layout, dict[int, Question]]) -> None:
    layout, questions = paper
    responses = {
        slot.number: [place for place, i in enumerate(slot.order, 1) if questions[slot.question_id].options[i].correct]
        for slot in layout.slots
    }
    marks = mark_paper(layout, questions, responses)

    assert marks.awarded == layout.points
    assert marks.right == len(layout.slots)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fraction(0), 0), (Fraction(1, 2), 1), (Fraction(499, 1000), 0), (Fraction(5, 2), 3), (Fraction(1000), 1000)],
)
def test_halves_are_rounded_upward(value: Fraction, expected: int) -> None:
    assert round_half_up(value) == expected


@pytest.mark.parametrize(
    ("awarded", "possible", "expected"),
    [(0, 0, Fraction(0)), (0, 100, Fraction(0)), (100, 100, Fraction(100)), (1, 3, Fraction(100, 3))],
)
def test_percent_is_exact(awarded: int, possible: int, expected: Fraction) -> None:
    assert percent(awarded, possible) == expected


@pytest.mark.parametrize(
    ("awarded", "possible", "pass_percent", "expected"),
    [
        (5000, 10_000, 50, True),
        (4999, 10_000, 50, False),
        (2, 3, 67, False),
        (67, 100, 67, True),
        # 0.57 × 100 is 56.99… in binary fractions; integers know better.
        (57, 100, 57, True),
        (29, 100, 29, True),
        (0, 100, 0, True),
        (0, 0, 0, False),
        (0, 0, 50, False),
        (10**18 - 1, 2 * 10**18, 50, False),
    ],
)
def test_passing_is_decided_before_rounding(awarded: int, possible: int, pass_percent: int, expected: bool) -> None:
    assert passes(awarded, possible, pass_percent) is expected


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(0, 100))
def test_passing_agrees_with_the_percentage(awarded: int, possible: int, pass_percent: int) -> None:
    assert passes(awarded, possible, pass_percent) == (percent(awarded, possible) >= pass_percent)
