"""Signing in: who gets in, what is said to who does not, what the session carries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from examapp.accounts import passwords
from examapp.accounts.models import Account, UserSession
from examapp.accounts.sessions import normal_phone
from examapp.core import clock
from tests.accounts.builders import failures, person, sessions, slip
from tests.conftest import PASSWORD


def sign_in(reader, login, password=PASSWORD, *, status=200, next_url="?next=/account/"):
    browser = reader()
    browser.open(f"/account/sign-in{next_url}")
    browser.submit(login=login, password=password, status=status)
    return browser


def test_staff_code_and_phone_number_both_work(build, reader):
    account = person(build, phone="0912345678")
    for login in (account.login, account.login.upper(), f" {account.login} ", "0912 345 678", "+84912345678"):
        browser = sign_in(reader, login)
        assert browser.open("/account/").texts("dd")[1] == account.login
    assert len(sessions(build)) == 5


def test_the_answer_to_a_wrong_try_is_the_same_for_every_cause(build, reader):
    person(build, login="dung")
    person(build, login="chan", is_blocked=True)
    person(build, login="moi", password_hash=None)
    texts = set()
    for login, password in (("dung", "sai mat khau 1"), ("chan", PASSWORD), ("moi", PASSWORD), ("khongco", PASSWORD)):
        page = sign_in(reader, login, password, status=422).page
        texts.add(page.text)
    assert len(texts) == 1
    assert "Mã cán bộ, số điện thoại hoặc mật khẩu không đúng." in texts.pop()
    assert [row.login for row in failures(build)] == ["dung", "chan", "moi", "khongco"]


def test_every_try_costs_one_hash_with_the_chosen_parameters(build, reader, monkeypatch):
    """Also for an account that does not exist, so that the time tells nothing."""
    person(build, login="dung")
    assert passwords.Hasher(memory_kib=9216, rounds=4) == passwords.HASHER
    passwords._hash_of_nobody()
    counted = []
    verify, make = passwords.Hasher.verify, passwords.Hasher.hash
    monkeypatch.setattr(
        passwords.Hasher,
        "verify",
        lambda self, stored, typed: counted.append(passwords.parameters(stored)) or verify(self, stored, typed),
    )
    monkeypatch.setattr(passwords.Hasher, "hash", lambda self, typed: counted.append("hash") or make(self, typed))
    tries = (("dung", PASSWORD, 200), ("dung", "sai mat khau 1", 422), ("khongco", "x" * 10, 422))
    for login, password, status in tries:
        counted.clear()
        sign_in(reader, login, password, status=status)
        assert counted == [(9216, 4)], login


def test_a_weaker_hash_is_replaced_at_sign_in_and_a_stronger_one_kept(build, reader):
    weak = passwords.Hasher(memory_kib=8192, rounds=1).hash(PASSWORD)
    strong = passwords.Hasher(memory_kib=32768, rounds=5).hash(PASSWORD)
    one, two = person(build, password_hash=weak), person(build, password_hash=strong)
    for account in (one, two):
        sign_in(reader, account.login)
    assert build.get(Account, one.id).password_hash.startswith("$argon2id$v=19$m=9216,t=4,p=1$")
    assert build.get(Account, two.id).password_hash == strong
    sign_in(reader, one.login)


def test_signing_in_leads_to_the_page_that_was_asked_for_but_never_to_another_host(build, reader):
    account = person(build)
    browser = reader()
    page = browser.open("/account/password")
    assert "next=/account/password" in page.url
    assert browser.submit(login=account.login, password=PASSWORD).url.endswith("/account/password")
    for elsewhere in ("https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"):
        browser = reader()
        browser.open(f"/account/sign-in?next={elsewhere}")
        page = browser.submit(login=account.login, password=PASSWORD, status=303, follow=False)
        assert page.response.location == "/"


def test_nothing_of_the_time_before_sign_in_is_carried_over(build, reader):
    account = person(build)
    browser = reader()
    browser.open("/account/sign-in")
    with browser.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        cookie["session_ref"] = "chosen by somebody else"
    browser.submit(login=account.login, password=PASSWORD, status=303, follow=False)
    with browser.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["session_ref"] == sessions(build)[0].ref
        assert cookie["_user_id"] == str(account.id)


def test_a_session_lasts_as_long_as_the_settings_say(build, reader, app):
    account = person(build)
    browser = sign_in(reader, account.login)
    row = sessions(build)[0]
    hours = app.config["SETTINGS"].session_hours
    assert row.expires_at - row.started_at == timedelta(hours=hours)
    assert build.get(Account, account.id).signed_in_at == row.started_at
    with app.app_context():
        from examapp.core.db import db, unit_of_work

        with unit_of_work():
            db.session.get_one(UserSession, row.id).expires_at = clock.now() - timedelta(seconds=1)
    assert browser.open("/account/").heading == "Đăng nhập"


def test_signing_out_ends_the_session_on_the_server(build, reader):
    account = person(build)
    browser = sign_in(reader, account.login)
    stolen = browser.client.get_cookie("thuocdo").value
    browser.open("/account/")
    page = browser.post("/account/sign-out")
    assert page.heading == "Đăng nhập"
    assert "Đã đăng xuất." in page.text
    assert sessions(build)[0].ended_at is not None
    thief = reader()
    thief.client.set_cookie("thuocdo", stolen)
    assert thief.open("/account/").heading == "Đăng nhập"


def test_signing_out_is_never_done_by_a_link(build, reader):
    browser = reader(person(build))
    browser.open("/account/sign-out", status=405)
    assert sessions(build)[0].ended_at is None


def test_own_sessions_can_be_ended_but_not_those_of_others(build, reader):
    account, other = person(build), person(build)
    sign_in(reader, account.login)
    here = sign_in(reader, account.login)
    page = here.open("/account/")
    assert page.texts("td").count("Kết thúc") == 1
    page = here.submit("Kết thúc")
    assert "Đã kết thúc phiên đó" in page.text
    assert [bool(row.ended_at) for row in sessions(build)] == [True, False]
    theirs = sign_in(reader, other.login)
    here.post(f"/account/sessions/{sessions(build)[2].ref}/end", status=404)
    assert theirs.open("/account/").heading == "Tài khoản của tôi"


def test_a_blocked_account_is_out_at_once(build, reader, app):
    account = person(build)
    browser = sign_in(reader, account.login)
    with app.app_context():
        from examapp.core.db import db, unit_of_work

        with unit_of_work():
            db.session.get_one(Account, account.id).is_blocked = True
    assert browser.open("/account/").heading == "Đăng nhập"


def test_changing_the_password_ends_the_other_sessions_and_open_slips(build, reader):
    account = person(build)
    slip(build, account)
    elsewhere, here = sign_in(reader, account.login), sign_in(reader, account.login)
    here.open("/account/password")
    page = here.submit(present=PASSWORD, new="một câu dài để nhớ", again="một câu dài để nhớ")
    assert "Đã đổi mật khẩu" in page.text
    assert page.heading == "Tài khoản của tôi"
    assert elsewhere.open("/account/").heading == "Đăng nhập"
    sign_in(reader, account.login, "một câu dài để nhớ")
    sign_in(reader, account.login, PASSWORD, status=422)
    stranger = reader()
    stranger.open("/account/first")
    stranger.submit(login=account.login, code="K7MPQ-3XW9T", status=422)


def test_a_password_typed_with_separate_marks_is_the_same_password(build, reader):
    import unicodedata

    account = person(build)
    browser = sign_in(reader, account.login)
    browser.open("/account/password")
    browser.submit(present=PASSWORD, new="Mật khẩu tiếng Việt", again="Mật khẩu tiếng Việt")
    sign_in(reader, account.login, unicodedata.normalize("NFD", "Mật khẩu tiếng Việt"))


@pytest.mark.parametrize(
    ("new", "again", "message"),
    [
        ("ngắn", "ngắn", "Mật khẩu cần ít nhất 10 ký tự"),
        ("một câu dài", "một câu khác", "Hai lần nhập mật khẩu chưa giống nhau."),
        ("matkhau123", "matkhau123", "quá phổ biến"),
        ("Mật khẩu 123", "Mật khẩu 123", "quá phổ biến"),
        ("1234567890", "1234567890", "quá phổ biến"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "quá phổ biến"),
        ("canbo-00017x", "canbo-00017x", "không được là mã cán bộ"),
        ("0912345678", "0912345678", "không được là mã cán bộ hoặc số điện thoại"),
        (PASSWORD, PASSWORD, "phải khác mật khẩu hiện tại"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_at_its_field(build, reader, new, again, message):
    account = person(build, login="canbo00017x", phone="0912345678")
    browser = sign_in(reader, account.login)
    browser.open("/account/password")
    page = browser.submit(present=PASSWORD, new=new, again=again, status=422)
    assert message in " ".join(page.texts("div[@class='field-error']"))
    assert build.get(Account, account.id).session_number == 1


def test_a_wrong_present_password_is_counted_like_a_wrong_sign_in(build, reader):
    account = person(build)
    browser = sign_in(reader, account.login)
    browser.open("/account/password")
    page = browser.submit(present="không phải thế", new="một câu dài để nhớ", again="một câu dài để nhớ", status=422)
    assert "Mật khẩu hiện tại không đúng." in page.text
    assert [row.login for row in failures(build)] == [account.login]


def test_the_own_page_says_the_roles_in_words(build, reader):
    from examapp.accounts.models import Role

    unit = build.unit("Xã Mẫu Hai")
    official = build.official("Trần Thị Mẫu")
    build.post(official, build.position(), unit)
    account = build.account(official, Role.FOCAL_PERSON, unit=unit)
    build.grant(account, Role.EXAMINER)
    page = reader(account).open("/account/")
    assert page.texts("dd")[3:] == [
        "Xã Mẫu Hai",
        "Người dự thi; Đầu mối đơn vị, Xã Mẫu Hai; Người ra câu hỏi, toàn hệ thống",
    ]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0912.345.678", "0912345678"),
        ("84912345678", "0912345678"),
        ("(0203) 3 888 999", "02033888999"),
        ("CB00001", None),
        ("", None),
        (None, None),
        ("12345", None),
    ],
)
def test_phone_numbers_have_one_form(typed, number):
    assert normal_phone(typed) == number
