"""Questions somebody is asked to write for what a matrix lacks, and how many of them are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CTE, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import matrices
from examapp.bank.matrices import Place
from examapp.bank.models import (
    BankKind,
    MatrixVersion,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionVersion,
    Topic,
    WritingTask,
)
from examapp.bank.people import holders
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _
from question_bank.question import Level

MOST = 200
"""Questions of one cell that one person is asked for."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell the bank cannot fill on the day, and how much of it is being written."""

    topic: Topic
    level: Level
    missing: int
    asked: int
    """Still to come from open tasks for this cell."""

    @property
    def left(self) -> int:
        return max(0, self.missing - self.asked)


@dataclass(frozen=True, slots=True)
class Written:
    """What the assignee has written for a task since it was given."""

    total: int = 0
    approved: int = 0


def gaps_of(version: MatrixVersion, *, on: date, demo: bool) -> list[Gap]:
    """The short cells of a matrix, in the order of its rows."""
    cells = matrices.cells(version, on, demo)
    asked = _asked(version.matrix.position_id)
    return [
        Gap(row.topic, row.level, cell.missing, asked[row.topic_id, row.level])
        for row, cell in zip(version.rows, cells, strict=True)
        if cell.missing
    ]


def _asked(position_id: int | None) -> Counter[Place]:
    tasks = list(db.session.scalars(open_tasks().where(WritingTask.position_id.is_not_distinct_from(position_id))))
    done = written(tasks)
    found: Counter[Place] = Counter()
    for task in tasks:
        found[task.topic_id, task.level] += max(0, task.count - done[task.id].total)
    return found


def assign(
    counts: Mapping[Place, int],
    *,
    position_id: int | None,
    assignee_id: int,
    due_on: date | None,
    note: str = "",
    creator: Account,
) -> list[WritingTask]:
    """Ask one person for so many questions of each cell; what the same person already writes for a cell grows."""
    wanted = {place: count for place, count in counts.items() if count}
    if not wanted:
        raise Invalid(_("Hãy ghi số câu cần viết ở ít nhất một ô."))
    if any(not 0 < count <= MOST for count in wanted.values()):
        raise Invalid(_("Số câu giao viết của mỗi ô phải từ 1 đến %(most)s.", most=MOST))
    if due_on is not None and due_on < clock.today():
        raise Invalid(_("Hạn phải từ hôm nay trở đi."), field="due_on")
    if assignee_id not in {person.id for person in writers(position_id)}:
        raise Invalid(_("Người này chưa được giao ra câu hỏi cho phần này."), field="assignee")
    made = [_grown_or_new(place, count, position_id, assignee_id, creator) for place, count in wanted.items()]
    for task in made:
        task.due_on, task.note = due_on, note
    db.session.flush()
    for task in made:
        record(
            "writing.assigned",
            "writing_task",
            task.id,
            assignee=assignee_id,
            topic=task.topic.code,
            level=task.level.value,
            questions=task.count,
            due_on=due_on,
        )
    return made


def _grown_or_new(place: Place, count: int, position_id: int | None, assignee_id: int, creator: Account) -> WritingTask:
    topic_id, level = place
    task = db.session.scalar(
        open_tasks().where(
            WritingTask.assignee_id == assignee_id,
            WritingTask.position_id.is_not_distinct_from(position_id),
            WritingTask.topic_id == topic_id,
            WritingTask.level == level,
        )
    )
    if task is not None:
        task.count += count
        return task
    task = WritingTask(
        assignee_id=assignee_id,
        position_id=position_id,
        topic_id=topic_id,
        level=level,
        count=count,
        created_by_id=creator.id,
    )
    db.session.add(task)
    return task


def writers(position_id: int | None) -> list[Account]:
    """Who may write questions of the position (``None``: of the common part)."""
    return holders(Permission.BANK_EDIT, position_ids={position_id})


def open_tasks() -> Select[WritingTask]:
    """Those that nobody has ended, the most urgent first."""
    return (
        select(WritingTask)
        .where(WritingTask.closed_at.is_(None))
        .options(joinedload(WritingTask.topic), joinedload(WritingTask.position))
        .order_by(WritingTask.due_on.is_(None), WritingTask.due_on, WritingTask.id)
    )


def tasks_of(person: Account) -> list[tuple[WritingTask, Written]]:
    """What this person is asked to write and has not finished."""
    tasks = list(db.session.scalars(open_tasks().where(WritingTask.assignee_id == person.id)))
    done = written(tasks)
    return [(task, done[task.id]) for task in tasks if done[task.id].total < task.count]


def written(tasks: Iterable[WritingTask]) -> dict[int, Written]:
    """By task id, in one statement: questions of the cell (and below its topic) the assignee has begun since."""
    ids = [task.id for task in tasks]
    found = {one: Written() for one in ids}
    if ids:
        found |= {
            task_id: Written(total, approved or 0) for task_id, total, approved in db.session.execute(_written(ids))
        }
    return found


def _written(ids: Sequence[int]) -> Select[int, int, Any]:
    below = _below()
    of_position = exists().where(
        QuestionPosition.question_id == Question.id, QuestionPosition.position_id == WritingTask.position_id
    )
    since = and_(
        Question.owner_id == WritingTask.assignee_id,
        Question.created_at >= WritingTask.created_at,
        Question.bank == BankKind.EXAM,
        Question.state != QuestionState.RETIRED,
    )
    return (
        select(
            WritingTask.id,
            func.count(Question.id),
            func.sum(case((Question.state == QuestionState.APPROVED, 1), else_=0)),
        )
        .join(Question, since)
        .join(
            QuestionVersion,
            and_(QuestionVersion.id == Question.current_id, QuestionVersion.level == WritingTask.level),
        )
        .join(below, and_(below.c.top == WritingTask.topic_id, below.c.id == QuestionVersion.topic_id))
        .where(WritingTask.id.in_(ids), or_(and_(WritingTask.position_id.is_(None), Question.is_common), of_position))
        .group_by(WritingTask.id)
    )


def _below() -> CTE:
    """Each topic with itself and everything below it: a question below counts for the topic above."""
    tree = select(Topic.id.label("top"), Topic.id.label("id")).cte("topics_below", recursive=True)
    return tree.union(select(tree.c.top, Topic.id).join(tree, Topic.parent_id == tree.c.id))


def close_task(task_id: int) -> WritingTask:
    """End a task, finished or not; what was written stays."""
    task = db.session.get(WritingTask, task_id)
    if task is None or task.closed_at is not None:
        raise NotFound()
    task.closed_at = clock.now()
    db.session.flush()
    record("writing.closed", "writing_task", task.id, assignee=task.assignee_id, topic=task.topic.code)
    return task
