"""Pages of a round's candidates: the list, enrolling, one person, print and Excel."""

from __future__ import annotations

import json

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.files import XLSX, download
from examapp.core.forms import HouseForm
from examapp.core.paging import page_number, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from examapp.rounds import candidates as people
from examapp.rounds import services
from examapp.rounds.enrolment import assign_shifts, enrol, part_of_tree, propose_enrolment
from examapp.rounds.exports import candidate_workbook
from examapp.rounds.forms import ExtraForm, MoveForm, PartForm, ReleaseForm
from examapp.rounds.models import Candidate, ExamRound, RoundState
from examapp.rounds.routes import bp, open_for_edit
from examapp.rounds.sections import round_versions
from examapp.rounds.shifts import get_shift
from examapp.rounds.units import unit_choices

PREVIEW = 50
"""Lines shown of each group before enrolling."""


def _filter() -> people.Filter:
    given = request.args
    return people.Filter(
        words=given.get("q", ""),
        shift=given.get("shift", ""),
        state=given.get("state", ""),
        position=given.get("position", ""),
        sort=given.get("sort", "name"),
    )


@bp.get("/<string:code>/candidates")
@requires(Permission.ROUND_READ)
def candidates(code: str) -> str:
    found = services.get_round(code, person=current_user)
    return render_template(
        "rounds/candidates.html",
        round=found,
        page=paginate(people.candidates_of(found.id, _filter()), number=page_number()),
        counts=people.counts_of(found.id),
        positions=people.positions_of(found.id),
        filtered=any(request.args.get(name) for name in ("q", "shift", "state", "position")),
        may_edit=found.state is RoundState.DRAFT and services.may_edit(found, current_user),
    )


@bp.get("/<string:code>/candidates/print")
@requires(Permission.ROUND_READ)
def print_candidates(code: str) -> str:
    found = services.get_round(code, person=current_user)
    shown = _filter()
    rows = db.session.scalars(people.candidates_of(found.id, shown)).unique().all()
    shift = next((shift for shift in found.shifts if str(shift.id) == shown.shift), None)
    return render_template("rounds/print_candidates.html", round=found, rows=rows, shift=shift)


@bp.get("/<string:code>/candidates.xlsx")
@requires(Permission.ROUND_READ)
def export_candidates(code: str) -> ResponseReturnValue:
    found = services.get_round(code, person=current_user)
    data = candidate_workbook(found, _filter())
    return download(data, name=_("Danh sách người dự thi %(code)s", code=code) + ".xlsx", media_type=XLSX)


@bp.get("/<string:code>/enrol")
@requires(Permission.ROUND_EDIT)
def enrolment(code: str) -> ResponseReturnValue:
    """What enrolling the chosen part would do; nothing changes yet."""
    found = open_for_edit(code)
    services.require_draft(found)
    form = _part_form(found)
    if not round_versions(found.id):
        raise Invalid(
            _("Chưa lập được danh sách: kỳ thi chưa chọn ma trận đề."),
            advice=_("Hãy chọn ma trận ở bước 2, vì chỉ người giữ vị trí có ma trận mới dự thi."),
        )
    proposal = propose_enrolment(found, form.units.data or ())
    return render_template("rounds/enrol.html", round=found, form=form, proposal=proposal, preview=PREVIEW)


@bp.post("/<string:code>/enrol")
@requires(Permission.ROUND_EDIT)
def do_enrol(code: str) -> ResponseReturnValue:
    found = open_for_edit(code)
    done = enrol(found, request.form.getlist("units", type=int))
    flash(
        _(
            "Đã thêm %(added)s người, cập nhật %(updated)s người; danh sách có %(total)s người.",
            added=done.added,
            updated=done.updated,
            total=done.total,
        ),
        "good",
    )
    if done.unseated:
        flash(_("%(n)s người chưa có ca vì hết chỗ hoặc chưa có ca thi.", n=done.unseated), "warn")
    return redirect(url_for("rounds.candidates", code=code), 303)


def _part_form(found: ExamRound) -> PartForm:
    form = PartForm(formdata=None, data={"units": request.args.getlist("units", type=int)})
    form.units.choices = unit_choices(part_of_tree(found), on=found.posts_on, deepest=2)
    return form


@bp.post("/<string:code>/assign")
@requires(Permission.ROUND_EDIT)
def assign(code: str) -> ResponseReturnValue:
    found = open_for_edit(code)
    services.require_draft(found)
    left = assign_shifts(found)
    if left:
        flash(_("Đã xếp ca; còn %(n)s người chưa có ca vì hết chỗ. Hãy thêm ca hoặc số chỗ.", n=left), "warn")
    else:
        flash(_("Đã xếp ca cho mọi người dự thi."), "good")
    return redirect(url_for("rounds.candidates", code=code), 303)


@bp.get("/<string:code>/candidates/<string:number>")
@requires(Permission.ROUND_READ)
def candidate(code: str, number: str) -> ResponseReturnValue:
    found = services.get_round(code, person=current_user)
    return _candidate_page(people.get_candidate(found, number))


@bp.post("/<string:code>/candidates/<string:number>/<any(release,restore,move,extra):act>")
@requires(Permission.ROUND_EDIT)
def change_candidate(code: str, number: str, act: str) -> ResponseReturnValue:
    """One decision about one person; the page has a form for each."""
    found = open_for_edit(code)
    row = people.get_candidate(found, number)
    people.require_not_own(row, person=current_user)
    forms: dict[str, HouseForm] = {"release": ReleaseForm(), "move": _move_form(row, bare=True), "extra": ExtraForm()}
    form = forms.get(act)
    if form is not None and not form.validate_on_submit():
        return _candidate_page(row, **{act: form}), 422
    try:
        _do(act, found, row, form)
    except Invalid as error:
        if form is None:
            raise
        form.blame(error)
        return _candidate_page(row, **{act: form}), 422
    flash(_("Đã lưu thay đổi cho %(name)s.", name=row.full_name), "good")
    return redirect(url_for("rounds.candidate", code=code, number=number), 303)


def _do(act: str, found: ExamRound, row: Candidate, form: HouseForm | None) -> None:
    now = clock.now()
    match act, form:
        case "release", ReleaseForm():
            people.release(row, state=form.state.data, reason=form.reason.data)
        case "move", MoveForm():
            people.move_candidate(row, get_shift(found, form.shift.data), now=now)
        case "extra", ExtraForm():
            people.give_extra_minutes(row, minutes=form.minutes.data, reason=form.extra_reason.data or "", now=now)
        case _restore:
            people.restore(row)


def _move_form(row: Candidate, *, bare: bool = False) -> MoveForm:
    form = MoveForm() if bare else MoveForm(formdata=None)
    form.shift.choices = [(shift.id, shift.name) for shift in row.round.shifts if shift.id != row.shift_id]
    return form


def _candidate_page(row: Candidate, **given: HouseForm) -> str:
    forms = {
        "release": given.get("release") or ReleaseForm(formdata=None),
        "move": given.get("move") or _move_form(row),
        "extra": given.get("extra")
        or ExtraForm(formdata=None, data={"minutes": row.extra_minutes, "extra_reason": row.extra_reason}),
    }
    return render_template(
        "rounds/candidate.html",
        round=row.round,
        candidate=row,
        posts=json.loads(row.posts),
        forms=forms,
        may_edit=row.round.state in people.BEFORE_CLOSING and services.may_edit(row.round, current_user),
    )
