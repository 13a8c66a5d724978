"""A round from draft to closed: who may see it, what it must say, and the moves between its states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Select, false, or_, select

from examapp.accounts.models import Account, Role
from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict, IllegalMove, Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.text import fold
from examapp.core.words import _
from examapp.organisation.tree import scope
from examapp.rounds.board import EVERY_SEAT, SEATED
from examapp.rounds.models import (
    BoardMember,
    Disclosure,
    ExamRound,
    Movement,
    Period,
    PostsRule,
    Purpose,
    RoundState,
    Setting,
    Shift,
)
from examapp.rounds.words import STATES

MOVES: dict[RoundState, frozenset[RoundState]] = {
    RoundState.DRAFT: frozenset({RoundState.SEALED, RoundState.CANCELLED}),
    RoundState.SEALED: frozenset({RoundState.DRAFT, RoundState.OPEN, RoundState.CANCELLED}),
    RoundState.OPEN: frozenset({RoundState.CLOSED, RoundState.CANCELLED}),
    RoundState.CLOSED: frozenset({RoundState.PUBLISHED}),
    RoundState.PUBLISHED: frozenset({RoundState.RECOGNISED}),
    RoundState.RECOGNISED: frozenset(),
    RoundState.CANCELLED: frozenset(),
}
"""Every state with those it may move to."""

Phase = Literal["not_open", "before", "running", "over"]


def exam_phase(exam_round: ExamRound, shift: Shift | None, now: datetime) -> Phase:
    """Where a shift stands for its candidates: only an open round is sat, between the shift's start and end."""
    if exam_round.state in {RoundState.DRAFT, RoundState.SEALED} or shift is None:
        return "not_open"
    if exam_round.state is not RoundState.OPEN or now >= shift.ends_at:
        return "over"
    return "before" if now < shift.starts_at else "running"


def move(exam_round: ExamRound, to: RoundState) -> None:
    """Put the round into another state, or say why it cannot go there."""
    require_move(exam_round, to)
    exam_round.state = to


def require_move(exam_round: ExamRound, to: RoundState) -> None:
    """Say why the round cannot go into that state, before anybody is asked to confirm it."""
    if to not in MOVES[exam_round.state]:
        raise IllegalMove(
            _(
                "Kỳ thi %(code)s đang ở trạng thái “%(now)s”, không chuyển sang “%(to)s” được.",
                code=exam_round.code,
                now=_(STATES[exam_round.state]),
                to=_(STATES[to]),
            ),
            advice=_("Hãy mở lại trang kỳ thi để xem trạng thái mới nhất."),
        )


def visible_rounds(person: Account, permission: Permission) -> Select[ExamRound]:
    """The rounds ``permission`` reaches: by grants over units, and by a seat on the round's board.

    An invigilator's grant reaches no unit by itself: it opens the rounds the person is named for.
    """
    grants = [grant for grant in person.grants_for(permission) if grant.role is not Role.INVIGILATOR]
    if any(grant.unit_id is None and grant.position_id is None for grant in grants):
        return select(ExamRound)
    units = [grant.unit_id for grant in grants if grant.unit_id is not None]
    reach = scope(units, on=clock.today()) if units else set()
    by_unit = ExamRound.unit_id.in_(reach) if reach else false()
    if permission in {Permission.ROUND_EDIT, Permission.BANK_DRAW}:
        return select(ExamRound).where(by_unit)
    seats = select(BoardMember.round_id).where(
        BoardMember.account_id == person.id, BoardMember.role.in_(SEATED.get(permission, EVERY_SEAT))
    )
    return select(ExamRound).where(or_(by_unit, ExamRound.id.in_(seats)))


def get_round(code: str, *, person: Account, permission: Permission = Permission.ROUND_READ) -> ExamRound:
    """The round called ``code``, if ``permission`` reaches it; not found otherwise."""
    found = db.session.scalar(visible_rounds(person, permission).where(ExamRound.code == code))
    if found is None:
        raise NotFound()
    return found


def rounds_called(words: str) -> list[int]:
    """Ids of the rounds whose code or name holds ``words`` (folded); rounds are few, so they are compared here."""
    rows = db.session.execute(select(ExamRound.id, ExamRound.code, ExamRound.name))
    return [round_id for round_id, code, name in rows if words in fold(f"{code} {name}")]


def may_edit(exam_round: ExamRound, person: Account) -> bool:
    """Whether ``person`` may change this round."""
    return reaches(exam_round, person, Permission.ROUND_EDIT)


