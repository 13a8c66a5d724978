"""Exam matrices: how many questions of which topic and level, at how many points, and whether the bank has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.models import Matrix, MatrixRow, MatrixVersion, Topic
from examapp.bank.pool import pool
from examapp.bank.scope import is_over_all
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _
from examapp.organisation.models import Position
from question_bank.matrix import Cell, Item, Row, feasibility
from question_bank.question import Level

Place = tuple[int, Level]
"""A cell of the grid: topic and level."""

MOST_MINUTES = 600
MOST_IN_A_CELL = 200


def matrices_for(person: Account, permission: Permission = Permission.MATRIX_READ) -> Select[Matrix]:
    """The matrices ``permission`` reaches. The common one stands above the positions and asks everybody: all may read
    it, and only who is over the whole area may change it."""
    positions = person.positions(permission)
    found = select(Matrix).options(joinedload(Matrix.position), joinedload(Matrix.current))
    own = Matrix.position_id.is_not(None) if positions is None else Matrix.position_id.in_(positions)
    with_common = permission is not Permission.MATRIX_EDIT or is_over_all(person, permission)
    return found.where(or_(own, Matrix.position_id.is_(None)) if with_common else own)


def get_matrix(code: str, *, person: Account, permission: Permission = Permission.MATRIX_READ) -> Matrix:
    """The matrix called ``code``, if ``permission`` reaches it; not found otherwise."""
    found = db.session.scalar(matrices_for(person, permission).where(Matrix.code == code))
    if found is None:
        raise NotFound()
    return found


def create_matrix(*, code: str, name: str, position_id: int | None, author_id: int | None = None) -> Matrix:
    """A matrix without rows, of a position or (without one) of the common section."""
    if db.session.scalar(select(Matrix.id).where(Matrix.code == code)) is not None:
        raise Invalid(_("Mã %(code)s đã dùng cho một ma trận khác. Hãy chọn mã khác.", code=code), field="code")
    matrix = Matrix(code=code, name=name, position_id=position_id)
    db.session.add(matrix)
    db.session.flush()
    record("matrix.created", "matrix", code, name=name, position_id=position_id, author_id=author_id)
    return matrix


def propose_code(position: Position | None) -> str:
    """A free code made of the position's."""
    stem = f"MT-{position.code if position else 'CHUNG'}".upper()[:36]
    taken = set(db.session.scalars(select(Matrix.code).where(Matrix.code.startswith(stem, autoescape=True))))
    return next(c for n in range(1, len(taken) + 2) if (c := stem if n == 1 else f"{stem}-{n}") not in taken)


def save_matrix(
    matrix: Matrix,
    *,
    minutes: int,
    counts: Mapping[Place, int],
    points: Mapping[Level, int],
    author_id: int | None = None,
) -> MatrixVersion:
    """What the matrix asks for from now on: a new version, or the present one when nothing changed.

    ``counts`` says how many questions a cell asks for, ``points`` the thousandths each question of a level is worth.
    """
    asked = {place: count for place, count in counts.items() if count}
    _check_grid(minutes, asked, points)
    old = matrix.current if matrix.current_id is not None else None
    new = {(topic_id, level): (count, points[level]) for (topic_id, level), count in asked.items()}
    if old is not None and old.minutes == minutes and _content(old) == new:
        return old
    version = MatrixVersion(
        matrix=matrix,
        number=(old.number if old else 0) + 1,
        minutes=minutes,
        author_id=author_id,
        rows=[
            MatrixRow(topic_id=topic_id, level=level, count=count, points=worth)
            for (topic_id, level), (count, worth) in new.items()
        ],
    )
    db.session.add(version)
    db.session.flush()
    matrix.current = version
    db.session.flush()
    record(
        "matrix.saved",
        "matrix",
        matrix.code,
        version=version.number,
        minutes=minutes,
        questions=sum(asked.values()),
        points=sum(count * worth for count, worth in new.values()),
    )
    return version


def _content(version: MatrixVersion) -> dict[Place, tuple[int, int]]:
    return {(row.topic_id, row.level): (row.count, row.points) for row in version.rows}


def _check_grid(minutes: int, asked: Mapping[Place, int], points: Mapping[Level, int]) -> None:
    if not 1 <= minutes <= MOST_MINUTES:
        raise Invalid(_("Thời gian phải từ 1 đến %(most)s phút.", most=MOST_MINUTES), field="minutes")
    if any(not 0 < count <= MOST_IN_A_CELL for count in asked.values()):
        raise Invalid(_("Số câu của mỗi ô phải từ 0 đến %(most)s.", most=MOST_IN_A_CELL))
    if not asked:
        raise Invalid(_("Ma trận chưa yêu cầu câu hỏi nào. Hãy ghi số câu vào ít nhất một ô."))
    for level in {level for _topic, level in asked}:
        if points.get(level, 0) <= 0:
            raise Invalid(_("Mức độ này có câu hỏi thì mỗi câu phải có điểm lớn hơn 0."), field=f"points_{level.value}")


