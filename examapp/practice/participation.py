"""Who takes part, for the organiser: how many people and answers, never what an answer was worth."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select, union_all

from examapp.core.db import db
from examapp.core.text import fold
from examapp.organisation.models import Position, Post
from examapp.organisation.periods import valid_on
from examapp.organisation.tree import agency_units
from examapp.practice.models import MockExam, PracticeAnswer

FEW = 5
"""Groups of fewer people are shown as "ít": their figures would tell about persons."""

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


@dataclass(slots=True)
class Group:
    """People of a unit or a position, and how many of them practised."""

    label: str
    people: int = 0
    week: int = 0
    month: int = 0
    answers: int = 0
    """Of the last 30 days."""

    def add(self, other: Group) -> None:
        self.people += other.people
        self.week += other.week
        self.month += other.month
        self.answers += other.answers

    @property
    def is_small(self) -> bool:
        return self.people < FEW

    @property
    def hides_answers(self) -> bool:
        """So few practised that the number of answers would tell how much one of them did."""
        return self.is_small or 0 < self.month < FEW


@dataclass(frozen=True, slots=True)
class Participation:
    total: Group
    units: list[Group]
    positions: list[Group]


def participation(unit_ids: Collection[int] | None, *, on: date, now: datetime, label: str) -> Participation:
    """By the primary posts of today, within these units (``None``: all)."""
    rows = db.session.execute(_counted(unit_ids, on, now)).all()
    agencies = agency_units({row.unit_id for row in rows}, on=on)
    names = {code: name for code, name in db.session.execute(select(Position.id, Position.name))}
    total, units, positions = Group(label), dict[int, Group](), dict[int, Group]()
    for row in rows:
        agency = agencies[row.unit_id]
        group = Group("", int(row.people), int(row.week), int(row.month), int(row.answers))
        total.add(group)
        units.setdefault(agency.id, Group(agency.name)).add(group)
        positions.setdefault(row.position_id, Group(names[row.position_id])).add(group)
    return Participation(total, _sorted(units), _sorted(positions))


def _sorted(groups: dict[int, Group]) -> list[Group]:
    return [group for _id, group in sorted(groups.items(), key=lambda pair: (fold(pair[1].label), pair[0]))]


def _counted(unit_ids: Collection[int] | None, on: date, now: datetime) -> Select[Any]:
    """People, and those who practised, by unit and position of their primary post."""
    active = _active(now)
    counted = (
        select(
            Post.unit_id,
            Post.position_id,
            func.count(func.distinct(Post.official_id)).label("people"),
            func.coalesce(func.sum(active.c.week), 0).label("week"),
            func.count(active.c.official_id).label("month"),
            func.coalesce(func.sum(active.c.answers), 0).label("answers"),
        )
        .outerjoin(active, active.c.official_id == Post.official_id)
        .where(Post.is_primary, valid_on(Post, on))
        .group_by(Post.unit_id, Post.position_id)
    )
    return counted if unit_ids is None else counted.where(Post.unit_id.in_(unit_ids))


def _active(now: datetime) -> Subquery:
    """Who practised or sat a mock exam within the month: whether within the week, and how many questions answered."""
    answers = select(
        PracticeAnswer.official_id,
        func.max(case((PracticeAnswer.answered_at >= now - WEEK, 1), else_=0)).label("week"),
        func.count().label("answers"),
    ).where(PracticeAnswer.answered_at >= now - MONTH)
    mocks = select(
        MockExam.official_id,
        func.max(case((MockExam.submitted_at >= now - WEEK, 1), else_=0)).label("week"),
        func.sum(0).label("answers"),
    ).where(MockExam.submitted_at >= now - MONTH)
    both = union_all(answers.group_by(PracticeAnswer.official_id), mocks.group_by(MockExam.official_id)).subquery()
    return (
        select(both.c.official_id, func.max(both.c.week).label("week"), func.sum(both.c.answers).label("answers"))
        .group_by(both.c.official_id)
        .subquery()
    )
