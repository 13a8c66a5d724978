"""A hall as large as wanted: officials, accounts, candidates and papers made inside the database, from one that is
there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.rounds.models import Candidate, ExamRound, Paper
from examapp.sittings.models import Sitting, SittingLease
from tests.bench.examined import NOT_BEGUN
from tests.bench.stage import Instance

STRIDE = 10_000_000
"""Ids of the hall begin here."""
QUESTIONS = 40
CSRF = "0" * 40


@dataclass(frozen=True)
class Seat:
    """What a candidate's browser holds before the exam; with a token when the sitting has begun."""

    candidate: int
    login: str
    cookie: str
    token: str = ""
    ref: str = ""


@dataclass(frozen=True)
class Hall:
    app: Flask
    seats: list[Seat]
    csrf: str
    nobody: list[str]
    """The cookies of browsers that have just opened the sign-in page, one for each seat."""


def fill(instance: Instance, number: int, *, begun: int = 0, papers: bool = True) -> Hall:
    """``number`` people signed in, with a paper of forty questions each; the last ``begun`` of them have started."""
    app = instance.app()
    with app.app_context():
        with unit_of_work() as session:
            base = _base(session)
            _copy_people(session, base, number, papers=papers)
            tokens = _begin(app, session, base, number, begun)
            logins = dict(session.execute(select(Account.id, Account.login).where(Account.id > STRIDE)).tuples().all())
        _analyse(instance)
        db.engine.dispose()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    seats = [
        Seat(
            STRIDE + n,
            logins[STRIDE + n],
            "thuocdo="
            + signer.dumps({"_user_id": str(STRIDE + n), "_fresh": True, "session_ref": _ref(n), "csrf_token": CSRF})
            + f"; sitting_device={_device(n)}",
            tokens.get(n, ""),
            _ref(n) if n in tokens else "",
        )
        for n in range(1, number + 1)
    ]
    csrf = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(CSRF)
    fresh = "thuocdo=" + signer.dumps({"csrf_token": CSRF})
    device = URLSafeSerializer(app.config["SECRET_KEY"], salt="device")
    nobody = [f"{fresh}; device={device.dumps(_device(n))}" for n in range(1, number + 1)]
    return Hall(app, seats, csrf if isinstance(csrf, str) else csrf.decode(), nobody)


def _ref(n: int) -> str:
    return f"hall{STRIDE + n}"


def _device(n: int) -> str:
    return f"{STRIDE + n:026d}"


def _base(session: Session) -> tuple[int, int, int]:
    """Official, account and candidate whose paper everybody gets; the shift goes on long enough for it."""
    found = session.execute(
        select(Candidate, Account.id, Paper.layout)
        .join(Account, Account.official_id == Candidate.official_id)
        .join(ExamRound, ExamRound.id == Candidate.round_id)
        .join(Paper, Paper.candidate_id == Candidate.id)
        .where(
            NOT_BEGUN,
            Account.password_hash.is_not(None),
        )
        .order_by(Candidate.number)
    )
    for candidate, account_id, layout in found:
        if len(json.loads(layout)["slots"]) == QUESTIONS:
            assert candidate.shift is not None
            candidate.shift.starts_at = clock.now() - timedelta(minutes=30)
            candidate.shift.ends_at = clock.now() + timedelta(hours=6)
            session.flush()
            return candidate.official_id, account_id, candidate.id
    raise RuntimeError(f"the demonstration has no paper of {QUESTIONS} questions")


def _copy_people(session: Session, base: tuple[int, int, int], number: int, *, papers: bool) -> None:
    official, account, candidate = base
    new = f"{STRIDE} + n"
    marked = f"'hall' || ({new})"
    _copy(session, "officials", f"id = {official}", {"id": new, "staff_code": marked}, number)
    of_account = {"id": new, "official_id": new, "login": marked, "phone": "NULL"}
    _copy(session, "accounts", f"id = {account}", of_account, number)
    of_candidate = {"id": new, "official_id": new, "number": marked}
    _copy(session, "candidates", f"id = {candidate}", of_candidate, number)
    of_paper = {"id": new, "candidate_id": new, "ref": marked}
    if papers:
        _copy(session, "papers", f"candidate_id = {candidate}", of_paper, number)
    until = "'" + (clock.now() + timedelta(hours=12)).isoformat(" ") + "'"
    columns = "id, ref, account_id, session_number, device, browser, started_at, expires_at"
    since = "'" + clock.now().isoformat(" ") + "'"
    session.connection().exec_driver_sql(
        f"INSERT INTO user_sessions ({columns}) SELECT {new}, {marked}, {new}, session_number, '', '',"
        f" {_moment(session, since)}, {_moment(session, until)} FROM accounts CROSS JOIN {series(session, number)}"
        f" WHERE accounts.id = {account}"
    )


def _moment(session: Session, text: str) -> str:
    return f"{text}::timestamptz" if session.get_bind().dialect.name == "postgresql" else text.replace("+00:00", "")


def _begin(app: Flask, session: Session, base: tuple[int, int, int], number: int, begun: int) -> dict[int, str]:
    """What Start writes, for the last ``begun`` people at once; their tokens."""
    if not begun:
        return {}
    now = clock.to_ms(clock.now())
    deadline, who = now + 45 * 60_000, range(number - begun + 1, number + 1)
    session.bulk_insert_mappings(
        Sitting,
        [
            {
                "id": STRIDE + n,
                "ref": _ref(n),
                "candidate_id": STRIDE + n,
                "paper_id": STRIDE + n,
                "lease": 1,
                "started_ms": now,
                "deadline_ms": deadline,
                "late_ms": deadline + 15 * 60_000,
            }
            for n in who
        ],
    )
    session.bulk_insert_mappings(
        SittingLease,
        [{"sitting_id": STRIDE + n, "number": 1, "device": _device(n), "taken_ms": now} for n in who],
    )
    sign = app.extensions["sitting_signer"].sign
    return {n: sign(sitting_id=STRIDE + n, lease=1, device=_device(n), deadline_ms=deadline) for n in who}


def _copy(session: Session, table: str, where: str, changed: Mapping[str, str], number: int) -> None:
    """The row of ``where`` so many times, with these columns computed from its number ``n``."""
    columns = [column["name"] for column in inspect(session.connection()).get_columns(table)]
    values = [changed.get(column, f'{table}."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    session.connection().exec_driver_sql(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)}"
        f" FROM {table} CROSS JOIN {series(session, number)} WHERE {table}.{where}"
    )


def series(session: Session, number: int, name: str = "series") -> str:
    """Rows with ``n`` from 1, as a table of that name."""
    if session.get_bind().dialect.name == "postgresql":
        return f"generate_series(1::bigint, {number}) AS {name}(n)"
    steps = f"SELECT 1 AS n UNION ALL SELECT n + 1 FROM steps WHERE n < {number}"
    return f"(WITH RECURSIVE steps(n) AS ({steps}) SELECT n FROM steps) AS {name}"


def _analyse(instance: Instance) -> None:
    """As autovacuum, or the nightly ``PRAGMA optimize``, would have done long before the day."""
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
