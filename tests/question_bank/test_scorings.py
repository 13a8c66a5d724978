"""What answers earn, kind by kind: the figures an examiner would reckon by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from question_bank.kinds import get_kind
from question_bank.question import Option, Question


def several(key: str, scoring: str, *shares: int) -> Question:
    """Options A, B, C, …; ``key`` has 1 for a right one."""
    options = (
        Option(f"Nội dung số {place}", one == "1", share=shares[place] if shares else None)
        for place, one in enumerate(key)
    )
    return Question("multiple_response", "Chọn nội dung phù hợp:", tuple(options), details={"scoring": scoring})


def earned(question: Question, response: list[Any], order: Any = None) -> Fraction:
    order = tuple(range(len(question.options))) if order is None else order
    return get_kind(question.kind).mark(question, order, response)


@pytest.mark.parametrize(
    ("scoring", "response", "expected"),
    [
        ("per_right", [1], "1/2"),
        ("per_right", [1, 2], "1"),
        ("per_right", [1, 3], "1/2"),
        ("per_right", [3, 4], "0"),
        ("per_right", [1, 2, 3], "0"),
        ("right_minus_wrong", [1], "1/2"),
        ("right_minus_wrong", [1, 2], "1"),
        ("right_minus_wrong", [1, 2, 3], "1/2"),
        ("right_minus_wrong", [1, 3], "0"),
        ("right_minus_wrong", [3, 4], "0"),
        ("right_minus_wrong", [1, 2, 3, 4], "0"),
        ("all_or_nothing", [1], "0"),
        ("all_or_nothing", [2, 1], "1"),
        ("by_the_moon", [1, 2], "0"),
    ],
)
def test_the_scorings_of_several_right_options(scoring: str, response: list[int], expected: str) -> None:
    assert earned(several("1100", scoring), response) == Fraction(expected)


@pytest.mark.parametrize(
    ("shares", "response", "expected"),
    [
        ((600, 400, -500, -500), [1], "3/5"),
        ((600, 400, -500, -500), [1, 2], "1"),
        ((600, 400, -500, -500), [1, 2, 3], "1/2"),
        ((600, 400, -500, -500), [3], "0"),
        ((600, 400, 0, 0), [1, 3], "3/5"),
        ((600, 400, 0, 0), [1, 2, 3], "0"),
        ((333, 333, 333, -1000), [1, 2, 3], "1"),
        ((333, 333, 333, -1000), [1], "1/3"),
    ],
)
def test_weights_of_several_options(shares: tuple[int, ...], response: list[int], expected: str) -> None:
    question = several("".join("1" if share > 0 else "0" for share in shares), "weights", *shares)

    assert get_kind("multiple_response").check(question) == []
    assert earned(question, response) == Fraction(expected)


def test_weights_of_one_choice() -> None:
    options = (Option("Đủ", True, share=1000), Option("Gần đủ", share=500), Option("Trái luật", share=-1000))
    question = Question("single_choice", "Chọn:", options, details={"scoring": "weights"})

    assert get_kind("single_choice").check(question) == []
    assert [earned(question, [number]) for number in (1, 2, 3)] == [1, Fraction(1, 2), 0]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (several("1100", "by_the_moon"), "Cách chấm “by_the_moon” không có"),
        (several("110", "weights"), "Phương án A chưa có trọng số"),
        (several("110", "weights", 500, 5000, 0), "Trọng số của phương án B"),
        (several("110", "weights", 500, 300, 0), "Tổng trọng số của các phương án đúng là 80 %"),
        (several("110", "weights", 500, -500, 500), "không khớp ở phương án B, C"),
    ],
)
def test_weights_that_cannot_be_marked_are_named(question: Question, told: str) -> None:
    assert any(told in message for message in get_kind(question.kind).check(question))


# True/false statements


def cluster(key: str, table: Any = None) -> Question:
    options = tuple(Option(f"Ý số {place}", one == "1") for place, one in enumerate(key))
    return Question("true_false_cluster", "Xét các ý sau:", options, details={"table": table} if table else {})


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ([2, 1, 2, 1], 0),
        ([1, 1, 2, 1], 100),
        ([1, 2, 2, 1], 250),
        ([1, 2, 1, 1], 500),
        ([1, 2, 1, 2], 1000),
        ([1, 2, 0, 0], 250),
    ],
)
def test_four_statements_are_marked_by_the_national_table(response: list[int], expected: int) -> None:
    assert earned(cluster("1010"), response) == Fraction(expected, 1000)


def test_other_numbers_of_statements_are_marked_in_proportion_or_by_their_own_table() -> None:
    assert earned(cluster("101"), [1, 2, 2]) == Fraction(2, 3)
    assert earned(cluster("101", [0, 0, 300, 1000]), [1, 2, 2]) == Fraction(3, 10)


@pytest.mark.parametrize("response", [[1, 2, 1], [1, 2, 1, 3], [1, 2, 1, True], [1, 2, 1, 2, 1]])
def test_a_statement_is_true_or_false_or_not_judged(response: list[Any]) -> None:
    assert not get_kind("true_false_cluster").accepts(response, (0, 1, 2, 3))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([0, 500, 1000], "Bảng điểm cần 5 số nguyên"),
        ([0, 0.5, 1, 2, 1000], "Bảng điểm cần 5 số nguyên"),
        ([100, 200, 300, 400, 1000], "phải bắt đầu từ 0 %"),
        ([0, 200, 300, 400, 900], "phải bắt đầu từ 0 %"),
        ([0, 500, 300, 400, 1000], "không được giảm"),
    ],
)
def test_a_table_that_makes_no_sense_is_named(table: list[Any], told: str) -> None:
    assert [told in message for message in get_kind("true_false_cluster").check(cluster("1010", table))] == [True]


def test_statements_that_are_all_true_are_a_matter_of_advice() -> None:
    kind = get_kind("true_false_cluster")

    assert (len(kind.advice(cluster("1111"))), len(kind.advice(cluster("1000")))) == (1, 0)
    assert kind.check(cluster("1111")) == []


# Matching and ordering

PAIRS = [
    {"left": left, "right": right}
    for left, right in [("Hộ tịch", "Tư pháp"), ("Chứng thực", "Tư pháp"), ("Đất đai", "Địa chính")]
]


def matching(**details: Any) -> Question:
    return Question("matching", "Ghép lĩnh vực với công chức:", details={"pairs": PAIRS, **details})


def test_matching_is_marked_by_item_or_as_a_whole() -> None:
    order = ((0, 1, 2), (0, 1))  # the choices by their texts: Tư pháp, Địa chính

    assert earned(matching(), [1, 1, 2], order) == 1
    assert earned(matching(), [1, 2, 2], order) == Fraction(2, 3)
    assert earned(matching(scoring="all"), [1, 2, 2], order) == 0
    assert earned(matching(), [1, 0, 0], order) == Fraction(1, 3)
    assert earned(matching(), [2, 2, 1], ((2, 1, 0), (1, 0))) == Fraction(1, 3)


def test_equal_right_sides_are_one_choice() -> None:
    shown = get_kind("matching").show(matching(extra=[{"text": "Văn hóa"}]), ((0, 1, 2), (0, 1, 2)))

    assert shown["choices"] == ["Tư pháp", "Văn hóa", "Địa chính"]


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({"pairs": PAIRS[:1]}, "Câu hỏi có 1 cặp"),
        ({"pairs": PAIRS[:2]}, "1 lựa chọn khác nhau"),
        ({"pairs": [*PAIRS, {"left": "hộ  tịch", "right": "x"}]}, "Vế trái 1 và Vế trái 4 giống nhau"),
        ({"pairs": [*PAIRS, {"left": "", "right": ""}]}, "Vế trái 4 để trống"),
        ({"extra": [{"text": "tư pháp"}]}, "Vế phải 1 và Phương án thêm 1 giống nhau"),
        ({"pairs": "PAIRS"}, "Câu hỏi có 0 cặp"),
        ({"scoring": "some"}, "Cách chấm “some”"),
    ],
)
def test_pairs_that_cannot_be_found_are_named(details: dict[str, Any], told: str) -> None:
    assert any(told in message for message in get_kind("matching").check(matching(**details)))


def ordering(scoring: str = "", items: str = "ABCD") -> Question:
    return Question(
        "ordering", "Sắp xếp:", details={"items": [{"text": item} for item in items], "scoring": scoring or "exact"}
    )


@pytest.mark.parametrize(
    ("response", "exact", "pairs"),
    [([1, 2, 3, 4], 1, "1"), ([2, 3, 4, 1], 0, "2/3"), ([4, 3, 2, 1], 0, "0"), ([1, 2, 4, 3], 0, "1/3"), ([], 0, "0")],
)
def test_ordering_is_exact_or_by_neighbours(response: list[int], exact: int, pairs: str) -> None:
    assert earned(ordering(), response, (0, 1, 2, 3)) == exact
    assert earned(ordering("pairs"), response, (0, 1, 2, 3)) == Fraction(pairs)


def test_the_numbers_of_an_order_are_those_displayed() -> None:
    assert earned(ordering(), [3, 1, 4, 2], (1, 3, 0, 2)) == 1
    assert get_kind("ordering").describe(ordering(), (1, 3, 0, 2), [3, 1, 4, 2])[0] == "1. A"


@pytest.mark.parametrize("response", [[1, 2, 3], [1, 1, 2, 3], [0, 1, 2, 3], [1, 2, 3, 5]])
def test_an_order_has_everything_once(response: list[int]) -> None:
    assert not get_kind("ordering").accepts(response, (0, 1, 2, 3))


@pytest.mark.parametrize(("items", "told"), [("A", "1 mục cần sắp xếp"), ("ABA", "Mục 1 và Mục 3 giống nhau")])
def test_items_that_have_no_one_order_are_named(items: str, told: str) -> None:
    assert any(told in message for message in get_kind("ordering").check(ordering(items=items)))


# Case and essay


def case(*points: int) -> Question:
    parts = [
        Question("single_choice", "Hỏi?", (Option("Có", True, feedback="Đúng."), Option("Không")), points=worth)
        for worth in points
    ]
    return Question("case", "Tình huống:", details={"questions": [part.as_json() for part in parts]})


def test_the_questions_of_a_case_share_its_points_in_proportion() -> None:
    order = (("single_choice", (0, 1)), ("single_choice", (1, 0)))

    assert earned(case(500, 1500), [[1], [1]], order) == Fraction(1, 4)
    assert earned(case(500, 1500), [[], [2]], order) == Fraction(3, 4)
    assert get_kind("case").describe(case(1, 1), order, [[], [2]]) == ["1. —", "2. B. Có"]
    assert get_kind("case").feedback(case(1, 1), order, [[], [2]]) == ["Đúng."]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"questions": []}, "Câu hỏi có 0 câu nhỏ"),
        ({"questions": [case(1).as_json()]}, "Câu nhỏ 1: loại câu hỏi này không đặt được"),
        ({"questions": [Question("essay", "Viết:").as_json()]}, "Câu nhỏ 1: loại câu hỏi này không đặt được"),
        ({"questions": [{"stem": "Hỏi?"}]}, "Câu nhỏ 1: không đọc được"),
        ({"questions": [{"kind": "numeric", "stem": 5, "options": []}]}, "Câu nhỏ 1: không đọc được"),
        ({"questions": [Question("single_choice", "").as_json()]}, "Câu nhỏ 1: Câu hỏi chưa có nội dung"),
        ({"questions": case(0).details["questions"]}, "Câu nhỏ 1: điểm phải lớn hơn 0"),
    ],
)
def test_what_is_wrong_in_a_case_is_named_with_its_place(data: dict[str, Any], told: str) -> None:
    found = get_kind("case").check(Question("case", "Tình huống:", details=data))

    assert any(told in message for message in found)


def test_an_essay_waits_for_people() -> None:
    kind = get_kind("essay")
    question = Question("essay", "Trình bày:", details={"rubric": [{"text": "Nêu căn cứ", "points": 400}]})

    assert kind.marked_by_people
    assert kind.check(question) == []
    assert len(kind.advice(question)) == len(kind.advice(Question("essay", "Trình bày:"))) == 1
    assert kind.accepts(["a" * 8000], ())
    assert not kind.accepts(["a" * 8001], ())
    assert kind.mark(question, (), ["Bài làm"]) == 0


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({"rubric": [{"text": "Nêu căn cứ"}]}, "Ý chấm 1 chưa có điểm"),
        ({"rubric": [{"text": " ", "points": 1000}]}, "Ý chấm 1 để trống"),
        ({"words": 0}, "Số từ tối đa"),
        ({"words": "300"}, "Số từ tối đa"),
    ],
)
def test_an_essay_that_cannot_be_marked_is_named(details: dict[str, Any], told: str) -> None:
    assert any(told in message for message in get_kind("essay").check(Question("essay", "Viết:", details=details)))


def test_a_right_option_much_longer_than_the_others_is_a_matter_of_advice() -> None:
    long = Option("Ủy ban nhân dân cấp xã nơi có đất, trong thời hạn mười lăm ngày", True)
    kind = get_kind("single_choice")

    assert len(kind.advice(Question("single_choice", "Hỏi?", (long, Option("Không"))))) == 1
    assert kind.advice(Question("single_choice", "Hỏi?", (long, Option("Không" * 12)))) == []
