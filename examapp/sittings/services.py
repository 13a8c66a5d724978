"""The rules of a sitting, as verbs: start, take over, extend, submit."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import BindParameter, ColumnElement, Select, case, func, select, update
from sqlalchemy import text as text_clause
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core import clock, text
from examapp.core.db import db, new_reference
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.words import _
from examapp.rounds.candidates import require_not_own
from examapp.rounds.models import Candidate, CandidateState, Paper, Shift
from examapp.rounds.services import exam_phase
from examapp.sittings.events import require_room
from examapp.sittings.integrity import keep_second_device
from examapp.sittings.models import Extension, Sitting, SittingLease, SittingState
from examapp.sittings.save import Batch, Outcome, save, stored_response
from examapp.sittings.settle import change, is_held, responses_of, settle
from examapp.sittings.standing import SUBMISSION, Response
from examapp.sittings.store import SessionStore
from examapp.sittings.token import Token

__all__ = ["extend", "own_candidate", "own_sitting", "responses_of", "start_sitting", "submit", "take_over"]


def own_candidate(candidate_id: int, *, official_id: int | None) -> Candidate:
    """The person's own enrolment; anybody else's is not found."""
    candidate = db.session.scalar(
        select(Candidate)
        .where(Candidate.id == candidate_id, Candidate.official_id == official_id)
        .options(joinedload(Candidate.round), joinedload(Candidate.shift), joinedload(Candidate.position))
    )
    if candidate is None:
        raise NotFound()
    return candidate


def own_sitting(ref: str, *, official_id: int | None) -> Sitting:
    """The person's own sitting, with what its page shows; anybody else's is not found."""
    if not (ref.isascii() and ref.isalnum()):  # no database is asked for what it may not even take as text
        raise NotFound()
    sitting = db.session.scalar(
        select(Sitting)
        .join(Sitting.candidate)
        .where(Sitting.ref == ref, Candidate.official_id == official_id)
        .options(
            joinedload(Sitting.paper),
            joinedload(Sitting.candidate).options(joinedload(Candidate.round), joinedload(Candidate.shift)),
        )
    )
    if sitting is None:
        raise NotFound()
    return sitting


def sitting_of(candidate_id: int) -> Sitting | None:
    """The candidate's sitting; a stopped one is not."""
    return db.session.scalars(_counting_of(candidate_id)).one_or_none()


def _counting_of(candidate_id: int) -> Select[Sitting]:
    return select(Sitting).where(Sitting.candidate_id == candidate_id, Sitting.is_counting)


def paper_of(candidate_id: int) -> Paper | None:
    """The counting paper: the one with the highest number."""
    papers = select(Paper).where(Paper.candidate_id == candidate_id).order_by(Paper.number.desc())
    return db.session.scalar(papers.limit(1))


def why_not(candidate: Candidate, *, now: datetime) -> str | None:
    """Why this person cannot start now, in a sentence that says what to do; nothing when they can."""
    shift = candidate.shift
    if candidate.state is not CandidateState.ENROLLED:
        return _("Người dự thi đã được ghi nhận không dự kỳ thi này (%(reason)s).", reason=candidate.reason)
    if shift is None:
        return _("Chưa được xếp ca thi. Hãy liên hệ người tổ chức thi.")
    match exam_phase(candidate.round, shift, now):
        case "not_open":
            return _("Kỳ thi chưa mở. Ca thi dự kiến bắt đầu lúc %(at)s.", at=text.format_moment(shift.starts_at))
        case "before":
            return _(
                "Chưa đến giờ thi: ca thi bắt đầu lúc %(at)s. Hãy quay lại trang này khi đến giờ.",
                at=text.format_moment(shift.starts_at),
            )
        case "over":
            return _("Ca thi đã kết thúc lúc %(at)s nên không bắt đầu được nữa.", at=text.format_moment(shift.ends_at))
    return None


