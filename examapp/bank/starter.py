"""The bank that ships: topics and sample questions, labelled as samples."""

from __future__ import annotations

from sqlalchemy import insert, select

from examapp.accounts.models import Account
from examapp.bank.bulk import insert_many
from examapp.bank.content import normalised
from examapp.bank.law_registry import load_registry
from examapp.bank.models import Question, QuestionState, Review, Verdict
from examapp.bank.topics import ensure_topics
from examapp.core import clock
from examapp.core.db import db
from examapp.organisation.models import Position
from question_bank import starter


def load_starter(*, demo: bool, owner: Account | None, reviewer: Account | None = None) -> int:
    """Store the samples that are not there yet and say how many came.

    In demonstration mode they stand approved by ``reviewer``, another account than ``owner``; elsewhere as drafts.
    """
    if demo and (reviewer is None or owner is None or reviewer.id == owner.id):
        raise ValueError("approved samples need an owner and another account as reviewer")
    load_registry()
    topics = ensure_topics(starter.topics())
    positions = {position.code: position for position in db.session.scalars(select(Position))}
    known = set(db.session.scalars(select(Question.code).where(Question.is_sample)))
    new = [content for content in starter.load() if _code(content.ref) not in known]
    rows = []
    for content in new:
        places = [positions[code] for code in content.positions]
        rows.append(
            (normalised(content, topic=content.topic, positions=content.positions), topics[content.topic], places)
        )
    ids = insert_many(
        rows,
        owner_id=owner.id if owner else None,
        codes=[_code(content.ref) for content in new],
        is_sample=True,
        state=QuestionState.APPROVED if demo else QuestionState.DRAFT,
    )
    if demo and reviewer is not None:
        _approve(ids, reviewer)
    return len(ids)


def load_samples() -> int:
    """Registry, topics and samples as drafts: what a new installation begins with."""
    documents = load_registry()
    return documents + load_starter(demo=False, owner=None)


def _code(ref: str) -> str:
    return f"MAU-{ref.upper()}"


def _approve(question_ids: list[int], reviewer: Account) -> None:
    rows = dict(db.session.execute(select(Question.id, Question.current_id).where(Question.is_sample)).all())
    moment = clock.now()
    reviews = [
        {
            "version_id": rows[found],
            "reviewer_id": reviewer.id,
            "verdict": Verdict.APPROVED,
            "comment": "",
            "at": moment,
        }
        for found in question_ids
    ]
    if reviews:
        db.session.execute(insert(Review), reviews)
