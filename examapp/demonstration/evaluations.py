"""Evaluations of three past years, decided, with a spread such as districts published; this year's is open."""

from __future__ import annotations

import json
import random
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from examapp.accounts.models import Account
from examapp.core.db import db
from examapp.demonstration.history import morning, primary_post
from examapp.demonstration.people import Area
from examapp.evaluation.models import Evaluation, EvaluationScore, EvaluationState, QualityLevel
from examapp.evaluation.schemes import load_schemes, scheme_for
from examapp.organisation.models import StaffCategory
from examapp.results.models import Result
from examapp.rounds.models import ExamRound

YEARS = (2023, 2024, 2025)
VALUES: dict[QualityLevel, dict[str, tuple[int, int]]] = {
    QualityLevel.EXCELLENT: {"general": (1, 1), "on_time": (100_000, 100_000), "beyond": (50_000, 90_000)},
    QualityLevel.GOOD: {"general": (1, 1), "on_time": (100_000, 100_000), "beyond": (5_000, 49_000)},
    QualityLevel.COMPLETED: {"general": (1, 1), "on_time": (80_000, 99_000), "beyond": (0, 20_000)},
    QualityLevel.NOT_COMPLETED: {"general": (0, 0), "on_time": (40_000, 79_000), "beyond": (0, 5_000)},
}
"""What was entered for somebody who came out at a level: the least and the most of each value."""


def build_evaluations(area: Area, evaluator: Account, rng: random.Random, ability: dict[int, float]) -> int:
    load_schemes()
    return sum(_year(area, year, evaluator, rng, ability) for year in YEARS)


def _year(area: Area, year: int, evaluator: Account, rng: random.Random, ability: dict[int, float]) -> int:
    scheme = scheme_for(StaffCategory.CIVIL_SERVANT, year)
    assert scheme is not None
    end, used = date(year, 12, 31), _results(year)
    rows: list[dict[str, Any]] = []
    values: list[dict[str, int]] = []
    for official in area.officials:
        post = primary_post(official.posts, end)
        if official.staff_category is not StaffCategory.CIVIL_SERVANT or post is None or post.position.is_leadership:
            continue
        level = _level(ability[official.id] + rng.gauss(0, 0.08) + 0.012 * (year - YEARS[0]))
        evidence = [{"result": ref, "version": version} for ref, version in used.get(official.id, [])]
        rows.append(
            {
                "official_id": official.id,
                "year": year,
                "version": 1,
                "scheme_id": scheme.id,
                "unit_id": post.unit_id,
                "position_id": post.position_id,
                "state": EvaluationState.DECIDED,
                "worked_months": 12,
                "proposed_level": level,
                "decided_level": level,
                "self_level": level,
                "reason": "",
                "decision_number": f"{year % 100}1/QĐ-MAU",
                "decision_date": date(year, 12, 12),
                "decided_by_id": evaluator.id,
                "decided_at": morning(date(year, 12, 12)),
                "evidence": json.dumps(evidence),
                "created_at": morning(date(year, 11, 20)),
            }
        )
        values.append({key: rng.randint(*span) for key, span in VALUES[level].items()})
    ids = db.session.scalars(insert(Evaluation).returning(Evaluation.id, sort_by_parameter_order=True), rows).all()
    scores = [
        {"evaluation_id": number, "criterion": key, "value": value, "by_id": evaluator.id, "note": ""}
        for number, entered in zip(ids, values, strict=True)
        for key, value in entered.items()
    ]
    db.session.execute(insert(EvaluationScore), scores)
    return len(rows)


def _level(strength: float) -> QualityLevel:
    if strength > 0.15:
        return QualityLevel.EXCELLENT
    if strength > -0.18:
        return QualityLevel.GOOD
    return QualityLevel.COMPLETED if strength > -0.33 else QualityLevel.NOT_COMPLETED


def _results(year: int) -> dict[int, list[tuple[str, int]]]:
    found: dict[int, list[tuple[str, int]]] = {}
    rows = db.session.execute(
        select(Result.official_id, Result.ref, Result.version)
        .join(ExamRound)
        .where(ExamRound.year == year)
        .order_by(ExamRound.id, Result.id)
    )
    for official_id, ref, version in rows:
        found.setdefault(official_id, []).append((ref, version))
    return found
