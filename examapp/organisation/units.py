"""Units over time: made, corrected, moved under another, closed; where one stands on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, insert, or_, select

from examapp.audit.services import record
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.text import fold, format_date, nfc
from examapp.core.words import _
from examapp.organisation.models import Post, Tree, Unit, UnitKind, UnitParent
from examapp.organisation.periods import ONE_DAY, is_inside, is_valid_on, show_period, valid_on
from examapp.organisation.tree import ancestors, subtree

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
RESERVED = {"new"}
"""Words that stand for something else in addresses."""
Reach = set[int] | None
"""Ids of the units a person may touch; ``None`` is every unit."""


def clean_code(code: str, *, field: str = "code") -> str:
    """``code`` as it may be stored; raises :class:`Invalid` when it holds other than letters, figures and . _ -"""
    code = nfc(code).strip()
    if not CODE.fullmatch(code):
        message = _("Mã “%(code)s” chỉ được gồm chữ không dấu, chữ số và các dấu . _ - (tối đa 40 ký tự).", code=code)
        raise Invalid(message, field=field)
    if code in RESERVED:
        raise Invalid(_("Mã “%(code)s” dành riêng cho hệ thống. Hãy chọn mã khác.", code=code), field=field)
    return code


def find_unit(code: str, reach: Reach, *, field: str = "") -> Unit:
    """The unit called ``code``; out of reach is as good as missing.

    With ``field`` the code was typed into a form, and the error belongs there.
    """
    unit = db.session.scalar(select(Unit).where(Unit.code == nfc(code).strip()))
    if unit is not None and (reach is None or unit.id in reach):
        return unit
    if not field:
        raise NotFound()
    raise Invalid(_("Không có đơn vị mang mã “%(code)s”. Hãy chọn mã trong danh sách gợi ý.", code=code), field=field)


def unit_path(unit_id: int, on: date) -> list[Unit]:
    """From the top of the tree down to the unit itself, as on that day."""
    ids = [*reversed(ancestors(unit_id, on=on)), unit_id]
    found = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    return [found[key] for key in ids if key in found]


def create_unit(
    *,
    code: str,
    name: str,
    kind: UnitKind,
    valid_from: date,
    valid_to: date | None = None,
    parent: Unit | None = None,
    tree: Tree = Tree.STATE,
) -> Unit:
    """A new unit, under ``parent`` for all its life."""
    code = clean_code(code)
    if db.session.scalar(select(Unit.id).where(Unit.code == code)) is not None:
        raise Invalid(_("Mã “%(code)s” đã dùng cho một đơn vị khác. Hãy chọn mã khác.", code=code), field="code")
    _check_dates(valid_from, valid_to)
    name = nfc(name)
    unit = Unit(code=code, name=name, name_fold=fold(name), kind=kind, valid_from=valid_from, valid_to=valid_to)
    db.session.add(unit)
    db.session.flush()
    if parent is not None:
        _check_parent(unit, parent, valid_from, tree)
        edge = UnitParent(unit_id=unit.id, parent_id=parent.id, tree=tree, valid_from=valid_from, valid_to=valid_to)
        db.session.add(edge)
        db.session.flush()
    record("unit.created", "unit", code, name=name, kind=kind.value, parent=parent.code if parent else "")
    return unit


def correct_unit(unit: Unit, *, name: str, kind: UnitKind, valid_from: date) -> Unit:
    """Mend what was entered wrongly. A change of name by decision is :func:`mergers.rename_unit`, which keeps both."""
    before = {"name": unit.name, "kind": unit.kind.value, "valid_from": unit.valid_from}
    _check_dates(valid_from, unit.valid_to)
    early = db.session.scalar(select(func.min(Post.valid_from)).where(Post.unit_id == unit.id))
    if early is not None and early < valid_from:
        day = format_date(early)
        message = _("Đã có người giữ vị trí tại đây từ %(day)s. Ngày thành lập không được sau ngày đó.", day=day)
        raise Invalid(message, field="valid_from")
    _shift_start(unit, valid_from)
    unit.name, unit.kind, unit.valid_from = nfc(name), kind, valid_from
    unit.name_fold = fold(unit.name)
    db.session.flush()
    record("unit.corrected", "unit", unit.code, before=str(before), name=name, kind=kind.value, valid_from=valid_from)
    return unit


def _shift_start(unit: Unit, start: date) -> None:
    """The unit's first places in the trees begin with it; the parent must live by then."""
    query = select(UnitParent, Unit).join(Unit, Unit.id == UnitParent.parent_id).where(UnitParent.unit_id == unit.id)
    for edge, parent in db.session.execute(query).all():
        if edge.valid_from != unit.valid_from and edge.valid_from >= start:
            continue
        if edge.valid_to is not None and edge.valid_to < start:
            db.session.delete(edge)
        elif parent.valid_from > start:
            message = _(
                "Đơn vị cấp trên “%(parent)s” chỉ tồn tại %(period)s.", parent=parent.name, period=show_period(parent)
            )
            raise Invalid(message, field="valid_from")
        else:
            edge.valid_from = start


