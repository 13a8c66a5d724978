"""Posts: who holds which position where, from–to. A person has at most one primary post on any day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.orm import contains_eager, joinedload

from examapp.audit.services import record
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.text import format_date
from examapp.core.words import _
from examapp.organisation.models import Official, Position, Post, PostReason, Unit
from examapp.organisation.periods import ONE_DAY, is_inside, is_valid_on, overlaps, show_period, valid_on
from examapp.organisation.units import Reach


class Holding(Protocol):
    """A post, or what an import means to make one."""

    position: Any
    unit: Any
    valid_from: Any
    valid_to: Any
    is_primary: Any


Held = TypeVar("Held", bound=Holding)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a post says besides who holds what and where."""

    valid_from: date
    valid_to: date | None = None
    is_primary: bool = True
    reason: PostReason = PostReason.APPOINTMENT
    managing_level: str = ""
    decision: str = ""


def posts_on(
    day: date, *, unit_ids: Iterable[int] | None = None, position_ids: Iterable[int] | None = None
) -> list[Post]:
    """The posts valid on ``day``, with official, position and unit, in the order of names; ``None`` means all."""
    query = (
        select(Post)
        .join(Post.official)
        .options(contains_eager(Post.official), joinedload(Post.position), joinedload(Post.unit))
        .where(valid_on(Post, day))
        .order_by(Official.sort_key, Official.id, Post.is_primary.desc(), Post.id)
    )
    if unit_ids is not None:
        query = query.where(Post.unit_id.in_(list(unit_ids)))
    if position_ids is not None:
        query = query.where(Post.position_id.in_(list(position_ids)))
    return list(db.session.scalars(query))


def posts_of(official_id: int, *, on: date) -> list[Post]:
    """The posts the person holds on that day, the primary one first."""
    query = (
        select(Post)
        .options(joinedload(Post.position), joinedload(Post.unit))
        .where(Post.official_id == official_id, valid_on(Post, on))
        .order_by(Post.is_primary.desc(), Post.valid_from, Post.id)
    )
    return list(db.session.scalars(query))


def history_of(official_id: int) -> list[Post]:
    """Every post of the person, the latest first."""
    query = (
        select(Post)
        .options(joinedload(Post.position), joinedload(Post.unit))
        .where(Post.official_id == official_id)
        .order_by(Post.valid_from.desc(), Post.is_primary.desc(), Post.id.desc())
    )
    return list(db.session.scalars(query))


def find_post(post_id: int, reach: Reach) -> Post:
    post = db.session.get(Post, post_id, options=[joinedload(Post.position), joinedload(Post.unit)])
    if post is None or (reach is not None and post.unit_id not in reach):
        raise NotFound()
    return post


def describe(post: Holding) -> str:
    """ "Tư pháp tại Xã Mẫu (từ 01/07/2025 đến nay)"."""
    return _(
        "“%(position)s” tại %(unit)s (%(period)s)",
        position=post.position.name,
        unit=post.unit.name,
        period=show_period(post),
    )


def add_post(official: Official, *, position: Position, unit: Unit, terms: Terms) -> Post:
    """Give ``official`` a position in a unit; nothing else is ended by it."""
    _lock(official.id)
    post = _new(official.id, position, unit, terms)
    _check(post, _others(official.id))
    db.session.add(post)
    db.session.flush()
    record("post.added", "official", official.staff_code, **_details(post))
    return post


def correct_post(post: Post, *, terms: Terms) -> Post:
    """Mend dates, kind and decision that were entered wrongly."""
    _lock(post.official_id)
    wanted = _new(post.official_id, post.position, post.unit, terms)
    _check(wanted, [other for other in _others(post.official_id) if other.id != post.id])
    before = _details(post)
    for name in Terms.__dataclass_fields__:
        setattr(post, name, getattr(terms, name))
    db.session.flush()
    record("post.corrected", "official", post.official.staff_code, before=str(before), **_details(post))
    return post


def end_post(post: Post, *, last_day: date, next_primary: Post | None = None, decision: str = "") -> Post:
    """End a post. When other posts go on and the primary one ends, ``next_primary`` says which takes its place."""
    _lock(post.official_id)
    _check_end(post, last_day, field="last_day")
    successor = _successor(post, last_day, next_primary) if post.is_primary else None
    record("post.ended", "official", post.official.staff_code, last_day=last_day, post=describe(post))
    post.valid_to = last_day
    post.decision = "; ".join(part for part in (post.decision, decision) if part)
    db.session.flush()
    if successor is not None:
        _make_primary(successor, last_day + ONE_DAY)
    return post


def _successor(ended: Post, last_day: date, chosen: Post | None) -> Post | None:
    """Which of the posts that go on becomes the primary one; nobody, when none goes on or one is primary already."""
    going_on = [
        other for other in _others(ended.official_id) if other.id != ended.id and is_valid_on(other, last_day + ONE_DAY)
    ]
    if not going_on or any(other.is_primary for other in going_on):
        return None
    if chosen is not None and chosen.id in {other.id for other in going_on}:
        return chosen
    raise Invalid(
        _(
            "Sau ngày %(day)s người này còn giữ %(posts)s. Hãy chọn vị trí nào trở thành vị trí chính.",
            day=format_date(last_day),
            posts=", ".join(describe(other) for other in going_on),
        ),
        field="next_primary",
    )


