"""Topics, legal documents, questions and their versions, citations, reviews, matrices."""

from __future__ import annotations

import enum
import hashlib
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core import clock, text
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.organisation.models import Position
from question_bank.question import Level


class Strand(enum.StrEnum):
    """Kind of content, the first level of the topic tree."""

    PROFESSIONAL = "chuyen_mon"
    PROCEDURE = "nghiep_vu"
    POLICY = "chinh_sach"
    SKILL = "ky_nang"


class Mark(enum.StrEnum):
    """How far a registry entry has been verified: seen, seen in part, recalled only."""

    VERIFIED = "V"
    PARTLY = "P"
    UNVERIFIED = "U"


class BankKind(enum.StrEnum):
    EXAM = "exam"
    PRACTICE = "practice"


class QuestionState(enum.StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETIRED = "retired"


class Verdict(enum.StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


class ImportState(enum.StrEnum):
    READ = "read"
    STORED = "stored"
    DISCARDED = "discarded"


def stem_key(stem: str) -> str:
    """Equal for stems that differ only in case, blanks or diacritics: how the same question is found again."""
    return hashlib.sha256(text.fold(stem).encode()).hexdigest()[:32]


def _stem_key_of_row(context: DefaultExecutionContext) -> str:
    return stem_key(context.get_current_parameters()["stem"])  # type: ignore[no-untyped-call]


class Topic(Base):
    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    strand: Mapped[Strand] = mapped_column(one_of(Strand))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    """The position it belongs to; ``None``: common to all."""


class LegalDocument(Base):
    """A document of the registry. Only a checked one may be cited by an approved question."""

    __tablename__ = "legal_documents"
    __table_args__ = (check("dates", "in_force_to IS NULL OR in_force_from IS NULL OR in_force_to >= in_force_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    symbol: Mapped[str] = mapped_column(String(60), unique=True)
    """Số, ký hiệu, as printed: 118/2025/NĐ-CP."""
    title: Mapped[str] = mapped_column(String(300))
    field: Mapped[str] = mapped_column(String(100), default="")
    in_force_from: Mapped[date | None]
    in_force_to: Mapped[date | None]
    """Last day in force."""
    mark: Mapped[Mark] = mapped_column(one_of(Mark))
    status_checked: Mapped[bool] = mapped_column(default=False)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    """Who confirmed the entry by hand; empty for entries that came verified."""
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("legal_documents.id"))

    superseded_by: Mapped[LegalDocument | None] = relationship(remote_side=[id])


class Question(Base):
    """The lasting identity of a question; what it says is in its versions."""

    __tablename__ = "questions"
    __table_args__ = (check("hold", "(held_at IS NULL) = (hold_reason = '')"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    bank: Mapped[BankKind] = mapped_column(one_of(BankKind), default=BankKind.EXAM)
    state: Mapped[QuestionState] = mapped_column(one_of(QuestionState), default=QuestionState.DRAFT, index=True)
    is_common: Mapped[bool] = mapped_column(default=False)
    """Common to all positions."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    """From the starter bank: labelled, drawn only in demonstration mode."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    current_id: Mapped[int | None] = mapped_column(
        ForeignKey("question_versions.id", use_alter=True, name="fk_questions_current_id"), index=True
    )
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hold_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    current: Mapped[QuestionVersion] = relationship(foreign_keys=[current_id], post_update=True)
    positions: Mapped[list[Position]] = relationship(secondary="question_positions", order_by=Position.code)


class QuestionPosition(Base):
    __tablename__ = "question_positions"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("positions.id"), primary_key=True, index=True)


class QuestionVersion(Base):
    """What a question said from one edit to the next; papers and results keep theirs for ever."""

    __tablename__ = "question_versions"
    __table_args__ = (
        UniqueConstraint("question_id", "number"),
        check("points", "points > 0"),
        Index("ix_question_versions_topic_level", "topic_id", "level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    level: Mapped[Level] = mapped_column(one_of(Level))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    stem: Mapped[str] = mapped_column(Text)
    """Shown in lists; the whole is in ``content``."""
    stem_key: Mapped[str] = mapped_column(String(32), default=_stem_key_of_row, index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """Canonical bytes of :meth:`question_bank.question.Question.as_json`: what ``digest`` was taken of."""
    digest: Mapped[str] = mapped_column(String(64), index=True)
    points: Mapped[int] = mapped_column(default=1000)
    search: Mapped[str] = mapped_column(Text)
    """Stem, options and citations twice: folded, then (after a line end) in lower case with their marks."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    note: Mapped[str] = mapped_column(String(300), default="")
    """Why this version was made."""

    question: Mapped[Question] = relationship(foreign_keys=[question_id])
    topic: Mapped[Topic] = relationship()
    citations: Mapped[list[Citation]] = relationship(order_by="Citation.id")


class Citation(Base):
    """Where the law says it. Without a registry entry the text is kept and listed as unmatched."""

    __tablename__ = "citations"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("legal_documents.id"), index=True)
    symbol: Mapped[str] = mapped_column(String(200))
    article: Mapped[str] = mapped_column(String(20), default="")
    clause: Mapped[str] = mapped_column(String(20), default="")
    point: Mapped[str] = mapped_column(String(20), default="")

    document: Mapped[LegalDocument | None] = relationship()


class Review(Base):
    """What a reviewer said of one version; never its author."""

    __tablename__ = "reviews"
    __table_args__ = (check("returned_with_comment", "verdict = 'approved' OR comment <> ''"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict))
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class QuestionImport(Base):
    """A file that was read and waits for a person: what will come, what is wrong, mended in place."""

    __tablename__ = "question_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    format: Mapped[str] = mapped_column(String(20))
    state: Mapped[ImportState] = mapped_column(one_of(ImportState), default=ImportState.READ)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"))
    level: Mapped[Level | None] = mapped_column(one_of(Level))
    """Taken where the file says none."""
    items: Mapped[str] = mapped_column(Text)
    """JSON: questions as read or mended, their places and problems, and which are left out."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    stored_count: Mapped[int] = mapped_column(default=0)


class Exposure(Base):
    """How often a version was put on papers of a round; written when papers are sealed."""

    __tablename__ = "exposures"

    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"), primary_key=True, index=True)
    papers: Mapped[int]


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
