"""Export of questions with their keys."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import exports
from examapp.bank.import_forms import ExportForm
from examapp.bank.routes import bp, is_demo, let_go
from examapp.bank.scope import positions_of
from examapp.bank.topics import topics_for
from examapp.core import clock
from examapp.core.errors import Invalid
from examapp.core.files import download
from examapp.core.jobs import start_job
from examapp.core.permissions import Permission, requires
from examapp.core.words import _


def _form() -> ExportForm:
    form = ExportForm()
    reach = current_user.positions(Permission.BANK_EDIT)
    form.offer(positions_of(current_user, Permission.BANK_EDIT), topics_for(reach), common=reach is None)
    return form


@bp.get("/export")
@requires(Permission.BANK_EDIT)
def export_page() -> str:
    return render_template("bank/export.html", form=_form())


@bp.post("/export")
@requires(Permission.BANK_EDIT)
def export_questions() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return render_template("bank/export.html", form=form), 422
    choice = {"position": form.position.data, "topic": form.topic.data, "state": form.state.data}
    reach = current_user.positions(Permission.BANK_EDIT)
    try:
        ids = exports.version_ids(exports.chosen(**choice, positions=reach, on=clock.today(), demo=is_demo()))
    except Invalid as error:
        form.blame(error)
        return render_template("bank/export.html", form=form), 422
    if len(ids) > exports.AT_ONCE:
        title = _("Xuất %(n)s câu hỏi", n=len(ids))
        job = start_job(exports.JOB, title=title, owner_id=current_user.id, version_ids=ids, format=form.format.data)
        return redirect(url_for("core.job", ref=job.ref))
    questions = exports.contents(ids)
    let_go()
    exported = exports.write_file(questions, form.format.data)
    exports.note_export(exported, format=form.format.data, **choice)
    return download(exported.data, name=exported.name, media_type=exported.media_type)
