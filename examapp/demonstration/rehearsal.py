"""A rehearsal that is open now: a short paper with every kind of question, on an own device, section by section."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.bank.matrices import create_matrix, save_matrix
from examapp.bank.models import BankKind, Matrix, Strand, Topic
from examapp.core import clock
from examapp.core.db import db
from examapp.demonstration.exams import POSITIONS, draft, midnight, seat_board
from examapp.demonstration.people import Area
from examapp.demonstration.rehearsal_questions import PER_LEVEL, TOPIC, TOPIC_NAME, questions
from examapp.demonstration.samples import store_approved
from examapp.organisation.models import Position
from examapp.rounds.enrolment import enrol
from examapp.rounds.models import Disclosure, ExamRound, Movement, PostsRule, Purpose, Setting
from examapp.rounds.papers import seal_round
from examapp.rounds.sections import choose_matrices
from examapp.rounds.services import open_round
from examapp.rounds.shifts import save_shift
from question_bank.question import Level

OWN = 3
"""Questions of each position, beside the nine of all kinds."""
POINTS = dict.fromkeys(Level, 1000)


def build_rehearsal(area: Area, staff: dict[Role, Account]) -> ExamRound:
    """The bank's topic for it, its matrices, then the round: sealed and open."""
    organiser = staff[Role.ORGANISER]
    db.session.add(Topic(code=TOPIC, name=TOPIC_NAME, strand=Strand.PROFESSIONAL))
    db.session.flush()
    store_approved(questions(), bank=BankKind.EXAM, owner=staff[Role.EXAMINER], reviewer=staff[Role.REVIEWER])
    row = _round(area, organiser, _matrices(organiser))
    seat_board(row, organiser, staff[Role.INVIGILATOR])
    seal_round(row.id, now=clock.now(), demo=True, by_id=organiser.id)
    open_round(row, now=clock.now())
    return row


def _matrices(author: Account) -> list[Matrix]:
    topic = db.session.scalars(select(Topic.id).where(Topic.code == TOPIC)).one()
    counts = {(topic, level): count for level, count in PER_LEVEL.items()}
    made = [_matrix("MT-THI-THU", "Thi thử, phần chung (mẫu)", None, counts, 12, author)]
    for position in db.session.scalars(select(Position).where(Position.code.in_(POSITIONS)).order_by(Position.code)):
        own = select(Topic.id).where(Topic.position_id == position.id).order_by(Topic.code).limit(OWN)
        counts = {(found, Level.RECALL): 1 for found in db.session.scalars(own)}
        name = f"Thi thử, {position.name} (mẫu)"
        made.append(_matrix(f"MT-THI-THU-{position.code.upper()}", name, position.id, counts, 3, author))
    return made


def _matrix(
    code: str, name: str, position_id: int | None, counts: dict[tuple[int, Level], int], minutes: int, author: Account
) -> Matrix:
    matrix = create_matrix(code=code, name=name, position_id=position_id, author_id=author.id)
    save_matrix(matrix, minutes=minutes, counts=counts, points=POINTS, author_id=author.id)
    return matrix


def _round(area: Area, organiser: Account, matrices: Sequence[Matrix]) -> ExamRound:
    today = clock.today()
    row = draft(
        area,
        organiser,
        code=f"{today.year}-THI-THU",
        quarter=(today.month - 1) // 3 + 1,
        year=today.year,
        day=today,
        name="Thi thử để làm quen (mẫu)",
        minutes=15,
        setting=Setting.OWN_DEVICE,
        purpose=Purpose.REHEARSAL,
        posts_rule=PostsRule.UNION,
        movement=Movement.BY_SECTION,
        disclosure=Disclosure.ANSWERS,
        contact="Tổ hỗ trợ thi thử, 0203 000 111 (số mẫu)",
        rules="Kỳ thi thử để làm quen các dạng câu hỏi; kết quả không dùng vào việc gì. (Dữ liệu mẫu.)",
    )
    choose_matrices(row, matrices)
    start = midnight(today) - timedelta(days=1)  # some have sat it already, see incidents
    save_shift(
        row,
        name="Trong tuần",
        starts_at=start,
        ends_at=start + timedelta(days=8) - timedelta(minutes=1),
        place="Làm trên thiết bị của mình (mẫu)",
        contact="Tổ hỗ trợ thi thử, 0203 000 111 (số mẫu)",
    )
    enrol(row)
    return row
