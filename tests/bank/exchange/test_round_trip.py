"""Province → commune → edits → back: what one sends the other has, and nothing of either is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from examapp.bank.models import Question, QuestionState, QuestionVersion


def versions(place, uid):
    query = (
        select(QuestionVersion.number, QuestionVersion.digest, QuestionVersion.stem)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.uid == uid)
        .order_by(QuestionVersion.number)
    )
    return [tuple(row) for row in place.all(query)]


def test_a_package_brings_questions_to_another_installation(province, commune):
    question = province.question()
    commune.trust(province)
    page = commune.receive(province.pack())
    assert "Câu mới (1)" in page.text
    assert versions(commune, question.uid) == versions(province, question.uid)
    assert commune.ask(select(Question.state)) is QuestionState.IN_REVIEW
