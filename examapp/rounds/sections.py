"""The matrices of a round, and whether the bank fills them on the days of the exam."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload, selectinload

from examapp.audit.services import record
from examapp.bank.matrices import Shortage, rows_of, shortages
from examapp.bank.models import Matrix, MatrixRow, MatrixVersion, Question
from examapp.bank.pool import pool, usable
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.words import _
from examapp.rounds.models import ExamRound, RoundMatrix
from examapp.rounds.services import require_draft
from examapp.rounds.shifts import exam_days
from question_bank.matrix import Item, feasibility, question_count

PIECE = 500
"""Versions asked for in one statement."""

COMMON = "common"
"""Name of the section that everybody has; the others are called by the code of their position."""


def section_name(version: MatrixVersion) -> str:
    position = version.matrix.position
    return position.code if position is not None else COMMON


def round_versions(round_id: int) -> list[MatrixVersion]:
    """The matrix versions a round examines by, the common one first."""
    found = db.session.scalars(
        select(MatrixVersion)
        .join(RoundMatrix, RoundMatrix.matrix_version_id == MatrixVersion.id)
        .where(RoundMatrix.round_id == round_id)
        .options(
            selectinload(MatrixVersion.rows).joinedload(MatrixRow.topic),
            joinedload(MatrixVersion.matrix).joinedload(Matrix.position),
        )
    ).all()
    return sorted(found, key=lambda v: (v.matrix.position_id is not None, v.matrix.code))


def choose_matrices(exam_round: ExamRound, matrices: Iterable[Matrix]) -> list[MatrixVersion]:
    """Examine by the present versions of these: at most one common matrix and one for each position."""
    require_draft(exam_round)
    chosen = list(matrices)
    seen: set[int | None] = set()
    for matrix in chosen:
        if matrix.current_id is None:
            raise Invalid(_("Ma trận %(code)s chưa có dòng nào. Hãy ghi số câu cho ma trận trước.", code=matrix.code))
        if matrix.position_id in seen:
            raise Invalid(_("Mỗi vị trí (và phần chung) chỉ chọn một ma trận; %(code)s bị thừa.", code=matrix.code))
        seen.add(matrix.position_id)
    wanted = {matrix.current_id: matrix.code for matrix in chosen if matrix.current_id is not None}
    here = select(RoundMatrix.matrix_version_id).where(RoundMatrix.round_id == exam_round.id)
    present = set(db.session.scalars(here))
    db.session.execute(
        delete(RoundMatrix).where(
            RoundMatrix.round_id == exam_round.id, RoundMatrix.matrix_version_id.in_(present - wanted.keys())
        )
    )
    db.session.add_all(
        RoundMatrix(round_id=exam_round.id, matrix_version_id=version_id) for version_id in wanted.keys() - present
    )
    db.session.flush()
    if present != wanted.keys():
        record("round.matrices", "round", exam_round.code, matrices=sorted(wanted.values()))
    return round_versions(exam_round.id)


def examined_positions(versions: Iterable[MatrixVersion]) -> set[int]:
    """Ids of the positions that have a matrix among ``versions``."""
    return {v.matrix.position_id for v in versions if v.matrix.position_id is not None}


def round_pool(position_id: int | None, days: Sequence[date], *, demo: bool) -> list[Item]:
    """The questions usable on every day of the exam: all candidates of a post draw from the same ones."""
    first, *others = days
    items = {item.id: item for item in pool(position_id=position_id, on=first, demo=demo)}
    for day in others:
        usable = {item.id for item in pool(position_id=position_id, on=day, demo=demo)}
        items = {item_id: item for item_id, item in items.items() if item_id in usable}
    return list(items.values())


def all_usable(version_ids: Sequence[int], days: Sequence[date], *, demo: bool) -> bool:
    """Whether each of these still is what its question says, and may be drawn for every day of the exam."""
    for start in range(0, len(version_ids), PIECE):
        some = version_ids[start : start + PIECE]
        for day in days:
            found = select(func.count()).where(Question.current_id.in_(some), usable(day, demo=demo))
            if db.session.scalar(found) != len(some):
                return False
    return True


def newest_filled(exam_round: ExamRound, matrices: Iterable[Matrix], *, demo: bool) -> dict[int | None, Matrix | None]:
    """By position, of its matrices the one last written that the bank fills on the days of the exam, or none."""
    days = exam_days(exam_round)
    by_position: dict[int | None, list[Matrix]] = {}
    for matrix in matrices:
        by_position.setdefault(matrix.position_id, []).append(matrix)
    found: dict[int | None, Matrix | None] = {}
    for position_id, some in by_position.items():
        items = round_pool(position_id, days, demo=demo)
        newest_first = sorted(some, key=lambda matrix: matrix.current_id or 0, reverse=True)
        filled = (
            matrix
            for matrix in newest_first
            if all(cell.is_feasible for cell in feasibility(rows_of(matrix.current), items))
        )
        found[position_id] = next(filled, None)
    return found


@dataclass(frozen=True, slots=True)
class SectionCheck:
    """One matrix of the round beside what the bank has on the days of the exam."""

    version: MatrixVersion
    name: str
    questions: int
    usable: int
    short: list[Shortage]

    @property
    def is_current(self) -> bool:
        return self.version.matrix.current_id == self.version.id


def check_sections(exam_round: ExamRound, *, demo: bool) -> list[SectionCheck]:
    """Every matrix of the round held against the bank."""
    days = exam_days(exam_round)
    checks = []
    for version in round_versions(exam_round.id):
        rows = rows_of(version)
        items = round_pool(version.matrix.position_id, days, demo=demo)
        found = feasibility(rows, items)
        checks.append(
            SectionCheck(version, section_name(version), question_count(rows), len(items), shortages(version, found))
        )
    return checks
