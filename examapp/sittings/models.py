"""The candidate's exam: a sitting, its append-only answers, extensions of time."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    and_,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.rounds.models import Candidate, Paper


class SittingState(enum.StrEnum):
    STARTED = "started"
    SUBMITTED = "submitted"
    SETTLED = "settled"
    STOPPED = "stopped"
    """Ended by a decision in favour of a make-up: kept, never counted."""


class DeliveryWay(enum.StrEnum):
    FILE = "file"
    QR = "qr"
    LEFTOVER = "leftover"
    """Sent by a page of the same device, later."""


class StopOutcome(enum.StrEnum):
    TIME_BACK = "time_back"
    WAITING = "waiting"
    """For the chair's decision."""
    MAKE_UP = "make_up"
    REFUSED = "refused"


class IntegrityKind(enum.StrEnum):
    LEFT = "left"
    RETURNED = "returned"
    SECOND_DEVICE = "second_device"


class Sitting(Base):
    """One lượt làm bài. Times that the hot path needs are milliseconds since 1970."""

    __tablename__ = "sittings"
    __table_args__ = (
        check("deadline", "deadline_ms > started_ms AND late_ms >= deadline_ms"),
        check("lease", "lease > 0"),
        check("submitted", "state = 'settled' OR (state = 'submitted') = (submitted_ms IS NOT NULL)"),
        check(
            "settled",
            "(state = 'settled' AND settled_at IS NOT NULL AND record IS NOT NULL)"
            " OR (state <> 'settled' AND settled_at IS NULL AND record IS NULL)",
        ),
        Index("ix_sittings_state_deadline_ms", "state", "deadline_ms"),
        Index("ix_sittings_candidate_id", "candidate_id"),
        Index(
            "uq_sittings_counting",
            "candidate_id",
            unique=True,
            sqlite_where=text("state <> 'stopped'"),
            postgresql_where=text("state <> 'stopped'"),
        ),
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
    """Its extensions as JSON (id, minutes, reason), one after the other with commas between, or the stop that ended it:
    the reply to a save carries them as they stand here."""

    candidate: Mapped[Candidate] = relationship()
    paper: Mapped[Paper] = relationship()

    @hybrid_property
    def is_counting(self) -> bool:
        """Whether it is the candidate's sitting; of a candidate at most one is, besides those that were stopped."""
        return self.state != SittingState.STOPPED


COUNTING_SITTING = and_(Sitting.candidate_id == Candidate.id, Sitting.is_counting)
"""Joins candidates with the sitting that counts, if there is one."""


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
    __table_args__ = (
        check("seq", "seq > 0"),
        check("slot", "slot BETWEEN -2000 AND 500"),
        {"sqlite_with_rowid": False},
    )

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True, autoincrement=False)
    writer: Mapped[str] = mapped_column(String(22), primary_key=True)
    """Random for each page load."""
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lease: Mapped[int]
    slot: Mapped[int]
    """Number on the paper from 1; 0 and below are acts that answer nothing (:mod:`examapp.sittings.standing`)."""
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


class EventDecision(Base):
    """What the council decided about an answer that came too late to count by itself. The latest row holds."""

    __tablename__ = "event_decisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["sitting_id", "writer", "seq"],
            ["answer_events.sitting_id", "answer_events.writer", "answer_events.seq"],
        ),
        Index("ix_event_decisions_sitting_id", "sitting_id", "writer", "seq"),
        check("reason", "reason <> ''"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int]
    writer: Mapped[str] = mapped_column(String(22))
    seq: Mapped[int]
    accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class Addendum(Base):
    """What counts after a decision that followed on settlement: a record beside the settled one, never over it."""

    __tablename__ = "sitting_addenda"
    __table_args__ = (check("number", "number > 0"), check("reason", "reason <> ''"))

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    receipt: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class UnsentCode(Base):
    """The short code of what a device had not sent when time was over, as an invigilator wrote it down."""

    __tablename__ = "unsent_codes"
    __table_args__ = (check("code", "code <> ''"), check("wrong", "(wrong_by_id IS NULL) = (wrong_ms IS NULL)"))

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), index=True)
    code: Mapped[str] = mapped_column(String(11))
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    noted_ms: Mapped[int] = mapped_column(BigInteger)
    wrong_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    """Who said that it was written down wrongly: it stays to be seen, and stands for nothing."""
    wrong_ms: Mapped[int | None] = mapped_column(BigInteger)


class Delivery(Base):
    """An outbox that came otherwise than from the exam page: by file, or from a device left behind."""

    __tablename__ = "deliveries"
    __table_args__ = (check("events", "events >= 0 AND stored BETWEEN 0 AND events"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), index=True)
    way: Mapped[DeliveryWay] = mapped_column(one_of(DeliveryWay))
    events: Mapped[int]
    """How many it carried."""
    stored: Mapped[int]
    """How many of them were new."""
    code: Mapped[str] = mapped_column(String(11), default="")
    """The short code over what it carried."""
    matched: Mapped[bool] = mapped_column(default=False)
    """Whether an invigilator had noted the same code."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    """Who handed it in; nobody: the device by itself."""
    received_ms: Mapped[int] = mapped_column(BigInteger)


class Stop(Base):
    """A stop in the middle of a sitting, and what followed: time given back, or a make-up by the chair's decision."""

    __tablename__ = "stops"
    __table_args__ = (
        check("times", "ended_ms > began_ms"),
        check("reason", "reason <> ''"),
        check("time_back", "(outcome = 'time_back') = (extension_id IS NOT NULL)"),
        check("make_up", "(outcome = 'make_up') = (paper_id IS NOT NULL)"),
        check(
            "decided",
            "(outcome IN ('make_up', 'refused')) ="
            " (decision <> '' AND decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), index=True)
    began_ms: Mapped[int] = mapped_column(BigInteger)
    ended_ms: Mapped[int] = mapped_column(BigInteger)
    devices_taken: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(300))
    outcome: Mapped[StopOutcome] = mapped_column(one_of(StopOutcome))
    extension_id: Mapped[int | None] = mapped_column(ForeignKey("extensions.id"))
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id"))
    """The make-up paper."""
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    decision: Mapped[str] = mapped_column(String(300), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WaitingContact(Base):
    """When a candidate's waiting room was last heard from (see :mod:`examapp.sittings.heard`)."""

    __tablename__ = "waiting_contacts"

    candidate_id: Mapped[int] = mapped_column(
        ForeignKey("candidates.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    heard_ms: Mapped[int] = mapped_column(BigInteger)


class IntegrityEvent(Base):
    """That a page was left or a second device opened; only where the round says so, and never for long."""

    __tablename__ = "integrity_events"
    __table_args__ = (check("seq", "seq > 0"), {"sqlite_with_rowid": False})

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True, autoincrement=False)
    writer: Mapped[str] = mapped_column(String(22), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[IntegrityKind] = mapped_column(one_of(IntegrityKind))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    """As the device says."""
    received_ms: Mapped[int] = mapped_column(BigInteger)
