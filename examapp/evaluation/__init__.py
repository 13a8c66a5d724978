"""The yearly evaluation: schemes as data, scores, proposal, decision."""

from collections.abc import Sequence

from flask import url_for
from flask_login import current_user

from examapp.core import clock
from examapp.core.permissions import Permission
from examapp.core.room import Link, Room, Task
from examapp.core.words import N_, _, ngettext
from examapp.evaluation.cli import group
from examapp.evaluation.routes import bp
from examapp.evaluation.schemes import load_schemes


def tasks() -> Sequence[Task]:
    """What waits for an evaluator: people of this year without a decision."""
    from examapp.evaluation.sheets import count_undecided

    if not current_user.may(Permission.EVALUATION_DECIDE):
        return []
    year = clock.today().year
    waiting = count_undecided(year, reach=current_user.units(Permission.EVALUATION_DECIDE))
    if not waiting:
        return []
    detail = ngettext("%(n)s người chưa có quyết định", "%(n)s người chưa có quyết định", waiting)
    return [Task(_("Đánh giá năm %(year)s", year=year), url_for("evaluation.year", year=year), detail, waiting)]


room = Room(
    blueprint=bp,
    cli=(group,),
    navigation=(
        Link(N_("Đánh giá hằng năm"), "evaluation.index", (Permission.EVALUATION_READ,), N_("Đánh giá")),
        Link(N_("Bộ tiêu chí"), "evaluation.schemes", (Permission.EVALUATION_READ,), N_("Đánh giá")),
    ),
    tasks=tasks,
    shipped=load_schemes,
)
