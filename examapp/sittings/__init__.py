"""Lượt làm bài: the candidate's exam — start, answer, resume, submit."""

from examapp.core.permissions import Permission
from examapp.core.room import Link, Room
from examapp.core.words import N_
from examapp.sittings import deliver_routes, integrity_routes, receipt_routes, waiting_routes
from examapp.sittings.cli import delete_expired_integrity, settle_every_minute, sittings_group
from examapp.sittings.routes import bp
from examapp.sittings.seen import candidates_before
from examapp.sittings.stops import unfinished
from examapp.sittings.tasks import tasks

__all__ = ["deliver_routes", "integrity_routes", "receipt_routes", "room", "waiting_routes"]

room = Room(
    blueprint=bp,
    cli=(sittings_group,),
    periodic=(settle_every_minute, delete_expired_integrity),
    navigation=(
        Link(
            label=N_("Bài thi"), endpoint="sittings.index", permissions=(Permission.SIT,), group=N_("Bài thi của tôi")
        ),
    ),
    tasks=tasks,
    sat=candidates_before,
    unfinished=unfinished,
)
