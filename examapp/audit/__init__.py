"""The log of acts that matter: written by every room, read here."""

from examapp.audit.routes import bp
from examapp.core.permissions import Permission
from examapp.core.room import Link, Room
from examapp.core.words import N_

room = Room(
    blueprint=bp,
    navigation=(Link(N_("Nhật ký"), "audit.index", (Permission.AUDIT_READ,), N_("Quản trị")),),
)
