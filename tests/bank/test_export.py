"""Export with keys: scoped, logged, readable again."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank.models import BankKind, QuestionState
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from question_bank.formats import read
from question_bank.question import Option
from tests.bank.builders import content, office
from tests.reader import form_fields


@pytest.fixture
def o(build):
    return office(build)


def export(person, format, **chosen):
    """The answer to the export form, which may be a file."""
    form = {"csrf_token": person._token(), "format": format, "position": "", "topic": "", "state": "", **chosen}
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


def stems(answer):
    return {question.stem for question in read(io.BytesIO(answer.data)).questions}


def test_the_file_says_who_took_it_and_when(build, reader, o):
    build.question(o.topic, o.justice, content=content("Của tư pháp?"))
    first = export(reader(o.examiner), "gift").data.decode().splitlines()[0]
    assert first.startswith("// Xuất từ ngân hàng câu hỏi ngày ")
    assert f"người xuất: {o.examiner.display_name} ({o.examiner.login})" in first


def test_what_the_list_was_narrowed_to_is_exported(build, reader, o):
    for stem in ("Chứng thực chữ ký?", "Chứng thực hợp đồng?", "Hộ tịch?"):
        build.question(o.topic, o.justice, content=content(stem))
    person = reader(o.examiner)
    person.open("/bank/export?q=chứng thực&kind=single_choice")
    answer = person.client.post("/bank/export", data=dict(form_fields(person.page.form("format"))) | {"format": "gift"})
    assert stems(answer) == {"Chứng thực chữ ký?", "Chứng thực hợp đồng?"}


def test_chosen_questions_are_exported_retired_ones_too(build, reader, o):
    kept = build.question(o.topic, o.justice, content=content("Đã ngừng?"), state=QuestionState.RETIRED)
    build.question(o.topic, o.justice, content=content("Không chọn?"))
    other = build.question(o.land_topic, o.land, content=content("Của người khác?"))
    person = reader(o.examiner)
    assert "2 câu đã chọn" in person.open(f"/bank/export?pick={kept.id}&pick={other.id}").text
    assert stems(export(person, "gift", pick=[str(kept.id), str(other.id)])) == {"Đã ngừng?"}


def test_it_takes_the_right_to_export_and_no_other(build, reader, o):
    build.question(o.topic, o.justice, content=content("Của tư pháp?"))
    manager = build.account(None, Role.BANK_MANAGER)
    assert stems(export(reader(manager), "excel")) == {"Của tư pháp?"}
    reader(o.reviewer).open("/bank/export", status=404)
    assert "Xuất tệp" not in reader(o.reviewer).open("/bank/").text
    assert "Xuất tệp" in reader(manager).open("/bank/").text


def test_practice_questions_are_no_part_of_it(build, reader, o):
    build.question(o.topic, o.justice, content=content("Để thi?"))
    build.question(o.topic, o.justice, content=content("Để ôn?"), bank=BankKind.PRACTICE)
    assert stems(export(reader(o.examiner), "gift")) == {"Để thi?"}
    assert stems(export(reader(o.examiner), "gift", bank="practice")) == {"Để ôn?"}
    assert export(reader(o.reviewer), "gift", bank="practice").status_code == 404


def test_what_a_format_cannot_carry_is_told_before_the_file_comes(app, build, reader, o):
    several = content(
        "Chọn nhiều?",
        kind="multiple_response",
        options=(Option("Một", correct=True), Option("Hai", correct=True), Option("Ba")),
    )
    build.question(o.topic, o.justice, content=several)
    person = reader(o.examiner)
    person.open("/bank/export")
    page = person.submit("format", format="aiken")
    assert "Định dạng này không chứa được" in page.text
    with app.app_context():
        assert db.session.scalar(select(AuditEvent).where(AuditEvent.action == "question.exported")) is None
    assert export(person, "aiken", sure="yes").mimetype.startswith("text/")


def test_a_paper_without_answers(build, reader, o):
    build.question(o.topic, o.justice, content=content("Của tư pháp?"))
    found = read(io.BytesIO(export(reader(o.examiner), "word-blank", sure="yes").data)).questions
    assert [question.stem for question in found] == ["Của tư pháp?"]
    assert found[0].key == ()


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
