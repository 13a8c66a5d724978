"""Who is signed in: the cookie carries the reference of a session that can be ended from here."""

from __future__ import annotations

from flask import Flask, session
from flask_login import LoginManager
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account, UserSession
from examapp.core import clock
from examapp.core.db import db


def load_account(account_id: str) -> Account | None:
    """The account of a live session: not ended, not expired, not older than the last password change."""
    return db.session.scalar(
        select(Account)
        .join(UserSession, UserSession.account_id == Account.id)
        .where(
            Account.id == int(account_id),
            Account.is_blocked.is_(False),
            UserSession.ref == session.get("session_ref", ""),
            UserSession.session_number == Account.session_number,
            UserSession.ended_at.is_(None),
            UserSession.expires_at > clock.now(),
        )
        .options(selectinload(Account.grants), joinedload(Account.official))
    )


def init_login(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # a phone changes its address all day; the session row is what we trust
    manager.user_loader(load_account)