def start_sitting(candidate: Candidate, *, now: datetime, device: str = "") -> Sitting:
    """Begin, or give the sitting that has begun: a second tab and a second press get the same one."""
    if found := sitting_of(candidate.id):
        return found
    if reason := why_not(candidate, now=now):
        raise Conflict(reason, advice=_("Nếu thông tin này không đúng, hãy gọi người tổ chức thi."))
    paper = paper_of(candidate.id)
    if paper is None:
        raise Conflict(
            _("Chưa có đề thi đã niêm phong cho người dự thi này."),
            advice=_("Hãy báo ngay người tổ chức thi; thời gian làm bài chưa bắt đầu tính."),
        )
    started_ms = clock.to_ms(now)
    deadline_ms = deadline(candidate, paper, started_ms=started_ms, extended=_extended(candidate.shift_id))
    values = {
        "ref": new_reference(),
        "candidate_id": candidate.id,
        "paper_id": paper.id,
        "state": SittingState.STARTED,
        "lease": 1,
        "started_ms": started_ms,
        "deadline_ms": deadline_ms,
        "late_ms": deadline_ms + _late_window(candidate),
        "receipt": "",
        "digest": "",
        "notice": "",
    }
    sitting = _insert_unless_there(values)
    if sitting is None:
        return db.session.scalars(_counting_of(candidate.id)).one()
    db.session.add(SittingLease(sitting_id=sitting.id, number=1, device=device or new_reference(), taken_ms=started_ms))
    db.session.flush()
    return sitting


def _insert_unless_there(values: dict[str, Any]) -> Sitting | None:
    """Two tabs press Start in the same moment: the unique candidate decides, and neither fails."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(Sitting)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["candidate_id"], index_where=text_clause("state <> 'stopped'"))
    )
    found: Sitting | None = db.session.scalar(statement.returning(Sitting))
    return found


def deadline(candidate: Candidate, paper: Paper, *, started_ms: int, extended: int) -> int:
    """min(start + allowance, end of the shift) + the person's extra time + extensions + the spread, in milliseconds.

    Papers open over the first seconds of a shift, each candidate's at a moment of its own; all get that time on top.
    """
    allowed = started_ms + paper.minutes * 60_000
    if candidate.shift is not None:
        allowed = min(allowed, clock.to_ms(candidate.shift.ends_at))
    spread_ms: int = current_app.config["SETTINGS"].start_spread_seconds * 1000
    return allowed + (candidate.extra_minutes + extended) * 60_000 + spread_ms


def _late_window(candidate: Candidate) -> int:
    return candidate.round.late_window_minutes * 60_000


def _extended(shift_id: int | None) -> int:
    """Minutes the shift has been given so far; they hold for whoever starts later too."""
    given = select(func.coalesce(func.sum(Extension.minutes), 0)).where(Extension.shift_id == shift_id)
    return int(db.session.scalar(given) or 0)


class MovedMeanwhileError(Conflict):
    """The sitting is not where it was when the question was asked whether to move it."""


def lease_of(sitting: Sitting) -> SittingLease:
    """The present lease: which device holds the sitting, and since when."""
    held = select(SittingLease).where(SittingLease.sitting_id == sitting.id, SittingLease.number == sitting.lease)
    return db.session.scalars(held).one()


def lease_device(sitting: Sitting) -> str:
    """The device that holds the sitting."""
    return lease_of(sitting).device


def take_over(sitting: Sitting, *, shown: int, device: str, now: datetime) -> Sitting:
    """Move the sitting to this device; the one before keeps what it has saved, and is told at its next contact.

    ``shown`` is the lease that the person was asked about: a press that arrives late moves nothing back.
    """
    if sitting.state is not SittingState.STARTED:
        raise Conflict(_("Bài này đã nộp hoặc đã chốt, nên không chuyển sang máy khác được."))
    if lease_device(sitting) == device:
        return sitting
    if sitting.lease != shown:
        raise MovedMeanwhileError(_("Bài vừa được mở ở một máy khác nữa."))
    if not change(sitting, Sitting.lease == shown, Sitting.state == SittingState.STARTED, lease=shown + 1):
        raise MovedMeanwhileError(_("Bài vừa được mở ở một máy khác nữa."))
    db.session.add(SittingLease(sitting_id=sitting.id, number=sitting.lease, device=device, taken_ms=clock.to_ms(now)))
    keep_second_device(sitting, now=now)
    record("sitting.moved", "sitting", sitting.ref, lease=sitting.lease)
    db.session.flush()
    return sitting


def extend(target: Sitting | Shift, *, minutes: int, reason: str, by: Account, now: datetime) -> int:
    """Give more time to one person or to a whole shift; returns how many running sittings got it."""
    if not 1 <= minutes <= 240:
        raise Invalid(_("Thời gian cộng thêm phải từ 1 đến 240 phút."), field="minutes")
    if not reason.strip():
        raise Invalid(_("Hãy ghi lý do cộng thêm thời gian."), field="reason")
    if isinstance(target, Sitting) and target.state is not SittingState.STARTED:
        raise Conflict(_("Bài này đã nộp hoặc đã chốt, nên không cộng thêm thời gian được."))
    for candidate in _given_time(target, by):
        require_not_own(candidate, person=by)
    one = isinstance(target, Sitting)
    extension = Extension(
        sitting_id=target.id if one else None,
        shift_id=None if one else target.id,
        minutes=minutes,
        reason=reason.strip(),
        by_id=by.id,
        at=now,
    )
    db.session.add(extension)
    db.session.flush()
    count = _add_minutes(target, minutes, time_notice(extension))
    kind, name = ("sitting", target.ref) if isinstance(target, Sitting) else ("shift", str(target.id))
    record("sitting.extended", kind, name, minutes=minutes, reason=extension.reason, sittings=count)
    return count


def time_notice(extension: Extension) -> str:
    """What the candidate's page is told of it at its next contact."""
    told = {"id": extension.id, "minutes": extension.minutes, "reason": extension.reason}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def with_notice(told: str | BindParameter[str]) -> ColumnElement[str]:
    """The notices of a sitting with one more: a page that was offline meanwhile is told all of them."""
    return case((Sitting.notice == "", told), else_=Sitting.notice + "," + told)


