"""Gói thẩm định: make, walk, print, close, minutes, decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.audit.models import AuditEvent
from examapp.bank import minutes, questions, review_sets, reviews, set_progress
from examapp.bank.models import Question, QuestionState, Review, ReviewSet, SetState
from examapp.core import clock, text
from examapp.core.db import db, unit_of_work
from examapp.core.errors import IllegalMove, Invalid
from tests.bank.builders import content, office

ALL = list(reviews.CHECKLIST)


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def manager(build):
    return build.account(None, Role.BANK_MANAGER, display_name="Phụ trách (mẫu)")


@pytest.fixture
def waiting(build, o):
    """Three waiting questions of the examiner, and one of another position."""

    def one(stem, topic=o.topic, position=o.justice):
        return build.question(
            topic, position, content=content(stem), state=QuestionState.IN_REVIEW, document=o.law, author=o.examiner
        )

    found = [one(f"Câu chờ thứ {number} hỏi gì?") for number in (1, 2, 3)]
    one("Câu đất đai?", o.land_topic, o.land)
    return found


@pytest.fixture
def made(app, o, manager, waiting):
    """A set of the three for the reviewer; its reference."""
    with app.app_context(), unit_of_work() as session:
        found = review_sets.create_set(
            name="Hộ tịch, đợt 1 (mẫu)",
            due_on=clock.today() + timedelta(days=7),
            member_ids=[o.reviewer.id],
            version_ids=[one.current_id for one in waiting],
            creator=session.get(Account, manager.id),
        )
        return found.ref


def actions(app, name):
    with app.app_context():
        return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == name).order_by(AuditEvent.id)))


def test_a_set_is_made_of_what_the_filter_leaves(app, reader, o, manager, waiting):
    browser = reader(manager)
    assert "4 câu chờ thẩm định khớp lựa chọn" in browser.open("/bank/sets/new").text
    page = browser.open("/bank/sets/new?position=tp_tu_phap&law=999")
    assert "Không có câu nào để lập gói" in page.text
    assert any("Theo văn bản pháp luật" in chip for chip in page.texts("a[@class='chip']"))
    page = browser.open("/bank/sets/new?position=tp_tu_phap")
    assert "3 câu chờ thẩm định khớp lựa chọn" in page.text
    page = browser.submit("members", name="", due_on="01/01/2020", status=422)
    assert "hạn" in page.text.lower()
    past = browser.submit("members", name="Gói một", members=[str(o.reviewer.id)], due_on="01/01/2020", status=422)
    assert "Hạn phải từ hôm nay trở đi" in past.text
    page = browser.submit("members", name="Gói một", members=[str(o.reviewer.id)], due_on="")
    assert page.heading == "Gói một"
    assert "Còn chờ 3" in page.text
    assert "1 câu chờ thẩm định khớp lựa chọn" in browser.open("/bank/sets/new").text  # the others are taken


def test_only_reviewers_are_members(app, o, manager, waiting):
    with app.app_context(), unit_of_work() as session:
        creator = session.get(Account, manager.id)
        for people in ([], [o.examiner.id]):
            with pytest.raises(Invalid, match="có quyền thẩm định"):
                review_sets.create_set(
                    name="x", due_on=None, member_ids=people, version_ids=[waiting[0].current_id], creator=creator
                )
        with pytest.raises(Invalid, match="Không có câu nào"):
            review_sets.create_set(name="x", due_on=None, member_ids=[o.reviewer.id], version_ids=[], creator=creator)


def test_the_walk_goes_from_question_to_question(app, reader, o, waiting, made):
    browser = reader(o.reviewer)
    page = browser.open("/bank/review")
    assert "Hộ tịch, đợt 1 (mẫu): còn 3 câu để thẩm định" in page.text
    assert "Không có câu nào chờ thẩm định" in page.text  # the queue has none outside of the set
    page = browser.open(f"/bank/sets/{made}")
    page = browser.open(page.link("Thẩm định câu tiếp theo"))
    assert page.heading == "Câu 1 trên 3"
    assert [a.get("data-keys") for a in page.all("a[@data-keys]")] == ["j ArrowRight"]
    assert [b.get("data-keys") for b in page.all("button[@data-keys]")] == ["a", "r"]
    page = browser.open(page.link("Câu sau"))
    assert page.heading == "Câu 2 trên 3"
    page = browser.submit("passed", press="verdict=approved", passed=ALL)
    assert page.heading == "Câu 3 trên 3"  # the next one that is open …
    page = browser.submit("passed", press="verdict=returned", status=422)
    assert "hãy ghi điều cần sửa" in page.text
    page = browser.submit("passed", press="verdict=returned", passed=ALL, comment="Thiếu dữ kiện.")
    assert page.heading == "Câu 1 trên 3"  # … round to the beginning
    page = browser.submit("passed", press="verdict=approved", passed=ALL)
    assert page.heading == "Hộ tịch, đợt 1 (mẫu)"
    assert "Đã thẩm định 3 trên 3 câu" in page.text
    assert "Người thẩm định 3 2 1 0" in " ".join(page.texts("table")[0:1])
    assert "Thiếu dữ kiện." in page.text
    page = browser.open(f"/bank/sets/{made}/questions/2")
    assert "không còn chờ thẩm định trong gói" in page.text
    assert not page.all("button[@data-keys]")
    browser.open(f"/bank/sets/{made}/questions/9", status=404)
    with app.app_context():
        assert {row.set_id for row in db.session.scalars(select(Review))} == {db.session.scalar(select(ReviewSet.id))}


def test_questions_of_a_set_are_decided_in_it_by_its_members(app, build, reader, o, waiting, made):
    code = waiting[0].code
    page = reader(o.reviewer).open(f"/bank/review/{code}")
    assert page.heading == "Câu 1 trên 3"
    other = reader(o.head)
    page = other.open(f"/bank/review/{code}")
    assert "thuộc gói thẩm định “Hộ tịch, đợt 1 (mẫu)”" in page.text
    other.post(f"/bank/review/{code}", status=403, verdict="returned", comment="x")
    other.open(f"/bank/sets/{made}", status=404)
    other.open(f"/bank/sets/{made}/questions/1", status=404)
    reader(build.account(None, Role.ORGANISER)).open(f"/bank/sets/{made}", status=404)


def test_a_member_passes_over_own_questions_and_what_is_out_of_reach(app, build, reader, o, manager, waiting):
    build.grant(o.examiner, Role.REVIEWER, position=o.justice)
    with app.app_context(), unit_of_work() as session:
        rows = session.scalars(select(Question).order_by(Question.id)).all()
        ref = review_sets.create_set(
            name="Bốn câu",
            due_on=None,
            member_ids=[o.examiner.id, o.reviewer.id],
            version_ids=[row.current_id for row in rows],
            creator=session.get(Account, manager.id),
        ).ref
    browser = reader(o.reviewer)
    page = browser.open(f"/bank/sets/{ref}/questions/4")
    assert "không thuộc phạm vi thẩm định" in page.text
    assert "Câu đất đai?" not in page.text
    assert "Câu đất đai?" not in browser.open(f"/bank/sets/{ref}").text
    assert "Câu đất đai?" not in browser.open(f"/bank/sets/{ref}/print?key=yes").text
    author = reader(o.examiner)
    page = author.open(f"/bank/sets/{ref}/questions/1")
    assert "không được thẩm định chính câu đó" in page.text
    page = reader(manager).open(f"/bank/sets/{ref}")
    assert "1 câu chưa có thành viên nào thẩm định được" in page.text


def test_the_printed_list_says_who_and_when_and_is_logged(app, reader, o, made):
    browser = reader(o.reviewer)
    page = browser.open(f"/bank/sets/{made}/print")
    assert "In bởi Người thẩm định" in page.text
    assert text.format_date(clock.today()) in page.text
    assert "Đáp án" not in page.text
    assert "Câu chờ thứ 3 hỏi gì?" in page.text
    page = browser.open(f"/bank/sets/{made}/print?key=yes")
    assert "Đáp án" in page.text
    assert "23/2015/NĐ-CP" in page.text
    logged = actions(app, "review_set.printed")
    assert [('"key":true' in event.details, event.actor_id) for event in logged] == [
        (False, o.reviewer.id),
        (True, o.reviewer.id),
    ]


def test_mended_questions_come_back_into_the_set(app, reader, o, manager, waiting, made):
    browser = reader(o.reviewer)
    browser.open(f"/bank/sets/{made}/questions/1")
    browser.submit("passed", press="verdict=returned", comment="Sửa câu dẫn.")
    with app.app_context(), unit_of_work() as session:
        row = session.get(Question, waiting[0].id)
        questions.edit_question(
            row,
            content=content("Câu đã sửa?"),
            topic=row.current.topic,
            positions=list(row.positions),
            is_common=False,
            editor=session.get(Account, o.examiner.id),
        )
        reviews.submit_for_review(row)
    keeper = reader(manager)
    keeper.open(f"/bank/sets/{made}")
    page = keeper.submit("renew")
    assert "Đã nhận lại 1 câu đã sửa vào gói" in page.text
    page = browser.open(f"/bank/sets/{made}/questions/4")
    assert "Câu đã sửa?" in page.text
    browser.submit("passed", press="verdict=approved", passed=ALL)
    with app.app_context():
        found = db.session.scalars(select(ReviewSet)).one()
        entries = set_progress.entries_of(found)
        data = minutes.minutes_data(found, entries, set_progress.progress_of(found, entries), printed_by="x")
    assert data["total"] == ["Tổng cộng", "3", "1", "0", "0", "2"]
    assert "có 1 câu đã trả lại, được sửa" in data["mended"]
    assert len(data["returned"]) == 1


def test_closing_gives_minutes_and_the_rest_goes_back_to_the_queue(app, reader, o, manager, waiting, made):
    browser = reader(o.reviewer)
    browser.open(f"/bank/sets/{made}/questions/1")
    browser.submit("passed", press="verdict=returned", comment="Căn cứ chưa đúng khoản.")
    browser.open(f"/bank/sets/{made}/close", status=404)
    browser.open(f"/bank/sets/{made}/minutes", status=409)
    keeper = reader(manager)
    keeper.post(f"/bank/sets/{made}/decision", status=409, decision_number="1/QĐ", decision_on="01/01/2026")
    page = keeper.open(f"/bank/sets/{made}/close")
    assert "Còn 2 câu chưa thẩm định" in page.text
    page = keeper.submit("close")
    assert "còn để dấu chấm" in page.text
    assert "2 câu chờ" in browser.open("/bank/review").text
    with app.app_context():
        found = db.session.scalars(select(ReviewSet)).one()
        assert found.state is SetState.CLOSED
        entries = set_progress.entries_of(found)
        data = minutes.minutes_data(found, entries, set_progress.progress_of(found, entries), printed_by="x")
    assert data["members"] == [["Người thẩm định", "2", "0", "1", ""]]
    assert data["returned"][0][1:] == [f"{waiting[0].code} (phiên bản 1)", entries[0].review.comment]
    assert (data["decision_number"], data["decision_on"]) == ("", None)
    assert data["topics"] == [["Chứng thực", "3", "0", "1", "0", "2"]]
    assert "Câu chờ thứ" not in str(data)

    tomorrow = text.format_date(clock.today() + timedelta(days=1))
    keeper.open(f"/bank/sets/{made}")
    page = keeper.submit("decision_number", decision_number="12/QĐ-UBND", decision_on=tomorrow, status=422)
    assert "Ngày quyết định phải từ ngày lập gói đến hôm nay" in page.text
    today = text.format_date(clock.today())
    page = keeper.submit("decision_number", decision_number="12/QĐ-UBND", decision_on=today)
    assert "Đã ghi số và ngày quyết định" in page.text
    answer = keeper.download(f"/bank/sets/{made}/minutes")
    assert answer.data.startswith(b"%PDF")
    assert "12/QĐ-UBND" in keeper.open("/bank/sets").text
    acts = ("created", "closed", "decided", "printed")
    assert [len(actions(app, f"review_set.{act}")) for act in acts] == [1, 1, 1, 1]


def test_a_closed_set_stays_as_it_is(app, o, manager, made):
    with app.app_context(), unit_of_work() as session:
        found = session.scalars(select(ReviewSet)).one()
        review_sets.close_set(found, left=3)
        for act in (
            lambda: review_sets.close_set(found, left=3),
            lambda: review_sets.renew_set(found),
            lambda: review_sets.change_set(found, name="x", due_on=None, member_ids=[o.reviewer.id]),
        ):
            with pytest.raises(IllegalMove, match="đã đóng"):
                act()


def test_members_change_while_it_is_open(app, reader, o, manager, made):
    browser = reader(o.reviewer)
    browser.open(f"/bank/sets/{made}/questions/1")
    browser.submit("passed", press="verdict=approved", passed=ALL)
    keeper = reader(manager)
    keeper.open(f"/bank/sets/{made}/edit")
    page = keeper.submit("members", members=[str(o.head.id)], status=422)
    assert "Người đã thẩm định câu của gói phải còn trong danh sách" in page.text
    page = keeper.submit("members", name="Tên mới", members=[str(o.head.id), str(o.reviewer.id)])
    assert page.heading == "Tên mới"
    assert "Trưởng ban (mẫu)" in page.text
    reader(o.head).open(f"/bank/sets/{made}")


def test_the_list_and_a_set_take_a_fixed_number_of_statements(reader, o, manager, made, count_statements):
    browser = reader(manager)
    for path, most in (("/bank/sets", 15), (f"/bank/sets/{made}", 22)):
        with count_statements() as statements:
            browser.open(path)
        assert len(statements) <= most, (path, len(statements))
