"""Topics: the tree with what it holds, its keeping, and the place of questions that have none yet."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, literal, or_, select, update

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.models import (
    BankKind,
    Matrix,
    MatrixRow,
    Question,
    QuestionState,
    QuestionVersion,
    Strand,
    Topic,
)
from examapp.bank.scope import is_over_all
from examapp.core import text
from examapp.core.db import Base, db
from examapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _
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


@dataclass(frozen=True, slots=True)
class Node:
    """A topic at its depth of the tree, with what it and everything below it hold."""

    topic: Topic
    depth: int
    exam: int
    """Questions of the exam bank in use or on their way: all but retired ones."""
    approved: int
    practice: int
    matrices: int


def tree() -> dict[Strand, list[Node]]:
    """The whole tree under its four strands, parents before what stands below them; in three statements."""
    below: dict[int | None, list[Topic]] = defaultdict(list)
    for topic in sorted(db.session.scalars(select(Topic)), key=_in_lists):
        below[topic.parent_id].append(topic)
    counts = _counts()

    def walk(topic: Topic, depth: int) -> tuple[list[Node], Counter[str]]:
        held = Counter(counts.get(topic.id, {}))
        nodes: list[Node] = []
        for child in below[topic.id]:
            found, inner = walk(child, depth + 1)
            nodes += found
            held += inner
        node = Node(topic, depth, held["exam"], held["approved"], held["practice"], counts[topic.id]["matrices"])
        return [node, *nodes], Counter({name: held[name] for name in ("exam", "approved", "practice")})

    found: dict[Strand, list[Node]] = {strand: [] for strand in Strand}
    for topic in below[None]:
        found[topic.strand] += walk(topic, 0)[0]
    return found


def _in_lists(topic: Topic) -> tuple[bool, str, int]:
    """Common ones first, then by name, whatever the database thinks of "Đ"."""
    return topic.position_id is not None, text.fold(topic.name), topic.id


def _counts() -> defaultdict[int, Counter[str]]:
    """What stands in each topic itself, by topic id."""
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    questions = (
        select(QuestionVersion.topic_id, Question.bank, Question.state, func.count())
        .join(Question, Question.current_id == QuestionVersion.id)
        .where(Question.state != QuestionState.RETIRED)
        .group_by(QuestionVersion.topic_id, Question.bank, Question.state)
    )
    for topic_id, bank, state, count in db.session.execute(questions):
        found[topic_id]["exam" if bank is BankKind.EXAM else "practice"] += count
        if bank is BankKind.EXAM and state is QuestionState.APPROVED:
            found[topic_id]["approved"] += count
    rows = (
        select(MatrixRow.topic_id, func.count(Matrix.id.distinct()))
        .join(Matrix, Matrix.current_id == MatrixRow.version_id)
        .group_by(MatrixRow.topic_id)
    )
    for topic_id, count in db.session.execute(rows):
        found[topic_id]["matrices"] = count
    return found


def get_topic(topic_id: int) -> Topic:
    found = db.session.get(Topic, topic_id)
    if found is None:
        raise NotFound()
    return found


def create_topic(
    *, name: str, strand: Strand, parent: Topic | None, position: Position | None, person: Account
) -> Topic:
    """A topic below ``parent`` (without one: below its strand), with the strand and the position of what is above."""
    _check_keeper(person)
    made = Topic(code=_free_code(name, position), name=name, strand=strand)
    _place(made, strand, parent, position)
    _check_name(made)
    db.session.add(made)
    db.session.flush()
    record("topic.created", "topic", made.code, name=name, parent=parent.code if parent else None)
    return made


def change_topic(
    topic: Topic, *, name: str, strand: Strand, parent: Topic | None, position: Position | None, person: Account
) -> None:
    """Rename, move with all that stands below, attach to a position; questions and matrices keep the topic."""
    _check_keeper(person)
    if parent is not None and parent.code in topics_below(topic.id):
        raise Invalid(_("Chuyên đề không nằm dưới chính nó hoặc dưới chuyên đề con của nó được."), field="parent")
    before = _standing(topic)
    topic.name = name
    _place(topic, strand, parent, position)
    _check_name(topic)
    _bring_branch(topic)
    db.session.flush()
    for (verb, old), new in zip(before.items(), _standing(topic).values(), strict=True):
        if old != new:
            record(f"topic.{verb}", "topic", topic.code, before=old, new=new)


def _standing(topic: Topic) -> dict[str, str]:
    """By the verb that changes it: name, place in the tree, position."""
    parent = db.session.get(Topic, topic.parent_id) if topic.parent_id else None
    position = db.session.get(Position, topic.position_id) if topic.position_id else None
    return {
        "renamed": topic.name,
        "moved": parent.code if parent else topic.strand.value,
        "attached": position.code if position else "",
    }


def delete_topic(topic: Topic, *, person: Account) -> None:
    """Only what nothing has ever used: versions and matrices keep their topics for ever."""
    _check_keeper(person)
    if is_used(topic):
        raise Conflict(
            _("Chuyên đề “%(name)s” đang được dùng nên không xóa được.", name=topic.name),
            advice=_("Hãy đổi tên hoặc chuyển chuyên đề thay vì xóa."),
        )
    record("topic.deleted", "topic", topic.code, name=topic.name)
    db.session.delete(topic)
    db.session.flush()


def is_used(topic: Topic) -> bool:
    """Whether any row of any table points at the topic."""
    columns = [
        key.parent
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == Topic.__tablename__
    ]
    return any(db.session.scalar(select(literal(1)).where(column == topic.id).limit(1)) for column in columns)


def _place(topic: Topic, strand: Strand, parent: Topic | None, position: Position | None) -> None:
    """Put the topic there: below another it has that one's strand, and its position where it has one."""
    own = position.id if position else None
    if parent is not None:
        strand, own = parent.strand, parent.position_id or own
    topic.parent_id, topic.strand, topic.position_id = parent.id if parent else None, strand, own


