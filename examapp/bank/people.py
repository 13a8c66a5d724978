"""Who may be asked to write or to review."""

from __future__ import annotations

from sqlalchemy import or_, select

from examapp.accounts.models import Account, Grant
from examapp.accounts.roles import PERMISSIONS
from examapp.core import clock
from examapp.core.db import db
from examapp.core.permissions import Permission


def holders(permission: Permission, *, position_ids: set[int | None] | None = None) -> list[Account]:
    """Accounts that have ``permission`` today, by name; over each of ``position_ids`` (``None`` in it: over all)."""
    today = clock.today()
    roles = [role for role, permissions in PERMISSIONS.items() if permission in permissions]
    held = select(Grant.account_id).where(
        Grant.role.in_(roles), Grant.valid_from <= today, or_(Grant.valid_to.is_(None), Grant.valid_to >= today)
    )
    query = select(Account).where(Account.is_blocked.is_(False), Account.id.in_(held))
    for position_id in position_ids or ():
        over = Grant.position_id.is_(None)
        query = query.where(Account.id.in_(held.where(over | (Grant.position_id == position_id))))
    return list(db.session.scalars(query.order_by(Account.display_name, Account.id)))
