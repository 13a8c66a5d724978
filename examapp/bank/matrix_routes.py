"""Pages of the exam matrices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.bank import matrices
from examapp.bank.labels import LEVELS
from examapp.bank.matrix_forms import COMMON, MatrixForm, NewMatrixForm, cell_name, grid_form
from examapp.bank.models import Matrix, MatrixVersion, Topic
from examapp.bank.pool import pool
from examapp.bank.routes import bp
from examapp.bank.scope import is_over_all
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from examapp.organisation.models import Position
from question_bank.matrix import Item


def _demo() -> bool:
    return bool(current_app.config["SETTINGS"].demo)


def _day() -> date:
    """The day of the check: from the address, today otherwise."""
    try:
        return text.parse_date(request.args.get("on", ""))
    except ValueError:
        return clock.today()


@bp.get("/matrices")
@requires(Permission.MATRIX_READ)
def matrix_list() -> str:
    ordered = matrices.matrices_for(current_user).order_by(Matrix.position_id.is_not(None), Matrix.code)
    found = list(db.session.scalars(ordered))
    return render_template(
        "bank/matrix_list.html",
        matrices=found,
        totals=matrices.matrix_totals(found),
        may_create=current_user.may(Permission.MATRIX_EDIT),
    )


@bp.route("/matrices/new", methods=["GET", "POST"])
@requires(Permission.MATRIX_EDIT)
def matrix_new() -> ResponseReturnValue:
    positions = _positions(current_user)
    form = NewMatrixForm()
    form.position.choices = [(str(position.id), position.name) for position in positions.values()]
    if is_over_all(current_user, Permission.MATRIX_EDIT):
        form.position.choices.insert(0, (COMMON, _("Phần chung cho mọi vị trí")))
    if form.validate_on_submit():
        position = positions[int(form.position.data)] if form.position.data != COMMON else None
        try:
            matrix = matrices.create_matrix(
                code=form.code.data or matrices.propose_code(position),
                name=form.name.data,
                position_id=position.id if position else None,
                author_id=current_user.id,
            )
        except Invalid as error:
            form.blame(error)
        else:
            return redirect(url_for("bank.matrix", code=matrix.code), 303)
    return render_template("bank/matrix_new.html", form=form), 422 if form.is_submitted() else 200


def _positions(person: Account) -> dict[int, Position]:
    """The positions this person may make matrices for, by id."""
    reach = person.positions(Permission.MATRIX_EDIT)
    today = clock.today()
    ended = Position.valid_to < today
    alive = select(Position).where(Position.valid_from <= today, ended.is_not(True))
    if reach is not None:
        alive = alive.where(Position.id.in_(reach))
    return {position.id: position for position in db.session.scalars(alive.order_by(Position.name, Position.id))}


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the page of one matrix works with."""

    matrix: Matrix
    version: MatrixVersion | None
    items: list[Item]
    topics: list[Topic]


def _desk(matrix: Matrix, on: date) -> _Desk:
    version = matrices.load_version(matrix.current_id) if matrix.current_id is not None else None
    items = list(pool(position_id=matrix.position_id, on=on, demo=_demo()))
    return _Desk(matrix, version, items, matrices.topics_for(matrix, items))


@bp.get("/matrices/<string:code>")
@requires(Permission.MATRIX_READ)
def matrix(code: str) -> ResponseReturnValue:
    row = matrices.get_matrix(code, person=current_user)
    desk = _desk(row, _day())
    return _page(desk, _form(desk), _may_edit(row), _day())


@bp.post("/matrices/<string:code>")
@requires(Permission.MATRIX_EDIT)
def save_matrix(code: str) -> ResponseReturnValue:
    """Save, or only count again ("Tính lại"): the page then shows what was typed beside what the bank has."""
    row = matrices.get_matrix(code, person=current_user, permission=Permission.MATRIX_EDIT)
    if request.form.get("act") not in {"save", "count"}:
        abort(400)
    on = _posted_day()
    desk = _desk(row, on)
    form = _form(desk)
    if not form.validate_on_submit():
        return _page(desk, form, True, on), 422
    if request.form["act"] == "count":
        return _page(desk, form, True, on)
    try:
        version = matrices.save_matrix(
            row,
            minutes=form.minutes.data,
            counts=form.counts(desk.topics),
            points=form.points(),
            author_id=current_user.id,
        )
    except Invalid as error:
        form.blame(error)
        return _page(desk, form, True, on), 422
    if desk.version is not None and version.id == desk.version.id:
        flash(_("Không có gì thay đổi; phiên bản %(number)s vẫn giữ nguyên.", number=version.number), "info")
    else:
        flash(_("Đã lưu phiên bản %(number)s của ma trận.", number=version.number), "good")
    return redirect(url_for("bank.matrix", code=code, on=text.format_date(on)), 303)


def _posted_day() -> date:
    try:
        return text.parse_date(request.form.get("on", ""))
    except ValueError:
        return clock.today()


def _may_edit(row: Matrix) -> bool:
    may = matrices.matrices_for(current_user, Permission.MATRIX_EDIT).where(Matrix.id == row.id)
    return current_user.may(Permission.MATRIX_EDIT) and db.session.scalar(may) is not None


def _form(desk: _Desk) -> MatrixForm:
    form = grid_form(desk.topics, desk.version)()
    if not form.is_submitted():
        form.minutes.data = desk.version.minutes if desk.version else 30
        form.on.data = _day()
    return form


def _page(desk: _Desk, form: MatrixForm, may_edit: bool, on: date) -> str:
    return render_template(
        "bank/matrix.html",
        matrix=desk.matrix,
        version=desk.version,
        form=form,
        grid=matrices.grid(desk.topics, form.counts(desk.topics), form.points(), desk.items),
        levels=LEVELS,
        cell_name=cell_name,
        may_edit=may_edit,
        may_assign=request.method == "GET" and current_user.may(Permission.BANK_MANAGE),
        on=on,
        usable=len(desk.items),
        versions=_versions(desk.matrix),
    )


def _versions(row: Matrix) -> list[tuple[MatrixVersion, str]]:
    """The last versions with the name of who made them."""
    latest = (
        select(MatrixVersion, Account.display_name)
        .outerjoin(Account, Account.id == MatrixVersion.author_id)
        .where(MatrixVersion.matrix_id == row.id)
        .options(joinedload(MatrixVersion.matrix))
        .order_by(MatrixVersion.number.desc())
        .limit(20)
    )
    return [(version, name or "") for version, name in db.session.execute(latest)]
