"""Partners, packages that came with what stands in them, what versions are called elsewhere, foreign statistics."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.bank.models.questions import BankKind
from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.core.models import File, Job


class PackageState(enum.StrEnum):
    WAITING = "waiting"
    """Kept; not compared with the bank yet, be it that nobody trusts its signer."""
    READ = "read"
    MERGING = "merging"
    MERGED = "merged"
    DISCARDED = "discarded"


class Fate(enum.StrEnum):
    """How a question of a package stands to the bank."""

    NEW = "new"
    TWIN = "twin"
    """New, but another question here asks the same."""
    NEWER = "newer"
    """Theirs goes on from ours."""
    DIVERGED = "diverged"
    """Both were changed since."""
    APPROVED = "approved"
    """The same, and approved there by whom we trust."""
    SAME = "same"
    OLDER = "older"
    """Ours goes on from theirs."""
    RETIRED = "retired"
    """Out of use here."""
    UNPLACED = "unplaced"
    """Of positions that are not known here."""
    SKIPPED = "skipped"
    """Cannot be taken; the reason says why."""


class ExchangePartner(Base):
    """Another installation whose key is trusted, by the fingerprint of that key."""

    __tablename__ = "exchange_partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    trusts_review: Mapped[bool] = mapped_column(default=False)
    """What was approved there is taken as approved here."""
    added_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """From when it is trusted no longer."""


class ExchangePackage(Base):
    """A package that came, from its upload to its merging."""

    __tablename__ = "exchange_packages"
    __table_args__ = (
        check("merged", "(state = 'merged') = (merged_at IS NOT NULL)"),
        check("partner", "state IN ('waiting', 'discarded') OR partner_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Of the key that signed it."""
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_partners.id"))
    origin: Mapped[str] = mapped_column(String(200))
    """As the package calls where it comes from."""
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bank: Mapped[BankKind] = mapped_column(one_of(BankKind))
    counts: Mapped[str] = mapped_column(Text)
    """JSON: how many of what it holds."""
    topics: Mapped[str] = mapped_column(Text, default="[]")
    """JSON, like the two that follow: what stands beside the questions."""
    positions: Mapped[str] = mapped_column(Text, default="[]")
    documents: Mapped[str] = mapped_column(Text, default="[]")
    choices: Mapped[str] = mapped_column(Text, default="{}")
    """JSON: which topics and positions here those of the package are."""
    made: Mapped[str] = mapped_column(Text, default="{}")
    """JSON: topics made for a merging that is under way, and what came of it in the end."""
    state: Mapped[PackageState] = mapped_column(one_of(PackageState), default=PackageState.WAITING)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    merged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    file: Mapped[File] = relationship()
    partner: Mapped[ExchangePartner | None] = relationship()
    job: Mapped[Job | None] = relationship()


class ExchangeItem(Base):
    """One question of a package, and what is to become of it."""

    __tablename__ = "exchange_items"
    __table_args__ = (
        UniqueConstraint("package_id", "number"),
        UniqueConstraint("package_id", "uid"),
        check("number", "number > 0"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("exchange_packages.id"))
    number: Mapped[int]
    """Its line in the package."""
    uid: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    data: Mapped[str] = mapped_column(Text)
    """JSON of the package; empty once it has been merged, or where it could not be read."""
    places: Mapped[str] = mapped_column(Text, default="")
    """Codes of its positions, each between bars."""
    fate: Mapped[Fate] = mapped_column(one_of(Fate))
    reason: Mapped[str] = mapped_column(Text, default="")
    """JSON: why it is not taken, or was not in the end."""
    is_taken: Mapped[bool] = mapped_column(default=False)
    """What the person chose."""
    take_from: Mapped[int] = mapped_column(default=0)
    """Index of the first version that is not here yet."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    """The same question here, or what it became."""
    base_id: Mapped[int | None] = mapped_column(ForeignKey("question_versions.id"), index=True)
    """The version here that it was compared with."""
    twin_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    """Another question here that asks the same."""
    is_done: Mapped[bool] = mapped_column(default=False)
    """Stored, although not shown before all of the package is."""


class VersionAlias(Base):
    """A digest by which other installations know a version: there its topic or positions have other codes."""

    __tablename__ = "version_aliases"

    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)


class ForeignStatistic(Base):
    """How a version did in a year at a partner's; our own figures stand apart."""

    __tablename__ = "foreign_statistics"
    __table_args__ = (check("answered", "answered BETWEEN 0 AND papers"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("question_versions.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("exchange_partners.id"), primary_key=True, index=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    papers: Mapped[int]
    answered: Mapped[int]
    facility: Mapped[int | None]
    discrimination: Mapped[int | None]
