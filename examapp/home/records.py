"""A person's record: posts over time, official exams, decided evaluations, each with where it came from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.permissions import Permission
from examapp.core.text import fold
from examapp.evaluation.models import Evaluation, EvaluationState
from examapp.home.counts import COUNTED
from examapp.organisation.models import Official, Post
from examapp.organisation.officials import visible
from examapp.organisation.posts import history_of
from examapp.results.models import Result
from examapp.results.people import Standing, standing
from examapp.rounds.models import Candidate, ExamRound
from examapp.sittings.models import COUNTING_SITTING, Sitting

READERS = (Permission.RESULTS_READ, Permission.EVALUATION_READ)
Reach = set[int] | None


@dataclass(frozen=True, slots=True)
class Exam:
    """An official round the person was enrolled in, published."""

    candidate: Candidate
    result: Result | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decided evaluation, with the results it was decided on."""

    evaluation: Evaluation
    is_newest: bool
    used: int
    """How many results it was decided on."""
    evidence: list[Result]
    """Those of them that may be opened."""


@dataclass(frozen=True, slots=True)
class Record:
    official: Official
    posts: list[Post]
    exams: list[tuple[int, list[Exam]]]
    """By year, the latest first."""
    judgements: list[Judgement]
    shows_exams: bool
    shows_evaluations: bool


def own_record(official_id: int | None) -> Record:
    """Everything published or decided about the person, wherever it was."""
    official = db.session.get(Official, official_id) if official_id is not None else None
    if official is None:
        raise NotFound()
    return _record(official, results=None, evaluations=None)


def get_record(official_id: int, *, person: Account) -> Record:
    """The record of somebody in reach: results and evaluations only of units that each permission reaches."""
    official = db.session.scalar(select(Official).where(Official.id == official_id, visible(reach_of(person))))
    if official is None:
        raise NotFound()
    return _record(
        official,
        results=_reach(person, Permission.RESULTS_READ),
        evaluations=_reach(person, Permission.EVALUATION_READ),
    )


def _reach(person: Account, permission: Permission) -> Reach:
    return person.units(permission) if person.may(permission) else set()


def reach_of(person: Account) -> Reach:
    """The units whose people's records this person may open."""
    reached: set[int] = set()
    for permission in READERS:
        units = _reach(person, permission)
        if units is None:
            return None
        reached |= units
    return reached


def find_people(text: str, *, person: Account) -> Select[Official]:
    """Officials in reach whose name or staff code holds ``text``, in the order of names."""
    query = select(Official).where(visible(reach_of(person))).order_by(Official.sort_key, Official.id)
    if text:
        query = query.where(
            Official.name_fold.contains(fold(text), autoescape=True)
            | Official.staff_code.icontains(text, autoescape=True)
        )
    return query


def _record(official: Official, *, results: Reach, evaluations: Reach) -> Record:
    return Record(
        official=official,
        posts=history_of(official.id),
        exams=_by_year(_exams(official.id, results)),
        judgements=_judgements(official.id, evaluations, results),
        shows_exams=results is None or bool(results),
        shows_evaluations=evaluations is None or bool(evaluations),
    )


def _exams(official_id: int, reach: Reach) -> list[Exam]:
    statement = (
        select(Candidate, Result, Sitting)
        .join(ExamRound, ExamRound.id == Candidate.round_id)
        .outerjoin(Result, (Result.candidate_id == Candidate.id) & Result.is_current)
        .outerjoin(Sitting, COUNTING_SITTING)
        .where(COUNTED, Candidate.official_id == official_id)
        .options(joinedload(Candidate.round), joinedload(Candidate.position))
        .order_by(ExamRound.year.desc(), ExamRound.posts_on.desc(), Candidate.id.desc())
    )
    if reach is not None:
        statement = statement.where(Candidate.unit_id.in_(reach))
    return [
        Exam(
            candidate,
            result,
            standing(
                candidate.state,
                sitting.state if sitting else None,
                result is not None,
                result.passed if result else None,
            ),
        )
        for candidate, result, sitting in db.session.execute(statement)
    ]


def _by_year(exams: Sequence[Exam]) -> list[tuple[int, list[Exam]]]:
    years: dict[int, list[Exam]] = {}
    for exam in exams:
        years.setdefault(exam.candidate.round.year, []).append(exam)
    return list(years.items())


def _judgements(official_id: int, reach: Reach, openable: Reach) -> list[Judgement]:
    statement = (
        select(Evaluation)
        .where(Evaluation.official_id == official_id, Evaluation.state == EvaluationState.DECIDED)
        .options(joinedload(Evaluation.unit), joinedload(Evaluation.position), joinedload(Evaluation.scheme))
        .order_by(Evaluation.year.desc(), Evaluation.version.desc())
    )
    if reach is not None:
        statement = statement.where(Evaluation.unit_id.in_(reach))
    found = list(db.session.scalars(statement))
    used = {one.id: [str(item["result"]) for item in json.loads(one.evidence)] for one in found}
    results = _results({ref for refs in used.values() for ref in refs}, official_id, openable)
    newest: dict[int, int] = {}
    for one in found:
        newest.setdefault(one.year, one.id)
    return [
        Judgement(
            evaluation=one,
            is_newest=newest[one.year] == one.id,
            used=len(used[one.id]),
            evidence=[results[ref] for ref in used[one.id] if ref in results],
        )
        for one in found
    ]


def _results(refs: set[str], official_id: int, reach: Reach) -> dict[str, Result]:
    if not refs:
        return {}
    statement = (
        select(Result).where(Result.ref.in_(refs), Result.official_id == official_id).options(joinedload(Result.round))
    )
    if reach is not None:
        statement = statement.where(Result.unit_id.in_(reach))
    return {result.ref: result for result in db.session.scalars(statement)}
