"""Rounds with results and decided evaluations, as few words as possible. All invented."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from examapp.accounts.models import Account
from examapp.evaluation.models import Evaluation, EvaluationState, QualityLevel
from examapp.organisation.models import LinkKind, Official, Position, Unit, UnitLink
from examapp.results.models import Result, ResultItem
from examapp.rounds.models import (
    Candidate,
    CandidateState,
    ExamRound,
    Period,
    Purpose,
    RoundState,
    Setting,
    Shift,
)
from tests.builders import Builder


def exam_round(
    build: Builder,
    unit: Unit,
    year: int,
    *,
    state: RoundState = RoundState.RECOGNISED,
    purpose: Purpose = Purpose.OFFICIAL,
    **columns: object,
) -> ExamRound:
    number = next(build._numbers)
    columns.setdefault("code", f"KT-{year}-{number}")
    columns.setdefault("name", f"Kỳ thi mẫu {year} số {number}")
    if state is RoundState.RECOGNISED:
        columns.setdefault("decision_number", f"{number}/QĐ-MAU")
        columns.setdefault("decision_date", date(year, 12, 1))
    return build.save(
        ExamRound(
            year=year,
            period=Period.QUARTER,
            period_number=4,
            legal_basis_number="01/QC-MAU",
            legal_basis_date=date(year, 1, 5),
            purpose=purpose,
            setting=Setting.SUPERVISED,
            minutes=45,
            unit_id=unit.id,
            posts_on=date(year, 11, 1),
            state=state,
            **columns,
        )
    )


def shift(build: Builder, found: ExamRound, starts_at: datetime, *, minutes: int = 90, **columns: object) -> Shift:
    columns.setdefault("name", "Ca 1")
    ends_at = starts_at + timedelta(minutes=minutes)
    return build.save(Shift(round_id=found.id, starts_at=starts_at, ends_at=ends_at, **columns))


def candidate(
    build: Builder,
    found: ExamRound,
    official: Official,
    position: Position,
    unit: Unit,
    *,
    state: CandidateState = CandidateState.ENROLLED,
    shift_id: int | None = None,
) -> Candidate:
    post = {"position": position.code, "position_name": position.name, "unit": unit.id, "unit_name": unit.name}
    return build.save(
        Candidate(
            round_id=found.id,
            official_id=official.id,
            shift_id=shift_id,
            number=f"{next(build._numbers):04d}",
            unit_id=unit.id,
            position_id=position.id,
            full_name=official.full_name,
            sort_key=official.sort_key,
            unit_name=unit.name,
            posts=json.dumps([post], ensure_ascii=False),
            state=state,
            reason="" if state is CandidateState.ENROLLED else "Ốm (mẫu)",
        )
    )


def result(
    build: Builder, entered: Candidate, awarded: int, possible: int = 40, *, is_current: bool = True, version: int = 1
) -> Result:
    """A result of ``awarded`` points of ``possible``; half of them passes."""
    snapshot = {
        "full_name": entered.full_name,
        "number": entered.number,
        "unit_name": entered.unit_name,
        "posts": json.loads(entered.posts),
    }
    return build.save(
        Result(
            round_id=entered.round_id,
            candidate_id=entered.id,
            official_id=entered.official_id,
            unit_id=entered.unit_id,
            position_id=entered.position_id,
            awarded=awarded * 1000,
            possible=possible * 1000,
            passed=2 * awarded >= possible,
            snapshot=json.dumps(snapshot, ensure_ascii=False),
            is_current=is_current,
            version=version,
            reason="" if version == 1 else "Tính lại (mẫu)",
        )
    )


def sat(
    build: Builder, found: ExamRound, unit: Unit, position: Position, *points: int | None, people: list[Official]
) -> list[Result | None]:
    """The first of ``people`` sit with these points of 40 each; ``None``: enrolled, absent."""
    results = []
    for official, awarded in zip(people, points, strict=False):
        entered = candidate(build, found, official, position, unit)
        results.append(None if awarded is None else result(build, entered, awarded))
    return results


def answers(build: Builder, of: Result, version_id: int, *, right: int, wrong: int, first: int = 1) -> None:
    """``right`` and ``wrong`` answers to questions of one version, one point each."""
    build.save(
        *[
            ResultItem(
                result_id=of.id,
                slot=first + index,
                version_id=version_id,
                response="[1]",
                awarded=1000 if index < right else 0,
                possible=1000,
            )
            for index in range(right + wrong)
        ]
    )


def people(build: Builder, count: int, name: str = "Nguyễn Văn Mẫu") -> list[Official]:
    return [build.official(f"{name} {chr(ord('A') + index)}") for index in range(count)]


def evaluation(
    build: Builder,
    official: Official,
    unit: Unit,
    position: Position,
    year: int,
    level: QualityLevel | None,
    *,
    by: Account | None = None,
    version: int = 1,
    evidence: tuple[Result, ...] = (),
) -> Evaluation:
    """Decided at ``level``; still open with ``None``."""
    decided = level is not None
    return build.save(
        Evaluation(
            official_id=official.id,
            year=year,
            version=version,
            unit_id=unit.id,
            position_id=position.id,
            state=EvaluationState.DECIDED if decided else EvaluationState.OPEN,
            decided_level=level,
            decided_by_id=by.id if by and decided else None,
            decided_at=datetime(year, 12, 20, 3, tzinfo=UTC) if decided else None,
            decision_number=f"{year}/QĐ-XL-MAU" if decided else "",
            decision_date=date(year, 12, 20) if decided else None,
            evidence=json.dumps([{"result": one.ref, "version": one.version} for one in evidence]),
        )
    )


def merged(build: Builder, old: Unit, new: Unit, *, on: date = date(2025, 7, 1)) -> UnitLink:
    return build.save(UnitLink(predecessor_id=old.id, successor_id=new.id, kind=LinkKind.MERGED_INTO, on=on))
