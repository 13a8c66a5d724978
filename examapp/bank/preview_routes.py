"""One file of questions: what will come, what is wrong with it, what its words mean here, confirm or discard."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import import_reading, imports, mappings, marked_copies, storing, submitting
from examapp.bank.columns import said_by, waits_for_columns
from examapp.bank.import_forms import position_pairs
from examapp.bank.import_routes import address_of, sent_files
from examapp.bank.labels import bank_label
from examapp.bank.models import ImportState, QuestionImport
from examapp.bank.previews import SHOWS, Preview
from examapp.bank.routes import bp, let_go, page_number
from examapp.bank.scope import positions_of
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.files import XLSX, download, read_file
from examapp.core.models import Job
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, ngettext

ITEMS_A_PAGE = 50

bp.add_app_template_filter(bank_label, "bank_label")


def _own(ref: str) -> QuestionImport:
    """This person's import, to be changed."""
    return imports.get_import(ref, person=current_user, lock=True)


def _back(ref: str, anchor: str | None = None) -> ResponseReturnValue:
    """To the list as it was narrowed when it was left."""
    page, show = request.form.get("page", ""), request.form.get("show", "")
    return redirect(
        url_for(
            "bank.import_preview",
            ref=ref,
            page=page if page.isdecimal() else None,
            show=show if show in SHOWS and show else None,
            _anchor=anchor,
        )
    )


@bp.get("/import/<string:ref>")
@requires(Permission.BANK_IMPORT)
def import_preview(ref: str) -> ResponseReturnValue:
    kept = imports.get_import(ref, person=current_user)
    if (address := address_of(kept)) != url_for("bank.import_preview", ref=ref):
        return redirect(address)
    if kept.state in {ImportState.WAITING, ImportState.STORING, ImportState.UNREADABLE}:
        return render_template("bank/import_unread.html", kept=kept)
    if kept.state is ImportState.MAPPING:
        return redirect(url_for("bank.name_columns", ref=ref))
    preview = Preview(kept, person=current_user)
    show = request.args.get("show", "")
    page = paginate(preview.items(show), number=page_number(), size=ITEMS_A_PAGE)
    looks = preview.looks(list(page.items))
    return render_template(
        "bank/import_preview.html",
        kept=kept,
        preview=preview,
        page=page,
        looks=looks,
        images=preview.images(look.question for look in looks),
        show=show,
        label=imports.format_label,
        is_open=kept.state is ImportState.READ,
        drafts=submitting.drafts_left(kept) if kept.state is ImportState.STORED else 0,
        items_a_page=ITEMS_A_PAGE,
        may_name_columns=waits_for_columns(kept),
        may_mark=kept.format == marked_copies.FORMAT,
        may_add_law=current_user.may(Permission.LAW_EDIT),
        **_offered(),
    )


def _offered() -> dict[str, object]:
    """Topics and positions that a heading may be mapped to."""
    reach = current_user.positions(Permission.BANK_IMPORT)
    positions = positions_of(current_user, Permission.BANK_IMPORT)
    return {
        "topics": [(topic.code, topic.name) for topic in topics_for(reach)],
        "positions": position_pairs(positions, common=reach is None),
    }


@bp.post("/import/<string:ref>/mapping")
@requires(Permission.BANK_IMPORT)
def map_import(ref: str) -> ResponseReturnValue:
    """Take what headings, categories and unknown codes mean."""
    kept = _own(ref)
    imports.check_open(kept)
    form = request.form
    chosen = [
        mappings.Choice(written, topic, position)
        for written, topic, position in zip(
            form.getlist("written"), form.getlist("topic"), form.getlist("position"), strict=False
        )
        if topic or position
    ]
    count = mappings.remember(chosen, person=current_user, reach=current_user.positions(Permission.BANK_IMPORT))
    flash(_("Đã ghép %(n)s mục; lần sau gặp lại sẽ tự ghép.", n=count), "success")
    return _back(ref)


@bp.post("/import/<string:ref>/conversion")
@requires(Permission.BANK_IMPORT)
def confirm_conversion(ref: str) -> ResponseReturnValue:
    """The person has compared the texts of an old encoding with what they became."""
    kept = _own(ref)
    imports.check_open(kept)
    kept.is_conversion_confirmed = request.form.get("right") == "yes"
    db.session.flush()
    return _back(ref)


