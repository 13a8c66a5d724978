"""The waiting room on the server: when a paper may be fetched, that it stays locked, and when it opens."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import SettingsError, load_settings
from examapp.core import clock
from examapp.core.db import db
from examapp.rounds.models import CandidateState, ExamRound, Paper, RoundState, Shift
from examapp.sittings import prefetch, waiting
from examapp.sittings.models import Sitting
from tests.sittings.builders import hall, layout_of, one_of_each_kind, paper_row

ASKS_BY_SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def spread(app):
    """Papers open over this many seconds."""
    settings = app.config["SETTINGS"]

    def set_to(seconds: int) -> None:
        app.config["SETTINGS"] = replace(settings, start_spread_seconds=seconds)

    yield set_to
    app.config["SETTINGS"] = settings


def in_minutes(minutes: float):
    return clock.now() + timedelta(minutes=minutes)


def ask(browser, candidate) -> dict:
    answer = browser.client.get(f"/sittings/waiting/{candidate.id}")
    assert answer.status_code == 200
    return answer.get_json()


def fetch(browser, candidate, **headers: str):
    return browser.client.get(f"/sittings/waiting/{candidate.id}/paper", headers=headers)


def start(browser, candidate, have: str = ""):
    token = browser._token()
    url = f"/sittings/enter/{candidate.id}"
    return browser.client.post(url, data={"csrf_token": token, "have": have}, headers=ASKS_BY_SCRIPT)


def unlock(data: bytes, digest: str, key: str) -> str:
    packed = AESGCM(base64.b64decode(key)).decrypt(data[:12], data[12:], digest.encode())
    return gzip.decompress(packed).decode()


def edit(build, row, **values) -> None:
    with build.app.app_context():
        from examapp.core.db import unit_of_work

        with unit_of_work() as session:
            known = session.get_one(type(row), row.id)
            for name, value in values.items():
                setattr(known, name, value)


def test_the_whole_wait(build, reader):
    """Locked before, opened by the key that the start tells; the page is the one that the exam's own address gives."""
    place = hall(build, starts_at=in_minutes(30))
    account, candidate = place.candidate()
    browser = reader(account)
    told = ask(browser, candidate)
    assert (told["phase"], told["message"]) == ("before", "")
    assert told["digest"] == place.paper(candidate).digest
    locked = fetch(browser, candidate)
    assert locked.headers["X-Paper-Digest"] == told["digest"]
    edit(build, place.shift, starts_at=in_minutes(-1))
    assert ask(browser, candidate)["phase"] == "running"
    reply = start(browser, candidate, told["digest"]).get_json()
    page = unlock(locked.data, reply["digest"], reply["key"])
    assert "Câu 4" in page
    for known_later in (reply["ref"], reply["sitting"]["token"], "csrf_token"):
        assert known_later not in page
    assert reply["url"] == f"/sittings/{reply['ref']}"
    assert reply["sitting"]["ref"] == reply["ref"]
    asked = re.findall(r"<fieldset.*?</fieldset>", page, re.DOTALL)
    assert len(asked) == 4
    assert asked == re.findall(r"<fieldset.*?</fieldset>", browser.open(reply["url"]).html, re.DOTALL)


def test_the_bytes_hold_nothing_of_the_questions(build, reader):
    place = hall(build, questions=one_of_each_kind(), starts_at=in_minutes(30))
    account, candidate = place.candidate()
    data = fetch(reader(account), candidate).data
    for words in ("Câu", "mẫu", "Phương án", "<html", "fieldset"):
        assert words.encode() not in data
    with pytest.raises(OSError, match="gzip"):
        gzip.decompress(data[12:])


@pytest.mark.parametrize("state", [RoundState.OPEN, RoundState.SEALED])
def test_no_address_tells_the_key_before_the_start(app, build, reader, state):
    place = hall(build, starts_at=in_minutes(30), state=state)
    account, candidate = place.candidate()
    browser = reader(account)
    with app.app_context():
        key = prefetch.key_of(place.paper(candidate))
    digest = ask(browser, candidate)["digest"]
    replies = [
        browser.client.get(f"/sittings/enter/{candidate.id}"),
        browser.client.get(f"/sittings/waiting/{candidate.id}"),
        fetch(browser, candidate),
        start(browser, candidate, digest),
    ]
    assert replies[-1].status_code == 409
    for reply in replies:
        for shape in (key, base64.b64encode(key), base64.urlsafe_b64encode(key).rstrip(b"="), key.hex().encode()):
            assert shape not in reply.data
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(Sitting)).all() == []


