"""How far a review set is: question by question, member by member."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.bank.models import (
    Question,
    QuestionState,
    QuestionVersion,
    Review,
    ReviewOpening,
    ReviewSet,
    ReviewSetItem,
    Verdict,
)
from examapp.bank.review_sets import decidable, members_of
from examapp.core.db import db
from examapp.core.words import N_


class Standing(enum.StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    CHANGED = "changed"
    """Withdrawn, edited or decided outside before anybody of the set decided."""


STANDINGS: dict[Standing, tuple[str, str]] = {
    Standing.WAITING: (N_("Chờ thẩm định"), "act"),
    Standing.APPROVED: (N_("Đã duyệt"), "good"),
    Standing.RETURNED: (N_("Trả lại"), "warn"),
    Standing.CHANGED: (N_("Đã rút hoặc sửa"), "neutral"),
}
"""What each is called and the shape of its tag."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question of a set at its place."""

    place: int
    question: Question
    version: QuestionVersion
    review: Review | None
    reviewer: str

    @property
    def standing(self) -> Standing:
        if self.review is not None:
            return Standing.APPROVED if self.review.verdict is Verdict.APPROVED else Standing.RETURNED
        waits = self.question.state is QuestionState.IN_REVIEW and self.question.current_id == self.version.id
        return Standing.WAITING if waits else Standing.CHANGED


def entries_of(review_set: ReviewSet) -> list[Entry]:
    """In the order of the walk, in a fixed number of statements."""
    rows = db.session.execute(
        select(ReviewSetItem.place, Question, QuestionVersion, Review, Account.display_name)
        .join(QuestionVersion, QuestionVersion.id == ReviewSetItem.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .outerjoin(Review, and_(Review.version_id == ReviewSetItem.version_id, Review.set_id == ReviewSetItem.set_id))
        .outerjoin(Account, Account.id == Review.reviewer_id)
        .where(ReviewSetItem.set_id == review_set.id)
        .options(
            joinedload(QuestionVersion.topic),
            selectinload(QuestionVersion.citations),
            selectinload(Question.positions),
        )
        .order_by(ReviewSetItem.place)
    )
    return [Entry(place, question, version, review, name or "") for place, question, version, review, name in rows]


@dataclass(frozen=True, slots=True)
class MemberProgress:
    name: str
    opened: int
    approved: int
    returned: int
    left: int
    """Waiting questions that this member may decide on."""


@dataclass(frozen=True, slots=True)
class Progress:
    members: Sequence[MemberProgress]
    by_standing: Counter[Standing]
    orphans: int
    """Waiting questions that no member may decide on."""

    @property
    def total(self) -> int:
        return self.by_standing.total()

    @property
    def left(self) -> int:
        return self.by_standing[Standing.WAITING]

    @property
    def done(self) -> int:
        return self.total - self.left


def progress_of(review_set: ReviewSet, entries: Sequence[Entry]) -> Progress:
    opened = _opened(review_set)
    verdicts = Counter((entry.review.reviewer_id, entry.standing) for entry in entries if entry.review)
    waiting = {entry.version.id for entry in entries if entry.standing is Standing.WAITING}
    members, covered = [], set[int]()
    for person in members_of(review_set):
        mine = decidable(person).where(ReviewSetItem.set_id == review_set.id).order_by(None)
        may = set(db.session.scalars(mine.with_only_columns(ReviewSetItem.version_id)))
        covered |= may
        members.append(
            MemberProgress(
                name=person.display_name,
                opened=opened.get(person.id, 0),
                approved=verdicts[person.id, Standing.APPROVED],
                returned=verdicts[person.id, Standing.RETURNED],
                left=len(may),
            )
        )
    return Progress(members, Counter(entry.standing for entry in entries), len(waiting - covered))


def _opened(review_set: ReviewSet) -> dict[int, int]:
    """How many versions of the set each account had on the screen."""
    rows = db.session.execute(
        select(ReviewOpening.account_id, func.count())
        .join(ReviewSetItem, ReviewSetItem.version_id == ReviewOpening.version_id)
        .where(ReviewSetItem.set_id == review_set.id)
        .group_by(ReviewOpening.account_id)
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class Count:
    """A set in figures, for lists."""

    total: int
    approved: int
    returned: int


def counts_of(sets: Iterable[ReviewSet]) -> dict[int, Count]:
    """By set id, in two statements."""
    ids = [one.id for one in sets]
    items = select(ReviewSetItem.set_id, func.count()).where(ReviewSetItem.set_id.in_(ids))
    totals = dict(db.session.execute(items.group_by(ReviewSetItem.set_id)).all())
    said = select(Review.set_id, Review.verdict, func.count()).where(Review.set_id.in_(ids))
    verdicts = {
        (set_id, verdict): count
        for set_id, verdict, count in db.session.execute(said.group_by(Review.set_id, Review.verdict))
    }
    return {
        one: Count(
            totals.get(one, 0), verdicts.get((one, Verdict.APPROVED), 0), verdicts.get((one, Verdict.RETURNED), 0)
        )
        for one in ids
    }
