"""Whose results a person may see, and of which rounds.

Who reaches the unit a round examines sees the whole round; others see the people of their own units. Until results are
published only those who may publish them see any. Question texts are for those who reach the whole round.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.permissions import Permission
from examapp.results.models import Result
from examapp.rounds.models import Candidate, ExamRound, RoundState

PUBLISHED = frozenset({RoundState.PUBLISHED, RoundState.RECOGNISED})
WITH_RESULTS = PUBLISHED | {RoundState.CLOSED}


@dataclass(frozen=True, slots=True)
class View:
    """One round as one person sees its results."""

    exam_round: ExamRound
    unit_ids: frozenset[int] | None
    """The units whose people are shown; ``None``: everybody of the round."""
    publishes: bool
    exports: bool

    @property
    def is_whole(self) -> bool:
        return self.unit_ids is None

    @property
    def is_published(self) -> bool:
        return self.exam_round.state in PUBLISHED


def visible_rounds(person: Account) -> Select[ExamRound]:
    """Rounds with results this person may see."""
    open_to_publishers = (ExamRound.state == RoundState.CLOSED) & _round_within(person, Permission.RESULTS_PUBLISH)
    reach = person.units(Permission.RESULTS_READ)
    if reach is None:
        shown: ColumnElement[bool] = true()
    else:
        own_people = select(Candidate.id).where(Candidate.round_id == ExamRound.id, Candidate.unit_id.in_(reach))
        shown = or_(ExamRound.unit_id.in_(reach), own_people.exists())
    published = ExamRound.state.in_(PUBLISHED) & shown
    statement = select(ExamRound).where(or_(open_to_publishers, published))
    return statement.options(joinedload(ExamRound.unit))


def _round_within(person: Account, permission: Permission) -> ColumnElement[bool]:
    units = person.units(permission)
    return true() if units is None else ExamRound.unit_id.in_(units)


def reaches(person: Account, permission: Permission, exam_round: ExamRound) -> bool:
    """Whether ``permission`` covers the whole round."""
    units = person.units(permission)
    return units is None or exam_round.unit_id in units


def get_view(code: str, *, person: Account) -> View:
    """The round called ``code`` with what of it this person may see; not found otherwise."""
    exam_round = db.session.scalar(visible_rounds(person).where(ExamRound.code == code))
    if exam_round is None:
        raise NotFound()
    units = person.units(Permission.RESULTS_READ)
    whole = units is None or exam_round.unit_id in units
    return View(
        exam_round=exam_round,
        unit_ids=None if whole else frozenset(units or ()),
        publishes=reaches(person, Permission.RESULTS_PUBLISH, exam_round),
        exports=person.may(Permission.RESULTS_EXPORT),
    )


def export_units(view: View, person: Account) -> frozenset[int] | None:
    """Whose results this person may take out as a file: never more than is shown, and may be less."""
    units = person.units(Permission.RESULTS_EXPORT)
    if units is None or view.exam_round.unit_id in units:
        return view.unit_ids
    return frozenset(units) if view.unit_ids is None else view.unit_ids & units


def get_publishable(code: str, *, person: Account) -> ExamRound:
    """The round, for one who may publish its results."""
    view = get_view(code, person=person)
    if not view.publishes:
        raise NotFound()
    return view.exam_round


def get_result(view: View, ref: str) -> Result:
    """A version of a result of this round, of a person in reach."""
    statement = (
        select(Result)
        .where(Result.ref == ref, Result.round_id == view.exam_round.id)
        .options(joinedload(Result.candidate), joinedload(Result.round))
    )
    if view.unit_ids is not None:
        statement = statement.where(Result.unit_id.in_(view.unit_ids))
    result = db.session.scalar(statement)
    if result is None:
        raise NotFound()
    return result


def own_result(ref: str, *, official_id: int | None) -> Result:
    """The person's own result; anybody else's is not found."""
    result = db.session.scalars(_own_results(official_id).where(Result.ref == ref)).unique().one_or_none()
    if result is None:
        raise NotFound()
    return result


def own_result_in(code: str, *, official_id: int | None) -> Result | None:
    """The current version of the person's own result in the round called ``code``, if there is any."""
    current = _own_results(official_id).where(Result.is_current, Result.round.has(ExamRound.code == code))
    return db.session.scalars(current).unique().one_or_none()


def _own_results(official_id: int | None) -> Select[Result]:
    shown = joinedload(Result.round), joinedload(Result.candidate), joinedload(Result.parts)
    return select(Result).where(Result.official_id == official_id).options(*shown)


def own_candidate(code: str, *, official_id: int | None) -> Candidate:
    """The person's place in the round called ``code``; not found for those who have none."""
    statement = (
        select(Candidate)
        .join(ExamRound, ExamRound.id == Candidate.round_id)
        .where(ExamRound.code == code, Candidate.official_id == official_id)
        .options(joinedload(Candidate.round))
    )
    candidate = db.session.scalar(statement)
    if candidate is None:
        raise NotFound()
    return candidate


def versions_of(candidate_id: int) -> list[Result]:
    """All versions of a candidate's result, the newest first."""
    statement = select(Result).where(Result.candidate_id == candidate_id).order_by(Result.version.desc())
    return list(db.session.scalars(statement))
