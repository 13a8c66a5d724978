"""Review: who wrote a question never approves it, and nobody approves what they have not had before them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import law
from examapp.bank.listing import was_returned
from examapp.bank.models import (
    BankKind,
    Question,
    QuestionState,
    QuestionVersion,
    Review,
    ReviewOpening,
    ReviewSet,
    ReviewSetItem,
    ReviewSetMember,
    SetState,
    Verdict,
)
from examapp.bank.questions import move, problems_of
from examapp.bank.scope import is_reached, open_to, reached
from examapp.bank.versions import key_change
from examapp.core import clock
from examapp.core.db import apart, db
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
    if db.session.scalar(select(wrote(person.id)).where(Question.id == question.id)):
        return _("Người ra hoặc sửa câu hỏi không được thẩm định chính câu đó.")
    held = set_of(question)
    if held is not None and not is_member(held, person):
        return _("Câu hỏi thuộc gói thẩm định “%(name)s”, do thành viên của gói quyết định.", name=held.name)
    return None


def wrote(account_id: int) -> ColumnElement[bool]:
    """The condition on ``questions``: the account owns it, wrote it first, or wrote anything that nobody has approved.

    Who only mended a version that others approved long ago may review what somebody else writes now.
    """
    any_version, approved = aliased(QuestionVersion), aliased(QuestionVersion)
    last_approved = (
        select(func.coalesce(func.max(approved.number), 0))
        .join(Review, and_(Review.version_id == approved.id, Review.verdict == Verdict.APPROVED))
        .where(approved.question_id == Question.id)
        .correlate(Question)
        .scalar_subquery()
    )
    counts = or_(any_version.number == 1, any_version.id == Question.current_id, any_version.number > last_approved)
    version = exists().where(any_version.question_id == Question.id, any_version.author_id == account_id, counts)
    return or_(func.coalesce(Question.owner_id, 0) == account_id, version.correlate(Question))


def set_of(question: Question) -> ReviewSet | None:
    """The open set that the present version waits in."""
    return db.session.scalar(
        select(ReviewSet)
        .join(ReviewSetItem, ReviewSetItem.set_id == ReviewSet.id)
        .where(ReviewSetItem.version_id == question.current_id, ReviewSet.state == SetState.OPEN)
        .order_by(ReviewSet.id)
        .limit(1)
    )


def is_member(review_set: ReviewSet, person: Account) -> bool:
    return db.session.get(ReviewSetMember, (review_set.id, person.id)) is not None


def in_open_set() -> ColumnElement[bool]:
    """The condition on ``questions``: the present version is in a set that has not been closed."""
    item = (
        select(ReviewSetItem.version_id)
        .join(ReviewSet, ReviewSet.id == ReviewSetItem.set_id)
        .where(ReviewSetItem.version_id == Question.current_id, ReviewSet.state == SetState.OPEN)
    )
    return item.correlate(Question).exists()


def note_opening(question: Question, person: Account) -> None:
    """Log that this person has the present version with its key on the screen; kept apart from what the page reads."""
    version_id, code, number = question.current.id, question.code, question.current.number
    with apart() as session:
        open_version(version_id, person.id, session=session)
        record("question.read", "question", code, session=session, version=number, page="review")


def open_version(version_id: int, account_id: int, *, session: Session) -> None:
    """Two tabs may open the same question in one moment: the first is kept."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    opening = dialect.insert(ReviewOpening).values(version_id=version_id, account_id=account_id, at=clock.now())
    session.execute(opening.on_conflict_do_nothing())


def has_opened(question: Question, person: Account) -> bool:
    return db.session.get(ReviewOpening, (question.current_id, person.id)) is not None


def review(
    question: Question,
    *,
    reviewer: Account,
    verdict: Verdict,
    comment: str = "",
    passed: Sequence[str] = tuple(CHECKLIST),
    version_id: int | None = None,
    has_seen_key: bool = False,
) -> Review:
    """Decide on a waiting question: approve it, or return it to its writer with a comment.

    ``passed`` names the points of :data:`CHECKLIST` that hold; ``version_id`` is the version the reviewer has read;
    ``has_seen_key`` says that the reviewer knows of a key that is not the approved one's.
    """
    # of two reviewers in one moment the second sees what the first decided
    db.session.refresh(question, ["state", "current_id"], with_for_update=True)
    if reason := why_not_reviewer(question, reviewer):
        raise Forbidden(reason, advice=_("Hãy để người thẩm định khác quyết định."))
    if question.state is not QuestionState.IN_REVIEW or version_id not in (None, question.current_id):
        raise IllegalMove(
            _("Câu %(code)s không còn chờ thẩm định ở phiên bản đã đọc.", code=question.code),
            advice=_("Hãy mở lại danh sách chờ thẩm định."),
        )
    failed = [gettext(label) for name, label in CHECKLIST.items() if name not in passed]
    held = set_of(question)
    if verdict is Verdict.APPROVED:
        _check_approval(question, reviewer, failed, has_seen_key=has_seen_key)
        move(question, QuestionState.APPROVED)
    else:
        comment = _returned_comment(comment, failed)
        move(question, QuestionState.DRAFT)
    written = Review(
        version_id=question.current_id,
        reviewer_id=reviewer.id,
        verdict=verdict,
        comment=comment.strip(),
        checklist=json.dumps([name for name in CHECKLIST if name in passed]),
        set_id=held.id if held else None,
    )
    db.session.add(written)
    db.session.flush()
    record(
        f"question.{verdict.value}",
        "question",
        question.code,
        version=question.current.number,
        failed=failed,
        review_set=held.ref if held else None,
    )
    return written


def _check_approval(question: Question, reviewer: Account, failed: Sequence[str], *, has_seen_key: bool) -> None:
    if not has_opened(question, reviewer):
        raise Invalid(_("Hãy mở và đọc câu %(code)s trước khi duyệt.", code=question.code))
    if failed:
        raise Invalid(
            _("Chỉ duyệt khi mọi điểm cần xem đều đạt. Còn chưa đạt: %(points)s.", points="; ".join(failed)),
            field="passed",
        )
    if not has_seen_key and key_change(question) is not None:
        raise Invalid(
            _("Đáp án khác với lần duyệt trước: hãy xem và đánh dấu đã xem đáp án mới trước khi duyệt."),
            field="has_seen_key",
        )
    if missing := missing_for_review(question):
        raise Invalid(" ".join(missing), field="passed")


def _returned_comment(comment: str, failed: Sequence[str]) -> str:
    if not comment.strip():
        raise Invalid(_("Khi trả lại, hãy ghi điều cần sửa để người ra câu hỏi biết."), field="comment")
    points = _("Chưa đạt: %(points)s.", points="; ".join(failed)) if failed else ""
    return "\n".join(part for part in (comment.strip(), points) if part)


def waiting(person: Account) -> ColumnElement[bool]:
    """The condition on ``questions``: waiting, outside of sets, for a review that this person may give."""
    return and_(
        Question.bank == BankKind.EXAM,
        Question.state == QuestionState.IN_REVIEW,
        reached(person.positions(Permission.BANK_REVIEW)),
        open_to(person),
        ~wrote(person.id),
        ~in_open_set(),
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
