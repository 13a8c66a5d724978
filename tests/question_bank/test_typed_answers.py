"""Numbers and words as people type them."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank import numbers
from question_bank.kinds import get_kind
from question_bank.question import Question
from question_bank.spelling import folded, matches


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("12", ["12"]),
        ("12,5", ["12.5"]),
        ("12.5", ["12.5"]),
        (" -12,50 ", ["-12.5"]),
        ("−3", ["-3"]),
        ("+3", ["3"]),
        (",5", ["0.5"]),
        ("1.500", ["1.5", "1500"]),
        ("1,500", ["1.5", "1500"]),
        ("0.500", ["0.5"]),
        ("1.500.000", ["1500000"]),
        ("1,500,000", ["1500000"]),
        ("1 500 000", ["1500000"]),
        ("1\u00a0500,25", ["1500.25"]),
        ("1.500,25", ["1500.25"]),
        ("1,500.25", ["1500.25"]),
        ("1.500.25", []),
        ("1.50.000", []),
        ("15.00.000", []),
        ("12 5", []),
        ("1/2", []),
        ("1e3", []),
        ("--5", []),
        ("", []),
        (".", []),
        ("một", []),
        ("٣", []),
        ("9" * 100, []),
    ],
)
def test_readings_of_a_number(text: str, values: list[str]) -> None:
    assert numbers.readings(text) == {Fraction(value) for value in values}


@pytest.mark.parametrize("text", ["12,5 triệu đồng", "12,5triệu đồng", "12.5 TRIỆU  ĐỒNG", "12,5 triệu đồng.", "12,5"])
def test_the_unit_may_follow(text: str) -> None:
    assert numbers.readings(text, "triệu đồng") == {Fraction(25, 2)}
    assert numbers.readings(text, "triệu đồng", unit_required=True) == ({Fraction(25, 2)} if len(text) > 4 else set())


@pytest.mark.parametrize("text", ["12,5 tỷ đồng", "12,5 trieu dong", "triệu đồng 12,5"])
def test_another_unit_is_another_answer(text: str) -> None:
    assert numbers.readings(text, "triệu đồng") == set()


@given(st.decimals(-(10**9), 10**9, places=4, allow_nan=False, allow_infinity=False))
def test_a_stored_number_is_read_as_it_is_written_here(value: Any) -> None:
    stored = numbers.stored(str(value))

    assert stored == Fraction(value)
    assert stored in numbers.readings(numbers.with_comma(str(value)))


def numeric(*answers: dict[str, Any], **details: Any) -> Question:
    return Question("numeric", "Bao nhiêu?", details={"answers": list(answers), **details})


TOLERANT = {"value": "12.5", "tolerance": "0.5", "mode": "absolute"}
RELATIVE = {"value": "-200", "tolerance": "0.05", "mode": "relative"}
RANGE = {"low": "1", "high": "2"}


@pytest.mark.parametrize(
    ("answer", "right", "wrong"),
    [
        ({"value": "12.5"}, ["12,5", "12.50"], ["12,49", "12,51"]),
        (TOLERANT, ["12", "13", "12,7"], ["11,99", "13,01"]),
        (RELATIVE, ["-190", "-210"], ["-189,9", "-210,1", "200"]),
        (RANGE, ["1", "2", "1,5"], ["0,99", "2,01"]),
        ({"value": "1500"}, ["1.500", "1 500", "1500"], ["1,5"]),
    ],
)
def test_tolerances_include_their_ends_exactly(answer: dict[str, Any], right: list[str], wrong: list[str]) -> None:
    kind, question = get_kind("numeric"), numeric(answer)

    assert kind.check(question) == []
    assert [kind.mark(question, (), [text]) for text in right + wrong] == [1] * len(right) + [0] * len(wrong)


def test_the_best_answer_that_fits_counts_and_has_its_say() -> None:
    near = {"value": "12.5", "tolerance": "5", "mode": "absolute", "share": 500, "feedback": "Gần đúng."}
    kind, question = get_kind("numeric"), numeric(near, TOLERANT)

    assert [kind.mark(question, (), [text]) for text in ("12,5", "15", "20")] == [1, Fraction(1, 2), 0]
    assert [kind.feedback(question, (), [text]) for text in ("12,5", "15")] == [[], ["Gần đúng."]]


def test_a_unit_that_must_be_given_is_not_shown() -> None:
    shown = get_kind("numeric").show(numeric(RANGE, unit="m²", unit_required=True), ())

    assert shown == {"unit": "", "unit_asked": True}
    assert get_kind("numeric").show(numeric(RANGE, unit="m²"), ()) == {"unit": "m²", "unit_asked": False}


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (numeric(), "chưa có đáp án"),
        (numeric({"value": "12,5"}), "Đáp án 1: “12,5” không phải là số"),
        (numeric({"value": "mười"}), "không phải là số"),
        (numeric({"value": "1", "tolerance": "x"}), "không phải là số"),
        (numeric({"value": "1", "tolerance": "-1"}), "khoảng giá trị không có số nào"),
        (numeric({"low": "2", "high": "1"}), "khoảng giá trị không có số nào"),
        (numeric({"low": "2"}), "không phải là số"),
        (numeric({"value": "1", "mode": "about"}), "cách tính sai số"),
        (numeric({"value": "0", "tolerance": "0.1", "mode": "relative"}), "sai số tương đối của số 0"),
        (numeric({"value": "1", "share": 500}), "Không có đáp án nào được trọn điểm"),
        (numeric({"value": "1", "share": 5000}), "Tỷ lệ điểm"),
        (numeric(RANGE, unit_required=True), "chưa có đơn vị"),
        (numeric(RANGE, unit="100 m"), "Đơn vị “100 m” không dùng được"),
        (numeric(RANGE, unit=", m"), "không dùng được"),
    ],
)
def test_numbers_that_cannot_be_marked_are_named(question: Question, told: str) -> None:
    assert any(told in message for message in get_kind("numeric").check(question))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hòa", "hoà"),
        ("Hòa giải viên", "hoà  giải viên"),
        ("thủy", "thuỷ"),
        ("quý", "qúy"),
        ("khoẻ mạnh", "khỏe mạnh"),
        ("Nguyễn", unicodedata.normalize("NFD", "nguyễn")),
        ("“một cửa” – liên thông", '"một cửa" - liên thông'),
        ("khoản\u00a01", "khoản 1"),
    ],
)
def test_the_same_answer_in_another_spelling(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hòa", "hóa"), ("hòa", "hoa"), ("đá", "dá"), ("kĩ", "kỹ"), ("tư", "tu"), ("hòa bình", "hoà bỉnh"), ("ba", "3")],
)
def test_other_answers_stay_other_answers(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_case_and_marks_count_as_the_examiner_says() -> None:
    assert folded("UBND", match_case=True) != folded("ubnd", match_case=True)
    assert folded("Ủy ban Đặng", match_marks=False) == "uy ban dang"
    assert folded("hoà", match_case=True) == folded("hòa", match_case=True)


@pytest.mark.parametrize(
    ("accepted", "text", "expected"),
    [
        ("ủy ban*", "Uỷ ban nhân dân", True),
        ("ủy ban*", "Ủy ban", True),
        ("*nhân dân*", "Ủy ban nhân dân xã", True),
        ("*hòa*giải*", "tổ hoà  giải", True),
        ("ủy * dân", "ủy ban nhân dân", True),
        ("ủy * dân", "ủy ban", False),
        ("a*a", "a", False),
        ("3 \\* 4", "3 * 4", True),
        ("3 \\* 4", "3 và 4", False),
        ("một", "một.", False),
    ],
)
def test_stars(accepted: str, text: str, expected: bool) -> None:
    assert matches(accepted, text) is expected


def test_stars_do_not_make_the_comparing_slow() -> None:
    assert not matches("*a" * 60 + "b", "a" * 200)


def short(*accepted: dict[str, Any], **details: Any) -> Question:
    return Question("short_text", "Cơ quan nào?", details={"accepted": list(accepted), **details})


def test_short_text_earns_what_the_best_accepted_text_is_worth() -> None:
    question = short(
        {"text": "Ủy ban nhân dân*"},
        {"text": "UBND", "share": 500, "feedback": "Cần ghi đủ."},
        {"text": "*", "share": 0},
    )
    kind = get_kind("short_text")

    assert kind.check(question) == []
    assert [kind.mark(question, (), [text]) for text in ("uỷ ban nhân dân xã", "ubnd", "Đảng ủy", " ")] == [
        1,
        Fraction(1, 2),
        0,
        0,
    ]
    assert kind.feedback(question, (), ["ubnd"]) == ["Cần ghi đủ."]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (short(), "chưa có đáp án"),
        (short({"text": " "}), "Đáp án 1 để trống"),
        (short({"text": "hòa"}, {"text": "Hoà"}), "Đáp án 1 và Đáp án 2 được chấm như nhau"),
        (short({"text": "tỉnh"}, {"text": "tinh"}, match_marks=False), "được chấm như nhau"),
        (short({"text": "*"}), "nhận mọi câu trả lời"),
        (short({"text": "xã"}, {"text": "**", "share": 100}), "nhận mọi câu trả lời"),
        (short({"text": "xã", "share": 900}), "Không có đáp án nào được trọn điểm"),
        (short({"text": "hò*a"}), "đặt dấu * ở cuối một từ"),
        (short({"text": "dài " * 60}), "quá dài"),
        (short(*({"text": f"câu {n}"} for n in range(51))), "51 câu trả lời"),
    ],
)
def test_words_that_cannot_be_marked_are_named(question: Question, told: str) -> None:
    assert any(told in message for message in get_kind("short_text").check(question))


# Gaps

CHOICES = {"choices": [{"text": "xã", "correct": True}, {"text": "huyện", "feedback": "Không còn cấp huyện."}]}
GAPS: list[dict[str, Any]] = [CHOICES, {"accepted": [{"text": "hòa giải"}]}, {"numeric": [RANGE], "points": 2}]
TEXT = "Cấp [[1]] có tổ [[2]] gồm [[3]] người."


def gap_text(stem: str = TEXT, gaps: Any = None, **fields: Any) -> Question:
    return Question("gap_text", stem, details={"gaps": GAPS if gaps is None else gaps}, **fields)


def test_gaps_count_by_their_weight() -> None:
    kind, order = get_kind("gap_text"), ((1, 0), (), ())

    assert kind.check(gap_text()) == []
    assert kind.show(gap_text(), order) == {
        "gaps": [{"choices": ["huyện", "xã"]}, {"typed": "text"}, {"typed": "number"}]
    }
    assert kind.mark(gap_text(), order, [2, "hoà giải", "1,5"]) == 1
    assert kind.mark(gap_text(), order, [2, "", ""]) == Fraction(1, 4)
    assert kind.mark(gap_text(), order, [1, "x", "2"]) == Fraction(1, 2)
    assert kind.feedback(gap_text(), order, [1, "", ""]) == ["(1) Không còn cấp huyện."]
    assert kind.describe(gap_text(), order, [1, "", " 2 "]) == ["(1) huyện", "(2) —", "(3) 2"]


@pytest.mark.parametrize("response", [[2, "x"], ["2", "x", "1"], [3, "x", "1"], [0, 0, "1"], [0, "x" * 201, ""]])
def test_gaps_take_numbers_for_choices_and_texts_for_the_others(response: list[Any]) -> None:
    assert not get_kind("gap_text").accepts(response, ((1, 0), (), ()))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (gap_text("Cấp [[1]] và [[3]]"), "Phần hỏi thiếu chỗ trống [[2]]"),
        (gap_text(TEXT + "[[4]]"), "Chỗ trống [[4]] trong phần hỏi chưa có đáp án"),
        (gap_text(TEXT + "[[1]]"), "Chỗ trống [[1]] xuất hiện nhiều lần"),
        (gap_text(stem_html="<p>Cấp <b>[[1]]</b></p>"), "Phần hỏi thiếu chỗ trống [[2]], [[3]]"),
        (gap_text("Không có chỗ nào", []), "Câu hỏi có 0 chỗ trống"),
        (gap_text("[[1]]", [{}]), "Chỗ trống 1: chưa rõ cách trả lời"),
        (gap_text("[[1]]", [{**CHOICES, "accepted": []}]), "Chỗ trống 1: chưa rõ cách trả lời"),
        (gap_text("[[1]]", [{"choices": CHOICES["choices"][1:]}]), "Chỗ trống 1: cần đúng một lựa chọn đúng"),
        (gap_text("[[1]]", [{"choices": []}]), "Chỗ trống 1: Câu hỏi có 0 lựa chọn"),
        (gap_text("[[1]]", [{"numeric": [{"value": "x"}]}]), "Chỗ trống 1: Đáp án 1: “x” không phải là số"),
        (gap_text("[[1]]", [{"accepted": [{"text": "*"}]}]), "Chỗ trống 1: Đáp án chỉ có dấu *"),
        (gap_text("[[1]]", [{**CHOICES, "points": 0}]), "Chỗ trống 1: trọng số"),
    ],
)
def test_gaps_that_cannot_be_filled_are_named(question: Question, told: str) -> None:
    assert any(told in message for message in get_kind("gap_text").check(question))
