"""The registry of legal documents, what amends what, and questions kept under transitional provisions."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core import clock
from examapp.core.db import Base, UtcDateTime, check, one_of


class Mark(enum.StrEnum):
    """How far a registry entry has been verified: seen, seen in part, recalled only."""

    VERIFIED = "V"
    PARTLY = "P"
    UNVERIFIED = "U"


class LegalDocument(Base):
    """A document of the registry. Only a checked one may be cited by an approved question."""

    __tablename__ = "legal_documents"
    __table_args__ = (
        check("dates", "in_force_to IS NULL OR in_force_from IS NULL OR in_force_to >= in_force_from"),
        check("superseded", "superseded_on IS NULL OR superseded_by_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    symbol: Mapped[str] = mapped_column(String(60), unique=True)
    """Số, ký hiệu, as printed: 118/2025/NĐ-CP."""
    other_names: Mapped[str] = mapped_column(Text, default="")
    """Symbols it went by here before, one a line: citations written with them are still recognised."""
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(40), default="")
    """Luật, Nghị định, Thông tư, Quy định…, as printed in its heading."""
    issuer: Mapped[str] = mapped_column(String(120), default="")
    issued_on: Mapped[date | None]
    is_party: Mapped[bool] = mapped_column(default=False)
    """A document of the Party: cited beside the law, of its own series of symbols."""
    link: Mapped[str] = mapped_column(String(500), default="")
    """Where the text can be read; http or https."""
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
    superseded_on: Mapped[date | None]
    """The day from which the successor stands in its place."""

    superseded_by: Mapped[LegalDocument | None] = relationship(remote_side=[id])

    @property
    def last_day(self) -> date | None:
        """The last day it carries a question: its own end, or the day before its successor takes its place."""
        replaced = self.superseded_on - timedelta(days=1) if self.superseded_on else None
        return min((day for day in (self.in_force_to, replaced) if day), default=None)


class LegalAmendment(Base):
    """One document changes another from a day on: a softer flag on the questions that rest on the changed one."""

    __tablename__ = "legal_amendments"
    __table_args__ = (
        UniqueConstraint("document_id", "amended_by_id"),
        check("self", "document_id <> amended_by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("legal_documents.id"))
    amended_by_id: Mapped[int] = mapped_column(ForeignKey("legal_documents.id"), index=True)
    from_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(300), default="")

    document: Mapped[LegalDocument] = relationship(foreign_keys=[document_id])
    amended_by: Mapped[LegalDocument] = relationship(foreign_keys=[amended_by_id])


class AmendmentCheck(Base):
    """Somebody read the amendment and found that the question stands as it is."""

    __tablename__ = "amendment_checks"

    amendment_id: Mapped[int] = mapped_column(ForeignKey("legal_amendments.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True, index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class TransitionalUse(Base):
    """ "Còn áp dụng theo điều khoản chuyển tiếp": a version stays usable although the document it cites has ended."""

    __tablename__ = "transitional_uses"
    __table_args__ = (
        UniqueConstraint("version_id", "document_id"),
        check("basis", "basis_symbol <> '' AND reason <> ''"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("legal_documents.id"), index=True)
    basis_symbol: Mapped[str] = mapped_column(String(200))
    """The document that holds the transitional provision, and the place in it."""
    basis_article: Mapped[str] = mapped_column(String(20), default="")
    basis_clause: Mapped[str] = mapped_column(String(20), default="")
    basis_point: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(String(300))
    until: Mapped[date | None]
    """Last day it may still be drawn for; ``None``: as long as nobody ends it."""
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class FrozenCitation(Base):
    """What a version cited when a round's papers were sealed, as the law stood on the day of the exam."""

    __tablename__ = "frozen_citations"

    round_id: Mapped[int] = mapped_column(ForeignKey("exam_rounds.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True, index=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """Place among the version's citations, from 1."""
    text: Mapped[str] = mapped_column(String(500))
    """Point, clause, article and symbol, as shown."""
    title: Mapped[str] = mapped_column(String(300), default="")
    in_force_from: Mapped[date | None]
    in_force_to: Mapped[date | None]
    transitional: Mapped[str] = mapped_column(String(700), default="")
    """Why it was still used after its end; empty while in force."""
