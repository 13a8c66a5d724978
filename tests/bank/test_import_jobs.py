"""Large files: read and stored by jobs, all or nothing, whatever happens to the runner on the way."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from examapp.bank.models import (
    ImportItem,
    ImportState,
    Question,
    QuestionImport,
    QuestionState,
    QuestionVersion,
)
from examapp.core import clock, jobs
from examapp.core.db import db, unit_of_work
from examapp.core.jobs import Work, run_waiting
from examapp.core.models import Job, JobState
from question_bank.formats import write
from question_bank.question import Option
from tests.bank.builders import content, office

FILE = [
    content(f"Câu số {n}?", options=(Option(f"Phương án {n}", correct=True), Option("Khác")), positions=("tp_tu_phap",))
    for n in range(1, 8)
]


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    """Two questions a step, and everything a job."""
    monkeypatch.setattr("examapp.bank.import_reading.READ_AT_ONCE", 0)
    monkeypatch.setattr("examapp.bank.import_reading.CHUNK", 2)
    monkeypatch.setattr("examapp.bank.storing.STORE_AT_ONCE", 0)
    monkeypatch.setattr("examapp.bank.storing.CHUNK", 2)


@pytest.fixture
def interrupted(monkeypatch):
    """Calls of progress from the given one on kill the runner, as a power cut does: nothing of it is caught."""
    tell = Work.progress

    def at(number, error):
        calls = []

        def progress(self, done, total, message=""):
            calls.append(done)
            if len(calls) == number:
                raise error
            tell(self, done, total, message)

        monkeypatch.setattr(Work, "progress", progress)
        return calls

    return at


def send(examiner, questions=FILE, format="excel", name="lon.xlsx"):
    examiner.open("/bank/import")
    data = write(questions, format).data
    fields = {"position": "tp_tu_phap", "topic": "tp_chung_thuc", "level": "nhan_biet"}
    return examiner.submit("file", file=(io.BytesIO(data), name), **fields)


def work(app):
    with app.app_context():
        run_waiting()


def after_a_while(app):
    """The sweeper finds a job whose runner is silent."""
    with app.app_context():
        with unit_of_work():
            db.session.execute(update(Job).values(heartbeat_at=clock.now() - timedelta(minutes=5)))
        jobs.sweep()


def ask(app, *queries):
    with app.app_context():
        return [db.session.scalar(query) for query in queries]


def counted(kind):
    return select(func.count()).select_from(kind)


def opened(app, examiner):
    (ref,) = ask(app, select(QuestionImport.ref))
    return examiner.open(f"/bank/import/{ref}")


def test_a_large_file_is_read_looked_at_and_stored(app, reader, o):
    examiner = reader(o.examiner)
    page = send(examiner)
    assert page.heading == "Đọc tệp câu hỏi lon.xlsx"
    work(app)
    page = examiner.open(examiner.open(page.url).link("Xem kết quả"))
    assert "7 câu đọc được, 7 câu sẽ lưu" in page.text
    page = examiner.submit("confirm")
    assert page.heading == "Lưu câu hỏi từ tệp lon.xlsx"
    work(app)
    assert "Đã lưu 7 câu hỏi dạng bản nháp." in examiner.open(page.url).text
    assert "Đã lưu 7 câu" in opened(app, examiner).text
    with app.app_context():
        stored = db.session.scalars(select(Question).order_by(Question.id)).all()
        assert [question.current.stem for question in stored] == [one.stem for one in FILE]
        assert [question.code for question in stored] == [f"CH-{question.id:07d}" for question in stored]


def test_reading_goes_on_where_a_killed_runner_left_it(app, reader, o, interrupted):
    examiner = reader(o.examiner)
    send(examiner)
    calls = interrupted(2, SystemExit())
    with pytest.raises(SystemExit):
        work(app)
    assert ask(app, counted(ImportItem), select(QuestionImport.state)) == [4, ImportState.WAITING]
    after_a_while(app)
    assert calls == [2, 4, 6, 7]
    assert "7 câu đọc được, 7 câu sẽ lưu" in opened(app, examiner).text


def test_half_a_file_is_never_seen_and_comes_once(app, reader, o, interrupted):
    examiner = reader(o.examiner)
    send(examiner)
    work(app)
    opened(app, examiner)
    examiner.submit("confirm")
    interrupted(2, SystemExit())
    with pytest.raises(SystemExit):
        work(app)
    assert ask(app, counted(Question)) == [4]
    assert "Câu số 1?" not in examiner.open("/bank/").text
    (code,) = ask(app, select(Question.code).limit(1))
    examiner.open(f"/bank/questions/{code}", status=404)
    assert ask(app, select(QuestionImport.state)) == [ImportState.STORING]
    after_a_while(app)
    assert ask(app, counted(Question), counted(QuestionVersion), select(QuestionImport.stored_count)) == [7, 7, 7]
    assert "Câu số 1?" in examiner.open("/bank/").text
    examiner.open(f"/bank/questions/{code}")


@pytest.mark.parametrize("number", [1, 3])
def test_whoever_stops_the_storing_finds_the_bank_as_it_was(app, reader, o, interrupted, number):
    examiner = reader(o.examiner)
    send(examiner)
    work(app)
    opened(app, examiner)
    examiner.submit("confirm")
    interrupted(number, jobs.Cancelled())
    work(app)
    assert ask(app, counted(Question), counted(QuestionVersion)) == [0, 0]
    page = opened(app, examiner)
    assert "7 câu sẽ lưu" in page.text
    assert ask(app, select(Job.state).order_by(Job.id.desc()).limit(1)) == [JobState.CANCELLED]
    examiner.submit("confirm")
    work(app)
    assert ask(app, counted(Question)) == [7]


def test_whoever_stops_the_reading_keeps_nothing(app, reader, o, interrupted):
    examiner = reader(o.examiner)
    send(examiner)
    interrupted(2, jobs.Cancelled())
    work(app)
    assert ask(app, counted(ImportItem), select(QuestionImport.state)) == [0, ImportState.DISCARDED]


def test_a_fault_while_storing_undoes_it(app, reader, o, interrupted):
    examiner = reader(o.examiner)
    send(examiner)
    work(app)
    opened(app, examiner)
    examiner.submit("confirm")
    interrupted(2, RuntimeError("đĩa đầy"))
    work(app)
    assert ask(app, counted(Question), select(QuestionImport.state)) == [0, ImportState.READ]


def test_what_has_become_faulty_since_is_not_stored_by_halves(app, build, reader, o):
    """Between the confirmation and the job the position may leave the person's reach."""
    from examapp.accounts.models import Grant

    examiner = reader(o.examiner)
    send(examiner)
    work(app)
    opened(app, examiner)
    examiner.submit("confirm")
    with app.app_context(), unit_of_work():
        grant = db.session.scalars(select(Grant).where(Grant.account_id == o.examiner.id)).one()
        grant.position_id = o.land.id
    work(app)
    assert ask(app, counted(Question), select(QuestionImport.state)) == [0, ImportState.READ]
    (message,) = ask(app, select(Job.message).order_by(Job.id.desc()).limit(1))
    assert "Không có câu hợp lệ nào" in message


