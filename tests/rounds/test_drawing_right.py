"""Drawing from the bank without reading it: a commune seals with the province's questions and sees none of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from examapp.accounts import roles
from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank.models import Question, QuestionVersion
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from examapp.core.permissions import Permission
from examapp.rounds.models import ExamRound, RoundState
from tests.rounds.builders import world


@pytest.fixture(autouse=True)
def _before_the_exam(time_machine):
    time_machine.move_to("2026-03-02 08:00 +0700", tick=False)


@pytest.fixture
def w(build):
    found = world(build)
    found.person("Trần Thị Mẫu", found.justice)
    return found


def test_who_organises_seals_and_finds_no_page_of_the_bank(app, build, reader, w):
    exam_round = w.round()
    w.enrol(exam_round)
    chair = build.account(build.official("Phạm Chủ Tịch"))
    organiser = reader(w.organiser)
    organiser.open(f"/rounds/{exam_round.code}/board")
    organiser.submit("login", login=chair.login, role="chair")
    organiser.open(f"/rounds/{exam_round.code}/seal")
    organiser.submit("/seal")
    with app.app_context():
        assert run_waiting() == 1
        stems = list(db.session.scalars(select(QuestionVersion.stem)))
        code = db.session.scalars(select(Question.code)).first()
    assert build.get(ExamRound, exam_round.id).state is RoundState.SEALED
    for page in (
        "/bank/",
        "/bank/?q=mẫu",
        "/bank/?bank=practice",
        "/bank/bulk?act=topic&scope=all",
        "/bank/duplicates",
        "/bank/export",
        "/bank/print",
        "/bank/sets/new",
        "/bank/review",
        f"/bank/questions/{code}",
        f"/bank/questions/{code}/usage",
        f"/bank/questions/{code}/print",
        f"/bank/questions/{code}/versions/1",
        f"/bank/questions/{code}/edit",
    ):
        organiser.open(page, status=404)
    organiser.post("/bank/export", status=404, format="gift")
    organiser.post("/bank/bulk", status=404, act="export")
    for page in ("/bank/matrices", "/bank/matrices/MT-CHUNG", f"/rounds/{exam_round.code}"):
        shown = organiser.open(page).text
        assert not [stem for stem in stems if stem in shown], "counts alone"
    with app.app_context():
        read = select(AuditEvent).where(AuditEvent.action.in_(["question.read", "question.listed"]))
        assert not list(db.session.scalars(read))


def test_nobody_seals_without_the_right_to_draw(build, reader, w, monkeypatch):
    exam_round = w.round()
    w.enrol(exam_round)
    without = roles.PERMISSIONS[Role.ORGANISER] - {Permission.BANK_DRAW}
    monkeypatch.setitem(roles.PERMISSIONS, Role.ORGANISER, without)
    organiser = reader(w.organiser)
    organiser.open(f"/rounds/{exam_round.code}")
    organiser.open(f"/rounds/{exam_round.code}/seal", status=404)
    organiser.post(f"/rounds/{exam_round.code}/seal", status=404)


def test_the_right_reaches_the_rounds_of_its_own_units(build, reader, w):
    exam_round = w.round()
    w.enrol(exam_round)
    elsewhere = build.account(None, Role.ORGANISER, unit=build.unit("Xã Khác"))
    reader(elsewhere).open(f"/rounds/{exam_round.code}/seal", status=404)
