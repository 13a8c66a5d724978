"""What is left to do with a round's results: for its own page and for the home page."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import url_for
from flask_login import current_user
from sqlalchemy import and_, case, func, select

from examapp.accounts.models import Account
from examapp.core.db import db
from examapp.core.permissions import Permission
from examapp.core.room import Task
from examapp.core.text import format_date, format_moment
from examapp.core.words import _
from examapp.results.access import PUBLISHED
from examapp.results.by_people import Counts, counts_of
from examapp.results.marking import outdated
from examapp.results.models import Result
from examapp.rounds.models import Candidate, CandidateState, ExamRound, Purpose, RoundState
from examapp.sittings.models import COUNTING_SITTING, Sitting, SittingState


@dataclass(frozen=True, slots=True)
class Left:
    """Sittings of a round that are not settled, or settled and without a result; and the results there are.

    ``answers`` are those that people mark."""

    unsettled: int = 0
    unmarked: int = 0
    results: int = 0
    answers: Counts = field(default_factory=Counts)
    outdated: int = 0
    """Sittings about which the council has decided since."""

    @property
    def is_computed(self) -> bool:
        return self.results > 0 and not self.unsettled and not self.unmarked and not self.outdated

    @property
    def is_complete(self) -> bool:
        return self.is_computed and not self.answers.waiting and not self.answers.fresh


def left_of(round_ids: list[int]) -> dict[int, Left]:
    """What is left, for several rounds in a few queries."""
    statement = (
        select(
            Candidate.round_id,
            func.sum(case((Sitting.state != SittingState.SETTLED, 1), else_=0)),
            func.sum(case(((Sitting.state == SittingState.SETTLED) & Result.id.is_(None), 1), else_=0)),
            func.count(Result.id),
        )
        .join(Sitting, COUNTING_SITTING)
        .outerjoin(Result, and_(Result.candidate_id == Candidate.id, Result.is_current))
        .where(Candidate.round_id.in_(round_ids), Candidate.state == CandidateState.ENROLLED)
        .group_by(Candidate.round_id)
    )
    found = {row[0]: tuple(row[1:]) for row in db.session.execute(statement)}
    answers, behind = counts_of(round_ids), outdated(round_ids)
    return {
        round_id: _left(found.get(round_id, (0, 0, 0)), answers[round_id], behind[round_id]) for round_id in round_ids
    }


def _left(numbers: tuple[int, ...], answers: Counts, behind: int) -> Left:
    unsettled, unmarked, results = numbers
    return Left(unsettled, unmarked, results, answers, behind)


@dataclass(frozen=True, slots=True)
class Steps:
    """The task list of a round's results, and which act comes next."""

    rows: list[dict[str, str]]
    act: str
    """compute, mark, publish, recognise, or nothing."""


def steps_of(exam_round: ExamRound) -> Steps:
    """Compute → mark what people mark → publish → recognise; a rehearsal ends with publication."""
    left = left_of([exam_round.id])[exam_round.id]
    published = exam_round.state in PUBLISHED
    rows = [_compute_step(left, left.is_computed or (published and not left.outdated))]
    if left.answers.answers:
        rows.append(_mark_step(exam_round, left, published))
    rows.append(_publish_step(exam_round, left.is_complete, published))
    if exam_round.purpose is Purpose.OFFICIAL:
        rows.append(_recognise_step(exam_round))
    return Steps(rows, _next_act(exam_round, left))


def _mark_step(exam_round: ExamRound, left: Left, published: bool) -> dict[str, str]:
    counts = left.answers
    detail = _("%(done)s trên %(n)s câu trả lời đã chấm", done=counts.answers - counts.waiting, n=counts.answers)
    if counts.fresh:
        detail += "; " + _("%(n)s điểm chưa vào kết quả, cần tính lại", n=counts.fresh)
    done = published or left.is_complete
    url = url_for("results.marking", code=exam_round.code)
    return {"label": _("Chấm câu tự luận"), "state": "done" if done else "now", "detail": detail, "url": url}


def _compute_step(left: Left, computed: bool) -> dict[str, str]:
    detail = _("%(n)s bài đã có kết quả", n=left.results)
    if left.unmarked:
        detail += "; " + _("%(n)s bài đã chốt chưa tính", n=left.unmarked)
    if left.unsettled:
        detail += "; " + _("%(n)s bài chưa chốt", n=left.unsettled)
    if left.outdated:
        detail += "; " + _("%(n)s bài có quyết định mới của hội đồng, cần tính lại", n=left.outdated)
    return {"label": _("Tính kết quả"), "state": "done" if computed else "now", "detail": detail}


def _publish_step(exam_round: ExamRound, computed: bool, published: bool) -> dict[str, str]:
    if published:
        at = _("Lúc %(at)s", at=format_moment(exam_round.published_at)) if exam_round.published_at else ""
        return {"label": _("Công bố"), "state": "done", "detail": at}
    detail = _("Người dự thi xem được kết quả của mình") if computed else _("Sau khi mọi bài đã có kết quả")
    return {"label": _("Công bố"), "state": "now" if computed else "blocked", "detail": detail}


def _recognise_step(exam_round: ExamRound) -> dict[str, str]:
    label = _("Nhập quyết định công nhận")
    if exam_round.state is RoundState.RECOGNISED:
        decided = format_date(exam_round.decision_date)
        detail = _("Quyết định số %(number)s ngày %(day)s", number=exam_round.decision_number, day=decided)
        return {"label": label, "state": "done", "detail": detail}
    state = "now" if exam_round.state is RoundState.PUBLISHED else "blocked"
    return {"label": label, "state": state, "detail": _("Kết quả được công nhận mới đưa vào hồ sơ đánh giá")}


def _next_act(exam_round: ExamRound, left: Left) -> str:
    if exam_round.state is RoundState.CLOSED:
        if left.is_computed and left.answers.waiting:
            return "mark"
        return "publish" if left.is_complete else "compute"
    if exam_round.state is RoundState.PUBLISHED and exam_round.purpose is Purpose.OFFICIAL and not left.outdated:
        return "recognise"
    return ""


def tasks() -> list[Task]:
    """Rounds whose results wait for this person."""
    person: Account = current_user
    if not person.may(Permission.RESULTS_PUBLISH):
        return []
    units = person.units(Permission.RESULTS_PUBLISH)
    waiting = (ExamRound.state == RoundState.CLOSED) | (
        (ExamRound.state == RoundState.PUBLISHED) & (ExamRound.purpose == Purpose.OFFICIAL)
    )
    statement = select(ExamRound).where(waiting).order_by(ExamRound.closed_at, ExamRound.id).limit(20)
    if units is not None:
        statement = statement.where(ExamRound.unit_id.in_(units))
    rounds = list(db.session.scalars(statement))
    left = left_of([one.id for one in rounds])
    return [_task(one, left[one.id]) for one in rounds]


def _task(exam_round: ExamRound, left: Left) -> Task:
    url = url_for("results.show", code=exam_round.code)
    if left.outdated:
        return Task(_("Tính lại kết quả"), url, exam_round.name, count=left.outdated)
    if exam_round.state is RoundState.PUBLISHED:
        return Task(_("Nhập quyết định công nhận kết quả"), url, exam_round.name)
    if left.is_complete:
        return Task(_("Công bố kết quả"), url, exam_round.name, count=left.results)
    if left.is_computed and left.answers.waiting:
        marking = url_for("results.marking", code=exam_round.code)
        return Task(_("Chấm câu tự luận"), marking, exam_round.name, count=left.answers.waiting)
    return Task(_("Tính kết quả"), url, exam_round.name, count=left.unsettled + left.unmarked or None)
