"""What is sealed of a paper, and what of it a candidate receives."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.draw import Drawn, arrange
from question_bank.kinds import KINDS
from question_bank.paper import Layout, Slot, changed_slots, delivered
from question_bank.question import Citation, Level, Option, Question, canonical_json

SLOT = Slot(1, "Phần chung", 41, "ab" * 32, "single_choice", (2, 0, 1), 250)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def question(kind: str, texts: list[str], key: tuple[int, ...]) -> Question:
    """A question whose every part a candidate must not see says so."""
    return Question(
        kind=kind,
        stem="Thời hạn giải quyết là bao lâu?",
        options=tuple(Option(text, index in key) for index, text in enumerate(texts)),
        level=Level.APPLICATION,
        topic="CHỦ ĐỀ",
        positions=("VỊ TRÍ",),
        explanation=f"GIẢI THÍCH {key}",
        citations=(Citation("VĂN BẢN"),),
        tags=("THẺ",),
        seconds=77,
        ref="NGUỒN",
    )


def keys_of(kind: str, count: int) -> list[tuple[int, ...]]:
    """Every key a question of this kind and so many options may have."""
    if kind == "multiple_response":
        return list(chain.from_iterable(combinations(range(count), size) for size in range(1, count)))
    return [(index,) for index in range(count)]


@pytest.mark.parametrize("kind", ["single_choice", "multiple_response", "true_false"])
@given(data=st.data(), seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_the_delivered_bytes_are_the_same_whichever_option_is_right(kind: str, data: st.DataObject, seed: int) -> None:
    """The whole way: the options are shuffled, laid out and delivered for each possible key."""
    texts = ["Đúng", "Sai"]
    if kind != "true_false":
        spoken = st.sampled_from(["Tất cả các phương án trên", "Cả A và B đều đúng"])
        texts = data.draw(st.lists(words | spoken, min_size=2, max_size=5, unique=True))

    def bytes_for(key: tuple[int, ...]) -> bytes:
        questions = {1: question(kind, texts, key), 2: question(kind, texts[::-1], key)}
        drawn = [Drawn("Phần chung", number, 250) for number in questions]
        return canonical_json(delivered(Layout(arrange(drawn, questions, random.Random(seed)), 30), questions))

    assert len({bytes_for(key) for key in keys_of(kind, len(texts))}) == 1


def test_the_candidate_receives_what_is_displayed_and_nothing_else() -> None:
    asked = question("single_choice", ["3 ngày", "5 ngày", "7 ngày"], (1,))

    received = delivered(Layout((SLOT,), 30), {41: asked})

    assert received == [
        {
            "slot": 1,
            "section": "Phần chung",
            "kind": "single_choice",
            "stem": "Thời hạn giải quyết là bao lâu?",
            "stem_html": "",
            "points": 250,
            "body": {"options": ["7 ngày", "3 ngày", "5 ngày"], "options_html": ["", "", ""]},
        }
    ]


@pytest.mark.parametrize(
    "secret", ["GIẢI THÍCH", "CHỦ ĐỀ", "VỊ TRÍ", "VĂN BẢN", "THẺ", "NGUỒN", "van_dung", "77", "41", "abab", "correct"]
)
def test_no_secret_is_delivered(secret: str) -> None:
    asked = question("single_choice", ["3 ngày", "5 ngày", "7 ngày"], (1,))

    assert secret not in canonical_json(delivered(Layout((SLOT,), 30), {41: asked})).decode()


slots = st.builds(
    Slot,
    number=st.integers(1, 99),
    section=words,
    question_id=st.integers(1, 2**40),
    digest=st.just("cd" * 32),
    kind=st.sampled_from(sorted(KINDS)),
    order=st.permutations(range(4)).map(tuple),
    points=st.integers(0, 5000),
)


@given(st.builds(Layout, st.lists(slots, max_size=5).map(tuple), st.integers(1, 240)))
@settings(max_examples=60)
def test_a_layout_survives_its_bytes(layout: Layout) -> None:
    again = Layout.from_json(json.loads(layout.canonical()))

    assert again == layout
    assert again.canonical() == layout.canonical()
    assert again.digest() == layout.digest()


@pytest.mark.parametrize(
    "change", [{"order": (0, 1, 2)}, {"points": 500}, {"question_id": 42}, {"digest": "00"}, {"number": 2}]
)
def test_any_change_to_a_slot_changes_the_digest(change: dict[str, object]) -> None:
    changed = Layout((replace(SLOT, **change),), 30)  # type: ignore[arg-type]

    assert changed.digest() != Layout((SLOT,), 30).digest()


def test_the_minutes_are_sealed_too_and_the_points_add_up() -> None:
    assert Layout((SLOT,), 30).digest() != Layout((SLOT,), 31).digest()
    assert Layout((SLOT, replace(SLOT, number=2, points=500)), 30).points == 750


def test_changed_and_missing_questions_are_found() -> None:
    kept, reworded = (question("single_choice", ["3 ngày", text], (0,)) for text in ("5 ngày", "7 ngày"))
    bank = {1: kept, 2: kept, 3: kept}
    layout = Layout(arrange([Drawn("Phần chung", number, 250) for number in bank], bank, random.Random(1)), 30)

    assert changed_slots(layout, bank) == []
    assert {slot.question_id for slot in changed_slots(layout, {1: kept, 2: reworded})} == {2, 3}
