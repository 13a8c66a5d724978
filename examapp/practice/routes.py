"""Ôn tập on a phone: what waits, a question, what was right, how far one has come; and who takes part."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.core import clock
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from examapp.practice import answers, choosing
from examapp.practice.cards import NEW_A_DAY
from examapp.practice.feedback import feedback_on
from examapp.practice.mock_sitting import open_mock, past_mocks
from examapp.practice.participation import participation
from examapp.practice.progress import progress_of
from examapp.practice.reach import Wish, part_name, reach_of

bp = Blueprint("practice", __name__, url_prefix="/practice", template_folder="templates")

LONGEST_NAME = 60


def _wish() -> Wish:
    part, topic = (request.values.get(name, "")[:LONGEST_NAME] for name in ("part", "topic"))
    return Wish(part, topic, more=request.values.get("more") == "yes")


@bp.get("/")
@requires(Permission.PRACTISE)
def index() -> str:
    reach, now = reach_of(current_user), clock.now()
    return render_template(
        "practice/index.html",
        outlook=choosing.outlook(reach, Wish(), now=now),
        parts=progress_of(reach, now=now),
        positions=reach.positions,
        new_a_day=NEW_A_DAY,
        mock=open_mock(reach.official_id),
        mocks=past_mocks(reach.official_id, most=3),
    )


@bp.get("/question")
@requires(Permission.PRACTISE)
def question() -> ResponseReturnValue:
    """The next question of what was chosen, or what to do when there is none."""
    reach, wish, now = reach_of(current_user), _wish(), clock.now()
    found = choosing.next_question(reach, wish, now=now)
    if found is None:
        outlook = choosing.outlook(reach, wish, now=now)
        return render_template("practice/nothing.html", outlook=outlook, wish=wish, new_a_day=NEW_A_DAY)
    if unmarked := answers.unmarked_answer(found, reach.official_id):
        return redirect(url_for(".answer", ref=unmarked.ref, **wish.address), 303)
    return _question_page(answers.sheet(found, reach, now=now), wish)


def _question_page(sheet: answers.Sheet, wish: Wish, problem: str = "") -> str:
    reach = reach_of(current_user)
    return render_template(
        "practice/question.html",
        q=sheet.asked,
        topic=sheet.question.current.topic,
        level=sheet.question.current.level,
        ticket=str(sheet.ticket),
        wish=wish,
        part=part_name(wish.part, reach.positions) if wish.part else "",
        outlook=choosing.outlook(reach, wish, now=clock.now()),
        problem=problem,
    )


@bp.post("/question")
@requires(Permission.PRACTISE)
def give_answer() -> ResponseReturnValue:
    reach, wish = reach_of(current_user), _wish()
    sent = {} if request.form.get("then") == "unknown" else request.form.to_dict(flat=False)
    try:
        given = answers.give_answer(request.form.get("ticket", ""), sent, reach=reach, now=clock.now())
    except answers.IncompleteAnswer as incomplete:
        return _question_page(answers.sheet_again(incomplete.ticket), wish, incomplete.message), 422
    return redirect(url_for(".answer", ref=given.ref, **wish.address), 303)


@bp.get("/answers/<string:ref>")
@requires(Permission.PRACTISE)
def answer(ref: str) -> str:
    """Right or not, a right answer, why, and the law."""
    given, wish, now = answers.own_answer(ref, current_user), _wish(), clock.now()
    return render_template(
        "practice/answer.html",
        answer=given,
        feedback=feedback_on(given),
        topic=given.version.topic,
        wish=wish,
        outlook=choosing.outlook(reach_of(current_user), wish, now=now),
        now=now,
        card=answers.card_of(given),
    )


@bp.post("/answers/<string:ref>/own-mark")
@requires(Permission.PRACTISE)
def own_mark(ref: str) -> ResponseReturnValue:
    """What the person thinks of an answer that no machine can mark."""
    answers.mark_own(answers.own_answer(ref, current_user), request.form.get("share", type=int))
    return redirect(url_for(".answer", ref=ref, **_wish().address), 303)


@bp.get("/participation")
@requires(Permission.PRACTICE_WATCH)
def take_part() -> str:
    """For the organiser: how many practise; never what an answer was worth."""
    found = participation(
        current_user.units(Permission.PRACTICE_WATCH), on=clock.today(), now=clock.now(), label=_("Tất cả")
    )
    return render_template("practice/participation.html", found=found)
