"""What a round says about its sittings: moving, stops, contacts, records of pages left, Safe Exam Browser."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from examapp.core.db import db, unit_of_work
from examapp.core.errors import Invalid
from examapp.rounds.models import ExamRound, Movement
from examapp.rounds.services import update_round
from tests.builders import Builder
from tests.rounds.builders import World, world

KEY = "a" * 64


@pytest.fixture
def here(build: Builder) -> World:
    return world(build)


@pytest.fixture(autouse=True)
def _before_the_exam(time_machine: object) -> None:
    time_machine.move_to("2026-03-02 08:00 +0700", tick=False)  # type: ignore[attr-defined]


def the_round(app: Flask) -> ExamRound:
    with app.app_context():
        return db.session.scalars(select(ExamRound)).one()


def new_round(here: World, reader, **fields):
    browser = reader(here.organiser)
    browser.open("/rounds/new")
    told = {
        "name": "Kỳ thi (mẫu)",
        "year": "2026",
        "period": "quarter",
        "period_number": "1",
        "legal_basis_number": "12/KH-UBND",
        "legal_basis_date": "15/01/2026",
        "posts_on": "01/03/2026",
        "minutes": "30",
    }
    return browser.submit("legal_basis_number", **told | fields)


def test_everything_is_off_or_free_until_it_is_said(here, reader, app):
    page = new_round(here, reader)
    found = the_round(app)
    assert (found.movement, found.stop_limit_minutes, found.integrity_basis) == (Movement.FREE, 30, "")
    assert (found.contact, found.seb_config_keys, found.seb_exam_keys) == ("", "", "")
    assert "Tự do: quay lại được mọi câu đến khi nộp" in page.text
    assert "bắt buộc" not in page.text


def test_what_is_said_is_kept_and_shown(here, reader, app):
    page = new_round(
        here,
        reader,
        movement="one_way",
        stop_limit_minutes="20",
        contact="Bà Mẫu, 0203 000 111",
        integrity_basis=" 15/QĐ-UBND (mẫu) ",
        integrity_days="10",
        seb_config_keys=KEY.upper() + "\n" + "b" * 64,
    )
    found = the_round(app)
    assert (found.movement, found.stop_limit_minutes, found.integrity_days) == (Movement.ONE_WAY, 20, 10)
    assert found.integrity_basis == "15/QĐ-UBND (mẫu)"
    assert found.seb_config_keys.split() == [KEY, "b" * 64]
    for said in ("không quay lại câu trước", "20 phút", "Bà Mẫu, 0203 000 111", "15/QĐ-UBND (mẫu)", "bắt buộc"):
        assert said in page.text


@pytest.mark.parametrize("wrong", ["abc", "g" * 64, "a" * 63, f"{KEY} x"])
def test_a_key_that_is_none_is_refused_with_words(here, reader, app, wrong):
    page = reader(here.organiser)
    page.open("/rounds/new")
    fields = {"name": "x", "legal_basis_number": "1", "legal_basis_date": "15/01/2026", "seb_exam_keys": wrong}
    answer = page.submit("legal_basis_number", status=422, **fields)
    assert "Mỗi khóa là 64 chữ số và chữ cái" in answer.text
    with app.app_context():
        assert db.session.scalar(select(ExamRound.id)) is None


def test_a_change_checks_the_keys_too(here, reader, app):
    new_round(here, reader)
    with app.app_context(), pytest.raises(Invalid), unit_of_work() as session:
        update_round(session.scalars(select(ExamRound)).one(), seb_config_keys="short")
    with app.app_context(), unit_of_work() as session:
        assert update_round(session.scalars(select(ExamRound)).one(), seb_config_keys=KEY) == ["seb_config_keys"]


@pytest.mark.parametrize(
    ("field", "value"), [("stop_limit_minutes", "241"), ("integrity_days", "0"), ("movement", "backwards")]
)
def test_values_outside_their_range_are_refused(here, reader, field, value):
    browser = reader(here.organiser)
    browser.open("/rounds/new")
    assert browser.submit("legal_basis_number", status=422, **{field: value})
