"""Every kind of question in rows: filled by hand, and written and read back in Excel and CSV."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats import Reading, read, write
from question_bank.formats.carried import normal
from question_bank.kinds import KINDS
from question_bank.messages import Severity
from question_bank.question import Option, Question

from ..sound import SOUND
from .books import workbook
from .paper_kinds import any_kind

HEADINGS = ("Loại", "Thuộc tình huống", "Câu hỏi", "A", "B", "C", "D", "Đáp án", "Chi tiết", "Điểm")
TABLES = ["excel", "csv"]


def filled(*rows: tuple[object, ...]) -> Reading:
    return read(workbook(HEADINGS, *rows))


def row(
    kind: str, answer: str, *options: str, details: str = "", stem: str = "Hỏi?", part: str = ""
) -> tuple[str, ...]:
    cells = [*options, "", "", "", ""][:4]
    return (kind, part, stem, *cells, answer, details)


def only(reading: Reading) -> Question:
    assert [problem.message for problem in reading.problems] == []
    (question,) = reading.questions
    return question


def errors(reading: Reading) -> list[str]:
    return [problem.message for problem in reading.problems if problem.severity is Severity.ERROR]


@pytest.mark.parametrize("answer", ["Đ, S, Đ", "đ;s;đ", "ĐSĐ", "a-Đ, b-S, c-Đ", "Đúng, Sai, Đúng", "D S D"])
def test_statements_judged_one_by_one(answer: str) -> None:
    question = only(filled(row("Đúng/Sai từng ý", answer, "một", "hai", "ba")))
    assert (question.kind, question.key) == ("true_false_cluster", (0, 2))


def test_statements_are_recognised_by_their_answer() -> None:
    question = only(filled(row("", "a-Đ, b-S, c-S, d-Đ", "một", "hai", "ba", "bốn")))
    assert (question.kind, question.key) == ("true_false_cluster", (0, 3))


def test_pairs_and_what_belongs_to_none() -> None:
    question = only(
        filled(row("Ghép đôi", "", "xã = a", "tỉnh =b", "(thêm) = c", details="Cách chấm: đúng hết mới có điểm"))
    )
    assert question.details == {
        "pairs": [{"left": "xã", "right": "a"}, {"left": "tỉnh", "right": "b"}],
        "extra": [{"text": "c"}],
        "scoring": "all",
    }


def test_an_order_as_written_or_by_letters() -> None:
    written = filled(row("Sắp xếp", "", "một", "hai", "ba"))
    assert [item["text"] for item in written.questions[0].details["items"]] == ["một", "hai", "ba"]
    assert [problem.severity for problem in written.problems] == [Severity.WARNING]
    lettered = only(filled(row("Sắp xếp", "C - A - B", "hai", "ba", "một")))
    assert [item["text"] for item in lettered.details["items"]] == ["một", "hai", "ba"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("12,5", {"value": "12.5", "tolerance": "0", "mode": "absolute"}),
        ("12 ± 0,5", {"value": "12", "tolerance": "0.5", "mode": "absolute"}),
        ("12 ± 5%", {"value": "12", "tolerance": "0.05", "mode": "relative"}),
        ("từ 1 đến 2,5", {"low": "1", "high": "2.5"}),
        ("1.500", {"value": "1500", "tolerance": "0", "mode": "absolute"}),
    ],
)
def test_numbers(answer: str, expected: dict[str, str]) -> None:
    assert only(filled(row("Trả lời bằng số", answer))).details == {"answers": [expected]}


def test_a_number_that_is_a_number_with_its_unit() -> None:
    question = only(filled(("Trả lời bằng số", "", "Bao nhiêu?", "", "", "", "", 7.5, "Đơn vị: ngày (bắt buộc)", 2)))
    assert question.details["answers"][0]["value"] == "7.5"
    assert (question.details["unit"], question.details["unit_required"]) == ("ngày", True)
    assert question.points == 2000


def test_short_texts_with_weights_and_words_to_who_wrote_them() -> None:
    details = "Phản hồi 2: Chưa đủ.\nGhi cả tên.\nSo sánh: phân biệt hoa thường"
    question = only(filled(row("Trả lời ngắn", "UBND xã\n(50%) ủy ban", details=details)))
    assert question.details == {
        "accepted": [{"text": "UBND xã"}, {"text": "ủy ban", "share": 500, "feedback": "Chưa đủ.\nGhi cả tên."}],
        "match_case": True,
    }
    assert len(only(filled(row("Trả lời ngắn", "một; hai"))).details["accepted"]) == 2


@pytest.mark.parametrize(
    "stem",
    [
        "Nộp tại [[1]] trong [[2]] ngày, mẫu [[3]].",
        "Nộp tại (1) …… trong (2) …… ngày, mẫu (3) ……",
        "Nộp tại ____ trong ____ ngày, mẫu ____.",
    ],
)
def test_gaps(stem: str) -> None:
    question = only(
        filled(row("Điền chỗ trống", "", "tỉnh | *xã", "[số] 3 ± 1", "số 01; 01", stem=stem, details="Trọng số 2: 3"))
    )
    assert question.details["gaps"] == [
        {"choices": [{"text": "tỉnh", "correct": False}, {"text": "xã", "correct": True}]},
        {"numeric": [{"value": "3", "tolerance": "1", "mode": "absolute"}], "points": 3},
        {"accepted": [{"text": "số 01"}, {"text": "01"}]},
    ]
    assert all(f"[[{number}]]" in question.stem for number in (1, 2, 3))


def test_an_essay_with_its_rubric() -> None:
    details = "Số chữ tối đa: 300\nSố dòng: 20"
    question = only(filled(row("Tự luận", "Nêu thẩm quyền (0,5 điểm)\n- Nêu trình tự (1 điểm)", details=details)))
    assert question.details == {
        "rubric": [{"text": "Nêu thẩm quyền", "points": 500}, {"text": "Nêu trình tự", "points": 1000}],
        "words": 300,
        "lines": 20,
    }


def test_a_case_takes_the_rows_below_it() -> None:
    reading = filled(
        row("Tình huống", "", stem="Một người nộp hồ sơ."),
        row("Một lựa chọn", "B", "x", "y", part="x"),
        row("Trả lời bằng số", "5", part="x"),
        row("Một lựa chọn", "A", "x", "y", stem="Câu khác?"),
    )
    assert errors(reading) == []
    case, other = reading.questions
    assert [part["kind"] for part in case.details["questions"]] == ["single_choice", "numeric"]
    assert (case.kind, other.stem, len(reading.places)) == ("case", "Câu khác?", 2)


def test_faults_within_a_case_stand_at_their_own_rows() -> None:
    reading = filled(
        row("Tình huống", "", stem="Một người nộp hồ sơ."),
        row("Một lựa chọn", "E", "x", "y", part="x"),
        row("", "", part="x"),
    )
    assert {problem.item for problem in reading.problems} == {1}
    assert {problem.place[-1] for problem in reading.problems} >= {"3", "4"}
    orphan = filled(row("Một lựa chọn", "A", "x", "y", part="x"))
    assert ["Tình huống" in message for message in errors(orphan)] == [True]


@pytest.mark.parametrize(
    ("kind", "answer", "options"),
    [
        ("Đúng/Sai từng ý", "Đ", ["một", "hai"]),
        ("Ghép đôi", "", ["xã", "tỉnh"]),
        ("Sắp xếp", "A, D", ["một", "hai"]),
        ("Trả lời bằng số", "nhiều", []),
        ("Trả lời ngắn", "", []),
        ("Điền chỗ trống", "", ["a | b"]),
        ("Tình huống", "", []),
    ],
)
def test_what_is_not_clear_is_an_error_of_its_row_alone(kind: str, answer: str, options: list[str]) -> None:
    reading = filled(row(kind, answer, *options), row("", "A", "x", "y"))
    assert errors(reading)
    assert {problem.item for problem in reading.problems} == {1}
    assert [question.kind for question in reading.storable()] == ["single_choice"]


def test_weights_scoring_and_words_to_each_option() -> None:
    details = "Cách chấm: theo trọng số\nTrọng số: A 100%; B -50%; C 0%\nPhản hồi B: Xem lại.\nMàu: xanh"
    reading = filled(row("Nhiều lựa chọn", "A", "x", "y", "z", details=details.replace("\nMàu: xanh", "")))
    options = (Option("x", True, share=1000), Option("y", feedback="Xem lại.", share=-500), Option("z", share=0))
    assert only(reading) == Question("multiple_response", "Hỏi?", options, details={"scoring": "weights"})
    odd = filled(row("Một lựa chọn", "A", "x", "y", details="Màu: xanh\nCách chấm: tùy hứng"))
    assert [problem.severity for problem in odd.problems] == [Severity.WARNING] * 2


def comparable(question: Question) -> Question:
    details: dict[str, Any] = dict(question.details)
    if question.kind == "case":
        parts = [Question.from_json(data) for data in details["questions"]]
        details["questions"] = [comparable(part).as_json() for part in parts]
    return replace(question, details=normal(details))


def assert_carried(questions: list[Question], name: str) -> None:
    writing = write(questions, name)
    reading = read(writing.data, name)
    assert writing.problems == ()
    assert list(map(comparable, reading.questions)) == list(map(comparable, questions))
    assert [question.ref for question in reading.questions] == [question.ref for question in questions]


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=40, deadline=None)
@given(questions=st.lists(st.one_of(*SOUND.values()), min_size=1, max_size=4))
def test_sound_questions_of_every_kind_come_back(name: str, questions: list[Question]) -> None:
    assert_carried(questions, name)


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=40, deadline=None)
@given(questions=st.lists(any_kind(), min_size=1, max_size=3))
def test_every_field_of_every_kind_comes_back(name: str, questions: list[Question]) -> None:
    assert_carried(questions, name)


@pytest.mark.parametrize("name", TABLES)
def test_what_cannot_be_carried_is_told(name: str) -> None:
    pairs = [{"left": "a", "right": "x", "left_html": "<p>a<sup>2</sup></p>"}, {"left": "b", "right": "y"}]
    tagged = Question("single_choice", "Hỏi?", (Option("a", True), Option("b")), tags=("một, hai",))
    questions = [Question("matching", "Ghép?", details={"pairs": pairs}), tagged, replace(tagged, tags=())]
    problems = write(questions, name).problems
    assert [(problem.item, problem.severity) for problem in problems] == [(1, Severity.WARNING), (2, Severity.WARNING)]
    assert "nhãn" in problems[1].message


def test_every_kind_has_a_form() -> None:
    assert set(SOUND) == set(KINDS)
