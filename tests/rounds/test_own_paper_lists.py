"""No list shows to whoever sits an exam what its questions say, and the log tells whose lists showed what."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank.models import (
    Citation,
    DuplicatePair,
    ItemStatistic,
    Question,
    QuestionState,
)
from examapp.core import clock
from examapp.rounds.models import RoundState
from question_bank.similarity import Likeness
from tests.bank.builders import content
from tests.sittings.builders import hall

STEM = "Ai giữ sổ chứng thực bí mật (mẫu)?"
SHOWN = "Ai giữ sổ chứng thực bí mật"


@pytest.fixture
def person(build):
    return build.official("Hoàng Thị Ra Đề")


@pytest.fixture
def room(build):
    """A sealed round; its first question rests on a law that ends soon, did badly, and is like another one."""
    law = build.document("23/2015/NĐ-CP", in_force_to=clock.today() + timedelta(days=20))
    found = hall(build, questions=[content(STEM), content("Câu khác hẳn (mẫu)?")], state=RoundState.SEALED)
    question = build.get(Question, 1)
    build.save(Citation(version_id=question.current_id, document_id=law.id, symbol=law.symbol))
    build.save(
        ItemStatistic(version_id=question.current_id, round_id=found.round.id, papers=30, answered=30, facility=10)
    )
    build.save(DuplicatePair(first_id=1, second_id=2, likeness=Likeness.SIMILAR, score=90))
    return found, law


@pytest.mark.parametrize("roles", [(Role.EXAMINER,), (Role.REVIEWER,), (Role.BANK_MANAGER,)], ids=str)
def test_lists_leave_out_what_waits_on_the_own_paper(app, build, reader, room, person, roles):
    found, law = room
    account = build.account(person, *roles)
    addresses = [f"/bank/law/{law.id}", "/bank/law/watch?whose=all"]
    if Role.BANK_MANAGER in roles:
        addresses += ["/bank/flagged", "/bank/duplicates"]
    before = [reader(account).open(address).text for address in addresses]
    assert [a for a, text in zip(addresses, before, strict=True) if SHOWN not in text] == []
    noted = _listed(app)
    assert len(noted) == len(addresses)
    assert all(build.get(Question, 1).code in codes for codes in noted)
    found.enrol(person)
    after = [reader(account).open(address).text for address in addresses]
    assert [a for a, text in zip(addresses, after, strict=True) if SHOWN in text] == []


def _listed(app):
    from examapp.core.db import db

    with app.app_context():
        listed = select(AuditEvent.details).where(AuditEvent.action == "question.listed").order_by(AuditEvent.id)
        return [json.loads(row)["codes"] for row in db.session.scalars(listed)]


def test_the_queue_of_reviews_leaves_it_out(build, reader, room, person):
    found, _law = room
    question = build.get(Question, 1)
    question.state = QuestionState.IN_REVIEW
    build.save(question)
    account = build.account(person, Role.REVIEWER)
    for address in ("/bank/review", "/bank/sets/new"):
        assert "Ai giữ sổ" in reader(account).open(address).text
    found.enrol(person)
    for address in ("/bank/review", "/bank/sets/new"):
        assert "Ai giữ sổ" not in reader(account).open(address).text
