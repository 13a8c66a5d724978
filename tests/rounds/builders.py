"""A round and what it needs, with as few words as possible. All names are invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.bank.matrices import create_matrix, save_matrix
from examapp.bank.models import Matrix, Topic
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.organisation.models import Official, Position, Unit, UnitKind
from examapp.rounds.enrolment import enrol
from examapp.rounds.models import Candidate, ExamRound, Period, Setting
from examapp.rounds.papers import seal_round
from examapp.rounds.sections import choose_matrices
from examapp.rounds.services import create_round
from examapp.rounds.shifts import save_shift
from question_bank.question import Level
from tests.builders import Builder

POINTS = dict.fromkeys(Level, 1000)
MORNING = datetime(2026, 3, 10, 1, 0, tzinfo=clock.UTC)
"""08:00 in Vietnam."""


def matrix(
    build: Builder,
    position: Position | None,
    counts: Mapping[tuple[Topic, Level], int],
    *,
    code: str = "",
    minutes: int = 20,
) -> Matrix:
    """A matrix that asks for ``counts`` questions, each worth one point."""
    with build.app.app_context(), database.unit_of_work():
        row = create_matrix(
            code=code or f"MT-{position.code if position else 'CHUNG'}",
            name=f"Ma trận {position.name if position else 'phần chung'}",
            position_id=position.id if position else None,
        )
        asked = {(topic.id, level): count for (topic, level), count in counts.items()}
        save_matrix(row, minutes=minutes, counts=asked, points=POINTS)
        key = row.id
    found: Matrix = build.get(Matrix, key)
    return found


def questions(build: Builder, count: int, topic: Topic, *positions: Position, **columns: Any) -> list[Any]:
    """Approved questions that rest on a document in force."""
    document = build.document()
    return [build.question(topic, *positions, document=document, **columns) for _ in range(count)]


@dataclass
class World:
    """A commune with two departments, two positions, a bank that fills the matrices, and an organiser."""

    build: Builder
    commune: Unit
    offices: list[Unit]
    justice: Position
    land: Position
    topics: dict[str, Topic]
    organiser: Account
    officials: list[Official] = field(default_factory=list)

    def person(self, name: str, position: Position, office: int = 0, **columns: Any) -> Official:
        official: Official = self.build.official(name)
        self.build.post(official, position, self.offices[office], **columns)
        self.officials.append(official)
        return official

    def round(self, **values: Any) -> ExamRound:
        """A draft with matrices and one shift (``shifts=0``: none)."""
        shifts, matrices = values.pop("shifts", 1), values.pop("matrices", True)
        given = {
            "unit_id": self.commune.id,
            "code": "KT-2026-Q1",
            "name": "Kỳ thi quý I năm 2026 (mẫu)",
            "year": 2026,
            "period": Period.QUARTER,
            "period_number": 1,
            "legal_basis_number": "12/KH-UBND",
            "legal_basis_date": date(2026, 1, 15),
            "setting": Setting.SUPERVISED,
            "minutes": 30,
            "posts_on": date(2026, 3, 1),
            **values,
        }
        with self.build.app.app_context(), database.unit_of_work():
            exam_round = create_round(**given)
            if matrices:
                choose_matrices(exam_round, db.session.scalars(select(Matrix).order_by(Matrix.id)))
            for number in range(shifts):
                start = MORNING + timedelta(hours=2 * number)
                save_shift(exam_round, name=f"Ca {number + 1}", starts_at=start, ends_at=start + timedelta(hours=1.5))
            key = exam_round.id
        found: ExamRound = self.build.get(ExamRound, key)
        return found

    def enrol(self, exam_round: ExamRound) -> None:
        with self.build.app.app_context(), database.unit_of_work():
            enrol(db.session.get_one(ExamRound, exam_round.id))

    def seal(self, exam_round: ExamRound) -> int:
        with self.build.app.app_context(), database.unit_of_work():
            return seal_round(exam_round.id, now=clock.now(), demo=True)

    def candidates(self, exam_round: ExamRound) -> list[Candidate]:
        with self.build.app.app_context():
            found = select(Candidate).where(Candidate.round_id == exam_round.id).order_by(Candidate.number)
            return list(db.session.scalars(found))


def world(build: Builder, *, common: int = 6, own: int = 6) -> World:
    """``common`` and ``own`` questions stand in the bank; the matrices ask for three of each."""
    commune = build.unit("Xã Suối Mẫu")
    offices = [build.unit(name, parent=commune, kind=UnitKind.DEPARTMENT) for name in ("Văn phòng", "Phòng Kinh tế")]
    justice, land = build.position("tp_tu_phap", "Tư pháp"), build.position("nn_dat_dai", "Đất đai")
    topics = {
        "common": build.topic("chung", "Phần chung"),
        "justice": build.topic("tp", "Hộ tịch", position_id=justice.id),
        "land": build.topic("dd", "Đất đai", position_id=land.id),
    }
    questions(build, common, topics["common"])
    questions(build, own, topics["justice"], justice)
    questions(build, own, topics["land"], land)
    matrix(build, None, {(topics["common"], Level.RECALL): 3})
    matrix(build, justice, {(topics["justice"], Level.RECALL): 3})
    matrix(build, land, {(topics["land"], Level.RECALL): 3})
    organiser = build.account(None, Role.ORGANISER, unit=commune)
    return World(build, commune, offices, justice, land, topics, organiser)
