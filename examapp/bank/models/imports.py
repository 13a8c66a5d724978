"""Files that were read and wait for a person: several at once, question by question."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.bank.models.questions import BankKind
from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.core.models import File, Job
from question_bank.question import Level


class ImportState(enum.StrEnum):
    WAITING = "waiting"
    """Kept, not read to its end yet."""
    MAPPING = "mapping"
    """A person must say first what its columns mean."""
    READ = "read"
    STORING = "storing"
    """On its way into the bank; nothing of it is seen there before all of it has come."""
    STORED = "stored"
    DISCARDED = "discarded"
    UNREADABLE = "unreadable"


class ImportBatch(Base):
    """What was sent at once: a file, several, or an archive of them."""

    __tablename__ = "import_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    refused: Mapped[str] = mapped_column(Text, default="[]")
    """JSON: names of members that were not taken, each with the reason."""

    imports: Mapped[list[QuestionImport]] = relationship(back_populates="batch", order_by="QuestionImport.id")


class QuestionImport(Base):
    """One file: what will come, what is wrong, mended in place, until its owner confirms or discards it."""

    __tablename__ = "question_imports"
    __table_args__ = (check("unreadable", "(state = 'unreadable') = (message <> '')"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    key_file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    """A second file that holds the answers."""
    format: Mapped[str] = mapped_column(String(20))
    """Name of the format; "auto" until the file has been read."""
    state: Mapped[ImportState] = mapped_column(one_of(ImportState), default=ImportState.WAITING)
    message: Mapped[str] = mapped_column(Text, default="")
    """Why it could not be read."""
    bank: Mapped[BankKind] = mapped_column(one_of(BankKind), default=BankKind.EXAM)
    """Where its questions go."""
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"))
    level: Mapped[Level | None] = mapped_column(one_of(Level))
    """Taken, with position and topic, where the file says none."""
    report: Mapped[str] = mapped_column(Text, default="{}")
    """JSON of what was found in the file as a whole: problems, notes, converted texts."""
    columns: Mapped[str] = mapped_column(Text, default="")
    """JSON of the sheets whose columns a person is to name, or may name better; empty for other files."""
    is_conversion_confirmed: Mapped[bool] = mapped_column(default=False)
    """A person has looked at the texts that came in an old encoding."""
    only_good: Mapped[bool] = mapped_column(default=False)
    """The person chose to store the good ones, although others are faulty."""
    read_count: Mapped[int] = mapped_column(default=0)
    """Questions the file holds, those of unknown kinds included."""
    stored_count: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"))
    """Who reads or stores it, where that takes long."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    batch: Mapped[ImportBatch] = relationship(back_populates="imports")
    file: Mapped[File] = relationship(foreign_keys=[file_id])
    job: Mapped[Job | None] = relationship()


class ImportGroup(Base):
    """Questions of a file that name the same topic, positions and heading: what those mean is asked once for all."""

    __tablename__ = "import_groups"
    __table_args__ = (UniqueConstraint("import_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("question_imports.id"))
    key: Mapped[str] = mapped_column(String(64))
    """Digest of what is named."""
    topic: Mapped[str] = mapped_column(Text)
    """As written, like the others; empty where the file says none."""
    positions: Mapped[str] = mapped_column(Text)
    """JSON: codes or names."""
    heading: Mapped[str] = mapped_column(Text, default="")
    """The titles the questions stand under."""


class ImportItem(Base):
    """One question of the file."""

    __tablename__ = "import_items"
    __table_args__ = (UniqueConstraint("import_id", "number"), check("number", "number > 0"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("question_imports.id"))
    number: Mapped[int]
    group_id: Mapped[int] = mapped_column(ForeignKey("import_groups.id"), index=True)
    place: Mapped[str] = mapped_column(Text)
    """JSON: the row, line or paragraph it came from."""
    content: Mapped[str] = mapped_column(Text)
    """JSON: the question as read or mended."""
    level: Mapped[Level | None] = mapped_column(one_of(Level))
    documents: Mapped[str] = mapped_column(Text, default="")
    """JSON: symbols of the documents it cites, as written; empty without any."""
    stem_key: Mapped[str] = mapped_column(String(32))
    findings: Mapped[str] = mapped_column(Text, default="")
    """JSON of what reader and check found; empty when nothing."""
    alike: Mapped[str] = mapped_column(Text, default="")
    """JSON of questions it may repeat; empty when none."""
    has_errors: Mapped[bool] = mapped_column(default=False)
    has_warnings: Mapped[bool] = mapped_column(default=False)
    is_left_out: Mapped[bool] = mapped_column(default=False)
    is_mended: Mapped[bool] = mapped_column(default=False)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    """What it became."""


class ImportMedia(Base):
    """An image of the file, kept until the questions that show it are stored."""

    __tablename__ = "import_media"

    import_id: Mapped[int] = mapped_column(ForeignKey("question_imports.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """How the questions of the file name it."""
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))


class ImportMapping(Base):
    """What a heading, category or unknown code of files means to this person; said once, used for later files too."""

    __tablename__ = "import_mappings"
    __table_args__ = (
        UniqueConstraint("owner_id", "key"),
        check("place", "NOT (is_common AND position_id IS NOT NULL)"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    key: Mapped[str] = mapped_column(String(64))
    """Digest of the text without case, blanks and diacritics."""
    text: Mapped[str] = mapped_column(String(300))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    is_common: Mapped[bool] = mapped_column(default=False)


class ImportColumns(Base):
    """What the columns of a foreign table hold, as this person said; the same headings need no second asking."""

    __tablename__ = "import_columns"
    __table_args__ = (UniqueConstraint("owner_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    digest: Mapped[str] = mapped_column(String(64))
    """Of the headings."""
    mapping: Mapped[str] = mapped_column(Text)
    """JSON of :class:`question_bank.formats.excel_mapping.ColumnMapping`."""
