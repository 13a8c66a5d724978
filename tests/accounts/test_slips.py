"""Slips: who prints for whom, what stands on them, what is kept of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from examapp.accounts import codes
from examapp.accounts.models import Account, Role, SignInCode
from examapp.audit.models import AuditEvent
from examapp.organisation.models import UnitKind
from tests.accounts.builders import password_hash, rows, slip


@pytest.fixture
def place(build):
    """A commune with one department, a second commune, and a post to fill."""
    commune = build.unit("Xã Mẫu Một")
    office = build.unit("Văn phòng", parent=commune, kind=UnitKind.DEPARTMENT)
    other = build.unit("Xã Mẫu Hai")
    return {"commune": commune, "office": office, "other": other, "position": build.position()}


def worker(build, place, where, name, *roles, **columns):
    official = build.official(name)
    build.post(official, place["position"], place[where])
    return build.account(official, *roles, **columns)


@pytest.fixture
def focal(build, place):
    official = build.official("Đỗ Thị Đầu Mối")
    build.post(official, place["position"], place["office"])
    return build.account(official, Role.FOCAL_PERSON, unit=place["commune"])


@pytest.fixture
def admin(build):
    return build.account(None, Role.ADMINISTRATOR)


def codes_on(page):
    return page.texts("b[@class='printed-code']")


def test_a_focal_person_sees_the_own_unit_with_what_is_below_in_the_order_of_names(build, reader, place, focal):
    worker(build, place, "office", "Nguyễn Văn Bình")
    worker(build, place, "commune", "Trần Thị Ân")
    worker(build, place, "other", "Lê Văn Xa")
    page = reader(focal).open("/account/slips")
    names = [element.text for element in page.all("td[@class='lead-cell']/span")]
    assert names == ["Trần Thị Ân", "Nguyễn Văn Bình", "Đỗ Thị Đầu Mối"]
    options = page.texts("option")
    assert options == ["Đơn vị: tất cả", "Văn phòng (Xã Mẫu Một)", "Xã Mẫu Một"]


def test_printing_for_the_chosen(build, reader, place, focal, app):
    account = worker(build, place, "office", "Nguyễn Văn Bình")
    worker(build, place, "commune", "Trần Thị Ân")
    browser = reader(focal)
    browser.open("/account/slips")
    page = browser.submit("account", account=[str(account.id)], press="who=chosen")
    [code] = codes_on(page)
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", code)
    for said in ("Nguyễn Văn Bình", "Văn phòng", account.login, "http://localhost/account/first"):
        assert said in page.text
    assert len(page.all("ol/li")) == 3
    [row] = rows(build, SignInCode)
    assert row.code_hash == codes.hash_of(code, account.id)
    assert row.issued_by_id == focal.id
    assert row.expires_at - row.issued_at == timedelta(days=app.config["SETTINGS"].sign_in_code_days)
    [event] = rows(build, AuditEvent)
    assert (event.action, event.target_id, event.actor_id) == ("account.slip_printed", str(account.id), focal.id)
    assert code not in event.details
    assert code not in browser.open("/account/slips").html


def test_the_square_is_a_picture_the_policy_allows_and_holds_no_code(build, reader, place, focal):
    account = worker(build, place, "office", "Nguyễn Văn Bình")
    browser = reader(focal)
    browser.open("/account/slips")
    page = browser.submit("account", account=[str(account.id)], press="who=chosen")
    [svg] = page.all("{http://www.w3.org/2000/svg}svg")
    assert not {"style", "onload", "href"} & set(svg.keys())
    from examapp.accounts.slip_routes import _address

    with browser.app.test_request_context(base_url="http://localhost"):
        assert _address(account.login) == f"http://localhost/account/first?login={account.login}"


def test_printing_for_everybody_who_waits(build, reader, place, focal):
    worker(build, place, "office", "Nguyễn Văn Bình")
    worker(build, place, "commune", "Trần Thị Ân")
    worker(build, place, "commune", "Vũ Văn Cũ", password_hash=password_hash())
    worker(build, place, "commune", "Hồ Văn Khóa", is_blocked=True)
    worker(build, place, "other", "Lê Văn Xa")
    browser = reader(focal)
    page = browser.open("/account/slips")
    assert "In cho cả 2 người chưa có mật khẩu" in page.text
    page = browser.submit("account", press="who=waiting")
    assert len(codes_on(page)) == 2
    assert "2 phiếu đăng nhập" in page.heading
    page = browser.open(f"/account/slips?unit={place['office'].id}")
    page = browser.submit("account", press="who=waiting")
    assert page.texts("b")[0] == "BẢN TRÌNH DIỄN – DỮ LIỆU MẪU"
    assert len(codes_on(page)) == 1


def test_a_new_slip_replaces_the_old_one(build, reader, place, focal):
    account = worker(build, place, "office", "Nguyễn Văn Bình")
    slip(build, account)
    browser = reader(focal)
    assert "Phiếu dùng được đến" in browser.open("/account/slips").text
    page = browser.submit("account", account=[str(account.id)], press="who=chosen")
    [code] = codes_on(page)
    stranger = reader()
    stranger.open(f"/account/first?login={account.login}")
    stranger.submit(code="K7MPQ-3XW9T", status=422)
    stranger.submit(code=code)
    assert stranger.page.heading == "Đặt mật khẩu"


def test_a_slip_for_somebody_with_a_password_is_confirmed_first_and_changes_nothing_until_used(
    build, reader, place, focal
):
    account = worker(build, place, "office", "Nguyễn Văn Bình", password_hash=password_hash())
    signed_in = reader(account)
    browser = reader(focal)
    browser.open("/account/slips")
    page = browser.submit("account", account=[str(account.id)], press="who=chosen")
    assert page.heading == "In phiếu mới?"
    assert f"Nguyễn Văn Bình ({account.login})" in page.text
    assert rows(build, SignInCode) == []
    page = browser.submit("confirmed")
    assert len(codes_on(page)) == 1
    assert build.get(Account, account.id).session_number == 1
    assert signed_in.open("/account/").heading == "Tài khoản của tôi"


def test_nobody_prints_for_people_outside_the_own_unit(build, reader, place, focal):
    stranger = worker(build, place, "other", "Lê Văn Xa")
    outsider = build.account(None)
    browser = reader(focal)
    for account in (stranger, outsider):
        browser.post("/account/slips", account=str(account.id), status=404)
    browser.post("/account/slips", account="999999", status=404)
    browser.open(f"/account/slips?unit={place['other'].id}", status=404)
    browser.post("/account/slips", who="waiting", unit=str(place["other"].id), status=404)
    assert rows(build, SignInCode) == []


def test_a_slip_never_leads_to_more_than_its_printer_may(build, reader, place, focal, admin):
    """A focal person who could print for the unit's evaluator would be the evaluator."""
    evaluator = worker(build, place, "office", "Nguyễn Văn Bình", Role.EVALUATOR)
    browser = reader(focal)
    page = browser.open("/account/slips")
    assert (
        page.texts("td/div[@class='second']").count(
            "Người này giữ vai trò trong hệ thống: phiếu do quản trị hệ thống in."
        )
        == 2
    )
    page = browser.post("/account/slips", account=str(evaluator.id), status=422)
    assert "Nguyễn Văn Bình: Người này giữ vai trò" in page.text
    browser.post("/account/slips", account=str(focal.id), status=422)
    assert rows(build, SignInCode) == []
    page = reader(admin).post("/account/slips", account=str(evaluator.id))
    assert len(codes_on(page)) == 1


