"""The log of acts that matter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core import clock
from examapp.core.db import Base, UtcDateTime


class AuditEvent(Base):
    """Who did what to what, when; written in the act's own transaction and never changed."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_target", "target", "target_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    action: Mapped[str] = mapped_column(String(60))
    target: Mapped[str] = mapped_column(String(60))
    target_id: Mapped[str] = mapped_column(String(60), default="")
    details: Mapped[str] = mapped_column(Text, default="{}")
    """Canonical JSON: old and new values, reason."""

    actor: Mapped[Any] = relationship("Account", viewonly=True, uselist=False)
    """The account that acted; named, not imported: accounts stand further down the road."""
