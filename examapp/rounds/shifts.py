"""Shifts (ca thi): when, where, for how many."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select, update

from examapp.audit.services import record
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.words import _
from examapp.rounds.models import Candidate, CandidateState, ExamRound, RoundState, Shift
from examapp.rounds.services import check_length, require_draft


def get_shift(exam_round: ExamRound, shift_id: int) -> Shift:
    """A shift of this round; not found otherwise."""
    shift = db.session.scalar(select(Shift).where(Shift.id == shift_id, Shift.round_id == exam_round.id))
    if shift is None:
        raise NotFound()
    return shift


def save_shift(
    exam_round: ExamRound,
    *,
    shift: Shift | None = None,
    name: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str = "",
    contact: str = "",
    capacity: int | None = None,
) -> Shift:
    """Add a shift or change one. After the sealing the day stays: the questions were chosen by the law of that day."""
    if exam_round.state not in {RoundState.DRAFT, RoundState.SEALED}:
        raise Conflict(_("Kỳ thi đã mở hoặc đã kết thúc nên ca thi không sửa được nữa."))
    if shift is None:
        require_draft(exam_round)
    elif exam_round.state is RoundState.SEALED and _day(shift.starts_at) != _day(starts_at):
        raise Invalid(
            _(
                "Đề đã niêm phong theo ngày thi %(day)s. Muốn đổi ngày, hãy mở niêm phong trước.",
                day=text.format_date(_day(shift.starts_at)),
            ),
            field="starts_at",
        )
    check_times(exam_round, shift, name=name, starts_at=starts_at, ends_at=ends_at, place=place)
    _check_capacity(shift, capacity)
    shift = shift or Shift(round_id=exam_round.id)
    shift.name, shift.starts_at, shift.ends_at = name, starts_at, ends_at
    shift.place, shift.contact, shift.capacity = place, contact, capacity
    db.session.add(shift)
    db.session.flush()
    db.session.expire(exam_round, ["shifts"])
    record("shift.saved", "round", exam_round.code, shift=name, starts_at=starts_at, ends_at=ends_at, place=place)
    return shift


def check_times(
    exam_round: ExamRound, shift: Shift | None, *, name: str, starts_at: datetime, ends_at: datetime, place: str
) -> None:
    if ends_at <= starts_at:
        raise Invalid(_("Giờ kết thúc phải sau giờ bắt đầu."), field="ends_at")
    check_length(exam_round, starts_at, ends_at, field="ends_at")
    others = [other for other in exam_round.shifts if other is not shift]
    if any(other.name == name for other in others):
        raise Invalid(_("Kỳ thi đã có ca tên “%(name)s”. Hãy đặt tên khác.", name=name), field="name")
    for other in others:
        if other.place == place and other.starts_at < ends_at and starts_at < other.ends_at:
            raise Invalid(
                _(
                    "Trùng giờ với “%(name)s” (%(start)s đến %(end)s) ở cùng địa điểm.",
                    name=other.name,
                    start=text.format_moment(other.starts_at),
                    end=text.format_moment(other.ends_at),
                ),
                field="starts_at",
                advice=_("Hãy chọn giờ khác, hoặc ghi địa điểm khác nếu hai ca diễn ra song song."),
            )


def _check_capacity(shift: Shift | None, capacity: int | None) -> None:
    seated = seats_taken(shift.round_id).get(shift.id, 0) if shift is not None else 0
    if capacity is not None and capacity < seated:
        raise Invalid(
            _("Ca này đã xếp %(n)s người, nhiều hơn số chỗ. Hãy chuyển bớt người sang ca khác trước.", n=seated),
            field="capacity",
        )


def delete_shift(exam_round: ExamRound, shift: Shift) -> int:
    """Take a shift out of a draft; its candidates wait for another one. Gives how many they are."""
    require_draft(exam_round)
    seated = update(Candidate).where(Candidate.shift_id == shift.id).values(shift_id=None)
    count = db.session.execute(seated).rowcount  # type: ignore[attr-defined]
    record("shift.deleted", "round", exam_round.code, shift=shift.name, candidates=count)
    db.session.delete(shift)
    db.session.flush()
    db.session.expire(exam_round, ["shifts"])
    return int(count)


def seats_taken(round_id: int) -> dict[int, int]:
    """How many enrolled candidates each shift has."""
    counted = (
        select(Candidate.shift_id, func.count())
        .where(
            Candidate.round_id == round_id,
            Candidate.state == CandidateState.ENROLLED,
            Candidate.shift_id.is_not(None),
        )
        .group_by(Candidate.shift_id)
    )
    return {shift_id: count for shift_id, count in db.session.execute(counted) if shift_id is not None}


def exam_days(exam_round: ExamRound) -> list[date]:
    """The days of the exam in order; before there are shifts, the day that decides the posts stands in."""
    return sorted({_day(shift.starts_at) for shift in exam_round.shifts}) or [exam_round.posts_on]


def _day(moment: datetime) -> date:
    return clock.local(moment).date()
