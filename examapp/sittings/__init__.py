"""Lượt làm bài: the candidate's exam — start, answer, resume, submit — and the board that watches it."""

from examapp.core.permissions import Permission
from examapp.core.room import Link, Room
from examapp.core.words import N_
from examapp.sittings import board_routes
from examapp.sittings.cli import settle_every_minute, sittings_group
from examapp.sittings.routes import bp
from examapp.sittings.seen import candidates_before
from examapp.sittings.tasks import tasks

__all__ = ["board_routes", "room"]

room = Room(
    blueprint=bp,
    cli=(sittings_group,),
    periodic=(settle_every_minute,),
    navigation=(
        Link(
            label=N_("Bài thi"), endpoint="sittings.index", permissions=(Permission.SIT,), group=N_("Bài thi của tôi")
        ),
    ),
    tasks=tasks,
    sat=candidates_before,
)
