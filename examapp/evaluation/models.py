"""Schemes as versioned data, yearly evaluations, the scores and facts entered for them."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core import clock
from examapp.core.db import Base, UtcDateTime, check, one_of
from examapp.organisation.models import Official, Position, StaffCategory, Unit


class SchemeKind(enum.StrEnum):
    SCORED = "scored"
    CONDITIONAL = "conditional"


class QualityLevel(enum.StrEnum):
    EXCELLENT = "excellent"  # hoàn thành xuất sắc nhiệm vụ
    GOOD = "good"  # hoàn thành tốt nhiệm vụ
    COMPLETED = "completed"  # hoàn thành nhiệm vụ
    NOT_COMPLETED = "not_completed"  # không hoàn thành nhiệm vụ


class EvaluationState(enum.StrEnum):
    OPEN = "open"
    DECIDED = "decided"


class LinkMode(enum.StrEnum):
    EVIDENCE = "evidence_only"
    POINTS = "points"


class Scheme(Base):
    """A set of rules for one staff category, from–to, with its legal basis."""

    __tablename__ = "schemes"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        check("dates", "valid_to IS NULL OR valid_to >= valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[SchemeKind] = mapped_column(one_of(SchemeKind))
    staff_category: Mapped[StaffCategory] = mapped_column(one_of(StaffCategory))
    legal_basis: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    is_local: Mapped[bool] = mapped_column(default=False)
    """An example of a local regulation."""
    definition: Mapped[str] = mapped_column(Text)
    """JSON read by :mod:`examapp.evaluation.rules`."""


class ExamLink(Base):
    """How a year's recognised exam results enter the evaluation in a part of the unit tree."""

    __tablename__ = "exam_links"
    __table_args__ = (
        UniqueConstraint("year", "unit_id", "scheme_key"),
        check("regulation", "mode = 'evidence_only' OR (regulation_number <> '' AND regulation_date IS NOT NULL)"),
        check(
            "points",
            "(mode = 'points' AND criterion <> '' AND max_points BETWEEN 1 AND 100000)"
            " OR (mode = 'evidence_only' AND criterion = '' AND max_points = 0)",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    scheme_key: Mapped[str] = mapped_column(String(60))
    mode: Mapped[LinkMode] = mapped_column(one_of(LinkMode), default=LinkMode.EVIDENCE)
    criterion: Mapped[str] = mapped_column(String(60), default="")
    max_points: Mapped[int] = mapped_column(default=0)
    """Thousandths."""
    mapping: Mapped[str] = mapped_column(Text, default="[]")
    """JSON: [[from_percent, points in thousandths], …], highest first."""
    regulation_number: Mapped[str] = mapped_column(String(100), default="")
    regulation_date: Mapped[date | None]


class Evaluation(Base):
    """A version of one official's evaluation of one year. The product proposes, a person decides."""

    __tablename__ = "evaluations"
    __table_args__ = (
        UniqueConstraint("official_id", "year", "version"),
        check(
            "decided",
            "(state = 'decided' AND decided_level IS NOT NULL AND decided_by_id IS NOT NULL AND decided_at IS NOT NULL)"
            " OR (state = 'open' AND decided_level IS NULL AND decided_by_id IS NULL AND decided_at IS NULL)",
        ),
        check("worked_months", "worked_months BETWEEN 0 AND 12"),
        Index("ix_evaluations_year_unit", "year", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int] = mapped_column(ForeignKey("officials.id"))
    year: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    scheme_id: Mapped[int | None] = mapped_column(ForeignKey("schemes.id"))
    """``None``: this staff category has no verified scheme; shown with evidence only."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    position_id: Mapped[int] = mapped_column(ForeignKey("positions.id"))
    state: Mapped[EvaluationState] = mapped_column(one_of(EvaluationState), default=EvaluationState.OPEN)
    worked_months: Mapped[int] = mapped_column(default=12)
    """Months of real work in the year."""
    self_level: Mapped[QualityLevel | None] = mapped_column(one_of(QualityLevel, "self_level"))
    decided_level: Mapped[QualityLevel | None] = mapped_column(one_of(QualityLevel, "decided_level"))
    proposed_level: Mapped[QualityLevel | None] = mapped_column(one_of(QualityLevel, "proposed_level"))
    """What the rules proposed when it was decided."""
    reason: Mapped[str] = mapped_column(Text, default="")
    decision_number: Mapped[str] = mapped_column(String(100), default="")
    decision_date: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evidence: Mapped[str] = mapped_column(Text, default="[]")
    """JSON: the result versions used, frozen when decided."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    official: Mapped[Official] = relationship()
    scheme: Mapped[Scheme | None] = relationship()
    unit: Mapped[Unit] = relationship()
    position: Mapped[Position] = relationship()
    scores: Mapped[list[EvaluationScore]] = relationship(order_by="EvaluationScore.id")
    facts: Mapped[list[ForcedFact]] = relationship(order_by="ForcedFact.id")


class EvaluationScore(Base):
    """Points of a criterion, or the value of a condition, as a person entered it."""

    __tablename__ = "evaluation_scores"
    __table_args__ = (UniqueConstraint("evaluation_id", "criterion"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluations.id"), index=True)
    criterion: Mapped[str] = mapped_column(String(60))
    value: Mapped[int]
    """Thousandths of a point, thousandths of a percent, or 0/1."""
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    note: Mapped[str] = mapped_column(String(300), default="")


class ForcedFact(Base):
    """A fact that forces a level (discipline, concluded degradation), by decision, confirmed by a person."""

    __tablename__ = "forced_facts"
    __table_args__ = (check("decision", "decision_number <> ''"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluations.id"), index=True)
    fact: Mapped[str] = mapped_column(String(60))
    decision_number: Mapped[str] = mapped_column(String(100))
    decision_date: Mapped[date]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    note: Mapped[str] = mapped_column(String(300), default="")
