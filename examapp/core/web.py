"""The request boundary: who writes, one commit at the end, errors as pages, headers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING

from flask import Flask, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.routing import IntegerConverter, ValidationError

from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import HouseError
from examapp.core.permissions import STATIC
from examapp.core.routes import safe_next
from examapp.core.spoken import SpokenEnvironment
from examapp.core.words import _

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

LARGEST_NUMBER = 2**31 - 1
"""Of a row, on the database that has the smaller ones."""
SAFE = {"GET", "HEAD", "OPTIONS"}


class App(Flask):
    """Flask with the house's transaction rule: a request that succeeds is committed once, here, and no other."""

    jinja_environment = SpokenEnvironment

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = Body(environ["wsgi.input"])
        return super().wsgi_app(environ, start_response)

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Say who writes before the first statement, which loads the account: SQLite cannot change its mind later."""
        database.set_writing(request.method not in SAFE)
        return super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        answer = super().dispatch_request()
        if request.method in SAFE:
            return answer
        response = self.make_response(answer)
        if response.status_code < 400:
            db.session.commit()
            g.committed = True
        else:
            db.session.rollback()
        return response


class Body:
    """What the other side sends. Each server has errors of its own for a body that stops or is no HTTP: none of them is
    a fault of ours, so that all become the one that a request knows."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner

    def read(self, size: int = -1) -> bytes:
        try:
            return self._inner.read(size)
        except Exception as error:
            raise ClientDisconnected from error


class RowNumber(IntegerConverter):
    """``<int:…>`` in an address: a number that a row can have; any other is an address that is not there."""

    def to_python(self, value: str) -> int:
        if len(value) > 10 or int(value) > LARGEST_NUMBER:
            raise ValidationError
        return int(value)


def init_web(app: App) -> None:
    app.teardown_request(_end_of_request)
    app.after_request(_headers)
    app.register_error_handler(HouseError, _house_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(IntegrityError, _integrity_error)
    app.register_error_handler(DataError, _data_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(Exception, _fault)


def _end_of_request(error: BaseException | None) -> None:
    """After the request's own transaction: what must be kept either way, then what follows a commit."""
    session = db.session
    if g.get("committed") and (session.new or session.dirty or session.deleted) and current_app.testing:
        raise AssertionError(f"{request.path} left unsaved changes")
    session.expire_on_commit = False  # what was read is not asked for again: marking it as old takes time
    database.end_transaction(session)
    database.set_writing(False)
    acts: list[Callable[[Session], None]] = g.pop("afterwards", [])
    for act in acts:
        with database.apart() as apart:
            act(apart)
    if g.get("committed"):
        for follow in g.pop("after_commit", []):
            follow()


def error_page(status: int, *, title: str, message: str, advice: str, details: list[str] | None = None) -> Response:
    """What happened, where, what to do. Without the database: it may be the database that failed."""
    db.session.rollback()
    body = render_template(
        "core/error.html",
        status=status,
        title=title,
        message=message,
        advice=advice,
        details=details or [],
        came_from=_came_from(),
    )
    return Response(body, status=status)


def _came_from() -> str:
    """The page of this site whose link or button led here, if the browser says so."""
    came_from = request.referrer or ""
    known = came_from.startswith(request.host_url) and came_from != request.url
    return safe_next("/" + came_from.removeprefix(request.host_url), "") if known else ""


def _house_error(error: HouseError) -> Response:
    titles = {
        403: _("Không được phép"),
        404: _("Không tìm thấy"),
        409: _("Việc này không còn làm được"),
        422: _("Dữ liệu chưa hợp lệ"),
    }
    return error_page(
        error.status,
        title=titles.get(error.status, _("Không thực hiện được")),
        message=error.message,
        advice=error.advice or _("Hãy quay lại trang trước và thử lại."),
        details=getattr(error, "details", []),
    )


def _http_error(error: HTTPException) -> Response | HTTPException:
    if isinstance(error, SecurityError):  # a name that is not ours: no page of ours can be addressed under it
        return Response("400\n", status=400, mimetype="text/plain")
    if error.code is not None and error.code < 400:
        return error
    if error.code == 404:
        return error_page(
            404,
            title=_("Không tìm thấy"),
            message=_("Không tìm thấy trang hoặc dữ liệu này."),
            advice=_("Địa chỉ có thể đã sai, hoặc tài khoản không có quyền xem. Hãy quay lại trang trước."),
        )
    if error.code == 405:
        return error_page(
            405,
            title=_("Không thực hiện được"),
            message=_("Trang này không nhận yêu cầu kiểu đó."),
            advice=_("Hãy mở lại trang từ danh mục."),
        )
    return error_page(
        error.code or 500,
        title=_("Không thực hiện được"),
        message=_("Yêu cầu không đọc được."),
        advice=_("Hãy quay lại trang trước và thử lại."),
    )


def _csrf_error(error: CSRFError) -> Response:
    return error_page(
        400,
        title=_("Phiên làm việc đã đổi"),
        message=_("Trang gửi đi đã cũ hoặc trình duyệt không giữ cookie, nên yêu cầu bị từ chối để bảo vệ tài khoản."),
        advice=_("Hãy mở lại trang, kiểm tra đã đăng nhập, rồi gửi lại."),
    )


def _too_large(error: RequestEntityTooLarge) -> Response:
    limit = current_app.config["SETTINGS"].max_upload_mb
    return error_page(
        413,
        title=_("Tệp quá lớn"),
        message=_("Tệp gửi lên lớn hơn giới hạn %(limit)s MB.", limit=limit),
        advice=_("Hãy chia tệp thành nhiều phần nhỏ hơn, hoặc bỏ bớt hình ảnh, rồi gửi lại."),
    )


def _integrity_error(error: IntegrityError) -> Response:
    log.warning("integrity error at %s: %s", request.path, error.orig)
    return error_page(
        409,
        title=_("Việc này không còn làm được"),
        message=_("Dữ liệu trùng hoặc trái với dữ liệu đã có, nên chưa lưu gì."),
        advice=_("Có thể người khác vừa lưu cùng một mục. Hãy mở lại trang để xem dữ liệu mới nhất rồi làm lại."),
    )


def _data_error(error: DataError) -> Response:
    log.warning("data error at %s: %s", request.path, error.orig)
    return error_page(
        422,
        title=_("Dữ liệu chưa hợp lệ"),
        message=_("Có giá trị ngoài phạm vi cho phép (số quá lớn hoặc quá dài), nên chưa làm gì."),
        advice=_("Hãy quay lại trang trước, sửa giá trị đó rồi thử lại."),
    )


def _database_busy(error: OperationalError) -> Response:
    log.error("database error at %s: %s", request.path, error.orig)
    response = error_page(
        503,
        title=_("Hệ thống đang bận"),
        message=_("Cơ sở dữ liệu chưa trả lời kịp, nên chưa lưu gì."),
        advice=_("Hãy đợi vài giây rồi thử lại."),
    )
    response.headers["Retry-After"] = "5"
    return response


def _fault(error: Exception) -> Response:
    log.exception("fault at %s", request.path)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return error_page(
        500,
        title=_("Hệ thống gặp lỗi"),
        message=_("Có lỗi không lường trước, nên chưa lưu gì."),
        advice=_("Hãy thử lại. Nếu còn lỗi, báo bộ phận hỗ trợ kèm thời điểm và địa chỉ trang."),
    )


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; "
    "worker-src 'self'"
)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.endpoint == STATIC and response.status_code < 400:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response
