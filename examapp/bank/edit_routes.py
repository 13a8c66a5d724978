"""The editor with its preview and its images."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from examapp.bank import labels, media, paper, questions
from examapp.bank.content import content_of, present_content
from examapp.bank.editors.rows import with_act
from examapp.bank.forms import QuestionForm, form_of
from examapp.bank.models import BankKind, LegalDocument, Question, Topic
from examapp.bank.routes import bp
from examapp.bank.scope import EDITS, get_editable, positions_of
from examapp.bank.topics import topics_for
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid
from examapp.core.permissions import Permission, requires
from examapp.core.text import whole_number
from examapp.core.words import _, in_language
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.kinds import KINDS

bp.add_app_template_filter(paper.seen, "seen")
bp.add_app_template_filter(paper.key_lines, "key_lines")
bp.add_app_template_filter(labels.bank_label, "bank_label")


def _form(question: Question | None = None) -> tuple[QuestionForm, bool]:
    """The form as it was sent, after what a button of its rows asks for; whether there was such a button."""
    sent, is_row_act = with_act(request.form)
    form = QuestionForm(formdata=sent) if request.method == "POST" else QuestionForm()
    banks = [question.bank] if question else [bank for bank in BankKind if current_user.may(EDITS[bank])]
    permission = EDITS[_bank_of(form, banks)]
    form.offer_all(topics_for(current_user.positions(permission)), positions_of(current_user, permission), banks)
    form.carries = form.carried(sent)
    return form, is_row_act


def _bank_of(form: QuestionForm, banks: list[BankKind]) -> BankKind:
    chosen = form.bank.data or request.args.get("bank", "")
    return next((bank for bank in banks if bank.value == chosen), banks[0])


def _editor(form: QuestionForm, question: Question | None, *, previewed: bool = False) -> str:
    form.fill_rows()
    content = form.content()
    permission = EDITS[BankKind(form.bank.data)]
    return render_template(
        "bank/edit.html",
        form=form,
        question=question,
        base=request.form.get("base") or (question.current.number if question else ""),
        content=content,
        problems=_problems(content) if previewed else [],
        advice=_advice(content) if previewed else [],
        documents=list(db.session.scalars(select(LegalDocument).order_by(LegalDocument.symbol))),
        position_groups=labels.position_groups(positions_of(current_user, permission)),
        is_common_allowed=current_user.positions(permission) is None,
    )


def _problems(content: domain.Question) -> list[str]:
    return [in_language(message) for message in KINDS[content.kind].check(content)]


def _advice(content: domain.Question) -> list[str]:
    return [in_language(message) for message in KINDS[content.kind].advice(content)]


@bp.get("/questions/new")
@requires(*EDITS.values())
def new_question() -> str:
    """Empty, or begun for the cell that the address names: topic, level, position."""
    form, _act = _form()
    form.topic.data = request.args.get("topic") or form.topic.data
    form.level.data = request.args.get("level") or form.level.data
    form.positions.data = request.args.getlist("position") or form.positions.data
    return _editor(form, None)


@bp.post("/questions/new")
@requires(*EDITS.values())
def create_question() -> ResponseReturnValue:
    form, is_row_act = _form()
    if (answer := _not_yet(form, None, is_row_act=is_row_act)) is not None:
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
            bank=BankKind(form.bank.data),
        )
    except Invalid as error:
        form.blame(error)
        return _editor(form, None, previewed=True), 422
    flash(_("Đã lưu bản nháp %(code)s.", code=created.code), "success")
    return redirect(url_for("bank.question", code=created.code))


@bp.get("/questions/<string:code>/edit")
@requires(*EDITS.values())
def edit_question(code: str) -> str:
    question = get_editable(code, current_user)
    questions.note_reading(question, page="editor")
    form, _act = _form(question)
    return _editor(form_of(question, present_content(question), form), question)


@bp.post("/questions/<string:code>/edit")
@requires(*EDITS.values())
def save_question(code: str) -> ResponseReturnValue:
    question = get_editable(code, current_user)
    form, is_row_act = _form(question)
    if (answer := _not_yet(form, question, is_row_act=is_row_act)) is not None:
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


def _not_yet(form: QuestionForm, question: Question | None, *, is_row_act: bool) -> ResponseReturnValue | None:
    """The editor again: for a button of rows or of kinds, for a look at the preview, or with what is wrong."""
    act = request.form.get("act", "save")
    if is_row_act:
        return _editor(form, question)
    if act != "save":
        return _editor(form, question, previewed=True)
    if form.is_kind_changed:
        kind = labels.kind_label(form.body.form.kind)
        form.form_errors.append(_("Đã đổi sang loại “%(kind)s”: hãy điền các ô của loại này rồi lưu.", kind=kind))
        return _editor(form, question), 422
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
@requires(*EDITS.values(), Permission.BANK_IMPORT)
def preview() -> str:
    """What is being written, as the candidate will see it: a part of a page, fetched while typing."""
    form = QuestionForm(formdata=request.form)
    content = form.content()
    return render_template("bank/preview.html", content=content, problems=_problems(content), advice=_advice(content))


@bp.post("/images")
@requires(*EDITS.values(), Permission.BANK_IMPORT)
def upload_image() -> ResponseReturnValue:
    """Keep an image for a text that is being written; its name for the text, or what is wrong with it."""
    upload = request.files.get("image")
    try:
        if upload is None or not (data := upload.read()):
            raise Invalid(_("Hãy chọn tệp hình."))
        sha256 = media.keep_image(data, current_user)
    except Invalid as error:
        return jsonify(message=error.message), 422
    return jsonify(sha256=sha256)


@bp.get("/images/<string:sha256>")
@requires(*EDITS.values(), Permission.BANK_IMPORT)
def image(sha256: str) -> ResponseReturnValue:
    """An image while it is being written about; pages that show questions hold theirs as data."""
    found = media.get_image(sha256)
    return found.data, 200, {"Content-Type": found.media_type, "Cache-Control": "private, max-age=86400"}