def test_a_key_opens_one_paper_only(app, build, reader):
    place = hall(build, starts_at=in_minutes(30))
    account, candidate = place.candidate()
    _other, neighbour = place.candidate("Lê Văn Mẫu")
    data = fetch(reader(account), candidate).data
    with app.app_context():
        mine, theirs = (place.paper(one) for one in (candidate, neighbour))
        assert mine.digest == theirs.digest, "the same questions"
        assert "Câu 1" in unlock(data, mine.digest, prefetch.key_text(mine))
        with pytest.raises(InvalidTag):
            unlock(data, theirs.digest, prefetch.key_text(theirs))
        with pytest.raises(InvalidTag):
            unlock(data, "0" * 64, prefetch.key_text(mine))


def test_the_same_paper_is_the_same_bytes(build, reader):
    place = hall(build, questions=one_of_each_kind(), starts_at=in_minutes(30))
    account, candidate = place.candidate()
    browser, elsewhere = reader(account), reader(account)
    first, second = fetch(browser, candidate), fetch(elsewhere, candidate)
    assert first.data == second.data
    assert not first.headers["ETag"].startswith("W/")
    again = fetch(browser, candidate, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert fetch(reader(account, language="en"), candidate).data[:12] != first.data[:12], "another text, another nonce"


def test_a_resealed_paper_is_another(build, reader):
    place = hall(build, starts_at=in_minutes(30))
    account, candidate = place.candidate()
    browser = reader(account)
    digest, first = ask(browser, candidate)["digest"], fetch(browser, candidate).data
    topic = build.topic()
    layout = layout_of(build, [build.question(topic) for _ in range(2)], place.position)
    paper = paper_row(candidate, layout, 45)
    paper.number = 2
    build.save(paper)
    assert ask(browser, candidate)["digest"] != digest
    assert fetch(browser, candidate).data != first
    edit(build, place.shift, starts_at=in_minutes(-1))
    reply = start(browser, candidate, digest).get_json()
    assert (reply["key"], reply["sitting"]) == (None, None), "the held one is of no use"
    assert reply["digest"] == paper.digest
    assert start(browser, candidate, paper.digest).get_json()["key"]


@pytest.mark.parametrize(
    ("minutes", "state", "columns", "phase", "fetched"),
    [
        (119, RoundState.OPEN, {}, "before", True),
        (121, RoundState.OPEN, {}, "before", False),
        (30, RoundState.SEALED, {}, "not_open", True),
        (30, RoundState.DRAFT, {}, "not_open", False),
        (-10, RoundState.OPEN, {}, "running", True),
        (-130, RoundState.OPEN, {}, "over", False),
        (30, RoundState.CANCELLED, {}, "over", False),
        (30, RoundState.OPEN, {"state": CandidateState.EXCUSED, "reason": "ốm"}, "not_open", False),
        (30, RoundState.OPEN, {"shift_id": None}, "not_open", False),
        (30, RoundState.OPEN, {"sealed": False}, "no_paper", False),
    ],
)
def test_when_a_paper_may_be_fetched(build, reader, minutes, state, columns, phase, fetched):
    cancelled = {"cancel_reason": "bão (mẫu)"} if state is RoundState.CANCELLED else {}
    place = hall(build, starts_at=in_minutes(minutes), state=state, **cancelled)
    official = build.official()
    account, candidate = build.account(official), place.enrol(official, **columns)
    browser = reader(account)
    told = ask(browser, candidate)
    assert told["phase"] == phase
    assert bool(told["digest"]) is fetched
    assert fetch(browser, candidate).status_code == (200 if fetched else 404)
    assert bool(told["message"]) is (phase in {"not_open", "over", "no_paper"}), "a reason in words where there is one"
    assert told["message"] in browser.open(f"/sittings/enter/{candidate.id}").text


def test_nobody_gets_anothers(build, reader):
    place = hall(build, starts_at=in_minutes(30))
    _account, candidate = place.candidate()
    stranger = reader(place.candidate("Lê Văn Mẫu")[0])
    assert stranger.client.get(f"/sittings/waiting/{candidate.id}").status_code == 404
    assert fetch(stranger, candidate).status_code == 404
    assert start(stranger, candidate).status_code == 404
    assert fetch(reader(place.organiser()), candidate).status_code in {403, 404}
    assert fetch(reader(), candidate).status_code in {302, 303, 401}


def test_two_presses_give_one_sitting_and_another_device_no_key(app, build, reader):
    place = hall(build)
    account, candidate = place.candidate()
    digest = place.paper(candidate).digest
    browser = reader(account)
    first, second = (start(browser, candidate, digest).get_json() for _ in range(2))
    assert first["ref"] == second["ref"]
    assert first["key"] == second["key"]
    other = reader(account)
    reply = start(other, candidate, digest).get_json()
    assert (reply["ref"], reply["key"], reply["sitting"]) == (first["ref"], None, None)
    assert other.open(reply["url"]).heading == "Bài đang mở trên thiết bị khác"
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(Sitting)).one().lease == 1


