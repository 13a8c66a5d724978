"""Who is signed in: the cookie carries the reference of a session that can be ended from here."""

from __future__ import annotations

from flask import Flask, session
from flask_login import LoginManager
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from examapp.accounts.hashing import Desk
from examapp.accounts.models import Account, UserSession
from examapp.core import clock
from examapp.core.db import db

_BY_SESSION = (
    select(Account)
    .join(UserSession, UserSession.account_id == Account.id)
    .where(
        Account.id == bindparam("account_id"),
        Account.is_blocked.is_(False),
        UserSession.ref == bindparam("ref"),
        UserSession.session_number == Account.session_number,
        UserSession.ended_at.is_(None),
        UserSession.expires_at > bindparam("now"),
    )
    .options(joinedload(Account.grants))
)
"""Asked by every request of everybody: one statement, put together once."""


def load_account(account_id: str) -> Account | None:
    """The account of a live session: not ended, not expired, not older than the last password change."""
    values = {"account_id": int(account_id), "ref": session.get("session_ref", ""), "now": clock.now()}
    return db.session.scalars(_BY_SESSION, values).unique().one_or_none()


def init_login(app: Flask) -> None:
    app.extensions["hashing"] = Desk(app.config["SETTINGS"].data / "hashing.lock")
    manager = LoginManager(app)
    manager.session_protection = None  # a phone changes its address all day; the session row is what we trust
    manager.user_loader(load_account)
