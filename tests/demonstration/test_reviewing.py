"""The demonstration shows the life of questions: sets, returned questions, tasks, gaps."""

from __future__ import annotations

from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.bank import matrices, review_sets, reviews, set_progress, writing
from examapp.bank.models import Matrix, ReviewSet, SetState
from examapp.bank.set_progress import Standing
from examapp.bank.starter import load_starter
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.demonstration.reviewing import build_reviewing
from examapp.organisation.services import load_positions


def test_the_pages_of_review_are_not_empty(app, build):
    roles = (Role.EXAMINER, Role.REVIEWER, Role.BANK_MANAGER, Role.ORGANISER)
    accounts = {role: build.account(None, role) for role in roles}
    with app.app_context(), unit_of_work() as session:
        staff = {role: session.get_one(Account, account.id) for role, account in accounts.items()}
        load_positions()
        load_starter(demo=True, owner=staff[Role.EXAMINER], reviewer=staff[Role.REVIEWER])
        build_reviewing(staff)
    with app.app_context():
        examiner, reviewer = (db.session.get_one(Account, accounts[role].id) for role in roles[:2])
        closed, under_way = db.session.scalars(select(ReviewSet).order_by(ReviewSet.id))
        assert (closed.state, closed.decision_number) == (SetState.CLOSED, "15/QĐ-MAU")
        standings = [entry.standing for entry in set_progress.entries_of(closed)]
        assert standings == [Standing.APPROVED] * 3 + [Standing.RETURNED]
        assert [(one.set.id, one.left) for one in review_sets.open_sets_of(reviewer)] == [(under_way.id, 2)]
        assert (reviews.waiting_count(reviewer), reviews.returned_to(examiner)) == (1, 1)
        assert len(writing.tasks_of(examiner)) == 2
        planned = db.session.scalars(select(Matrix)).one()
        version = matrices.load_version(planned.current_id or 0)
        assert any(gap.left for gap in writing.gaps_of(version, on=clock.today(), demo=True))
