"""What the overview asks of the database: grouped sums, the same number of statements however many people there are.

Only official rounds whose results are published count; rehearsals never do. Unit and position are those of the
candidate on the day of the exam.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from examapp.bank.models import QuestionVersion, Topic
from examapp.core.db import db
from examapp.evaluation.models import Evaluation, EvaluationState, QualityLevel
from examapp.organisation.models import Position
from examapp.results.access import PUBLISHED
from examapp.results.models import Result, ResultItem
from examapp.rounds.models import Candidate, CandidateState, ExamRound, Purpose

GOOD = frozenset({QualityLevel.EXCELLENT, QualityLevel.GOOD})
COUNTED = and_(ExamRound.purpose == Purpose.OFFICIAL, ExamRound.state.in_(PUBLISHED))
_ENROLLED = case((Candidate.state == CandidateState.ENROLLED, 1), else_=0)
_EXCUSED = case((Candidate.state == CandidateState.EXCUSED, 1), else_=0)
_CURRENT = and_(Result.candidate_id == Candidate.id, Result.is_current, Candidate.state == CandidateState.ENROLLED)

Units = Collection[int] | None
"""Ids of the units asked about; ``None``: all."""


@dataclass(frozen=True, slots=True)
class Exams:
    """Candidates whose papers had the same number of points, or who have no result."""

    enrolled: int
    sat: int
    passed: int
    awarded: int
    possible: int
    excused: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A unit's people of one position."""

    unit_id: int
    position_id: int
    exams: Exams


def _within(column: Any, units: Units) -> list[ColumnElement[bool]]:
    return [] if units is None else [column.in_(units)]


def _candidates(units: Units, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Candidate)
        .join(ExamRound, ExamRound.id == Candidate.round_id)
        .outerjoin(Result, _CURRENT)
        .where(COUNTED, *_within(Candidate.unit_id, units))
    )


def _sums() -> tuple[Any, ...]:
    return (
        func.sum(_ENROLLED),
        func.count(Result.id),
        func.coalesce(func.sum(case((Result.passed, 1), else_=0)), 0),
        func.coalesce(func.sum(Result.awarded), 0),
        func.coalesce(Result.possible, 0),
        func.sum(_EXCUSED),
    )


def exams_by_year(units: Units) -> list[tuple[int, Exams]]:
    statement = _candidates(units, ExamRound.year, *_sums()).group_by(ExamRound.year, Result.possible)
    return [(year, Exams(*sums)) for year, *sums in db.session.execute(statement)]


def people_by_year(units: Units) -> dict[int, int]:
    """Different persons with a result, for each year."""
    persons = func.count(func.distinct(Result.official_id))
    statement = _candidates(units, ExamRound.year, persons).group_by(ExamRound.year)
    return {year: people for year, people in db.session.execute(statement)}


def exams_of(year: int, units: Units) -> list[Cell]:
    """A year's exams by unit and position of the day."""
    statement = (
        _candidates(units, Candidate.unit_id, Candidate.position_id, *_sums())
        .where(ExamRound.year == year)
        .group_by(Candidate.unit_id, Candidate.position_id, Result.possible)
    )
    return [Cell(unit_id, position_id, Exams(*sums)) for unit_id, position_id, *sums in db.session.execute(statement)]


def people_of(year: int, units: Units) -> list[tuple[int, int, int, bool]]:
    """(official, unit, position, has a result) of everyone enrolled in a year; who moved has several."""
    statement = (
        _candidates(units, Candidate.official_id, Candidate.unit_id, Candidate.position_id, func.count(Result.id))
        .where(ExamRound.year == year, Candidate.state == CandidateState.ENROLLED)
        .group_by(Candidate.official_id, Candidate.unit_id, Candidate.position_id)
    )
    return [(who, unit, position, sat > 0) for who, unit, position, sat in db.session.execute(statement)]


def rounds_of(year: int, units: Units) -> list[ExamRound]:
    """The official rounds of a year with published results in which people of these units were enrolled."""
    statement = select(ExamRound).where(COUNTED, ExamRound.year == year)
    if units is not None:
        people = select(Candidate.id).where(Candidate.round_id == ExamRound.id, Candidate.unit_id.in_(units))
        statement = statement.where(people.exists())
    return list(db.session.scalars(statement.order_by(ExamRound.posts_on, ExamRound.id)))


