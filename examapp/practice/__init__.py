"""Ôn tập: what an official practises by oneself, from the practice bank alone. Nothing of it enters an evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_login import current_user

from examapp.core import clock
from examapp.core.permissions import Permission
from examapp.core.room import Link, Room, Task
from examapp.core.words import N_, _
from examapp.practice import mock_routes  # noqa: F401 - adds its pages to the blueprint
from examapp.practice.choosing import due_count
from examapp.practice.reach import reach_of
from examapp.practice.routes import bp

OWN = N_("Bài thi của tôi")


def _tasks() -> Sequence[Task]:
    """Questions that are due for repetition."""
    if not current_user.may(Permission.PRACTISE):
        return []
    due = due_count(reach_of(current_user), now=clock.now())
    if not due:
        return []
    return [Task(_("Câu hỏi đến hạn ôn"), url_for("practice.question"), _("Ôn lại đúng lúc để nhớ lâu."), due)]


room = Room(
    blueprint=bp,
    navigation=(
        Link(N_("Ôn tập"), "practice.index", (Permission.PRACTISE,), OWN),
        Link(N_("Thi thử"), "practice.mock_list", (Permission.PRACTISE,), OWN),
        Link(N_("Tham gia ôn tập"), "practice.take_part", (Permission.PRACTICE_WATCH,), N_("Tổ chức thi")),
    ),
    tasks=_tasks,
)
