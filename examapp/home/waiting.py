"""What waits for the person who is signed in: today's exam before all, then the tasks of every room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from examapp.accounts.models import Account
from examapp.accounts.roles import LABELS
from examapp.core import clock
from examapp.core.room import Room, Task
from examapp.core.words import _
from examapp.rounds.models import Shift
from examapp.sittings.pages import Row, my_exams


@dataclass(frozen=True, slots=True)
class ExamToday:
    """An exam to sit now or later today, as it is told in large plain words."""

    name: str
    number: str
    shift: Shift | None
    is_now: bool
    is_begun: bool
    url: str


def exams_today(official_id: int | None, *, now: datetime) -> list[ExamToday]:
    """The person's exams of this day that are not over, the nearest first."""
    if official_id is None:
        return []
    exams = my_exams(official_id, now=now)
    later = [row for row in exams["coming"] if _is_today(row.candidate.shift, now)]
    found = [_exam(row, is_now=True) for row in exams["now"]] + [_exam(row, is_now=False) for row in later]
    return sorted(found, key=lambda exam: (not exam.is_now, exam.shift.starts_at if exam.shift else now))


def _is_today(shift: Shift | None, now: datetime) -> bool:
    return shift is not None and clock.local(shift.starts_at).date() == clock.local(now).date()


def _exam(row: Row, *, is_now: bool) -> ExamToday:
    if row.sitting is not None:
        url = url_for("sittings.exam", ref=row.sitting.ref)
    else:
        url = url_for("sittings.enter", candidate_id=row.candidate.id)
    return ExamToday(
        name=row.candidate.round.name,
        number=row.candidate.number,
        shift=row.candidate.shift,
        is_now=is_now,
        is_begun=row.sitting is not None,
        url=url,
    )


def tasks_of(rooms: Iterable[Room], *, without: Iterable[str] = ()) -> list[Task]:
    """What every room says waits, the urgent first; addresses in ``without`` are told elsewhere on the page."""
    told = set(without)
    found = [task for room in rooms if room.tasks for task in room.tasks() if task.url not in told]
    return sorted(found, key=lambda task: not task.urgent)


def role_names(person: Account) -> Sequence[str]:
    """The roles in force today, each once, as they are called."""
    today = clock.today()
    names = [_("Người dự thi")] if person.official_id is not None else []
    for grant in person.grants:
        label = _(LABELS[grant.role])
        if grant.valid_from <= today and (grant.valid_to is None or grant.valid_to >= today) and label not in names:
            names.append(label)
    return names