@bp.post("/import/<string:ref>/key")
@requires(Permission.BANK_IMPORT)
def key_import(ref: str) -> ResponseReturnValue:
    """Give the questions the answers of a second file."""
    kept = imports.get_import(ref, person=current_user)
    imports.check_open(kept)
    file, key = import_reading.incoming_of(kept.file_id), next(iter(sent_files("key")), None)
    columns = said_by(current_user.id)
    let_go()
    if key is None:
        raise Invalid(_("Hãy chọn tệp đáp án."))
    reading = import_reading.read_small([file], import_reading.read_answers(key), columns)[0]
    if isinstance(reading, Invalid):
        raise reading
    kept = _own(ref)
    imports.keep_key(kept, key)
    job = imports.read_anew(kept, reading)
    flash(_("Đã lấy đáp án từ tệp %(name)s.", name=key.name), "success")
    return redirect(url_for("core.job", ref=job.ref) if job else url_for("bank.import_preview", ref=ref))


@bp.post("/import/<string:ref>/read")
@requires(Permission.BANK_IMPORT)
def read_again(ref: str) -> ResponseReturnValue:
    """Go on with reading or storing that has come to a stop."""
    kept = _own(ref)
    job = storing.store_later(kept) if kept.state is ImportState.STORING else imports.read_later(kept)
    return redirect(url_for("core.job", ref=job.ref))


@bp.post("/import/<string:ref>/confirm")
@requires(Permission.BANK_IMPORT)
def confirm_import(ref: str) -> ResponseReturnValue:
    kept = _own(ref)
    imports.check_open(kept)
    preview = Preview(kept, person=current_user)
    only_good = request.form.get("sure") == "yes"
    if preview.faulty and preview.good and not only_good:
        return _ask(kept, preview)
    stored = storing.store_import(kept, person=current_user, only_good=only_good)
    if not isinstance(stored, int):
        return redirect(url_for("core.job", ref=stored.ref))
    flash(ngettext("Đã lưu %(n)s câu hỏi dạng bản nháp.", "Đã lưu %(n)s câu hỏi dạng bản nháp.", stored), "success")
    return redirect(url_for("bank.import_preview", ref=ref))


def _ask(kept: QuestionImport, preview: Preview) -> str:
    good, bad = preview.good, preview.faulty
    return render_template(
        "core/confirm.html",
        title=_("Một số câu còn lỗi"),
        question=_("Lưu %(good)s câu hợp lệ, bỏ qua %(bad)s câu lỗi?", good=good, bad=bad),
        changes=[
            _("%(n)s câu vào ngân hàng ở trạng thái bản nháp.", n=good),
            _("%(n)s câu lỗi không được lưu và không sửa tiếp được ở lần nhập này.", n=bad),
        ],
        action=url_for("bank.confirm_import", ref=kept.ref),
        fields={"sure": "yes"},
        submit=_("Chỉ lưu %(good)s câu đạt", good=good),
        cancel=url_for("bank.import_preview", ref=kept.ref, show="errors"),
    )


@bp.post("/import/<string:ref>/marked")
@requires(Permission.BANK_IMPORT)
def marked_import(ref: str) -> ResponseReturnValue:
    """The Excel file back, with what to mend shown in it."""
    kept = imports.get_import(ref, person=current_user)
    if marked_copies.cells_of(kept) > marked_copies.AT_ONCE:
        return redirect(url_for("core.job", ref=marked_copies.mark_later(kept).ref))
    faults = marked_copies.faults_of(Preview(kept, person=current_user))
    data, name = read_file(kept.file), kept.file.name
    let_go()
    return download(marked_copies.marked_copy(data, faults), name=marked_copies.name_of_copy(name), media_type=XLSX)


@bp.post("/import/<string:ref>/discard")
@requires(Permission.BANK_IMPORT)
def discard_import(ref: str) -> ResponseReturnValue:
    imports.discard_import(_own(ref))
    flash(_("Đã bỏ lần nhập này. Không câu nào được lưu."), "success")
    return redirect(url_for("bank.import_list"))


@bp.post("/import/<string:ref>/submit")
@requires(Permission.BANK_IMPORT)
def submit_import(ref: str) -> ResponseReturnValue:
    done = submitting.submit_stored(_own(ref))
    if isinstance(done, Job):
        return redirect(url_for("core.job", ref=done.ref))
    flash(submitting.told(*done), "warning" if done[1] else "success")
    return redirect(url_for("bank.import_preview", ref=ref))
