"""Pages of results for staff: rounds, their people, their figures, one result down to the answers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask_login import current_user
from sqlalchemy import func, select

from examapp.bank.labels import LEVELS
from examapp.core.db import db
from examapp.core.paging import Page
from examapp.core.permissions import Permission, requires
from examapp.core.text import whole_number
from examapp.core.words import _
from examapp.results import figures, people
from examapp.results.access import PUBLISHED, View, get_result, get_view, versions_of, visible_rounds
from examapp.results.figures import Group
from examapp.results.people import Filter
from examapp.results.progress import steps_of
from examapp.results.review import STATE_KINDS, STATE_LABELS, marks_of, review, section_names
from examapp.results.services import participation
from examapp.rounds.models import ExamRound
from examapp.rounds.words import STATE_KINDS as ROUND_KINDS
from examapp.rounds.words import STATES as ROUND_STATES
from examapp.rounds.words import period_name

bp = Blueprint("results", __name__, url_prefix="/results", template_folder="templates")

ROUNDS_A_PAGE = 20
QUESTIONS_A_PAGE = 50


def page_number() -> int:
    raw = request.args.get("page", "1")
    return max(1, int(raw)) if raw.isdecimal() and len(raw) < 7 else 1


def paged(items: Sequence[Any], *, number: int, total: int, size: int) -> Page[Any]:
    """A page whose neighbours keep the filters of this address."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]

    def url(page: int) -> str:
        return f"{request.path}?{urlencode([*kept, ('page', page)])}"

    return Page(items=items, number=number, total=total, url=url, size=size)


