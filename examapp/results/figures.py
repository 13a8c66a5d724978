"""Figures of a round: by person in the database, by group in exact arithmetic here.

The database counts and adds; percentages are made of its sums as fractions and rounded once, when they are shown.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, MutableSequence, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select

from examapp.bank.models import Question, QuestionVersion, Topic
from examapp.bank.services import load_questions
from examapp.core.db import db
from examapp.core.text import sort_key
from examapp.organisation.models import Position
from examapp.results.models import Result, ResultItem, ResultPart
from examapp.rounds.models import Candidate, CandidateState, ExamRound
from examapp.sittings.models import COUNTING_SITTING, Sitting
from question_bank.kinds import get_kind
from question_bank.question import Level
from question_bank.question import Question as Content

FEW = 5
"""Groups with fewer people are shown as "ít": their average would tell about persons."""

BANDS = (50, 65, 80, 90)
"""Where the bands of the house's own distribution begin; an installation's default, of no legal meaning."""


@dataclass(slots=True)
class Group:
    """People of a unit, a position, or all of them."""

    label: str
    enrolled: int = 0
    sat: int = 0
    results: int = 0
    passed: int = 0
    percents: Fraction = field(default_factory=Fraction)
    """Sum of everyone's percentage."""

    @property
    def average(self) -> Fraction | None:
        return self.percents / self.results if self.results else None

    @property
    def is_small(self) -> bool:
        return 0 < self.results < FEW

    def add(self, other: Group) -> None:
        self.enrolled += other.enrolled
        self.sat += other.sat
        self.results += other.results
        self.passed += other.passed
        self.percents += other.percents


@dataclass(frozen=True, slots=True)
class Cell:
    """The smallest group asked of the database: a unit's people of one position."""

    unit_id: int
    unit: str
    position_id: int
    position: str
    group: Group


