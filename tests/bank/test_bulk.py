"""Many questions changed at once: what a preview says is what is done."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank import bulk_changes
from examapp.bank.models import BankKind, Question, QuestionState, QuestionVersion, ReviewSet, ReviewSetItem
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from tests.bank.builders import content, office


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def other(build, o):
    return build.topic("tp_ho_tich", "Hộ tịch", position_id=o.justice.id)


@pytest.fixture
def three(build, o):
    """An approved question, a draft and a retired one."""
    states = (QuestionState.APPROVED, QuestionState.DRAFT, QuestionState.RETIRED)
    return [
        build.question(o.topic, o.justice, document=o.law, author=o.examiner, content=content(f"Câu {s}?"), state=s)
        for s in states
    ]


def current(build, question):
    return build.get(QuestionVersion, build.get(Question, question.id).current_id)


def picks(*questions):
    return "&".join(f"pick={question.id}" for question in questions)


def test_a_preview_says_what_will_change_and_what_cannot(build, reader, o, other, three):
    approved, draft, retired = three
    examiner = reader(o.examiner)
    examiner.open("/bank/?state=approved")
    page = examiner.submit("pick", act="topic", press="scope=all")
    assert page.heading == "Đổi chuyên đề"
    page = examiner.open(f"/bank/bulk?act=topic&{picks(*three)}")
    assert "3 câu đã chọn" in page.text
    page = examiner.submit("value", value="tp_ho_tich")
    assert "2 câu: chuyên đề “Hộ tịch”" in page.text
    assert "1 câu đã duyệt hoặc chờ thẩm định trở về bản nháp" in page.text
    assert f"{retired.code}: Câu đã ngừng dùng." in page.text
    assert current(build, approved).number == 1, "a preview changes nothing"
    page = examiner.submit("mark")
    assert "Đã thay đổi 2 câu." in page.text
    for question in (approved, draft):
        version = current(build, question)
        assert (version.topic_id, version.author_id) == (other.id, o.examiner.id)
        assert version.note == "Sửa hàng loạt: chuyên đề “Hộ tịch”"
        assert build.get(Question, question.id).state is QuestionState.DRAFT
    assert current(build, retired).topic_id == o.topic.id


def test_what_changed_after_the_preview_is_shown_again(build, reader, o, other, three):
    approved = three[0]
    examiner = reader(o.examiner)
    examiner.open(f"/bank/bulk?act=topic&value=tp_ho_tich&{picks(*three)}")
    form = examiner.page
    reader(o.head).post(f"/bank/questions/{approved.code}/hold", reason="Xem lại")
    examiner.page = form
    page = examiner.submit("mark", status=409)
    assert "Chưa thay đổi gì" in page.text
    assert current(build, approved).number == 1
    assert "Đã thay đổi 2 câu." in examiner.submit("mark").text


@pytest.mark.parametrize(
    ("act", "value", "what"),
    [
        ("position", "nn_dat_dai", "thêm vị trí “Đất đai (mẫu)”"),
        ("tag", "một cửa", "thêm từ khóa “một cửa”"),
        ("level", "nhan_biet", "mức độ Nhận biết"),
        ("seconds", "90", "thời gian dự kiến 90 giây"),
        ("hold", "Chờ văn bản mới", "tạm giữ: Chờ văn bản mới"),
        ("retire", "Hết dùng", "ngừng dùng: Hết dùng"),
    ],
)
def test_acts_are_done_once_and_then_are_so(app, build, reader, o, three, act, value, what):
    approved = three[0]
    head = reader(o.head)
    page = head.open(f"/bank/bulk?act={act}&value={value}&{picks(approved)}")
    assert what in page.text
    assert "Đã thay đổi 1 câu." in head.submit("mark").text
    page = head.open(f"/bank/bulk?act={act}&value={value}&{picks(approved)}")
    assert "1 câu đã như vậy" in page.text
    assert "mark" in page.html
    assert not page.all("button[@class='btn btn-primary']")
    with app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.bulk_changed")).one()
    assert event.actor_id == o.head.id
    assert what in event.details


def test_taking_off_what_was_put_on(build, reader, o, three):
    draft = three[1]
    head = reader(o.head)
    for act, value in (("tag", "x"), ("no_tag", "x"), ("position", "nn_dat_dai"), ("no_position", "nn_dat_dai")):
        head.open(f"/bank/bulk?act={act}&value={value}&{picks(draft)}")
        head.submit("mark")
    assert [p.code for p in positions(build, draft)] == ["tp_tu_phap"]
    page = head.open(f"/bank/bulk?act=no_position&value=tp_tu_phap&{picks(draft)}")
    assert "cần ít nhất một vị trí" in page.text
    head.open(f"/bank/bulk?act=release&{picks(draft)}")
    assert "1 câu đã như vậy" in head.page.text


def positions(build, question):
    with build.app.app_context():
        return list(db.session.get_one(Question, question.id).positions)


def test_who_manages_the_bank_hands_over_and_changes_without_writing(build, reader, o, three):
    manager = reader(build.account(None, Role.BANK_MANAGER))
    page = manager.open(f"/bank/bulk?act=owner&value={o.head.id}&{picks(*three)}")
    manager.submit("mark")
    assert {build.get(Question, one.id).owner_id for one in three} == {o.head.id}
    page = manager.open(f"/bank/bulk?act=owner&value={o.other_examiner.id}&{picks(*three)}")
    assert page.text.count("Người nhận chưa được giao ra câu hỏi") == 3
    manager.open(f"/bank/bulk?act=level&value=nhan_biet&{picks(three[1])}")
    assert "Đã thay đổi 1 câu." in manager.submit("mark").text
    reader(o.examiner).open(f"/bank/bulk?act=owner&value={o.head.id}&{picks(*three)}", status=404)
    reader(o.reviewer).open(f"/bank/bulk?act=topic&{picks(*three)}", status=404)


def test_nobody_reaches_further_in_bulk_than_one_by_one(build, reader, o):
    beyond = build.question(o.land_topic, o.land, content=content("Đất đai?"))
    both = build.question(o.topic, o.justice, o.land, content=content("Của cả hai?"))
    own = build.question(o.topic, o.justice, content=content("Của mình?"))
    examiner = reader(o.examiner)
    page = examiner.open(f"/bank/bulk?act=level&value=nhan_biet&{picks(beyond, both, own)}")
    assert "Thay đổi 1 câu" in page.text
    assert beyond.code not in page.text
    assert both.code not in page.text
    examiner.open(f"/bank/bulk?act=position&value=nn_dat_dai&{picks(own)}", status=422)
    examiner.open("/bank/bulk?act=level")
    assert "Chưa chọn câu nào" in examiner.page.text


def test_drafts_are_submitted_where_nothing_is_missing(build, reader, o):
    sound = build.question(o.topic, o.justice, document=o.law, content=content("Đủ?"), state=QuestionState.DRAFT)
    bare = build.question(o.topic, o.justice, content=content("Thiếu căn cứ?"), state=QuestionState.DRAFT)
    examiner = reader(o.examiner)
    page = examiner.open(f"/bank/bulk?act=submit&{picks(sound, bare)}")
    assert f"{bare.code}: Chưa có căn cứ pháp lý" in page.text
    examiner.submit("mark")
    assert build.get(Question, sound.id).state is QuestionState.IN_REVIEW
    assert build.get(Question, bare.id).state is QuestionState.DRAFT


def test_chosen_questions_go_into_review_sets_and_files(app, build, reader, o):
    waiting = [
        build.question(o.topic, o.justice, document=o.law, content=content(f"Chờ {n}?"), state=QuestionState.IN_REVIEW)
        for n in range(3)
    ]
    manager = reader(build.account(None, Role.BANK_MANAGER))
    page = manager.open(f"/bank/bulk?act=new_set&{picks(*waiting[:2])}")
    assert page.heading == "Lập gói thẩm định"
    assert "2 câu chờ thẩm định khớp lựa chọn" in page.text
    manager.submit("members", name="Đợt một", members=[str(o.reviewer.id)])
    [made] = all_of(app, ReviewSet)
    page = manager.open(f"/bank/bulk?act=set&value={made.ref}&{picks(*waiting)}")
    assert page.text.count("Câu đã thuộc một gói thẩm định đang mở.") == 2
    manager.submit("mark")
    assert {item.version_id for item in all_of(app, ReviewSetItem)} == {one.current_id for one in waiting}
    page = manager.open(f"/bank/bulk?act=export&{picks(*waiting[:2])}")
    assert "2 câu đã chọn" in page.text


def all_of(app, table):
    with app.app_context():
        return list(db.session.scalars(select(table).order_by(*inspect(table).primary_key)))


def test_many_questions_are_changed_by_a_job(app, build, reader, o, monkeypatch):
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 2)
    monkeypatch.setattr(bulk_changes, "CHUNK", 2)
    own = [build.question(o.topic, o.justice, content=content(f"Số {n}?"), author=o.examiner) for n in range(5)]
    build.question(o.topic, o.justice, content=content("Không khớp?"), author=o.head)
    examiner = reader(o.examiner)
    page = examiner.open(f"/bank/bulk?act=tag&value=ôn+lại&scope=all&owner={o.examiner.id}")
    assert "Thay đổi 5 câu" in page.text
    assert "Việc chạy nền" in page.text
    job = examiner.submit("mark").url
    with app.app_context():
        assert run_waiting() == 1
    assert "Đã thay đổi 5 câu." in examiner.open(job).text
    assert [current(build, one).number for one in own] == [2] * 5
    with app.app_context():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "question.edited")).all()
    assert {event.actor_id for event in events} == {o.examiner.id}, "the log says on whose behalf the job acts"


def test_the_practice_bank_is_changed_by_its_own_permission(build, reader, o):
    question = build.question(o.topic, o.justice, content=content("Ôn?"), bank=BankKind.PRACTICE)
    manager = reader(build.account(None, Role.BANK_MANAGER))
    page = manager.open(f"/bank/bulk?bank=practice&act=tag&value=dễ&{picks(question)}")
    manager.submit("mark")
    assert current(build, question).number == 2
    reader(o.reviewer).open(f"/bank/bulk?bank=practice&act=tag&{picks(question)}", status=404)
    names = [option.get("value") for option in manager.open("/bank/?bank=practice").all("select[@name='act']/option")]
    assert "hold" not in names
    assert page.heading == "Thêm từ khóa"
