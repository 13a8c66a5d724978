"""What the kinds with options share: checking them, shuffling, showing, reading choices."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from question_bank.kinds.base import FEWEST_OPTIONS, MOST_OPTIONS, Common, Order, Response, comparable, letter
from question_bank.kinds.limits import Part, check_parts
from question_bank.kinds.places import places_kept_together
from question_bank.messages import N_, Message
from question_bank.question import Option, Question


class WithOptions(Common):
    """Options to choose from; a response holds the displayed numbers of those chosen."""

    lettered = True

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        return shuffled(question.options, rng)

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        return {
            "options": [question.options[index].text for index in order],
            "options_html": [question.options[index].html for index in order],
        }

    def accepts(self, response: Any, order: Order) -> bool:
        """One choice at the most; a kind with several takes this over."""
        return distinct_choices(response, len(order)) and len(response) <= 1

    def solution(self, question: Question, order: Order) -> Response:
        return [number for number, index in enumerate(order, start=1) if question.options[index].correct]

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        if not self.accepts(response, order):
            return []
        texts = [(number, question.options[order[number - 1]].text) for number in sorted(response)]
        return [f"{letter(number - 1)}. {text}" if self.lettered else text for number, text in texts]

    def feedback(self, question: Question, order: Order, response: Response) -> list[str]:
        if not self.accepts(response, order):
            return []
        found = (question.options[index].feedback for index in chosen(order, response))
        return [text for text in found if text]

    def texts(self, question: Question) -> list[str]:
        return [option.text for option in question.options]


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
    parts = [
        Part(Message(N_("Phương án {letter}"), letter=letter(index)), option.text, option.html)
        for index, option in enumerate(question.options)
    ]
    return problems + _check_texts([option.text for option in question.options]) + check_parts(parts)


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


def shuffled(options: Sequence[Option], rng: random.Random) -> tuple[int, ...]:
    """Fisher–Yates over the options that may change places with each other.

    It reads texts and pins only, and draws the same numbers from ``rng`` whichever option is right.
    """
    order = list(range(len(options)))
    for places in places_kept_together(options):
        for last in range(len(places) - 1, 0, -1):
            here, there = places[last], places[rng.randrange(last + 1)]
            order[here], order[there] = order[there], order[here]
    return tuple(order)


def mixed(count: int, rng: random.Random) -> tuple[int, ...]:
    """The numbers from 0 in any order."""
    order = list(range(count))
    rng.shuffle(order)
    return tuple(order)


def is_number(value: Any, most: int, fewest: int = 1) -> bool:
    """A whole number from ``fewest`` to ``most``; ``True`` is no number."""
    return type(value) is int and fewest <= value <= most


def distinct_choices(response: Any, options: int) -> bool:
    """A list of different whole numbers from 1 to ``options``."""
    return (
        isinstance(response, list)
        and len(response) <= options
        and all(is_number(choice, options) for choice in response)
        and len(set(response)) == len(response)
    )


def chosen(order: Order, response: Response) -> tuple[int, ...]:
    """What the displayed numbers stand for: indices in ``question.options``, ascending."""
    return tuple(sorted(order[number - 1] for number in response))
