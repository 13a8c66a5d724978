"""Accounts: making them, blocking them, and what they are called in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select

from examapp.accounts.models import Account, Grant
from examapp.accounts.roles import LABELS
from examapp.accounts.sessions import normal_login, normal_phone
from examapp.audit.services import record
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.words import _, gettext
from examapp.organisation.models import Official, Post, Unit


def create_account(
    owner: Official | str,
    login: str = "",
    *,
    phone: str | None = None,
    password_hash: str | None = None,
) -> Account:
    """An account of an official (login: the staff code) or of a named person.

    Without ``password_hash`` the first sign-in needs a slip. Demonstrations hash one password once and give it to all.
    """
    official = owner if isinstance(owner, Official) else None
    name = official.full_name if official else str(owner)
    wanted = normal_login(login or (official.staff_code if official else ""))
    _check_free(wanted, official)
    account = Account(
        official_id=official.id if official else None,
        login=wanted,
        display_name=name,
        phone=_free_phone(phone, official),
        password_hash=password_hash,
    )
    db.session.add(account)
    db.session.flush()
    record("account.created", "account", account.id, login=wanted, name=name)
    return account


def _check_free(login: str, official: Official | None) -> None:
    if not login:
        raise Invalid(_("Chưa có tên đăng nhập."), field="login")
    if db.session.scalar(select(Account.id).where(Account.login == login)):
        raise Invalid(_("Đã có tài khoản với tên đăng nhập %(login)s.", login=login), field="login")
    if official and db.session.scalar(select(Account.id).where(Account.official_id == official.id)):
        raise Invalid(_("%(name)s đã có tài khoản.", name=official.full_name), field="login")


def _free_phone(typed: str | None, official: Official | None) -> str | None:
    """A number that two people share signs nobody in: it stays with the first, unless it was typed for this account."""
    number = normal_phone(typed or (official.phone if official else None))
    if typed and number is None:
        raise Invalid(_("Số điện thoại cần 9 đến 11 chữ số, bắt đầu bằng 0 hoặc +84."), field="phone")
    taken = number and db.session.scalar(select(Account.id).where(Account.phone == number))
    if taken and typed:
        raise Invalid(_("Số điện thoại này đã gắn với một tài khoản khác."), field="phone")
    return None if taken else number


def units_of(official_ids: Iterable[int | None], *, on: date) -> dict[int, str]:
    """The unit of each official's primary post on that day."""
    rows = db.session.execute(
        select(Post.official_id, Unit.name)
        .join(Unit, Unit.id == Post.unit_id)
        .where(
            Post.official_id.in_([x for x in official_ids if x is not None]),
            Post.is_primary,
            Post.valid_from <= on,
            or_(Post.valid_to.is_(None), Post.valid_to >= on),
        )
        .order_by(Post.valid_from, Post.id)
    )
    return {official_id: name for official_id, name in rows}


def roles_in_words(account: Account, *, on: date) -> list[str]:
    """Every role that holds on that day, with what it reaches."""
    lines = [_("Người dự thi")] if account.official_id else []
    for grant in sorted(account.grants, key=lambda grant: grant.id):
        if grant.valid_from <= on and (grant.valid_to is None or grant.valid_to >= on):
            lines.append(f"{gettext(LABELS[grant.role])}, {reach_in_words(grant)}")
    return lines


def reach_in_words(grant: Grant) -> str:
    if grant.unit is not None:
        return grant.unit.name
    if grant.position is not None:
        return _("vị trí %(name)s", name=grant.position.name)
    return _("toàn hệ thống")
