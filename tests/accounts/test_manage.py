"""Administration of accounts: creating, blocking, giving and ending roles."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from examapp.accounts.models import Account, Grant, Role, UserSession
from examapp.audit.models import AuditEvent
from examapp.core import clock
from tests.accounts.builders import password_hash, person, rows


@pytest.fixture
def admin(build):
    return build.account(None, Role.ADMINISTRATOR, display_name="Quản trị Mẫu")


def names(page):
    return [link.text for link in page.all("td[@class='lead-cell']/a")]


def test_the_list_is_searched_without_marks_and_narrowed_by_role_and_state(build, reader, admin):
    person(build, "Đặng Thị Hường", Role.EXAMINER)
    person(build, "Bùi Văn Ánh", password_hash=None)
    person(build, "Lê Văn Hùng", is_blocked=True)
    browser = reader(admin)
    assert names(browser.open("/account/all")) == ["Quản trị Mẫu", "Bùi Văn Ánh", "Lê Văn Hùng", "Đặng Thị Hường"]
    assert names(browser.open("/account/all?q=dang+thi+huong")) == ["Đặng Thị Hường"]
    assert names(browser.open("/account/all?q=100%25")) == []
    assert names(browser.open("/account/all?role=examiner")) == ["Đặng Thị Hường"]
    assert names(browser.open("/account/all?state=blocked")) == ["Lê Văn Hùng"]
    assert names(browser.open("/account/all?state=waiting&role=")) == ["Quản trị Mẫu", "Bùi Văn Ánh"]
    assert names(browser.open("/account/all?state=active&role=nothing")) == ["Đặng Thị Hường"]


def test_an_account_is_made_for_everybody_who_has_none(build, reader, admin):
    unit, position = build.unit("Xã Mẫu"), build.position()
    for name, phone in (("Nguyễn Văn Một", "0912345678"), ("Nguyễn Văn Hai", "0912 345 678"), ("Nguyễn Văn Ba", None)):
        build.post(build.official(name, phone=phone), position, unit)
    build.official("Không Giữ Vị Trí")
    has_one = build.official("Đã Có Mẫu")
    build.post(has_one, position, unit)
    build.account(has_one)
    browser = reader(admin)
    page = browser.open("/account/all/missing")
    assert [e.text for e in page.all("td[@class='lead-cell']/span")] == [
        "Nguyễn Văn Ba",
        "Nguyễn Văn Hai",
        "Nguyễn Văn Một",
    ]
    page = browser.submit("official", press="who=chosen", status=422)
    assert "Chưa chọn ai chưa có tài khoản." in page.text
    page = browser.submit("official", press="who=everybody")
    assert "Đã tạo 3 tài khoản." in page.text
    assert page.heading == "Phiếu đăng nhập"
    made = {row.display_name: row for row in rows(build, Account) if row.official_id}
    assert len(made) == 4
    assert all(row.login.startswith("cb0") for row in made.values())
    assert all(row.password_hash is None for row in made.values() if row.display_name.startswith("Nguyễn"))
    assert [made[f"Nguyễn Văn {n}"].phone for n in ("Ba", "Hai", "Một")] == [None, "0912345678", None]
    assert "Mọi người đã có tài khoản" in browser.open("/account/all/missing").text


def test_an_account_for_somebody_outside_the_list(build, reader, admin):
    browser = reader(admin)
    browser.open("/account/all/new")
    page = browser.submit("display_name", login="Thanh Tra 01", display_name="Thanh tra Mẫu", phone="+84 912 345 678")
    assert page.heading == "Thanh tra Mẫu"
    row = rows(build, Account)[-1]
    assert (row.login, row.phone, row.name_fold) == ("thanhtra01", "0912345678", "thanh tra mau")
    for fields, message in (
        ({"login": "thanhtra01"}, "Đã có tài khoản với tên đăng nhập thanhtra01."),
        ({"login": "khac", "phone": "0912345678"}, "đã gắn với một tài khoản khác"),
        ({"login": "khac", "phone": "12"}, "Số điện thoại cần 9 đến 11 chữ số"),
        ({"login": ""}, "Chưa nhập ô này."),
    ):
        browser.open("/account/all/new")
        page = browser.submit("display_name", **{"display_name": "Người khác", **fields}, status=422)
        assert message in page.text


def test_blocking_signs_out_and_is_logged(build, reader, admin):
    account = person(build)
    signed_in = reader(account)
    browser = reader(admin)
    browser.open(f"/account/all/{account.id}")
    page = browser.submit("Khóa tài khoản")
    assert "Đã khóa tài khoản" in page.text
    assert signed_in.open("/account/").heading == "Đăng nhập"
    browser.submit("Mở lại")
    assert signed_in.open("/account/").heading == "Đăng nhập"
    assert [event.action for event in rows(build, AuditEvent)] == ["account.blocked", "account.unblocked"]


def test_a_role_is_given_over_a_unit_and_ended(build, reader, admin):
    unit = build.unit("Xã Mẫu", code="XA1")
    account = person(build, "Lê Thị Mẫu")
    browser = reader(admin)
    browser.open(f"/account/all/{account.id}")
    page = browser.submit(
        "role", role="focal_person", unit="XA1", valid_from="01/01/2026", basis="QĐ số 12/QĐ-UBND ngày 02/01/2026"
    )
    assert "Đã giao vai trò cho Lê Thị Mẫu." in page.text
    assert page.texts("td")[:3] == ["Đầu mối đơn vị", "Xã Mẫu", "từ 01/01/2026"]
    grant = rows(build, Grant)[-1]
    assert (grant.unit_id, grant.granted_by_id, grant.valid_from) == (unit.id, admin.id, date(2026, 1, 1))
    details = json.loads(rows(build, AuditEvent)[-1].details)
    assert details["basis"] == "QĐ số 12/QĐ-UBND ngày 02/01/2026"
    assert reader(account).open("/account/slips").heading == "Phiếu đăng nhập"
    page = browser.submit("Kết thúc")
    assert "Đã kết thúc" in page.text
    assert rows(build, Grant)[-1].valid_to == clock.today() - timedelta(days=1)
    reader(account).open("/account/slips", status=404)


def test_a_role_that_has_not_begun_is_taken_back_whole(build, reader, admin):
    account = person(build)
    browser = reader(admin)
    browser.open(f"/account/all/{account.id}")
    browser.submit("role", role="examiner", basis="QĐ 1")
    assert len(rows(build, Grant)) == 2
    browser.submit("Kết thúc")
    assert len(rows(build, Grant)) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"role": ""}, "Hãy chọn một vai trò."),
        ({"role": "focal_person"}, "Đầu mối phải thuộc một đơn vị"),
        ({"role": "focal_person", "unit": "KHONGCO"}, "Không có đơn vị với mã KHONGCO."),
        ({"role": "examiner", "position": "KHONGCO"}, "Không có vị trí việc làm với mã KHONGCO."),
        ({"role": "examiner", "unit": "XA1", "position": "VT1"}, "không chọn cả hai"),
        ({"role": "administrator", "unit": "XA1"}, "có hiệu lực toàn hệ thống"),
        ({"role": "evaluator", "position": "VT1"}, "không giao theo vị trí việc làm"),
        ({"role": "examiner", "basis": ""}, "Chưa nhập ô này."),
        ({"role": "examiner", "valid_from": "05/01/2026", "valid_to": "04/01/2026"}, "Ngày này phải từ 05/01/2026"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused_at_its_field(build, reader, admin, fields, message):
    build.unit(code="XA1")
    build.position("VT1")
    account = person(build)
    browser = reader(admin)
    browser.open(f"/account/all/{account.id}")
    page = browser.submit("role", **{"basis": "QĐ 1", **fields}, status=422)
    assert message in page.text
    assert len(rows(build, Grant)) == 1


def test_nobody_changes_the_own_roles_or_blocks_the_own_account(build, reader, admin):
    build.account(None, Role.ADMINISTRATOR)
    browser = reader(admin)
    page = browser.open(f"/account/all/{admin.id}")
    assert "Giao vai trò" not in page.texts("h2")
    assert "Khóa tài khoản" not in page.text
    own = rows(build, Grant)[0]
    values = {"role": "examiner", "valid_from": "01/01/2026", "basis": "QĐ 1"}
    page = browser.post(f"/account/all/{admin.id}/roles", status=409, **values)
    assert "Không ai tự đổi vai trò của mình." in page.text
    browser.post(f"/account/all/{admin.id}/roles/{own.id}/end", status=409)
    browser.post(f"/account/all/{admin.id}/block", blocked="1", status=409)
    assert len(rows(build, Grant)) == 2


def test_one_administrator_remains(build, admin, app):
    """A blocked administrator does not count: the last one who can sign in keeps role and account."""
    from examapp.accounts.grants import end_role, set_blocked
    from examapp.core.db import db, unit_of_work
    from examapp.core.errors import Conflict

    blocked = build.account(None, Role.ADMINISTRATOR, is_blocked=True)
    grant = rows(build, Grant)[0]

    def end(person, account):
        end_role(person, account, grant.id, on=clock.today())

    def block(person, account):
        set_blocked(person, account, blocked=True, on=clock.today())

    def attempt(act):
        with unit_of_work():
            act(db.session.get_one(Account, blocked.id), db.session.get_one(Account, admin.id))

    with app.app_context():
        for act in (end, block):
            with pytest.raises(Conflict, match="ít nhất một người quản trị"):
                attempt(act)
    assert len(rows(build, Grant)) == 2
    assert not build.get(Account, admin.id).is_blocked


def test_an_administrator_of_a_part_manages_nothing(build, reader):
    unit = build.unit()
    partly = build.account(None, Role.ADMINISTRATOR, unit=unit)
    account = person(build)
    browser = reader(partly)
    for url in ("/account/all", f"/account/all/{account.id}", "/account/all/new", "/account/all/missing"):
        browser.open(url, status=404)
    browser.post("/account/all/new", login="x1", display_name="X", status=404)


def test_a_grant_of_another_account_cannot_be_ended_through_this_one(build, reader, admin):
    one, two = person(build), person(build)
    grant = build.grant(two, Role.EXAMINER)
    reader(admin).post(f"/account/all/{one.id}/roles/{grant.id}/end", status=404)
    reader(admin).open("/account/all/999999", status=404)


def test_the_list_costs_the_same_for_many_accounts(build, reader, admin, app):
    from sqlalchemy import event

    from examapp.core.db import db

    with app.app_context():
        engine = db.engine
    browser, counts = reader(admin), []
    for _ in range(2):
        for _ in range(6):
            person(build, "Nguyễn Văn Mẫu", Role.EXAMINER)
        count = []
        listener = lambda *args, count=count: count.append(1)  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        browser.open("/account/all")
        event.remove(engine, "before_cursor_execute", listener)
        counts.append(len(count))
    assert counts[0] == counts[1]


def test_many_demonstration_accounts_share_one_hash(build, app):
    from examapp.accounts.services import create_account
    from examapp.core.db import db, unit_of_work
    from examapp.organisation.models import Official

    officials = [build.official(f"Nguyễn Văn {n}") for n in "ABC"]
    with app.app_context(), unit_of_work():
        for official in officials:
            create_account(db.session.get_one(Official, official.id), password_hash=password_hash())
    assert {row.password_hash for row in rows(build, Account)} == {password_hash()}


def test_commands_make_the_first_administrator_and_a_new_code(build, reader, app):
    runner = app.test_cli_runner()
    result = runner.invoke(args=["accounts", "create", "QuanTri", "--name", "Quản trị Mẫu", "--role", "administrator"])
    assert result.exit_code == 0, result.output
    code = result.output.split("Mã đăng nhập lần đầu: ")[1].split(",")[0]
    browser = reader()
    browser.open("/account/first")
    browser.submit(login="quantri", code=code)
    browser.submit(new="một câu dài để nhớ", again="một câu dài để nhớ", status=303, follow=False)
    assert browser.open("/account/all").heading == "Tài khoản"
    assert runner.invoke(args=["accounts", "create", "quantri", "--name", "X"]).exit_code == 1
    assert "Không có tài khoản khong." in runner.invoke(args=["accounts", "code", "khong"]).output
    assert "Mã đăng nhập lần đầu" in runner.invoke(args=["accounts", "code", "quantri"]).output


def test_the_database_keeps_what_must_never_be_untrue(build):
    account = person(build, phone="0912345678")
    unit, position = build.unit(), build.position()
    for broken in (
        Account(login=account.login, display_name="X"),
        Account(login="khac", display_name="X", phone="0912345678"),
        Account(login="khac", display_name="X", official_id=account.official_id),
        _grant(account.id, valid_to=date(2026, 1, 1)),
        _grant(account.id, unit_id=unit.id, position_id=position.id),
        _grant(999999),
    ):
        with pytest.raises(IntegrityError):
            build.save(broken)
    first = build.save(UserSession(account_id=account.id, session_number=1, expires_at=clock.now()))
    with pytest.raises(IntegrityError):
        build.save(UserSession(account_id=account.id, session_number=1, expires_at=clock.now(), ref=first.ref))


def _grant(account_id, **columns):
    return Grant(account_id=account_id, role=Role.EXAMINER, valid_from=date(2026, 2, 1), **columns)
