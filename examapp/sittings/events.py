"""A sitting's stored events and dated facts, as :mod:`examapp.sittings.standing` wants them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func, select

from examapp.core.db import db
from examapp.sittings.models import AnswerEvent, EventDecision, Sitting, SittingLease, SittingState
from examapp.sittings.save import MAX_OF_SITTING, RefusedError
from examapp.sittings.standing import SUBMISSION, Event, Facts


def events_of(sitting: Sitting) -> list[Event]:
    return events_of_all([sitting.id])[sitting.id]


def events_of_all(sitting_ids: Collection[int]) -> dict[int, list[Event]]:
    """The stored events of several sittings, in one query."""
    found: dict[int, list[Event]] = defaultdict(list)
    rows = db.session.execute(
        select(
            AnswerEvent.sitting_id,
            AnswerEvent.writer,
            AnswerEvent.seq,
            AnswerEvent.lease,
            AnswerEvent.slot,
            AnswerEvent.response,
            AnswerEvent.answered_ms,
            AnswerEvent.received_ms,
        ).where(AnswerEvent.sitting_id.in_(sitting_ids))
    )
    for sitting_id, writer, seq, lease, slot, response, answered, received in rows:
        found[sitting_id].append(Event(writer, seq, lease, slot, tuple(json.loads(response)), answered, received))
    return found


def require_room(sitting: Sitting) -> None:
    """For events that come by another way than a save, where each process counts what it has stored itself."""
    counted = select(func.count()).where(AnswerEvent.sitting_id == sitting.id)
    if (db.session.scalar(counted) or 0) >= MAX_OF_SITTING:
        raise RefusedError(413, "many")


def facts_of(sitting: Sitting) -> Facts:
    taken: list[int] = []
    if sitting.lease > 1:
        leases = select(SittingLease.taken_ms).where(SittingLease.sitting_id == sitting.id, SittingLease.number > 1)
        taken = list(db.session.scalars(leases.order_by(SittingLease.number)))
    return Facts(
        sitting.started_ms,
        sitting.deadline_ms,
        sitting.late_ms,
        sitting.submitted_ms,
        tuple(taken),
        decisions_of(sitting) if sitting.state is SittingState.SETTLED else {},
    )


def from_devices_before(sitting: Sitting, events: Collection[Event]) -> int:
    """How many answers came under earlier leases from other devices than the present one, as store.py counts them."""
    if sitting.lease == 1:
        return 0
    leases = select(SittingLease.number, SittingLease.device).where(SittingLease.sitting_id == sitting.id)
    devices = {number: device for number, device in db.session.execute(leases)}
    others = {number for number, device in devices.items() if device != devices.get(sitting.lease)}
    return sum(event.lease in others and event.slot > SUBMISSION for event in events)


def decisions_of(sitting: Sitting) -> dict[tuple[str, int], bool]:
    """The latest decision about each event; the council decides after settlement only."""
    found = select(EventDecision.writer, EventDecision.seq, EventDecision.accepted)
    rows = db.session.execute(found.where(EventDecision.sitting_id == sitting.id).order_by(EventDecision.id))
    return {(writer, seq): accepted for writer, seq, accepted in rows}
