"""A round's candidates: lists of them, and what is decided about one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core.db import db
from examapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from examapp.core.text import fold, whole_number
from examapp.core.words import _
from examapp.organisation.models import Official, Position
from examapp.rounds.models import Candidate, CandidateState, ExamRound, Paper, RoundState, Shift
from examapp.rounds.shifts import seats_taken

BEFORE_CLOSING = {RoundState.DRAFT, RoundState.SEALED, RoundState.OPEN}
MOST_EXTRA = 120


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of candidates shows, and in which order ("name", "-name", "number", "unit", "shift")."""

    words: str = ""
    shift: str = ""
    """Id of a shift, or "none"."""
    state: str = ""
    position: str = ""
    sort: str = "name"


def candidates_of(round_id: int, shown: Filter | None = None) -> Select[Candidate]:
    """The candidates of a round in a fixed order, with position, official and shift."""
    shown = shown or Filter()
    query = (
        select(Candidate)
        .join(Candidate.official)
        .outerjoin(Candidate.shift)
        .where(Candidate.round_id == round_id)
        .options(joinedload(Candidate.position), joinedload(Candidate.official), joinedload(Candidate.shift))
    )
    if words := fold(shown.words):
        like = f"%{words}%"
        query = query.where(
            or_(
                Official.name_fold.like(like),
                func.lower(Official.staff_code).like(like),
                Candidate.number.like(like),
                Candidate.unit_id.in_(_units_called(round_id, words)),
            )
        )
    if shown.shift == "none":
        query = query.where(Candidate.shift_id.is_(None))
    elif (shift_id := whole_number(shown.shift)) is not None:
        query = query.where(Candidate.shift_id == shift_id)
    if shown.state in set(CandidateState):
        query = query.where(Candidate.state == CandidateState(shown.state))
    if (position_id := whole_number(shown.position)) is not None:
        query = query.where(Candidate.position_id == position_id)
    columns = {
        "name": (Candidate.sort_key,),
        "number": (Candidate.number,),
        "unit": (Candidate.unit_name, Candidate.sort_key),
        "shift": (Shift.starts_at, Candidate.sort_key),
    }.get(shown.sort.removeprefix("-"), (Candidate.sort_key,))
    first, *others = columns
    return query.order_by(first.desc() if shown.sort.startswith("-") else first, *others, Candidate.id)


def _units_called(round_id: int, words: str) -> list[int]:
    """Units of the round whose frozen name holds ``words`` without regard to marks."""
    rows = db.session.execute(
        select(Candidate.unit_id, Candidate.unit_name).where(Candidate.round_id == round_id).distinct()
    )
    return [unit_id for unit_id, name in rows if words in fold(name)]


def positions_of(round_id: int) -> list[Position]:
    """The main positions of a round's candidates, by name."""
    here = select(Candidate.position_id).where(Candidate.round_id == round_id)
    return list(db.session.scalars(select(Position).where(Position.id.in_(here)).order_by(Position.name, Position.id)))


@dataclass(frozen=True, slots=True)
class Counts:
    enrolled: int
    excused: int
    withdrawn: int
    without_shift: int


def counts_of(round_id: int) -> Counts:
    """How many candidates of each state, and how many enrolled wait for a shift."""
    rows = db.session.execute(
        select(Candidate.state, Candidate.shift_id.is_(None), func.count())
        .where(Candidate.round_id == round_id)
        .group_by(Candidate.state, Candidate.shift_id.is_(None))
    ).all()

    def total(state: CandidateState) -> int:
        return sum(count for found, _without, count in rows if found is state)

    return Counts(
        enrolled=total(CandidateState.ENROLLED),
        excused=total(CandidateState.EXCUSED),
        withdrawn=total(CandidateState.WITHDRAWN),
        without_shift=sum(n for state, without, n in rows if without and state is CandidateState.ENROLLED),
    )


def get_candidate(exam_round: ExamRound, number: str) -> Candidate:
    """The candidate of this round with this number; not found otherwise."""
    found = db.session.scalar(
        candidates_of(exam_round.id).where(Candidate.number == number).options(joinedload(Candidate.round))
    )
    if found is None:
        raise NotFound()
    return found


