"""The candidate's pages: my exams, rules and start, the exam, review, receipt. Saving stands before Flask (save.py)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from examapp.core import clock
from examapp.core.db import db, epoch
from examapp.core.errors import Conflict, HouseError, NotFound
from examapp.core.permissions import Permission, public, requires
from examapp.core.words import _
from examapp.sittings import pages, services
from examapp.sittings.device import device, remember
from examapp.sittings.models import Sitting, SittingState
from examapp.sittings.plain import changed_answers
from examapp.sittings.save import MAX_BODY, MAX_SLOT, PATH, HotPath, RefusedError, authorise, parse, reply
from examapp.sittings.settle import answers_taken, read_record, responses_of
from examapp.sittings.store import make_store
from examapp.sittings.token import HEADER, Signer, Token
from examapp.sittings.words import client_words

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
    exams = pages.my_exams(current_user.official_id, now=clock.now())
    return render_template("sittings/index.html", exams=exams)


@bp.get("/enter/<int:candidate_id>")
@requires(Permission.SIT)
def enter(candidate_id: int) -> str | BaseResponse:
    """The rules; the clock starts on the button, not here."""
    candidate = services.own_candidate(candidate_id, official_id=current_user.official_id)
    if sitting := services.sitting_of(candidate.id):
        return redirect(url_for(".exam", ref=sitting.ref), 303)
    now = clock.now()
    paper = services.paper_of(candidate.id)
    return render_template(
        "sittings/enter.html",
        candidate=candidate,
        round=candidate.round,
        minutes=(paper.minutes if paper else candidate.round.minutes) + candidate.extra_minutes,
        questions=len(pages.layout_of(paper).slots) if paper else None,
        why_not=services.why_not(candidate, now=now),
        now=now,
    )


@bp.post("/enter/<int:candidate_id>")
@requires(Permission.SIT)
def start(candidate_id: int) -> BaseResponse:
    candidate = services.own_candidate(candidate_id, official_id=current_user.official_id)
    name = device()
    sitting = services.start_sitting(candidate, now=clock.now(), device=name)
    return remember(redirect(url_for(".exam", ref=sitting.ref), 303), name)


@bp.get("/<string:ref>")
@requires(Permission.SIT)
def exam(ref: str) -> Response | BaseResponse:
    sitting = _own(ref)
    if sitting.state is not SittingState.STARTED:
        return redirect(url_for(".receipt", ref=ref), 303)
    name = device()
    if services.lease_device(sitting) != name:
        body = render_template("sittings/elsewhere.html", sitting=sitting)
        return remember(make_response(body), name)
    now_ms = int(time.time() * 1000)
    items = pages.paper_items(sitting.paper, sitting.candidate, responses_of(sitting))
    return make_response(
        render_template(
            "sittings/exam.html",
            sitting=sitting,
            round=sitting.candidate.round,
            items=items,
            answered=sum(item.asked.answered for item in items),
            points_differ=len({item.asked.points for item in items}) > 1,
            token=_token(sitting, name),
            shown=_shown(items),
            data=_client_data(sitting, now_ms),
            over=now_ms > sitting.deadline_ms,
            ends_at=pages.clock_text(sitting.deadline_ms),
            saved_at=request.args.get("saved", ""),
            refused=_slots(request.args.get("refused", "")),
            whom_to_call=_whom_to_call(sitting),
        )
    )


@bp.post("/<string:ref>/take-over")
@requires(Permission.SIT)
def take_over(ref: str) -> BaseResponse:
    name = device()
    services.take_over(_own(ref), device=name, now=clock.now())
    return remember(redirect(url_for(".exam", ref=ref), 303), name)


@bp.post("/<string:ref>/save-form")
@public
def save_form(ref: str) -> BaseResponse:
    """The paper as a plain form: the token in it is the authority, as for every save."""
    token, sitting = _authorised(ref, request.form.get("token", ""))
    now = clock.now()
    changes = changed_answers(pages.layout_of(sitting.paper), request.form.to_dict(flat=False))
    services.save_answers(sitting, changes.answers, token=token, now=now)
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
    layout = pages.layout_of(sitting.paper)
    return render_template(
        "sittings/review.html",
        sitting=sitting,
        round=sitting.candidate.round,
        slots=[slot.number for slot in layout.slots],
        answered=set(answers_taken(layout, responses_of(sitting))),
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
    except Conflict as conflict:
        return _json({"error": "lease", "message": conflict.message, "advice": conflict.advice}, 409)
    except HouseError as error:
        return _json({"error": "sitting", "message": error.message}, error.status)
    told: dict[str, Any] = json.loads(reply(outcome)) if outcome else {}
    told |= {"submitted": True, "receipt": sitting.receipt, "answered": read_record(sitting)["answered"]}
    return _json(told, 200)


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
    return render_template(
        "sittings/receipt.html",
        sitting=sitting,
        round=sitting.candidate.round,
        record=read_record(sitting),
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


def _shown(items: Sequence[pages.Item]) -> str:
    """What the form shows, so that it can be told what has been changed in it."""
    answers = {item.slot: item.asked.response for item in items if item.asked.response}
    return json.dumps(answers, ensure_ascii=False, separators=(",", ":"))


def _slots(text: str) -> list[int]:
    return [int(slot) for slot in text.split(",")[:MAX_SLOT] if slot.isascii() and slot.isdigit() and len(slot) < 4]


def _whom_to_call(sitting: Sitting) -> str:
    shift = sitting.candidate.shift
    return (shift.contact if shift else "") or str(current_app.config["SETTINGS"].support_phone)


def _client_data(sitting: Sitting, now_ms: int) -> dict[str, Any]:
    """What the exam page's script is told; times are the server's."""
    return {
        "ref": sitting.ref,
        "save": PATH,
        "submit": url_for(".submit", ref=sitting.ref),
        "receipt": url_for(".receipt", ref=sitting.ref),
        "now": now_ms,
        "left": max(0, sitting.deadline_ms - now_ms),
        "lease": sitting.lease,
        "epoch": epoch(),
        "words": client_words(_whom_to_call(sitting)),
    }


def _json(data: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(data, ensure_ascii=False), status=status, mimetype="application/json")
