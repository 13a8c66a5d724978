"""Rounds that run now, or have a shift today, for whoever watches them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db
from examapp.core.permissions import Permission
from examapp.core.words import _, ngettext
from examapp.rounds.models import Candidate, CandidateState, ExamRound, RoundState, Shift
from examapp.rounds.services import visible_rounds

MOST = 20
SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """A shift that is not over."""

    shift: Shift
    tag: tuple[str, str]
    """Kind and words."""
    people: int


@dataclass(frozen=True, slots=True)
class RoundToday:
    """A round to watch, with its shifts that run or are still to come."""

    name: str
    url: str
    label: str
    """Of the link."""
    warning: str
    shifts: list[ShiftLine]


def rounds_today(person: Account, *, now: datetime) -> list[RoundToday]:
    """Open rounds with a shift not over, and sealed ones with a shift today; those that run first, in three
    statements."""
    if not person.may(Permission.ROUND_WATCH):
        return []
    awaited = ExamRound.state.in_([RoundState.SEALED, RoundState.OPEN])
    not_over = ExamRound.id.in_(select(Shift.round_id).where(Shift.ends_at > now))
    found = (
        visible_rounds(person, Permission.ROUND_WATCH).where(awaited, not_over).options(selectinload(ExamRound.shifts))
    )
    rounds = [one for one in db.session.scalars(found) if _is_shown(one, now)]
    rounds.sort(key=lambda one: (min(shift.starts_at for shift in _left(one, now)), one.id))
    people = _people([one.id for one in rounds])
    return [_told(one, people, now) for one in rounds[:MOST]]


def _left(exam_round: ExamRound, now: datetime) -> list[Shift]:
    return [shift for shift in exam_round.shifts if shift.ends_at > now]


def _is_today(shift: Shift, now: datetime) -> bool:
    return clock.local(shift.starts_at).date() <= clock.local(now).date()


def _is_shown(exam_round: ExamRound, now: datetime) -> bool:
    if exam_round.state is RoundState.OPEN:
        return bool(_left(exam_round, now))
    return any(_is_today(shift, now) for shift in _left(exam_round, now))


def _people(round_ids: Sequence[int]) -> Counter[int | None]:
    """How many are enrolled, by shift."""
    rows = (
        select(Candidate.shift_id, func.count())
        .where(Candidate.round_id.in_(round_ids), Candidate.state == CandidateState.ENROLLED)
        .group_by(Candidate.shift_id)
    )
    return Counter({shift_id: count for shift_id, count in db.session.execute(rows)})


def _told(exam_round: ExamRound, people: Counter[int | None], now: datetime) -> RoundToday:
    left = _left(exam_round, now)
    today = [shift for shift in left if _is_today(shift, now)]
    is_open = exam_round.state is RoundState.OPEN
    return RoundToday(
        name=exam_round.name,
        url=url_for("invigilation.board" if is_open else "rounds.exam_round", code=exam_round.code),
        label=_("Theo dõi làm bài") if is_open else _("Xem kỳ thi"),
        warning="" if is_open else _("Kỳ thi chưa mở: đến giờ người dự thi vẫn chưa vào làm bài được."),
        shifts=[ShiftLine(shift, _tag(shift, now), people[shift.id]) for shift in today or left[:1]],
    )


def _tag(shift: Shift, now: datetime) -> tuple[str, str]:
    if shift.starts_at <= now:
        return "act", _("Đang trong giờ")
    wait = shift.starts_at - now
    if wait <= SOON:
        minutes = -(-int(wait.total_seconds()) // 60)
        return "warn", ngettext("Bắt đầu sau %(n)s phút", "Bắt đầu sau %(n)s phút", minutes)
    return "neutral", _("Sắp tới")
