"""What was recorded of stops, gathered for pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db
from examapp.core.words import N_, _
from examapp.rounds.models import Candidate, ExamRound, Paper
from examapp.sittings.events import events_of, facts_of
from examapp.sittings.models import AnswerEvent, Extension, Sitting, SittingState, Stop, StopOutcome
from examapp.sittings.standing import Standing, standings, tally

OUTCOMES: dict[StopOutcome, tuple[str, str]] = {
    StopOutcome.TIME_BACK: ("good", N_("Đã trả lại thời gian")),
    StopOutcome.WAITING: ("warn", N_("Chờ quyết định")),
    StopOutcome.MAKE_UP: ("act", N_("Cho thi bù bằng đề khác")),
    StopOutcome.REFUSED: ("neutral", N_("Không cho thi bù")),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A stop in words."""

    stop: Stop
    candidate: Candidate
    began: datetime
    ended: datetime
    by: str
    decided_by: str
    given: int | None
    """Minutes given back."""
    paper_number: int | None

    @property
    def minutes(self) -> int:
        return -(-(self.stop.ended_ms - self.stop.began_ms) // 60_000)

    @property
    def tag(self) -> tuple[str, str]:
        kind, label = OUTCOMES[self.stop.outcome]
        return kind, _(label)

    @property
    def waits(self) -> bool:
        return self.stop.outcome is StopOutcome.WAITING


@dataclass(frozen=True, slots=True)
class Ended:
    """A sitting that a make-up took the place of: kept, and shown as it was."""

    sitting: Sitting
    started: datetime
    deadline: datetime
    received: int
    last: datetime | None
    standing: dict[Standing, int]
    paper_number: int


def of_candidate(candidate: Candidate) -> list[Told]:
    """The stops of one person, the latest first."""
    found = _select().where(Candidate.id == candidate.id).order_by(Stop.began_ms.desc(), Stop.id.desc())
    return _told(db.session.execute(found).all())


def of_round(exam_round: ExamRound) -> list[Told]:
    """Those of a round: first what waits, then the latest."""
    waits = case((Stop.outcome == StopOutcome.WAITING, 0), else_=1)
    found = _select().where(Candidate.round_id == exam_round.id).order_by(waits, Stop.began_ms.desc(), Stop.id)
    return _told(db.session.execute(found).all())


def one(stop: Stop) -> Told:
    return _told(db.session.execute(_select().where(Stop.id == stop.id)).all())[0]


def _select() -> Select[Any, Any, Any, Any]:
    return (
        select(Stop, Candidate, Extension.minutes, Paper.number)
        .join(Sitting, Sitting.id == Stop.sitting_id)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .outerjoin(Extension, Extension.id == Stop.extension_id)
        .outerjoin(Paper, Paper.id == Stop.paper_id)
        .options(joinedload(Candidate.shift))
    )


def _told(rows: Sequence[Any]) -> list[Told]:
    ids = {account_id for stop, *_rest in rows for account_id in (stop.by_id, stop.decided_by_id)}
    names: dict[int | None, str] = {None: ""}
    for account_id, name in db.session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids))):
        names[account_id] = name
    return [
        Told(
            stop=stop,
            candidate=candidate,
            began=clock.from_ms(stop.began_ms),
            ended=clock.from_ms(stop.ended_ms),
            by=names[stop.by_id],
            decided_by=names[stop.decided_by_id],
            given=given,
            paper_number=number,
        )
        for stop, candidate, given, number in rows
    ]


def ended_sittings(candidate: Candidate) -> list[Ended]:
    """The person's sittings that were stopped, in their order: times and standings, no answers."""
    found = db.session.scalars(
        select(Sitting)
        .where(Sitting.candidate_id == candidate.id, Sitting.state == SittingState.STOPPED)
        .options(joinedload(Sitting.paper))
        .order_by(Sitting.id)
    )
    return [_ended(sitting) for sitting in found]


def _ended(sitting: Sitting) -> Ended:
    received = select(func.count(), func.max(AnswerEvent.received_ms)).where(
        AnswerEvent.sitting_id == sitting.id, AnswerEvent.slot > 0
    )
    count, last = db.session.execute(received).one()
    return Ended(
        sitting=sitting,
        started=clock.from_ms(sitting.started_ms),
        deadline=clock.from_ms(sitting.deadline_ms),
        received=count,
        last=clock.from_ms(last) if last else None,
        standing=tally(standings(events_of(sitting), facts_of(sitting))),
        paper_number=sitting.paper.number,
    )
