"""What a run stands on: an installation with a round of candidates who have all begun, and its server."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from examapp.accounts.models import Account, UserSession
from examapp.bank.models import QuestionVersion
from examapp.core import clock, text
from examapp.core.db import db, new_reference, unit_of_work
from examapp.core.models import Deployment
from examapp.organisation.models import Official, StaffCategory
from examapp.results.models import Result
from examapp.results.services import compute_results
from examapp.rounds.models import Candidate, ExamRound
from examapp.rounds.services import close_round
from examapp.sittings.models import AnswerConflict, AnswerEvent, Sitting, SittingLease
from examapp.sittings.services import start_sitting
from examapp.sittings.settle import responses_of
from question_bank.kinds import get_kind
from question_bank.paper import Layout
from question_bank.question import Question
from tests.bench.figures import ROOT
from tests.bench.stage import Instance, free_port
from tests.builders import Builder
from tests.faults.account import Stored
from tests.faults.processes import children, command_of, descendants, kill, wait_gone
from tests.sittings.builders import Hall, hall, paper_row

QUESTIONS = 20
POINTS = 1000
HOURS = timedelta(hours=6)
PATIENCE_S = 90


@dataclass(frozen=True)
class Person:
    """A candidate who has begun: what their browser holds, and the right option of each question on their paper."""

    candidate_id: int
    sitting_id: int
    ref: str
    device: str
    session: str
    token: str
    right: dict[int, int]


@dataclass(frozen=True)
class Stage:
    instance: Instance
    app: Flask
    round_id: int
    people: list[Person]


def prepare(instance: Instance, number: int, chance: random.Random) -> Stage:
    """The tables, a round of people who have all pressed Start; each paper has its options in an order of its own."""
    instance.command("db", "upgrade")
    app = instance.app()
    place = hall(Builder(app), count=QUESTIONS, minutes=90, hours=4)
    with app.app_context():
        with unit_of_work() as session:
            contents = {slot.number: _content(slot.question_id) for slot in place.layout.slots}
            enrolled = [_enrol(session, place, contents, i + 1, chance) for i in range(number)]
            session.flush()
            found = [(candidate.id, _session_cookie(app, live), right) for candidate, live, right in enrolled]
        people = _start(app, found)
        db.engine.dispose()
    return Stage(instance, app, place.round.id, people)


def _enrol(
    session: Session, place: Hall, contents: dict[int, Question], number: int, chance: random.Random
) -> tuple[Candidate, UserSession, dict[int, int]]:
    """Somebody with an account, signed in, and with a sealed paper; all at once, where the builders commit each row."""
    name = f"Nguyễn Thị Mẫu {number}"
    given = text.given_name_of(name)
    named = {"full_name": name, "sort_key": text.sort_key(name, given)}
    code = f"TM{number:04d}"
    official = Official(
        **named,
        given_name=given,
        name_fold=text.fold(name),
        staff_category=StaffCategory.CIVIL_SERVANT,
        staff_code=code,
    )
    session.add(official)
    session.flush()
    account = Account(official_id=official.id, login=code.lower(), display_name=name)
    post = {"post": 1, "position": place.position.code, "position_name": place.position.name}
    post |= {"unit": place.unit.id, "unit_name": place.unit.name}
    candidate = Candidate(
        **named,
        round_id=place.round.id,
        official_id=official.id,
        unit_id=place.unit.id,
        position_id=place.position.id,
        unit_name=place.unit.name,
        posts=json.dumps([post]),
        shift_id=place.shift.id,
        number=code,
    )
    session.add_all((account, candidate))
    session.flush()
    live = UserSession(account_id=account.id, session_number=account.session_number, expires_at=clock.now() + HOURS)
    layout, right = _shuffled(place.layout, contents, chance)
    session.add_all((live, paper_row(candidate, layout, 90)))
    return candidate, live, right


def _session_cookie(app: Flask, live: UserSession) -> str:
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return serializer.dumps({"_user_id": str(live.account_id), "_fresh": True, "session_ref": live.ref})


def _content(version_id: int) -> Question:
    return Question.from_json(json.loads(db.session.get_one(QuestionVersion, version_id).content))


def _shuffled(plain: Layout, contents: dict[int, Question], chance: random.Random) -> tuple[Layout, dict[int, int]]:
    slots, right = [], {}
    for slot in plain.slots:
        content = contents[slot.number]
        order = get_kind(slot.kind).shuffle(content, chance)
        (key,) = (index for index, option in enumerate(content.options) if option.correct)
        right[slot.number] = list(order).index(key) + 1
        slots.append(dataclasses.replace(slot, order=order, points=POINTS))
    return dataclasses.replace(plain, slots=tuple(slots)), right


def _start(app: Flask, found: list[tuple[int, str, dict[int, int]]]) -> list[Person]:
    people = []
    with unit_of_work() as session:
        for candidate_id, cookie, right in found:
            device = new_reference()
            sitting = start_sitting(session.get_one(Candidate, candidate_id), now=clock.now(), device=device)
            token = app.extensions["sitting_signer"].sign(
                sitting_id=sitting.id, lease=1, device=device, deadline_ms=sitting.deadline_ms
            )
            people.append(Person(candidate_id, sitting.id, sitting.ref, device, cookie, token, right))
    return people


def _let_go(app: Flask) -> None:
    """No connection of ours stays open: databases are about to be killed."""
    with app.app_context():
        db.engine.dispose()


def stored(stage: Stage) -> Stored:
    """What the database holds now, read past everything that served it."""
    with stage.app.app_context():
        columns = (AnswerEvent.slot, AnswerEvent.response, AnswerEvent.answered_ms)
        rows = db.session.execute(select(AnswerEvent.sitting_id, AnswerEvent.writer, AnswerEvent.seq, *columns)).all()
        clashes = db.session.execute(select(AnswerConflict.sitting_id, AnswerConflict.writer, AnswerConflict.seq))
        leases = select(SittingLease.sitting_id, func.count()).group_by(SittingLease.sitting_id)
        found = Stored(
            events={(row[0], row[1], row[2]): (row[3], row[4], row[5]) for row in rows},
            rows=len(rows),
            responses={sitting.id: responses_of(sitting) for sitting in db.session.scalars(select(Sitting))},
            conflicts={(row[0], row[1], row[2]) for row in clashes},
            leases={row[0]: row[1] for row in db.session.execute(leases)},
        )
        db.session.rollback()
    _let_go(stage.app)
    return found


def answers_held(stage: Stage, sittings: Iterable[int]) -> dict[int, int]:
    """How many answers of these sittings the database holds now."""
    wanted = list(sittings)
    with stage.app.app_context():
        counted = (
            select(AnswerEvent.sitting_id, func.count())
            .where(AnswerEvent.sitting_id.in_(wanted), AnswerEvent.slot > 0)
            .group_by(AnswerEvent.sitting_id)
        )
        found = {row[0]: row[1] for row in db.session.execute(counted)}
        db.session.rollback()
    _let_go(stage.app)
    return {sitting: found.get(sitting, 0) for sitting in wanted}


def set_back(stage: Stage, to_ms: int) -> int:
    """The database as it was at that moment, as if restored from a copy, and so with another epoch."""
    with stage.app.app_context(), unit_of_work() as session:
        gone = session.execute(delete(AnswerEvent).where(AnswerEvent.received_ms > to_ms))
        session.execute(delete(AnswerConflict).where(AnswerConflict.received_ms > to_ms))
        session.execute(update(Deployment).values(epoch=new_reference()))
    _let_go(stage.app)
    return int(gone.rowcount)  # type: ignore[attr-defined]


def shorten_log(stage: Stage) -> None:
    """SQLite writes its log over and over in the place that it has; without that place it needs the disk at once."""
    if stage.instance.url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(stage.instance.url.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def marks(stage: Stage) -> tuple[dict[int, int], dict[int, str]]:
    """The round closed and marked by the product's own services, after everybody's time: marks and receipts."""
    with stage.app.app_context():
        with unit_of_work() as session:
            close_round(session.get_one(ExamRound, stage.round_id), now=clock.now(), confirmed=True)
        with unit_of_work() as session:
            last = session.scalars(select(func.max(Sitting.late_ms))).one()
            compute_results(stage.round_id, now=clock.from_ms(last) + timedelta(minutes=10))
        awarded = db.session.execute(select(Result.sitting_id, Result.awarded).where(Result.is_current)).all()
        receipts = db.session.execute(select(Sitting.id, Sitting.receipt)).all()
        db.session.rollback()
    _let_go(stage.app)
    return {row[0]: row[1] for row in awarded}, {row[0]: row[1] for row in receipts}


class Server:
    """``examapp serve`` as it is installed, in a process group of its own; it may be ended and started again."""

    def __init__(self, instance: Instance, log: Path) -> None:
        self._instance, self._log = instance, log
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it answers."""
        environment = {**self._instance.environment(), "HOST": "127.0.0.1", "PORT": str(self.port), "WORKERS": "2"}
        command = [sys.executable, "-m", "examapp", "serve"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self._process.poll() is None:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5),
            ):
                return
            time.sleep(0.1)
        raise RuntimeError(f"máy chủ không khởi động được: {self._log.read_text(errors='replace')[-2000:]}")

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill_workers(self) -> int:
        """SIGKILL to every web worker; those that were working lose what they had not committed."""
        first = [pid for pid in children(self._pid) if "gunicorn" in command_of(pid)]
        return kill(pid for arbiter in first for pid in children(arbiter))

    def cut_power(self) -> None:
        """SIGKILL to everything the server is, runner included."""
        everything = [self._pid, *descendants(self._pid)]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        kill(everything)
        self._wait(everything)

    def stop(self) -> None:
        """As an update does it; what is being answered is answered."""
        if self._process is None or self._process.poll() is not None:
            return
        everything = [self._pid, *descendants(self._pid)]
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(40)
        kill(everything)
        self._wait(everything)

    def _wait(self, everything: list[int]) -> None:
        assert self._process is not None
        self._process.wait(20)
        wait_gone(everything)


@contextlib.contextmanager
def serving(instance: Instance, log: Path) -> Iterator[Server]:
    server = Server(instance, log)
    try:
        server.start()
        yield server
    finally:
        server.stop()
