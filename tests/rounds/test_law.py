"""The law and the papers of a round: what has lapsed by the day of the exam is not drawn; what is drawn is frozen."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from examapp.audit.models import AuditEvent
from examapp.bank import frozen
from examapp.bank.models import Citation, FrozenCitation, LegalDocument, Question, TransitionalUse
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.jobs import run_waiting
from examapp.rounds import papers
from examapp.rounds.models import ExamRound, Paper
from examapp.rounds.shifts import save_shift
from question_bank.paper import Layout
from tests.builders import Builder
from tests.rounds.builders import World, world

ENDS = date(2027, 2, 28)


def _ready(build: Builder, *days: date) -> tuple[World, ExamRound, LegalDocument]:
    """A round on these days; the bank of one position rests on a document that ends on 28/02/2027."""
    here = world(build)
    document = build.document("60/2099/QH20", in_force_to=ENDS, title="Luật mẫu")
    with build.app.app_context(), database.unit_of_work() as session:
        topic = here.topics["justice"].id
        for question in session.scalars(select(Question).where(Question.current.has(topic_id=topic))):
            for citation in question.current.citations:
                citation.document_id, citation.symbol = document.id, document.symbol
                citation.article, citation.clause = "24", "1"
    here.person("Nguyễn Văn Mẫu", here.justice)
    exam_round = here.round(shifts=0)
    with build.app.app_context(), database.unit_of_work() as session:
        row = session.get_one(ExamRound, exam_round.id)
        for number, day in enumerate(days):
            start = datetime(day.year, day.month, day.day, 1, tzinfo=clock.UTC)
            save_shift(row, name=f"Ca {number}", starts_at=start, ends_at=start + timedelta(hours=1))
    here.enrol(exam_round)
    return here, exam_round, document


def _frozen(build: Builder, exam_round: ExamRound) -> list[FrozenCitation]:
    with build.app.app_context():
        return list(db.session.scalars(select(FrozenCitation).where(FrozenCitation.round_id == exam_round.id)))


def _keep(build: Builder, document: LegalDocument, until: date | None) -> None:
    account = build.account()
    with build.app.app_context(), database.unit_of_work() as session:
        for citation in session.scalars(select(Citation).where(Citation.document_id == document.id)):
            session.add(
                TransitionalUse(
                    version_id=citation.version_id,
                    document_id=document.id,
                    basis_symbol="61/2099/QH20",
                    basis_article="70",
                    reason="Hồ sơ đã nhận trước ngày 01/03/2027",
                    until=until,
                    by_id=account.id,
                )
            )


def test_a_law_that_ends_before_the_exam_carries_no_paper(build: Builder) -> None:
    here, before, _document = _ready(build, date(2027, 2, 20))
    assert here.seal(before) == 1


@pytest.mark.parametrize("days", [(date(2027, 3, 5),), (date(2027, 2, 27), date(2027, 3, 1))])
def test_sealing_for_a_day_after_the_end_is_refused_by_name(build: Builder, days: tuple[date, ...]) -> None:
    here, after, _document = _ready(build, *days)
    with pytest.raises(Invalid) as error:
        here.seal(after)
    assert "Tư pháp – Hộ tịch – Nhận biết: cần 3 câu, rút được 0" in error.value.message
    assert _frozen(build, after) == []


@pytest.mark.parametrize(("until", "sealed"), [(None, True), (date(2027, 3, 5), True), (date(2027, 3, 4), False)])
def test_a_transitional_provision_goes_on_carrying_papers(build: Builder, until: date | None, sealed: bool) -> None:
    here, after, document = _ready(build, date(2027, 3, 5))
    _keep(build, document, until)
    if not sealed:
        with pytest.raises(Invalid):
            here.seal(after)
        return
    assert here.seal(after) == 1
    rows = [row for row in _frozen(build, after) if "60/2099" in row.text]
    assert {row.transitional for row in rows} == {"Điều 70, 61/2099/QH20: Hồ sơ đã nhận trước ngày 01/03/2027"}


def test_what_the_papers_cite_is_frozen_with_the_law_of_the_day(build: Builder) -> None:
    here, exam_round, document = _ready(build, date(2027, 2, 20))
    here.seal(exam_round)
    rows = _frozen(build, exam_round)
    with build.app.app_context():
        (layout,) = db.session.scalars(select(Paper.layout))
    on_paper = {slot.question_id for slot in Layout.from_json(json.loads(layout)).slots}
    assert {row.version_id for row in rows} == on_paper
    assert len(rows) == 6
    cited = [row for row in rows if row.title == "Luật mẫu"]
    assert {(row.text, row.in_force_to, row.transitional) for row in cited} == {
        ("khoản 1 Điều 24, 60/2099/QH20", ENDS, "")
    }
    with build.app.app_context(), database.unit_of_work() as session:
        session.get_one(LegalDocument, document.id).title = "Tên khác"
    with build.app.app_context():
        stored = frozen.frozen_citations(exam_round.id, {cited[0].version_id})
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "round.sealed")).one()
        assert frozen.frozen_digest(exam_round.id) in event.details
    assert [one.title for one in stored[cited[0].version_id]] == ["Luật mẫu"]


def test_sealing_anew_writes_what_the_law_says_now(build: Builder) -> None:
    here, exam_round, document = _ready(build, date(2027, 2, 20))
    here.seal(exam_round)
    with build.app.app_context(), database.unit_of_work() as session:
        papers.unseal(session.get_one(ExamRound, exam_round.id), reason="Sửa danh mục")
        session.get_one(LegalDocument, document.id).title = "Luật mẫu (đính chính)"
    assert _frozen(build, exam_round) == []
    owner = build.account()
    with build.app.app_context():
        with database.unit_of_work() as session:
            papers.start_sealing(session.get_one(ExamRound, exam_round.id), owner_id=owner.id, demo=True)
        run_waiting()
    titles = {row.title for row in _frozen(build, exam_round)}
    assert "Luật mẫu (đính chính)" in titles
    assert "Luật mẫu" not in titles
