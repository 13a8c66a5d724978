"""From settled sittings to results: read and mark outside any write, then write what is new or different.

Marking is a pure function of the paper and the answers that count, so doing it again changes nothing; where something
differs, a new version is added with its reason and becomes the current one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import joinedload, selectinload

from examapp.bank.kept import sealed_questions
from examapp.core.db import db
from examapp.organisation.models import Position
from examapp.results.by_people import awarded_by_people, hand_marks
from examapp.results.models import Result, ResultItem, ResultPart
from examapp.rounds.models import Candidate, CandidateState
from examapp.sittings.models import Addendum, Sitting, SittingState
from examapp.sittings.settle import responses_of_all
from examapp.sittings.standing import Response
from question_bank.marking import PaperMark, mark_paper, passes
from question_bank.paper import Layout
from question_bank.question import canonical_json

COMMON = "common"
"""Name of the section that everybody shares; the others carry the code of a position."""

Item = tuple[int, int, str, int, int, bool]
"""slot, question version, response, awarded, possible, whether people mark it"""


@dataclass(frozen=True, slots=True)
class Part:
    section: str
    position_id: int | None
    unit_id: int
    awarded: int
    possible: int
    right: int
    questions: int


@dataclass(frozen=True, slots=True)
class Marked:
    """One candidate's paper, marked; everything a result holds, before it is one."""

    sitting_id: int
    round_id: int
    candidate_id: int
    official_id: int
    unit_id: int
    position_id: int
    awarded: int
    possible: int
    passed: bool
    snapshot: str
    parts: tuple[Part, ...]
    items: tuple[Item, ...]


@dataclass(slots=True)
class Outcome:
    """What computing a round came to."""

    new: int = 0
    changed: int = 0
    same: int = 0

    @property
    def total(self) -> int:
        return self.new + self.changed + self.same

    def add(self, other: Outcome) -> None:
        self.new, self.changed, self.same = self.new + other.new, self.changed + other.changed, self.same + other.same


def settled_sittings(round_id: int) -> list[int]:
    """Ids of the sittings of enrolled candidates that can be marked, in a fixed order."""
    statement = (
        select(Sitting.id)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .where(
            Candidate.round_id == round_id,
            Candidate.state == CandidateState.ENROLLED,
            Sitting.state == SittingState.SETTLED,
        )
        .order_by(Sitting.id)
    )
    return list(db.session.scalars(statement))


def read_marks(sitting_ids: Sequence[int]) -> list[Marked]:
    """Mark these sittings; reads only."""
    statement = (
        select(Sitting)
        .where(Sitting.id.in_(sitting_ids))
        .options(
            joinedload(Sitting.paper),
            joinedload(Sitting.candidate).options(
                joinedload(Candidate.round), joinedload(Candidate.position), joinedload(Candidate.official)
            ),
        )
        .order_by(Sitting.id)
    )
    sittings = list(db.session.scalars(statement))
    layouts = {sitting.id: Layout.from_json(json.loads(sitting.paper.layout)) for sitting in sittings}
    questions = sealed_questions(slot for layout in layouts.values() for slot in layout.slots)
    positions = _positions({slot.section for layout in layouts.values() for slot in layout.slots})
    given, answers = hand_marks(sitting_ids), responses_of_all(sittings)
    marked = []
    for sitting in sittings:
        layout, responses = layouts[sitting.id], answers[sitting.id]
        mark = mark_paper(layout, questions, responses, awarded_by_people(given, sitting.id))
        marked.append(_marked(sitting, mark, responses, positions))
    return marked


def _positions(sections: Iterable[str]) -> dict[str, Position]:
    codes = set(sections) - {COMMON}
    return {row.code: row for row in db.session.scalars(select(Position).where(Position.code.in_(codes)))}


def _marked(
    sitting: Sitting, mark: PaperMark, responses: dict[int, Response], positions: dict[str, Position]
) -> Marked:
    candidate = sitting.candidate
    exam = candidate.round
    posts = json.loads(candidate.posts)
    return Marked(
        sitting_id=sitting.id,
        round_id=exam.id,
        candidate_id=candidate.id,
        official_id=candidate.official_id,
        unit_id=candidate.unit_id,
        position_id=candidate.position_id,
        awarded=mark.awarded,
        possible=mark.possible,
        passed=passes(mark.awarded, mark.possible, exam.pass_percent),
        snapshot=_snapshot(candidate, posts, mark),
        parts=_parts(candidate, posts, mark, positions),
        items=tuple(
            (
                one.slot,
                one.question_id,
                _response(responses, one.slot, one.answered),
                one.awarded,
                one.possible,
                one.by_people,
            )
            for one in mark.slots
        ),
    )


def _response(responses: dict[int, Response], slot: int, answered: bool) -> str:
    return canonical_json(responses[slot]).decode() if answered else ""


def _snapshot(candidate: Candidate, posts: list[dict[str, Any]], mark: PaperMark) -> str:
    exam = candidate.round
    data = {
        "full_name": candidate.full_name,
        "number": candidate.number,
        "staff_code": candidate.official.staff_code,
        "unit_name": candidate.unit_name,
        "positions": [post["position_name"] for post in posts] or [candidate.position.name],
        "posts": posts,
        "pass_percent": exam.pass_percent,
        "round": {"code": exam.code, "name": exam.name},
        "answered": mark.answered,
        "questions": mark.questions,
    }
    return canonical_json(data).decode()


