"""Everything of the demonstration, in the order of the road."""

from __future__ import annotations

import random
from datetime import date

from examapp.accounts.models import Role
from examapp.audit.services import record
from examapp.bank.starter import load_starter
from examapp.core import text
from examapp.core.db import db
from examapp.demonstration import (
    accounts,
    evaluations,
    exams,
    history,
    incidents,
    lapsing,
    practice,
    rehearsal,
    reviewing,
)
from examapp.demonstration.people import Builder
from examapp.organisation.models import Position, StaffCategory
from examapp.organisation.services import load_positions

SEED = 2026


def build() -> None:
    """Everything, in the caller's transaction. Two builds of one day give the same people, posts and marks."""
    rng = random.Random(SEED)  # noqa: S311 - invented data, no secret
    load_positions()
    _activist_position()
    staff = accounts.build_staff()
    area = Builder(rng).build()
    accounts.grant_roles(staff, area)
    accounts.build_officials(area)
    load_starter(demo=True, owner=staff[Role.EXAMINER], reviewer=staff[Role.REVIEWER])
    ability = history.abilities(area, rng)
    history.build_history(area, rng, ability)
    matrices = exams.build_matrices(staff[Role.ORGANISER])
    exams.build_finished(area, staff[Role.ORGANISER], matrices, rng, ability)
    trial = rehearsal.build_rehearsal(area, staff)  # first, so that the official round heads every list
    exams.build_open(area, staff[Role.ORGANISER], staff[Role.INVIGILATOR], matrices)
    evaluations.build_evaluations(area, staff[Role.EVALUATOR], rng, ability)
    reviewing.build_reviewing(staff)
    practice.build_practice(staff[Role.EXAMINER], staff[Role.REVIEWER], seed=SEED)
    incidents.build_incidents(trial, staff[Role.INVIGILATOR], random.Random(SEED))  # noqa: S311 - invented data
    lapsing.build_lapsing(staff)
    record("demonstration.built", "deployment", 1, officials=len(area.officials))


def _activist_position() -> None:
    name = "Hoạt động không chuyên trách cấp xã (mẫu)"
    db.session.add(
        Position(
            code="kct_hoat_dong",
            name=name,
            name_fold=text.fold(name),
            catalogue="local",
            staff_category=StaffCategory.PART_TIME_ACTIVIST,
            valid_from=date(2010, 1, 1),
        )
    )
    db.session.flush()