def _given_time(target: Sitting | Shift, by: Account) -> list[Candidate]:
    """Whom an extension concerns, as far as that is the person who gives it."""
    if isinstance(target, Sitting):
        return [target.candidate]
    own = select(Candidate).where(Candidate.shift_id == target.id, Candidate.official_id == by.official_id)
    return list(db.session.scalars(own))


def _add_minutes(target: Sitting | Shift, minutes: int, notice: str) -> int:
    """Move the deadline of every running sitting it concerns, in one statement."""
    if isinstance(target, Sitting):
        whose = Sitting.id == target.id
    else:
        whose = Sitting.candidate_id.in_(select(Candidate.id).where(Candidate.shift_id == target.id))
    moved = db.session.execute(
        update(Sitting)
        .where(whose, Sitting.state == SittingState.STARTED)
        .values(
            deadline_ms=Sitting.deadline_ms + minutes * 60_000,
            late_ms=Sitting.late_ms + minutes * 60_000,
            notice=with_notice(notice),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return int(moved.rowcount)  # type: ignore[attr-defined]


def save_answers(sitting: Sitting, answers: dict[int, Response], *, token: Token, now: datetime) -> Outcome:
    """Append answers that came by a plain form, in this order: what the page sends now is claimed for now."""
    if answers:
        require_room(sitting)
    now_ms = clock.to_ms(now)
    events = {
        number: (slot, stored_response(response), now_ms)
        for number, (slot, response) in enumerate(answers.items(), start=1)
    }
    return save(SessionStore(), token, Batch(_form_writer(), events), now_ms)


def _form_writer() -> str:
    return "form-" + secrets.token_urlsafe(12)


def _require_lease(sitting: Sitting, token: Token) -> None:
    """Only the device that has the sitting hands it in."""
    if token.lease < sitting.lease and sitting.state is SittingState.STARTED:
        raise Conflict(
            _("Bài đang mở trên thiết bị khác, nên thiết bị này không nộp được."),
            advice=_("Hãy nộp ở thiết bị đang làm bài, hoặc mở lại bài thi ở thiết bị này."),
        )


def _require_room_after_the_end(sitting: Sitting, batch: Batch | None) -> None:
    """A sitting is handed in once with what its page still holds; who goes on sending answers is counted."""
    if batch is not None and batch.events and sitting.state is not SittingState.STARTED:
        require_room(sitting)


def submit(
    sitting: Sitting,
    *,
    token: Token,
    now: datetime,
    batch: Batch | None = None,
    submission: tuple[int, int] | None = None,
) -> Outcome | None:
    """Take what the device still held, and the paper with it; a second submission gives the first one's receipt.

    ``submission`` is (seq, answered_ms) of the event that submits, counted by the device with its answers.
    """
    now_ms = clock.to_ms(now)
    _require_lease(sitting, token)
    _require_room_after_the_end(sitting, batch)
    outcome = save(SessionStore(), token, batch, now_ms) if batch is not None else None
    still_here = Sitting.state == SittingState.STARTED, Sitting.lease <= token.lease
    taken = change(sitting, *still_here, state=SittingState.SUBMITTED, submitted_ms=now_ms)
    _require_lease(sitting, token)  # it may have moved since it was read
    if taken:
        seq, answered = submission or (1, now_ms)
        writer = batch.writer if batch is not None else _form_writer()
        save(SessionStore(), token, Batch(writer, {seq: (SUBMISSION, "[]", answered)}), now_ms)
        if now_ms < sitting.deadline_ms or not is_held(sitting):  # a page whose time is over submits by itself
            settle(sitting, now=now)
    return outcome
