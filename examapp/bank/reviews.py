"""Review: who wrote a question never approves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import law
from examapp.bank.listing import was_returned
from examapp.bank.models import BankKind, Question, QuestionState, QuestionVersion, Review, Verdict
from examapp.bank.questions import move, problems_of
from examapp.bank.scope import is_reached, reached
from examapp.core.db import db
from examapp.core.errors import Forbidden, IllegalMove, Invalid
from examapp.core.permissions import Permission
from examapp.core.words import N_, _, gettext, in_language

CHECKLIST: dict[str, str] = {
    "one_answer": N_("Có một đáp án đúng rõ ràng, các phương án khác sai rõ ràng"),
    "no_hint": N_("Độ dài và cách viết các phương án không gợi ý đáp án"),
    "level": N_("Mức độ phù hợp với yêu cầu của câu hỏi"),
    "law": N_("Căn cứ đúng văn bản, đúng điều khoản và còn hiệu lực"),
    "wording": N_("Câu chữ rõ, không hiểu nhầm"),
}
"""What a reviewer looks at; approving means that all of it holds."""


def submit_for_review(question: Question) -> None:
    """Hand a draft to the reviewers; refused while something a reviewer could not mend is missing."""
    if question.state is not QuestionState.DRAFT:
        move(question, QuestionState.IN_REVIEW)
    if missing := missing_for_review(question):
        raise Invalid(
            _("Câu %(code)s chưa gửi thẩm định được.", code=question.code),
            advice=_("Hãy sửa các điểm sau rồi gửi lại."),
            details=missing,
        )
    move(question, QuestionState.IN_REVIEW)
    db.session.flush()
    record("question.submitted", "question", question.code, version=question.current.number)


def missing_for_review(question: Question) -> list[str]:
    """Everything that keeps the question from being submitted, as sentences."""
    missing = [in_language(message) for message in problems_of(question)]
    if not question.current.citations:
        missing.append(_("Chưa có căn cứ pháp lý: cần ít nhất một văn bản."))
    return missing + law.unchecked(question.current.citations)


def withdraw(question: Question, *, person: Account) -> None:
    """Take a waiting question back to go on writing."""
    if question.state is not QuestionState.IN_REVIEW:
        raise IllegalMove(_("Câu %(code)s không ở trạng thái chờ thẩm định.", code=question.code))
    move(question, QuestionState.DRAFT)
    db.session.flush()
    record("question.withdrawn", "question", question.code, by=person.display_name)


def why_not_reviewer(question: Question, person: Account) -> str | None:
    """What keeps this person from deciding on the question; ``None`` when nothing does."""
    if not is_reached(question, person, Permission.BANK_REVIEW):
        return _("Câu hỏi không thuộc phạm vi thẩm định được giao.")
    if db.session.scalar(select(_wrote(person)).where(Question.id == question.id)):
        return _("Người ra hoặc sửa câu hỏi không được thẩm định chính câu đó.")
    return None


def _wrote(person: Account) -> ColumnElement[bool]:
    """The person owns the question or wrote any of its versions."""
    any_version = aliased(QuestionVersion)
    version = exists().where(any_version.question_id == Question.id, any_version.author_id == person.id)
    return or_(func.coalesce(Question.owner_id, 0) == person.id, version.correlate(Question))


def review(
    question: Question,
    *,
    reviewer: Account,
    verdict: Verdict,
    comment: str = "",
    passed: Sequence[str] = tuple(CHECKLIST),
    version_id: int | None = None,
) -> Review:
    """Decide on a waiting question: approve it, or return it to its writer with a comment.

    ``passed`` names the points of :data:`CHECKLIST` that hold; ``version_id`` is the version the reviewer has read.
    """
    if reason := why_not_reviewer(question, reviewer):
        raise Forbidden(reason, advice=_("Hãy để người thẩm định khác quyết định."))
    if question.state is not QuestionState.IN_REVIEW or version_id not in (None, question.current_id):
        raise IllegalMove(
            _("Câu %(code)s không còn chờ thẩm định ở phiên bản đã đọc.", code=question.code),
            advice=_("Hãy mở lại danh sách chờ thẩm định."),
        )
    failed = [gettext(label) for name, label in CHECKLIST.items() if name not in passed]
    if verdict is Verdict.APPROVED:
        _check_approval(question, failed)
        move(question, QuestionState.APPROVED)
    else:
        comment = _returned_comment(comment, failed)
        move(question, QuestionState.DRAFT)
    written = Review(version_id=question.current_id, reviewer_id=reviewer.id, verdict=verdict, comment=comment.strip())
    db.session.add(written)
    db.session.flush()
    record(f"question.{verdict.value}", "question", question.code, version=question.current.number, failed=failed)
    return written


def _check_approval(question: Question, failed: Sequence[str]) -> None:
    if failed:
        raise Invalid(
            _("Chỉ duyệt khi mọi điểm cần xem đều đạt. Còn chưa đạt: %(points)s.", points="; ".join(failed)),
            field="passed",
        )
    if missing := missing_for_review(question):
        raise Invalid(" ".join(missing), field="passed")


def _returned_comment(comment: str, failed: Sequence[str]) -> str:
    if not comment.strip():
        raise Invalid(_("Khi trả lại, hãy ghi điều cần sửa để người ra câu hỏi biết."), field="comment")
    points = _("Chưa đạt: %(points)s.", points="; ".join(failed)) if failed else ""
    return "\n".join(part for part in (comment.strip(), points) if part)


def waiting(person: Account) -> ColumnElement[bool]:
    """The condition on ``questions``: waiting for a review that this person may give."""
    return and_(
        Question.bank == BankKind.EXAM,
        Question.state == QuestionState.IN_REVIEW,
        reached(person.positions(Permission.BANK_REVIEW)),
        ~_wrote(person),
    )


def queue(person: Account) -> Select[Any]:
    """What waits for this person, the longest waiting first."""
    return (
        select(Question)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(waiting(person))
        .order_by(QuestionVersion.created_at, Question.id)
    )


def waiting_count(person: Account) -> int:
    return db.session.scalar(select(func.count()).select_from(Question).where(waiting(person))) or 0


def next_in_queue(person: Account) -> str | None:
    """Code of the question to be reviewed next."""
    return db.session.scalar(queue(person).with_only_columns(Question.code).limit(1))


def returned_to(person: Account) -> int:
    """How many of this person's drafts came back from review as they stand."""
    mine = select(func.count()).select_from(Question).where(Question.owner_id == person.id, was_returned())
    return db.session.scalar(mine) or 0


def reviews_of(question: Question) -> list[tuple[Review, int, str]]:
    """Every review of the question with the number of its version and the reviewer's name, newest first."""
    rows = db.session.execute(
        select(Review, QuestionVersion.number, Account.display_name)
        .join(QuestionVersion, QuestionVersion.id == Review.version_id)
        .join(Account, Account.id == Review.reviewer_id)
        .where(QuestionVersion.question_id == question.id)
        .order_by(Review.at.desc(), Review.id.desc())
    )
    return list(rows)
