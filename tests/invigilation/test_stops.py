"""Stops in the middle: recorded for one or for a shift, and time given back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from examapp.accounts.models import Account, Role
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Conflict, Forbidden, Invalid
from examapp.rounds.models import BoardMember, BoardRole, Shift
from examapp.sittings import stops
from examapp.sittings.models import Extension, Sitting, SittingState, Stop, StopOutcome
from examapp.sittings.services import extend
from tests.builders import Builder
from tests.invigilation.stopping import MINUTE, NINE, at, record_stop, report
from tests.sittings.builders import Hall, hall
from tests.sittings.counting import statements

URL = "/invigilation/Q4-2026"


@pytest.fixture(autouse=True)
def _nine_o_clock(time_machine):
    """In the middle of a morning, so that no stop of a test crosses midnight."""
    time_machine.move_to(NINE, tick=False)


@pytest.fixture
def place(build: Builder) -> Hall:
    """A shift that began at ten past eight and ends at eleven."""
    return hall(build, starts_at=at("8:10"), hours=3)


# What follows from a stop


@pytest.mark.parametrize(
    ("began", "ended", "taken", "limit", "outcome"),
    [
        ("8:30", "8:42", False, 30, StopOutcome.TIME_BACK),
        ("8:25", "8:55", False, 30, StopOutcome.TIME_BACK),
        ("8:24", "8:55", False, 30, StopOutcome.WAITING),
        ("8:30", "8:31", True, 30, StopOutcome.WAITING),
        ("8:30", "8:31", False, 0, StopOutcome.WAITING),
        ("8:20", "9:00", False, 40, StopOutcome.TIME_BACK),
    ],
)
def test_a_short_stop_gives_its_time_back_and_a_long_one_waits(app, build, began, ended, taken, limit, outcome):
    place = hall(build, starts_at=at("8:10"), stop_limit_minutes=limit)
    sitting, by = place.sitting(place.candidate()[1], ago=45), place.organiser()
    with app.app_context():
        stop = record_stop(sitting, report(began, ended, taken=taken), by)
        row = db.session.get_one(Sitting, sitting.id)
        assert (stop.outcome, row.state) == (outcome, SittingState.STARTED)
        minutes = int((at(ended) - at(began)).total_seconds() // 60) if outcome is StopOutcome.TIME_BACK else 0
        assert row.deadline_ms - sitting.deadline_ms == row.late_ms - sitting.late_ms == minutes * MINUTE
        given = db.session.scalars(select(Extension)).all()
        assert [(e.id, e.sitting_id, e.minutes) for e in given] == (
            [(stop.extension_id, sitting.id, minutes)] if minutes else []
        )
        if minutes:
            assert json.loads(row.notice) == {"id": stop.extension_id, "minutes": minutes, "reason": "Mất điện"}
        else:
            assert row.notice == ""


def test_time_given_back_is_told_beside_what_was_added_before(app, build):
    place = hall(build, starts_at=at("8:10"))
    sitting, by = place.sitting(place.candidate()[1], ago=45), place.organiser()
    with app.app_context(), database.unit_of_work() as session:
        row = session.get_one(Sitting, sitting.id)
        extend(row, minutes=3, reason="Đổi máy", by=session.get_one(Account, by.id), now=at("8:20"))
    with app.app_context():
        record_stop(sitting, report("8:30", "8:42"), by)
        told = json.loads(f"[{db.session.get_one(Sitting, sitting.id).notice}]")
    assert [notice["minutes"] for notice in told] == [3, 12]


@pytest.mark.parametrize(
    ("began", "ended", "field", "words"),
    [
        ("8:50", "9:01", "ended", "chưa đến"),
        ("8:50", "8:50", "ended", "sau giờ bắt đầu"),
        ("8:50", "8:40", "ended", "sau giờ bắt đầu"),
        ("8:14", "8:40", "began", "bắt đầu làm bài lúc 08:15"),
        ("8:34", "8:41", "began", "trùng"),
        ("8:39", "8:50", "began", "trùng"),
        ("8:20", "8:59", "began", "trùng"),
    ],
)
def test_a_stop_lies_within_the_sitting_and_outside_the_others(app, place, began, ended, field, words):
    sitting, by = place.sitting(place.candidate()[1], ago=45), place.organiser()
    with app.app_context():
        record_stop(sitting, report("8:30", "8:40"), by)
        with pytest.raises(Invalid, match=words) as refusal:
            record_stop(sitting, report(began, ended), by)
        assert refusal.value.field == field
        record_stop(sitting, report("8:40", "8:45"), by)
        record_stop(sitting, report("8:15", "8:30"), by)
        assert len(stops.stops_of(sitting.candidate_id)) == 3


def test_nothing_is_stopped_once_the_time_is_over(app, place):
    sitting, by = place.sitting(place.candidate()[1], ago=45, deadline_ms=clock.to_ms(at("8:40"))), place.organiser()
    with app.app_context():
        with pytest.raises(Invalid, match="đã hết") as refusal:
            record_stop(sitting, report("8:40", "8:45"), by)
        assert refusal.value.field == "began"
        record_stop(sitting, report("8:39", "8:45"), by)


def test_nobody_records_a_stop_of_oneself_or_of_what_is_over(app, build, place):
    account, candidate = place.candidate()
    sitting, by = place.sitting(candidate, ago=45), place.organiser()
    done = place.sitting(
        place.candidate("Đỗ Văn Bình")[1],
        ago=45,
        state=SittingState.SUBMITTED,
        submitted_ms=clock.to_ms(clock.now()) - MINUTE,
    )
    with app.app_context():
        with pytest.raises(Forbidden):
            record_stop(sitting, report("8:30", "8:40"), account)
        with pytest.raises(Forbidden), database.unit_of_work():
            stops.record_shift_stop(
                db.session.get_one(Shift, place.shift.id), report("8:30", "8:40"), by=account, now=clock.now()
            )
        with pytest.raises(Conflict, match="không còn đang làm"):
            record_stop(done, report("8:30", "8:40"), by)
        with pytest.raises(Invalid, match="lý do"):
            record_stop(sitting, report("8:30", "8:40", reason=" "), by)
        assert not db.session.scalars(select(Stop)).all()


# On pages


def test_an_invigilator_records_a_stop_of_one_person(build, reader, place):
    candidate = place.candidate("Bùi Thị An")[1]
    sitting = place.sitting(candidate, ago=45)
    invigilator = build.account(None, Role.INVIGILATOR)
    build.save(BoardMember(round_id=place.round.id, account_id=invigilator.id, role=BoardRole.INVIGILATOR))
    browser = reader(invigilator)
    browser.open(URL)
    browser.open(browser.page.link("Bùi Thị An"))
    browser.open(browser.page.link("Ghi nhận gián đoạn"))
    page = browser.submit("began", began="tám giờ", ended="8h42", reason="Mất điện", status=422)
    assert "Hãy ghi giờ và phút" in page.text
    page = browser.submit("began", began="08:05", ended="8h42", reason="Mất điện", status=422)
    assert "bắt đầu làm bài lúc 08:15" in page.text
    page = browser.submit("began", began="8 giờ 30", ended="8:42", reason="Mất điện phòng 1")
    assert "Đã ghi gián đoạn và trả lại thời gian cho Bùi Thị An." in page.text
    assert "Đã cộng thêm 12 phút." in page.text
    assert "Mất điện phòng 1" in page.text
    assert build.get(Sitting, sitting.id).deadline_ms == sitting.deadline_ms + 12 * MINUTE
    browser.open(f"{URL}/stops")
    assert "Đã trả lại thời gian" in browser.page.text


def test_a_stop_of_a_shift_shows_first_whom_it_concerns(app, build, reader, place):
    early, late = (place.sitting(place.candidate(name)[1], ago=ago) for name, ago in (("An", 45), ("Bình", 20)))
    just = place.sitting(place.candidate("Cúc")[1], ago=2)
    known = place.sitting(place.candidate("Dũng")[1], ago=45)
    place.candidate("Giang")
    place.sitting(place.candidate("Hà")[1], ago=45, deadline_ms=clock.to_ms(at("8:20")))
    by = place.organiser()
    with app.app_context():
        record_stop(known, report("8:40", "8:50"), by)
    deadline = build.get(Sitting, known.id).deadline_ms
    browser = reader(by)
    browser.open(f"{URL}/shift/{place.shift.id}")
    browser.open(browser.page.link("ghi nhận gián đoạn của ca"))
    page = browser.submit("began", began="8:25", ended="8:57", reason="Mất điện cả xã")
    rows = [text for text in page.texts("tbody//td") if text]
    assert [text for text in rows if "phút" in text or "Chờ" in text] == [
        "32 phút",
        "Chờ quyết định",
        "17 phút",
        "Cộng thêm 17 phút",
    ]
    assert "Bỏ qua 1 người đã có ghi nhận trùng vào khoảng này: Dũng" in page.text
    assert not any(name in page.text for name in ("Cúc", "Giang", "Hà"))
    with app.app_context():
        assert len(db.session.scalars(select(Stop)).all()) == 1  # looking writes nothing
    page = browser.submit("confirmed")
    assert "Đã trả lại thời gian cho 1 bài." in page.text
    assert "1 bài chờ chủ tịch hội đồng quyết định." in page.text
    moved = [build.get(Sitting, s.id).deadline_ms - s.deadline_ms for s in (early, late, just)]
    assert moved == [0, 17 * MINUTE, 0]
    assert build.get(Sitting, known.id).deadline_ms == deadline
    page = browser.open(URL)
    assert "1 gián đoạn chờ chủ tịch hội đồng quyết định" in page.text
    assert page.text.count("Gián đoạn chờ quyết định") == 1
    browser.open(f"{URL}/shift/{place.shift.id}/stop")
    page = browser.submit("began", began="8:25", ended="8:57", reason="Mất điện cả xã")
    assert "Không có bài nào cần ghi" in page.text


def test_a_stop_of_a_shift_costs_three_rows_for_each_and_no_more(app, place):
    """The extension, the stop, its note in the log; PostgreSQL takes the rows of all of them at once."""
    by, sent = place.organiser(), []
    for more in (2, 12):
        for number in range(more):
            place.sitting(place.candidate(f"Người Mẫu {more} {number}")[1], ago=45)
        began = f"8:{20 + more}"
        with statements(app) as found, app.app_context(), database.unit_of_work():
            shift = db.session.get_one(Shift, place.shift.id)
            stops.record_shift_stop(shift, report(began, f"8:{21 + more}"), by=by, now=clock.now())
            db.session.flush()
        sent.append(len(found))
    assert sent[1] - sent[0] <= 3 * 12


def test_stops_of_another_round_are_not_found(build, reader, place):
    sitting, by = place.sitting(place.candidate()[1], ago=45), place.organiser()
    with build.app.app_context():
        stop = record_stop(sitting, report("8:20", "8:58"), by)
    elsewhere = reader(build.account(None, Role.ORGANISER, unit=build.unit("Tỉnh Khác (mẫu)")))
    for url in (f"/{sitting.candidate_id}/stop", f"/shift/{place.shift.id}/stop", "/stops", f"/stops/{stop.id}"):
        elsewhere.open(URL + url, status=404)
    reader(by).open(f"{URL}/stops/{stop.id}")
    reader(by).open(f"{URL}/stops/{stop.id + 1}", status=404)
    reader(by).open(f"{URL}/shift/{place.shift.id + 1}/stop", status=404)


# Stops that touch


def test_stops_that_touch_count_together(app, place):
    sitting, by = place.sitting(place.candidate()[1], ago=45), place.organiser()
    with app.app_context():
        assert record_stop(sitting, report("8:16", "8:30"), by).outcome is StopOutcome.TIME_BACK
        joined = record_stop(sitting, report("8:31", "8:48"), by)
        assert joined.outcome is StopOutcome.WAITING, "14 and 17 minutes, a minute apart"
        assert joined.reason == "Mất điện (liền với gián đoạn đã ghi, cộng lại 31 phút, quá 30 phút)"
        assert record_stop(sitting, report("8:50", "8:55"), by).outcome is StopOutcome.TIME_BACK, "two minutes apart"
        assert db.session.get_one(Sitting, sitting.id).deadline_ms - sitting.deadline_ms == 19 * MINUTE


def test_a_stop_between_two_others_joins_both(app, place):
    sitting, by = place.sitting(place.candidate()[1], ago=45), place.organiser()
    with app.app_context():
        for began, ended in (("8:36", "8:48"), ("8:16", "8:28")):
            assert record_stop(sitting, report(began, ended), by).outcome is StopOutcome.TIME_BACK
        between = record_stop(sitting, report("8:28", "8:36"), by)
        assert (between.outcome, between.extension_id) == (StopOutcome.WAITING, None)


def test_together_at_the_limit_still_gives_back_and_a_long_reason_is_kept(app, place):
    sitting, by = place.sitting(place.candidate()[1], ago=45), place.organiser()
    with app.app_context():
        record_stop(sitting, report("8:16", "8:30"), by)
        assert record_stop(sitting, report("8:30", "8:46"), by).outcome is StopOutcome.TIME_BACK
        last = record_stop(sitting, report("8:46", "8:47", reason="x" * 300), by)
        assert (last.outcome, last.reason) == (StopOutcome.WAITING, "x" * 300)


def test_stops_of_a_shift_that_touch_wait_and_say_why(build, reader, place):
    sitting = place.sitting(place.candidate("Bùi Thị An")[1], ago=45)
    browser = reader(place.organiser())
    for began, ended, follows in (("8:16", "8:38", "Cộng thêm 22 phút"), ("8:38", "8:58", "Chờ quyết định")):
        browser.open(f"{URL}/shift/{place.shift.id}/stop")
        page = browser.submit("began", began=began, ended=ended, reason="Mất điện")
        assert follows in page.text
        browser.submit("confirmed")
    assert build.get(Sitting, sitting.id).deadline_ms == sitting.deadline_ms + 22 * MINUTE
    page = browser.open(f"{URL}/stops")
    assert "cộng lại 42 phút, quá 30 phút" in page.text


# A shift of several days


def test_a_stop_of_a_shift_of_several_days_says_its_day(build, reader):
    place = hall(build, starts_at=at("8:10") - timedelta(days=2), hours=24 * 7)
    sitting = place.sitting(place.candidate("Bùi Thị An")[1], ago=45)
    browser = reader(place.organiser())
    page = browser.open(f"{URL}/shift/{place.shift.id}/stop")
    assert page.all("input[@name='day']")[0].get("value") == "10/03/2026", "today"
    for day, told in (
        ("07/03/2026", "Ngày này nằm ngoài thời gian thi, từ 08/03/2026 đến 15/03/2026."),
        ("16/03/2026", "Ngày này nằm ngoài thời gian thi, từ 08/03/2026 đến 15/03/2026."),
        ("11/03/2026", "chưa đến"),
        ("", "Chưa nhập ô này."),
    ):
        page = browser.submit("began", day=day, began="8:25", ended="8:40", reason="Mất điện", status=422)
        assert told in page.text, day
    page = browser.submit("began", day="08/03/2026", began="7:00", ended="8:10", reason="Mất điện", status=422)
    assert "Ca này bắt đầu lúc 08/03/2026 08:10, sau khoảng đã ghi." in page.text
    page = browser.submit("began", day="10/03/2026", began="8:25", ended="8:40", reason="Mất điện")
    assert "Bùi Thị An" in page.text
    browser.submit("confirmed")
    assert build.get(Sitting, sitting.id).deadline_ms == sitting.deadline_ms + 15 * MINUTE


def test_a_stop_of_an_exam_over_midnight_says_its_day(build, reader, place, time_machine):
    time_machine.move_to("2026-03-11 00:20 +0700", tick=False)
    midnight = hall(build, starts_at=at("22:00"), hours=4, code="Q3-2026")
    sitting = midnight.sitting(midnight.candidate("Bùi Thị An")[1], ago=40)
    browser = reader(midnight.organiser())
    url = f"/invigilation/Q3-2026/{sitting.candidate_id}/stop"
    page = browser.open(url)
    assert page.all("input[@name='day']")[0].get("value") == "11/03/2026"
    browser.submit("began", began="0:05", ended="0:15", reason="Mất điện")
    assert build.get(Sitting, sitting.id).deadline_ms == sitting.deadline_ms + 10 * MINUTE
    same_day = place.sitting(place.candidate("Lê Văn Mẫu")[1], ago=16 * 60 + 5, deadline_ms=clock.to_ms(at("9:00")))
    assert not browser.open(f"{URL}/{same_day.candidate_id}/stop").all("input[@name='day']")
