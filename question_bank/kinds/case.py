"""A situation with several questions about it, which travel together.

The stem tells the situation. ``details["questions"]`` holds questions as JSON (:meth:`Question.as_json`), of any kind
but case and essay, each with its own points; what the case is worth is shared in proportion to these. The order is
``((kind, order), …)``: sub-questions keep their sequence, because one may build on another. Response: the responses
of the sub-questions.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from question_bank.kinds.base import Common, Kind, Order, Response
from question_bank.kinds.details import entries
from question_bank.kinds.limits import check_count, check_stem
from question_bank.messages import N_, Message
from question_bank.question import Question

MOST_QUESTIONS = 20


class Case(Common):
    name = "case"
    label = N_("Tình huống nhiều câu hỏi")

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        """``kinds`` are those a sub-question may be of."""
        self._kinds = kinds

    def parts(self, question: Question) -> list[Question]:
        """The sub-questions; what cannot be read as one is left out, and told by :meth:`check`."""
        read = (_read(data) for data in entries(question.details, "questions"))
        return [part for part in read if part is not None and part.kind in self._kinds]

    def check(self, question: Question) -> list[Message]:
        template = N_("Câu nhỏ {number}: {problem}")
        return [
            *check_stem(question),
            *check_count(len(self.parts(question)), Message(N_("câu nhỏ")), 1, MOST_QUESTIONS),
            *(
                Message(template, number=number, problem=problem)
                for number, data in enumerate(entries(question.details, "questions"), start=1)
                for problem in self._check_part(_read(data))
            ),
        ]

    def _check_part(self, part: Question | None) -> list[Message]:
        if part is None:
            return [Message(N_("không đọc được: cần soạn lại câu này."))]
        if part.kind not in self._kinds:
            return [Message(N_("loại câu hỏi này không đặt được trong tình huống: cần chọn loại khác."))]
        problems = self._kinds[part.kind].check(part)
        if part.points <= 0:
            problems.append(Message(N_("điểm phải lớn hơn 0.")))
        return problems

    def advice(self, question: Question) -> list[Message]:
        template = N_("Câu nhỏ {number}: {problem}")
        return [
            Message(template, number=number, problem=problem)
            for number, part in enumerate(self.parts(question), start=1)
            for problem in self._kinds[part.kind].advice(part)
        ]

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        return tuple((part.kind, self._kinds[part.kind].shuffle(part, rng)) for part in self.parts(question))

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        return {
            "questions": [
                {
                    "kind": part.kind,
                    "stem": part.stem,
                    "stem_html": part.stem_html,
                    "points": part.points,
                    **kind.show(part, own),
                }
                for part, kind, own in self._each(question, order)
            ]
        }

    def accepts(self, response: Any, order: Order) -> bool:
        if not isinstance(response, list):
            return False
        return not response or (
            len(response) == len(order)
            and all(
                name in self._kinds and self._kinds[name].accepts(one, own)
                for one, (name, own) in zip(response, order, strict=True)
            )
        )

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not response or not self.accepts(response, order):
            return Fraction(0)
        parts = self._each(question, order)
        earned = sum(
            (part.points * kind.mark(part, own, one) for (part, kind, own), one in zip(parts, response, strict=True)),
            Fraction(0),
        )
        total = sum(part.points for part, _, _ in parts)
        return earned / total if total > 0 else Fraction(0)

    def solution(self, question: Question, order: Order) -> Response:
        return [kind.solution(part, own) for part, kind, own in self._each(question, order)]

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        if not response or not self.accepts(response, order):
            return []
        parts = zip(self._each(question, order), response, strict=True)
        lines = [kind.describe(part, own, one) for (part, kind, own), one in parts]
        return [f"{number}. {'; '.join(told) or '—'}" for number, told in enumerate(lines, start=1)]

    def feedback(self, question: Question, order: Order, response: Response) -> list[str]:
        if not response or not self.accepts(response, order):
            return []
        parts = zip(self._each(question, order), response, strict=True)
        return [text for (part, kind, own), one in parts for text in kind.feedback(part, own, one)]

    def texts(self, question: Question) -> list[str]:
        return [
            text for part in self.parts(question) for text in [part.stem, *self._kinds[part.kind].texts(part)] if text
        ]

    def _each(self, question: Question, order: Order) -> list[tuple[Question, Kind, Order]]:
        return [(part, self._kinds[name], own) for part, (name, own) in zip(self.parts(question), order, strict=True)]


def _read(data: Mapping[str, Any]) -> Question | None:
    try:
        return Question.read(data)
    except ValueError:
        return None
