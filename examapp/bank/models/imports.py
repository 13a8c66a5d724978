"""Files that were read and wait for a person."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from examapp.core import clock
from examapp.core.db import Base, Reference, UtcDateTime, new_reference, one_of
from question_bank.question import Level


class ImportState(enum.StrEnum):
    READ = "read"
    STORED = "stored"
    DISCARDED = "discarded"


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
