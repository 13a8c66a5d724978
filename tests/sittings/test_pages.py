"""The candidate's road, page by page, as a browser without JavaScript walks it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.rounds.models import CandidateState, ExamRound, RoundState, Shift
from examapp.sittings.models import Sitting, SittingState
from examapp.sittings.token import HEADER
from tests.sittings.builders import hall
from tests.sittings.road import begin, change, events, only_sitting, path_of


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
    assert browser.open(f"{ref}/receipt").url.split("?")[0].endswith(ref), "not before the submission"
    browser.open(f"{ref}/review")
    browser.submit("Nộp bài")
    for path in (ref, f"{ref}/review"):
        assert browser.open(path).heading == "Đã nộp bài"


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
