"""The list of a round's people with their results: filters, order and page in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, cast, func, or_, select

from examapp.core.db import db
from examapp.core.text import fold
from examapp.core.words import N_
from examapp.organisation.models import Official, Position
from examapp.results.access import View
from examapp.results.figures import within
from examapp.results.models import Result
from examapp.rounds.models import Candidate, CandidateState
from examapp.sittings.models import COUNTING_SITTING, Sitting, SittingState

SIZE = 50


class Standing(StrEnum):
    """Where a person stands in a round."""

    PASSED = "passed"
    FAILED = "failed"
    UNMARKED = "unmarked"
    UNSETTLED = "unsettled"
    ABSENT = "absent"
    EXCUSED = "excused"
    WITHDRAWN = "withdrawn"


LABELS: dict[Standing, str] = {
    Standing.PASSED: N_("Đạt"),
    Standing.FAILED: N_("Chưa đạt"),
    Standing.UNMARKED: N_("Chưa tính"),
    Standing.UNSETTLED: N_("Chưa chốt bài"),
    Standing.ABSENT: N_("Vắng"),
    Standing.EXCUSED: N_("Được miễn hoặc hoãn"),
    Standing.WITHDRAWN: N_("Rút khỏi danh sách"),
}
KINDS: dict[Standing, str] = {
    Standing.PASSED: "good",
    Standing.FAILED: "bad",
    Standing.UNMARKED: "warn",
    Standing.UNSETTLED: "act",
    Standing.ABSENT: "neutral",
    Standing.EXCUSED: "neutral",
    Standing.WITHDRAWN: "neutral",
}


def standing(state: CandidateState, sitting: SittingState | None, has_result: bool, passed: bool | None) -> Standing:
    """Pure: what a person's row says."""
    if state is CandidateState.EXCUSED:
        return Standing.EXCUSED
    if state is CandidateState.WITHDRAWN:
        return Standing.WITHDRAWN
    if has_result:
        return Standing.PASSED if passed else Standing.FAILED
    if sitting is None:
        return Standing.ABSENT
    return Standing.UNMARKED if sitting is SittingState.SETTLED else Standing.UNSETTLED


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the list."""

    number: str
    full_name: str
    staff_code: str
    unit_name: str
    position: str
    reason: str
    standing: Standing
    ref: str | None
    awarded: int | None
    possible: int | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address asks for; anything unknown in it is no filter."""

    text: str = ""
    unit_id: int | None = None
    position_id: int | None = None
    standing: Standing | None = None
    sort: str = "name"

    @classmethod
    def from_address(cls, arguments: Mapping[str, str]) -> Filter:
        def number(name: str) -> int | None:
            raw = arguments.get(name, "")
            return int(raw) if raw.isdecimal() and len(raw) < 10 else None

        asked = arguments.get("standing", "")
        sort = arguments.get("sort", "")
        return cls(
            text=arguments.get("q", "").strip(),
            unit_id=number("unit"),
            position_id=number("position"),
            standing=Standing(asked) if asked in set(Standing) else None,
            sort=sort if sort.removeprefix("-") in ORDERS else "name",
        )


_PERCENT = cast(Result.awarded, Float) / func.nullif(Result.possible, 0)
ORDERS: dict[str, ColumnElement[Any]] = {
    "name": Candidate.sort_key.expression,
    "number": Candidate.number.expression,
    "percent": _PERCENT,
}

_STANDINGS: dict[Standing, ColumnElement[bool]] = {
    Standing.PASSED: Result.passed.expression,
    Standing.FAILED: Result.id.is_not(None) & ~Result.passed,
    Standing.UNMARKED: Result.id.is_(None) & (Sitting.state == SittingState.SETTLED),
    Standing.UNSETTLED: Sitting.state != SittingState.SETTLED,
    Standing.ABSENT: Sitting.id.is_(None),
}


def _condition(wanted: Standing) -> ColumnElement[bool]:
    if wanted is Standing.EXCUSED:
        return Candidate.state == CandidateState.EXCUSED
    if wanted is Standing.WITHDRAWN:
        return Candidate.state == CandidateState.WITHDRAWN
    return (Candidate.state == CandidateState.ENROLLED) & _STANDINGS[wanted]


def _joined(statement: Select[*tuple[Any, ...]], view: View) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(Candidate)
        .join(Official, Official.id == Candidate.official_id)
        .join(Position, Position.id == Candidate.position_id)
        .outerjoin(Sitting, COUNTING_SITTING)
        .outerjoin(Result, and_(Result.candidate_id == Candidate.id, Result.is_current))
        .where(Candidate.round_id == view.exam_round.id, *within(Candidate.unit_id, view.unit_ids))
    )


def _conditions(asked: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.text:
        name = Official.name_fold.contains(fold(asked.text), autoescape=True)
        code = func.lower(Official.staff_code) == asked.text.lower()
        found.append(or_(name, code, Candidate.number == asked.text))
    if asked.unit_id is not None:
        found.append(Candidate.unit_id == asked.unit_id)
    if asked.position_id is not None:
        found.append(Candidate.position_id == asked.position_id)
    if asked.standing is not None:
        found.append(_condition(asked.standing))
    return found


def _order(sort: str) -> list[ColumnElement[Any]]:
    column = ORDERS[sort.removeprefix("-")]
    first = column.desc() if sort.startswith("-") else column.asc()
    blanks_last = [Result.id.is_(None)] if sort.removeprefix("-") == "percent" else []
    return [*blanks_last, first, Candidate.sort_key.expression, Candidate.id.expression]


def count_people(view: View, asked: Filter) -> int:
    return int(db.session.scalar(_joined(select(func.count()), view).where(*_conditions(asked))) or 0)


def list_people(view: View, asked: Filter, *, page: int = 1) -> list[Person]:
    """One page of the list, in one query."""
    statement = (
        _joined(
            select(
                Candidate.number,
                Candidate.full_name,
                Official.staff_code,
                Candidate.unit_name,
                Position.name,
                Candidate.reason,
                Candidate.state,
                Sitting.state,
                Result.ref,
                Result.passed,
                Result.awarded,
                Result.possible,
                Result.version,
            ),
            view,
        )
        .where(*_conditions(asked))
        .order_by(*_order(asked.sort))
        .limit(SIZE)
        .offset((page - 1) * SIZE)
    )
    people = []
    for number, name, code, unit, position, reason, state, sitting, ref, passed, *marks in db.session.execute(
        statement
    ):
        awarded, possible, version = marks
        people.append(
            Person(
                number=number,
                full_name=name,
                staff_code=code,
                unit_name=unit,
                position=position,
                reason=reason,
                standing=standing(state, sitting, ref is not None, passed),
                ref=ref,
                awarded=awarded,
                possible=possible,
                version=version,
            )
        )
    return people
