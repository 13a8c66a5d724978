"""What a scheme says, read from its data, and what it proposes for one person. Pure: no database, no clock.

Values are thousandths (of a point, or of a percent), or 0/1 for a condition of yes or no.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from examapp.core.text import format_points
from examapp.core.words import N_, _
from examapp.evaluation.models import QualityLevel, SchemeKind
from question_bank.marking import round_half_up

LEVELS: dict[QualityLevel, str] = {
    QualityLevel.EXCELLENT: N_("Hoàn thành xuất sắc nhiệm vụ"),
    QualityLevel.GOOD: N_("Hoàn thành tốt nhiệm vụ"),
    QualityLevel.COMPLETED: N_("Hoàn thành nhiệm vụ"),
    QualityLevel.NOT_COMPLETED: N_("Không hoàn thành nhiệm vụ"),
}
"""From the highest down."""
SHORT: dict[QualityLevel, str] = {
    QualityLevel.EXCELLENT: N_("Xuất sắc"),
    QualityLevel.GOOD: N_("Tốt"),
    QualityLevel.COMPLETED: N_("Hoàn thành"),
    QualityLevel.NOT_COMPLETED: N_("Không hoàn thành"),
}
"""For lists, where the column says what it is."""
ORDER = list(LEVELS)


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something to be entered: points up to ``max``, a percentage, or yes/no."""

    key: str
    name: str
    unit: str  # points, percent, yes_no
    max: int
    leaders_only: bool = False
    unconfirmed: bool = False
    section: str = ""

    def applies(self, leader: bool) -> bool:
        return leader or not self.leaders_only


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    name: str
    max: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """What forces a level, by a decision of whoever is competent; never conduct in an exam."""

    key: str
    name: str
    level: QualityLevel
    leaders_only: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    kind: SchemeKind
    sections: tuple[Section, ...]
    """Of a scored scheme; a conditional one has a single section of conditions."""
    bands: tuple[tuple[QualityLevel, int], ...]
    levels: tuple[tuple[QualityLevel, tuple[tuple[str, int], ...]], ...]
    otherwise: QualityLevel
    facts: tuple[Fact, ...]
    quota_percent: int | None
    unranked_below_months: int
    capped_below_months: int
    cap: QualityLevel | None
    notes: tuple[str, ...]

    @property
    def criteria(self) -> list[Criterion]:
        return [criterion for section in self.sections for criterion in section.criteria]

    def fact(self, key: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.key == key), None)


def read_definition(kind: SchemeKind, raw: str) -> Definition:
    """The rules in ``schemes.definition``."""
    data: dict[str, Any] = json.loads(raw)
    absence = data.get("absence", {})
    return Definition(
        kind=kind,
        sections=_sections(data),
        bands=tuple((QualityLevel(level), points) for level, points in data.get("bands", [])),
        levels=tuple(
            (QualityLevel(row["level"]), tuple((key, least) for key, least in row["needs"]))
            for row in data.get("levels", [])
        ),
        otherwise=QualityLevel(data.get("otherwise", "not_completed")),
        facts=tuple(
            Fact(
                row["key"],
                row["name"],
                QualityLevel(row["level"]),
                row.get("leaders_only", False),
                row.get("unconfirmed", False),
            )
            for row in data.get("facts", [])
        ),
        quota_percent=data.get("quota", {}).get("percent"),
        unranked_below_months=absence.get("unranked_below_months", 0),
        capped_below_months=absence.get("capped_below_months", 0),
        cap=QualityLevel(absence["cap"]) if "cap" in absence else None,
        notes=tuple(data.get("notes", [])),
    )


