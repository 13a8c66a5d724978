"""On how many papers a question has been. What was merged into it counts with it: it was seen just the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from flask import current_app
from sqlalchemy import Integer, Select, Subquery, cast, func, or_, select

from examapp.bank.models import Exposure, Question, QuestionVersion
from examapp.core.db import db
from examapp.core.room import HeldRound


def held_rounds() -> list[HeldRound]:
    """Every round that has had papers, the latest first."""
    return [one for rounds in current_app.extensions["rounds"] for one in rounds()]


def awaited_rounds() -> frozenset[int]:
    """Rounds whose papers are still to be sat: what stands on them is told to nobody."""
    return frozenset(one.id for one in held_rounds() if not one.is_over)


def papers_by_question(*, but: Collection[int] = ()) -> Subquery:
    """A table of questions with the papers they were on (``question_id``, ``papers``), leaving out rounds ``but``."""
    stands_for = cast(func.coalesce(Question.merged_into_id, Question.id), Integer)  # SQLite joins it by an index then
    papers = (
        select(stands_for.label("question_id"), func.sum(Exposure.papers).label("papers"))
        .join(QuestionVersion, QuestionVersion.id == Exposure.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .group_by(stands_for)
    )
    return (papers.where(Exposure.round_id.not_in(but)) if but else papers).subquery()


def drawn_questions(round_id: int | None = None, *, but: Collection[int] = ()) -> Select[int]:
    """Ids of the questions that were on papers, of one round where it is named."""
    drawn = (
        select(func.coalesce(Question.merged_into_id, Question.id))
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(Exposure, Exposure.version_id == QuestionVersion.id)
    )
    if round_id is not None:
        drawn = drawn.where(Exposure.round_id == round_id)
    return drawn.where(Exposure.round_id.not_in(but)) if but else drawn


def papers_of(questions: Sequence[Question], *, but: Collection[int] = ()) -> dict[int, int]:
    """On how many papers each of these has been, by question id; in one statement."""
    ids = [question.id for question in questions]
    rows = db.session.execute(
        select(Question.id, Question.merged_into_id, func.sum(Exposure.papers))
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(Exposure, Exposure.version_id == QuestionVersion.id)
        .where(or_(Question.id.in_(ids), Question.merged_into_id.in_(ids)), Exposure.round_id.not_in(but))
        .group_by(Question.id, Question.merged_into_id)
    )
    found: Counter[int] = Counter()
    for question_id, stands_for, papers in rows:
        for one in {question_id, stands_for or question_id}:
            found[one] += int(papers)
    return dict(found)
