"""Who must wait after wrong tries: an account on one device, or a password everywhere; never an address.

A hall of sixty people shares one address, and sometimes one computer, so a device that fails for many accounts is not
suspicious by itself. Tries refused because of a wait are not counted; otherwise a wait would never end. Strangers can
make a person's password wait on devices it was never used on; the code of a slip never waits for them: its 49 bits are
not guessed, and it is the way in that the message names.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.orm import Session, aliased

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
) -> int:
    """Raise :class:`TryLater` when this try comes too early; otherwise how many wrong ones count against the device."""
    values = {
        "login": login,
        "account_id": account_id,
        "device": device,
        "since": now - PAIR_WINDOW,
        "hour_ago": now - ACCOUNT_WINDOW,
    }
    count, last, hundredth, known = session.execute(_HISTORY[kind], values).one()
    limit = PAIR_LIMIT if kind is Secret.PASSWORD else CODE_LIMIT
    ends: list[datetime] = [last + delay_after(count - limit)] if last and count >= limit else []
    if kind is Secret.PASSWORD and hundredth is not None and not known:
        ends.append(hundredth + ACCOUNT_WINDOW)
    latest = max(ends, default=None)
    if latest is not None and latest > now:
        raise TryLater(latest, now)
    return int(count)


def _history(kind: Secret) -> Select[int, datetime | None, datetime | None, bool]:
    """In one look, as every sign-in asks it: the wrong tries of the device (passwords count for this account on this
    device; codes for all accounts, until one is right), the hundredth latest password of the account, and whether this
    person has signed in on this device before: strangers elsewhere must not lock them out."""
    hundredth = (
        select(SignInFailure.at)
        .where(SignInFailure.login == bindparam("login"), SignInFailure.at > bindparam("hour_ago"))
        .where(SignInFailure.kind == Secret.PASSWORD)
        .order_by(SignInFailure.at.desc(), SignInFailure.id)
        .offset(ACCOUNT_LIMIT - 1)
        .limit(1)
    )
    known = select(UserSession.id).where(
        UserSession.account_id == bindparam("account_id"), UserSession.device == bindparam("device")
    )
    own = aliased(SignInFailure)
    history = select(func.count(), func.max(own.at), hundredth.scalar_subquery(), known.exists()).where(
        own.device == bindparam("device"), own.kind == kind, own.at > bindparam("since")
    )
    return history.where(own.login == bindparam("login")) if kind is Secret.PASSWORD else history


_HISTORY = {kind: _history(kind) for kind in Secret}


def delay_after(further: int) -> timedelta:
    """Twice as long with every further wrong try: 30 seconds, 1 minute, … 15 minutes."""
    return min(FIRST_DELAY * (1 << min(further, 10)), LONGEST_DELAY)


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
