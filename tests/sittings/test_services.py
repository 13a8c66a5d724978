"""Start, move, extend, submit, settle: each rule by itself, and what the database holds to."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from examapp.accounts.models import Account
from examapp.audit.models import AuditEvent
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid
from examapp.rounds.models import Candidate, CandidateState, RoundState, Shift
from examapp.sittings.models import (
    AnswerConflict,
    AnswerEvent,
    Extension,
    Sitting,
    SittingLease,
    SittingState,
)
from examapp.sittings.save import Batch
from examapp.sittings.services import extend, start_sitting, submit, take_over
from examapp.sittings.settle import MARGIN_MS, read_record, responses_of, settle, settle_due, short_code
from examapp.sittings.token import Token
from question_bank.question import digest
from tests.sittings.builders import hall
from tests.sittings.counting import statements

MINUTE = 60_000


def begin(app, candidate, *, now=None, device="a" * 26) -> Sitting:
    with app.app_context(), unit_of_work() as session:
        mine = session.get_one(Candidate, candidate.id)
        sitting = start_sitting(mine, now=now or clock.now(), device=device)
        session.flush()
        session.refresh(sitting)
        session.expunge(sitting)
        return sitting


def token_of(sitting: Sitting, lease: int = 1) -> Token:
    return Token(sitting.id, lease, 0, "a")


def answer(build, sitting: Sitting, slot: int, *chosen: int, at: int | None = None, came: int | None = None, **columns):
    at = at or clock.to_ms(clock.now())
    columns.setdefault("writer", "writer-0001")
    columns.setdefault("lease", 1)
    seq = columns.pop("seq", slot)
    build.save(
        AnswerEvent(
            sitting_id=sitting.id,
            seq=seq,
            slot=slot,
            response=json.dumps(list(chosen)),
            answered_ms=at,
            received_ms=came or at,
            **columns,
        )
    )


def test_a_sitting_that_moves_while_its_old_device_hands_in_stays_open(app, build):
    """The row was read before; on PostgreSQL another may have changed it since."""
    _account, candidate = hall(build).candidate()
    sitting = begin(app, candidate)
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, sitting.id)
        moved = update(Sitting).where(Sitting.id == sitting.id).values(lease=2)
        session.execute(moved.execution_options(synchronize_session=False))
        assert row.lease == 1
        with pytest.raises(Conflict, match="thiết bị khác"):
            submit(row, token=token_of(sitting), now=clock.now())
    assert build.get(Sitting, sitting.id).state is SittingState.STARTED


def test_the_deadline_is_the_allowance_or_the_end_of_the_shift(app, build):
    place = hall(build, hours=1)  # began ten minutes ago
    early = begin(app, place.candidate(extra_minutes=0)[1])
    assert early.deadline_ms - early.started_ms == 45 * MINUTE
    now = clock.now() + timedelta(minutes=30)
    late = begin(app, place.candidate("Lê Văn Mẫu")[1], now=now)
    assert late.deadline_ms == clock.to_ms(place.shift.ends_at)
    helped = begin(app, place.candidate("Phạm Thị Mẫu", extra_minutes=15)[1], now=now)
    assert helped.deadline_ms == clock.to_ms(place.shift.ends_at) + 15 * MINUTE
    assert helped.late_ms == helped.deadline_ms + 15 * MINUTE


def test_starting_twice_gives_the_same_sitting(app, build):
    _account, candidate = hall(build).candidate()
    assert begin(app, candidate).id == begin(app, candidate, device="b" * 26).id


def test_two_tabs_press_start_in_the_same_moment(app, build):
    _account, candidate = hall(build).candidate()
    found, gate = [], threading.Barrier(6)

    def press() -> None:
        gate.wait()
        found.append(begin(app, candidate).ref)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("state", "shift_in", "candidate", "said"),
    [
        (RoundState.OPEN, timedelta(hours=3), {}, "Chưa đến giờ thi: ca thi bắt đầu lúc"),
        (RoundState.OPEN, timedelta(hours=-3), {}, "Ca thi đã kết thúc lúc"),
        (RoundState.SEALED, timedelta(0), {}, "Kỳ thi chưa mở"),
        (RoundState.CLOSED, timedelta(0), {}, "Ca thi đã kết thúc"),
        (RoundState.OPEN, timedelta(0), {"state": CandidateState.EXCUSED, "reason": "Ốm"}, "không dự kỳ thi này (Ốm)"),
        (RoundState.OPEN, timedelta(0), {"shift_id": None}, "Chưa được xếp ca thi"),
        (RoundState.OPEN, timedelta(0), {"sealed": False}, "Chưa có đề thi đã niêm phong"),
    ],
)
def test_who_may_not_start_is_told_why(app, build, state, shift_in, candidate, said):
    place = hall(build, state=state, starts_at=clock.now() + shift_in)
    enrolled = place.enrol(build.official(), **candidate)
    with pytest.raises(Conflict) as error:
        begin(app, enrolled)
    assert said in error.value.message


def test_the_highest_paper_is_the_one_that_is_sat(app, build):
    from tests.sittings.builders import paper_row

    place = hall(build)
    _account, candidate = place.candidate()
    second = paper_row(candidate, place.layout, 30)
    second.number = 2
    build.save(second)
    sitting = begin(app, candidate)
    assert (sitting.paper_id, sitting.deadline_ms - sitting.started_ms) == (second.id, 30 * MINUTE)


def test_moving_to_another_device_raises_the_lease(app, build):
    _account, candidate = hall(build).candidate()
    sitting = begin(app, candidate)
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, sitting.id)
        assert take_over(row, shown=1, device="b" * 26, now=clock.now()).lease == 2
        assert take_over(row, shown=1, device="b" * 26, now=clock.now()).lease == 2, "the same device again"
    with app.app_context(), Session(db.engine) as session:
        leases = session.scalars(select(SittingLease).order_by(SittingLease.number)).all()
        assert [(lease.number, lease.device) for lease in leases] == [(1, "a" * 26), (2, "b" * 26)]
        assert session.scalars(select(AuditEvent.action)).all() == ["sitting.moved"]


def test_more_time_for_one_person(app, build):
    place = hall(build)
    boss = place.organiser()
    one, other = begin(app, place.candidate()[1]), begin(app, place.candidate("Lê Văn Mẫu")[1])
    with app.app_context(), unit_of_work() as session:
        by = session.get_one(Account, boss.id)
        extend(session.get_one(Sitting, one.id), minutes=10, reason="Đổi máy", by=by, now=clock.now())
    now = build.get(Sitting, one.id)
    assert (now.deadline_ms, now.late_ms) == (one.deadline_ms + 10 * MINUTE, one.late_ms + 10 * MINUTE)
    assert json.loads(now.notice) == {"id": 1, "minutes": 10, "reason": "Đổi máy"} | {
        "id": json.loads(now.notice)["id"]
    }
    assert build.get(Sitting, other.id).deadline_ms == other.deadline_ms


def test_every_extension_is_told(app, build):
    place = hall(build)
    boss = place.organiser()
    sitting = begin(app, place.candidate()[1])
    with app.app_context(), unit_of_work() as session:
        by = session.get_one(Account, boss.id)
        for target, minutes in ((session.get_one(Sitting, sitting.id), 3), (session.get_one(Shift, place.shift.id), 5)):
            extend(target, minutes=minutes, reason='Mất điện, "lần này"', by=by, now=clock.now())
    told = json.loads(f"[{build.get(Sitting, sitting.id).notice}]")
    assert [notice["minutes"] for notice in told] == [3, 5]
    assert told[0]["id"] < told[1]["id"]


def test_more_time_for_a_shift_reaches_running_and_later_sittings(app, build):
    place = hall(build)
    boss = place.organiser()
    running, done = begin(app, place.candidate()[1]), begin(app, place.candidate("Lê Văn Mẫu")[1])
    with app.app_context(), unit_of_work() as session:
        submit(session.get_one(Sitting, done.id), token=token_of(done), now=clock.now())
    with app.app_context(), unit_of_work() as session:
        by = session.get_one(Account, boss.id)
        shift = session.get_one(Shift, place.shift.id)
        assert extend(shift, minutes=20, reason="Mất điện", by=by, now=clock.now()) == 1
    assert build.get(Sitting, running.id).deadline_ms == running.deadline_ms + 20 * MINUTE
    assert build.get(Sitting, done.id).deadline_ms == done.deadline_ms
    later = begin(app, place.candidate("Phạm Thị Mẫu")[1])
    assert later.deadline_ms - later.started_ms == 65 * MINUTE
    with app.app_context(), Session(db.engine) as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "sitting.extended")).one()
        assert json.loads(event.details) == {"minutes": 20, "reason": "Mất điện", "sittings": 1}


def test_more_time_needs_a_reason_and_a_running_sitting(app, build):
    place = hall(build)
    boss = place.organiser()
    sitting = begin(app, place.candidate()[1])
    with app.app_context(), unit_of_work() as session:
        by, row = session.get_one(Account, boss.id), session.get_one(Sitting, sitting.id)
        for minutes, reason in ((0, "x"), (241, "x"), (5, "  ")):
            with pytest.raises(Invalid):
                extend(row, minutes=minutes, reason=reason, by=by, now=clock.now())
        submit(row, token=token_of(sitting), now=clock.now())
        with pytest.raises(Conflict):
            extend(row, minutes=5, reason="Đổi máy", by=by, now=clock.now())


def test_a_submission_carries_the_outbox_and_settles(app, build):
    sitting = begin(app, hall(build).candidate()[1])
    at = clock.to_ms(clock.now())
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, sitting.id)
        batch = Batch("writer-0001", {1: (1, "[2]", at), 2: (2, "[4]", at)})
        outcome = submit(row, token=token_of(sitting), now=clock.now(), batch=batch, submission=(3, at))
        assert outcome.acknowledged == [1, 2]
    row = build.get(Sitting, sitting.id)
    assert row.state is SittingState.SETTLED
    assert row.digest == digest(row.record)
    assert row.receipt == short_code(row.record)
    assert read_record(row)["responses"] == [[1, [2]], [2, [4]]]
    with app.app_context(), Session(db.engine) as session:
        assert session.scalar(select(AnswerEvent.slot).where(AnswerEvent.seq == 3)) == 0


def test_submitting_again_gives_the_same_receipt_and_counts_nothing_new(app, build):
    sitting = begin(app, hall(build).candidate()[1])
    answer(build, sitting, 1, 2)
    receipts = []
    for chosen in ("[1]", "[3]"):
        with app.app_context(), unit_of_work() as session:
            row = session.get_one(Sitting, sitting.id)
            later = clock.now() + timedelta(seconds=len(receipts))
            batch = Batch(f"writer-1{chosen[1]}00", {1: (2, chosen, clock.to_ms(later))})
            submit(row, token=token_of(sitting), now=later, batch=batch, submission=(2, 0))
            receipts.append((row.receipt, row.submitted_ms, responses_of(row)))
    assert receipts[0] == receipts[1]
    assert receipts[0][2] == {1: [2], 2: [1]}


def test_the_older_device_cannot_submit(app, build):
    sitting = begin(app, hall(build).candidate()[1])
    with app.app_context(), unit_of_work() as session:
        row = take_over(session.get_one(Sitting, sitting.id), shown=1, device="b" * 26, now=clock.now())
        with pytest.raises(Conflict, match="thiết bị khác"):
            submit(row, token=token_of(sitting, lease=1), now=clock.now())


def test_settlement_waits_for_the_late_window_and_happens_once(app, build):
    sitting = begin(app, hall(build).candidate()[1])
    answer(build, sitting, 1, 3)
    answer(build, sitting, 2, 1, at=sitting.deadline_ms - 1, came=sitting.late_ms)
    answer(build, sitting, 3, 1, at=sitting.deadline_ms - 1, came=sitting.late_ms + 1, writer="writer-0002")
    due = clock.from_ms(sitting.late_ms + MARGIN_MS + 1)
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, sitting.id)
        with pytest.raises(Conflict):
            settle(row, now=due - timedelta(milliseconds=1))
        assert settle_due(due - timedelta(milliseconds=1)) == 0
        assert settle_due(due) == 1
        assert settle_due(due) == 0
        assert settle(row, now=due) is False
    row = build.get(Sitting, sitting.id)
    record = read_record(row)
    assert record["responses"] == [[1, [3]], [2, [1]]]
    assert record["standing"] == {"counts": 1, "flagged": 1, "needs_decision": 1, "evidence": 0}
    assert row.submitted_ms is None


def test_what_was_settled_stays_whatever_arrives_later(app, build):
    sitting = begin(app, hall(build).candidate()[1])
    answer(build, sitting, 1, 3)
    with app.app_context(), unit_of_work() as session:
        submit(session.get_one(Sitting, sitting.id), token=token_of(sitting), now=clock.now())
    answer(build, sitting, 1, 4, seq=9, writer="writer-0002", at=sitting.started_ms, came=sitting.started_ms)
    with app.app_context():
        assert responses_of(db.session.get_one(Sitting, sitting.id)) == {1: [3]}


def test_settling_one_round_leaves_the_others(app, build):
    one, two = hall(build), hall(build, code="Q3-2026")
    first, second = begin(app, one.candidate()[1]), begin(app, two.candidate("Lê Văn Mẫu")[1])
    due = clock.from_ms(first.late_ms + 2 * MARGIN_MS)
    with app.app_context(), unit_of_work():
        assert settle_due(due, round_id=one.round.id) == 1
    assert build.get(Sitting, second.id).state is SittingState.STARTED


def test_the_command_settles_what_is_due(app, build):
    sitting = begin(app, hall(build).candidate()[1])
    with app.app_context(), database.writing(), db.engine.begin() as connection:
        before = sitting.started_ms - 3600_000
        connection.execute(update(Sitting).values(started_ms=before, deadline_ms=before + 1, late_ms=before + 1))
    result = app.test_cli_runner().invoke(args=["sittings", "settle-due"])
    assert "Đã chốt 1 lượt làm bài." in result.output
    assert build.get(Sitting, sitting.id).state is SittingState.SETTLED


def test_start_and_submit_cost_a_fixed_number_of_statements(app, build):
    place = hall(build, count=12)
    _account, candidate = place.candidate()
    with statements(app) as sent:
        sitting = begin(app, candidate)
    assert len(sent) <= 11, sent
    for slot in range(1, 11):
        answer(build, sitting, slot, 1)
    with app.app_context(), unit_of_work() as session, statements(app) as sent:
        submit(session.get_one(Sitting, sitting.id), token=token_of(sitting), now=clock.now())
    assert len(sent) <= 9, sent


def row_of(**changes):
    base = {"candidate_id": 1, "paper_id": 1, "started_ms": 10, "deadline_ms": 20, "late_ms": 30}
    return Sitting(**(base | changes))


@pytest.mark.parametrize(
    "broken",
    [
        {"deadline_ms": 10},
        {"state": SittingState.SUBMITTED},
        {"state": SittingState.SETTLED},
        {"settled_at": clock.now()},
        {"lease": 0},
        {"late_ms": 19},
    ],
)
def test_the_database_refuses_a_sitting_that_cannot_be(app, build, broken):
    place = hall(build)
    _account, candidate = place.candidate()
    paper = place.paper(candidate)
    with pytest.raises(IntegrityError):
        build.save(row_of(candidate_id=candidate.id, paper_id=paper.id, **broken))


def test_the_database_keeps_one_sitting_for_a_candidate(build):
    place = hall(build)
    _account, candidate = place.candidate()
    place.sitting(candidate)
    with pytest.raises(IntegrityError):
        place.sitting(candidate)


@pytest.mark.parametrize(
    "row",
    [
        lambda s, p: AnswerEvent(
            sitting_id=s, writer="w", seq=0, lease=1, slot=1, response="[]", answered_ms=1, received_ms=1
        ),
        lambda s, p: AnswerEvent(
            sitting_id=s, writer="w", seq=1, lease=1, slot=-2001, response="[]", answered_ms=1, received_ms=1
        ),
        lambda s, p: AnswerEvent(
            sitting_id=0, writer="w", seq=1, lease=1, slot=1, response="[]", answered_ms=1, received_ms=1
        ),
        lambda s, p: SittingLease(sitting_id=s, number=0, device="d", taken_ms=1),
        lambda s, p: SittingLease(sitting_id=s, number=1, device="d", taken_ms=1),
        lambda s, p: SittingLease(sitting_id=s, number=2, device="", taken_ms=1),
        lambda s, p: AnswerConflict(sitting_id=0, writer="w", seq=1, event="[]", received_ms=1),
        lambda s, p: Extension(minutes=5, reason="x", by_id=p),
        lambda s, p: Extension(sitting_id=s, minutes=0, reason="x", by_id=p),
        lambda s, p: Extension(sitting_id=s, minutes=241, reason="x", by_id=p),
        lambda s, p: Extension(sitting_id=s, minutes=5, reason="", by_id=p),
    ],
)
def test_the_database_refuses_rows_that_cannot_be(build, row):
    place = hall(build)
    account, candidate = place.candidate()
    sitting = place.sitting(candidate)
    with pytest.raises(IntegrityError):
        build.save(row(sitting.id, account.id))


def test_only_one_event_has_a_key(app, build):
    place = hall(build)
    sitting = place.sitting(place.candidate()[1])
    answer(build, sitting, 1, 1)
    with pytest.raises(IntegrityError):
        answer(build, sitting, 2, 1, seq=1)
    with app.app_context(), Session(db.engine) as session:
        assert session.scalar(select(func.count()).select_from(AnswerEvent)) == 1