def _parts(
    candidate: Candidate, posts: list[dict[str, Any]], mark: PaperMark, positions: dict[str, Position]
) -> tuple[Part, ...]:
    """A part for each section, standing for the post that has its position; the common one for the main post."""
    units = {post["position"]: post["unit"] for post in posts}
    parts = []
    for section in mark.sections:
        position = positions.get(section.section)
        parts.append(
            Part(
                section=section.section,
                position_id=position.id if position else None,
                unit_id=units.get(section.section, candidate.unit_id),
                awarded=section.awarded,
                possible=section.possible,
                right=section.right,
                questions=section.questions,
            )
        )
    return tuple(parts)


def outdated(round_ids: Collection[int]) -> dict[int, int]:
    """In how many sittings the council has decided something since that the current result does not hold, by round."""
    statement = (
        select(Sitting.id, Candidate.round_id)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .where(
            Candidate.round_id.in_(round_ids),
            Candidate.state == CandidateState.ENROLLED,
            Sitting.is_counting,
            Sitting.id.in_(select(Addendum.sitting_id)),
        )
    )
    rounds = {sitting_id: round_id for sitting_id, round_id in db.session.execute(statement)}
    counts = dict.fromkeys(round_ids, 0)
    if not rounds:
        return counts
    marked = read_marks(list(rounds))
    current = _current([one.candidate_id for one in marked], locked=False)
    items = _items([result.id for result in current.values()])
    for one in marked:
        before = current.get(one.candidate_id)
        counts[rounds[one.sitting_id]] += before is not None and not _is_same(before, items[before.id], one)
    return counts


def write_marks(marked: Sequence[Marked], *, reason: str, at: datetime) -> Outcome:
    """Store first results, and new versions where marks differ from the current ones."""
    current = _current([one.candidate_id for one in marked])
    items = _items([result.id for result in current.values()])
    outcome = Outcome()
    fresh: list[tuple[Result, Marked]] = []
    for one in marked:
        before = current.get(one.candidate_id)
        if before is not None and _is_same(before, items[before.id], one):
            outcome.same += 1
            continue
        if before is not None:
            before.is_current = False
        fresh.append((_result(one, before, reason, at), one))
        outcome.new += before is None
        outcome.changed += before is not None
    db.session.flush()  # the old versions step down before the new ones stand
    _store(fresh)
    return outcome


def _current(candidate_ids: Sequence[int], *, locked: bool = True) -> dict[int, Result]:
    statement = (
        select(Result)
        .where(Result.candidate_id.in_(candidate_ids), Result.is_current)
        .options(selectinload(Result.parts))
    )
    if locked:
        statement = statement.with_for_update()
    return {result.candidate_id: result for result in db.session.scalars(statement)}


def _items(result_ids: Sequence[int]) -> dict[int, list[Item]]:
    found: dict[int, list[Item]] = defaultdict(list)
    statement = select(ResultItem).where(ResultItem.result_id.in_(result_ids))
    for row in db.session.scalars(statement.order_by(ResultItem.result_id, ResultItem.slot)):
        item = (row.slot, row.version_id, row.response, row.awarded, row.possible, row.by_people)
        found[row.result_id].append(item)
    return found


def _is_same(before: Result, items: list[Item], one: Marked) -> bool:
    """Whether the marks are those already on record. The snapshot is frozen and is not compared."""
    parts = {(part.section, part.awarded, part.possible) for part in before.parts}
    return (
        (before.awarded, before.possible, before.passed) == (one.awarded, one.possible, one.passed)
        and parts == {(part.section, part.awarded, part.possible) for part in one.parts}
        and items == list(one.items)
    )


def _result(one: Marked, before: Result | None, reason: str, at: datetime) -> Result:
    return Result(
        round_id=one.round_id,
        candidate_id=one.candidate_id,
        sitting_id=one.sitting_id,
        official_id=one.official_id,
        unit_id=one.unit_id,
        position_id=one.position_id,
        version=before.version + 1 if before else 1,
        awarded=one.awarded,
        possible=one.possible,
        passed=one.passed,
        snapshot=one.snapshot,
        reason=reason if before else "",
        computed_at=at,
    )


def _store(fresh: Sequence[tuple[Result, Marked]]) -> None:
    if not fresh:
        return
    db.session.add_all(result for result, _ in fresh)
    db.session.flush()
    parts = [
        {"result_id": result.id, **{name: getattr(part, name) for name in Part.__slots__}}
        for result, one in fresh
        for part in one.parts
    ]
    items = [
        {"result_id": result.id, "slot": slot, "version_id": version, "response": response, "awarded": awarded,
         "possible": possible, "by_people": by_people}
        for result, one in fresh
        for slot, version, response, awarded, possible, by_people in one.items
    ]  # fmt: skip
    if parts:
        db.session.execute(insert(ResultPart), parts)
    if items:
        db.session.execute(insert(ResultItem), items)
