"""The hot path through WSGI: what is stored, what is answered, each refusal with its code."""

from __future__ import annotations

import io
import json
import threading
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import Client

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.models import Deployment
from examapp.sittings.models import AnswerConflict, AnswerEvent, Sitting, SittingState
from examapp.sittings.save import Counted, HotPath
from examapp.sittings.store import BusyError, make_store
from examapp.sittings.token import HEADER, Signer
from tests.sittings.builders import hall
from tests.sittings.counting import CountingStore

WRITER = "writer-0001"


@pytest.fixture
def desk(app, build):
    """One running sitting, its token, and ways to send to the application in front of Flask."""
    place = hall(build)
    _account, candidate = place.candidate()
    sitting = place.sitting(candidate)
    signer = Signer(app.config["SETTINGS"].secret_key)
    token = signer.sign(sitting_id=sitting.id, lease=1, device="d" * 26, deadline_ms=sitting.deadline_ms)
    client = app.test_client()

    def send(*events, writer=WRITER, token=token, body=None, **extra):
        data = json.dumps({"writer": writer, "events": list(events), "epoch": "", **extra}) if body is None else body
        headers = {HEADER: token} if token is not None else {}
        return client.post("/sittings/save", data=data, headers=headers, content_type="application/json")

    return SimpleNamespace(place=place, sitting=sitting, signer=signer, token=token, send=send)


def stored(app) -> list[AnswerEvent]:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        order = (AnswerEvent.sitting_id, AnswerEvent.writer, AnswerEvent.seq)
        return list(session.scalars(select(AnswerEvent).order_by(*order)))


def ms(ago: int = 0) -> int:
    return clock.to_ms(clock.now()) - ago


def test_events_are_stored_and_acknowledged(app, desk):
    at = ms(500)
    answer = desk.send([1, 1, [2], at], [2, 3, [1, 4], at + 1], [3, 3, [], at + 2])
    told = answer.get_json()
    assert answer.status_code == 200
    assert told["ack"] == [1, 2, 3]
    assert told["lease"] == 1
    assert told["epoch"] == "epoch-of-tests"
    assert told["notices"] == []
    assert told["submitted"] is False
    assert abs(told["left_ms"] - (desk.sitting.deadline_ms - ms())) < 5000
    assert abs(told["now"] - ms()) < 5000
    rows = [(row.seq, row.slot, row.response, row.answered_ms, row.lease) for row in stored(app)]
    assert rows == [(1, 1, "[2]", at, 1), (2, 3, "[1,4]", at + 1, 1), (3, 3, "[]", at + 2, 1)]


def test_sending_again_changes_nothing(app, desk):
    at = ms()
    desk.send([1, 1, [2], at])
    answer = desk.send([1, 1, [2], at], [2, 2, [3], at])
    assert (answer.status_code, answer.get_json()["ack"]) == (200, [1, 2])
    assert desk.send([1, 1, [2], at], [2, 2, [3], at]).get_json()["ack"] == [1, 2]
    assert len(stored(app)) == 2


def test_the_same_number_with_other_content_is_refused_and_kept(app, desk):
    at = ms()
    desk.send([1, 1, [2], at])
    answer = desk.send([1, 1, [4], at], [2, 2, [1], at])
    assert answer.status_code == 409
    assert (answer.get_json()["ack"], answer.get_json()["conflicts"]) == ([2], [1])
    assert [row.response for row in stored(app)] == ["[2]", "[1]"]
    with app.app_context(), Session(db.engine) as session:
        kept = session.scalars(select(AnswerConflict)).one()
        assert (kept.writer, kept.seq, json.loads(kept.event)) == (WRITER, 1, [1, 1, "[4]", at])


def test_a_message_without_events_asks_how_things_stand(desk):
    answer = desk.send()
    assert (answer.status_code, answer.get_json()["ack"]) == (200, [])
    assert answer.get_json()["left_ms"] > 0


def test_after_the_deadline_events_are_still_stored(app, desk, build):
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, desk.sitting.id)
        row.deadline_ms, row.late_ms = ms(60_000), ms(30_000)
    answer = desk.send([1, 1, [2], ms(90_000)])
    assert (answer.status_code, answer.get_json()["left_ms"]) == (200, 0)
    assert len(stored(app)) == 1


