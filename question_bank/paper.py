"""A paper (đề thi): which questions, in which order, with how many minutes, and what of it a candidate receives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from question_bank.kinds import get_kind
from question_bank.kinds.base import Order
from question_bank.question import Question, canonical_json, digest, question_digest


@dataclass(frozen=True, slots=True)
class Slot:
    """One question's place on a paper.

    ``number`` counts from 1 through the whole paper; ``question_id`` is the version the paper froze and
    ``digest`` its content then; ``order`` tells what is displayed where, in the form of its kind; ``points`` are
    thousandths.
    """

    number: int
    section: str
    question_id: int
    digest: str
    kind: str
    order: Order
    points: int

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "section": self.section,
            "question_id": self.question_id,
            "digest": self.digest,
            "kind": self.kind,
            "order": _as_lists(self.order),
            "points": self.points,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Slot:
        return cls(**{**data, "order": _as_tuples(data["order"])})


def _as_lists(order: Any) -> Any:
    return [_as_lists(part) for part in order] if isinstance(order, tuple) else order


def _as_tuples(order: Any) -> Any:
    return tuple(_as_tuples(part) for part in order) if isinstance(order, list) else order


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
    explanation. The same whichever answer is right. ``body`` is what the kind shows beside the stem.
    """
    return [_delivered_slot(slot, questions[slot.question_id]) for slot in layout.slots]


def _delivered_slot(slot: Slot, question: Question) -> dict[str, Any]:
    return {
        "slot": slot.number,
        "section": slot.section,
        "kind": slot.kind,
        "stem": question.stem,
        "stem_html": question.stem_html,
        "points": slot.points,
        "body": get_kind(slot.kind).show(question, slot.order),
    }


def changed_slots(layout: Layout, questions: Mapping[int, Question]) -> list[Slot]:
    """The slots whose question is missing or no longer says what it said when the paper was laid out."""
    return [
        slot
        for slot in layout.slots
        if slot.question_id not in questions or question_digest(questions[slot.question_id]) != slot.digest
    ]
