"""Questions with their versions, tags and citations, how often they were drawn, how they did, which are alike."""

from __future__ import annotations

import enum
import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.bank.models.law import LegalDocument, TransitionalUse
from examapp.core import clock, text
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.organisation.models import Position
from question_bank.question import Level
from question_bank.similarity import Likeness


class Strand(enum.StrEnum):
    """Kind of content, the first level of the topic tree."""

    PROFESSIONAL = "chuyen_mon"
    PROCEDURE = "nghiep_vu"
    POLICY = "chinh_sach"
    SKILL = "ky_nang"


class BankKind(enum.StrEnum):
    EXAM = "exam"
    PRACTICE = "practice"


class QuestionState(enum.StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETIRED = "retired"


class PairVerdict(enum.StrEnum):
    OPEN = "open"
    DIFFERENT = "different"
    MERGED = "merged"


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


class Question(Base):
    """The lasting identity of a question; what it says is in its versions."""

    __tablename__ = "questions"
    __table_args__ = (
        check("hold", "(held_at IS NULL) = (hold_reason = '')"),
        check("merged", "merged_into_id IS NULL OR (state = 'retired' AND merged_into_id <> id)"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    """The same in every installation that holds this question: how an exchanged package finds it again."""
    code: Mapped[str] = mapped_column(String(40), unique=True)
    bank: Mapped[BankKind] = mapped_column(one_of(BankKind), default=BankKind.EXAM)
    state: Mapped[QuestionState] = mapped_column(one_of(QuestionState), default=QuestionState.DRAFT, index=True)
    is_common: Mapped[bool] = mapped_column(default=False)
    """Common to all positions."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    """From the starter bank: labelled, drawn only in demonstration mode."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    """The duplicate that stands for this retired one; both keep their histories."""
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


class QuestionTag(Base):
    """The tags of the present version, for filters; the content keeps them too."""

    __tablename__ = "question_tags"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)


class QuestionVersion(Base):
    """What a question said from one edit to the next; papers and results keep theirs for ever."""

    __tablename__ = "question_versions"
    __table_args__ = (
        UniqueConstraint("question_id", "number"),
        check("points", "points > 0"),
        check("seconds", "seconds IS NULL OR seconds > 0"),
        Index("ix_question_versions_topic_level", "topic_id", "level"),
        Index("ix_question_versions_level_kind", "level", "kind"),
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
    seconds: Mapped[int | None]
    """Expected time to answer."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    note: Mapped[str] = mapped_column(String(300), default="")
    """Why this version was made."""

    question: Mapped[Question] = relationship(foreign_keys=[question_id])
    topic: Mapped[Topic] = relationship()
    citations: Mapped[list[Citation]] = relationship(order_by="Citation.id", back_populates="version")
    transitional_uses: Mapped[list[TransitionalUse]] = relationship(order_by="TransitionalUse.id")


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

    version: Mapped[QuestionVersion] = relationship(back_populates="citations")
    document: Mapped[LegalDocument | None] = relationship()


class QuestionText(Base):
    """What the search reads of the present version. Narrow rows of their own: a search reads all of them."""

    __tablename__ = "question_texts"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    folded: Mapped[str] = mapped_column(Text)
    """Stem, options and citations in lower case without marks."""
    marked: Mapped[str] = mapped_column(Text)
    """The same with its marks."""


class Exposure(Base):
    """How often a version was put on papers of a round; written when papers are sealed."""

    __tablename__ = "exposures"

    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"), primary_key=True, index=True)
    papers: Mapped[int]


class ItemStatistic(Base):
    """How a version did in one published round; written by results, read by the bank's work lists."""

    __tablename__ = "item_statistics"
    __table_args__ = (check("answered", "answered BETWEEN 0 AND papers"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"), primary_key=True, index=True)
    papers: Mapped[int]
    answered: Mapped[int]
    facility: Mapped[int | None]
    """Mean share of the points earned, in thousandths (chỉ số độ dễ)."""
    discrimination: Mapped[int | None]
    """Item-rest correlation, in thousandths, -1000 to 1000; ``None`` where too few sat it."""


class DuplicatePair(Base):
    """Two questions found to be alike, until a person says what they are."""

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        check("order", "first_id < second_id"),
        check("decided", "(verdict = 'open') = (decided_at IS NULL)"),
    )

    first_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True, index=True)
    likeness: Mapped[Likeness] = mapped_column(one_of(Likeness))
    score: Mapped[int]
    """0 to 100."""
    verdict: Mapped[PairVerdict] = mapped_column(one_of(PairVerdict), default=PairVerdict.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    first: Mapped[Question] = relationship(foreign_keys=[first_id])
    second: Mapped[Question] = relationship(foreign_keys=[second_id])


class SavedFilter(Base):
    """A search of the bank that a person keeps under a name."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(String(1000))
    """The part of the address behind the question mark."""
