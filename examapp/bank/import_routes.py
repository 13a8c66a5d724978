"""Import of question files: upload, preview, mend in place, confirm or discard."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from examapp.bank import imports, listing
from examapp.bank.import_forms import ImportForm, MendForm
from examapp.bank.items import ImportItem, Preview
from examapp.bank.models import ImportState, QuestionImport, Topic
from examapp.bank.routes import bp, let_go, page_number, page_url
from examapp.bank.scope import positions_of
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.files import XLSX, download
from examapp.core.jobs import start_job
from examapp.core.paging import Page, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, ngettext
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.formats import Reading, template

ITEMS_A_PAGE = 50


def _upload_form() -> ImportForm:
    form = ImportForm()
    reach = current_user.positions(Permission.BANK_IMPORT)
    form.offer(positions_of(current_user, Permission.BANK_IMPORT), topics_for(reach), common=reach is None)
    return form


def _upload_page(form: ImportForm) -> str:
    page = paginate(imports.imports_query(current_user), number=page_number(), url=page_url)
    return render_template("bank/import.html", form=form, page=page, label=imports.format_label)


@bp.get("/import")
@requires(Permission.BANK_IMPORT)
def import_list() -> str:
    form = _upload_form()
    form.level.data = imports.DEFAULT_LEVEL.value
    return _upload_page(form)


@bp.get("/import/template")
@requires(Permission.BANK_IMPORT)
def import_template() -> Response:
    return download(template(), name="mau-nhap-cau-hoi.xlsx", media_type=XLSX)


@bp.post("/import")
@requires(Permission.BANK_IMPORT)
def upload_import() -> ResponseReturnValue:
    upload = request.files.get("file")
    data, name = (upload.read(), upload.filename or "") if upload else (b"", "")
    refusal: Invalid | None = None
    reading: Reading | None = None
    if data and len(data) <= imports.READ_AT_ONCE:
        let_go()
        try:
            reading = imports.read_upload(data, name=name)
        except Invalid as error:
            refusal = error
    form = _upload_form()
    if upload is not None and name and not data:
        refusal = Invalid(_("Tệp trống: kiểm tra lại tệp đã chọn."), field="file")
    if not form.validate_on_submit() or refusal is not None:
        if refusal is not None:
            form.blame(refusal)
        return _upload_page(form), 422
    return _keep(form, data, name, reading)


def _keep(form: ImportForm, data: bytes, name: str, reading: Reading | None) -> ResponseReturnValue:
    """Keep the file, and what was read or the job that will read it."""
    wanted = "" if form.position.data == listing.COMMON else form.position.data
    position = db.session.scalar(select(Position).where(Position.code == wanted)) if wanted else None
    topic = db.session.scalar(select(Topic).where(Topic.code == form.topic.data)) if form.topic.data else None
    level = domain.Level(form.level.data)
    file = imports.keep_file(data, name=name, owner=current_user)
    if reading is None:
        job = start_job(
            imports.JOB,
            title=_("Đọc tệp câu hỏi %(name)s", name=name)[:200],
            owner_id=current_user.id,
            file_id=file.id,
            position_id=position.id if position else None,
            topic_id=topic.id if topic else None,
            level=level.value,
        )
        return redirect(url_for("core.job", ref=job.ref))
    kept = imports.keep_import(reading, file=file, owner=current_user, position=position, topic=topic, level=level)
    return redirect(url_for("bank.import_preview", ref=kept.ref))


@bp.get("/import/<string:ref>")
@requires(Permission.BANK_IMPORT)
def import_preview(ref: str) -> str:
    kept = imports.get_import(ref, person=current_user, lock=True)
    preview, defaults = imports.preview_of(kept), imports.defaults_of(kept)
    show = request.args.get("show", "")
    return render_template(
        "bank/import_preview.html",
        kept=kept,
        file=imports.file_of(kept),
        label=imports.format_label,
        preview=preview,
        defaults=defaults,
        notes=imports.summary_notes(preview, defaults),
        page=_items(preview, show),
        show=show,
        is_open=kept.state is ImportState.READ,
        drafts=imports.drafts_left(kept) if kept.state is ImportState.STORED else 0,
    )


def _items(preview: Preview, show: str) -> Page[ImportItem]:
    """A page of the questions asked for: all, with errors, with warnings, left out."""
    chosen = {
        "errors": [item for item in preview.items if item.has_errors],
        "warnings": [item for item in preview.items if item.findings and not item.has_errors],
        "out": preview.left_out,
    }.get(show, preview.items)
    last = max(1, -(-len(chosen) // ITEMS_A_PAGE))
    number = min(page_number(), last)
    some = chosen[(number - 1) * ITEMS_A_PAGE : number * ITEMS_A_PAGE]
    return Page(items=some, number=number, total=len(chosen), url=page_url, size=ITEMS_A_PAGE)


@bp.get("/import/<string:ref>/items/<int:number>")
@requires(Permission.BANK_IMPORT)
def mend_page(ref: str, number: int) -> str:
    kept = imports.get_import(ref, person=current_user, lock=True)
    item = _item(kept, number)
    form = _mend_form()
    form.show(item)
    return _mend_page(kept, item, form)


@bp.post("/import/<string:ref>/items/<int:number>")
@requires(Permission.BANK_IMPORT)
def mend_item(ref: str, number: int) -> ResponseReturnValue:
    kept = imports.get_import(ref, person=current_user, lock=True)
    item, form = _item(kept, number), _mend_form()
    if form.change_rows(request.form.get("act", "")):
        return _mend_page(kept, item, form)
    if not form.validate_on_submit():
        return _mend_page(kept, item, form), 422
    mended = imports.mend_item(kept, number, form.question(item.question), person=current_user)
    if mended.has_errors:
        flash(_("Đã ghi câu %(number)s, nhưng câu này vẫn còn lỗi.", number=number), "warning")
        return redirect(url_for("bank.mend_page", ref=ref, number=number))
    flash(_("Câu %(number)s đã hợp lệ.", number=number), "success")
    return redirect(_back(ref, number))


def _mend_form() -> MendForm:
    form = MendForm()
    reach = current_user.positions(Permission.BANK_IMPORT)
    form.offer_places(topics_for(reach), positions_of(current_user, Permission.BANK_IMPORT))
    return form


def _mend_page(kept: QuestionImport, item: ImportItem, form: MendForm) -> str:
    content = form.question(item.question) if request.method == "POST" else item.question
    is_open = kept.state is ImportState.READ
    return render_template("bank/import_mend.html", kept=kept, item=item, form=form, content=content, is_open=is_open)


def _item(kept: QuestionImport, number: int) -> ImportItem:
    item = imports.preview_of(kept).item(number)
    if item is None:
        raise NotFound()
    return item


@bp.post("/import/<string:ref>/items/<int:number>/leave-out")
@requires(Permission.BANK_IMPORT)
def leave_out_item(ref: str, number: int) -> ResponseReturnValue:
    kept = imports.get_import(ref, person=current_user, lock=True)
    imports.leave_out(kept, number, out=request.form.get("out") == "yes")
    return redirect(_back(ref, number))


def _back(ref: str, number: int) -> str:
    """To the question in the list it was reached from."""
    page, show = request.form.get("page", ""), request.form.get("show", "")
    return url_for(
        "bank.import_preview",
        ref=ref,
        page=page if page.isdecimal() else None,
        show=show or None,
        _anchor=f"item-{number}",
    )


@bp.post("/import/<string:ref>/confirm")
@requires(Permission.BANK_IMPORT)
def confirm_import(ref: str) -> ResponseReturnValue:
    kept = imports.get_import(ref, person=current_user, lock=True)
    preview = imports.preview_of(kept)
    skipped = len(preview.faulty)
    if skipped and preview.good and request.form.get("sure") != "yes":
        return _ask(kept, len(preview.good), skipped)
    stored = imports.store_import(kept, person=current_user)
    flash(ngettext("Đã lưu %(n)s câu hỏi dạng bản nháp.", "Đã lưu %(n)s câu hỏi dạng bản nháp.", stored), "success")
    return redirect(url_for("bank.import_preview", ref=ref))


def _ask(kept: QuestionImport, good: int, skipped: int) -> str:
    return render_template(
        "core/confirm.html",
        title=_("Một số câu còn lỗi"),
        question=_("Lưu %(good)s câu hợp lệ, bỏ qua %(bad)s câu lỗi?", good=good, bad=skipped),
        changes=[
            _("%(n)s câu vào ngân hàng ở trạng thái bản nháp.", n=good),
            _("%(n)s câu lỗi không được lưu và không sửa tiếp được ở lần nhập này.", n=skipped),
        ],
        action=url_for("bank.confirm_import", ref=kept.ref),
        fields={"sure": "yes"},
        submit=_("Lưu %(good)s câu hợp lệ", good=good),
        cancel=url_for("bank.import_preview", ref=kept.ref, show="errors"),
    )


@bp.post("/import/<string:ref>/discard")
@requires(Permission.BANK_IMPORT)
def discard_import(ref: str) -> ResponseReturnValue:
    imports.discard_import(imports.get_import(ref, person=current_user, lock=True))
    flash(_("Đã bỏ lần nhập này. Không câu nào được lưu."), "success")
    return redirect(url_for("bank.import_list"))


@bp.post("/import/<string:ref>/submit")
@requires(Permission.BANK_IMPORT)
def submit_import(ref: str) -> ResponseReturnValue:
    sent, waiting = imports.submit_stored(imports.get_import(ref, person=current_user, lock=True))
    flash(_("Đã gửi thẩm định %(n)s câu.", n=sent), "success")
    if waiting:
        text = _("%(n)s câu chưa gửi được vì chưa đủ căn cứ hoặc còn lỗi; mở từng câu để xem cần sửa gì.", n=waiting)
        flash(text, "warning")
    return redirect(url_for("bank.import_preview", ref=ref))
