"""The candidate's pages: my exams, rules and start, the exam, review, receipt. Saving stands before Flask (save.py)."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from examapp.core import clock
from examapp.core.db import db, epoch
from examapp.core.errors import Conflict, HouseError, NotFound
from examapp.core.permissions import Permission, public, requires
from examapp.core.words import _
from examapp.sittings import exam_page, late, pages, prefetch, seb, services, waiting
from examapp.sittings.device import OWNER, device, owner, remember
from examapp.sittings.heard import hear
from examapp.sittings.models import Sitting, SittingState
from examapp.sittings.plain import changed_answers, leaving
from examapp.sittings.save import MAX_BODY, MAX_SLOT, HotPath, RefusedError, authorise, parse, reply
from examapp.sittings.settle import answers_taken, read_record
from examapp.sittings.stops import stopped_of
from examapp.sittings.store import make_store
from examapp.sittings.token import HEADER, Signer, Token

bp = Blueprint("sittings", __name__, url_prefix="/sittings", template_folder="templates")


@bp.record_once
def _stand_before_flask(state: BlueprintSetupState) -> None:
    """Saves never reach Flask; forms that carry the sitting's token need no session, hence no CSRF token of one."""
    app: Any = state.app
    settings = app.config["SETTINGS"]
    signer = app.extensions["sitting_signer"] = Signer(settings.secret_key)
    store = make_store(settings.database_url)
    app.wsgi_app = HotPath(app.wsgi_app, store=store, signer=signer)
    for view in (save_form, submit):
        app.extensions["csrf"].exempt(view)


def _signer() -> Signer:
    signer: Signer = current_app.extensions["sitting_signer"]
    return signer


@bp.get("/")
@requires(Permission.SIT)
def index() -> str:
    now = clock.now()
    return render_template(
        "sittings/index.html",
        exams=pages.my_exams(current_user.official_id, now=now),
        waiting_from=now + prefetch.EARLIEST,
        app=waiting.app_of(request.user_agent.string),
    )


@bp.get("/enter/<int:candidate_id>")
@requires(Permission.SIT)
def enter(candidate_id: int) -> str | BaseResponse:
    """The rules; the clock starts on the button, not here."""
    candidate = services.own_candidate(candidate_id, official_id=current_user.official_id)
    if sitting := services.sitting_of(candidate.id):
        return redirect(url_for(".exam", ref=sitting.ref), 303)
    now = clock.now()
    paper = services.paper_of(candidate.id)
    wait = waiting.wait_of(candidate, paper, begun=False, now=now)
    if wait.is_waiting:
        hear(candidate, now=now)
    return render_template(
        "sittings/enter.html",
        candidate=candidate,
        round=candidate.round,
        minutes=(paper.minutes if paper else candidate.round.minutes) + candidate.extra_minutes,
        questions=len(pages.layout_of(paper).slots) if paper else None,
        why_not=wait.message or services.why_not(candidate, now=now),
        data=waiting.page_data(candidate, wait),
        phase=wait.phase,
        spread=wait.spread_ms // 1000,
        seb=seb.is_required(candidate.round),
        app=waiting.app_of(request.user_agent.string),
        owner=owner(current_user.id),
        whom_to_call=exam_page.whom_to_call(candidate),
    )


@bp.post("/enter/<int:candidate_id>")
@requires(Permission.SIT)
def start(candidate_id: int) -> BaseResponse:
    """By the button (a form), or by the waiting room's script, which may hold the paper and lacks its key."""
    candidate = services.own_candidate(candidate_id, official_id=current_user.official_id)
    name = device()
    by_script = request.headers.get("Accept", "").startswith("application/json")
    try:
        seb.require(candidate.round, url=request.url, headers=request.headers)
        sitting = services.start_sitting(candidate, now=clock.now(), device=name)
    except Conflict as refusal:
        if not by_script:
            raise
        return _json({"error": "refused", "message": refusal.message, "advice": refusal.advice}, 409)
    if by_script:
        return remember(_own_page(_json(_started(sitting, name), 200)), name)
    return remember(redirect(url_for(".exam", ref=sitting.ref), 303), name)


