"""Import of an organisation from one workbook: a plan first, which stores nothing; then all of it or nothing.

Rows are known by their codes (posts by person, position, unit and first day), so that importing the same workbook again
changes nothing. An empty cell never erases what is stored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from examapp.core.uploads import check_upload
from examapp.organisation.drafts import Stored
from examapp.organisation.sheets import SHEETS
from examapp.organisation.units import Reach
from examapp.organisation.workbook import Contents, Problem, Row, read_workbook


class Fate(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one row: ``values`` are the columns to store, ``differences`` old and new of a changed row."""

    row: Row
    fate: Fate
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    stored: Any = None
    differences: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What an import would do. ``problems`` lists everything found; errors forbid storing."""

    changes: dict[str, list[Change]] = field(default_factory=lambda: {sheet.key: [] for sheet in SHEETS})
    problems: list[Problem] = field(default_factory=list)
    broken: set[tuple[str, str]] = field(default_factory=set)
    """(sheet, code) of what has a wrong row of its own."""

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.is_error]

    def count(self, sheet: str, fate: Fate) -> int:
        return sum(change.fate == fate for change in self.changes[sheet])

    @property
    def totals(self) -> Counter[Fate]:
        return Counter(change.fate for changes in self.changes.values() for change in changes)

    @property
    def touched(self) -> list[Change]:
        """The rows that would store something, in the order of the sheets."""
        return [change for sheet in SHEETS for change in self.changes[sheet.key] if change.fate is not Fate.UNCHANGED]

    @property
    def is_storable(self) -> bool:
        return not self.errors and bool(self.touched)


def import_workbook(data: bytes, *, name: str = "", reach: Reach = None) -> Plan:
    """Read the workbook and say what it would change. Nothing is stored; see :func:`importing.store_plan`.

    Raises :class:`~examapp.core.errors.Invalid` when the file as a whole cannot be read.
    """
    return make_plan(read_upload(data, name), reach=reach)


def read_upload(data: bytes, name: str = "") -> Contents:
    """The checked rows of an uploaded file, without a look at the database."""
    check_upload(data, name or "tệp.xlsx", kinds=("excel",))
    return read_workbook(data)


def make_plan(contents: Contents, *, reach: Reach = None) -> Plan:
    """Compare the rows with what is stored."""
    from examapp.organisation.planning import plan_links, plan_officials, plan_positions, plan_units
    from examapp.organisation.planning_posts import plan_posts

    codes = [row.values["staff_code"] for key in ("officials", "posts") for row in contents.rows[key]]
    stored = Stored(codes, reach)
    plan = Plan(problems=list(contents.problems), broken=set(contents.broken))
    for planner in (plan_units, plan_positions, plan_officials, plan_posts, plan_links):
        planner(plan, stored, contents)
    order = {sheet.name: index for index, sheet in enumerate(SHEETS)}
    plan.problems.sort(key=lambda problem: _by_place(problem.place, order))
    return plan


def _by_place(place: str, order: dict[str, int]) -> tuple[int, int, str]:
    sheet, _mark, cell = place.partition("!")
    digits = "".join(c for c in cell if c.isdigit())
    return order.get(sheet, len(order)), int(digits or 0), cell
