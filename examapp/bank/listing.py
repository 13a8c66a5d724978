"""The list of questions: filters from the address, search with and without diacritics, a fixed order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from examapp.bank.models import (
    BankKind,
    Citation,
    Exposure,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionVersion,
    Review,
    Topic,
    Verdict,
)
from examapp.bank.pool import usable
from examapp.bank.scope import reached
from examapp.bank.topics import topics_below
from examapp.core import text
from examapp.core.db import db
from examapp.organisation.models import Position
from question_bank.question import Level

MOST_WORDS = 8
COMMON = "chung"
"""What stands for "common to all positions" where a position code is asked for."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Parameters of the address; empty ones do not filter."""

    q: str = ""
    position: str = ""
    topic: str = ""
    level: str = ""
    kind: str = ""
    state: str = ""
    law: str = ""
    usable: str = ""
    returned: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Self:
        return cls(**{field.name: text.nfc(args.get(field.name, "")).strip() for field in fields(cls)})


def search_condition(query: str) -> ColumnElement[bool]:
    """Every word occurs; a word written with diacritics must occur with them, a bare one in any spelling."""
    words = text.nfc(query).lower().split()[:MOST_WORDS]
    return and_(*(QuestionVersion.search.contains(word, autoescape=True) for word in words))


def exact_first(query: str) -> ColumnElement[int]:
    """0 where the phrase occurs as typed, 1 elsewhere. The text with its marks stands after the line end."""
    phrase = " ".join(text.nfc(query).lower().split())
    for special in "/%_":
        phrase = phrase.replace(special, f"/{special}")
    return case((QuestionVersion.search.like(f"%\n%{phrase}%", escape="/"), 0), else_=1)


def find_questions(
    filters: Filters, *, positions: set[int] | None, on: date, demo: bool, sort: str = ""
) -> Select[Any]:
    """The questions in reach that pass the filters, with all that a row of the list shows."""
    query = (
        select(Question)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(Question.bank == BankKind.EXAM, reached(positions), *_conditions(filters, on=on, demo=demo))
        .options(
            contains_eager(Question.current).joinedload(QuestionVersion.topic),
            contains_eager(Question.current).selectinload(QuestionVersion.citations).joinedload(Citation.document),
            selectinload(Question.positions),
        )
    )
    if filters.q:
        query = query.order_by(exact_first(filters.q))
    return query.order_by(*_order(sort), Question.id.desc())


def _conditions(filters: Filters, *, on: date, demo: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.q:
        conditions.append(or_(search_condition(filters.q), Question.code == filters.q.upper()))
    if filters.position:
        conditions.append(_of_position(filters.position))
    if filters.topic:
        conditions.append(QuestionVersion.topic_id.in_(_topic_ids(filters.topic)))
    if filters.level in set(Level):
        conditions.append(QuestionVersion.level == Level(filters.level))
    if filters.kind:
        conditions.append(QuestionVersion.kind == filters.kind)
    if filters.state in set(QuestionState):
        conditions.append(Question.state == QuestionState(filters.state))
    if filters.law:
        number = int(filters.law) if filters.law.isdecimal() and len(filters.law) < 10 else 0
        conditions.append(Question.current_id.in_(select(Citation.version_id).where(Citation.document_id == number)))
    if filters.usable in {"yes", "no"}:
        can = usable(on, demo=demo)
        conditions.append(can if filters.usable == "yes" else ~can)
    if filters.returned == "yes":
        conditions.append(was_returned())
    return conditions


def was_returned() -> ColumnElement[bool]:
    """The condition on ``questions``: a draft that came back from review as it stands."""
    returned = select(Review.id).where(Review.version_id == Question.current_id, Review.verdict == Verdict.RETURNED)
    return and_(Question.state == QuestionState.DRAFT, returned.correlate(Question).exists())


def _of_position(code: str) -> ColumnElement[bool]:
    if code == COMMON:
        return Question.is_common.is_(True)
    at = select(QuestionPosition.question_id).join(Position, Position.id == QuestionPosition.position_id)
    return Question.id.in_(at.where(Position.code == code))


def _topic_ids(code: str) -> Select[Any]:
    """The topic and everything below it."""
    top = db.session.scalar(select(Topic.id).where(Topic.code == code))
    return select(Topic.id).where(Topic.code.in_(topics_below(top) if top else []))


def _order(sort: str) -> list[ColumnElement[Any]]:
    """The order named in the address; last edited first without one."""
    by: dict[str, Any] = {
        "stem": func.lower(QuestionVersion.stem),
        "level": case({level.value: index for index, level in enumerate(Level)}, value=QuestionVersion.level, else_=9),
        "used": _papers_of_question(),
        "edited": QuestionVersion.created_at,
    }
    name = sort.removeprefix("-")
    if name not in by:
        return [QuestionVersion.created_at.desc()]
    return [by[name].desc() if sort.startswith("-") else by[name].asc()]


def _papers_of_question() -> ColumnElement[int]:
    version = QuestionVersion.__table__.alias("any_version")
    return (
        select(func.coalesce(func.sum(Exposure.papers), 0))
        .join(version, version.c.id == Exposure.version_id)
        .where(version.c.question_id == Question.id)
        .correlate(Question)
        .scalar_subquery()
    )


def papers_of(questions: list[Question]) -> dict[int, int]:
    """On how many papers each question has been, by question id; in one statement."""
    rows = db.session.execute(
        select(QuestionVersion.question_id, func.sum(Exposure.papers))
        .join(Exposure, Exposure.version_id == QuestionVersion.id)
        .where(QuestionVersion.question_id.in_([question.id for question in questions]))
        .group_by(QuestionVersion.question_id)
    )
    return {question_id: int(papers) for question_id, papers in rows}


def totals(*, positions: set[int] | None, on: date, demo: bool) -> tuple[int, int]:
    """How many living questions are in reach, and how many of them may be drawn that day."""
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(case((usable(on, demo=demo), 1), else_=0)), 0))
        .select_from(Question)
        .where(Question.bank == BankKind.EXAM, Question.state != QuestionState.RETIRED, reached(positions))
    ).one()
    return int(row[0]), int(row[1])


def versions_of(question: Question) -> list[QuestionVersion]:
    """Every version, newest first."""
    return list(
        db.session.scalars(
            select(QuestionVersion)
            .where(QuestionVersion.question_id == question.id)
            .options(joinedload(QuestionVersion.topic))
            .order_by(QuestionVersion.number.desc())
        )
    )
