"""Pages left and second devices: recorded only where a round names its legal basis, read by few, and soon deleted.

These rows never enter a mark, an evaluation or a statistic; no other room reads the table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import apart, db
from examapp.core.errors import NotFound
from examapp.rounds.models import Candidate, ExamRound, RoundState
from examapp.sittings.models import IntegrityEvent, IntegrityKind, Sitting
from examapp.sittings.save import MAX_MS, MAX_SEQ, WRITER, RefusedError

MOST = 500
"""Events kept of one sitting; a page that is left oftener says nothing more."""
MAX_BATCH = 100
FROM_PAGE = {IntegrityKind.LEFT.value, IntegrityKind.RETURNED.value}
SERVER = "the-server"
"""The writer of what the server sees by itself."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as the page tells it."""

    seq: int
    kind: IntegrityKind
    at_ms: int


def parse(body: bytes) -> tuple[str, list[Seen]]:
    """Writer and events of a message, or :class:`RefusedError`."""
    try:
        data = json.loads(body)
        writer, events = data["writer"], data["events"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RefusedError(400, "body") from None
    if not isinstance(writer, str) or not WRITER.fullmatch(writer):
        raise RefusedError(400, "writer")
    if not isinstance(events, list) or len(events) > MAX_BATCH:
        raise RefusedError(400, "events")
    return writer, [_seen(event) for event in events]


def _seen(event: Any) -> Seen:
    if not isinstance(event, list) or len(event) != 3:
        raise RefusedError(400, "event")
    seq, kind, at_ms = event
    if type(seq) is not int or not 1 <= seq <= MAX_SEQ or not (isinstance(kind, str) and kind in FROM_PAGE):
        raise RefusedError(400, "event")
    if type(at_ms) is not int or not 0 <= at_ms < MAX_MS:
        raise RefusedError(400, "event")
    return Seen(seq, IntegrityKind(kind), at_ms)


def is_on(exam_round: ExamRound) -> bool:
    """Whether the round records anything of the kind."""
    return exam_round.integrity_basis != ""


def keep(sitting: Sitting, writer: str, events: Iterable[Seen], *, now: datetime) -> int:
    """Store what is new; a round that has not switched it on is not found. Gives the number stored."""
    if not is_on(sitting.candidate.round):
        raise NotFound()
    present = db.session.scalar(select(func.count()).where(IntegrityEvent.sitting_id == sitting.id)) or 0
    rows = [
        {
            "sitting_id": sitting.id,
            "writer": writer,
            "seq": event.seq,
            "kind": event.kind,
            "at_ms": event.at_ms,
            "received_ms": clock.to_ms(now),
        }
        for event in events
    ][: max(0, MOST - present)]
    if not rows:
        return 0
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(IntegrityEvent).on_conflict_do_nothing().returning(IntegrityEvent.seq)
    return len(db.session.scalars(statement, rows).all())


def keep_second_device(sitting: Sitting, *, now: datetime) -> None:
    """The sitting has moved to another device; noted where the round says so."""
    if is_on(sitting.candidate.round):
        keep(sitting, SERVER, [Seen(sitting.lease, IntegrityKind.SECOND_DEVICE, clock.to_ms(now))], now=now)


@dataclass(frozen=True, slots=True)
class Line:
    """One event, for people."""

    candidate: Candidate
    kind: IntegrityKind
    at: datetime
    received: datetime


def read_round(exam_round: ExamRound) -> list[Line]:
    """Everything recorded in the round. To read it is itself put on record."""
    rows = db.session.execute(
        select(Candidate, IntegrityEvent)
        .join(Sitting, Sitting.candidate_id == Candidate.id)
        .join(IntegrityEvent, IntegrityEvent.sitting_id == Sitting.id)
        .where(Candidate.round_id == exam_round.id)
        .order_by(Candidate.sort_key, Candidate.id, IntegrityEvent.received_ms, IntegrityEvent.seq)
    )
    lines = [
        Line(candidate, event.kind, clock.from_ms(event.at_ms), clock.from_ms(event.received_ms))
        for candidate, event in rows
    ]
    with apart() as session:
        record("integrity.read", "round", exam_round.code, session=session, events=len(lines))
    return lines


def delete_expired(now: datetime) -> int:
    """Delete what has been kept as long as its round says; gives the number of rows."""
    expired = [
        exam_round.id
        for exam_round in db.session.scalars(select(ExamRound).where(_holds_any()))
        if (ended := _ended(exam_round)) is not None and ended + timedelta(days=exam_round.integrity_days) < now
    ]
    if not expired:
        return 0
    sittings = select(Sitting.id).join(Candidate).where(Candidate.round_id.in_(expired))
    gone = db.session.execute(
        delete(IntegrityEvent)
        .where(IntegrityEvent.sitting_id.in_(sittings))
        .execution_options(synchronize_session=False)
    )
    count: int = gone.rowcount  # type: ignore[attr-defined]
    record("integrity.deleted", "round", ",".join(map(str, expired)), events=count)
    return count


def _holds_any() -> ColumnElement[bool]:
    held = (
        select(Candidate.round_id)
        .join(Sitting, Sitting.candidate_id == Candidate.id)
        .join(IntegrityEvent, IntegrityEvent.sitting_id == Sitting.id)
    )
    return ExamRound.id.in_(held)


def _ended(exam_round: ExamRound) -> datetime | None:
    """When keeping begins to run out: the closing, or for a cancelled round the end of its last shift."""
    if exam_round.closed_at is not None:
        return exam_round.closed_at
    if exam_round.state is RoundState.CANCELLED and exam_round.shifts:
        return max(shift.ends_at for shift in exam_round.shifts)
    return None
