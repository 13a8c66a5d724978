"""A morning on which exams are stopped: its clock, what is said of stops, a round with its chair."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.rounds.models import BoardMember, BoardRole, Candidate, ExamRound, Shift
from examapp.rounds.services import open_round
from examapp.rounds.shifts import save_shift
from examapp.sittings import make_ups, stops
from examapp.sittings.models import Sitting, Stop, StopOutcome
from examapp.sittings.services import start_sitting
from examapp.sittings.token import Token
from tests.builders import Builder
from tests.rounds.builders import World, world

MINUTE = 60_000
NINE = "2026-03-10 09:00 +0700"


def at(text: str) -> datetime:
    hour, minute = map(int, text.split(":"))
    return clock.from_local(datetime(2026, 3, 10, hour, minute))


def report(began: str, ended: str, *, taken: bool = False, reason: str = "Mất điện") -> stops.Report:
    return stops.Report(at(began), at(ended), taken, reason)


def record_stop(sitting: Sitting, said: stops.Report, by: Account) -> Stop:
    """Recorded as a request would, and read again."""
    with database.unit_of_work():
        stop = stops.record_stop(db.session.get_one(Sitting, sitting.id), said, by=by, now=clock.now())
        db.session.refresh(stop)
        db.session.expunge(stop)
        return stop


@dataclass
class Exam:
    """A round with a real bank, whose candidate has been sitting for an hour, and its chair."""

    here: World
    round: ExamRound
    account: Account
    candidate: Candidate
    sitting: Sitting
    chair: Account
    shifts: list[Shift] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"/invigilation/{self.round.code}"

    def wait(self, began: str = "8:10", ended: str = "8:50", **told: Any) -> Stop:
        """A stop too long, recorded by the organiser."""
        with self.here.build.app.app_context():
            stop = record_stop(self.sitting, report(began, ended, **told), self.here.organiser)
        assert stop.outcome is StopOutcome.WAITING
        return stop

    def decide(
        self, stop: Stop, *, shift: int | None = 1, by: Account | None = None, reason: str = "Biên bản 5"
    ) -> None:
        """A make-up in that shift, or a refusal."""
        with self.here.build.app.app_context(), database.unit_of_work():
            found, sitting = make_ups.get_stop(db.session.get_one(ExamRound, self.round.id), stop.id)
            person = db.session.get_one(Account, (by or self.chair).id)
            told: dict[str, Any] = {"reason": reason, "by": person, "now": clock.now()}
            if shift is None:
                make_ups.refuse(found, sitting, **told)
            else:
                to = db.session.get_one(Shift, self.shifts[shift].id)
                make_ups.make_up(found, sitting, shift=to, demo=True, **told)

    def token(self) -> Token:
        return Token(self.sitting.id, 1, self.sitting.deadline_ms // 1000 + 86_400, "0" * 26)


def waiting_exam(build: Builder, **bank: int) -> Exam:
    """Its candidate began at one past eight, on a paper of half an hour; a second shift begins at ten."""
    here = world(build, **bank)
    official = here.person("Trần Thị Mẫu", here.justice)
    account = build.account(official)
    exam_round = here.round(shifts=0, late_window_minutes=15)
    with build.app.app_context(), database.unit_of_work():
        row = db.session.get_one(ExamRound, exam_round.id)
        for name, start, end in (("Ca 1", "8:00", "9:30"), ("Ca 2", "10:00", "11:00")):
            save_shift(row, name=name, starts_at=at(start), ends_at=at(end))
        db.session.flush()
        ids = [shift.id for shift in row.shifts]
    shifts = [build.get(Shift, key) for key in ids]
    here.enrol(exam_round)
    with build.app.app_context(), database.unit_of_work():
        db.session.scalars(select(Candidate)).one().shift_id = shifts[0].id
    here.seal(exam_round)
    chair = build.account(None, Role.INVIGILATOR)
    build.save(BoardMember(round_id=exam_round.id, account_id=chair.id, role=BoardRole.CHAIR))
    with build.app.app_context(), database.unit_of_work():
        open_round(db.session.get_one(ExamRound, exam_round.id), now=at("8:00"))
        candidate = db.session.scalars(select(Candidate)).one()
        found = candidate.id, start_sitting(candidate, now=at("8:01"), device="0" * 26).id
    candidate, sitting = build.get(Candidate, found[0]), build.get(Sitting, found[1])
    return Exam(here, exam_round, account, candidate, sitting, chair, shifts)
