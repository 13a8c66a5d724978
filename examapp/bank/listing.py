"""The list of questions: filters from the address, search with and without diacritics, a fixed order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from examapp.bank.models import (
    BankKind,
    Citation,
    Exposure,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionText,
    QuestionVersion,
    Review,
    Topic,
    Verdict,
)
from examapp.bank.pool import usable
from examapp.bank.scope import reached
from examapp.bank.search import holds_phrase, matching, phrase_of
from examapp.bank.topics import topics_below
from examapp.core import text
from examapp.core.db import db
from examapp.core.paging import SIZE, Page, here
from examapp.organisation.models import Position
from question_bank.question import Level

MOST_MATCHES = 1000
"""A person who gets more looks for something else: the page asks for a further word."""
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
        phrase = holds_phrase(filters.q)
        query = query.join(QuestionText, QuestionText.question_id == Question.id).order_by(phrase.desc())
    return query.order_by(*_order(sort), Question.id.desc())


def list_page(
    filters: Filters, *, positions: set[int] | None, on: date, demo: bool, sort: str, number: int
) -> Page[Question]:
    """One page of the list, quick also in a large bank: the ids first, then only what the page shows.

    Retired questions are shown to who asks for them. A search gives at most :data:`MOST_MATCHES` questions, the newest
    ones, those with the phrase as typed first.
    """
    found = _ids(filters, positions=positions, on=on, demo=demo, sort=sort)
    if filters.q:
        phrase = phrase_of(filters.q)
        matches = db.session.execute(found.add_columns(QuestionText.marked).limit(MOST_MATCHES)).all()
        ids = [question_id for question_id, marked in sorted(matches, key=lambda match: phrase not in match[1])]
        total, first = len(ids), _first(number, len(ids))
        ids = ids[first : first + SIZE]
    else:
        total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
        first = _first(number, total)
        ids = list(db.session.scalars(found.limit(SIZE).offset(first)))
    return Page(items=_shown(ids), number=first // SIZE + 1, total=total, url=here)


def _ids(filters: Filters, *, positions: set[int] | None, on: date, demo: bool, sort: str) -> Select[Any]:
    """The ids alone; other tables are joined only where a filter or the order reads them."""
    found = select(Question.id).where(
        Question.bank == BankKind.EXAM,
        Question.current_id.is_not(None),
        reached(positions),
        *_conditions(filters, on=on, demo=demo),
    )
    if not filters.state and not filters.q:
        found = found.where(Question.state != QuestionState.RETIRED)
    if filters.q:
        found = found.join(QuestionText, QuestionText.question_id == Question.id)
    if filters.level or filters.kind or filters.topic or sort.removeprefix("-") in {"stem", "level"}:
        found = found.join(QuestionVersion, QuestionVersion.id == Question.current_id)
    if filters.q and not sort:  # in the order in which the texts are read, so that reading may stop early
        return found.order_by(QuestionText.question_id.desc())
    return found.order_by(*_order(sort), Question.id.desc())


def _first(number: int, total: int) -> int:
    """Where the page begins; one past the end is the last."""
    return (min(max(1, number), max(1, -(-total // SIZE))) - 1) * SIZE


def _shown(ids: list[int]) -> list[Question]:
    """These questions in this order, with all that a row of the list shows."""
    query = (
        select(Question)
        .where(Question.id.in_(ids))
        .options(
            joinedload(Question.current).joinedload(QuestionVersion.topic),
            joinedload(Question.current).selectinload(QuestionVersion.citations).joinedload(Citation.document),
            joinedload(Question.current).selectinload(QuestionVersion.transitional_uses),
            selectinload(Question.positions),
        )
    )
    found = {question.id: question for question in db.session.scalars(query)} if ids else {}
    return [found[question_id] for question_id in ids]


def _conditions(filters: Filters, *, on: date, demo: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.q:
        conditions.append(matching(filters.q))
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
        "edited": Question.current_id,
    }
    name = sort.removeprefix("-")
    if name not in by:
        return [Question.current_id.desc()]
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
