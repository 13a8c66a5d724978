"""The waiting room in a real Chromium, with and without a secure context."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.rounds.models import ExamRound, RoundState, Shift
from examapp.sittings.models import Sitting
from examapp.sittings.settle import responses_of
from question_bank import question as domain
from tests.browser.test_pages import AXE, overflow, violations
from tests.chromium import CHROMIUM
from tests.sittings.builders import hall, layout_of, paper_row
from tests.sittings.line import Line, phones

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]
HERE = "Đề đã nằm sẵn trên máy"
LATER = "Đề sẽ tải về khi bắt đầu"


@pytest.fixture
def line(app):
    line = Line(app)
    yield line
    line.cut()


@pytest.fixture
def phone(line, reader, browser):
    with phones(line, reader, browser) as opened:
        yield opened


def soon(seconds: float):
    return clock.now() + timedelta(seconds=seconds)


def change(app, statement) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(statement)


def begin_now(app, page) -> None:
    """The shift begins; the page hears of it."""
    change(app, update(Shift).values(starts_at=soon(-1)))
    look_again(page)


def the_responses(app) -> dict:
    with app.app_context(), Session(db.engine) as session:
        assert len(session.scalars(select(Sitting)).all()) == 1
        return responses_of(db.session.scalars(select(Sitting)).one())


def wait_in_room(page, candidate) -> None:
    page.add_init_script("Math.random = () => 0")  # the paper is fetched at once, not somewhere within a minute
    page.goto(f"/sittings/enter/{candidate.id}")
    page.locator("#wait-state").wait_for()


def get_ready(page) -> None:
    page.get_by_label("đúng là tôi dự thi").check()
    page.get_by_role("button", name="Sẵn sàng").click()
    page.get_by_text("Đã sẵn sàng").wait_for()


def look_again(page) -> None:
    """As when the page is shown again; otherwise it asks every 20 seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def choose(page, slot: int, option: int) -> None:
    page.locator(f"#q{slot} label").nth(option - 1).click()


def question(stem: str) -> domain.Question:
    options = tuple(domain.Option(f"Phương án {x}", correct=x == "A") for x in "ABCD")
    return domain.Question("single_choice", stem, options, level=domain.Level.RECALL)


def reseal(build, place, candidate, stem: str) -> None:
    layout = layout_of(build, [build.question(build.topic(), content=question(stem))], place.position)
    paper = paper_row(candidate, layout, 45)
    paper.number = 2
    build.save(paper)


def test_who_is_ready_is_in_the_exam_at_its_time_without_another_page(app, build, line, phone):
    place = hall(build, starts_at=soon(12))
    account, candidate = place.candidate()
    page = phone(account)
    wait_in_room(page, candidate)
    page.get_by_text(HERE).wait_for()
    get_ready(page)
    page.get_by_text("Bài tự mở lúc").wait_for()
    page.wait_for_selector("#state.good")
    assert page.url.split("/")[-1] == _ref(app)
    assert line.exams_asked() == 0, "the page had it already"
    expect(page.locator(".q:visible")).to_have_count(1)
    choose(page, 1, 2)
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 3)
    page.get_by_text("2 trên 4 câu").wait_for()
    page.wait_for_selector("#state.good")
    assert the_responses(app) == {1: [2], 2: [3]}
    page.reload()
    page.wait_for_selector("#state.good")
    expect(page.locator("#q1 input").nth(1)).to_be_checked()
    assert line.exams_asked() == 1


def _ref(app) -> str:
    with app.app_context(), Session(db.engine) as session:
        return session.scalars(select(Sitting.ref)).one()


def test_ready_asks_for_the_rules_and_can_be_taken_back(app, build, line, phone):
    place = hall(build, starts_at=soon(600))
    account, candidate = place.candidate()
    page = phone(account)
    wait_in_room(page, candidate)
    page.get_by_role("button", name="Sẵn sàng").click()
    expect(page.locator("#wait-state")).to_have_text("Đang chờ")
    get_ready(page)
    page.get_by_role("button", name="Thôi, chưa sẵn sàng").click()
    page.get_by_text("Đang chờ").wait_for()
    begin_now(app, page)
    page.get_by_role("button", name="Bắt đầu làm bài").wait_for()
    assert _count(app) == 0, "nobody begins for whoever is not ready"
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    page.wait_for_selector("#state.good")
    assert _count(app) == 1


def _count(app) -> int:
    with app.app_context(), Session(db.engine) as session:
        return len(session.scalars(select(Sitting)).all())


def test_a_round_that_is_opened_meanwhile_shows_without_a_reload(app, build, phone):
    place = hall(build, starts_at=soon(-5), state=RoundState.SEALED)
    account, candidate = place.candidate()
    page = phone(account)
    wait_in_room(page, candidate)
    expect(page.locator("#why")).to_contain_text("Kỳ thi chưa mở", use_inner_text=True)
    expect(page.get_by_role("button", name="Bắt đầu")).to_have_count(0)
    change(app, update(ExamRound).values(state=RoundState.OPEN))
    look_again(page)
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    page.wait_for_selector("#state.good")


def test_a_paper_sealed_anew_while_waiting_is_the_one_that_opens(app, build, line, phone):
    place = hall(build, starts_at=soon(600), questions=[question("Câu cũ (mẫu)?")])
    account, candidate = place.candidate()
    page = phone(account)
    wait_in_room(page, candidate)
    page.get_by_text(HERE).wait_for()
    reseal(build, place, candidate, "Câu mới (mẫu)?")
    with page.expect_response("**/paper"):
        look_again(page)
    get_ready(page)
    begin_now(app, page)
    page.get_by_text("Câu mới (mẫu)?").wait_for()
    assert line.exams_asked() == 0, "fetched again while waiting"
    expect(page.get_by_text("Câu cũ (mẫu)?")).to_have_count(0)


