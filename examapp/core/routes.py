"""Pages of the house itself: language, long work, files, health."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select, text
from werkzeug.wrappers import Response as BaseResponse

from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.files import download, read_file
from examapp.core.models import File, Job, JobState
from examapp.core.permissions import Permission, public, requires
from examapp.core.styleguide import sample_form
from examapp.core.words import LOCALES

bp = Blueprint("core", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


def safe_next(target: str | None, default: str) -> str:
    """``target`` when it is an address of this site, else ``default``."""
    if not target or not target.isprintable():
        return default
    try:
        parts = urlsplit(target.replace("\\", "/"))
    except ValueError:
        return default
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return default
    return target


@bp.get("/language/<string:to>")
@public
def language(to: str) -> BaseResponse:
    if to not in LOCALES:
        raise NotFound()
    answer = redirect(safe_next(request.args.get("next"), url_for("home.index")))
    settings = current_app.config["SETTINGS"]
    answer.set_cookie(
        "language", to, max_age=365 * 86400, httponly=True, samesite="Lax", secure=settings.secure_cookies
    )
    return answer


def _own_job(ref: str) -> Job:
    job = db.session.scalar(select(Job).where(Job.ref == ref, Job.owner_id == current_user.id))
    if job is None:
        raise NotFound()
    return job


@bp.get("/jobs/<string:ref>")
@requires(Permission.SIGNED_IN)
def job(ref: str) -> str:
    row = _own_job(ref)
    running = row.state in {JobState.WAITING, JobState.RUNNING}
    return render_template("core/job.html", job=row, running=running, fragment=bool(request.headers.get("HX-Request")))


@bp.post("/jobs/<string:ref>/cancel")
@requires(Permission.SIGNED_IN)
def cancel_job(ref: str) -> BaseResponse:
    _own_job(ref).cancel_asked = True
    return redirect(url_for("core.job", ref=ref))


@bp.get("/jobs/<string:ref>/result")
@requires(Permission.SIGNED_IN)
def job_result(ref: str) -> Response:
    row = _own_job(ref)
    file = db.session.get(File, row.result_file_id) if row.result_file_id else None
    if file is None:
        raise NotFound()
    return download(read_file(file), name=file.name, media_type=file.media_type)


@bp.get("/styleguide")
@public
def styleguide() -> str:
    if not current_app.config["SETTINGS"].demo:
        abort(404)
    return render_template("core/styleguide.html", form=sample_form())


@bp.get("/favicon.ico")
@public
def favicon() -> BaseResponse:
    from examapp.core.assets import asset

    return redirect(asset("favicon.svg"), 301)


@bp.get("/healthz")
@public
def healthz() -> Response:
    """The process lives."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@public
def readyz() -> Response:
    """The database answers and every room can work."""
    db.session.scalar(select(func.count()).select_from(text("alembic_version")))
    reasons = [reason for probe in current_app.extensions["readiness"] if (reason := probe())]
    return Response("\n".join(reasons or ["ready"]) + "\n", status=503 if reasons else 200, mimetype="text/plain")
