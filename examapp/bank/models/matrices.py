"""Exam matrices and their versions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.bank.models.questions import Topic
from examapp.core import clock
from examapp.core.db import Base, UtcDateTime, check, one_of
from examapp.organisation.models import Position
from question_bank.question import Level


class Matrix(Base):
    """An exam matrix: of a position, or (without one) the common section shared by all."""

    __tablename__ = "matrices"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"), index=True)
    current_id: Mapped[int | None] = mapped_column(
        ForeignKey("matrix_versions.id", use_alter=True, name="fk_matrices_current_id")
    )

    position: Mapped[Position | None] = relationship()
    current: Mapped[MatrixVersion] = relationship(foreign_keys=[current_id], post_update=True)


class MatrixVersion(Base):
    """The rows of a matrix from one edit to the next; a round keeps the version it was sealed with."""

    __tablename__ = "matrix_versions"
    __table_args__ = (UniqueConstraint("matrix_id", "number"), check("minutes", "minutes BETWEEN 1 AND 600"))

    id: Mapped[int] = mapped_column(primary_key=True)
    matrix_id: Mapped[int] = mapped_column(ForeignKey("matrices.id"), index=True)
    number: Mapped[int]
    minutes: Mapped[int]
    """Time for this section."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    matrix: Mapped[Matrix] = relationship(foreign_keys=[matrix_id])
    rows: Mapped[list[MatrixRow]] = relationship(order_by="MatrixRow.id")


class MatrixRow(Base):
    """A cell that asks for questions: topic × level × count × points each."""

    __tablename__ = "matrix_rows"
    __table_args__ = (
        UniqueConstraint("version_id", "topic_id", "level"),
        check("count", "count > 0"),
        check("points", "points > 0"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("matrix_versions.id"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    level: Mapped[Level] = mapped_column(one_of(Level))
    count: Mapped[int]
    points: Mapped[int] = mapped_column(default=1000)

    topic: Mapped[Topic] = relationship()