def _decided(units: Units, *columns: Any) -> Select[Any]:
    """The newest decided version of each person's year."""
    newest = (
        select(func.max(Evaluation.id))
        .where(Evaluation.state == EvaluationState.DECIDED)
        .group_by(Evaluation.official_id, Evaluation.year)
    )
    return select(*columns).where(Evaluation.id.in_(newest), *_within(Evaluation.unit_id, units))


def evaluations_by_year(units: Units) -> list[tuple[int, QualityLevel, int]]:
    columns = (Evaluation.year, Evaluation.decided_level)
    statement = _decided(units, *columns, func.count()).group_by(*columns)
    return [tuple(row) for row in db.session.execute(statement)]


def evaluations_of(year: int, units: Units) -> list[tuple[int, int, QualityLevel, int]]:
    """(unit, position, level, how many persons) of a year."""
    columns = (Evaluation.unit_id, Evaluation.position_id, Evaluation.decided_level)
    statement = _decided(units, *columns, func.count()).where(Evaluation.year == year).group_by(*columns)
    return [tuple(row) for row in db.session.execute(statement)]


@dataclass(frozen=True, slots=True)
class TopicCell:
    """The answers of people of one position to one topic's questions."""

    topic_id: int
    position_id: int
    people: int
    answers: int
    right: int


def topics_of(round_ids: Collection[int], units: Units, successors: Mapping[int, int]) -> tuple[TopicCell, ...]:
    """Answers in these rounds by topic and position; people of a position in ``successors`` are counted to its own.

    Reading every answer of a province takes a second, so a process keeps what it found while the results are the same.
    """
    statement = (
        select(Result.round_id, func.count(), func.max(Result.id), func.max(Result.ref))
        .where(Result.round_id.in_(round_ids), Result.is_current)
        .group_by(Result.round_id)
        .order_by(Result.round_id)
    )
    state = tuple(tuple(row) for row in db.session.execute(statement))
    return _topics(state, None if units is None else frozenset(units), tuple(sorted(successors.items())))


@lru_cache(maxsize=64)
def _topics(
    state: tuple[tuple[Any, ...], ...], units: frozenset[int] | None, successors: tuple[tuple[int, int], ...]
) -> tuple[TopicCell, ...]:
    """``state`` names the rounds and changes with every result added or corrected in them."""
    position: Any = Result.position_id
    if successors:
        position = case(dict(successors), value=Result.position_id, else_=Result.position_id)
    answered = (
        select(
            QuestionVersion.topic_id.label("topic_id"),
            position.label("position_id"),
            Result.official_id.label("official_id"),
            case((ResultItem.awarded == ResultItem.possible, 1), else_=0).label("right"),
        )
        .select_from(Result)
        .join(ResultItem, ResultItem.result_id == Result.id)
        # "+ 0": from results to their answers; by the index of versions SQLite would search each answer by itself
        .join(QuestionVersion, QuestionVersion.id == ResultItem.version_id + 0)
        .where(Result.round_id.in_([row[0] for row in state]), Result.is_current, *_within(Result.unit_id, units))
        .subquery()
    )
    columns = (answered.c.topic_id, answered.c.position_id)
    people = func.count(func.distinct(answered.c.official_id))
    statement = select(*columns, people, func.count(), func.sum(answered.c.right)).group_by(*columns)
    return tuple(TopicCell(*row) for row in db.session.execute(statement))


def forget_topics() -> None:
    """Read every answer anew at the next look."""
    _topics.cache_clear()


def topic_names() -> dict[int, str]:
    return {key: name for key, name in db.session.execute(select(Topic.id, Topic.name))}


def positions() -> dict[int, tuple[str, int | None, date | None]]:
    """Every position: its name, what its people are compared with today, its last day."""
    statement = select(Position.id, Position.name, Position.successor_id, Position.valid_to)
    return {key: (name, successor, ended) for key, name, successor, ended in db.session.execute(statement)}
