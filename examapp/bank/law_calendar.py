"""What lapses in the coming twelve months, how many questions of which position fall with it, which matrices run short.

All questions and matrices are read once; for each day on which law ends, the database says only which versions have
lost it, and the matrices are counted without the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.bank.law import DAY, ended, faulty_versions
from examapp.bank.matrices import Shortage, matrices_for, shortages, topic_reach
from examapp.bank.models import (
    Citation,
    LegalDocument,
    Matrix,
    MatrixRow,
    MatrixVersion,
    Question,
    QuestionPosition,
    QuestionVersion,
    Topic,
    TransitionalUse,
)
from examapp.bank.pool import ready
from examapp.core.db import db
from examapp.core.permissions import Permission
from examapp.organisation.models import Position
from question_bank.matrix import Item, Row, feasibility

MONTHS = 12
COMMON = None
"""Stands for the questions common to all positions."""


@dataclass(frozen=True, slots=True)
class End:
    """A document, or a transitional provision that went on applying it, ends on a day."""

    document: LegalDocument
    last_day: date
    is_transitional: bool
    questions: int
    """Usable on the last day and not on the next."""
    positions: list[tuple[int | None, int]]
    """How many of them each position loses; ``None``: the common ones. The most first."""


@dataclass(frozen=True, slots=True)
class RunsShort:
    """A matrix that the bank fills until a day and not from the next on."""

    matrix: Matrix
    since: date
    short: list[Shortage]


@dataclass(slots=True)
class Month:
    first: date
    ends: list[End] = field(default_factory=list)
    matrices: list[RunsShort] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.first:%m/%Y}"


@dataclass(frozen=True, slots=True)
class Calendar:
    months: list[Month]
    short_today: list[Matrix]
    """What the bank does not fill as it is."""
    positions: dict[int, str]
    """Names, by id."""


def calendar(person: Account, *, on: date, demo: bool) -> Calendar:
    """The twelve months from that of ``on``; questions and matrices as far as this person reaches them."""
    firsts = [_month_after(on, number) for number in range(MONTHS + 1)]
    months = {first: Month(first) for first in firsts[:-1]}
    ending = _ends(on, firsts[-1] - DAY)
    days = sorted({day for day, _document, _transitional in ending})
    lost = {day: _faulty(day, demo) for day in {on, *days, *(day + DAY for day in days)}}
    citing = _citing({document.id for _day, document, _transitional in ending})
    stock = _Stock.read(demo)
    reach = _reach(person)
    for day, document, transitional in ending:
        newly = (citing.get(document.id, set()) & stock.versions & lost[day + DAY]) - lost[day]
        counts = Counter(place for version in newly for place in stock.places[version] if _sees(reach, place))
        seen = [version for version in newly if any(_sees(reach, place) for place in stock.places[version])]
        found = End(document, day, transitional, len(seen), counts.most_common())
        months[day.replace(day=1)].ends.append(found)
    desk = _Matrices(person, stock)
    short_today = desk.short(lost[on])
    before = {matrix.id for matrix, _missing in short_today}
    for day in days:
        now = desk.short(lost[day + DAY])
        newly_short = [RunsShort(matrix, day + DAY, missing) for matrix, missing in now if matrix.id not in before]
        months[day.replace(day=1)].matrices += newly_short
        before = {matrix.id for matrix, _missing in now}
    names = {key: name for key, name in db.session.execute(select(Position.id, Position.name))}
    return Calendar(list(months.values()), [matrix for matrix, _missing in short_today], names)


def _month_after(day: date, number: int) -> date:
    years, month = divmod(day.month - 1 + number, 12)
    return date(day.year + years, month + 1, 1)


def _reach(person: Account) -> set[int] | None:
    """The positions whose figures this person sees: those of its questions, else of its matrices."""
    for permission in (Permission.BANK_READ, Permission.BANK_MANAGE, Permission.MATRIX_READ):
        if person.may(permission):
            return person.positions(permission)
    return set()


def _sees(reach: set[int] | None, place: int | None) -> bool:
    return reach is None or place in reach


def _ends(on: date, until: date) -> list[tuple[date, LegalDocument, bool]]:
    """Last days from ``on`` to ``until``: of documents, and of provisions that went on applying ended ones."""
    documents = db.session.scalars(
        select(LegalDocument)
        .where(~ended(on), ended(until + DAY))
        .options(joinedload(LegalDocument.superseded_by))
        .order_by(LegalDocument.symbol)
    )
    found = [(document.last_day, document, False) for document in documents if document.last_day]
    uses = db.session.execute(
        select(TransitionalUse.until, LegalDocument)
        .join(LegalDocument, LegalDocument.id == TransitionalUse.document_id)
        .join(Question, Question.current_id == TransitionalUse.version_id)
        .where(TransitionalUse.until.between(on, until))
        .options(joinedload(LegalDocument.superseded_by))
        .order_by(LegalDocument.symbol)
        .distinct()
    )
    found += [(last, document, True) for last, document in uses if last is not None]
    return sorted(found, key=lambda one: (one[0], one[2]))


def _faulty(day: date, demo: bool) -> set[int]:
    """Ids of the present versions of ready questions that the law does not carry on that day."""
    rows = select(Question.current_id).where(ready(demo=demo), Question.current_id.in_(faulty_versions(day)))
    return {version for version in db.session.scalars(rows) if version is not None}


def _citing(document_ids: set[int]) -> dict[int, set[int]]:
    """The versions that cite each of these documents."""
    rows = select(Citation.document_id, Citation.version_id).where(Citation.document_id.in_(document_ids))
    found: dict[int, set[int]] = {}
    for document_id, version_id in db.session.execute(rows):
        found.setdefault(document_id or 0, set()).add(version_id)
    return found


@dataclass(slots=True)
class _Stock:
    """The ready questions of the bank, whatever their law, by the position they serve."""

    items: dict[int | None, list[Item]]
    places: dict[int, list[int | None]]
    """Where each version serves."""

    @property
    def versions(self) -> set[int]:
        return set(self.places)

    @classmethod
    def read(cls, demo: bool) -> _Stock:
        rows = db.session.execute(
            select(QuestionVersion.id, Topic.code, QuestionVersion.level, QuestionPosition.position_id)
            .join(Question, Question.current_id == QuestionVersion.id)
            .join(Topic, Topic.id == QuestionVersion.topic_id)
            .outerjoin(QuestionPosition, QuestionPosition.question_id == Question.id)
            .where(ready(demo=demo))
        )
        stock = cls({}, {})
        for version_id, code, level, position_id in rows:
            stock.items.setdefault(position_id, []).append(Item(version_id, code, level))
            stock.places.setdefault(version_id, []).append(position_id)
        return stock


class _Matrices:
    """The present versions of the matrices in reach, counted against the stock of a day."""

    def __init__(self, person: Account, stock: _Stock) -> None:
        self._stock = stock
        self._versions = _current_versions(person) if person.may(Permission.MATRIX_READ) else []
        reach = topic_reach({row.topic_id for version in self._versions for row in version.rows})
        self._rows = {
            version.id: [Row(reach[row.topic_id], row.level, row.count, row.points) for row in version.rows]
            for version in self._versions
        }
        self._known: dict[tuple[int, frozenset[int]], list[Shortage]] = {}

    def short(self, lost: set[int]) -> list[tuple[Matrix, list[Shortage]]]:
        """The matrices that the stock without ``lost`` does not fill, and where."""
        found = ((version, self._shortages(version, lost)) for version in self._versions)
        return [(version.matrix, missing) for version, missing in found if missing]

    def _shortages(self, version: MatrixVersion, lost: set[int]) -> list[Shortage]:
        items = self._stock.items.get(version.matrix.position_id, [])
        gone = frozenset(item.id for item in items if item.id in lost)
        if (version.id, gone) not in self._known:
            left: Iterable[Item] = (item for item in items if item.id not in gone)
            self._known[version.id, gone] = shortages(version, feasibility(self._rows[version.id], left))
        return self._known[version.id, gone]


def _current_versions(person: Account) -> list[MatrixVersion]:
    mine = matrices_for(person).with_only_columns(Matrix.current_id).order_by(None)
    return list(
        db.session.scalars(
            select(MatrixVersion)
            .join(Matrix, Matrix.current_id == MatrixVersion.id)
            .where(MatrixVersion.id.in_(mine))
            .options(
                selectinload(MatrixVersion.rows).joinedload(MatrixRow.topic),
                joinedload(MatrixVersion.matrix).joinedload(Matrix.position),
            )
            .order_by(Matrix.position_id.is_not(None), Matrix.code)
        )
    )
