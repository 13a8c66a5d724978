"""One question at a time: from the practice bank only, instant feedback, the card that decides when it comes again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.orm import Session

from examapp.bank.models import BankKind, Exposure, Question, QuestionState, QuestionVersion
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.practice.answers import Ticket
from examapp.practice.cards import NEW_A_DAY
from examapp.practice.models import CardState, PracticeAnswer, PracticeCard
from question_bank import question as domain
from question_bank.question import Level, Option
from tests.practice.builders import content, practice_question, room
from tests.sittings.builders import hall


def change(app: Any, question: Question, **columns: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Question).where(Question.id == question.id).values(**columns))


def card_of(build, at, question) -> PracticeCard:
    return build.get(PracticeCard, (at.official.id, question.id))


def choice(page, text: str) -> str:
    """The number under which an option is displayed."""
    for label in page.all("label"):
        if text in "".join(label.itertext()):
            return next(field.get("value") for field in label.iter() if field.get("name") == "q")
    raise AssertionError(f"no option {text!r}")


def answer(browser, text: str):
    page = browser.open("/practice/question")
    return browser.submit("ticket", q=choice(page, text), press="then=answer")


def test_right_answer_is_told_at_once_with_why_and_law(build, reader):
    at = room(build)
    law = build.document("23/2015/NĐ-CP", title="Nghị định về chứng thực (mẫu)", link="https://example.vn/23")
    practice_question(build, at, document=law)
    browser = reader(at.account)
    assert "Sổ ôn tập số 1" in browser.open("/practice/question").text
    page = answer(browser, "Công chức tư pháp")
    assert page.heading.startswith("Đúng")
    for said in ("Đúng là người này giữ sổ.", "Sổ do người chứng thực giữ", "23/2015/NĐ-CP", "hiệu lực từ 01/01/2020"):
        assert said in page.text, said
    assert page.link("23/2015/NĐ-CP") == "https://example.vn/23"
    assert "Hôm nay đã ôn xong" in browser.open(page.link("Câu tiếp theo")).text


def test_wrong_answer_says_what_is_right_and_comes_again_in_minutes(build, reader):
    at = room(build)
    question = practice_question(build, at)
    with time_machine.travel("2026-07-01T01:00:00Z", tick=False) as moment:
        browser = reader(at.account)
        page = answer(browser, "Kế toán")
        assert page.heading.startswith("Chưa đúng")
        assert "Kế toán giữ sổ kế toán." in page.text
        assert "Đáp án đúng" in page.text
        card = card_of(build, at, question)
        assert (card.state, card.share, card.answers) == (CardState.LEARNING, 0, 1)
        assert card.due_at == clock.now() + timedelta(minutes=10)
        moment.shift(601)
        assert "Sổ ôn tập số 1" in browser.open("/practice/question").text
        assert "Câu hỏi đến hạn ôn" in browser.open("/").text


@pytest.mark.parametrize(("seconds", "further"), [(10, True), (50, False)])
def test_quick_and_right_puts_it_further_off(build, reader, seconds, further):
    at = room(build)
    question = practice_question(build, at)
    with time_machine.travel("2026-07-01T01:00:00Z", tick=False) as moment:
        browser = reader(at.account)
        page = browser.open("/practice/question")
        moment.shift(seconds)
        browser.submit("ticket", q=choice(page, "Công chức tư pháp"), press="then=answer")
        card = card_of(build, at, question)
        assert card.state is CardState.REVIEW
        assert (card.due_at - clock.now() > timedelta(days=5)) is further


def test_not_knowing_is_an_answer_and_a_page_sent_twice_is_one(app, build, reader):
    at = room(build)
    question = practice_question(build, at)
    browser = reader(at.account)
    page = browser.open("/practice/question")
    ticket = next(f.get("value") for f in page.all("input") if f.get("name") == "ticket")
    first = browser.submit("ticket", press="then=unknown")
    assert first.heading.startswith("Chưa trả lời")
    again = browser.post("/practice/question", ticket=ticket, q="1")
    assert again.url == first.url
    assert card_of(build, at, question).answers == 1


def test_partly_right(build, reader):
    at = room(build)
    says = {
        "kind": "multiple_response",
        "options": (Option("Sổ A", True), Option("Sổ B", True), Option("Sổ C"), Option("Sổ D")),
        "details": {"scoring": "per_right"},
    }
    question = practice_question(build, at, says=says)
    browser = reader(at.account)
    assert answer(browser, "Sổ A").heading.startswith("Đúng một phần")
    assert card_of(build, at, question).share == 500


def test_contradicting_fields_are_shown_again_without_being_counted(app, build, reader):
    at = room(build)
    says = {"kind": "ordering", "options": (), "details": {"items": [{"text": t} for t in ("Một", "Hai", "Ba")]}}
    practice_question(build, at, says=says)
    browser = reader(at.account)
    browser.open("/practice/question")
    page = browser.submit("ticket", status=422, press="then=answer", **{"q.1": "1", "q.2": "1", "q.3": "2"})
    assert "chưa trọn vẹn" in page.text
    with app.app_context(), Session(db.engine) as session:
        assert session.query(PracticeAnswer).count() == 0


def test_an_essay_is_marked_by_the_person_against_the_rubric(build, reader):
    at = room(build)
    says = {"kind": "essay", "options": (), "details": {"rubric": [{"text": "Nêu đúng thẩm quyền", "points": 1000}]}}
    question = practice_question(build, at, says=says)
    browser = reader(at.account)
    browser.open("/practice/question")
    page = browser.submit("ticket", press="then=answer", q="Tôi sẽ hướng dẫn người dân.")
    assert page.heading.startswith("Tự đánh giá")
    assert "Nêu đúng thẩm quyền" in page.text
    assert browser.open("/practice/question").url == page.url, "it waits for the mark"
    browser.page = page
    browser.submit("own-mark", press="share=1000")
    assert card_of(build, at, question).share == 1000
    assert browser.post(page.url.removeprefix("http://localhost") + "/own-mark", share="0").heading.startswith("Đúng")


# what may be practised


def test_only_questions_of_the_practice_bank_that_may_be_used_today(app, build, reader):
    at = room(build)
    lapsed = build.document("1/2020/NĐ-CP", in_force_to=clock.today() - timedelta(days=1))
    practice_question(build, at, 1, bank=BankKind.EXAM)
    practice_question(build, at, 2, state=QuestionState.IN_REVIEW)
    practice_question(build, at, 3, held_at=clock.now(), hold_reason="Đang xem lại")
    practice_question(build, at, 4, document=lapsed)
    practice_question(build, at, 5, positions=(at.land,), topic=at.land_topic)
    browser = reader(at.account)
    assert "Chưa có câu hỏi để ôn" in browser.open("/practice/").text
    assert "Chưa có câu hỏi để ôn" in browser.open("/practice/question?more=yes").text
    common = practice_question(build, at, 6, positions=(), topic=at.common_topic)
    assert "Sổ ôn tập số 6" in browser.open("/practice/question").text
    browser.open("/practice/question?part=nn_dat_dai", status=404)
    change(app, common, bank=BankKind.EXAM)
    assert "Sổ ôn tập số 6" not in browser.open("/practice/question").text


def test_a_question_is_practised_once_it_has_come_from_the_exam_bank(app, build, reader):
    at = room(build)
    question = practice_question(build, at, bank=BankKind.EXAM)
    browser = reader(at.account)
    assert "Sổ ôn tập" not in browser.open("/practice/question?more=yes").text
    change(app, question, bank=BankKind.PRACTICE)
    assert "Sổ ôn tập số 1" in browser.open("/practice/question").text


def test_forged_references_reach_no_exam_question(app, build, reader):
    """Neither a made-up ticket, nor a true one for a question of the exam bank, nor another person's, gets a key."""
    at = room(build)
    secret = practice_question(build, at, 1, bank=BankKind.EXAM)
    practice_question(build, at, 2)
    browser = reader(at.account)
    other = build.official("Trần Thị Mẫu")
    with app.app_context():
        true = str(Ticket(at.official.id, secret.current_id, 1, 0))
        foreign = str(Ticket(other.id, secret.current_id, 1, 0))
    for ticket in ("", "x", f"[{at.official.id},{secret.current_id},1,0]", true, true + "x", foreign):
        assert "người chứng thực giữ" not in browser.post("/practice/question", ticket=ticket, q="1", status=409).text


