"""Pages of the room audit."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.audit import log
from examapp.audit.labels import ACTIONS, TARGETS
from examapp.core import text
from examapp.core.paging import page_number, paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import gettext

bp = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")


@bp.get("/")
@requires(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    args = request.args
    (since, wrong_since), (until, wrong_until) = _day("since"), _day("until")
    wanted = log.Wanted(
        action=args.get("action", ""),
        target=args.get("target", ""),
        target_id=args.get("id", "").strip(),
        actor=args.get("q", "").strip(),
        since=since,
        until=until,
    )
    page = paginate(log.events(current_user, wanted), number=page_number(), size=50)
    return render_template(
        "audit/index.html",
        page=page,
        lines=[
            (event, log.action_in_words(event.action), log.target_in_words(event), log.details_in_words(event))
            for event in page.items
        ],
        actions=_sorted(ACTIONS),
        targets=_sorted(TARGETS),
        wrong_day=wrong_since or wrong_until,
    )


def _day(name: str) -> tuple[date | None, bool]:
    """A day of the filter, and whether it could not be read."""
    raw = request.args.get(name, "").strip()
    try:
        return (text.parse_date(raw), False) if raw else (None, False)
    except ValueError:
        return None, True


def _sorted(labels: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(((code, gettext(label)) for code, label in labels.items()), key=lambda pair: text.fold(pair[1]))
