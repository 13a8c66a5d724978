"""Watching a round: who has started, answered, submitted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.words import _
from examapp.organisation.models import Official
from examapp.rounds.models import Candidate, CandidateState, Paper
from examapp.sittings.events import events_of, facts_of
from examapp.sittings.heard import IN_ROOM, heard_of
from examapp.sittings.models import (
    COUNTING_SITTING,
    AnswerEvent,
    Extension,
    Sitting,
    SittingState,
    WaitingContact,
)
from examapp.sittings.settle import HELD, MARGIN_MS, short_code
from examapp.sittings.standing import Event, Standing, standings, tally
from examapp.sittings.unsent import unsent_bytes

PER_PAGE = 50

Rows = Select[Any, Any]
"""Candidates with their sittings, where there is one."""

IN_ROOM_MS = int(IN_ROOM.total_seconds() * 1000)

STATES = ("waiting", "room", "working", "overdue", "submitted", "absent")


@dataclass(frozen=True, slots=True)
class Progress:
    """One candidate on the board."""

    candidate: Candidate
    sitting: Sitting | None
    state: str
    started: datetime | None
    answered: int
    questions: int
    last_contact: datetime | None
    submitted: datetime | None
    heard: datetime | None
    """When the waiting room was last heard from, of somebody who has not started."""


@dataclass(frozen=True, slots=True)
class Counts:
    enrolled: int
    started: int
    submitted: int
    overdue: int
    in_room: int
    """Not started, and in the waiting room."""


def state_labels() -> dict[str, tuple[str, str]]:
    """State → (kind of tag, words)."""
    return {
        "waiting": ("neutral", _("Chưa bắt đầu")),
        "room": ("act", _("Trong phòng chờ")),
        "working": ("act", _("Đang làm bài")),
        "overdue": ("warn", _("Hết giờ, chưa chốt")),
        "submitted": ("good", _("Đã nộp")),
        "absent": ("neutral", _("Không dự thi")),
    }


@dataclass(frozen=True, slots=True)
class Filters:
    """Which candidates the board shows."""

    shift_id: int | None = None
    unit_id: int | None = None
    state: str = ""
    q: str = ""


def candidates_of(round_id: int, filters: Filters, *, now: datetime) -> Rows:
    """The round's candidates with their sittings, filtered, in the order of names."""
    found: Rows = (
        select(Candidate, Sitting)
        .outerjoin(Sitting, COUNTING_SITTING)
        .where(Candidate.round_id == round_id)
        .order_by(Candidate.sort_key, Candidate.id)
    )
    if filters.shift_id is not None:
        found = found.where(Candidate.shift_id == filters.shift_id)
    if filters.unit_id is not None:
        found = found.where(Candidate.unit_id == filters.unit_id)
    if wanted := filters.q.strip():
        found = found.join(Candidate.official).where(
            or_(Candidate.number == wanted, Official.name_fold.contains(text.fold(wanted), autoescape=True))
        )
    return _in_state(found, filters.state, clock.to_ms(now)) if filters.state else found


def _in_room(now_ms: int) -> ColumnElement[bool]:
    """Of a candidate with the waiting room's contact joined, or none."""
    return and_(
        Sitting.id.is_(None),
        Candidate.state == CandidateState.ENROLLED,
        WaitingContact.heard_ms >= now_ms - IN_ROOM_MS,
    )


def _in_state(found: Rows, state: str, now_ms: int) -> Rows:
    """Somebody in the waiting room has not started either."""
    started = Sitting.state == SittingState.STARTED
    match state:
        case "room":
            return found.join(WaitingContact, WaitingContact.candidate_id == Candidate.id).where(_in_room(now_ms))
        case "waiting":
            return found.where(Sitting.id.is_(None), Candidate.state == CandidateState.ENROLLED)
        case "working":
            return found.where(started, Sitting.deadline_ms >= now_ms)
        case "overdue":
            return found.where(started, Sitting.deadline_ms < now_ms)
        case "submitted":
            return found.where(Sitting.state != SittingState.STARTED)
        case _:
            return found.where(Candidate.state != CandidateState.ENROLLED)


