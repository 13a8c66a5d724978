"""The first sign-in: a slip works once, for a while, for its person; then an own password."""

from __future__ import annotations

import string
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from examapp.accounts import codes
from examapp.accounts.models import Account, Secret, SignInCode
from examapp.audit.models import AuditEvent
from examapp.core import clock
from tests.accounts.builders import failures, person, rows, sessions, slip
from tests.conftest import PASSWORD

CODE = "K7MPQ-3XW9T"
OWN = "một câu dài để nhớ"


def newcomer(build, **columns):
    account = person(build, "Lê Thị Mẫu", password_hash=None, **columns)
    slip(build, account)
    return account


def at_second_step(build, reader, account, code=CODE):
    browser = reader()
    browser.open(f"/account/first?login={account.login}")
    browser.submit(code=code)
    assert browser.page.heading == "Đặt mật khẩu"
    return browser


def test_from_the_slip_to_the_own_password(build, reader):
    account = newcomer(build)
    browser = at_second_step(build, reader, account)
    assert "Lê Thị Mẫu" in browser.page.text
    page = browser.submit(new=OWN, again=OWN, status=303, follow=False)
    assert page.response.location == "/"
    page = browser.open("/account/")
    assert page.heading == "Tài khoản của tôi"
    assert "Đã đặt mật khẩu." in page.text
    [code] = rows(build, SignInCode)
    assert code.used_at is not None
    again = reader()
    again.open("/account/sign-in?next=/account/")
    assert again.submit(login=account.login, password=OWN).heading == "Tài khoản của tôi"
    assert [event.action for event in rows(build, AuditEvent)] == ["account.slip_used"]


@pytest.mark.parametrize("typed", ["k7mpq3xw9t", "K7MPQ 3XW9T", " k7mpq - 3xw9t ", "K7MPQ–3XW9T"])
def test_the_code_is_read_however_it_is_typed(build, reader, typed):
    browser = at_second_step(build, reader, newcomer(build), typed)
    assert browser.submit(new=OWN, again=OWN, status=303, follow=False)
    assert len(sessions(build)) == 1


def test_a_slip_works_once(build, reader):
    account = newcomer(build)
    first, second = at_second_step(build, reader, account), at_second_step(build, reader, account)
    first.submit(new=OWN, again=OWN, status=303, follow=False)
    page = second.submit(new="một câu khác dài", again="một câu khác dài")
    assert page.heading == "Đăng nhập bằng phiếu"
    assert "Mã đăng nhập lần đầu này không còn dùng được." in page.text
    second.submit(login=account.login, code=CODE, status=422)
    assert len(sessions(build)) == 1


def test_every_cause_has_the_same_answer(build, reader):
    moment = clock.now()
    wrong = newcomer(build)
    late = person(build, password_hash=None)
    slip(build, late, issued_at=moment - timedelta(days=15), expires_at=moment - timedelta(days=1))
    revoked = person(build, password_hash=None)
    slip(build, revoked, revoked_at=moment)
    blocked = newcomer(build, is_blocked=True)
    none = person(build)
    tries = {
        wrong.login: "K7MPQ-3XW9U",
        late.login: CODE,
        revoked.login: CODE,
        blocked.login: CODE,
        none.login: CODE,
        "khongco": CODE,
    }
    texts = set()
    for login, code in tries.items():
        browser = reader()
        browser.open("/account/first")
        texts.add(browser.submit(login=login, code=code, status=422).text)
    assert len(texts) == 1
    assert "Mã cán bộ hoặc mã đăng nhập lần đầu không đúng, hoặc mã đã dùng, đã hết hạn." in texts.pop()
    assert {row.kind for row in failures(build)} == {Secret.CODE}


def test_the_code_of_one_person_does_not_open_the_account_of_another(build, reader):
    newcomer(build)
    other = person(build, password_hash=None)
    slip(build, other, "22222-33333")
    browser = reader()
    browser.open("/account/first")
    browser.submit(login=other.login, code=CODE, status=422)


def test_five_wrong_codes_on_a_device_wait(build, reader):
    account = newcomer(build)
    browser = reader()
    browser.open(f"/account/first?login={account.login}")
    for number in range(5):
        browser.submit(code=f"22222-2222{number + 2}", status=422)
    page = browser.submit(code=CODE, status=429)
    assert "Có thể thử lại sau 1 phút nữa" in page.text
    at_second_step(build, reader, account)


def test_people_with_typos_one_after_another_on_one_computer_all_get_in(build, reader):
    browser = reader()
    for _ in range(4):
        account = newcomer(build)
        browser.open(f"/account/first?login={account.login}")
        for number in range(4):
            browser.submit(code=f"22222-2222{number + 2}", status=422)
        browser.submit(code=CODE)
        browser.submit(new=OWN, again=OWN, status=303, follow=False)
        browser.open("/account/")
        browser.post("/account/sign-out")


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (CODE, "không được là mã in trên phiếu"),
        ("k7mpq3xw9t", "không được là mã in trên phiếu"),
        ("canbo-mau-0001", "không được là mã cán bộ"),
        ("ngắn", "ít nhất 10 ký tự"),
    ],
)
def test_the_own_password_is_not_what_is_printed(build, reader, new, message):
    account = newcomer(build, login="canbomau0001")
    browser = at_second_step(build, reader, account)
    page = browser.submit(new=new, again=new, status=422)
    assert message in page.text
    assert build.get(Account, account.id).password_hash is None
    browser.submit(new=OWN, again=OWN, status=303, follow=False)


def test_the_second_step_cannot_be_opened_without_the_first(build, reader):
    newcomer(build)
    page = reader().open("/account/first/password")
    assert page.heading == "Đăng nhập bằng phiếu"


def test_using_a_new_slip_ends_the_sessions_of_the_forgotten_password(build, reader):
    account = person(build)
    forgotten = reader(account)
    slip(build, account)
    assert forgotten.open("/account/").heading == "Tài khoản của tôi"
    browser = at_second_step(build, reader, account)
    browser.submit(new=OWN, again=OWN, status=303, follow=False)
    assert forgotten.open("/account/").heading == "Đăng nhập"
    old = reader()
    old.open("/account/sign-in")
    old.submit(login=account.login, password=PASSWORD, status=422)


def test_a_code_has_no_characters_that_look_alike_and_is_kept_as_a_hash_only(build):
    drawn = {codes.new_code() for _ in range(200)}
    assert len(drawn) == 200
    assert not {char for code in drawn for char in code} & set("01OIL" + string.ascii_lowercase)
    assert all(len(codes.bare(code)) == 10 and code[5] == "-" for code in drawn)
    account = newcomer(build)
    [row] = rows(build, SignInCode)
    assert row.code_hash == codes.hash_of(CODE, account.id)
    assert len(row.code_hash) == 64
    assert codes.hash_of(CODE, account.id) != codes.hash_of(CODE, account.id + 1)


def test_the_database_keeps_one_open_slip_a_person(build):
    account = newcomer(build)
    with pytest.raises(IntegrityError):
        slip(build, account, "22222-33333")
    slip(build, account, "22222-44444", used_at=clock.now())


def test_the_database_refuses_a_slip_that_ends_before_it_begins_or_ended_twice(build):
    account = person(build)
    moment = clock.now()
    with pytest.raises(IntegrityError):
        slip(build, account, issued_at=moment, expires_at=moment)
    with pytest.raises(IntegrityError):
        slip(build, account, used_at=moment, revoked_at=moment)
