"""Rules of the bank: moves, who may review, what may be drawn, many at once, constraints."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError

from examapp.accounts.models import Account, Role
from examapp.bank import questions, reviews
from examapp.bank.labels import STATES
from examapp.bank.models import (
    BankKind,
    Exposure,
    LegalDocument,
    Question,
    QuestionState,
    QuestionVersion,
    Review,
    Topic,
    Verdict,
)
from examapp.bank.services import insert_many, is_usable, load_questions, pool, topics_below
from examapp.bank.starter import load_starter
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Forbidden, IllegalMove, Invalid
from question_bank.question import Citation, Level, question_digest
from tests.bank.builders import content, office

DAY = date(2026, 11, 22)


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def statements(app):
    """Statements sent to the database since the last clearing."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if statement != "BEGIN":
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("before", list(QuestionState))
@pytest.mark.parametrize("after", list(QuestionState))
def test_only_listed_moves_are_made(app, before, after):
    allowed = {
        ("draft", "in_review"), ("draft", "retired"), ("in_review", "draft"), ("in_review", "approved"),
        ("in_review", "retired"), ("approved", "draft"), ("approved", "retired"), ("retired", "draft"),
    }  # fmt: skip
    question = Question(code="x", state=before)
    with app.app_context():
        if (before.value, after.value) in allowed:
            questions.move(question, after)
            assert question.state is after
        else:
            with pytest.raises(IllegalMove) as refusal:
                questions.move(question, after)
            assert STATES[before] in refusal.value.message


def make(o, session, **columns):
    """A question written by the examiner, in the present transaction."""
    return questions.create_question(
        content=content(**columns),
        topic=session.get(Topic, o.topic.id),
        positions=[session.get(type(o.justice), o.justice.id)],
        is_common=False,
        author=session.get(Account, o.examiner.id),
    )


def test_what_is_stored_is_what_was_hashed(app, o):
    with app.app_context(), unit_of_work() as session:
        question = make(o, session)
        version = question.current
        loaded = load_questions([version.id])[version.id]
        assert question_digest(loaded) == version.digest
        assert loaded.positions == ("tp_tu_phap",)
        assert loaded.topic == "tp_chung_thuc"
        assert [(c.symbol, c.document_id) for c in version.citations] == [("23/2015/NĐ-CP", o.law.id)]


def test_a_question_needs_a_place_and_its_writer_the_grant(app, o):
    with app.app_context(), unit_of_work() as session:
        author, topic = session.get(Account, o.examiner.id), session.get(Topic, o.topic.id)
        land = session.get(type(o.land), o.land.id)
        with pytest.raises(Invalid):
            questions.create_question(content=content(), topic=topic, positions=[], is_common=False, author=author)
        with pytest.raises(Forbidden):
            questions.create_question(content=content(), topic=topic, positions=[land], is_common=False, author=author)
        with pytest.raises(Forbidden):
            questions.create_question(content=content(), topic=topic, positions=[], is_common=True, author=author)


def test_submitting_names_everything_that_is_missing(app, build, o):
    build.document("7/2026/NĐ-CP", status_checked=False)
    with app.app_context(), unit_of_work() as session:
        unsound = make(o, session, stem="", citations=(Citation("7/2026/NĐ-CP"), Citation("8/2026/NĐ-CP")))
        with pytest.raises(Invalid) as refusal:
            reviews.submit_for_review(unsound)
        told = " ".join(refusal.value.details)
        assert "chưa có nội dung" in told
        assert "7/2026/NĐ-CP chưa được xác nhận hiệu lực" in told
        assert "8/2026/NĐ-CP chưa có trong danh mục" in told
        with pytest.raises(Invalid) as refusal:
            reviews.submit_for_review(make(o, session, citations=()))
        assert "ít nhất một văn bản" in refusal.value.details[0]


def test_author_owner_and_last_editor_may_not_review(app, build, o):
    with app.app_context(), unit_of_work() as session:
        question = make(o, session)
        head, author = session.get(Account, o.head.id), session.get(Account, o.examiner.id)
        reviewer = session.get(Account, o.reviewer.id)
        assert reviews.why_not_reviewer(question, head) is None
        questions.edit_question(
            question,
            content=content(stem="Bản của trưởng ban?"),
            topic=question.current.topic,
            positions=list(question.positions),
            is_common=False,
            editor=head,
        )
        reviews.submit_for_review(question)
        assert "không được thẩm định chính câu đó" in (reviews.why_not_reviewer(question, head) or "")
        assert "phạm vi" in (reviews.why_not_reviewer(question, author) or "")
        for person in (head, author):
            with pytest.raises(Forbidden):
                reviews.review(question, reviewer=person, verdict=Verdict.APPROVED)
        assert [reviews.waiting_count(person) for person in (head, reviewer)] == [0, 1]
        with pytest.raises(IllegalMove):
            reviews.review(question, reviewer=reviewer, verdict=Verdict.APPROVED, version_id=999999)
        with pytest.raises(Invalid, match="Hãy mở và đọc"):
            reviews.review(question, reviewer=reviewer, verdict=Verdict.APPROVED)
        reviews.open_version(question.current_id, reviewer.id, session=session)
        reviews.review(question, reviewer=reviewer, verdict=Verdict.APPROVED)
        assert question.state is QuestionState.APPROVED
        with pytest.raises(IllegalMove):
            reviews.review(question, reviewer=reviewer, verdict=Verdict.APPROVED)


