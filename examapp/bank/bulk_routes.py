"""A bulk change: its value, its preview, its doing."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from examapp.bank import bulk_acts, bulk_changes, listing
from examapp.bank.bulk_forms import value_form
from examapp.bank.bulk_rows import Row, rows_of
from examapp.bank.filtering import Filters
from examapp.bank.list_routes import asked_bank
from examapp.bank.models import BankKind
from examapp.bank.routes import bp, is_demo
from examapp.bank.saved_filters import query_of
from examapp.bank.scope import CHANGES, READS
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.forms import HouseForm
from examapp.core.permissions import Permission, requires
from examapp.core.text import whole_number
from examapp.core.words import _, gettext

CHANGERS = (*CHANGES[BankKind.EXAM], *CHANGES[BankKind.PRACTICE], Permission.BANK_REVIEW)
SHOWN = 30
"""Questions that a preview shows of those that would change."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address or the form asks for."""

    name: str
    bank: BankKind
    filters: Filters
    picked: list[int]
    is_all: bool

    @classmethod
    def of(cls, sent: MultiDict[str, str]) -> Wanted:
        bank, name = asked_bank(sent.get("bank", "")), sent.get("act", "")
        if not bulk_acts.may_do(name, current_user, bank):
            raise NotFound()
        picked = [number for raw in sent.getlist("pick") if (number := whole_number(raw))]
        return cls(name, bank, Filters.of(sent), picked, sent.get("scope") == "all")

    @property
    def back(self) -> str:
        return f"{url_for('bank.question_list')}?{query_of({**self.filters.given, 'bank': self.bank.value})}"

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Hidden fields that say it again."""
        chosen = (
            [("scope", "all"), *self.filters.given.items()] if self.is_all else [("pick", str(i)) for i in self.picked]
        )
        return [("act", self.name), ("bank", self.bank.value), *chosen]

    def rows(self) -> list[Row]:
        reach, ids = current_user.positions(READS[self.bank]), self.picked
        if self.is_all:
            ids = listing.matching_ids(
                self.filters,
                positions=reach,
                on=clock.today(),
                demo=is_demo(),
                bank=self.bank,
                most=bulk_changes.MOST,
            )
        if len(ids) > bulk_changes.MOST:
            most = bulk_changes.MOST
            raise Invalid(_("Mỗi lần sửa được nhiều nhất %(most)s câu. Hãy lọc hẹp hơn.", most=most))
        return rows_of(ids, bank=self.bank, positions=reach)

    def preview(self, value: str) -> bulk_changes.Preview:
        act = bulk_acts.make_act(self.name, value, current_user, self.bank)
        reach = bulk_changes.reach(self.name, current_user, self.bank)
        return bulk_changes.look(act, self.rows(), current_user, reach=reach)


@bp.get("/bulk")
@requires(*CHANGERS)
def bulk_change() -> ResponseReturnValue:
    """Which value, then what it would do; nothing is done by looking."""
    if (elsewhere := _other_page(request.args)) is not None:
        return redirect(elsewhere)
    wanted = Wanted.of(request.args)
    if not wanted.picked and not wanted.is_all:
        flash(_("Chưa chọn câu nào. Hãy đánh dấu các câu cần sửa."), "error")
        return redirect(wanted.back)
    form = value_form(wanted.name, current_user, wanted.bank, request.args)
    asks = bool(bulk_acts.KINDS[wanted.name].value)
    if asks and "value" not in request.args:
        form = value_form(wanted.name, current_user, wanted.bank, MultiDict())
        return _page(wanted, form)
    return _previewed(wanted, form, request.args.get("value", ""))


def _other_page(args: MultiDict[str, str]) -> str | None:
    """Two acts have pages of their own that take the same choice: a new review set, and the export."""
    endpoint = {"new_set": "bank.review_set_new", "export": "bank.export_page"}.get(args.get("act", ""))
    if endpoint is None:
        return None
    chosen: list[tuple[str, str]] = list(Filters.of(args).given.items())
    if args.get("scope") != "all":
        chosen = [("pick", one) for one in args.getlist("pick")]
        if not chosen:
            return url_for("bank.question_list", bank=args.get("bank"))
    chosen += [("bank", args["bank"])] if args.get("bank") else []
    return f"{url_for(endpoint)}?{urlencode(chosen)}"


@bp.post("/bulk")
@requires(*CHANGERS)
def do_bulk_change() -> ResponseReturnValue:
    wanted, value = Wanted.of(request.form), request.form.get("value", "")
    form = value_form(wanted.name, current_user, wanted.bank, request.form)
    preview = wanted.preview(value)
    if request.form.get("mark") != preview.mark:
        return _page(wanted, form, preview, is_outdated=True), 409
    if not preview.changes:
        return _page(wanted, form, preview), 422
    if len(preview.changes) > bulk_changes.AT_ONCE:
        job = bulk_changes.change_later(preview, current_user, name=wanted.name, value=value, bank=wanted.bank)
        db.session.flush()
        return redirect(url_for("core.job", ref=job.ref), 303)
    outcome = bulk_changes.change(preview, current_user, bank=wanted.bank)
    flash(outcome.told(), "success")
    return redirect(wanted.back, 303)


def _previewed(wanted: Wanted, form: HouseForm, value: str) -> ResponseReturnValue:
    if not form.validate():
        return _page(wanted, form), 422
    try:
        preview = wanted.preview(value)
    except Invalid as error:
        form.blame(error)
        return _page(wanted, form), 422
    shown = preview.changes[:SHOWN]
    if wanted.bank is BankKind.EXAM:
        listing.note_listing(wanted.filters, page=f"bulk {wanted.name}", codes=[row.code for row in shown])
    return _page(wanted, form, preview)


def _page(
    wanted: Wanted, form: HouseForm, preview: bulk_changes.Preview | None = None, *, is_outdated: bool = False
) -> str:
    kind = bulk_acts.KINDS[wanted.name]
    return render_template(
        "bank/bulk.html",
        title=gettext(kind.label),
        form=form,
        asks=bool(kind.value),
        fields=wanted.fields,
        chosen=None if wanted.is_all else len(wanted.picked),
        back=wanted.back,
        preview=preview,
        shown=preview.changes[:SHOWN] if preview else [],
        told=preview.refused[: bulk_changes.TOLD] if preview else [],
        is_outdated=is_outdated,
        later=preview is not None and len(preview.changes) > bulk_changes.AT_ONCE,
        is_danger=wanted.name == "retire",
    )
