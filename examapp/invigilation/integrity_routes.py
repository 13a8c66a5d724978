"""What a round has recorded of pages left and second devices, for the few who may read it."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from examapp.core.permissions import Permission, requires
from examapp.core.words import N_
from examapp.invigilation.routes import bp
from examapp.rounds.services import get_round
from examapp.sittings import integrity as integrity_events
from examapp.sittings.models import IntegrityKind

KINDS = {
    IntegrityKind.LEFT: N_("Rời trang bài thi"),
    IntegrityKind.RETURNED: N_("Trở lại trang bài thi"),
    IntegrityKind.SECOND_DEVICE: N_("Chuyển bài sang máy khác"),
}


@bp.get("/<string:code>/integrity")
@requires(Permission.INTEGRITY_READ)
def integrity(code: str) -> str:
    exam_round = get_round(code, person=current_user, permission=Permission.INTEGRITY_READ)
    lines = integrity_events.read_round(exam_round)
    return render_template("invigilation/integrity.html", round=exam_round, lines=lines, kinds=KINDS)
