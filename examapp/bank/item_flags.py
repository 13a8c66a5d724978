"""Questions whose figures in published rounds ask for a look: hardly anybody right, everybody right, no difference.

The thresholds are the customary ones of classical item analysis; below :data:`SMALLEST` papers a figure says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, selectinload

from examapp.accounts.models import Account
from examapp.bank.models import BankKind, ItemStatistic, Question, QuestionState, QuestionVersion
from examapp.bank.scope import open_to, reached
from examapp.core.db import db
from examapp.core.permissions import Permission
from examapp.core.words import N_, gettext

SMALLEST = 20
"""Papers of one round from which on its figures count."""
TOO_HARD = 200
"""Thousandths of the points earned on average; less is hardly ever answered."""
TOO_EASY = 950
"""More is answered by nearly everybody."""
TOO_FLAT = 100
"""Thousandths of correlation with the rest of the paper; less does not tell people apart."""

BEYOND_CHANCE = 1.64
"""Standard errors below nought from which a negative correlation is hardly chance (one side, 95%)."""

ADVICE: dict[str, tuple[str, str, str]] = {
    "reversed": (
        N_("Nghi sai đáp án"),
        N_("Người làm tốt lại hay sai câu này"),
        N_("Nhiều khả năng sai đáp án: tạm giữ câu, xem lại đáp án và căn cứ."),
    ),
    "hard": (
        N_("Quá khó"),
        N_("Rất ít người làm đúng"),
        N_("Xem lại đáp án và câu dẫn; nếu đúng, xem lại mức độ."),
    ),
    "easy": (
        N_("Quá dễ"),
        N_("Gần như ai cũng làm đúng"),
        N_("Câu không phân loại được: thay phương án nhiễu hoặc nâng mức độ."),
    ),
    "flat": (
        N_("Ít phân biệt"),
        N_("Không phân biệt người nắm chắc và người chưa nắm"),
        N_("Xem lại phương án nhiễu, chỗ có thể hiểu nhiều cách; với ít đề, số này còn dao động nhiều."),
    ),
}
"""What a flag is called, what the figures say, and what to do."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A question with the figures of the last round that flagged it."""

    question: Question
    statistic: ItemStatistic

    @property
    def reason(self) -> str:
        facility, apart = self.statistic.facility, self.statistic.discrimination
        if apart is not None and -apart / 1000 * math.sqrt(self.statistic.papers) > BEYOND_CHANCE:
            return "reversed"
        if facility is not None and facility < TOO_HARD:
            return "hard"
        return "easy" if facility is not None and facility > TOO_EASY else "flat"

    @property
    def name(self) -> str:
        return gettext(ADVICE[self.reason][0])

    @property
    def words(self) -> str:
        return gettext(ADVICE[self.reason][1])

    @property
    def advice(self) -> str:
        return gettext(ADVICE[self.reason][2])


def flagged(person: Account, *, mine: bool) -> Select[Any]:
    """Questions in reach (``mine``: those this person owns) whose present version was flagged by its last round.

    An edited question begins anew: the figures belong to the version that was on the papers.
    """
    odd = _odd_versions()
    query = (
        select(Question)
        .join(Question.current)
        .where(
            Question.current_id.in_(select(odd.c.version_id)),
            Question.bank == BankKind.EXAM,
            Question.state != QuestionState.RETIRED,
            reached(person.positions(Permission.BANK_READ)),
            open_to(person),
        )
        .options(contains_eager(Question.current).joinedload(QuestionVersion.topic), selectinload(Question.positions))
    )
    worst = select(odd.c.discrimination).where(odd.c.version_id == Question.current_id).scalar_subquery()
    query = query.order_by(worst.nulls_last(), Question.id)
    # not by the index of owners: flagged questions are few, those of one owner may be all
    return query.where(func.coalesce(Question.owner_id, 0) == person.id) if mine else query


def is_flagged() -> ColumnElement[bool]:
    """The condition on ``questions``: the present version was flagged by its last round."""
    return Question.current_id.in_(select(_odd_versions().c.version_id))


def _odd_versions() -> Subquery:
    """Versions flagged by the last round that says something of them; few, whatever the size of the bank."""
    later = aliased(ItemStatistic)
    last = (
        select(func.max(later.round_id))
        .where(later.version_id == ItemStatistic.version_id, later.papers >= SMALLEST)
        .correlate(ItemStatistic)
        .scalar_subquery()
    )
    return (
        select(ItemStatistic.version_id, ItemStatistic.discrimination)
        .where(
            or_(
                ItemStatistic.facility < TOO_HARD,
                ItemStatistic.facility > TOO_EASY,
                ItemStatistic.discrimination < TOO_FLAT,
            ),
            ItemStatistic.round_id == last,
        )
        .subquery()
    )


def flags_of(questions: Iterable[Question]) -> list[Flag]:
    """The figures beside each of these flagged questions, in their order; one statement."""
    rows = list(questions)
    ids = [question.current_id for question in rows]
    later = (
        select(ItemStatistic.version_id, func.max(ItemStatistic.round_id).label("round_id"))
        .where(ItemStatistic.version_id.in_(ids), ItemStatistic.papers >= SMALLEST)
        .group_by(ItemStatistic.version_id)
        .subquery()
    )
    last = select(ItemStatistic).join(
        later, and_(ItemStatistic.version_id == later.c.version_id, ItemStatistic.round_id == later.c.round_id)
    )
    by_version = {statistic.version_id: statistic for statistic in db.session.scalars(last)}
    return [Flag(question, by_version[question.current_id]) for question in rows if question.current_id in by_version]


def count(person: Account, *, mine: bool) -> int:
    found = flagged(person, mine=mine).order_by(None).options().with_only_columns(func.count())
    return db.session.scalar(found) or 0
