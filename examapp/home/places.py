"""Where the people of a unit are counted today: old units under what became of them, departments under theirs.

Results stay with the unit of their day. For comparison over the years the overview counts an ended unit to its one
successor; a unit that was split, or ended without a successor, keeps a line of its own under the nearest unit above.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from examapp.core.db import db
from examapp.core.text import fold
from examapp.organisation.models import Tree, Unit, UnitKind, UnitLink, UnitParent
from examapp.organisation.tree import INNER


@dataclass(frozen=True, slots=True)
class Place:
    """A unit, as far as the overview asks about it."""

    id: int
    name: str
    kind: UnitKind
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Hanging:
    """Under whom a unit hangs, from–to."""

    unit_id: int
    parent_id: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a unit, and from when."""

    predecessor_id: int
    successor_id: int
    on: date


class Places:
    """The units of all times as seen from ``today``, within what one person may see (``None``: everything)."""

    def __init__(
        self,
        places: Iterable[Place],
        hangings: Iterable[Hanging],
        fates: Iterable[Fate],
        *,
        today: date,
        within: Collection[int] | None = None,
    ) -> None:
        self.places = {place.id: place for place in places}
        self.fates = list(fates)
        self.today = today
        self.within = None if within is None else frozenset(within)
        self._successors: dict[int, set[int]] = {}
        for fate in self.fates:
            self._successors.setdefault(fate.predecessor_id, set()).add(fate.successor_id)
        self._parents: dict[int, Hanging] = {}
        for hanging in sorted(hangings, key=lambda one: one.valid_from):
            held = self._parents.get(hanging.unit_id)
            if held is None or not self._holds(held) or self._holds(hanging):
                self._parents[hanging.unit_id] = hanging
        self._lines: dict[int, tuple[int, ...]] = {}
        self._bearing: set[int] | None = None

    def _holds(self, hanging: Hanging) -> bool:
        """Whether it holds today."""
        return hanging.valid_from <= self.today and (hanging.valid_to is None or hanging.valid_to >= self.today)

    def is_living(self, unit_id: int) -> bool:
        ended = self.places[unit_id].valid_to
        return ended is None or ended >= self.today

    def above(self, unit_id: int) -> int | None:
        """The unit that the people of ``unit_id`` are counted to next: its one successor, or the unit above."""
        if not self.is_living(unit_id) and (heir := self._heir(unit_id)) is not None:
            return heir
        parent = self._parent(unit_id)
        seen = {unit_id}
        while parent is not None and parent not in seen and not self.is_living(parent) and self._heir(parent) is None:
            seen.add(parent)
            parent = self._parent(parent)
        return parent

    def _heir(self, unit_id: int) -> int | None:
        heirs = self._successors.get(unit_id, set())
        return next(iter(heirs)) if len(heirs) == 1 else None

    def _parent(self, unit_id: int) -> int | None:
        hanging = self._parents.get(unit_id)
        return hanging.parent_id if hanging else None

    def line(self, unit_id: int) -> tuple[int, ...]:
        """The unit and all it is counted to, upwards, as far as the person may see."""
        if unit_id not in self._lines:
            found: list[int] = []
            step: int | None = unit_id
            while step is not None and step in self.places and step not in found:
                found.append(step)
                step = self.above(step)
            self._lines[unit_id] = tuple(one for one in found if self.may_see(one))
        return self._lines[unit_id]

    def may_see(self, unit_id: int) -> bool:
        return self.within is None or unit_id in self.within

    def tops(self) -> list[int]:
        """The highest living units in sight."""
        found = {self.line(one)[-1] for one in self.places if self.may_see(one) and self.is_living(one)}
        return sorted(found, key=self._order)

    def _order(self, unit_id: int) -> tuple[str, int]:
        return fold(self.places[unit_id].name), unit_id

    def below(self, unit_id: int) -> set[int]:
        """Every unit in sight whose people are counted to ``unit_id``, itself among them."""
        return {one for one in self.places if self.may_see(one) and unit_id in self.line(one)}

    def has_below(self, unit_id: int) -> bool:
        """Whether people of other units are counted to it."""
        if self._bearing is None:
            self._bearing = {above for one in self.places for above in self.line(one)[1:]}
        return unit_id in self._bearing

    def row_of(self, unit_id: int, focus: int | None) -> int:
        """In whose line of a table the people of ``unit_id`` stand when the page is about ``focus``."""
        line = self.line(unit_id)
        if not line:
            return unit_id
        if focus is None or focus not in line:
            return line[-1]
        return line[max(line.index(focus) - 1, 0)]

    def choices(self) -> list[tuple[int, str]]:
        """Living units to choose from, each under the one above it, without the insides of communes."""
        shown = [
            one
            for one, place in self.places.items()
            if self.may_see(one) and self.is_living(one) and (place.kind not in INNER or len(self.line(one)) == 1)
        ]
        shown.sort(key=lambda one: [self._order(above) for above in reversed(self.line(one))])
        return [(one, "– " * (len(self.line(one)) - 1) + self.places[one].name) for one in shown]

    def changes(self) -> list[date]:
        """The days on which units in sight were merged, split or renamed, in order."""
        return sorted(
            {one.on for one in self.fates if self.may_see(one.successor_id) or self.may_see(one.predecessor_id)}
        )


def load_places(*, today: date, within: Collection[int] | None) -> Places:
    """All units in three statements."""
    units = db.session.execute(select(Unit.id, Unit.name, Unit.kind, Unit.valid_to))
    parents = db.session.execute(
        select(UnitParent.unit_id, UnitParent.parent_id, UnitParent.valid_from, UnitParent.valid_to)
        .where(UnitParent.tree == Tree.STATE)
        .order_by(UnitParent.id)
    )
    links = db.session.execute(select(UnitLink.predecessor_id, UnitLink.successor_id, UnitLink.on))
    return Places(
        (Place(*row) for row in units),
        (Hanging(*row) for row in parents),
        (Fate(*row) for row in links),
        today=today,
        within=within,
    )
