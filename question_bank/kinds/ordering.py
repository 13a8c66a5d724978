"""Items to be put into their order.

``details``: ``{"items": [{"text", "html"?}] in the right order, "scoring"}``; ``scoring`` is ``exact`` (when absent) or
``pairs``, the share of neighbours that follow each other as they should. Response: the displayed numbers in the order
the candidate gives them. An untouched question is ``[]``, so the answer widget has to say when the order displayed
is meant as the answer.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

from question_bank.kinds.base import Common, Kind, Order, Response, comparable
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
from question_bank.kinds.options import distinct_choices, mixed
from question_bank.messages import N_, Message
from question_bank.question import Question

EXACT, PAIRS = "exact", "pairs"
SCORINGS = (EXACT, PAIRS)
MOST_ITEMS = 12


class Ordering(Common):
    name = "ordering"
    label = N_("Sắp xếp thứ tự")

    def check(self, question: Question) -> list[Message]:
        parts = [
            Part(Message(N_("Mục {number}"), number=number), text_of(item, "text"), text_of(item, "html"))
            for number, item in enumerate(entries(question.details, "items"), start=1)
        ]
        return [
            *check_stem(question),
            *check_count(len(parts), Message(N_("mục cần sắp xếp")), 2, MOST_ITEMS),
            *check_written(parts),
            *check_distinct(parts),
            *check_parts(parts),
            *check_scoring(scoring_of(question.details, EXACT), SCORINGS),
        ]

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        """Mixed from the order of the texts: the right order must make no difference to what is displayed."""
        by_text = sorted(range(len(texts := self.texts(question))), key=lambda index: (comparable(texts[index]), index))
        return tuple(by_text[place] for place in mixed(len(by_text), rng))

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        items = entries(question.details, "items")
        return {
            "items": [text_of(items[index], "text") for index in order],
            "items_html": [text_of(items[index], "html") for index in order],
        }

    def accepts(self, response: Any, order: Order) -> bool:
        return distinct_choices(response, len(order)) and len(response) in {0, len(order)}

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not response or not self.accepts(response, order):
            return Fraction(0)
        given = [order[number - 1] for number in response]
        if scoring_of(question.details, EXACT) != PAIRS or len(given) < 2:
            return Fraction(int(given == sorted(given)))
        return Fraction(sum(after == before + 1 for before, after in pairwise(given)), len(given) - 1)

    def solution(self, question: Question, order: Order) -> Response:
        return [order.index(place) + 1 for place in range(len(order))]

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        if not response or not self.accepts(response, order):
            return []
        texts = self.texts(question)
        return [f"{place}. {texts[order[number - 1]]}" for place, number in enumerate(response, start=1)]

    def texts(self, question: Question) -> list[str]:
        return [text_of(item, "text") for item in entries(question.details, "items")]


KIND: Kind = Ordering()
