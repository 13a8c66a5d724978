"""How much a question may hold, and the look at the texts it is made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from question_bank import rich_text
from question_bank.kinds.base import comparable
from question_bank.kinds.details import is_storable
from question_bank.messages import N_, Message
from question_bank.question import Question

LONGEST_STEM = 10_000
LONGEST_PART = 2_000
LONGEST_HTML = 100_000
LONGEST_EXPLANATION = 20_000
LONGEST_ANSWER = 200
"""Characters of an answer that is typed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a question with the name a message calls it by."""

    name: Message
    text: str
    html: str = ""


def check_stem(question: Question) -> list[Message]:
    problems = []
    if not question.stem.strip():
        problems.append(Message(N_("Câu hỏi chưa có nội dung: cần nhập phần hỏi.")))
    problems += _check_length(Part(Message(N_("Phần hỏi")), question.stem, question.stem_html), LONGEST_STEM)
    explanation = Part(Message(N_("Phần giải thích")), question.explanation)
    return problems + _check_length(explanation, LONGEST_EXPLANATION)


def check_parts(parts: Iterable[Part], longest: int = LONGEST_PART) -> list[Message]:
    """Each within the limits, with images that are described and formulas that can be read."""
    return [message for part in parts for message in _check_length(part, longest)]


def check_written(parts: Iterable[Part]) -> list[Message]:
    """None empty."""
    template = N_("{part} để trống: cần nhập nội dung hoặc xóa phần này.")
    return [Message(template, part=part.name) for part in parts if not part.text.strip()]


def check_distinct(parts: Iterable[Part]) -> list[Message]:
    """No two the same to a reader; empty ones are another matter."""
    problems = []
    seen: dict[str, Part] = {}
    for part in parts:
        first = seen.setdefault(comparable(part.text), part)
        if first is not part and part.text.strip():
            template = N_("{first} và {second} giống nhau: cần sửa hoặc xóa một trong hai.")
            problems.append(Message(template, first=first.name, second=part.name))
    return problems


def check_count(count: int, what: Message, fewest: int, most: int) -> list[Message]:
    if fewest <= count <= most:
        return []
    template = N_("Câu hỏi có {count} {what}: cần từ {fewest} đến {most}.")
    return [Message(template, count=count, what=what, fewest=fewest, most=most)]


def check_scoring(scoring: str, known: Collection[str]) -> list[Message]:
    if scoring in known:
        return []
    return [Message(N_("Cách chấm “{scoring}” không có: cần chọn lại cách chấm."), scoring=scoring)]


def is_typed(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and is_storable(value)


def _check_length(part: Part, longest: int) -> list[Message]:
    for text, most in ((part.text, longest), (part.html, LONGEST_HTML)):
        if len(text) > most:
            template = N_("{part} quá dài ({count} ký tự): chỉ nhận tối đa {most} ký tự, cần rút gọn.")
            return [Message(template, part=part.name, count=len(text), most=most)]
    if not part.html:
        return []
    template = N_("{part}: {problem}")
    return [Message(template, part=part.name, problem=problem) for problem in rich_text.check(part.html)]
