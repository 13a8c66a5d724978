"""A text with gaps: drop-downs and typed answers.

The stem holds ``[[1]]``, ``[[2]]``, …, each once. ``details["gaps"]`` has for each of them one of
``{"choices": [{"text", "correct", "share"?}]}``, ``{"accepted": […], "match_case"?, "match_marks"?}`` as in
:mod:`short_text <question_bank.kinds.short_text>`, ``{"numeric": […], "unit"?}`` with the answers of
:mod:`numeric <question_bank.kinds.numeric>` – and optionally ``points``, a weight (1 when absent).

The order holds for each gap the order of its choices; empty for a typed one. Response: for each gap the number of the
choice or the text; 0 or an empty text for none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from question_bank import numbers
from question_bank.kinds import numeric, short_text
from question_bank.kinds.base import FEWEST_OPTIONS, MOST_OPTIONS, Common, Kind, Order, Response
from question_bank.kinds.details import FULL, entries, text_of, thousandths, whole_of
from question_bank.kinds.limits import (
    LONGEST_ANSWER,
    Part,
    check_count,
    check_distinct,
    check_parts,
    check_stem,
    check_written,
    is_typed,
)
from question_bank.kinds.options import is_number, shuffled
from question_bank.messages import N_, Message
from question_bank.question import Option, Question

MARKER = re.compile(r"\[\[([0-9]{1,3})\]\]")
MOST_GAPS = 30
MOST_WEIGHT = 100
Gap = Mapping[str, Any]


class GapText(Common):
    name = "gap_text"
    label = N_("Điền vào chỗ trống")

    def check(self, question: Question) -> list[Message]:
        gaps = entries(question.details, "gaps")
        template = N_("Chỗ trống {number}: {problem}")
        return [
            *check_stem(question),
            *check_count(len(gaps), Message(N_("chỗ trống")), 1, MOST_GAPS),
            *_check_markers(question.stem, len(gaps)),
            *(_check_markers(question.stem_html, len(gaps)) if question.stem_html else []),
            *(
                Message(template, number=number, problem=problem)
                for number, gap in enumerate(gaps, start=1)
                for problem in _check_gap(gap)
            ),
        ]

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        return tuple(shuffled(_options(gap), rng) for gap in entries(question.details, "gaps"))

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        gaps = zip(entries(question.details, "gaps"), order, strict=True)
        return {"gaps": [_shown(gap, places) for gap, places in gaps]}

    def accepts(self, response: Any, order: Order) -> bool:
        if not isinstance(response, list):
            return False
        return not response or (
            len(response) == len(order)
            and all(
                is_number(one, len(places), 0) if places else is_typed(one, LONGEST_ANSWER)
                for one, places in zip(response, order, strict=True)
            )
        )

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not response or not self.accepts(response, order):
            return Fraction(0)
        gaps = entries(question.details, "gaps")
        earned = sum(
            weight_of(gap) * thousandths(_found(gap, places, one).share)
            for gap, places, one in zip(gaps, order, response, strict=True)
        )
        total = sum(map(weight_of, gaps))
        return Fraction(earned) / total if total else Fraction(0)

    def solution(self, question: Question, order: Order) -> Response:
        gaps = zip(entries(question.details, "gaps"), order, strict=True)
        return [_solved(gap, places) for gap, places in gaps]

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        if not response or not self.accepts(response, order):
            return []
        gaps = zip(entries(question.details, "gaps"), order, response, strict=True)
        return [f"({number}) {_told(*part) or '—'}" for number, part in enumerate(gaps, start=1)]

    def feedback(self, question: Question, order: Order, response: Response) -> list[str]:
        if not response or not self.accepts(response, order):
            return []
        gaps = zip(entries(question.details, "gaps"), order, response, strict=True)
        said = [_found(*part).feedback for part in gaps]
        return [f"({number}) {text}" for number, text in enumerate(said, start=1) if text]

    def texts(self, question: Question) -> list[str]:
        return [text for gap in entries(question.details, "gaps") for text in _texts(gap)]


def weight_of(gap: Gap) -> int:
    return max(0, whole_of(gap, "points", 1))


def _options(gap: Gap) -> list[Option]:
    """The choices of a drop-down; none for a typed gap."""
    return [
        Option(
            text_of(one, "text"),
            correct=one.get("correct") is True,
            pinned=one.get("pinned") is True,
            feedback=text_of(one, "feedback"),
            share=whole_of(one, "share", FULL if one.get("correct") is True else 0),
        )
        for one in entries(gap, "choices")
    ]


def _shown(gap: Gap, places: Order) -> dict[str, Any]:
    if not places:
        return {"typed": "number" if "numeric" in gap else "text"}
    options = _options(gap)
    return {"choices": [options[index].text for index in places]}


def _found(gap: Gap, places: Order, answer: int | str) -> numeric.Found:
    if places:
        if not isinstance(answer, int) or answer == 0:
            return numeric.Found()
        option = _options(gap)[places[answer - 1]]
        return numeric.Found(option.share or 0, option.feedback)
    text = str(answer)
    if "numeric" in gap:
        return numeric.best(entries(gap, "numeric"), numbers.readings(text, text_of(gap, "unit")))
    return short_text.best(gap, text)


def _solved(gap: Gap, places: Order) -> int | str:
    if places:
        options = _options(gap)
        full = (number for number, index in enumerate(places, start=1) if (options[index].share or 0) >= FULL)
        return next(full, 0)
    return numeric.solved(entries(gap, "numeric")) if "numeric" in gap else short_text.solved(gap)


def _told(gap: Gap, places: Order, answer: int | str) -> str:
    if isinstance(answer, str):
        return answer.strip()
    return _options(gap)[places[answer - 1]].text if answer else ""


def _texts(gap: Gap) -> list[str]:
    typed = [text_of(one, "text") for one in entries(gap, "accepted")]
    counted = [numeric.told(one) for one in entries(gap, "numeric")]
    return [option.text for option in _options(gap)] + typed + counted


def _check_markers(text: str, gaps: int) -> list[Message]:
    """Every gap has its place and every place its gap."""
    found = [int(number) for number in MARKER.findall(text)]
    wanted = set(range(1, gaps + 1))
    problems = []
    for numbers_, template in (
        (wanted - set(found), N_("Phần hỏi thiếu chỗ trống {marks}: cần ghi vào đúng vị trí trong câu.")),
        (
            set(found) - wanted,
            N_("Chỗ trống {marks} trong phần hỏi chưa có đáp án: cần nhập đáp án hoặc xóa khỏi câu."),
        ),
        ({one for one in found if found.count(one) > 1}, N_("Chỗ trống {marks} xuất hiện nhiều lần: chỉ ghi một lần.")),
    ):
        if numbers_:
            problems.append(Message(template, marks=", ".join(f"[[{number}]]" for number in sorted(numbers_))))
    return problems


def _check_gap(gap: Gap) -> list[Message]:
    problems = []
    if not 1 <= whole_of(gap, "points", 1) <= MOST_WEIGHT:
        template = N_("trọng số phải là số nguyên từ 1 đến {most}.")
        problems.append(Message(template, most=MOST_WEIGHT))
    forms = [form for form in ("choices", "accepted", "numeric") if form in gap]
    if len(forms) != 1:
        return [*problems, Message(N_("chưa rõ cách trả lời: cần chọn danh sách, chữ hoặc số."))]
    if forms == ["numeric"]:
        return problems + numeric.check_answers(entries(gap, "numeric"))
    return problems + (short_text.check_accepted(gap) if forms == ["accepted"] else _check_choices(gap))


def _check_choices(gap: Gap) -> list[Message]:
    options = _options(gap)
    parts = [
        Part(Message(N_("Lựa chọn {number}"), number=number), option.text)
        for number, option in enumerate(options, start=1)
    ]
    problems = [
        *check_count(len(parts), Message(N_("lựa chọn")), FEWEST_OPTIONS, MOST_OPTIONS * 2),
        *check_written(parts),
        *check_distinct(parts),
        *check_parts(parts, LONGEST_ANSWER),
    ]
    right = [option for option in options if option.correct]
    if len(right) != 1 or right[0].share != FULL or any(o.share == FULL and not o.correct for o in options):
        problems.append(Message(N_("cần đúng một lựa chọn đúng, được 100 % điểm.")))
    return problems


KIND: Kind = GapText()
