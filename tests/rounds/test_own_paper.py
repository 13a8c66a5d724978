"""Whoever sits an exam sees none of its questions before, whatever roles they hold besides."""

from __future__ import annotations

import pytest

from examapp.accounts.models import Role
from examapp.bank.models import Question
from examapp.rounds.models import RoundState
from tests.sittings.builders import hall


@pytest.mark.parametrize(
    ("state", "status"),
    [(RoundState.DRAFT, 200), (RoundState.SEALED, 403), (RoundState.OPEN, 403), (RoundState.CLOSED, 200)],
)
def test_an_examiner_does_not_open_questions_of_the_own_paper(build, reader, state, status):
    room = hall(build, state=state)
    person = build.official("Hoàng Thị Ra Đề")
    examiner = build.account(person, Role.EXAMINER)
    code = build.get(Question, 1).code
    reader(examiner).open(f"/bank/questions/{code}")
    room.enrol(person)
    page = reader(examiner).open(f"/bank/questions/{code}", status=status)
    assert ("đề của chính tài khoản này" in page.text) == (status == 403)
    other = build.account(build.official("Người Khác"), Role.EXAMINER)
    reader(other).open(f"/bank/questions/{code}")


def test_a_site_answers_only_to_its_names(app, client):
    app.config["TRUSTED_HOSTS"] = ["thi.example"]
    try:
        assert client.get("/healthz", headers={"Host": "thi.example"}).status_code == 200
        assert client.get("/healthz", headers={"Host": "elsewhere.example"}).status_code == 400
    finally:
        app.config["TRUSTED_HOSTS"] = None