def _started(sitting: Sitting, name: str) -> dict[str, Any]:
    """Where the exam is; and the key with all that the held paper lacks, if it is this one and this device's."""
    told: dict[str, Any] = {
        "url": url_for(".exam", ref=sitting.ref),
        "ref": sitting.ref,
        "digest": sitting.paper.digest,
    }
    here = sitting.state is SittingState.STARTED and services.lease_device(sitting) == name
    if not here or request.form.get("have") != sitting.paper.digest:
        return told | {"key": None, "sitting": None}
    data = exam_page.client_data(sitting, clock.to_ms(clock.now())) | {"token": _token(sitting, name)}
    return told | {"key": prefetch.key_text(sitting.paper), "sitting": data}


def _own_page(response: Response) -> Response:
    """Says whose page it is, for the browser that keeps it."""
    response.headers[OWNER] = owner(current_user.id)
    return response


@bp.get("/<string:ref>")
@requires(Permission.SIT)
def exam(ref: str) -> Response | BaseResponse:
    sitting = _own(ref)
    if sitting.state is not SittingState.STARTED:
        return redirect(url_for(".receipt", ref=ref), 303)
    name = device()
    seb.require(sitting.candidate.round, url=request.url, headers=request.headers)
    if services.lease_device(sitting) != name:
        return remember(_ask_to_move(sitting), name)
    shown = exam_page.Shown(saved_at=request.args.get("saved", ""), refused=_slots(request.args.get("refused", "")))
    return _own_page(make_response(exam_page.render(sitting, token=_token(sitting, name), shown=shown)))


@bp.post("/<string:ref>/take-over")
@requires(Permission.SIT)
def take_over(ref: str) -> BaseResponse:
    """Away from the device that the question was about; from any other the question is asked again."""
    name = device()
    sitting = _own(ref)
    seb.require(sitting.candidate.round, url=request.url, headers=request.headers)
    shown = request.form.get("lease", 0, type=int)
    try:
        services.take_over(sitting, shown=shown, device=name, now=clock.now())
    except services.MovedMeanwhileError:
        return remember(_ask_to_move(sitting, meanwhile=True), name)
    return remember(redirect(url_for(".exam", ref=ref), 303), name)


def _ask_to_move(sitting: Sitting, *, meanwhile: bool = False) -> Response:
    """Whether to go on at this device. ``meanwhile``: the sitting went to yet another one since this was asked."""
    since = pages.clock_text(services.lease_of(sitting).taken_ms)
    body = render_template("sittings/elsewhere.html", sitting=sitting, since=since, meanwhile=meanwhile)
    return make_response(body, 409 if meanwhile else 200)


@bp.post("/<string:ref>/save-form")
@public
def save_form(ref: str) -> BaseResponse:
    """The paper as a plain form: the token in it is the authority, as for every save."""
    token, sitting = _authorised(ref, request.form.get("token", ""))
    now = clock.now()
    sent = request.form.to_dict(flat=False)
    changes = changed_answers(pages.layout_of(sitting.paper), sent)
    asks_on = request.form.get("then", "").startswith("next") and not changes.refused
    going_on = leaving(sent, pages.gone_so_far(sitting).way) if asks_on else {}
    try:
        services.save_answers(sitting, changes.answers | going_on, token=token, now=now)
    except RefusedError:
        raise Conflict(
            _("Bài này đã lưu quá nhiều lượt trả lời, nên lần này chưa lưu gì."),
            advice=_("Những gì đã lưu trước đó vẫn còn. Hãy nộp bài; nếu còn câu muốn sửa, hãy báo giám thị."),
        ) from None
    refused = ",".join(map(str, changes.refused))
    if request.form.get("then") == "review" and not refused:
        return redirect(url_for(".review", ref=ref), 303)
    saved = pages.clock_text(clock.to_ms(now))
    return redirect(url_for(".exam", ref=ref, saved=saved, refused=refused or None), 303)


@bp.get("/<string:ref>/review")
@requires(Permission.SIT)
def review(ref: str) -> str | BaseResponse:
    """Before submission without JavaScript: what is answered, and the question whether to submit."""
    sitting = _own(ref)
    if sitting.state is not SittingState.STARTED:
        return redirect(url_for(".receipt", ref=ref), 303)
    name = device()
    if services.lease_device(sitting) != name:
        return redirect(url_for(".exam", ref=ref), 303)
    layout, gone = pages.layout_of(sitting.paper), pages.gone_so_far(sitting)
    slots = [slot.number for slot in layout.slots]
    answered = answers_taken(layout, gone.answers)
    lost = sum(slot <= gone.way.behind and slot not in answered for slot in slots)
    return render_template(
        "sittings/review.html",
        sitting=sitting,
        round=sitting.candidate.round,
        slots=slots,
        answered=answered,
        lost=lost,
        open=len(slots) - len(answered) - lost,
        way=gone.way,
        token=_token(sitting, name),
        ends_at=pages.clock_text(sitting.deadline_ms),
    )


