"""Waiting after wrong tries: never because of a shared address, nor of a shared computer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from examapp.accounts import passwords, throttle
from examapp.accounts.models import Secret, SignInFailure
from examapp.core import clock
from tests.accounts.builders import failures, password_hash, person, rows, sessions, slip
from tests.conftest import PASSWORD

NINE = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Nine o'clock in Vietnam."""


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    """These tests try hundreds of passwords; what one costs is asked elsewhere. What is kept of them is dropped."""
    for kept in (passwords._hash_of_nobody, password_hash):
        kept.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", passwords.Hasher(memory_kib=8, rounds=1))
    yield
    for kept in (passwords._hash_of_nobody, password_hash):
        kept.cache_clear()


def cheap(build, **columns):
    return person(build, password_hash=passwords.make_hash(PASSWORD), **columns)


def attempt(browser, login, password, status):
    """One try at the sign-in page that is open."""
    browser.submit(login=login, password=password, status=status, follow=False)


def opened(reader):
    browser = reader()
    browser.open("/account/sign-in")
    return browser


def test_a_hall_of_sixty_people_behind_one_address_is_never_locked_out(build, reader):
    """Each on an own device, with five typos."""
    people = [cheap(build) for _ in range(60)]
    browsers = [opened(reader) for _ in people]
    for number in range(5):
        for browser, account in zip(browsers, people, strict=True):
            attempt(browser, account.login, f"gõ nhầm {number}", 422)
    for browser, account in zip(browsers, people, strict=True):
        attempt(browser, account.login, PASSWORD, 303)
    assert len({row.device for row in sessions(build)}) == 60


def test_sixty_people_one_after_another_on_one_computer_are_never_locked_out(build, reader):
    people = [cheap(build) for _ in range(60)]
    browser = opened(reader)
    for account in people:
        for number in range(4):
            attempt(browser, account.login, f"gõ nhầm {number}", 422)
        attempt(browser, account.login, PASSWORD, 303)
        browser.post("/account/sign-out")
    assert len({row.device for row in sessions(build)}) == 1
    assert failures(build) == []


def test_after_ten_wrong_tries_the_account_waits_on_that_device_only(build, reader):
    account, neighbour = cheap(build), cheap(build)
    with time_machine.travel(NINE, tick=False) as now:
        browser = opened(reader)
        for _ in range(10):
            attempt(browser, account.login, "sai mat khau", 422)
        attempt(browser, account.login, PASSWORD, 429)
        text = browser.page.text
        assert "Đã nhập sai nhiều lần. Có thể thử lại sau 1 phút nữa (lúc 09:01)." in text
        assert "đầu mối của đơn vị in phiếu đăng nhập mới" in text
        assert "chưa khai báo" in text  # the support phone of the settings
        attempt(opened(reader), account.login, PASSWORD, 303)
        attempt(browser, neighbour.login, PASSWORD, 303)
        browser.post("/account/sign-out")
        now.shift(31)
        attempt(browser, account.login, PASSWORD, 303)


def test_the_wait_grows_and_tries_during_it_are_not_counted(build, reader):
    account = cheap(build)
    with time_machine.travel(NINE, tick=False) as now:
        browser = opened(reader)
        for _ in range(10):
            attempt(browser, account.login, "sai mat khau", 422)
        for wait in (30, 60, 120):
            for _ in range(3):
                attempt(browser, account.login, "sai mat khau", 429)
            now.shift(wait - 1)
            attempt(browser, account.login, "sai mat khau", 429)
            now.shift(2)
            attempt(browser, account.login, "sai mat khau", 422)
        assert len(failures(build)) == 13


def test_the_delay_doubles_up_to_a_quarter_of_an_hour():
    delays = [throttle.delay_after(n).total_seconds() for n in (0, 1, 2, 3, 4, 5, 6, 50)]
    assert delays == [30, 60, 120, 240, 480, 900, 900, 900]


def test_a_right_password_wipes_the_slate(build, reader):
    account = cheap(build)
    browser = opened(reader)
    for _ in range(9):
        attempt(browser, account.login, "sai mat khau", 422)
    attempt(browser, account.login, PASSWORD, 303)
    assert failures(build) == []


