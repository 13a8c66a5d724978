"""How often the hot path asks the database, and how: the numbers are promises, the plans use keys."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from examapp.core import clock
from examapp.core.db import Base, db, unit_of_work
from examapp.organisation.models import Official
from examapp.rounds.models import Candidate
from examapp.sittings import store as storing
from examapp.sittings.models import AnswerEvent, Sitting
from examapp.sittings.save import Batch, save
from examapp.sittings.settle import settle, settle_due
from examapp.sittings.store import PostgresStore, SqliteStore, make_store
from examapp.sittings.token import Signer, Token
from tests.sittings.builders import hall
from tests.sittings.hot_path import GROWING, Asked, Road, asked, explain, scans

ON_POSTGRESQL = bool(os.environ.get("TEST_DATABASE_URL"))
MOST = {"start": 7, "page": 6, "submit": 7, "receipt": 4}
"""Statements of each act, the account of the session with its grants among them."""


@pytest.fixture
def place(build):
    return hall(build, count=12)


def token_for(app, sitting_id: int, *, lease: int = 1) -> str:
    with app.app_context(), Session(db.engine) as session:
        sitting = session.get_one(Sitting, sitting_id)
        signer = Signer(app.config["SETTINGS"].secret_key)
        return signer.sign(sitting_id=sitting.id, lease=lease, device="d" * 26, deadline_ms=sitting.deadline_ms)


def walk(app, reader, place) -> dict[str, list[Asked]]:
    """The whole road of a new candidate, with the statements of each act."""
    account, candidate = place.candidate()
    road = Road(app, reader, account, candidate.id)
    acts = {"start": road.start(), "page": road.page()}
    with app.app_context(), Session(db.engine) as session:
        sitting_id = session.scalars(select(Sitting.id).where(Sitting.candidate_id == candidate.id)).one()
    token = token_for(app, sitting_id)
    acts["save"] = road.save(1, token=token)
    acts["batch"] = road.save(*range(1, 11), token=token)
    acts["contact"] = road.save(token=token)
    moved = token_for(app, sitting_id, lease=2)  # of a page that took the sitting over
    acts["moved"] = road.save(11, token=moved)
    acts["moved contact"] = road.save(token=moved)
    acts["submit"] = road.submit(1, 2, token=token)
    acts["receipt"] = road.receipt()
    return acts


def crowd_of_events(app, build, place, *, sittings: int, each: int) -> None:
    """Other people's sittings with their answers."""
    for _ in range(sittings):
        sitting = place.sitting(place.candidate()[1])
        rows = [
            {
                "sitting_id": sitting.id,
                "writer": f"writer-{number % 3:04d}",
                "seq": number + 1,
                "lease": 1,
                "slot": number % 12 + 1,
                "response": "[1]",
                "answered_ms": sitting.started_ms + number,
                "received_ms": sitting.started_ms + number,
            }
            for number in range(each)
        ]
        with app.app_context(), unit_of_work() as session:
            session.bulk_insert_mappings(AnswerEvent, rows)


def many_that_ended(app, number: int) -> None:
    """Settled sittings of as many other people, so that the planner knows what finding the open one is worth."""

    def copied(session: Session, kind: type[Base], **changed: Callable[[int], object]) -> None:
        model = session.scalars(select(kind).order_by(kind.id)).first()
        columns = {column.key: getattr(model, column.key) for column in kind.__table__.columns}
        rows = [columns | {key: make(at) for key, make in changed.items()} for at in range(number)]
        session.execute(insert(kind), rows)

    beyond = 10_000
    with app.app_context(), unit_of_work() as session:
        copied(session, Official, id=lambda at: beyond + at, staff_code=lambda at: f"AN{at:05d}")
        ids = {"id": lambda at: beyond + at, "official_id": lambda at: beyond + at}
        copied(session, Candidate, number=lambda at: f"AN{at:05d}", **ids)
        ids = {"id": lambda at: beyond + at, "candidate_id": lambda at: beyond + at}
        model = session.scalars(select(Sitting)).first()
        settle(model, now=clock.from_ms(model.late_ms) + timedelta(days=1))
        session.flush()
        copied(session, Sitting, ref=lambda at: f"{at:026d}", receipt=lambda at: f"{at:05d}", **ids)
    with app.app_context(), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE sittings")


def numbers(acts: dict[str, list[Asked]]) -> dict[str, int]:
    """Without those that read questions: a process that has read them before does not ask."""
    return {act: len([one for one in sent if "question_versions" not in one.sql]) for act, sent in acts.items()}


def test_each_act_takes_a_bounded_number_of_statements(app, place, reader):
    acts = walk(app, reader, place)
    for act in ("save", "batch", "contact", "moved", "moved contact"):
        assert len(acts[act]) == 1, acts[act]
    for act, most in MOST.items():
        assert len(acts[act]) <= most, (act, [one.sql for one in acts[act]])


def test_neither_questions_nor_stored_answers_add_statements(app, build, reader):
    acts = walk(app, reader, hall(build, count=4))
    place = hall(build, count=40, code="Q5-2026")
    crowd_of_events(app, build, place, sittings=3, each=200)
    more = walk(app, reader, place)
    assert numbers(more) == numbers(acts)
    for sent in (*acts.values(), *more.values()):
        assert len([one for one in sent if "question_versions" in one.sql]) <= 1


def test_the_answer_of_a_save_is_in_the_statement_that_stores(app, place, reader):
    """Acknowledgement, time left, lease, notice, epoch: nothing is asked besides."""
    (one,) = walk(app, reader, place)["save"]
    for told in ("INSERT INTO answer_events", "RETURNING", "deadline_ms", "lease", "notice", "epoch"):
        assert told in one.sql


