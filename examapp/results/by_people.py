"""Answers that people mark: which there are, who may mark them, and the marks they gave.

Whoever marks sees neither name nor number. Marks are records that are only added; computing the results again brings
the latest ones in.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.services import load_questions
from examapp.core.db import db
from examapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from examapp.core.text import format_points
from examapp.core.words import _
from examapp.results.models import HandMark, Result, ResultItem
from examapp.rounds.models import ExamRound, RoundState
from examapp.sittings.models import Sitting
from question_bank.marking import round_half_up
from question_bank.question import Question, canonical_json

Marks = dict[tuple[int, int], HandMark]
"""By sitting and slot, the latest."""

_NEWEST = (
    select(func.max(HandMark.number))
    .where(HandMark.sitting_id == Result.sitting_id, HandMark.slot == ResultItem.slot)
    .correlate(Result, ResultItem)
    .scalar_subquery()
)
_LATEST = and_(HandMark.sitting_id == Result.sitting_id, HandMark.slot == ResultItem.slot, HandMark.number == _NEWEST)
"""Joins the mark that counts, if there is one, to an item of a result."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the rubric, with the most it may earn."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers that people mark: how many, how many still wait, and how many marks no result holds yet."""

    answers: int = 0
    waiting: int = 0
    fresh: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """A question whose answers people mark in one round."""

    version_id: int
    question: Question
    counts: Counts


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, told apart by nothing but its sitting's reference."""

    ref: str
    sitting_id: int
    slot: int
    possible: int
    response: str
    official_id: int
    mark: HandMark | None


def hand_marks(sitting_ids: Collection[int], *, until: datetime | None = None) -> Marks:
    """The marks that count of these sittings, or that counted ``until`` then."""
    rows = select(HandMark).where(HandMark.sitting_id.in_(sitting_ids)).order_by(HandMark.number)
    if until is not None:
        rows = rows.where(HandMark.at <= until)
    return {(mark.sitting_id, mark.slot): mark for mark in db.session.scalars(rows)}


def awarded_by_people(marks: Marks, sitting_id: int) -> dict[int, int]:
    return {slot: mark.awarded for (sitting, slot), mark in marks.items() if sitting == sitting_id}


def _counted() -> tuple[ColumnElement[int], ...]:
    waiting = func.sum(case((HandMark.id.is_(None), 1), else_=0))
    fresh = func.sum(case((HandMark.awarded != ResultItem.awarded, 1), else_=0))
    return func.count(), waiting, fresh


def _answers(*columns: Any) -> Select[Any]:
    """Answers that people mark, of current results, with their latest marks."""
    return (
        select(*columns)
        .select_from(Result)
        .join(ResultItem, and_(ResultItem.result_id == Result.id, ResultItem.by_people))
        .outerjoin(HandMark, _LATEST)
        .where(Result.is_current)
    )


def counts_of(round_ids: Collection[int]) -> dict[int, Counts]:
    """By round, in one query."""
    rows = _answers(Result.round_id, *_counted()).where(Result.round_id.in_(round_ids)).group_by(Result.round_id)
    found = {round_id: Counts(*numbers) for round_id, *numbers in db.session.execute(rows)}
    return {round_id: found.get(round_id, Counts()) for round_id in round_ids}


def _not_own(by: Account) -> ColumnElement[bool]:
    """Nobody marks, or sees among those to be marked, an own answer."""
    return Result.official_id.is_distinct_from(by.official_id)


def tasks_of(exam_round: ExamRound, *, by: Account) -> list[Task]:
    """The questions of the round that people mark, as far as this person may."""
    rows = (
        _answers(ResultItem.version_id, *_counted())
        .where(Result.round_id == exam_round.id, _not_own(by))
        .group_by(ResultItem.version_id)
        .order_by(ResultItem.version_id)
    )
    found = {version_id: Counts(*numbers) for version_id, *numbers in db.session.execute(rows)}
    questions = load_questions(set(found))
    return [Task(version_id, questions[version_id], counts) for version_id, counts in found.items()]


def answers_to(exam_round: ExamRound, version_id: int, *, by: Account) -> list[Answer]:
    """The answers to one question in an order that tells nothing of the people; not found when there are none."""
    rows = (
        _answers(
            Sitting.ref,
            Sitting.id,
            ResultItem.slot,
            ResultItem.possible,
            ResultItem.response,
            Result.official_id,
            HandMark,
        )
        .join(Sitting, Sitting.id == Result.sitting_id)
        .where(Result.round_id == exam_round.id, ResultItem.version_id == version_id, _not_own(by))
        .order_by(Sitting.ref)
    )
    found = [Answer(*row) for row in db.session.execute(rows)]
    if not found:
        raise NotFound()
    return found


def rubric_of(question: Question) -> list[Line]:
    """What points are given for; without a rubric, the answer as a whole."""
    lines = [Line(line["text"], line["points"]) for line in question.details.get("rubric", ())]
    return lines or [Line(_("Cả câu trả lời"), question.points)]


def give_mark(
    exam_round: ExamRound,
    answer: Answer,
    question: Question,
    *,
    points: Sequence[int],
    comment: str,
    by: Account,
    now: datetime,
) -> HandMark:
    """Add a mark for an answer; ``points`` are thousandths for each line of the rubric."""
    _require_markable(exam_round, answer, by)
    rubric = rubric_of(question)
    for number, (given, line) in enumerate(zip(points, rubric, strict=True)):
        if not 0 <= given <= line.points:
            most = format_points(line.points)
            raise Invalid(_("Điểm của ý này phải từ 0 đến %(most)s.", most=most), field=f"line_{number}")
    whole = sum(line.points for line in rubric)
    mark = HandMark(
        sitting_id=answer.sitting_id,
        slot=answer.slot,
        number=answer.mark.number + 1 if answer.mark else 1,
        points=canonical_json(list(points)).decode(),
        awarded=round_half_up(Fraction(sum(points), whole) * answer.possible) if whole else 0,
        possible=answer.possible,
        comment=comment.strip(),
        by_id=by.id,
        at=now,
    )
    db.session.add(mark)
    db.session.flush()
    record(
        "answer.marked",
        "sitting",
        answer.ref,
        round=exam_round.code,
        slot=answer.slot,
        number=mark.number,
        awarded=mark.awarded,
    )
    return mark


def _require_markable(exam_round: ExamRound, answer: Answer, by: Account) -> None:
    if by.official_id is not None and by.official_id == answer.official_id:
        raise Forbidden(_("Đây là bài của chính người đang chấm."), advice=_("Bài này phải do người khác chấm."))
    if exam_round.state not in {RoundState.CLOSED, RoundState.PUBLISHED}:
        raise Conflict(
            _("Kết quả kỳ thi %(code)s đã được công nhận nên không chấm lại được.", code=exam_round.code),
            advice=_("Muốn thay đổi, cần một quyết định mới của cấp có thẩm quyền."),
        )


def answer_text(response: str) -> str:
    """What was written."""
    given = json.loads(response) if response else []
    return str(given[0]) if given else ""
