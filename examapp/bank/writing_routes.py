"""Pages of the writing tasks: made from the gaps of a matrix, followed and ended by who keeps the bank."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.accounts.models import Account
from examapp.bank import matrices, writing
from examapp.bank.models import Matrix
from examapp.bank.review_forms import TaskForm
from examapp.bank.routes import bp, is_demo, page_number
from examapp.bank.writing import Gap
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, ngettext


@bp.get("/writing")
@requires(Permission.BANK_MANAGE)
def writing_list() -> str:
    page = paginate(writing.open_tasks(), number=page_number())
    people = {task.assignee_id: db.session.get_one(Account, task.assignee_id) for task in page.items}
    return render_template(
        "bank/work_writing.html",
        page=page,
        people=people,
        written=writing.written(page.items),
        today=clock.today(),
    )


@bp.route("/writing/new", methods=["GET", "POST"])
@requires(Permission.BANK_MANAGE)
def writing_new() -> ResponseReturnValue:
    matrix, on = _matrix(), _day()
    gaps = _gaps(matrix, on)
    form = TaskForm()
    form.offer(writing.writers(matrix.position_id))
    typed = {_name(gap): request.form.get(_name(gap), str(gap.left)) for gap in gaps}
    if form.validate_on_submit():
        try:
            made = writing.assign(
                {(gap.topic.id, gap.level): _number(typed[_name(gap)]) for gap in gaps},
                position_id=matrix.position_id,
                assignee_id=int(form.assignee.data),
                due_on=form.due_on.data,
                note=form.note.data or "",
                creator=current_user,
            )
        except Invalid as error:
            form.blame(error)
        else:
            count = sum(task.count for task in made)
            flash(ngettext("Đã giao viết %(n)s câu.", "Đã giao viết %(n)s câu.", count), "success")
            return redirect(url_for("bank.matrix", code=matrix.code, on=text.format_date(on)), 303)
    page = render_template("bank/work_assign.html", matrix=matrix, on=on, gaps=gaps, typed=typed, name=_name, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.post("/writing/<int:task_id>/close")
@requires(Permission.BANK_MANAGE)
def close_writing(task_id: int) -> ResponseReturnValue:
    task = writing.close_task(task_id)
    flash(_("Đã kết thúc việc viết câu hỏi của chuyên đề “%(name)s”.", name=task.topic.name), "success")
    return redirect(url_for("bank.writing_list"), 303)


def _matrix() -> Matrix:
    found = matrices.get_matrix(request.args.get("matrix", ""), person=current_user)
    if found.current_id is None:
        raise NotFound()
    return found


def _gaps(matrix: Matrix, on: date) -> list[Gap]:
    """All short cells, or the one that the address names."""
    assert matrix.current_id is not None
    gaps = writing.gaps_of(matrices.load_version(matrix.current_id), on=on, demo=is_demo())
    wanted = (request.args.get("topic", ""), request.args.get("level", ""))
    return [gap for gap in gaps if wanted == ("", "") or wanted == (str(gap.topic.id), gap.level.value)]


def _day() -> date:
    try:
        return text.parse_date(request.args.get("on", ""))
    except ValueError:
        return clock.today()


def _name(gap: Gap) -> str:
    return f"cell_{gap.topic.id}_{gap.level.value}"


def _number(typed: str) -> int:
    """What is no number is refused by the rule on how many may be asked for."""
    number = text.whole_number(typed.strip() or "0")
    return -1 if number is None else number
