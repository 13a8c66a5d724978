"""Export of questions: the whole list as it is narrowed, or chosen ones."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from examapp.bank import exports
from examapp.bank.export_forms import ExportForm
from examapp.bank.filtering import Filters
from examapp.bank.models import BankKind
from examapp.bank.routes import bp, is_demo, let_go
from examapp.bank.scope import positions_of
from examapp.bank.topics import topics_for
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.files import download
from examapp.core.jobs import start_job
from examapp.core.permissions import Permission, requires
from examapp.core.words import _

OWN_FIELDS = {"position", "topic", "state"}
"""Filters that the page itself offers; the others come with the address of the list."""


RIGHTS = {BankKind.EXAM: Permission.BANK_EXPORT, BankKind.PRACTICE: Permission.PRACTICE_BANK_EDIT}
"""What it takes to carry many questions away."""


def _bank(sent: MultiDict[str, str]) -> BankKind:
    """The bank that is asked for; the exam bank where none is."""
    bank = BankKind.PRACTICE if sent.get("bank") == BankKind.PRACTICE else BankKind.EXAM
    if not current_user.may(RIGHTS[bank]):
        raise NotFound()
    return bank


def _form(sent: MultiDict[str, str], right: Permission) -> ExportForm:
    form = ExportForm()
    reach = current_user.positions(right)
    form.offer(positions_of(current_user, right), topics_for(reach), common=reach is None)
    if not form.is_submitted():
        form.show(sent)
    return form


def _picked(sent: MultiDict[str, str]) -> list[int]:
    return [int(number) for number in sent.getlist("pick") if number.isdecimal() and len(number) < 10]


def _page(form: ExportForm, sent: MultiDict[str, str], exported: exports.Exported | None = None) -> str:
    filters = Filters.of(sent)
    return render_template(
        "bank/export.html",
        form=form,
        exported=exported,
        losses=exports.told_losses(exported) if exported else [],
        picked=_picked(sent),
        carried={name: value for name, value in filters.given.items() if name not in OWN_FIELDS},
        bank=_bank(sent).value,
    )


@bp.get("/export")
@requires(*RIGHTS.values())
def export_page() -> str:
    right = RIGHTS[_bank(request.args)]
    return _page(_form(request.args, right), request.args)


@bp.post("/export")
@requires(*RIGHTS.values())
def export_questions() -> ResponseReturnValue:
    sent = request.form
    bank = _bank(sent)
    form = _form(sent, RIGHTS[bank])
    if not form.validate_on_submit():
        return _page(form, sent), 422
    filters, picked, format = Filters.of(sent), _picked(sent), form.format.data
    reach = current_user.positions(RIGHTS[bank])
    query = exports.chosen(filters, positions=reach, on=clock.today(), demo=is_demo(), picked=picked, bank=bank)
    try:
        ids = exports.version_ids(query, person=current_user)
    except Invalid as error:
        form.blame(error)
        return _page(form, sent), 422
    choice = exports.told_filters(filters, picked) | {"of_bank": bank.value}
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
