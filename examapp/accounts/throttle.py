"""Who must wait after wrong tries: an account on one device, or an account everywhere; never an address.

A hall of sixty people shares one address, and sometimes one computer, so a device that fails for many accounts is not
suspicious by itself. Tries refused because of a wait are not counted; otherwise a wait would never end.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from examapp.accounts.models import Secret, SignInFailure, UserSession
from examapp.core import clock
from examapp.core.db import afterwards, db
from examapp.core.errors import HouseError
from examapp.core.text import format_time
from examapp.core.words import _

PAIR_WINDOW = timedelta(minutes=15)
PAIR_LIMIT = 10
CODE_LIMIT = 5
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = PAIR_WINDOW
ACCOUNT_WINDOW = timedelta(hours=1)
ACCOUNT_LIMIT = 100


class TryLater(HouseError):
    """Too many wrong tries; the message says when to try again and whom to ask."""

    status = 429

    def __init__(self, until: datetime, now: datetime) -> None:
        minutes = max(1, -(-int((until - now).total_seconds()) // 60))
        super().__init__(
            _(
                "Đã nhập sai nhiều lần. Có thể thử lại sau %(minutes)s phút nữa (lúc %(time)s).",
                minutes=minutes,
                time=format_time(until + timedelta(seconds=59)),
            ),
            advice=_(
                "Nếu không nhớ mật khẩu, hãy nhờ đầu mối của đơn vị in phiếu đăng nhập mới, "
                "hoặc gọi bộ phận hỗ trợ: %(phone)s.",
                phone=current_app.config["SETTINGS"].support_phone,
            ),
        )
        self.until = until


def refuse_while_waiting(
    session: Session, *, login: str, account_id: int | None, device: str, kind: Secret, now: datetime
) -> None:
    """Raise :class:`TryLater` when this try comes too early."""
    ends = [_end_of_device_wait(session, login=login, device=device, kind=kind, now=now)]
    if account_id is None or not _is_known_good(session, account_id, device):
        ends.append(_end_of_account_wait(session, login=login, now=now))
    latest = max((end for end in ends if end), default=None)
    if latest is not None and latest > now:
        raise TryLater(latest, now)


def _end_of_device_wait(session: Session, *, login: str, device: str, kind: Secret, now: datetime) -> datetime | None:
    """Passwords count for this account on this device; codes for all accounts, until one is right."""
    failures = select(func.count(), func.max(SignInFailure.at)).where(
        SignInFailure.device == device, SignInFailure.kind == kind, SignInFailure.at > now - PAIR_WINDOW
    )
    if kind is Secret.PASSWORD:
        failures = failures.where(SignInFailure.login == login)
    count, last = session.execute(failures).one()
    limit = PAIR_LIMIT if kind is Secret.PASSWORD else CODE_LIMIT
    return last + delay_after(count - limit) if count >= limit else None


def delay_after(further: int) -> timedelta:
    """Twice as long with every further wrong try: 30 seconds, 1 minute, … 15 minutes."""
    return min(FIRST_DELAY * (1 << min(further, 10)), LONGEST_DELAY)


def _end_of_account_wait(session: Session, *, login: str, now: datetime) -> datetime | None:
    hundredth = session.scalar(
        select(SignInFailure.at)
        .where(SignInFailure.login == login, SignInFailure.at > now - ACCOUNT_WINDOW)
        .order_by(SignInFailure.at.desc(), SignInFailure.id)
        .offset(ACCOUNT_LIMIT - 1)
        .limit(1)
    )
    return hundredth + ACCOUNT_WINDOW if hundredth else None


def _is_known_good(session: Session, account_id: int, device: str) -> bool:
    """Whether this person has signed in on this device before: strangers elsewhere must not lock them out."""
    return bool(
        session.scalar(
            select(UserSession.id).where(UserSession.account_id == account_id, UserSession.device == device).limit(1)
        )
    )


def note_failure(*, login: str, device: str, kind: Secret, now: datetime) -> None:
    """Remember a wrong try once the request is over, in a transaction of its own."""
    row = {"login": login, "device": device, "kind": kind, "at": now}
    afterwards(lambda session: session.add(SignInFailure(**row)))


def forget_failures(*, login: str, device: str, kind: Secret) -> None:
    """A right try wipes this device's slate for the account; for codes, the device's slate."""
    wipe = delete(SignInFailure).where(SignInFailure.device == device, SignInFailure.kind == kind)
    db.session.execute(wipe.where(SignInFailure.login == login) if kind is Secret.PASSWORD else wipe)


def forget_old_failures() -> None:
    """Done by the runner: what no longer counts is not kept."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.at < clock.now() - 24 * ACCOUNT_WINDOW))