def topic_reach(topic_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """For each topic the codes it stands for: its own and those of all topics below it. One query."""
    children: dict[int | None, list[int]] = {}
    codes: dict[int, str] = {}
    for topic_id, code, parent_id in db.session.execute(select(Topic.id, Topic.code, Topic.parent_id)):
        codes[topic_id] = code
        children.setdefault(parent_id, []).append(topic_id)

    def below(topic_id: int) -> frozenset[str]:
        found: set[int] = set()
        waiting = [topic_id]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting.extend(children.get(one, ()))
        return frozenset(codes[one] for one in found)

    return {topic_id: below(topic_id) for topic_id in topic_ids}


def rows_of(version: MatrixVersion) -> list[Row]:
    """The rows as the exam domain knows them; a topic stands for itself and everything below it."""
    reach = topic_reach({row.topic_id for row in version.rows})
    return [Row(reach[row.topic_id], row.level, row.count, row.points) for row in version.rows]


def cells(version: MatrixVersion, on: date, demo: bool) -> list[Cell]:
    """How far the bank of that day fills each row of ``version``, in the order of its rows."""
    return feasibility(rows_of(version), pool(position_id=version.matrix.position_id, on=on, demo=demo))


@dataclass(frozen=True, slots=True)
class Shortage:
    """A row the bank cannot fill, in words."""

    topic: str
    level: Level
    needed: int
    fillable: int

    @property
    def missing(self) -> int:
        return self.needed - self.fillable


def shortages(version: MatrixVersion, found: Iterable[Cell]) -> list[Shortage]:
    """The rows that stay short among ``found``, the cells of ``version`` in order."""
    return [
        Shortage(row.topic.name, row.level, cell.needed, cell.fillable)
        for row, cell in zip(version.rows, found, strict=True)
        if not cell.is_feasible
    ]


def load_version(version_id: int) -> MatrixVersion:
    """A version with its rows and topics, in a fixed number of queries."""
    return db.session.scalars(
        select(MatrixVersion)
        .where(MatrixVersion.id == version_id)
        .options(
            selectinload(MatrixVersion.rows).joinedload(MatrixRow.topic),
            joinedload(MatrixVersion.matrix).joinedload(Matrix.position),
        )
    ).one()


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of the grid as shown: what is asked, what the bank has, what it can give beside the other cells."""

    asked: int
    available: int
    missing: int


@dataclass(frozen=True, slots=True)
class LevelTotal:
    questions: int
    points: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The matrix as a table, with what it adds up to."""

    topics: list[Topic]
    cells: dict[Place, GridCell]
    levels: dict[Level, LevelTotal]

    @property
    def questions(self) -> int:
        return sum(total.questions for total in self.levels.values())

    @property
    def points(self) -> int:
        return sum(total.points for total in self.levels.values())

    @property
    def missing(self) -> int:
        return sum(cell.missing for cell in self.cells.values())

    def of_topic(self, topic_id: int) -> int:
        return sum(cell.asked for (topic, _level), cell in self.cells.items() if topic == topic_id)


def grid(topics: list[Topic], counts: Mapping[Place, int], points: Mapping[Level, int], items: list[Item]) -> Grid:
    """Lay ``counts`` out over ``topics`` × levels and hold them against ``items``, the usable questions."""
    places = [(topic.id, level) for topic in topics for level in Level]
    reach = topic_reach(topic.id for topic in topics)
    rows = [Row(reach[topic], level, counts.get((topic, level), 0), points.get(level, 0)) for topic, level in places]
    found = feasibility(rows, items)
    return Grid(
        topics=topics,
        cells={
            place: GridCell(cell.needed, cell.available, cell.missing)
            for place, cell in zip(places, found, strict=True)
        },
        levels={
            level: LevelTotal(
                questions=sum(row.count for row in rows if row.level is level),
                points=sum(row.count * row.points for row in rows if row.level is level),
            )
            for level in Level
        },
    )


def topics_for(matrix: Matrix, items: Iterable[Item]) -> list[Topic]:
    """The lines of the grid: topics of the matrix's position (or the common ones), those it already asks,
    and those of its questions in the bank."""
    asked = [row.topic_id for row in matrix.current.rows] if matrix.current_id is not None else []
    own = Topic.position_id == matrix.position_id if matrix.position_id is not None else Topic.position_id.is_(None)
    wanted = or_(own, Topic.id.in_(asked), Topic.code.in_({item.topic for item in items}))
    return list(db.session.scalars(select(Topic).where(wanted).order_by(Topic.name, Topic.id)))


def matrix_totals(matrices: Iterable[Matrix]) -> dict[int, LevelTotal]:
    """Questions and points of the current version of each, by matrix id."""
    ids = [matrix.current_id for matrix in matrices if matrix.current_id is not None]
    sums = (
        select(MatrixVersion.matrix_id, func.sum(MatrixRow.count), func.sum(MatrixRow.count * MatrixRow.points))
        .join(MatrixRow, MatrixRow.version_id == MatrixVersion.id)
        .where(MatrixVersion.id.in_(ids))
        .group_by(MatrixVersion.matrix_id)
    )
    return {matrix_id: LevelTotal(int(count), int(points)) for matrix_id, count, points in db.session.execute(sums)}
