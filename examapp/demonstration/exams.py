"""Two rounds of the platform itself: one finished and recognised, one open now. The rehearsal has a file of its own.

They go through the rooms' own services: matrices, enrolment, sealing, settling, marking, publishing. Only the
candidates' answers are made up, by chance around each person's ability.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from examapp.accounts.models import Account
from examapp.bank.matrices import create_matrix, save_matrix
from examapp.bank.models import Matrix, Topic
from examapp.bank.services import load_questions
from examapp.core import clock
from examapp.core.db import db, new_reference
from examapp.demonstration.answers import make_up
from examapp.demonstration.history import REGULATION_DATE, REGULATION_NUMBER, morning
from examapp.demonstration.people import Area
from examapp.organisation.models import Position
from examapp.results.by_people import answers_to, give_mark, rubric_of, tasks_of
from examapp.results.services import compute_results, publish_round, recognise_round
from examapp.rounds.board import add_member
from examapp.rounds.enrolment import enrol
from examapp.rounds.models import (
    BoardRole,
    Candidate,
    CandidateState,
    Disclosure,
    ExamRound,
    Paper,
    Period,
    PostsRule,
    Purpose,
    Setting,
)
from examapp.rounds.papers import seal_round
from examapp.rounds.sections import choose_matrices
from examapp.rounds.services import close_round, create_round, open_round
from examapp.rounds.shifts import save_shift
from examapp.sittings.models import AnswerEvent, Sitting, SittingLease, SittingState
from examapp.sittings.settle import settle
from question_bank.kinds.base import Response
from question_bank.paper import Layout
from question_bank.question import Level, Question, canonical_json

POSITIONS = ("tp_tu_phap", "nn_dat_dai", "kt_tai_chinh", "vp_van_thu", "hcc_mot_cua", "nv_lao_dong")
POINTS = dict.fromkeys(Level, 1000)
COMMON = {
    Level.RECALL: (1, 1, 1, 1, 1, 1),
    Level.COMPREHENSION: (1, 1, 1, 1, 1, 0),
    Level.APPLICATION: (1, 0, 1, 0, 1, 0),
    Level.ADVANCED_APPLICATION: (0, 0, 0, 0, 0, 1),
}
"""Questions of each topic of the common section, 15 in all, in the order of the topics' codes."""
OWN = {
    Level.RECALL: (3, 3, 2, 2),
    Level.COMPREHENSION: (2, 2, 2, 2),
    Level.APPLICATION: (2, 1, 1, 1),
    Level.ADVANCED_APPLICATION: (1, 1, 0, 0),
}
"""The same for the section of a position: 25 questions."""
EASE = {
    Level.RECALL: 0.16,
    Level.COMPREHENSION: 0.04,
    Level.APPLICATION: -0.10,
    Level.ADVANCED_APPLICATION: -0.22,
}
MEAN = 0.72


def build_matrices(author: Account) -> list[Matrix]:
    """One common matrix and one for each of the six positions."""
    positions = {p.code: p for p in db.session.scalars(select(Position).where(Position.code.in_(POSITIONS)))}
    topics = list(db.session.scalars(select(Topic).order_by(Topic.code)))
    made = [_matrix("MT-CHUNG", "Phần chung (mẫu)", None, [t for t in topics if not t.position_id], 15, COMMON, author)]
    for code in POSITIONS:
        position = positions[code]
        own = [topic for topic in topics if topic.position_id == position.id]
        name = f"{position.name} (mẫu)"
        made.append(_matrix(f"MT-{code.upper()}", name, position.id, own, 30, OWN, author))
    return made


def _matrix(
    code: str,
    name: str,
    position_id: int | None,
    topics: Sequence[Topic],
    minutes: int,
    plan: Mapping[Level, tuple[int, ...]],
    author: Account,
) -> Matrix:
    matrix = create_matrix(code=code, name=name, position_id=position_id, author_id=author.id)
    counts = {
        (topic.id, level): count
        for level, row in plan.items()
        for topic, count in zip(topics, row, strict=True)
        if count
    }
    save_matrix(matrix, minutes=minutes, counts=counts, points=POINTS, author_id=author.id)
    return matrix


