"""Pages of the yearly evaluation."""

from __future__ import annotations

import io
import json
from decimal import Decimal

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.files import PDF, XLSX, download
from examapp.core.forms import choices
from examapp.core.paging import SIZE, Page, here, page_number
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from examapp.evaluation import exports, forms, links, rules, services, sheets
from examapp.evaluation.models import Evaluation, EvaluationState, LinkMode, QualityLevel
from examapp.evaluation.schemes import list_schemes
from examapp.organisation.models import Unit
from examapp.organisation.tree import subtree

bp = Blueprint("evaluation", __name__, url_prefix="/evaluation", template_folder="templates")

READ = requires(Permission.EVALUATION_READ)
SCORE = requires(Permission.EVALUATION_SCORE)
DECIDE = requires(Permission.EVALUATION_DECIDE)


def _years() -> list[int]:
    return list(range(clock.today().year, sheets.FIRST_YEAR - 1, -1))


def _units_in_reach(permission: Permission) -> list[Unit]:
    """Units to choose from: those in reach where somebody is evaluated, or holds a post."""
    reach = current_user.units(permission)
    query = select(Unit).order_by(Unit.valid_from.desc(), Unit.name, Unit.id)
    if reach is not None:
        query = query.where(Unit.id.in_(reach))
    return list(db.session.scalars(query))


def _chosen_unit(raw: str | None, units: list[Unit]) -> Unit | None:
    return next((unit for unit in units if raw and str(unit.id) == raw), None)


@bp.get("/")
@READ
def index() -> BaseResponse:
    return redirect(url_for("evaluation.year", year=clock.today().year))


@bp.get("/go")
@READ
def go() -> BaseResponse:
    """The year and unit chosen in a form."""
    wanted = request.args.get("year", clock.today().year, type=int)
    return redirect(url_for("evaluation.year", year=wanted, unit=request.args.get("unit") or None))


