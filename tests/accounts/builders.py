"""Accounts with passwords and slips; the password is hashed once for all tests."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from examapp.accounts import codes, passwords
from examapp.accounts.models import Account, Role, SignInCode, SignInFailure, UserSession
from examapp.core import clock
from tests.builders import Builder
from tests.conftest import PASSWORD


@cache
def password_hash(password: str = PASSWORD) -> str:
    return passwords.make_hash(password)


def person(build: Builder, name: str = "Nguyễn Văn Mẫu", *roles: Role, **columns: Any) -> Account:
    """An official with an account and the password of the tests."""
    columns.setdefault("password_hash", password_hash())
    return build.account(build.official(name), *roles, **columns)


def slip(build: Builder, account: Account, code: str = "K7MPQ-3XW9T", **columns: Any) -> SignInCode:
    now = clock.now()
    columns.setdefault("issued_at", now)
    columns.setdefault("expires_at", now + timedelta(days=14))
    return build.save(SignInCode(account_id=account.id, code_hash=codes.hash_of(code, account.id), **columns))


def rows(build: Builder, kind: type[Any]) -> list[Any]:
    """Every row of a table as it stands now."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from examapp.core.db import db

    with build.app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(kind).order_by(kind.id)))


def failures(build: Builder) -> list[SignInFailure]:
    return rows(build, SignInFailure)


def sessions(build: Builder) -> list[UserSession]:
    return rows(build, UserSession)
