"""Setting a round up: matrices, shifts, council."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank.matrices import matrices_for
from examapp.bank.models import Matrix
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from examapp.rounds import board as council
from examapp.rounds import sections, services
from examapp.rounds.enrolment import positions_without_matrix
from examapp.rounds.forms import MatricesForm, MemberForm, ShiftForm, matrices_form, section_field
from examapp.rounds.models import BoardRole, ExamRound, RoundState, Shift
from examapp.rounds.routes import bp, is_demo, open_for_edit
from examapp.rounds.shifts import delete_shift, exam_days, get_shift, save_shift, seats_taken


@bp.get("/<string:code>/matrices")
@requires(Permission.ROUND_READ)
def matrices(code: str) -> ResponseReturnValue:
    found = services.get_round(code, person=current_user)
    offered = _offered()
    form = _matrices_form(offered)
    chosen = sections.round_versions(found.id)
    if chosen:
        _fill(form, {version.matrix.position_id: version.matrix_id for version in chosen})
    if chosen or not _may_choose(found):
        return _matrices_page(found, form)
    proposed = sections.newest_filled(found, offered, demo=is_demo())
    _fill(form, {position_id: matrix.id for position_id, matrix in proposed.items() if matrix is not None})
    return _matrices_page(found, form, unfilled=[one for one, matrix in proposed.items() if matrix is None])


def _may_choose(found: ExamRound) -> bool:
    return found.state is RoundState.DRAFT and services.may_edit(found, current_user)


@bp.post("/<string:code>/matrices")
@requires(Permission.ROUND_EDIT)
def save_matrices(code: str) -> ResponseReturnValue:
    found = open_for_edit(code)
    offered = _offered()
    form = _matrices_form(offered)
    if form.validate_on_submit():
        picked = {form[section_field(matrix.position_id)].data for matrix in offered}
        try:
            sections.choose_matrices(found, [matrix for matrix in offered if str(matrix.id) in picked])
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã lưu ma trận của kỳ thi."), "good")
            return redirect(url_for("rounds.matrices", code=code), 303)
    return _matrices_page(found, form), 422


def _offered() -> list[Matrix]:
    """The matrices within reach that ask for something, the common ones first."""
    ready = matrices_for(current_user).where(Matrix.current_id.is_not(None))
    return sorted(
        db.session.scalars(ready),
        key=lambda matrix: (matrix.position.name if matrix.position is not None else "", matrix.code),
    )


def _matrices_form(offered: list[Matrix]) -> MatricesForm:
    by_position: dict[int | None, list[Matrix]] = {}
    for matrix in offered:
        by_position.setdefault(matrix.position_id, []).append(matrix)
    return matrices_form(
        (
            position_id,
            found[0].position.name if found[0].position is not None else _("Phần chung"),
            [(matrix.id, f"{matrix.code} – {matrix.name}") for matrix in found],
        )
        for position_id, found in by_position.items()
    )()


def _fill(form: MatricesForm, chosen: dict[int | None, int]) -> None:
    for position_id, matrix_id in chosen.items():
        if section_field(position_id) in form:
            form[section_field(position_id)].data = str(matrix_id)


def _matrices_page(found: ExamRound, form: MatricesForm, *, unfilled: Sequence[int | None] = ()) -> str:
    """``unfilled``: positions none of whose matrices the bank fills, so that none is proposed."""
    checks = sections.check_sections(found, demo=is_demo())
    return render_template(
        "rounds/matrices.html",
        round=found,
        form=form,
        checks=checks,
        days=exam_days(found),
        missing=positions_without_matrix(found, [check.version for check in checks]),
        unfilled=[form[section_field(position_id)].label.text for position_id in unfilled],
        may_edit=_may_choose(found),
        may_open=current_user.may(Permission.MATRIX_READ),
    )


@bp.get("/<string:code>/shifts")
@requires(Permission.ROUND_READ)
def shifts(code: str) -> ResponseReturnValue:
    found = services.get_round(code, person=current_user)
    return render_template(
        "rounds/shifts.html",
        round=found,
        seated=seats_taken(found.id),
        phases={shift.id: services.exam_phase(found, shift, clock.now()) for shift in found.shifts},
        may_edit=found.state in {RoundState.DRAFT, RoundState.SEALED} and services.may_edit(found, current_user),
        may_add=found.state is RoundState.DRAFT and services.may_edit(found, current_user),
    )


@bp.route("/<string:code>/shifts/new", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def new_shift(code: str) -> ResponseReturnValue:
    found = open_for_edit(code)
    services.require_draft(found)
    form = ShiftForm()
    if not form.is_submitted():
        form.name.data = _("Ca %(n)s", n=len(found.shifts) + 1)
    return _shift_page(found, form, None)


@bp.route("/<string:code>/shifts/<int:shift_id>", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def edit_shift(code: str, shift_id: int) -> ResponseReturnValue:
    found = open_for_edit(code)
    shift = get_shift(found, shift_id)
    return _shift_page(found, ShiftForm(obj=shift), shift)


def _shift_page(found: ExamRound, form: ShiftForm, shift: Shift | None) -> ResponseReturnValue:
    if form.validate_on_submit():
        names = ("name", "starts_at", "ends_at", "place", "contact", "capacity")
        try:
            saved = save_shift(found, shift=shift, **{name: form[name].data for name in names})
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã lưu %(name)s.", name=saved.name), "good")
            return redirect(url_for("rounds.shifts", code=found.code), 303)
    page = render_template("rounds/shift.html", round=found, form=form, shift=shift)
    return page, 422 if form.is_submitted() else 200


@bp.route("/<string:code>/shifts/<int:shift_id>/delete", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def remove_shift(code: str, shift_id: int) -> ResponseReturnValue:
    found = open_for_edit(code)
    shift = get_shift(found, shift_id)
    if request.method == "POST":
        count = delete_shift(found, shift)
        flash(_("Đã bỏ ca; %(n)s người dự thi chờ xếp ca khác.", n=count), "warn")
        return redirect(url_for("rounds.shifts", code=code), 303)
    return render_template(
        "core/confirm.html",
        title=_("Bỏ ca thi"),
        question=_("Bỏ “%(name)s”?", name=shift.name),
        changes=[_("%(n)s người dự thi của ca chờ xếp ca khác", n=seats_taken(found.id).get(shift.id, 0))],
        action=url_for("rounds.remove_shift", code=code, shift_id=shift_id),
        submit=_("Bỏ ca thi"),
        cancel=url_for("rounds.shifts", code=code),
        danger=True,
    )


@bp.get("/<string:code>/board")
@requires(Permission.ROUND_READ)
def board(code: str) -> ResponseReturnValue:
    return _board_page(services.get_round(code, person=current_user), MemberForm(role=BoardRole.CHAIR))


@bp.post("/<string:code>/board")
@requires(Permission.ROUND_EDIT)
def add_member(code: str) -> ResponseReturnValue:
    found, form = open_for_edit(code), MemberForm()
    if form.validate_on_submit():
        try:
            member = council.add_member(found, login=form.login.data, role=form.role.data)
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã thêm %(name)s vào hội đồng.", name=member.account.display_name), "good")
            return redirect(url_for("rounds.board", code=code), 303)
    return _board_page(found, form), 422


@bp.post("/<string:code>/board/<int:member_id>/remove")
@requires(Permission.ROUND_EDIT)
def remove_member(code: str, member_id: int) -> ResponseReturnValue:
    council.remove_member(open_for_edit(code), member_id)
    flash(_("Đã bỏ thành viên khỏi hội đồng."), "good")
    return redirect(url_for("rounds.board", code=code), 303)


def _board_page(found: ExamRound, form: MemberForm) -> str:
    return render_template(
        "rounds/board.html",
        round=found,
        form=form,
        members=council.members_of(found.id),
        conflicts=council.conflicts(found.id),
        may_edit=found.state not in {RoundState.RECOGNISED, RoundState.CANCELLED}
        and services.may_edit(found, current_user),
    )
