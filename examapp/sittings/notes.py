"""What candidates say about questions: "Báo câu hỏi có vấn đề". Notes are events, so they arrive as answers do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from examapp.core.db import db
from examapp.rounds.models import Candidate
from examapp.sittings.events import events_of, facts_of
from examapp.sittings.models import AnswerEvent, Sitting
from examapp.sittings.standing import LEFT_FROM, SUBMISSION, Event, Facts, noted_slot, place
from question_bank.question import clean_text

MOST = 500
"""Characters of a note that the pages take; whatever is longer is cut here, not refused."""


@dataclass(frozen=True, slots=True)
class Note:
    """The latest that a candidate said about a question."""

    candidate: Candidate
    sitting: Sitting
    slot: int
    question_id: int | None
    """The version on the paper; ``None`` when the paper has no such slot."""
    text: str
    received_ms: int


def note_text(response: Iterable[Any]) -> str:
    """The text of a note's response, without what no page can show; empty where it was taken back or is none."""
    first = next(iter(response), "")
    return clean_text(first)[:MOST].strip() if isinstance(first, str) else ""


def notes_in(events: Iterable[Event], facts: Facts) -> dict[int, tuple[str, int]]:
    """(text, when it arrived) by slot: the last one, whether or not an answer of that moment would count."""
    last: dict[int, Event] = {}
    for placed in place((event for event in events if noted_slot(event.slot) is not None), facts):
        last[noted_slot(placed.event.slot) or 0] = placed.event
    found = {slot: (note_text(event.response), event.received_ms) for slot, event in sorted(last.items())}
    return {slot: said for slot, said in found.items() if said[0]}


def notes_of(sitting: Sitting) -> dict[int, str]:
    """The candidate's notes by slot."""
    return {slot: text for slot, (text, _at) in notes_in(events_of(sitting), facts_of(sitting)).items()}


def notes_of_round(round_id: int) -> list[Note]:
    """All notes of a round, the newest first. Who asks has to be entitled to see the round."""
    said = select(AnswerEvent.sitting_id).where(AnswerEvent.slot < SUBMISSION, AnswerEvent.slot > -LEFT_FROM)
    sittings = db.session.execute(
        select(Sitting, Candidate)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .where(Candidate.round_id == round_id, Sitting.id.in_(said))
        .order_by(Sitting.id)
    )
    found = [note for sitting, candidate in sittings for note in _of_one(sitting, candidate)]
    return sorted(found, key=lambda note: (-note.received_ms, note.sitting.id, note.slot))


def _of_one(sitting: Sitting, candidate: Candidate) -> list[Note]:
    on_paper = {slot["number"]: slot["question_id"] for slot in json.loads(sitting.paper.layout)["slots"]}
    return [
        Note(candidate, sitting, slot, on_paper.get(slot), text, received_ms)
        for slot, (text, received_ms) in notes_in(events_of(sitting), facts_of(sitting)).items()
    ]
