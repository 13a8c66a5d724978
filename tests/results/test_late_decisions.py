"""What the council decides about late answers after settlement, in the results."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import unit_of_work
from examapp.core.errors import Conflict
from examapp.results.services import publish_round, recognise_round
from examapp.rounds.models import Candidate, ExamRound
from examapp.sittings.late import decide
from examapp.sittings.models import AnswerEvent, Sitting
from tests.builders import Builder
from tests.results.builders import Scene, scene


@pytest.fixture
def stage(build: Builder) -> Scene:
    return scene(build)


def accept_late(stage: Scene, candidate: Candidate, slot: int, *, accepted: bool = True) -> None:
    """An answer with the right option that came after everything; the council decides about it."""
    organiser = stage.organiser()
    with stage.build.app.app_context(), unit_of_work() as session:
        sitting = session.scalars(select(Sitting).where(Sitting.candidate_id == candidate.id)).one()
        key = ("late-writer", slot)
        if session.get(AnswerEvent, (sitting.id, *key)) is None:
            at = sitting.started_ms + 20 * 60_000
            late = sitting.late_ms + 60 * 60_000
            session.add(
                AnswerEvent(
                    sitting_id=sitting.id, writer=key[0], seq=slot, lease=1, slot=slot, response="[1]",
                    answered_ms=at, received_ms=late,
                )
            )  # fmt: skip
            session.flush()
        by = session.get_one(Account, organiser.id)
        decide(sitting, [key], accepted=accepted, reason="Mất mạng cả phòng (mẫu)", by=by, now=clock.now())


def test_what_the_council_accepts_is_marked_in_a_new_version(stage: Scene) -> None:
    candidate, other = stage.candidate(right=1), stage.candidate("Vũ Thị Năm", right=3)
    stage.compute()
    accept_late(stage, candidate, 3)
    outcome = stage.compute(reason="Quyết định về bài đến muộn (mẫu)")
    assert (outcome.changed, outcome.same) == (1, 1)
    versions = stage.results(candidate)
    assert [(one.version, one.awarded, one.is_current) for one in versions] == [(1, 1000, False), (2, 2000, True)]
    assert versions[1].reason == "Quyết định về bài đến muộn (mẫu)"
    assert stage.compute().same == 2, "computing again changes nothing"
    accept_late(stage, candidate, 3, accepted=False)
    assert stage.compute().changed == 1
    assert [one.awarded for one in stage.results(candidate)] == [1000, 2000, 1000]
    assert len(stage.results(other)) == 1


def test_nothing_older_than_the_council_is_published_or_recognised(stage: Scene) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    accept_late(stage, candidate, 3)
    with stage.build.app.app_context(), unit_of_work() as session:
        with pytest.raises(Conflict, match="đã quyết định về câu trả lời đến muộn của 1 bài"):
            publish_round(session.get_one(ExamRound, stage.round.id))
        session.rollback()
    stage.publish()
    accept_late(stage, candidate, 4)
    with stage.build.app.app_context(), unit_of_work() as session:
        with pytest.raises(Conflict, match="đã quyết định về câu trả lời đến muộn của 1 bài"):
            recognise_round(session.get_one(ExamRound, stage.round.id), number="1/QĐ (mẫu)", date=clock.today())
        session.rollback()
    stage.compute(reason="Bài đến muộn (mẫu)")
    with stage.build.app.app_context(), unit_of_work() as session:
        recognise_round(session.get_one(ExamRound, stage.round.id), number="1/QĐ (mẫu)", date=clock.today())
    assert stage.result(candidate).awarded == 3000


def test_a_decision_that_changes_no_mark_asks_for_nothing(stage: Scene) -> None:
    candidate = stage.candidate(right=2)
    stage.compute()
    accept_late(stage, candidate, 4, accepted=False)
    stage.publish()
    assert len(stage.results(candidate)) == 1


def test_the_results_page_says_that_they_are_behind(stage: Scene, reader) -> None:
    candidate = stage.candidate(right=1)
    stage.compute()
    accept_late(stage, candidate, 3)
    page = reader(stage.organiser()).open(f"/results/{stage.round.code}")
    assert "1 bài có quyết định mới của hội đồng, cần tính lại" in page.text
