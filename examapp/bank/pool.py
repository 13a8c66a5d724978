"""What may be drawn on a day, computed from state, holds and the law that a question rests on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, func, select

from examapp.bank import law
from examapp.bank.exposures import papers_by_question
from examapp.bank.models import (
    BankKind,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionVersion,
    Topic,
)
from examapp.core import text
from examapp.core.db import db
from examapp.core.words import _
from question_bank.matrix import Item


def usable(on: date, *, demo: bool, bank: BankKind = BankKind.EXAM) -> ColumnElement[bool]:
    """The condition on ``questions``: approved, not held, all its law checked and in force; samples only in demo."""
    return and_(ready(demo=demo, bank=bank), law.resting_on_law(on))


def ready(*, demo: bool, bank: BankKind = BankKind.EXAM) -> ColumnElement[bool]:
    """The condition on ``questions`` whatever the day: approved, not held; samples only in demo."""
    approved = and_(
        Question.bank == bank,
        Question.state == QuestionState.APPROVED,
        Question.held_at.is_(None),
    )
    return approved if demo else and_(approved, Question.is_sample.is_(False))


def is_usable(question: Question, on: date, *, demo: bool = False) -> str | None:
    """``None`` when the question may be drawn for that day, else why not."""
    if question.state is not QuestionState.APPROVED:
        return _("Câu hỏi chưa được duyệt.")
    if question.held_at is not None:
        return _("Đang tạm giữ: %(reason)s", reason=question.hold_reason)
    if question.is_sample and not demo:
        return _("Câu hỏi mẫu chỉ dùng trong bản trình diễn.")
    reasons = (law.why_not(citation, on) for citation in question.current.citations)
    return next((reason for reason in reasons if reason), None)


def pool(*, position_id: int | None, on: date, demo: bool, bank: BankKind = BankKind.EXAM) -> list[Item]:
    """The questions of a position (``None``: the common ones) that may be drawn for that day, in one statement.

    ``exposure`` counts the papers of all versions, and of what was merged into the question.
    """
    seen = papers_by_question()
    query = (
        select(QuestionVersion.id, Topic.code, QuestionVersion.level, func.coalesce(seen.c.papers, 0))
        .join(Question, Question.current_id == QuestionVersion.id)
        .join(Topic, Topic.id == QuestionVersion.topic_id)
        .outerjoin(seen, seen.c.question_id == Question.id)
        .where(usable(on, demo=demo, bank=bank))
        .order_by(QuestionVersion.id)
    )
    if position_id is None:
        query = query.where(Question.is_common)
    else:
        query = query.join(QuestionPosition, QuestionPosition.question_id == Question.id).where(
            QuestionPosition.position_id == position_id
        )
    rows = db.session.execute(query)
    return [
        Item(id=version_id, topic=code, level=level, exposure=int(papers)) for version_id, code, level, papers in rows
    ]


def ending_soon(question: Question, on: date) -> str | None:
    """A sentence when the law of an approved question ends within the notice from ``on``."""
    for citation in question.current.citations:
        end = law.last_use(citation)
        if citation.document and end and on <= end <= on + law.notice():
            day = text.format_date(end)
            return _("%(symbol)s hết hiệu lực ngày %(day)s.", symbol=citation.document.symbol, day=day)
    return None
