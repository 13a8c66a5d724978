"""The editor with its preview, and the versions of a question side by side."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from examapp.bank import questions, versions
from examapp.bank.content import content_of, present_content
from examapp.bank.forms import QuestionForm, form_of
from examapp.bank.models import LegalDocument, Question, Topic
from examapp.bank.routes import bp
from examapp.bank.scope import get_question, is_reached, positions_of
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid
from examapp.core.permissions import Permission, requires
from examapp.core.text import whole_number
from examapp.core.words import _, in_language
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.kinds import KINDS


def _form() -> QuestionForm:
    form = QuestionForm()
    form.offer_all(
        topics_for(current_user.positions(Permission.BANK_EDIT)), positions_of(current_user, Permission.BANK_EDIT)
    )
    return form


def _editor(form: QuestionForm, question: Question | None, *, previewed: bool = False) -> str:
    content = form.content()
    return render_template(
        "bank/edit.html",
        form=form,
        question=question,
        base=request.form.get("base") or (question.current.number if question else ""),
        content=content,
        problems=_problems(content) if previewed else [],
        documents=list(db.session.scalars(select(LegalDocument).order_by(LegalDocument.symbol))),
        is_common_allowed=current_user.positions(Permission.BANK_EDIT) is None,
    )


def _problems(content: domain.Question) -> list[str]:
    return [in_language(message) for message in KINDS[content.kind].check(content)] if content.kind in KINDS else []


@bp.get("/questions/new")
@requires(Permission.BANK_EDIT)
def new_question() -> str:
    form = _form()
    form.fill_rows()
    return _editor(form, None)


@bp.post("/questions/new")
@requires(Permission.BANK_EDIT)
def create_question() -> ResponseReturnValue:
    form = _form()
    if (answer := _not_yet(form, None)) is not None:
        return answer
    try:
        topic, positions = _places(form)
        created = questions.create_question(
            content=form.content(),
            topic=topic,
            positions=positions,
            is_common=form.is_common.data,
            author=current_user,
            note=form.note.data or "",
        )
    except Invalid as error:
        form.blame(error)
        return _editor(form, None, previewed=True), 422
    flash(_("Đã lưu bản nháp %(code)s.", code=created.code), "success")
    return redirect(url_for("bank.question", code=created.code))


@bp.get("/questions/<string:code>/edit")
@requires(Permission.BANK_EDIT)
def edit_question(code: str) -> str:
    question = get_question(code, person=current_user, permission=Permission.BANK_EDIT)
    questions.note_reading(question, page="editor")
    return _editor(form_of(question, present_content(question), _form()), question)


@bp.post("/questions/<string:code>/edit")
@requires(Permission.BANK_EDIT)
def save_question(code: str) -> ResponseReturnValue:
    question, form = get_question(code, person=current_user, permission=Permission.BANK_EDIT), _form()
    if (answer := _not_yet(form, question)) is not None:
        return answer
    base = request.form.get("base", "")
    try:
        topic, positions = _places(form)
        changed = questions.edit_question(
            question,
            content=form.content(content_of(question.current)),
            topic=topic,
            positions=positions,
            is_common=form.is_common.data,
            editor=current_user,
            base=whole_number(base),
            note=form.note.data or "",
        )
    except Invalid as error:
        form.blame(error)
        return _editor(form, question, previewed=True), 422
    except Conflict as error:  # what was typed stays on the page
        form.form_errors.append(f"{error.message} {error.advice}".strip())
        return _editor(form, question, previewed=True), 409
    if changed:
        flash(_("Đã lưu phiên bản %(number)s, ở trạng thái bản nháp.", number=question.current.number), "success")
    else:
        flash(_("Nội dung không đổi nên không tạo phiên bản mới."), "info")
    return redirect(url_for("bank.question", code=code))


def _not_yet(form: QuestionForm, question: Question | None) -> ResponseReturnValue | None:
    """The editor again: for a row button, for a look at the preview, or with what is wrong in the form."""
    act = request.form.get("act", "save")
    if form.change_rows(act):
        return _editor(form, question)
    if act != "save":
        return _editor(form, question, previewed=True)
    if not form.validate_on_submit():
        return _editor(form, question, previewed=True), 422
    return None


def _places(form: QuestionForm) -> tuple[Topic, list[Position]]:
    topic = db.session.scalar(select(Topic).where(Topic.code == form.topic.data))
    if topic is None:
        raise Invalid(_("Hãy chọn chuyên đề."), field="topic")
    chosen = form.positions.data or []
    positions = list(db.session.scalars(select(Position).where(Position.code.in_(chosen)).order_by(Position.code)))
    return topic, positions


@bp.post("/preview")
@requires(Permission.BANK_EDIT, Permission.BANK_IMPORT)
def preview() -> str:
    """What is being written, as the candidate will see it: a part of a page, fetched while typing."""
    form = _form()
    content = form.content()
    return render_template("bank/preview.html", content=content, problems=_problems(content))


@bp.get("/questions/<string:code>/versions/<int:number>")
@requires(Permission.BANK_READ)
def question_version(code: str, number: int) -> str:
    question = get_question(code, person=current_user, permission=Permission.BANK_READ)
    version, before = versions.get_pair(question, number)
    questions.note_reading(question, page=f"version {number}")
    return render_template(
        "bank/version.html",
        question=question,
        version=version,
        before=before,
        rows=versions.difference(content_of(before) if before else None, content_of(version)),
        content=content_of(version),
        author=questions.names_of(question).get(version.author_id or 0, ""),
        may_edit=is_reached(question, current_user, Permission.BANK_EDIT),
    )


@bp.post("/questions/<string:code>/versions/<int:number>/restore")
@requires(Permission.BANK_EDIT)
def restore_version(code: str, number: int) -> ResponseReturnValue:
    question = get_question(code, person=current_user, permission=Permission.BANK_EDIT)
    version, _before = versions.get_pair(question, number)
    if questions.restore_version(question, version, editor=current_user):
        flash(_("Đã khôi phục nội dung của phiên bản %(number)s thành phiên bản mới.", number=number), "success")
    else:
        flash(_("Nội dung hiện tại đã giống phiên bản %(number)s.", number=number), "info")
    return redirect(url_for("bank.question", code=code))
