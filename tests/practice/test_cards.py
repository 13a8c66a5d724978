"""The scheduler: without chance, further off the better the answer, never beyond its bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from fsrs import Card, Rating
from hypothesis import given
from hypothesis import strategies as st

from examapp.practice.cards import SCHEDULER, rating

START = datetime(2026, 7, 1, tzinfo=UTC)
RATINGS = (Rating.Again, Rating.Hard, Rating.Good, Rating.Easy)
HISTORY = st.lists(st.tuples(st.sampled_from(RATINGS), st.integers(0, 400)), max_size=8)


def after(history: list[tuple[Rating, int]]) -> tuple[Card, datetime]:
    card, moment = Card(card_id=0, due=START), START
    for grade, days in history:
        card, _log = SCHEDULER.review_card(card, grade, moment)
        moment += timedelta(days=days)
    return card, moment


@given(HISTORY)
def test_the_better_the_answer_the_later_it_comes_again(history):
    card, moment = after(history)
    dues = [SCHEDULER.review_card(card, grade, moment)[0].due for grade in RATINGS]
    assert dues == sorted(dues)
    assert moment < dues[0] <= dues[-1] <= moment + timedelta(days=180)


@given(HISTORY)
def test_the_same_answers_give_the_same_days(history):
    assert after(history) == after(history)


@given(st.fractions(0, 1), st.integers(0, 3600), st.none() | st.integers(1, 600))
def test_the_rating_is_of_what_was_earned(share, seconds, expected):
    found = rating(share, seconds=seconds, expected=expected)
    if share == 1:
        assert found in {Rating.Good, Rating.Easy}
        assert (found is Rating.Easy) == (expected is not None and 2 * seconds <= expected)
    else:
        assert found is (Rating.Hard if share > 0 else Rating.Again)


def test_half_the_expected_time_is_quick():
    assert rating(Fraction(1), seconds=30, expected=60) is Rating.Easy
    assert rating(Fraction(1), seconds=31, expected=60) is Rating.Good
