"""What an import means to store, beside what is stored already, so that both can be checked together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from examapp.core.db import db
from examapp.organisation.models import Official, Position, Post, Tree, Unit, UnitLink, UnitParent
from examapp.organisation.units import Reach
from examapp.organisation.workbook import Row

Thing = TypeVar("Thing")
CHUNK = 5000
"""Values in one IN list; databases limit them."""


@dataclass(slots=True)
class UnitDraft:
    code: str
    name: str
    valid_from: date
    valid_to: date | None
    parents: dict[Tree, str] = field(default_factory=dict)
    """Codes of the units above."""
    stored: Unit | None = None
    row: Row | None = None
    outside: bool = False
    """Stored, but out of this person's reach."""


@dataclass(slots=True)
class PositionDraft:
    code: str
    name: str
    valid_from: date
    valid_to: date | None
    stored: Position | None = None
    row: Row | None = None


@dataclass(slots=True)
class OfficialDraft:
    staff_code: str
    full_name: str
    stored: Official | None = None
    row: Row | None = None
    outside: bool = False


@dataclass(slots=True)
class PostDraft:
    """Has what :func:`posts.describe` and :func:`posts.primary_clashes` ask of a post."""

    staff_code: str
    position: PositionDraft
    unit: UnitDraft
    valid_from: date
    valid_to: date | None
    is_primary: bool
    stored: Post | None = None
    row: Row | None = None

    @property
    def key(self) -> tuple[str, str, str, date]:
        return self.staff_code.lower(), self.position.code, self.unit.code, self.valid_from


class Stored:
    """What the database holds that a workbook's rows may touch."""

    def __init__(self, staff_codes: Iterable[str], reach: Reach) -> None:
        self.reach = reach
        self.units = self._units()
        self.positions = {
            position.code: PositionDraft(
                position.code, position.name, position.valid_from, position.valid_to, stored=position
            )
            for position in db.session.scalars(select(Position))
        }
        self.officials = self._officials({code.lower() for code in staff_codes})
        self.links = {
            (link.predecessor_id, link.successor_id, link.kind): link for link in db.session.scalars(select(UnitLink))
        }

    def _units(self) -> dict[str, UnitDraft]:
        units = {unit.id: unit for unit in db.session.scalars(select(Unit))}
        drafts = {
            unit.id: UnitDraft(
                unit.code,
                unit.name,
                unit.valid_from,
                unit.valid_to,
                stored=unit,
                outside=self.reach is not None and unit.id not in self.reach,
            )
            for unit in units.values()
        }
        for edge in db.session.scalars(select(UnitParent).order_by(UnitParent.valid_from, UnitParent.id)):
            drafts[edge.unit_id].parents[edge.tree] = units[edge.parent_id].code
        return {draft.code: draft for draft in drafts.values()}

    def _officials(self, codes: set[str]) -> dict[str, OfficialDraft]:
        found = [
            official
            for part in chunks(sorted(codes))
            for official in db.session.scalars(select(Official).where(func.lower(Official.staff_code).in_(part)))
        ]
        drafts = {
            official.staff_code.lower(): OfficialDraft(official.staff_code, official.full_name, stored=official)
            for official in found
        }
        if self.reach is not None:
            near = set(db.session.scalars(select(Post.official_id).where(Post.unit_id.in_(self.reach)).distinct()))
            for draft in drafts.values():
                draft.outside = draft.stored is not None and draft.stored.id not in near
        return drafts

    def posts(self, units_that_change: Iterable[int]) -> list[PostDraft]:
        """The posts of the officials in the workbook, and those in units whose life changes."""
        by_id = {draft.stored.id: draft for draft in self.units.values() if draft.stored}
        positions = {draft.stored.id: draft for draft in self.positions.values() if draft.stored}
        people = [draft.stored.id for draft in self.officials.values() if draft.stored]
        found: dict[int, Post] = {}
        query = select(Post).options(joinedload(Post.official))
        for column, ids in ((Post.official_id, people), (Post.unit_id, sorted(units_that_change))):
            for part in chunks(ids):
                found.update((post.id, post) for post in db.session.scalars(query.where(column.in_(part))))
        return [
            PostDraft(
                post.official.staff_code,
                positions[post.position_id],
                by_id[post.unit_id],
                post.valid_from,
                post.valid_to,
                post.is_primary,
                stored=post,
            )
            for post in found.values()
        ]

    def identity_numbers(self, numbers: Sequence[str]) -> dict[str, str]:
        """Whose the stored identity numbers are: staff codes by number."""
        return {
            number: code
            for part in chunks(numbers)
            for number, code in db.session.execute(
                select(Official.identity_number, Official.staff_code).where(Official.identity_number.in_(part))
            )
            if number is not None
        }


def chunks(values: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def differences(stored: Any, wanted: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Old and new of every column that differs."""
    return {name: (getattr(stored, name), value) for name, value in wanted.items() if getattr(stored, name) != value}
