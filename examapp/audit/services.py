"""Writing the log, and reading it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from flask import has_request_context
from flask_login import current_user
from sqlalchemy.orm import Session

from examapp.audit.models import AuditEvent
from examapp.core.db import db
from question_bank.question import canonical_json

_acting: ContextVar[int | None] = ContextVar("acting", default=None)


def record(action: str, target: str, target_id: object = "", *, session: Session | None = None, **details: Any) -> None:
    """Note an act in the caller's transaction: ``record("round.opened", "round", round.code, reason=...)``."""
    (session or db.session).add(
        AuditEvent(
            actor_id=_actor_id(),
            action=action,
            target=target,
            target_id=str(target_id),
            details=canonical_json({key: _plain(value) for key, value in details.items()}).decode(),
        )
    )


def _actor_id() -> int | None:
    if not has_request_context():
        return _acting.get()
    return int(current_user.get_id().split(":")[0]) if current_user.is_authenticated else None


@contextlib.contextmanager
def acting(account_id: int | None) -> Iterator[None]:
    """In a job: what is noted inside was done on this account's behalf."""
    token = _acting.set(account_id)
    try:
        yield
    finally:
        _acting.reset(token)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)
