"""The reviewer's queue: one question after another."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload

from examapp.bank import law, listing, questions, review_sets, reviews, versions
from examapp.bank.content import content_of
from examapp.bank.filtering import Filters
from examapp.bank.models import Question, QuestionState, QuestionVersion, Verdict
from examapp.bank.review_forms import ReviewForm
from examapp.bank.review_hints import hints_for
from examapp.bank.routes import bp, page_number
from examapp.bank.scope import get_question
from examapp.core import clock
from examapp.core.errors import Invalid
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.text import whole_number
from examapp.core.words import _


@bp.get("/review")
@requires(Permission.BANK_REVIEW)
def review_queue() -> str:
    found = reviews.queue(current_user).options(
        joinedload(Question.current).joinedload(QuestionVersion.topic), selectinload(Question.positions)
    )
    page = paginate(found, number=page_number())
    listing.note_listing(Filters(), page=f"review {page.number}", codes=[question.code for question in page.items])
    return render_template(
        "bank/review_queue.html",
        page=page,
        first=reviews.next_in_queue(current_user),
        sets=review_sets.open_sets_of(current_user),
    )


@bp.get("/review/<string:code>")
@requires(Permission.BANK_REVIEW)
def review_question(code: str) -> ResponseReturnValue:
    question = get_question(code, person=current_user, permission=Permission.BANK_REVIEW)
    if question.state is QuestionState.IN_REVIEW and (place := review_sets.place_for(question, current_user)):
        return redirect(url_for("bank.review_set_question", ref=place.ref, place=place.place))
    reason = reviews.why_not_reviewer(question, current_user)
    if reason or question.state is not QuestionState.IN_REVIEW:
        flash(reason or _("Câu %(code)s không còn chờ thẩm định.", code=code), "info")
        return redirect(url_for("bank.review_queue"))
    reviews.note_opening(question, current_user)
    return _page(question, review_form())


@bp.post("/review/<string:code>")
@requires(Permission.BANK_REVIEW)
def decide_question(code: str) -> ResponseReturnValue:
    question = get_question(code, person=current_user, permission=Permission.BANK_REVIEW)
    form = review_form()
    if not decide(question, form):
        if question.state is not QuestionState.IN_REVIEW or reviews.why_not_reviewer(question, current_user):
            return redirect(url_for("bank.review_question", code=code), 303)
        return _page(question, form), 422
    following = reviews.next_in_queue(current_user)
    return redirect(url_for("bank.review_question", code=following) if following else url_for("bank.review_queue"))


def review_form() -> ReviewForm:
    form = ReviewForm()
    form.offer()
    return form


def decide(question: Question, form: ReviewForm) -> bool:
    """Do what the button says; ``False`` when the form comes back with what is wrong."""
    approves = request.form.get("verdict") == Verdict.APPROVED
    if not form.validate_on_submit():
        return False
    try:
        reviews.review(
            question,
            reviewer=current_user,
            verdict=Verdict.APPROVED if approves else Verdict.RETURNED,
            comment=form.comment.data or "",
            passed=form.passed.data or [],
            version_id=whole_number(request.form.get("version", "")),
            has_seen_key=form.has_seen_key.data,
        )
    except Invalid as error:
        form.blame(error)
        return False
    code = question.code
    flash(_("Đã duyệt câu %(code)s.", code=code) if approves else _("Đã trả lại câu %(code)s.", code=code), "success")
    return True


def shown(question: Question, form: ReviewForm) -> dict[str, object]:
    """What the part ``bank/_review.html`` wants: the question with its key, and the form beside what was noticed."""
    content, today = content_of(question.current), clock.today()
    hints = hints_for(content)
    faults = {citation.id: law.why_not(citation, today) for citation in question.current.citations}
    hints["law"] = [*hints.get("law", []), *filter(None, faults.values())]
    return {
        "question": question,
        "content": content,
        "faults": faults,
        "hints": hints,
        "key_change": versions.key_change(question),
        "reviews": reviews.reviews_of(question),
        "author": questions.names_of(question).get(question.current.author_id or 0, ""),
        "form": form,
    }


def _page(question: Question, form: ReviewForm) -> str:
    waiting = reviews.waiting_count(current_user)
    return render_template("bank/review.html", waiting=waiting, **shown(question, form))
