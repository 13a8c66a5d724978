"""The registry of legal documents: list, one document, corrections, what amends what."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.bank import amendments, law, law_registry, listing
from examapp.bank.filtering import Filters
from examapp.bank.law_forms import AmendmentForm, DocumentForm
from examapp.bank.law_symbols import KINDS
from examapp.bank.models import LegalDocument, Question, QuestionVersion
from examapp.bank.routes import bp, page_number
from examapp.bank.scope import open_to
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.paging import Page, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _

YES_NO = {"yes": True, "no": False}


@bp.get("/law")
@requires(Permission.LAW_READ)
def law_list() -> str:
    day, wrong = _asked_day()
    today, kind = clock.today(), request.args.get("kind", "")
    checked, party = (YES_NO.get(request.args.get(name, "")) for name in ("checked", "party"))
    soon = request.args.get("ending") == "soon"
    found = law_registry.documents_query(
        query=request.args.get("q", ""),
        on=day,
        checked=checked,
        kind=kind,
        party=party,
        ending=(today, today + law.notice() + law.DAY) if soon else None,
    )
    page = paginate(found.options(joinedload(LegalDocument.superseded_by)), number=page_number())
    chips = [
        (day, _("Có hiệu lực ngày %(day)s", day=text.format_date(day)), "on"),
        (kind, _("Loại: %(kind)s", kind=kind), "kind"),
        (party is not None, _("Văn bản của Đảng") if party else _("Văn bản của Nhà nước"), "party"),
        (soon, _("Sắp hết hiệu lực"), "ending"),
        (checked is not None, _("Đã kiểm tra") if checked else _("Cần xác nhận"), "checked"),
    ]
    return render_template(
        "bank/law.html",
        page=page,
        chips=[{"label": label, "drop": name} for asked, label, name in chips if asked],
        wrong_day=wrong,
        today=today,
        counts=_counts(),
        kinds=[(one, one) for one in law_registry.kinds_in_use()],
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
    """An empty entry; a page that misses a document names its symbol in the address."""
    form = _form(None)
    form.symbol.data = request.args.get("symbol", "").strip()[:60]
    return _new_page(form)


def _new_page(form: DocumentForm) -> str:
    return render_template("bank/law_new.html", form=form, kinds=KINDS)


@bp.post("/law/new")
@requires(Permission.LAW_EDIT)
def add_document() -> ResponseReturnValue:
    form = _form(None)
    if not form.validate_on_submit():
        return _new_page(form), 422
    try:
        document = law_registry.add_document(form.entry(), person=current_user)
    except Invalid as error:
        form.blame(error)
        return _new_page(form), 422
    flash(_("Đã thêm văn bản %(symbol)s. Hãy đối chiếu với văn bản gốc rồi xác nhận.", symbol=document.symbol))
    return redirect(url_for("bank.edit_document", document_id=document.id))


@bp.get("/law/<int:document_id>")
@requires(Permission.LAW_READ)
def law_document(document_id: int) -> str:
    document = law_registry.get_document(document_id)
    page = _citing(document)
    if page is not None:
        told = f"law {document.symbol} {page.number}"
        listing.note_listing(Filters(), page=told, codes=[question.code for question in page.items])
    return _document_page(document, None, page)


def _document_page(document: LegalDocument, form: AmendmentForm | None, page: Page[Question] | None) -> str:
    may_edit = current_user.may(Permission.LAW_EDIT)
    return render_template(
        "bank/law_document.html",
        document=document,
        today=clock.today(),
        checked_by=db.session.get(Account, document.checked_by_id) if document.checked_by_id else None,
        amendments=[(one, amendments.effective(one)) for one in amendments.amendments_of(document)],
        amends=amendments.amended_by(document),
        form=(form or _amendment_form(document)) if may_edit else None,
        page=page,
    )


def _citing(document: LegalDocument) -> Page[Question] | None:
    """The questions that rest on the document, for who may read questions."""
    if not current_user.may(Permission.BANK_READ):
        return None
    found = law.citing_questions(document, current_user.positions(Permission.BANK_READ)).options(
        joinedload(Question.current).joinedload(QuestionVersion.topic), selectinload(Question.positions)
    )
    found = found.where(open_to(current_user))
    return paginate(found, number=page_number())


@bp.get("/law/<int:document_id>/edit")
@requires(Permission.LAW_EDIT)
def edit_document(document_id: int) -> str:
    document = law_registry.get_document(document_id)
    form = _form(document)
    form.superseded_by.data = str(document.superseded_by_id or "")
    return _edit_page(document, form)


def _edit_page(document: LegalDocument, form: DocumentForm) -> str:
    return render_template("bank/law_edit.html", form=form, document=document, kinds=KINDS)


@bp.post("/law/<int:document_id>/edit")
@requires(Permission.LAW_EDIT)
def save_document(document_id: int) -> ResponseReturnValue:
    document = law_registry.get_document(document_id)
    form = _form(document)
    if not form.validate_on_submit():
        return _edit_page(document, form), 422
    try:
        law_registry.change_document(
            document, form.entry(), person=current_user, status_checked=form.status_checked.data
        )
    except Invalid as error:
        form.blame(error)
        return _edit_page(document, form), 422
    flash(_("Đã lưu văn bản %(symbol)s.", symbol=document.symbol), "success")
    return redirect(url_for("bank.law_document", document_id=document.id))


@bp.post("/law/<int:document_id>/amendments")
@requires(Permission.LAW_EDIT)
def add_amendment(document_id: int) -> ResponseReturnValue:
    document = law_registry.get_document(document_id)
    form = _amendment_form(document)
    if not form.validate_on_submit():
        return _document_page(document, form, _citing(document)), 422
    amending = law_registry.get_document(int(form.amended_by.data))
    try:
        amendments.add_amendment(document, amending, from_on=form.from_on.data, note=form.note.data or "")
    except Invalid as error:
        form.blame(error)
        return _document_page(document, form, _citing(document)), 422
    flash(_("Đã ghi %(symbol)s là văn bản sửa đổi.", symbol=amending.symbol), "success")
    return redirect(url_for("bank.law_document", document_id=document.id))


@bp.post("/law/<int:document_id>/amendments/<int:amendment_id>/drop")
@requires(Permission.LAW_EDIT)
def drop_amendment(document_id: int, amendment_id: int) -> ResponseReturnValue:
    document = law_registry.get_document(document_id)
    amendments.drop_amendment(amendments.get_amendment(document, amendment_id))
    flash(_("Đã bỏ văn bản sửa đổi khỏi %(symbol)s.", symbol=document.symbol), "success")
    return redirect(url_for("bank.law_document", document_id=document.id))


def _form(document: LegalDocument | None) -> DocumentForm:
    form = DocumentForm(obj=document)
    form.offer(_others(document))
    return form


def _amendment_form(document: LegalDocument) -> AmendmentForm:
    form = AmendmentForm()
    form.offer(_others(document))
    return form


def _others(document: LegalDocument | None) -> list[LegalDocument]:
    found = select(LegalDocument).order_by(LegalDocument.symbol)
    if document is not None:
        found = found.where(LegalDocument.id != document.id)
    return list(db.session.scalars(found))
