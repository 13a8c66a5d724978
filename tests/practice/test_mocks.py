"""Mock exams: the matrix and time of the real one, the practice bank's questions, marks for nobody else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.accounts.models import Role
from examapp.bank.models import BankKind, Matrix, MatrixRow, MatrixVersion, QuestionVersion
from examapp.core.db import db, unit_of_work
from examapp.practice.models import MockExam, PracticeCard
from question_bank.question import Level
from tests.practice.builders import practice_question, room
from tests.practice.test_answering import change
from tests.reader import text_of

START = "2026-07-01T01:00:00Z"


def matrix(build, position, topic, count: int, minutes: int) -> None:
    found = build.save(Matrix(code=f"MT-{topic.code}", name="Ma trận mẫu", position_id=position and position.id))
    version = build.save(
        MatrixVersion(
            matrix_id=found.id, number=1, minutes=minutes,
            rows=[MatrixRow(topic_id=topic.id, level=Level.RECALL, count=count, points=1000)],
        )
    )  # fmt: skip
    with build.app.app_context(), unit_of_work() as session:
        session.get_one(Matrix, found.id).current_id = version.id


def stage(build, *, own: int = 3, common: int = 2):
    """A matrix of three questions of the post in 30 minutes and two common ones in 15, and so many in the bank."""
    at = room(build)
    matrix(build, at.justice, at.topic, 3, 30)
    matrix(build, None, at.common_topic, 2, 15)
    for number in range(own):
        practice_question(build, at, number)
    for number in range(10, 10 + common):
        practice_question(build, at, number, positions=(), topic=at.common_topic)
    for number in range(20, 30):  # what is not to be drawn
        practice_question(build, at, number, bank=BankKind.EXAM)
    return at


def only_mock(app) -> MockExam:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return session.scalars(select(MockExam)).one()


def right(page) -> dict[str, str]:
    """Every question answered rightly: the options are mixed."""
    found = {}
    for label in page.all("label"):
        if "Công chức tư pháp" in "".join(label.itertext()):
            field = next(field for field in label.iter() if field.get("name"))
            found[field.get("name")] = field.get("value")
    return found


def test_a_full_mock_exam(app, build, reader):
    at = stage(build)
    with time_machine.travel(START, tick=False) as moment:
        browser = reader(at.account)
        page = browser.open("/practice/mock")
        assert "5 câu, 45 phút" in page.text
        page = browser.submit("matrix")
        assert page.text.count("do ai giữ?") == 5
        assert "Hết giờ lúc 08:45" in page.text
        assert "Kế toán giữ" not in page.text, "no feedback, no key"
        answers = right(page)
        page = browser.submit("then", press="then=stay", **dict(list(answers.items())[:3]))
        assert "3 trên 5" in page.text
        moment.shift(timedelta(minutes=20))
        assert browser.open("/practice/mock").link("Làm tiếp") == page.url.split("?")[0]
        browser.open(page.url)
        page = browser.submit("then", press="then=submit", **{list(answers)[3]: answers[list(answers)[3]]})
        assert page.heading == "Kết quả thi thử: 80,00%"
        assert "Sổ do người chứng thực giữ" in page.text
        assert "80,00%" in browser.open("/practice/mock").text
        again = browser.post(page.url.removeprefix("http://localhost"), then="submit", fields="open", s1="4")
        assert again.heading == "Kết quả thi thử: 80,00%"
    with app.app_context(), Session(db.engine) as session:
        drawn = {slot["question_id"] for slot in json.loads(only_mock(app).layout)["slots"]}
        banks = {session.get_one(QuestionVersion, one).question.bank for one in drawn}
        assert (len(drawn), banks) == (5, {BankKind.PRACTICE})
        assert session.query(PracticeCard).count() == 0, "a mock exam is no repetition"


def test_short_rows_are_said_and_a_shorter_one_offered(app, build, reader):
    at = stage(build, own=1)
    browser = reader(at.account)
    page = browser.open("/practice/mock")
    assert "mới có 3 trên 5 câu" in page.text
    assert "Chứng thực Nhận biết 3 1" in " ".join(text_of(row) for row in page.all("tr")), "needed and found"
    browser.post("/practice/mock", matrix="MT-tp_chung_thuc", status=409)
    browser.page = page
    page = browser.submit("shorter")
    assert page.text.count("do ai giữ?") == 3
    mock = only_mock(app)
    assert mock.is_short
    assert mock.deadline_at - mock.started_at == timedelta(minutes=27)


def test_nothing_to_draw_from_says_what_to_do(build, reader):
    at = room(build)
    browser = reader(at.account)
    assert "Chưa có ma trận để thi thử" in browser.open("/practice/mock").text
    browser.post("/practice/mock", matrix="MT-tp_chung_thuc", status=404)
    matrix(build, at.justice, at.topic, 3, 30)
    assert "Chưa làm được bài thi thử nào" in browser.open("/practice/mock").text
    browser.post("/practice/mock", matrix="MT-tp_chung_thuc", shorter="yes", status=422)


@pytest.mark.parametrize(("late", "share"), [(30, "100,00%"), (90, "0,00%")])
def test_time_ends_with_a_short_grace_for_the_page_that_sends_itself(build, reader, late, share):
    at = stage(build)
    with time_machine.travel(START, tick=False) as moment:
        browser = reader(at.account)
        browser.open("/practice/mock")
        page = browser.submit("matrix")
        moment.shift(timedelta(minutes=45, seconds=late))
        assert browser.submit("then", press="then=submit", **right(page)).heading.endswith(share)


def test_what_was_saved_counts_when_the_page_comes_after_its_time(build, reader):
    at = stage(build)
    with time_machine.travel(START, tick=False) as moment:
        browser = reader(at.account)
        browser.open("/practice/mock")
        page = browser.submit("matrix")
        saved = browser.client.post(
            page.url, data={"csrf_token": browser._token(), **right(page)}, headers={"HX-Request": "true"}
        )
        assert "Đã lưu lúc 08:00" in saved.text
        assert "5 trên 5" in saved.text
        moment.shift(timedelta(hours=2))
        browser.post(page.url.removeprefix("http://localhost"), s1="4", status=409)
        page = browser.open(page.url)
        assert "Đã hết giờ" in page.text
        assert browser.submit("then", press="then=submit").heading.endswith("100,00%")


def test_an_expired_one_is_marked_when_the_next_begins(app, build, reader):
    at = stage(build)
    with time_machine.travel(START, tick=False) as moment:
        browser = reader(at.account)
        browser.open("/practice/mock")
        first = browser.submit("matrix")
        assert browser.post("/practice/mock", matrix="MT-tp_chung_thuc").url == first.url, "one at a time"
        moment.shift(timedelta(hours=2))
        assert browser.post("/practice/mock", matrix="MT-tp_chung_thuc").url != first.url
        assert "0,00%" in browser.open(first.url).heading


def test_nobody_else_sees_it(build, reader):
    at = stage(build)
    browser = reader(at.account)
    browser.open("/practice/mock")
    page = browser.submit("matrix")
    other = build.official("Trần Thị Mẫu")
    build.post(other, at.justice, at.unit)
    for stranger in (build.account(other), build.account(None, *Role)):
        reader(stranger).open(page.url, status=404)
        reader(stranger).post(page.url.removeprefix("http://localhost"), then="submit", status=404)


def test_a_question_that_went_to_the_exam_bank_is_left_out_of_the_review(app, build, reader):
    at = stage(build)
    browser = reader(at.account)
    browser.open("/practice/mock")
    browser.submit("matrix")
    page = browser.submit("then", press="then=submit")
    assert page.text.count("do ai giữ?") == 5
    with app.app_context(), Session(db.engine) as session:
        slot = json.loads(only_mock(app).layout)["slots"][0]
        question = session.get_one(QuestionVersion, slot["question_id"]).question
        change(app, question, bank=BankKind.EXAM)
    page = browser.open(page.url)
    assert page.text.count("do ai giữ?") == 4
    assert "không còn trong ngân hàng ôn tập" in page.text


def test_essays_are_left_to_the_person(build, reader):
    at = room(build)
    matrix(build, at.justice, at.topic, 2, 30)
    practice_question(build, at, 1)
    rubric = {"rubric": [{"text": "Nêu đúng thẩm quyền", "points": 1000}]}
    practice_question(build, at, 2, says={"kind": "essay", "options": (), "details": rubric})
    browser = reader(at.account)
    browser.open("/practice/mock")
    page = browser.submit("matrix")
    essay = next(field.get("name") for field in page.all("textarea"))
    page = browser.submit("then", press="then=submit", **right(page), **{essay: "Bài làm (mẫu)"})
    assert page.heading.endswith("100,00%")
    assert "1 câu tự luận không tính điểm" in page.text
    assert "Nêu đúng thẩm quyền" in page.text
