"""Questions whose law ends: in their owners' lists, and what is done with them, singly and for many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.audit.models import AuditEvent
from examapp.bank import amendments, law_watch
from examapp.bank.content import content_of
from examapp.bank.models import (
    AmendmentCheck,
    Citation,
    LegalAmendment,
    LegalDocument,
    Question,
    QuestionState,
    TransitionalUse,
)
from examapp.core import clock
from examapp.core.db import db
from tests.bank.builders import Office, content, office


@dataclass
class Desk:
    o: Office
    old: LegalDocument
    new: LegalDocument
    questions: list[Question]

    @property
    def today(self) -> date:
        return clock.today()


@pytest.fixture
def desk(build) -> Desk:
    """Two questions of the examiner rest on a law that ends in thirty days; its successor follows the day after."""
    o = office(build)
    end = clock.today() + timedelta(days=30)
    new = build.document("61/2099/QH20", in_force_from=end + timedelta(days=1), title="Luật mới (mẫu)")
    old = build.document(
        "60/2014/QH99",
        in_force_to=end,
        superseded_by_id=new.id,
        superseded_on=end + timedelta(days=1),
        title="Luật cũ (mẫu)",
    )
    questions = [
        build.question(o.topic, o.justice, document=old, author=o.examiner, content=content(f"Câu {n}?", citations=()))
        for n in (1, 2)
    ]
    return Desk(o, old, new, questions)


def present(build, question) -> Question:
    found: Question = build.get(Question, question.id)
    return found


def codes(app, person: Account, watch: law_watch.Watch, **more: object) -> list[str]:
    with app.app_context():
        person = db.session.get_one(Account, person.id)
        found = law_watch.find(person, watch, on=clock.today(), **more)  # type: ignore[arg-type]
        return [question.code for question in db.session.scalars(found)]


def test_it_stands_in_its_owners_list_from_the_notice_to_the_end(app, build, desk):
    owner, end = desk.o.examiner, desk.today + timedelta(days=30)
    with app.app_context():
        person = db.session.get_one(Account, owner.id)

        def listed(on):
            soon, held = law_watch.soon_held(person, on), law_watch.held(person, on)
            return [len(db.session.scalars(query).all()) for query in (soon, held)]

        assert listed(end - timedelta(days=61)) == [0, 0]
        assert listed(end - timedelta(days=60)) == [2, 0]
        assert listed(end) == [2, 0]
        assert listed(end + timedelta(days=1)) == [0, 2]
        assert law_watch.count(person, law_watch.Watch.SOON, clock.today()) == 2
    assert codes(app, desk.o.head, law_watch.Watch.SOON, mine=True) == []
    assert len(codes(app, desk.o.head, law_watch.Watch.SOON)) == 2
    assert codes(app, desk.o.other_examiner, law_watch.Watch.SOON) == []


def test_renewing_is_one_step_to_a_new_version_in_review(app, build, reader, desk):
    examiner = reader(desk.o.examiner)
    page = examiner.open("/bank/law/watch")
    assert "61/2099/QH20" in page.text, "the successor stands beside the question"
    first, second = desk.questions
    page = examiner.submit("pick", pick=[first.code, second.code], press="act=renew")
    assert "2 câu đã chọn" in page.text
    with app.app_context():
        old_ids = list(db.session.scalars(select(Citation.id).where(Citation.document_id == desk.old.id)))
    assert len(old_ids) == 2
    assert "Chưa ghi điều, khoản mới" in examiner.submit("rows-0-article", status=422).text
    page = examiner.submit("rows-0-article", **{"rows-0-article": "25", "rows-0-clause": "2"})
    assert "gửi thẩm định lại 1 câu" in page.text
    assert "1 câu chưa ghi điều mới" in page.text
    renewed, left = present(build, first), present(build, second)
    assert (renewed.state, left.state) == (QuestionState.IN_REVIEW, QuestionState.APPROVED)
    with app.app_context():
        version = db.session.get_one(Question, first.id).current
        assert version.number == 2
        assert version.author_id == desk.o.examiner.id
        assert [str(one) for one in content_of(version).citations] == ["khoản 2 Điều 25, 61/2099/QH20"]
        assert [one.document_id for one in version.citations] == [desk.new.id]
    assert codes(app, desk.o.examiner, law_watch.Watch.SOON) == [second.code]


@pytest.mark.parametrize(
    ("symbol", "message"), [("99/2099/QH20", "chưa có trong danh mục"), ("59/2001/QH90", "hết hiệu lực sau ngày")]
)
def test_renewing_needs_a_known_document_that_has_not_ended(build, reader, desk, symbol, message):
    build.document("59/2001/QH90", in_force_to=desk.today)
    examiner = reader(desk.o.examiner)
    examiner.open(f"/bank/law/watch/act?act=renew&pick={desk.questions[0].code}")
    page = examiner.submit("rows-0-article", status=422, **{"rows-0-document": symbol, "rows-0-article": "1"})
    assert message in page.text
    assert present(build, desk.questions[0]).state is QuestionState.APPROVED


def test_a_renewal_of_an_overtaken_version_is_refused(app, build, reader, desk):
    examiner = reader(desk.o.examiner)
    first = desk.questions[0]
    examiner.open(f"/bank/law/watch/act?act=renew&pick={first.code}")
    reader(desk.o.examiner).post(
        f"/bank/law/watch/act?act=renew&pick={first.code}",
        **{
            "rows-0-citation": _citation_id(app, first),
            "rows-0-document": desk.new.symbol,
            "rows-0-article": "25",
        },
    )
    page = examiner.submit("rows-0-article", status=409, **{"rows-0-article": "26"})
    assert "vừa được người khác sửa" in page.text
    with app.app_context():
        assert db.session.get_one(Question, first.id).current.number == 2


def _citation_id(app, question) -> str:
    with app.app_context():
        return str(db.session.scalars(select(Citation.id).where(Citation.version_id == question.current_id)).one())


def test_an_unconfirmed_successor_leaves_the_renewed_question_a_draft(build, reader, desk):
    build.document("62/2099/QH20", status_checked=False)
    examiner = reader(desk.o.examiner)
    first = desk.questions[0]
    examiner.open(f"/bank/law/watch/act?act=renew&pick={first.code}")
    page = examiner.submit("rows-0-article", **{"rows-0-document": "62/2099/QH20", "rows-0-article": "1"})
    assert f"còn ở bản nháp: {first.code}" in page.text
    assert present(build, first).state is QuestionState.DRAFT


def test_keeping_needs_a_provision_and_a_reason_and_can_be_ended(app, build, reader, desk):
    examiner = reader(desk.o.examiner)
    picked = "&".join(f"pick={q.code}" for q in desk.questions)
    examiner.open(f"/bank/law/watch/act?act=keep&{picked}")
    page = examiner.submit("basis_symbol", status=422, basis_symbol="61/2099/QH20", reason="Hồ sơ cũ (mẫu)")
    assert "Hãy ghi văn bản và điều" in page.text
    early = f"{desk.today:%d/%m/%Y}"
    page = examiner.submit("basis_symbol", status=422, basis_article="70", until=early)
    assert "phải sau ngày hết hiệu lực" in page.text
    with app.app_context():
        assert db.session.scalars(select(TransitionalUse)).all() == []
    page = examiner.submit("basis_symbol", until="")
    assert "Đã ghi 2 câu còn áp dụng" in page.text
    assert codes(app, desk.o.examiner, law_watch.Watch.SOON) == []
    page = examiner.open("/bank/law/watch?show=kept")
    assert "Điều 70, 61/2099/QH20: Hồ sơ cũ (mẫu)" in page.text
    with app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.kept").limit(1)).one()
        assert "Hồ sơ cũ (mẫu)" in event.details
    examiner.submit("pick", pick=[desk.questions[0].code], press="act=stop")
    page = examiner.submit("csrf_token")
    assert "Đã thôi giữ 1 câu" in page.text
    assert codes(app, desk.o.examiner, law_watch.Watch.SOON) == [desk.questions[0].code]


def test_an_edit_leaves_the_provision_with_the_old_version(app, build, reader, desk):
    examiner = reader(desk.o.examiner)
    first = desk.questions[0]
    examiner.open(f"/bank/law/watch/act?act=keep&pick={first.code}")
    examiner.submit("basis_symbol", basis_symbol="61/2099/QH20", basis_article="70", reason="Hồ sơ cũ (mẫu)")
    with app.app_context():
        use = db.session.scalars(select(TransitionalUse)).one()
        assert use.version_id == first.current_id
    from examapp.bank.content import present_content
    from examapp.bank.questions import edit_question
    from examapp.core.db import unit_of_work

    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Question, first.id)
        edit_question(
            row,
            content=content("Câu viết lại?", citations=present_content(row).citations),
            topic=row.current.topic,
            positions=row.positions,
            is_common=False,
            editor=session.get_one(Account, desk.o.examiner.id),
        )
        assert row.current.transitional_uses == []


def test_many_are_retired_with_one_reason(build, reader, desk):
    examiner = reader(desk.o.examiner)
    examiner.open("/bank/law/watch")
    examiner.submit("pick", pick=[q.code for q in desk.questions], press="act=retire")
    examiner.submit("reason", status=422)
    assert {present(build, q).state for q in desk.questions} == {QuestionState.APPROVED}
    page = examiner.submit("reason", reason="Luật cũ hết hiệu lực")
    assert "Đã ngừng dùng 2 câu." in page.text
    assert {present(build, q).state for q in desk.questions} == {QuestionState.RETIRED}


def test_the_page_of_a_question_offers_the_same_acts(build, reader, desk):
    first = desk.questions[0]
    examiner = reader(desk.o.examiner)
    page = examiner.open(f"/bank/questions/{first.code}")
    examiner.open(page.link("Giữ theo điều khoản chuyển tiếp"))
    examiner.submit("basis_symbol", basis_symbol="61/2099/QH20", basis_article="70", reason="Hồ sơ cũ (mẫu)")
    page = examiner.open(f"/bank/questions/{first.code}")
    assert "Điều 70, 61/2099/QH20: Hồ sơ cũ (mẫu)" in page.text
    amending = build.document("5/2099/NĐ-CP")
    build.save(LegalAmendment(document_id=desk.old.id, amended_by_id=amending.id, from_on=desk.today + timedelta(5)))
    page = examiner.open(f"/bank/questions/{first.code}")
    assert "60/2014/QH99 được sửa đổi bởi 5/2099/NĐ-CP" in page.text
    assert "compare" in page.link("Xác nhận đã đối chiếu văn bản sửa đổi")


def test_choosing_nothing_or_too_much_says_so(reader, desk):
    examiner = reader(desk.o.examiner)
    assert "Chưa chọn câu hỏi nào." in examiner.open("/bank/law/watch/act?act=retire").text
    many = "&".join(f"pick=X{n}" for n in range(101))
    assert "nhiều nhất 100 câu" in examiner.open(f"/bank/law/watch/act?act=retire&{many}").text
    examiner.open("/bank/law/watch/act?act=retire&pick=khong-co", status=404)
    assert "Câu hỏi theo hiệu lực văn bản" in examiner.open("/bank/law/watch/act?act=gi-do").heading


def test_who_only_reviews_sees_the_list_without_acts(reader, desk):
    reviewer = reader(desk.o.reviewer)
    page = reviewer.open("/bank/law/watch")
    assert desk.questions[0].code in page.text
    assert page.all("button[@name='act']") == []
    reviewer.open(f"/bank/law/watch/act?act=retire&pick={desk.questions[0].code}", status=404)


def test_an_examiner_cannot_act_on_questions_of_other_positions(reader, desk):
    other = reader(desk.o.other_examiner)
    other.open(f"/bank/law/watch/act?act=retire&pick={desk.questions[0].code}", status=404)


def test_an_amendment_is_a_soft_flag_until_somebody_compares(app, build, reader, desk):
    amending = build.document("5/2099/NĐ-CP", in_force_from=desk.today + timedelta(days=10))
    question = build.question(desk.o.topic, desk.o.justice, document=desk.o.law, author=desk.o.examiner)
    build.save(LegalAmendment(document_id=desk.o.law.id, amended_by_id=amending.id, note="Khoản 1 (mẫu)"))
    assert codes(app, desk.o.examiner, law_watch.Watch.AMENDED) == [question.code]
    examiner = reader(desk.o.examiner)
    assert question.code in examiner.open("/bank/?usable=yes").text, "it stays usable"
    page = examiner.open("/bank/law/watch?show=amended")
    assert "23/2015/NĐ-CP được sửa đổi bởi 5/2099/NĐ-CP" in page.text
    examiner.submit("pick", pick=[question.code], press="act=compare")
    assert "Đã ghi nhận đối chiếu: 1 lượt." in examiner.submit("csrf_token").text
    assert codes(app, desk.o.examiner, law_watch.Watch.AMENDED) == []
    with app.app_context():
        check = db.session.scalars(select(AmendmentCheck)).one()
        assert (check.version_id, check.by_id) == (question.current_id, desk.o.examiner.id)


@pytest.mark.parametrize(
    ("begins", "flagged"),
    [(None, True), (-400, False), (30, True), (60, True), (61, False)],
    ids=["no day known", "before the version was written", "soon", "on the first day of the notice", "later"],
)
def test_only_what_begins_after_the_version_was_written_flags_it(app, build, desk, begins, flagged):
    day = desk.today + timedelta(days=begins) if begins is not None else None
    amending = build.document("5/2099/NĐ-CP", in_force_from=day)
    question = build.question(desk.o.topic, desk.o.justice, document=desk.o.law, author=desk.o.examiner)
    build.save(LegalAmendment(document_id=desk.o.law.id, amended_by_id=amending.id))
    assert (question.code in codes(app, desk.o.examiner, law_watch.Watch.AMENDED)) is flagged
    with app.app_context():
        row = db.session.get_one(Question, question.id)
        assert (row.current.id in amendments.waiting_for([row.current], desk.today)) is flagged


def test_the_list_costs_the_same_however_long(app, build, reader, desk):
    from sqlalchemy import event

    head = reader(desk.o.head)
    with app.app_context():
        engine = db.engine

    def statements() -> int:
        seen: list[str] = []

        def watch(connection, cursor, statement, *rest):
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", watch)
        head.open("/bank/law/watch?whose=all")
        event.remove(engine, "before_cursor_execute", watch)
        return len(seen)

    statements()
    few = statements()
    for _ in range(10):
        build.question(desk.o.topic, desk.o.justice, document=desk.old, author=desk.o.examiner)
    assert statements() == few


def test_an_administrator_without_the_bank_has_no_list(build, reader):
    reader(build.account(None, Role.ADMINISTRATOR)).open("/bank/law/watch", status=404)
