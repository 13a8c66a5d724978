"""Invented questions that stand in the bank as approved, from the start."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select

from examapp.accounts.models import Account
from examapp.bank.content import normalised
from examapp.bank.models import BankKind, Question, QuestionState, Review, Topic, Verdict
from examapp.bank.services import insert_many
from examapp.core import clock
from examapp.core.db import db
from examapp.organisation.models import Position
from question_bank import question as domain


def store_approved(
    questions: Sequence[domain.Question], *, bank: BankKind, owner: Account, reviewer: Account
) -> list[int]:
    """Store them as samples that ``reviewer`` approved; ids in order."""
    topics = {topic.code: topic for topic in db.session.scalars(select(Topic))}
    positions = {position.code: position for position in db.session.scalars(select(Position))}
    rows = [
        (
            normalised(content, topic=content.topic, positions=content.positions),
            topics[content.topic].id,
            [positions[code] for code in content.positions],
        )
        for content in questions
    ]
    ids = insert_many(
        rows,
        owner_id=owner.id,
        codes=[f"MAU-{content.ref.upper()}" for content in questions],
        bank=bank,
        is_sample=True,
        state=QuestionState.APPROVED,
    )
    approved = select(Question.current_id).where(Question.id.in_(ids))
    marks = {"reviewer_id": reviewer.id, "verdict": Verdict.APPROVED, "comment": "", "at": clock.now()}
    db.session.execute(insert(Review), [{"version_id": found, **marks} for found in db.session.scalars(approved)])
    return ids
