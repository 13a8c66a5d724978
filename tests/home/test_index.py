"""Home: today's exam first, what waits, short links by role; help for everybody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Blueprint

from examapp.accounts.models import Grant, Role
from examapp.accounts.roles import LABELS
from examapp.core import clock
from examapp.core.room import Room, Task
from examapp.evaluation.models import Scheme, SchemeKind
from examapp.home.help import OFFICIAL, ROLES, guides_for
from examapp.home.waiting import tasks_of
from examapp.organisation.models import StaffCategory
from examapp.rounds.models import BoardMember, BoardRole, RoundState
from tests.home import builders as make

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 08:00 in Vietnam


@pytest.fixture
def seat(build):
    """An official with an exam on 20/11/2026 from 08:00 to 09:30."""

    class Seat:
        commune = build.unit("Xã Đông")
        official = build.official("Hoàng Văn Mẫu")
        account = build.account(official)
        found = make.exam_round(build, commune, 2026, state=RoundState.OPEN, name="Kỳ thi quý IV (mẫu)")
        shift = make.shift(build, found, MORNING, name="Ca sáng", place="Hội trường B", contact="Kỹ thuật 0900000001")
        candidate = make.candidate(build, found, official, build.position(), commune, shift_id=shift.id)

    return Seat


def open_at(reader, account, moment):
    with time_machine.travel(moment, tick=False):
        return reader(account).open("/")


def test_a_stranger_is_sent_to_sign_in(reader):
    page = reader().open("/")
    assert "/account/sign-in" in page.url


def test_the_exam_of_now_stands_first_in_plain_words(reader, seat):
    page = open_at(reader, seat.account, MORNING + timedelta(minutes=5))
    assert page.heading == "Việc của tôi"
    text = page.text
    assert "Đến giờ thi." in text
    assert " 08:00 – 09:30. Nơi thi: Hội trường B. Số báo danh:" in text
    assert "gọi: Kỹ thuật 0900000001" in text
    assert page.link("Vào thi").endswith(f"/sittings/enter/{seat.candidate.id}")
    assert page.link("Mọi bài thi của tôi").endswith("/sittings/")
    assert "Hiện không có việc nào chờ" not in text


def test_the_exam_is_told_once_not_again_as_a_task(reader, seat):
    page = open_at(reader, seat.account, MORNING + timedelta(minutes=5))
    addresses = [a.get("href") for a in page.all("main//a")]
    assert addresses.count(f"/sittings/enter/{seat.candidate.id}") == 1


def test_an_exam_later_today_says_when(reader, seat):
    page = open_at(reader, seat.account, MORNING - timedelta(hours=1, minutes=30))
    assert "Hôm nay có bài thi lúc 08:00." in page.text
    assert page.link("Xem nội quy và kiểm tra máy")


def test_an_exam_of_another_day_is_a_task_like_others(reader, seat):
    page = open_at(reader, seat.account, MORNING - timedelta(days=3))
    assert "Hôm nay có bài thi" not in page.text
    assert page.link("Bài thi sắp tới").endswith(f"/sittings/enter/{seat.candidate.id}")


def test_the_day_is_that_of_vietnam(reader, seat):
    """17:30 UTC of the 19th is already the 20th in Vietnam."""
    page = open_at(reader, seat.account, datetime(2026, 11, 19, 17, 30, tzinfo=UTC))
    assert "Hôm nay có bài thi lúc 08:00." in page.text


def test_nothing_waits_after_the_exam(reader, seat):
    page = open_at(reader, seat.account, MORNING + timedelta(days=1))
    assert "Hiện không có việc nào chờ" in page.text
    assert page.link("Xem trợ giúp").endswith("/help")


def test_nobody_sees_the_exam_of_another(build, reader, seat):
    other = build.account(build.official("Vũ Thị Mẫu"))
    page = open_at(reader, other, MORNING + timedelta(minutes=5))
    assert "Kỳ thi quý IV (mẫu)" not in page.text


def test_tasks_of_every_room_the_urgent_first(app):
    first = Room(blueprint=Blueprint("a", __name__), tasks=lambda: [Task("Một", "/1"), Task("Hai", "/2", urgent=True)])
    silent = Room(blueprint=Blueprint("b", __name__))
    last = Room(blueprint=Blueprint("c", __name__), tasks=lambda: [Task("Ba", "/3"), Task("Bốn", "/4", urgent=True)])
    found = tasks_of([first, silent, last], without=["/4"])
    assert [task.label for task in found] == ["Hai", "Một", "Ba"]


def test_an_evaluator_sees_how_many_wait(build, reader):
    commune = build.unit("Xã Đông")
    official, position = build.official(), build.position()
    scheme = build.save(
        Scheme(
            key="mau",
            name="Bộ tiêu chí mẫu",
            kind=SchemeKind.SCORED,
            staff_category=StaffCategory.CIVIL_SERVANT,
            legal_basis="mẫu",
            valid_from=commune.valid_from,
            definition="{}",
        )
    )
    year = clock.today().year
    row = make.evaluation(build, official, commune, position, year, None)
    row.scheme_id = scheme.id
    build.save(row)
    page = reader(build.account(None, Role.EVALUATOR, unit=commune)).open("/")
    assert f"Đánh giá năm {year}" in page.text
    assert "1 người chưa có quyết định" in page.text
    elsewhere = reader(build.account(None, Role.EVALUATOR, unit=build.unit("Xã Tây"))).open("/")
    assert "Hiện không có việc nào chờ" in elsewhere.text


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_home_with_its_links(build, reader, role):
    page = reader(build.account(None, role)).open("/")
    assert page.heading == "Việc của tôi"
    assert LABELS[role] in page.text
    has_overview = "Toàn cảnh" in page.texts("main//a")
    assert has_overview is (role in {Role.LEADER, Role.INSPECTOR})
    assert "Hồ sơ của tôi" not in page.texts("main//a")


def test_an_official_has_the_own_record_among_the_links(reader, seat):
    page = open_at(reader, seat.account, MORNING)
    assert page.link("Hồ sơ của tôi").endswith("/record")
    assert "Người dự thi" in page.text


def test_roles_that_have_ended_are_not_named(build, reader):
    account = build.account(None, Role.LEADER)
    start, end = date(2025, 1, 1), date(2025, 2, 1)
    build.save(Grant(account_id=account.id, role=Role.EXAMINER, valid_from=start, valid_to=end))
    page = reader(account).open("/")
    assert "Lãnh đạo" in page.text
    assert "Người ra câu hỏi" not in page.text


# Help


def test_help_is_open_to_strangers_and_linked_from_every_page(reader):
    page = reader().open("/help")
    assert page.heading == "Trợ giúp"
    assert "Điện thoại hỗ trợ:" in page.text
    assert "Không đọc mật khẩu" in page.text
    assert page.texts("main//h2")[1:] == ["Người dự thi", *[guide.title for guide in ROLES.values()]]
    assert page.link("Trợ giúp").endswith("/help")
    sign_in = reader().open("/account/sign-in")
    assert sign_in.link("Trợ giúp").endswith("/help")


@pytest.mark.parametrize("role", list(Role))
def test_help_is_about_the_own_role(build, reader, role):
    page = reader(build.account(None, role)).open("/help")
    assert page.texts("main//h2") == ["Cần hỗ trợ", ROLES[role].title]


def test_help_of_an_official_with_two_roles(build, reader):
    account = build.account(build.official(), Role.LEADER, Role.EXAMINER)
    page = reader(account).open("/help")
    assert page.texts("main//h2") == ["Cần hỗ trợ", "Người dự thi", "Người ra câu hỏi", "Lãnh đạo"]


def test_every_role_is_guided():
    assert set(ROLES) == set(Role)
    assert guides_for(set(), is_official=False) == [OFFICIAL, *ROLES.values()]


def test_help_in_english(reader):
    page = reader(language="en").open("/help")
    assert page.heading == "Help"
    assert "Where to begin" in page.text


class TestWhoeverWatchesARound:
    """Home names the rounds that run and leads to their boards."""

    @pytest.fixture
    def invigilator(self, build, seat):
        account = build.account(None, Role.INVIGILATOR)
        build.save(BoardMember(round_id=seat.found.id, account_id=account.id, role=BoardRole.INVIGILATOR))
        return account

    def test_a_round_that_runs_leads_to_its_board(self, build, reader, seat, invigilator):
        page = open_at(reader, invigilator, MORNING + timedelta(minutes=20))
        assert "Hiện không có việc nào chờ" not in page.text
        assert "Kỳ thi quý IV (mẫu)" in page.texts("main//h2")
        assert page.texts("main//section//li")[0].startswith("Đang trong giờ Ca sáng, ")
        assert page.texts("main//section//li")[0].endswith(", Hội trường B: 1 người dự thi")
        assert page.link("Theo dõi làm bài").endswith(f"/invigilation/{seat.found.code}")

    @pytest.mark.parametrize(
        ("before", "said"),
        [
            (timedelta(minutes=25), "Bắt đầu sau 25 phút"),
            (timedelta(hours=2), "Sắp tới"),
            (timedelta(days=3), "Sắp tới"),
        ],
    )
    def test_a_shift_to_come_says_when(self, reader, seat, invigilator, before, said):
        page = open_at(reader, invigilator, MORNING - before)
        assert page.texts("main//section//li")[0].startswith(said)
        assert page.link("Theo dõi làm bài")

    def test_after_the_last_shift_there_is_nothing_to_watch(self, reader, seat, invigilator):
        page = open_at(reader, invigilator, MORNING + timedelta(hours=2))
        assert "Kỳ thi quý IV (mẫu)" not in page.text

    def test_a_sealed_round_of_today_says_that_it_is_not_open(self, build, reader, seat):
        sealed = make.exam_round(build, seat.commune, 2026, state=RoundState.SEALED, name="Kỳ thi niêm phong (mẫu)")
        make.shift(build, sealed, MORNING + timedelta(hours=3), name="Ca chiều")
        organiser = build.account(None, Role.ORGANISER, unit=seat.commune)
        page = open_at(reader, organiser, MORNING)
        assert page.texts("main//h2")[:2] == ["Kỳ thi quý IV (mẫu)", "Kỳ thi niêm phong (mẫu)"]
        assert "Kỳ thi chưa mở" in page.text
        assert page.link("Xem kỳ thi").endswith(f"/rounds/{sealed.code}")
        page = open_at(reader, organiser, MORNING - timedelta(days=1))
        assert "Kỳ thi chưa mở" not in page.text

    def test_only_rounds_that_one_watches(self, build, reader, seat):
        for account in (
            build.account(None, Role.INVIGILATOR),
            build.account(None, Role.ORGANISER, unit=build.unit("Xã Khác")),
            build.account(None, Role.EVALUATOR),
        ):
            assert "Kỳ thi quý IV (mẫu)" not in open_at(reader, account, MORNING).text
