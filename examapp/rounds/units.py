"""Units to choose from, as an indented tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import or_, select

from examapp.core.db import db
from examapp.organisation.models import Unit, UnitParent


def unit_choices(reach: Collection[int] | None, *, on: date, deepest: int | None = None) -> list[tuple[int, str]]:
    """(id, name) of the units of ``reach`` (``None``: all) that live on that day, each under the one above it."""
    alive = select(Unit).where(Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to >= on))
    if reach is not None:
        alive = alive.where(Unit.id.in_(reach))
    units = {unit.id: unit for unit in db.session.scalars(alive.order_by(Unit.name, Unit.id))}
    edges = select(UnitParent.unit_id, UnitParent.parent_id).where(
        UnitParent.valid_from <= on, or_(UnitParent.valid_to.is_(None), UnitParent.valid_to >= on)
    )
    # a unit of both trees is shown once, under the parent of the state's tree
    ordered = db.session.execute(edges.order_by(UnitParent.tree, UnitParent.id))
    parents = {unit_id: parent_id for unit_id, parent_id in ordered}
    children: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units.values():
        parent = parents.get(unit.id)
        children[parent if parent in units else None].append(unit)
    return list(_walk(children, None, 0, deepest))


def _walk(
    children: dict[int | None, list[Unit]], parent: int | None, depth: int, deepest: int | None
) -> Iterator[tuple[int, str]]:
    if deepest is not None and depth > deepest:
        return
    for unit in children.get(parent, ()):
        yield unit.id, "— " * depth + unit.name
        yield from _walk(children, unit.id, depth + 1, deepest)
