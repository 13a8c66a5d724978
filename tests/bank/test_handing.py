"""Owner, bank, print, tags, and a key that is no longer the approved one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank.models import BankKind, Question, QuestionState, QuestionTag, Review, Verdict
from examapp.core.db import db
from question_bank.question import Option
from tests.bank.builders import content, office


@pytest.fixture
def o(build):
    return office(build)


@pytest.fixture
def question(build, o):
    return build.question(o.topic, o.justice, document=o.law, author=o.examiner, content=content())


def approved(build, o, question):
    build.save(Review(version_id=question.current_id, reviewer_id=o.reviewer.id, verdict=Verdict.APPROVED))
    return question


def acts(app, action):
    with app.app_context():
        return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)))


def all_questions(app):
    with app.app_context():
        return list(db.session.scalars(select(Question).order_by(Question.id)))


def rewrite(examiner, question, **typed):
    examiner.open(f"/bank/questions/{question.code}/edit")
    return examiner.submit("stem", press="act=save", **typed)


def test_another_key_than_the_approved_one_is_said_and_logged(app, build, reader, o, question):
    approved(build, o, question)
    examiner = reader(o.examiner)
    page = rewrite(examiner, question, stem="Sổ chứng thực ở xã do ai giữ?")
    assert "Đáp án khác với phiên bản đã duyệt" not in page.text
    assert not acts(app, "question.key_changed")
    page = rewrite(examiner, question, **{"body-options-0-correct": None, "body-options-1-correct": "y"})
    assert "Đáp án khác với phiên bản đã duyệt" in page.text
    before, after = page.texts("ul[@class='key-lines']")[:2]
    assert (before, after) == ("Công chức tư pháp", "Kế toán")
    [event] = acts(app, "question.key_changed")
    assert "Kế toán" not in str(event.details)
    page = rewrite(examiner, question, **{"body-options-0-correct": "y", "body-options-1-correct": None})
    assert "Đáp án khác với phiên bản đã duyệt" not in page.text


def test_options_in_another_order_are_the_same_key(build, reader, o, question):
    approved(build, o, question)
    examiner = reader(o.examiner)
    examiner.open(f"/bank/questions/{question.code}/edit")
    examiner.submit("stem", press="act=up-body-options-1")
    page = examiner.submit("stem", press="act=save")
    assert "Đã lưu phiên bản 2" in page.text
    assert "Đáp án khác với phiên bản đã duyệt" not in page.text


def test_any_two_versions_stand_side_by_side_in_words(reader, o, question):
    examiner = reader(o.examiner)
    rewrite(examiner, question, stem="Câu thứ hai là gì?")
    rewrite(examiner, question, stem="Câu thứ ba là gì?", level="nhan_biet")
    page = examiner.open(f"/bank/questions/{question.code}/versions/3?against=1")
    assert "Phiên bản 1" in page.texts("th")[0]
    assert "Chuyên đề: Chứng thực" in page.text
    assert "Vị trí: Tư pháp (mẫu)" in page.text
    assert "Nhận biết" in page.text
    page = examiner.open(f"/bank/questions/{question.code}/versions/1?against=3")
    assert {"ba"} & set(" ".join(page.texts("del")).split())
    examiner.open(f"/bank/questions/{question.code}/versions/9", status=404)


def test_a_change_of_formatting_alone_shows(reader, o, question):
    examiner = reader(o.examiner)
    html = "<p>Sổ chứng thực do <b>ai</b> giữ?</p>"
    rewrite(examiner, question, stem=None, **{"stem-html": html})
    page = examiner.open(f"/bank/questions/{question.code}/versions/2")
    assert "đậm “ai”" in " ".join(page.texts("ins"))
    assert page.all("fieldset[@class='phone']//b")


def test_tags_are_kept_for_filters_and_follow_the_version(app, reader, o, question):
    def tags():
        with app.app_context():
            return set(db.session.scalars(select(QuestionTag.tag)))

    examiner = reader(o.examiner)
    page = rewrite(examiner, question, tags="một cửa, chứng thực")
    assert "một cửa, chứng thực" in page.text
    assert tags() == {"một cửa", "chứng thực"}
    rewrite(examiner, question, tags="một cửa")
    assert tags() == {"một cửa"}
    examiner.open(f"/bank/questions/{question.code}/versions/2")
    examiner.submit("restore")
    assert tags() == {"một cửa", "chứng thực"}


def test_who_manages_the_bank_hands_a_question_over(app, build, reader, o, question):
    manager = reader(build.account(None, Role.BANK_MANAGER))
    page = manager.open(f"/bank/questions/{question.code}")
    names = page.texts("select[@id='owner']/option")
    assert "Trưởng ban (mẫu)" in names
    assert "Người ra câu B" not in names
    page = manager.submit("owner", owner=str(o.head.id))
    assert "nay do Trưởng ban (mẫu) phụ trách" in page.text
    assert all_questions(app)[0].owner_id == o.head.id
    manager.post(f"/bank/questions/{question.code}/owner", status=422, owner=str(o.other_examiner.id))
    reader(o.examiner).post(f"/bank/questions/{question.code}/owner", status=404, owner=str(o.head.id))
    assert len(acts(app, "question.handed_over")) == 1


def test_an_exam_question_reaches_practice_only_as_never_drawn_again(app, reader, o, question):
    examiner = reader(o.examiner)
    examiner.open(f"/bank/questions/{question.code}")
    examiner.submit("to-practice", status=422)
    assert len(all_questions(app)) == 1
    examiner.open(f"/bank/questions/{question.code}")
    page = examiner.submit("to-practice", never_drawn_again="y")
    assert "Đã chép sang ngân hàng ôn tập" in page.text
    exam, practice = all_questions(app)
    assert (exam.bank, exam.state) == (BankKind.EXAM, QuestionState.RETIRED)
    assert (practice.bank, practice.state) == (BankKind.PRACTICE, QuestionState.APPROVED)
    assert practice.uid != exam.uid
    assert len(acts(app, "question.copied_to_practice")) == 1


def test_a_practice_question_is_written_and_opened_by_its_own_permission(app, build, reader, o):
    manager = reader(build.account(None, Role.BANK_MANAGER))
    manager.open("/bank/questions/new")
    page = manager.submit(
        "stem",
        press="act=save",
        stem="Ôn tập: sổ do ai giữ?",
        topic="tp_chung_thuc",
        positions=["tp_tu_phap"],
        **{"body-options-0-text": "Công chức", "body-options-0-correct": "y", "body-options-1-text": "Kế toán"},
    )
    assert "Ngân hàng ôn tập" in page.text
    assert "Gửi thẩm định" not in page.text
    page = manager.submit("open-for-practice")
    [practice] = all_questions(app)
    assert (practice.bank, practice.state) == (BankKind.PRACTICE, QuestionState.APPROVED)
    reader(o.reviewer).open(f"/bank/questions/{practice.code}/edit", status=404)
    assert practice.code not in reader(o.head).open("/bank/").text


def test_one_question_and_a_list_are_printed_with_the_name_of_who_did(app, build, reader, o, question):
    examiner = reader(o.examiner)
    page = examiner.open(f"/bank/questions/{question.code}/print")
    assert "In bởi Người ra câu A" in page.text
    assert "Đáp án:" not in page.text
    assert not page.all("input")
    page = examiner.open(page.link("Bản có đáp án"))
    assert "Đáp án: Công chức tư pháp" in page.text
    build.question(o.land_topic, o.land, content=content("Đất do ai quản lý?"))
    page = examiner.open("/bank/print?key=yes&kind=single_choice")
    assert len(page.all("section")) == 1
    assert len(reader(o.head).open("/bank/print").all("section")) == 2
    reader(o.reviewer).open("/bank/print", status=404)
    assert len(acts(app, "question.printed")) == 2
    assert len(acts(app, "question.read")) == 2


def test_images_are_kept_checked_and_shown(app, reader, o, question):
    import io

    from PIL import Image

    def send(data, name="so-do.png"):
        examiner.open("/bank/questions/new")
        token = examiner.page.all("input[@name='csrf_token']")[0].get("value")
        sent = {"csrf_token": token, "image": (io.BytesIO(data), name)}
        return examiner.client.post("/bank/images", data=sent, content_type="multipart/form-data")

    examiner = reader(o.examiner)
    raw = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(raw, "PNG")
    answer = send(raw.getvalue())
    sha256 = answer.get_json()["sha256"]
    assert examiner.client.get(f"/bank/images/{sha256}").mimetype.startswith("image/")
    assert send(raw.getvalue()).get_json()["sha256"] == sha256
    refused = send(b"<svg onload=alert(1)>", "hinh.svg")
    assert refused.status_code == 422
    assert refused.get_json()["message"]
    assert examiner.client.get("/bank/images/" + "0" * 64).status_code == 404
    stem = f'<p>Xem sơ đồ</p><p><img src="media:{sha256}" alt="Sơ đồ các bước"></p>'
    page = rewrite(examiner, question, stem=None, **{"stem-html": stem})
    [*_, shown] = page.all("fieldset[@class='phone']//img")
    assert shown.get("alt") == "Sơ đồ các bước"
    assert shown.get("src").startswith("data:image/")
    with app.app_context():
        from examapp.bank.media import images_for

        assert set(images_for([sha256, "0" * 64])) == {sha256}


def test_the_key_of_every_option_kind_ignores_the_order():
    from examapp.bank.paper import key_lines

    options = (Option("Một", correct=True), Option("Hai"), Option("Ba", correct=True))
    many = content(kind="multiple_response", options=options)
    assert key_lines(many) == key_lines(content(kind="multiple_response", options=options[::-1]))
