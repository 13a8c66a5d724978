"""What an import remembers of each question of a file: its words, where it stood, what was found in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from examapp.bank.models import stem_key
from question_bank import question as domain
from question_bank.formats import Reading
from question_bank.messages import Message, Problem, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found in one question or in the whole file."""

    severity: Severity
    message: str
    place: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def as_json(self) -> dict[str, Any]:
        return {"severity": self.severity.value, "message": pack(self.message), "place": pack(self.place)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(Severity(data["severity"]), unpack(data["message"]), unpack(data["place"]))

    @classmethod
    def of(cls, problem: Problem) -> Self:
        return cls(problem.severity, problem.message, problem.place)


def error(message: Message) -> Finding:
    return Finding(Severity.ERROR, message)


def warning(message: Message) -> Finding:
    return Finding(Severity.WARNING, message)


@dataclass(frozen=True, slots=True)
class Draft:
    """One question of a file as its reader gave it, with the reader's findings."""

    number: int
    question: domain.Question
    place: str
    heading: str
    findings: tuple[Finding, ...]


def drafts_of(reading: Reading) -> list[Draft]:
    """The questions of a file in their order."""
    found: dict[int, list[Finding]] = {}
    for problem in reading.problems:
        if problem.item:
            found.setdefault(problem.item, []).append(Finding.of(problem))
    return [
        Draft(
            number=number,
            question=question,
            place=_at(reading.places, number, str(number)),
            heading=_at(reading.headings, number, ""),
            findings=tuple(found.get(number, ())),
        )
        for number, question in enumerate(reading.questions, start=1)
    ]


def _at(texts: Sequence[str], number: int, otherwise: str) -> str:
    return texts[number - 1] if number <= len(texts) else otherwise


def content_columns(question: domain.Question) -> dict[str, Any]:
    """The columns of ``import_items`` that say what the question says."""
    documents = sorted({citation.document for citation in question.citations})
    return {
        "content": dump_question(question),
        "level": question.level,
        "documents": _dumps(documents) if documents else "",
        "stem_key": stem_key(question.stem),
    }


def finding_columns(findings: Sequence[Finding], *, is_alike: bool) -> dict[str, Any]:
    return {
        "findings": _dumps([finding.as_json() for finding in findings]) if findings else "",
        "has_errors": any(finding.is_error for finding in findings),
        "has_warnings": is_alike or any(not finding.is_error for finding in findings),
    }


def dump_question(question: domain.Question) -> str:
    return _dumps(question.as_json())


def question_of(content: str) -> domain.Question:
    return domain.Question.from_json(json.loads(content))


def findings_of(packed: str) -> list[Finding]:
    return [Finding.from_json(data) for data in json.loads(packed)] if packed else []


def dump_place(place: str) -> str:
    return _dumps(pack(place))


def load_place(packed: str) -> str:
    place: str = unpack(json.loads(packed))
    return place


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in the file as a whole, or in something in it that is no question."""

    problems: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    converted: tuple[tuple[str, str, str], ...] = ()
    """Texts of an old encoding: place, before, after."""

    @classmethod
    def of(cls, reading: Reading) -> Self:
        return cls(
            problems=tuple(Finding.of(problem) for problem in reading.problems if not problem.item),
            notes=tuple(reading.notes),
            converted=tuple((found.place, found.before, found.after) for found in reading.converted),
        )

    def dumps(self) -> str:
        return _dumps(
            {
                "problems": [problem.as_json() for problem in self.problems],
                "notes": [pack(note) for note in self.notes],
                "converted": [[pack(text) for text in texts] for texts in self.converted],
            }
        )

    @classmethod
    def loads(cls, data: str) -> Self:
        raw = json.loads(data)
        return cls(
            problems=tuple(Finding.from_json(problem) for problem in raw.get("problems", ())),
            notes=tuple(unpack(note) for note in raw.get("notes", ())),
            converted=tuple((unpack(p), unpack(b), unpack(a)) for p, b, a in raw.get("converted", ())),
        )


def pack(text: str) -> Any:
    """A message keeps its template, so that the page may show it in the reader's language."""
    if isinstance(text, Message):
        return {"template": text.template, "values": {key: pack(value) for key, value in text.values.items()}}
    return text


def unpack(data: Any) -> Any:
    if isinstance(data, dict):
        return Message(data["template"], **{key: unpack(value) for key, value in data["values"].items()})
    return data


def _dumps(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
