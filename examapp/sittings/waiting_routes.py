"""The waiting room's addresses for its script, and the service worker of the candidate's pages."""

from __future__ import annotations

from flask import Response, jsonify, make_response, request
from flask_login import current_user

from examapp.core import clock
from examapp.core.assets import asset_file
from examapp.core.errors import NotFound
from examapp.core.permissions import Permission, public, requires
from examapp.sittings import prefetch, services
from examapp.sittings import waiting as room
from examapp.sittings.heard import hear
from examapp.sittings.routes import bp


@bp.get("/waiting/<int:candidate_id>")
@requires(Permission.SIT)
def waiting(candidate_id: int) -> Response:
    candidate = services.own_candidate(candidate_id, official_id=current_user.official_id)
    now = clock.now()
    begun = services.sitting_of(candidate.id) is not None
    wait = room.wait_of(candidate, services.paper_of(candidate.id), begun=begun, now=now)
    if wait.is_waiting:
        hear(candidate, now=now)
    return jsonify(wait.told())


@bp.get("/waiting/<int:candidate_id>/paper")
@requires(Permission.SIT)
def locked_paper(candidate_id: int) -> Response:
    """The own paper, locked; not found before its time."""
    candidate = services.own_candidate(candidate_id, official_id=current_user.official_id)
    paper = services.paper_of(candidate.id)
    if paper is None or not prefetch.may_fetch(candidate, now=clock.now()):
        raise NotFound()
    locked = prefetch.lock(paper, candidate)
    response = Response(locked.data, mimetype="application/octet-stream")
    response.headers["X-Paper-Digest"] = paper.digest
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(locked.etag)
    response.make_conditional(request)
    return response


@bp.get("/worker.js")
@public
def worker() -> Response:
    """Under its own name, so that a new one takes the place of the old; its folder is what it may answer for."""
    response = make_response(asset_file("worker.js").read_bytes())
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
