"""Sitting a mock exam: one page with all questions, saved as a form, marked on submission, looked at again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.bank.answer_fields import Sent, read_answer
from examapp.bank.asked import Asked, asked, images_of
from examapp.bank.content import load_questions
from examapp.bank.models import QuestionVersion
from examapp.core.db import db
from examapp.core.errors import Conflict, NotFound
from examapp.core.words import _
from examapp.organisation.models import Position
from examapp.practice.feedback import Feedback, citations_of, feedback, outcome
from examapp.practice.models import MockExam
from examapp.practice.reach import COMMON, part_name, seen_again
from question_bank.kinds import get_kind
from question_bank.kinds.base import Response
from question_bank.marking import PaperMark, SlotMark, mark_paper
from question_bank.paper import Layout, delivered
from question_bank.question import Question as Content

GRACE = timedelta(seconds=60)
"""A page that sends itself at the end of the time may be so late."""

SHOWN = "fields"
"""Name of the field that says the answers could be changed on the page."""


def own_mock(ref: str, person: Account, *, lock: bool = False) -> MockExam:
    """The person's own; nobody else finds it."""
    query = (
        select(MockExam)
        .where(MockExam.ref == ref, MockExam.official_id == person.official_id)
        .options(joinedload(MockExam.position))
    )
    mock = db.session.scalar(query.with_for_update(of=MockExam) if lock else query)
    if mock is None:
        raise NotFound()
    return mock


def open_mock(official_id: int) -> MockExam | None:
    return db.session.scalar(
        select(MockExam)
        .where(MockExam.official_id == official_id, MockExam.submitted_at.is_(None))
        .options(joinedload(MockExam.position))
    )


def past_mocks(official_id: int, *, most: int = 10) -> Sequence[MockExam]:
    """The last ones that were submitted."""
    return db.session.scalars(
        select(MockExam)
        .where(MockExam.official_id == official_id, MockExam.submitted_at.is_not(None))
        .order_by(MockExam.started_at.desc(), MockExam.id.desc())
        .options(joinedload(MockExam.position))
        .limit(most)
    ).all()


def layout_of(mock: MockExam) -> Layout:
    return Layout.from_json(json.loads(mock.layout))


def responses_of(mock: MockExam) -> dict[int, Response]:
    return {int(slot): response for slot, response in json.loads(mock.responses).items()}


@dataclass(frozen=True, slots=True)
class Item:
    """A question on the page of the mock exam."""

    slot: int
    section: str
    asked: Asked


def items_of(mock: MockExam) -> list[Item]:
    """The whole paper without its keys."""
    layout, given = layout_of(mock), responses_of(mock)
    questions = _questions(layout)
    images = images_of(questions.values())
    names = _section_names(layout)
    return [
        Item(
            told["slot"], names[told["section"]], asked(_name(told["slot"]), told, given.get(told["slot"], []), images)
        )
        for told in delivered(layout, questions)
    ]


def _questions(layout: Layout) -> dict[int, Content]:
    return load_questions(slot.question_id for slot in layout.slots)


def _name(slot: int) -> str:
    return f"s{slot}"


def _section_names(layout: Layout) -> dict[str, str]:
    codes = {slot.section for slot in layout.slots}
    positions = tuple(db.session.scalars(select(Position).where(Position.code.in_(codes - {COMMON}))))
    return {code: part_name(code, positions) for code in codes}


def save_mock(mock: MockExam, sent: Sent, *, now: datetime) -> list[int]:
    """Keep the answers of the page, while there is time; the slots whose fields contradict each other stay."""
    if mock.submitted_at is not None:
        raise Conflict(_("Bài thi thử này đã nộp."), advice=_("Hãy mở trang Thi thử để xem kết quả."))
    if now > mock.deadline_at + GRACE:
        raise Conflict(_("Đã hết giờ làm bài."), advice=_("Hãy nộp bài: những câu đã lưu được chấm."))
    return _take(mock, sent)


def count(mock: MockExam) -> tuple[int, int]:
    """Questions answered, and all."""
    return len(responses_of(mock)), len(layout_of(mock).slots)


def _take(mock: MockExam, sent: Sent) -> list[int]:
    given = responses_of(mock)
    refused = []
    for slot in layout_of(mock).slots:
        response = read_answer(slot.kind, _name(slot.number), slot.order, sent)
        if response is None or (response and not get_kind(slot.kind).accepts(response, slot.order)):
            refused.append(slot.number)
        else:
            given[slot.number] = response
    mock.responses = json.dumps({slot: one for slot, one in given.items() if one}, ensure_ascii=False)
    db.session.flush()
    return refused


def submit_mock(mock: MockExam, sent: Sent | None, *, now: datetime) -> None:
    """Mark the mock exam. What comes too late, or from a page whose fields were closed, changes no answer."""
    if mock.submitted_at is not None:
        return
    if sent is not None and SHOWN in sent and now <= mock.deadline_at + GRACE:
        _take(mock, sent)
    mark = mark_of(mock)
    for_people = sum(one.possible for one in mark.slots if one.pending)
    mock.submitted_at = min(now, mock.deadline_at)
    mock.awarded, mock.possible = mark.awarded, mark.possible - for_people
    db.session.flush()


def mark_of(mock: MockExam) -> PaperMark:
    layout = layout_of(mock)
    return mark_paper(layout, _questions(layout), responses_of(mock))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question of a submitted mock exam; ``feedback`` is missing where it may not be looked at any more."""

    slot: int
    section: str
    awarded: int
    possible: int
    pending: bool
    feedback: Feedback | None


def review_mock(mock: MockExam, person: Account) -> list[Reviewed]:
    """Every question with what was answered, what is right, why and on what law."""
    layout = layout_of(mock)
    questions, given, names = _questions(layout), responses_of(mock), _section_names(layout)
    marks = {one.slot: one for one in mark_paper(layout, questions, given).slots}
    visible = _visible(questions, person)
    images = images_of(questions[version_id] for version_id in visible)
    cited = citations_of(visible)
    return [
        Reviewed(
            slot=slot.number,
            section=names[slot.section],
            awarded=marks[slot.number].awarded,
            possible=slot.points,
            pending=marks[slot.number].pending,
            feedback=feedback(
                f"item{slot.number}",
                questions[slot.question_id],
                slot.order,
                given.get(slot.number, []),
                _tag(marks[slot.number]),
                cited[slot.question_id],
                images,
            )
            if slot.question_id in visible
            else None,
        )
        for slot in layout.slots
    ]


def _tag(mark: SlotMark) -> tuple[str, str]:
    share = 1000 if mark.right else 500 if mark.awarded else 0
    return outcome(None if mark.pending else share, blank=not mark.answered)


def _visible(questions: Mapping[int, Content], person: Account) -> set[int]:
    """The versions whose question may be looked at."""
    versions = select(QuestionVersion.id, QuestionVersion.question_id).where(QuestionVersion.id.in_(list(questions)))
    question_of = dict(db.session.execute(versions).all())
    shown = seen_again(question_of.values(), person)
    return {version_id for version_id, question_id in question_of.items() if question_id in shown}
