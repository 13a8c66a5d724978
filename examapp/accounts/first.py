"""The first sign-in: the code of a printed slip, then an own password. Never a birth date or identity number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.accounts import codes, passwords, throttle
from examapp.accounts.models import Account, Secret, SignInCode
from examapp.accounts.sessions import end_all_sessions, find_account, normal_login
from examapp.audit.services import record
from examapp.core.db import db, reading
from examapp.core.errors import Conflict, Invalid
from examapp.core.words import _


def verify_code(typed: str, code: str, *, device: str, now: datetime) -> int:
    """The id of the slip's code. It is not used up before the password is chosen. One text for every cause."""
    with reading() as session:
        account = find_account(session, typed)
        login, account_id = (account.login, account.id) if account else (normal_login(typed), None)
        throttle.refuse_while_waiting(
            session, login=login, account_id=account_id, device=device, kind=Secret.CODE, now=now
        )
        slip = _open_code(session, account.id, now=now) if account and not account.is_blocked else None
    bound_to, stored = (slip.account_id, slip.code_hash) if slip else (0, codes.hash_of("", 0))
    if not codes.is_code(code, bound_to, stored) or slip is None:
        throttle.note_failure(login=login, device=device, kind=Secret.CODE, now=now)
        raise Invalid(
            _("Mã cán bộ hoặc mã đăng nhập lần đầu không đúng, hoặc mã đã dùng, đã hết hạn."),
            advice=_(
                "Hãy xem lại phiếu mới nhất; mỗi phiếu chỉ dùng được một lần. "
                "Nếu vẫn không được, hãy nhờ đầu mối của đơn vị in phiếu mới."
            ),
        )
    return slip.id


def _open_code(session: Session, account_id: int, *, now: datetime) -> SignInCode | None:
    return session.scalar(
        select(SignInCode).where(
            SignInCode.account_id == account_id,
            SignInCode.used_at.is_(None),
            SignInCode.revoked_at.is_(None),
            SignInCode.expires_at > now,
        )
    )


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip whose code was right, as the second step sees it."""

    code_id: int
    account_id: int
    login: str
    phone: str | None
    display_name: str
    code_hash: str


def open_slip(session: Session, code_id: int, *, now: datetime) -> Slip:
    """The slip between the two steps; it may have been used, replaced or have expired meanwhile."""
    row = session.get(SignInCode, code_id)
    account = session.get(Account, row.account_id) if row else None
    alive = row is not None and row.used_at is None and row.revoked_at is None and row.expires_at > now
    if row is None or account is None or account.is_blocked or not alive:
        raise Conflict(
            _("Mã đăng nhập lần đầu này không còn dùng được."),
            advice=_("Hãy nhập mã của phiếu mới nhất, hoặc nhờ đầu mối của đơn vị in phiếu mới."),
        )
    return Slip(row.id, account.id, account.login, account.phone, account.display_name, row.code_hash)


def prepare_password(code_id: int, new: str, *, now: datetime) -> tuple[Slip, str]:
    """The slow part, before the write transaction: is the password acceptable, and its hash."""
    with reading() as session:
        slip = open_slip(session, code_id, now=now)
    passwords.check_choice(
        new, login=slip.login, account_id=slip.account_id, phone=slip.phone, code_hash=slip.code_hash
    )
    return slip, passwords.make_hash(new)


def set_first_password(slip: Slip, password_hash: str, *, device: str, now: datetime) -> Account:
    """Use the slip up. Sessions begun with an older password end."""
    row = db.session.get_one(SignInCode, slip.code_id, with_for_update=True, populate_existing=True)
    open_slip(db.session, row.id, now=now)
    account = db.session.get_one(Account, slip.account_id)
    row.used_at = now
    account.password_hash = password_hash
    end_all_sessions(account)
    throttle.forget_failures(login=account.login, device=device, kind=Secret.CODE)
    throttle.forget_failures(login=account.login, device=device, kind=Secret.PASSWORD)
    record("account.slip_used", "account", account.id)
    db.session.flush()
    return account
