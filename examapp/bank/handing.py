"""Who owns a question, and which bank it stands in: handing over, and the one way from the exam bank to practice."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from examapp.accounts.models import Account, Grant
from examapp.accounts.roles import PERMISSIONS
from examapp.audit.services import record
from examapp.bank.content import content_of
from examapp.bank.models import BankKind, Question, QuestionState
from examapp.bank.questions import create_question, move, problems_of, retire_question
from examapp.bank.scope import EDITS, is_reached
from examapp.core.db import db
from examapp.core.errors import Conflict, IllegalMove, Invalid
from examapp.core.permissions import Permission
from examapp.core.words import _, in_language


def possible_owners(question: Question) -> list[Account]:
    """Who may write questions where this one stands, by name; the present owner is left out."""
    permission = EDITS[question.bank]
    roles = [role for role, permissions in PERMISSIONS.items() if permission in permissions]
    query = (
        select(Account)
        .where(Account.id.in_(select(Grant.account_id).where(Grant.role.in_(roles))), Account.id != question.owner_id)
        .order_by(Account.display_name)
    )
    return [account for account in db.session.scalars(query) if is_reached(question, account, permission)]


def hand_over(question: Question, to: Account) -> None:
    """Give the question another owner, who gets its tasks. Who wrote which version stays as it is."""
    if not is_reached(question, to, EDITS[question.bank]):
        raise Invalid(_("Người nhận chưa được giao ra câu hỏi cho vị trí của câu này."), field="owner")
    before, question.owner_id = question.owner_id, to.id
    db.session.flush()
    record("question.handed_over", "question", question.code, before=before, after=to.id)


def copy_to_practice(question: Question, *, person: Account, never_drawn_again: bool) -> Question:
    """A copy for practice. The exam bank keeps the question as retired: what everybody may practise is no exam.

    ``never_drawn_again`` is the explicit word for a question that is not retired yet.
    """
    if question.bank is not BankKind.EXAM:
        raise IllegalMove(_("Câu %(code)s đã thuộc ngân hàng ôn tập.", code=question.code))
    if any(waits(question.id) for waits in current_app.extensions["awaits"]):
        raise Conflict(
            _("Câu %(code)s đang nằm trong đề của một kỳ thi chưa đóng.", code=question.code),
            advice=_("Hãy đợi kỳ thi đóng rồi mới đưa câu hỏi sang ôn tập."),
        )
    was_approved = question.state is QuestionState.APPROVED
    if question.state is not QuestionState.RETIRED:
        if not never_drawn_again:
            raise Invalid(
                _("Hãy xác nhận câu này sẽ không bao giờ được rút vào đề thi nữa."), field="never_drawn_again"
            )
        retire_question(question, reason=_("Chuyển sang ngân hàng ôn tập"))
    copy = create_question(
        content=content_of(question.current),
        topic=question.current.topic,
        positions=list(question.positions),
        is_common=question.is_common,
        author=person,
        note=_("Từ câu %(code)s của ngân hàng thi", code=question.code),
        bank=BankKind.PRACTICE,
    )
    record("question.copied_to_practice", "question", question.code, copy=copy.code)
    if was_approved:
        open_for_practice(copy)
    return copy


def open_for_practice(question: Question) -> None:
    """Let everybody of its positions practise the question; what the kind finds wrong is mended before."""
    if question.bank is not BankKind.PRACTICE:
        raise IllegalMove(_("Câu %(code)s thuộc ngân hàng thi, không đưa ra ôn tập được.", code=question.code))
    if problems := problems_of(question):
        raise Invalid(" ".join(in_language(problem) for problem in problems))
    move(question, QuestionState.IN_REVIEW)
    move(question, QuestionState.APPROVED)
    db.session.flush()
    record("question.opened_for_practice", "question", question.code, version=question.current.number)


def may_copy(question: Question, person: Account) -> bool:
    """Whether this person may take the question from the exam bank into practice."""
    is_exam = question.bank is BankKind.EXAM and question.merged_into_id is None
    return (
        is_exam
        and is_reached(question, person, Permission.BANK_EDIT)
        and is_reached(question, person, Permission.PRACTICE_BANK_EDIT)
    )
