"""The kinds with options: what they refuse, how they shuffle, what they accept, how they mark."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.kinds import KINDS, get_kind
from question_bank.kinds.base import letter
from question_bank.kinds.places import keeps_place
from question_bank.messages import Message
from question_bank.question import Option, Question

FOUR = ("3 ngày", "5 ngày", "7 ngày", "10 ngày")
TRUE_FALSE = ("Đúng", "Sai")
PLAIN_KINDS = ("single_choice", "multiple_response", "true_false")


def ask(kind: str, texts: tuple[str, ...], key: tuple[int, ...] = (), stem: str = "Thời hạn là bao lâu?") -> Question:
    return Question(kind, stem, tuple(Option(text, index in key) for index, text in enumerate(texts)))


def subsets(count: int) -> list[tuple[int, ...]]:
    return list(chain.from_iterable(combinations(range(count), size) for size in range(count + 1)))


@st.composite
def sound_questions(draw: st.DrawFn) -> Question:
    """A question that may be approved, some of its options pinned."""
    kind = draw(st.sampled_from(PLAIN_KINDS))
    if kind == "true_false":
        return ask(kind, TRUE_FALSE, (draw(st.integers(0, 1)),))
    count = draw(st.integers(2, 7))
    right = 1 if kind == "single_choice" else draw(st.integers(1, count - 1))
    key = draw(st.permutations(range(count)))[:right]
    pins = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    options = tuple(Option(f"Nội dung số {i}", i in key, pins[i]) for i in range(count))
    return Question(kind, "Chọn nội dung phù hợp:", options)


# What may be approved


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_a_kind_goes_by_its_name_and_has_a_label(name: str, kind: Any) -> None:
    assert kind.name == name
    assert get_kind(name) is kind
    assert unicodedata.is_normalized("NFC", kind.label)


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        get_kind("hotspot")


@given(sound_questions())
@settings(max_examples=60)
def test_a_sound_question_has_no_problem(question: Question) -> None:
    assert get_kind(question.kind).check(question) == []


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        (ask("single_choice", FOUR, (0,), stem=" \n"), "Câu hỏi chưa có nội dung: cần nhập phần hỏi."),
        (ask("true_false", TRUE_FALSE, (0,), stem=""), "Câu hỏi chưa có nội dung: cần nhập phần hỏi."),
        (ask("single_choice", FOUR[:1], (0,)), "Câu hỏi có 1 phương án: cần ít nhất 2 phương án."),
        (
            ask("multiple_response", tuple(f"Việc {i}" for i in range(11)), (0,)),
            "Câu hỏi có 11 phương án: chỉ nhận tối đa 10 phương án.",
        ),
        (
            ask("single_choice", ("3 ngày", " ", "5 ngày"), (0,)),
            "Phương án B để trống: cần nhập nội dung hoặc xóa phương án này.",
        ),
        (
            ask(
                "single_choice", ("Ủy ban  Nhân dân", "Đảng ủy", unicodedata.normalize("NFD", "ủy ban nhân dân")), (1,)
            ),
            "Phương án A và C giống nhau: cần sửa hoặc xóa một trong hai.",
        ),
        (ask("single_choice", FOUR), "Câu hỏi chưa có đáp án đúng: cần đánh dấu một phương án đúng."),
        (
            ask("single_choice", FOUR, (1, 3)),
            "Câu một lựa chọn có 2 đáp án đúng (B, D): chỉ giữ một đáp án đúng hoặc đổi sang loại nhiều lựa chọn.",
        ),
        (ask("multiple_response", FOUR), "Câu hỏi chưa có đáp án đúng: cần đánh dấu các phương án đúng."),
        (
            ask("multiple_response", FOUR, (0, 1, 2, 3)),
            "Mọi phương án đều được đánh dấu đúng: chọn hết không bao giờ được điểm, cần có ít nhất một phương án sai.",
        ),
        (ask("true_false", TRUE_FALSE), "Câu hỏi chưa có đáp án đúng: cần chọn “Đúng” hoặc “Sai”."),
        (ask("true_false", TRUE_FALSE, (0, 1)), "Câu Đúng/Sai chỉ có một đáp án đúng: cần giữ “Đúng” hoặc “Sai”."),
        (
            ask("true_false", ("Sai", "Đúng"), (0,)),
            "Câu Đúng/Sai chỉ gồm hai phương án theo thứ tự “Đúng”, “Sai”.",
        ),
        (
            ask("true_false", ("Đúng", "Sai", "Không rõ"), (0,)),
            "Câu Đúng/Sai chỉ gồm hai phương án theo thứ tự “Đúng”, “Sai”.",
        ),
    ],
)
def test_what_is_wrong_is_said_once_and_translatably(question: Question, problem: str) -> None:
    found = get_kind(question.kind).check(question)

    assert found == [problem]
    assert all(isinstance(message, Message) for message in found)


def test_all_problems_are_found_at_once() -> None:
    assert len(get_kind("single_choice").check(ask("single_choice", ("", "a", "A"), stem=""))) == 4


def test_two_empty_options_are_not_also_the_same() -> None:
    assert len(get_kind("single_choice").check(ask("single_choice", ("", "", "a"), (2,)))) == 2


@pytest.mark.parametrize(("index", "expected"), [(0, "A"), (25, "Z"), (26, "27")])
def test_letters(index: int, expected: str) -> None:
    assert letter(index) == expected


# Places


@pytest.mark.parametrize(
    "text",
    [
        "Cả A, B và C đều đúng",
        "Cả A, B, C đều sai.",
        "cả a,b,c đều đúng",
        "Cả A và B",
        "A và C đúng",
        "Chỉ A và B đúng",
        "Cả (A) và (B)",
        "Cả 3 phương án A, B, C đều đúng",
        "Phương án A đúng",
        "Tất cả các phương án trên",
        "Tất cả phương án trên",
        "Tất cả các đáp án trên đều đúng",
        "Tất cả đều sai",
        "Cả ba phương án trên",
        "Cả hai  ý trên",
        "Các phương án trên đều sai",
        "Không có phương án nào đúng",
        "Không có phương án nào",
        "Không phương án nào nêu trên",
        unicodedata.normalize("NFD", "Tất cả các phương án trên"),
    ],
)
def test_an_option_that_speaks_of_others_keeps_its_place(text: str) -> None:
    assert keeps_place(Option(text))


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AB",
        "Nhóm A",
        "Tất cả",
        "Tất cả cán bộ, công chức cấp xã",
        "Cả nước",
        "Cả hai vợ chồng",
        "Không có quy định nào",
        "Không đúng",
        "Không phù hợp",
        "Phương án sử dụng đất",
        "Các xã, phường",
        "",
    ],
)
def test_an_option_with_its_own_content_moves(text: str) -> None:
    assert not keeps_place(Option(text))
    assert keeps_place(Option(text, pinned=True))


def orders(texts: tuple[str, ...], times: int = 300) -> set[tuple[int, ...]]:
    question = ask("single_choice", texts, (0,))
    return {get_kind("single_choice").shuffle(question, random.Random(seed)) for seed in range(times)}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("một", "hai", "ba"), 6),
        (("một", "hai", "ba", "Tất cả các phương án trên"), 6),
        (("một", "hai", "Cả A và B đều đúng", "ba"), 2),
        (("một", "hai", "ba", "Cả A và B đều đúng"), 2),
        (("một", "hai", "ba", "Cả hai phương án trên"), 2),
        (("một", "hai", "Tất cả các phương án trên", "bốn"), 2),
        (("một", "hai", "ba", "Phương án A đúng"), 2),
        (("một", "A và C đều đúng", "ba", "B và D đều đúng"), 2),
    ],
)
def test_what_an_option_speaks_of_stays_true_after_shuffling(texts: tuple[str, ...], expected: int) -> None:
    assert len(orders(texts)) == expected


@given(sound_questions(), st.integers(0, 2**32))
@settings(max_examples=100)
def test_shuffling_is_seeded_and_keeps_pinned_options(question: Question, seed: int) -> None:
    kind = get_kind(question.kind)
    order = kind.shuffle(question, random.Random(seed))

    assert sorted(order) == list(range(len(question.options)))
    assert order == kind.shuffle(question, random.Random(seed))
    assert all(order[i] == i for i, option in enumerate(question.options) if option.pinned)


@given(sound_questions(), st.integers(0, 2**32), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_shuffling_does_not_know_the_key(question: Question, seed: int, chance: random.Random) -> None:
    other = replace(question, options=tuple(replace(o, correct=chance.random() < 0.5) for o in question.options))
    rng, other_rng = random.Random(seed), random.Random(seed)
    kind = get_kind(question.kind)

    assert kind.shuffle(question, rng) == kind.shuffle(other, other_rng)
    assert rng.getstate() == other_rng.getstate()


def test_true_comes_before_false_always() -> None:
    question = ask("true_false", TRUE_FALSE, (1,))

    assert {get_kind("true_false").shuffle(question, random.Random(seed)) for seed in range(20)} == {(0, 1)}


def test_every_order_comes_about_equally_often() -> None:
    question = ask("single_choice", FOUR[:3], (0,))
    rng = random.Random(7)
    found = [get_kind("single_choice").shuffle(question, rng) for _ in range(6000)]

    assert all(850 < found.count(order) < 1150 for order in set(found))


# Responses


@pytest.mark.parametrize(
    ("response", "single", "multiple"),
    [
        ([], True, True),
        ([1], True, True),
        ([4], True, True),
        ([1, 3], False, True),
        ([3, 1], False, True),
        ([1, 1], False, False),
        ([0], False, False),
        ([5], False, False),
        ([-1], False, False),
        ([True], False, False),
        ([1.0], False, False),
        (["1"], False, False),
        ([None], False, False),
        ([[1]], False, False),
        ((1,), False, False),
        ("1", False, False),
        (1, False, False),
        (None, False, False),
        ({}, False, False),
    ],
)
def test_the_shape_of_a_response(response: Any, single: bool, multiple: bool) -> None:
    assert get_kind("single_choice").accepts(response, (0, 1, 2, 3)) is single
    assert get_kind("multiple_response").accepts(response, (0, 1, 2, 3)) is multiple


@pytest.mark.parametrize(("response", "expected"), [([], True), ([2], True), ([3], False), ([1, 2], False)])
def test_the_shape_of_a_true_false_response(response: list[int], expected: bool) -> None:
    assert get_kind("true_false").accepts(response, (0, 1)) is expected


@given(sound_questions(), st.integers(0, 1000))
@settings(max_examples=60)
def test_exactly_the_key_as_displayed_earns_the_points(question: Question, seed: int) -> None:
    kind = get_kind(question.kind)
    order = kind.shuffle(question, random.Random(seed))
    right = {place + 1 for place, index in enumerate(order) if question.options[index].correct}

    for picked in subsets(len(order)):
        response = [place + 1 for place in picked]
        assert kind.mark(question, order, response) == Fraction(int(set(response) == right))


def test_the_sequence_of_choices_does_not_matter() -> None:
    question = ask("multiple_response", FOUR, (0, 2))

    assert get_kind("multiple_response").mark(question, (3, 2, 1, 0), [4, 2]) == 1


@pytest.mark.parametrize("kind", PLAIN_KINDS)
@pytest.mark.parametrize("response", [[0], [9], [True], [1, 1], ["1"], "1", None])
def test_a_response_of_the_wrong_shape_earns_nothing(kind: str, response: Any) -> None:
    question = ask(kind, TRUE_FALSE, (0,))

    assert get_kind(kind).mark(question, (0, 1), response) == 0


def test_choosing_everything_never_pays_even_with_a_broken_key() -> None:
    question = ask("multiple_response", FOUR, (0, 1, 2, 3))

    assert get_kind("multiple_response").mark(question, (0, 1, 2, 3), [1, 2, 3, 4]) == 0


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_answer_earns_nothing_even_without_a_key(kind: str) -> None:
    assert get_kind(kind).mark(ask(kind, TRUE_FALSE), (0, 1), []) == 0