def test_the_reply_tells_of_submission_lease_epoch_and_extension(app, desk):
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, desk.sitting.id)
        row.lease, row.state, row.submitted_ms = 2, SittingState.SUBMITTED, ms()
        row.notice = '{"id":7,"minutes":10,"reason":"Mất điện, 8 giờ"}'
        session.get_one(Deployment, 1).epoch = "restored"
    told = desk.send([1, 1, [2], ms()]).get_json()
    assert (told["lease"], told["submitted"], told["epoch"]) == (2, True, "restored")
    assert told["notices"] == [{"id": 7, "minutes": 10, "reason": "Mất điện, 8 giờ"}]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("", 400, "length"),
        ("{", 400, "body"),
        ("[]", 400, "body"),
        ('{"writer": "writer-0001"}', 400, "body"),
        ('{"writer": 1, "events": []}', 400, "writer"),
        ('{"writer": "short", "events": []}', 400, "writer"),
        ('{"writer": "with blank 01", "events": []}', 400, "writer"),
        ('{"writer": "writer-0001", "events": {}}', 400, "events"),
        ('{"writer": "writer-0001", "events": [[1, 1, [1]]]}', 400, "event"),
        ('{"writer": "writer-0001", "events": [[0, 1, [1], 5]]}', 400, "seq"),
        ('{"writer": "writer-0001", "events": [[100001, 1, [1], 5]]}', 400, "seq"),
        ('{"writer": "writer-0001", "events": [[true, 1, [1], 5]]}', 400, "seq"),
        ('{"writer": "writer-0001", "events": [[1, 0, [1], 5]]}', 400, "slot"),
        ('{"writer": "writer-0001", "events": [[1, 501, [1], 5]]}', 400, "slot"),
        ('{"writer": "writer-0001", "events": [[1, 1, "1", 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, 1, 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [-1], 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [1000], 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [1.5], 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [true], 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [null], 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [{"a": 1}], 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [[[[1]]]], 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [1, ["\\ud83d"]], 5]]}', 400, "response"),
        ('{"writer": "writer-0001", "events": [[1, 1, [1], -5]]}', 400, "answered"),
        ('{"writer": "writer-0001", "events": [[1, 1, [1], 5.5]]}', 400, "answered"),
        ('{"writer": "writer-0001", "events": [[1, 1, [1], 99999999999999999999]]}', 400, "answered"),
        ('{"writer": "writer-0001", "events": [[1, 1, [1], 5], [1, 1, [2], 5]]}', 400, "seq"),
        ("[" * 30_000, 400, "body"),
    ],
)
def test_a_message_that_is_wrong_is_refused_whole(app, desk, body, status, reason):
    answer = desk.send(body=body)
    assert (answer.status_code, answer.get_json()) == (status, {"error": reason})
    assert stored(app) == []


def test_texts_and_lists_are_stored_as_compact_json(app, desk):
    at = ms()
    sent = [[0, 2, 0], ["12,5"], [1, "UBND cấp xã", ""], [[1], [], [2, "a"]], [[[1, "x"], ["“Dòng”\n\u0000"]]], [[[]]]]
    answer = desk.send(*[[seq, seq, response, at] for seq, response in enumerate(sent, start=1)])
    assert (answer.status_code, answer.get_json()["ack"]) == (200, [1, 2, 3, 4, 5, 6])
    rows = stored(app)
    assert [json.loads(row.response) for row in rows] == sent
    assert [row.response for row in rows[1:4]] == ['["12,5"]', '[1,"UBND cấp xã",""]', '[[1],[],[2,"a"]]']
    assert desk.send([2, 2, ["12,5"], at]).get_json()["ack"] == [2]
    assert desk.send([2, 2, ["12.5"], at]).status_code == 409


def test_an_essay_of_the_longest_length_is_taken(app, desk):
    at = ms()
    assert desk.send([1, 1, ["ế\n" * 4000], at]).status_code == 200
    assert desk.send([2, 1, ["e" * 8001], at]).get_json() == {"error": "response"}
    assert desk.send([3, 1, [["e" * 8000], ["e" * 8000], ["e" * 400]], at]).get_json() == {"error": "response"}
    assert [json.loads(row.response) for row in stored(app)] == [["ế\n" * 4000]]


def test_sizes_are_limited(app, desk):
    at = ms()
    too_many = [[seq, 1, [1], at] for seq in range(1, 202)]
    assert desk.send(*too_many).status_code == 413
    assert desk.send(*too_many[:200]).status_code == 200
    assert desk.send(body="x" * (64 * 1024 + 1)).status_code == 413
    assert desk.send([900, 1, [1] * 8200, at]).get_json() == {"error": "response"}
    assert len(stored(app)) == 200


def test_the_token_is_the_authority(app, desk):
    at = ms()
    forged = desk.token[:-1] + ("A" if desk.token[-1] != "A" else "B")
    raised = desk.token.replace(".1.", ".2.", 1)
    for token in (None, "", "x", forged, raised, desk.token + "é"):
        assert desk.send([1, 1, [1], at], token=token).status_code == 401, token
    old = desk.signer.sign(sitting_id=desk.sitting.id, lease=1, device="d", deadline_ms=ms(25 * 3600 * 1000))
    assert desk.send([1, 1, [1], at], token=old).get_json() == {"error": "expired"}
    assert desk.send([1, 1, [1], at], token=old).status_code == 403
    young = desk.signer.sign(sitting_id=desk.sitting.id, lease=1, device="d", deadline_ms=ms(23 * 3600 * 1000))
    assert desk.send([1, 1, [1], at], token=young).status_code == 200
    other = Signer("another secret key").sign(sitting_id=desk.sitting.id, lease=1, device="d", deadline_ms=at)
    assert desk.send([2, 1, [1], at], token=other).status_code == 401
    assert len(stored(app)) == 1


