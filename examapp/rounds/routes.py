"""The list of rounds, the page of one, its information, and the acts that move it on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import joinedload

from examapp.core import clock
from examapp.core.errors import Invalid
from examapp.core.paging import page_number, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.text import fold
from examapp.core.words import _, ngettext
from examapp.rounds import papers, services, words
from examapp.rounds.candidates import counts_of
from examapp.rounds.forms import ReasonForm, RoundForm
from examapp.rounds.models import ExamRound, RoundState
from examapp.rounds.panel import steps_of
from examapp.rounds.readiness import BEFORE_SEALING, readiness
from examapp.rounds.units import unit_choices

bp = Blueprint("rounds", __name__, url_prefix="/rounds", template_folder="templates")


@bp.context_processor
def _words() -> dict[str, object]:
    return {"words": words, "period_name": words.period_name}


def is_demo() -> bool:
    return bool(current_app.config["SETTINGS"].demo)


def open_for_edit(code: str) -> ExamRound:
    """The round, if this person may change it; not found otherwise."""
    return services.get_round(code, person=current_user, permission=Permission.ROUND_EDIT)


@bp.get("/")
@requires(Permission.ROUND_READ)
def rounds() -> str:
    query = services.visible_rounds(current_user, Permission.ROUND_READ).options(joinedload(ExamRound.unit))
    query = query.order_by(ExamRound.year.desc(), ExamRound.id.desc())
    words_sought = fold(request.args.get("q", ""))
    if words_sought:
        query = query.where(ExamRound.id.in_(services.rounds_called(words_sought)))
    if (state := request.args.get("state", "")) in set(RoundState):
        query = query.where(ExamRound.state == RoundState(state))
    return render_template(
        "rounds/rounds.html",
        page=paginate(query, number=page_number()),
        filtered=bool(words_sought or state),
        may_create=current_user.may(Permission.ROUND_EDIT),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def new() -> ResponseReturnValue:
    form = RoundForm()
    _offer_units(form)
    if not form.is_submitted():
        today = clock.today()
        form.year.data, form.period_number.data, form.posts_on.data = today.year, 1, today
        form.late_window_minutes.data = current_app.config["SETTINGS"].late_window_minutes
    elif form.validate():
        values = _values(form)
        code = form.code.data or services.propose_code(values["year"], values["period"], values["period_number"])
        try:
            exam_round = services.create_round(code=code, created_by_id=current_user.id, **values)
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã tạo kỳ thi %(code)s. Tiếp theo: chọn ma trận đề.", code=exam_round.code), "good")
            return redirect(url_for("rounds.exam_round", code=exam_round.code), 303)
    return render_template("rounds/information.html", form=form, round=None), 422 if form.is_submitted() else 200


@bp.route("/<string:code>/information", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def information(code: str) -> ResponseReturnValue:
    exam_round = open_for_edit(code)
    services.require_draft(exam_round)
    form = RoundForm(obj=exam_round)
    del form.code
    _offer_units(form, exam_round)
    if form.validate_on_submit():
        try:
            changed = services.update_round(exam_round, **_values(form))
        except Invalid as error:
            form.blame(error)
        else:
            if {"unit_id", "posts_on", "posts_rule"} & set(changed) and counts_of(exam_round.id).enrolled:
                flash(_("Đã lưu. Cách lập danh sách đã đổi: hãy cập nhật danh sách người dự thi."), "warn")
            else:
                flash(_("Đã lưu thông tin kỳ thi."), "good")
            return redirect(url_for("rounds.exam_round", code=code), 303)
    return (
        render_template("rounds/information.html", form=form, round=exam_round),
        422 if form.is_submitted() else 200,
    )


def _offer_units(form: RoundForm, exam_round: ExamRound | None = None) -> None:
    offered = unit_choices(current_user.units(Permission.ROUND_EDIT), on=clock.today())
    if exam_round is not None and exam_round.unit_id not in dict(offered):
        offered.insert(0, (exam_round.unit_id, exam_round.unit.name))
    form.unit_id.choices = offered


def _values(form: RoundForm) -> dict[str, Any]:
    return {name: form[name].data for name in services.EDITABLE}


@bp.get("/<string:code>")
@requires(Permission.ROUND_READ)
def exam_round(code: str) -> str:
    found = services.get_round(code, person=current_user)
    ready = readiness(found, now=clock.now(), demo=is_demo())
    may_edit = current_user.may(Permission.ROUND_EDIT) and services.may_edit(found, current_user)
    return render_template(
        "rounds/round.html",
        round=found,
        ready=ready,
        steps=steps_of(found, ready, may_edit=may_edit),
        may_edit=may_edit,
        reads_integrity=services.reaches(found, current_user, Permission.INTEGRITY_READ),
        over=not services.shifts_not_over(found, clock.now()),
    )


@bp.route("/<string:code>/seal", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def seal(code: str) -> ResponseReturnValue:
    """To draw papers takes the right to draw from the bank over the round's unit; to read the bank is another right."""
    found = open_for_edit(code)
    services.get_round(code, person=current_user, permission=Permission.BANK_DRAW)
    ready = readiness(found, now=clock.now(), demo=is_demo())
    lacks = ready.blocking("information", *BEFORE_SEALING)
    if request.method == "POST":
        job = papers.start_sealing(found, owner_id=current_user.id, demo=is_demo(), lacks=lacks)
        return redirect(url_for("core.job", ref=job.ref), 303)
    services.require_draft(found)
    if lacks:
        raise Invalid(_("Chưa niêm phong đề được."), details=lacks)
    n = ready.counts.enrolled
    return render_template(
        "core/confirm.html",
        title=_("Niêm phong đề"),
        question=_("Rút đề và niêm phong cho kỳ thi %(code)s?", code=code),
        changes=[
            ngettext("Rút đề riêng cho %(n)s người dự thi", "Rút đề riêng cho %(n)s người dự thi", n),
            _("Không ai nhận câu mình đã soạn, thẩm định hoặc xem; câu gặp trong các kỳ gần đây chỉ dùng khi thiếu"),
            _("Thông tin, ma trận và danh sách không sửa được nữa, trừ khi mở niêm phong trước khi mở kỳ thi"),
        ],
        action=url_for("rounds.seal", code=code),
        submit=_("Niêm phong đề"),
        cancel=url_for("rounds.exam_round", code=code),
    )


