"""A number, typed.

``details``: ``{"answers": [answer, …], "unit": "triệu đồng" or "", "unit_required": false}``. An answer is
``{"value": "12.5", "tolerance": "0.1", "mode": "absolute" | "relative"}`` (relative: 0.05 is 5 % of the value) or
``{"low": "1", "high": "2"}``, both with an optional ``share`` (thousandths, 1000 when absent) and ``feedback``.
Numbers are strings of figures with a decimal point, so that they stay exact. The best answer that fits counts.

Response: ``["12,5"]`` – comma or point, blanks or points between groups of three, the unit behind; where the unit is
required, it is not shown and an answer without it earns nothing. See :mod:`question_bank.numbers`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from question_bank import numbers
from question_bank.kinds.base import Common, Kind, Order, Response
from question_bank.kinds.details import FULL, entries, text_of, thousandths, whole_of
from question_bank.kinds.limits import check_stem, is_typed
from question_bank.messages import N_, Message
from question_bank.question import Question

ABSOLUTE, RELATIVE = "absolute", "relative"
MODES = (ABSOLUTE, RELATIVE)
LONGEST_UNIT = 20
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer earns in thousandths, and what is said to it."""

    share: int = 0
    feedback: str = ""


class Numeric(Common):
    name = "numeric"
    label = N_("Trả lời bằng số")

    def check(self, question: Question) -> list[Message]:
        return [
            *check_stem(question),
            *check_answers(entries(question.details, "answers")),
            *_check_unit(text_of(question.details, "unit"), needed=_needs_unit(question)),
        ]

    def shuffle(self, question: Question, rng: random.Random) -> Order:
        return ()

    def show(self, question: Question, order: Order) -> dict[str, Any]:
        """A unit that must be given is part of the answer; that one is asked for is not."""
        needed = _needs_unit(question)
        return {"unit": "" if needed else text_of(question.details, "unit"), "unit_asked": needed}

    def accepts(self, response: Any, order: Order) -> bool:
        return is_one_text(response, numbers.LONGEST)

    def mark(self, question: Question, order: Order, response: Response) -> Fraction:
        return thousandths(self._found(question, response).share)

    def _found(self, question: Question, response: Response) -> Found:
        if not response or not self.accepts(response, ()):
            return Found()
        unit = text_of(question.details, "unit")
        values = numbers.readings(response[0], unit, unit_required=_needs_unit(question))
        return best(entries(question.details, "answers"), values)

    def solution(self, question: Question, order: Order) -> Response:
        written = solved(entries(question.details, "answers"))
        unit = text_of(question.details, "unit") if _needs_unit(question) else ""
        return [f"{written} {unit}".strip()] if written else []

    def describe(self, question: Question, order: Order, response: Response) -> list[str]:
        return typed(response, self.accepts(response, order))

    def feedback(self, question: Question, order: Order, response: Response) -> list[str]:
        said = self._found(question, response).feedback
        return [said] if said else []

    def texts(self, question: Question) -> list[str]:
        return [written for answer in entries(question.details, "answers") if (written := told(answer))]


def is_one_text(response: Any, longest: int) -> bool:
    return isinstance(response, list) and len(response) <= 1 and all(is_typed(text, longest) for text in response)


def typed(response: Response, accepted: bool) -> list[str]:
    return [text.strip() for text in response if text.strip()] if accepted else []


def best(answers: Iterable[Answer], values: Iterable[Fraction]) -> Found:
    """The answer worth most of those that one of the values fits."""
    values = list(values)
    fitting = [answer for answer in answers if any(_fits(answer, value) for value in values)]
    if not fitting:
        return Found()
    answer = max(fitting, key=lambda one: whole_of(one, "share", FULL))
    return Found(whole_of(answer, "share", FULL), text_of(answer, "feedback"))


def bounds(answer: Answer) -> tuple[Fraction, Fraction] | None:
    """The smallest and the largest number that fits; ``None`` when the answer cannot be read."""
    if "low" in answer or "high" in answer:
        low, high = (numbers.stored(text_of(answer, name)) for name in ("low", "high"))
        return (low, high) if low is not None and high is not None else None
    value, tolerance = numbers.stored(text_of(answer, "value")), numbers.stored(text_of(answer, "tolerance") or "0")
    if value is None or tolerance is None:
        return None
    width = tolerance * abs(value) if text_of(answer, "mode") == RELATIVE else tolerance
    return value - width, value + width


