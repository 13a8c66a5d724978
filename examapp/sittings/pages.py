"""What the candidate's pages show, gathered in few queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.bank.asked import Asked, asked, images_of
from examapp.bank.models import QuestionVersion
from examapp.core import clock
from examapp.core.db import db
from examapp.core.words import _
from examapp.rounds.models import Candidate, CandidateState, ExamRound, Paper, RoundState
from examapp.rounds.sections import COMMON
from examapp.rounds.services import exam_phase
from examapp.sittings.models import Sitting, SittingState
from examapp.sittings.plain import field_name
from examapp.sittings.settle import answers_taken
from examapp.sittings.standing import Response
from question_bank.paper import Layout, delivered
from question_bank.question import Question


@dataclass(frozen=True, slots=True)
class Item:
    """One question as the candidate sees it."""

    slot: int
    section: str
    asked: Asked


def layout_of(paper: Paper) -> Layout:
    return Layout.from_json(json.loads(paper.layout))


def paper_items(paper: Paper, candidate: Candidate, answers: Mapping[int, Response]) -> list[Item]:
    """The whole paper without its keys; only what :func:`question_bank.paper.delivered` names comes through."""
    layout = layout_of(paper)
    names = section_names(candidate)
    questions = _questions(layout)
    images = images_of(questions.values())
    given = answers_taken(layout, answers)
    return [
        Item(
            slot=told["slot"],
            section=names.get(told["section"], told["section"]),
            asked=asked(field_name(told["slot"]), told, given.get(told["slot"], []), images),
        )
        for told in delivered(layout, questions)
    ]


def _questions(layout: Layout) -> dict[int, Question]:
    ids = [slot.question_id for slot in layout.slots]
    rows = db.session.execute(select(QuestionVersion.id, QuestionVersion.content).where(QuestionVersion.id.in_(ids)))
    return {version_id: Question.from_json(json.loads(content)) for version_id, content in rows}


def section_names(candidate: Candidate) -> dict[str, str]:
    """Sections are the common part and the positions of the candidate."""
    names = {COMMON: _("Phần chung")}
    for post in json.loads(candidate.posts):
        names[str(post["position"])] = str(post["position_name"])
    return names


def clock_text(ms: int) -> str:
    """09:45:00, where the exam is."""
    return clock.local(clock.from_ms(ms)).strftime("%H:%M:%S")


_RESULTS_OUT = {RoundState.PUBLISHED, RoundState.RECOGNISED}


@dataclass(frozen=True, slots=True)
class Row:
    """One exam on "Bài thi của tôi"."""

    candidate: Candidate
    sitting: Sitting | None
    phase: str
    """now, coming, past"""
    tag: tuple[str, str]


def my_exams(official_id: int, *, now: datetime) -> dict[str, list[Row]]:
    """The person's exams by what they ask for: to be sat now, to come, past; drafts are nobody's yet."""
    found = db.session.execute(
        select(Candidate, Sitting)
        .join(Candidate.round)
        .outerjoin(Sitting, Sitting.candidate_id == Candidate.id)
        .where(Candidate.official_id == official_id, ExamRound.state != RoundState.DRAFT)
        .options(joinedload(Candidate.round), joinedload(Candidate.shift))
        .order_by(ExamRound.posts_on.desc(), Candidate.id.desc())
    )
    pairs = [(candidate, sitting) for candidate, sitting in found]
    elsewhere = _sat_elsewhere({candidate.round for candidate, sitting in pairs if sitting is None})
    rows = [_row(candidate, sitting, now, elsewhere) for candidate, sitting in pairs]
    return {name: [row for row in rows if row.phase == name] for name in ("now", "coming", "past")}


def _sat_elsewhere(rounds: Iterable[ExamRound]) -> set[int]:
    """Rounds whose results are out although nobody sat them here: entered from records, absence is not known."""
    out = {exam_round.id for exam_round in rounds if exam_round.state in _RESULTS_OUT}
    if not out:
        return out
    sat = select(Candidate.round_id).join(Sitting, Sitting.candidate_id == Candidate.id)
    return out - set(db.session.scalars(sat.where(Candidate.round_id.in_(out)).distinct()))


def _row(candidate: Candidate, sitting: Sitting | None, now: datetime, elsewhere: set[int]) -> Row:
    if sitting is None:
        phase, tag = _not_begun(candidate, now, elsewhere)
        return Row(candidate, None, phase, tag)
    if sitting.state is SittingState.STARTED and clock.to_ms(now) <= sitting.late_ms:
        return Row(candidate, sitting, "now", ("act", _("Đang làm bài")))
    return Row(candidate, sitting, "past", _after(candidate.round))


def _not_begun(candidate: Candidate, now: datetime, elsewhere: set[int]) -> tuple[str, tuple[str, str]]:
    if candidate.state is not CandidateState.ENROLLED:
        return "past", ("neutral", _("Không dự thi"))
    phase = exam_phase(candidate.round, candidate.shift, now)
    if phase == "running":
        return "now", ("warn", _("Chưa bắt đầu"))
    if phase != "over":
        return "coming", ("neutral", _("Sắp tới"))
    if candidate.round.state is RoundState.CANCELLED:
        return "past", ("neutral", _("Kỳ thi đã hủy"))
    if candidate.round_id in elsewhere:
        return "past", ("neutral", _("Không làm bài trên hệ thống này"))
    return "past", ("bad", _("Vắng mặt"))


def _after(exam_round: ExamRound) -> tuple[str, str]:
    if exam_round.state in _RESULTS_OUT:
        return "good", _("Đã công bố kết quả")
    return "neutral", _("Đã nộp, chờ công bố kết quả")
