"""Noted codes, emergency files and their QR codes, receipts, and what candidates said about questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.forms import HouseForm
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from examapp.invigilation import board as boards
from examapp.invigilation import intake
from examapp.invigilation.forms import CodeForm, FileForm, PhotosForm, ReceiptForm
from examapp.invigilation.late_routes import WAYS
from examapp.invigilation.notes import notes_for
from examapp.invigilation.routes import bp
from examapp.rounds.models import ExamRound
from examapp.rounds.services import get_round, visible_rounds
from examapp.sittings import parts, receipts
from examapp.sittings.codes import Borne, borne, codes_of, note_code, strike_code
from examapp.sittings.models import Sitting

MAX_PHOTOS = 30
"""As many as are read in one request."""


def _round(code: str) -> ExamRound:
    return get_round(code, person=current_user, permission=Permission.ROUND_WATCH)


def _sitting(exam_round: ExamRound, candidate_id: int) -> Sitting:
    found = boards.detail_of(exam_round.id, candidate_id, now=clock.now()).sitting
    if found is None:
        raise NotFound()
    return found


@bp.route("/<string:code>/<int:candidate_id>/code", methods=["GET", "POST"])
@requires(Permission.ROUND_WATCH)
def unsent_code(code: str, candidate_id: int) -> BaseResponse | str | tuple[str, int]:
    """Write down what a device shows when time is over and something is unsent."""
    exam_round = _round(code)
    sitting = _sitting(exam_round, candidate_id)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            noted = note_code(sitting, form.code.data, by=current_user, now=clock.now())
        except Invalid as error:
            form.blame(error)
        else:
            _say_noted(sitting, noted.code)
            return redirect(url_for(".unsent_code", code=code, candidate_id=candidate_id), 303)
    page = render_template(
        "invigilation/code.html",
        round=exam_round,
        candidate=sitting.candidate,
        noted=codes_of(sitting),
        form=form,
    )
    return (page, 422) if form.errors else page


@bp.post("/<string:code>/<int:candidate_id>/noted/<int:noted_id>/wrong")
@requires(Permission.ROUND_WATCH)
def wrong_code(code: str, candidate_id: int, noted_id: int) -> BaseResponse:
    """Take back a code that was misheard or mistyped."""
    sitting = _sitting(_round(code), candidate_id)
    struck = strike_code(sitting, noted_id, by=current_user, now=clock.now())
    flash(_("Đã gạch mã %(code)s vì ghi nhầm. Nếu gạch nhầm, hãy ghi lại mã này.", code=struck.code))
    return redirect(url_for(".unsent_code", code=code, candidate_id=candidate_id), 303)


def _say_noted(sitting: Sitting, code: str) -> None:
    """That it is noted, and what is known at this moment of what it stands for."""
    (noted,) = [one for one in codes_of(sitting) if one.code == code]
    if noted.has_arrived:
        kind, known = "good", _("Bài của mã này đã về máy chủ và khớp mã.")
    elif noted.alike:
        kind = "warn"
        known = _(
            "Mã này không khớp bài nào đã về, nhưng chỉ khác một, hai chữ so với %(other)s, mã của bài đã về. Hãy đọc "
            "lại mã trên màn hình; nếu ghi nhầm thì bấm “Ghi nhầm” và ghi mã đúng.",
            other=noted.alike,
        )
    elif noted.has_other or noted.has_earlier:
        kind = "warn"
        known = _(
            "Sau giờ đã có bài của người này về máy chủ, nhưng không khớp mã này. Hãy đọc lại mã trên màn hình; "
            "nếu mã đúng thì phần bài của mã này chưa về: hãy giữ nguyên máy."
        )
    else:
        kind, known = "message", _("Bài của mã này chưa về: hãy giữ nguyên máy, bài tự gửi khi có mạng.")
    told = _("Đã ghi mã %(code)s của %(name)s.", code=code, name=sitting.candidate.full_name)
    flash(f"{told} {known}", kind)


@bp.route("/<string:code>/file", methods=["GET", "POST"])
@requires(Permission.ROUND_WATCH)
def file(code: str) -> BaseResponse | str | tuple[str, int]:
    """Take in an emergency file of this round."""
    exam_round = _round(code)
    form = FileForm()
    if form.validate_on_submit():
        try:
            taken = intake.take_file(exam_round, form.file.data.read(), by=current_user, now=clock.now())
        except Invalid as error:
            _blame(form, error)
        else:
            if taken.was_known:
                flash(_("Tệp này đã được nhận từ trước; không có gì mới."))
            return _to_taken(code, taken)
    page = _intake_page(exam_round, form, PhotosForm(formdata=None))
    return (page, 422) if form.errors else page


@bp.get("/<string:code>/file/photos")
@requires(Permission.ROUND_WATCH)
def photos_again(code: str) -> BaseResponse:
    """The address of a form that was refused, opened once more."""
    return redirect(url_for(".file", code=code))


@bp.post("/<string:code>/file/photos")
@requires(Permission.ROUND_WATCH)
def photos(code: str) -> BaseResponse | tuple[str, int]:
    """Take in the QR codes of an emergency file; what has been read waits on the page until the others are there."""
    exam_round = _round(code)
    form = PhotosForm()
    missing: parts.MissingParts | None = None
    problems: list[str] = []
    chosen = [photo for photo in [*(form.photos.data or []), *(form.camera.data or [])] if photo]
    if form.validate_on_submit() and _are_some(form, chosen):
        db.session.rollback()  # reading photos takes seconds, which must not hold the write lock of SQLite
        before = parts.held(form.held.data or "")
        found, problems = intake.read_photos([(photo.filename or "", photo.read()) for photo in chosen])
        try:
            taken = intake.take_codes(exam_round, [*before, *found], by=current_user, now=clock.now())
        except parts.MissingParts as error:
            missing = error
            form.held.data = parts.hold([*before, *found])
        except Invalid as error:
            _blame(form, error)
            form.held.data = parts.hold(before) if isinstance(error, parts.SeveralFiles) else ""
        else:
            if taken.was_known:
                flash(_("Các mã QR này đã được nhận từ trước; không có gì mới."))
            return _to_taken(code, taken)
    return _intake_page(exam_round, FileForm(formdata=None), form, missing=missing, problems=problems), 422


def _intake_page(
    exam_round: ExamRound,
    form: FileForm,
    photos: PhotosForm,
    *,
    missing: parts.MissingParts | None = None,
    problems: Sequence[str] = (),
) -> str:
    return render_template(
        "invigilation/file.html",
        round=exam_round,
        form=form,
        photos=photos,
        missing=missing,
        missing_words=_listed(missing.numbers) if missing else "",
        problems=problems,
    )


def _are_some(form: PhotosForm, chosen: list[FileStorage]) -> bool:
    if not chosen:
        form.blame(Invalid(_("Chưa chọn ảnh nào."), field="photos"))
    elif len(chosen) > MAX_PHOTOS:
        form.blame(Invalid(_("Mỗi lần chỉ nhận đến %(n)s ảnh.", n=MAX_PHOTOS), field="photos"))
    return not form.errors


def _listed(numbers: Sequence[int]) -> str:
    """2, 4 và 5"""
    *others, last = [str(number) for number in numbers]
    return _("%(some)s và %(last)s", some=", ".join(others), last=last) if others else last


def _blame(form: HouseForm, error: Invalid) -> None:
    form.blame(error)
    if error.advice:
        form.form_errors.append(error.advice)


def _to_taken(code: str, taken: intake.Taken) -> BaseResponse:
    if taken.says_otherwise:
        flash(_("Mã ghi kèm bài khác với mã tính từ nội dung niêm phong; dưới đây là mã đúng."))
    return redirect(url_for(".file_taken", code=code, delivery_id=taken.delivery.id), 303)


@bp.get("/<string:code>/file/<int:delivery_id>")
@requires(Permission.ROUND_WATCH)
def file_taken(code: str, delivery_id: int) -> str:
    exam_round = _round(code)
    return render_template(
        "invigilation/file_taken.html", round=exam_round, brought=intake.brought_by(exam_round, delivery_id), ways=WAYS
    )


@bp.get("/<string:code>/notes")
@requires(Permission.ROUND_WATCH)
def notes(code: str) -> str:
    """What candidates said about questions; texts after the round is closed, for those who answer for it."""
    exam_round = _round(code)
    return render_template("invigilation/notes.html", round=exam_round, notes=notes_for(exam_round, current_user))


@bp.get("/<string:code>/<int:candidate_id>/verify")
@requires(Permission.ROUND_WATCH)
def verify(code: str, candidate_id: int) -> str:
    """Whether one person's receipt and addenda still hold."""
    exam_round = _round(code)
    sitting = _sitting(exam_round, candidate_id)
    return render_template(
        "invigilation/verify.html", round=exam_round, sitting=sitting, problems=receipts.verify(sitting)
    )


@bp.get("/receipt")
@requires(Permission.ROUND_WATCH)
def receipt() -> str | tuple[str, int]:
    """From a code to whose it is, in the rounds this person watches: of a receipt, and whether that holds; or of what
    was unsent, and whether it has arrived."""
    form = ReceiptForm(request.args, meta={"csrf": False})
    found: list[receipts.Called] | None = None
    unsent: list[Borne] = []
    if "code" in request.args and form.validate():
        watched = select(visible_rounds(current_user, Permission.ROUND_WATCH).subquery().c.id)
        rounds = list(db.session.scalars(watched))
        try:
            found, unsent = receipts.called(form.code.data, rounds), borne(form.code.data, rounds)
        except Invalid:
            message = _("Mã gồm 10 chữ và số, ví dụ 7K2QX-M94TB. Hãy so lại từng chữ với giấy biên nhận.")
            form.blame(Invalid(message, field="code"))
    page = render_template("invigilation/receipt.html", form=form, found=found, unsent=unsent, ways=WAYS)
    return (page, 422) if form.errors else page