def test_what_went_to_the_exam_bank_is_not_looked_at_again(app, build, reader):
    at = room(build)
    question = practice_question(build, at)
    browser = reader(at.account)
    page = browser.open("/practice/question")
    change(app, question, bank=BankKind.EXAM)
    browser.submit("ticket", status=409, q=choice(page, "Kế toán"), press="then=answer")
    change(app, question, bank=BankKind.PRACTICE)
    browser.page = page
    told = browser.submit("ticket", q=choice(page, "Kế toán"), press="then=answer")
    change(app, question, bank=BankKind.EXAM)
    browser.open(told.url, status=404)


def test_what_waits_on_the_own_paper_is_not_practised(app, build, reader):
    """Even when somebody moved it to the practice bank meanwhile."""
    exam = hall(build, count=1)
    sitter, other = build.official("Lê Thị Mẫu"), build.official("Trần Thị Mẫu")
    exam.enrol(sitter)
    version_id = exam.layout.slots[0].question_id
    build.save(Exposure(version_id=version_id, round_id=exam.round.id, papers=1))
    moved = build.get(QuestionVersion, version_id)
    change(app, build.get(Question, moved.question_id), bank=BankKind.PRACTICE)
    assert moved.stem in reader(build.account(other)).open("/practice/question").text
    assert moved.stem not in reader(build.account(sitter)).open("/practice/question?more=yes").text


