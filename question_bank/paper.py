"""A paper (đề thi): which questions, in which order, with how many minutes, and what of it a candidate receives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from question_bank.question import Question, canonical_json, digest, question_digest


@dataclass(frozen=True, slots=True)
class Slot:
    """One question's place on a paper.

    ``number`` counts from 1 through the whole paper; ``question_id`` is the version the paper froze and
    ``digest`` its content then; ``order`` tells which option is displayed where; ``points`` are thousandths.
    """

    number: int
    section: str
    question_id: int
    digest: str
    kind: str
    order: tuple[int, ...]
    points: int

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "section": self.section,
            "question_id": self.question_id,
            "digest": self.digest,
            "kind": self.kind,
            "order": list(self.order),
            "points": self.points,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Slot:
        return cls(**{**data, "order": tuple(data["order"])})


@dataclass(frozen=True, slots=True)
class Layout:
    """All of a paper that is sealed. It names questions by version and digest and holds none of their texts."""

    slots: tuple[Slot, ...]
    minutes: int

    @property
    def points(self) -> int:
        return sum(slot.points for slot in self.slots)

    def as_json(self) -> dict[str, Any]:
        return {"minutes": self.minutes, "slots": [slot.as_json() for slot in self.slots]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Layout:
        return cls(slots=tuple(Slot.from_json(slot) for slot in data["slots"]), minutes=data["minutes"])

    def canonical(self) -> bytes:
        """The bytes that are stored and hashed."""
        return canonical_json(self.as_json())

    def digest(self) -> str:
        return digest(self.canonical())


def delivered(layout: Layout, questions: Mapping[int, Question]) -> list[dict[str, Any]]:
    """What the candidate receives, slot by slot as displayed.

    Built by naming what may be seen, never by leaving out what may not: no key, level, id, digest or
    explanation. The same whichever option is right.
    """
    return [_delivered_slot(slot, questions[slot.question_id]) for slot in layout.slots]


def _delivered_slot(slot: Slot, question: Question) -> dict[str, Any]:
    return {
        "slot": slot.number,
        "section": slot.section,
        "kind": slot.kind,
        "stem": question.stem,
        "options": [question.options[index].text for index in slot.order],
        "points": slot.points,
    }


def changed_slots(layout: Layout, questions: Mapping[int, Question]) -> list[Slot]:
    """The slots whose question is missing or no longer says what it said when the paper was laid out."""
    return [
        slot
        for slot in layout.slots
        if slot.question_id not in questions or question_digest(questions[slot.question_id]) != slot.digest
    ]
