"""What a person practised: a card for each question, every answer, mock exams. Nothing of it enters an evaluation."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.bank.models import Question, QuestionVersion
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.organisation.models import Position


class CardState(enum.StrEnum):
    LEARNING = "learning"
    REVIEW = "review"
    RELEARNING = "relearning"


class PracticeCard(Base):
    """How well a person knows a question, and when it is due again. A new version of the question keeps the card."""

    __tablename__ = "practice_cards"
    __table_args__ = (
        check("step", "(state = 'review') = (step IS NULL)"),
        check("stability", "stability > 0"),
        check("share", "share BETWEEN 0 AND 1000"),
        Index("ix_practice_cards_official_id_due_at", "official_id", "due_at"),
    )

    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True, index=True)
    state: Mapped[CardState] = mapped_column(one_of(CardState))
    step: Mapped[int | None]
    stability: Mapped[float]
    """Days after which it is still known with the wanted certainty."""
    difficulty: Mapped[float]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answers: Mapped[int] = mapped_column(default=1)
    share: Mapped[int]
    """Of the last answer, in thousandths."""

    question: Mapped[Question] = relationship()


class PracticeAnswer(Base):
    """One answer, for its feedback and for counting."""

    __tablename__ = "practice_answers"
    __table_args__ = (
        UniqueConstraint("official_id", "question_id", "number"),
        check("number", "number >= 1"),
        check("seconds", "seconds >= 0"),
        check("share", "share BETWEEN 0 AND 1000"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"))
    number: Mapped[int]
    """Among the person's answers to this question, from 1."""
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"))
    arrangement: Mapped[str] = mapped_column(Text)
    """JSON: what was displayed where."""
    response: Mapped[str] = mapped_column(Text)
    """JSON."""
    share: Mapped[int | None]
    """In thousandths; ``None`` while the person has yet to mark what no machine can."""
    seconds: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    question: Mapped[Question] = relationship()
    version: Mapped[QuestionVersion] = relationship()


class MockExam(Base):
    """A mock exam (thi thử), drawn from the practice bank; only who sat it ever sees it."""

    __tablename__ = "mock_exams"
    __table_args__ = (
        check("marked", "(submitted_at IS NULL) = (awarded IS NULL)"),
        check("awarded", "awarded BETWEEN 0 AND possible"),
        check("deadline", "deadline_at > started_at"),
        Index(
            "uq_mock_exams_open",
            "official_id",
            unique=True,
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
        Index("ix_mock_exams_official_id_started_at", "official_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    """``None``: the common part alone."""
    layout: Mapped[bytes] = mapped_column(LargeBinary)
    """Canonical bytes of :meth:`question_bank.paper.Layout.as_json`."""
    is_short: Mapped[bool] = mapped_column(default=False)
    """Shorter than its matrix, because the practice bank could not fill it."""
    responses: Mapped[str] = mapped_column(Text, default="{}")
    """JSON: slot → response."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    awarded: Mapped[int | None]
    possible: Mapped[int]
    """Thousandths; once submitted, without what only people could mark."""

    position: Mapped[Position | None] = relationship()
