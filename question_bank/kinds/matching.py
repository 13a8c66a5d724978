"""Pairs to be found: for each item on the left one of the choices on the right.

``details``: ``{"pairs": [{"left", "right", "left_html"?, "right_html"?}], "extra": [{"text", "html"?}], "scoring"}``.
The choices are the different right sides and the extra ones. ``scoring`` is ``each`` (when absent: a part for every
item) or ``all``. The order is two tuples, of the items and of the choices; the choices are numbered in the order of
their texts, not of the pairs, which would give the pairs away. Response: for each item as displayed the number of
its choice, 0 for none.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from question_bank.kinds.base import Common, Kind, Order, Response, comparable, letter
from question_bank.kinds.details import entries, scoring_of, text_of
from question_bank.kinds.limits import (
    Part,
    check_count,
    check_distinct,
    check_parts,
    check_scoring,
    check_stem,
    check_written,
)
from question_bank.kinds.options import is_number, mixed
from question_bank.messages import N_, Message
from question_bank.question import Question

EACH, ALL = "each", "all"
SCORINGS = (EACH, ALL)
MOST_PAIRS, MOST_CHOICES = 12, 20


@dataclass(frozen=True, slots=True)
class Side:
    text: str
    html: str = ""


class Matching(Common):
    name = "matching"
    label = N_("Ghép cặp")

    def check(self, question: Question) -> list[Message]:
        pairs = entries(question.details, "pairs")
        lefts = [_part(N_("Vế trái {number}"), number, pair, "left") for number, pair in enumerate(pairs, start=1)]
        rights = [_part(N_("Vế phải {number}"), number, pair, "right") for number, pair in enumerate(pairs, start=1)]
        extra = enumerate(entries(question.details, "extra"), start=1)
        others = [_part(N_("Phương án thêm {number}"), number, one, "") for number, one in extra]
        different = list({comparable(part.text): part for part in reversed(rights)}.values())
        return [
            *check_stem(question),
            *check_count(len(pairs), Message(N_("cặp")), 2, MOST_PAIRS),
            *check_count(len(choices_of(question)), Message(N_("lựa chọn khác nhau ở vế phải")), 2, MOST_CHOICES),
            *check_written([*lefts, *rights, *others]),
            *check_distinct(lefts),
            *check_distinct([*reversed(different), *others]),
            *check_parts([*lefts, *rights, *others]),
            *check_scoring(scoring_of(question.details, EACH), SCORINGS),
        ]

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        return mixed(len(entries(question.details, "pairs")), rng), mixed(len(choices_of(question)), rng)

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        lefts, choices = lefts_of(question), choices_of(question)
        return {
            "left": [lefts[index].text for index in order[0]],
            "left_html": [lefts[index].html for index in order[0]],
            "choices": [choices[index].text for index in order[1]],
            "choices_html": [choices[index].html for index in order[1]],
        }

    def accepts(self, response: Any, order: Order) -> bool:
        if not isinstance(response, list):
            return False
        items, choices = map(len, order)
        return not response or (len(response) == items and all(is_number(one, choices, 0) for one in response))

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not response or not self.accepts(response, order):
            return Fraction(0)
        right = sum(one == wanted for one, wanted in zip(response, self.solution(question, order), strict=True))
        if scoring_of(question.details, EACH) == ALL:
            return Fraction(int(right == len(response)))
        return Fraction(right, len(response))

    def solution(self, question: Question, order: Order) -> Response:
        rights = [comparable(text_of(pair, "right")) for pair in entries(question.details, "pairs")]
        keys = [comparable(choice.text) for choice in choices_of(question)]
        place = {keys[index]: number for number, index in enumerate(order[1], start=1)}
        return [place[rights[index]] for index in order[0]]

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        if not response or not self.accepts(response, order):
            return []
        lefts, choices = lefts_of(question), choices_of(question)
        told = ["—", *(f"{letter(place)}. {choices[index].text}" for place, index in enumerate(order[1]))]
        return [f"{lefts[index].text} → {told[one]}" for index, one in zip(order[0], response, strict=True)]

    def texts(self, question: Question) -> list[str]:
        return [side.text for side in [*lefts_of(question), *choices_of(question)]]


def lefts_of(question: Question) -> list[Side]:
    return [_side(pair, "left") for pair in entries(question.details, "pairs")]


def choices_of(question: Question) -> list[Side]:
    """The different choices, in the order of their texts: it must not tell which belongs to which item."""
    sides = [_side(pair, "right") for pair in entries(question.details, "pairs")]
    sides += [_side(one, "") for one in entries(question.details, "extra")]
    ordered = sorted(sides, key=lambda side: (comparable(side.text), side.text, side.html), reverse=True)
    different = {comparable(side.text): side for side in ordered}
    return [different[key] for key in sorted(different)]


def _side(entry: Mapping[str, Any], name: str) -> Side:
    return Side(text_of(entry, name or "text"), text_of(entry, f"{name}_html" if name else "html"))


def _part(template: str, number: int, entry: Mapping[str, Any], name: str) -> Part:
    side = _side(entry, name)
    return Part(Message(template, number=number), side.text, side.html)


KIND: Kind = Matching()