def _make_primary(post: Post, on: date) -> None:
    """From ``on`` the post is the primary one; what it was before stays on record."""
    if post.valid_from >= on:
        post.is_primary = True
    else:
        terms = Terms(
            valid_from=on, valid_to=post.valid_to, reason=PostReason.OTHER, managing_level=post.managing_level
        )
        post.valid_to = on - ONE_DAY
        db.session.add(_new(post.official_id, post.position, post.unit, terms))
    db.session.flush()


def transfer(post: Post, *, position: Position, unit: Unit, terms: Terms) -> Post:
    """Move the person from ``post`` to another position or unit: the old post ends the day before the new begins.

    Rotation, transfer and secondment differ in their reason only.
    """
    _lock(post.official_id)
    if (position.id, unit.id) == (post.position_id, post.unit_id):
        raise Invalid(_("Vị trí mới trùng với vị trí đang giữ. Hãy chọn đơn vị hoặc vị trí khác."), field="unit")
    last_day = terms.valid_from - ONE_DAY
    _check_end(post, last_day, field="valid_from")
    new = _new(post.official_id, position, unit, terms)
    _check(new, [other for other in _others(post.official_id) if other.id != post.id])
    record("post.transferred", "official", post.official.staff_code, ended=describe(post), **_details(new))
    post.valid_to = last_day
    db.session.flush()
    db.session.add(new)
    db.session.flush()
    return new


def primary_clashes(posts: Sequence[Held]) -> list[tuple[Held, Held]]:
    """Pairs of primary posts of one person that share a day; closed posts count as much as open ones."""
    primary = sorted((post for post in posts if post.is_primary), key=lambda post: post.valid_from)
    return [(one, other) for index, one in enumerate(primary) for other in primary[index + 1 :] if overlaps(one, other)]


def clash_message(one: Holding, other: Holding) -> str:
    return _(
        "Hai vị trí chính trong cùng thời gian: %(one)s và %(other)s. "
        "Hãy kết thúc vị trí trước khi vị trí sau bắt đầu, hoặc ghi một vị trí là kiêm nhiệm.",
        one=describe(one),
        other=describe(other),
    )


def outside_message(post: Holding) -> tuple[str, str] | None:
    """Which of position and unit does not live through the whole post: (field, message), or nothing."""
    if post.valid_to is not None and post.valid_to < post.valid_from:
        day = format_date(post.valid_from)
        return "valid_to", _("Ngày kết thúc không được trước ngày bắt đầu (%(day)s).", day=day)
    if not is_inside(post, post.unit):
        name, period = post.unit.name, show_period(post.unit)
        return "unit", _("Đơn vị “%(name)s” chỉ tồn tại %(period)s.", name=name, period=period)
    if not is_inside(post, post.position):
        name, period = post.position.name, show_period(post.position)
        return "position", _("Vị trí “%(name)s” chỉ dùng %(period)s.", name=name, period=period)
    return None


def _check(post: Post, others: Sequence[Post]) -> None:
    problem = outside_message(post)
    if problem:
        raise Invalid(problem[1], field=problem[0])
    for other in others:
        if (other.position_id, other.unit_id) == (post.position_id, post.unit_id) and overlaps(other, post):
            message = _("Người này đã giữ %(post)s trong thời gian đó.", post=describe(other))
            raise Invalid(message, field="position")
        if post.is_primary and other.is_primary and overlaps(other, post):
            raise Invalid(clash_message(other, post), field="is_primary")


def _check_end(post: Post, last_day: date, *, field: str) -> None:
    if last_day < post.valid_from:
        message = _("Vị trí này bắt đầu ngày %(day)s; ngày kết thúc phải từ ngày đó.", day=format_date(post.valid_from))
        raise Invalid(message, field=field)
    if post.valid_to is not None and post.valid_to < last_day:
        raise Conflict(_("Vị trí này đã kết thúc ngày %(day)s.", day=format_date(post.valid_to)))


def _new(official_id: int, position: Position, unit: Unit, terms: Terms) -> Post:
    """A post beside the session, so that checking it stores nothing."""
    values = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
    return Post(
        official_id=official_id, position_id=position.id, unit_id=unit.id, position=position, unit=unit, **values
    )


def _others(official_id: int) -> list[Post]:
    query = select(Post).options(joinedload(Post.position), joinedload(Post.unit))
    return list(db.session.scalars(query.where(Post.official_id == official_id).order_by(Post.valid_from, Post.id)))


def _lock(official_id: int) -> None:
    """Two people changing one official's posts wait for each other."""
    db.session.execute(select(Official.id).where(Official.id == official_id).with_for_update())


def _details(post: Post) -> dict[str, Any]:
    return {
        "position": post.position.code,
        "unit": post.unit.code,
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
        "is_primary": post.is_primary,
        "reason": post.reason.value,
        "decision": post.decision,
    }


def add_posts(rows: Iterable[Mapping[str, Any]]) -> int:
    """Store many posts known to be right in one statement; returns how many.

    A row holds ``official_id, position_id, unit_id, valid_from, is_primary`` and may hold the rest of :class:`Terms`.
    """
    values = [
        {
            "valid_to": None,
            "reason": PostReason.APPOINTMENT,
            "managing_level": "",
            "decision": "",
            **row,
        }
        for row in rows
    ]
    if values:
        db.session.execute(insert(Post), values)
    return len(values)
