"""Versions of a question side by side, brought back, and questions as they are printed."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import listing, questions, versions
from examapp.bank.content import content_of
from examapp.bank.routes import bp
from examapp.bank.scope import EDITS, READS, get_editable, get_readable, is_reached
from examapp.core.permissions import requires
from examapp.core.text import whole_number
from examapp.core.words import _


@bp.get("/questions/<string:code>/versions/<int:number>")
@requires(*READS.values())
def question_version(code: str, number: int) -> str:
    question = get_readable(code, current_user)
    version, before = versions.get_pair(question, number, whole_number(request.args.get("against", "")))
    questions.note_reading(question, page=f"version {number}")
    content, old = content_of(version), content_of(before) if before else None
    return render_template(
        "bank/version.html",
        question=question,
        version=version,
        before=before,
        rows=versions.difference(old, content),
        content=content,
        old=old,
        every=listing.versions_of(question),
        names=questions.names_of(question),
        may_edit=is_reached(question, current_user, EDITS[question.bank]),
    )


@bp.post("/questions/<string:code>/versions/<int:number>/restore")
@requires(*EDITS.values())
def restore_version(code: str, number: int) -> ResponseReturnValue:
    question = get_editable(code, current_user)
    version, _before = versions.get_pair(question, number)
    if questions.restore_version(question, version, editor=current_user):
        flash(_("Đã khôi phục nội dung của phiên bản %(number)s thành phiên bản mới.", number=number), "success")
    else:
        flash(_("Nội dung hiện tại đã giống phiên bản %(number)s.", number=number), "info")
    return redirect(url_for("bank.question", code=code))
