"""What comes next: first what is due, then so many new questions a day, then only what is asked for beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from examapp.bank.models import Question
from examapp.core import clock
from examapp.core.db import db
from examapp.practice.cards import NEW_A_DAY
from examapp.practice.models import PracticeCard
from examapp.practice.reach import Reach, Wish


@dataclass(frozen=True, slots=True)
class Outlook:
    """How much waits."""

    due: int
    new: int
    """Of those never answered, what today still has room for."""
    unseen: int
    known: int
    """Questions with a card."""
    next_due: datetime | None

    @property
    def waiting(self) -> int:
        return self.due + self.new

    @property
    def total(self) -> int:
        return self.unseen + self.known


def next_question(reach: Reach, wish: Wish, *, now: datetime) -> Question | None:
    """The question to show; reading it again without having answered gives the same."""
    found = (db.session.scalar(query.limit(1)) for query in _ways(reach, wish, now))
    return next((question for question in found if question is not None), None)


def _ways(reach: Reach, wish: Wish, now: datetime) -> Iterator[Select[Question]]:
    """Each way to a next question, in the order of their right to come first; no query before it is needed."""
    questions = select(Question).where(reach.questions(wish)).options(joinedload(Question.current))
    carded = questions.join(PracticeCard, _own_card(reach))
    by_due = PracticeCard.due_at, PracticeCard.question_id
    yield carded.where(PracticeCard.due_at <= now).order_by(*by_due)
    if wish.more or _room(reach, now):
        yield questions.where(_never_answered(reach)).order_by(Question.uid)  # random letters: the topics mixed
    if wish.more:
        yield carded.order_by(*by_due)


def outlook(reach: Reach, wish: Wish, *, now: datetime) -> Outlook:
    """What waits for the person, in two statements."""
    card = PracticeCard
    total, known, due, next_due = db.session.execute(
        select(
            func.count(Question.id),
            func.count(card.question_id),
            func.count(card.question_id).filter(card.due_at <= now),
            func.min(card.due_at).filter(card.due_at > now),
        )
        .select_from(Question)
        .outerjoin(card, _own_card(reach))
        .where(reach.questions(wish))
    ).one()
    unseen = total - known
    return Outlook(due, min(unseen, _room(reach, now)), unseen, known, next_due)


def due_count(reach: Reach, *, now: datetime) -> int:
    """How many questions are due for repetition."""
    query = select(func.count()).select_from(PracticeCard).join(Question, _own_card(reach))
    return db.session.scalar(query.where(reach.questions(), PracticeCard.due_at <= now)) or 0


def _room(reach: Reach, now: datetime) -> int:
    """How many new questions today may still bring."""
    begun = select(func.count()).where(
        PracticeCard.official_id == reach.official_id, PracticeCard.first_at >= day_begins(now)
    )
    return max(0, NEW_A_DAY - (db.session.scalar(begun) or 0))


def day_begins(moment: datetime) -> datetime:
    """The beginning of its day, where people are."""
    local = clock.local(moment)
    return clock.from_local(local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None))


def _own_card(reach: Reach) -> ColumnElement[bool]:
    return (PracticeCard.question_id == Question.id) & (PracticeCard.official_id == reach.official_id)


def _never_answered(reach: Reach) -> ColumnElement[bool]:
    return Question.id.not_in(select(PracticeCard.question_id).where(PracticeCard.official_id == reach.official_id))
