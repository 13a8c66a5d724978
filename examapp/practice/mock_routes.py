"""Thi thử: what can be sat, the page of the mock exam, its marks."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.core import clock
from examapp.core.permissions import Permission, requires
from examapp.core.text import format_time
from examapp.practice import mock_sitting, mocks
from examapp.practice.reach import reach_of
from examapp.practice.routes import bp


@bp.get("/mock")
@requires(Permission.PRACTISE)
def mock_list() -> str:
    """What the matrices of the own posts ask for, beside what the practice bank has; and past results."""
    reach = reach_of(current_user)
    return render_template(
        "practice/mocks.html",
        plans=mocks.plans_of(reach),
        going_on=mock_sitting.open_mock(reach.official_id),
        past=mock_sitting.past_mocks(reach.official_id),
        now=clock.now(),
    )


@bp.post("/mock")
@requires(Permission.PRACTISE)
def start_mock() -> ResponseReturnValue:
    reach = reach_of(current_user)
    shorter = request.form.get("shorter") == "yes"
    mock = mocks.start_mock(reach, request.form.get("matrix", ""), shorter=shorter, now=clock.now())
    return redirect(url_for(".mock", ref=mock.ref), 303)


@bp.get("/mock/<string:ref>")
@requires(Permission.PRACTISE)
def mock(ref: str) -> ResponseReturnValue:
    """All questions on one page, with the clock; once submitted, what came of it."""
    kept, now = mock_sitting.own_mock(ref, current_user), clock.now()
    if kept.submitted_at is not None:
        return render_template(
            "practice/mock_review.html",
            mock=kept,
            items=mock_sitting.review_mock(kept, current_user),
            minutes=mock_sitting.layout_of(kept).minutes,
        )
    items = mock_sitting.items_of(kept)
    return render_template(
        "practice/mock.html",
        mock=kept,
        items=items,
        answered=sum(item.asked.answered for item in items),
        over=now > kept.deadline_at,
        left=max(0, clock.to_ms(kept.deadline_at) - clock.to_ms(now)),
        shown=mock_sitting.SHOWN,
        saved_at=request.args.get("saved", "")[:8],
        refused=[slot for slot in request.args.get("refused", "").split(",")[:200] if slot.isdecimal()],
    )


@bp.post("/mock/<string:ref>")
@requires(Permission.PRACTISE)
def save_mock(ref: str) -> ResponseReturnValue:
    """Save, or submit. A save by itself (htmx) is answered with what is kept, one by the button with the page."""
    kept, now = mock_sitting.own_mock(ref, current_user, lock=True), clock.now()
    sent = request.form.to_dict(flat=False)
    if request.form.get("then") == "submit":
        mock_sitting.submit_mock(kept, sent, now=now)
        return redirect(url_for(".mock", ref=ref), 303)
    refused = mock_sitting.save_mock(kept, sent, now=now)
    saved = format_time(now)
    if request.headers.get("HX-Request"):
        answered, questions = mock_sitting.count(kept)
        return render_template("practice/_state.html", saved_at=saved, answered=answered, questions=questions)
    return redirect(url_for(".mock", ref=ref, saved=saved, refused=",".join(map(str, refused)) or None), 303)
