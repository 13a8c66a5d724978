"""Pages from which sign-in slips are printed. Codes are shown on the answer to the POST and nowhere else."""

from __future__ import annotations

from collections.abc import Container
from itertools import groupby

import segno
from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from examapp.accounts import slips
from examapp.accounts.routes import bp
from examapp.core import clock, text
from examapp.core.errors import Invalid, NotFound
from examapp.core.paging import Page, page_number, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _

PAGE_SIZE = 100


@bp.get("/slips")
@requires(Permission.SLIPS_PRINT)
def slip_list() -> str:
    return _slip_list()


def _slip_list(error: Invalid | None = None) -> str:
    today, now = clock.today(), clock.now()
    units = slips.units_in_reach(current_user, on=today)
    unit_id = _unit(request.args.get("unit", type=int), dict(units))
    name = text.fold(request.args.get("q", ""))
    found: Page[object] = paginate(
        slips.people(current_user, unit_id=unit_id, name=name, on=today), number=page_number(), size=PAGE_SIZE
    )
    return render_template(
        "accounts/slips.html",
        page=found,
        lines=slips.lines(current_user, found.items, on=today, now=now),  # type: ignore[arg-type]
        units=units,
        unit_id=unit_id,
        waiting=len(slips.accounts_without_password(current_user, unit_id=unit_id, on=today)),
        error=error,
    )


def _unit(asked: int | None, allowed: Container[int]) -> int | None:
    if asked is not None and asked not in allowed:
        raise NotFound()
    return asked


@bp.post("/slips")
@requires(Permission.SLIPS_PRINT)
def print_slips() -> ResponseReturnValue:
    today, now = clock.today(), clock.now()
    try:
        accounts = slips.accounts_to_print(current_user, _chosen(), on=today)
    except Invalid as error:
        return _slip_list(error), 422
    known = [account for account in accounts if account.password_hash is not None]
    if known and not request.form.get("confirmed"):
        return render_template("accounts/slips_confirm.html", accounts=accounts, known=known)
    printed = slips.issue(accounts, by=current_user, days=current_app.config["SETTINGS"].sign_in_code_days, now=now)
    printed.sort(key=lambda slip: slip.unit)
    by_unit = [(unit, list(group)) for unit, group in groupby(printed, key=lambda slip: slip.unit)]
    return render_template("accounts/slips_printed.html", by_unit=by_unit, total=len(printed), qr=_qr, address=_address)


def _chosen() -> list[int]:
    """The ticked accounts, or everybody of the unit who has not signed in yet."""
    if request.form.get("who") == "waiting":
        units = dict(slips.units_in_reach(current_user, on=clock.today()))
        unit_id = _unit(request.form.get("unit", type=int), units)
        found = slips.accounts_without_password(current_user, unit_id=unit_id, on=clock.today())
        if not found:
            raise Invalid(_("Ở đây không còn ai chờ phiếu: mọi người đã có mật khẩu."))
        return found
    return request.form.getlist("account", type=int)


def _address(login: str = "") -> str:
    return url_for("accounts.first_sign_in", login=login or None, _external=True)


def _qr(login: str) -> Markup:
    """The address with the login; the code is not in it (docs/decisions/sign-in-slips.md)."""
    symbol = segno.make(_address(login), error="m", micro=False)
    return Markup(symbol.svg_inline(border=2, svgclass=None, lineclass=None, omitsize=True))  # noqa: S704 - made here