def test_a_paper_sealed_anew_in_the_last_moment_comes_as_a_page(app, build, line, phone):
    place = hall(build, starts_at=soon(600), questions=[question("Câu cũ (mẫu)?")])
    account, candidate = place.candidate()
    page = phone(account)
    wait_in_room(page, candidate)
    page.get_by_text(HERE).wait_for()
    reseal(build, place, candidate, "Câu mới (mẫu)?")
    get_ready(page)
    begin_now(app, page)
    page.get_by_text("Câu mới (mẫu)?").wait_for()
    assert line.exams_asked() == 1
    expect(page.get_by_text("Câu cũ (mẫu)?")).to_have_count(0)


def test_bytes_that_were_changed_on_the_way_come_as_a_page(app, build, line, phone):
    place = hall(build, starts_at=soon(600))
    account, candidate = place.candidate()
    page = phone(account)

    def tamper(route) -> None:
        answer = route.fetch()
        body = bytearray(answer.body())
        body[len(body) // 2] ^= 1
        route.fulfill(response=answer, body=bytes(body))

    page.route("**/paper", tamper)
    wait_in_room(page, candidate)
    page.get_by_text(HERE).wait_for()
    get_ready(page)
    begin_now(app, page)
    page.wait_for_selector("#state.good")
    assert line.exams_asked() == 1
    expect(page.locator(".q")).to_have_count(4)


def test_a_line_that_is_down_at_the_start_is_tried_again(app, build, line, phone):
    place = hall(build, starts_at=soon(600))
    account, candidate = place.candidate()
    page = phone(account)
    wait_in_room(page, candidate)
    page.get_by_text(HERE).wait_for()
    get_ready(page)
    page.route("**/enter/*", lambda route: (line.cut(), route.continue_(), page.unroute("**/enter/*")))
    begin_now(app, page)
    page.get_by_text("đang thử lại").wait_for()
    line.mend()
    page.wait_for_selector("#state.good", timeout=20_000)
    assert the_responses(app) == {}


def test_without_https_everything_else_works_the_same(app, build, line, phone):
    place = hall(build, starts_at=soon(600))
    account, candidate = place.candidate()
    page = phone(account, secure=False)
    wait_in_room(page, candidate)
    assert page.evaluate("isSecureContext") is False
    page.get_by_text(LATER).wait_for()
    page.get_by_text("trang chỉ mở lại được khi có mạng").wait_for()
    get_ready(page)
    begin_now(app, page)
    page.wait_for_selector("#state.good")
    assert not [one for one in line.asked if one.endswith("/paper")]
    choose(page, 1, 2)
    page.get_by_role("button", name="Đánh dấu").click()
    page.wait_for_selector("#state.good")
    page.reload()
    page.wait_for_selector("#state.good")
    expect(page.locator("#q1 input").nth(1)).to_be_checked()
    expect(page.locator("#flag")).to_have_attribute("aria-pressed", "true")
    line.cut()
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 2, 3)
    page.get_by_text("1 câu chưa gửi", exact=True).wait_for(timeout=30_000)  # a dead connection takes 20 s
    page.get_by_role("button", name="Tiếp").click()
    choose(page, 3, 4)
    page.get_by_text("3 trên 4 câu").wait_for()
    line.mend()
    page.wait_for_selector("#state.good", timeout=40_000)
    assert the_responses(app) == {1: [2], 2: [3], 3: [4]}


def test_the_device_is_told_about_in_words(build, phone):
    place = hall(build, starts_at=soon(600))
    account, candidate = place.candidate()
    page = phone(account)
    page.add_init_script("const now = Date.now.bind(Date); Date.now = () => now() - 3 * 365 * 86400000")
    wait_in_room(page, candidate)
    page.get_by_text("Đồng hồ của máy lệch").wait_for()
    assert page.locator("#wait-clock").inner_text().startswith(("10:00", "09:"))
    for said in ("Trình duyệt giữ được bài trên máy này.", "Máy chủ trả lời sau", "vẫn mở lại được"):
        page.get_by_text(said).wait_for()
    for line in page.locator("#check li").all():
        assert line.locator(".tag").inner_text() in {"Tốt", "Lưu ý", "Chưa được"}, "not by colour alone"


@pytest.mark.skipif(not AXE.exists(), reason="axe-core chưa được cài: make assets")
@pytest.mark.parametrize("width", [320, 1280])
def test_every_state_of_the_room_is_accessible_and_fits(app, build, phone, width):
    place = hall(build, starts_at=soon(600), state=RoundState.SEALED)
    account, candidate = place.candidate()
    page = phone(account, width=width, bypass_csp=True)
    wait_in_room(page, candidate)
    problems = [*violations(page), overflow(page)]
    change(app, update(ExamRound).values(state=RoundState.OPEN))
    look_again(page)
    page.get_by_role("button", name="Sẵn sàng").wait_for()
    problems += [*violations(page), overflow(page)]
    get_ready(page)
    problems += [*violations(page), overflow(page)]
    page.get_by_role("button", name="Thôi, chưa sẵn sàng").click()
    begin_now(app, page)
    page.get_by_role("button", name="Bắt đầu làm bài").wait_for()
    problems += [*violations(page), overflow(page)]
    assert not any(problems), problems
