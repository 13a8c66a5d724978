"""Long work: a ``jobs`` row is the truth, the queue library carries its id, the runner is a process of its own.

A room declares its kinds of work; :func:`start_job` writes the row in the act's own transaction and hands the id to
the queue once that has been committed. A job found waiting without a place in the queue is picked up by the sweeper.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, has_request_context
from huey import PostgresHuey, SqliteHuey, crontab
from huey.api import Huey
from sqlalchemy import or_, select, update

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import HouseError
from examapp.core.files import store_file
from examapp.core.models import Job, JobState
from examapp.core.words import _

log = logging.getLogger(__name__)
SILENT_AFTER = timedelta(minutes=2)
"""A running job without a heartbeat for so long has lost its runner and is taken up again."""


class Cancelled(Exception):
    """The person asked to stop."""


class Work:
    """What a job's function gets: its parameters, and ways to tell how far it is."""

    def __init__(self, job: Job) -> None:
        self.id = job.id
        self.owner_id = job.owner_id
        self.parameters: dict[str, Any] = json.loads(job.parameters)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the work is, in a short transaction; raises :class:`Cancelled` when asked to stop.

        Call it between chunks, with no unsaved change in ``db.session``.
        """
        with unit_of_work() as session:
            job = session.get_one(Job, self.id)
            job.done, job.total, job.heartbeat_at = done, total, clock.now()
            if message:
                job.message = message
            asked = job.cancel_asked
        if asked:
            raise Cancelled

    def finish(self, *, message: str, url: str = "", file: tuple[bytes, str, str] | None = None) -> None:
        """The last, short commit: what came of it. ``file`` is (bytes, name, media type)."""
        with unit_of_work() as session:
            job = session.get_one(Job, self.id)
            if file is not None:
                data, name, media_type = file
                stored = store_file(data, name=name, kind="job", media_type=media_type, owner_id=self.owner_id)
                job.result_file_id = stored.id
            job.message, job.result_url, job.done = message, url, max(job.done, job.total)
            job.state, job.ended_at = JobState.DONE, clock.now()


def make_queue(settings: Any) -> Huey:
    if settings.is_sqlite:
        return SqliteHuey("thuocdo", filename=str(settings.data / "queue.sqlite"), fsync=False)
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    return PostgresHuey("thuocdo", dsn=dsn)


def init_jobs(app: Flask, kinds: dict[str, Callable[[Work], None]]) -> None:
    app.extensions["job_kinds"] = kinds


def get_queue(app: Flask) -> Huey:
    """The queue, made when first needed (a reader of pages never touches it)."""
    queue: Huey | None = app.extensions.get("job_queue")
    if queue is None:
        queue = app.extensions["job_queue"] = make_queue(app.config["SETTINGS"])

        @queue.task(name="run_job")  # type: ignore[untyped-decorator]
        def run(job_id: int) -> None:
            with app.app_context():
                run_job(job_id)

        @queue.periodic_task(crontab(minute="*"), name="every_minute")  # type: ignore[untyped-decorator]
        def every_minute() -> None:
            with app.app_context():
                run_periodic()

        app.extensions["run_job_task"] = run
    return queue


def run_periodic() -> None:
    """What the rooms do every minute, each in a transaction of its own; one that fails does not stop the others."""
    sweep()
    for act in current_app.extensions["periodic"]:
        try:
            with unit_of_work():
                act()
        except Exception:
            log.exception("periodic act %s failed", act)


def start_job(kind: str, *, title: str, owner_id: int | None, **parameters: Any) -> Job:
    """Write the job's row in the caller's transaction; it is handed to the queue after the commit."""
    assert kind in current_app.extensions["job_kinds"], kind
    job = Job(kind=kind, title=title, owner_id=owner_id, parameters=json.dumps(parameters, ensure_ascii=False))
    db.session.add(job)
    db.session.flush()
    if has_request_context():
        g.setdefault("after_commit", []).append(lambda: enqueue(job.id))
    return job


def enqueue(job_id: int) -> None:
    if current_app.config["SETTINGS"].testing:
        return  # tests run waiting jobs themselves, see run_waiting
    get_queue(current_app._get_current_object())  # type: ignore[attr-defined]
    current_app.extensions["run_job_task"](job_id)


def sweep() -> None:
    """Put jobs that wait without a place in the queue, or whose runner went silent, back to work."""
    silent = clock.now() - SILENT_AFTER
    stale = select(Job.id).where(
        or_(
            (Job.state == JobState.WAITING) & (Job.created_at < clock.now() - timedelta(seconds=30)),
            (Job.state == JobState.RUNNING) & (Job.heartbeat_at < silent),
        )
    )
    for job_id in db.session.scalars(stale).all():
        db.session.rollback()
        run_job(job_id)


def run_waiting() -> int:
    """Run what waits, here and now; returns how many. For tests and for commands without a runner."""
    ids = list(db.session.scalars(select(Job.id).where(Job.state == JobState.WAITING).order_by(Job.id)))
    db.session.rollback()
    for job_id in ids:
        run_job(job_id)
    return len(ids)


def run_job(job_id: int) -> None:
    """Claim and do one job. Claiming is a conditional update, so two runners never do the same."""
    now = clock.now()
    with unit_of_work() as session:
        claimable = or_(
            Job.state == JobState.WAITING,
            (Job.state == JobState.RUNNING) & (Job.heartbeat_at < now - SILENT_AFTER),
        )
        claim = update(Job).where(Job.id == job_id, claimable).values(state=JobState.RUNNING, heartbeat_at=now)
        claimed = session.execute(claim.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
    if not claimed:
        return
    db.session.expire_all()
    job = db.session.get_one(Job, job_id)
    work, act = Work(job), current_app.extensions["job_kinds"][job.kind]
    db.session.rollback()
    try:
        act(work)
        _end(job_id, JobState.DONE, "")
    except Cancelled:
        _end(job_id, JobState.CANCELLED, _("Đã dừng theo yêu cầu. Chưa có gì được thay đổi."))
    except HouseError as error:
        _end(job_id, JobState.FAILED, f"{error.message} {error.advice}".strip())
    except Exception:
        log.exception("job %s failed", job_id)
        _end(job_id, JobState.FAILED, _("Công việc gặp lỗi và đã dừng. Hãy chạy lại; nếu còn lỗi, báo bộ phận hỗ trợ."))


def _end(job_id: int, state: JobState, message: str) -> None:
    db.session.rollback()
    with unit_of_work() as session:
        job = session.get_one(Job, job_id)
        if job.ended_at is None:
            job.state, job.ended_at, job.message = state, clock.now(), message or job.message
