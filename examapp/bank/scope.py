"""Which questions a person reaches: all positions of a question must be granted; common ones need a grant over all."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app, g, has_request_context
from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.bank.models import BankKind, Citation, Question, QuestionPosition, QuestionVersion
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Forbidden, NotFound
from examapp.core.permissions import Permission
from examapp.core.words import _
from examapp.organisation.models import Position
from examapp.organisation.tree import tops


def reached(positions: set[int] | None) -> ColumnElement[bool]:
    """The condition on ``questions`` for who reaches ``positions`` (``None``: every question)."""
    if positions is None:
        return true()
    beyond = select(QuestionPosition.question_id).where(QuestionPosition.position_id.not_in(positions))
    return and_(Question.is_common.is_(False), Question.id.not_in(beyond))


def covers(positions: set[int] | None, *, wanted: set[int], is_common: bool) -> bool:
    """Whether who reaches ``positions`` may act on a question of ``wanted``."""
    return positions is None or (not is_common and bool(wanted) and wanted <= positions)


def is_over_all(person: Account, permission: Permission) -> bool:
    """Whether the grant covers the top of the unit tree: what is common to all positions is nobody's below it."""
    if not person.may(permission) or person.positions(permission) is not None:
        return False
    units = person.units(permission)
    return units is None or tops(clock.today()) <= units


def is_reached(question: Question, person: Account, permission: Permission) -> bool:
    if not person.may(permission):
        return False
    wanted = {position.id for position in question.positions}
    return covers(person.positions(permission), wanted=wanted, is_common=question.is_common)


READS: dict[BankKind, Permission] = {
    BankKind.EXAM: Permission.BANK_READ,
    BankKind.PRACTICE: Permission.PRACTICE_BANK_READ,
}
EDITS: dict[BankKind, Permission] = {
    BankKind.EXAM: Permission.BANK_EDIT,
    BankKind.PRACTICE: Permission.PRACTICE_BANK_EDIT,
}
"""What it takes to read and to write in each bank: the two are reached apart."""


CHANGES: dict[BankKind, tuple[Permission, ...]] = {
    BankKind.EXAM: (Permission.BANK_EDIT, Permission.BANK_MANAGE),
    BankKind.PRACTICE: (Permission.PRACTICE_BANK_EDIT,),
}
"""Any of these lets a person change many questions of the bank at once."""


def reach_over(person: Account, permissions: Iterable[Permission]) -> set[int] | None:
    """The positions that any of ``permissions`` reaches; ``None``: every position."""
    found: set[int] = set()
    for permission in permissions:
        if person.may(permission):
            positions = person.positions(permission)
            if positions is None:
                return None
            found |= positions
    return found


def bank_of(permission: Permission) -> BankKind:
    """The bank a permission is about."""
    return BankKind.PRACTICE if permission in {READS[BankKind.PRACTICE], EDITS[BankKind.PRACTICE]} else BankKind.EXAM


def get_readable(code: str, person: Account) -> Question:
    """The question, for who may read its bank."""
    return _in_its_bank(code, person, READS)


def get_editable(code: str, person: Account) -> Question:
    """The question, for who may write in its bank."""
    return _in_its_bank(code, person, EDITS)


def _in_its_bank(code: str, person: Account, needed: dict[BankKind, Permission]) -> Question:
    bank = db.session.scalar(select(Question.bank).where(Question.code == code))
    if bank is None or not person.may(needed[bank]):
        raise NotFound()
    return get_question(code, person=person, permission=needed[bank])


def get_question(code: str, *, person: Account, permission: Permission) -> Question:
    """The question with its present version, or "not found" when out of this person's reach."""
    question = db.session.scalar(
        select(Question)
        .where(
            Question.code == code,
            Question.bank == bank_of(permission),
            Question.current_id.is_not(None),  # without one it is still on its way out of a file
            reached(person.positions(permission)),
        )
        .options(
            joinedload(Question.current).joinedload(QuestionVersion.topic),
            joinedload(Question.current).selectinload(QuestionVersion.citations).joinedload(Citation.document),
            selectinload(Question.positions),
        )
    )
    if question is None:
        raise NotFound()
    _not_on_own_paper(question, person)
    return question


def _not_on_own_paper(question: Question, person: Account) -> None:
    """Whoever sits an exam sees none of its questions before: the rooms down the road say which wait on a paper."""
    if concealed(question.id, person):
        raise Forbidden(
            _("Câu hỏi này nằm trong đề của chính tài khoản này ở một kỳ thi chưa đóng, nên chưa mở được."),
            advice=_("Hãy để người khác xử lý câu hỏi, hoặc đợi kỳ thi đóng."),
        )


def concealed(question_id: int, person: Account) -> bool:
    """Whether the question waits on this person's own paper."""
    return question_id in concealed_from(person)


def concealed_from(person: Account) -> frozenset[int]:
    """Ids of the questions that wait on this person's own papers; looked up once in a request."""
    official_id = person.official_id
    if official_id is None:
        return frozenset()
    known: dict[int, frozenset[int]] = g.setdefault("concealed", {}) if has_request_context() else {}
    if official_id not in known:
        found = (conceals(official_id) for conceals in current_app.extensions["conceals"])
        known[official_id] = frozenset().union(*found)
    return known[official_id]


def open_to(person: Account) -> ColumnElement[bool]:
    """The condition on ``questions``: none that waits on this person's own paper. For lists that show what they say."""
    closed = concealed_from(person)
    return Question.id.not_in(sorted(closed)) if closed else true()


def positions_of(person: Account, permission: Permission) -> list[Position]:
    """The positions this person may work on, by code."""
    reach = person.positions(permission)
    query = select(Position).order_by(Position.code)
    if reach is not None:
        query = query.where(Position.id.in_(reach))
    return list(db.session.scalars(query))
