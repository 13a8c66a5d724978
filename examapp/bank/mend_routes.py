"""Mending one question of a file in place."""

from __future__ import annotations

from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from examapp.bank import alike, imports, media, mending
from examapp.bank.editors.rows import with_act
from examapp.bank.import_forms import MendForm
from examapp.bank.models import ImportState, QuestionImport
from examapp.bank.preview_routes import ITEMS_A_PAGE
from examapp.bank.previews import SHOWS, Look, Preview, pictures_of
from examapp.bank.routes import bp
from examapp.bank.scope import positions_of
from examapp.bank.topics import topics_for
from examapp.core.permissions import Permission, requires
from examapp.core.words import _


class Opened(NamedTuple):
    """A question of a file on its page."""

    kept: QuestionImport
    preview: Preview
    look: Look


def _opened(ref: str, number: int, *, lock: bool = False) -> Opened:
    kept = imports.get_import(ref, person=current_user, lock=lock)
    preview = Preview(kept, person=current_user)
    return Opened(kept, preview, preview.looks([imports.get_item(kept, number)])[0])


def _form(sent: MultiDict[str, str] | None = None) -> MendForm:
    form = MendForm(sent) if sent is not None else MendForm()
    reach = current_user.positions(Permission.BANK_IMPORT)
    form.offer_places(topics_for(reach), positions_of(current_user, Permission.BANK_IMPORT))
    return form


@bp.get("/import/<string:ref>/items/<int:number>")
@requires(Permission.BANK_IMPORT)
def mend_page(ref: str, number: int) -> str:
    opened = _opened(ref, number)
    form = _form()
    form.show(opened.look.question)
    return _page(opened, form)


@bp.post("/import/<string:ref>/items/<int:number>")
@requires(Permission.BANK_IMPORT)
def mend_item(ref: str, number: int) -> ResponseReturnValue:
    alike.prepare()
    opened = _opened(ref, number, lock=True)
    sent, has_acted = with_act(request.form)
    form = _form(sent)
    if has_acted or form.is_kind_changed:
        form.fill_rows()
        return _page(opened, form)
    if not form.validate_on_submit():
        return _page(opened, form), 422
    mending.mend_item(opened.kept, number, form.question(opened.look.question))
    if _opened(ref, number).look.has_errors:
        flash(_("Đã ghi câu %(number)s, nhưng câu này vẫn còn lỗi.", number=number), "warning")
        return redirect(url_for("bank.mend_page", ref=ref, number=number))
    flash(_("Câu %(number)s đã hợp lệ.", number=number), "success")
    return redirect(_back(ref, number))


def _page(opened: Opened, form: MendForm) -> str:
    kept, preview, look = opened
    content = form.question(look.question) if request.method == "POST" else look.question
    return render_template(
        "bank/import_mend.html",
        kept=kept,
        look=look,
        form=form,
        content=content,
        images=preview.images([content]),
        is_open=kept.state is ImportState.READ,
    )


@bp.get("/import/<string:ref>/images/<string:sha256>")
@requires(Permission.BANK_IMPORT)
def import_image(ref: str, sha256: str) -> ResponseReturnValue:
    """An image of a file that is not stored yet, or one added while mending, for the editor."""
    brought = dict(pictures_of(imports.get_import(ref, person=current_user), [sha256]))
    found = brought.get(sha256) or media.get_image(sha256)
    return found.data, 200, {"Content-Type": found.media_type, "Cache-Control": "private, max-age=86400"}


@bp.post("/import/<string:ref>/items/<int:number>/leave-out")
@requires(Permission.BANK_IMPORT)
def leave_out_item(ref: str, number: int) -> ResponseReturnValue:
    kept = imports.get_import(ref, person=current_user, lock=True)
    mending.leave_out(kept, number, out=request.form.get("out") == "yes")
    return redirect(_back(ref, number))


def _back(ref: str, number: int) -> str:
    """To the question in the list it was reached from."""
    page, show = request.form.get("page", ""), request.form.get("show", "")
    return url_for(
        "bank.import_preview",
        ref=ref,
        page=page if page.isdecimal() else -(-number // ITEMS_A_PAGE),
        show=show if show in SHOWS and show else None,
        _anchor=f"item-{number}",
    )
