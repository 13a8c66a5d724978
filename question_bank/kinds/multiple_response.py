"""Several right answers: the points are earned by choosing exactly these."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from question_bank.kinds.base import Kind, Order, Response
from question_bank.kinds.limits import check_stem
from question_bank.kinds.options import WithOptions, check_options, chosen, distinct_choices
from question_bank.messages import N_, Message
from question_bank.question import Question


class MultipleResponse(WithOptions):
    name = "multiple_response"
    label = N_("Nhiều lựa chọn")

    def check(self, question: Question) -> list[Message]:
        return check_stem(question) + check_options(question) + self._check_key(question)

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

    def accepts(self, response: Any, order: Order) -> bool:
        return distinct_choices(response, len(order))

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        """All or nothing, so that guessing a part never pays; ticking everything earns nothing."""
        if not self.accepts(response, order) or not 0 < len(response) < len(order):
            return Fraction(0)
        return Fraction(int(chosen(order, response) == question.key))


KIND: Kind = MultipleResponse()
