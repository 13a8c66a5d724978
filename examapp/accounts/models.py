"""Accounts, sessions, sign-in slips, roles granted over units and positions."""

from __future__ import annotations

import enum
from datetime import date, datetime

from flask import current_app, g, has_app_context
from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from examapp.core import clock
from examapp.core import text as words
from examapp.core.db import Base, Reference, UtcDateTime, check, new_reference, one_of
from examapp.core.permissions import Permission
from examapp.organisation.models import Official, Position, Unit


class Role(enum.StrEnum):
    EXAMINER = "examiner"
    REVIEWER = "reviewer"
    BANK_MANAGER = "bank_manager"
    ORGANISER = "organiser"
    INVIGILATOR = "invigilator"
    EVALUATOR = "evaluator"
    LEADER = "leader"
    FOCAL_PERSON = "focal_person"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"


class Secret(enum.StrEnum):
    """What a failed try guessed at."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind
    CODE = "code"


def _folded_name(context: DefaultExecutionContext) -> str:
    row: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return words.fold(row["display_name"])


class Account(Base):
    """Who signs in. Every account of an official is also the role *official*."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int | None] = mapped_column(ForeignKey("officials.id"), unique=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    """Staff code, folded to lower case."""
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    name_fold: Mapped[str] = mapped_column(String(120), index=True, default=_folded_name)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """``None`` until the first sign-in by a slip."""
    is_blocked: Mapped[bool] = mapped_column(default=False)
    session_number: Mapped[int] = mapped_column(default=1)
    """Raised on password change: sessions of an older number have ended."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    official: Mapped[Official | None] = relationship()
    grants: Mapped[list[Grant]] = relationship(back_populates="account", foreign_keys="Grant.account_id")

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return not self.is_blocked

    def get_id(self) -> str:
        return str(self.id)

    def grants_for(self, permission: Permission) -> list[Grant]:
        """The grants valid today that carry ``permission``."""
        from examapp.accounts.roles import PERMISSIONS

        if not self.grants:
            return []
        today = clock.today()
        return [
            grant
            for grant in self.grants
            if permission in PERMISSIONS[grant.role]
            and grant.valid_from <= today
            and (grant.valid_to is None or grant.valid_to >= today)
        ]

    def may(self, permission: Permission) -> bool:
        """Whether this person has ``permission`` anywhere; rows are scoped by :meth:`units` and :meth:`positions`."""
        from examapp.accounts.roles import EVERYONE, OFFICIAL

        if permission in EVERYONE or (permission in OFFICIAL and self.official_id is not None):
            return True
        return bool(self.grants_for(permission)) or self._has_seat(permission)

    def _has_seat(self, permission: Permission) -> bool:
        """By a place on the council of a round, as the rooms down the road declare it."""
        seats = current_app.extensions["seats"] if has_app_context() else ()
        return any(seat(self.id, permission) for seat in seats)

    def units(self, permission: Permission) -> set[int] | None:
        """Ids of the units ``permission`` reaches, with all their predecessors; ``None`` means every unit."""
        from examapp.organisation.tree import scope

        grants = self.grants_for(permission)
        if any(grant.unit_id is None and grant.position_id is None for grant in grants):
            return None
        cached: dict[tuple[int, str], set[int]] = g.setdefault("units_in_reach", {}) if has_app_context() else {}
        key = (self.id, permission.value)
        if key not in cached:
            cached[key] = scope([x.unit_id for x in grants if x.unit_id is not None], on=clock.today())
        return cached[key]

    def positions(self, permission: Permission) -> set[int] | None:
        """Ids of the positions ``permission`` reaches; ``None`` means every position."""
        grants = self.grants_for(permission)
        if any(grant.position_id is None for grant in grants):
            return None
        return {grant.position_id for grant in grants if grant.position_id is not None}


class SignInCode(Base):
    """The one-time code of a printed slip; only its hash is kept."""

    __tablename__ = "sign_in_codes"
    __table_args__ = (
        check("dates", "expires_at > issued_at"),
        check("one_end", "used_at IS NULL OR revoked_at IS NULL"),
        Index(
            "uq_sign_in_codes_open",
            "account_id",
            unique=True,
            sqlite_where=text("used_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInFailure(Base):
    """A failed try, counted by account and by device, never by address alone (a whole hall shares one)."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("ix_sign_in_failures_login_at", "login", "at"),
        Index("ix_sign_in_failures_device_at", "device", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40))
    device: Mapped[str] = mapped_column(String(64))
    """Identity of the browser, from its own long-lived cookie."""
    kind: Mapped[Secret] = mapped_column(one_of(Secret), default=Secret.PASSWORD)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class Grant(Base):
    """A role given to an account, over a unit's subtree or over a position (both empty: over everything)."""

    __tablename__ = "grants"
    __table_args__ = (
        check("dates", "valid_to IS NULL OR valid_to >= valid_from"),
        check("one_scope", "unit_id IS NULL OR position_id IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[Role] = mapped_column(one_of(Role))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    basis: Mapped[str] = mapped_column(String(200), default="")
    """Decision by which it was given."""

    account: Mapped[Account] = relationship(back_populates="grants", foreign_keys=[account_id])
    unit: Mapped[Unit | None] = relationship()
    position: Mapped[Position | None] = relationship()


class UserSession(Base):
    """A signed-in browser; the cookie carries its reference, so that it can be ended from here."""

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Reference, unique=True, default=new_reference)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    session_number: Mapped[int]
    device: Mapped[str] = mapped_column(String(64), default="", index=True)
    """The browser it was begun on; one that has signed in before is known good for the account."""
    browser: Mapped[str] = mapped_column(String(80), default="")
    """What the browser says it is, for the person's own list."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
