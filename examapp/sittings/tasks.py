"""What waits for a person in this room, for the home page."""

from __future__ import annotations

from flask import url_for
from flask_login import current_user

from examapp.core import clock, text
from examapp.core.room import Task
from examapp.core.words import _
from examapp.sittings.pages import Row, my_exams


def tasks() -> list[Task]:
    """Exams to sit now, then those to come."""
    if current_user.official_id is None:
        return []
    exams = my_exams(current_user.official_id, now=clock.now())
    return [_task(row, urgent=True) for row in exams["now"]] + [_task(row, urgent=False) for row in exams["coming"]]


def _task(row: Row, *, urgent: bool) -> Task:
    shift = row.candidate.shift
    if row.sitting is not None:
        url = url_for("sittings.exam", ref=row.sitting.ref)
        return Task(_("Làm tiếp bài thi"), url, row.candidate.round.name, urgent=True)
    url = url_for("sittings.enter", candidate_id=row.candidate.id)
    detail = f"{row.candidate.round.name}, {text.format_moment(shift.starts_at)}" if shift else row.candidate.round.name
    return Task(_("Vào thi") if urgent else _("Bài thi sắp tới"), url, detail, urgent=urgent)
