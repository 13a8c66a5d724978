"""Signing in with a password, sessions that can be ended from here, changing the password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from examapp.accounts import passwords, throttle
from examapp.accounts.models import Account, Secret, SignInCode, UserSession
from examapp.audit.services import record
from examapp.core import text
from examapp.core.db import db, reading
from examapp.core.errors import Invalid, NotFound
from examapp.core.words import _


@dataclass(frozen=True, slots=True)
class Verified:
    """A password was right: whose, and the stored hash it was compared with."""

    account_id: int
    stored: str
    better: str | None = None
    """A new hash, when the stored one was made with smaller parameters."""
    failed: int = 0
    """Wrong tries that counted against the device until now."""


def normal_login(typed: str) -> str:
    """A staff code as it is compared: no marks, lower case, no blanks."""
    return text.fold(typed).replace(" ", "")[:40]


def normal_phone(typed: str | None) -> str | None:
    """A phone number as it is stored: figures only, +84 as 0. ``None`` for what is none."""
    digits = re.sub(r"[\s.\-()]", "", typed or "")
    digits = re.sub(r"^(\+84|0084|84(?=\d{9}$))", "0", digits)
    return digits if re.fullmatch(r"0\d{8,10}", digits) else None


def find_account(session: Session, typed: str) -> Account | None:
    """By staff code first, then by phone number."""
    account = session.scalar(select(Account).where(Account.login == normal_login(typed)))
    phone = normal_phone(typed)
    if account is None and phone:
        account = session.scalar(select(Account).where(Account.phone == phone))
    return account


def verify_password(typed: str, password: str, *, device: str, now: datetime) -> Verified:
    """Compare outside any write transaction. One text for every cause, and the same time for all."""
    with reading() as session:
        account = find_account(session, typed)
        login, account_id = (account.login, account.id) if account else (normal_login(typed), None)
        failed = throttle.refuse_while_waiting(
            session, login=login, account_id=account_id, device=device, kind=Secret.PASSWORD, now=now
        )
    stored = account.password_hash if account else None
    if not passwords.matches(password, stored) or account is None or stored is None or account.is_blocked:
        throttle.note_failure(login=login, device=device, kind=Secret.PASSWORD, now=now)
        raise wrong_password()
    better = passwords.make_hash(password) if passwords.is_weaker(stored) else None
    return Verified(account.id, stored, better, failed)


def wrong_password() -> Invalid:
    return Invalid(
        _("Mã cán bộ, số điện thoại hoặc mật khẩu không đúng."),
        advice=_(
            "Hãy kiểm tra phím Caps Lock và bộ gõ tiếng Việt rồi nhập lại. "
            "Nếu không nhớ mật khẩu, hãy nhờ đầu mối của đơn vị in phiếu đăng nhập mới."
        ),
    )


def sign_in(verified: Verified, *, device: str, browser: str, hours: int, now: datetime) -> tuple[Account, UserSession]:
    """Begin a session; refuses when the account changed while the password was being compared."""
    account = db.session.get(Account, verified.account_id)
    if account is None or account.is_blocked or account.password_hash != verified.stored:
        raise wrong_password()
    if verified.better:
        account.password_hash = verified.better
    if verified.failed:
        throttle.forget_failures(login=account.login, device=device, kind=Secret.PASSWORD)
    return account, begin_session(account, device=device, browser=browser, hours=hours, now=now)


def begin_session(account: Account, *, device: str, browser: str, hours: int, now: datetime) -> UserSession:
    account.signed_in_at = now
    row = UserSession(
        account_id=account.id,
        session_number=account.session_number,
        device=device,
        browser=browser,
        started_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    db.session.add(row)
    db.session.flush()
    return row


def open_sessions(account: Account, *, now: datetime) -> list[UserSession]:
    """Those that still let somebody in, newest first."""
    return list(
        db.session.scalars(
            select(UserSession)
            .where(
                UserSession.account_id == account.id,
                UserSession.session_number == account.session_number,
                UserSession.ended_at.is_(None),
                UserSession.expires_at > now,
            )
            .order_by(UserSession.started_at.desc(), UserSession.id.desc())
        )
    )


def end_session(account: Account, ref: str, *, now: datetime) -> None:
    """Only one's own; ending an ended one changes nothing."""
    row = db.session.scalar(select(UserSession).where(UserSession.ref == ref, UserSession.account_id == account.id))
    if row is None:
        raise NotFound()
    row.ended_at = row.ended_at or now


def end_all_sessions(account: Account) -> None:
    account.session_number += 1


@dataclass(frozen=True, slots=True)
class NewPassword:
    account_id: int
    stored: str
    """The hash that the change replaces."""
    hash: str


def prepare_change(account: Account, *, present: str, new: str, device: str, now: datetime) -> NewPassword:
    """Everything slow of a password change, before the write transaction begins."""
    account_id, login, phone = account.id, account.login, account.phone
    with reading() as session:
        throttle.refuse_while_waiting(
            session, login=login, account_id=account_id, device=device, kind=Secret.PASSWORD, now=now
        )
        stored = session.scalar(select(Account.password_hash).where(Account.id == account_id)) or ""
    if not passwords.matches(present, stored):
        throttle.note_failure(login=login, device=device, kind=Secret.PASSWORD, now=now)
        raise Invalid(_("Mật khẩu hiện tại không đúng."), field="present")
    if passwords.prepared(present) == passwords.prepared(new):
        raise Invalid(_("Mật khẩu mới phải khác mật khẩu hiện tại."), field="new")
    passwords.check_choice(new, login=login, account_id=account_id, phone=phone)
    return NewPassword(account_id, stored, passwords.make_hash(new))


def change_password(change: NewPassword, *, session_ref: str, now: datetime) -> None:
    """Every other session of the account ends; the one named by ``session_ref`` goes on."""
    account = db.session.get_one(Account, change.account_id)
    if account.password_hash != change.stored:
        raise Invalid(_("Mật khẩu vừa được đổi ở nơi khác. Hãy nhập lại mật khẩu hiện tại."), field="present")
    account.password_hash = change.hash
    end_all_sessions(account)
    db.session.execute(
        update(UserSession)
        .where(UserSession.ref == session_ref, UserSession.account_id == account.id)
        .values(session_number=account.session_number)
    )
    revoke_codes([account.id], at=now)
    record("account.password_changed", "account", account.id)


def revoke_codes(account_ids: list[int], *, at: datetime) -> None:
    """Slips not used yet stop working."""
    db.session.execute(
        update(SignInCode)
        .where(SignInCode.account_id.in_(account_ids), SignInCode.used_at.is_(None), SignInCode.revoked_at.is_(None))
        .values(revoked_at=at)
    )
