"""A sitting's stored events and dated facts, as :mod:`examapp.sittings.standing` wants them."""

from __future__ import annotations

import json

from sqlalchemy import select

from examapp.core.db import db
from examapp.sittings.models import AnswerEvent, Sitting, SittingLease
from examapp.sittings.standing import Event, Facts


def events_of(sitting: Sitting) -> list[Event]:
    rows = db.session.execute(
        select(
            AnswerEvent.writer,
            AnswerEvent.seq,
            AnswerEvent.lease,
            AnswerEvent.slot,
            AnswerEvent.response,
            AnswerEvent.answered_ms,
            AnswerEvent.received_ms,
        ).where(AnswerEvent.sitting_id == sitting.id)
    )
    return [
        Event(writer, seq, lease, slot, tuple(json.loads(response)), answered, received)
        for writer, seq, lease, slot, response, answered, received in rows
    ]


def facts_of(sitting: Sitting) -> Facts:
    taken: list[int] = []
    if sitting.lease > 1:
        leases = select(SittingLease.taken_ms).where(SittingLease.sitting_id == sitting.id, SittingLease.number > 1)
        taken = list(db.session.scalars(leases.order_by(SittingLease.number)))
    return Facts(sitting.started_ms, sitting.deadline_ms, sitting.late_ms, sitting.submitted_ms, tuple(taken))
