"""Mock exams: drawn from the practice bank by the matrices of the real ones, with their time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from flask import current_app
from sqlalchemy import select

from examapp.bank.content import load_questions
from examapp.bank.matrices import Shortage, load_version, rows_of, shortages
from examapp.bank.models import BankKind, Matrix, MatrixVersion, QuestionVersion
from examapp.bank.pool import pool
from examapp.core.db import db, new_reference
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.words import _
from examapp.organisation.models import Position
from examapp.practice.mock_sitting import layout_of, open_mock, submit_mock
from examapp.practice.models import MockExam
from examapp.practice.reach import COMMON, Reach
from question_bank.draw import Section, arrange, draw, feasibility_of, seeded
from question_bank.matrix import Cell, question_count, total_points
from question_bank.paper import Layout

LATELY = 3
"""Questions of so many mock exams before are asked again only where nothing else is left."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A mock exam by one matrix: its sections beside what the practice bank has today."""

    code: str
    """Of the matrix."""
    name: str
    position: Position | None
    sections: tuple[Section, ...]
    cells: tuple[Cell, ...]
    short: tuple[Shortage, ...]
    minutes: int

    @property
    def questions(self) -> int:
        return sum(cell.needed for cell in self.cells)

    @property
    def fillable(self) -> int:
        return sum(cell.fillable for cell in self.cells)

    @property
    def is_full(self) -> bool:
        return not self.short

    @property
    def short_minutes(self) -> int:
        """The time in proportion to the questions there are."""
        return ceil(Fraction(self.minutes * self.fillable, self.questions)) if self.questions else 0

    def cut(self) -> tuple[Section, ...]:
        """The sections with what the bank can fill of each row."""
        left = iter(self.cells)
        cut = []
        for section in self.sections:
            rows = [replace(row, count=next(left).fillable) for row in section.rows]
            cut.append(replace(section, rows=tuple(row for row in rows if row.count)))
        return tuple(cut)


def plans_of(reach: Reach) -> list[Plan]:
    """A plan for each matrix of the posts, with the common part; where they have none, of the common part alone."""
    avoid = _concealed_versions(reach)
    common = _common(reach, avoid)
    own = [version for position in reach.positions for version in _versions_of(position)]
    if own:
        plans = [_plan(reach, [*common, version], avoid) for version in own]
        return sorted(plans, key=lambda plan: not plan.is_full)
    return [_plan(reach, common, avoid)] if common else []


def _common(reach: Reach, avoid: frozenset[int]) -> list[MatrixVersion]:
    """Of several common parts one that the practice bank fills, of these the one changed last."""
    versions = _versions_of(None)
    if len(versions) < 2:
        return versions
    return [max(versions, key=lambda version: (_plan(reach, [version], avoid).is_full, version.id))]


def _versions_of(position: Position | None) -> list[MatrixVersion]:
    """The present matrices of a position, or of the common part."""
    wanted = Matrix.position_id == position.id if position else Matrix.position_id.is_(None)
    present = select(Matrix.current_id).where(wanted).order_by(Matrix.current_id)
    return [load_version(found) for found in db.session.scalars(present) if found is not None]


def _plan(reach: Reach, asked: Sequence[MatrixVersion], avoid: frozenset[int]) -> Plan:
    matrix = asked[-1].matrix
    sections = tuple(_section(reach, version) for version in asked)
    cells = tuple(feasibility_of(sections, avoid))
    left = iter(cells)
    short = [one for v in asked for one in shortages(v, [next(left) for _row in v.rows])]
    minutes = sum(version.minutes for version in asked)
    return Plan(matrix.code, matrix.name, matrix.position, sections, cells, tuple(short), minutes)


def _section(reach: Reach, version: MatrixVersion) -> Section:
    position = version.matrix.position
    demo = bool(current_app.config["SETTINGS"].demo)
    items = pool(position_id=version.matrix.position_id, on=reach.on, demo=demo, bank=BankKind.PRACTICE)
    return Section(position.code if position else COMMON, tuple(rows_of(version)), tuple(items))


def _concealed_versions(reach: Reach) -> frozenset[int]:
    if not reach.concealed:
        return frozenset()
    versions = select(QuestionVersion.id).where(QuestionVersion.question_id.in_(reach.concealed))
    return frozenset(db.session.scalars(versions))


def start_mock(reach: Reach, code: str, *, shorter: bool, now: datetime) -> MockExam:
    """Draw a mock exam and start its clock; one that is still open is gone on with."""
    if going_on := open_mock(reach.official_id):
        if now <= going_on.deadline_at:
            return going_on
        submit_mock(going_on, None, now=now)
    plan = next((one for one in plans_of(reach) if one.code == code), None)
    if plan is None:
        raise NotFound()
    if not plan.is_full and not shorter:
        raise Conflict(
            _("Ngân hàng ôn tập hiện không đủ câu cho ma trận này."),
            advice=_("Hãy mở lại trang Thi thử và chọn bài rút gọn."),
        )
    sections = plan.sections if plan.is_full else plan.cut()
    rows = [row for section in sections for row in section.rows]
    if not question_count(rows):
        raise Invalid(_("Ngân hàng ôn tập chưa có câu hỏi nào cho ma trận này."))
    seed = new_reference()
    drawn = draw(sections, seed=seed, avoid=_concealed_versions(reach), prefer_not=_drawn_lately(reach.official_id))
    questions = load_questions(one.item_id for one in drawn)
    minutes = plan.minutes if plan.is_full else plan.short_minutes
    layout = Layout(arrange(drawn, questions, seeded(seed, "order")), minutes)
    mock = MockExam(
        official_id=reach.official_id,
        position_id=plan.position.id if plan.position else None,
        layout=layout.canonical(),
        is_short=not plan.is_full,
        started_at=now,
        deadline_at=now + timedelta(minutes=minutes),
        possible=total_points(rows),
    )
    db.session.add(mock)
    db.session.flush()
    return mock


def _drawn_lately(official_id: int) -> frozenset[int]:
    mocks = db.session.scalars(
        select(MockExam).where(MockExam.official_id == official_id).order_by(MockExam.started_at.desc()).limit(LATELY)
    )
    return frozenset(slot.question_id for mock in mocks for slot in layout_of(mock).slots)
