"""The registry of legal documents."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.bank import law
from examapp.bank.forms import DocumentForm, NewDocumentForm
from examapp.bank.models import LegalDocument, Question, QuestionVersion
from examapp.bank.routes import bp, page_number, page_url
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.paging import Page, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _


@bp.get("/law")
@requires(Permission.LAW_READ)
def law_list() -> str:
    day, wrong = _asked_day()
    checked = {"yes": True, "no": False}.get(request.args.get("checked", ""))
    found = law.documents_query(query=request.args.get("q", ""), on=day, checked=checked)
    page = paginate(found.options(joinedload(LegalDocument.superseded_by)), number=page_number(), url=page_url)
    chips = [{"label": _("Có hiệu lực ngày %(day)s", day=text.format_date(day)), "drop": "on"}] if day else []
    if checked is not None:
        label = _("Đã kiểm tra") if checked else _("Cần xác nhận")
        chips.append({"label": label, "drop": "checked"})
    return render_template(
        "bank/law.html", page=page, chips=chips, wrong_day=wrong, today=clock.today(), counts=_counts()
    )


def _asked_day() -> tuple[date | None, str]:
    """The day named in the address, or what was written there when it is no day."""
    raw = request.args.get("on", "").strip()
    try:
        return (text.parse_date(raw), "") if raw else (None, "")
    except ValueError:
        return None, raw


def _counts() -> tuple[int, int]:
    """How many documents there are, and how many of them wait to be confirmed."""
    states = list(db.session.scalars(select(LegalDocument.status_checked)))
    return len(states), states.count(False)


@bp.get("/law/new")
@requires(Permission.LAW_EDIT)
def new_document() -> str:
    return render_template("bank/law_new.html", form=NewDocumentForm())


@bp.post("/law/new")
@requires(Permission.LAW_EDIT)
def add_document() -> ResponseReturnValue:
    form = NewDocumentForm()
    if not form.validate_on_submit():
        return render_template("bank/law_new.html", form=form), 422
    try:
        document = law.add_document(
            symbol=form.symbol.data, title=form.title.data, field=form.field.data or "", person=current_user
        )
    except Invalid as error:
        form.blame(error)
        return render_template("bank/law_new.html", form=form), 422
    flash(_("Đã thêm văn bản %(symbol)s. Hãy ghi ngày hiệu lực và xác nhận.", symbol=document.symbol), "success")
    return redirect(url_for("bank.edit_document", document_id=document.id))


@bp.get("/law/<int:document_id>")
@requires(Permission.LAW_READ)
def law_document(document_id: int) -> str:
    document = law.get_document(document_id)
    return render_template(
        "bank/law_document.html",
        document=document,
        today=clock.today(),
        checked_by=db.session.get(Account, document.checked_by_id) if document.checked_by_id else None,
        page=_citing(document),
    )


def _citing(document: LegalDocument) -> Page[Question] | None:
    """The questions that rest on the document, for who may read questions."""
    if not current_user.may(Permission.BANK_READ):
        return None
    found = law.citing_questions(document, current_user.positions(Permission.BANK_READ)).options(
        joinedload(Question.current).joinedload(QuestionVersion.topic), selectinload(Question.positions)
    )
    return paginate(found, number=page_number(), url=page_url)


@bp.get("/law/<int:document_id>/edit")
@requires(Permission.LAW_EDIT)
def edit_document(document_id: int) -> str:
    document = law.get_document(document_id)
    form = _form(document)
    form.superseded_by.data = str(document.superseded_by_id or "")
    return render_template("bank/law_edit.html", form=form, document=document)


@bp.post("/law/<int:document_id>/edit")
@requires(Permission.LAW_EDIT)
def save_document(document_id: int) -> ResponseReturnValue:
    document = law.get_document(document_id)
    form = _form(document)
    if not form.validate_on_submit():
        return render_template("bank/law_edit.html", form=form, document=document), 422
    try:
        law.change_document(
            document,
            person=current_user,
            title=form.title.data,
            in_force_from=form.in_force_from.data,
            in_force_to=form.in_force_to.data,
            superseded_by_id=int(form.superseded_by.data) if form.superseded_by.data else None,
            status_checked=form.status_checked.data,
            note=form.note.data or "",
        )
    except Invalid as error:
        form.blame(error)
        return render_template("bank/law_edit.html", form=form, document=document), 422
    flash(_("Đã lưu văn bản %(symbol)s.", symbol=document.symbol), "success")
    return redirect(url_for("bank.law_document", document_id=document.id))


def _form(document: LegalDocument) -> DocumentForm:
    form = DocumentForm(obj=document)
    others = select(LegalDocument).where(LegalDocument.id != document.id).order_by(LegalDocument.symbol)
    form.offer(list(db.session.scalars(others)))
    return form
