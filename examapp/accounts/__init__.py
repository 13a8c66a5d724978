"""Accounts: sign-in, slips, roles and grants."""

from examapp.accounts import manage_routes, slip_routes
from examapp.accounts.cli import accounts_group
from examapp.accounts.roles import LABELS
from examapp.accounts.routes import bp
from examapp.accounts.throttle import forget_old_failures
from examapp.audit.labels import VALUES
from examapp.core.permissions import Permission
from examapp.core.room import Link, Room
from examapp.core.words import N_

__all__ = ["manage_routes", "room", "slip_routes"]

VALUES.update({("role", role.value): label for role, label in LABELS.items()})

room = Room(
    blueprint=bp,
    cli=(accounts_group,),
    periodic=(forget_old_failures,),
    navigation=(
        Link(N_("Tài khoản"), "accounts.all_accounts", (Permission.ACCOUNTS_MANAGE,), N_("Quản trị")),
        Link(N_("Phiếu đăng nhập"), "accounts.slip_list", (Permission.SLIPS_PRINT,), N_("Quản trị")),
    ),
)