def _fits(answer: Answer, value: Fraction) -> bool:
    found = bounds(answer)
    return found is not None and found[0] <= value <= found[1]


def solved(answers: Iterable[Answer]) -> str:
    """The first answer that earns everything, as it is written here; empty when there is none."""
    full = [answer for answer in answers if whole_of(answer, "share", FULL) >= FULL and bounds(answer)]
    return numbers.with_comma(text_of(full[0], "value") or text_of(full[0], "low")) if full else ""


def told(answer: Answer) -> str:
    """The answer for a person: "12,5 ± 0,1", "12,5 ± 5 %", "1 – 2"."""
    if "low" in answer or "high" in answer:
        return " – ".join(numbers.with_comma(text_of(answer, name)) for name in ("low", "high"))
    value, tolerance = (numbers.with_comma(text_of(answer, name)) for name in ("value", "tolerance"))
    exact = numbers.stored(text_of(answer, "tolerance") or "0")
    if not exact:
        return value
    if text_of(answer, "mode") == RELATIVE:
        tolerance = f"{float(exact * 100):g} %".replace(".", ",")
    return f"{value} ± {tolerance}"


def check_answers(answers: Sequence[Answer]) -> list[Message]:
    """Every number readable, every range the right way round, and one answer that earns everything."""
    if not answers:
        return [Message(N_("Câu hỏi chưa có đáp án: cần nhập ít nhất một đáp án bằng số."))]
    template = N_("Đáp án {number}: {problem}")
    problems = [
        Message(template, number=number, problem=problem)
        for number, answer in enumerate(answers, start=1)
        for problem in _check_answer(answer)
    ]
    return problems or check_shares(answers)


def check_shares(answers: Sequence[Answer]) -> list[Message]:
    shares = [whole_of(answer, "share", FULL) for answer in answers]
    if not all(0 <= share <= FULL for share in shares):
        return [Message(N_("Tỷ lệ điểm của một đáp án phải từ 0 % đến 100 %."))]
    if FULL not in shares:
        return [Message(N_("Không có đáp án nào được trọn điểm: cần ít nhất một đáp án 100 %."))]
    return []


def _check_answer(answer: Answer) -> list[Message]:
    names = ("low", "high") if "low" in answer or "high" in answer else ("value", "tolerance")
    texts = [text_of(answer, name) for name in names if name != "tolerance" or text_of(answer, name)]
    for text in texts:
        if numbers.stored(text) is None:
            template = N_("“{text}” không phải là số; cần ghi bằng chữ số, ví dụ 1250 hoặc 12,5.")
            return [Message(template, text=numbers.with_comma(text)[:40])]
    found = bounds(answer)
    if found is None or found[0] > found[1]:
        return [Message(N_("khoảng giá trị không có số nào: cận dưới phải không lớn hơn cận trên, sai số không âm."))]
    if "value" in answer and (text_of(answer, "mode") or ABSOLUTE) not in MODES:
        return [Message(N_("cách tính sai số không có: chọn tuyệt đối hoặc tương đối."))]
    is_relative = text_of(answer, "mode") == RELATIVE and numbers.stored(text_of(answer, "tolerance") or "0") != 0
    if is_relative and found[0] == found[1]:
        return [Message(N_("sai số tương đối của số 0 luôn bằng 0: cần dùng sai số tuyệt đối."))]
    return []


def _check_unit(unit: str, *, needed: bool) -> list[Message]:
    if needed and not unit.strip():
        return [Message(N_("Câu hỏi yêu cầu ghi đơn vị nhưng chưa có đơn vị: cần nhập đơn vị hoặc bỏ yêu cầu này."))]
    if len(unit) <= LONGEST_UNIT and numbers.readings(f"1 {unit}", unit, unit_required=needed):
        return []
    template = N_("Đơn vị “{unit}” không dùng được: cần ghi ngắn gọn và không bắt đầu bằng chữ số.")
    return [Message(template, unit=unit[:LONGEST_UNIT])]


def _needs_unit(question: Question) -> bool:
    return question.details.get("unit_required") is True


KIND: Kind = Numeric()
