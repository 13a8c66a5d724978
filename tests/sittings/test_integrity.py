"""Pages left and second devices: off unless a round names its basis, read by few, gone in time, never in a mark."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.rounds.models import BoardMember, BoardRole, ExamRound, RoundState
from examapp.sittings import integrity
from examapp.sittings.models import IntegrityEvent, IntegrityKind
from examapp.sittings.services import responses_of, take_over
from examapp.sittings.token import HEADER
from tests.sittings.builders import hall

BASIS = "12/QĐ-UBND (mẫu)"
WRITER = "w" * 16
URL = "/sittings/integrity"


def token(app, sitting):
    signer = app.extensions["sitting_signer"]
    return signer.sign(sitting_id=sitting.id, lease=sitting.lease, device="0" * 26, deadline_ms=sitting.deadline_ms)


def send(app, sitting, *events, key=None, writer=WRITER):
    body = json.dumps({"writer": writer, "events": events})
    headers = {HEADER: key or token(app, sitting), "Content-Type": "application/json"}
    return app.test_client().post(URL, data=body, headers=headers)


def stored(app):
    with app.app_context():
        return db.session.scalars(select(IntegrityEvent).order_by(IntegrityEvent.writer, IntegrityEvent.seq)).all()


@pytest.fixture
def place(build):
    return hall(build, integrity_basis=BASIS)


def now_ms():
    return clock.to_ms(clock.now())


def test_what_the_page_reports_is_kept_once(app, place):
    sitting = place.sitting(place.candidate()[1])
    events = [[1, "left", now_ms()], [2, "returned", now_ms() + 5]]
    assert send(app, sitting, *events).json == {"ack": [1, 2], "stored": 2}
    assert send(app, sitting, *events).json == {"ack": [1, 2], "stored": 0}
    assert [(row.seq, row.kind) for row in stored(app)] == [(1, IntegrityKind.LEFT), (2, IntegrityKind.RETURNED)]


def test_a_round_that_names_no_basis_records_nothing(app, build):
    place = hall(build)
    _account, candidate = place.candidate()
    sitting = place.sitting(candidate)
    assert send(app, sitting, [1, "left", now_ms()]).status_code == 404
    with app.app_context(), unit_of_work() as session:
        take_over(session.merge(sitting), shown=1, device="1" * 26, now=clock.now())
    assert stored(app) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "body"),
        ("[]", "body"),
        ('{"writer": "x", "events": []}', "writer"),
        (json.dumps({"writer": WRITER, "events": [[1, "left", 1]] * 101}), "events"),
        (json.dumps({"writer": WRITER, "events": [[1, "left"]]}), "event"),
        (json.dumps({"writer": WRITER, "events": [[0, "left", 1]]}), "event"),
        (json.dumps({"writer": WRITER, "events": [[1, "second_device", 1]]}), "event"),
        (json.dumps({"writer": WRITER, "events": [[1, "left", -1]]}), "event"),
    ],
)
def test_a_message_that_is_none_is_refused(app, place, body, reason):
    sitting = place.sitting(place.candidate()[1])
    answer = app.test_client().post(URL, data=body, headers={HEADER: token(app, sitting)})
    assert (answer.status_code, answer.json) == (400, {"error": reason})
    assert stored(app) == []


def test_a_forged_token_and_a_long_message_are_refused(app, place):
    sitting = place.sitting(place.candidate()[1])
    assert send(app, sitting, [1, "left", 1], key="1.1.1.x." + "A" * 43).status_code == 401
    answer = app.test_client().post(URL, data="x" * 20_000, headers={HEADER: token(app, sitting)})
    assert (answer.status_code, answer.json) == (413, {"error": "body"})


def test_a_page_left_again_and_again_is_kept_so_often_only(app, place):
    sitting = place.sitting(place.candidate()[1])
    for start in range(1, 601, 100):
        send(app, sitting, *([seq, "left", now_ms()] for seq in range(start, start + 100)))
    assert len(stored(app)) == integrity.MOST


def test_a_second_device_is_recorded_and_changes_no_answer(app, place):
    sitting = place.sitting(place.candidate()[1])
    with app.app_context(), unit_of_work() as session:
        moved = take_over(session.merge(sitting), shown=1, device="1" * 26, now=clock.now())
        assert responses_of(moved) == {}
    assert [row.kind for row in stored(app)] == [IntegrityKind.SECOND_DEVICE]


def test_only_the_chair_and_inspectors_read_it_and_that_is_logged(app, build, place, reader):
    account, candidate = place.candidate("Trần Thị Rời Trang")
    send(app, place.sitting(candidate), [1, "left", now_ms()])
    url = f"/invigilation/{place.round.code}/integrity"
    chair = build.account(build.official("Chủ tịch (mẫu)"))
    invigilator = build.account(build.official("Giám thị (mẫu)"))
    build.save(BoardMember(round_id=place.round.id, account_id=chair.id, role=BoardRole.CHAIR))
    build.save(BoardMember(round_id=place.round.id, account_id=invigilator.id, role=BoardRole.INVIGILATOR))
    for nobody in (invigilator, account, place.organiser()):
        reader(nobody).open(url, status=404)
    for somebody in (chair, build.account(None, Role.INSPECTOR)):
        page = reader(somebody).open(url)
        assert "Trần Thị Rời Trang" in page.text
        assert BASIS in page.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(AuditEvent.action == "integrity.read")) == 2


def test_the_candidate_is_told_before_the_start(build, place, reader):
    account, candidate = place.candidate()
    page = reader(account).open(f"/sittings/enter/{candidate.id}")
    assert BASIS in page.text
    assert "không ghi việc chuyển cửa sổ" not in page.text


def test_it_is_deleted_when_its_time_is_over(app, build, place, time_machine):
    send(app, place.sitting(place.candidate()[1]), [1, "left", now_ms()])
    closed = clock.now()
    with app.app_context(), unit_of_work() as session:
        exam_round = session.get_one(ExamRound, place.round.id)
        exam_round.state, exam_round.closed_at = RoundState.CLOSED, closed
    for days, left in ((29, 1), (31, 0)):
        with app.app_context(), unit_of_work():
            integrity.delete_expired(closed + timedelta(days=days))
        assert len(stored(app)) == left


def test_a_round_still_open_keeps_it(app, place):
    send(app, place.sitting(place.candidate()[1]), [1, "left", now_ms()])
    with app.app_context(), unit_of_work():
        assert integrity.delete_expired(clock.now() + timedelta(days=300)) == 0
    assert len(stored(app)) == 1