def reaches(exam_round: ExamRound, person: Account, permission: Permission) -> bool:
    """Whether ``permission`` reaches this round for ``person``."""
    if not person.may(permission):
        return False
    reach = visible_rounds(person, permission).where(ExamRound.id == exam_round.id)
    return db.session.scalar(reach) is not None


def create_round(
    *,
    unit_id: int,
    code: str,
    name: str,
    year: int,
    period: Period,
    period_number: int,
    legal_basis_number: str,
    legal_basis_date: date,
    setting: Setting,
    minutes: int,
    posts_on: date,
    purpose: Purpose = Purpose.OFFICIAL,
    posts_rule: PostsRule = PostsRule.MAIN_AND_COMMON,
    union_max_questions: int = 60,
    union_max_minutes: int = 75,
    pass_percent: int = 50,
    late_window_minutes: int = 15,
    stop_limit_minutes: int = 30,
    movement: Movement = Movement.FREE,
    contact: str = "",
    integrity_basis: str = "",
    integrity_days: int = 30,
    seb_config_keys: str = "",
    seb_exam_keys: str = "",
    disclosure: Disclosure = Disclosure.MARKS,
    rules: str = "",
    created_by_id: int | None = None,
) -> ExamRound:
    """A new round in draft."""
    if db.session.scalar(select(ExamRound.id).where(ExamRound.code == code)) is not None:
        raise Invalid(_("Mã %(code)s đã dùng cho một kỳ thi khác. Hãy chọn mã khác.", code=code), field="code")
    exam_round = ExamRound(
        unit_id=unit_id,
        code=code,
        name=name,
        year=year,
        period=period,
        period_number=period_number,
        legal_basis_number=legal_basis_number,
        legal_basis_date=legal_basis_date,
        setting=setting,
        minutes=minutes,
        posts_on=posts_on,
        purpose=purpose,
        posts_rule=posts_rule,
        union_max_questions=union_max_questions,
        union_max_minutes=union_max_minutes,
        pass_percent=pass_percent,
        late_window_minutes=late_window_minutes,
        stop_limit_minutes=stop_limit_minutes,
        movement=movement,
        contact=contact,
        integrity_basis=integrity_basis.strip(),
        integrity_days=integrity_days,
        seb_config_keys=_keys(seb_config_keys, "seb_config_keys"),
        seb_exam_keys=_keys(seb_exam_keys, "seb_exam_keys"),
        disclosure=disclosure,
        rules=rules,
        state=RoundState.DRAFT,
        created_by_id=created_by_id,
    )
    _check_information(exam_round)
    db.session.add(exam_round)
    db.session.flush()
    record("round.created", "round", code, name=name, year=year, unit_id=unit_id)
    return exam_round


EDITABLE = (
    "unit_id",
    "name",
    "year",
    "period",
    "period_number",
    "legal_basis_number",
    "legal_basis_date",
    "purpose",
    "setting",
    "posts_on",
    "posts_rule",
    "union_max_questions",
    "union_max_minutes",
    "minutes",
    "pass_percent",
    "late_window_minutes",
    "stop_limit_minutes",
    "movement",
    "contact",
    "integrity_basis",
    "integrity_days",
    "seb_config_keys",
    "seb_exam_keys",
    "disclosure",
    "rules",
)


SEB_KEYS = ("seb_config_keys", "seb_exam_keys")


def _keys(text: str, field: str) -> str:
    """Keys of Safe Exam Browser, one a line, as they are compared."""
    keys = (text or "").lower().split()
    if any(re.fullmatch(r"[0-9a-f]{64}", key) is None for key in keys):
        raise Invalid(_("Mỗi khóa là 64 chữ số và chữ cái từ a đến f, mỗi dòng một khóa."), field=field)
    return "\n".join(keys)


def update_round(exam_round: ExamRound, **values: Any) -> list[str]:
    """Change what a draft says; gives the names of what changed. The code stays: it is in addresses and documents."""
    require_draft(exam_round)
    values |= {name: _keys(values[name], name) for name in SEB_KEYS if name in values}
    changed = [name for name in EDITABLE if name in values and getattr(exam_round, name) != values[name]]
    old = {name: getattr(exam_round, name) for name in changed}
    for name in changed:
        setattr(exam_round, name, values[name])
    _check_information(exam_round)
    for shift in exam_round.shifts:
        check_length(exam_round, shift.starts_at, shift.ends_at, field="minutes")
    db.session.flush()
    if changed:
        new = {name: getattr(exam_round, name) for name in changed}
        record("round.changed", "round", exam_round.code, old=_texts(old), new=_texts(new))
    return changed


