"""Handing what a file brought over to the reviewers; many questions in steps."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from examapp.bank import reviews
from examapp.bank.models import Citation, ImportItem, Question, QuestionImport, QuestionState, QuestionVersion
from examapp.bank.storing import came
from examapp.core.db import db, unit_of_work
from examapp.core.jobs import Work, start_job
from examapp.core.models import Job
from examapp.core.words import _

AT_ONCE = 500
"""Questions up to which the person waits; more become a job."""
CHUNK = 50
JOB = "bank.submit_import"


def _drafts(import_id: int) -> ColumnElement[bool]:
    """The condition on ``questions``: came with this file and is still a draft."""
    brought = select(ImportItem.question_id).where(*came(import_id))
    return and_(Question.id.in_(brought), Question.state == QuestionState.DRAFT)


def drafts_left(kept: QuestionImport) -> int:
    """How many questions of a finished import are still drafts."""
    return db.session.scalar(select(func.count()).select_from(Question).where(_drafts(kept.id))) or 0


def submit_stored(kept: QuestionImport) -> tuple[int, int] | Job:
    """Submit what this import stored for review: how many went and how many are not ready yet, or the job for it."""
    if drafts_left(kept) > AT_ONCE:
        title = _("Gửi thẩm định câu hỏi từ tệp %(name)s", name=kept.file.name)[:200]
        return start_job(JOB, title=title, owner_id=kept.owner_id, import_id=kept.id, ref=kept.ref)
    return _submit(_draft_ids(kept.id))


def _draft_ids(import_id: int) -> list[int]:
    return list(db.session.scalars(select(Question.id).where(_drafts(import_id)).order_by(Question.id)))


def _submit(ids: Sequence[int]) -> tuple[int, int]:
    citations = joinedload(Question.current).selectinload(QuestionVersion.citations).joinedload(Citation.document)
    query = select(Question).where(Question.id.in_(ids), Question.state == QuestionState.DRAFT).order_by(Question.id)
    sent = waiting = 0
    for question in db.session.scalars(query.options(citations)):
        if reviews.missing_for_review(question):
            waiting += 1
        else:
            reviews.submit_for_review(question)
            sent += 1
    return sent, waiting


def submit_job(work: Work) -> None:
    """The job behind many; run again after a stop, it goes on with the drafts that are left."""
    ids = _draft_ids(work.parameters["import_id"])
    db.session.rollback()
    sent = waiting = 0
    for start in range(0, len(ids), CHUNK):
        with unit_of_work():
            went, stayed = _submit(ids[start : start + CHUNK])
        sent, waiting = sent + went, waiting + stayed
        work.progress(min(start + CHUNK, len(ids)), len(ids))
    work.finish(message=told(sent, waiting), url=f"/bank/import/{work.parameters['ref']}")


def told(sent: int, waiting: int) -> str:
    """What became of them, in words."""
    words = [_("Đã gửi thẩm định %(n)s câu.", n=sent)]
    if waiting:
        text = _("%(n)s câu chưa gửi được vì chưa đủ căn cứ hoặc còn lỗi; mở từng câu để xem cần sửa gì.", n=waiting)
        words.append(text)
    return " ".join(words)
