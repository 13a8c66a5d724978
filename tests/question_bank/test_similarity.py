"""Near-duplicates: what kind of likeness, none missed, the whole bank and one question agree."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank import similarity
from question_bank.question import Option, Question
from question_bank.similarity import NEAR, Fingerprint, Index, Likeness, Pair, compare, fingerprint, groups

WORDS = ["thoi", "han", "dang", "ky", "khai", "sinh", "la", "bao", "nhieu", "ngay", "#"]
SKELETONS = st.lists(st.sampled_from(WORDS), min_size=0, max_size=12).map(" ".join)


def question(stem: str, *options: str) -> Question:
    return Question("single_choice", stem, tuple(Option(text, n == 0) for n, text in enumerate(options or ("a", "b"))))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (question("Thời hạn đăng ký khai sinh?"), question("thời hạn  đăng ký KHAI SINH"), Likeness.SAME),
        (
            question("Thời hạn đăng ký?", "5 ngày", "7 ngày"),
            question("Thời hạn đăng ký?", "a", "b"),
            Likeness.SAME_STEM,
        ),
        (question("Thời hạn đăng ký?", "a", "b"), question("Thời hạn đăng ký?", "b", "a"), Likeness.SAME),
        (
            question("Diện tích thửa đất 120,5 m2, giá 3.000.000 đồng: tính tiền?"),
            question("Diện tích thửa đất 98 m2, giá 2.500.000 đồng: tính tiền?"),
            Likeness.NUMBERS,
        ),
        (
            question("Cơ quan nào có thẩm quyền đăng ký khai sinh cho trẻ em có yếu tố nước ngoài?"),
            question("Cơ quan nào có thẩm quyền đăng ký khai sinh cho trẻ có yếu tố nước ngoài?"),
            Likeness.SIMILAR,
        ),
        (question("Thời hạn đăng ký khai sinh?"), question("Mức phạt khi lấn chiếm đất công?"), None),
    ],
)
def test_the_kind_of_likeness(one: Question, other: Question, expected: Likeness | None) -> None:
    found = compare(fingerprint(one), fingerprint(other))
    assert (found and found[0]) == expected
    index = Index([(1, fingerprint(one))])
    assert [match.likeness for match in index.find(fingerprint(other))] == ([expected] if expected else [])


def test_letters_without_marks_are_the_same_letters() -> None:
    typed = fingerprint(question("Thoi han dang ky ket hon?"))
    assert compare(typed, fingerprint(question("Thời hạn đăng ký kết hôn?")))


def near(one: str, other: str) -> bool:
    """The promise, said without any index."""
    left, right = set(similarity._word_pairs(one)), set(similarity._word_pairs(other))
    return len(left & right) >= NEAR * len(left | right)


@given(st.lists(SKELETONS, min_size=1, max_size=12))
def test_nothing_near_is_missed_and_nothing_else_is_told(skeletons: list[str]) -> None:
    prints = {key: Fingerprint(text, text, frozenset()) for key, text in enumerate(skeletons)}
    index = Index(prints.items())
    expected = {
        Pair(first, second, *alike)
        for (first, one), (second, other) in itertools.combinations(prints.items(), 2)
        if near(one.skeleton, other.skeleton) and (alike := compare(one, other))
    }
    assert set(index.pairs()) == expected
    for key, found in prints.items():
        alone = {(match.key, match.likeness, match.score) for match in index.find(found, skip=key)}
        beside = {
            (pair.second if pair.first == key else pair.first, pair.likeness, pair.score)
            for pair in expected
            if key in (pair.first, pair.second)
        }
        assert alone == beside


@given(st.lists(SKELETONS, min_size=2, max_size=8))
def test_a_question_that_goes_leaves_nothing(skeletons: list[str]) -> None:
    prints = [Fingerprint(text, text, frozenset()) for text in skeletons]
    index = Index(enumerate(prints))
    index.remove(0)
    assert len(index) == len(prints) - 1
    assert 0 not in {match.key for found in prints for match in index.find(found)}
    index.add(0, prints[0])
    assert set(index.pairs()) == set(Index(enumerate(prints)).pairs())


def test_the_most_alike_come_first_and_not_too_many() -> None:
    base = "Thời hạn giải quyết hồ sơ đăng ký biến động đất đai là bao nhiêu ngày"
    others = [question(f"{base} {number}") for number in range(30)]
    index = similarity.index_of(dict(enumerate([question(base + " 3"), *others])))
    found = index.find(fingerprint(question(f"{base} 3")))
    assert len(found) == similarity.MOST_FOUND
    assert [match.likeness for match in found[:2]] == [Likeness.SAME, Likeness.SAME]
    assert all(match.likeness is Likeness.NUMBERS for match in found[2:])


def test_likeness_hangs_together_in_groups() -> None:
    pairs = [Pair(1, 2, Likeness.SAME, 100), Pair(2, 5, Likeness.SIMILAR, 90), Pair(7, 8, Likeness.SAME, 100)]
    assert groups(pairs) == [{1, 2, 5}, {7, 8}]
