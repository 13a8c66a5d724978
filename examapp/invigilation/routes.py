"""The board of a round, for its organiser and invigilators."""

from __future__ import annotations

from operator import itemgetter

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.paging import Page, here, page_number
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, ngettext
from examapp.invigilation import board as boards
from examapp.invigilation import stop_history
from examapp.invigilation.forms import ExtensionForm
from examapp.rounds.models import Candidate, ExamRound, Shift
from examapp.rounds.services import get_round
from examapp.sittings.codes import codes_of, codes_of_round
from examapp.sittings.services import extend
from examapp.sittings.settle import settle_in_chunks
from examapp.sittings.stops import waiting_count, waiting_of

bp = Blueprint("invigilation", __name__, url_prefix="/invigilation", template_folder="templates")


def _round(code: str) -> ExamRound:
    return get_round(code, person=current_user, permission=Permission.ROUND_WATCH)


@bp.get("/<string:code>")
@requires(Permission.ROUND_WATCH)
def board(code: str) -> str:
    exam_round = _round(code)
    now = clock.now()
    state = request.args.get("state", "")
    filters = boards.Filters(
        shift_id=request.args.get("shift", type=int),
        unit_id=request.args.get("unit", type=int),
        state=state if state in boards.STATES else "",
        q=request.args.get("q", ""),
    )
    total = boards.total_of(boards.candidates_of(exam_round.id, filters, now=now))
    number = min(max(1, page_number()), max(1, -(-total // boards.PER_PAGE)))
    units = select(Candidate.unit_id, Candidate.unit_name).where(Candidate.round_id == exam_round.id).distinct()
    rows = boards.progress_of_round(exam_round.id, filters, now=now, page=number, per_page=boards.PER_PAGE)
    return render_template(
        "invigilation/board.html",
        round=exam_round,
        counts=boards.counts_of(exam_round.id, now=now),
        missing=list({one.sitting.id: one for one in codes_of_round(exam_round.id) if one.is_missing}.values()),
        rows=rows,
        waiting_stops=waiting_count(exam_round.id),
        held=waiting_of(row.sitting.id for row in rows if row.sitting is not None),
        page=Page(rows, number, total, here, boards.PER_PAGE),
        labels=boards.state_labels(),
        units=sorted(((unit_id, name) for unit_id, name in db.session.execute(units)), key=itemgetter(1, 0)),
        shifts=exam_round.shifts,
        shift_choices=[(shift.id, shift.name) for shift in exam_round.shifts],
        state_choices=[(name, label) for name, (_kind, label) in boards.state_labels().items()],
        heard_text=boards.heard_text,
        now=now,
    )


@bp.get("/<string:code>/<int:candidate_id>")
@requires(Permission.ROUND_WATCH)
def person(code: str, candidate_id: int) -> str:
    return _person_page(_round(code), candidate_id, ExtensionForm())


@bp.get("/<string:code>/<int:candidate_id>/extend")
@requires(Permission.ROUND_WATCH)
def extension_of_person(code: str, candidate_id: int) -> BaseResponse:
    """The address of a form that was refused, opened once more."""
    return redirect(url_for(".person", code=code, candidate_id=candidate_id))


@bp.post("/<string:code>/<int:candidate_id>/extend")
@requires(Permission.ROUND_WATCH)
def extend_person(code: str, candidate_id: int) -> BaseResponse | tuple[str, int]:
    exam_round = _round(code)
    form = ExtensionForm()
    detail = boards.detail_of(exam_round.id, candidate_id, now=clock.now())
    if detail.sitting is None:
        raise NotFound()
    if form.validate():
        try:
            extend(detail.sitting, minutes=form.minutes.data, reason=form.reason.data, by=current_user, now=clock.now())
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã cộng thêm %(n)s phút cho %(name)s.", n=form.minutes.data, name=detail.candidate.full_name))
            return redirect(url_for(".person", code=code, candidate_id=candidate_id), 303)
    return _person_page(exam_round, candidate_id, form), 422


def _person_page(exam_round: ExamRound, candidate_id: int, form: ExtensionForm) -> str:
    now = clock.now()
    detail = boards.detail_of(exam_round.id, candidate_id, now=now)
    return render_template(
        "invigilation/person.html",
        round=exam_round,
        detail=detail,
        heard=boards.heard_text(detail.heard, now),
        times=boards.times_of(detail.sitting),
        noted=codes_of(detail.sitting) if detail.sitting else [],
        stops=stop_history.of_candidate(detail.candidate),
        ended=stop_history.ended_sittings(detail.candidate),
        form=form,
        labels=boards.state_labels(),
    )


@bp.get("/<string:code>/shift/<int:shift_id>")
@requires(Permission.ROUND_WATCH)
def shift(code: str, shift_id: int) -> str:
    exam_round = _round(code)
    return _shift_page(exam_round, _shift(exam_round, shift_id), ExtensionForm())


@bp.get("/<string:code>/shift/<int:shift_id>/extend")
@requires(Permission.ROUND_WATCH)
def extension_of_shift(code: str, shift_id: int) -> BaseResponse:
    return redirect(url_for(".shift", code=code, shift_id=shift_id))


@bp.post("/<string:code>/shift/<int:shift_id>/extend")
@requires(Permission.ROUND_WATCH)
def extend_shift(code: str, shift_id: int) -> BaseResponse | tuple[str, int]:
    exam_round = _round(code)
    target = _shift(exam_round, shift_id)
    form = ExtensionForm()
    if form.validate():
        try:
            minutes = form.minutes.data
            count = extend(target, minutes=minutes, reason=form.reason.data, by=current_user, now=clock.now())
        except Invalid as error:
            form.blame(error)
        else:
            flash(
                _(
                    "Đã cộng thêm %(minutes)s phút cho ca “%(shift)s”: %(n)s bài đang làm.",
                    minutes=minutes,
                    shift=target.name,
                    n=count,
                )
            )
            return redirect(url_for(".board", code=code), 303)
    return _shift_page(exam_round, target, form), 422


def _shift_page(exam_round: ExamRound, target: Shift, form: ExtensionForm) -> str:
    running = boards.running_in(target.id)
    return render_template("invigilation/shift.html", round=exam_round, shift=target, form=form, running=running)


def _shift(exam_round: ExamRound, shift_id: int) -> Shift:
    found = next((shift for shift in exam_round.shifts if shift.id == shift_id), None)
    if found is None:
        raise NotFound()
    return found


@bp.post("/<string:code>/settle")
@requires(Permission.ROUND_WATCH)
def settle_overdue(code: str) -> BaseResponse:
    exam_round = _round(code)
    count = settle_in_chunks(round_id=exam_round.id)
    record("sitting.settled", "round", exam_round.code, sittings=count)
    flash(ngettext("Đã chốt %(n)s lượt làm bài.", "Đã chốt %(n)s lượt làm bài.", count))
    return redirect(url_for(".board", code=code), 303)
