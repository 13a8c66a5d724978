"""Which questions a person may practise today: the practice bank's own, never one of the exam bank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, or_, select

from examapp.accounts.models import Account
from examapp.bank.models import BankKind, Exposure, Question, QuestionPosition, QuestionVersion, Topic
from examapp.bank.pool import usable
from examapp.bank.scope import concealed
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.words import _
from examapp.organisation.models import Position
from examapp.organisation.posts import posts_of

COMMON = "common"
"""Name of the part that everybody has; the others are called by the code of their position."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person chose to practise; empty means everything. It travels in the address."""

    part: str = ""
    topic: str = ""
    more: bool = False
    """Beyond what today asks for."""

    @property
    def address(self) -> dict[str, Any]:
        pairs = {"part": self.part, "topic": self.topic, "more": "yes" if self.more else ""}
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True, slots=True)
class Reach:
    """The posts a person holds on a day, and what may be practised for them."""

    official_id: int
    on: date
    positions: tuple[Position, ...]
    concealed: frozenset[int]
    """Questions on the person's own paper of an exam that is not over: they came here from the exam bank since."""

    def questions(self, wish: Wish | None = None) -> ColumnElement[bool]:
        """The condition on ``questions``. Whatever else is asked, the bank is the practice bank."""
        wish = wish or Wish()
        conditions = [_usable(self.on), self._part(wish.part)]
        if wish.topic:
            versions = select(QuestionVersion.id).join(Topic, Topic.id == QuestionVersion.topic_id)
            conditions.append(Question.current_id.in_(versions.where(Topic.code == wish.topic)))
        if self.concealed:
            conditions.append(Question.id.not_in(self.concealed))
        return and_(*conditions)

    def _part(self, part: str) -> ColumnElement[bool]:
        wanted = [one for one in self.positions if part in {"", one.code}]
        if part not in {"", COMMON} and not wanted:
            raise NotFound()
        of_posts = Question.id.in_(
            select(QuestionPosition.question_id).where(QuestionPosition.position_id.in_([one.id for one in wanted]))
        )
        if part == COMMON:
            return Question.is_common.is_(True)
        return of_posts if part else or_(Question.is_common, of_posts)


def reach_of(person: Account) -> Reach:
    """What this person may practise today, by the posts held today."""
    assert person.official_id is not None, "only officials practise"
    today = clock.today()
    positions = dict.fromkeys(post.position for post in posts_of(person.official_id, on=today))
    return Reach(person.official_id, today, tuple(positions), _concealed_from(person, today))


def _usable(on: date) -> ColumnElement[bool]:
    return usable(on, demo=bool(current_app.config["SETTINGS"].demo), bank=BankKind.PRACTICE)


def _concealed_from(person: Account, on: date) -> frozenset[int]:
    return frozenset(_concealed_among(select(Question.id).where(_usable(on)), person))


def _concealed_among(questions: Select[int], person: Account) -> set[int]:
    """Only what was ever drawn for an exam can be on a paper, and of the practice bank that is next to nothing."""
    drawn = select(QuestionVersion.question_id).join(Exposure, Exposure.version_id == QuestionVersion.id)
    moved = db.session.scalars(questions.where(Question.id.in_(drawn)))
    return {question_id for question_id in moved if concealed(question_id, person)}


def seen_again(question_ids: Iterable[int], person: Account) -> set[int]:
    """Which of the questions once practised may be looked at again: those still of the practice bank, but for what is
    on a paper of one's own."""
    still = select(Question.id).where(Question.id.in_(set(question_ids)), Question.bank == BankKind.PRACTICE)
    return set(db.session.scalars(still)) - _concealed_among(still, person)


def part_name(part: str, positions: tuple[Position, ...]) -> str:
    """What a part is called."""
    return next((one.name for one in positions if one.code == part), _("Phần chung"))
