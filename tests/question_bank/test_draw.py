"""Papers drawn from pools: full, without repeats, fair, the same for the same seed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.draw import CannotFill, Drawer, Drawn, Section, Seed, arrange, draw, feasibility_of, seeded
from question_bank.matrix import Item, Row, is_feasible
from question_bank.question import Level, Option, Question, question_digest

RECALL, COMPREHENSION = Level.RECALL, Level.COMPREHENSION
TOPICS = ["đất đai", "hộ tịch", "một cửa"]


def row(topics: str, count: int, level: Level = RECALL, points: int = 250) -> Row:
    return Row(frozenset(topics.split("+") if topics else ()), level, count, points)


def items(topic: str, ids: range, level: Level = RECALL, exposure: int = 0) -> tuple[Item, ...]:
    return tuple(Item(number, topic, level, exposure) for number in ids)


def one(rows: list[Row], pool: tuple[Item, ...]) -> list[Section]:
    return [Section("Phần chung", tuple(rows), pool)]


def ids(paper: list[Drawn]) -> list[int]:
    return [drawn.item_id for drawn in paper]


levels = st.sampled_from([RECALL, COMPREHENSION])
matrices = st.lists(
    st.builds(
        Row, st.frozensets(st.sampled_from(TOPICS), max_size=2), levels, st.integers(0, 3), st.sampled_from([250, 500])
    ),
    max_size=4,
).map(tuple)


@st.composite
def sections(draw: st.DrawFn) -> list[Section]:
    """Two sections whose pools are parts of one bank and may overlap."""
    bank = [
        Item(number, draw(st.sampled_from(TOPICS)), draw(levels), draw(st.integers(0, 2)))
        for number in range(draw(st.integers(0, 18)))
    ]
    split, overlap = draw(st.integers(0, len(bank))), draw(st.integers(0, 4))
    return [
        Section("Phần chung", draw(matrices), tuple(bank[: split + overlap])),
        Section("Phần riêng", draw(matrices), tuple(bank[split:])),
    ]


some_ids = st.frozensets(st.integers(0, 17), max_size=5)


# One paper


@given(sections(), st.integers(), some_ids, some_ids)
@settings(max_examples=200)
def test_a_paper_is_drawn_exactly_when_the_matrix_is_feasible(
    parts: list[Section], seed: int, avoid: frozenset[int], prefer_not: frozenset[int]
) -> None:
    short = [cell for cell in feasibility_of(parts, avoid) if not cell.is_feasible]
    if short:
        with pytest.raises(CannotFill) as caught:
            draw(parts, seed=seed, avoid=avoid, prefer_not=prefer_not)
        assert caught.value.cells == short
        return

    paper = draw(parts, seed=seed, avoid=avoid, prefer_not=prefer_not)
    assert len(set(ids(paper))) == len(paper)
    assert not avoid & set(ids(paper))
    assert_rows_filled(parts, paper)


def assert_rows_filled(parts: list[Section], paper: list[Drawn]) -> None:
    """The paper lists its questions section by section, row by row, each eligible where it stands."""
    rest = iter(paper)
    for part in parts:
        pool = {item.id: item for item in part.pool}
        for wanted in part.rows:
            for _ in range(wanted.count):
                drawn = next(rest)
                item = pool[drawn.item_id]
                assert drawn == Drawn(part.name, item.id, wanted.points)
                assert wanted.takes(item.topic, item.level)
    assert not list(rest)


@given(sections(), st.integers(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_same_seed_gives_the_same_paper_however_the_pool_is_listed(
    parts: list[Section], seed: int, chance: random.Random
) -> None:
    mixed = [Section(p.name, p.rows, tuple(chance.sample(p.pool, len(p.pool)))) for p in parts]
    try:
        paper = draw(parts, seed=seed)
    except CannotFill:
        return

    assert draw(mixed, seed=seed) == paper


def test_another_seed_gives_another_paper() -> None:
    parts = one([row("đất đai", 5)], items("đất đai", range(100)))

    assert len({tuple(sorted(ids(draw(parts, seed=seed)))) for seed in range(20)}) == 20


def test_the_less_exposed_come_first() -> None:
    pool = items("đất đai", range(10), exposure=3) + items("đất đai", range(10, 14), exposure=1)

    assert set(ids(draw(one([row("đất đai", 4)], pool), seed="k"))) == {10, 11, 12, 13}


def test_a_question_seen_lately_comes_only_when_nothing_else_is_left() -> None:
    pool = items("đất đai", range(4), exposure=9) + items("đất đai", range(4, 8))
    seen = frozenset(range(4, 8))

    assert set(ids(draw(one([row("đất đai", 4)], pool), seed=1, prefer_not=seen))) == {0, 1, 2, 3}
    assert {0, 1, 2, 3} < set(ids(draw(one([row("đất đai", 6)], pool), seed=1, prefer_not=seen)))


def test_a_wide_row_gives_way_to_a_narrow_one() -> None:
    """The welcome questions of "đất đai" are needed by the second row; the first takes the exposed ones."""
    pool = items("đất đai", range(3)) + items("hộ tịch", range(3, 6), exposure=50)

    paper = draw(one([row("đất đai+hộ tịch", 3), row("đất đai", 3)], pool), seed=0)

    assert set(ids(paper[:3])) == {3, 4, 5}
    assert set(ids(paper[3:])) == {0, 1, 2}


@given(sections(), st.integers(), some_ids)
@settings(max_examples=80)
def test_no_drawn_question_could_be_changed_for_a_more_welcome_one(
    parts: list[Section], seed: int, prefer_not: frozenset[int]
) -> None:
    try:
        paper = draw(parts, seed=seed, prefer_not=prefer_not)
    except CannotFill:
        return
    bank = {item.id: item for part in parts for item in part.pool}
    taken = set(ids(paper))

    def dislike(number: int) -> tuple[bool, int]:
        return number in prefer_not, bank[number].exposure

    for number in taken:
        for other in bank.keys() - taken:
            if dislike(other) < dislike(number):
                kept = bank.keys() - taken - {other} | {number}
                assert not is_feasible(feasibility_of(parts, avoid=frozenset(kept)))


def test_what_lacks_is_named() -> None:
    parts = [
        Section("Phần chung", (row("đất đai", 2),), items("đất đai", range(5))),
        Section("Phần riêng", (row("hộ tịch", 3), row("một cửa", 2)), items("hộ tịch", range(5, 7))),
    ]

    with pytest.raises(CannotFill) as caught:
        draw(parts, seed=0)

    assert [(c.section, c.row.topics, c.needed, c.available, c.fillable) for c in caught.value.cells] == [
        ("Phần riêng", frozenset({"hộ tịch"}), 3, 2, 2),
        ("Phần riêng", frozenset({"một cửa"}), 2, 0, 0),
    ]
    assert str(caught.value) == "Không đủ câu hỏi để rút đề: thiếu 3 câu ở 2 dòng của ma trận."


def test_a_question_of_both_pools_is_asked_once() -> None:
    shared = items("đất đai", range(3))
    parts = [Section("Phần chung", (row("đất đai", 2),), shared), Section("Phần riêng", (row("đất đai", 2),), shared)]

    with pytest.raises(CannotFill):
        draw(parts, seed=0)
    assert len(set(ids(draw([parts[0], Section("Phần riêng", (row("đất đai", 1),), shared)], seed=0)))) == 3


def test_an_empty_matrix_gives_an_empty_paper() -> None:
    assert draw([], seed=0) == draw(one([], items("đất đai", range(3))), seed=0) == []


# The papers of a round


def test_equally_eligible_questions_are_used_equally_often() -> None:
    parts = one([row("đất đai", 7), row("hộ tịch", 3)], items("đất đai", range(20)) + items("hộ tịch", range(20, 31)))
    drawer = Drawer(parts, "kỳ 1")

    for candidate in range(50):
        drawer.draw(str(candidate))
        for group in (range(20), range(20, 31)):
            uses = [drawer.uses[number] for number in group]
            assert max(uses) - min(uses) <= 1


def test_uses_stay_equal_when_earlier_exposure_differs() -> None:
    pool = items("đất đai", range(5), exposure=40) + items("đất đai", range(5, 10))
    drawer = Drawer(one([row("đất đai", 2)], pool), "kỳ 1")

    first = [number for candidate in range(2) for number in ids(drawer.draw(candidate))]
    for candidate in range(2, 10):
        drawer.draw(candidate)

    assert set(first) < set(range(5, 10))
    assert set(drawer.uses.values()) == {2}


def test_uses_stay_balanced_when_candidates_avoid_some() -> None:
    drawer = Drawer(one([row("đất đai", 6)], items("đất đai", range(40))), "kỳ 1")
    chance = random.Random(3)

    for candidate in range(200):
        drawer.draw(candidate, avoid=frozenset(chance.sample(range(40), 8)))

    uses = drawer.uses.values()
    assert sum(uses) == 1200
    assert max(uses) - min(uses) <= 2


def test_papers_of_a_round_do_not_come_in_fixed_sets() -> None:
    """After each question was used once the sets are mixed anew, so that two papers seldom agree."""
    drawer = Drawer(one([row("đất đai", 5)], items("đất đai", range(20))), "kỳ 1")

    assert len({tuple(sorted(ids(drawer.draw(candidate)))) for candidate in range(40)}) > 35


def test_a_round_can_be_drawn_again() -> None:
    parts = one([row("đất đai+hộ tịch", 4), row("", 3)], items("đất đai", range(15)) + items("hộ tịch", range(15, 30)))

    def papers(seed: Seed, keys: list[str]) -> list[list[Drawn]]:
        drawer = Drawer(parts, seed)
        return [drawer.draw(key, prefer_not=frozenset({len(key)})) for key in keys]

    keys = [f"CB{number}" for number in range(12)]
    assert papers("a", keys) == papers("a", keys)
    assert papers("a", keys) != papers("b", keys)


def test_a_paper_that_cannot_be_filled_uses_nothing() -> None:
    parts = one([row("đất đai", 3), row("hộ tịch", 1)], items("đất đai", range(5)) + items("hộ tịch", range(5, 6)))
    tried, untried = Drawer(parts, "kỳ 1"), Drawer(parts, "kỳ 1")

    with pytest.raises(CannotFill):
        tried.draw("CB1", avoid=frozenset({5}))

    assert tried.uses == untried.uses == dict.fromkeys(range(6), 0)
    assert tried.draw("CB2") == untried.draw("CB2")


def test_a_thousand_papers_from_a_large_bank_are_whole() -> None:
    chance = random.Random(5)
    bank = [Item(n, f"chủ đề {chance.randrange(40)}", chance.choice(list(Level)), n % 7) for n in range(20_000)]
    common = tuple(Row(frozenset(f"chủ đề {t}" for t in range(10)), level, 5, 250) for level in Level)
    own = tuple(
        Row(frozenset(f"chủ đề {t}" for t in range(first, first + 12)), level, 2, 250)
        for level in Level
        for first in (5, 12, 19, 24, 28)
    )
    parts = [Section("Phần chung", common, tuple(bank[:12_000])), Section("Phần riêng", own, tuple(bank[8_000:]))]

    drawer = Drawer(parts, "kỳ 1")
    papers = [drawer.draw(f"CB{number}", avoid=frozenset(range(number, number + 60))) for number in range(1000)]

    assert {len(set(ids(paper))) for paper in papers} == {60}


@pytest.mark.parametrize(("first", "second"), [((1,), ("1",)), (("ab", "c"), ("a", "bc")), ((b"a",), ("a",))])
def test_different_seeds_are_not_mixed_up(first: tuple[Seed, ...], second: tuple[Seed, ...]) -> None:
    assert seeded(*first).random() == seeded(*first).random() != seeded(*second).random()


# The order on paper


def bank_of(count: int) -> dict[int, Question]:
    texts = ("3 ngày", "5 ngày", "7 ngày", "Tất cả các phương án trên")
    options = tuple(Option(text, index == 0) for index, text in enumerate(texts))
    return {number: Question("single_choice", f"Câu {number}?", options) for number in range(count)}


def test_questions_are_mixed_within_their_section_only() -> None:
    questions = bank_of(20)
    drawn = [Drawn("Phần chung", n, 250) for n in range(8)] + [Drawn("Phần riêng", n, 500) for n in range(8, 20)]

    slots = arrange(drawn, questions, random.Random(1))

    assert [slot.number for slot in slots] == list(range(1, 21))
    assert [slot.section for slot in slots] == ["Phần chung"] * 8 + ["Phần riêng"] * 12
    assert [slot.points for slot in slots] == [250] * 8 + [500] * 12
    assert sorted(slot.question_id for slot in slots[:8]) == list(range(8))
    assert [slot.question_id for slot in slots] != list(range(20))


def test_a_slot_keeps_what_the_question_said() -> None:
    questions = bank_of(1)

    (slot,) = arrange([Drawn("Phần chung", 0, 250)], questions, random.Random(1))

    assert (slot.kind, slot.digest) == ("single_choice", question_digest(questions[0]))
    assert slot.order[3] == 3


def test_an_arrangement_is_seeded() -> None:
    questions = bank_of(10)
    drawn = [Drawn("Phần chung", number, 250) for number in questions]

    assert arrange(drawn, questions, random.Random(4)) == arrange(drawn, questions, random.Random(4))
    assert arrange(drawn, questions, random.Random(4)) != arrange(drawn, questions, random.Random(5))
