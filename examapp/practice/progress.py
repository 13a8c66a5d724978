"""How far a person has come, topic by topic; for that person's own eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from examapp.bank.models import Question, QuestionVersion, Topic
from examapp.core.db import db
from examapp.core.text import format_percent
from examapp.practice.cards import KNOWN_AFTER
from examapp.practice.models import PracticeCard
from examapp.practice.reach import COMMON, Reach, Wish, part_name


@dataclass(frozen=True, slots=True)
class TopicProgress:
    code: str
    name: str
    questions: int
    answered: int
    known: int
    due: int
    share: int
    """Sum of what the last answers earned, in thousandths."""

    @property
    def right(self) -> str:
        """Mean of the last answers; nothing before the first."""
        return format_percent(self.share, 1000 * self.answered, 0) if self.answered else ""


@dataclass(frozen=True, slots=True)
class PartProgress:
    """The common part, or that of a position."""

    code: str
    name: str
    topics: tuple[TopicProgress, ...]


def progress_of(reach: Reach, *, now: datetime) -> list[PartProgress]:
    """The posts' own parts, then the common one; a part without questions is left out. One statement a part."""
    parts = [*(position.code for position in reach.positions), COMMON]
    found = ((part, _topics(reach, part, now)) for part in parts)
    return [PartProgress(part, part_name(part, reach.positions), topics) for part, topics in found if topics]


def _topics(reach: Reach, part: str, now: datetime) -> tuple[TopicProgress, ...]:
    card = PracticeCard
    rows = db.session.execute(
        select(
            Topic.code,
            Topic.name,
            func.count(Question.id),
            func.count(card.question_id),
            func.coalesce(func.sum(case((card.stability >= KNOWN_AFTER, 1), else_=0)), 0),
            func.coalesce(func.sum(case((card.due_at <= now, 1), else_=0)), 0),
            func.coalesce(func.sum(card.share), 0),
        )
        .select_from(Question)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .join(Topic, Topic.id == QuestionVersion.topic_id)
        .outerjoin(card, (card.question_id == Question.id) & (card.official_id == reach.official_id))
        .where(reach.questions(Wish(part)))
        .group_by(Topic.id, Topic.code, Topic.name)
        .order_by(Topic.name, Topic.id)
    )
    return tuple(TopicProgress(code, name, *map(int, figures)) for code, name, *figures in rows)
