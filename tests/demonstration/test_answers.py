"""Made-up answers have the shape of their kind; who knows it earns everything."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from examapp.demonstration.answers import make_up
from question_bank.kinds import get_kind
from question_bank.question import Question
from tests.question_bank.sound import SOUND


@given(st.one_of(*SOUND.values()), st.integers(0, 99), st.booleans())
@settings(max_examples=150)
def test_an_answer_of_every_kind(question: Question, seed: int, right: bool) -> None:
    kind, chance = get_kind(question.kind), random.Random(seed)
    order = kind.shuffle(question, chance)
    response = make_up(question, order, right, chance)
    assert kind.accepts(response, order)
    assert kind.is_answered(response)
    if right and not kind.marked_by_people:
        assert kind.mark(question, order, response) == 1
