"""Exam rounds, boards, shifts, candidates, sealed papers."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.accounts.models import Account
from examapp.bank.models import MatrixVersion
from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.organisation.models import Official, Position, Unit


class Period(enum.StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class Purpose(enum.StrEnum):
    OFFICIAL = "official"
    REHEARSAL = "rehearsal"


class Setting(enum.StrEnum):
    SUPERVISED = "supervised"
    OWN_DEVICE = "own_device"


class PostsRule(enum.StrEnum):
    MAIN_AND_COMMON = "main_and_common"
    UNION = "union"


class Disclosure(enum.StrEnum):
    """What a candidate sees of a published result."""

    MARKS = "marks"
    ANSWERS = "answers"  # own answers, keys, explanations and legal basis too


class Movement(enum.StrEnum):
    """How a candidate may move through the paper."""

    FREE = "free"
    BY_SECTION = "by_section"  # a section once left stays closed
    ONE_WAY = "one_way"  # a question once left stays closed


class RoundState(enum.StrEnum):
    DRAFT = "draft"
    SEALED = "sealed"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    RECOGNISED = "recognised"
    CANCELLED = "cancelled"


class BoardRole(enum.StrEnum):
    CHAIR = "chair"
    SECRETARY = "secretary"
    MEMBER = "member"
    INVIGILATOR = "invigilator"
    SUPERVISOR = "supervisor"


class CandidateState(enum.StrEnum):
    ENROLLED = "enrolled"
    EXCUSED = "excused"
    WITHDRAWN = "withdrawn"


class ExamRound(Base):
    """One kỳ thi: whom it examines, by which matrices, when, on what legal basis."""

    __tablename__ = "exam_rounds"
    __table_args__ = (
        check(
            "period_number",
            "(period = 'month' AND period_number BETWEEN 1 AND 12) OR (period = 'quarter' AND period_number BETWEEN 1"
            " AND 4) OR (period = 'half' AND period_number BETWEEN 1 AND 2) OR (period = 'year' AND period_number = 1)",
        ),
        check("pass_percent", "pass_percent BETWEEN 0 AND 100"),
        check("minutes", "minutes BETWEEN 1 AND 600"),
        check("late_window", "late_window_minutes BETWEEN 0 AND 1440"),
        check(
            "recognition",
            "(state = 'recognised' AND decision_number <> '' AND decision_date IS NOT NULL)"
            " OR (state <> 'recognised' AND decision_number = '' AND decision_date IS NULL)",
        ),
        check("cancelled", "(state = 'cancelled') = (cancel_reason <> '')"),
        check("stop_limit", "stop_limit_minutes BETWEEN 0 AND 240"),
        check("integrity_days", "integrity_days BETWEEN 1 AND 365"),
        check("union_caps", "union_max_questions > 0 AND union_max_minutes BETWEEN 1 AND 600"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    year: Mapped[int]
    period: Mapped[Period] = mapped_column(one_of(Period))
    period_number: Mapped[int]
    legal_basis_number: Mapped[str] = mapped_column(String(100))
    legal_basis_date: Mapped[date]
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose), default=Purpose.OFFICIAL)
    setting: Mapped[Setting] = mapped_column(one_of(Setting))
    posts_rule: Mapped[PostsRule] = mapped_column(one_of(PostsRule), default=PostsRule.MAIN_AND_COMMON)
    union_max_questions: Mapped[int] = mapped_column(default=60)
    union_max_minutes: Mapped[int] = mapped_column(default=75)
    minutes: Mapped[int]
    """Time for the paper of one post."""
    pass_percent: Mapped[int] = mapped_column(default=50)
    late_window_minutes: Mapped[int] = mapped_column(default=15)
    movement: Mapped[Movement] = mapped_column(one_of(Movement), default=Movement.FREE)
    stop_limit_minutes: Mapped[int] = mapped_column(default=30)
    """A stop in the middle that lasts longer ends in a make-up on another paper."""
    integrity_basis: Mapped[str] = mapped_column(String(300), default="")
    """The legal basis on which leaving the page and second devices are recorded; empty: nothing of the kind is."""
    integrity_days: Mapped[int] = mapped_column(default=30)
    """How long such records are kept after the round is closed."""
    contact: Mapped[str] = mapped_column(String(200), default="")
    """Whom a candidate calls for help, beside the shift's and the site's own."""
    seb_config_keys: Mapped[str] = mapped_column(Text, default="")
    """Configuration keys of Safe Exam Browser that a PC must show, one a line; empty with the next: none is asked."""
    seb_exam_keys: Mapped[str] = mapped_column(Text, default="")
    """Browser exam keys, one a line."""
    disclosure: Mapped[Disclosure] = mapped_column(one_of(Disclosure), default=Disclosure.MARKS)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    """The part of the unit tree it examines."""
    posts_on: Mapped[date]
    """The day whose posts decide who is enrolled and for which position."""
    state: Mapped[RoundState] = mapped_column(one_of(RoundState), default=RoundState.DRAFT, index=True)
    seed: Mapped[str] = mapped_column(Reference, default=new_reference)
    rules: Mapped[str] = mapped_column(Text, default="")
    """What the candidate reads before the start, besides the house's own text."""
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_number: Mapped[str] = mapped_column(String(100), default="")
    """Of the decision that recognises the results (công nhận kết quả)."""
    decision_date: Mapped[date | None]
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
    batch: Mapped[str] = mapped_column(String(26), default="")
    """Of the papers that are being sealed, or are: an older batch that is still being written gives up."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    unit: Mapped[Unit] = relationship()
    shifts: Mapped[list[Shift]] = relationship(order_by="Shift.starts_at, Shift.id", back_populates="round")


class RoundMatrix(Base):
    """The matrix versions of a round: one common (no position) and one for each position."""

    __tablename__ = "round_matrices"
    __table_args__ = (UniqueConstraint("round_id", "matrix_version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"), index=True)
    matrix_version_id: Mapped[int] = mapped_column(ForeignKey("matrix_versions.id"))

    version: Mapped[MatrixVersion] = relationship()


class BoardMember(Base):
    """A person's part in the council of a round."""

    __tablename__ = "board_members"
    __table_args__ = (UniqueConstraint("round_id", "account_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[BoardRole] = mapped_column(one_of(BoardRole))

    account: Mapped[Account] = relationship()


class Shift(Base):
    """A ca thi: when, where, for how many."""

    __tablename__ = "shifts"
    __table_args__ = (check("times", "ends_at > starts_at"), check("capacity", "capacity IS NULL OR capacity > 0"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """No sitting of this shift lasts longer than this."""
    place: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[str] = mapped_column(String(100), default="")
    """Whom a candidate calls for help."""
    capacity: Mapped[int | None]

    round: Mapped[ExamRound] = relationship(back_populates="shifts")


class Candidate(Base):
    """A person enrolled in a round, with the posts of that day frozen."""

    __tablename__ = "candidates"
    __table_args__ = (
        UniqueConstraint("round_id", "official_id"),
        UniqueConstraint("round_id", "number"),
        check("extra_minutes", "extra_minutes >= 0 AND (extra_minutes > 0) = (extra_reason <> '')"),
        check("reason", "(state = 'enrolled') = (reason = '')"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"), index=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"), index=True)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shifts.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    """Số báo danh."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("positions.id"), index=True)
    """Main post of the day."""
    full_name: Mapped[str] = mapped_column(String(120))
    sort_key: Mapped[str] = mapped_column(String(400))
    unit_name: Mapped[str] = mapped_column(String(200))
    posts: Mapped[str] = mapped_column(Text)
    """JSON: the posts examined, main first: [{"post", "position", "position_name", "unit", "unit_name"}]."""
    extra_minutes: Mapped[int] = mapped_column(default=0)
    """Individual extra time, by recorded decision."""
    extra_reason: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[CandidateState] = mapped_column(one_of(CandidateState), default=CandidateState.ENROLLED)
    reason: Mapped[str] = mapped_column(String(300), default="")

    round: Mapped[ExamRound] = relationship()
    shift: Mapped[Shift | None] = relationship()
    official: Mapped[Official] = relationship()
    unit: Mapped[Unit] = relationship()
    position: Mapped[Position] = relationship()


class Paper(Base):
    """A candidate's paper: layout and digest frozen when the round is sealed."""

    __tablename__ = "papers"
    __table_args__ = (UniqueConstraint("candidate_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id"), index=True)
    number: Mapped[int] = mapped_column(default=1)
    """1, and higher for a resealed or make-up paper; the highest counts."""
    minutes: Mapped[int]
    layout: Mapped[bytes] = mapped_column(LargeBinary)
    """Canonical bytes of :class:`question_bank.paper.Layout`."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of ``layout`` and of every question version on it."""
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    batch: Mapped[str] = mapped_column(String(26), default="")
    """Of the sealing that wrote it: papers count once their round has left the state *draft*."""

    candidate: Mapped[Candidate] = relationship()
