"""Rounds: from the first line of information to the last shift."""

from examapp.core.permissions import Permission
from examapp.core.room import Link, Room
from examapp.core.words import N_
from examapp.rounds import candidate_routes, setup_routes
from examapp.rounds.acquaintance import waiting_on_own_papers, waits_on_a_paper
from examapp.rounds.board import has_seat
from examapp.rounds.held import held_rounds
from examapp.rounds.panel import tasks
from examapp.rounds.papers import SEAL, seal_job
from examapp.rounds.routes import bp

__all__ = ["candidate_routes", "room", "setup_routes"]

room = Room(
    blueprint=bp,
    jobs={SEAL: seal_job},
    navigation=(
        Link(
            label=N_("Kỳ thi"), endpoint="rounds.rounds", permissions=(Permission.ROUND_READ,), group=N_("Tổ chức thi")
        ),
    ),
    tasks=tasks,
    seats=has_seat,
    conceals=waiting_on_own_papers,
    awaits=waits_on_a_paper,
    rounds=held_rounds,
)
