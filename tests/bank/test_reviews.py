"""Reviewing singly: who may, what must have been seen, what is kept of it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from examapp.accounts.models import Account, Role
from examapp.audit.models import AuditEvent
from examapp.bank import questions, reviews
from examapp.bank.models import Question, QuestionState, Review, ReviewOpening, Topic, Verdict
from examapp.bank.versions import key_change
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Invalid
from question_bank.question import Option
from tests.bank.builders import content, office

ALL = list(reviews.CHECKLIST)


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def question(app, o):
    """Written by the examiner, waiting."""
    with app.app_context(), unit_of_work() as session:
        made = questions.create_question(
            content=content(),
            topic=session.get(Topic, o.topic.id),
            positions=[session.get(type(o.justice), o.justice.id)],
            is_common=False,
            author=session.get(Account, o.examiner.id),
        )
        reviews.submit_for_review(made)
        return made.code


def edit(question, editor, **columns):
    questions.edit_question(
        question,
        content=content(**columns),
        topic=question.current.topic,
        positions=list(question.positions),
        is_common=False,
        editor=editor,
    )
    reviews.submit_for_review(question)


def approve(session, question, reviewer, **more):
    reviews.open_version(question.current_id, reviewer.id, session=session)
    return reviews.review(question, reviewer=reviewer, verdict=Verdict.APPROVED, **more)


def test_what_is_opened_seen_and_found_right_is_kept(app, reader, o, question):
    reviewer = reader(o.reviewer)
    reviewer.open(f"/bank/review/{question}")
    reviewer.open(f"/bank/review/{question}")
    reviewer.submit("passed", press="verdict=approved", status=422, passed=ALL[:3])
    assert reviewer.page.all("input[@checked]")
    reviewer.submit("passed", press="verdict=approved", passed=ALL, comment="Câu tốt.")
    with app.app_context():
        said = db.session.scalars(select(Review)).one()
        assert (said.verdict, json.loads(said.checklist), said.comment) == (Verdict.APPROVED, ALL, "Câu tốt.")
        assert [row.account_id for row in db.session.scalars(select(ReviewOpening))] == [o.reviewer.id]
        read = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.read")).all()
        assert len(read) == 2
        assert {event.actor_id for event in read} == {o.reviewer.id}


def test_nobody_approves_what_they_have_not_opened(app, reader, o, question):
    with app.app_context():
        version = db.session.scalars(select(Question)).one().current_id
    reviewer = reader(o.reviewer)
    form = {"verdict": "approved", "passed": ALL, "version": str(version)}
    page = reviewer.post(f"/bank/review/{question}", status=422, **form)
    assert f"Hãy mở và đọc câu {question} trước khi duyệt" in page.text
    reviewer.open(f"/bank/review/{question}")
    assert "Đã duyệt câu" in reviewer.post(f"/bank/review/{question}", **form).text


def test_opening_an_older_version_does_not_count(app, o, question):
    with app.app_context(), unit_of_work() as session:
        row = session.scalars(select(Question)).one()
        reviewer, head = session.get(Account, o.reviewer.id), session.get(Account, o.head.id)
        reviews.open_version(row.current_id, reviewer.id, session=session)
        reviews.withdraw(row, person=head)
        edit(row, head, stem="Bản mới?")
        with pytest.raises(Invalid, match="Hãy mở và đọc"):
            reviews.review(row, reviewer=reviewer, verdict=Verdict.APPROVED)


def test_who_edited_before_the_last_approval_may_review_again(app, build, o, question):
    others = [build.account(None, Role.EXAMINER, Role.REVIEWER) for _number in range(2)]
    build.grant(o.examiner, Role.REVIEWER, position=o.justice)
    with app.app_context(), unit_of_work() as session:
        row = session.scalars(select(Question)).one()
        first, second = (session.get(Account, one.id) for one in others)
        author, reviewer = session.get(Account, o.examiner.id), session.get(Account, o.reviewer.id)
        approve(session, row, reviewer)
        edit(row, first, stem="Người thứ nhất sửa?")
        edit(row, second, stem="Người thứ hai sửa?")
        for writer in (first, second, author):  # both edits are unapproved; the author remains one for ever
            assert "không được thẩm định chính câu đó" in (reviews.why_not_reviewer(row, writer) or "")
        approve(session, row, reviewer)
        edit(row, second, stem="Sửa sau lần duyệt?")
        assert reviews.why_not_reviewer(row, first) is None
        assert reviews.why_not_reviewer(row, second) is not None
        assert [reviews.waiting_count(person) for person in (first, second, author)] == [1, 0, 0]


def test_a_retired_version_sent_again_is_not_reviewed_by_its_editor(app, o, question):
    with app.app_context(), unit_of_work() as session:
        row = session.scalars(select(Question)).one()
        head, reviewer = session.get(Account, o.head.id), session.get(Account, o.reviewer.id)
        edit(row, head, stem="Trưởng ban sửa?")
        approve(session, row, reviewer)
        questions.retire_question(row, reason="x")
        questions.reopen_question(row)
        reviews.submit_for_review(row)
        assert reviews.why_not_reviewer(row, head) is not None


def test_a_changed_key_must_be_seen(app, reader, o, question):
    with app.app_context(), unit_of_work() as session:
        row = session.scalars(select(Question)).one()
        approve(session, row, session.get(Account, o.reviewer.id))
        edit(row, session.get(Account, o.examiner.id), stem="Chỉ sửa câu dẫn?")
        assert key_change(row) is None
        turned = tuple(Option(one.text, correct=not index) for index, one in enumerate(reversed(content().options)))
        edit(row, session.get(Account, o.examiner.id), options=turned)
        assert key_change(row) is not None
    reviewer = reader(o.reviewer)
    page = reviewer.open(f"/bank/review/{question}")
    assert "Đáp án khác với phiên bản đã duyệt gần nhất." in page.text
    page = reviewer.submit("passed", press="verdict=approved", status=422, passed=ALL)
    assert "đánh dấu đã xem đáp án mới" in page.text
    page = reviewer.submit("passed", press="verdict=approved", passed=ALL, has_seen_key="y")
    assert "Đã duyệt câu" in page.text
    with app.app_context():
        assert db.session.scalars(select(Question)).one().state is QuestionState.APPROVED


def test_hints_stand_beside_the_checklist(app, reader, o, question):
    page = reader(o.reviewer).open(f"/bank/review/{question}")
    beside = " ".join(page.texts("fieldset"))
    assert "Gợi ý Phương án D nói về các phương án khác nhưng chưa đánh dấu giữ nguyên vị trí." in beside
    assert "Gợi ý Câu ở mức vận dụng thường có tình huống" in beside


def test_an_edit_begun_before_the_approval_does_not_slip_under_it(app, o, question):
    """Approved by another connection since this one read the draft: the edit makes it a draft again."""
    with app.app_context(), unit_of_work() as session:
        found = session.scalars(select(Question).where(Question.code == question)).one()
        assert found.current.number == 1
        found.state = QuestionState.DRAFT
        session.flush()
        session.execute(
            update(Question).values(state=QuestionState.APPROVED).execution_options(synchronize_session=False)
        )
        editor = session.get(Account, o.examiner.id)
        questions.edit_question(
            found,
            content=content("Chữ khác (mẫu)?"),
            topic=found.current.topic,
            positions=list(found.positions),
            is_common=False,
            editor=editor,
        )
        assert (found.current.number, found.state) == (2, QuestionState.DRAFT)


def test_a_refused_decision_shows_a_draft_to_nobody(app, reader, o, question):
    with app.app_context(), unit_of_work() as session:
        reviews.withdraw(session.scalars(select(Question)).one(), person=session.get(Account, o.examiner.id))
    page = reader(o.reviewer).post(f"/bank/review/{question}", verdict="returned", passed="không có")
    assert "Công chức tư pháp" not in page.text