def require_not_own(candidate: Candidate, *, person: Account) -> None:
    """Nobody decides about an exam of their own: neither whether to sit it, nor when, nor for how long."""
    if person.official_id is not None and person.official_id == candidate.official_id:
        raise Forbidden(
            _("Không ai tự quyết định về việc dự thi của chính mình."),
            advice=_("Hãy để người tổ chức hoặc giám thị khác thực hiện."),
        )


def release(candidate: Candidate, *, state: CandidateState, reason: str) -> None:
    """Excuse a candidate or take one off the list, for a reason; the row and its number stay."""
    _require_before_closing(candidate.round)
    if state is CandidateState.ENROLLED or not reason.strip():
        raise Invalid(_("Hãy ghi lý do, ví dụ số và ngày của đơn hoặc quyết định."), field="reason")
    candidate.state, candidate.reason = state, reason.strip()
    db.session.flush()
    _record("candidate.released", candidate, state=state.value, reason=candidate.reason)


def restore(candidate: Candidate) -> None:
    """Back on the list. After the sealing only somebody who has a paper can come back."""
    _require_before_closing(candidate.round)
    if candidate.state is CandidateState.ENROLLED:
        raise Conflict(_("Người này đang có trong danh sách dự thi."))
    has_paper = db.session.scalar(select(Paper.id).where(Paper.candidate_id == candidate.id).limit(1)) is not None
    if candidate.round.state is not RoundState.DRAFT and not has_paper:
        raise Conflict(
            _("Người này chưa có đề vì không có trong danh sách khi niêm phong."),
            advice=_("Nếu kỳ thi chưa mở, hãy mở niêm phong, đưa người này vào danh sách rồi niêm phong lại."),
        )
    if candidate.shift is not None and not has_room(candidate.shift):
        candidate.shift = None
    candidate.state, candidate.reason = CandidateState.ENROLLED, ""
    db.session.flush()
    _record("candidate.restored", candidate)


def move_candidate(candidate: Candidate, shift: Shift, *, now: datetime) -> None:
    """Seat a candidate in another shift that has room and is not over."""
    _require_before_closing(candidate.round)
    if shift.round_id != candidate.round_id:
        raise NotFound()
    if candidate.shift_id == shift.id:
        return
    if shift.ends_at <= now:
        raise Invalid(_("Ca “%(name)s” đã kết thúc. Hãy chọn ca khác.", name=shift.name), field="shift")
    if not has_room(shift):
        raise Invalid(_("Ca “%(name)s” đã đủ %(n)s chỗ.", name=shift.name, n=shift.capacity), field="shift")
    old = candidate.shift.name if candidate.shift is not None else ""
    candidate.shift = shift
    db.session.flush()
    _record("candidate.moved", candidate, old=old, new=shift.name)


def has_room(shift: Shift) -> bool:
    return shift.capacity is None or seats_taken(shift.round_id).get(shift.id, 0) < shift.capacity


def give_extra_minutes(candidate: Candidate, *, minutes: int, reason: str, now: datetime) -> None:
    """Individual extra time, decided before the shift begins; 0 takes it back."""
    _require_before_closing(candidate.round)
    if candidate.round.state is RoundState.OPEN and candidate.shift is not None and candidate.shift.starts_at <= now:
        raise Conflict(
            _("Ca thi của người này đã bắt đầu."),
            advice=_("Hãy dùng việc gia hạn ở trang theo dõi ca thi."),
        )
    if not 0 <= minutes <= MOST_EXTRA:
        raise Invalid(_("Số phút thêm phải từ 0 đến %(most)s.", most=MOST_EXTRA), field="minutes")
    if minutes and not reason.strip():
        raise Invalid(_("Hãy ghi lý do cho thêm giờ, ví dụ số và ngày của quyết định."), field="extra_reason")
    candidate.extra_minutes, candidate.extra_reason = minutes, reason.strip() if minutes else ""
    db.session.flush()
    _record("candidate.extra_minutes", candidate, minutes=minutes, reason=reason.strip())


def _require_before_closing(exam_round: ExamRound) -> None:
    if exam_round.state not in BEFORE_CLOSING:
        raise Conflict(_("Kỳ thi đã kết thúc hoặc đã hủy nên danh sách người dự thi không đổi được nữa."))


def _record(action: str, candidate: Candidate, **details: Any) -> None:
    record(action, "round", candidate.round.code, candidate=candidate.number, **details)
