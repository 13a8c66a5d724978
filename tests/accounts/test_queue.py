"""A crowd at the sign-in page: a short page that sends itself again, nothing typed twice, no error."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
import time_machine

from examapp.accounts.hashing import Desk
from examapp.accounts.tickets import BLOCK, GOOD_FOR_S, LONGEST_S, Sealer, Ticket, TicketError, Used
from examapp.core import clock
from tests.accounts.builders import failures, person, sessions, slip
from tests.bench.browser import Browser
from tests.bench.stage import Instance, serving
from tests.conftest import PASSWORD

CROWD = 60


@pytest.fixture
def crowd(app, tmp_path, monkeypatch):
    """While it stands nobody finds a place; ``crowd()`` lets it go."""
    free = app.extensions["hashing"]
    monkeypatch.setitem(app.extensions, "hashing", Desk(tmp_path / "lock", line=0))
    return lambda: monkeypatch.setitem(app.extensions, "hashing", free)


def wait_in_line(reader, account, next_url="?next=/account/"):
    browser = reader()
    browser.open(f"/account/sign-in{next_url}")
    browser.submit(login=account.login, password=PASSWORD, status=202)
    return browser


def ticket_of(page):
    return page.form().find(".//input[@name='ticket']").get("value")


def test_the_crowded_are_asked_to_wait_and_type_nothing_again(build, reader, crowd, count_statements):
    account = person(build)
    browser = reader()
    browser.open("/account/sign-in?next=/account/")
    with count_statements() as statements:
        page = browser.submit(login=account.login, password=PASSWORD, status=202)
    assert statements == []
    assert page.heading == "Đang xếp hàng đăng nhập"
    again = page.form().get("data-again")
    assert page.response.headers["Retry-After"] == again == "1"
    assert len(page.html) < 3_000
    browser.submit(status=202)  # still no place: it goes on waiting
    crowd()
    assert browser.submit().url.endswith("/account/")
    assert len(sessions(build)) == 1


def test_waiting_counts_as_no_try(build, reader, crowd):
    browser = wait_in_line(reader, person(build))
    for _ in range(12):
        browser.submit(status=202)
    assert failures(build) == []


def test_a_wrong_password_is_told_after_the_wait_and_counted_once(build, reader, crowd):
    account = person(build)
    browser = reader()
    browser.open("/account/sign-in")
    browser.submit(login=account.login, password="sai mat khau 1", status=202)
    crowd()
    page = browser.submit(status=422)
    assert "mật khẩu không đúng" in page.text
    assert page.form().find(".//input[@name='login']").get("value") == account.login
    assert [row.login for row in failures(build)] == [account.login]


def test_a_form_that_lacks_something_never_waits(build, reader, crowd):
    browser = reader()
    browser.open("/account/sign-in")
    browser.submit(login="", password="", status=422)


def test_the_ticket_shows_nothing_of_what_was_typed(build, reader, crowd):
    account = person(build)
    browser = wait_in_line(reader, account)
    assert PASSWORD not in browser.page.html
    assert account.login not in browser.page.html
    first = ticket_of(browser.page)
    browser.submit(status=202)
    assert ticket_of(browser.page) != first


@pytest.mark.parametrize("how", ["other browser", "tampered", "too old", "no ticket at all"])
def test_a_ticket_that_is_no_good_is_refused_politely(build, reader, crowd, how):
    browser = wait_in_line(reader, person(build))
    ticket, later = ticket_of(browser.page), timedelta(0)
    crowd()
    if how == "other browser":
        browser = reader()
        browser.open("/account/sign-in")
    elif how == "tampered":
        ticket = ticket[:40] + ("A" if ticket[40] != "A" else "B") + ticket[41:]
    elif how == "too old":
        later = timedelta(seconds=GOOD_FOR_S + 1)
    else:
        ticket = "x"
    with time_machine.travel(clock.now() + later):
        page = browser.post("/account/sign-in", ticket=ticket, status=422)
    assert "Lượt chờ này không còn dùng được nữa." in page.text
    assert page.form().find(".//input[@name='login']") is not None
    assert sessions(build) == []
    assert failures(build) == []


def test_the_first_password_and_a_new_one_wait_in_the_same_way(build, reader, app, monkeypatch, tmp_path):
    account = person(build, password_hash=None)
    slip(build, account)
    browser = reader()
    browser.open(f"/account/first?login={account.login}")
    browser.submit(code="K7MPQ-3XW9T")
    free, full = app.extensions["hashing"], Desk(tmp_path / "lock", line=0)
    new = "một câu dài để nhớ"
    monkeypatch.setitem(app.extensions, "hashing", full)
    browser.submit(new=new, again=new, status=202)
    monkeypatch.setitem(app.extensions, "hashing", free)
    assert browser.submit().url.endswith("/")
    browser.open("/account/password")
    monkeypatch.setitem(app.extensions, "hashing", full)
    browser.submit(present=new, new=new + " nữa", again=new + " nữa", status=202)
    monkeypatch.setitem(app.extensions, "hashing", free)
    assert "Đã đổi mật khẩu" in browser.submit().text
    for address in ("/account/password", "/account/first/password"):
        page = browser.post(address, ticket="x", status=200)
        assert "Lượt chờ này không còn dùng được nữa." in page.text


SEALER = Sealer("the key of an installation")
GIVEN = {"place": "/account/sign-in", "device": "d1"}


def test_a_ticket_holds_what_was_said_and_when():
    ticket = Ticket({"login": "cb0001", "password": "ầ" * 60}, 1_000.0)
    sealed = SEALER.seal(ticket, now=1_060.0, **GIVEN)
    assert SEALER.read(sealed, now=1_060.0 + GOOD_FOR_S, **GIVEN) == ticket
    lengths = {len(SEALER.seal(Ticket({"password": "x" * n}, 0.0), now=0.0, **GIVEN)) for n in range(10, 100)}
    assert len(lengths) == 1, BLOCK


@pytest.mark.parametrize(
    ("sealer", "now", "given"),
    [
        (Sealer("another installation"), 0.0, GIVEN),
        (SEALER, 0.0, {**GIVEN, "device": "d2"}),
        (SEALER, 0.0, {**GIVEN, "place": "/account/password"}),
        (SEALER, GOOD_FOR_S + 0.1, GIVEN),
        (SEALER, -1.0, GIVEN),
    ],
)
def test_a_ticket_is_for_one_installation_browser_page_and_short_time(sealer, now, given):
    sealed = SEALER.seal(Ticket({}, 0.0), now=0.0, **GIVEN)
    with pytest.raises(TicketError):
        sealer.read(sealed, now=now, **given)


def test_nobody_waits_for_ever():
    sealed = SEALER.seal(Ticket({}, 0.0), now=LONGEST_S, **GIVEN)
    with pytest.raises(TicketError):
        SEALER.read(sealed, now=LONGEST_S + 1.0, **GIVEN)


@pytest.mark.parametrize("text", ["", "x", "AAAA", "ầ", "A" * 5_000, "A" * 400])
def test_what_is_no_ticket_is_refused(text):
    with pytest.raises(TicketError):
        SEALER.read(text, now=0.0, **GIVEN)


def test_a_ticket_gives_its_place_once(build, reader, crowd, app, monkeypatch):
    """Sent again, it is taken without an error and waits as if it came now; the answer's new ticket keeps the place."""
    browser = wait_in_line(reader, person(build))
    ticket, came = ticket_of(browser.page), clock.now().timestamp()
    places = []
    desk = app.extensions["hashing"]
    refuse = desk.refuse_when_full
    monkeypatch.setattr(desk, "refuse_when_full", lambda since: places.append(since) or refuse(since))
    with time_machine.travel(clock.now() + timedelta(seconds=60)):
        follow = ticket_of(browser.post("/account/sign-in", ticket=ticket, status=202))
        for again in (ticket, ticket + "\n", ticket):
            browser.post("/account/sign-in", ticket=again.strip(), status=202)
        browser.post("/account/sign-in", ticket=follow, status=202)
    assert [round(since - came, -1) for since in places] == [0, 60, 60, 60, 0]


