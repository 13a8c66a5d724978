"""Tables that belong to no room: files, jobs, the deployment's own row."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of


class Deployment(Base):
    """One row: which history of the database this is. Restoring a backup writes a new epoch."""

    __tablename__ = "deployment"
    __table_args__ = (check("one_row", "id = 1"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[str] = mapped_column(Reference)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class File(Base):
    """Bytes with an owner, served only through permission: uploads, results of jobs."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class FileContent(Base):
    """The bytes themselves, apart, so that listing files never loads them; equal bytes are kept once."""

    __tablename__ = "file_contents"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class JobState(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Base):
    """The truth about a piece of long work; the queue carries only its id."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("ref"),
        check("progress", "done >= 0 AND total >= 0"),
        check("ended", "(state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL)"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, default=new_reference)
    kind: Mapped[str] = mapped_column(String(60))
    parameters: Mapped[str] = mapped_column(Text, default="{}")
    state: Mapped[JobState] = mapped_column(one_of(JobState), default=JobState.WAITING)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    title: Mapped[str] = mapped_column(String(200), default="")
    message: Mapped[str] = mapped_column(Text, default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    result_file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    result_url: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
