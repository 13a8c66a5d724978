"""The import in two steps, as a page, as a job and as a command."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.core.db import db
from examapp.core.jobs import run_waiting
from examapp.core.models import File, FileContent, Job, JobState
from examapp.organisation import import_routes
from examapp.organisation.models import Official, Unit
from tests.organisation.builders import small_organisation, workbook


@pytest.fixture
def admin(build, reader):
    return reader(build.account(None, Role.ADMINISTRATOR))


def upload(browser, data, *, name="danh sách.xlsx", status=200):
    browser.open("/organisation/import")
    return browser.submit("file", status=status, file=(io.BytesIO(data), name))


def count(app, kind):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(kind))


def test_nothing_is_stored_before_the_confirmation(admin, app):
    page = upload(admin, workbook(small_organisation()))
    assert page.heading == "Kiểm tra tệp nhập"
    assert "danh sách.xlsx" in page.text
    assert page.texts("table//tr")[-1].startswith("Thị trấn Cũ Hai → Xã Mới")
    assert "Người!F3" in page.text
    assert count(app, Unit) == 0
    page = admin.submit("Xác nhận")
    assert "Đã nhập: thêm 13, sửa 0, giữ nguyên 0 dòng." in page.text
    assert count(app, Official) == 2
    with app.app_context():
        assert db.session.scalars(select(AuditEvent.action)).all() == ["organisation.imported"]


def test_a_file_already_stored_offers_nothing(admin):
    data = workbook(small_organisation())
    upload(admin, data)
    admin.submit("Xác nhận")
    page = upload(admin, data)
    assert "Tệp không có gì mới" in page.text
    assert "Xác nhận và lưu" not in page.text


def test_changes_are_shown_in_words_and_numbers_masked(admin):
    upload(admin, workbook(small_organisation()))
    admin.submit("Xác nhận")
    sheets = small_organisation(
        officials=[["CB001", "Nguyễn Văn Đức", "", "Viên chức", "", "", "001090099999"]], posts=[]
    )
    page = upload(admin, workbook(sheets))
    assert "Loại cán bộ: Công chức → Viên chức" in page.text
    assert "Số định danh cá nhân: •••••••••345 → •••••••••999" in page.text
    assert "001090099999" not in page.html


def test_errors_forbid_storing_even_when_asked(admin, app):
    sheets = small_organisation(posts=[["CB001", "la", "moi", "01/07/2025", "", "Chính", "", "", ""]])
    page = upload(admin, workbook(sheets))
    assert "Tệp có 1 lỗi nên chưa nhập được." in page.text
    assert "Giữ vị trí!B2" in page.text
    assert "Xác nhận và lưu" not in page.text
    admin.post(page.url.split("localhost")[1], status=422)
    assert count(app, Unit) == 0


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "trong.xlsx", "Tệp trống"),
        (b"abc", "gia.xlsx", "không phải tệp Excel"),
        (workbook({"Sheet1": [["a"]]}), "khac.xlsx", "không có trang tính nào của mẫu"),
    ],
)
def test_a_wrong_file_is_refused_on_the_form(admin, app, data, name, words):
    page = upload(admin, data, name=name, status=422)
    assert words in page.text
    assert count(app, File) == 0


def test_a_form_without_a_file_is_told(admin):
    admin.open("/organisation/import")
    assert "Chưa chọn tệp." in admin.submit("file", status=422).text


def test_nobody_else_sees_an_uploaded_file(admin, build, reader):
    page = upload(admin, workbook(small_organisation()))
    other = reader(build.account(None, Role.ADMINISTRATOR))
    other.open(page.url.split("localhost")[1], status=404)


def test_the_template_can_be_downloaded(admin):
    answer = admin.download("/organisation/import/template")
    assert answer.data.startswith(b"PK")
    page = upload(admin, answer.data)
    assert "Tệp không có gì mới" in page.text


def test_a_large_file_is_stored_by_a_job(admin, app, monkeypatch):
    monkeypatch.setattr(import_routes, "AT_ONCE", 5)
    upload(admin, workbook(small_organisation()))
    admin.submit("Xác nhận")
    assert count(app, Unit) == 0
    with app.app_context():
        assert run_waiting() == 1
        job = db.session.scalars(select(Job)).one()
        assert (job.state, job.message) == (JobState.DONE, "Đã nhập: thêm 13, sửa 0, giữ nguyên 0 dòng.")
    assert count(app, Unit) == 5


def test_uploaded_files_are_forgotten_after_a_day(admin, app):
    upload(admin, workbook(small_organisation()))
    with app.app_context():
        assert import_routes.forget_uploads() == 0
        with time_machine.travel(datetime.now(UTC) + timedelta(days=1, minutes=1)):
            assert import_routes.forget_uploads() == 1
    assert count(app, File) == count(app, FileContent) == 0


def test_the_command_checks_then_stores(app, tmp_path):
    path = tmp_path / "mau.xlsx"
    path.write_bytes(workbook(small_organisation()))
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["organisation", "import", str(path), "--dry-run"])
    assert answer.exit_code == 0, answer.output
    assert "Đơn vị: thêm 5, sửa 0, giữ nguyên 0." in answer.output
    assert count(app, Unit) == 0
    answer = runner.invoke(args=["organisation", "import", str(path)])
    assert (answer.exit_code, "Đã lưu." in answer.output) == (0, True)
    assert count(app, Unit) == 5


def test_the_command_names_every_problem_and_fails(app, tmp_path):
    path = tmp_path / "mau.xlsx"
    path.write_bytes(workbook(small_organisation(posts=[["CB9", "la", "moi", "x", "", "Chính", "", "", ""]])))
    answer = app.test_cli_runner().invoke(args=["organisation", "import", str(path)])
    assert answer.exit_code == 1
    assert "Giữ vị trí!D2: lỗi: “x” không phải ngày" in answer.output
    assert count(app, Unit) == 0
    path.write_bytes(b"")
    assert "Tệp trống" in app.test_cli_runner().invoke(args=["organisation", "import", str(path)]).output


def test_positions_and_template_by_command(app, tmp_path):
    runner = app.test_cli_runner()
    assert "61 vị trí" in runner.invoke(args=["organisation", "positions"]).output
    assert "0 vị trí" in runner.invoke(args=["organisation", "positions"]).output
    path = tmp_path / "mau.xlsx"
    assert runner.invoke(args=["organisation", "template", str(path)]).exit_code == 0
    assert path.read_bytes().startswith(b"PK")
