"""The list of questions: narrowed by the address, searched with and without diacritics, in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from examapp.audit.services import record
from examapp.bank.exposures import awaited_rounds, papers_by_question
from examapp.bank.filtering import COMMON, Filters, conditions, was_returned
from examapp.bank.models import BankKind, Citation, Question, QuestionState, QuestionText, QuestionVersion
from examapp.bank.scope import reached
from examapp.bank.search import holds_phrase, phrase_of
from examapp.core.db import apart, db
from examapp.core.paging import SIZE, Page, here
from question_bank.question import Level

__all__ = [
    "COMMON",
    "MOST_MATCHES",
    "Filters",
    "find_questions",
    "list_page",
    "matching_ids",
    "note_listing",
    "versions_of",
    "was_returned",
]

MOST_MATCHES = 300
"""A person who gets more looks for something else: the page asks for a further word."""


def find_questions(
    filters: Filters,
    *,
    positions: set[int] | None,
    on: date,
    demo: bool,
    sort: str = "",
    bank: BankKind = BankKind.EXAM,
) -> Select[Any]:
    """The questions in reach that pass the filters, with all that a row of the list shows."""
    query = (
        select(Question)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(Question.bank == bank, reached(positions), *conditions(filters, on=on, demo=demo, bank=bank))
        .options(
            contains_eager(Question.current).joinedload(QuestionVersion.topic),
            contains_eager(Question.current).selectinload(QuestionVersion.citations).joinedload(Citation.document),
            selectinload(Question.positions),
        )
    )
    if filters.q:
        phrase = holds_phrase(filters.q)
        query = query.join(QuestionText, QuestionText.question_id == Question.id).order_by(phrase.desc())
    return _ordered(query, sort)


def list_page(
    filters: Filters,
    *,
    positions: set[int] | None,
    on: date,
    demo: bool,
    sort: str,
    number: int,
    bank: BankKind = BankKind.EXAM,
) -> Page[Question]:
    """One page of the list, quick also in a large bank: the ids first, then only what the page shows.

    Retired questions are shown to who asks for them. A search gives at most :data:`MOST_MATCHES` questions, the newest
    ones, those with the phrase as typed first.
    """
    found = _ids(filters, positions=positions, on=on, demo=demo, sort=sort, bank=bank)
    if filters.q:
        phrase = phrase_of(filters.q)
        matches = db.session.execute(found.add_columns(QuestionText.marked).limit(MOST_MATCHES)).all()
        ids = [question_id for question_id, marked in sorted(matches, key=lambda match: phrase not in match[1])]
        total, first = len(ids), _first(number, len(ids))
        ids = ids[first : first + SIZE]
    else:
        counted = _ids(filters, positions=positions, on=on, demo=demo, sort="", bank=bank).order_by(None)
        total = db.session.scalar(select(func.count()).select_from(counted.subquery())) or 0
        first = _first(number, total)
        ids = list(db.session.scalars(found.limit(SIZE).offset(first)))
    return Page(items=_shown(ids), number=first // SIZE + 1, total=total, url=here)


def matching_ids(
    filters: Filters, *, positions: set[int] | None, on: date, demo: bool, bank: BankKind, most: int
) -> list[int]:
    """Ids of all that the list would show over its pages, and one more than ``most`` where there are more."""
    found = _ids(filters, positions=positions, on=on, demo=demo, sort="", bank=bank)
    return list(db.session.scalars(found.order_by(None).order_by(Question.id).limit(most + 1)))


def _ids(
    filters: Filters, *, positions: set[int] | None, on: date, demo: bool, sort: str, bank: BankKind
) -> Select[Any]:
    """The ids alone; other tables are joined only where a filter or the order reads them."""
    found = select(Question.id).where(
        Question.bank == bank,
        Question.current_id.is_not(None),
        reached(positions),
        *conditions(filters, on=on, demo=demo, bank=bank),
    )
    if not filters.state and not filters.q:
        found = found.where(Question.state != QuestionState.RETIRED)
    if filters.q:
        found = found.join(QuestionText, QuestionText.question_id == Question.id)
    if filters.reads_version or sort.removeprefix("-") in {"stem", "level"}:
        found = found.join(QuestionVersion, QuestionVersion.id == Question.current_id)
    if filters.q and not sort:  # in the order in which the texts are read, so that reading may stop early
        return found.order_by(QuestionText.question_id.desc())
    return _ordered(found, sort)


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


def _ordered(query: Select[Any], sort: str) -> Select[Any]:
    """In the order named in the address; last edited first without one."""
    name = sort.removeprefix("-")
    if name == "used":
        papers = papers_by_question(but=awaited_rounds())
        query = query.outerjoin(papers, papers.c.question_id == Question.id)
        by: Any = func.coalesce(papers.c.papers, 0)
    elif name in {"stem", "level"}:
        by = _level_rank() if name == "level" else func.lower(QuestionVersion.stem)
    else:
        name, by = "edited", Question.current_id
    is_down = sort.startswith("-") or (name == "edited" and sort != "edited")
    return query.order_by(by.desc() if is_down else by.asc(), Question.id.desc())


def _level_rank() -> ColumnElement[int]:
    return case({level.value: index for index, level in enumerate(Level)}, value=QuestionVersion.level, else_=9)


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


def note_listing(filters: Filters, *, page: str, codes: Sequence[str]) -> None:
    """Log which stems of the exam bank a page has shown, in a transaction of its own: a GET writes nothing else."""
    if not codes:
        return
    told = "&".join(f"{name}={value}" for name, value in filters.given.items())
    with apart() as session:
        record(
            "question.listed",
            "bank",
            BankKind.EXAM.value,
            session=session,
            page=page,
            filters=told[:500],
            codes=codes,
        )