@bp.route("/<string:code>/unseal", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def unseal(code: str) -> ResponseReturnValue:
    found, form = open_for_edit(code), ReasonForm()
    if form.validate_on_submit():
        count = papers.unseal(found, reason=form.reason.data)
        flash(_("Đã mở niêm phong, bỏ %(n)s đề. Kỳ thi trở lại bước soạn thảo.", n=count), "warn")
        return redirect(url_for("rounds.exam_round", code=code), 303)
    services.require_move(found, RoundState.DRAFT)
    page = render_template(
        "core/confirm.html",
        title=_("Mở niêm phong"),
        question=_("Bỏ các đề đã niêm phong của kỳ thi %(code)s để sửa lại?", code=code),
        changes=[
            _("Mọi đề đã rút bị bỏ; lần niêm phong sau rút đề mới"),
            _("Việc này và lý do được ghi vào nhật ký"),
        ],
        form=form,
        action=url_for("rounds.unseal", code=code),
        submit=_("Mở niêm phong"),
        cancel=url_for("rounds.exam_round", code=code),
        danger=True,
    )
    return page, 422 if form.is_submitted() else 200


@bp.route("/<string:code>/open", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def open_round(code: str) -> ResponseReturnValue:
    found = open_for_edit(code)
    ready = readiness(found, now=clock.now(), demo=is_demo())
    lacks = ready.blocking("shifts", "candidates")
    if request.method == "POST":
        services.open_round(found, now=clock.now(), lacks=lacks)
        flash(_("Đã mở kỳ thi. Người dự thi vào làm bài được từ giờ bắt đầu của ca."), "good")
        return redirect(url_for("rounds.exam_round", code=code), 303)
    services.require_openable(found, lacks)
    return render_template(
        "core/confirm.html",
        title=_("Mở kỳ thi"),
        question=_("Mở kỳ thi %(code)s cho người dự thi?", code=code),
        warning=" ".join(lack.message for lack in ready.of("seal")),
        changes=[
            ngettext("%(n)s người dự thi thấy kỳ thi", "%(n)s người dự thi thấy kỳ thi", ready.counts.enrolled),
            _("Mỗi người làm bài được trong giờ của ca mình"),
            _("Đề không đổi được nữa"),
        ],
        action=url_for("rounds.open_round", code=code),
        submit=_("Mở kỳ thi"),
        cancel=url_for("rounds.exam_round", code=code),
    )


@bp.route("/<string:code>/close", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def close_round(code: str) -> ResponseReturnValue:
    found = open_for_edit(code)
    running = services.shifts_not_over(found, clock.now())
    unfinished = [line for ask in current_app.extensions["unfinished"] for line in ask(found.id)]
    if request.method == "POST":
        confirmed = request.form.get("confirmed") == "yes"
        services.close_round(found, now=clock.now(), confirmed=confirmed, unfinished=unfinished)
        flash(_("Đã đóng kỳ thi."), "good")
        return redirect(url_for("rounds.exam_round", code=code), 303)
    services.require_move(found, RoundState.CLOSED)
    names = ", ".join(shift.name for shift in running)
    early = _("Còn ca chưa kết thúc: %(names)s. Người chưa bắt đầu sẽ không vào được nữa.", names=names)
    warnings = [*([early] if running else []), *unfinished]
    return render_template(
        "core/confirm.html",
        title=_("Đóng kỳ thi"),
        question=_("Đóng kỳ thi %(code)s?", code=code),
        warning=" ".join(warnings),
        changes=[
            _("Không ai bắt đầu làm bài được nữa"),
            _("Người đang làm bài vẫn làm và nộp đến hết giờ của mình; tính kết quả được khi mọi bài đã chốt"),
        ],
        fields={"confirmed": "yes"} if warnings else {},
        action=url_for("rounds.close_round", code=code),
        submit=_("Đóng sớm kỳ thi") if warnings else _("Đóng kỳ thi"),
        cancel=url_for("rounds.exam_round", code=code),
        danger=bool(warnings),
    )


@bp.route("/<string:code>/cancel", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def cancel(code: str) -> ResponseReturnValue:
    found, form = open_for_edit(code), ReasonForm()
    if form.validate_on_submit():
        services.cancel_round(found, reason=form.reason.data)
        flash(_("Đã hủy kỳ thi %(code)s.", code=code), "warn")
        return redirect(url_for("rounds.exam_round", code=code), 303)
    services.require_move(found, RoundState.CANCELLED)
    page = render_template(
        "core/confirm.html",
        title=_("Hủy kỳ thi"),
        question=_("Hủy hẳn kỳ thi %(code)s? Việc này không hoàn lại được.", code=code),
        changes=[_("Không ai làm bài của kỳ thi này nữa"), _("Dữ liệu đã có được giữ lại để tra cứu")],
        form=form,
        action=url_for("rounds.cancel", code=code),
        submit=_("Hủy kỳ thi"),
        cancel=url_for("rounds.exam_round", code=code),
        danger=True,
    )
    return page, 422 if form.is_submitted() else 200
