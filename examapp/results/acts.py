"""What is done with the results of a round: compute, publish, recognise, export."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.core.db import apart
from examapp.core.errors import Invalid, NotFound
from examapp.core.files import download
from examapp.core.jobs import start_job
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, ngettext
from examapp.results import exports
from examapp.results.access import View, export_units, get_publishable, get_view
from examapp.results.forms import ComputeForm, ConfirmForm, RecogniseForm
from examapp.results.progress import left_of
from examapp.results.routes import bp
from examapp.results.services import (
    publish_round,
    recognise_round,
    require_computable,
    require_publishable,
    require_recognisable,
)
from examapp.rounds.models import Disclosure, ExamRound, RoundState
from examapp.sittings.late import count_waiting


@bp.route("/<string:code>/compute", methods=["GET", "POST"])
@requires(Permission.RESULTS_PUBLISH)
def compute(code: str) -> ResponseReturnValue:
    """Start computing; after publication with a reason."""
    exam_round = get_publishable(code, person=current_user)
    form = ComputeForm() if exam_round.state is RoundState.PUBLISHED else ConfirmForm()
    if not form.is_submitted() and exam_round.state is not RoundState.PUBLISHED:
        require_computable(exam_round)
    if not form.validate_on_submit():
        return _confirm_compute(exam_round, form), 422 if form.errors else 200
    reason = form.reason.data if isinstance(form, ComputeForm) else ""
    require_computable(exam_round, reason)
    job = start_job(
        "results.compute",
        title=_("Tính kết quả %(name)s", name=exam_round.name),
        owner_id=current_user.id,
        round_id=exam_round.id,
        reason=reason,
        url=url_for("results.show", code=code),
    )
    return redirect(url_for("core.job", ref=job.ref), 303)


def _confirm_compute(exam_round: ExamRound, form: ConfirmForm | ComputeForm) -> str:
    again = isinstance(form, ComputeForm)
    return render_template(
        "core/confirm.html",
        title=_("Tính lại kết quả") if again else _("Tính kết quả"),
        question=exam_round.name,
        changes=[
            _("Mỗi bài đã chốt được chấm theo đề đã niêm phong; chấm lại cho cùng kết quả thì không ghi gì thêm."),
            _("Kết quả thay đổi được ghi thành phiên bản mới; phiên bản cũ vẫn được giữ."),
        ],
        action=url_for("results.compute", code=exam_round.code),
        submit=_("Tính lại") if again else _("Tính kết quả"),
        cancel=url_for("results.show", code=exam_round.code),
        form=form if again else None,
        warning=_("Kết quả đã công bố.") if again else "",
    )


@bp.route("/<string:code>/publish", methods=["GET", "POST"])
@requires(Permission.RESULTS_PUBLISH)
def publish(code: str) -> ResponseReturnValue:
    exam_round = get_publishable(code, person=current_user)
    if ConfirmForm().validate_on_submit():
        publish_round(exam_round, by=current_user)
        flash(_("Đã công bố kết quả. Người dự thi xem được ở mục “Bài thi của tôi”."))
        return redirect(url_for("results.show", code=code), 303)
    require_publishable(exam_round, current_user)
    left = left_of([exam_round.id])[exam_round.id]
    shows = (
        _("Mỗi người xem được điểm, đáp án, giải thích và căn cứ pháp lý của đề mình đã làm.")
        if exam_round.disclosure is Disclosure.ANSWERS
        else _("Mỗi người xem được điểm của mình; đáp án không hiện.")
    )
    return render_template(
        "core/confirm.html",
        title=_("Công bố kết quả"),
        question=_("Công bố kết quả %(name)s?", name=exam_round.name),
        changes=[
            ngettext("%(n)s người có kết quả.", "%(n)s người có kết quả.", left.results),
            shows,
            _("Sau khi công bố, kết quả chỉ thay đổi bằng phiên bản mới có ghi lý do."),
        ],
        action=url_for("results.publish", code=code),
        submit=_("Công bố"),
        cancel=url_for("results.show", code=code),
        warning=_undecided(count_waiting([exam_round.id]).get(exam_round.id, 0)),
    )


def _undecided(waiting: int) -> str:
    """What is said before publishing where late answers wait for the council."""
    if not waiting:
        return ""
    return ngettext(
        "Còn %(n)s lượt trả lời đến muộn chờ hội đồng; quyết định sau khi công bố thì phải tính lại kết quả.",
        "Còn %(n)s lượt trả lời đến muộn chờ hội đồng; quyết định sau khi công bố thì phải tính lại kết quả.",
        waiting,
    )


@bp.route("/<string:code>/recognise", methods=["GET", "POST"])
@requires(Permission.RESULTS_PUBLISH)
def recognise(code: str) -> ResponseReturnValue:
    exam_round = get_publishable(code, person=current_user)
    form = RecogniseForm()
    if not form.is_submitted():
        require_recognisable(exam_round, current_user)
    if form.validate_on_submit() and form.date.data is not None:
        try:
            recognise_round(exam_round, number=form.number.data, date=form.date.data, by=current_user)
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã ghi quyết định công nhận. Kết quả được đưa vào hồ sơ đánh giá của năm."))
            return redirect(url_for("results.show", code=code), 303)
    page = render_template(
        "core/confirm.html",
        title=_("Công nhận kết quả"),
        question=exam_round.name,
        changes=[
            _("Kết quả kỳ thi được ghi là đã công nhận theo quyết định này và không tính lại được nữa."),
            _("Kết quả được đưa vào hồ sơ đánh giá hằng năm của từng người."),
        ],
        action=url_for("results.recognise", code=code),
        submit=_("Ghi quyết định công nhận"),
        cancel=url_for("results.show", code=code),
        form=form,
    )
    return page, 422 if form.errors else 200


def _extent(view: View) -> exports.Extent:
    units = export_units(view, current_user)
    return exports.Extent(view.exam_round.id, units, with_questions=units is None)


def _format(name: str) -> exports.Format:
    try:
        return exports.Format(name)
    except ValueError:
        raise NotFound() from None


@bp.get("/<string:code>/export/<string:form>")
@requires(Permission.RESULTS_EXPORT)
def export(code: str, form: str) -> ResponseReturnValue:
    """The file at once; a large one asks for a button that starts a job."""
    view, wanted = get_view(code, person=current_user), _format(form)
    extent = _extent(view)
    if exports.count_people(extent) > exports.LARGE:
        return render_template(
            "core/confirm.html",
            title=_("Xuất tệp kết quả"),
            question=_("Danh sách có nhiều người nên tệp được tạo ở nền; tải về khi xong."),
            action=url_for("results.export_large", code=code, form=wanted.value),
            submit=_("Bắt đầu xuất"),
            cancel=url_for("results.show", code=code),
        )
    data = exports.as_bytes(wanted, view.exam_round, extent)
    with apart() as session:
        exports.record_export(view.exam_round, wanted, extent, session=session)
    return download(data, name=exports.file_name(view.exam_round, wanted), media_type=exports.MEDIA[wanted])


@bp.post("/<string:code>/export/<string:form>")
@requires(Permission.RESULTS_EXPORT)
def export_large(code: str, form: str) -> ResponseReturnValue:
    view, wanted = get_view(code, person=current_user), _format(form)
    extent = _extent(view)
    job = start_job(
        "results.export",
        title=_("Xuất kết quả %(name)s", name=view.exam_round.name),
        owner_id=current_user.id,
        round_id=extent.round_id,
        unit_ids=None if extent.unit_ids is None else sorted(extent.unit_ids),
        with_questions=extent.with_questions,
        format=wanted.value,
    )
    return redirect(url_for("core.job", ref=job.ref), 303)
