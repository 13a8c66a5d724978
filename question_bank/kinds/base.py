"""What every kind of question can do, and what the kinds with options share."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

from question_bank.kinds.places import places_kept_together
from question_bank.messages import N_, Message
from question_bank.question import Question

Response = list[int]
"""Numbers of the chosen options as displayed on the candidate's paper, counted from 1; empty = not answered."""

Order = tuple[int, ...]
"""``order[d]`` is the index in ``question.options`` of what is displayed at place ``d`` (both from 0)."""

FEWEST_OPTIONS = 2
MOST_OPTIONS = 10


class Kind(Protocol):
    name: str
    label: str
    """Vietnamese, translatable."""

    def check(self, question: Question) -> list[Message]:
        """What is wrong with the question as written, as Vietnamese messages; empty when it may be approved."""

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        """An order of the options; pinned ones keep their place. Never depends on which option is right."""

    def accepts(self, response: Any, options: int) -> bool:
        """Whether ``response`` has the shape this kind takes, for a question of so many options."""

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        """The share of the points earned, 0 to 1, exact; an answer of the wrong shape earns 0."""


def letter(index: int) -> str:
    """The letter an option carries on paper: A for 0; past Z, its number."""
    return chr(ord("A") + index) if index < 26 else str(index + 1)


def comparable(text: str) -> str:
    """The form in which two texts are the same to a reader: composed, without case, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def check_stem(question: Question) -> list[Message]:
    if question.stem.strip():
        return []
    return [Message(N_("Câu hỏi chưa có nội dung: cần nhập phần hỏi."))]


def check_options(question: Question) -> list[Message]:
    """How many options, none empty, no two the same."""
    count = len(question.options)
    problems = []
    if count < FEWEST_OPTIONS:
        template = N_("Câu hỏi có {count} phương án: cần ít nhất {fewest} phương án.")
        problems.append(Message(template, count=count, fewest=FEWEST_OPTIONS))
    if count > MOST_OPTIONS:
        template = N_("Câu hỏi có {count} phương án: chỉ nhận tối đa {most} phương án.")
        problems.append(Message(template, count=count, most=MOST_OPTIONS))
    return problems + _check_texts([option.text for option in question.options])


def _check_texts(texts: Sequence[str]) -> list[Message]:
    problems = []
    first_seen: dict[str, int] = {}
    for index, text in enumerate(map(comparable, texts)):
        if not text:
            template = N_("Phương án {letter} để trống: cần nhập nội dung hoặc xóa phương án này.")
            problems.append(Message(template, letter=letter(index)))
        elif text in first_seen:
            template = N_("Phương án {first} và {second} giống nhau: cần sửa hoặc xóa một trong hai.")
            problems.append(Message(template, first=letter(first_seen[text]), second=letter(index)))
        else:
            first_seen[text] = index
    return problems


def shuffled(question: Question, rng: random.Random) -> Order:
    """Fisher–Yates over the options that may change places with each other.

    It reads texts and pins only, and draws the same numbers from ``rng`` whichever option is right.
    """
    order = list(range(len(question.options)))
    for places in places_kept_together(question.options):
        for last in range(len(places) - 1, 0, -1):
            here, there = places[last], places[rng.randrange(last + 1)]
            order[here], order[there] = order[there], order[here]
    return tuple(order)


def distinct_choices(response: Any, options: int) -> bool:
    """A list of different whole numbers from 1 to ``options``; ``True`` is no number."""
    return (
        isinstance(response, list)
        and all(type(choice) is int and 1 <= choice <= options for choice in response)
        and len(set(response)) == len(response)
    )


def chosen(order: Order, response: Response) -> tuple[int, ...]:
    """What the displayed numbers stand for: indices in ``question.options``, ascending."""
    return tuple(sorted(order[number - 1] for number in response))