def draft(area: Area, organiser: Account, *, code: str, quarter: int, year: int, day: date, **more: Any) -> ExamRound:
    """A round of the province in a quarter, with what these rounds have in common unless told otherwise."""
    common: dict[str, Any] = {
        "name": f"Kỳ thi quý {('I', 'II', 'III', 'IV')[quarter - 1]}/{year} (mẫu)",
        "setting": Setting.SUPERVISED,
        "minutes": 45,
    }
    row = create_round(
        unit_id=area.province.id,
        code=code,
        year=year,
        period=Period.QUARTER,
        period_number=quarter,
        legal_basis_number=REGULATION_NUMBER,
        legal_basis_date=REGULATION_DATE,
        posts_on=day,
        created_by_id=organiser.id,
        **common | more,
    )
    row.seed = f"demonstration{code}".lower().replace("-", "")[:26].ljust(26, "0")
    return row


def build_finished(
    area: Area, organiser: Account, matrices: Sequence[Matrix], rng: random.Random, ability: dict[int, float]
) -> ExamRound:
    """The last finished round: held about two months ago, published, recognised."""
    day = clock.today() - timedelta(days=66)
    quarter = (day.month - 1) // 3 + 1
    row = draft(
        area,
        organiser,
        code=f"{day.year}-Q{quarter}",
        quarter=quarter,
        year=day.year,
        day=day,
        disclosure=Disclosure.ANSWERS,
        purpose=Purpose.OFFICIAL,
    )
    choose_matrices(row, matrices)
    begin = morning(day)
    for number, label in enumerate(("Ca sáng", "Ca chiều")):
        start = begin + timedelta(hours=6 * number)
        end = start + timedelta(minutes=60)
        save_shift(row, name=label, starts_at=start, ends_at=end, place="Hội trường (mẫu)", capacity=150)
    enrol(row)
    seal_round(row.id, now=begin - timedelta(days=3), demo=True, by_id=organiser.id)
    open_round(row, now=begin - timedelta(days=1))
    _sit(row, rng, ability)
    close_round(row, now=begin + timedelta(hours=9))
    compute_results(row.id, now=begin + timedelta(hours=10))
    if _mark_essays(row, organiser, rng, now=begin + timedelta(days=1)):
        compute_results(row.id, now=begin + timedelta(days=2))
    publish_round(row, now=begin + timedelta(days=5), by=organiser)
    decided = day + timedelta(days=12)
    recognise_round(row, number="27/QĐ-MAU", date=decided, now=morning(decided), by=organiser)
    return row


def build_open(area: Area, organiser: Account, invigilator: Account, matrices: Sequence[Matrix]) -> ExamRound:
    """The round that is open now: everyone may start at any hour of this week, on an own device."""
    today = clock.today()
    quarter = (today.month - 1) // 3 + 1
    year = today.year
    code = f"{year}-Q{quarter}"
    if db.session.scalar(select(ExamRound.id).where(ExamRound.code == code)):
        code += "-2"
    row = draft(
        area,
        organiser,
        code=code,
        quarter=quarter,
        year=year,
        day=today,
        posts_rule=PostsRule.UNION,
        disclosure=Disclosure.ANSWERS,
        setting=Setting.OWN_DEVICE,
    )
    choose_matrices(row, matrices)
    start = midnight(today)
    save_shift(
        row,
        name="Trong tuần",
        starts_at=start,
        ends_at=start + timedelta(days=7) - timedelta(minutes=1),
        place="Làm trên thiết bị của mình (mẫu)",
        contact="Tổ kỹ thuật, 0203 000 000 (số mẫu)",
    )
    enrol(row)
    seat_board(row, organiser, invigilator)
    seal_round(row.id, now=clock.now(), demo=True, by_id=organiser.id)
    open_round(row, now=clock.now())
    return row