def _bring_branch(topic: Topic) -> None:
    """What stands below follows in strand, and in position where there is one."""
    strand, own = topic.strand, topic.position_id
    branch = update(Topic).where(Topic.code.in_(topics_below(topic.id)), Topic.id != topic.id)
    db.session.execute(branch.values(strand=strand) if own is None else branch.values(strand=strand, position_id=own))


def _check_name(topic: Topic) -> None:
    """Two topics of one name beside each other cannot be told apart in a list."""
    twin = select(Topic.id).where(
        func.lower(Topic.name) == topic.name.lower(),
        Topic.id != (topic.id or 0),
        Topic.parent_id.is_not_distinct_from(topic.parent_id),
        Topic.position_id.is_not_distinct_from(topic.position_id),
    )
    with db.session.no_autoflush:
        if db.session.scalar(twin.limit(1)) is not None:
            raise Invalid(_("Đã có chuyên đề tên này ở cùng chỗ."), field="name")


def _free_code(name: str, position: Position | None) -> str:
    """Files and matrices know a topic by its code, so it never changes."""
    plain = "_".join(re.findall(r"[a-z0-9]+", text.fold(name)))
    stem = (f"{position.code}_{plain}" if position else plain)[:50].strip("_") or "chuyen_de"
    taken = set(db.session.scalars(select(Topic.code).where(Topic.code.startswith(stem, autoescape=True))))
    return next(c for n in range(1, len(taken) + 2) if (c := stem if n == 1 else f"{stem}_{n}") not in taken)


def _check_keeper(person: Account) -> None:
    if not is_over_all(person, Permission.BANK_MANAGE):
        raise Forbidden(
            _("Cây chuyên đề dùng chung cho toàn hệ thống nên chỉ người phụ trách ngân hàng cấp cao nhất sửa được.")
        )
