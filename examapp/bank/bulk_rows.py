"""Questions as a bulk change looks at them: narrow, so that thousands can be held against an act before it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from examapp.bank.models import (
    BankKind,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionTag,
    QuestionVersion,
)
from examapp.bank.reviews import in_open_set
from examapp.bank.scope import reached
from examapp.core.db import db
from question_bank.question import Level

PIECE = 500


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    code: str
    stem: str
    version_id: int
    state: QuestionState
    is_held: bool
    is_common: bool
    owner_id: int | None
    topic_id: int
    level: Level
    seconds: int | None
    in_set: bool
    positions: frozenset[int]
    tags: frozenset[str]


def rows_of(ids: Sequence[int], *, bank: BankKind, positions: set[int] | None) -> list[Row]:
    """These questions, as far as they are of the bank and in reach, in the order of their numbers."""
    return [row for some in _pieces(sorted(set(ids))) for row in _rows(some, bank, positions)]


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), PIECE):
        yield ids[start : start + PIECE]


def _rows(ids: Sequence[int], bank: BankKind, reach: set[int] | None) -> Iterator[Row]:
    places, tags = defaultdict(set), defaultdict(set)
    for question_id, position_id in db.session.execute(
        select(QuestionPosition.question_id, QuestionPosition.position_id).where(QuestionPosition.question_id.in_(ids))
    ):
        places[question_id].add(position_id)
    for question_id, tag in db.session.execute(
        select(QuestionTag.question_id, QuestionTag.tag).where(QuestionTag.question_id.in_(ids))
    ):
        tags[question_id].add(tag)
    version = QuestionVersion
    rows = db.session.execute(
        select(
            Question.id,
            Question.code,
            version.stem,
            version.id.label("version_id"),
            Question.state,
            Question.held_at.is_not(None).label("is_held"),
            Question.is_common,
            Question.owner_id,
            version.topic_id,
            version.level,
            version.seconds,
            in_open_set().label("in_set"),
        )
        .join(version, version.id == Question.current_id)
        .where(Question.id.in_(ids), Question.bank == bank, reached(reach))
        .order_by(Question.id)
    )
    for row in rows:
        yield Row(**row._asdict(), positions=frozenset(places[row.id]), tags=frozenset(tags[row.id]))