def midnight(day: date) -> datetime:
    """When the day begins in Vietnam."""
    return clock.from_local(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - wall clock in Vietnam


def seat_board(row: ExamRound, chair: Account, invigilator: Account) -> None:
    """Who decides, and who watches."""
    add_member(row, login=chair.login, role=BoardRole.CHAIR)
    add_member(row, login=invigilator.login, role=BoardRole.INVIGILATOR)


def _mark_essays(row: ExamRound, by: Account, rng: random.Random, *, now: datetime) -> int:
    """Marks by people where papers hold essays; how many."""
    done = 0
    for task in tasks_of(row, by=by):
        for answer in answers_to(row, task.version_id, by=by):
            points = [line.points * rng.choice((2, 3, 4)) // 4 for line in rubric_of(task.question)]
            give_mark(row, answer, task.question, points=points, comment="", by=by, now=now)
            done += 1
    return done


# answers made up


def _sit(row: ExamRound, rng: random.Random, ability: dict[int, float]) -> None:
    """Sittings with their answers as events, for nearly everyone; then settlement by the rules."""
    rows = db.session.execute(
        select(Candidate, Paper)
        .join(Paper, Paper.candidate_id == Candidate.id)
        .where(Candidate.round_id == row.id)
        .order_by(Candidate.number)
    ).all()
    for candidate, _paper in rows:
        if rng.random() < 0.012:
            candidate.state, candidate.reason = CandidateState.EXCUSED, "Nghỉ ốm, có giấy xác nhận (mẫu)"
    present = [(c, p) for c, p in rows if c.state is CandidateState.ENROLLED and rng.random() > 0.015]
    layouts = {paper.id: Layout.from_json(json.loads(paper.layout)) for _c, paper in present}
    questions = load_questions({slot.question_id for layout in layouts.values() for slot in layout.slots})
    sittings, events = [], []
    for candidate, paper in present:
        sitting = _sitting(candidate, paper, rng)
        sittings.append(sitting)
        db.session.add(sitting)
    db.session.flush()
    for sitting, (candidate, paper) in zip(sittings, present, strict=True):
        db.session.add(
            SittingLease(sitting_id=sitting.id, number=1, device=new_reference(), taken_ms=sitting.started_ms)
        )
        level = MEAN + ability.get(candidate.official_id, 0.0)
        events += _events(sitting, layouts[paper.id], questions, level, rng)
    db.session.flush()
    db.session.execute(insert(AnswerEvent), events)
    for sitting in sittings:
        settle(sitting, now=clock.from_ms(sitting.submitted_ms or sitting.late_ms))


def _sitting(candidate: Candidate, paper: Paper, rng: random.Random) -> Sitting:
    assert candidate.shift is not None
    started = clock.to_ms(candidate.shift.starts_at) + rng.randrange(5_000, 90_000)
    deadline = min(started + paper.minutes * 60_000, clock.to_ms(candidate.shift.ends_at))
    return Sitting(
        candidate_id=candidate.id,
        paper_id=paper.id,
        state=SittingState.SUBMITTED,
        started_ms=started,
        deadline_ms=deadline,
        late_ms=deadline + 15 * 60_000,
        submitted_ms=deadline - rng.randrange(20_000, 900_000),
    )


def _events(
    sitting: Sitting, layout: Layout, questions: dict[int, Question], level: float, rng: random.Random
) -> list[dict[str, Any]]:
    writer = f"mau{sitting.id:07d}"
    assert sitting.submitted_ms is not None
    pause = (sitting.submitted_ms - sitting.started_ms) // (len(layout.slots) + 2)
    moment = sitting.started_ms
    events: list[dict[str, Any]] = []
    for slot in layout.slots:
        moment += rng.randrange(pause // 2, pause)
        if rng.random() < 0.015:
            continue  # left open
        question = questions[slot.question_id]
        ease = EASE[question.level] if question.level else 0.0
        chance = min(0.97, max(0.2, level + ease + rng.gauss(0, 0.03)))
        response = make_up(question, slot.order, rng.random() < chance, rng)
        events.append(_event(sitting, writer, len(events) + 1, slot.number, response, moment))
    events.append(_event(sitting, writer, len(events) + 1, 0, [], sitting.submitted_ms - 400))
    return events


def _event(sitting: Sitting, writer: str, seq: int, slot: int, response: Response, moment: int) -> dict[str, Any]:
    return {
        "sitting_id": sitting.id,
        "writer": writer,
        "seq": seq,
        "lease": 1,
        "slot": slot,
        "response": canonical_json(response).decode(),
        "answered_ms": moment,
        "received_ms": moment + 350,
    }