@bp.get("/<int:year>")
@READ
def year(year: int) -> str:
    """Everybody of a unit in a year: results, points, what is proposed, what was decided."""
    if year not in _years():
        raise NotFound()
    units = _units_in_reach(Permission.EVALUATION_READ)
    unit = _chosen_unit(request.args.get("unit"), units)
    rows = _rows(year, unit)
    wanted = request.args.get("q", "").strip()
    shown = [row for row in rows if sheets.matches(row, wanted, request.args.get("level", ""))]
    number = min(max(1, page_number()), max(1, -(-len(shown) // SIZE)))
    page = Page(shown[(number - 1) * SIZE : number * SIZE], number, len(shown), here)
    return render_template(
        "evaluation/year.html",
        year=year,
        years=_years(),
        unit_choices=[(row.id, row.name) for row in units],
        level_choices=[(level.value, _(label)) for level, label in rules.SHORT.items()],
        unit=unit,
        rows=rows,
        page=page,
        quota=sheets.quota_check(rows),
        short=rules.SHORT,
        level_of=sheets.level_of,
        may_open=current_user.may(Permission.EVALUATION_DECIDE),
    )


def _rows(year: int, unit: Unit | None) -> list[sheets.Sheet]:
    below = subtree([unit.id], on=sheets.last_day(year)) if unit else None
    reach = current_user.units(Permission.EVALUATION_READ)
    return sheets.sheets(sheets.find_evaluations(year, reach=reach, unit_ids=below))


@bp.post("/open")
@DECIDE
def open_year() -> BaseResponse | tuple[str, int]:
    form = forms.OpenYearForm()
    if not form.validate():
        raise Invalid(_("Hãy chọn năm cần mở."))
    unit = _chosen_unit(form.unit.data, _units_in_reach(Permission.EVALUATION_DECIDE))
    reach = current_user.units(Permission.EVALUATION_DECIDE)
    if unit is not None:
        below = subtree([unit.id], on=sheets.last_day(form.year.data))
        reach = below if reach is None else below & reach
    services.open_year(form.year.data, unit_ids=reach, by=current_user)
    return redirect(url_for("evaluation.year", year=form.year.data, unit=form.unit.data or None), 303)


def _sheet(evaluation_id: int, permission: Permission) -> sheets.Sheet:
    [sheet] = sheets.sheets([sheets.get_evaluation(evaluation_id, current_user, permission)])
    return sheet


def _scores_form(sheet: sheets.Sheet) -> forms.ScoresForm:
    assert sheet.definition is not None
    stored = {score.criterion: score.value for score in sheet.evaluation.scores}
    applicable = [c for c in sheet.definition.criteria if c.applies(sheet.is_leader)]
    data: dict[str, object] = {}
    for criterion in applicable:
        value = stored.get(criterion.key)
        if value is not None:
            data[criterion.key] = str(value) if criterion.unit == "yes_no" else Decimal(value) / 1000
    level = sheet.evaluation.self_level
    return forms.scores_form(
        applicable,
        sheets.entry_limits(sheet),
        worked_months=sheet.evaluation.worked_months,
        self_level=level.value if level else "",
        **data,
    )


def _person_page(sheet: sheets.Sheet, status: int = 200, **given: object) -> tuple[str, int]:
    """One person's year; ``given`` forms replace the fresh ones, so that what was typed stays."""
    context: dict[str, object] = {}
    if sheet.definition is not None:
        leader = sheet.is_leader
        facts = [(f.key, f.name) for f in sheet.definition.facts if leader or not f.leaders_only]
        context["scores_form"] = given.pop("scores_form", None) or _scores_form(sheet)
        fact_form = given.pop("fact_form", None) or forms.FactForm(formdata=None)
        fact_form.fact.choices = choices(facts, empty=_("Chọn căn cứ"))  # type: ignore[attr-defined]
        decision_form = given.pop("decision_form", None) or forms.DecisionForm(formdata=None)
        decision_form.level.choices = forms.level_choices(_("Chọn mức"))  # type: ignore[attr-defined]
        context |= {"fact_form": fact_form, "decision_form": decision_form}
    context["renew_form"] = given.pop("renew_form", None) or forms.RenewForm(formdata=None)
    own = current_user.official_id == sheet.evaluation.official_id
    body = render_template(
        "evaluation/person.html",
        sheet=sheet,
        evaluation=sheet.evaluation,
        levels=rules.LEVELS,
        posts=sheets.posts_in_year(sheet.evaluation.official_id, sheet.evaluation.year),
        versions=sheets.history(sheet.evaluation),
        changed=sheets.changed_since(sheet.evaluation),
        editable=sheet.evaluation.state is EvaluationState.OPEN
        and not own
        and current_user.may(Permission.EVALUATION_SCORE),
        decidable=not own and current_user.may(Permission.EVALUATION_DECIDE),
        own=own,
        **context,
    )
    return body, status


@bp.get("/person/<int:evaluation_id>")
@READ
def person(evaluation_id: int) -> tuple[str, int]:
    return _person_page(_sheet(evaluation_id, Permission.EVALUATION_READ))


def _back(evaluation: Evaluation, anchor: str = "") -> BaseResponse:
    return redirect(url_for("evaluation.person", evaluation_id=evaluation.id, _anchor=anchor or None), 303)


@bp.post("/person/<int:evaluation_id>/scores")
@SCORE
def save_scores(evaluation_id: int) -> BaseResponse | tuple[str, int]:
    sheet = _sheet(evaluation_id, Permission.EVALUATION_SCORE)
    if sheet.definition is None:
        raise NotFound()
    form = _scores_form(sheet)
    if form.validate():
        applicable = [c for c in sheet.definition.criteria if c.applies(sheet.is_leader)]
        try:
            services.save_scores(
                sheet.evaluation,
                forms.entered(form, applicable),
                by=current_user,
                worked_months=form.worked_months.data,
                self_level=forms.level_of_form(form.self_level.data),
            )
        except Invalid as error:
            form.blame(error)
        else:
            return _back(sheet.evaluation, "proposal")
    return _person_page(sheet, 422, scores_form=form)


@bp.post("/person/<int:evaluation_id>/facts")
@SCORE
def add_fact(evaluation_id: int) -> BaseResponse | tuple[str, int]:
    sheet = _sheet(evaluation_id, Permission.EVALUATION_SCORE)
    if sheet.definition is None:
        raise NotFound()
    form = forms.FactForm()
    form.fact.choices = choices([(fact.key, fact.name) for fact in sheet.definition.facts])
    if form.validate() and form.decision_date.data is not None:
        try:
            services.add_fact(
                sheet.evaluation,
                fact=form.fact.data,
                decision_number=form.decision_number.data,
                decision_date=form.decision_date.data,
                note=form.note.data or "",
                by=current_user,
            )
        except Invalid as error:
            form.blame(error)
        else:
            return _back(sheet.evaluation, "facts")
    return _person_page(sheet, 422, fact_form=form)


@bp.post("/person/<int:evaluation_id>/facts/<int:fact_id>/confirm")
@SCORE
def confirm_fact(evaluation_id: int, fact_id: int) -> BaseResponse:
    evaluation = sheets.get_evaluation(evaluation_id, current_user, Permission.EVALUATION_SCORE)
    services.confirm_fact(evaluation, fact_id, by=current_user)
    return _back(evaluation, "facts")


@bp.post("/person/<int:evaluation_id>/facts/<int:fact_id>/remove")
@SCORE
def remove_fact(evaluation_id: int, fact_id: int) -> BaseResponse:
    evaluation = sheets.get_evaluation(evaluation_id, current_user, Permission.EVALUATION_SCORE)
    services.remove_fact(evaluation, fact_id, by=current_user)
    return _back(evaluation, "facts")


@bp.post("/person/<int:evaluation_id>/decision")
@DECIDE
def decide(evaluation_id: int) -> BaseResponse | tuple[str, int]:
    sheet = _sheet(evaluation_id, Permission.EVALUATION_DECIDE)
    form = forms.DecisionForm()
    form.level.choices = forms.level_choices(_("Chọn mức"))
    if form.validate():
        try:
            services.decide(
                sheet.evaluation,
                level=QualityLevel(form.level.data),
                reason=form.reason.data or "",
                decision_number=form.decision_number.data or "",
                decision_date=form.decision_date.data,
                by=current_user,
            )
        except Invalid as error:
            form.blame(error)
        else:
            return _back(sheet.evaluation)
    return _person_page(sheet, 422, decision_form=form)


@bp.post("/person/<int:evaluation_id>/renew")
@DECIDE
def renew(evaluation_id: int) -> BaseResponse | tuple[str, int]:
    sheet = _sheet(evaluation_id, Permission.EVALUATION_DECIDE)
    form = forms.RenewForm()
    if form.validate():
        return _back(services.renew(sheet.evaluation, reason=form.reason.data, by=current_user))
    return _person_page(sheet, 422, renew_form=form)


@bp.get("/<int:year>/export")
@READ
def export(year: int) -> Response:
    """The unit's sheet as Excel."""
    unit = _chosen_unit(request.args.get("unit"), _units_in_reach(Permission.EVALUATION_READ))
    stream = io.BytesIO()
    exports.write_sheet(stream, _rows(year, unit), year=year, unit=unit)
    exports.note_export(year, unit)
    name = _("Bảng tổng hợp xếp loại %(year)s.xlsx", year=year)
    return download(stream.getvalue(), name=name, media_type=XLSX)


@bp.get("/person/<int:evaluation_id>/slip")
@READ
def slip(evaluation_id: int) -> Response:
    """One person's evaluation sheet as PDF."""
    sheet = _sheet(evaluation_id, Permission.EVALUATION_READ)
    name = _(
        "Phiếu đánh giá %(code)s %(year)s.pdf", code=sheet.evaluation.official.staff_code, year=sheet.evaluation.year
    )
    return download(exports.slip_pdf(sheet), name=name, media_type=PDF)


@bp.get("/schemes")
@READ
def schemes() -> str:
    found = [(row, rules.read_definition(row.kind, row.definition)) for row in list_schemes()]
    return render_template("evaluation/schemes.html", schemes=found, levels=rules.LEVELS)


def _link_form(year: int) -> forms.LinkForm:
    form = forms.LinkForm()
    form.unit.choices = choices([(unit.id, unit.name) for unit in _units_in_reach(Permission.EVALUATION_DECIDE)])
    in_force = [s for s in list_schemes() if s.valid_from.year <= year and (not s.valid_to or s.valid_to.year >= year)]
    form.scheme_key.choices = choices([(scheme.key, scheme.name) for scheme in in_force])
    criteria = [
        (criterion.key, f"{criterion.name} — {scheme.name}")
        for scheme in in_force
        for criterion in rules.read_definition(scheme.kind, scheme.definition).criteria
        if criterion.unit == "points"
    ]
    form.criterion.choices = choices(criteria, empty=_("Không cộng điểm"))
    return form


@bp.route("/<int:year>/exam-link", methods=["GET", "POST"])
@DECIDE
def exam_link(year: int) -> BaseResponse | str | tuple[str, int]:
    if year not in _years():
        raise NotFound()
    form = _link_form(year)
    if request.method == "POST" and form.validate() and _save_link(form, year):
        return redirect(url_for("evaluation.year", year=year, unit=form.unit.data), 303)
    if request.method == "GET":
        _fill_link(form, year)
    page = render_template("evaluation/exam_link.html", form=form, year=year)
    return page if request.method == "GET" else (page, 422)


def _save_link(form: forms.LinkForm, year: int) -> bool:
    try:
        mapping = forms.parse_mapping(form.mapping.data or "")
        links.save_link(
            year=year,
            unit_id=form.unit.data,
            scheme_key=form.scheme_key.data,
            mode=LinkMode(form.mode.data),
            criterion=form.criterion.data or "",
            max_points=int((form.max_points.data or 0) * 1000),
            mapping=mapping,
            regulation_number=form.regulation_number.data or "",
            regulation_date=form.regulation_date.data,
            by=current_user,
        )
    except Invalid as error:
        form.blame(error)
    except ValueError as error:
        form.blame(Invalid(str(error), field="mapping"))
    else:
        return True
    return False


def _fill_link(form: forms.LinkForm, year: int) -> None:
    units = [choice.value for choice in form.unit.choices]
    wanted = request.args.get("unit", type=int)
    form.unit.data = wanted if wanted in units else (units[0] if units else None)
    schemes = [choice.value for choice in form.scheme_key.choices]
    link = links.find_link(year, form.unit.data, schemes[0]) if schemes and form.unit.data else None
    if link is not None:
        form.scheme_key.data, form.mode.data, form.criterion.data = link.scheme_key, link.mode.value, link.criterion
        form.max_points.data = Decimal(link.max_points) / 1000 if link.max_points else None
        form.mapping.data = forms.format_mapping(json.loads(link.mapping))
        form.regulation_number.data, form.regulation_date.data = link.regulation_number, link.regulation_date
