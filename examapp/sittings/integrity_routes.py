"""Where the exam page reports that it was left, in rounds that record it."""

from __future__ import annotations

import time
from typing import Any

from flask import Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import BadRequest

from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.permissions import public
from examapp.sittings import integrity
from examapp.sittings.models import Sitting
from examapp.sittings.routes import _json, _signer, bp
from examapp.sittings.save import RefusedError, authorise
from examapp.sittings.token import HEADER

MAX_BODY = 16 * 1024


@bp.record_once
def _without_a_session(state: BlueprintSetupState) -> None:
    """No cookie is believed here, so there is nothing a foreign page could misuse."""
    app: Any = state.app
    app.extensions["csrf"].exempt(integrity_events)


@bp.post("/integrity")
@public
def integrity_events() -> Response:
    """The sitting's token is the authority, as for a save."""
    try:
        body = request.get_data()
        if len(body) > MAX_BODY:
            raise RefusedError(413, "body")
        token = authorise(_signer(), request.headers.get(HEADER, ""), time.time())
        writer, events = integrity.parse(body)
        sitting = db.session.get(Sitting, token.sitting_id)
        if sitting is None:
            raise NotFound()
        stored = integrity.keep(sitting, writer, events, now=clock.now())
    except RefusedError as refusal:
        return _json({"error": refusal.reason}, refusal.status)
    except BadRequest:
        return _json({"error": "body"}, 400)
    except NotFound:
        return _json({"error": "sitting"}, 404)
    return _json({"ack": [event.seq for event in events], "stored": stored}, 200)
