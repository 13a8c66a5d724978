"""Sign-in, first sign-in, and the own account."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from examapp.accounts import first, queue, sessions
from examapp.accounts.devices import browser_name, device, send_new
from examapp.accounts.forms import ChangePasswordForm, FirstForm, NewPasswordForm, SignInForm
from examapp.accounts.hashing import CrowdedError
from examapp.accounts.models import Account, UserSession
from examapp.accounts.services import roles_in_words, units_of
from examapp.accounts.throttle import TryLater
from examapp.core import clock
from examapp.core.db import db, reading
from examapp.core.errors import Conflict, HouseError, Invalid
from examapp.core.permissions import Permission, public, requires
from examapp.core.routes import safe_next
from examapp.core.words import _

bp = Blueprint("accounts", __name__, url_prefix="/account", template_folder="templates")
bp.after_request(send_new)


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(_next())
    device()
    return render_template("accounts/sign_in.html", form=SignInForm(), error=None)


@bp.post("/sign-in")
@public
def sign_in_now() -> ResponseReturnValue:
    try:
        sent = queue.sent_fields(["login", "password"])
    except Invalid as error:
        return render_template("accounts/sign_in.html", form=SignInForm(formdata=None), error=error), error.status
    form = SignInForm(formdata=sent)
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form, error=None), 422
    now = clock.now()
    try:
        queue.refuse_when_full()
        verified = sessions.verify_password(form.login.data, form.password.data, device=device(), now=now)
        account, row = sessions.sign_in(verified, device=device(), browser=_browser(), hours=_hours(), now=now)
    except CrowdedError as crowded:
        return queue.queue_page(sent, crowded)
    except (Invalid, TryLater) as error:
        return render_template("accounts/sign_in.html", form=form, error=error), error.status
    target = _next()
    _enter(account, row)
    return redirect(target, 303)


def _enter(account: Account, row: UserSession) -> None:
    """A cookie of its own for what begins now: nothing of the time before sign-in is carried over."""
    session.clear()
    session["session_ref"] = row.ref
    login_user(account)


def _next() -> str:
    return safe_next(request.args.get("next"), url_for("home.index"))


def _browser() -> str:
    return browser_name(request.user_agent.string)


def _hours() -> int:
    return int(current_app.config["SETTINGS"].session_hours)


@bp.post("/sign-out")
@requires(Permission.SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    sessions.end_session(current_user, session.get("session_ref", ""), now=clock.now())
    session.clear()
    flash(_("Đã đăng xuất."))
    return redirect(url_for("accounts.sign_in"), 303)


@bp.get("/first")
@public
def first_sign_in() -> str:
    device()
    form = FirstForm(login=request.args.get("login", "")[:60])
    return render_template("accounts/first.html", form=form, error=None)


@bp.post("/first")
@public
def first_sign_in_now() -> ResponseReturnValue:
    form = FirstForm()
    if not form.validate():
        return render_template("accounts/first.html", form=form, error=None), 422
    try:
        code_id = first.verify_code(form.login.data, form.code.data, device=device(), now=clock.now())
    except (Invalid, TryLater) as error:
        return render_template("accounts/first.html", form=form, error=error), error.status
    session.clear()
    session["slip"] = code_id
    return redirect(url_for("accounts.choose_password"), 303)


@bp.get("/first/password")
@public
def choose_password() -> ResponseReturnValue:
    try:
        slip = first.open_slip(db.session, session.get("slip", 0), now=clock.now())
    except Conflict as error:
        return _back_to_first(error)
    return render_template("accounts/choose_password.html", form=NewPasswordForm(), slip=slip)


@bp.post("/first/password")
@public
def choose_password_now() -> ResponseReturnValue:
    now = clock.now()
    try:
        sent = queue.sent_fields(["new", "again"])
    except Invalid as error:
        return _type_again(error, "accounts.choose_password")
    form = NewPasswordForm(formdata=sent)
    try:
        queue.refuse_when_full()
        with reading() as reader:
            slip = first.open_slip(reader, session.get("slip", 0), now=now)
        if not form.validate():
            return render_template("accounts/choose_password.html", form=form, slip=slip), 422
        slip, password_hash = first.prepare_password(slip.code_id, form.new.data, now=now)
        account = first.set_first_password(slip, password_hash, device=device(), now=now)
    except CrowdedError as crowded:
        return queue.queue_page(sent, crowded)
    except Invalid as error:
        form.blame(error)
        return render_template("accounts/choose_password.html", form=form, slip=slip), 422
    except Conflict as error:
        return _back_to_first(error)
    row = sessions.begin_session(account, device=device(), browser=_browser(), hours=_hours(), now=now)
    _enter(account, row)
    flash(_("Đã đặt mật khẩu. Từ lần sau hãy đăng nhập bằng mã cán bộ và mật khẩu này."))
    return redirect(url_for("home.index"), 303)


def _type_again(error: Invalid, endpoint: str) -> Response:
    flash(f"{error.message} {error.advice}", "warn")
    return redirect(url_for(endpoint), 303)  # type: ignore[return-value]


def _back_to_first(error: HouseError) -> Response:
    session.pop("slip", None)
    flash(f"{error.message} {error.advice}", "warn")
    return redirect(url_for("accounts.first_sign_in"), 303)  # type: ignore[return-value]


@bp.get("/")
@requires(Permission.SIGNED_IN)
def own() -> str:
    return render_template(
        "accounts/own.html",
        account=current_user,
        unit=units_of([current_user.official_id], on=clock.today()).get(current_user.official_id, ""),
        roles=roles_in_words(current_user, on=clock.today()),
        sessions=sessions.open_sessions(current_user, now=clock.now()),
        present=session.get("session_ref"),
    )


@bp.post("/sessions/<string:ref>/end")
@requires(Permission.SIGNED_IN)
def end_session(ref: str) -> ResponseReturnValue:
    sessions.end_session(current_user, ref, now=clock.now())
    flash(_("Đã kết thúc phiên đó. Thiết bị ấy phải đăng nhập lại."))
    return redirect(url_for("accounts.own"), 303)


@bp.get("/password")
@requires(Permission.SIGNED_IN)
def change_password() -> str:
    return render_template("accounts/change_password.html", form=ChangePasswordForm())


@bp.post("/password")
@requires(Permission.SIGNED_IN)
def change_password_now() -> ResponseReturnValue:
    now = clock.now()
    try:
        sent = queue.sent_fields(["present", "new", "again"])
    except Invalid as error:
        return _type_again(error, "accounts.change_password")
    form = ChangePasswordForm(formdata=sent)
    if not form.validate():
        return render_template("accounts/change_password.html", form=form), 422
    try:
        change = sessions.prepare_change(
            current_user, present=form.present.data, new=form.new.data, device=device(), now=now
        )
        sessions.change_password(change, session_ref=session["session_ref"], now=now)
    except CrowdedError as crowded:
        return queue.queue_page(sent, crowded)
    except Invalid as error:
        form.blame(error)
        return render_template("accounts/change_password.html", form=form), 422
    flash(_("Đã đổi mật khẩu. Các phiên khác của tài khoản này đã kết thúc."))
    return redirect(url_for("accounts.own"), 303)