def test_an_unknown_sitting_is_not_found(desk):
    nobody = desk.signer.sign(sitting_id=999_999, lease=1, device="d", deadline_ms=ms())
    assert desk.send([1, 1, [1], ms()], token=nobody).status_code == 404
    assert desk.send(token=nobody).status_code == 404


def test_only_posts_are_taken(app):
    assert app.test_client().get("/sittings/save").status_code == 405


def test_a_busy_database_asks_to_come_again(app, desk):
    class Busy:
        def run(self, sql, values):
            raise BusyError

    client = Client(HotPath(app.wsgi_app, store=Busy(), signer=desk.signer))
    answer = client.post(
        "/sittings/save", data=json.dumps({"writer": WRITER, "events": []}), headers={HEADER: desk.token}
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")


def test_a_save_is_one_statement(app, desk):
    store = CountingStore(make_store(app.config["SETTINGS"].database_url))
    client = Client(HotPath(app.wsgi_app, store=store, signer=desk.signer))
    body = json.dumps({"writer": WRITER, "events": [[1, 1, [1], ms()], [2, 2, [1], ms()]]})
    assert client.post("/sittings/save", data=body, headers={HEADER: desk.token}).status_code == 200
    assert len(store.asked) == 1
    assert len(stored(app)) == 2  # seen from another connection: it has been committed
    assert client.post("/sittings/save", data=body, headers={HEADER: desk.token}).get_json()["ack"] == [1, 2]
    assert len(store.asked) == 4  # what came before: facts and contents are looked up


def test_a_broken_line_is_made_anew(app, desk):
    store = make_store(app.config["SETTINGS"].database_url)
    assert store.run("SELECT 1", []) == [(1,)]
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # a file has no line that breaks
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'save' AND datname = current_database()"
            )
    time.sleep(0.1)
    assert store.run("SELECT 1", []) == [(1,)]


def test_many_devices_save_at_once(app, build):
    """Forty devices with ten messages each, every second one sent twice: all acknowledged, all there, none double."""
    place = hall(build)
    signer = Signer(app.config["SETTINGS"].secret_key)
    sittings = [place.sitting(place.candidate(f"Người Mẫu {n}")[1]) for n in range(8)]
    failures: list[object] = []

    def device(number: int) -> None:
        sitting = sittings[number % len(sittings)]
        token = signer.sign(sitting_id=sitting.id, lease=1, device="d", deadline_ms=sitting.deadline_ms)
        client = app.test_client()
        for seq in range(1, 11):
            body = json.dumps({"writer": f"device-{number:04d}", "events": [[seq, seq, [1 + seq % 4], ms()]]})
            for _again in range(1 + seq % 2):
                answer = client.post("/sittings/save", data=body, headers={HEADER: token})
                if answer.status_code != 200 or answer.get_json()["ack"] != [seq]:
                    failures.append((number, seq, answer.status_code))

    threads = [threading.Thread(target=device, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context(), Session(db.engine) as session:
        assert session.scalar(select(func.count()).select_from(AnswerEvent)) == 400


class SlowBody(io.BytesIO):
    """A body that arrives whole, but only after a while: the clock has gone on meanwhile."""

    def __init__(self, data: bytes, machine) -> None:
        super().__init__(data)
        self._machine = machine

    def read(self, size: int | None = -1) -> bytes:
        self._machine.shift(600)
        return super().read(size)


def test_an_answer_arrives_when_all_of_it_is_here(app, desk, time_machine):
    """Headers sent in time keep no door open for a body that is written later."""
    began = ms()
    time_machine.move_to(clock.from_ms(began), tick=False)
    body = json.dumps({"writer": WRITER, "events": [[1, 1, [2], began]]}).encode()
    environ = {"wsgi.input": SlowBody(body, time_machine), "CONTENT_LENGTH": str(len(body))}
    answer = app.test_client().post("/sittings/save", headers={HEADER: desk.token}, environ_overrides=environ)
    assert answer.status_code == 200
    assert stored(app)[0].received_ms == began + 600_000


def test_a_page_gone_mad_is_stopped_and_loses_nothing_of_what_was_stored(app, desk):
    signer = desk.signer
    path = HotPath(app, store=make_store(app.config["SETTINGS"].database_url), signer=signer)
    path._counted = Counted(most=3)
    client = Client(path)

    def send(*seqs):
        body = json.dumps({"writer": WRITER, "events": [[seq, 1, [1], ms()] for seq in seqs]})
        return client.post("/sittings/save", data=body, headers={HEADER: desk.token})

    assert send(1, 2).status_code == 200
    assert send(1, 2).status_code == 409  # other moments under the same numbers: nothing new is counted
    assert send(3).status_code == 200
    refused = send(4)
    assert (refused.status_code, refused.json) == (413, {"error": "many"})
    assert [row.seq for row in stored(app)] == [1, 2, 3]