def test_an_account_attacked_from_everywhere_waits_except_on_its_own_device(build, reader):
    account = cheap(build)
    with time_machine.travel(NINE, tick=False) as now:
        own = opened(reader)
        attempt(own, account.login, PASSWORD, 303)
        own.post("/account/sign-out")
        moment = clock.now()
        build.save(*[SignInFailure(login=account.login, device=f"may-{n}", at=moment) for n in range(99)])
        attempt(opened(reader), account.login, "sai mat khau", 422)
        stranger = opened(reader)
        attempt(stranger, account.login, PASSWORD, 429)
        assert "sau 60 phút nữa" in stranger.page.text
        attempt(own, account.login, PASSWORD, 303)
        now.shift(timedelta(minutes=60, seconds=1).total_seconds())
        attempt(stranger, account.login, PASSWORD, 303)


def test_whose_password_has_to_wait_comes_in_with_a_slip(build, reader):
    account = cheap(build)
    moment = clock.now()
    tried = [(f"may-{n}", kind) for n in range(150) for kind in Secret]
    build.save(*[SignInFailure(login=account.login, device=name, at=moment, kind=kind) for name, kind in tried])
    stranger = opened(reader)
    attempt(stranger, account.login, PASSWORD, 429)
    slip(build, account)
    stranger.open(f"/account/first?login={account.login}")
    stranger.submit(code="K7MPQ-3XW9T")
    stranger.submit(new="một câu dài để nhớ", again="một câu dài để nhớ", status=303, follow=False)
    assert len(sessions(build)) == 1


def test_wrong_codes_do_not_make_a_password_wait(build, reader):
    account = cheap(build)
    moment = clock.now()
    tried = [SignInFailure(login=account.login, device=f"may-{n}", at=moment, kind=Secret.CODE) for n in range(150)]
    build.save(*tried)
    attempt(opened(reader), account.login, PASSWORD, 303)
    assert len(sessions(build)) == 1


def test_unknown_accounts_wait_like_known_ones(build, reader):
    browser = opened(reader)
    for _ in range(10):
        attempt(browser, "khong-co-ai", "sai mat khau", 422)
    attempt(browser, "khong-co-ai", "sai mat khau", 429)
    assert "phút nữa" in browser.page.text


def test_a_device_cookie_cannot_be_made_by_hand(build, reader):
    """A browser that invents one is given another; one that keeps its own goes on being itself."""
    account = cheap(build)
    browser = opened(reader)
    browser.client.set_cookie("device", "may-cua-nguoi-khac", path="/account")
    attempt(browser, account.login, "sai mat khau", 422)
    attempt(browser, account.login, "sai mat khau", 422)
    first, second = failures(build)
    assert first.device == second.device
    assert first.device != "may-cua-nguoi-khac"
    cookie = browser.client.get_cookie("device", path="/account")
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.max_age == 2 * 365 * 86400


def test_failures_are_kept_although_the_request_failed_and_forgotten_after_a_day(build, reader, app):
    account = cheap(build)
    attempt(opened(reader), account.login, "sai mat khau", 422)
    [row] = failures(build)
    assert (row.login, row.kind) == (account.login, Secret.PASSWORD)
    build.save(SignInFailure(login="cu", device="cu", at=clock.now() - timedelta(hours=25)))
    with app.app_context():
        from examapp.core.db import unit_of_work

        with unit_of_work():
            throttle.forget_old_failures()
    assert [row.login for row in rows(build, SignInFailure)] == [account.login]


def test_a_password_is_compared_while_no_transaction_is_open(build, reader, app, monkeypatch):
    """Otherwise everybody's saving would wait 20 ms for every sign-in on SQLite."""
    from examapp.core.db import db

    account = cheap(build)
    seen = []
    compare = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda *args: seen.append(db.session.in_transaction()) or compare(*args))
    browser = opened(reader)
    attempt(browser, account.login, PASSWORD, 303)
    browser.open("/account/password")
    browser.submit(present="sai mat khau", new="một câu dài để nhớ", again="một câu dài để nhớ", status=422)
    assert seen == [False, False]
