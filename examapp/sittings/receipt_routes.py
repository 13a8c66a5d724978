"""What a receipt stands for, checked again for the one whose exam it was."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from examapp.core.permissions import Permission, requires
from examapp.sittings import receipts, services
from examapp.sittings.late import addenda_of
from examapp.sittings.models import SittingState
from examapp.sittings.routes import bp
from examapp.sittings.settle import counting_records


@bp.get("/<string:ref>/verify")
@requires(Permission.SIT)
def verify(ref: str) -> str | BaseResponse:
    """Make the record again from the stored answers, compare, and say what the council decided since."""
    sitting = services.own_sitting(ref, official_id=current_user.official_id)
    if sitting.state is not SittingState.SETTLED:
        return redirect(url_for(".receipt", ref=ref), 303)
    return render_template(
        "sittings/verify.html",
        sitting=sitting,
        round=sitting.candidate.round,
        problems=receipts.verify(sitting),
        answered=counting_records([sitting])[sitting.id]["answered"],
        addenda=addenda_of(sitting),
    )
