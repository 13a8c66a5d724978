"""The exchange of questions with other installations: the key, the partners, what goes out."""

from __future__ import annotations

from dataclasses import asdict

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import exports, listing
from examapp.bank.exchange import gather, keys, receive, signing
from examapp.bank.exchange.forms import PackageForm, PackForm, PartnerForm
from examapp.bank.exchange.package import Package
from examapp.bank.models import BankKind
from examapp.bank.routes import bp, is_demo, let_go, page_number
from examapp.bank.scope import READS, is_over_all, positions_of
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.text import nfc
from examapp.core.words import _

OWN_FIELDS = {"position", "topic", "state"}


def _page(partner_form: PartnerForm | None = None, package_form: PackageForm | None = None) -> str:
    public = keys.own_public()
    return render_template(
        "bank/exchange.html",
        may_receive=is_over_all(current_user, Permission.BANK_MANAGE),
        may_send=current_user.may(Permission.BANK_EXPORT),
        own_key=signing.written_key(public) if public else "",
        own_fingerprint=signing.fingerprint_of(public) if public else "",
        origin=current_app.config["SETTINGS"].managing_body,
        partners=keys.partners(),
        partner_form=partner_form or PartnerForm(formdata=None),
        package_form=package_form or PackageForm(formdata=None),
        page=paginate(receive.packages_query(), number=page_number()),
        grouped=signing.grouped,
    )


@bp.get("/exchange")
@requires(Permission.BANK_MANAGE)
def exchange() -> str:
    return _page()


@bp.post("/exchange/key")
@requires(Permission.BANK_MANAGE)
def make_exchange_key() -> ResponseReturnValue:
    keys.make_key(current_user)
    return redirect(url_for("bank.exchange"), 303)


@bp.post("/exchange/partners")
@requires(Permission.BANK_MANAGE)
def add_exchange_partner() -> ResponseReturnValue:
    keys.check_keeper(current_user)
    form = PartnerForm()
    if form.validate_on_submit():
        try:
            partner = keys.add_partner(
                name=form.name.data,
                pasted=form.key.data,
                person=current_user,
            )
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã thêm nơi trao đổi “%(name)s”.", name=partner.name), "success")
            return redirect(url_for("bank.exchange"), 303)
    return _page(partner_form=form), 422


@bp.post("/exchange/partners/<int:partner_id>/trust")
@requires(Permission.BANK_MANAGE)
def change_exchange_trust(partner_id: int) -> ResponseReturnValue:
    trusts = request.form.get("trusts_review") == "yes"
    keys.change_trust(keys.get_partner(partner_id), trusts_review=trusts, person=current_user)
    flash(_("Đã lưu."), "success")
    return redirect(url_for("bank.exchange"), 303)


@bp.post("/exchange/partners/<int:partner_id>/end")
@requires(Permission.BANK_MANAGE)
def end_exchange_partner(partner_id: int) -> ResponseReturnValue:
    partner = keys.get_partner(partner_id)
    keys.end_partner(partner, person=current_user)
    flash(_("Từ nay gói của “%(name)s” không được nhận nữa.", name=partner.name), "success")
    return redirect(url_for("bank.exchange"), 303)


@bp.post("/exchange/packages")
@requires(Permission.BANK_MANAGE)
def upload_package() -> ResponseReturnValue:
    keys.check_keeper(current_user)
    form, sent = PackageForm(), request.files.get("file")
    name, data = (nfc(sent.filename or ""), sent.read()) if sent and sent.filename else ("", b"")
    let_go()
    try:
        if not data:
            raise Invalid(_("Hãy chọn tệp gói."), field="file")
        package = Package(data)
        kept = receive.keep_package(package, data, name=name, person=current_user)
    except Invalid as error:
        form.blame(error)
        db.session.rollback()
        return _page(package_form=form), 422
    job = receive.start_comparing(kept, package, person=current_user)
    if job is not None:
        return redirect(url_for("core.job", ref=job.ref), 303)
    return redirect(url_for("bank.exchange_package", ref=kept.ref), 303)


def _banks() -> list[BankKind]:
    return [bank for bank, permission in READS.items() if current_user.may(permission)]


def _pack_form() -> PackForm:
    form, reach = PackForm(), gather.reach_of(current_user)
    both = [
        position
        for position in positions_of(current_user, Permission.BANK_MANAGE)
        if reach is None or position.id in reach
    ]
    form.offer(_banks(), both, topics_for(reach), common=reach is None)
    return form


def _pack_page(form: PackForm) -> str:
    filters = listing.Filters.of(request.values)
    carried = {name: value for name, value in asdict(filters).items() if value and name not in OWN_FIELDS}
    return render_template("bank/exchange_pack.html", form=form, carried=carried)


@bp.get("/exchange/pack")
@requires(Permission.BANK_MANAGE)
def pack_page() -> str:
    gather.check_sender(current_user, _banks()[0] if _banks() else BankKind.EXAM)
    form = _pack_form()
    for name in (*OWN_FIELDS, "bank"):
        form[name].data = request.args.get(name) or form[name].data
    return _pack_page(form)


@bp.post("/exchange/pack")
@requires(Permission.BANK_MANAGE)
def pack_questions() -> ResponseReturnValue:
    gather.check_sender(current_user, BankKind.EXAM if not _banks() else _banks()[0])
    form = _pack_form()
    if not form.validate_on_submit():
        return _pack_page(form), 422
    bank, filters = BankKind(form.bank.data), listing.Filters.of(request.form)
    try:
        ids = gather.matching(filters, bank=bank, person=current_user, demo=is_demo())
    except Invalid as error:
        form.blame(error)
        return _pack_page(form), 422
    job = gather.pack_later(ids, bank=bank, person=current_user, choice=exports.told_filters(filters, ()))
    db.session.flush()
    return redirect(url_for("core.job", ref=job.ref), 303)
