"""``POST /sittings/deliver``: a device hands in what is left on it. The seals are the authority; no cookie is asked."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import select
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from examapp.core import clock
from examapp.core.db import db
from examapp.core.permissions import public
from examapp.sittings import deliveries
from examapp.sittings.models import DeliveryWay, Sitting
from examapp.sittings.routes import bp
from examapp.sittings.save import RefusedError

MAX_DELIVERY = 512 * 1024


@bp.record_once
def _without_a_session(state: BlueprintSetupState) -> None:
    """The next person at the device may not be signed in, and need not be."""
    app: Any = state.app
    app.extensions["csrf"].exempt(deliver)


@bp.post("/deliver")
@public
def deliver() -> Response:
    try:
        return _json(_deliver(), 200)
    except deliveries.LogError as error:
        return _json({"error": error.refusal.reason, "writer": error.writer}, error.refusal.status)
    except RefusedError as refusal:
        return _json({"error": refusal.reason}, refusal.status)


def _deliver() -> dict[str, Any]:
    """All logs of the message or none; the seals are looked at before anything is told of the sitting's times."""
    ref, logs = _message()
    sitting = db.session.scalar(select(Sitting).where(Sitting.ref == ref))
    if sitting is None:
        raise RefusedError(404, "sitting")
    opened = deliveries.open_logs(ref, logs)
    now = clock.now()
    if deliveries.is_expired(sitting, now):
        raise RefusedError(403, "expired")
    deliveries.take(sitting, opened, way=DeliveryWay.LEFTOVER, now=now)
    return deliveries.told(sitting, opened, now)


def _message() -> tuple[str, Any]:
    request.max_content_length = MAX_DELIVERY
    try:
        data = json.loads(request.get_data())
        ref, logs = data["ref"], data["logs"]
    except RequestEntityTooLarge:
        raise RefusedError(413, "body") from None
    except (BadRequest, ValueError, KeyError, TypeError, RecursionError):
        raise RefusedError(400, "body") from None
    if not (isinstance(ref, str) and ref.isascii() and ref.isalnum()):
        raise RefusedError(400, "body")
    return ref, logs


def _json(data: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(data), status=status, mimetype="application/json")
