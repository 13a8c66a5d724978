"""A statement that is right or wrong."""

from __future__ import annotations

import random
import unicodedata
from fractions import Fraction

from question_bank.kinds.base import Kind, Order, Response
from question_bank.kinds.limits import check_stem
from question_bank.kinds.options import WithOptions, chosen
from question_bank.messages import N_, Message
from question_bank.question import Question

TRUE, FALSE = "Đúng", "Sai"


class TrueFalse(WithOptions):
    name = "true_false"
    label = N_("Đúng/Sai")
    lettered = False

    def check(self, question: Question) -> list[Message]:
        return check_stem(question) + self._check_options(question) + self._check_key(question)

    def _check_options(self, question: Question) -> list[Message]:
        if [unicodedata.normalize("NFC", option.text) for option in question.options] == [TRUE, FALSE]:
            return []
        template = N_("Câu Đúng/Sai chỉ gồm hai phương án theo thứ tự “{true}”, “{false}”.")
        return [Message(template, true=TRUE, false=FALSE)]

    def _check_key(self, question: Question) -> list[Message]:
        if not question.key:
            return [Message(N_("Câu hỏi chưa có đáp án đúng: cần chọn “Đúng” hoặc “Sai”."))]
        if len(question.key) > 1:
            return [Message(N_("Câu Đúng/Sai chỉ có một đáp án đúng: cần giữ “Đúng” hoặc “Sai”."))]
        return []

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        """Always "Đúng" before "Sai": readers expect it."""
        return tuple(range(len(question.options)))

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not self.accepts(response, order):
            return Fraction(0)
        return Fraction(int(any(question.options[index].correct for index in chosen(order, response))))


KIND: Kind = TrueFalse()
