"""One question with its key, and the simple acts on it."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import duplicates, handing, labels, law, listing, questions, reviews, versions
from examapp.bank.content import content_of
from examapp.bank.exposures import awaited_rounds, papers_of
from examapp.bank.forms import ReasonForm
from examapp.bank.models import BankKind, Question, QuestionState
from examapp.bank.pool import ending_soon, is_usable
from examapp.bank.scope import EDITS, READS, get_editable, get_question, get_readable, is_reached
from examapp.core import clock
from examapp.core.db import db
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, in_language

bp = Blueprint("bank", __name__, url_prefix="/bank", template_folder="templates")
bp.add_app_template_filter(labels.level_label, "level_label")
bp.add_app_template_filter(labels.kind_label, "kind_label")
bp.add_app_template_filter(labels.state_label, "question_state")
bp.add_app_template_filter(labels.strand_label, "strand_label")
bp.add_app_template_filter(labels.verdict_label, "verdict_label")


def is_demo() -> bool:
    return bool(current_app.config["SETTINGS"].demo)


def let_go() -> None:
    """End the transaction so far, which has only read: slow work must not hold the write lock of SQLite."""
    db.session.rollback()


def page_number() -> int:
    raw = request.args.get("page", "1")
    return int(raw) if raw.isdecimal() and len(raw) < 7 else 1


def state_tag(question: Question) -> tuple[str, str]:
    """What the list says of a question, and the shape of the tag."""
    if question.held_at is not None:
        return _("Tạm giữ"), "warn"
    if question.state is QuestionState.APPROVED:
        if is_usable(question, clock.today(), demo=True):
            return _("Cần xem căn cứ"), "bad"
        if ending_soon(question, clock.today()):
            return _("Sắp hết căn cứ"), "warn"
    return labels.state_label(question.state), labels.STATE_TAGS[question.state]


@bp.get("/questions/<string:code>")
@requires(*READS.values())
def question(code: str) -> str:
    found = get_readable(code, current_user)
    questions.note_reading(found, page="question")
    return render_question(found, ReasonForm())


def _missing(found: Question) -> list[str]:
    """What must be mended before others get the question: a practice question needs no law to be practised."""
    if found.bank is BankKind.EXAM:
        return reviews.missing_for_review(found)
    return [in_language(problem) for problem in questions.problems_of(found)]


def render_question(found: Question, form: ReasonForm) -> str:
    today = clock.today()
    may_manage = found.bank is BankKind.EXAM and is_reached(found, current_user, Permission.BANK_MANAGE)
    return render_template(
        "bank/question.html",
        question=found,
        content=content_of(found.current),
        tag_of=state_tag(found),
        why_not=is_usable(found, today, demo=is_demo()),
        ending=ending_soon(found, today),
        faults={citation.id: law.why_not(citation, today) for citation in found.current.citations},
        versions=listing.versions_of(found),
        reviews=reviews.reviews_of(found),
        names=questions.names_of(found),
        papers=papers_of([found], but=awaited_rounds()).get(found.id, 0),
        missing=_missing(found),
        key_change=versions.key_change(found) if found.state is not QuestionState.APPROVED else None,
        owners=handing.possible_owners(found) if may_manage else [],
        links=duplicates.links_of(found, current_user),
        may_copy=handing.may_copy(found, current_user),
        may_edit=is_reached(found, current_user, EDITS[found.bank]),
        may_review=reviews.why_not_reviewer(found, current_user) is None,
        form=form,
    )


@bp.post("/questions/<string:code>/submit")
@requires(Permission.BANK_EDIT)
def submit_question(code: str) -> ResponseReturnValue:
    found = _to_edit(code)
    reviews.submit_for_review(found)
    flash(_("Đã gửi câu %(code)s để thẩm định.", code=code), "success")
    return _back_to(code)


@bp.post("/questions/<string:code>/withdraw")
@requires(Permission.BANK_EDIT)
def withdraw_question(code: str) -> ResponseReturnValue:
    reviews.withdraw(_to_edit(code), person=current_user)
    flash(_("Đã rút câu %(code)s về bản nháp.", code=code), "success")
    return _back_to(code)


@bp.post("/questions/<string:code>/hold")
@requires(Permission.BANK_EDIT, Permission.BANK_REVIEW)
def hold_question(code: str) -> ResponseReturnValue:
    found, form = _to_keep(code), ReasonForm()
    if not form.validate_on_submit():
        return render_question(found, form), 422
    questions.hold_question(found, reason=form.reason.data)
    flash(_("Đã tạm giữ câu %(code)s: câu này không được rút vào đề mới.", code=code), "success")
    return _back_to(code)


@bp.post("/questions/<string:code>/release")
@requires(Permission.BANK_EDIT, Permission.BANK_REVIEW)
def release_question(code: str) -> ResponseReturnValue:
    questions.release_question(_to_keep(code))
    flash(_("Đã bỏ tạm giữ câu %(code)s.", code=code), "success")
    return _back_to(code)


@bp.post("/questions/<string:code>/retire")
@requires(*EDITS.values())
def retire_question(code: str) -> ResponseReturnValue:
    found, form = _to_edit(code), ReasonForm()
    if not form.validate_on_submit():
        return render_question(found, form), 422
    questions.retire_question(found, reason=form.reason.data)
    flash(_("Câu %(code)s đã ngừng dùng. Đề và kết quả đã có vẫn giữ nguyên.", code=code), "success")
    return _back_to(code)


@bp.post("/questions/<string:code>/reopen")
@requires(*EDITS.values())
def reopen_question(code: str) -> ResponseReturnValue:
    questions.reopen_question(_to_edit(code))
    flash(_("Câu %(code)s đã trở lại bản nháp.", code=code), "success")
    return _back_to(code)


def _to_edit(code: str) -> Question:
    return get_editable(code, current_user)


def _to_keep(code: str) -> Question:
    """For acts that examiners and reviewers both may do."""
    edits = current_user.may(Permission.BANK_EDIT)
    return get_question(code, person=current_user, permission=Permission.BANK_EDIT if edits else Permission.BANK_REVIEW)


def _back_to(code: str) -> ResponseReturnValue:
    return redirect(url_for("bank.question", code=code))