def test_another_person_finds_nothing_of_it(build, reader):
    at = room(build)
    practice_question(build, at)
    page = answer(reader(at.account), "Kế toán")
    other = build.official("Trần Thị Mẫu")
    build.post(other, at.justice, at.unit)
    stranger = reader(build.account(other))
    stranger.open(page.url, status=404)
    stranger.post(page.url.removeprefix("http://localhost") + "/own-mark", share="1000", status=404)


# what comes next


def test_a_new_version_keeps_the_card(app, build, reader):
    at = room(build)
    question = practice_question(build, at)
    with time_machine.travel("2026-07-01T01:00:00Z", tick=False) as moment:
        browser = reader(at.account)
        old = answer(browser, "Kế toán")
        moment.shift(601)
        stale = browser.open("/practice/question")
        said = content(1, stem="Sổ ôn tập số 1 (sửa) do ai giữ?")
        data = domain.canonical_json(said.as_json())
        version = build.save(
            QuestionVersion(
                question_id=question.id, number=2, kind=said.kind, level=said.level, topic_id=at.topic.id,
                stem=said.stem, content=data, digest=domain.digest(data), points=1000,
            )
        )  # fmt: skip
        change(app, question, current_id=version.id)
        browser.submit("ticket", status=409, q=choice(stale, "Kế toán"), press="then=answer")
        assert "(sửa)" not in browser.open(old.url).text, "an answer shows what was asked"
        page = browser.open("/practice/question")
        assert "(sửa)" in page.text
        browser.submit("ticket", q=choice(page, "Công chức tư pháp"), press="then=answer")
        assert card_of(build, at, question).answers == 2


def test_new_questions_are_so_many_a_day_and_due_ones_come_first(build, reader):
    at = room(build)
    questions = [practice_question(build, at, number) for number in range(NEW_A_DAY + 2)]
    with time_machine.travel("2026-07-01T01:00:00Z", tick=False) as moment:
        now = clock.now()
        for question in questions[:NEW_A_DAY]:
            build.save(
                PracticeCard(
                    official_id=at.official.id, question_id=question.id, state=CardState.REVIEW, stability=3.0,
                    difficulty=5.0, due_at=now + timedelta(days=2, minutes=question.id), first_at=now,
                    answered_at=now, share=1000,
                )
            )  # fmt: skip
        browser = reader(at.account)
        page = browser.open("/practice/question")
        assert page.heading == "Hôm nay đã ôn xong"
        assert re.search(r"Câu gần nhất đến hạn vào .*03/07/2026", page.text)
        assert "Sổ ôn tập số" in browser.open(page.link("Ôn thêm")).text
        moment.shift(timedelta(days=1))
        fresh = reader(at.account).open("/practice/question")
        assert any(f"số {n} do" in fresh.text for n in (NEW_A_DAY, NEW_A_DAY + 1)), "new ones have room again"
        moment.shift(timedelta(days=2))
        assert "Sổ ôn tập số 0 do" in reader(at.account).open("/practice/question").text, "the one due first"


def test_progress_by_topic_is_the_persons_own(build, reader, count_statements):
    at = room(build)
    for number in range(3):
        practice_question(build, at, number)
    practice_question(build, at, 9, positions=(), topic=at.common_topic, level=Level.RECALL)
    browser = reader(at.account)
    answer(browser, "Kế toán") if "Sổ" in browser.open("/practice/question?part=tp_tu_phap").text else None
    with count_statements() as few:
        page = browser.open("/practice/")
    for number in range(20, 40):
        practice_question(build, at, number)
    with count_statements() as many:
        browser.open("/practice/")
    assert len(few) == len(many) <= 20
    assert {"Chứng thực", "Công vụ"} <= set(re.findall(r"Chứng thực|Công vụ", page.text))
    other = build.official("Trần Thị Mẫu")
    build.post(other, at.justice, at.unit)
    assert "1 trên" not in reader(build.account(other)).open("/practice/").text


def test_english(build, reader):
    at = room(build)
    practice_question(build, at)
    browser = reader(at.account, language="en")
    assert browser.open("/practice/").heading == "Practice"
    assert "Not known" in browser.open("/practice/question").text
