"""Several right answers.

``details["scoring"]``, with k right options:

- ``all_or_nothing`` (when absent): everything for exactly the right options, so that guessing a part never pays;
- ``per_right``: 1/k for each right option, nothing when more than k are ticked;
- ``right_minus_wrong``: 1/k for each right option, less 1/k for each wrong one, never below 0;
- ``weights``: the sum of the shares of what is ticked, of the sum of all positive ones, never below 0. Where the
  negative ones do not outweigh the positive ones, nothing when more than k are ticked.

Whatever the scoring, ticking everything earns nothing. Response: ``[number, …]``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from question_bank.kinds.base import Kind, Order, Response
from question_bank.kinds.details import FULL, scoring_of, within_bounds
from question_bank.kinds.limits import check_scoring, check_stem
from question_bank.kinds.options import WithOptions, check_options, chosen, distinct_choices
from question_bank.kinds.weights import WEIGHTS, check_key, check_weights, weight
from question_bank.messages import N_, Message
from question_bank.question import Question

ALL_OR_NOTHING = "all_or_nothing"


class MultipleResponse(WithOptions):
    name = "multiple_response"
    label = N_("Nhiều lựa chọn")

    def check(self, question: Question) -> list[Message]:
        return (
            check_stem(question) + check_options(question) + self._check_key(question) + self._check_scoring(question)
        )

    def _check_key(self, question: Question) -> list[Message]:
        if not question.key:
            return [Message(N_("Câu hỏi chưa có đáp án đúng: cần đánh dấu các phương án đúng."))]
        if len(question.key) == len(question.options):
            template = N_(
                "Mọi phương án đều được đánh dấu đúng: chọn hết không bao giờ được điểm, "
                "cần có ít nhất một phương án sai."
            )
            return [Message(template)]
        return []

    def _check_scoring(self, question: Question) -> list[Message]:
        scoring = scoring_of(question.details, ALL_OR_NOTHING)
        problems = check_scoring(scoring, SCORINGS)
        if scoring != WEIGHTS:
            return problems
        problems = check_weights(question)
        if problems:
            return problems
        right = [index for index, option in enumerate(question.options) if weight(option) > 0]
        total = sum(weight(question.options[index]) for index in right)
        if abs(total - FULL) > len(right):  # thirds are rounded
            template = N_("Tổng trọng số của các phương án đúng là {total} %: cần đúng 100 %.")
            problems.append(Message(template, total=f"{total / 10:g}".replace(".", ",")))
        return problems + check_key(question, right)

    def accepts(self, response: Any, order: Order) -> bool:
        return distinct_choices(response, len(order))

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not self.accepts(response, order) or not 0 < len(response) < len(order):
            return Fraction(0)
        how = SCORINGS.get(scoring_of(question.details, ALL_OR_NOTHING))
        return how(question, chosen(order, response)) if how and question.key else Fraction(0)


def _exactly(question: Question, picked: tuple[int, ...]) -> Fraction:
    return Fraction(int(picked == question.key))


def _per_right(question: Question, picked: tuple[int, ...]) -> Fraction:
    key = len(question.key)
    return Fraction(len(set(picked) & set(question.key)), key) if len(picked) <= key else Fraction(0)


def _right_minus_wrong(question: Question, picked: tuple[int, ...]) -> Fraction:
    right = len(set(picked) & set(question.key))
    return within_bounds(Fraction(2 * right - len(picked), len(question.key)))


def _weighed(question: Question, picked: tuple[int, ...]) -> Fraction:
    weights = [weight(option) for option in question.options]
    positive = [one for one in weights if one > 0]
    if not positive or (sum(weights) > 0 and len(picked) > len(positive)):
        return Fraction(0)
    return within_bounds(Fraction(sum(weights[index] for index in picked), sum(positive)))


SCORINGS: dict[str, Callable[[Question, tuple[int, ...]], Fraction]] = {
    ALL_OR_NOTHING: _exactly,
    "per_right": _per_right,
    "right_minus_wrong": _right_minus_wrong,
    WEIGHTS: _weighed,
}

KIND: Kind = MultipleResponse()