def move_unit(unit: Unit, *, parent: Unit | None, on: date, tree: Tree = Tree.STATE) -> None:
    """Hang the unit under ``parent`` from ``on``; earlier days keep the parent they had."""
    if not is_valid_on(unit, on):
        raise Invalid(_("Đơn vị chỉ tồn tại %(period)s.", period=show_period(unit)), field="on")
    if parent is not None:
        _check_parent(unit, parent, on, tree)
    edges = select(UnitParent).where(
        UnitParent.unit_id == unit.id,
        UnitParent.tree == tree,
        or_(UnitParent.valid_to.is_(None), UnitParent.valid_to >= on),
    )
    for edge in db.session.scalars(edges).all():
        if edge.valid_from >= on:
            db.session.delete(edge)
        else:
            edge.valid_to = on - ONE_DAY
    db.session.flush()
    if parent is not None:
        db.session.add(
            UnitParent(unit_id=unit.id, parent_id=parent.id, tree=tree, valid_from=on, valid_to=unit.valid_to)
        )
        db.session.flush()
    record("unit.moved", "unit", unit.code, parent=parent.code if parent else "", on=on, tree=tree.value)


def parent_of(unit: Unit, on: date, tree: Tree = Tree.STATE) -> Unit | None:
    above = ancestors(unit.id, on=on, tree=tree)
    return db.session.get(Unit, above[0]) if above else None


def close_unit(unit: Unit, *, last_day: date) -> Unit:
    """End the unit's life on ``last_day``. Refused while people or units below it would be left in the air."""
    _check_dates(unit.valid_from, last_day, field="last_day")
    if unit.valid_to is not None and unit.valid_to < last_day:
        raise Conflict(_("Đơn vị đã kết thúc ngày %(day)s.", day=format_date(unit.valid_to)))
    held = db.session.scalars(
        select(Post).where(Post.unit_id == unit.id, or_(Post.valid_to.is_(None), Post.valid_to > last_day))
    ).all()
    if held:
        raise Conflict(
            _("Còn %(n)s vị trí đang có người giữ tại đơn vị sau ngày này.", n=len(held)),
            advice=_("Hãy kết thúc hoặc chuyển các vị trí đó trước, hoặc dùng “Sáp nhập” để chuyển tất cả một lần."),
        )
    below = _alive_children(unit, last_day)
    if below:
        names = ", ".join(child.name for child in below[:5])
        raise Conflict(
            _("Còn %(n)s đơn vị trực thuộc sau ngày này: %(names)s.", n=len(below), names=names),
            advice=_("Hãy kết thúc hoặc chuyển các đơn vị trực thuộc trước."),
        )
    end_life(unit, last_day)
    record("unit.closed", "unit", unit.code, last_day=last_day)
    return unit


def end_life(unit: Unit, last_day: date) -> None:
    """Store the last day of a unit and of its places in the trees."""
    unit.valid_to = last_day
    for edge in db.session.scalars(select(UnitParent).where(UnitParent.unit_id == unit.id)).all():
        if edge.valid_from > last_day:
            db.session.delete(edge)
        elif edge.valid_to is None or edge.valid_to > last_day:
            edge.valid_to = last_day
    db.session.flush()


def _alive_children(unit: Unit, day: date) -> list[Unit]:
    """Units that stand below ``unit`` after ``day``."""
    return list(
        db.session.scalars(
            select(Unit)
            .join(UnitParent, UnitParent.unit_id == Unit.id)
            .where(UnitParent.parent_id == unit.id, or_(UnitParent.valid_to.is_(None), UnitParent.valid_to > day))
            .distinct()
            .order_by(Unit.code)
        )
    )


def children_on(unit: Unit, day: date, tree: Tree = Tree.STATE) -> list[Unit]:
    """The units directly below on that day."""
    return list(
        db.session.scalars(
            select(Unit)
            .join(UnitParent, UnitParent.unit_id == Unit.id)
            .where(UnitParent.parent_id == unit.id, UnitParent.tree == tree, valid_on(UnitParent, day))
            .order_by(Unit.name_fold, Unit.code)
        )
    )


def _check_dates(start: date, end: date | None, *, field: str = "valid_to") -> None:
    if end is not None and end < start:
        raise Invalid(_("Ngày kết thúc không được trước ngày bắt đầu (%(day)s).", day=format_date(start)), field=field)


def _check_parent(unit: Unit, parent: Unit, on: date, tree: Tree) -> None:
    if parent.id == unit.id or parent.id in subtree([unit.id], on=on, tree=tree):
        message = _("“%(parent)s” nằm dưới chính đơn vị này, nên không thể là cấp trên của nó.", parent=parent.name)
        raise Invalid(message, field="parent")
    life = Unit(valid_from=on, valid_to=unit.valid_to)
    if not is_inside(life, parent):
        raise Invalid(
            _(
                "Đơn vị cấp trên “%(parent)s” chỉ tồn tại %(period)s, không trùm hết thời gian của đơn vị này.",
                parent=parent.name,
                period=show_period(parent),
            ),
            field="parent",
        )


def add_units(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Store many units known to be right, with few statements; returns ids by code.

    A row holds ``code, name, kind, valid_from`` and may hold ``valid_to``, ``parent`` (a code, earlier in ``rows`` or
    stored already) and ``tree``.
    """
    rows = list(rows)
    units = [
        {
            "code": row["code"],
            "name": nfc(row["name"]),
            "name_fold": fold(row["name"]),
            "kind": row["kind"],
            "valid_from": row["valid_from"],
            "valid_to": row.get("valid_to"),
        }
        for row in rows
    ]
    if not units:
        return {}
    db.session.execute(insert(Unit), units)
    ids = dict(db.session.execute(select(Unit.code, Unit.id)).all())
    edges = [
        {
            "unit_id": ids[row["code"]],
            "parent_id": ids[row["parent"]],
            "tree": row.get("tree", Tree.STATE),
            "valid_from": row["valid_from"],
            "valid_to": row.get("valid_to"),
        }
        for row in rows
        if row.get("parent")
    ]
    if edges:
        db.session.execute(insert(UnitParent), edges)
    return {row["code"]: ids[row["code"]] for row in rows}
