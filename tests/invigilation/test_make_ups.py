"""Make-ups by the chair's decision: from the task on the home page to the paper that counts."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Conflict, Forbidden
from examapp.invigilation.board import counts_of
from examapp.results.marking import settled_sittings
from examapp.rounds.models import BoardMember, Candidate, ExamRound, Paper, Shift
from examapp.sittings import make_ups, stops
from examapp.sittings.models import AnswerEvent, Sitting, SittingState, Stop, StopOutcome
from examapp.sittings.save import PATH
from examapp.sittings.services import start_sitting, submit
from examapp.sittings.settle import settle, settle_due
from examapp.sittings.token import HEADER, Token
from tests.builders import Builder
from tests.invigilation.stopping import NINE, Exam, at, waiting_exam


@pytest.fixture(autouse=True)
def _nine_o_clock(time_machine):
    """In the middle of a morning, so that no stop of a test crosses midnight."""
    time_machine.move_to(NINE, tick=False)


@pytest.fixture
def exam(build: Builder) -> Exam:
    return waiting_exam(build)


def test_a_make_up_from_the_task_to_the_new_paper(app, build, reader, exam):
    stop = exam.wait()
    browser = reader(exam.chair)
    page = browser.open("/")
    assert "1 gián đoạn chờ quyết định" in page.text
    browser.open(page.link("gián đoạn chờ quyết định"))
    browser.open(browser.page.link("Trần Thị Mẫu"))
    page = browser.submit("outcome", outcome="make_up", shift="", reason="Biên bản số 5", status=422)
    assert "Hãy chọn ca thi bù." in page.text
    page = browser.submit("outcome", outcome="make_up", shift=str(exam.shifts[1].id), reason="Biên bản số 5")
    assert "Không câu nào của đề cũ có trong đề mới" in page.texts("main//li")
    assert "Ngân hàng không đủ câu khác" not in page.text
    assert build.get(Stop, stop.id).outcome is StopOutcome.WAITING, "nothing is decided yet"
    page = browser.submit("confirmed")
    assert "Đã dừng bài cũ và rút đề số 2 cho ca “Ca 2”." in page.text
    assert "Ngân hàng không đủ câu khác" not in page.text
    assert "Bài đã dừng (đề số 1)" in page.text
    assert "Biên bản số 5" in page.text
    assert "Chưa bắt đầu" in page.text
    assert "gián đoạn chờ quyết định" not in browser.open("/").text

    stopped = build.get(Sitting, exam.sitting.id)
    assert (stopped.state, stopped.record) == (SittingState.STOPPED, None)
    assert json.loads(stopped.notice) == {"id": f"stop-{stop.id}", "stopped": True, "reason": "Biên bản số 5"}
    decided = build.get(Stop, stop.id)
    assert (decided.outcome, decided.decided_by_id) == (StopOutcome.MAKE_UP, exam.chair.id)
    with app.app_context():
        actions = set(db.session.scalars(select(AuditEvent.action)))
        assert {"stop.recorded", "sitting.stopped", "paper.make_up"} <= actions
        assert db.session.get_one(Candidate, exam.candidate.id).shift_id == exam.shifts[1].id

    person = reader(exam.account)
    page = person.open("/sittings/")
    assert "đã dừng theo quyết định" in page.text
    assert "Biên bản số 5" in page.text
    page = person.open(f"/sittings/{exam.sitting.ref}")
    assert page.heading == "Bài thi đã dừng"
    assert "Ca 2" in page.text


def test_the_make_up_is_sat_and_is_the_one_that_counts(app, build, reader, exam, time_machine):
    exam.decide(exam.wait())
    time_machine.move_to("2026-03-10 10:05 +0700", tick=False)
    with app.app_context(), database.unit_of_work():
        candidate = db.session.get_one(Candidate, exam.candidate.id)
        second = start_sitting(candidate, now=clock.now(), device="1" * 26)
        assert second.id != exam.sitting.id
        assert start_sitting(candidate, now=clock.now(), device="1" * 26).id == second.id
        assert db.session.get_one(Paper, second.paper_id).number == 2
        token = Token(second.id, 1, second.deadline_ms // 1000, "1" * 26)
        submit(second, token=token, now=clock.now())
        assert settled_sittings(exam.round.id) == [second.id]
    board = reader(exam.chair).open(exam.url)
    assert "Đã nộp" in board.text
    assert "trên 1 người dự thi" in board.text


def test_what_arrives_for_a_stopped_sitting_is_kept_and_counts_for_nothing(app, build, exam, time_machine):
    exam.decide(exam.wait())
    client = app.test_client()
    now_ms = clock.to_ms(clock.now())
    with app.app_context():
        signed = app.extensions["sitting_signer"].sign(
            sitting_id=exam.sitting.id, lease=1, device="0" * 26, deadline_ms=exam.sitting.deadline_ms
        )
    told = {"writer": "writer-0001", "epoch": "", "events": [[1, 1, [1], now_ms]]}
    answer = client.post(PATH, json=told, headers={HEADER: signed})
    assert (answer.status_code, answer.get_json()["ack"]) == (200, [1])
    assert answer.get_json()["notices"][0]["stopped"] is True
    told |= {"events": [[2, 2, [1], now_ms]], "submit": [3, now_ms]}
    answer = client.post(f"/sittings/{exam.sitting.ref}/submit", json=told, headers={HEADER: signed})
    assert (answer.status_code, answer.get_json()["ack"]) == (200, [2])
    assert "receipt" not in answer.get_json()
    assert answer.get_json()["notices"][0]["stopped"] is True
    time_machine.move_to("2026-03-10 12:00 +0700", tick=False)
    with app.app_context(), database.unit_of_work():
        row = db.session.get_one(Sitting, exam.sitting.id)
        assert len(db.session.scalars(select(AnswerEvent)).all()) == 2
        assert settle_due(clock.now()) == 0
        assert settle(row, now=clock.now()) is False
        assert row.state is SittingState.STOPPED
        assert settled_sittings(exam.round.id) == []


def test_the_candidate_is_told_that_it_waits_and_what_was_decided(build, reader, exam):
    person = reader(exam.account)
    assert "Gián đoạn" not in person.open("/sittings/").text
    stop = exam.wait()
    page = person.open("/sittings/")
    (told,) = page.texts("main//*[@class='notice warn']")
    assert told.startswith("Gián đoạn ")
    assert "08:10" in told
    assert "08:50 (Mất điện) đang chờ chủ tịch hội đồng quyết định có thi bù hay không" in told
    assert "Quyết định sẽ hiện ở trang này." in told
    assert "chờ chủ tịch hội đồng" not in reader(build.account(build.official("Lê Văn Khác"))).open("/sittings/").text
    exam.decide(stop, shift=None, reason="Máy vẫn dùng được bằng pin")
    page = person.open("/sittings/")
    assert page.texts("main//*[@class='notice warn']") == []
    assert "quyết định không thi bù" in page.text
    assert "Lý do: Máy vẫn dùng được bằng pin" in page.text


def test_what_is_asked_again_is_told_before_the_chair_decides(app, build, reader):
    exam = waiting_exam(build, common=4, own=6)
    stop = exam.wait()
    browser = reader(exam.chair)
    browser.open(f"{exam.url}/stops/{stop.id}")
    page = browser.submit("outcome", outcome="make_up", shift=str(exam.shifts[1].id), reason="Biên bản số 5")
    assert "đề mới có 2 câu đã có trong đề cũ" in page.texts("main//*[@class='notice warn']")[0]
    assert "2 trên 6 câu của đề mới người này đã gặp" in page.texts("main//li")
    with app.app_context():
        assert db.session.scalars(select(Paper.number)).all() == [1]
        assert db.session.scalars(select(Sitting.state)).all() == [SittingState.STARTED]
    browser.open(page.link("Không, quay lại"))
    assert browser.page.form("outcome") is not None
    browser.submit("outcome", outcome="make_up", shift=str(exam.shifts[1].id), reason="Biên bản số 5")
    page = browser.submit("confirmed")
    assert "đề mới có 2 câu đã có trong đề cũ" in page.text
    with app.app_context():
        assert db.session.scalars(select(Paper.number).order_by(Paper.number)).all() == [1, 2]


def test_a_refusal_lets_the_sitting_go_on(app, build, reader, exam):
    stop = exam.wait()
    browser = reader(exam.chair)
    browser.open(f"{exam.url}/stops/{stop.id}")
    page = browser.submit("outcome", reason="Vẫn làm được", status=422)
    assert "Hãy chọn một quyết định." in page.text
    page = browser.submit("outcome", outcome="refused", reason="Máy vẫn dùng được bằng pin")
    assert "Đã ghi quyết định không cho thi bù." in page.text
    assert "Máy vẫn dùng được bằng pin" in page.text
    row = build.get(Sitting, exam.sitting.id)
    assert (row.state, row.notice) == (SittingState.STARTED, exam.sitting.notice)
    assert build.get(Stop, stop.id).outcome is StopOutcome.REFUSED
    page = browser.open(f"{exam.url}/stops/{stop.id}")
    assert "Ghi quyết định" not in page.text
    with pytest.raises(Conflict, match="đã có quyết định"):
        exam.decide(stop)


def test_one_make_up_answers_every_stop_that_waits(build, exam):
    first, second = (exam.wait(*when, taken=True) for when in (("8:05", "8:10"), ("8:12", "8:13")))
    exam.decide(first)
    rows = [build.get(Stop, stop.id) for stop in (first, second)]
    assert {row.outcome for row in rows} == {StopOutcome.MAKE_UP}
    assert len({row.paper_id for row in rows}) == 1


def test_only_the_chair_decides_and_never_about_oneself(build, reader, exam):
    stop = exam.wait()
    for person in (exam.here.organiser, build.account(None, Role.ORGANISER)):
        with pytest.raises(Forbidden, match="chủ tịch"):
            exam.decide(stop, by=person)
        page = reader(person).open(f"{exam.url}/stops/{stop.id}")
        assert "Ghi quyết định" not in page.text
        assert "gián đoạn chờ quyết định" not in reader(person).open("/").text
    with build.app.app_context(), database.unit_of_work():
        seat = db.session.scalars(select(BoardMember)).one()
        seat.account_id = exam.account.id
    for shift in (1, None):
        with pytest.raises(Forbidden, match="của chính mình"):
            exam.decide(stop, by=exam.account, shift=shift)
    with build.app.app_context(), database.unit_of_work():
        db.session.delete(db.session.scalars(select(BoardMember)).one())
    exam.decide(stop, by=exam.here.organiser)  # nobody is named


@pytest.mark.parametrize("submits_at", ["2026-03-10 08:58 +0700", "2026-03-10 09:05 +0700"])
def test_submitting_meanwhile(app, build, reader, exam, time_machine, submits_at):
    """A person who submits in time has decided; a page that submits because its time is over has not."""
    with app.app_context(), database.unit_of_work():
        row = db.session.get_one(Sitting, exam.sitting.id)
        row.deadline_ms, row.late_ms = clock.to_ms(at("9:00")), clock.to_ms(at("9:15"))
    stop = exam.wait()
    time_machine.move_to(submits_at, tick=False)
    in_time = clock.now() < at("9:00")
    with app.app_context(), database.unit_of_work():
        submit(db.session.get_one(Sitting, exam.sitting.id), token=exam.token(), now=clock.now())
    row = build.get(Sitting, exam.sitting.id)
    assert row.state is (SittingState.SETTLED if in_time else SittingState.SUBMITTED)
    if in_time:
        with pytest.raises(Conflict, match="đã nộp và đã chốt"):
            exam.decide(stop)
        assert "chỉ ghi được là không thi bù" in reader(exam.chair).open(f"{exam.url}/stops/{stop.id}").text
        exam.decide(stop, shift=None)
        return
    assert "Bài đang được chốt." in reader(exam.account).open(f"/sittings/{exam.sitting.ref}/receipt").text
    exam.decide(stop)
    assert build.get(Sitting, exam.sitting.id).state is SittingState.STOPPED


def test_time_that_runs_out_does_not_decide_in_the_chairs_place(app, build, exam, time_machine):
    stop = exam.wait()
    time_machine.move_to("2026-03-10 10:30 +0700", tick=False)
    with app.app_context(), database.unit_of_work():
        assert counts_of(exam.round.id, now=clock.now()).overdue == 0
        assert settle_due(clock.now()) == 0
    exam.decide(stop, shift=None)
    with app.app_context(), database.unit_of_work():
        assert counts_of(exam.round.id, now=clock.now()).overdue == 1
        assert settle_due(clock.now()) == 1
    assert build.get(Sitting, exam.sitting.id).state is SittingState.SETTLED


def test_closing_says_how_many_stops_wait(build, reader, exam, time_machine):
    stop = exam.wait()
    time_machine.move_to("2026-03-10 18:00 +0700", tick=False)
    browser = reader(exam.here.organiser)
    page = browser.open(f"/rounds/{exam.round.code}/close")
    assert "Còn 1 gián đoạn chờ chủ tịch hội đồng quyết định" in page.text
    browser.post(f"/rounds/{exam.round.code}/close", status=409)
    browser.open(f"/rounds/{exam.round.code}/close")
    assert "Đã đóng kỳ thi." in browser.submit("confirmed").text
    with pytest.raises(Conflict, match="không còn mở"):
        exam.decide(stop)
    exam.decide(stop, shift=None)


def test_a_shift_is_added_where_none_is_left(app, build, reader, exam, time_machine):
    stop = exam.wait()
    time_machine.move_to("2026-03-10 18:00 +0700", tick=False)
    browser = reader(exam.chair)
    page = browser.open(f"{exam.url}/stops/{stop.id}")
    assert "không còn ca nào để thi bù" in page.text
    browser.open(page.link("Thêm ca thi bù"))
    page = browser.submit("starts_at", starts_at="10/03/2026 17:00", ends_at="10/03/2026 19:00", status=422)
    assert "phải bắt đầu sau lúc này" in page.text
    page = browser.submit("starts_at", starts_at="12/03/2026 08:00", ends_at="12/03/2026 09:00", place="Phòng 2")
    assert "Đã thêm ca “Ca thi bù”." in page.text
    with app.app_context():
        shift = db.session.scalars(select(Shift).order_by(Shift.id.desc())).first()
        assert shift is not None
    browser.submit("outcome", outcome="make_up", shift=str(shift.id), reason="Biên bản số 5")
    page = browser.submit("confirmed")
    assert "cho ca “Ca thi bù”" in page.text
    for person in (exam.here.organiser, exam.account):
        reader(person).open(f"{exam.url}/stops/new-shift", status=404)


def test_a_make_up_can_itself_be_stopped(app, build, exam, time_machine):
    """Then there is a third paper; both stopped sittings stay, and are told apart."""
    exam.decide(exam.wait())
    time_machine.move_to("2026-03-10 10:00 +0700", tick=False)
    with app.app_context(), database.unit_of_work():
        candidate = db.session.get_one(Candidate, exam.candidate.id)
        second = start_sitting(candidate, now=clock.now(), device="1" * 26).id
        later = save_later_shift(exam).id
    exam.sitting = build.get(Sitting, second)
    exam.shifts.append(build.get(Shift, later))
    time_machine.move_to("2026-03-10 10:45 +0700", tick=False)
    exam.decide(exam.wait("10:05", "10:40"), shift=2)
    with app.app_context():
        found = db.session.scalars(select(Sitting).order_by(Sitting.id)).all()
        assert [sitting.state for sitting in found] == [SittingState.STOPPED] * 2
        assert db.session.scalars(select(Paper.number).order_by(Paper.number)).all() == [1, 2, 3]
        assert [len(told) for told in stops.stopped_of([exam.candidate.id]).values()] == [2]


def save_later_shift(exam: Exam) -> Shift:
    exam_round = db.session.get_one(ExamRound, exam.round.id)
    times = {"starts_at": at("14:00"), "ends_at": at("14:00") + timedelta(hours=1)}
    return make_ups.add_shift(exam_round, by=exam.chair, now=clock.now(), name="Ca thi bù", **times)