@bp.post("/<string:ref>/submit")
@public
def submit(ref: str) -> Response | BaseResponse:
    """By the exam page (JSON that carries its outbox, token in the header) or by the review page (a form)."""
    if not request.is_json:
        token, sitting = _authorised(ref, request.form.get("token", ""))
        services.submit(sitting, token=token, now=clock.now())
        return redirect(url_for(".receipt", ref=ref), 303)
    return _submit_by_script(ref)


def _submit_by_script(ref: str) -> Response:
    try:
        body = request.get_data()
        if len(body) > MAX_BODY:
            raise RefusedError(413, "body")
        batch, submission = parse(body), _submission(body)
        token, sitting = _authorised(ref, request.headers.get(HEADER, ""))
        outcome = services.submit(sitting, token=token, now=clock.now(), batch=batch, submission=submission)
    except RefusedError as refusal:
        return _json({"error": refusal.reason}, refusal.status)
    except BadRequest:
        return _json({"error": "body"}, 400)
    except Conflict as conflict:
        return _json({"error": "lease", "message": conflict.message, "advice": conflict.advice}, 409)
    except HouseError as error:
        return _json({"error": "sitting", "message": error.message}, error.status)
    told: dict[str, Any] = json.loads(reply(outcome)) if outcome else {}
    if sitting.state is not SittingState.SETTLED:  # stopped, or held until the council has decided
        return _json(told, 200)
    told |= {"submitted": True, "receipt": sitting.receipt, "answered": read_record(sitting)["answered"]}
    return _json(told | {"late": " ".join(pages.said_of_late(sitting))}, 200)


def _submission(body: bytes) -> tuple[int, int]:
    """(seq, answered_ms) of the event that submits, with the same limits as an answer."""
    submission = json.loads(body).get("submit")
    if not isinstance(submission, list) or len(submission) != 2:
        raise RefusedError(400, "submit")
    probe = {"writer": "submission", "events": [[submission[0], 1, [], submission[1]]]}
    parse(json.dumps(probe).encode())
    return submission[0], submission[1]


@bp.get("/<string:ref>/receipt")
@requires(Permission.SIT)
def receipt(ref: str) -> str | BaseResponse:
    sitting = _own(ref)
    if sitting.state is SittingState.STARTED:
        return redirect(url_for(".exam", ref=ref), 303)
    if sitting.state is SittingState.STOPPED:
        return render_template(
            "sittings/stopped.html",
            sitting=sitting,
            stopped=stopped_of([sitting.candidate_id]),
            whom_to_call=exam_page.whom_to_call(sitting.candidate),
        )
    return render_template(
        "sittings/receipt.html",
        sitting=sitting,
        round=sitting.candidate.round,
        record=read_record(sitting),
        late=pages.said_of_late(sitting),
        addenda=late.addenda_of(sitting),
        epoch=epoch(),
        questions=len(pages.layout_of(sitting.paper).slots),
        submitted_at=clock.from_ms(sitting.submitted_ms) if sitting.submitted_ms else None,
    )


def _own(ref: str) -> Sitting:
    return services.own_sitting(ref, official_id=current_user.official_id)


def _token(sitting: Sitting, name: str) -> str:
    return _signer().sign(sitting_id=sitting.id, lease=sitting.lease, device=name, deadline_ms=sitting.deadline_ms)


def _authorised(ref: str, text: str) -> tuple[Token, Sitting]:
    """The sitting that token and address agree on; the refusals of the hot path, as pages."""
    try:
        token = authorise(_signer(), text, time.time())
    except RefusedError:
        if request.is_json:
            raise
        raise Conflict(
            _("Trang bài thi đã cũ hoặc không hợp lệ, nên chưa lưu gì."),
            advice=_("Hãy mở lại bài thi từ trang “Bài thi của tôi”, kiểm tra các câu trả lời rồi lưu lại."),
        ) from None
    sitting = db.session.get(Sitting, token.sitting_id)
    if sitting is None or sitting.ref != ref:
        raise NotFound()
    return token, sitting


def _slots(text: str) -> list[int]:
    return [int(slot) for slot in text.split(",")[:MAX_SLOT] if slot.isascii() and slot.isdigit() and len(slot) < 4]


def _json(data: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(data, ensure_ascii=False), status=status, mimetype="application/json")
