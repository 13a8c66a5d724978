"""Sign-in slips: who may print them for whom, and issuing the codes.

A slip opens an account. So a focal person prints for the people of the own unit, but not for those who hold a role: a
slip must not lead to more than its printer may do. Those slips are printed by an administrator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from examapp.accounts import codes
from examapp.accounts.models import Account, Grant, SignInCode
from examapp.accounts.services import units_of
from examapp.accounts.sessions import revoke_codes
from examapp.audit.services import record
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _
from examapp.organisation.models import Official, Post, Tree, Unit, UnitParent
from examapp.organisation.tree import subtree

MOST = 400
"""Slips printed at once: fifty sheets."""


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """What stands on paper. The code exists in clear only here."""

    name: str
    unit: str
    login: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A person of the list from which slips are printed."""

    official: Official
    unit: str
    account: Account | None
    open_until: datetime | None
    """Until when a slip printed before can be used."""
    refusal: str
    """Why no slip can be printed here; empty when it can."""


def units_in_reach(person: Account, *, on: date) -> list[tuple[int, str]]:
    """Units of today for whose people ``person`` may print, each with the unit above it: names repeat."""
    reach = person.units(Permission.SLIPS_PRINT)
    above = aliased(Unit)
    query = (
        select(Unit.id, Unit.name, above.name)
        .outerjoin(
            UnitParent, and_(UnitParent.unit_id == Unit.id, UnitParent.tree == Tree.STATE, _lives(UnitParent, on))
        )
        .outerjoin(above, above.id == UnitParent.parent_id)
        .where(_lives(Unit, on))
    )
    if reach is not None:
        query = query.where(Unit.id.in_(reach))
    named = {unit_id: f"{name} ({parent})" if parent else name for unit_id, name, parent in db.session.execute(query)}
    return sorted(named.items(), key=lambda pair: (text.fold(pair[1]), pair[0]))


def _lives(kind: type[Unit] | type[UnitParent] | type[Post], on: date) -> ColumnElement[bool]:
    return and_(kind.valid_from <= on, or_(kind.valid_to.is_(None), kind.valid_to >= on))


def people(person: Account, *, unit_id: int | None, name: str = "", on: date) -> Select[Official]:
    """Officials whose primary post that day lies in reach, narrowed to a unit with what stands under it."""
    query = select(Official).where(_has_primary_post(person, unit_id=unit_id, on=on))
    if name:
        query = query.where(Official.name_fold.contains(name, autoescape=True))
    return query.order_by(Official.sort_key, Official.id)


def _has_primary_post(person: Account, *, unit_id: int | None, on: date) -> Exists:
    conditions = [Post.official_id == Official.id, Post.is_primary, _lives(Post, on)]
    reach = person.units(Permission.SLIPS_PRINT)
    if unit_id is not None:
        chosen = subtree([unit_id], on=on)
        reach = chosen if reach is None else chosen & reach
    if reach is not None:
        conditions.append(Post.unit_id.in_(reach))
    return exists().where(and_(*conditions))


def lines(person: Account, officials: Sequence[Official], *, on: date, now: datetime) -> list[Line]:
    """The list's rows with the state of each account, in a fixed number of queries."""
    ids = [official.id for official in officials]
    accounts = {row.official_id: row for row in db.session.scalars(select(Account).where(Account.official_id.in_(ids)))}
    account_ids = [account.id for account in accounts.values()]
    units, holders = units_of(ids, on=on), _holders_of_roles(account_ids, on=on)
    until = _open_codes(account_ids, now=now)
    return [
        Line(
            official=official,
            unit=units.get(official.id, ""),
            account=(account := accounts.get(official.id)),
            open_until=until.get(account.id) if account else None,
            refusal=_refusal(person, account, holders),
        )
        for official in officials
    ]


