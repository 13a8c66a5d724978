"""Safe Exam Browser: asked of PCs by rounds that name keys, proved by every request, never asked of phones."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from examapp.core.db import db
from examapp.sittings.models import Sitting
from examapp.sittings.seb import CONFIG_HEADER, EXAM_HEADER, proves
from tests.reader import form_fields
from tests.sittings.builders import hall

CONFIG, OTHER, EXAM = "a" * 64, "b" * 64, "c" * 64
PC = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 SEB/3.9"
PHONE = "Mozilla/5.0 (Linux; Android 11; SM-A125F) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
KEYS = st.text("0123456789abcdef", min_size=64, max_size=64)


def shown(url: str, key: str) -> str:
    return hashlib.sha256((url + key).encode()).hexdigest()


@pytest.fixture
def place(build):
    return hall(build, seb_config_keys=f"{OTHER}\n{CONFIG}", seb_exam_keys=EXAM)


def start(reader, account, candidate, *, agent=PC, config="", exam=""):
    """Press Start as this browser would; the answer."""
    browser = reader(account)
    path = f"/sittings/enter/{candidate.id}"
    token = dict(form_fields(browser.open(path).form("Bắt đầu làm bài")))["csrf_token"]
    url = f"http://localhost{path}"
    headers = {"User-Agent": agent}
    headers |= {CONFIG_HEADER: shown(url, config)} if config else {}
    headers |= {EXAM_HEADER: shown(url, exam)} if exam else {}
    return browser.client.post(path, data={"csrf_token": token}, headers=headers)


def begun(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Sitting.id))) or 0


@pytest.mark.parametrize(
    ("config", "exam", "said"),
    [
        ("", "", "phải làm bằng Safe Exam Browser"),
        ("d" * 64, EXAM, "tệp cấu hình khác"),
        ("", EXAM, "tệp cấu hình khác"),
        (CONFIG, "d" * 64, "không phải phiên bản kỳ thi cho phép"),
        (CONFIG, "", "không phải phiên bản kỳ thi cho phép"),
    ],
)
def test_a_pc_that_does_not_show_the_keys_is_turned_away_with_words(app, place, reader, config, exam, said):
    answer = start(reader, *place.candidate(), config=config, exam=exam)
    assert answer.status_code == 409
    assert said in answer.text
    assert begun(app) == 0


@pytest.mark.parametrize("config", [CONFIG, OTHER])
def test_any_of_the_keys_lets_a_pc_in(app, place, reader, config):
    assert start(reader, *place.candidate(), config=config, exam=EXAM).status_code == 303
    assert begun(app) == 1


def test_a_phone_is_never_asked(app, place, reader):
    assert start(reader, *place.candidate(), agent=PHONE).status_code == 303
    assert begun(app) == 1


def test_a_round_without_keys_asks_nobody(app, build, reader):
    account, candidate = hall(build).candidate()
    assert start(reader, account, candidate).status_code == 303


def test_the_exam_page_and_the_move_to_another_device_ask_too(place, reader):
    account, candidate = place.candidate()
    sitting = place.sitting(candidate)
    browser = reader(account)
    client = browser.client
    client.set_cookie("sitting_device", "0" * 26, path="/sittings")
    assert client.get(f"/sittings/{sitting.ref}", headers={"User-Agent": PC}).status_code == 409
    assert "Safe Exam Browser" in browser.post(f"/sittings/{sitting.ref}/take-over", status=409).text
    url = f"http://localhost/sittings/{sitting.ref}"
    headers = {"User-Agent": PC, CONFIG_HEADER: shown(url, CONFIG), EXAM_HEADER: shown(url, EXAM)}
    assert client.get(f"/sittings/{sitting.ref}", headers=headers).status_code == 200


def test_the_waiting_room_says_what_is_needed(place, reader):
    account, candidate = place.candidate()
    assert "chỉ mở được bằng Safe Exam Browser" in reader(account).open(f"/sittings/enter/{candidate.id}").text


@given(st.lists(KEYS, min_size=1, max_size=4), KEYS, st.booleans())
def test_only_a_key_of_the_list_proves_anything(keys, key, member):
    key = keys[-1] if member else key
    url = "https://thi.example/sittings/enter/1"
    assert proves(url, "\n".join(keys), shown(url, key).upper()) == (key in keys)
    assert not proves(url + "x", "\n".join(keys), shown(url, key))
