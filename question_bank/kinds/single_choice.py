"""One right answer among several."""

from __future__ import annotations

from fractions import Fraction

from question_bank.kinds.base import Kind, Order, Response, letter
from question_bank.kinds.limits import check_stem
from question_bank.kinds.options import WithOptions, check_options, chosen
from question_bank.messages import N_, Message
from question_bank.question import Question


class SingleChoice(WithOptions):
    name = "single_choice"
    label = N_("Một lựa chọn")

    def check(self, question: Question) -> list[Message]:
        return check_stem(question) + check_options(question) + self._check_key(question)

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

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not self.accepts(response, order):
            return Fraction(0)
        return Fraction(int(any(question.options[index].correct for index in chosen(order, response))))


KIND: Kind = SingleChoice()
