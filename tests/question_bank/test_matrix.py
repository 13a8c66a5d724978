"""Whether a pool can fill a matrix, against a matching of single items made the simple way."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.matrix import (
    Allocation,
    Item,
    Row,
    feasibility,
    is_feasible,
    level_shares,
    question_count,
    total_points,
)
from question_bank.question import Level

RECALL, COMPREHENSION, APPLICATION = Level.RECALL, Level.COMPREHENSION, Level.APPLICATION
TOPICS = ["đất đai", "hộ tịch", "một cửa"]


def row(topics: str, count: int, level: Level = RECALL, points: int = 250) -> Row:
    """``topics`` are separated by "+"; empty means all."""
    return Row(frozenset(topics.split("+") if topics else ()), level, count, points)


def pool(**counts: int) -> list[Item]:
    """So many items of RECALL for each topic name, blanks written as underscores."""
    topics = [topic.replace("_", " ") for topic, count in counts.items() for _ in range(count)]
    return [Item(number, topic, RECALL) for number, topic in enumerate(topics, start=1)]


rows = st.lists(
    st.builds(
        Row,
        st.frozensets(st.sampled_from(TOPICS), max_size=2),
        st.sampled_from([RECALL, COMPREHENSION]),
        st.integers(0, 4),
        st.integers(0, 1000),
    ),
    max_size=5,
)
pools = st.lists(st.tuples(st.sampled_from(TOPICS), st.sampled_from([RECALL, COMPREHENSION])), max_size=14).map(
    lambda pairs: [Item(number, topic, level) for number, (topic, level) in enumerate(pairs)]
)


def most_filled(matrix: list[Row], items: list[Item]) -> int:
    """The size of a maximum matching between single items and single places, by the textbook method."""
    places = [row for row in matrix for _ in range(row.count)]
    taken_by: dict[int, int] = {}

    def seat(item: int, seen: set[int]) -> bool:
        for place, wanted in enumerate(places):
            if place not in seen and wanted.takes(items[item].topic, items[item].level):
                seen.add(place)
                if place not in taken_by or seat(taken_by[place], seen):
                    taken_by[place] = item
                    return True
        return False

    return sum(seat(item, set()) for item in range(len(items)))


@pytest.mark.parametrize(
    ("matrix", "items", "available", "fillable"),
    [
        ([], pool(đất_đai=3), [], []),
        ([row("đất đai", 2)], [], [0], [0]),
        ([row("đất đai", 2)], pool(đất_đai=3), [3], [2]),
        ([row("đất đai", 5)], pool(đất_đai=3), [3], [3]),
        ([row("đất đai", 0)], pool(đất_đai=3), [3], [0]),
        ([row("", 4)], pool(đất_đai=3, hộ_tịch=1), [4], [4]),
        # Two rows over the same items: both see all of them, together they get no more than there are.
        ([row("đất đai", 2), row("đất đai", 2)], pool(đất_đai=3), [3, 3], [2, 1]),
        # The wide row leaves the narrow one what only it can take, wherever it stands.
        ([row("đất đai+hộ tịch", 3), row("đất đai", 2)], pool(đất_đai=2, hộ_tịch=3), [5, 2], [3, 2]),
        ([row("đất đai", 2), row("đất đai+hộ tịch", 3)], pool(đất_đai=2, hộ_tịch=3), [2, 5], [2, 3]),
        # A chain: the third row is filled only when both others move over.
        (
            [row("đất đai+hộ tịch", 2), row("hộ tịch+một cửa", 2), row("một cửa", 2)],
            pool(đất_đai=2, hộ_tịch=2, một_cửa=2),
            [4, 4, 2],
            [2, 2, 2],
        ),
        # What lacks is shown at the last of the rows that compete.
        ([row("đất đai+hộ tịch", 3), row("đất đai", 2)], pool(đất_đai=2, hộ_tịch=2), [4, 2], [3, 1]),
    ],
)
def test_what_a_pool_can_fill(matrix: list[Row], items: list[Item], available: list[int], fillable: list[int]) -> None:
    found = feasibility(matrix, items)

    assert [cell.row for cell in found] == matrix
    assert [cell.needed for cell in found] == [row.count for row in matrix]
    assert [cell.available for cell in found] == available
    assert [cell.fillable for cell in found] == fillable
    assert [cell.missing for cell in found] == [row.count - got for row, got in zip(matrix, fillable, strict=True)]


def test_levels_are_apart() -> None:
    found = feasibility([row("đất đai", 1, RECALL), row("đất đai", 1, APPLICATION)], pool(đất_đai=5))

    assert [cell.is_feasible for cell in found] == [True, False]
    assert not is_feasible(found)
    assert is_feasible(found[:1])


def test_an_item_listed_twice_counts_once() -> None:
    assert feasibility([row("đất đai", 2)], pool(đất_đai=1) * 2)[0].fillable == 1


@given(rows, pools)
@settings(max_examples=150)
def test_the_fillable_is_the_maximum(matrix: list[Row], items: list[Item]) -> None:
    found = feasibility(matrix, items)

    assert sum(cell.fillable for cell in found) == most_filled(matrix, items)
    assert all(0 <= cell.fillable <= min(cell.needed, cell.available) for cell in found)


@given(rows, pools)
@settings(max_examples=60)
def test_rows_further_up_are_served_first(matrix: list[Row], items: list[Item]) -> None:
    found = feasibility(matrix, items)

    for length in range(len(matrix)):
        assert [c.fillable for c in feasibility(matrix[:length], items)] == [c.fillable for c in found[:length]]


@given(
    rows, st.lists(st.frozensets(st.integers(0, 4), min_size=1).map(lambda found: tuple(sorted(found))), max_size=20)
)
@settings(max_examples=60)
def test_an_allocation_never_overfills_and_loses_nothing(matrix: list[Row], offered: list[tuple[int, ...]]) -> None:
    allocation = Allocation([row.count for row in matrix] + [0] * (5 - len(matrix)))
    accepted = Counter(signature for signature in offered if allocation.add(signature))
    held = [allocation.held(index) for index in range(5)]

    assert sum(held, Counter()) == accepted
    assert all(allocation.filled(index) <= row.count for index, row in enumerate(matrix))
    assert all(index in signature for index, signatures in enumerate(held) for signature in signatures)


def test_a_large_pool_with_overlapping_rows_is_filled() -> None:
    names = [f"chủ đề {number}" for number in range(60)]
    levels = list(Level)
    items = [Item(number, names[number % 60], levels[number // 60 % 4]) for number in range(20_000)]
    matrix = [Row(frozenset(names[start : start + 9]), level, 5, 250) for start in range(0, 60, 4) for level in levels]

    found = feasibility(matrix, items)

    assert is_feasible(found)


def test_totals() -> None:
    matrix = [row("đất đai", 6, RECALL, 250), row("hộ tịch", 2, APPLICATION, 500)]

    assert question_count(matrix) == 8
    assert total_points(matrix) == 2500
    assert level_shares(matrix) == {
        Level.RECALL: Fraction(3, 4),
        Level.COMPREHENSION: 0,
        Level.APPLICATION: Fraction(1, 4),
        Level.ADVANCED_APPLICATION: 0,
    }


def test_totals_of_an_empty_matrix() -> None:
    assert question_count([]) == total_points([]) == 0
    assert set(level_shares([]).values()) == {0}


@pytest.mark.parametrize(("count", "points"), [(-1, 250), (1, -250)])
def test_a_row_has_no_negative_numbers(count: int, points: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        Row(frozenset(), RECALL, count, points)
