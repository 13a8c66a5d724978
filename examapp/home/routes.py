"""Home, a person's record, the leader's view, help."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request
from flask_login import current_user

from examapp.core import clock
from examapp.core.files import XLSX, download
from examapp.core.paging import page_number, paginate
from examapp.core.permissions import Permission, public, requires
from examapp.evaluation.rules import LEVELS
from examapp.home import records
from examapp.home.exports import note_export, overview_workbook
from examapp.home.figures import change_between, evaluation_figure, exam_figure, percent_text, shown_percent
from examapp.home.help import guides_for
from examapp.home.overview import Overview, get_overview, trend_values
from examapp.home.running import rounds_today
from examapp.home.waiting import exams_today, role_names, tasks_of
from examapp.organisation.labels import POST_REASONS, STAFF_CATEGORIES
from examapp.organisation.periods import is_valid_on, show_period
from examapp.organisation.services import masked
from examapp.results.people import KINDS, LABELS
from examapp.rounds.words import period_name

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index() -> str:
    now = clock.now()
    exams = exams_today(current_user.official_id, now=now)
    tasks = tasks_of(current_app.extensions["rooms"], without=[exam.url for exam in exams])
    return render_template(
        "home/index.html",
        exams=exams,
        rounds=rounds_today(current_user, now=now),
        tasks=tasks,
        roles=role_names(current_user),
    )


@bp.get("/record")
@requires(Permission.OWN_RECORD)
def record() -> str:
    return _record_page(records.own_record(current_user.official_id), is_own=True)


@bp.get("/record/<int:official_id>")
@requires(*records.READERS)
def record_of(official_id: int) -> str:
    return _record_page(records.get_record(official_id, person=current_user), is_own=False)


def _record_page(found: records.Record, *, is_own: bool) -> str:
    return render_template(
        "home/record.html",
        record=found,
        is_own=is_own,
        masked=masked,
        categories=STAFF_CATEGORIES,
        reasons=POST_REASONS,
        levels=LEVELS,
        standings=LABELS,
        kinds=KINDS,
        period_name=period_name,
        show_period=show_period,
        current=[post for post in found.posts if is_valid_on(post, clock.today())],
    )


@bp.get("/records")
@requires(*records.READERS)
def people() -> str:
    text = request.args.get("q", "").strip()
    page = paginate(records.find_people(text, person=current_user), number=page_number())
    return render_template("home/people.html", page=page, text=text, categories=STAFF_CATEGORIES)


def _asked() -> Overview:
    """The overview that the address asks for, of what this person may see."""
    return get_overview(
        reach=current_user.units(Permission.OVERVIEW_READ),
        year=request.args.get("year", type=int),
        unit_id=request.args.get("unit", type=int),
    )


@bp.get("/overview")
@requires(Permission.OVERVIEW_READ)
def overview() -> str:
    view = _asked()
    return render_template(
        "home/overview.html",
        view=view,
        trend=trend_values(view.trend),
        change_between=change_between,
        exam_figure=exam_figure,
        evaluation_figure=evaluation_figure,
        percent_text=percent_text,
        shown_percent=shown_percent,
    )


@bp.get("/overview/export")
@requires(Permission.OVERVIEW_READ)
def export_overview() -> Response:
    view = _asked()
    data = overview_workbook(view)
    note_export(view)
    return download(data, name=f"toan-canh-{view.year}.xlsx", media_type=XLSX)


@bp.get("/help", endpoint="help")
@public
def help_page() -> str:
    roles = {grant.role for grant in current_user.grants} if current_user.is_authenticated else set()
    is_official = current_user.is_authenticated and current_user.official_id is not None
    return render_template("home/help.html", guides=guides_for(roles, is_official=is_official))
