"""What an import remembers of a file until somebody confirms it: questions, places, findings, what is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

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
        return {"severity": self.severity.value, "message": _pack(self.message), "place": _pack(self.place)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(Severity(data["severity"]), _unpack(data["message"]), _unpack(data["place"]))


@dataclass(slots=True)
class ImportItem:
    """One question of the file. ``read`` is what the reader found; ``checked`` what the bank found."""

    number: int
    question: domain.Question
    place: str
    read: list[Finding] = field(default_factory=list)
    checked: list[Finding] = field(default_factory=list)
    left_out: bool = False
    mended: bool = False
    code: str = ""
    """Code of the stored question, after confirmation."""

    @property
    def findings(self) -> list[Finding]:
        """Once a person has mended the question, only what still holds counts."""
        return self.checked if self.mended else [*self.read, *self.checked]

    @property
    def has_errors(self) -> bool:
        return any(finding.is_error for finding in self.findings)

    @property
    def will_be_stored(self) -> bool:
        return not self.left_out and not self.has_errors

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "question": self.question.as_json(),
            "place": _pack(self.place),
            "read": [finding.as_json() for finding in self.read],
            "checked": [finding.as_json() for finding in self.checked],
            "left_out": self.left_out,
            "mended": self.mended,
            "code": self.code,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            number=data["number"],
            question=domain.Question.from_json(data["question"]),
            place=_unpack(data["place"]),
            read=[Finding.from_json(found) for found in data["read"]],
            checked=[Finding.from_json(found) for found in data["checked"]],
            left_out=data["left_out"],
            mended=data["mended"],
            code=data["code"],
        )


@dataclass(slots=True)
class Preview:
    """The whole file as it waits for confirmation."""

    items: list[ImportItem]
    problems: list[Finding]
    """Of the whole file, or of something in it that is no question."""
    notes: list[str]
    read: int

    @property
    def good(self) -> list[ImportItem]:
        return [item for item in self.items if item.will_be_stored]

    @property
    def faulty(self) -> list[ImportItem]:
        return [item for item in self.items if item.has_errors and not item.left_out]

    @property
    def left_out(self) -> list[ImportItem]:
        return [item for item in self.items if item.left_out]

    def item(self, number: int) -> ImportItem | None:
        return self.items[number - 1] if 0 < number <= len(self.items) else None

    def dumps(self) -> str:
        return json.dumps(
            {
                "items": [item.as_json() for item in self.items],
                "problems": [problem.as_json() for problem in self.problems],
                "notes": [_pack(note) for note in self.notes],
                "read": self.read,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def loads(cls, data: str) -> Self:
        raw = json.loads(data)
        return cls(
            items=[ImportItem.from_json(item) for item in raw["items"]],
            problems=[Finding.from_json(problem) for problem in raw["problems"]],
            notes=[_unpack(note) for note in raw["notes"]],
            read=raw["read"],
        )

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """What a reader found, before the bank has looked at it."""
        items = [
            ImportItem(number=number, question=question, place=_at(reading.places, number))
            for number, question in enumerate(reading.questions, start=1)
        ]
        whole: list[Finding] = []
        for problem in reading.problems:
            target = items[problem.item - 1].read if problem.item else whole
            target.append(_finding(problem))
        return cls(items=items, problems=whole, notes=list(reading.notes), read=reading.read)


def _at(places: Sequence[str], number: int) -> str:
    return places[number - 1] if number <= len(places) else str(number)


def _finding(problem: Problem) -> Finding:
    return Finding(problem.severity, problem.message, problem.place)


def _pack(text: str) -> Any:
    """A message keeps its template, so that the page may show it in the reader's language."""
    if isinstance(text, Message):
        return {"template": text.template, "values": {key: _pack(value) for key, value in text.values.items()}}
    return text


def _unpack(data: Any) -> Any:
    if isinstance(data, dict):
        return Message(data["template"], **{key: _unpack(value) for key, value in data["values"].items()})
    return data
