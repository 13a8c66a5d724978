"""Mergers, divisions, changes of name and kind: what they will do, shown before they are done.

The predecessors end the day before; the people who held posts there go on in the successor from the day, in the same
position or, where that position has ended, in the one it is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from examapp.audit.services import record
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.text import format_date
from examapp.core.words import _
from examapp.organisation.models import LinkKind, Position, Post, PostReason, Tree, Unit, UnitKind, UnitLink
from examapp.organisation.periods import ONE_DAY, is_valid_on, show_period
from examapp.organisation.posts import describe
from examapp.organisation.units import children_on, create_unit, end_life, move_unit, parent_of


@dataclass(frozen=True, slots=True)
class Move:
    """A post that ends, and the position it goes on in; without one it ends for good."""

    post: Post
    position: Position | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What a merger will do. ``obstacles`` must be empty before it can be done."""

    predecessors: Sequence[Unit]
    on: date
    moves: list[Move] = field(default_factory=list)
    children: list[tuple[Unit, Tree]] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)

    @property
    def moved(self) -> list[Move]:
        return [move for move in self.moves if move.position is not None]

    @property
    def ended(self) -> list[Move]:
        return [move for move in self.moves if move.position is None]


def plan_merge(predecessors: Sequence[Unit], successor: Unit | None, *, on: date) -> MergePlan:
    """Look without touching. ``successor`` is ``None`` when the unit is yet to be made."""
    plan = MergePlan(predecessors=predecessors, on=on)
    plan.obstacles.extend(_obstacles(predecessors, successor, on))
    if plan.obstacles:
        return plan
    ids = [unit.id for unit in predecessors]
    for unit in predecessors:
        for tree in Tree:
            plan.children.extend((child, tree) for child in children_on(unit, on, tree) if child.id not in ids)
    _plan_moves(plan, ids, successor)
    return plan


def _obstacles(predecessors: Sequence[Unit], successor: Unit | None, on: date) -> list[str]:
    found = []
    if not predecessors:
        found.append(_("Chưa chọn đơn vị nào để sáp nhập."))
    for unit in predecessors:
        if successor is not None and unit.id == successor.id:
            found.append(_("“%(name)s” vừa là đơn vị cũ vừa là đơn vị mới.", name=unit.name))
        elif not is_valid_on(unit, on - ONE_DAY):
            found.append(_("“%(name)s” chỉ tồn tại %(period)s.", name=unit.name, period=show_period(unit)))
    if successor is not None and not is_valid_on(successor, on):
        name, period = successor.name, show_period(successor)
        found.append(_("Đơn vị mới “%(name)s” chỉ tồn tại %(period)s.", name=name, period=period))
    future = select(Post).where(Post.unit_id.in_([unit.id for unit in predecessors]), Post.valid_from >= on)
    found.extend(
        _("%(person)s có %(post)s bắt đầu từ ngày sáp nhập trở đi. Hãy sửa vị trí này trước.", person=name, post=post)
        for name, post in ((post.official.full_name, describe(post)) for post in db.session.scalars(future))
    )
    return found


def _plan_moves(plan: MergePlan, ids: list[int], successor: Unit | None) -> None:
    query = (
        select(Post)
        .options(joinedload(Post.official), joinedload(Post.position), joinedload(Post.unit))
        .where(Post.unit_id.in_(ids), or_(Post.valid_to.is_(None), Post.valid_to >= plan.on))
        .order_by(Post.is_primary.desc(), Post.id)
    )
    taken = _held_already(successor, plan.on)
    for post in db.session.scalars(query):
        position = post.position
        if not is_valid_on(position, plan.on) and position.successor_id is not None:
            position = db.session.get_one(Position, position.successor_id)
        if not is_valid_on(position, plan.on):
            why = _("vị trí chỉ dùng %(period)s và chưa có vị trí thay thế", period=show_period(position))
            plan.moves.append(Move(post, None, why))
        elif (post.official_id, position.id) in taken:
            plan.moves.append(Move(post, None, _("người này đã giữ cùng vị trí ở đơn vị mới")))
        else:
            taken.add((post.official_id, position.id))
            plan.moves.append(Move(post, position))
    plan.moves.sort(key=lambda move: (move.post.official.sort_key, move.post.official_id, move.post.id))


def _held_already(successor: Unit | None, on: date) -> set[tuple[int, int]]:
    if successor is None:
        return set()
    query = select(Post.official_id, Post.position_id).where(
        Post.unit_id == successor.id, or_(Post.valid_to.is_(None), Post.valid_to >= on)
    )
    return {(official, position) for official, position in db.session.execute(query)}


def merge_units(
    predecessors: Sequence[Unit],
    successor: Unit,
    *,
    on: date,
    kind: LinkKind = LinkKind.MERGED_INTO,
    legal_basis: str = "",
) -> MergePlan:
    """Do what :func:`plan_merge` shows: links, posts, units below, last days."""
    plan = plan_merge(predecessors, successor, on=on)
    if plan.obstacles:
        raise Invalid(plan.obstacles[0], details=plan.obstacles)
    for move in plan.moves:
        _move(move, successor, on, legal_basis)
    for child, tree in plan.children:
        if child.id != successor.id:
            move_unit(child, parent=successor, on=on, tree=tree)
    for unit in predecessors:
        link = UnitLink(predecessor_id=unit.id, successor_id=successor.id, kind=kind, on=on, legal_basis=legal_basis)
        db.session.add(link)
        end_life(unit, on - ONE_DAY)
    db.session.flush()
    record(
        "unit.merged",
        "unit",
        successor.code,
        predecessors=[unit.code for unit in predecessors],
        kind=kind.value,
        on=on,
        legal_basis=legal_basis,
        moved=len(plan.moved),
        ended=len(plan.ended),
    )
    return plan


def _move(move: Move, successor: Unit, on: date, legal_basis: str) -> None:
    old = move.post
    valid_to = old.valid_to
    old.valid_to = on - ONE_DAY
    db.session.flush()
    if move.position is None:
        return
    db.session.add(
        Post(
            official_id=old.official_id,
            position_id=move.position.id,
            unit_id=successor.id,
            valid_from=on,
            valid_to=valid_to,
            is_primary=old.is_primary,
            reason=PostReason.REORGANISATION,
            managing_level=old.managing_level,
            decision=legal_basis,
        )
    )
    db.session.flush()


def rename_unit(
    unit: Unit, *, code: str, name: str, on: date, kind: UnitKind | None = None, legal_basis: str = ""
) -> Unit:
    """From ``on`` the unit goes on under another name (and kind): the old one stays in the past as it was."""
    if on <= unit.valid_from:
        day = format_date(unit.valid_from)
        raise Invalid(_("Ngày đổi tên phải sau ngày thành lập (%(day)s).", day=day), field="on")
    places = {tree: parent_of(unit, on, tree) for tree in Tree}
    successor = create_unit(
        code=code,
        name=name,
        kind=kind or unit.kind,
        valid_from=on,
        valid_to=unit.valid_to,
        parent=places[Tree.STATE],
    )
    if places[Tree.PARTY] is not None:
        move_unit(successor, parent=places[Tree.PARTY], on=on, tree=Tree.PARTY)
    link = LinkKind.RENAMED if kind in {None, unit.kind} else LinkKind.RETYPED
    merge_units([unit], successor, on=on, kind=link, legal_basis=legal_basis)
    return successor
