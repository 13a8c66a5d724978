"""Several statements about one thing, each true or false; the marks go by the number judged rightly.

Options are the statements, ``correct`` says that one is true. ``details["table"]`` holds the share in thousandths for
0, 1, … statements judged rightly. For four statements it is, when absent, 0, 100, 250, 500, 1000: the marks of this
kind of question in the national school-leaving exam in its format since 2025, where three of four earn half only, so
that guessing pays little. For any other number the share is in proportion.

Response: one number for each statement as displayed – 1 true, 2 false, 0 not judged.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from question_bank.kinds.base import FEWEST_OPTIONS, MOST_OPTIONS, Kind, Order, Response, letter
from question_bank.kinds.details import FULL, thousandths
from question_bank.kinds.limits import Part, check_count, check_distinct, check_parts, check_stem, check_written
from question_bank.kinds.options import WithOptions, is_number
from question_bank.kinds.true_false import FALSE, TRUE
from question_bank.messages import N_, Message
from question_bank.question import Question

SAYS_TRUE, SAYS_FALSE = 1, 2
TABLE_OF_FOUR = (0, 100, 250, 500, FULL)


class TrueFalseCluster(WithOptions):
    name = "true_false_cluster"
    label = N_("Chùm ý đúng/sai")

    def check(self, question: Question) -> list[Message]:
        parts = [
            Part(Message(N_("Ý {letter}"), letter=letter(index).lower()), option.text, option.html)
            for index, option in enumerate(question.options)
        ]
        return [
            *check_stem(question),
            *check_count(len(parts), Message(N_("ý đúng/sai")), FEWEST_OPTIONS, MOST_OPTIONS),
            *check_written(parts),
            *check_distinct(parts),
            *check_parts(parts),
            *_check_table(question),
        ]

    def advice(self, question: Question) -> list[Message]:
        if len(question.options) < FEWEST_OPTIONS or 0 < len(question.key) < len(question.options):
            return []
        template = N_("Mọi ý đều cùng đúng hoặc cùng sai, dễ bị đoán: nên có cả ý đúng và ý sai.")
        return [Message(template)]

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        return {
            "statements": [question.options[index].text for index in order],
            "statements_html": [question.options[index].html for index in order],
        }

    def accepts(self, response: Any, order: Order) -> bool:
        if not isinstance(response, list):
            return False
        return not response or (len(response) == len(order) and all(is_number(one, SAYS_FALSE, 0) for one in response))

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        if not order or not response or not self.accepts(response, order):
            return Fraction(0)
        right = sum(one == wanted for one, wanted in zip(response, self.solution(question, order), strict=True))
        table = table_of(question)
        return thousandths(table[right]) if table else Fraction(right, len(order))

    def solution(self, question: Question, order: Order) -> Response:
        return [SAYS_TRUE if question.options[index].correct else SAYS_FALSE for index in order]

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        if not response or not self.accepts(response, order):
            return []
        words = ("—", TRUE, FALSE)
        return [
            f"{letter(place).lower()}) {question.options[index].text} — {words[one]}"
            for place, (index, one) in enumerate(zip(order, response, strict=True))
        ]

    def feedback(self, question: Question, order: Order, response: Response) -> list[str]:
        """Said of the statements that were judged wrongly."""
        if not response or not self.accepts(response, order):
            return []
        pairs = zip(order, response, self.solution(question, order), strict=True)
        wrong = (question.options[index].feedback for index, one, wanted in pairs if one != wanted)
        return [text for text in wrong if text]


def table_of(question: Question) -> tuple[int, ...]:
    """The table that counts; empty when the share is in proportion."""
    table = question.details.get("table")
    if table is None:
        return TABLE_OF_FOUR if len(question.options) == len(TABLE_OF_FOUR) - 1 else ()
    sound = isinstance(table, list | tuple) and all(type(one) is int for one in table)
    return tuple(table) if sound and len(table) == len(question.options) + 1 else ()


def _check_table(question: Question) -> list[Message]:
    if question.details.get("table") is None:
        return []
    table = table_of(question)
    if not table:
        template = N_("Bảng điểm cần {count} số nguyên, từ khi đúng 0 ý đến khi đúng cả {most} ý.")
        return [Message(template, count=len(question.options) + 1, most=len(question.options))]
    if table[0] != 0 or table[-1] != FULL:
        return [Message(N_("Bảng điểm phải bắt đầu từ 0 % (không đúng ý nào) và kết thúc ở 100 % (đúng mọi ý)."))]
    if list(table) != sorted(table):
        return [Message(N_("Bảng điểm không được giảm: đúng nhiều ý hơn thì điểm không thấp hơn."))]
    return []


KIND: Kind = TrueFalseCluster()
