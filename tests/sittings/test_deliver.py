"""What comes later from a device: stored once, under its own lease, by the rules of saving; refusals by their words."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Invalid
from examapp.sittings.deliver_routes import MAX_DELIVERY
from examapp.sittings.deliveries import MAX_FILE, code_of, open_logs, read_file, take
from examapp.sittings.events import events_of, facts_of
from examapp.sittings.models import (
    AnswerConflict,
    AnswerEvent,
    Delivery,
    DeliveryWay,
    Sitting,
    SittingLease,
    SittingState,
    UnsentCode,
)
from examapp.sittings.settle import read_record, settle
from examapp.sittings.standing import Standing, standings
from tests.sittings.builders import hall
from tests.sittings.outboxes import emergency_file, seal, sealed_log

HOUR = 3_600_000


@pytest.fixture
def desk(app, build):
    """A running sitting, and ways to deliver to it as nobody in particular."""
    place = hall(build)
    _account, candidate = place.candidate()
    sitting = place.sitting(candidate)
    client = app.test_client()

    def send(*logs, ref=sitting.ref, body=None, **extra):
        data = json.dumps({"ref": ref, "logs": list(logs), **extra}) if body is None else body
        return client.post("/sittings/deliver", data=data, content_type="application/json")

    def log(*events, **options):
        return sealed_log(app, sitting.ref, events, **options)

    return SimpleNamespace(place=place, sitting=sitting, client=client, send=send, log=log)


def rows(app, model: Any) -> list[Any]:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(model).order_by(*inspect(model).primary_key)))


def change(app, sitting: Sitting, **columns: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, sitting.id)
        for name, value in columns.items():
            setattr(row, name, value)


def ms(ago: int = 0) -> int:
    return clock.to_ms(clock.now()) - ago


def test_what_is_left_on_a_device_is_stored_and_acknowledged(app, desk):
    at = ms(60_000)
    answer = desk.send(
        desk.log([1, 1, [2], at, 1], [2, 2, [3], at + 1, 0]), desk.log([1, 3, ["x"], at, 0], writer="writer-0002")
    )
    told = answer.get_json()
    assert answer.status_code == 200
    assert told["ack"] == {"writer-0001": [1, 2], "writer-0002": [1]}
    assert told["submitted"] is False
    assert abs(told["left_ms"] - (desk.sitting.deadline_ms - ms())) < 5000
    assert "refused" not in told
    found = {(row.writer, row.seq, row.lease, row.slot, row.response) for row in rows(app, AnswerEvent)}
    assert found == {
        ("writer-0001", 1, 1, 1, "[2]"),
        ("writer-0001", 2, 1, 2, "[3]"),
        ("writer-0002", 1, 1, 3, '["x"]'),
    }
    (delivery,) = rows(app, Delivery)
    assert (delivery.way, delivery.events, delivery.stored, delivery.by_id) == (DeliveryWay.LEFTOVER, 3, 3, None)
    assert (len(delivery.code), delivery.matched) == (11, False)


def test_the_same_again_stores_nothing(app, desk):
    log = desk.log([1, 1, [2], ms(), 0])
    first, again = desk.send(log), desk.send(log)
    assert first.get_json()["ack"] == again.get_json()["ack"] == {"writer-0001": [1]}
    assert len(rows(app, AnswerEvent)) == len(rows(app, Delivery)) == 1


def test_a_device_that_repeats_what_was_acknowledged_leaves_no_delivery(app, desk):
    log = desk.log([1, 1, [2], ms(), 1])
    desk.send(log)
    with app.app_context(), unit_of_work() as session:
        session.delete(session.scalars(select(Delivery)).one())
    assert desk.send(log).status_code == 200
    assert rows(app, Delivery) == []


def test_more_than_a_message_of_saving_holds_comes_at_once(app, desk):
    events = [[seq, 1 + seq % 4, [1 + seq % 3], ms(), 0] for seq in range(1, 462)]
    assert len(desk.send(desk.log(*events)).get_json()["ack"]["writer-0001"]) == 461
    assert len(rows(app, AnswerEvent)) == 461


def test_each_log_stands_under_its_own_lease(app, desk, build):
    taken = ms(30_000)
    build.save(SittingLease(sitting_id=desk.sitting.id, number=2, device="b" * 26, taken_ms=taken))
    change(app, desk.sitting, lease=2)
    desk.send(
        desk.log([1, 1, [2], taken - 5000, 0], [2, 2, [2], taken - 5000, 0]),
        desk.log([1, 1, [3], taken + 5000, 0], writer="writer-0002", lease=2),
    )
    with app.app_context():
        sitting = db.session.get_one(Sitting, desk.sitting.id)
        found = {
            (p.event.lease, p.event.slot): verdict for p, verdict in standings(events_of(sitting), facts_of(sitting))
        }
    assert found == {(1, 1): Standing.EVIDENCE, (1, 2): Standing.FLAGGED, (2, 1): Standing.COUNTS}


@pytest.mark.parametrize("state", [SittingState.SETTLED, SittingState.STOPPED])
def test_after_the_end_it_is_kept_and_changes_nothing(app, desk, state):
    desk.send(desk.log([1, 1, [1], ms(60_000), 1]))
    change(app, desk.sitting, deadline_ms=ms(20 * 60_000) + 1, started_ms=ms(HOUR), late_ms=ms(10 * 60_000))
    if state is SittingState.STOPPED:
        change(app, desk.sitting, state=state)
    else:
        with app.app_context(), unit_of_work() as session:
            assert settle(session.get_one(Sitting, desk.sitting.id), now=clock.now())
    (before,) = rows(app, Sitting)
    told = desk.send(desk.log([1, 1, [2], ms(30 * 60_000), 0], writer="writer-0002")).get_json()
    (after,) = rows(app, Sitting)
    assert told["ack"] == {"writer-0002": [1]}
    assert (told["left_ms"], told["submitted"]) == (0, state is SittingState.SETTLED)
    assert (after.record, after.digest, after.receipt, after.state) == (
        before.record,
        before.digest,
        before.receipt,
        state,
    )
    with app.app_context():
        sitting = db.session.get_one(Sitting, desk.sitting.id)
        late = [v for p, v in standings(events_of(sitting), facts_of(sitting)) if p.event.writer == "writer-0002"]
        assert late == [Standing.NEEDS_DECISION]
        assert bool(read_record(sitting)) is (state is SittingState.SETTLED)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_noted_code_vouches_for_what_was_unsent_and_for_nothing_else(app, desk, build, arrived):
    """What the log calls sent and never was is no part of the code, and takes its word away."""
    sent = [1, 1, [2], ms(), 1]
    if arrived:
        desk.send(desk.log(sent))
    logs = [
        desk.log(sent, [2, 2, ["Ý"], ms(), 0]),
        desk.log([4, 3, [[1], [], ["12,5"]], ms(), 0], writer="writer-0002"),
    ]
    with app.app_context():
        code = code_of(desk.sitting.ref, open_logs(desk.sitting.ref, logs))
    by = desk.place.organiser()
    build.save(UnsentCode(sitting_id=desk.sitting.id, code=code, by_id=by.id, noted_ms=ms()))
    desk.send(*reversed(logs))
    delivery = rows(app, Delivery)[-1]
    assert (delivery.code, delivery.matched) == (code, arrived)


def test_other_content_under_a_known_number_is_kept_once_as_evidence(app, desk):
    at = ms()
    desk.send(desk.log([1, 1, [2], at, 0]))
    other = desk.log([1, 1, [3], at, 0], [2, 2, [1], at, 0])
    for _again in range(2):
        assert desk.send(other).get_json()["ack"] == {"writer-0001": [1, 2]}
    assert sorted(row.response for row in rows(app, AnswerEvent)) == ["[1]", "[2]"]
    (kept,) = rows(app, AnswerConflict)
    assert (kept.seq, json.loads(kept.event)) == (1, [1, 1, "[3]", at])


def test_what_breaks_a_rule_is_named_and_the_rest_is_stored(app, desk):
    told = desk.send(desk.log([1, 1, [2], ms(), 0], [2, 900, [2], ms(), 0])).get_json()
    assert told["ack"] == {"writer-0001": [1]}
    assert told["refused"] == {"writer-0001": [[2, "slot"]]}
    assert len(rows(app, AnswerEvent)) == 1


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("", 400, "body"),
        ("{", 400, "body"),
        ("[]", 400, "body"),
        ('{"ref": "x"}', 400, "body"),
        ('{"ref": 1, "logs": []}', 400, "body"),
        ('{"ref": "a\\u0000b", "logs": []}', 400, "body"),
        ('{"ref": "unknown", "logs": []}', 404, "sitting"),
        ("[" * 100_000, 400, "body"),
        (b"\xff\xfe", 400, "body"),
        (" " * (MAX_DELIVERY + 1), 413, "body"),
    ],
)
def test_what_is_no_delivery_is_refused(app, desk, body, status: int, reason: str):
    answer = desk.send(body=body)
    assert (answer.status_code, answer.get_json()) == (status, {"error": reason})
    assert rows(app, AnswerEvent) == []


def test_logs_that_cannot_be_taken_are_named_and_none_is_stored(app, desk):
    good = desk.log([1, 1, [2], ms(), 0], writer="writer-0002")
    with app.app_context():
        not_events = seal(b"k" * 32, desk.sitting.ref, b"{}")
    cases: list[tuple[list[Any], int, dict[str, str]]] = [
        ([], 400, {"error": "logs"}),
        ([good] * 51, 400, {"error": "logs"}),
        ([good, 7], 400, {"error": "log", "writer": ""}),
        ([good, good], 400, {"error": "log", "writer": "writer-0002"}),
        ([good, desk.log(lease=1) | {"lease": 2}], 403, {"error": "seal", "writer": "writer-0001"}),
        ([good, not_events], 403, {"error": "seal", "writer": "writer-0001"}),
    ]
    for logs, status, told in cases:
        answer = desk.send(*logs)
        assert (answer.status_code, answer.get_json()) == (status, told)
    assert desk.send(body=json.dumps({"ref": desk.sitting.ref, "logs": {}})).get_json() == {"error": "logs"}
    assert rows(app, AnswerEvent) == rows(app, Delivery) == []


def test_another_persons_log_is_not_taken(app, desk):
    other = desk.place.sitting(desk.place.candidate("Người Mẫu Hai")[1])
    log = sealed_log(app, other.ref, [[1, 1, [2], ms(), 0]])
    assert desk.send(log).get_json() == {"error": "seal", "writer": "writer-0001"}
    assert desk.send(log, ref=other.ref).status_code == 200
    assert [row.sitting_id for row in rows(app, AnswerEvent)] == [other.id]


def test_a_day_after_the_deadline_a_device_is_too_late_and_a_file_is_not(app, desk):
    log = desk.log([1, 1, [2], ms(30 * HOUR), 0])
    late = desk.log([1, 2, [2], ms(30 * HOUR), 0], writer="writer-0002")
    change(app, desk.sitting, started_ms=ms(30 * HOUR), deadline_ms=ms(24 * HOUR) + 60_000, late_ms=ms(23 * HOUR))
    assert desk.send(log).status_code == 200
    change(app, desk.sitting, deadline_ms=ms(24 * HOUR) - 60_000)
    answer = desk.send(late)
    assert (answer.status_code, answer.get_json()) == (403, {"error": "expired"})
    assert len(rows(app, AnswerEvent)) == 1
    by = desk.place.organiser()
    with app.app_context(), unit_of_work() as session:
        sitting = session.get_one(Sitting, desk.sitting.id)
        ref, _code, logs = read_file(emergency_file(sitting.ref, [late]), ref=sitting.ref)
        for _again in range(2):
            delivery = take(sitting, logs, way=DeliveryWay.FILE, by=by, now=clock.now())
        assert (ref, delivery.stored, delivery.by_id) == (sitting.ref, 1, by.id)
    with app.app_context(), Session(db.engine) as session:
        ways = session.execute(select(Delivery.way, func.count()).group_by(Delivery.way)).all()
    assert {way: count for way, count in ways} == {DeliveryWay.LEFTOVER: 1, DeliveryWay.FILE: 1}


def test_an_emergency_file_is_read_or_refused_in_exact_words(app, desk):
    ref = desk.sitting.ref
    log = desk.log([1, 1, [2], ms(), 0])
    with app.app_context():
        found, code, logs = read_file(emergency_file(ref, [log], code="ABCDE-12345"))
        assert (found, code, [one.writer for one in logs]) == (ref, "ABCDE-12345", ["writer-0001"])
        cases = [
            (b"x" * (MAX_FILE + 1), "lớn hơn 1 MB"),
            (b"{", "không đọc được"),
            (b"\x89PNG\xff", "không đọc được"),
            (b"[" * 100_000, "không đọc được"),
            (b"[]", "không phải tệp bài làm khẩn cấp"),
            (emergency_file(ref, [log], format="other"), "không phải tệp bài làm khẩn cấp"),
            (emergency_file(ref, [log], version=2), "không phải tệp bài làm khẩn cấp"),
            (emergency_file("other", [log]), "lượt làm bài khác"),
            (emergency_file(ref, [log | {"writer": "writer-0009"}]), "không khớp dấu niêm phong"),
            (emergency_file(ref, [log, log]), "không khớp dấu niêm phong"),
            (emergency_file(ref, []), "không khớp dấu niêm phong"),
            (
                b'{"format":"thuocdo-outbox","version":1,"code":"","ref":"%s"}' % ref.encode(),
                "không khớp dấu niêm phong",
            ),
        ]
        for data, words in cases:
            with pytest.raises(Invalid, match=words) as refusal:
                read_file(data, ref=ref)
            assert refusal.value.field == "file"
            assert refusal.value.advice
