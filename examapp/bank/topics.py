"""Topics: the tree below one, and the place of questions that have none yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import or_, select

from examapp.bank.models import Strand, Topic
from examapp.core.db import db
from examapp.organisation.models import Position
from question_bank import starter

UNSORTED = "chua_xep"
"""End of the code of the topic that takes questions without one."""


def topics_below(topic_id: int) -> frozenset[str]:
    """Codes of a topic and of everything below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    codes: dict[int, str] = {}
    for found_id, parent_id, code in db.session.execute(select(Topic.id, Topic.parent_id, Topic.code)):
        children[parent_id].append(found_id)
        codes[found_id] = code
    found: set[int] = set()
    waiting = [topic_id]
    while waiting:
        current = waiting.pop()
        if current in codes and current not in found:
            found.add(current)
            waiting.extend(children[current])
    return frozenset(codes[one] for one in found)


def topics_for(positions: set[int] | None) -> list[Topic]:
    """Common topics first, then those of the positions reached (``None``: of all)."""
    query = select(Topic).order_by(Topic.position_id.is_not(None), Topic.code)
    if positions is not None:
        query = query.where(or_(Topic.position_id.is_(None), Topic.position_id.in_(positions)))
    return list(db.session.scalars(query))


def unsorted_topic(position: Position | None) -> Topic:
    """The topic of ``position`` (without one: the common topic) that takes questions nobody has sorted yet."""
    code = f"{position.code}_{UNSORTED}" if position else f"chung_{UNSORTED}"
    topic = db.session.scalar(select(Topic).where(Topic.code == code))
    if topic is None:
        topic = Topic(
            code=code,
            name="Chưa xếp chuyên đề",
            strand=Strand.PROFESSIONAL,
            position_id=position.id if position else None,
        )
        db.session.add(topic)
        db.session.flush()
    return topic


def ensure_topics(rows: Iterable[starter.Topic]) -> dict[str, int]:
    """Store the topics that are not there yet; ids by code."""
    known = dict(db.session.execute(select(Topic.code, Topic.id)).all())
    positions = dict(db.session.execute(select(Position.code, Position.id)).all())
    new = [
        Topic(code=row.code, name=row.name, strand=Strand(row.strand), position_id=positions.get(row.position))
        for row in rows
        if row.code not in known
    ]
    db.session.add_all(new)
    db.session.flush()
    return known | {topic.code: topic.id for topic in new}