def test_a_double_click_signs_in_all_the_same(build, reader, crowd):
    browser = wait_in_line(reader, person(build))
    ticket = ticket_of(browser.page)
    crowd()
    for _ in range(2):
        assert browser.post("/account/sign-in?next=/account/", ticket=ticket).response.status_code == 200
    assert failures(build) == []


def test_used_tickets_are_known_however_written_and_for_as_long_as_they_are_good():
    sealed = SEALER.seal(Ticket({}, 0.0), now=0.0, **GIVEN)
    used, first = Used(most=3), SEALER.read(sealed, now=0.0, **GIVEN)
    assert used.is_first(first, now=0.0)
    body = sealed.rstrip("=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = body[:-1] + letters[letters.index(body[-1]) ^ 1] + sealed[len(body) :]
    assert not used.is_first(SEALER.read(other, now=0.0, **GIVEN), now=GOOD_FOR_S)
    for number in range(5):
        assert used.is_first(Ticket({}, 0.0, bytes([number])), now=1.0 + number)
    assert len(used) == 3
    assert used.is_first(Ticket({}, 0.0, b"later"), now=500.0)
    assert len(used) == 1


def test_sixty_at_once_all_get_in_and_nobody_sees_an_error(app, build, tmp_path):
    """Against real web processes: some wait, each is signed in once, the place of first come is kept."""
    accounts = [person(build, f"Người Thứ {number}") for number in range(CROWD)]
    instance = Instance(tmp_path, app.config["SETTINGS"].database_url)
    with serving(instance) as server, ThreadPoolExecutor(CROWD) as pool:
        came = [pool.submit(_come_in, server.port, account.login) for account in accounts]
        statuses = [one.result(120) for one in came]
    assert all(one[-1] == 303 for one in statuses)
    assert {status for one in statuses for status in one} <= {202, 303}
    assert sorted(row.account_id for row in sessions(build)) == sorted(account.id for account in accounts)


def _come_in(port, login):
    """As the page does; the statuses of its requests."""
    address, statuses = "/account/sign-in?next=/account/", []
    with closing(Browser(port)) as browser:
        page = browser.follow(browser.request("GET", address))
        fields = {"login": login, "password": PASSWORD}
        for _ in range(60):
            answer = browser.send_form(page, address, **fields)
            statuses.append(answer.status)
            if answer.status != 202:
                break
            page, fields = answer, {"ticket": answer.field("ticket")}
            time.sleep(1)
    return statuses
