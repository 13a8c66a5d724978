"""What the pages and the exports say of a year: everybody's sheet, read in a constant number of queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.permissions import Permission
from examapp.core.text import fold
from examapp.core.words import _
from examapp.evaluation import rules
from examapp.evaluation.models import (
    Evaluation,
    EvaluationState,
    ExamLink,
    LinkMode,
    QualityLevel,
)
from examapp.evaluation.rules import Definition, Proposal
from examapp.organisation.models import Official, Post
from examapp.organisation.tree import agencies, climb, full_names, parents_on
from examapp.results.models import Result
from examapp.results.services import recognised_results
from question_bank.marking import percent

FIRST_YEAR = 2018


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that a page or an export says of one evaluation."""

    evaluation: Evaluation
    unit_name: str
    """With the agency it is part of."""
    definition: Definition | None
    results: Sequence[Result]
    values: Mapping[str, int]
    """Entered values, with the points of exams added where a local regulation says so."""
    exam_points: int | None
    link: ExamLink | None
    proposal: Proposal | None

    @property
    def is_leader(self) -> bool:
        return self.evaluation.position.is_leadership

    @property
    def mean(self) -> int | None:
        """Mean of the year's recognised results, thousandths of a percent."""
        return rules.mean_percent(percents(self.results))


def percents(results: Iterable[Result]) -> list[Fraction]:
    return [percent(result.awarded, result.possible) for result in results]


def last_day(year: int) -> date:
    """The day whose posts count for ``year``: its end, or today while it runs."""
    return min(date(year, 12, 31), clock.today())


def find_evaluations(
    year: int, *, reach: set[int] | None, unit_ids: set[int] | None = None, ids: Sequence[int] | None = None
) -> list[Evaluation]:
    """The newest version of each person's evaluation of ``year`` within ``reach``, in Vietnamese order of names."""
    newest = (
        select(func.max(Evaluation.id))
        .where(Evaluation.year == year)
        .group_by(Evaluation.official_id)
        .scalar_subquery()
    )
    query = (
        select(Evaluation)
        .join(Evaluation.official)
        .where(Evaluation.id.in_(newest))
        .order_by(Official.sort_key, Evaluation.id)
        .options(
            joinedload(Evaluation.official),
            joinedload(Evaluation.unit),
            joinedload(Evaluation.position),
            joinedload(Evaluation.scheme),
            selectinload(Evaluation.scores),
            selectinload(Evaluation.facts),
        )
    )
    for limit in (reach, unit_ids):
        if limit is not None:
            query = query.where(Evaluation.unit_id.in_(limit))
    if ids is not None:
        query = query.where(Evaluation.id.in_(ids))
    return list(db.session.scalars(query).unique())


def count_undecided(year: int, *, reach: set[int] | None) -> int:
    """How many evaluations of ``year`` wait for a decision; those without a scheme wait for none."""
    query = select(func.count(func.distinct(Evaluation.official_id))).where(
        Evaluation.year == year, Evaluation.state == EvaluationState.OPEN, Evaluation.scheme_id.is_not(None)
    )
    if reach is not None:
        query = query.where(Evaluation.unit_id.in_(reach))
    return db.session.scalar(query) or 0


def get_evaluation(evaluation_id: int, person: Account, permission: Permission) -> Evaluation:
    """The evaluation, when ``person`` may see it; own ones never through here."""
    evaluation = db.session.get(Evaluation, evaluation_id)
    reach = person.units(permission)
    if evaluation is None or (reach is not None and evaluation.unit_id not in reach):
        raise NotFound()
    return evaluation


def sheets(evaluations: Sequence[Evaluation]) -> list[Sheet]:
    """What the pages show, with a constant number of queries for any number of people of one year."""
    if not evaluations:
        return []
    year = evaluations[0].year
    results = recognised_results([e.official_id for e in evaluations], year=year)
    frozen = _frozen(evaluations)
    unit_ids = {e.unit_id for e in evaluations}
    links, names = _links(year, unit_ids), full_names(unit_ids, on=last_day(year))
    return [_sheet(e, names[e.unit_id], frozen.get(e.id, results.get(e.official_id, [])), links) for e in evaluations]


def _frozen(evaluations: Sequence[Evaluation]) -> dict[int, list[Result]]:
    """For decided evaluations the result versions they were decided on, whatever was corrected since."""
    refs = {
        e.id: [row["result"] for row in json.loads(e.evidence)]
        for e in evaluations
        if e.state is EvaluationState.DECIDED
    }
    wanted = {ref for used in refs.values() for ref in used}
    if not wanted:
        return {evaluation_id: [] for evaluation_id in refs}
    query = select(Result).where(Result.ref.in_(wanted)).options(joinedload(Result.round))
    found = {result.ref: result for result in db.session.scalars(query)}
    return {evaluation_id: [found[ref] for ref in used if ref in found] for evaluation_id, used in refs.items()}