def last_page(total: int, size: int) -> int:
    return max(1, -(-total // size))


@bp.get("/")
@requires(Permission.RESULTS_READ)
def index() -> str:
    rounds = visible_rounds(current_user)
    years = list(
        db.session.scalars(rounds.with_only_columns(ExamRound.year).distinct().order_by(ExamRound.year.desc()))
    )
    if (year := whole_number(request.args.get("year", ""))) in years:
        rounds = rounds.where(ExamRound.year == year)
    total = db.session.scalar(select(func.count()).select_from(rounds.options().subquery())) or 0
    number = min(page_number(), last_page(total, ROUNDS_A_PAGE))
    listed = db.session.scalars(
        rounds.order_by(ExamRound.year.desc(), ExamRound.closed_at.desc(), ExamRound.id.desc())
        .limit(ROUNDS_A_PAGE)
        .offset((number - 1) * ROUNDS_A_PAGE)
    ).all()
    groups = figures.by_round([one.id for one in listed], current_user.units(Permission.RESULTS_READ))
    return render_template(
        "results/index.html",
        page=paged(listed, number=number, total=total, size=ROUNDS_A_PAGE),
        groups=groups,
        years=[(one, one) for one in years],
        states=ROUND_STATES,
        kinds=ROUND_KINDS,
        period_name=period_name,
        published=PUBLISHED,
    )


@bp.get("/<string:code>")
@requires(Permission.RESULTS_READ)
def show(code: str) -> str:
    view = get_view(code, person=current_user)
    asked = Filter.from_address(request.args)
    total = people.count_people(view, asked)
    number = min(page_number(), last_page(total, people.SIZE))
    listed = people.list_people(view, asked, page=number)
    cells = figures.cells(view.exam_round.id, view.unit_ids)
    return render_template(
        "results/round.html",
        **_common(view),
        page=paged(listed, number=number, total=total, size=people.SIZE),
        whole=figures.total(cells),
        count=participation(view.exam_round, unit_ids=view.unit_ids),
        units=[(identity, group.label) for identity, group in figures.by_unit(cells).items()],
        positions=[(identity, group.label) for identity, group in figures.by_position(cells).items()],
        standings=[(one.value, _(label)) for one, label in people.LABELS.items()],
        labels=people.LABELS,
        kinds=people.KINDS,
        chips=_chips(asked, cells),
        steps=steps_of(view.exam_round) if view.publishes else None,
        bands=_bands(view) if view.is_whole else [],
    )


def _common(view: View) -> dict[str, Any]:
    """What every page of a round shows."""
    return {
        "view": view,
        "round": view.exam_round,
        "period": period_name(view.exam_round),
        "state": _(ROUND_STATES[view.exam_round.state]),
        "state_kind": ROUND_KINDS[view.exam_round.state],
    }


def _chips(asked: Filter, cells: Sequence[figures.Cell]) -> list[dict[str, str]]:
    chips = []
    if asked.text:
        chips.append({"label": _("Tìm: %(words)s", words=asked.text), "drop": "q"})
    if asked.unit_id is not None:
        names = [cell.unit for cell in cells if cell.unit_id == asked.unit_id]
        chips.append({"label": _("Đơn vị: %(name)s", name=names[0] if names else "–"), "drop": "unit"})
    if asked.position_id is not None:
        names = [cell.position for cell in cells if cell.position_id == asked.position_id]
        chips.append({"label": _("Vị trí: %(name)s", name=names[0] if names else "–"), "drop": "position"})
    if asked.standing is not None:
        chips.append({"label": _(people.LABELS[asked.standing]), "drop": "standing"})
    return chips


def _bands(view: View) -> list[dict[str, Any]]:
    """Results by band, for the picture; the edges are the house's default."""
    counts = figures.distribution(view.exam_round.id, view.unit_ids)
    edges = [0, *figures.BANDS, 100]
    whole = sum(counts)
    rows = []
    for count, low, high in zip(counts, edges, edges[1:], strict=False):
        label = _("Từ %(low)s%%", low=low) if high == 100 else _("%(low)s đến dưới %(high)s%%", low=low, high=high)
        share = float(Fraction(100 * count, whole)) if whole else 0.0
        rows.append({"label": label, "value": share, "detail": _("%(count)s người", count=count)})
    return rows if whole else []


@bp.get("/<string:code>/units")
@requires(Permission.RESULTS_READ)
def units(code: str) -> str:
    view = get_view(code, person=current_user)
    groups = figures.by_unit(figures.cells(view.exam_round.id, view.unit_ids))
    return _groups(view, groups, tab="units", title=_("Theo đơn vị"), label=_("Đơn vị"), parameter="unit")


@bp.get("/<string:code>/positions")
@requires(Permission.RESULTS_READ)
def positions(code: str) -> str:
    view = get_view(code, person=current_user)
    groups = figures.by_position(figures.cells(view.exam_round.id, view.unit_ids))
    own = figures.parts_by_position(view.exam_round.id, view.unit_ids)
    return _groups(
        view, groups, tab="positions", title=_("Theo vị trí"), label=_("Vị trí"), parameter="position", parts=own
    )


def _groups(view: View, groups: dict[int, Group], *, parts: dict[int | None, Any] | None = None, **words: str) -> str:
    bars = [
        {
            "label": group.label,
            "value": float(Fraction(100 * group.passed, group.results)),
            "detail": _("%(passed)s trên %(results)s", passed=group.passed, results=group.results),
        }
        for group in groups.values()
        if group.results >= figures.FEW
    ]
    return render_template("results/groups.html", **_common(view), groups=groups, bars=bars[:40], parts=parts, **words)


@bp.get("/<string:code>/topics")
@requires(Permission.RESULTS_READ)
def topics(code: str) -> str:
    view = get_view(code, person=current_user)
    shares = figures.by_topic(view.exam_round.id, view.unit_ids)
    bars = [
        {
            "label": share.label,
            "value": float(share.percent),
            "detail": _("%(passed)s trên %(results)s", passed=share.right, results=share.papers),
        }
        for share in shares
        if share.percent is not None
    ]
    return render_template("results/topics.html", **_common(view), shares=shares, bars=bars)


@bp.get("/<string:code>/questions")
@requires(Permission.RESULTS_READ)
def questions(code: str) -> str:
    """For those who reach the whole round only; keys once it is published."""
    view = get_view(code, person=current_user)
    asked = figures.by_question(view.exam_round.id) if view.is_whole else []
    number = min(page_number(), last_page(len(asked), QUESTIONS_A_PAGE))
    shown = asked[(number - 1) * QUESTIONS_A_PAGE : number * QUESTIONS_A_PAGE]
    return render_template(
        "results/questions.html",
        **_common(view),
        page=paged(shown, number=number, total=len(asked), size=QUESTIONS_A_PAGE),
        levels=LEVELS,
        keys=figures.keys_of([one.version_id for one in shown]) if view.is_published else {},
    )


@bp.get("/<string:code>/<string:ref>")
@requires(Permission.RESULTS_READ)
def person(code: str, ref: str) -> str:
    """One result: its parts, its versions, and what every mark was given for."""
    view = get_view(code, person=current_user)
    result = get_result(view, ref)
    return render_template(
        "results/person.html",
        **_common(view),
        result=result,
        candidate=result.candidate,
        snapshot=result.frozen,
        sections=section_names({part.section for part in result.parts}),
        versions=versions_of(result.candidate_id),
        items=review(result, with_keys=view.is_published) if view.is_whole else [],
        marks=[] if view.is_whole else marks_of(result),
        state_labels=STATE_LABELS,
        state_kinds=STATE_KINDS,
    )
