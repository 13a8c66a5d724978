"""Enrolling everyone who holds an examined position on the day: first what would happen, then the act itself."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from examapp.audit.services import record
from examapp.bank.models import MatrixVersion
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.words import _
from examapp.organisation.models import Official, Position, Post, Tree
from examapp.organisation.tree import full_names, subtree
from examapp.rounds.models import Candidate, CandidateState, ExamRound, PostsRule, Shift
from examapp.rounds.sections import examined_positions, round_versions
from examapp.rounds.services import require_draft
from examapp.rounds.shifts import seats_taken


@dataclass(frozen=True, slots=True)
class Entry:
    """A person of the chosen part, the posts the rule examines (main first), and all those held that day."""

    official: Official
    examined: tuple[Post, ...]
    held: tuple[Post, ...]

    @property
    def main(self) -> Post:
        return (self.examined or self.held)[0]

    @property
    def takes_other_post(self) -> bool:
        """Whether the primary post has no matrix and another one stands in for it."""
        return bool(self.examined) and self.examined[0] is not self.held[0]


@dataclass(slots=True)
class Proposal:
    """What enrolling would do."""

    newcomers: list[Entry] = field(default_factory=list)
    known: list[Entry] = field(default_factory=list)
    without_matrix: list[Entry] = field(default_factory=list)
    no_longer: list[Candidate] = field(default_factory=list)
    """Enrolled before, but without an examined post in the chosen part; they stay until a person takes them out."""

    @property
    def several(self) -> list[Entry]:
        """Those who hold more than one post and come."""
        return [entry for entry in [*self.newcomers, *self.known] if len(entry.held) > 1]


@dataclass(frozen=True, slots=True)
class Enrolled:
    added: int
    updated: int
    total: int
    unseated: int
    """Enrolled people for whom no shift had room."""


def held_on(day: date) -> ColumnElement[bool]:
    """The posts valid on ``day``."""
    return and_(Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day))


def part_of_tree(exam_round: ExamRound, unit_ids: Collection[int] = ()) -> set[int]:
    """The units below the chosen ones (without a choice: below the round's) on the day of the posts."""
    on = exam_round.posts_on
    whole = _below([exam_round.unit_id], on)
    outside = set(unit_ids) - whole
    if outside:
        raise Invalid(_("Có đơn vị được chọn không thuộc phạm vi của kỳ thi vào ngày tính vị trí."), field="units")
    return _below(unit_ids, on) if unit_ids else whole


def _below(unit_ids: Iterable[int], on: date) -> set[int]:
    chosen = set(unit_ids)
    return subtree(subtree(chosen, on=on), on=on, tree=Tree.PARTY)


def propose_enrolment(exam_round: ExamRound, unit_ids: Collection[int] = ()) -> Proposal:
    """Who would come, who has no matrix, who holds several posts. Changes nothing."""
    with_matrix = examined_positions(round_versions(exam_round.id))
    known = {c.official_id: c for c in _candidates(exam_round.id)}
    proposal = Proposal()
    seen: set[int] = set()
    for entry in _entries(exam_round, part_of_tree(exam_round, unit_ids), with_matrix):
        seen.add(entry.official.id)
        if not entry.examined:
            proposal.without_matrix.append(entry)
        elif entry.official.id in known:
            proposal.known.append(entry)
        else:
            proposal.newcomers.append(entry)
    comes = {entry.official.id for entry in proposal.known}
    everyone = not unit_ids
    proposal.no_longer = [
        candidate
        for official_id, candidate in known.items()
        if candidate.state is CandidateState.ENROLLED and official_id not in comes and (everyone or official_id in seen)
    ]
    return proposal


def _entries(exam_round: ExamRound, units: set[int], with_matrix: set[int]) -> Iterable[Entry]:
    on = exam_round.posts_on
    inside = select(Post.official_id).where(held_on(on), Post.unit_id.in_(units))
    posts = db.session.scalars(
        select(Post)
        .join(Post.official)
        .where(held_on(on), Post.official_id.in_(inside))
        .options(joinedload(Post.official), joinedload(Post.position), joinedload(Post.unit))
        .order_by(Official.sort_key, Official.id, Post.is_primary.desc(), Post.valid_from, Post.id)
    ).unique()
    for official, group in groupby(posts, key=lambda post: post.official):
        held = tuple(group)
        _check_primary(official, held)
        examined = tuple(post for post in held if post.position_id in with_matrix)
        if exam_round.posts_rule is PostsRule.MAIN_AND_COMMON:
            examined = examined[:1]
        yield Entry(official, _once_a_position(examined), held)


def _check_primary(official: Official, held: tuple[Post, ...]) -> None:
    primary = [post for post in held if post.is_primary]
    if len(primary) > 1:
        raise Invalid(
            _(
                "%(name)s (%(code)s) có %(n)s vị trí chính cùng ngày: %(posts)s.",
                name=official.full_name,
                code=official.staff_code,
                n=len(primary),
                posts="; ".join(f"{post.position.name} – {post.unit.name}" for post in primary),
            ),
            advice=_("Hãy sửa quá trình giữ vị trí để mỗi ngày chỉ có một vị trí chính, rồi làm lại."),
        )


def _once_a_position(posts: tuple[Post, ...]) -> tuple[Post, ...]:
    """The same position in two units is examined once, in the first of them."""
    first: dict[int, Post] = {}
    for post in posts:
        first.setdefault(post.position_id, post)
    return tuple(first.values())


def enrol(exam_round: ExamRound, unit_ids: Collection[int] = ()) -> Enrolled:
    """Add everyone of :func:`propose_enrolment` who is not there yet, in the Vietnamese order of names.

    Those enrolled before keep their numbers, shifts and state; their posts are brought up to the rule in force.
    """
    require_draft(exam_round)
    proposal = propose_enrolment(exam_round, unit_ids)
    known = {candidate.official_id: candidate for candidate in _candidates(exam_round.id)}
    entries = [*proposal.newcomers, *proposal.known]
    names = unit_names({post.unit_id for entry in entries for post in entry.examined}, exam_round)
    updated = sum(_refresh(known[entry.official.id], entry, names) for entry in proposal.known)
    last = max((int(c.number) for c in known.values() if c.number.isdecimal()), default=0)
    added = [
        _candidate(exam_round, entry, names, number) for number, entry in enumerate(proposal.newcomers, start=last + 1)
    ]
    db.session.add_all(added)
    db.session.flush()
    unseated = assign_shifts(exam_round)
    record("round.enrolled", "round", exam_round.code, added=len(added), updated=updated, units=sorted(unit_ids))
    return Enrolled(added=len(added), updated=updated, total=len(known) + len(added), unseated=unseated)


def _candidates(round_id: int) -> list[Candidate]:
    return list(db.session.scalars(select(Candidate).where(Candidate.round_id == round_id).order_by(Candidate.id)))


def _candidate(exam_round: ExamRound, entry: Entry, names: dict[int, str], number: int) -> Candidate:
    return Candidate(
        round_id=exam_round.id,
        official_id=entry.official.id,
        number=f"{number:04d}",
        unit_id=entry.main.unit_id,
        position_id=entry.main.position_id,
        full_name=entry.official.full_name,
        sort_key=entry.official.sort_key,
        unit_name=names[entry.main.unit_id],
        posts=frozen_posts(entry.examined, names),
    )


def _refresh(candidate: Candidate, entry: Entry, names: dict[int, str]) -> bool:
    posts = frozen_posts(entry.examined, names)
    if candidate.posts == posts:
        return False
    candidate.posts = posts
    candidate.unit_id, candidate.position_id = entry.main.unit_id, entry.main.position_id
    candidate.unit_name = names[entry.main.unit_id]
    return True


def frozen_posts(posts: Iterable[Post], names: dict[int, str]) -> str:
    """The posts as they are kept with the candidate; ``position`` is also the name of the paper's section."""
    return json.dumps(
        [
            {
                "post": post.id,
                "position": post.position.code,
                "position_id": post.position_id,
                "position_name": post.position.name,
                "unit": post.unit_id,
                "unit_name": names[post.unit_id],
            }
            for post in posts
        ],
        ensure_ascii=False,
    )


def unit_names(unit_ids: Collection[int], exam_round: ExamRound) -> dict[int, str]:
    """Names that tell units apart on the day whose posts count."""
    return full_names(unit_ids, on=exam_round.posts_on)


def assign_shifts(exam_round: ExamRound) -> int:
    """Seat the enrolled who have no shift, keeping units together where there is room; gives how many stay without."""
    waiting = list(
        db.session.scalars(
            select(Candidate)
            .where(
                Candidate.round_id == exam_round.id,
                Candidate.state == CandidateState.ENROLLED,
                Candidate.shift_id.is_(None),
            )
            .order_by(Candidate.unit_name, Candidate.sort_key, Candidate.id)
        )
    )
    seats = _Seats(exam_round.shifts, seats_taken(exam_round.id))
    for _unit, group in groupby(waiting, key=lambda candidate: candidate.unit_name):
        members = list(group)
        together = seats.for_group(len(members))
        for candidate in members:
            shift = together or seats.for_group(1)
            if shift is not None:
                candidate.shift_id = shift.id
                seats.take(shift)
    db.session.flush()
    return sum(candidate.shift_id is None for candidate in waiting)


class _Seats:
    """Room left in each shift: those with a limit fill up in their order, then the emptiest of the others."""

    def __init__(self, shifts: Iterable[Shift], taken: dict[int, int]) -> None:
        self._shifts = list(shifts)
        self._taken = {shift.id: taken.get(shift.id, 0) for shift in self._shifts}

    def for_group(self, size: int) -> Shift | None:
        limited = [s for s in self._shifts if s.capacity is not None and s.capacity - self._taken[s.id] >= size]
        if limited:
            return limited[0]
        free = [s for s in self._shifts if s.capacity is None]
        return min(free, key=lambda shift: self._taken[shift.id], default=None)

    def take(self, shift: Shift) -> None:
        self._taken[shift.id] += 1


def positions_without_matrix(exam_round: ExamRound, versions: list[MatrixVersion]) -> list[tuple[str, int]]:
    """Positions held in the round's part of the tree that no chosen matrix examines, with how many people."""
    rows = db.session.execute(
        select(Position.name, func.count(func.distinct(Post.official_id)))
        .join(Post, Post.position_id == Position.id)
        .where(
            held_on(exam_round.posts_on),
            Post.unit_id.in_(part_of_tree(exam_round)),
            Position.id.not_in(examined_positions(versions)),
        )
        .group_by(Position.id, Position.name)
        .order_by(Position.name, Position.id)
    )
    return [(name, count) for name, count in rows]