def test_a_refusal_by_script_says_what_to_do(build, reader):
    place = hall(build, state=RoundState.SEALED)
    account, candidate = place.candidate()
    reply = start(reader(account), candidate)
    assert reply.status_code == 409
    told = reply.get_json()
    assert told["error"] == "refused"
    assert "Kỳ thi chưa mở" in told["message"]
    assert told["advice"]


def test_after_the_submission_there_is_no_key(app, build, reader):
    place = hall(build)
    account, candidate = place.candidate()
    browser = reader(account)
    digest = place.paper(candidate).digest
    reply = start(browser, candidate, digest).get_json()
    browser.open(f"{reply['url']}/review")
    browser.submit("Nộp bài")
    again = start(browser, candidate, digest).get_json()
    assert (again["url"], again["key"]) == (reply["url"], None)


class TestSpread:
    def test_everybody_gets_the_time(self, app, build, reader, spread):
        place = hall(build)
        deadlines = []
        for seconds in (0, 5):
            spread(seconds)
            account, candidate = place.candidate()
            reply = start(reader(account), candidate, place.paper(candidate).digest).get_json()
            with app.app_context(), Session(db.engine) as session:
                sitting = session.scalars(select(Sitting).where(Sitting.ref == reply["ref"])).one()
                deadlines.append(sitting.deadline_ms - sitting.started_ms)
        assert deadlines == [45 * 60_000, 45 * 60_000 + 5000]

    def test_also_at_the_end_of_the_shift(self, app, build, reader, spread):
        spread(7)
        place = hall(build, hours=0.5)
        account, candidate = place.candidate()
        start(reader(account), candidate)
        with app.app_context(), Session(db.engine) as session:
            sitting, shift = session.scalars(select(Sitting)).one(), session.get_one(Shift, place.shift.id)
            assert sitting.deadline_ms == clock.to_ms(shift.ends_at) + 7000

    def test_delays_fill_the_spread_evenly_and_stay(self, build):
        place = hall(build)
        _account, candidate = place.candidate()
        delays = []
        for number in range(1, 401):
            candidate.id = number
            delays.append(waiting.delay_of(candidate, 5000))
            assert waiting.delay_of(candidate, 5000) == delays[-1]
            assert waiting.delay_of(candidate, 0) == 0
        assert all(0 <= delay < 5000 for delay in delays)
        for second in range(5):
            assert 50 <= sum(second * 1000 <= delay < (second + 1) * 1000 for delay in delays) <= 110

    def test_the_page_says_so_and_the_script_is_told(self, build, reader, spread):
        place = hall(build, starts_at=in_minutes(30))
        account, candidate = place.candidate()
        browser = reader(account)
        said = "mở vào một lúc riêng trong 5 giây đầu"
        assert said not in browser.open(f"/sittings/enter/{candidate.id}").text
        spread(5)
        page = browser.open(f"/sittings/enter/{candidate.id}")
        assert said in page.text
        told = json.loads(page.all("div[@id='wait']")[0].get("data-wait"))["wait"]
        assert told["spread_ms"] == 5000
        assert told["delay_ms"] == ask(browser, candidate)["delay_ms"] < 5000

    @pytest.mark.parametrize("seconds", ["-1", "61"])
    def test_a_spread_beyond_its_limits_stops_the_start(self, tmp_path, seconds):
        with pytest.raises(SettingsError, match="START_SPREAD_SECONDS"):
            load_settings({"DATA": str(tmp_path), "SECRET_KEY": "x" * 40, "START_SPREAD_SECONDS": seconds})


