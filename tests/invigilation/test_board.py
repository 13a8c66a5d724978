"""The board of a round: who sees it, what it counts, what can be done from it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.core import clock, text
from examapp.core.db import apart, db
from examapp.invigilation.board import Filters, counts_of, detail_of, progress_of_round
from examapp.rounds.models import BoardMember, BoardRole, CandidateState, Shift
from examapp.sittings import heard, settle
from examapp.sittings.heard import heard_of
from examapp.sittings.models import AnswerEvent, Extension, Sitting, SittingState
from tests.sittings.builders import Hall, hall
from tests.sittings.counting import statements

URL = "/invigilation/Q4-2026"
MINUTE = 60_000


def answered(
    build, sitting: Sitting, slot: int, response: str = "[1]", *, seq: int = 0, at: int = 0, **columns
) -> None:
    columns.setdefault("received_ms", at or sitting.started_ms + slot * 1000)
    build.save(
        AnswerEvent(
            sitting_id=sitting.id,
            writer="writer-0001",
            seq=seq or slot,
            lease=1,
            slot=slot,
            response=response,
            answered_ms=at or sitting.started_ms + slot * 1000,
            **columns,
        )
    )


@pytest.fixture
def place(build) -> Hall:
    return hall(build)


def test_who_is_where(app, build, reader, place):
    working = place.sitting(place.candidate("Bùi Thị An")[1])
    answered(build, working, 1)
    answered(build, working, 2)
    answered(build, working, 2, "[]", seq=3, at=working.started_ms + 9000)
    place.candidate("Đỗ Văn Bình")
    place.enrol(build.official("Hà Thị Cúc"), state=CandidateState.EXCUSED, reason="Nghỉ ốm")
    place.sitting(place.candidate("Lê Văn Dũng")[1], ago=50)
    page = reader(place.organiser()).open(URL)
    cells = [text for text in page.texts("tbody//td") if text]
    assert cells[:3] == ["Bùi Thị An" + cells[0][10:], "Đang làm bài", "1 trên 4"]
    assert [c for c in cells if c in {"Đang làm bài", "Chưa bắt đầu", "Không dự thi", "Hết giờ, chưa chốt"}] == [
        "Đang làm bài",
        "Chưa bắt đầu",
        "Không dự thi",
        "Hết giờ, chưa chốt",
    ]
    assert "trên 3 người dự thi" in page.text


def test_filters_by_shift_unit_state_and_name(app, build, place):
    second = build.save(
        Shift(round_id=place.round.id, name="Ca 2", starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=1))
    )
    elsewhere = build.unit("Xã Khác (mẫu)")
    one = place.candidate("Bùi Thị Ân")[1]
    two = place.candidate("Đỗ Văn Bình", shift_id=second.id)[1]
    build.save(place.enrol(build.official("Hà Thị Cúc")))
    place.sitting(one)
    with app.app_context():

        def names(**filters) -> list[str]:
            return [row.candidate.full_name for row in progress_of_round(place.round.id, Filters(**filters))]

        assert names() == ["Bùi Thị Ân", "Đỗ Văn Bình", "Hà Thị Cúc"]
        assert names(shift_id=second.id) == ["Đỗ Văn Bình"]
        assert names(unit_id=elsewhere.id) == []
        assert names(unit_id=place.unit.id) == names()
        assert names(state="working") == ["Bùi Thị Ân"]
        assert names(state="waiting") == ["Đỗ Văn Bình", "Hà Thị Cúc"]
        assert names(state="submitted") == names(state="overdue") == names(state="absent") == []
        assert names(q="do van") == ["Đỗ Văn Bình"]
        assert names(q=two.number) == ["Đỗ Văn Bình"]
        assert names(q="100%") == []


def test_the_board_costs_the_same_for_one_and_for_many(app, build, reader, place):
    organiser = reader(place.organiser())
    costs = []
    for more in (1, 8):
        for number in range(more):
            sitting = place.sitting(place.candidate(f"Người Mẫu {more} {number}")[1])
            answered(build, sitting, 1)
        with statements(app) as sent:
            organiser.open(URL)
        costs.append(len(sent))
    assert costs[0] == costs[1]


def test_only_those_who_watch_this_round_see_it(build, reader, place):
    place.candidate()
    elsewhere = build.unit("Tỉnh Khác (mẫu)")
    reader(build.account(None, Role.ORGANISER, unit=place.unit)).open(URL)
    reader(build.account(None, Role.ORGANISER, unit=elsewhere)).open(URL, status=404)
    reader(place.candidate("Lê Văn Mẫu")[0]).open(URL, status=404)
    reader(build.account(None, Role.EXAMINER)).open(URL, status=404)
    invigilator = build.account(None, Role.INVIGILATOR)
    reader(invigilator).open(URL, status=404)
    build.save(BoardMember(round_id=place.round.id, account_id=invigilator.id, role=BoardRole.INVIGILATOR))
    reader(invigilator).open(URL)


def test_more_time_for_one_person(app, build, reader, place):
    candidate = place.candidate("Bùi Thị An")[1]
    sitting = place.sitting(candidate)
    browser = reader(place.organiser())
    browser.open(URL)
    browser.open(browser.page.link("Bùi Thị An"))
    page = browser.submit("minutes", minutes="0", reason="", status=422)
    assert "Chưa thực hiện được" in page.text
    page = browser.submit("minutes", minutes="12", reason="Hỏng máy")
    assert "Đã cộng thêm 12 phút cho Bùi Thị An." in page.text
    assert "12 phút" in page.text
    assert "Hỏng máy" in page.text
    assert build.get(Sitting, sitting.id).deadline_ms == sitting.deadline_ms + 12 * MINUTE
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(AuditEvent.action)).all() == ["sitting.extended"]


def test_more_time_for_a_whole_shift(app, build, reader, place):
    people = {"Bùi Thị An": 20, "Đỗ Văn Bình": 5}
    sittings = [place.sitting(place.candidate(name)[1], ago=ago) for name, ago in people.items()]
    place.candidate("Chu Thị Cúc")
    browser = reader(place.organiser())
    browser.open(URL)
    page = browser.open(browser.page.link("Ca 1"))
    working, ends, not_begun = page.texts("main//dd")
    assert (working, not_begun) == ("2", "1")
    first, last = (clock.from_ms(sitting.deadline_ms) for sitting in sittings)
    assert ends.startswith(f"{text.format_moment(first)} – ")
    assert ends.endswith(text.format_time(last))
    assert browser.submit("minutes", minutes="500", reason="Mất điện", status=422)
    page = browser.submit("minutes", minutes="15", reason="Mất điện")
    assert "Đã cộng thêm 15 phút cho ca “Ca 1”: 2 bài đang làm." in page.text
    assert all(build.get(Sitting, s.id).deadline_ms == s.deadline_ms + 15 * MINUTE for s in sittings)
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(Extension.shift_id)).all() == [place.shift.id]


def test_nobody_extends_what_is_not_theirs(build, reader, place):
    other = hall(build, code="Q3-2026")
    candidate = place.candidate()[1]
    place.sitting(candidate)
    browser = reader(place.organiser())
    browser.post(f"/invigilation/Q3-2026/{candidate.id}/extend", minutes="5", reason="x", status=404)
    browser.post(f"/invigilation/Q4-2026/shift/{other.shift.id}/extend", minutes="5", reason="x", status=404)
    browser.open(f"/invigilation/Q4-2026/shift/{other.shift.id}", status=404)
    waiting = place.candidate("Lê Văn Mẫu")[1]
    browser.post(f"{URL}/{waiting.id}/extend", minutes="5", reason="x", status=404)
    assert "chưa bắt đầu làm bài" in browser.open(f"{URL}/{waiting.id}").text


def test_overdue_sittings_are_settled_by_hand(build, reader, place):
    sitting = place.sitting(place.candidate()[1], ago=90)
    answered(build, sitting, 1)
    browser = reader(place.organiser())
    assert "Chốt 1 bài đã quá giờ" in browser.open(URL).text
    page = browser.submit("Chốt")
    assert "Đã chốt 1 lượt làm bài." in page.text
    assert build.get(Sitting, sitting.id).state is SittingState.SETTLED
    assert "Chốt 1 bài" not in browser.open(URL).text


def test_answers_are_stored_while_a_whole_round_is_settled(app, build, reader, place, monkeypatch):
    working = place.sitting(place.candidate("Lê Văn Dũng")[1])
    overdue = [place.sitting(place.candidate(f"Người Mẫu {number}")[1], ago=90) for number in range(5)]
    settled_so_far: list[int] = []

    def save_meanwhile(_seconds: float) -> None:
        with apart() as session:
            done = select(Sitting.id).where(Sitting.state == SittingState.SETTLED)
            settled_so_far.append(len(session.scalars(done).all()))
            at = working.started_ms + len(settled_so_far)
            event = {"seq": len(settled_so_far), "slot": 1, "response": "[1]", "lease": 1}
            times = {"answered_ms": at, "received_ms": at}
            session.add(AnswerEvent(sitting_id=working.id, writer="writer-0001", **event, **times))

    monkeypatch.setattr(settle, "CHUNK", 2)
    monkeypatch.setattr(settle.time, "sleep", save_meanwhile)
    browser = reader(place.organiser())
    browser.open(URL)
    assert "Đã chốt 5 lượt làm bài." in browser.submit("Chốt").text
    assert settled_so_far == [2, 4, 5]
    assert all(build.get(Sitting, sitting.id).state is SittingState.SETTLED for sitting in overdue)
    assert build.get(Sitting, working.id).state is SittingState.STARTED


def test_a_person_shows_standings_but_no_answers(app, build, reader, place):
    candidate = place.candidate()[1]
    sitting = place.sitting(candidate, ago=50)
    answered(build, sitting, 1, "[3]")
    answered(build, sitting, 2, "[2]", at=sitting.deadline_ms - 1000, received_ms=sitting.deadline_ms + MINUTE)
    page = reader(place.organiser()).open(f"{URL}/{candidate.id}")
    facts = dict(zip(page.texts("main//dt"), page.texts("main//dd"), strict=True))
    assert facts["Lượt trả lời được tính"] == "1"
    assert facts["Được tính, cần lưu ý (đến muộn hoặc từ thiết bị cũ)"] == "1"
    with app.app_context():
        detail = detail_of(place.round.id, candidate.id, now=clock.now())
    assert f"1 câu đến sau giờ, mã {detail.late_code}" in page.text
    assert "[3]" not in page.html


def test_the_figures_on_top(app, build, place):
    place.sitting(place.candidate()[1])
    place.sitting(place.candidate("Lê Văn Mẫu")[1], ago=100)
    place.candidate("Phạm Thị Mẫu")
    with app.app_context():
        counts = counts_of(place.round.id, now=clock.now())
    assert (counts.enrolled, counts.started, counts.submitted, counts.overdue) == (3, 2, 0, 1)


def test_the_address_of_a_refused_extension_leads_to_its_form(reader, place):
    sitting = place.sitting(place.candidate("Bùi Thị An")[1])
    browser = reader(place.organiser())
    browser.open(f"{URL}/{sitting.candidate_id}")
    refused = browser.submit("minutes", minutes="0", reason="", status=422)
    assert browser.open(refused.url).heading == "Bùi Thị An"
    page = browser.open(f"{URL}/shift/{place.shift.id}")
    assert page.heading == "Cộng thêm thời gian cho ca “Ca 1”"
    refused = browser.submit("minutes", minutes="0", reason="", status=422)
    assert browser.open(refused.url).heading == page.heading


def test_nobody_gives_the_own_exam_more_time(app, build, reader, place):
    account, candidate = place.candidate()
    build.grant(account, Role.ORGANISER)
    sitting = place.sitting(candidate)
    browser = reader(account)
    for path in (f"{URL}/{candidate.id}/extend", f"{URL}/shift/{place.shift.id}/extend"):
        page = browser.post(path, minutes="30", reason="Mất điện (mẫu)", status=403)
        assert "Không ai tự quyết định về việc dự thi của chính mình." in page.text
    assert build.get(Sitting, sitting.id).deadline_ms == sitting.deadline_ms


def test_a_filter_that_no_shift_can_have(build, reader, place):
    page = reader(place.organiser()).open(f"{URL}?shift={10**25}", status=422)
    assert "ngoài phạm vi" in page.text


class TestTheWaitingRoom:
    """Who waits is told from who is not there; where somebody was heard from long ago, that is said instead."""

    @pytest.fixture(autouse=True)
    def _a_process_that_has_heard_nothing(self, app):
        app.extensions.pop("waiting_ear", None)

    def looks_in(self, reader, account, candidate) -> None:
        reader(account).open(f"/sittings/enter/{candidate.id}")

    def state_cells(self, page) -> list[str]:
        return page.texts("tbody//td[@data-label='Trạng thái']")

    def test_who_waits_is_shown_with_how_long_ago_it_was_heard(self, app, build, reader, time_machine):
        at = datetime(2026, 11, 20, 0, 50, tzinfo=UTC)
        time_machine.move_to(at, tick=False)
        place = hall(build, starts_at=at + timedelta(minutes=10))
        account, candidate = place.candidate("Bùi Thị An")
        place.candidate("Đỗ Văn Bình")
        organiser = reader(place.organiser())
        assert self.state_cells(organiser.open(URL)) == ["Chưa bắt đầu", "Chưa bắt đầu"]
        self.looks_in(reader, account, candidate)
        time_machine.move_to(at + timedelta(seconds=12), tick=False)
        page = organiser.open(URL)
        assert self.state_cells(page) == ["Trong phòng chờ Phòng chờ báo 12 giây trước", "Chưa bắt đầu"]
        assert "trong đó 1 người ở phòng chờ" in page.text
        assert "Đỗ Văn Bình" not in organiser.open(f"{URL}?state=room").text
        assert "Phòng chờ báo 12 giây trước." in organiser.open(f"{URL}/{candidate.id}").text
        time_machine.move_to(at + timedelta(minutes=4), tick=False)
        page = organiser.open(URL)
        assert self.state_cells(page)[0] == "Chưa bắt đầu Phòng chờ báo 4 phút trước"
        assert "trong đó 0 người ở phòng chờ" in page.text

    def test_the_page_that_stays_open_keeps_saying_so_and_writes_seldom(self, app, build, reader, time_machine):
        at = datetime(2026, 11, 20, 0, 50, tzinfo=UTC)
        time_machine.move_to(at, tick=False)
        place = hall(build, starts_at=at + timedelta(minutes=10))
        people = [place.candidate(name) for name in ("Bùi Thị An", "Đỗ Văn Bình")]
        browsers = [reader(account) for account, _candidate in people]
        with statements(app) as sent:
            for second in range(0, 60, 7):
                time_machine.move_to(at + timedelta(seconds=second), tick=False)
                for browser, (_account, candidate) in zip(browsers, people, strict=True):
                    browser.open(f"/sittings/waiting/{candidate.id}")
        assert len([one for one in sent if "INSERT INTO waiting_contacts" in one]) == 3
        with app.app_context():
            told = heard_of([candidate.id for _account, candidate in people])
        assert [round((told[candidate.id] - at).total_seconds()) for _account, candidate in people] == [42, 35]

    def test_whoever_has_started_is_at_work(self, build, reader, place):
        account, candidate = place.candidate("Bùi Thị An")
        self.looks_in(reader, account, candidate)
        place.sitting(candidate)
        page = reader(place.organiser()).open(URL)
        assert self.state_cells(page) == ["Đang làm bài"]
        assert "trong đó 0 người ở phòng chờ" in page.text

    def test_a_database_that_is_busy_costs_the_candidate_nothing(self, app, build, reader, monkeypatch, place):
        account, candidate = place.candidate("Bùi Thị An")

        @contextmanager
        def busy():
            raise OperationalError("INSERT", {}, Exception("database is locked"))
            yield

        monkeypatch.setattr(heard, "apart", busy)
        assert reader(account).open(f"/sittings/enter/{candidate.id}").heading == place.round.name
