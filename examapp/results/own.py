"""A person's own results, and the slip."""

from __future__ import annotations

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.core.files import PDF, download
from examapp.core.permissions import Permission, requires
from examapp.results.access import PUBLISHED, get_result, get_view, own_candidate, own_result, own_result_in
from examapp.results.models import Result
from examapp.results.people import standing
from examapp.results.review import STATE_KINDS, STATE_LABELS, review, section_names
from examapp.results.routes import bp
from examapp.results.slips import slip_pdf, verification_code
from examapp.rounds.models import Disclosure
from examapp.rounds.words import period_name


@bp.get("/mine/round/<string:code>")
@requires(Permission.SIT)
def mine_of_round(code: str) -> str:
    """The own result in a round, whichever version is the current one; or a page that says why there is none yet."""
    result = own_result_in(code, official_id=current_user.official_id)
    if result is not None and result.round.state in PUBLISHED:
        return _own_page(result)
    candidate = own_candidate(code, official_id=current_user.official_id)
    return render_template(
        "results/waiting.html",
        round=candidate.round,
        period=period_name(candidate.round),
        published=candidate.round.state in PUBLISHED,
        standing=standing(candidate.state, None, False, None),
    )


@bp.get("/mine/<string:ref>")
@requires(Permission.SIT)
def mine(ref: str) -> ResponseReturnValue:
    result = own_result(ref, official_id=current_user.official_id)
    if result.round.state not in PUBLISHED or not result.is_current:
        return redirect(url_for("results.mine_of_round", code=result.round.code))
    return _own_page(result)


def _own_page(result: Result) -> str:
    exam_round = result.round
    discloses = exam_round.disclosure is Disclosure.ANSWERS
    sections = section_names({part.section for part in result.parts})
    return render_template(
        "results/mine.html",
        result=result,
        round=exam_round,
        period=period_name(exam_round),
        snapshot=result.frozen,
        sections=sections,
        items=review(result, with_keys=True, names=sections) if discloses else [],
        state_labels=STATE_LABELS,
        state_kinds=STATE_KINDS,
        code=verification_code(result),
    )


@bp.get("/mine/<string:ref>/slip")
@requires(Permission.SIT)
def own_slip(ref: str) -> Response:
    return _slip(own_result(ref, official_id=current_user.official_id))


@bp.get("/<string:code>/<string:ref>/slip")
@requires(Permission.RESULTS_READ)
def slip(code: str, ref: str) -> Response:
    return _slip(get_result(get_view(code, person=current_user), ref))


def _slip(result: Result) -> Response:
    name = f"giay-xac-nhan-{result.round.code}-{result.frozen['number']}.pdf"
    return download(slip_pdf(result), name=name, media_type=PDF)
