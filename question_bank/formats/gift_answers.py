"""What stands between the braces of a GIFT question, as a question of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from question_bank.formats.bank_fields import Field, first
from question_bank.formats.base import true_false_options
from question_bank.formats.gift_text import Texts, split_unescaped
from question_bank.formats.moodle_kinds import MOST_PARTS, as_cluster, as_gap, grading_of, too_many
from question_bank.formats.moodle_numbers import answer_from
from question_bank.formats.moodle_text import Marked
from question_bank.formats.weights import Answer, percent_from, several, single, thousandths
from question_bank.messages import N_, Message
from question_bank.question import Question, clean_text

_TRUE_FALSE = re.compile(r"(T|TRUE|F|FALSE)\s*(?:#.*)?", re.DOTALL | re.IGNORECASE)
_TYPED = ("short_text", "gap_text")
_WEIGHT = re.compile(r"\s*%(-?\d{1,4}(?:[.,]\d{0,10})?)%")
_ORDERING = re.compile(
    r">[ \t]*(?P<count>\d{1,3})?[ \t]*(?P<select>ALL|EXACT|RANDOM|REL|CONTIGUOUS|CONTIG)?\b"
    r"[ \t]*(?:HORIZONTAL|HORI|H|1|VERTICAL|VERT|V|0)?\b[ \t]*(?P<grading>[A-Z]+_[A-Z_]+|ABSOLUTE|ABS|RELATIVE)?"
    r"[^\n]*\n(?P<items>.*)",
    re.DOTALL,
)


class Read(NamedTuple):
    question: Question
    doubts: list[Message]


def read_answers(question: Question, answers: str, texts: Texts, fields: Sequence[Field]) -> Read | Message:
    """The question with its answers, or why it cannot be one. ``fields`` may settle what the marks leave open."""
    kind = first(fields, "kind")
    parts = max(answers.count("=") + answers.count("~"), answers.count("\n"))
    if parts > MOST_PARTS:
        return too_many(parts)
    if not answers:
        return Read(replace(question, kind="essay"), [])
    read: Callable[[Question, str, Texts, Sequence[Field]], Read | Message] = _choices
    if answers.startswith("#"):
        read = _numeric
    elif answers.startswith(">") and _ORDERING.match(answers):
        read = _ordering
    elif _TRUE_FALSE.fullmatch(answers):
        read = _true_false
    elif len(split_unescaped(answers, "~")) == 1:
        read = _matching if _is_matching(answers) and kind not in _TYPED else _short_text
    found = read(question, answers, texts, fields)
    if isinstance(found, Message):
        return found
    if kind == "gap_text":
        return Read(as_gap(found.question), found.doubts)
    return Read(as_cluster(found.question), found.doubts) if kind == "true_false_cluster" else found


def _true_false(question: Question, answers: str, texts: Texts, fields: Sequence[Field]) -> Read:
    """``{T#said to who chose wrongly#said to who chose rightly}``."""
    parts = [texts.plain(part) for _, part in split_unescaped(answers, "#")]
    wrong, right = [*parts[1:3], "", ""][:2]
    options = true_false_options(parts[0].upper().startswith("T"))
    told = tuple(replace(option, feedback=right if option.correct else wrong) for option in options)
    return Read(replace(question, kind="true_false", options=told), [])


def _choices(question: Question, answers: str, texts: Texts, fields: Sequence[Field]) -> Read:
    """Single choice where an ``=`` stands, multiple response where only weights tell what is right."""
    lead, *parts = split_unescaped(answers, "~=")
    weighed = [_weighed(part) for _, part in parts]
    has_right = any(marker == "=" for marker, _ in parts)
    found = []
    for (marker, _), (weight, text) in zip(parts, weighed, strict=True):
        body, feedback = _told(text, texts)
        found.append(Answer(body, percent_from("100" if marker == "=" else weight or "0"), feedback))
    one = has_right or all(weight is None for weight, _ in weighed)
    choices = (single if one else several)(found, first(fields, "scoring"))
    doubts = []
    if lead[1].strip():
        template = N_("Có chữ trước phương án đầu tiên; phần này bị bỏ: “{text}”.")
        doubts.append(Message(template, text=lead[1].strip()))
    return Read(replace(question, kind=choices.kind, options=choices.options, details=choices.details), doubts)


def _weighed(text: str) -> tuple[str | None, str]:
    weight = _WEIGHT.match(text)
    return (weight.group(1), text[weight.end() :]) if weight else (None, text)


def _told(text: str, texts: Texts) -> tuple[Marked, str]:
    """The answer and what is said to who gave it."""
    (_, body), *feedback = split_unescaped(text, "#")
    return texts.read(body), texts.plain("#".join(part for _, part in feedback))


def _typed(answers: str) -> list[str]:
    """The answers that are typed: each after an ``=``, the first also without one."""
    (_, lead), *parts = split_unescaped(answers, "=")
    return [part for part in ([lead] if lead.strip() else []) + [part for _, part in parts] if part.strip()]


def _short_text(question: Question, answers: str, texts: Texts, fields: Sequence[Field]) -> Read:
    accepted = []
    for part in _typed(answers):
        weight, text = _weighed(part)
        body, feedback = _told(text, texts)
        accepted.append({"text": " ".join(body.text.split()), **_worth(weight, feedback)})
    return Read(replace(question, kind="short_text", details={"accepted": accepted}), [])


def _worth(weight: str | None, feedback: str) -> dict[str, Any]:
    """What an answer is worth and what is said of it, where that is not everything and nothing."""
    share = thousandths(percent_from(weight or "100"))
    return {**({"share": share} if share != 1000 else {}), **({"feedback": feedback} if feedback else {})}


def _numeric(question: Question, answers: str, texts: Texts, fields: Sequence[Field]) -> Read | Message:
    (_, body), *wrong = split_unescaped(answers[1:], "~")
    found, doubts = [], []
    for part in _typed(body):
        weight, text = _weighed(part)
        value, feedback = _told(text, texts)
        if value.text == "*":
            wrong.append(("", f"#{feedback}"))
            continue
        try:
            found.append({**answer_from(value.text), **_worth(weight, feedback)})
        except ValueError:
            template = N_("“{text}” không phải số, số kèm sai số (5:0.1) hay khoảng (1..5): sửa lại trong tệp.")
            return Message(template, text=value.text[:60])
    if any(part.strip(" #\n\t") for _, part in wrong):
        doubts.append(Message(N_("Lời nhận xét chung cho mọi trả lời sai không được giữ.")))
    return Read(replace(question, kind="numeric", details={"answers": found}), doubts)


def _is_matching(answers: str) -> bool:
    pairs = split_unescaped(answers, "=")[1:]
    return bool(pairs) and all("->" in pair for _, pair in pairs)


def _matching(question: Question, answers: str, texts: Texts, fields: Sequence[Field]) -> Read:
    """``=left -> right``; a right side without a left one is an extra choice."""
    pairs: list[dict[str, str]] = []
    extra: list[dict[str, str]] = []
    doubts: list[Message] = []
    for _, part in split_unescaped(answers, "=")[1:]:
        left_side, right_side = part.split("->", 1)
        left = texts.read(left_side)
        right, feedback = _told(right_side, Texts("moodle", texts.pictures))
        if feedback and not doubts:
            doubts.append(Message(N_("Lời nhận xét của từng cặp ghép không được giữ.")))
        if left.text or left.html:
            pairs.append({"left": left.text, "right": right.text, **_html(left_html=left.html, right_html=right.html)})
        else:
            extra.append({"text": right.text, **_html(html=right.html)})
    details: dict[str, Any] = {"pairs": pairs, **({"extra": extra} if extra else {})}
    return Read(replace(question, kind="matching", details=details), doubts)


def _html(**texts: str) -> dict[str, str]:
    return {name: html for name, html in texts.items() if html}


def _ordering(question: Question, answers: str, texts: Texts, fields: Sequence[Field]) -> Read:
    found = _ORDERING.match(answers)
    assert found is not None
    own = Texts("moodle", texts.pictures)
    items = [own.read(line) for line in found["items"].split("\n") if clean_text(line)]
    details, doubts = grading_of(found["grading"] or "RELATIVE_NEXT_EXCLUDE_LAST")
    if found["select"] in ("RANDOM", "REL", "CONTIGUOUS", "CONTIG") and int(found["count"] or 0) < len(items):
        doubts.append(Message(N_("Câu sắp xếp chỉ đưa ra một phần các mục; ở đây luôn đưa ra đủ các mục.")))
    details["items"] = [{"text": item.text, **_html(html=item.html)} for item in items]
    return Read(replace(question, kind="ordering", details=details), doubts)
