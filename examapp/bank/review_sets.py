"""Gói thẩm định: make one, keep it, close it, enter the decision. Who walks through it is in :mod:`set_progress`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.models import (
    BankKind,
    Question,
    QuestionState,
    QuestionVersion,
    Review,
    ReviewSet,
    ReviewSetItem,
    ReviewSetMember,
    SetState,
)
from examapp.bank.people import holders
from examapp.bank.reviews import in_open_set, is_member, set_of, wrote
from examapp.bank.scope import open_to, reached
from examapp.core import clock
from examapp.core.db import apart, db
from examapp.core.errors import IllegalMove, Invalid, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _

MOST = 500
"""Questions of one set: more than that nobody walks through before the day it is due."""


class Place(NamedTuple):
    ref: str
    place: int


class OpenSet(NamedTuple):
    set: ReviewSet
    left: int
    """What this person may still decide in it."""


def reach(person: Account) -> set[int] | None:
    """The positions whose waiting questions this person may put into a set."""
    manages = person.may(Permission.BANK_MANAGE)
    return person.positions(Permission.BANK_MANAGE if manages else Permission.BANK_REVIEW)


def offered(found: Select[Question]) -> Select[Question]:
    """Those of ``found`` that a set can take: waiting, and in no other open set."""
    return found.where(Question.bank == BankKind.EXAM, Question.state == QuestionState.IN_REVIEW, ~in_open_set())


def create_set(
    *, name: str, due_on: date | None, member_ids: Iterable[int], version_ids: Sequence[int], creator: Account
) -> ReviewSet:
    """A set of these versions, in their order, for these reviewers."""
    _check_due(due_on)
    if not version_ids:
        raise Invalid(_("Không có câu nào chờ thẩm định khớp lựa chọn này, nên chưa lập gói."))
    if len(version_ids) > MOST:
        raise Invalid(_("Một gói có nhiều nhất %(most)s câu. Hãy lọc hẹp hơn rồi lập nhiều gói.", most=MOST))
    made = ReviewSet(name=name, due_on=due_on, created_by_id=creator.id)
    made.items = [ReviewSetItem(version_id=one, place=place) for place, one in enumerate(version_ids, start=1)]
    db.session.add(made)
    db.session.flush()
    _set_members(made, member_ids)
    record("review_set.created", "review_set", made.ref, name=name, questions=len(version_ids), due_on=due_on)
    return made


def change_set(review_set: ReviewSet, *, name: str, due_on: date | None, member_ids: Iterable[int]) -> None:
    _check_open(review_set)
    if due_on != review_set.due_on:
        _check_due(due_on)
    review_set.name, review_set.due_on = name, due_on
    _set_members(review_set, member_ids)
    record("review_set.changed", "review_set", review_set.ref, name=name, due_on=due_on)


def _check_due(due_on: date | None) -> None:
    if due_on is not None and due_on < clock.today():
        raise Invalid(_("Hạn phải từ hôm nay trở đi."), field="due_on")


def _set_members(review_set: ReviewSet, member_ids: Iterable[int]) -> None:
    """Who has decided something stays in the set, since the minutes name them."""
    wanted, allowed = set(member_ids), {person.id for person in holders(Permission.BANK_REVIEW)}
    present = set(db.session.scalars(_member_ids(review_set)))
    if not wanted or wanted - allowed - present:
        raise Invalid(_("Hãy chọn ít nhất một người có quyền thẩm định."), field="members")
    decided = set(db.session.scalars(select(Review.reviewer_id).where(Review.set_id == review_set.id)))
    if decided - wanted:
        raise Invalid(_("Người đã thẩm định câu của gói phải còn trong danh sách."), field="members")
    for account_id in present - wanted:
        db.session.delete(db.session.get_one(ReviewSetMember, (review_set.id, account_id)))
    db.session.add_all(ReviewSetMember(set_id=review_set.id, account_id=one) for one in sorted(wanted - present))
    db.session.flush()


def _member_ids(review_set: ReviewSet) -> Select[int]:
    return select(ReviewSetMember.account_id).where(ReviewSetMember.set_id == review_set.id)


def members_of(review_set: ReviewSet) -> list[Account]:
    """By name."""
    found = select(Account).where(Account.id.in_(_member_ids(review_set)))
    return list(db.session.scalars(found.order_by(Account.display_name, Account.id)))


def sets_for(person: Account) -> Select[ReviewSet]:
    """The sets this person made or reviews in; all of them for who manages the bank. Open ones first, newest first."""
    found = select(ReviewSet).order_by(ReviewSet.state.desc(), ReviewSet.created_at.desc(), ReviewSet.id.desc())
    if person.may(Permission.BANK_MANAGE):
        return found
    member = select(ReviewSetMember.set_id).where(ReviewSetMember.account_id == person.id)
    return found.where(or_(ReviewSet.created_by_id == person.id, ReviewSet.id.in_(member)))


def get_set(ref: str, *, person: Account) -> ReviewSet:
    """The set, or "not found" for who has nothing to do with it."""
    found = db.session.scalar(sets_for(person).where(ReviewSet.ref == ref).options(selectinload(ReviewSet.items)))
    if found is None:
        raise NotFound()
    return found


def may_keep(review_set: ReviewSet, person: Account) -> bool:
    """Change members, close, enter the decision: who made the set or manages the bank."""
    return review_set.created_by_id == person.id or person.may(Permission.BANK_MANAGE)


def get_set_to_keep(ref: str, *, person: Account) -> ReviewSet:
    found = get_set(ref, person=person)
    if not may_keep(found, person):
        raise NotFound()
    return found


def open_sets_of(person: Account) -> list[OpenSet]:
    """The open sets this person reviews in, the most urgent first, with what is left to decide there."""
    member = select(ReviewSetMember.set_id).where(ReviewSetMember.account_id == person.id)
    sets = db.session.scalars(
        select(ReviewSet)
        .where(ReviewSet.id.in_(member), ReviewSet.state == SetState.OPEN)
        .order_by(ReviewSet.due_on.is_(None), ReviewSet.due_on, ReviewSet.id)
    ).all()
    if not sets:
        return []
    left = decidable(person).with_only_columns(ReviewSetItem.set_id, func.count()).order_by(None)
    counts = dict(db.session.execute(left.group_by(ReviewSetItem.set_id)).all())
    return [OpenSet(one, counts.get(one.id, 0)) for one in sets]


def undecided() -> ColumnElement[bool]:
    """The condition on sets: closed, and without a decision."""
    return and_(ReviewSet.state == SetState.CLOSED, ReviewSet.decision_number == "")


def overdue(on: date) -> ColumnElement[bool]:
    return and_(ReviewSet.state == SetState.OPEN, ReviewSet.due_on < on)


def count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(ReviewSet).where(condition)) or 0


def decidable(person: Account) -> Select[ReviewSetItem]:
    """Items of open sets of this person that the person may still decide on, in their order."""
    member = select(ReviewSetMember.set_id).where(ReviewSetMember.account_id == person.id)
    return (
        select(ReviewSetItem)
        .join(ReviewSet, ReviewSet.id == ReviewSetItem.set_id)
        .join(Question, Question.current_id == ReviewSetItem.version_id)
        .where(
            ReviewSet.state == SetState.OPEN,
            ReviewSetItem.set_id.in_(member),
            Question.state == QuestionState.IN_REVIEW,
            reached(person.positions(Permission.BANK_REVIEW)),
            open_to(person),
            ~wrote(person.id),
        )
        .order_by(ReviewSetItem.set_id, ReviewSetItem.place)
    )


def next_place(review_set: ReviewSet, person: Account, *, after: int = 0) -> int | None:
    """The next question of the set to decide on, from ``after`` round to the beginning."""
    places = select(ReviewSetItem.place).where(ReviewSetItem.set_id == review_set.id)
    mine = decidable(person).with_only_columns(ReviewSetItem.version_id).order_by(None)
    waiting = places.where(ReviewSetItem.version_id.in_(mine))
    return db.session.scalar(waiting.order_by(ReviewSetItem.place <= after, ReviewSetItem.place).limit(1))


def place_for(question: Question, person: Account) -> Place | None:
    """Where a member of the question's open set decides on it."""
    held = set_of(question)
    if held is None or not is_member(held, person):
        return None
    item = db.session.get_one(ReviewSetItem, (held.id, question.current_id))
    return Place(held.ref, item.place)


