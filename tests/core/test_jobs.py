"""Long work: claimed once, told by its row, stopped on request, taken up again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from examapp.core import clock, jobs
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict
from examapp.core.models import File, Job, JobState


@pytest.fixture
def kinds(app):
    """Kinds of work that end in different ways, for the length of a test."""
    known = app.extensions["job_kinds"]
    before = dict(known)
    calls: list[int] = []

    def ends_well(work):
        calls.append(work.id)
        for step in range(3):
            work.progress(step, 3, f"bước {step}")
        work.finish(message="Xong.", file=(b"abc", "kết quả.txt", "text/plain"))

    def refuses(work):
        raise Conflict("Không đủ câu hỏi.", advice="Hãy duyệt thêm.")

    def breaks(work):
        raise ZeroDivisionError

    known.update({"test.well": ends_well, "test.refuses": refuses, "test.breaks": breaks})
    yield calls
    known.clear()
    known.update(before)


def start(kind, **columns):
    with unit_of_work() as session:
        job = jobs.start_job(kind, title="Việc thử", owner_id=None)
        for name, value in columns.items():
            setattr(job, name, value)
        session.flush()
        return job.id


def state_of(job_id):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Job, job_id)


def test_work_tells_how_far_it_is_and_keeps_its_result(context, kinds):
    job_id = start("test.well")
    assert jobs.run_waiting() == 1
    job = state_of(job_id)
    assert (job.state, job.message, job.total) == (JobState.DONE, "Xong.", 3)
    assert db.session.scalar(select(File.name).where(File.id == job.result_file_id)) == "kết quả.txt"


def test_work_is_done_once(context, kinds):
    job_id = start("test.well")
    jobs.run_job(job_id)
    jobs.run_job(job_id)
    assert kinds == [job_id]


@pytest.mark.parametrize(
    ("kind", "words"), [("test.refuses", "Không đủ câu hỏi. Hãy duyệt thêm."), ("test.breaks", "gặp lỗi")]
)
def test_failed_work_says_why(context, kinds, kind, words):
    job_id = start(kind)
    jobs.run_waiting()
    job = state_of(job_id)
    assert job.state is JobState.FAILED
    assert words in job.message


def test_work_stops_when_asked(context, kinds):
    job_id = start("test.well", cancel_asked=True)
    jobs.run_waiting()
    assert state_of(job_id).state is JobState.CANCELLED


def test_silent_work_is_taken_up_again(context, kinds):
    silent = clock.now() - jobs.SILENT_AFTER - timedelta(seconds=1)
    job_id = start("test.well", state=JobState.RUNNING, heartbeat_at=silent)
    jobs.sweep()
    assert state_of(job_id).state is JobState.DONE


def test_living_work_is_left_alone(context, kinds):
    job_id = start("test.well", state=JobState.RUNNING, heartbeat_at=clock.now())
    jobs.sweep()
    assert kinds == []
    assert state_of(job_id).state is JobState.RUNNING


def test_only_the_owner_sees_a_job(build, reader, app, kinds):
    owner, other = build.account(), build.account()
    job = build.save(Job(kind="test.well", title="Việc thử", owner_id=owner.id))
    page = reader(owner).open(f"/jobs/{job.ref}")
    assert "Việc thử" in page.text
    reader(other).open(f"/jobs/{job.ref}", status=404)
    reader(owner).open(f"/jobs/{job.ref}/result", status=404)


def test_a_job_is_cancelled_from_its_page(build, reader, kinds):
    owner = build.account()
    job = build.save(Job(kind="test.well", title="Việc thử", owner_id=owner.id))
    browser = reader(owner)
    browser.open(f"/jobs/{job.ref}")
    browser.submit("cancel")
    assert build.get(Job, job.id).cancel_asked
