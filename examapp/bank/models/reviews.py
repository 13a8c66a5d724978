"""What reviewers said, the sets they walk through, and what is still to be written."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.bank.models.questions import QuestionVersion, Topic
from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.organisation.models import Position
from question_bank.question import Level


class Verdict(enum.StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


class SetState(enum.StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Review(Base):
    """What a reviewer said of one version; never its author."""

    __tablename__ = "reviews"
    __table_args__ = (check("returned_with_comment", "verdict = 'approved' OR comment <> ''"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict))
    comment: Mapped[str] = mapped_column(Text, default="")
    checklist: Mapped[str] = mapped_column(Text, default="[]")
    """JSON: names of the points looked at and found right."""
    set_id: Mapped[int | None] = mapped_column(ForeignKey("review_sets.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class ReviewSet(Base):
    """Gói thẩm định: questions that go through review together, ending in minutes with a decision number."""

    __tablename__ = "review_sets"
    __table_args__ = (
        check("closed", "(state = 'closed') = (closed_at IS NOT NULL)"),
        check("decision", "(decision_number = '') = (decision_on IS NULL)"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[SetState] = mapped_column(one_of(SetState), default=SetState.OPEN)
    due_on: Mapped[date | None]
    decision_number: Mapped[str] = mapped_column(String(60), default="")
    """From the clerk's register; dots in the minutes until then."""
    decision_on: Mapped[date | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    items: Mapped[list[ReviewSetItem]] = relationship(order_by="ReviewSetItem.place")


class ReviewSetItem(Base):
    """A version in a set, at its place of the walk."""

    __tablename__ = "review_set_items"

    set_id: Mapped[int] = mapped_column(ForeignKey("review_sets.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True, index=True)
    place: Mapped[int]

    version: Mapped[QuestionVersion] = relationship()


class ReviewSetMember(Base):
    """Who reviews a set."""

    __tablename__ = "review_set_members"

    set_id: Mapped[int] = mapped_column(ForeignKey("review_sets.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)


class ReviewOpening(Base):
    """A reviewer had this version on the screen; without it nobody approves."""

    __tablename__ = "review_openings"

    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class WritingTask(Base):
    """Questions somebody is asked to write for a gap: position × topic × level, so many, by a day."""

    __tablename__ = "writing_tasks"
    __table_args__ = (check("count", "count > 0"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignee_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    """``None``: for the common part."""
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    level: Mapped[Level] = mapped_column(one_of(Level))
    count: Mapped[int]
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    position: Mapped[Position | None] = relationship()
    topic: Mapped[Topic] = relationship()
