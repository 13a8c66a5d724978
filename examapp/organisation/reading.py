"""What the pages show: the tree with its figures, lists with filters, what a unit was and became."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from examapp.core.db import db
from examapp.core.text import fold, matches
from examapp.organisation.labels import CATALOGUES
from examapp.organisation.models import Official, Position, Post, StaffCategory, Tree, Unit, UnitLink, UnitParent
from examapp.organisation.officials import visible
from examapp.organisation.periods import valid_on
from examapp.organisation.tree import subtree
from examapp.organisation.units import Reach

MOST_SUGGESTIONS = 1000


@dataclass(slots=True)
class Node:
    """A unit in the tree of a day."""

    unit: Unit
    children: list[Node] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    """Officials with a post in the unit itself."""
    total: int = 0
    """Officials with a post here or below, each counted once."""


def unit_tree(reach: Reach, *, on: date, tree: Tree = Tree.STATE) -> list[Node]:
    """The units of ``reach`` on that day, hung under one another; roots are those whose parent is not among them."""
    units = select(Unit).where(valid_on(Unit, on)).order_by(Unit.name_fold, Unit.code)
    nodes = {unit.id: Node(unit) for unit in db.session.scalars(units) if reach is None or unit.id in reach}
    edges = select(UnitParent.unit_id, UnitParent.parent_id).where(UnitParent.tree == tree, valid_on(UnitParent, on))
    below: set[int] = set()
    parents = {unit_id: parent_id for unit_id, parent_id in db.session.execute(edges)}
    if tree is not Tree.STATE:
        members = set(parents) | set(parents.values())
        nodes = {key: node for key, node in nodes.items() if key in members}
    for key, node in nodes.items():
        parent = nodes.get(parents.get(key, 0))
        if parent is not None:
            parent.children.append(node)
            below.add(key)
    for unit_id, official_id in db.session.execute(select(Post.unit_id, Post.official_id).where(valid_on(Post, on))):
        if unit_id in nodes:
            nodes[unit_id].people.add(official_id)
    roots = [node for key, node in nodes.items() if key not in below]
    for root in roots:
        _count(root)
    return roots


def _count(node: Node) -> set[int]:
    everyone = set(node.people).union(*(_count(child) for child in node.children))
    node.total = len(everyone)
    return everyone


def links_of(unit: Unit, reach: Reach) -> tuple[list[tuple[UnitLink, Unit]], list[tuple[UnitLink, Unit]]]:
    """What the unit came from and what became of it."""
    before = select(UnitLink, Unit).join(Unit, Unit.id == UnitLink.predecessor_id)
    after = select(UnitLink, Unit).join(Unit, Unit.id == UnitLink.successor_id)
    found = []
    for query in (before.where(UnitLink.successor_id == unit.id), after.where(UnitLink.predecessor_id == unit.id)):
        rows = db.session.execute(query.order_by(UnitLink.on, UnitLink.id)).all()
        found.append([(link, other) for link, other in rows if reach is None or other.id in reach])
    return found[0], found[1]


def suggestions(reach: Reach, *, on: date) -> list[Unit]:
    """Units to offer while a code is being typed."""
    query = select(Unit).where(or_(Unit.valid_to.is_(None), Unit.valid_to >= on)).order_by(Unit.name_fold, Unit.code)
    if reach is not None:
        query = query.where(Unit.id.in_(reach))
    return list(db.session.scalars(query.limit(MOST_SUGGESTIONS)))


@dataclass(frozen=True, slots=True)
class OfficialFilters:
    """What the address of the list asks for."""

    query: str = ""
    unit: Unit | None = None
    position: Position | None = None
    category: StaffCategory | None = None
    sort: str = "name"


ORDERS: dict[str, tuple[Any, ...]] = {
    "name": (Official.sort_key, Official.id),
    "-name": (Official.sort_key.desc(), Official.id.desc()),
    "code": (Official.staff_code, Official.id),
    "-code": (Official.staff_code.desc(), Official.id.desc()),
}


def officials_query(filters: OfficialFilters, reach: Reach, *, on: date) -> Select[Any]:
    """The list of people, by Vietnamese order of given names unless asked otherwise."""
    query = select(Official).where(visible(reach))
    if filters.query:
        query = query.where(_named(filters.query))
    if filters.category is not None:
        query = query.where(Official.staff_category == filters.category)
    if filters.unit is not None or filters.position is not None:
        held = select(Post.official_id).where(valid_on(Post, on))
        if filters.unit is not None:
            held = held.where(Post.unit_id.in_(subtree([filters.unit.id], on=on)))
        if filters.position is not None:
            held = held.where(Post.position_id == filters.position.id)
        query = query.where(Official.id.in_(held))
    return query.order_by(*ORDERS.get(filters.sort, ORDERS["name"]))


def _named(query: str) -> Any:
    """People whose name or staff code holds ``query``. Marks may be left out; those written must be there."""
    folded = fold(query)
    likely = or_(
        Official.name_fold.contains(folded, autoescape=True),
        func.lower(Official.staff_code).contains(folded, autoescape=True),
    )
    if folded == query.lower():
        return likely
    names = db.session.execute(select(Official.id, Official.full_name).where(likely))
    return Official.id.in_([key for key, name in names if matches(query, name)])


def current_posts(official_ids: list[int], *, on: date) -> dict[int, list[Post]]:
    """The posts of these people on that day, the primary one first."""
    query = (
        select(Post)
        .options(joinedload(Post.position), joinedload(Post.unit))
        .where(Post.official_id.in_(official_ids), valid_on(Post, on))
        .order_by(Post.is_primary.desc(), Post.valid_from, Post.id)
    )
    found: dict[int, list[Post]] = defaultdict(list)
    for post in db.session.scalars(query):
        found[post.official_id].append(post)
    return found


def positions_on(day: date) -> list[Position]:
    """The positions that may be held on that day, in the order of the catalogues."""
    return list(db.session.scalars(positions_query().where(valid_on(Position, day))))


def every_position() -> list[Position]:
    """All positions, those of the past as well, for entering history."""
    return list(db.session.scalars(positions_query()))


def positions_query(*, query: str = "", catalogue: str = "", category: StaffCategory | None = None) -> Select[Any]:
    found = select(Position)
    if query:
        folded = fold(query)
        found = found.where(
            or_(Position.name_fold.contains(folded, autoescape=True), Position.code.contains(folded, autoescape=True))
        )
    if catalogue in CATALOGUES:
        found = found.where(Position.catalogue == catalogue)
    if category is not None:
        found = found.where(Position.staff_category == category)
    return found.order_by(Position.catalogue.desc(), Position.is_leadership.desc(), Position.id)


def holders(reach: Reach, *, on: date) -> dict[int, int]:
    """How many people hold each position on that day, in the units of ``reach``."""
    query = select(Post.position_id, func.count(Post.official_id.distinct())).where(valid_on(Post, on))
    if reach is not None:
        query = query.where(Post.unit_id.in_(reach))
    return {position: count for position, count in db.session.execute(query.group_by(Post.position_id))}
