"""The list narrowed by everything a question has, the banks apart, searches that are kept, reading that is logged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank.models import (
    BankKind,
    Exposure,
    ItemStatistic,
    QuestionState,
    QuestionTag,
    QuestionVersion,
    SavedFilter,
)
from examapp.bank.questions import edit_question
from examapp.core import clock, text
from examapp.core.db import db, unit_of_work
from examapp.rounds.models import ExamRound, Period, RoundState, Setting
from question_bank.question import Option
from tests.bank.builders import content, office


@pytest.fixture
def o(build):
    return office(build)


def stems(page):
    return set(page.texts("td[@class='lead-cell']/a"))


def exam_round(build, code, state, unit):
    return build.save(
        ExamRound(
            code=code,
            name=f"Kỳ thi {code} (mẫu)",
            year=2026,
            period=Period.YEAR,
            period_number=1,
            legal_basis_number="1/KH",
            legal_basis_date=date(2026, 1, 5),
            setting=Setting.SUPERVISED,
            unit_id=unit.id,
            minutes=30,
            posts_on=date(2026, 1, 5),
            state=state,
            sealed_at=clock.now(),
        )
    )


@pytest.fixture
def rich(app, build, o):
    """Two questions that differ in all that the list can be narrowed by."""
    ending = build.document("1/2000/QH10", in_force_to=clock.today() + timedelta(days=30))
    one = build.question(
        o.topic,
        o.justice,
        document=ending,
        author=o.examiner,
        content=content(
            "Câu đầy đủ?",
            points=1500,
            seconds=45,
            tags=("một cửa",),
            stem_html=f'<p>Câu đầy đủ?</p><img src="media:{"a" * 64}" alt="Sơ đồ">',
        ),
        held_at=clock.now(),
        hold_reason="Xem lại",
    )
    build.save(QuestionTag(question_id=one.id, tag="một cửa"))
    with app.app_context(), unit_of_work() as session:
        session.get_one(QuestionVersion, one.current_id).seconds = 45
    two = build.question(o.topic, o.justice, content=content("Câu trơn?"))
    commune = build.unit()
    over = exam_round(build, "KT-1", RoundState.PUBLISHED, commune)
    coming = exam_round(build, "KT-2", RoundState.SEALED, commune)
    build.save(Exposure(version_id=one.current_id, round_id=over.id, papers=7))
    build.save(Exposure(version_id=two.current_id, round_id=coming.id, papers=9))
    build.save(ItemStatistic(version_id=one.current_id, round_id=over.id, papers=30, answered=30, facility=100))
    return over, coming, ending


def test_every_filter_finds_its_question_and_shows_a_chip(reader, o, rich):
    over, _coming, ending = rich
    after = text.format_date(clock.today() + timedelta(days=60))
    examiner = reader(o.examiner)
    for query in (
        "held=yes",
        "tag=một+cửa",
        f"owner={o.examiner.id}",
        "points=1,5",
        "seconds=60",
        f"law={ending.id}",
        "cited=yes",
        "used=yes",
        f"used={over.id}",
        "flagged=yes",
        "image=yes",
    ):
        page = examiner.open(f"/bank/?{query}")
        assert stems(page) == {"Câu đầy đủ?"}, query
        assert len(page.texts("a[@class='chip']")) == 1, query
        assert page.all("select[@name='used']"), "a filter in force shows the further filters"
    for query in (
        "held=no",
        "seconds=none",
        "cited=no",
        "used=never",
        "image=no",
        "points=1",
        f"usable=yes&on={after}",
    ):
        assert stems(examiner.open(f"/bank/?{query}")) == {"Câu trơn?"}, query
    for query in ("points=x", "seconds=x", "law=x", "owner=99999999999999999999", "points=9999999999999999999999"):
        assert "Không có câu hỏi nào khớp" in examiner.open(f"/bank/?{query}").text


def test_further_filters_are_folded_away_until_asked_for(reader, o, rich):
    page = reader(o.examiner).open("/bank/")
    assert not page.all("select[@name='used']")
    page = reader(o.examiner).open(page.link("Thêm bộ lọc"))
    assert "Kỳ thi KT-1 (mẫu)" in page.texts("select[@name='used']/option")


def test_papers_that_are_still_to_be_sat_are_told_to_nobody(reader, o, rich):
    _over, coming, _ending = rich
    examiner = reader(o.examiner)
    page = examiner.open("/bank/?more=yes&sort=-used")
    assert "Kỳ thi KT-2 (mẫu)" not in page.text
    assert page.texts("td[@class='num']") == ["7", "0"]
    assert "Không có câu hỏi nào khớp" in examiner.open(f"/bank/?used={coming.id}").text


def test_the_list_takes_as_many_statements_for_thirty_rows_as_for_one(build, reader, o, count_statements):
    def statements(query):
        examiner.open(f"/bank/?{query}")
        with count_statements() as found:
            examiner.open(f"/bank/?{query}")
        return len(found)

    examiner = reader(o.examiner)
    build.question(o.topic, o.justice, document=o.law)
    queries = ("", "q=câu", "more=yes&used=never", "topic=tp_chung_thuc&sort=used&usable=yes")
    single = [statements(query) for query in queries]
    for _ in range(30):
        build.question(o.topic, o.justice, document=o.law)
    assert [statements(query) for query in queries] == single
    assert single[0] <= 18


def test_the_banks_are_read_apart(build, reader, o):
    build.question(o.topic, o.justice, content=content("Để thi?"))
    build.question(o.topic, o.justice, content=content("Để ôn?"), bank=BankKind.PRACTICE)
    examiner = reader(o.examiner)
    page = examiner.open("/bank/")
    assert stems(page) == {"Để thi?"}
    page = examiner.open(page.link("Ngân hàng ôn tập"))
    assert stems(page) == {"Để ôn?"}
    assert "bank=practice" in page.link("Xuất tệp")
    examiner.open("/bank/?bank=x", status=404)
    reader(build.account(None, Role.ORGANISER)).open("/bank/", status=404)
    reader(build.account(None, Role.ORGANISER)).open("/bank/?bank=practice", status=404)


def test_a_page_of_stems_of_the_exam_bank_is_one_record_of_the_log(app, build, reader, o):
    question = build.question(o.topic, o.justice, content=content("Để thi?"))
    build.question(o.topic, o.justice, content=content("Để ôn?"), bank=BankKind.PRACTICE)
    examiner = reader(o.examiner)
    examiner.open("/bank/?kind=single_choice&page=1")
    examiner.open("/bank/?bank=practice")
    examiner.open("/bank/?kind=essay")
    with app.app_context():
        [event] = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.listed"))
    assert event.actor_id == o.examiner.id
    assert question.code in event.details
    assert "kind=single_choice" in event.details


def test_a_search_is_kept_under_a_name_and_is_ones_own(build, reader, o):
    build.question(o.topic, o.justice, content=content("Câu duyệt?"))
    build.question(o.topic, o.justice, content=content("Câu nháp?"), state=QuestionState.DRAFT)
    examiner = reader(o.examiner)
    assert "Lưu bộ lọc này" not in examiner.open("/bank/").text
    examiner.open("/bank/?state=draft&sort=-stem&page=1")
    page = examiner.submit("/bank/filters", name="  Bản nháp   của tôi ")
    assert "Đã lưu bộ lọc “Bản nháp của tôi”." in page.text
    page = examiner.open(examiner.open("/bank/").link("Bản nháp của tôi"))
    assert stems(page) == {"Câu nháp?"}
    assert "Lưu bộ lọc này" not in page.text
    assert "Bản nháp của tôi" not in reader(o.head).open("/bank/").text
    saved = build.get(SavedFilter, 1)
    reader(o.head).post(f"/bank/filters/{saved.id}/delete", status=404)
    examiner.post("/bank/filters", name="Bản nháp của tôi", state="approved")
    assert build.get(SavedFilter, saved.id).query == "state=approved"
    examiner.post("/bank/filters", status=422, name="Trống")
    examiner.open("/bank/?state=approved")
    assert "Đã xóa bộ lọc" in examiner.submit("/delete").text
    assert "Bộ lọc đã lưu" not in examiner.page.text


def test_the_expected_time_is_kept_where_the_list_reads_it(app, build, o):
    question = build.question(o.topic, o.justice, author=o.examiner, content=content())
    with app.app_context(), unit_of_work() as session:
        from examapp.accounts.models import Account
        from examapp.bank.models import Question

        found = session.get_one(Question, question.id)
        edit_question(
            found,
            content=content(seconds=90, options=(Option("Một", correct=True), Option("Hai"))),
            topic=found.current.topic,
            positions=found.positions,
            is_common=False,
            editor=session.get_one(Account, o.examiner.id),
        )
        assert found.current.seconds == 90
