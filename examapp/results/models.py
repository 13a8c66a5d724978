"""Results as versions, with parts per post and section, and every question's mark."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference
from examapp.rounds.models import Candidate, ExamRound


class Result(Base):
    """A version of a candidate's result. A correction is a new version with its reason; nothing is overwritten.

    Name, unit, posts and rule are frozen in ``snapshot``, so that it reads the same years later.
    """

    __tablename__ = "results"
    __table_args__ = (
        UniqueConstraint("candidate_id", "version"),
        check("awarded", "awarded >= 0 AND awarded <= possible"),
        check("reason", "version = 1 OR (version > 1 AND reason <> '')"),
        Index("ix_results_round_current", "round_id", "is_current"),
        Index(
            "uq_results_current",
            "candidate_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"))
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id"))
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sittings.id"))
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("positions.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    is_current: Mapped[bool] = mapped_column(default=True)
    awarded: Mapped[int]
    possible: Mapped[int]
    passed: Mapped[bool]
    snapshot: Mapped[str] = mapped_column(Text)
    """JSON: full_name, number, staff_code, unit_name, positions, posts, pass_percent, round {code, name}, answered,
    questions."""
    reason: Mapped[str] = mapped_column(String(300), default="")
    """Why this version was made, from the second on."""
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    round: Mapped[ExamRound] = relationship()
    candidate: Mapped[Candidate] = relationship()
    parts: Mapped[list[ResultPart]] = relationship(order_by="ResultPart.id")

    @property
    def frozen(self) -> dict[str, Any]:
        """What ``snapshot`` says."""
        data: dict[str, Any] = json.loads(self.snapshot)
        return data


class ResultPart(Base):
    """What was earned in one section, and the post it stands for."""

    __tablename__ = "result_parts"
    __table_args__ = (
        UniqueConstraint("result_id", "section"),
        check("awarded", "awarded >= 0 AND awarded <= possible"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"), index=True)
    section: Mapped[str] = mapped_column(String(40))
    """"common" or the code of a position."""
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    awarded: Mapped[int]
    possible: Mapped[int]
    right: Mapped[int]
    questions: Mapped[int]


class ResultItem(Base):
    """The mark of one question on one paper."""

    __tablename__ = "result_items"
    __table_args__ = (
        check("awarded", "awarded >= 0 AND awarded <= possible"),
        Index(
            "ix_result_items_by_people",
            "result_id",
            sqlite_where=text("by_people"),
            postgresql_where=text("by_people"),
        ),
        {"sqlite_with_rowid": False},
    )

    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"), primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), index=True)
    response: Mapped[str] = mapped_column(Text, default="")
    """The answer as JSON in the shape of its kind; empty when not answered."""
    awarded: Mapped[int]
    possible: Mapped[int]
    by_people: Mapped[bool] = mapped_column(default=False)
    """An answer that people mark; until they have, nothing is awarded."""


class HandMark(Base):
    """What a person gave for an answer. Marking it again is a new row; the highest number counts."""

    __tablename__ = "hand_marks"
    __table_args__ = (
        UniqueConstraint("sitting_id", "slot", "number"),
        check("awarded", "awarded >= 0 AND awarded <= possible"),
        check("number", "number > 0"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"))
    slot: Mapped[int]
    number: Mapped[int] = mapped_column(default=1)
    points: Mapped[str] = mapped_column(Text)
    """JSON: thousandths given for each line of the rubric."""
    awarded: Mapped[int]
    """Their sum, brought to the points the question has on the paper."""
    possible: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    @property
    def given(self) -> list[int]:
        """What ``points`` says."""
        found: list[int] = json.loads(self.points)
        return found