def progress_of_round(
    round_id: int,
    filters: Filters | None = None,
    *,
    now: datetime | None = None,
    page: int = 1,
    per_page: int | None = None,
) -> list[Progress]:
    """Rows of the board: all, or one page of them; always four queries."""
    now = now or clock.now()
    found = candidates_of(round_id, filters or Filters(), now=now)
    found = found.options(joinedload(Candidate.shift), joinedload(Candidate.position))
    if per_page is not None:
        found = found.limit(per_page).offset((page - 1) * per_page)
    rows = [(candidate, sitting) for candidate, sitting in db.session.execute(found)]
    answers = _answered([sitting.id for _candidate, sitting in rows if sitting is not None])
    questions = _questions([candidate.id for candidate, _sitting in rows])
    heard = heard_of([candidate.id for candidate, sitting in rows if sitting is None])
    return [_progress(candidate, sitting, answers, questions, heard, now) for candidate, sitting in rows]


def _progress(
    candidate: Candidate,
    sitting: Sitting | None,
    answers: dict[int, tuple[int, int]],
    questions: dict[int, int],
    heard: dict[int, datetime],
    now: datetime,
) -> Progress:
    answered, last = answers.get(sitting.id, (0, 0)) if sitting else (0, 0)
    return Progress(
        candidate=candidate,
        sitting=sitting,
        state=state_of(candidate, sitting, now, heard=heard.get(candidate.id)),
        started=clock.from_ms(sitting.started_ms) if sitting else None,
        answered=answered,
        questions=questions.get(candidate.id, 0),
        last_contact=clock.from_ms(last) if last else None,
        submitted=clock.from_ms(sitting.submitted_ms) if sitting and sitting.submitted_ms else None,
        heard=heard.get(candidate.id),
    )


def state_of(candidate: Candidate, sitting: Sitting | None, now: datetime, *, heard: datetime | None = None) -> str:
    """``heard``: when the waiting room was last heard from."""
    if sitting is None:
        if candidate.state is not CandidateState.ENROLLED:
            return "absent"
        return "room" if heard is not None and now - heard <= IN_ROOM else "waiting"
    if sitting.state is not SittingState.STARTED:
        return "submitted"
    return "working" if clock.to_ms(now) <= sitting.deadline_ms else "overdue"


_ORDER = (AnswerEvent.lease, AnswerEvent.answered_ms, AnswerEvent.writer, AnswerEvent.seq)