def _sections(data: dict[str, Any]) -> tuple[Section, ...]:
    if "conditions" in data:
        conditions = tuple(
            Criterion(
                row["key"],
                row["name"],
                row["unit"],
                1 if row["unit"] == "yes_no" else 100_000,
                row.get("leaders_only", False),
                row.get("unconfirmed", False),
                "conditions",
            )
            for row in data["conditions"]
        )
        return (Section("conditions", N_("Điều kiện"), 0, conditions),)
    return tuple(
        Section(
            section["key"],
            section["name"],
            section["max"],
            tuple(
                Criterion(
                    row["key"], row["name"], "points", row["max"], False, row.get("unconfirmed", False), section["key"]
                )
                for row in section["criteria"]
            ),
        )
        for section in data["sections"]
    )


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules say, and why. ``level`` is ``None`` while something is missing, or where nothing is ranked."""

    level: QualityLevel | None
    total: int | None
    sections: Mapping[str, int]
    missing: tuple[str, ...]
    """Names of criteria not yet entered."""
    reasons: tuple[str, ...]
    unranked: bool = False


def propose(
    definition: Definition,
    values: Mapping[str, int],
    facts: Sequence[str] = (),
    *,
    leader: bool = False,
    worked_months: int = 12,
) -> Proposal:
    """The level the scheme leads to from the entered ``values`` and the confirmed ``facts`` (their keys)."""
    sections = {s.key: sum(values.get(c.key, 0) for c in s.criteria) for s in definition.sections if s.max}
    total = sum(sections.values()) if sections else None
    if worked_months < definition.unranked_below_months:
        reason = _("Làm việc %(n)s tháng trong năm, dưới mức để xếp loại.", n=worked_months)
        return Proposal(None, total, sections, (), (reason,), unranked=True)
    missing = tuple(c.name for c in definition.criteria if c.applies(leader) and c.key not in values)
    forced = [fact for key in facts if (fact := definition.fact(key)) and (leader or not fact.leaders_only)]
    if forced:
        level = max((fact.level for fact in forced), key=ORDER.index)
        reasons = tuple(_("%(fact)s: xếp loại %(level)s.", fact=f.name, level=_(LEVELS[f.level])) for f in forced)
        return Proposal(level, total, sections, missing, reasons)
    if missing:
        return Proposal(None, total, sections, missing, ())
    level, reason = _by_bands(definition, total or 0) if definition.bands else _by_levels(definition, values, leader)
    reasons = (reason,)
    cap = definition.cap
    if cap and worked_months < definition.capped_below_months and ORDER.index(level) < ORDER.index(cap):
        note = _("Làm việc %(n)s tháng trong năm: không cao hơn mức %(level)s.", n=worked_months, level=_(LEVELS[cap]))
        level, reasons = cap, (reason, note)
    return Proposal(level, total, sections, (), reasons)


def _by_bands(definition: Definition, total: int) -> tuple[QualityLevel, str]:
    for level, least in definition.bands:
        if total >= least:
            return level, _(
                "Tổng %(total)s điểm, từ %(least)s điểm: %(level)s.",
                total=format_points(total),
                least=format_points(least),
                level=_(LEVELS[level]),
            )
    return definition.otherwise, _("Tổng %(total)s điểm.", total=format_points(total))


def _by_levels(definition: Definition, values: Mapping[str, int], leader: bool) -> tuple[QualityLevel, str]:
    by_key = {criterion.key: criterion for criterion in definition.criteria}
    lacking: list[str] = []
    for level, needs in definition.levels:
        short = [by_key[key].name for key, least in needs if by_key[key].applies(leader) and values.get(key, 0) < least]
        if not short:
            text = _("Đạt đủ điều kiện của mức %(level)s.", level=_(LEVELS[level]))
            return level, f"{text} {lacking[-1]}" if lacking else text
        lacking.append(_("Chưa đạt mức %(level)s vì: %(names)s.", level=_(LEVELS[level]), names="; ".join(short)))
    return definition.otherwise, lacking[-1] if lacking else ""


def exam_points(mapping: Sequence[tuple[int, int]], percents: Sequence[Fraction]) -> int | None:
    """Points (thousandths) that a year's exam results bring by the local regulation's table; ``None`` without results.

    ``mapping`` is [(from percent, points)], ``percents`` the results of the year; their mean is taken, and the first
    row from the top that it reaches.
    """
    if not percents:
        return None
    mean = sum(percents, Fraction(0)) / len(percents)
    for least, points in sorted(mapping, reverse=True):
        if mean >= least:
            return points
    return 0


def quota(definition: Definition, proposed: Sequence[QualityLevel | None]) -> tuple[int, int] | None:
    """(how many *excellent* there are, how many there may be): a share of those ranked *good*, rounded down."""
    if definition.quota_percent is None:
        return None
    good = sum(level is QualityLevel.GOOD for level in proposed)
    excellent = sum(level is QualityLevel.EXCELLENT for level in proposed)
    return excellent, good * definition.quota_percent // 100


def mean_percent(percents: Sequence[Fraction]) -> int | None:
    """Mean in thousandths of a percent, rounded once."""
    return round_half_up(sum(percents, Fraction(0)) * 1000 / len(percents)) if percents else None
