"""The whole demonstration, built once: two rounds are open, and what goes wrong in a round is there to be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from examapp import create_app
from examapp.accounts.models import Account
from examapp.bank import law_watch
from examapp.bank.models import QuestionVersion
from examapp.core import clock
from examapp.core.db import db
from examapp.demonstration.accounts import example_officials
from examapp.organisation.models import Official
from examapp.rounds.models import (
    BoardMember,
    BoardRole,
    Candidate,
    CandidateState,
    ExamRound,
    Movement,
    Paper,
    Purpose,
    RoundState,
)
from examapp.sittings import council, receipts
from examapp.sittings.late import count_waiting, waiting_events
from examapp.sittings.models import Delivery, Sitting, SittingState, Stop, StopOutcome
from examapp.sittings.notes import notes_of_round
from examapp.sittings.services import why_not
from question_bank.kinds import KINDS
from tests.bench.examined import NOT_BEGUN

BY_PEOPLE = {name for name, kind in KINDS.items() if kind.marked_by_people}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("demonstration")
    url = f"sqlite:///{folder / 'demonstration.sqlite'}"
    app = create_app(Settings(secret_key="for tests", data=folder, database_url=url, demo=True, testing=True))
    for command in (["db", "upgrade"], ["demo"]):
        told = app.test_cli_runner().invoke(args=command)
        assert told.exit_code == 0, told.output
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def inside(built: Flask) -> Iterator[None]:
    with built.app_context():
        yield


def open_round(purpose: Purpose) -> ExamRound:
    found = select(ExamRound).where(ExamRound.state == RoundState.OPEN, ExamRound.purpose == purpose)
    return db.session.scalars(found).one()


def slots_of(exam_round: ExamRound) -> list[list[dict[str, object]]]:
    papers = select(Paper.layout).join(Candidate).where(Candidate.round_id == exam_round.id)
    return [json.loads(layout)["slots"] for layout in db.session.scalars(papers)]


def person(login: str) -> Account:
    return db.session.scalars(select(Account).where(Account.login == login)).one()


def test_the_rehearsal_has_every_kind_that_is_marked_by_itself(inside):
    rehearsal = open_round(Purpose.REHEARSAL)
    assert rehearsal.movement is Movement.BY_SECTION
    assert rehearsal.contact
    for slots in slots_of(rehearsal):
        common = {slot["kind"] for slot in slots if slot["section"] == "common"}
        assert common == set(KINDS) - BY_PEOPLE - {"single_choice"}  # of those all other questions are
        assert len(slots) in {12, 15}
        assert len({slot["section"] for slot in slots}) == (len(slots) - 9) // 3 + 1
    versions = db.session.scalars(select(QuestionVersion).where(QuestionVersion.kind.in_(BY_PEOPLE))).all()
    assert {version.kind for version in versions} == BY_PEOPLE


def test_the_people_to_sign_in_with_may_start_both(inside):
    codes = [login.upper() for login, _words in example_officials()]
    enrolled = select(Candidate).join(ExamRound).join(Official, Official.id == Candidate.official_id)
    found = db.session.scalars(enrolled.where(ExamRound.state == RoundState.OPEN, Official.staff_code.in_(codes))).all()
    assert len(found) == 2 * len(codes)
    assert {candidate.state for candidate in found} == {CandidateState.ENROLLED}
    assert [why_not(candidate, now=clock.now()) for candidate in found] == [None] * len(found)
    begun = select(Sitting.id).where(Sitting.candidate_id.in_([candidate.id for candidate in found]))
    assert db.session.scalars(begun).all() == []


def test_measurements_find_their_papers_of_forty(inside):
    chosen = select(Paper.layout).join(Candidate).join(ExamRound, ExamRound.id == Candidate.round_id)
    numbers = [len(json.loads(layout)["slots"]) for layout in db.session.scalars(chosen.where(NOT_BEGUN))]
    assert set(numbers) == {40, 60}
    assert len(numbers) == len(slots_of(open_round(Purpose.OFFICIAL)))
    assert numbers.count(40) > 180


def test_the_chair_may_decide_in_both(inside):
    for purpose in Purpose:
        exam_round = open_round(purpose)
        seats = select(BoardMember.role, Account.login).join(Account)
        found = dict(db.session.execute(seats.where(BoardMember.round_id == exam_round.id)).all())
        assert found == {BoardRole.CHAIR: "tochuc", BoardRole.INVIGILATOR: "giamthi"}
        assert council.may_decide(exam_round, person("tochuc"))
        assert not council.may_decide(exam_round, person("giamthi"))


def test_late_answers_wait_under_a_code_that_was_noted(inside):
    exam_round = open_round(Purpose.REHEARSAL)
    (late,) = waiting_events(exam_round)
    assert {event.code for event in late.waiting} == {
        delivery.code for delivery in db.session.scalars(select(Delivery))
    }
    assert all(event.can_count and event.makes_difference and not event.after_deadline for event in late.waiting)
    assert count_waiting([exam_round.id]) == {exam_round.id: len(late.waiting)}
    assert len(late.waiting) == 5
    assert late.sitting.state is SittingState.SETTLED
    assert receipts.verify(late.sitting) == []


def test_stops_and_notes_are_there(inside):
    outcomes = {stop.outcome: stop for stop in db.session.scalars(select(Stop))}
    assert set(outcomes) == {StopOutcome.TIME_BACK, StopOutcome.WAITING}
    assert outcomes[StopOutcome.WAITING].devices_taken
    notes = notes_of_round(open_round(Purpose.REHEARSAL).id)
    assert len({note.question_id for note in notes}) == len(notes) == 2
    assert all("mẫu" in note.text for note in notes)


def test_the_watch_over_the_law_has_something_to_show(inside):
    examiner, today = person("cauhoi"), clock.today()
    assert law_watch.count(examiner, law_watch.Watch.HELD, today) == 1
    assert law_watch.count(examiner, law_watch.Watch.SOON, today) == 1
