"""The request boundary: strangers, one commit, readers that cannot write, errors as pages."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from flask import Blueprint, Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DataError, SQLAlchemyError

from examapp import create_app
from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.audit.services import record
from examapp.core import db as database
from examapp.core.db import WriteOnRead, db
from examapp.core.files import XLSX, download
from examapp.core.permissions import check_every_route_is_marked
from examapp.core.routes import safe_next


def test_a_stranger_is_sent_to_sign_in_and_back(client):
    answer = client.get("/jobs/abc?x=1")
    assert answer.status_code == 302
    assert answer.location.startswith("/account/sign-in?next=/jobs/abc?x%3D1")


def test_every_page_carries_the_strict_policy(client):
    answer = client.get("/healthz")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_readiness_asks_the_database(client):
    assert client.get("/readyz").text == "ready\n"


def test_an_unknown_page_says_what_to_do(reader):
    page = reader().open("/khong-co", status=404)
    assert "Không tìm thấy" in page.text


@pytest.mark.parametrize("path", ["/account/sign-in", "/jobs/abc/cancel", "/sittings/abc/save-form"])
def test_a_form_that_does_not_arrive_in_whole_is_no_fault_of_ours(client, caplog, path):
    class Unreadable(Exception):
        """As a server says it of what is no HTTP."""

    answer = client.post(
        path,
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input": Mock(read=Mock(side_effect=Unreadable)), "wsgi.input_terminated": True},
    )
    assert answer.status_code == 400
    assert "Yêu cầu không đọc được." in answer.text
    assert not caplog.records


def test_an_unmarked_route_keeps_the_app_from_starting(app):
    bare = Flask("bare")
    bare.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(RuntimeError, match="open"):
        check_every_route_is_marked(bare)


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/bank/", True),
        ("/bank/?q=a b", True),
        ("//elsewhere.example", False),
        ("/\\elsewhere.example", False),
        ("https://elsewhere.example/", False),
        ("javascript:alert(1)", False),
        ("//[", False),
        ("/\t/elsewhere.example", False),
        ("/bank/\r\nSet-Cookie: a=b", False),
        ("", False),
        (None, False),
    ],
)
def test_next_leads_only_to_our_own_pages(target, kept):
    assert safe_next(target, "/home") == (target if kept else "/home")


def test_a_missing_browser_file_is_not_remembered(client):
    """Whoever asks between two versions of the files would otherwise keep the error page for a year."""
    answer = client.get("/static/khong-co.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


@pytest.mark.parametrize("number", [2**31, 10**25, "9" * 5000])
def test_a_number_that_no_row_can_have_is_not_found(build, reader, number):
    browser = reader(build.account(None, Role.ADMINISTRATOR))
    browser.open(f"/account/all/{number}", status=404)


def test_a_value_beyond_the_database_is_bad_data(context):
    with pytest.raises(DataError):
        db.session.scalar(select(AuditEvent.id).where(AuditEvent.id == 10**25))


def test_errors_of_the_database_do_not_tell_what_was_sent(context):
    """They go into the log with the statement; answers, names and secrets must not."""
    with pytest.raises(SQLAlchemyError) as caught:
        db.session.execute(text("SELECT :secret FROM no_such_table"), {"secret": "câu trả lời"})
    assert "câu trả lời" not in str(caught.value)


def test_the_name_of_a_download_is_one_line(app):
    with app.test_request_context():
        answer = download(b"x", name="bảng\r\nSet-Cookie: a=b\u202e.xlsx", media_type=XLSX)
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_the_language_switch_is_remembered(client):
    answer = client.get("/language/en?next=/healthz")
    assert answer.location == "/healthz"
    assert client.get_cookie("language").value == "en"
    assert client.get("/language/xx").status_code == 404


def test_a_reader_cannot_write(context):
    record("test.act", "test")
    with pytest.raises(WriteOnRead):
        db.session.flush()
    db.session.rollback()


def test_a_unit_of_work_is_kept_whole_or_not_at_all(context):
    def fail_half_way():
        with database.unit_of_work():
            record("test.act", "test")
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 0
    with database.unit_of_work():
        record("test.act", "test")
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 1


@pytest.fixture
def posting(app):
    """An application of its own with routes that succeed, refuse and fail after writing."""
    from examapp.core.errors import Conflict
    from examapp.core.permissions import public

    other = create_app(app.config["SETTINGS"])
    other.config["WTF_CSRF_ENABLED"] = False
    bp = Blueprint("posting", __name__)

    def act(end):
        record(f"test.{end}", "test")
        db.session.flush()
        if end == "refuse":
            raise Conflict("Đã có người làm trước.")
        if end == "fail":
            raise ZeroDivisionError
        if end == "form":
            return "again", 422
        return "done"

    bp.add_url_rule("/act/<string:end>", "act", public(act), methods=["POST"])
    other.register_blueprint(bp)
    other.config["PROPAGATE_EXCEPTIONS"] = False
    yield other.test_client()
    with other.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("end", "status", "kept"), [("ok", 200, 1), ("refuse", 409, 0), ("fail", 500, 0), ("form", 422, 0)]
)
def test_a_request_is_committed_once_when_it_succeeds_and_not_otherwise(posting, end, status, kept):
    answer = posting.post(f"/act/{end}")
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    with posting.application.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == kept


def test_a_form_without_its_token_is_refused_in_words(client):
    answer = client.post("/jobs/abc/cancel")
    assert answer.status_code == 400
    assert "Phiên làm việc đã đổi" in answer.text