def test_an_administrator_prints_for_everybody_also_outside_the_list_of_officials(build, reader, place, admin):
    worker(build, place, "office", "Nguyễn Văn Bình")
    worker(build, place, "other", "Lê Văn Xa")
    inspector = build.account(None, Role.INSPECTOR)
    browser = reader(admin)
    browser.open("/account/slips")
    page = browser.submit("account", press="who=waiting")
    assert len(page.all("section")) == 2
    page = browser.post("/account/slips", account=str(inspector.id))
    assert inspector.display_name in page.text


def test_nothing_chosen_and_too_many_are_said(build, reader, place, focal, monkeypatch):
    from examapp.accounts import slips

    account = worker(build, place, "office", "Nguyễn Văn Bình")
    second = worker(build, place, "office", "Nguyễn Văn Ba")
    browser = reader(focal)
    browser.open("/account/slips")
    page = browser.submit("account", press="who=chosen", status=422)
    assert "Chưa chọn ai." in page.text
    monkeypatch.setattr(slips, "MOST", 1)
    page = browser.submit("account", account=[str(account.id), str(second.id)], press="who=chosen", status=422)
    assert "Mỗi lần in nhiều nhất 1 phiếu." in page.text
    build.save(*[_with_password(build, a) for a in (account, second)])
    page = browser.submit("account", press="who=waiting", status=422)
    assert "không còn ai chờ phiếu" in page.text


def _with_password(build, account):
    row = build.get(Account, account.id)
    row.password_hash = password_hash()
    return row


def test_the_list_costs_the_same_for_many_people(build, reader, place, focal, app):
    from sqlalchemy import event

    from examapp.core.db import db

    def cost():
        count = []
        with app.app_context():
            engine = db.engine
        listener = lambda *args: count.append(1)  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        reader_of_focal.open("/account/slips")
        event.remove(engine, "before_cursor_execute", listener)
        return len(count)

    reader_of_focal = reader(focal)
    few = cost()
    for number in range(12):
        worker(build, place, "office", f"Nguyễn Văn Mẫu {number}")
    assert cost() == few


def test_who_may_not_print_does_not_find_the_page(build, reader, place):
    reader(worker(build, place, "office", "Nguyễn Văn Bình")).open("/account/slips", status=404)
    reader(build.account(None, Role.ORGANISER)).open("/account/slips", status=404)
