"""Six rounds of 2023–2025, two a year, across the merger of 01/07/2025, with results taken over from paper files.

These rounds were held before the platform: their results have parts by section but no papers and no answers.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from examapp.core import clock
from examapp.core.db import db, new_reference
from examapp.demonstration.people import MERGER, Area
from examapp.organisation.models import Post, StaffCategory
from examapp.organisation.tree import full_names
from examapp.results.models import Result, ResultPart
from examapp.rounds.models import (
    Candidate,
    CandidateState,
    Disclosure,
    ExamRound,
    Period,
    PostsRule,
    Purpose,
    RoundState,
    Setting,
    Shift,
)
from question_bank.marking import passes
from question_bank.question import canonical_json

PASS_PERCENT = 50
COMMON, OWN = 15_000, 25_000
"""Points of the sections, in thousandths."""
EXAMINED = {StaffCategory.CIVIL_SERVANT, StaffCategory.PUBLIC_EMPLOYEE}
REGULATION_NUMBER, REGULATION_DATE = "01/2023/QC-MAU", date(2023, 1, 10)


@dataclass(frozen=True)
class Past:
    code: str
    name: str
    day: date
    half: int
    mean: float
    """Average share of right answers, which rises from round to round with a dip after the merger."""


ROUNDS = (
    Past("2023-1", "Kỳ thi 6 tháng đầu năm 2023 (mẫu)", date(2023, 5, 16), 1, 0.60),
    Past("2023-2", "Kỳ thi 6 tháng cuối năm 2023 (mẫu)", date(2023, 11, 14), 2, 0.63),
    Past("2024-1", "Kỳ thi 6 tháng đầu năm 2024 (mẫu)", date(2024, 5, 14), 1, 0.66),
    Past("2024-2", "Kỳ thi 6 tháng cuối năm 2024 (mẫu)", date(2024, 11, 12), 2, 0.68),
    Past("2025-1", "Kỳ thi 6 tháng đầu năm 2025 (mẫu)", date(2025, 5, 13), 1, 0.71),
    Past("2025-2", "Kỳ thi 6 tháng cuối năm 2025 (mẫu)", date(2025, 11, 18), 2, 0.66),
)


def primary_post(posts: list[Post], day: date) -> Post | None:
    """The main post held on ``day``, if any."""
    return next(
        (p for p in posts if p.is_primary and p.valid_from <= day and (p.valid_to is None or p.valid_to >= day)), None
    )


def morning(day: date) -> datetime:
    return clock.from_local(datetime(day.year, day.month, day.day, 8))  # noqa: DTZ001 - wall clock in Vietnam


def abilities(area: Area, rng: random.Random) -> dict[int, float]:
    """How far each person stands from the average, the same in every round."""
    return {official.id: rng.gauss(0, 0.11) for official in area.officials}


def build_history(area: Area, rng: random.Random, ability: dict[int, float]) -> list[ExamRound]:
    return [_round(area, past, rng, ability) for past in ROUNDS]


def _round(area: Area, past: Past, rng: random.Random, ability: dict[int, float]) -> ExamRound:
    root = area.district if past.day < MERGER else area.province
    published = morning(past.day + timedelta(days=6))
    row = ExamRound(
        code=past.code,
        name=past.name,
        year=past.day.year,
        period=Period.HALF,
        period_number=past.half,
        legal_basis_number=REGULATION_NUMBER,
        legal_basis_date=REGULATION_DATE,
        purpose=Purpose.OFFICIAL,
        setting=Setting.SUPERVISED,
        posts_rule=PostsRule.MAIN_AND_COMMON,
        minutes=45,
        pass_percent=PASS_PERCENT,
        disclosure=Disclosure.MARKS,
        unit_id=root.id,
        posts_on=past.day,
        state=RoundState.RECOGNISED,
        closed_at=morning(past.day) + timedelta(hours=9),
        published_at=published,
        decision_number=f"{past.half}{past.day.year % 100}/QĐ-MAU",
        decision_date=past.day + timedelta(days=14),
        rules="Kết quả nhập từ hồ sơ của kỳ thi trước khi có hệ thống (dữ liệu trình diễn).",
    )
    row.shifts.append(
        Shift(
            name="Ca sáng",
            starts_at=morning(past.day),
            ends_at=morning(past.day) + timedelta(hours=1),
            place="Hội trường (mẫu)",
        )
    )
    db.session.add(row)
    db.session.flush()
    candidates = _candidates(area, row, rng)
    statement = insert(Candidate).returning(Candidate.id, sort_by_parameter_order=True)
    ids = db.session.scalars(statement, candidates).all()
    codes = {official.id: official.staff_code for official in area.officials}
    sat = [
        {**candidate, "id": candidate_id, "staff_code": codes[candidate["official_id"]]}
        for candidate, candidate_id in zip(candidates, ids, strict=True)
        if candidate["state"] is CandidateState.ENROLLED
    ]
    _results(row, past, sat, rng, ability)
    return row


def _candidates(area: Area, row: ExamRound, rng: random.Random) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    names = full_names({post.unit_id for o in area.officials for post in o.posts}, on=row.posts_on)
    for official in sorted(area.officials, key=lambda o: (o.sort_key, o.id)):
        post = primary_post(official.posts, row.posts_on)
        if post is None or official.staff_category not in EXAMINED:
            continue
        number = len(found) + 1
        away = rng.random() < 0.02
        found.append(
            {
                "round_id": row.id,
                "official_id": official.id,
                "shift_id": row.shifts[0].id,
                "number": f"{number:03d}",
                "unit_id": post.unit_id,
                "position_id": post.position_id,
                "full_name": official.full_name,
                "sort_key": official.sort_key,
                "unit_name": names[post.unit_id],
                "posts": json.dumps([post_json(post, names)], ensure_ascii=False),
                "state": CandidateState.EXCUSED if away else CandidateState.ENROLLED,
                "reason": "Nghỉ ốm, có giấy xác nhận (mẫu)" if away else "",
                "extra_minutes": 0,
            }
        )
    return found


def post_json(post: Post, names: dict[int, str]) -> dict[str, Any]:
    return {
        "post": post.id,
        "position": post.position.code,
        "position_id": post.position_id,
        "position_name": post.position.name,
        "unit": post.unit_id,
        "unit_name": names[post.unit_id],
    }


def _results(
    row: ExamRound, past: Past, candidates: list[dict[str, Any]], rng: random.Random, ability: dict[int, float]
) -> None:
    results, sections = [], []
    for candidate in candidates:
        if rng.random() < 0.025:
            continue  # did not come
        level = past.mean + ability[candidate["official_id"]]
        common, own = (_points(maximum, level, rng) for maximum in (COMMON, OWN))
        awarded = common + own
        posts = json.loads(candidate["posts"])
        results.append(
            {
                "ref": new_reference(),
                "round_id": row.id,
                "candidate_id": candidate["id"],
                "official_id": candidate["official_id"],
                "unit_id": candidate["unit_id"],
                "position_id": candidate["position_id"],
                "version": 1,
                "is_current": True,
                "awarded": awarded,
                "possible": COMMON + OWN,
                "passed": passes(awarded, COMMON + OWN, PASS_PERCENT),
                "snapshot": snapshot(row, candidate, posts, answered=40, questions=40),
                "reason": "",
                "computed_at": row.closed_at,
            }
        )
        sections.append((posts[0]["position"], candidate, common, own))
    ids = db.session.scalars(insert(Result).returning(Result.id, sort_by_parameter_order=True), results).all()
    parts = []
    for result_id, (code, candidate, common, own) in zip(ids, sections, strict=True):
        shared = {"result_id": result_id, "unit_id": candidate["unit_id"]}
        parts.append({**shared, "section": "common", "position_id": None, **_part(common, COMMON)})
        parts.append({**shared, "section": code, "position_id": candidate["position_id"], **_part(own, OWN)})
    db.session.execute(insert(ResultPart), parts)


def _points(maximum: int, level: float, rng: random.Random) -> int:
    questions = maximum // 1000
    chance = min(0.98, max(0.15, level + rng.gauss(0, 0.04)))
    return sum(rng.random() < chance for _ in range(questions)) * 1000


def _part(awarded: int, possible: int) -> dict[str, int]:
    return {"awarded": awarded, "possible": possible, "right": awarded // 1000, "questions": possible // 1000}


def snapshot(
    row: ExamRound, candidate: dict[str, Any], posts: list[dict[str, Any]], *, answered: int, questions: int
) -> str:
    """What a result freezes; the same keys as :mod:`examapp.results.marking` gives."""
    data = {
        "full_name": candidate["full_name"],
        "number": candidate["number"],
        "staff_code": candidate["staff_code"],
        "unit_name": candidate["unit_name"],
        "positions": [post["position_name"] for post in posts],
        "posts": posts,
        "pass_percent": row.pass_percent,
        "round": {"code": row.code, "name": row.name},
        "answered": answered,
        "questions": questions,
    }
    return canonical_json(data).decode()
