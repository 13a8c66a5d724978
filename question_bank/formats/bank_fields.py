"""The fields of this bank that other programs have no place for: name and parts, as a comment or a tag carries them.

    level:nhan_biet   position:tp_tu_phap   cite:60/2014/QH13|5|2|a   seconds:45   pinned:3

Parts are divided by ``|``; a backslash stands before ``|``, ``]`` and itself. Of the question as a whole: ``id``,
``level``, ``position``, ``cite``, ``points`` (thousandths), ``seconds``, ``tag``. Of its kind, and only where the
format says it in no way of its own: ``kind``, ``scoring``, ``pinned`` (number of the option), ``table`` (of a cluster),
``unit``, ``range`` and ``relative`` (which answer, then the numbers), ``case``, ``marks``, ``words``, ``lines``,
``rubric``. A field that contradicts what the format itself says is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from question_bank.formats.gift_text import split_unescaped
from question_bank.formats.moodle_numbers import as_range, as_relative
from question_bank.messages import N_, Message
from question_bank.question import Citation, Level, Option, Question, clean_text

_LONGEST = 10_000
_NAMED = re.compile(r"([a-z]{2,10}):(.*)", re.DOTALL)


class Field(NamedTuple):
    name: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        written = "|".join(re.sub(r"[\\\]|]", r"\\\g<0>", " ".join(part.split())) for part in self.parts)
        return f"{self.name}:{written.rstrip('|')}"


def field_from(text: str) -> Field | None:
    """The field that a text such as "cite:60/2014/QH13|5" is; ``None`` for other texts and unknown names."""
    found = _NAMED.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None or found[1] not in _SETTERS:
        return None
    raw = [part for _, part in split_unescaped(found[2], "|")]
    return Field(found[1], tuple(clean_text(re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL)) for part in raw))


def first(fields: Iterable[Field], name: str) -> str:
    """The first part of the first field of that name, or nothing."""
    return next((field.parts[0] for field in fields if field.name == name), "")


def fields_of(question: Question, without: Collection[str] = ()) -> list[Field]:
    """What is to be written beside the question; ``without`` names what the format has a place for."""
    found: list[Field] = [Field("id", (question.ref,))] if question.ref else []
    if question.level:
        found.append(Field("level", (question.level.value,)))
    found += [Field("position", (position,)) for position in question.positions]
    for citation in question.citations:
        found.append(Field("cite", (citation.document, citation.article, citation.clause, citation.point)))
    if question.seconds is not None:
        found.append(Field("seconds", (str(question.seconds),)))
    if question.points != 1000:
        found.append(Field("points", (str(question.points),)))
    found += [Field("pinned", (str(index),)) for index, option in enumerate(question.options, 1) if option.pinned]
    found += _of_details(question)
    found += [Field("tag", (tag,)) for tag in question.tags]
    return [field for field in found if field.name not in without]


def _of_details(question: Question) -> list[Field]:
    details = question.details
    found: list[Field] = []
    if details.get("scoring"):
        found.append(Field("scoring", (details["scoring"],)))
    if details.get("table"):
        found.append(Field("table", tuple(map(str, details["table"]))))
    if details.get("unit"):
        found.append(Field("unit", (details["unit"], *(["required"] if details.get("unit_required") else []))))
    found += _of_answers(details.get("answers", []), ())
    for number, gap in enumerate(details.get("gaps", []), start=1):
        found += _of_answers(gap.get("numeric", []), (str(number),))
    found += [Field("case", ("1",))] if details.get("match_case") else []
    found += [Field("marks", ("0",))] if details.get("match_marks", True) is False else []
    found += [Field(name, (str(details[name]),)) for name in ("words", "lines") if details.get(name)]
    found += [Field("rubric", (line["text"], str(line["points"]))) for line in details.get("rubric", [])]
    return found


def _of_answers(answers: Sequence[dict[str, Any]], place: tuple[str, ...]) -> list[Field]:
    found = []
    for number, answer in enumerate(answers, start=1):
        where = (*place, str(number))
        if "low" in answer:
            found.append(Field("range", (*where, answer["low"], answer["high"])))
        elif answer.get("mode") == "relative":
            found.append(Field("relative", (*where, answer.get("tolerance") or "0")))
    return found


def with_fields(question: Question, fields: Iterable[Field]) -> tuple[Question, list[Message]]:
    """The question with what the fields say, and what of that could not be understood."""
    doubts: list[Message] = []
    for field in fields:
        try:
            question = _SETTERS[field.name](question, field.parts)
        except (ValueError, IndexError, KeyError, ArithmeticError):
            template = N_("Không hiểu giá trị “{value}” của trường “{name}”; trường này bị bỏ qua.")
            doubts.append(Message(template, value="|".join(field.parts), name=field.name))
    return question, doubts


def _with_details(question: Question, **changes: Any) -> Question:
    return replace(question, details={**question.details, **changes})


def _cite(question: Question, parts: Sequence[str]) -> Question:
    if not parts[0] or len(parts) > 4:
        raise ValueError(parts)
    return replace(question, citations=(*question.citations, Citation(*parts)))


def _positive(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or not int(value):
        raise ValueError(value)
    return int(value)


def _named(parts: Sequence[str]) -> str:
    if not any(parts):
        raise ValueError(parts)
    return "|".join(parts)


def _pin(question: Question, parts: Sequence[str]) -> Question:
    place = _positive(parts[0])
    options: tuple[Option, ...] = question.options
    if place > len(options):
        raise ValueError(place)
    pinned = tuple(replace(option, pinned=option.pinned or i == place) for i, option in enumerate(options, 1))
    return replace(question, options=pinned)


def _scoring(question: Question, parts: Sequence[str]) -> Question:
    """Choices have theirs from their percentages already."""
    if (question.kind, parts[0]) in (("matching", "all"), ("ordering", "pairs")):
        return _with_details(question, scoring=parts[0])
    return question


def _table(question: Question, parts: Sequence[str]) -> Question:
    if question.kind != "true_false_cluster":
        return question
    table = [int(part) if part == "0" else _positive(part) for part in parts]
    if len(table) != len(question.options) + 1:
        raise ValueError(parts)
    return _with_details(question, table=table)


def _unit(question: Question, parts: Sequence[str]) -> Question:
    if question.kind != "numeric":
        return question
    changes = {"unit": parts[0], **({"unit_required": True} if "required" in parts[1:] else {})}
    return _with_details(question, **changes)


def _answer(question: Question, parts: Sequence[str], change: Callable[..., dict[str, Any]], count: int) -> Question:
    """The question with one numeric answer changed: number of the gap if any, of the answer, ``count`` parts."""
    *where, last = [_positive(part) - 1 for part in parts[:-count]]
    values = parts[-count:]
    if not where:
        answers = list(question.details["answers"])
        answers[last] = change(answers[last], *values)
        return _with_details(question, answers=answers)
    gaps = list(question.details["gaps"])
    answers = list(gaps[where[0]]["numeric"])
    answers[last] = change(answers[last], *values)
    gaps[where[0]] = {**gaps[where[0]], "numeric": answers}
    return _with_details(question, gaps=gaps)


def _of_short_text(question: Question, name: str, value: bool) -> Question:
    return _with_details(question, **{name: value}) if question.kind == "short_text" else question


def _of_essay(question: Question, name: str, value: Any) -> Question:
    return _with_details(question, **{name: value}) if question.kind == "essay" else question


def _rubric(question: Question, parts: Sequence[str]) -> Question:
    line = {"text": parts[0], "points": _positive(parts[1])}
    return _of_essay(question, "rubric", [*question.details.get("rubric", []), line])


_SETTERS: dict[str, Callable[[Question, Sequence[str]], Question]] = {
    "id": lambda q, parts: replace(q, ref="|".join(parts)),
    "level": lambda q, parts: replace(q, level=Level(parts[0])),
    "position": lambda q, parts: replace(q, positions=(*q.positions, _named(parts))),
    "tag": lambda q, parts: replace(q, tags=(*q.tags, _named(parts))),
    "cite": _cite,
    "points": lambda q, parts: replace(q, points=_positive(parts[0])),
    "seconds": lambda q, parts: replace(q, seconds=_positive(parts[0])),
    "pinned": _pin,
    "kind": lambda q, parts: q,
    "scoring": _scoring,
    "table": _table,
    "unit": _unit,
    "range": lambda q, parts: _answer(q, parts, as_range, 2),
    "relative": lambda q, parts: _answer(q, parts, as_relative, 1),
    "case": lambda q, parts: _of_short_text(q, "match_case", parts[0] == "1"),
    "marks": lambda q, parts: _of_short_text(q, "match_marks", parts[0] != "0"),
    "words": lambda q, parts: _of_essay(q, "words", _positive(parts[0])),
    "lines": lambda q, parts: _of_essay(q, "lines", _positive(parts[0])),
    "rubric": _rubric,
}
