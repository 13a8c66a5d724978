"""One right answer among several.

``details``: nothing, or ``{"scoring": "weights"}`` – then every option has its ``share``, the right one 1000, and
an answer earns the share of the option chosen (never below 0). Response: ``[number]``.
"""

from __future__ import annotations

from fractions import Fraction

from question_bank.kinds.base import Kind, Order, Response, letter
from question_bank.kinds.details import FULL, scoring_of, thousandths
from question_bank.kinds.limits import check_scoring, check_stem
from question_bank.kinds.options import WithOptions, check_options, chosen
from question_bank.kinds.weights import WEIGHTS, check_key, check_weights, weight
from question_bank.messages import N_, Message
from question_bank.question import Question

RIGHT = "right"
TELLING_LENGTH = 40
"""A right option at least so long, and half as long again as the longest other, shows itself."""


class SingleChoice(WithOptions):
    name = "single_choice"
    label = N_("Một lựa chọn")

    def check(self, question: Question) -> list[Message]:
        return (
            check_stem(question) + check_options(question) + self._check_key(question) + self._check_scoring(question)
        )

    def _check_key(self, question: Question) -> list[Message]:
        if not question.key:
            return [Message(N_("Câu hỏi chưa có đáp án đúng: cần đánh dấu một phương án đúng."))]
        if len(question.key) > 1:
            template = N_(
                "Câu một lựa chọn có {count} đáp án đúng ({letters}): "
                "chỉ giữ một đáp án đúng hoặc đổi sang loại nhiều lựa chọn."
            )
            letters = ", ".join(map(letter, question.key))
            return [Message(template, count=len(question.key), letters=letters)]
        return []

    def _check_scoring(self, question: Question) -> list[Message]:
        scoring = scoring_of(question.details, RIGHT)
        problems = check_scoring(scoring, (RIGHT, WEIGHTS))
        if scoring != WEIGHTS:
            return problems
        full = (index for index, option in enumerate(question.options) if weight(option) >= FULL)
        return check_weights(question) or check_key(question, full)

    def advice(self, question: Question) -> list[Message]:
        right = [len(option.text) for option in question.options if option.correct]
        wrong = [len(option.text) for option in question.options if not option.correct]
        if len(right) != 1 or not wrong or right[0] < max(TELLING_LENGTH, max(wrong) * 3 // 2):
            return []
        return [
            Message(
                N_("Đáp án đúng dài hơn hẳn các phương án khác, dễ bị đoán: nên viết các phương án dài gần bằng nhau.")
            )
        ]

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not response or not self.accepts(response, order):
            return Fraction(0)
        option = question.options[chosen(order, response)[0]]
        if scoring_of(question.details, RIGHT) == WEIGHTS:
            return thousandths(weight(option))
        return Fraction(int(option.correct))


KIND: Kind = SingleChoice()
