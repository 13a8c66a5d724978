"""The candidate's exam: a sitting, its append-only answers, extensions of time."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.rounds.models import Candidate, Paper


class SittingState(enum.StrEnum):
    STARTED = "started"
    SUBMITTED = "submitted"
    SETTLED = "settled"


class Sitting(Base):
    """One lượt làm bài. Times that the hot path needs are milliseconds since 1970."""

    __tablename__ = "sittings"
    __table_args__ = (
        UniqueConstraint("candidate_id"),
        check("deadline", "deadline_ms > started_ms AND late_ms >= deadline_ms"),
        check("lease", "lease > 0"),
        check("submitted", "state = 'settled' OR (state = 'submitted') = (submitted_ms IS NOT NULL)"),
        check(
            "settled",
            "(state = 'settled' AND settled_at IS NOT NULL AND record IS NOT NULL)"
            " OR (state <> 'settled' AND settled_at IS NULL AND record IS NULL)",
        ),
        Index("ix_sittings_state_deadline_ms", "state", "deadline_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id"))
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"))
    state: Mapped[SittingState] = mapped_column(one_of(SittingState), default=SittingState.STARTED)
    lease: Mapped[int] = mapped_column(default=1)
    """Raised when the sitting moves to another device; each has its row in ``sitting_leases``."""
    started_ms: Mapped[int] = mapped_column(BigInteger)
    deadline_ms: Mapped[int] = mapped_column(BigInteger)
    """min(start + allowance, shift end) + extra time + extensions, recomputed by the act that changes it."""
    late_ms: Mapped[int] = mapped_column(BigInteger)
    """Answers given in time may still arrive until here (deadline + the round's late window)."""
    submitted_ms: Mapped[int | None] = mapped_column(BigInteger)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt: Mapped[str] = mapped_column(String(20), default="")
    """Short code over the stored events, given at submission."""
    digest: Mapped[str] = mapped_column(String(64), default="")
    """Of ``record``."""
    record: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What counted, as canonical bytes, taken once at settlement (see :mod:`examapp.sittings.settle`)."""
    notice: Mapped[str] = mapped_column(Text, default="")
    """The latest extension as JSON (id, minutes, reason): the reply to a save carries it as it stands here."""

    candidate: Mapped[Candidate] = relationship()
    paper: Mapped[Paper] = relationship()


class SittingLease(Base):
    """Which device held the sitting from when; the highest number holds it now."""

    __tablename__ = "sitting_leases"
    __table_args__ = (check("number", "number > 0"), check("device", "device <> ''"))

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    device: Mapped[str] = mapped_column(String(26))
    """What the device's cookie said when it took the sitting."""
    taken_ms: Mapped[int] = mapped_column(BigInteger)


class AnswerEvent(Base):
    """An answer as it arrived. Appended, never updated; the key is made on the device."""

    __tablename__ = "answer_events"
    __table_args__ = (check("seq", "seq > 0"), check("slot", "slot >= 0"), {"sqlite_with_rowid": False})

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True, autoincrement=False)
    writer: Mapped[str] = mapped_column(String(22), primary_key=True)
    """Random for each page load."""
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lease: Mapped[int]
    slot: Mapped[int]
    """Number on the paper from 1; 0 is the submission."""
    response: Mapped[str] = mapped_column(Text)
    """Canonical JSON: numbers as displayed and typed texts, in the shape of the question's kind; [] = none."""
    answered_ms: Mapped[int] = mapped_column(BigInteger)
    """When the device says it was answered, on the server's clock as the device knows it."""
    received_ms: Mapped[int] = mapped_column(BigInteger)


class AnswerConflict(Base):
    """The same key with other content: answered 409 and kept as evidence."""

    __tablename__ = "answer_conflicts"

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), index=True)
    writer: Mapped[str] = mapped_column(String(22))
    seq: Mapped[int]
    event: Mapped[str] = mapped_column(Text)
    received_ms: Mapped[int] = mapped_column(BigInteger)


class Extension(Base):
    """More time for one sitting or for a whole shift, with its reason."""

    __tablename__ = "extensions"
    __table_args__ = (
        check("one_target", "(sitting_id IS NULL) <> (shift_id IS NULL)"),
        check("minutes", "minutes BETWEEN 1 AND 240"),
        check("reason", "reason <> ''"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sittings.id"), index=True)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shifts.id"), index=True)
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