@pytest.mark.parametrize(
    ("agent", "app_name"),
    [
        ("Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/106.0 Mobile Zalo android/22", "Zalo"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 12_5) AppleWebKit Mobile/15E148 [FBAN/FBIOS;FBAV/400.0]", "Facebook"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605 Instagram 200.0", "Instagram"),
        ("Mozilla/5.0 (Linux; Android 11) AppleWebKit/537.36 Chrome/96.0 Mobile Line/11.20.1/IAB", "Line"),
        ("Mozilla/5.0 (Linux; Android 9; SM-A107F) AppleWebKit/537.36 Chrome/106.0 Mobile Safari/537.36", ""),
        ("Mozilla/5.0 (X11; Linux x86_64) Timeline/2 Firefox/120.0", ""),
    ],
)  # fmt: skip
def test_browsers_inside_apps_are_sent_to_real_ones(build, reader, agent, app_name):
    assert waiting.app_of(agent) == app_name
    place = hall(build)
    account, candidate = place.candidate()
    browser = reader(account)
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    for address in (f"/sittings/enter/{candidate.id}", "/sittings/"):
        text = browser.open(address).text
        assert (f"bên trong ứng dụng {app_name}" in text) is bool(app_name)
        assert ("Mở bằng trình duyệt" in text) is bool(app_name)


def test_the_worker_is_served_under_its_own_name_and_asked_for_again(client):
    answer = client.get("/sittings/worker.js")
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get("/sittings/worker.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_page_says_whose_it_is_and_only_an_exam_does(build, reader):
    place = hall(build)
    tags = []
    for name in ("Trần Thị Mẫu", "Lê Văn Mẫu"):
        account, candidate = place.candidate(name)
        browser = reader(account)
        browser.open(f"/sittings/enter/{candidate.id}")
        assert "X-Sitting-Owner" not in browser.page.response.headers
        assert browser.page.all("div[@id='wait']")[0].get("data-owner")
        browser.submit("Bắt đầu làm bài")
        tags.append(browser.page.response.headers["X-Sitting-Owner"])
        elsewhere = reader(account)
        elsewhere.open(browser.page.url)
        assert "X-Sitting-Owner" not in elsewhere.page.response.headers, "a question, not the exam"
    assert len(set(tags)) == 2


def test_waiting_asks_little_of_the_database(build, reader, count_statements):
    place = hall(build, starts_at=in_minutes(30))
    account, candidate = place.candidate()
    browser = reader(account)
    ask(browser, candidate)
    with count_statements() as statements:
        ask(browser, candidate)
    about_waiting = [s for s in statements if any(t in s for t in ("FROM candidates", "FROM papers", "FROM sittings"))]
    assert len(about_waiting) <= 3
    assert not any(s.startswith(("INSERT", "UPDATE", "DELETE")) for s in statements)


def test_my_exams_leads_into_the_waiting_room(build, reader):
    place = hall(build, starts_at=in_minutes(30))
    account, _candidate = place.candidate()
    browser = reader(account)
    page = browser.open(browser.open("/sittings/").link("Vào phòng chờ"))
    assert page.heading == place.round.name
    assert page.texts("button") == ["Đăng xuất", "Sẵn sàng"]


@pytest.mark.parametrize("table", [ExamRound, Paper])
def test_looking_writes_nothing(app, build, reader, table):
    place = hall(build, starts_at=in_minutes(30))
    account, candidate = place.candidate()
    browser = reader(account)

    def rows() -> list[tuple]:
        with app.app_context(), Session(db.engine) as session:
            return [tuple(row) for row in session.execute(select(*table.__table__.columns))]

    before = rows()
    ask(browser, candidate)
    fetch(browser, candidate)
    assert rows() == before