def within(column: Any, unit_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    """The condition that keeps a query to these units; none when they are all."""
    return [] if unit_ids is None else [column.in_(unit_ids)]


def cells(round_id: int, unit_ids: Collection[int] | None = None) -> list[Cell]:
    """Candidates and results of a round by unit and position, in one query; excused people are not counted."""
    statement = (
        select(
            Candidate.unit_id,
            func.max(Candidate.unit_name),
            Candidate.position_id,
            Position.name,
            Result.possible,
            func.count(Candidate.id),
            func.count(Sitting.id),
            func.count(Result.id),
            func.coalesce(func.sum(case((Result.passed, 1), else_=0)), 0),
            func.coalesce(func.sum(Result.awarded), 0),
        )
        .join(Position, Position.id == Candidate.position_id)
        .outerjoin(Sitting, COUNTING_SITTING)
        .outerjoin(Result, and_(Result.candidate_id == Candidate.id, Result.is_current))
        .where(
            Candidate.round_id == round_id,
            Candidate.state == CandidateState.ENROLLED,
            *within(Candidate.unit_id, unit_ids),
        )
        .group_by(Candidate.unit_id, Candidate.position_id, Position.name, Result.possible)
    )
    found = []
    for row in db.session.execute(statement):
        unit_id, unit, position_id, position, possible, enrolled, sat, results, passed, awarded = row
        percents = Fraction(100 * awarded, possible) if possible else Fraction(0)
        group = Group("", enrolled, sat, results, passed, percents)
        found.append(Cell(unit_id, unit, position_id, position, group))
    return found


def total(found: Iterable[Cell], label: str = "") -> Group:
    whole = Group(label)
    for cell in found:
        whole.add(cell.group)
    return whole


def by_unit(found: Iterable[Cell]) -> dict[int, Group]:
    return _grouped(found, lambda cell: (cell.unit_id, cell.unit))


def by_position(found: Iterable[Cell]) -> dict[int, Group]:
    return _grouped(found, lambda cell: (cell.position_id, cell.position))


def _grouped(found: Iterable[Cell], key: Callable[[Cell], tuple[int, str]]) -> dict[int, Group]:
    groups: dict[int, Group] = {}
    for cell in found:
        identity, label = key(cell)
        groups.setdefault(identity, Group(label)).add(cell.group)
    return dict(sorted(groups.items(), key=lambda pair: (*in_vietnamese(pair[1].label), pair[0])))


def in_vietnamese(label: str) -> tuple[str, str]:
    """By what labels are sorted: word by word in the order of the Vietnamese alphabet."""
    return " ".join(sort_key(word) for word in label.split()), label


def by_round(round_ids: Collection[int], unit_ids: Collection[int] | None = None) -> dict[int, Group]:
    """One group a round, in one query: its people in these units, or all of a round whose own unit is among them."""
    statement = (
        select(
            Candidate.round_id,
            Result.possible,
            func.count(Candidate.id),
            func.count(Sitting.id),
            func.count(Result.id),
            func.coalesce(func.sum(case((Result.passed, 1), else_=0)), 0),
            func.coalesce(func.sum(Result.awarded), 0),
        )
        .join(ExamRound, ExamRound.id == Candidate.round_id)
        .outerjoin(Sitting, COUNTING_SITTING)
        .outerjoin(Result, and_(Result.candidate_id == Candidate.id, Result.is_current))
        .where(Candidate.round_id.in_(round_ids), Candidate.state == CandidateState.ENROLLED)
        .group_by(Candidate.round_id, Result.possible)
    )
    if unit_ids is not None:
        statement = statement.where(or_(ExamRound.unit_id.in_(unit_ids), Candidate.unit_id.in_(unit_ids)))
    groups = {round_id: Group("") for round_id in round_ids}
    for round_id, possible, enrolled, sat, results, passed, awarded in db.session.execute(statement):
        percents = Fraction(100 * awarded, possible) if possible else Fraction(0)
        groups[round_id].add(Group("", enrolled, sat, results, passed, percents))
    return groups


@dataclass(frozen=True, slots=True)
class Share:
    """Points earned of points that could be earned, over several papers or questions."""

    label: str
    papers: int
    answered: int
    right: int
    awarded: int
    possible: int

    @property
    def right_percent(self) -> Fraction | None:
        return Fraction(100 * self.right, self.papers) if self.papers else None

    @property
    def percent(self) -> Fraction | None:
        return Fraction(100 * self.awarded, self.possible) if self.possible else None


def parts_by_position(round_id: int, unit_ids: Collection[int] | None = None) -> dict[int | None, Share]:
    """What was earned in each position's own section, by everyone who was asked it; ``None``: the common section."""
    statement = (
        select(
            ResultPart.position_id,
            func.sum(ResultPart.questions),
            func.sum(ResultPart.right),
            func.sum(ResultPart.awarded),
            func.sum(ResultPart.possible),
        )
        .join(Result, Result.id == ResultPart.result_id)
        .where(Result.round_id == round_id, Result.is_current, *within(ResultPart.unit_id, unit_ids))
        .group_by(ResultPart.position_id)
    )
    return {
        position_id: Share("", questions, 0, right, awarded, possible)
        for position_id, questions, right, awarded, possible in db.session.execute(statement)
    }


def _by_version(round_id: int, unit_ids: Collection[int] | None = None) -> Subquery:
    """Every question version of a round with its sums: the one walk over all answers, grouped by a number only."""
    return (
        select(
            ResultItem.version_id,
            func.count().label("papers"),
            func.sum(case((ResultItem.response != "", 1), else_=0)).label("answered"),
            func.sum(case((ResultItem.awarded == ResultItem.possible, 1), else_=0)).label("right"),
            func.sum(ResultItem.awarded).label("awarded"),
            func.sum(ResultItem.possible).label("possible"),
        )
        .join(Result, Result.id == ResultItem.result_id)
        .where(Result.round_id == round_id, Result.is_current, *within(Result.unit_id, unit_ids))
        .group_by(ResultItem.version_id)
        .subquery()
    )


def by_topic(round_id: int, unit_ids: Collection[int] | None = None) -> list[Share]:
    """Answers to the questions of each topic, the weakest topic first."""
    sums = _by_version(round_id, unit_ids)
    statement = (
        select(
            Topic.name,
            *[func.sum(sums.c[name]) for name in ("papers", "answered", "right", "awarded", "possible")],
        )
        .select_from(sums)
        .join(QuestionVersion, QuestionVersion.id == sums.c.version_id)
        .join(Topic, Topic.id == QuestionVersion.topic_id)
        .group_by(Topic.id, Topic.name)
    )
    return _weakest_first(Share(label, *map(int, numbers)) for label, *numbers in db.session.execute(statement))


def _weakest_first(shares: Iterable[Share]) -> list[Share]:
    return sorted(shares, key=lambda share: (share.percent or 0, *in_vietnamese(share.label)))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question version, as it was answered in a round."""

    version_id: int
    code: str
    stem: str
    topic: str
    topic_id: int
    level: Level
    share: Share


def by_question(round_id: int) -> list[Asked]:
    """Every question on the papers that were marked, the hardest first."""
    sums = _by_version(round_id)
    statement = (
        select(
            sums.c.version_id,
            Question.code,
            QuestionVersion.stem,
            Topic.name,
            Topic.id,
            QuestionVersion.level,
            *[sums.c[name] for name in ("papers", "answered", "right", "awarded", "possible")],
        )
        .select_from(sums)
        .join(QuestionVersion, QuestionVersion.id == sums.c.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(Topic, Topic.id == QuestionVersion.topic_id)
    )
    asked = [
        Asked(version_id, code, stem, topic, topic_id, level, Share("", *numbers))
        for version_id, code, stem, topic, topic_id, level, *numbers in db.session.execute(statement)
    ]
    return sorted(asked, key=lambda one: (one.share.right_percent or 0, one.code, one.version_id))


def topics_of(asked: Iterable[Asked]) -> list[Share]:
    """The same as :func:`by_topic` for a whole round, from its questions: all answers need not be walked again."""
    topics: dict[int, list[Asked]] = {}
    for one in asked:
        topics.setdefault(one.topic_id, []).append(one)
    return _weakest_first(_together(group[0].topic, [one.share for one in group]) for group in topics.values())


def _together(label: str, shares: Sequence[Share]) -> Share:
    return Share(
        label,
        papers=sum(share.papers for share in shares),
        answered=sum(share.answered for share in shares),
        right=sum(share.right for share in shares),
        awarded=sum(share.awarded for share in shares),
        possible=sum(share.possible for share in shares),
    )


def distribution(round_id: int, unit_ids: Collection[int] | None = None) -> list[int]:
    """How many results fall into each band, from below the first to above the last."""
    edges = [func.sum(case((_reaches(edge), 1), else_=0)) for edge in BANDS]
    statement = select(func.count(), *edges).where(
        Result.round_id == round_id, Result.is_current, *within(Result.unit_id, unit_ids)
    )
    reached = [count or 0 for count in db.session.execute(statement).one()]
    return [count - above for count, above in zip(reached, [*reached[1:], 0], strict=True)]


def _reaches(percent: int) -> ColumnElement[bool]:
    return (Result.awarded * 100 >= Result.possible * percent) & (Result.possible > 0)


class _Still(random.Random):
    """Chance that moves nothing: everything stays where the examiner wrote it."""

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        return start - 1

    def shuffle(self, x: MutableSequence[Any]) -> None:
        return


def keys_of(version_ids: Collection[int]) -> dict[int, list[str]]:
    """The right answers to these questions in words, as written in the bank. For whom the round has been published."""
    return {version_id: _key(question) for version_id, question in load_questions(set(version_ids)).items()}


def _key(question: Content) -> list[str]:
    kind = get_kind(question.kind)
    order = kind.shuffle(question, _Still())
    return kind.describe(question, order, kind.solution(question, order))
