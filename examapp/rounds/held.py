"""Rounds that have had papers, for the bank: where and when its questions were drawn."""

from __future__ import annotations

from sqlalchemy import func, select

from examapp.core import clock
from examapp.core.db import db
from examapp.core.room import HeldRound
from examapp.organisation.models import Unit
from examapp.rounds.models import ExamRound, RoundState, Shift


def held_rounds() -> list[HeldRound]:
    """In one statement; rounds are few."""
    first = select(Shift.round_id, func.min(Shift.starts_at).label("at")).group_by(Shift.round_id).subquery()
    rows = db.session.execute(
        select(ExamRound.id, ExamRound.name, ExamRound.state, Unit.name, first.c.at)
        .join(Unit, Unit.id == ExamRound.unit_id)
        .outerjoin(first, first.c.round_id == ExamRound.id)
        .where(ExamRound.sealed_at.is_not(None))
        .order_by(ExamRound.sealed_at.desc(), ExamRound.id.desc())
    )
    awaited = {RoundState.DRAFT, RoundState.SEALED, RoundState.OPEN}
    return [
        HeldRound(round_id, name, place, clock.local(at).date() if at else None, state not in awaited)
        for round_id, name, state, place, at in rows
    ]