def test_law_confirmed_no_more_stops_the_approval(app, o):
    with app.app_context(), unit_of_work() as session:
        question = make(o, session)
        reviews.submit_for_review(question)
        session.get(LegalDocument, o.law.id).status_checked = False
        reviews.open_version(question.current_id, o.reviewer.id, session=session)
        session.flush()
        session.expire_all()
        with pytest.raises(Invalid, match="chưa được xác nhận"):
            reviews.review(question, reviewer=session.get(Account, o.reviewer.id), verdict=Verdict.APPROVED)


@pytest.mark.parametrize(
    ("law", "question", "usable"),
    [
        ({}, {}, True),
        ({"in_force_to": DAY}, {}, True),
        ({"in_force_to": DAY - timedelta(days=1)}, {}, False),
        ({"in_force_from": DAY}, {}, True),
        ({"in_force_from": DAY + timedelta(days=1)}, {}, False),
        ({"in_force_from": None}, {}, True),
        ({"status_checked": False}, {}, False),
        ({}, {"state": QuestionState.DRAFT}, False),
        ({}, {"state": QuestionState.IN_REVIEW}, False),
        ({}, {"state": QuestionState.RETIRED}, False),
        ({}, {"held_at": clock.now(), "hold_reason": "xem lại"}, False),
        ({}, {"is_sample": True}, False),
        ({}, {"bank": BankKind.PRACTICE}, None),
    ],
)
def test_what_may_be_drawn_is_said_the_same_by_row_and_by_list(app, build, o, law, question, usable):
    document = build.document("11/2011/QH13", **law)
    stored = build.question(o.topic, o.justice, document=document, **question)
    with app.app_context():
        row = db.session.get_one(Question, stored.id)
        found = [item.id for item in pool(position_id=o.justice.id, on=DAY, demo=False)]
        assert found == ([row.current_id] if usable else [])
        if usable is not None:
            assert (is_usable(row, DAY) is None) is usable


def test_the_pool_tells_topic_level_and_exposure_of_all_versions(app, build, o):
    stored = build.question(o.topic, o.justice, level=Level.APPLICATION, is_sample=True)
    common = build.question(o.topic)
    with app.app_context():
        (item,) = pool(position_id=o.justice.id, on=DAY, demo=True)
        assert (item.id, item.topic, item.level, item.exposure) == (stored.current_id, "tp_chung_thuc", "van_dung", 0)
        assert [one.id for one in pool(position_id=None, on=DAY, demo=True)] == [common.current_id]
        assert pool(position_id=o.justice.id, on=DAY, demo=False) == []


def test_a_pool_of_many_is_one_statement(app, build, o, statements):
    with app.app_context():
        with unit_of_work():
            rows = [(content(f"Câu {n}?"), o.topic.id, [o.justice]) for n in range(3000)]
            insert_many(rows, owner_id=None, state=QuestionState.APPROVED)
        statements.clear()
        assert len(pool(position_id=o.justice.id, on=DAY, demo=False)) == 3000
        assert len(statements) == 1


def test_the_list_costs_the_same_for_one_question_and_for_thirty(build, reader, o, statements):
    examiner = reader(o.examiner)
    build.question(o.topic, o.justice, document=o.law)
    statements.clear()
    examiner.open("/bank/")
    few = len(statements)
    for _number in range(30):
        build.question(o.topic, o.justice, document=o.law)
    statements.clear()
    examiner.open("/bank/")
    assert len(statements) == few
    assert few <= 20


def test_topics_below_go_all_the_way_down(app, build):
    top = build.topic("a")
    middle = build.topic("b", parent_id=top.id)
    build.topic("c", parent_id=middle.id)
    other = build.topic("d")
    with app.app_context():
        assert topics_below(top.id) == {"a", "b", "c"}
        assert topics_below(other.id) == {"d"}
        assert topics_below(999999) == frozenset()


STARTER_POSITIONS = ("tp_tu_phap", "nn_dat_dai", "kt_tai_chinh", "vp_van_thu", "hcc_mot_cua", "nv_lao_dong")


