"""Storing an import's plan: all of it in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from examapp.audit.services import record
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.words import _
from examapp.organisation.drafts import chunks
from examapp.organisation.imports import Change, Fate, Plan
from examapp.organisation.models import Official, Position, Tree, Unit, UnitLink, UnitParent
from examapp.organisation.officials import add_officials
from examapp.organisation.planning import PARENTS
from examapp.organisation.posts import add_posts
from examapp.organisation.units import add_units


def store_plan(plan: Plan, *, name: str = "") -> None:
    """Do what the plan says; refused while it has errors."""
    if plan.errors:
        raise Invalid(
            _("Tệp còn %(n)s lỗi nên chưa lưu gì. Hãy sửa trong tệp rồi gửi lại.", n=len(plan.errors)), field="file"
        )
    units = _store_units(_by_fate(plan, "units"))
    positions = _store_positions(_by_fate(plan, "positions"))
    officials = _store_officials(_by_fate(plan, "officials"), plan)
    _store_posts(_by_fate(plan, "posts"), units, positions, officials)
    _store_links(_by_fate(plan, "links"), units)
    db.session.flush()
    totals = plan.totals
    record(
        "organisation.imported",
        "file",
        name,
        created=totals[Fate.CREATED],
        changed=totals[Fate.CHANGED],
        unchanged=totals[Fate.UNCHANGED],
    )


def _by_fate(plan: Plan, sheet: str) -> dict[Fate, list[Change]]:
    return {fate: [change for change in plan.changes[sheet] if change.fate is fate] for fate in Fate}


def _set(stored: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(stored, name, value)


def _store_units(changes: dict[Fate, list[Change]]) -> dict[str, int]:
    """Units and their places in the trees; returns the ids of all units by code."""
    add_units(change.values for change in changes[Fate.CREATED])
    for change in changes[Fate.CHANGED]:
        old_start, old_end = change.stored.valid_from, change.stored.valid_to
        _set(change.stored, change.values)
        _follow(change.stored, old_start, old_end)
    db.session.flush()
    ids = dict(db.session.execute(select(Unit.code, Unit.id)).all())
    for change in (*changes[Fate.CREATED], *changes[Fate.CHANGED]):
        for key, tree in PARENTS.items():
            if key in change.row.values and (change.fate is Fate.CREATED or key in change.differences):
                _hang(ids[change.values["code"]], ids[change.row.values[key]], tree, change)
    db.session.flush()
    return ids


def _follow(unit: Unit, old_start: Any, old_end: Any) -> None:
    """The unit's places in the trees begin and end with it."""
    for edge in db.session.scalars(select(UnitParent).where(UnitParent.unit_id == unit.id)):
        if edge.valid_from == old_start:
            edge.valid_from = unit.valid_from
        if edge.valid_to == old_end or (
            unit.valid_to is not None and (edge.valid_to or unit.valid_to) >= unit.valid_to
        ):
            edge.valid_to = unit.valid_to


def _hang(unit_id: int, parent_id: int, tree: Tree, change: Change) -> None:
    """Put the unit under its parent; a stored unit's latest place is corrected, not ended."""
    latest = None
    if change.fate is Fate.CHANGED:
        query = select(UnitParent).where(UnitParent.unit_id == unit_id, UnitParent.tree == tree)
        latest = db.session.scalar(query.order_by(UnitParent.valid_from.desc()).limit(1))
    if latest is not None:
        latest.parent_id = parent_id
        return
    db.session.add(
        UnitParent(
            unit_id=unit_id,
            parent_id=parent_id,
            tree=tree,
            valid_from=change.values["valid_from"],
            valid_to=change.values["valid_to"],
        )
    )


def _store_positions(changes: dict[Fate, list[Change]]) -> dict[str, int]:
    db.session.add_all(Position(**change.values) for change in changes[Fate.CREATED])
    for change in changes[Fate.CHANGED]:
        _set(change.stored, change.values)
    db.session.flush()
    ids = dict(db.session.execute(select(Position.code, Position.id)).all())
    for change in (*changes[Fate.CREATED], *changes[Fate.CHANGED]):
        successor = change.row.values.get("successor")
        if successor is not None:
            db.session.get_one(Position, ids[change.values["code"]]).successor_id = ids[successor]
    db.session.flush()
    return ids


def _store_officials(changes: dict[Fate, list[Change]], plan: Plan) -> dict[str, int]:
    """Returns ids by staff code in lower case, of everybody the posts name."""
    add_officials(change.values for change in changes[Fate.CREATED])
    for change in changes[Fate.CHANGED]:
        _set(change.stored, change.values)
    db.session.flush()
    codes = sorted({change.row.values["staff_code"].lower() for change in plan.changes["posts"]})
    lower = func.lower(Official.staff_code)
    return {
        code: key
        for part in chunks(codes)
        for code, key in db.session.execute(select(lower, Official.id).where(lower.in_(part)))
    }


def _store_posts(
    changes: dict[Fate, list[Change]], units: dict[str, int], positions: dict[str, int], officials: dict[str, int]
) -> None:
    """Posts that end or become concurrent come first: at no moment has a person two open primary posts."""
    changed = sorted(changes[Fate.CHANGED], key=lambda c: c.values["is_primary"] and c.values["valid_to"] is None)
    for change in changed:
        _set(change.stored, change.values)
        if not (change.values["is_primary"] and change.values["valid_to"] is None):
            db.session.flush()
    db.session.flush()
    add_posts(
        {
            **change.values,
            "official_id": officials[change.row.values["staff_code"].lower()],
            "position_id": positions[change.row.values["position"]],
            "unit_id": units[change.row.values["unit"]],
        }
        for change in changes[Fate.CREATED]
    )


def _store_links(changes: dict[Fate, list[Change]], units: dict[str, int]) -> None:
    for change in changes[Fate.CREATED]:
        ids = {f"{key}_id": units[change.row.values[key]] for key in ("predecessor", "successor")}
        db.session.add(UnitLink(**ids, **change.values))
    for change in changes[Fate.CHANGED]:
        _set(change.stored, change.values)
