"""Export of questions: the whole list as it is narrowed, or chosen ones."""

from __future__ import annotations

from dataclasses import asdict

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from examapp.bank import exports, listing
from examapp.bank.export_forms import ExportForm
from examapp.bank.routes import bp, is_demo, let_go
from examapp.bank.scope import positions_of
from examapp.bank.topics import topics_for
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.files import download
from examapp.core.jobs import start_job
from examapp.core.permissions import Permission, requires
from examapp.core.words import _

OWN_FIELDS = {"position", "topic", "state"}
"""Filters that the page itself offers; the others come with the address of the list."""


def _form(sent: MultiDict[str, str]) -> ExportForm:
    form = ExportForm()
    reach = current_user.positions(Permission.BANK_EXPORT)
    form.offer(positions_of(current_user, Permission.BANK_EXPORT), topics_for(reach), common=reach is None)
    if not form.is_submitted():
        form.show(sent)
    return form


def _picked(sent: MultiDict[str, str]) -> list[int]:
    return [int(number) for number in sent.getlist("pick") if number.isdecimal() and len(number) < 10]


def _page(form: ExportForm, sent: MultiDict[str, str], exported: exports.Exported | None = None) -> str:
    filters = listing.Filters.of(sent)
    return render_template(
        "bank/export.html",
        form=form,
        exported=exported,
        losses=exports.told_losses(exported) if exported else [],
        picked=_picked(sent),
        carried={name: value for name, value in asdict(filters).items() if value and name not in OWN_FIELDS},
    )


@bp.get("/export")
@requires(Permission.BANK_EXPORT)
def export_page() -> str:
    return _page(_form(request.args), request.args)


@bp.post("/export")
@requires(Permission.BANK_EXPORT)
def export_questions() -> ResponseReturnValue:
    sent = request.form
    form = _form(sent)
    if not form.validate_on_submit():
        return _page(form, sent), 422
    filters, picked, format = listing.Filters.of(sent), _picked(sent), form.format.data
    reach = current_user.positions(Permission.BANK_EXPORT)
    query = exports.chosen(filters, positions=reach, on=clock.today(), demo=is_demo(), picked=picked)
    try:
        ids = exports.version_ids(query, person=current_user)
    except Invalid as error:
        form.blame(error)
        return _page(form, sent), 422
    choice = exports.told_filters(filters, picked)
    if len(ids) > exports.AT_ONCE:
        return _later(ids, format, choice)
    questions, who = exports.contents(ids), exports.name_of(current_user)
    around = exports.Surroundings.of(questions)
    let_go()
    exported = exports.write_file(questions, format, who=who, around=around)
    if exported.problems and sent.get("sure") != "yes":
        return _page(form, sent, exported)
    exports.note_export(exported, format=format, **choice)
    return download(exported.data, name=exported.name, media_type=exported.media_type)


def _later(ids: list[int], format: str, choice: dict[str, str]) -> ResponseReturnValue:
    title = _("Xuất %(n)s câu hỏi", n=len(ids))
    owner_id = current_user.id
    job = start_job(exports.JOB, title=title, owner_id=owner_id, version_ids=ids, format=format, choice=choice)
    db.session.flush()
    return redirect(url_for("core.job", ref=job.ref))
