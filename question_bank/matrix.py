"""The exam matrix (ma trận đề): how many questions of which topics and level, and whether a pool has them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from question_bank.question import Level

Signature = tuple[int, ...]
"""The rows an item may fill, ascending. Items of one signature are interchangeable for counting."""


@dataclass(frozen=True, slots=True)
class Row:
    """``count`` questions of one level from any of the topics (no topic named = all), each worth ``points``."""

    topics: frozenset[str]
    level: Level
    count: int
    points: int

    def __post_init__(self) -> None:
        if self.count < 0 or self.points < 0:
            raise ValueError("a row has no negative count or points")

    def takes(self, topic: str, level: Level) -> bool:
        return level is self.level and (not self.topics or topic in self.topics)


@dataclass(frozen=True, slots=True)
class Item:
    """A question as the matrix sees it; ``exposure`` counts the papers it has been on before."""

    id: int
    topic: str
    level: Level
    exposure: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """How far one row can be filled beside the others.

    ``available`` counts all items the row would take; ``fillable`` is what it gets when no item
    serves two rows. Where rows compete, those further up are served first.
    """

    row: Row
    needed: int
    available: int
    fillable: int
    section: str = ""

    @property
    def missing(self) -> int:
        return self.needed - self.fillable

    @property
    def is_feasible(self) -> bool:
        return self.missing == 0


class Allocation:
    """Gives items to rows one by one, moving earlier ones to other rows where that makes room.

    A bipartite matching grown along augmenting paths. Rows are nodes with a capacity and items are
    told apart by signature only, so a path is as long as there are rows, however large the pool.
    An item that finds no place now never finds one later, unless a row is widened.
    """

    def __init__(self, capacities: Sequence[int]) -> None:
        self._free = list(capacities)
        self._held: list[Counter[Signature]] = [Counter() for _ in capacities]

    def widen(self, row: int, by: int) -> None:
        self._free[row] += by

    def filled(self, row: int) -> int:
        return self._held[row].total()

    def held(self, row: int) -> Counter[Signature]:
        """How many items of each signature the row has."""
        return self._held[row]

    def add(self, signature: Signature) -> bool:
        """Find a place for one more item of this signature; ``False`` when there is none."""
        came_from: dict[int, tuple[int | None, Signature]] = {row: (None, signature) for row in signature}
        waiting = deque(signature)
        while waiting:
            row = waiting.popleft()
            if self._free[row] > 0:
                self._shift_along(row, came_from)
                return True
            for held in self._held[row]:
                for other in held:
                    if other not in came_from:
                        came_from[other] = (row, held)
                        waiting.append(other)
        return False

    def _shift_along(self, row: int, came_from: dict[int, tuple[int | None, Signature]]) -> None:
        self._free[row] -= 1
        taker: int | None = row
        while taker is not None:
            giver, moved = came_from[taker]
            self._held[taker][moved] += 1
            if giver is not None:
                self._held[giver][moved] -= 1
                if not self._held[giver][moved]:
                    del self._held[giver][moved]
            taker = giver


def signature(rows: Sequence[Row], topic: str, level: Level) -> Signature:
    return tuple(index for index, row in enumerate(rows) if row.takes(topic, level))


def feasibility(rows: Sequence[Row], pool: Iterable[Item]) -> list[Cell]:
    """A cell for each row, in order; an item counts once however often the pool lists it."""
    by_id = {item.id: (item.topic, item.level) for item in pool}
    groups: Counter[Signature] = Counter()
    for (topic, level), count in Counter(by_id.values()).items():
        groups[signature(rows, topic, level)] += count
    return cells(rows, groups)


def cells(rows: Sequence[Row], groups: Counter[Signature], sections: Sequence[str] = ()) -> list[Cell]:
    """The cells for ``groups`` items of each signature; ``sections`` names the section of each row."""
    allocation = Allocation([0] * len(rows))
    left = Counter(groups)
    for index, row in enumerate(rows):
        allocation.widen(index, row.count)
        for group in sorted(left):
            while left[group] and allocation.add(group):
                left[group] -= 1
    return [
        Cell(
            row=row,
            needed=row.count,
            available=sum(count for group, count in groups.items() if index in group),
            fillable=allocation.filled(index),
            section=sections[index] if sections else "",
        )
        for index, row in enumerate(rows)
    ]


def is_feasible(found: Iterable[Cell]) -> bool:
    return all(cell.is_feasible for cell in found)


def question_count(rows: Iterable[Row]) -> int:
    return sum(row.count for row in rows)


def total_points(rows: Iterable[Row]) -> int:
    """In thousandths of a point."""
    return sum(row.count * row.points for row in rows)


def level_shares(rows: Sequence[Row]) -> dict[Level, Fraction]:
    """The share of each level in the number of questions, 0 to 1, exact; all 0 for an empty matrix."""
    total = question_count(rows)
    counts: Counter[Level] = Counter()
    for row in rows:
        counts[row.level] += row.count
    return {level: Fraction(counts[level], total) if total else Fraction(0) for level in Level}