def _open_codes(account_ids: list[int], *, now: datetime) -> dict[int, datetime]:
    rows = db.session.execute(
        select(SignInCode.account_id, SignInCode.expires_at).where(
            SignInCode.account_id.in_(account_ids),
            SignInCode.used_at.is_(None),
            SignInCode.revoked_at.is_(None),
            SignInCode.expires_at > now,
        )
    )
    return {account_id: expires_at for account_id, expires_at in rows}


def _holders_of_roles(account_ids: Iterable[int], *, on: date) -> set[int]:
    """Accounts with a role today or later."""
    return set(
        db.session.scalars(
            select(Grant.account_id).where(
                Grant.account_id.in_(list(account_ids)), or_(Grant.valid_to.is_(None), Grant.valid_to >= on)
            )
        )
    )


def _refusal(person: Account, account: Account | None, holders: set[int]) -> str:
    if account is None:
        return _("Chưa có tài khoản: đề nghị quản trị hệ thống tạo.")
    if account.is_blocked:
        return _("Tài khoản đang bị khóa.")
    if account.id in holders and not person.may(Permission.ACCOUNTS_MANAGE):
        return _("Người này giữ vai trò trong hệ thống: phiếu do quản trị hệ thống in.")
    return ""


def accounts_without_password(person: Account, *, unit_id: int | None, on: date) -> list[int]:
    """Ids of accounts in reach that still wait for their first sign-in, in the order of the list."""
    officials = list(db.session.scalars(people(person, unit_id=unit_id, on=on)))
    return [
        line.account.id
        for line in lines(person, officials, on=on, now=clock.now())
        if line.account is not None and line.account.password_hash is None and not line.refusal
    ]


def accounts_to_print(person: Account, account_ids: Sequence[int], *, on: date) -> list[Account]:
    """The chosen accounts in Vietnamese order of names; one outside the reach is not found, one that must not, said."""
    wanted = list(dict.fromkeys(account_ids))
    if not wanted:
        raise Invalid(_("Chưa chọn ai. Hãy đánh dấu những người cần in phiếu."))
    if len(wanted) > MOST:
        raise Invalid(_("Mỗi lần in nhiều nhất %(n)s phiếu. Hãy chọn từng đơn vị.", n=MOST))
    query = select(Account).outerjoin(Official, Official.id == Account.official_id).where(Account.id.in_(wanted))
    if not _prints_for_all(person):
        query = query.where(_has_primary_post(person, unit_id=None, on=on))
    found = list(db.session.scalars(query.order_by(Official.sort_key, Account.id)))
    if len(found) != len(wanted):
        raise NotFound()
    holders = _holders_of_roles(wanted, on=on)
    refused = [f"{row.display_name}: {why}" for row in found if (why := _refusal(person, row, holders))]
    if refused:
        raise Invalid(_("Có người không in phiếu được ở đây, nên chưa in phiếu nào."), details=refused)
    return found


def _prints_for_all(person: Account) -> bool:
    """Administrators also print for accounts of nobody on the list of officials."""
    return person.may(Permission.ACCOUNTS_MANAGE) and person.units(Permission.SLIPS_PRINT) is None


def issue(accounts: Sequence[Account], *, by: Account | None, days: int, now: datetime) -> list[PrintedSlip]:
    """New codes; slips printed before stop working. Passwords and sessions stay until a slip is used."""
    revoke_codes([account.id for account in accounts], at=now)
    units = units_of([account.official_id for account in accounts], on=clock.local(now).date())
    expires_at = now + timedelta(days=days)
    printed = []
    for account in accounts:
        code = codes.new_code()
        db.session.add(
            SignInCode(
                account_id=account.id,
                code_hash=codes.hash_of(code, account.id),
                issued_by_id=by.id if by else None,
                issued_at=now,
                expires_at=expires_at,
            )
        )
        record("account.slip_printed", "account", account.id, login=account.login, expires_at=expires_at)
        unit = units.get(account.official_id, "") if account.official_id else ""
        printed.append(PrintedSlip(account.display_name, unit, account.login, code, expires_at))
    db.session.flush()
    return printed
