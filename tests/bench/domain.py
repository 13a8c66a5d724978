"""The exam domain by itself: a thousand papers drawn, near-duplicates over a whole bank."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from question_bank import starter
from question_bank.draw import Drawer, Section, arrange, seeded
from question_bank.matrix import Item, Row
from question_bank.question import Level, Question
from question_bank.similarity import Index, fingerprint
from tests.bench.figures import Figure

POOL, PAPERS, LONG = 20_000, 1000, 60
BANK = 50_000
PLANTED = 1000
"""Questions of the bank that are another one with a word changed, or with other numbers."""
TIMES = 3


def measure_draw() -> list[Figure]:
    """Papers of 20 common questions and 40 of the position, drawn and laid out, each for a candidate of its own."""
    questions = dict(enumerate(bank(POOL)))
    topics = [f"cd_{number}" for number in range(20)]
    items = tuple(Item(key, topics[key % 20], list(Level)[key // 20 % 4], exposure=key % 7) for key in questions)
    half = POOL // 2
    sections = (
        Section("chung", _rows(topics[:5]), items[:half]),
        Section("tp_tu_phap", _rows(topics[5:15]), items[half:]),
    )

    def act() -> None:
        drawer = Drawer(sections, b"bench")
        for number in range(PAPERS):
            paper = arrange(drawer.draw(number), questions, seeded(b"bench", number))
            assert len(paper) == LONG

    told = f"{PAPERS} papers of {LONG} questions from {POOL}, drawn and laid out; quickest of {TIMES}"
    return [Figure("draw.1000x60_s", _quickest(act), "s", told)]


def _rows(topics: list[str]) -> tuple[Row, ...]:
    return tuple(Row(topic, level, 1, 1000) for topic in topics for level in Level)


def measure_duplicates() -> list[Figure]:
    """Every alike pair of a bank, from its questions on; then one question against the finished index."""
    questions = bank(BANK)
    found: list[int] = []

    def whole() -> None:
        index = Index((key, fingerprint(question)) for key, question in enumerate(questions))
        found.append(sum(1 for _pair in index.pairs()))

    seconds = _quickest(whole, times=1)
    assert found[0] >= PLANTED // 2, "the planted ones were not found"
    index = Index((key, fingerprint(question)) for key, question in enumerate(questions))
    asked = questions[:: BANK // 200]
    times = sorted(_timed(lambda one=one: index.find(fingerprint(one))) for one in asked)  # type: ignore[misc]
    told = f"{BANK} questions of varied stems, {PLANTED} of them planted near-duplicates"
    return [
        Figure("duplicates.bank_50000_s", seconds, "s", f"{told}: fingerprints, index, {found[0]} pairs"),
        Figure("duplicates.one_ms", times[len(times) * 95 // 100] * 1000, "ms", f"{told}; the 95th of a hundred"),
        Figure("duplicates.one_median_ms", times[len(times) // 2] * 1000, "ms", told),
    ]


def bank(size: int) -> list[Question]:
    """Questions whose words are those of the starter bank, in stems of their own; some planted alike."""
    rng = random.Random(7)
    base = starter.load()
    words = [word for question in base for word in question.stem.split()]
    questions = [_varied(base[n % len(base)], words, rng) for n in range(size - PLANTED)]
    return questions + list(_planted(questions, words, rng))


def _varied(question: Question, words: list[str], rng: random.Random) -> Question:
    opening = question.stem.split()[:6]
    rest = rng.choices(words, k=rng.randint(8, 24))
    return replace(question, stem=" ".join([*opening, *rest]) + "?")


def _planted(questions: list[Question], words: list[str], rng: random.Random) -> Iterator[Question]:
    for question in rng.sample(questions, PLANTED):
        stem = question.stem.split()
        stem[rng.randrange(7, len(stem))] = rng.choice([*words, "12", "30"])
        yield replace(question, stem=" ".join(stem))


def _timed(act: Callable[[], object]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def _quickest(act: Callable[[], object], times: int = TIMES) -> float:
    return min(_timed(act) for _ in range(times))
