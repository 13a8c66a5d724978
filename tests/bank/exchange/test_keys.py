"""The key of an installation, and whose keys it trusts."""

from __future__ import annotations

import stat
import threading
from dataclasses import replace

import pytest

from examapp.accounts.models import Role
from examapp.bank.exchange import keys, signing
from examapp.core.errors import Conflict
from tests.reader import Reader


@pytest.fixture
def key_file(app, tmp_path, context):
    """A setting of its own: where the key lies."""
    before = app.config["SETTINGS"]
    path = tmp_path / "khoa" / "exchange.pem"
    app.config["SETTINGS"] = replace(before, exchange_key_file=str(path))
    yield path
    app.config["SETTINGS"] = before


def test_the_key_is_made_once_for_this_user_alone(key_file):
    assert keys.own_public() is None
    first = signing.public_bytes(keys.own_key())
    assert signing.public_bytes(keys.own_key()) == first == keys.own_public()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == ["exchange.pem"]


def test_two_who_make_it_in_one_moment_have_the_same(app, key_file):
    found, gate = [], threading.Barrier(8)

    def make():
        with app.app_context():
            gate.wait()
            found.append(signing.public_bytes(keys.own_key()))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1


@pytest.mark.parametrize("written", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_cannot_be_read_is_not_made_anew(key_file, written):
    key_file.parent.mkdir()
    key_file.write_bytes(written)
    with pytest.raises(Conflict, match="Không đọc được khóa"):
        keys.own_key()
    assert key_file.read_bytes() == written


def test_the_page_shows_the_key_after_a_post(province):
    reader = province.open()
    page = reader.open("/bank/exchange")
    assert not page.all("code")
    page = reader.submit("Tạo khóa")
    assert page.texts("code")[0].startswith("thuocdo-ed25519 ")
    assert reader.open("/bank/exchange").texts("code") == page.texts("code")


def test_a_partner_is_added_by_key_or_fingerprint_and_trusted_as_far_as_said(province, commune):
    commune.trust(province)
    reader = commune.open()
    page = reader.open("/bank/exchange")
    assert "Thẩm định lại ở đây" in page.text
    assert "không tự công nhận" in reader.submit("Công nhận thẩm định", status=403).text
    second = Reader(commune.app, commune.second)
    second.open("/bank/exchange")
    assert "Được công nhận" in second.submit("Công nhận thẩm định").text
    reader.open("/bank/exchange")
    assert "Không còn tin cậy" in reader.submit("Thôi tin cậy").text
    fingerprint = province.open().open("/bank/exchange").text.partition("Mã khóa: ")[2][:79]
    page = reader.submit("Thêm", name="Sở, lần nữa", key=fingerprint)
    assert "Thẩm định lại ở đây" in page.text
    assert "Không còn tin cậy" not in page.text


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("", "thuocdo-ed25519 " + "A" * 43 + "=", "Tên nơi trao đổi"),
        ("Khác", "không phải khóa", "Không nhận ra khóa"),
        ("Khác", "own", "khóa của chính hệ thống này"),
        ("Khác", "known", "đã có dưới tên"),
        ("Sở Nội vụ (mẫu)", "thuocdo-ed25519 " + "A" * 43 + "=", "Đã có nơi trao đổi tên này"),
    ],
)
def test_what_is_no_partner_is_refused(province, commune, name, key, said):
    commune.trust(province)
    reader = commune.open()
    reader.open("/bank/exchange")
    own = reader.submit("Tạo khóa").texts("code")[0]
    known = province.open().open("/bank/exchange").texts("code")[0]
    page = reader.submit("Thêm", name=name, key={"own": own, "known": known}.get(key, key), status=422)
    assert said in page.text


def test_only_who_keeps_the_bank_comes_here(province):
    for role in set(Role) - {Role.BANK_MANAGER}:
        reader = Reader(province.app, province.build.account(None, role))
        reader.open("/bank/exchange", status=404)
        reader.open("/bank/exchange/pack", status=404)


def test_the_pages_are_there_in_english(province, commune):
    province.question()
    commune.trust(province)
    _reader, page = commune.upload(province.pack())
    english = Reader(commune.app, commune.keeper, language="en")
    assert english.open("/bank/exchange").heading == "Exchange"
    assert "Package from Sở Nội vụ" in english.open(page.url).heading
    assert "Take the 1 chosen questions" in english.page.text
    assert english.open("/bank/exchange/pack").heading