def test_the_starter_bank_is_drafts_that_cannot_be_drawn(app, build):
    for code in STARTER_POSITIONS:
        build.position(code)
    with app.app_context():
        with unit_of_work():
            assert load_starter(demo=False, owner=None) >= 240
        with unit_of_work():
            assert load_starter(demo=False, owner=None) == 0
        states = set(db.session.execute(select(Question.state, Question.is_sample).distinct()).all())
        assert {tuple(row) for row in states} == {(QuestionState.DRAFT, True)}
        assert pool(position_id=None, on=DAY, demo=True) == []
        assert db.session.scalar(select(func.count()).select_from(Question).where(Question.code == "MAU-TP-001")) == 1


def test_in_the_demonstration_the_starter_bank_is_approved_by_another(app, build):
    positions = [build.position(code) for code in STARTER_POSITIONS]
    owner, reviewer = build.account(), build.account()
    with app.app_context():
        with unit_of_work(), pytest.raises(ValueError, match="another account"):
            load_starter(demo=True, owner=owner, reviewer=owner)
        with unit_of_work():
            stored = load_starter(demo=True, owner=owner, reviewer=reviewer)
        assert db.session.scalar(select(func.count()).select_from(Review)) == stored
        assert set(db.session.scalars(select(Review.reviewer_id))) == {reviewer.id}
        assert set(db.session.scalars(select(QuestionVersion.author_id))) == {owner.id}
        assert len(pool(position_id=None, on=DAY, demo=True)) >= 20
        assert all(len(pool(position_id=position.id, on=DAY, demo=True)) >= 30 for position in positions)
        assert pool(position_id=None, on=DAY, demo=False) == []


@pytest.mark.parametrize(
    "make_row",
    [
        lambda q: Question(code=q.code),
        lambda q: Question(code="giu", held_at=clock.now(), hold_reason=""),
        lambda q: Question(code="giu", held_at=None, hold_reason="không có ngày"),
        lambda q: QuestionVersion(question_id=q.id, number=1, **_columns(q)),
        lambda q: QuestionVersion(question_id=q.id, number=2, **{**_columns(q), "points": 0}),
        lambda q: Review(version_id=q.current_id, reviewer_id=1, verdict=Verdict.RETURNED, comment=""),
        lambda q: LegalDocument(symbol="1/1", title="x", mark="V", in_force_from=DAY, in_force_to=date(2000, 1, 1)),
        lambda q: LegalDocument(symbol="23/2015/NĐ-CP", title="x", mark="V"),
        lambda q: Topic(code="tp_chung_thuc", name="x", strand="chuyen_mon"),
        lambda q: Exposure(version_id=q.current_id, round_id=999999, papers=1),
    ],
)
def test_the_database_refuses_what_must_never_be(app, build, o, make_row):
    question = build.question(o.topic, o.justice)
    with app.app_context(), pytest.raises(IntegrityError):
        _store(make_row(question))


def _store(row):
    with unit_of_work() as session:
        session.add(row)


def _columns(question):
    return {
        "kind": "single_choice", "level": Level.RECALL, "topic_id": 1, "stem": "x", "content": b"{}",
        "digest": "0" * 64, "points": 1000,
    }  # fmt: skip


def test_home_tells_examiners_and_reviewers_what_waits(app, build, reader, o):
    from flask import g
    from flask_login import login_user

    from examapp.bank import room

    account = build.account(None, Role.REVIEWER)
    build.question(o.topic, o.justice, state=QuestionState.IN_REVIEW, author=o.examiner, document=o.law)
    returned = build.question(o.topic, o.justice, state=QuestionState.DRAFT, author=o.examiner, document=o.law)
    build.save(
        Review(version_id=returned.current_id, reviewer_id=account.id, verdict=Verdict.RETURNED, comment="Sửa lại.")
    )
    for person, label in ((account, "Câu hỏi chờ thẩm định"), (o.examiner, "Câu hỏi bị trả lại, cần sửa")):
        with app.test_request_context("/"):
            login_user(db.session.get_one(Account, person.id))
            tasks = list(room.tasks())
            assert [(task.label, task.count) for task in tasks] == [(label, 1)]
            g.pop("_login_user", None)


def test_a_question_out_of_use_comes_back_only_as_a_draft(build, reader, o):
    question = build.question(o.topic, o.justice, document=o.law)
    examiner = reader(o.examiner)
    examiner.open(f"/bank/questions/{question.code}")
    page = examiner.post(f"/bank/questions/{question.code}/retire", reason="Trùng câu khác")
    assert "đã ngừng dùng" in page.text
    assert "Ngừng dùng" in page.text
    assert "0 câu hỏi" in examiner.open("/bank/").text
    examiner.post(f"/bank/questions/{question.code}/submit", status=409)
    examiner.open(f"/bank/questions/{question.code}")
    assert "đã trở lại bản nháp" in examiner.submit("reopen").text
    examiner.post(f"/bank/questions/{question.code}/reopen", status=409)
    examiner.post(f"/bank/questions/{question.code}/withdraw", status=409)
