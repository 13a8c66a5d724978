"""Marking by people: the questions, the answers without names, one answer with its rubric."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank.asked import images_of, rich
from examapp.bank.services import load_questions
from examapp.core import clock
from examapp.core.errors import Invalid, NotFound
from examapp.core.permissions import Permission, requires
from examapp.core.text import format_points
from examapp.core.words import _
from examapp.results import by_people
from examapp.results.access import get_publishable
from examapp.results.by_people import Answer
from examapp.results.forms import mark_form
from examapp.results.routes import QUESTIONS_A_PAGE, bp, last_page, page_number, paged
from examapp.rounds.models import RoundState


@bp.get("/<string:code>/marking")
@requires(Permission.RESULTS_PUBLISH)
def marking(code: str) -> str:
    exam_round = get_publishable(code, person=current_user)
    tasks = by_people.tasks_of(exam_round, by=current_user)
    fresh = sum(task.counts.fresh for task in tasks)
    return render_template("results/marking.html", round=exam_round, tasks=tasks, fresh=fresh)


@bp.get("/<string:code>/marking/<int:version_id>")
@requires(Permission.RESULTS_PUBLISH)
def marking_question(code: str, version_id: int) -> str:
    exam_round = get_publishable(code, person=current_user)
    answers = by_people.answers_to(exam_round, version_id, by=current_user)
    number = min(page_number(), last_page(len(answers), QUESTIONS_A_PAGE))
    first = (number - 1) * QUESTIONS_A_PAGE
    shown = list(enumerate(answers, start=1))[first : first + QUESTIONS_A_PAGE]
    return render_template(
        "results/marking_question.html",
        round=exam_round,
        version_id=version_id,
        question=load_questions({version_id})[version_id],
        page=paged(shown, number=number, total=len(answers), size=QUESTIONS_A_PAGE),
        next=_waiting(answers),
    )


@bp.route("/<string:code>/marking/<int:version_id>/<string:ref>", methods=["GET", "POST"])
@requires(Permission.RESULTS_PUBLISH)
def marking_answer(code: str, version_id: int, ref: str) -> ResponseReturnValue:
    exam_round = get_publishable(code, person=current_user)
    answers = by_people.answers_to(exam_round, version_id, by=current_user)
    answer = next((one for one in answers if one.ref == ref), None)
    if answer is None:
        raise NotFound()
    question = load_questions({version_id})[version_id]
    rubric = by_people.rubric_of(question)
    form = mark_form(rubric, answer.mark)
    if form.validate_on_submit():
        points = [int(form[f"line_{number}"].data * 1000) for number in range(len(rubric))]
        try:
            mark = by_people.give_mark(
                exam_round,
                answer,
                question,
                points=points,
                comment=form["comment"].data,
                by=current_user,
                now=clock.now(),
            )
        except Invalid as error:
            form.blame(error)
        else:
            given, of = format_points(mark.awarded), format_points(mark.possible)
            flash(_("Đã ghi %(given)s trên %(of)s điểm.", given=given, of=of))
            following = _waiting([one for one in answers if one is not answer])
            if following is None:
                return redirect(url_for("results.marking_question", code=code, version_id=version_id), 303)
            return redirect(url_for("results.marking_answer", code=code, version_id=version_id, ref=following.ref), 303)
    page = render_template(
        "results/marking_answer.html",
        round=exam_round,
        version_id=version_id,
        stem=rich(question.stem, question.stem_html, images_of([question])),
        answer=answer,
        number=answers.index(answer) + 1,
        total=len(answers),
        text=by_people.answer_text(answer.response),
        form=form,
        lines=[form[f"line_{number}"] for number in range(len(rubric))],
        published=exam_round.state is RoundState.PUBLISHED,
    )
    return page, 422 if form.errors else 200


def _waiting(answers: Sequence[Answer]) -> Answer | None:
    """The first that nobody has marked."""
    return next((one for one in answers if one.mark is None), None)