def test_the_good_ones_of_a_large_file(app, reader, o):
    bad = content("Thiếu đáp án?", options=(Option("Có"), Option("Không")), positions=("tp_tu_phap",))
    examiner = reader(o.examiner)
    send(examiner, [*FILE[:3], bad, *FILE[3:]])
    work(app)
    opened(app, examiner)
    asked = examiner.submit("confirm")
    assert asked.heading == "Một số câu còn lỗi"
    examiner.submit("sure")
    work(app)
    assert ask(app, counted(Question), select(QuestionImport.stored_count)) == [7, 7]


def test_many_questions_are_submitted_in_steps(app, reader, o, monkeypatch):
    monkeypatch.setattr("examapp.bank.submitting.AT_ONCE", 0)
    monkeypatch.setattr("examapp.bank.submitting.CHUNK", 2)
    bare = content("Chưa có căn cứ?", citations=(), positions=("tp_tu_phap",))
    examiner = reader(o.examiner)
    send(examiner, [*FILE, bare])
    work(app)
    opened(app, examiner)
    examiner.submit("confirm")
    work(app)
    opened(app, examiner)
    page = examiner.submit("/submit")
    work(app)
    page = examiner.open(page.url)
    assert "Đã gửi thẩm định 7 câu. 1 câu chưa gửi được" in page.text
    waiting = select(func.count()).select_from(Question).where(Question.state == QuestionState.IN_REVIEW)
    assert ask(app, waiting) == [7]