def mended(review_set: ReviewSet) -> Select[int | None]:
    """Version ids of the set's questions that were written anew since and wait for review again."""
    of_set = (
        select(QuestionVersion.question_id)
        .join(ReviewSetItem, ReviewSetItem.version_id == QuestionVersion.id)
        .where(ReviewSetItem.set_id == review_set.id)
    )
    known = select(ReviewSetItem.version_id).where(ReviewSetItem.set_id == review_set.id)
    return (
        offered(select(Question).where(Question.id.in_(of_set), Question.current_id.not_in(known)))
        .with_only_columns(Question.current_id)
        .order_by(Question.id)
    )


def renew_set(review_set: ReviewSet) -> int:
    """Take the mended versions in, behind the others; what was said of the old ones stays."""
    _check_open(review_set)
    found = list(db.session.scalars(mended(review_set)))
    last = max(item.place for item in review_set.items)
    review_set.items += [ReviewSetItem(version_id=one, place=last + index) for index, one in enumerate(found, start=1)]
    db.session.flush()
    if found:
        record("review_set.renewed", "review_set", review_set.ref, questions=len(found))
    return len(found)


def take_in(review_set: ReviewSet, questions: Sequence[Question]) -> None:
    """Put further waiting questions behind the others."""
    _check_open(review_set)
    if len(review_set.items) + len(questions) > MOST:
        raise Invalid(_("Một gói có nhiều nhất %(most)s câu.", most=MOST))
    last = max((item.place for item in review_set.items), default=0)
    for place, question in enumerate(questions, start=last + 1):
        review_set.items.append(ReviewSetItem(version_id=question.current_id, place=place))
    db.session.flush()


