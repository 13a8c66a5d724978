"""The candidate's road, page by page, as a browser without JavaScript walks it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from examapp.core import clock
from examapp.core import db as database
from examapp.core.assets import asset_file
from examapp.core.db import db, unit_of_work
from examapp.rounds.models import CandidateState, ExamRound, RoundState, Shift
from examapp.sittings.models import AnswerEvent, Sitting, SittingState
from examapp.sittings.token import HEADER
from question_bank.formats import read as read_questions
from tests.sittings.builders import hall, one_of_each_kind
from tests.sittings.counting import statements

OF_THE_PAPER = {"movement", "behind", "sections", "notes", "shared", "integrity", "round", "contact"}
STARTER = Path(__file__).parents[2] / "question_bank" / "starter"


def only_sitting(app) -> Sitting:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return session.scalars(select(Sitting)).one()


def events(app) -> list[tuple[int, str]]:
    with app.app_context(), Session(db.engine) as session:
        order = (AnswerEvent.received_ms, AnswerEvent.slot)
        return [(e.slot, e.response) for e in session.scalars(select(AnswerEvent).order_by(*order))]


def change(app, table, **values) -> None:
    with app.app_context(), database.writing(), db.engine.begin() as connection:
        connection.execute(update(table).values(values))


def begin(reader, account):
    browser = reader(account)
    browser.open("/sittings/")
    browser.open(browser.page.link("Đọc nội quy và vào thi"))
    browser.submit("Bắt đầu làm bài")
    return browser


def path_of(browser) -> str:
    return "/sittings/" + re.search(r"/sittings/([0-9a-z]{26})", browser.page.url)[1]


def test_the_whole_road(app, build, reader):
    place = hall(build)
    account, _candidate = place.candidate()
    browser = begin(reader, account)
    assert "Câu 1" in browser.page.text
    assert "0 trên 4 câu đã trả lời" in browser.page.text

    page = browser.submit("s1", press="then=stay", s1="2", s3="4")
    assert "2 trên 4 câu đã trả lời" in page.text
    assert "Đã lưu" in page.text

    page = browser.submit("s1", press="then=review", s2="1")
    assert page.heading == "Xem lại và nộp bài"
    assert "Còn 1 câu chưa trả lời trên tổng số 4 câu" in page.text

    page = browser.submit("Nộp bài")
    sitting = only_sitting(app)
    assert page.heading == "Đã nộp bài"
    assert sitting.receipt in page.text
    assert "Máy chủ đã nhận 3 trên 4 câu trả lời." in page.text
    assert sitting.state is SittingState.SETTLED
    assert "Đã nộp, chờ công bố kết quả" in browser.open("/sittings/").text


def test_nothing_to_sit_says_what_to_expect(build, reader):
    page = reader(build.account(build.official())).open("/sittings/")
    assert "Chưa có bài thi nào" in page.text


def test_my_exams_by_what_they_ask_for(app, build, reader):
    official = build.official()
    account = build.account(official)
    for number, (state, hours, columns) in enumerate(
        [
            (RoundState.OPEN, 0, {}),
            (RoundState.SEALED, 30, {}),
            (RoundState.CLOSED, -30, {}),
            (RoundState.DRAFT, 30, {}),
            (RoundState.PUBLISHED, -300, {}),
            (RoundState.OPEN, 30, {"state": CandidateState.EXCUSED, "reason": "Nghỉ ốm"}),
        ]
    ):
        starts_at = clock.now() + timedelta(hours=hours)
        hall(build, state=state, starts_at=starts_at, code=f"K{number}").enrol(official, **columns)
    page = reader(account).open("/sittings/")
    assert page.texts("main//h2") == ["Đang diễn ra", "Sắp tới", "Đã qua"]
    past = ["Không dự thi", "Không làm bài trên hệ thống này", "Vắng mặt"]
    found = [tag for tag in page.texts("main//span") if tag]
    assert (found[:2], sorted(found[2:])) == (["Chưa bắt đầu", "Sắp tới"], past)


def test_before_the_time_the_page_says_when(build, reader):
    place = hall(build, starts_at=clock.now() + timedelta(hours=2))
    account, candidate = place.candidate()
    browser = reader(account)
    page = browser.open(f"/sittings/enter/{candidate.id}")
    assert "Chưa đến giờ thi: ca thi bắt đầu lúc" in page.text
    assert "Bắt đầu làm bài" not in page.texts("button")
    assert "Chưa đến giờ thi" in browser.post(f"/sittings/enter/{candidate.id}", status=409).text


def test_the_rules_say_what_is_recorded(build, reader):
    place = hall(build, rules="Không mang tài liệu vào phòng thi (mẫu).")
    account, candidate = place.candidate(extra_minutes=10)
    page = reader(account).open(f"/sittings/enter/{candidate.id}")
    for words in (
        "4 câu hỏi, 55 phút",
        "Không mang tài liệu",
        candidate.number,
        "không ghi hình",
        "Mất mạng thì cứ làm tiếp",
    ):
        assert words in page.text


def test_only_rules_that_stand_there_are_confirmed(build, reader):
    confirmed = "Bấm nút này là xác nhận đã đọc nội quy ở trên."
    for code, rules in (("Q1-2026", ""), ("Q2-2026", "Không mang tài liệu (mẫu).")):
        account, candidate = hall(build, code=code, rules=rules).candidate()
        page = reader(account).open(f"/sittings/enter/{candidate.id}")
        assert (confirmed in page.text) is bool(rules)
        assert ("nội quy ở trên" in page.text) is bool(rules)


def test_whoever_is_somebody_else_signs_out_before_the_start(build, reader):
    account, candidate = hall(build).candidate()
    browser = reader(account)
    browser.open(f"/sittings/enter/{candidate.id}")
    browser.submit("Đăng xuất")
    assert "/account/sign-in" in browser.open(f"/sittings/enter/{candidate.id}").url


def test_a_second_tab_gets_the_same_sitting(app, build, reader):
    account, candidate = hall(build).candidate()
    browser = begin(reader, account)
    first = path_of(browser)
    browser.post(f"/sittings/enter/{candidate.id}")
    assert path_of(browser) == first
    browser.open(f"/sittings/enter/{candidate.id}")
    assert path_of(browser) == first


def test_another_candidates_reference_is_not_found(app, build, reader):
    place = hall(build)
    mine, candidate = place.candidate()
    other, _candidate = place.candidate("Lê Văn Mẫu")
    ref = path_of(begin(reader, mine))
    stranger = reader(other)
    for path in (ref, f"{ref}/review", f"{ref}/receipt", f"/sittings/enter/{candidate.id}", "/sittings/" + "0" * 26):
        stranger.open(path, status=404)
    for path in (f"{ref}/take-over", f"/sittings/enter/{candidate.id}"):
        stranger.post(path, status=404)
    assert only_sitting(app).lease == 1


def test_a_token_opens_only_its_own_sitting(app, build, reader):
    place = hall(build)
    first = begin(reader, place.candidate()[0])
    token = first.page.form("s1").find(".//input[@name='token']").get("value")
    second = begin(reader, place.candidate("Lê Văn Mẫu")[0])
    second.post(f"{path_of(second)}/save-form", token=token, s1="1", shown="{}", status=404)
    second.post(f"{path_of(second)}/save-form", token="forged", s1="1", shown="{}", status=409)
    second.post(f"{path_of(second)}/submit", token=token, status=404)
    assert events(app) == []


def test_an_older_tab_puts_nothing_back(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    old = browser.page
    browser.submit("s1", press="then=stay", s1="2")
    browser.submit("s1", press="then=stay", s1="3")
    browser.page = old
    page = browser.submit("s1", press="then=stay", s2="4")
    assert events(app) == [(1, "[2]"), (1, "[3]"), (2, "[4]")]
    assert "2 trên 4 câu đã trả lời" in page.text


def test_what_no_question_offers_is_not_taken(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    browser.submit("s1", press="then=stay", s1="9", s2=["1", "2"], s3="x", s99="1")
    assert events(app) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"s1": "9" * 5000},
        {"s1": "²"},
        {"s1": "9", "shown": '{"1": [Infinity]}'},
        {"s1": "9", "shown": "[" * 100_000},
        {"s1": "9", "shown": '{"1": 5}'},
    ],
)
def test_a_form_that_no_page_of_ours_sends_harms_nothing(app, build, reader, sent):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    browser.submit("s1", press="then=stay", **sent)
    assert events(app) == []


def test_answers_to_questions_that_are_not_there_are_not_counted(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    token = browser.page.form("s1").find(".//input[@name='token']").get("value")
    at = clock.to_ms(clock.now())
    sent = [[1, 1, [2], at], [2, 2, [99], at], [3, 3, [1, 1], at], [4, 400, [1], at]]
    body = {"writer": "writer-0001", "events": sent, "submit": [5, at]}
    answer = browser.client.post(f"{path_of(browser)}/submit", json=body, headers={HEADER: token})
    assert answer.get_json()["answered"] == 1
    assert "Máy chủ đã nhận 1 trên 4 câu trả lời." in browser.open(f"{path_of(browser)}/receipt").text


def test_saving_needs_no_session(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    browser.client.delete_cookie("thuocdo")
    page = browser.submit("s1", press="then=stay", s1="2", follow=False, status=303)
    assert page.status == 303
    assert events(app) == [(1, "[2]")]


def test_a_form_that_comes_after_the_submission_is_kept_as_evidence(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    old = browser.page
    browser.open(f"{path_of(browser)}/review")
    browser.submit("Nộp bài")
    browser.page = old
    assert browser.submit("s1", press="then=stay", s1="2").heading == "Đã nộp bài"
    assert (1, "[2]") in events(app)
    assert "Máy chủ đã nhận 0 trên 4 câu trả lời." in browser.page.text


def test_in_english(build, reader):
    account, candidate = hall(build).candidate()
    browser = reader(account, language="en")
    browser.open(f"/sittings/enter/{candidate.id}")
    page = browser.submit("Start the exam")
    assert "0 of 4 questions answered" in page.text
    assert "Question 1" in page.text


def test_another_device_is_asked_first(app, build, reader):
    account, _candidate = hall(build).candidate()
    first = begin(reader, account)
    first.submit("s1", press="then=stay", s1="2")
    second = reader(account)
    page = second.open(path_of(first))
    assert page.heading == "Bài đang mở trên thiết bị khác"
    assert "Câu 1" not in page.text
    page = second.submit("Làm tiếp ở máy này")
    assert page.form("s1").find(".//fieldset[@id='q1']//input[@checked]").get("value") == "2"
    assert only_sitting(app).lease == 2
    assert first.open(path_of(first)).heading == "Bài đang mở trên thiết bị khác"


def test_after_the_time_the_page_only_submits(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    browser.submit("s1", press="then=stay", s1="2")
    now = clock.to_ms(clock.now())
    change(app, Sitting, started_ms=now - 9000, deadline_ms=now - 1000, late_ms=now + 60_000)
    page = browser.open(path_of(browser))
    assert "Đã hết giờ làm bài lúc" in page.text
    assert all(field.get("disabled") is not None for field in page.all("fieldset"))
    browser.open(f"{path_of(browser)}/review")
    assert browser.submit("Nộp bài").heading == "Đã nộp bài"


def test_the_script_submits_with_its_outbox(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    token = browser.page.form("s1").find(".//input[@name='token']").get("value")
    at = clock.to_ms(clock.now())
    body = {"writer": "writer-0001", "events": [[1, 1, [2], at]], "submit": [2, at]}
    url = f"{path_of(browser)}/submit"
    browser.client.delete_cookie("thuocdo")
    answer = browser.client.post(url, json=body, headers={HEADER: token})
    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["ack"], told["submitted"], told["answered"]) == ([1], True, 1)
    assert told["receipt"] == only_sitting(app).receipt
    assert browser.client.post(url, json=body, headers={HEADER: token}).get_json()["receipt"] == told["receipt"]


@pytest.mark.parametrize(
    ("token", "body", "status"),
    [
        ("forged", {"writer": "writer-0001", "events": [], "submit": [1, 1]}, 401),
        (None, {"writer": "writer-0001", "events": []}, 400),
        (None, {"writer": "writer-0001", "events": [], "submit": [0, 1]}, 400),
        (None, {"writer": "!", "events": [], "submit": [1, 1]}, 400),
        (None, {"writer": "writer-0001", "events": [[1, 1, [1] * 40_000, 1]], "submit": [1, 1]}, 413),
    ],
)
def test_a_submission_that_is_wrong_is_refused(app, build, reader, token, body, status):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    good = browser.page.form("s1").find(".//input[@name='token']").get("value")
    answer = browser.client.post(f"{path_of(browser)}/submit", json=body, headers={HEADER: token or good})
    assert answer.status_code == status
    assert only_sitting(app).state is SittingState.STARTED


def test_a_finished_exam_leads_to_its_receipt(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    ref = path_of(browser)
    assert path_of_page(browser.open(f"{ref}/receipt")).endswith(ref), "not before the submission"
    browser.open(f"{ref}/review")
    browser.submit("Nộp bài")
    for path in (ref, f"{ref}/review"):
        assert browser.open(path).heading == "Đã nộp bài"


def path_of_page(page) -> str:
    return page.url.split("?")[0]


def volatile_parts_out(html: str) -> str:
    """Without what differs between any two sittings: references, tokens, secrets, clock."""
    html = re.sub(r"[0-9a-z]{26}", "REF", html)
    html = re.sub(r'name="token" value="[^"]*"', "TOKEN", html)
    html = re.sub(r"(now|left)(&#34;|\"): ?\d+", r"\1", html)
    html = re.sub(r"(secrets|signOut)(&#34;|\"): ?\{[^}]*\}", r"\1", html)
    return re.sub(r"\d\d:\d\d:\d\d", "TIME", html)


def test_the_page_is_the_same_whichever_option_is_the_key(app, build, reader):
    """For every kind: the bytes of the page do not depend on the answers in the bank."""
    pages = set()
    for right in range(4):
        place = hall(build, questions=one_of_each_kind(right), code=f"K{right}")
        account, _candidate = place.candidate()
        browser = begin(reader, account)
        pages.add(volatile_parts_out(browser.page.html))
        html = browser.page.html.lower().replace("autocorrect", "")
        assert not any(word in html for word in ("correct", "nhan_biet", "van_dung", "nhận biết", "digest"))
    assert len(pages) == 1


def forty_questions():
    found = [q for name in ("chung_1.gift", "chung_2.gift") for q in read_questions(str(STARTER / name)).questions]
    assert len(found) >= 40
    return found[:40]


def test_the_first_load_is_small_and_the_next_smaller(app, build, reader):
    place = hall(build, questions=forty_questions())
    account, _candidate = place.candidate()
    browser = begin(reader, account)
    page = browser.client.get(path_of(browser), headers={"Accept-Encoding": "br"})
    assert page.headers["Content-Encoding"] == "br"
    static = sum(Path(f"{asset_file(name)}.br").stat().st_size for name in ("exam.css", "exam.js", "qr.js"))
    html = len(page.get_data())
    assert html < 15_000, html
    assert html + static < 50_000, (html, static)
    assert Path(f"{asset_file('exam.js')}.br").stat().st_size <= 14 * 1024


def test_the_exam_page_asks_the_database_a_fixed_number_of_times(app, build, reader):
    place = hall(build, questions=forty_questions())
    browser = begin(reader, place.candidate()[0])
    with statements(app) as sent:
        browser.open(path_of(browser))
    assert len([s for s in sent if s.startswith("SELECT")]) <= 10, sent


def test_what_the_script_is_told_is_enough_and_no_more(build, reader):
    browser = begin(reader, hall(build).candidate()[0])
    data = json.loads(browser.page.form("s1").get("data-exam"))
    of_the_sitting = {
        "ref",
        "save",
        "submit",
        "receipt",
        "qr",
        "now",
        "left",
        "whole",
        "lease",
        "older",
        "epoch",
        "secrets",
        "signOut",
    }
    assert set(data) == of_the_sitting | OF_THE_PAPER | {"words"}
    assert (data["movement"], data["behind"], data["sections"], data["notes"]) == ("free", 0, [2, 4], {})
    assert data["integrity"] is False
    assert 44 * 60_000 < data["left"] <= 45 * 60_000


def test_published_results_are_announced(app, build, reader):
    account, _candidate = hall(build).candidate()
    browser = begin(reader, account)
    browser.open(f"{path_of(browser)}/review")
    browser.submit("Nộp bài")
    change(app, ExamRound, state=RoundState.PUBLISHED)
    assert "Đã công bố kết quả" in browser.open("/sittings/").text


def test_the_home_page_hears_of_exams(app, build, reader):
    from flask_login import login_user

    from examapp.accounts.models import Account
    from examapp.sittings.tasks import tasks

    account, candidate = hall(build).candidate()
    with app.test_request_context():
        login_user(db.session.get_one(Account, account.id))
        found = tasks()
    assert [(task.label, task.url, task.urgent) for task in found] == [
        ("Vào thi", f"/sittings/enter/{candidate.id}", True)
    ]


def test_only_contacts_that_are_known_stand_on_the_pages(app, build, reader):
    """The settings of the tests know no support phone."""
    place = hall(build)
    account, candidate = place.candidate()
    browser = reader(account)
    waiting = browser.open(f"/sittings/enter/{candidate.id}")
    assert "Cần giúp: 0203 000 000 (mẫu)" in waiting.texts("main//li")
    with app.app_context(), unit_of_work() as session:
        session.get_one(Shift, place.shift.id).contact = ""
    waiting = browser.open(f"/sittings/enter/{candidate.id}")
    assert "Cần giúp thì báo giám thị hoặc người tổ chức thi." in waiting.texts("main//li")
    exam = browser.submit("Bắt đầu làm bài")
    assert "Cần giúp thì báo giám thị hoặc người tổ chức thi." in exam.text
    assert all("chưa khai báo" not in text for page in (waiting, exam) for text in page.texts("main"))