def _texts(values: dict[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


PERIODS = {Period.MONTH: 12, Period.QUARTER: 4, Period.HALF: 2, Period.YEAR: 1}


def _check_information(exam_round: ExamRound) -> None:
    last = PERIODS[exam_round.period]
    if not 1 <= exam_round.period_number <= last:
        raise Invalid(_("Số của kỳ phải từ 1 đến %(last)s.", last=last), field="period_number")
    if exam_round.posts_rule is PostsRule.UNION and exam_round.union_max_minutes < exam_round.minutes:
        raise Invalid(
            _("Trần số phút khi gộp các vị trí không được ít hơn thời gian làm bài của một vị trí."),
            field="union_max_minutes",
        )


def require_draft(exam_round: ExamRound) -> None:
    """What papers are drawn from is changed in a draft only."""
    if exam_round.state is not RoundState.DRAFT:
        raise Conflict(
            _("Kỳ thi %(code)s không còn ở bước soạn thảo, nên mục này không sửa được.", code=exam_round.code),
            advice=_("Nếu kỳ thi chưa mở, hãy mở niêm phong để quay lại bước soạn thảo."),
        )


def check_length(exam_round: ExamRound, starts_at: datetime, ends_at: datetime, *, field: str) -> None:
    """A shift must hold a whole paper."""
    if (ends_at - starts_at).total_seconds() < exam_round.minutes * 60:
        raise Invalid(
            _(
                "Thời gian làm bài là %(minutes)s phút, dài hơn ca thi (%(length)s phút).",
                minutes=exam_round.minutes,
                length=int((ends_at - starts_at).total_seconds() // 60),
            ),
            field=field,
        )


def propose_code(year: int, period: Period, number: int) -> str:
    """A free code of the form KT-2026-Q1."""
    part = {Period.MONTH: f"T{number:02d}", Period.QUARTER: f"Q{number}", Period.HALF: f"N{number}", Period.YEAR: "CN"}
    stem = f"KT-{year}-{part[period]}"
    taken = set(db.session.scalars(select(ExamRound.code).where(ExamRound.code.startswith(stem, autoescape=True))))
    return next(c for n in range(1, len(taken) + 2) if (c := stem if n == 1 else f"{stem}-{n}") not in taken)


def open_round(exam_round: ExamRound, *, now: datetime, lacks: Sequence[str] = ()) -> None:
    """Let the candidates in from the start of their shifts. ``lacks``: what readiness says still stands in the way."""
    require_openable(exam_round, lacks)
    move(exam_round, RoundState.OPEN)
    record("round.opened", "round", exam_round.code, at=now)


def require_openable(exam_round: ExamRound, lacks: Sequence[str]) -> None:
    """Say all that keeps the round from being opened now."""
    require_move(exam_round, RoundState.OPEN)
    if lacks:
        raise Invalid(_("Chưa mở được kỳ thi %(code)s.", code=exam_round.code), details=list(lacks))


def close_round(
    exam_round: ExamRound, *, now: datetime, confirmed: bool = False, unfinished: Sequence[str] = ()
) -> None:
    """Nobody starts any more. While a shift is still to come or running, or something waits for a decision
    (``unfinished``, in sentences), this needs a confirmation."""
    running = shifts_not_over(exam_round, now)
    if exam_round.state is RoundState.OPEN and unfinished and not confirmed:
        raise Conflict(" ".join(unfinished), advice=_("Hãy quyết định trước, hoặc xác nhận đóng sớm."))
    if exam_round.state is RoundState.OPEN and running and not confirmed:
        raise Conflict(
            _("Còn %(n)s ca thi chưa kết thúc: %(names)s.", n=len(running), names=", ".join(s.name for s in running)),
            advice=_("Hãy đợi các ca kết thúc, hoặc xác nhận đóng sớm."),
        )
    move(exam_round, RoundState.CLOSED)
    exam_round.closed_at = now
    record("round.closed", "round", exam_round.code, at=now, early=bool(running))


def shifts_not_over(exam_round: ExamRound, now: datetime) -> list[Shift]:
    return [shift for shift in exam_round.shifts if shift.ends_at > now]


def cancel_round(exam_round: ExamRound, *, reason: str) -> None:
    """Call the round off; what happened so far stays on record."""
    if not reason.strip():
        raise Invalid(_("Hãy ghi lý do hủy kỳ thi."), field="reason")
    move(exam_round, RoundState.CANCELLED)
    exam_round.cancel_reason = reason.strip()
    record("round.cancelled", "round", exam_round.code, reason=reason.strip())
