"""A text that people mark.

``details``: ``{"rubric": [{"text", "points" (thousandths)}], "words", "lines"}`` – ``words``: the most words, or null;
``lines``: how many lines there are to write on in print. The rubric is for the markers and not for the candidate.

Response: ``["bài viết"]``.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from question_bank.kinds.base import Common, Kind, Order, Response
from question_bank.kinds.details import entries, text_of, whole_of
from question_bank.kinds.limits import Part, check_parts, check_stem, check_written
from question_bank.kinds.numeric import is_one_text, typed
from question_bank.messages import N_, Message
from question_bank.question import Question

LONGEST = 8_000
MOST_WORDS = 1_500
"""As many fit into the characters that are taken."""


class Essay(Common):
    name = "essay"
    label = N_("Tự luận")
    marked_by_people = True

    def check(self, question: Question) -> list[Message]:
        rubric = entries(question.details, "rubric")
        parts = [
            Part(Message(N_("Ý chấm {number}"), number=number), text_of(one, "text"))
            for number, one in enumerate(rubric, start=1)
        ]
        problems = [*check_stem(question), *check_written(parts), *check_parts(parts)]
        for part, one in zip(parts, rubric, strict=True):
            if whole_of(one, "points", 0) <= 0:
                problems.append(Message(N_("{part} chưa có điểm: cần nhập số điểm lớn hơn 0."), part=part.name))
        words = question.details.get("words")
        if words is not None and (type(words) is not int or not 1 <= words <= MOST_WORDS):
            template = N_("Số từ tối đa phải từ 1 đến {most}; để trống nếu không giới hạn.")
            problems.append(Message(template, most=MOST_WORDS))
        return problems

    def advice(self, question: Question) -> list[Message]:
        rubric = entries(question.details, "rubric")
        if not rubric:
            return [Message(N_("Câu tự luận chưa có hướng dẫn chấm: nên ghi các ý và điểm để người chấm thống nhất."))]
        if sum(whole_of(one, "points", 0) for one in rubric) != question.points:
            return [Message(N_("Tổng điểm của hướng dẫn chấm khác điểm của câu: người chấm sẽ quy đổi theo tỷ lệ."))]
        return []

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        return ()

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        return {"words": question.details.get("words"), "lines": whole_of(question.details, "lines", 0)}

    def accepts(self, response: Any, order: Order) -> bool:
        return is_one_text(response, LONGEST)

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        return Fraction(0)

    def solution(self, question: Question, order: Order) -> Response:
        return []

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        return typed(response, self.accepts(response, order))

    def texts(self, question: Question) -> list[str]:
        return [text_of(one, "text") for one in entries(question.details, "rubric")]


KIND: Kind = Essay()
