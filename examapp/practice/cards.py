"""When to repeat what: spaced repetition by FSRS, without chance, from what an answer was worth."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from fsrs import Card, Rating, Scheduler, State

from examapp.core.db import db
from examapp.practice.models import CardState, PracticeCard
from question_bank.marking import round_half_up

NEW_A_DAY = 20
"""New questions on one day; those that are due come first and without a limit."""

KNOWN_AFTER = 21.0
"""Days of stability from which a question counts as known (thuộc)."""

QUICK = Fraction(1, 2)
"""Right within this share of the expected time is right without thinking."""

AGAIN = timedelta(minutes=10)

SCHEDULER = Scheduler(
    desired_retention=0.9,
    learning_steps=[AGAIN],
    relearning_steps=[AGAIN],
    maximum_interval=180,  # law changes, and the exams come round
    enable_fuzzing=False,
)

_STATES = {
    CardState.LEARNING: State.Learning,
    CardState.REVIEW: State.Review,
    CardState.RELEARNING: State.Relearning,
}
_NAMES = {state: name for name, state in _STATES.items()}


def rating(share: Fraction, *, seconds: int, expected: int | None) -> Rating:
    """What the scheduler is told of an answer."""
    if share < 1:
        return Rating.Hard if share > 0 else Rating.Again
    quick = expected is not None and seconds <= expected * QUICK
    return Rating.Easy if quick else Rating.Good


def learn(official_id: int, question_id: int, grade: Rating, *, share: Fraction, at: datetime) -> PracticeCard:
    """Take an answer into the person's card of the question; the first one makes it."""
    card = db.session.get(PracticeCard, (official_id, question_id), with_for_update=True)
    after, _log = SCHEDULER.review_card(_read(card), grade, at)
    assert after.stability is not None
    assert after.difficulty is not None
    if card is None:
        card = PracticeCard(official_id=official_id, question_id=question_id, first_at=at, answers=0)
        db.session.add(card)
    card.state, card.step = _NAMES[after.state], after.step
    card.stability, card.difficulty = after.stability, after.difficulty
    card.due_at, card.answered_at = after.due, at
    card.answers += 1
    card.share = round_half_up(share * 1000)
    db.session.flush()
    return card


def _read(card: PracticeCard | None) -> Card:
    if card is None:
        return Card(card_id=0)
    return Card(
        card_id=0,
        state=_STATES[card.state],
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due_at,
        last_review=card.answered_at,
    )
