"""Many questions at once: what takes time is done before the transaction that stores them, with few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, insert, literal, select, update

from examapp.bank import law
from examapp.bank.content import citation_columns, text_columns, version_columns, with_known_symbols
from examapp.bank.models import (
    BankKind,
    Citation,
    Question,
    QuestionPosition,
    QuestionTag,
    QuestionText,
    QuestionVersion,
    stem_key,
)
from examapp.bank.questions import FIGURES, PREFIX
from examapp.core.db import Base, db, new_reference
from examapp.organisation.models import Position
from question_bank import question as domain

Row = tuple[domain.Question, int, Sequence[Position]]
"""A normalised content, the id of its topic, its positions (none: common to all)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question as columns of the tables that keep it."""

    version: dict[str, Any]
    text: dict[str, str]
    tags: Sequence[str]
    citations: Sequence[dict[str, Any]]
    position_ids: Sequence[int]


def prepare_many(rows: Sequence[Row], *, author_id: int | None, note: str = "") -> list[Prepared]:
    """Everything about the questions that can be worked out without storing anything."""
    documents = law.documents_by_key()
    return [_prepared(row, documents, author_id, note) for row in rows]


def _prepared(row: Row, documents: dict[str, tuple[int, str]], author_id: int | None, note: str) -> Prepared:
    content, topic_id, positions = row
    content = with_known_symbols(content, documents)
    version = version_columns(content, topic_id=topic_id, author_id=author_id, note=note)
    return Prepared(
        version={"number": 1, "stem_key": stem_key(content.stem), **version},
        text=text_columns(content),
        tags=content.tags,
        citations=citation_columns(content, documents),
        position_ids=[position.id for position in positions],
    )


def insert_many(
    rows: Sequence[Row],
    *,
    owner_id: int | None,
    note: str = "",
    codes: Sequence[str] | None = None,
    **columns: Any,
) -> list[int]:
    """Store many questions; ids in order. Further ``columns`` go to ``questions`` as they are."""
    prepared = prepare_many(rows, author_id=owner_id, note=note)
    ids = insert_hidden(prepared, owner_id=owner_id, codes=codes, **columns)
    if ids:
        show_many(Question.id.between(min(ids), max(ids)))
    return ids


def insert_hidden(
    prepared: Sequence[Prepared], *, owner_id: int | None, codes: Sequence[str] | None = None, **columns: Any
) -> list[int]:
    """Store questions that are seen nowhere before :func:`show_many`; ids in order."""
    if not prepared:
        return []
    batch = new_reference()
    named = codes or [f"{batch}-{number}" for number in range(len(prepared))]  # until the ids are known
    questions = [
        {"code": code, "bank": BankKind.EXAM, "owner_id": owner_id, "is_common": not one.position_ids, **columns}
        for code, one in zip(named, prepared, strict=True)
    ]
    ids = list(db.session.scalars(insert(Question).returning(Question.id, sort_by_parameter_order=True), questions))
    versions = [{"question_id": found, **one.version} for found, one in zip(ids, prepared, strict=True)]
    returning = insert(QuestionVersion).returning(QuestionVersion.id, sort_by_parameter_order=True)
    _insert_neighbours(ids, list(db.session.scalars(returning, versions)), prepared)
    if codes is None:
        _name(Question.id.between(min(ids), max(ids)) & Question.code.startswith(f"{batch}-"))
    return ids


def _name(among: ColumnElement[bool]) -> None:
    """Give each its lasting code, which is made of its number as :func:`examapp.bank.questions.code_of` makes it."""
    padded = func.substr(cast(Question.id + 10**FIGURES, String), 2)
    figures = case((Question.id < 10**FIGURES, padded), else_=cast(Question.id, String))
    named = update(Question).where(among).values(code=literal(PREFIX).concat(figures))
    db.session.execute(named.execution_options(synchronize_session=False))


def _insert_neighbours(ids: Sequence[int], version_ids: Sequence[int], prepared: Sequence[Prepared]) -> None:
    by_question = list(zip(ids, prepared, strict=True))
    texts = [{"question_id": found, **one.text} for found, one in by_question]
    tags = [{"question_id": found, "tag": tag} for found, one in by_question for tag in one.tags]
    places = [{"question_id": found, "position_id": place} for found, one in by_question for place in one.position_ids]
    citations = [
        {"version_id": version, **row}
        for version, one in zip(version_ids, prepared, strict=True)
        for row in one.citations
    ]
    for kind, rows in ((QuestionText, texts), (QuestionTag, tags), (QuestionPosition, places), (Citation, citations)):
        if rows:
            db.session.execute(insert(Base.metadata.tables[kind.__tablename__]), rows)


def show_many(among: ColumnElement[bool]) -> None:
    """Make questions that were stored without being shown appear, all at once."""
    first = (
        select(QuestionVersion.id)
        .where(QuestionVersion.question_id == Question.id, QuestionVersion.number == 1)
        .scalar_subquery()
    )
    hidden = update(Question).where(Question.current_id.is_(None), among).values(current_id=first)
    db.session.execute(hidden.execution_options(synchronize_session=False))
