"""Made-up answers of every kind: right, or wrong in a way that people are wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from question_bank.kinds import get_kind
from question_bank.kinds.base import Order, Response
from question_bank.kinds.case import Case
from question_bank.question import Question

ESSAY = "Tiếp nhận, kiểm tra hồ sơ, hướng dẫn bổ sung một lần, xử lý đúng hạn và trả lời bằng văn bản. (Bài làm mẫu.)"


def make_up(question: Question, order: Order, right: bool, rng: random.Random) -> Response:
    """What somebody answers who knows it, or who does not."""
    kind = get_kind(question.kind)
    if kind.marked_by_people:
        return [ESSAY]
    if isinstance(kind, Case):
        parts = zip(kind.parts(question), order, strict=True)
        return [make_up(part, own, right or rng.random() < 0.5, rng) for part, (_name, own) in parts]
    solution = kind.solution(question, order)
    return solution if right else WRONG[question.kind](solution, order, rng)


def _other_option(solution: Response, order: Order, rng: random.Random) -> Response:
    others = [number for number in range(1, len(order) + 1) if number not in solution]
    return [rng.choice(others)] if others else [1]


def _one_misjudged(solution: Response, order: Order, rng: random.Random) -> Response:
    wrong = rng.randrange(len(solution))
    return [3 - one if place == wrong else one for place, one in enumerate(solution)]


def _two_swapped(solution: Response, order: Order, rng: random.Random) -> Response:
    first = rng.randrange(len(solution) - 1)
    swapped = list(solution)
    swapped[first], swapped[first + 1] = swapped[first + 1], swapped[first]
    return swapped


def _other_number(solution: Response, order: Order, rng: random.Random) -> Response:
    return [str(rng.randrange(2, 90))]


def _other_words(solution: Response, order: Order, rng: random.Random) -> Response:
    return ["không nhớ rõ (mẫu)"]


def _one_gap_wrong(solution: Response, order: Order, rng: random.Random) -> Response:
    wrong = rng.randrange(len(solution))
    return [_wrong_part(one) if place == wrong else one for place, one in enumerate(solution)]


def _wrong_part(answer: Any) -> Any:
    if isinstance(answer, int):
        return 2 if answer == 1 else 1
    return "không nhớ rõ (mẫu)"


WRONG: dict[str, Callable[[Response, Any, random.Random], Response]] = {
    "single_choice": _other_option,
    "multiple_response": _other_option,
    "true_false": _other_option,
    "true_false_cluster": _one_misjudged,
    "matching": _two_swapped,
    "ordering": _two_swapped,
    "numeric": _other_number,
    "short_text": _other_words,
    "gap_text": _one_gap_wrong,
}
