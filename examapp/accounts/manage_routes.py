"""Pages of the administration of accounts."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.accounts import grants, slips
from examapp.accounts.forms import AccountForm, GrantForm
from examapp.accounts.models import Role
from examapp.accounts.roles import LABELS
from examapp.accounts.routes import bp
from examapp.accounts.services import create_account, reach_in_words, roles_in_words, units_of
from examapp.core import clock
from examapp.core.errors import Invalid
from examapp.core.paging import page_number, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, gettext, ngettext


def _role_choices() -> list[tuple[str, str]]:
    return [(role.value, gettext(LABELS[role])) for role in Role]


@bp.get("/all")
@requires(Permission.ACCOUNTS_MANAGE)
def all_accounts() -> str:
    today, args = clock.today(), request.args
    query = grants.accounts(
        current_user, name=args.get("q", ""), role=args.get("role", ""), state=args.get("state", ""), on=today
    )
    page = paginate(query, number=page_number(), size=50)
    return render_template(
        "accounts/all.html",
        page=page,
        units=units_of([account.official_id for account in page.items], on=today),
        roles={account.id: roles_in_words(account, on=today) for account in page.items},
        role_choices=_role_choices(),
    )


@bp.get("/all/<int:account_id>")
@requires(Permission.ACCOUNTS_MANAGE)
def account(account_id: int) -> str:
    return _account(account_id, GrantForm(valid_from=clock.today()))


def _account(account_id: int, form: GrantForm) -> str:
    row, today = grants.get_account(current_user, account_id), clock.today()
    form.role.choices = [("", _("Chọn vai trò")), *_role_choices()]
    return render_template(
        "accounts/account.html",
        account=row,
        unit=units_of([row.official_id], on=today).get(row.official_id or 0, ""),
        slip_until=grants.open_slip_until(row),
        grants=[
            (grant, gettext(LABELS[grant.role]), reach_in_words(grant))
            for grant in sorted(row.grants, key=lambda grant: (grant.valid_from, grant.id), reverse=True)
        ],
        form=form,
        today=today,
    )


@bp.post("/all/<int:account_id>/roles")
@requires(Permission.ACCOUNTS_MANAGE)
def give_role(account_id: int) -> ResponseReturnValue:
    row, form = grants.get_account(current_user, account_id), GrantForm()
    if not form.validate():
        return _account(account_id, form), 422
    try:
        grants.give_role(
            current_user,
            row,
            role=Role(form.role.data),
            unit=form.unit.data,
            position=form.position.data,
            valid_from=form.valid_from.data or clock.today(),
            valid_to=form.valid_to.data,
            basis=form.basis.data,
        )
    except Invalid as error:
        form.blame(error)
        return _account(account_id, form), 422
    flash(_("Đã giao vai trò cho %(name)s.", name=row.display_name))
    return redirect(url_for("accounts.account", account_id=account_id), 303)


@bp.post("/all/<int:account_id>/roles/<int:grant_id>/end")
@requires(Permission.ACCOUNTS_MANAGE)
def end_role(account_id: int, grant_id: int) -> ResponseReturnValue:
    row = grants.get_account(current_user, account_id)
    grants.end_role(current_user, row, grant_id, on=clock.today())
    flash(_("Vai trò đã kết thúc; từ hôm nay không còn hiệu lực."))
    return redirect(url_for("accounts.account", account_id=account_id), 303)


@bp.post("/all/<int:account_id>/block")
@requires(Permission.ACCOUNTS_MANAGE)
def block(account_id: int) -> ResponseReturnValue:
    row, blocked = grants.get_account(current_user, account_id), request.form.get("blocked") == "1"
    grants.set_blocked(current_user, row, blocked=blocked, on=clock.today())
    flash(_("Đã khóa tài khoản; các phiên đang mở đã kết thúc.") if blocked else _("Đã mở lại tài khoản."))
    return redirect(url_for("accounts.account", account_id=account_id), 303)


@bp.get("/all/new")
@requires(Permission.ACCOUNTS_MANAGE)
def new_account() -> str:
    grants.check_manager(current_user)
    return render_template("accounts/new.html", form=AccountForm())


@bp.post("/all/new")
@requires(Permission.ACCOUNTS_MANAGE)
def create() -> ResponseReturnValue:
    grants.check_manager(current_user)
    form = AccountForm()
    if not form.validate():
        return render_template("accounts/new.html", form=form), 422
    try:
        row = create_account(form.display_name.data, form.login.data, phone=form.phone.data)
    except Invalid as error:
        form.blame(error)
        return render_template("accounts/new.html", form=form), 422
    flash(_("Đã tạo tài khoản %(login)s. Hãy in phiếu đăng nhập và giao vai trò.", login=row.login))
    return redirect(url_for("accounts.account", account_id=row.id), 303)


@bp.get("/all/missing")
@requires(Permission.ACCOUNTS_MANAGE)
def missing() -> str:
    return _missing()


def _missing(error: Invalid | None = None) -> str:
    today = clock.today()
    query = grants.officials_without_account(current_user, unit_id=request.args.get("unit", type=int), on=today)
    page = paginate(query, number=page_number(), size=100)
    return render_template(
        "accounts/missing.html",
        page=page,
        units=slips.units_in_reach(current_user, on=today),
        of=units_of([official.id for official in page.items], on=today),
        error=error,
    )


@bp.post("/all/missing")
@requires(Permission.ACCOUNTS_MANAGE)
def create_missing() -> ResponseReturnValue:
    only = request.form.getlist("official", type=int) if request.form.get("who") != "everybody" else None
    try:
        created = grants.create_missing(
            current_user, unit_id=request.args.get("unit", type=int), only=only, on=clock.today()
        )
    except Invalid as error:
        return _missing(error), 422
    n = len(created)
    flash(
        ngettext(
            "Đã tạo %(n)s tài khoản. Bước tiếp theo: in phiếu.", "Đã tạo %(n)s tài khoản. Bước tiếp theo: in phiếu.", n
        )
    )
    return redirect(url_for("accounts.slip_list", unit=request.args.get("unit")), 303)
