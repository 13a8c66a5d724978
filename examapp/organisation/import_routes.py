"""Pages of the import: choose a file, see what it would do, confirm. The file itself is the only thing kept between."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import delete, select

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Invalid, NotFound
from examapp.core.files import XLSX, download, read_file, store_file
from examapp.core.jobs import Work, start_job
from examapp.core.models import File, FileContent
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from examapp.organisation.forms import ImportForm
from examapp.organisation.importing import store_plan
from examapp.organisation.imports import Fate, Plan, import_workbook, make_plan, read_upload
from examapp.organisation.routes import bp, editable
from examapp.organisation.sheets import SHEETS
from examapp.organisation.template import template_workbook
from examapp.organisation.workbook import Contents

KIND = "organisation_import"
KEPT = timedelta(days=1)
"""How long an uploaded workbook stays: it holds personal numbers."""
AT_ONCE = 2000
"""Rows that are stored within the request; more become a job."""
SHOWN = 200
"""Problems and changes listed on the page."""


@bp.route("/import", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_EDIT)
def upload() -> ResponseReturnValue:
    form = ImportForm()
    if form.validate_on_submit():
        data, name = form.file.data.read(), form.file.data.filename
        try:
            _read(data, name)
        except Invalid as error:
            form.blame(error)
        else:
            file = store_file(data, name=name, kind=KIND, media_type=XLSX, owner_id=current_user.id)
            return redirect(url_for("organisation.plan", ref=file.ref), 303)
    body = render_template("organisation/import.html", form=form, sheets=SHEETS)
    return body, 422 if form.is_submitted() else 200


def _read(data: bytes, name: str) -> Contents:
    """Parse with no transaction open: on SQLite a POST that has asked anything holds the one lock for writing."""
    db.session.rollback()
    return read_upload(data, name)


@bp.get("/import/template")
@requires(Permission.ORGANISATION_EDIT)
def template() -> ResponseReturnValue:
    return download(template_workbook(), name="mau-nhap-to-chuc-can-bo.xlsx", media_type=XLSX)


def _uploaded(ref: str) -> File:
    """A file this person uploaded here."""
    file = db.session.scalar(select(File).where(File.ref == ref, File.kind == KIND, File.owner_id == current_user.id))
    if file is None:
        raise NotFound()
    return file


@bp.get("/import/<string:ref>")
@requires(Permission.ORGANISATION_EDIT)
def plan(ref: str) -> str:
    file = _uploaded(ref)
    return _show(file, import_workbook(read_file(file), name=file.name, reach=editable()))


def _show(file: File, found: Plan) -> str:
    return render_template(
        "organisation/plan.html",
        file=file,
        plan=found,
        totals=found.totals,
        rows=[
            (sheet.name, *(found.count(sheet.key, fate) for fate in Fate))
            for sheet in SHEETS
            if found.changes[sheet.key]
        ],
        columns={sheet.key: {column.key: column.heading for column in sheet.columns} for sheet in SHEETS},
        fates=Fate,
        shown=SHOWN,
    )


@bp.post("/import/<string:ref>")
@requires(Permission.ORGANISATION_EDIT)
def confirm(ref: str) -> ResponseReturnValue:
    file = _uploaded(ref)
    contents = _read(read_file(file), file.name)
    reach = editable()
    if sum(len(rows) for rows in contents.rows.values()) > AT_ONCE:
        title = _("Nhập tổ chức, cán bộ từ tệp “%(name)s”", name=file.name)
        limits = sorted(reach) if reach is not None else None
        job = start_job("organisation.import", title=title, owner_id=current_user.id, file_id=file.id, reach=limits)
        return redirect(url_for("core.job", ref=job.ref), 303)
    found = make_plan(contents, reach=reach)
    if not found.is_storable:
        return _show(file, found), 422
    store_plan(found, name=file.name)
    flash(_summary(found))
    return redirect(url_for("organisation.units"), 303)


def _summary(found: Plan) -> str:
    return _(
        "Đã nhập: thêm %(created)s, sửa %(changed)s, giữ nguyên %(unchanged)s dòng.",
        created=found.totals[Fate.CREATED],
        changed=found.totals[Fate.CHANGED],
        unchanged=found.totals[Fate.UNCHANGED],
    )


def import_job(work: Work) -> None:
    """A large workbook: read outside any transaction, compared and stored in one."""
    file = db.session.get_one(File, work.parameters["file_id"])
    name, data = file.name, read_file(file)
    db.session.rollback()
    contents = read_upload(data, name)
    limits = work.parameters["reach"]
    with unit_of_work():
        found = make_plan(contents, reach=None if limits is None else set(limits))
        store_plan(found, name=name)
        message = _summary(found)
    work.finish(message=message, url=f"{bp.url_prefix}/units")


def forget_uploads() -> int:
    """Remove workbooks that were uploaded more than :data:`KEPT` ago; returns how many."""
    old = select(File).where(File.kind == KIND, File.created_at < clock.now() - KEPT)
    if db.session.scalar(old.limit(1)) is None:
        db.session.rollback()
        return 0
    with unit_of_work() as session:
        files = session.scalars(old).all()
        for file in files:
            session.delete(file)
        session.flush()
        used = select(File.sha256)
        session.execute(
            delete(FileContent)
            .where(FileContent.sha256.in_({file.sha256 for file in files}), FileContent.sha256.not_in(used))
            .execution_options(synchronize_session=False)
        )
        return len(files)
