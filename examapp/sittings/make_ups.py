"""What the council decides about a stop that was too long: a make-up on another paper, or that it goes on as it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core.db import db, end_transaction, reading
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.words import _
from examapp.rounds import make_up as make_up_rules
from examapp.rounds.candidates import require_not_own
from examapp.rounds.make_up import Drawing, MakeUp, draw_make_up, drawing_of
from examapp.rounds.models import Candidate, ExamRound, Shift
from examapp.sittings.council import require_may_decide
from examapp.sittings.models import Sitting, SittingState, Stop, StopOutcome
from examapp.sittings.stops import stopped_notice

OPEN = (SittingState.STARTED, SittingState.SUBMITTED)
"""Not settled: what is submitted while a stop waits for the council is settled after the decision."""


def get_stop(exam_round: ExamRound, stop_id: int) -> tuple[Stop, Sitting]:
    """A stop of this round with its sitting; not found otherwise."""
    found = db.session.execute(
        select(Stop, Sitting)
        .join(Sitting, Sitting.id == Stop.sitting_id)
        .join(Sitting.candidate)
        .where(Stop.id == stop_id, Candidate.round_id == exam_round.id)
        .options(joinedload(Sitting.candidate).options(joinedload(Candidate.round), joinedload(Candidate.shift)))
    ).first()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def make_up(
    stop: Stop, sitting: Sitting, *, shift: Shift, reason: str, by: Account, demo: bool, now: datetime
) -> MakeUp:
    """End the sitting, which is kept and not counted, and let the person sit another paper in another shift."""
    reason = _allowed(stop, sitting, reason, by)
    _require_unsettled(sitting)
    made = draw_make_up(sitting.candidate, shift, reason=reason, demo=demo, now=now)
    ended = db.session.execute(
        update(Sitting)
        .where(Sitting.id == sitting.id, Sitting.state.in_(OPEN))
        .values(state=SittingState.STOPPED, submitted_ms=None, notice=stopped_notice(stop, reason))
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(sitting)
    if not ended.rowcount:  # type: ignore[attr-defined]
        _require_unsettled(sitting)
    # One decision answers all that waits for this sitting.
    _decide(Stop.sitting_id == sitting.id, StopOutcome.MAKE_UP, reason, by=by, now=now, paper_id=made.paper.id)
    db.session.refresh(stop)
    record("sitting.stopped", "sitting", sitting.ref, reason=reason, shift=shift.name, number=made.paper.number)
    return made


def preview(
    stop: Stop, sitting: Sitting, *, shift: Shift, reason: str, by: Account, demo: bool, now: datetime
) -> Drawing:
    """The paper that :func:`make_up` would seal, before anything is decided; refuses what it would refuse.

    Nobody who writes waits meanwhile. It stands before anything is changed: the present transaction ends."""
    with reading():
        _allowed(stop, sitting, reason, by)
        _require_unsettled(sitting)
        found = drawing_of(sitting.candidate, shift, demo=demo, now=now)
        end_transaction(db.session)
        return found


def refuse(stop: Stop, sitting: Sitting, *, reason: str, by: Account, now: datetime) -> None:
    """No make-up: the sitting goes on, and is settled, as it is."""
    reason = _allowed(stop, sitting, reason, by)
    _decide(Stop.id == stop.id, StopOutcome.REFUSED, reason, by=by, now=now)
    db.session.refresh(stop)
    record("stop.refused", "sitting", sitting.ref, reason=reason)


def add_shift(exam_round: ExamRound, *, by: Account, now: datetime, **values: Any) -> Shift:
    """A further shift to sit make-ups in, by whoever decides about them."""
    require_may_decide(exam_round, by)
    return make_up_rules.add_shift(exam_round, now=now, **values)


def can_end(sitting: Sitting) -> bool:
    """Whether a make-up may still take the place of this sitting."""
    return sitting.state in OPEN


def _allowed(stop: Stop, sitting: Sitting, reason: str, by: Account) -> str:
    require_may_decide(sitting.candidate.round, by)
    require_not_own(sitting.candidate, person=by)
    if stop.outcome is not StopOutcome.WAITING:
        raise _answered()
    if not reason.strip():
        raise Invalid(_("Hãy ghi lý do của quyết định."), field="reason")
    return reason.strip()


def _require_unsettled(sitting: Sitting) -> None:
    if not can_end(sitting):
        raise Conflict(
            _("Bài này đã nộp và đã chốt, nên không thay bằng thi bù được."),
            advice=_("Hãy ghi từ chối kèm lý do; bài được tính như đã nộp."),
        )


def _decide(
    which: ColumnElement[bool],
    outcome: StopOutcome,
    reason: str,
    *,
    by: Account,
    now: datetime,
    paper_id: int | None = None,
) -> None:
    """Two people who decide at once: the first does."""
    done = db.session.execute(
        update(Stop)
        .where(which, Stop.outcome == StopOutcome.WAITING)
        .values(outcome=outcome, decision=reason, decided_by_id=by.id, decided_at=now, paper_id=paper_id)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise _answered()


def _answered() -> Conflict:
    return Conflict(_("Lần gián đoạn này đã có quyết định."), advice=_("Hãy mở lại trang để xem quyết định đã ghi."))
