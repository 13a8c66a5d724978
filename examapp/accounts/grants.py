"""Roles given and ended, accounts blocked: by an administrator, never on the own account."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account, Grant, Role, SignInCode
from examapp.accounts.roles import LABELS
from examapp.accounts.services import create_account
from examapp.accounts.sessions import end_all_sessions, normal_login
from examapp.audit.services import record
from examapp.core import text
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _, gettext
from examapp.organisation.models import Official, Position, Post, Unit
from examapp.organisation.tree import subtree

POSITION_ROLES = frozenset({Role.EXAMINER, Role.REVIEWER})
"""Roles that may be given over a single position."""

EVERYWHERE_ROLES = frozenset({Role.ADMINISTRATOR})
"""Roles that would be no smaller over a part."""


def check_manager(person: Account) -> None:
    """Accounts are managed as a whole or not at all."""
    if not person.may(Permission.ACCOUNTS_MANAGE) or person.units(Permission.ACCOUNTS_MANAGE) is not None:
        raise NotFound()


def accounts(person: Account, *, name: str = "", role: str = "", state: str = "", on: date) -> Select[Account]:
    """The list, in Vietnamese order of names, those without an official first."""
    check_manager(person)
    query = (
        select(Account)
        .outerjoin(Official, Official.id == Account.official_id)
        .options(selectinload(Account.grants).options(joinedload(Grant.unit), joinedload(Grant.position)))
        .order_by(func.coalesce(Official.sort_key, ""), Account.login)
    )
    if name:
        folded = text.fold(name)
        query = query.where(
            or_(
                Account.name_fold.contains(folded, autoescape=True),
                Account.login.startswith(normal_login(name), autoescape=True),
            )
        )
    if role in {member.value for member in Role}:
        query = query.where(exists().where(Grant.account_id == Account.id, Grant.role == Role(role), _holds(on)))
    match state:
        case "blocked":
            query = query.where(Account.is_blocked)
        case "waiting":
            query = query.where(Account.password_hash.is_(None), Account.is_blocked.is_(False))
        case "active":
            query = query.where(Account.password_hash.is_not(None), Account.is_blocked.is_(False))
    return query


def _holds(on: date) -> ColumnElement[bool]:
    return (Grant.valid_from <= on) & (Grant.valid_to.is_(None) | (Grant.valid_to >= on))


def get_account(person: Account, account_id: int) -> Account:
    check_manager(person)
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound()
    return account


def open_slip_until(account: Account) -> datetime | None:
    """Until when the printed slip that is still unused would work."""
    return db.session.scalar(
        select(SignInCode.expires_at).where(
            SignInCode.account_id == account.id, SignInCode.used_at.is_(None), SignInCode.revoked_at.is_(None)
        )
    )


def officials_without_account(person: Account, *, unit_id: int | None, on: date) -> Select[Official]:
    """Those who hold a post that day and cannot sign in yet."""
    check_manager(person)
    held = [Post.official_id == Official.id, Post.valid_from <= on, or_(Post.valid_to.is_(None), Post.valid_to >= on)]
    if unit_id is not None:
        held.append(Post.unit_id.in_(subtree([unit_id], on=on)))
    return (
        select(Official)
        .where(exists().where(*held), ~exists().where(Account.official_id == Official.id))
        .order_by(Official.sort_key, Official.id)
    )


def create_missing(person: Account, *, unit_id: int | None, only: list[int] | None = None, on: date) -> list[Account]:
    """Accounts for all of them, or for those chosen among them."""
    query = officials_without_account(person, unit_id=unit_id, on=on)
    if only is not None:
        query = query.where(Official.id.in_(only))
    created = [create_account(official) for official in db.session.scalars(query)]
    if not created:
        raise Invalid(_("Chưa chọn ai chưa có tài khoản."))
    return created


def set_blocked(person: Account, account: Account, *, blocked: bool, on: date) -> None:
    """A blocked account is signed out everywhere at once."""
    check_manager(person)
    if account.id == person.id:
        raise Conflict(_("Không ai tự khóa tài khoản của mình."))
    if account.is_blocked == blocked:
        return
    account.is_blocked = blocked
    if blocked:
        end_all_sessions(account)
        _keep_an_administrator(on)
    record("account.blocked" if blocked else "account.unblocked", "account", account.id, login=account.login)


def give_role(
    person: Account,
    account: Account,
    *,
    role: Role,
    unit: str = "",
    position: str = "",
    valid_from: date,
    valid_to: date | None = None,
    basis: str,
) -> Grant:
    """``unit`` and ``position`` are codes; both empty means everywhere."""
    _check_not_own(person, account)
    found_unit, found_position = _unit(unit), _position(position)
    _check_scope(role, found_unit, found_position)
    grant = Grant(
        account_id=account.id,
        role=role,
        unit_id=found_unit.id if found_unit else None,
        position_id=found_position.id if found_position else None,
        valid_from=valid_from,
        valid_to=valid_to,
        granted_by_id=person.id,
        basis=basis,
    )
    db.session.add(grant)
    db.session.flush()
    record(
        "account.role_given",
        "account",
        account.id,
        login=account.login,
        role=role.value,
        unit=unit or None,
        position=position or None,
        valid_from=valid_from,
        valid_to=valid_to,
        basis=basis,
    )
    return grant


def _check_not_own(person: Account, account: Account) -> None:
    check_manager(person)
    if account.id == person.id:
        raise Conflict(
            _("Không ai tự đổi vai trò của mình."), advice=_("Hãy đề nghị một người quản trị khác làm việc này.")
        )


def _unit(code: str) -> Unit | None:
    unit = db.session.scalar(select(Unit).where(Unit.code == code)) if code else None
    if code and unit is None:
        raise Invalid(_("Không có đơn vị với mã %(code)s.", code=code), field="unit")
    return unit


def _position(code: str) -> Position | None:
    position = db.session.scalar(select(Position).where(Position.code == code)) if code else None
    if code and position is None:
        raise Invalid(_("Không có vị trí việc làm với mã %(code)s.", code=code), field="position")
    return position


def _check_scope(role: Role, unit: Unit | None, position: Position | None) -> None:
    name = gettext(LABELS[role])
    if unit and position:
        raise Invalid(_("Hãy chọn phạm vi theo đơn vị hoặc theo vị trí, không chọn cả hai."), field="position")
    if role in EVERYWHERE_ROLES and (unit or position):
        raise Invalid(
            _("Vai trò %(role)s có hiệu lực toàn hệ thống, không giới hạn phạm vi được.", role=name),
            field="unit" if unit else "position",
        )
    if position and role not in POSITION_ROLES:
        raise Invalid(_("Vai trò %(role)s không giao theo vị trí việc làm.", role=name), field="position")
    if role is Role.FOCAL_PERSON and unit is None:
        raise Invalid(_("Đầu mối phải thuộc một đơn vị: hãy nhập mã đơn vị."), field="unit")


def end_role(person: Account, account: Account, grant_id: int, *, on: date) -> None:
    """From ``on`` it no longer holds. A role that has not begun is taken back whole."""
    _check_not_own(person, account)
    grant = db.session.get(Grant, grant_id)
    if grant is None or grant.account_id != account.id:
        raise NotFound()
    if grant.valid_to is not None and grant.valid_to < on:
        return
    role, begun = grant.role, grant.valid_from < on
    if begun:
        grant.valid_to = on - timedelta(days=1)
    else:
        db.session.delete(grant)
    db.session.flush()
    _keep_an_administrator(on)
    record("account.role_ended", "account", account.id, login=account.login, role=role.value, begun=begun)


def _keep_an_administrator(on: date) -> None:
    db.session.flush()
    left = db.session.scalar(
        select(func.count(Account.id.distinct()))
        .join(Grant, Grant.account_id == Account.id)
        .where(
            Grant.role == Role.ADMINISTRATOR,
            Grant.unit_id.is_(None),
            Grant.position_id.is_(None),
            Account.is_blocked.is_(False),
            _holds(on),
        )
    )
    if not left:
        raise Conflict(
            _("Hệ thống phải luôn còn ít nhất một người quản trị, nên chưa thay đổi gì."),
            advice=_("Hãy giao vai trò quản trị cho người khác trước."),
        )
