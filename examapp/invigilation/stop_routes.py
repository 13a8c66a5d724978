"""Stops in the middle: recorded for one person or a whole shift, listed, and decided by the chair."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from examapp.core import clock, text
from examapp.core.errors import Invalid, NotFound
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, ngettext
from examapp.invigilation import board as boards
from examapp.invigilation import stop_history
from examapp.invigilation.routes import bp
from examapp.invigilation.stop_forms import MakeUpShiftForm, StopDecisionForm, StopForm
from examapp.rounds.make_up import shifts_to_come
from examapp.rounds.models import ExamRound, Shift
from examapp.rounds.services import get_round
from examapp.rounds.shifts import get_shift
from examapp.sittings import make_ups, stops
from examapp.sittings.council import may_decide
from examapp.sittings.models import Sitting, Stop, StopOutcome


def _round(code: str) -> ExamRound:
    return get_round(code, person=current_user, permission=Permission.ROUND_WATCH)


def _report(form: StopForm) -> stops.Report:
    began, ended = form.moments()
    return stops.Report(began, ended, devices_taken=form.devices_taken.data, reason=form.reason.data)


def _report_of_shift(form: StopForm, shift: Shift) -> stops.Report:
    """An exam may last longer than its shift, by extra time; none begins before it."""
    report = _report(form)
    if report.began < report.ended <= shift.starts_at:
        message = _("Ca này bắt đầu lúc %(at)s, sau khoảng đã ghi.", at=text.format_moment(shift.starts_at))
        raise Invalid(message, field="ended")
    return report


@bp.route("/<string:code>/<int:candidate_id>/stop", methods=["GET", "POST"])
@requires(Permission.ROUND_WATCH)
def stop_person(code: str, candidate_id: int) -> BaseResponse | str | tuple[str, int]:
    exam_round = _round(code)
    detail = boards.detail_of(exam_round.id, candidate_id, now=clock.now())
    sitting = detail.sitting
    if sitting is None:
        raise NotFound()
    form = StopForm()
    form.ask_day(clock.from_ms(sitting.started_ms), clock.from_ms(sitting.deadline_ms))
    if form.validate_on_submit():
        try:
            stop = stops.record_stop(sitting, _report(form), by=current_user, now=clock.now())
        except Invalid as error:
            form.blame(error)
        else:
            _say_recorded(stop, detail.candidate.full_name)
            return redirect(url_for(".person", code=code, candidate_id=candidate_id), 303)
    page = render_template(
        "invigilation/stop_person.html", round=exam_round, detail=detail, times=boards.times_of(sitting), form=form
    )
    return (page, 422) if form.errors or form.form_errors else page


def _say_recorded(stop: Stop, name: str) -> None:
    if stop.outcome is StopOutcome.TIME_BACK:
        flash(_("Đã ghi gián đoạn và trả lại thời gian cho %(name)s.", name=name), "good")
    else:
        flash(_("Đã ghi gián đoạn của %(name)s, chờ chủ tịch hội đồng quyết định.", name=name), "warn")


@bp.route("/<string:code>/shift/<int:shift_id>/stop", methods=["GET", "POST"])
@requires(Permission.ROUND_WATCH)
def stop_shift(code: str, shift_id: int) -> BaseResponse | str | tuple[str, int]:
    """First whom it concerns and what follows, then the record."""
    exam_round = _round(code)
    shift = get_shift(exam_round, shift_id)
    form = StopForm()
    form.ask_day(shift.starts_at, shift.ends_at)
    if form.validate_on_submit():
        try:
            report = _report_of_shift(form, shift)
            if request.form.get("confirmed") != "yes":
                return _preview(exam_round, shift, form, report)
            recorded = stops.record_shift_stop(shift, report, by=current_user, now=clock.now())
        except Invalid as error:
            form.blame(error)
        else:
            _say_all_recorded(recorded)
            return redirect(url_for(".stop_list", code=code), 303)
    page = render_template("invigilation/stop_shift.html", round=exam_round, shift=shift, form=form)
    return (page, 422) if form.errors or form.form_errors else page


def _preview(exam_round: ExamRound, shift: Shift, form: StopForm, report: stops.Report) -> str:
    return render_template(
        "invigilation/stop_preview.html",
        round=exam_round,
        shift=shift,
        form=form,
        report=report,
        plan=stops.plan_for_shift(shift, report, by=current_user, now=clock.now()),
        fields={
            "confirmed": "yes",
            **({"day": text.format_date(form.day.data)} if form.day is not None else {}),
            "began": form.began.data.strftime("%H:%M"),
            "ended": form.ended.data.strftime("%H:%M"),
            "reason": form.reason.data,
            **({"devices_taken": "y"} if report.devices_taken else {}),
        },
    )


def _say_all_recorded(recorded: list[Stop]) -> None:
    waiting = sum(stop.outcome is StopOutcome.WAITING for stop in recorded)
    if back := len(recorded) - waiting:
        flash(ngettext("Đã trả lại thời gian cho %(n)s bài.", "Đã trả lại thời gian cho %(n)s bài.", back), "good")
    if waiting:
        message = ngettext(
            "%(n)s bài chờ chủ tịch hội đồng quyết định.", "%(n)s bài chờ chủ tịch hội đồng quyết định.", waiting
        )
        flash(message, "warn")


@bp.get("/<string:code>/stops")
@requires(Permission.ROUND_WATCH)
def stop_list(code: str) -> str:
    exam_round = _round(code)
    return render_template(
        "invigilation/stops.html",
        round=exam_round,
        rows=stop_history.of_round(exam_round),
        decides=may_decide(exam_round, current_user),
    )


@bp.route("/<string:code>/stops/<int:stop_id>", methods=["GET", "POST"])
@requires(Permission.ROUND_WATCH)
def decide_stop(code: str, stop_id: int) -> BaseResponse | str | tuple[str, int]:
    exam_round = _round(code)
    stop, sitting = make_ups.get_stop(exam_round, stop_id)
    form, now = StopDecisionForm(), clock.now()
    to_come = shifts_to_come(exam_round, now)
    form.offer([(shift, f"{shift.name}, {text.format_moment(shift.starts_at)}") for shift in to_come])
    if form.validate_on_submit():
        try:
            if form.outcome.data == StopOutcome.MAKE_UP and request.form.get("confirmed") != "yes":
                return _confirm_make_up(exam_round, form, stop, sitting, to_come, now)
            _decide(form, stop, sitting, to_come, now)
        except Invalid as error:
            form.blame(error)
        else:
            return redirect(url_for(".person", code=code, candidate_id=sitting.candidate_id), 303)
    page = render_template(
        "invigilation/stop.html",
        round=exam_round,
        told=stop_history.one(stop),
        sitting=sitting,
        times=boards.times_of(sitting),
        can_end=make_ups.can_end(sitting),
        decides=may_decide(exam_round, current_user) and current_user.official_id != sitting.candidate.official_id,
        to_come=to_come,
        form=form,
    )
    return (page, 422) if form.errors or form.form_errors else page


def _decide(form: StopDecisionForm, stop: Stop, sitting: Sitting, to_come: list[Shift], now: datetime) -> None:
    if form.outcome.data == StopOutcome.REFUSED:
        make_ups.refuse(stop, sitting, reason=form.reason.data, by=current_user, now=now)
        flash(_("Đã ghi quyết định không cho thi bù."))
        return
    shift = _chosen(form, to_come)
    demo = bool(current_app.config["SETTINGS"].demo)
    made = make_ups.make_up(stop, sitting, shift=shift, reason=form.reason.data, by=current_user, demo=demo, now=now)
    flash(_("Đã dừng bài cũ và rút đề số %(n)s cho ca “%(shift)s”.", n=made.paper.number, shift=shift.name), "good")
    if made.repeated:
        flash(_repeats(made.repeated), "warn")


def _chosen(form: StopDecisionForm, to_come: list[Shift]) -> Shift:
    shift = next((shift for shift in to_come if shift.id == form.shift.data), None)
    if shift is None:
        raise Invalid(_("Hãy chọn ca thi bù."), field="shift")
    return shift


def _repeats(count: int) -> str:
    return ngettext(
        "Ngân hàng không đủ câu khác: đề mới có %(n)s câu đã có trong đề cũ.",
        "Ngân hàng không đủ câu khác: đề mới có %(n)s câu đã có trong đề cũ.",
        count,
    )


def _confirm_make_up(
    exam_round: ExamRound,
    form: StopDecisionForm,
    stop: Stop,
    sitting: Sitting,
    to_come: list[Shift],
    now: datetime,
) -> str:
    """What the decision will do, the questions that come again among it, before it is taken."""
    shift = _chosen(form, to_come)
    demo = bool(current_app.config["SETTINGS"].demo)
    drawing = make_ups.preview(stop, sitting, shift=shift, reason=form.reason.data, by=current_user, demo=demo, now=now)
    here = url_for(".decide_stop", code=exam_round.code, stop_id=stop.id)
    return render_template(
        "core/confirm.html",
        title=_("Cho thi bù bằng một đề khác"),
        question=_("Cho %(name)s thi bù ở ca “%(shift)s”?", name=sitting.candidate.full_name, shift=shift.name),
        warning=_repeats(drawing.repeated) if drawing.repeated else "",
        changes=[
            _("Bài đang làm dừng lại ngay; bài được giữ để tra cứu, không tính điểm"),
            _(
                "Rút đề số %(n)s có %(questions)s câu, làm vào lúc %(at)s",
                n=drawing.number,
                questions=drawing.questions,
                at=text.format_moment(shift.starts_at),
            ),
            _("Không câu nào của đề cũ có trong đề mới")
            if not drawing.repeated
            else _("%(n)s trên %(of)s câu của đề mới người này đã gặp", n=drawing.repeated, of=drawing.questions),
            _("Người dự thi đọc được lý do: %(reason)s", reason=form.reason.data),
        ],
        fields={
            "confirmed": "yes",
            "outcome": form.outcome.data,
            "shift": shift.id,
            "reason": form.reason.data,
        },
        action=here,
        submit=_("Ghi quyết định"),
        cancel=here,
    )


@bp.route("/<string:code>/stops/new-shift", methods=["GET", "POST"])
@requires(Permission.ROUND_WATCH)
def make_up_shift(code: str) -> BaseResponse | str | tuple[str, int]:
    """A further shift, for a make-up where none of the round's own is left."""
    exam_round = _round(code)
    if not may_decide(exam_round, current_user):
        raise NotFound()
    stop_id = request.args.get("stop", type=int)
    back = url_for(".decide_stop", code=code, stop_id=stop_id) if stop_id else url_for(".stop_list", code=code)
    form = MakeUpShiftForm(data={"name": _("Ca thi bù"), "contact": _last_contact(exam_round)})
    if form.validate_on_submit():
        try:
            values = {name: form[name].data for name in ("name", "starts_at", "ends_at", "place", "contact")}
            make_ups.add_shift(exam_round, by=current_user, now=clock.now(), **values)
        except Invalid as error:
            form.blame(error)
        else:
            flash(_("Đã thêm ca “%(name)s”.", name=form.name.data), "good")
            return redirect(back, 303)
    page = render_template("invigilation/make_up_shift.html", round=exam_round, form=form, back=back, stop=stop_id)
    return (page, 422) if form.errors or form.form_errors else page


def _last_contact(exam_round: ExamRound) -> str:
    return next((shift.contact for shift in reversed(exam_round.shifts) if shift.contact), "")