def close_set(review_set: ReviewSet, *, left: int) -> None:
    """No more decisions in this set; ``left`` undecided questions go back to the queue of all reviewers."""
    _check_open(review_set)
    review_set.state, review_set.closed_at = SetState.CLOSED, clock.now()
    db.session.flush()
    record("review_set.closed", "review_set", review_set.ref, left=left)


def enter_decision(review_set: ReviewSet, *, number: str, day: date) -> None:
    """Number and day of the decision, from the clerk's register; entered again they correct what stood there."""
    if review_set.state is not SetState.CLOSED:
        raise IllegalMove(_("Gói thẩm định chưa đóng."), advice=_("Hãy đóng gói trước khi ghi số quyết định."))
    if day < clock.local(review_set.created_at).date() or day > clock.today():
        raise Invalid(_("Ngày quyết định phải từ ngày lập gói đến hôm nay."), field="decision_on")
    before = review_set.decision_number
    review_set.decision_number, review_set.decision_on = number, day
    db.session.flush()
    record("review_set.decided", "review_set", review_set.ref, number=number, day=day, before=before)


def note_taken(review_set: ReviewSet, *, page: str, codes: Sequence[str], with_key: bool) -> None:
    """Log who had all questions of a set on paper: that is reading them."""
    with apart() as session:
        record(
            "review_set.printed", "review_set", review_set.ref, session=session, page=page, key=with_key, codes=codes
        )


def _check_open(review_set: ReviewSet) -> None:
    if review_set.state is not SetState.OPEN:
        raise IllegalMove(_("Gói thẩm định “%(name)s” đã đóng.", name=review_set.name))
