"""The reviewer's queue: one question after another."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload

from examapp.bank import law, questions, reviews
from examapp.bank.content import content_of
from examapp.bank.forms import ReviewForm
from examapp.bank.models import Question, QuestionState, QuestionVersion, Verdict
from examapp.bank.routes import bp, page_number, page_url
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
    page = paginate(found, number=page_number(), url=page_url)
    return render_template(
        "bank/review_queue.html", page=page, today=clock.today(), first=reviews.next_in_queue(current_user)
    )


@bp.get("/review/<string:code>")
@requires(Permission.BANK_REVIEW)
def review_question(code: str) -> ResponseReturnValue:
    question = get_question(code, person=current_user, permission=Permission.BANK_REVIEW)
    reason = reviews.why_not_reviewer(question, current_user)
    if reason or question.state is not QuestionState.IN_REVIEW:
        flash(reason or _("Câu %(code)s không còn chờ thẩm định.", code=code), "info")
        return redirect(url_for("bank.review_queue"))
    questions.note_reading(question, page="review")
    return _page(question, _form())


@bp.post("/review/<string:code>")
@requires(Permission.BANK_REVIEW)
def decide_question(code: str) -> ResponseReturnValue:
    question, form = get_question(code, person=current_user, permission=Permission.BANK_REVIEW), _form()
    verdict = Verdict.APPROVED if request.form.get("verdict") == Verdict.APPROVED else Verdict.RETURNED
    read = request.form.get("version", "")
    if not form.validate_on_submit():
        return _page(question, form), 422
    try:
        reviews.review(
            question,
            reviewer=current_user,
            verdict=verdict,
            comment=form.comment.data or "",
            passed=form.passed.data or [],
            version_id=whole_number(read),
        )
    except Invalid as error:
        form.blame(error)
        return _page(question, form), 422
    done = (
        _("Đã duyệt câu %(code)s.", code=code)
        if verdict is Verdict.APPROVED
        else _("Đã trả lại câu %(code)s.", code=code)
    )
    flash(done, "success")
    following = reviews.next_in_queue(current_user)
    return redirect(url_for("bank.review_question", code=following) if following else url_for("bank.review_queue"))


def _form() -> ReviewForm:
    form = ReviewForm()
    form.offer()
    return form


def _page(question: Question, form: ReviewForm) -> str:
    today = clock.today()
    return render_template(
        "bank/review.html",
        question=question,
        content=content_of(question.current),
        faults={citation.id: law.why_not(citation, today) for citation in question.current.citations},
        reviews=reviews.reviews_of(question),
        waiting=reviews.waiting_count(current_user),
        author=questions.names_of(question).get(question.current.author_id or 0, ""),
        form=form,
    )
