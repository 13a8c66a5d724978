"""Sending question files: one, several or an archive, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from examapp.bank import alike, import_reading, imports, storing
from examapp.bank.checks import Catalogue
from examapp.bank.columns import said_by
from examapp.bank.filtering import COMMON
from examapp.bank.import_files import Incoming, Refused, open_up
from examapp.bank.import_forms import ImportForm
from examapp.bank.models import BankKind, ImportBatch, ImportState, QuestionImport, Topic
from examapp.bank.previews import DEFAULT_LEVEL, Preview
from examapp.bank.routes import bp, let_go, page_number
from examapp.bank.scope import positions_of
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.files import XLSX, download
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.text import nfc
from examapp.core.words import _, in_language, ngettext
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.formats import Reading, template


def _form() -> ImportForm:
    form = ImportForm()
    reach = current_user.positions(Permission.BANK_IMPORT)
    practises = current_user.may(Permission.PRACTICE_BANK_EDIT)
    banks = [BankKind.EXAM, BankKind.PRACTICE] if practises else [BankKind.EXAM]
    form.offer(positions_of(current_user, Permission.BANK_IMPORT), topics_for(reach), banks, common=reach is None)
    return form


def _page(form: ImportForm) -> str:
    page = paginate(imports.imports_query(current_user), number=page_number())
    return render_template("bank/import.html", form=form, page=page, label=imports.format_label)


@bp.get("/import")
@requires(Permission.BANK_IMPORT)
def import_list() -> str:
    form = _form()
    form.level.data = DEFAULT_LEVEL.value
    return _page(form)


@bp.get("/import/template")
@requires(Permission.BANK_IMPORT)
def import_template() -> Response:
    return download(template(), name="mau-nhap-cau-hoi.xlsx", media_type=XLSX)


def sent_files(field: str) -> list[Incoming]:
    chosen = [upload for upload in request.files.getlist(field) if upload.filename]
    return [Incoming(nfc(upload.filename or ""), upload.read()) for upload in chosen]


@bp.post("/import")
@requires(Permission.BANK_IMPORT)
def upload_import() -> ResponseReturnValue:
    sent, key, columns = sent_files("file"), _key(), said_by(current_user.id)
    let_go()
    alike.prepare()
    files, refused = open_up(sent)
    try:
        answers = import_reading.read_answers(key) if key and len(files) == 1 else None
        readings = import_reading.read_small(files, answers, columns)
        refusal = _refusal(sent, files, readings, refused) or _too_many(files, key)
    except Invalid as error:
        readings, refusal = [], error
    form = _form()
    if not form.validate_on_submit() or refusal is not None:
        if refusal is not None:
            form.blame(refusal)
        return _page(form), 422
    batch = imports.start_batch(files, readings, owner=current_user, choice=_choice(form), key=key, refused=refused)
    return redirect(_after(batch))


def _key() -> Incoming | None:
    """The file with the answers, where they stand apart."""
    return next(iter(sent_files("key")), None)


def _too_many(files: Sequence[Incoming], key: Incoming | None) -> Invalid | None:
    if key is None or len(files) == 1:
        return None
    return Invalid(_("Tệp đáp án chỉ dùng được với một tệp câu hỏi: gửi từng tệp câu hỏi một."), field="key")


def _refusal(
    sent: Sequence[Incoming],
    files: Sequence[Incoming],
    readings: Sequence[Reading | Invalid | None],
    refused: Sequence[Refused],
) -> Invalid | None:
    """Why nothing is taken: no file, none that can be read, or a single one that cannot."""
    if not sent:
        return Invalid(_("Hãy chọn tệp câu hỏi."), field="file")
    empty = [file.name for file in sent if not file.data]
    if empty:
        return Invalid(_("Tệp trống: kiểm tra lại tệp đã chọn."), field="file")
    if not files:
        told = [f"{one.name}: {in_language(one.reason)}" for one in refused]
        return Invalid(" ".join(told[:5]), field="file")
    if len(files) == 1 and not refused and isinstance(readings[0], Invalid):
        return readings[0]
    return None


def _choice(form: ImportForm) -> imports.Choice:
    wanted = "" if form.position.data == COMMON else form.position.data
    return imports.Choice(
        bank=BankKind(form.bank.data),
        position=db.session.scalar(select(Position).where(Position.code == wanted)) if wanted else None,
        topic=db.session.scalar(select(Topic).where(Topic.code == form.topic.data)) if form.topic.data else None,
        level=domain.Level(form.level.data),
    )


def _after(batch: ImportBatch) -> str:
    """To the file when it was the only one, else to the list of all of them."""
    db.session.refresh(batch)
    if len(batch.imports) > 1 or imports.refused_of(batch):
        return url_for("bank.import_batch", ref=batch.ref)
    return address_of(batch.imports[0])


def address_of(kept: QuestionImport) -> str:
    """Where its owner sees how far the file is, or what it holds."""
    if kept.job is not None and kept.state in {ImportState.WAITING, ImportState.STORING} and kept.job.ended_at is None:
        return url_for("core.job", ref=kept.job.ref)
    return url_for("bank.import_preview", ref=kept.ref)


@bp.get("/import/batches/<string:ref>")
@requires(Permission.BANK_IMPORT)
def import_batch(ref: str) -> str:
    batch = imports.get_batch(ref, person=current_user)
    catalogue = Catalogue.load(current_user.id)
    running = {ImportState.WAITING, ImportState.STORING}
    previews = {
        kept.id: Preview(kept, person=current_user, catalogue=catalogue)
        for kept in batch.imports
        if kept.state is ImportState.READ
    }
    return render_template(
        "bank/import_batch.html",
        batch=batch,
        refused=imports.refused_of(batch),
        previews=previews,
        ready=sum(storing.is_ready(preview) for preview in previews.values()),
        running=any(kept.state in running and kept.job and not kept.job.ended_at for kept in batch.imports),
        label=imports.format_label,
        address_of=address_of,
        fragment=bool(request.headers.get("HX-Request")),
    )


@bp.post("/import/batches/<string:ref>/confirm")
@requires(Permission.BANK_IMPORT)
def confirm_batch(ref: str) -> ResponseReturnValue:
    """Store every file of the batch that has nothing left to mend."""
    stored, later = storing.store_batch(imports.get_batch(ref, person=current_user), person=current_user)
    if stored:
        flash(ngettext("Đã lưu %(n)s câu hỏi dạng bản nháp.", "Đã lưu %(n)s câu hỏi dạng bản nháp.", stored), "success")
    if later:
        flash(_("%(n)s tệp đang được lưu ở chế độ nền.", n=later), "info")
    return redirect(url_for("bank.import_batch", ref=ref))
