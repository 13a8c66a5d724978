"""The unit tree over time: who stands under whom on a day, and what a unit was before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select

from examapp.core.db import db
from examapp.organisation.models import Tree, Unit, UnitKind, UnitLink, UnitParent


def subtree(unit_ids: Iterable[int], *, on: date, tree: Tree = Tree.STATE) -> set[int]:
    """``unit_ids`` and everything below them on that day."""
    children: dict[int, list[int]] = defaultdict(list)
    edges = select(UnitParent.unit_id, UnitParent.parent_id).where(
        UnitParent.tree == tree,
        UnitParent.valid_from <= on,
        or_(UnitParent.valid_to.is_(None), UnitParent.valid_to >= on),
    )
    for unit_id, parent_id in db.session.execute(edges):
        children[parent_id].append(unit_id)
    return _closure(unit_ids, children)


def ancestors(unit_id: int, *, on: date, tree: Tree = Tree.STATE) -> list[int]:
    """The units above, nearest first."""
    return climb(unit_id, parents_on(on, tree=tree))


def parents_on(on: date, *, tree: Tree = Tree.STATE) -> dict[int, int]:
    """Unit → the unit it stood under on that day."""
    return dict(
        db.session.execute(
            select(UnitParent.unit_id, UnitParent.parent_id).where(
                UnitParent.tree == tree,
                UnitParent.valid_from <= on,
                or_(UnitParent.valid_to.is_(None), UnitParent.valid_to >= on),
            )
        ).all()
    )


def tops(on: date, *, tree: Tree = Tree.STATE) -> set[int]:
    """The living units at the top of the tree; all living ones while there is no tree. A unit outside it is no top."""
    parents = parents_on(on, tree=tree)
    above = set(parents.values()) - set(parents)
    living = select(Unit.id).where(Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to >= on))
    if above:
        living = living.where(Unit.id.in_(above))
    return set(db.session.scalars(living))


def climb(unit_id: int, parents: dict[int, int]) -> list[int]:
    """Up the tree from ``unit_id``, without it."""
    found: list[int] = []
    while (parent := parents.get(unit_id)) is not None and parent not in found:
        found.append(parent)
        unit_id = parent
    return found


def with_predecessors(unit_ids: Iterable[int]) -> set[int]:
    """``unit_ids`` and every unit they came from, through all mergers and splits."""
    origins: dict[int, list[int]] = defaultdict(list)
    for predecessor, successor in db.session.execute(select(UnitLink.predecessor_id, UnitLink.successor_id)):
        origins[successor].append(predecessor)
    return _closure(unit_ids, origins)


def with_successors(unit_ids: Iterable[int]) -> set[int]:
    """``unit_ids`` and every unit that came of them."""
    fates: dict[int, list[int]] = defaultdict(list)
    for predecessor, successor in db.session.execute(select(UnitLink.predecessor_id, UnitLink.successor_id)):
        fates[predecessor].append(successor)
    return _closure(unit_ids, fates)


def scope(unit_ids: Iterable[int], *, on: date) -> set[int]:
    """What a grant over ``unit_ids`` reaches: the subtree of today and all that its units came from, with theirs."""
    reach = subtree(unit_ids, on=on)
    before = with_predecessors(reach)
    for predecessor in before - reach:
        before |= _ever_below(predecessor)
    return reach | before


def _ever_below(unit_id: int) -> set[int]:
    """Everything that ever stood under ``unit_id``."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in db.session.execute(select(UnitParent.unit_id, UnitParent.parent_id)):
        children[parent].append(child)
    return _closure([unit_id], children)


INNER = {UnitKind.DEPARTMENT, UnitKind.PARTY_BODY, UnitKind.FRONT_BODY, UnitKind.OTHER}
"""Kinds of units that are parts of an agency."""


def agencies(unit_ids: Iterable[int], *, on: date) -> dict[int, str]:
    """For each unit the name of its agency."""
    return {unit_id: unit.name for unit_id, unit in agency_units(unit_ids, on=on).items()}


def agency_units(unit_ids: Iterable[int], *, on: date) -> dict[int, Unit]:
    """For each unit its agency: itself, or the nearest above that is not a part of another."""
    return {unit_id: chain[-1] for unit_id, chain in _up_to_agency(unit_ids, on).items()}


def full_names(unit_ids: Iterable[int], *, on: date) -> dict[int, str]:
    """Names that tell units apart: a department with the agency it is part of, unless its name says so already."""
    names = {}
    for unit_id, chain in _up_to_agency(unit_ids, on).items():
        first, *above = chain
        names[unit_id] = ", ".join([first.name, *(unit.name for unit in above if unit.name not in first.name)])[:200]
    return names


def _up_to_agency(unit_ids: Iterable[int], on: date) -> dict[int, list[Unit]]:
    """Each unit and those above it, up to the first that is not a part of another."""
    parents = parents_on(on)
    chains = {unit_id: [unit_id, *climb(unit_id, parents)] for unit_id in set(unit_ids)}
    ids = {one for chain in chains.values() for one in chain}
    units = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    found: dict[int, list[Unit]] = {}
    for unit_id, chain in chains.items():
        found[unit_id] = []
        for one in chain:
            found[unit_id].append(units[one])
            if units[one].kind not in INNER:
                break
    return found


def _closure(start: Iterable[int], edges: dict[int, list[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found.add(unit)
            waiting.extend(edges.get(unit, ()))
    return found