def _answered(sitting_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many slots hold an answer, and when the last message came. An answer taken back is none."""
    if not sitting_ids:
        return {}
    newest = func.row_number().over(
        partition_by=(AnswerEvent.sitting_id, AnswerEvent.slot),
        order_by=[column.desc() for column in _ORDER],
    )
    columns = (AnswerEvent.sitting_id, AnswerEvent.slot, AnswerEvent.response, AnswerEvent.received_ms)
    ranked = select(*columns, newest.label("rank")).where(AnswerEvent.sitting_id.in_(sitting_ids)).subquery()
    holds = func.count().filter(ranked.c.rank == 1, ranked.c.slot > 0, ranked.c.response != "[]")
    rows = select(ranked.c.sitting_id, holds, func.max(ranked.c.received_ms)).group_by(ranked.c.sitting_id)
    return {sitting_id: (count, last) for sitting_id, count, last in db.session.execute(rows)}


def _questions(candidate_ids: Sequence[int]) -> dict[int, int]:
    """How many questions each counting paper has."""
    papers = select(Paper.candidate_id, Paper.layout).where(Paper.candidate_id.in_(candidate_ids))
    papers = papers.order_by(Paper.number)
    return {candidate_id: len(json.loads(layout)["slots"]) for candidate_id, layout in db.session.execute(papers)}


def total_of(found: Rows) -> int:
    ids = found.order_by(None).with_only_columns(Candidate.id).subquery()
    return int(db.session.scalar(select(func.count()).select_from(ids)) or 0)


def counts_of(round_id: int, *, now: datetime) -> Counts:
    """The figures on top, in one query."""
    started = Sitting.state == SittingState.STARTED
    row = db.session.execute(
        select(
            func.count(Candidate.id).filter(Candidate.state == CandidateState.ENROLLED),
            func.count(Sitting.id),
            func.count(Sitting.id).filter(Sitting.state != SittingState.STARTED),
            func.count(Sitting.id).filter(started, Sitting.late_ms < clock.to_ms(now) - MARGIN_MS, ~HELD),
            func.count(Candidate.id).filter(_in_room(clock.to_ms(now))),
        )
        .select_from(Candidate)
        .outerjoin(Sitting, COUNTING_SITTING)
        .outerjoin(WaitingContact, WaitingContact.candidate_id == Candidate.id)
        .where(Candidate.round_id == round_id)
    ).one()
    return Counts(*row)


@dataclass(frozen=True, slots=True)
class Detail:
    """One person's sitting as the organiser may see it: times and standings, no answers."""

    candidate: Candidate
    sitting: Sitting | None
    state: str
    standing: dict[Standing, int]
    late_code: str
    """What the candidate's page showed at zero, when all that was unsent then has come since."""
    late_count: int
    extensions: list[Extension]
    heard: datetime | None


def detail_of(round_id: int, candidate_id: int, *, now: datetime) -> Detail:
    candidate = db.session.scalar(select(Candidate).where(Candidate.id == candidate_id, Candidate.round_id == round_id))
    if candidate is None:
        raise NotFound()
    sitting = db.session.scalar(select(Sitting).where(Sitting.candidate_id == candidate.id, Sitting.is_counting))
    late: list[Event] = []
    counts: dict[Standing, int] = {}
    if sitting is not None:
        found = standings(events_of(sitting), facts_of(sitting))
        counts = tally(found)
        late = [p.event for p, _verdict in found if p.event.slot and p.event.received_ms > sitting.deadline_ms]
    heard = heard_of([candidate.id]).get(candidate.id) if sitting is None else None
    own = (Extension.sitting_id == (sitting.id if sitting else None)) | (Extension.shift_id == candidate.shift_id)
    return Detail(
        candidate=candidate,
        sitting=sitting,
        state=state_of(candidate, sitting, now, heard=heard),
        standing=counts,
        late_code=short_code(unsent_bytes(sitting.ref, late)) if sitting and late else "",
        late_count=len({event.slot for event in late}),
        extensions=list(db.session.scalars(select(Extension).where(own).order_by(Extension.id))),
        heard=heard,
    )


@dataclass(frozen=True, slots=True)
class Running:
    """The sittings of a shift that more time would reach now, and when the first and the last of them end."""

    count: int
    first_end: datetime | None
    last_end: datetime | None
    not_begun: int


def running_in(shift_id: int) -> Running:
    here = select(Candidate.id).where(Candidate.shift_id == shift_id)
    of_shift = select(func.count(), func.min(Sitting.deadline_ms), func.max(Sitting.deadline_ms)).where(
        Sitting.candidate_id.in_(here), Sitting.state == SittingState.STARTED
    )
    count, first, last = db.session.execute(of_shift).one()
    begun = select(Sitting.candidate_id).where(Sitting.is_counting)
    waiting = here.where(Candidate.state == CandidateState.ENROLLED, Candidate.id.not_in(begun))
    not_begun = db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    if not count:
        return Running(0, None, None, not_begun)
    return Running(count, clock.from_ms(first), clock.from_ms(last), not_begun)


def heard_text(heard: datetime | None, now: datetime) -> str:
    """How long ago the waiting room of somebody who has not started was heard from; empty where it never was."""
    if heard is None:
        return ""
    seconds = max(0, int((now - heard).total_seconds()))
    if seconds < 60:
        return _("Phòng chờ báo %(n)s giây trước", n=seconds)
    if seconds < 3600:
        return _("Phòng chờ báo %(n)s phút trước", n=seconds // 60)
    return _("Phòng chờ báo lần cuối %(at)s", at=text.format_moment(heard))


def times_of(sitting: Sitting | None) -> dict[str, datetime | None]:
    """The moments of a sitting, for people."""
    if sitting is None:
        return {}
    marks = {
        "started": sitting.started_ms,
        "deadline": sitting.deadline_ms,
        "late": sitting.late_ms,
        "submitted": sitting.submitted_ms,
    }
    return {name: clock.from_ms(ms) if ms is not None else None for name, ms in marks.items()}