def _sheet(
    evaluation: Evaluation, unit_name: str, results: Sequence[Result], links: Mapping[tuple[int, str], ExamLink]
) -> Sheet:
    scheme = evaluation.scheme
    if scheme is None:
        return Sheet(evaluation, unit_name, None, results, {}, None, None, None)
    definition = rules.read_definition(scheme.kind, scheme.definition)
    values = {score.criterion: score.value for score in evaluation.scores}
    link = links.get((evaluation.unit_id, scheme.key))
    points = None
    if link is not None and link.mode is LinkMode.POINTS:
        points = rules.exam_points([(int(a), int(b)) for a, b in json.loads(link.mapping)], percents(results))
        criterion = next((c for c in definition.criteria if c.key == link.criterion), None)
        if criterion and (link.criterion in values or (points is not None and criterion.max <= link.max_points)):
            entered = values.get(link.criterion, 0)
            values[link.criterion] = min(criterion.max, entered + min(points or 0, link.max_points))
    facts = [fact.fact for fact in evaluation.facts if fact.confirmed_by_id is not None]
    proposal = rules.propose(
        definition,
        values,
        facts,
        leader=evaluation.position.is_leadership,
        worked_months=evaluation.worked_months,
    )
    return Sheet(evaluation, unit_name, definition, results, values, points, link, proposal)


def _links(year: int, unit_ids: Iterable[int]) -> dict[tuple[int, str], ExamLink]:
    """For each unit and scheme the link of the nearest unit above (or its own)."""
    rows = list(db.session.scalars(select(ExamLink).where(ExamLink.year == year).order_by(ExamLink.id)))
    if not rows:
        return {}
    by_unit: dict[int, list[ExamLink]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    found: dict[tuple[int, str], ExamLink] = {}
    parents = parents_on(last_day(year))
    for unit_id in unit_ids:
        for above in [unit_id, *climb(unit_id, parents)]:
            for row in by_unit.get(above, []):
                found.setdefault((unit_id, row.scheme_key), row)
    return found


def entry_limits(sheet: Sheet) -> dict[str, int]:
    """The most that may be entered for each criterion: what exams bring by regulation is left free for them."""
    assert sheet.definition is not None
    limits = {criterion.key: criterion.max for criterion in sheet.definition.criteria}
    link = sheet.link
    if link is not None and link.mode is LinkMode.POINTS and link.criterion in limits:
        limits[link.criterion] = max(0, limits[link.criterion] - link.max_points)
    return limits


def changed_since(evaluation: Evaluation) -> list[Result]:
    """Results recognised or corrected after a decided evaluation froze its evidence."""
    if evaluation.state is not EvaluationState.DECIDED:
        return []
    used = {(row["result"], row["version"]) for row in json.loads(evaluation.evidence)}
    now = recognised_results([evaluation.official_id], year=evaluation.year).get(evaluation.official_id, [])
    return [result for result in now if (result.ref, result.version) not in used]


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """Share of *excellent* in one group: how many there are, how many there may be, and who."""

    group: str
    excellent: int
    allowed: int
    names: tuple[str, ...]

    @property
    def exceeded(self) -> bool:
        return self.excellent > self.allowed


def quota_check(rows: Sequence[Sheet]) -> list[QuotaLine]:
    """Per agency and within it per group with similar duties (leaders, others): reported, never enforced."""
    groups: dict[tuple[str, str], list[Sheet]] = {}
    on = last_day(rows[0].evaluation.year) if rows else clock.today()
    names = agencies({sheet.evaluation.unit_id for sheet in rows}, on=on)
    for sheet in rows:
        if sheet.definition is not None and sheet.definition.quota_percent is not None:
            duty = _("lãnh đạo, quản lý") if sheet.is_leader else _("chuyên môn")
            groups.setdefault((names[sheet.evaluation.unit_id], ""), []).append(sheet)
            groups.setdefault((names[sheet.evaluation.unit_id], duty), []).append(sheet)
    lines = []
    for (unit, duty), members in sorted(groups.items()):
        levels = [level_of(sheet) for sheet in members]
        definition = members[0].definition
        counted = rules.quota(definition, levels) if definition else None
        if counted and counted[0]:
            people = tuple(
                m.evaluation.official.full_name
                for m, level in zip(members, levels, strict=True)
                if level is QualityLevel.EXCELLENT
            )
            lines.append(QuotaLine(f"{unit}, {duty}" if duty else unit, *counted, people))
    return lines


def level_of(sheet: Sheet) -> QualityLevel | None:
    """The decided level, else the proposed one."""
    if sheet.evaluation.decided_level is not None:
        return sheet.evaluation.decided_level
    return sheet.proposal.level if sheet.proposal else None


def matches(sheet: Sheet, words: str, level: str) -> bool:
    """Whether a row of the year's list is wanted: name or staff code without marks, and a level."""
    official = sheet.evaluation.official
    wanted = fold(words)
    if wanted and wanted not in official.name_fold and wanted not in official.staff_code.lower():
        return False
    found = level_of(sheet)
    return not level or (found is not None and found.value == level)


def history(evaluation: Evaluation) -> list[Evaluation]:
    """All versions of this year's evaluation, newest first."""
    return list(
        db.session.scalars(
            select(Evaluation)
            .where(Evaluation.official_id == evaluation.official_id, Evaluation.year == evaluation.year)
            .order_by(Evaluation.version.desc())
        )
    )


def posts_in_year(official_id: int, year: int) -> list[Post]:
    """Every post held for a day or more of ``year``, in order."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return list(
        db.session.scalars(
            select(Post)
            .where(
                Post.official_id == official_id,
                Post.valid_from <= last,
                (Post.valid_to.is_(None)) | (Post.valid_to >= first),
            )
            .options(joinedload(Post.position), joinedload(Post.unit))
            .order_by(Post.valid_from, Post.id)
        )
    )
