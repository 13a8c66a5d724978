"""The registry as a file: out, and in with a plan first. The uploaded file is all that is kept between."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from examapp.bank import law_files
from examapp.bank.law_forms import LawFileForm
from examapp.bank.routes import bp, let_go
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.files import XLSX, download, read_file, store_file
from examapp.core.models import File
from examapp.core.permissions import Permission, requires
from examapp.core.words import _

KIND = "law_import"
SHOWN = 300
"""Rows and problems listed on the page."""


@bp.get("/law/export")
@requires(Permission.LAW_READ)
def law_export() -> ResponseReturnValue:
    name = f"van-ban-phap-luat-{clock.today():%d%m%Y}.xlsx"
    return download(law_files.export_registry(), name=name, media_type=XLSX)


@bp.route("/law/import", methods=["GET", "POST"])
@requires(Permission.LAW_EDIT)
def law_import() -> ResponseReturnValue:
    form = LawFileForm()
    if form.validate_on_submit():
        data, name = form.file.data.read(), form.file.data.filename
        let_go()
        try:
            law_files.read_upload(data, name)
        except Invalid as error:
            form.blame(error)
        else:
            file = store_file(data, name=name, kind=KIND, media_type=XLSX, owner_id=current_user.id)
            return redirect(url_for("bank.law_import_plan", ref=file.ref), 303)
    body = render_template("bank/law_import.html", form=form, columns=law_files.SHEET.columns)
    return body, 422 if form.is_submitted() else 200


def _uploaded(ref: str) -> File:
    """A file this person uploaded here."""
    file = db.session.scalar(select(File).where(File.ref == ref, File.kind == KIND, File.owner_id == current_user.id))
    if file is None:
        raise NotFound()
    return file


@bp.get("/law/import/<string:ref>")
@requires(Permission.LAW_EDIT)
def law_import_plan(ref: str) -> str:
    file = _uploaded(ref)
    plan = law_files.make_plan(law_files.read_upload(read_file(file), file.name))
    return render_template(
        "bank/law_plan.html",
        file=file,
        plan=plan,
        fates=law_files.Fate,
        fate_labels=law_files.FATES,
        labels=law_files.LABELS,
        shown=SHOWN,
    )


@bp.post("/law/import/<string:ref>")
@requires(Permission.LAW_EDIT)
def store_law_import(ref: str) -> ResponseReturnValue:
    file = _uploaded(ref)
    name, data = file.name, read_file(file)
    let_go()
    contents = law_files.read_upload(data, name)
    plan = law_files.make_plan(contents)
    added, changed, left = law_files.store_plan(
        plan, overwrite=set(request.form.getlist("overwrite")), person=current_user, name=name
    )
    message = _("Đã thêm %(added)s, sửa %(changed)s văn bản.", added=added, changed=changed)
    if left:
        message += " " + _("%(n)s văn bản đã có người xác nhận được giữ nguyên.", n=left)
    flash(message, "success")
    return redirect(url_for("bank.law_list"), 303)