@pytest.fixture
def desk(app, place):
    """A running sitting and a store of this thread."""
    sitting = place.sitting(place.candidate()[1])
    token = Token(sitting.id, 1, 2**40, "d" * 26)
    now = clock.to_ms(clock.now())
    store = make_store(app.config["SETTINGS"].database_url)
    save(store, token, Batch("writer-0000", {1: (1, "[1]", now)}), now)  # opens the connection, prepares the statement

    def again(writer: str) -> None:
        outcome = save(store, token, Batch(writer, {1: (2, "[1]", now), 2: (3, "[1]", now)}), now)
        assert outcome.acknowledged == [1, 2]

    return SimpleNamespace(store=store, save=again)


# As the drivers see it, below everything of ours.


@pytest.mark.skipif(ON_POSTGRESQL, reason="of SQLite")
def test_on_the_wire_of_sqlite_a_save_is_one_statement_and_its_commit(desk):
    assert isinstance(desk.store, SqliteStore)
    connection: sqlite3.Connection = desk.store._line.own()
    sent: list[str] = []
    connection.set_trace_callback(sent.append)
    desk.save("writer-0001")
    connection.set_trace_callback(None)
    # sub-statements of triggers and keys are traced as comments
    told = [sql for sql in sent if not sql.startswith("--")]
    assert len(told) == 1, told
    assert told[0].startswith("INSERT INTO answer_events")
    assert not connection.in_transaction, "autocommit: the statement was its own transaction"


@pytest.mark.skipif(not ON_POSTGRESQL, reason="of PostgreSQL")
def test_on_the_wire_of_postgresql_a_save_is_one_statement_and_its_commit(desk):
    assert isinstance(desk.store, PostgresStore)
    for number in range(6):
        desk.save(f"writer-1{number:03d}")  # from its first use on it is prepared
    connection = desk.store._line.own()
    with tempfile.TemporaryFile() as trace:
        connection.pgconn.trace(trace.fileno())
        desk.save("writer-2000")
        connection.pgconn.untrace()
        trace.seek(0)
        told = [line.split("\t") for line in trace.read().decode().splitlines()]
    names = [(fields[1], fields[3]) for fields in told if len(fields) > 3]
    asked_of_it = [name for side, name in names if side == "F"]
    assert [name for name in asked_of_it if name in {"Execute", "Query"}] == ["Execute"]
    assert "Parse" not in asked_of_it, "it was prepared before"
    assert asked_of_it.count("Sync") == 1, "one round trip"
    ready = [fields for fields in told if len(fields) > 3 and fields[3] == "ReadyForQuery"]
    assert [fields[-1].strip() for fields in ready] == ["I"], (
        "committed when the answer is there: no transaction is open"
    )


AS_IF_LONG = "UPDATE pg_class SET relpages = 1, reltuples = 1000000 WHERE relname = ANY(%s)"
"""What the planner is told until the transaction is rolled back; else it depends on when statistics were last taken."""


@pytest.fixture
def with_keys(app) -> Callable[[Asked], list[str]]:
    """The scans of a statement where the database takes a key whenever there is one: tables of tests are so short that
    reading them from end to end is quicker."""

    def look(one: Asked) -> list[str]:
        with app.app_context(), db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                connection.exec_driver_sql(AS_IF_LONG, (list(GROWING),))
            found = scans(connection, one)
            connection.rollback()
        return found

    return look


def test_every_plan_finds_its_rows_by_keys(app, build, place, reader, with_keys):
    crowd_of_events(app, build, place, sittings=2, each=50)
    acts = walk(app, reader, place)
    acts["conflict"] = [Asked(_in_driver_style(app, storing.CONFLICT_SQL), (1, "w", 1, "[]", 1, 1))]
    acts["repeated"] = [Asked(_in_driver_style(app, storing.stored_sql(2)), (1, "w", 1, 2))]
    found = {(act, one.sql): read for act, sent in acts.items() for one in sent if (read := with_keys(one))}
    assert not found


def _in_driver_style(app, sql: str) -> str:
    return sql if app.config["SETTINGS"].is_sqlite else sql.replace("?", "%s")


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("SELECT count(*) FROM answer_events", ["answer_events"]),
        ("SELECT s.id FROM sittings AS s WHERE s.receipt = 'x'", ["sittings"]),
        ("SELECT id FROM sittings WHERE id = 1", []),
        ("SELECT seq FROM answer_events WHERE sitting_id = 1", []),
        ("SELECT epoch FROM deployment", []),
    ],
)
def test_a_scan_is_noticed(app, build, place, with_keys, sql, read):
    assert with_keys(Asked(sql, ())) == read


def test_the_keys_of_a_save_are_primary_keys(app, place, reader):
    """On the connection's own terms: where rows go and what the reply tells are found by primary keys alone."""
    (one,) = walk(app, reader, place)["save"]
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(explain(connection, one))
        connection.rollback()
    expected = r"pk_sittings" if ON_POSTGRESQL else r"SEARCH sittings USING INTEGER PRIMARY KEY"
    assert re.search(expected, plan), plan


def test_settling_what_is_due_goes_by_a_key(app, build, place, with_keys):
    crowd_of_events(app, build, place, sittings=1, each=5)
    many_that_ended(app, 500)
    crowd_of_events(app, build, place, sittings=1, each=5)
    with app.app_context(), asked(app) as sent, unit_of_work():
        assert settle_due(clock.now()) == 0
    assert [with_keys(one) for one in sent] == [[]]
