"""Export with keys: scoped, logged, readable again."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from examapp.audit.models import AuditEvent
from examapp.bank.models import QuestionState
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from question_bank.formats import read
from tests.bank.builders import content, office


@pytest.fixture
def o(build):
    return office(build)


def export(person, format):
    """The answer to the export form, which may be a file."""
    page = person.open("/bank/export")
    token = page.all("input[@name='csrf_token']")[0].get("value")
    form = {"csrf_token": token, "format": format, "position": "", "topic": "", "state": ""}
    return person.client.post("/bank/export", data=form)


@pytest.mark.parametrize("format", ["word", "excel", "gift"])
def test_a_file_holds_what_is_in_reach_with_its_key(app, build, reader, o, format):
    build.question(o.topic, o.justice, content=content("Của tư pháp?"))
    build.question(o.topic, o.justice, content=content("Đã ngừng?"), state=QuestionState.RETIRED)
    build.question(o.land_topic, o.land, content=content("Của đất đai?"))
    answer = export(reader(o.examiner), format)
    found = read(io.BytesIO(answer.data)).questions
    assert [question.stem for question in found] == ["Của tư pháp?"]
    assert found[0].key == (0,)
    with app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.exported")).one()
    assert (event.actor_id, '"count":1' in event.details) == (o.examiner.id, True)


def test_nothing_to_export_is_said(reader, o):
    person = reader(o.examiner)
    person.open("/bank/export")
    assert "Không có câu hỏi nào khớp" in person.submit("format", status=422).text
    reader(o.reviewer).open("/bank/export", status=404)


def test_a_large_export_becomes_a_job(app, build, reader, o, monkeypatch):
    monkeypatch.setattr("examapp.bank.exports.AT_ONCE", 1)
    for number in range(2):
        build.question(o.topic, o.justice, content=content(f"Câu {number}?"))
    person = reader(o.examiner)
    answer = export(person, "gift")
    with app.app_context():
        run_waiting()
    page = person.open(answer.location)
    assert "Đã ghi 2 câu hỏi kèm đáp án." in page.text
    data = person.download(page.link("Tải tệp kết quả")).data
    assert len(read(io.BytesIO(data)).questions) == 2
