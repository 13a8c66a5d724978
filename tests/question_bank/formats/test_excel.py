"""Excel: headings, ways to write an answer, looks of cells, and the template."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from question_bank.formats import Reading, read, template, write
from question_bank.formats.vietnamese import KIND_LABELS
from question_bank.kinds import KINDS
from question_bank.messages import Severity
from question_bank.question import Citation, Level, Option, Question

from .books import HEADINGS, workbook
from .strategies import any_text, questions

RED = {"font_color": "#FF0000"}


def sheet(*rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> Reading:
    return read(workbook(headings, *rows))


def only(reading: Reading) -> Question:
    assert [problem.message for problem in reading.problems] == []
    (question,) = reading.questions
    return question


def test_every_column_by_its_vietnamese_name() -> None:
    headings = (
        "STT", "Nội dung câu hỏi (*)", "Phương án A", "Phương án B", "Đáp án đúng", "Mức độ nhận thức", "Chuyên đề",
        "Vị trí việc làm", "Giải thích", "Căn cứ pháp lý", "Điểm", "Thời gian (giây)", "Nhãn", "Cố định", "Mã câu",
    )  # fmt: skip
    row = (
        1, "Đăng ký ở đâu?", "Ủy ban nhân dân cấp xã", "Tòa án", "A", "thông hiểu", "tp_ho_tich",
        "tp_tu_phap, vp_van_thu",
        "Theo luật.", "điểm a khoản 2 Điều 5 Luật 60/2014/QH13; Nghị định 30/2020/NĐ-CP", 0.5, 60, "mẫu", "B", "x-1",
    )  # fmt: skip
    question = only(sheet(row, headings=headings))
    assert question == Question(
        "single_choice",
        "Đăng ký ở đâu?",
        (Option("Ủy ban nhân dân cấp xã", True), Option("Tòa án", pinned=True)),
        level=Level.COMPREHENSION,
        topic="tp_ho_tich",
        positions=("tp_tu_phap", "vp_van_thu"),
        explanation="Theo luật.",
        citations=(Citation("60/2014/QH13", "5", "2", "a"), Citation("30/2020/NĐ-CP")),
        tags=("mẫu",),
        points=500,
        seconds=60,
    )
    assert question.ref == "x-1"


def test_english_headings_and_options_numbered() -> None:
    headings = ("No.", "Question", "Option 1", "Option 2", "Correct answer")
    assert only(sheet((1, "Hai?", "một", "hai", "b"), headings=headings)).key == (1,)


def test_the_place_names_sheet_and_row() -> None:
    reading = read(workbook((), ("Ngân hàng câu hỏi",), HEADINGS, (1, "Hỏi?", "x", "y", "z", "A"), name="Đề 1"))
    assert reading.places == ("Trang tính “Đề 1”, dòng 4",)


def test_two_rows_of_headings() -> None:
    reading = read(
        workbook(
            ("STT", "Nội dung", "Phương án trả lời", "", "Đáp án"), ("", "", "A", "B", ""), (1, "Hỏi?", "x", "y", "B")
        )
    )
    assert only(reading).key == (1,)


def test_one_heading_over_several_option_columns() -> None:
    reading = read(
        workbook(("STT", "Nội dung", "Phương án trả lời", "", "", "Đáp án"), (1, "Hỏi?", "x", "y", "z", "C"))
    )
    assert only(reading).options == (Option("x"), Option("y"), Option("z", True))


def test_all_options_in_one_cell() -> None:
    headings = ("STT", "Nội dung", "Phương án trả lời", "Đáp án")
    reading = sheet(
        (1, "Hỏi?", "A. một\nB. hai\ndài hai dòng\nC. ba", "B"), (2, "Hỏi nữa?", "x\ny", "A"), headings=headings
    )
    assert [[option.text for option in question.options] for question in reading.questions] == [
        ["một", "hai dài hai dòng", "ba"], ["x", "y"],
    ]  # fmt: skip
    assert [question.key for question in reading.questions] == [(1,), (0,)]


@pytest.mark.parametrize(
    ("answer", "kind", "key"),
    [
        ("B", "single_choice", (1,)),
        ("b.", "single_choice", (1,)),
        ("Đáp án C", "single_choice", (2,)),
        (2, "single_choice", (1,)),
        ("hà nội", "single_choice", (0,)),
        ("A. Hà Nội", "single_choice", (0,)),
        ("A, C", "multiple_response", (0, 2)),
        ("A và C", "multiple_response", (0, 2)),
        ("AC", "multiple_response", (0, 2)),
        ("1;3", "multiple_response", (0, 2)),
        ("Hà Nội; Đà Nẵng", "multiple_response", (0, 2)),
    ],
)
def test_ways_to_write_an_answer(answer: object, kind: str, key: tuple[int, ...]) -> None:
    question = only(sheet((1, "Hỏi?", "Hà Nội", "Huế", "Đà Nẵng", answer)))
    assert (question.kind, question.key) == (kind, key)


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ((1, "Hỏi?", "x", "y", "z", "E"), "“E” không khớp"),
        ((1, "Hỏi?", "x", "y", "z", "chưa rõ"), "không khớp"),
        ((1, "Hỏi?", 2, 1, 3, 2), "nhiều cách"),
        ((1, "Hỏi?", "x", "X", "z", "A"), "giống nhau"),
        ((1, "", "x", "y", "z", "A"), "chưa có nội dung"),
        ((1, "Hỏi?", "x", "", "z", "A"), "B để trống"),
    ],
)
def test_a_faulty_row_is_an_error_at_its_place(row: tuple[object, ...], part: str) -> None:
    reading = sheet((0, "Tốt?", "x", "y", "z", "A"), row)
    assert any(part in problem.message for problem in reading.problems)
    assert {(problem.item, problem.place) for problem in reading.problems} == {(2, "Trang tính “Câu hỏi”, dòng 3")}
    assert [question.stem for question in reading.storable()] == ["Tốt?"]


def test_a_missing_answer_is_never_guessed() -> None:
    reading = sheet((1, "Hỏi?", "x", ("y", RED), "z", ""), (2, "Hỏi nữa?", "x", "y", "z", "A"))
    assert [question.key for question in reading.questions] == [(), (0,)]
    assert [problem.item for problem in reading.problems] == [1]


@pytest.mark.parametrize("look", [RED, {"bold": True}, {"underline": 1}, {"bg_color": "#FFFF00"}])
def test_without_an_answer_column_the_look_of_cells_tells(look: dict[str, object]) -> None:
    rows = [(n, f"Hỏi {n}?", *((t, look) if i == n % 3 else t for i, t in enumerate("xyz"))) for n in range(4)]
    reading = read(workbook(HEADINGS[:-1], *rows))
    assert reading.problems == ()
    assert [question.key for question in reading.questions] == [(0,), (1,), (2,), (0,)]
    assert "4/4" in reading.notes[0]


def test_two_coloured_cells_are_left_to_a_person() -> None:
    reading = read(
        workbook(HEADINGS[:-1], (1, "Hỏi?", ("x", RED), ("y", RED), "z"), (2, "Hỏi nữa?", ("x", RED), "y", "z"))
    )
    assert [question.key for question in reading.questions] == [(), (0,)]
    assert any("A, B" in problem.message and problem.item == 1 for problem in reading.problems)


def test_stars_before_options() -> None:
    reading = read(workbook(HEADINGS[:-1], (1, "Hỏi?", "x", "*y", "z")))
    assert only(reading).options == (Option("x"), Option("y", True), Option("z"))


def test_true_false_with_and_without_its_options() -> None:
    reading = sheet(
        (1, "Một.", "Đúng", "Sai", "", "B"),
        (2, "Hai.", "Sai", "Đúng", "", "A"),
        (3, "Ba.", "", "", "", "Đ"),
        (4, "Bốn.", "", "", "", False),
    )
    assert reading.problems == ()
    assert {question.kind for question in reading.questions} == {"true_false"}
    assert [question.key for question in reading.questions] == [(1,), (1,), (0,), (1,)]


def test_the_stated_kind_counts() -> None:
    headings = (*HEADINGS, "Loại")
    reading = sheet(
        (1, "Chọn?", "x", "y", "z", "A", "Nhiều lựa chọn"),
        (2, "Chọn?", "x", "y", "z", "A, B", "Một lựa chọn"),
        (3, "Viết về quê hương.", "", "", "", "", "Tự luận"),
        headings=headings,
    )
    assert [question.kind for question in reading.questions] == ["multiple_response", "single_choice", "essay"]
    assert reading.read == 3
    assert [problem.item for problem in reading.problems] == [2]


def test_rows_without_options_are_listed() -> None:
    reading = sheet((1, "Hỏi?", "x", "y", "z", "A"), ("", "Trình bày quy trình.", "", "", "", ""))
    assert (reading.read, len(reading.questions)) == (2, 1)
    assert reading.problems[0].place == "Trang tính “Câu hỏi”, dòng 3"


@pytest.mark.parametrize(
    ("heading", "value"), [("Mức độ", "khó"), ("Điểm", "nhiều"), ("Thời gian", "-3"), ("Loại", "lạ"), ("Cố định", "E")]
)
def test_a_cell_nobody_understands_is_a_warning(heading: str, value: str) -> None:
    reading = sheet((1, "Hỏi?", "x", "y", "z", "A", value), headings=(*HEADINGS, heading))
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING]
    assert f"“{value}”" in reading.problems[0].message
    assert len(reading.storable()) == 1


def test_numbers_and_dates_are_texts_in_vietnamese_notation() -> None:
    question = only(sheet((1, "Bao nhiêu?", 5, 0.5, "2025", "A"), headings=HEADINGS))
    assert [option.text for option in question.options] == ["5", "0,5", "2025"]


def test_a_sheet_without_headings_is_read_with_a_warning() -> None:
    reading = read(workbook(*((f"Hỏi {n}?", "x", "y", "z", "B") for n in range(3))))
    assert [question.key for question in reading.questions] == [(1,)] * 3
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING]


def test_a_sheet_of_other_things_is_refused() -> None:
    reading = read(workbook(("Họ tên", "Ngày sinh"), ("Người A", "01/01/1990")))
    assert reading.questions == ()
    assert "dòng tiêu đề" in reading.problems[0].message


def test_several_sheets_and_those_passed_over() -> None:
    row = (1, "Hỏi?", "x", "y", "z", "A")
    reading = read(workbook(HEADINGS, row, Khác=[HEADINGS, row, row], Ghi_chú=[("dặn dò",)]))
    assert len(reading.questions) == 3
    assert reading.notes == ("Trang tính “Ghi_chú” không được đọc.",)


def test_the_template_is_empty_to_the_reader_and_has_its_lists() -> None:
    reading = read(template(), filename="mau.xlsx")
    assert reading.questions == ()
    assert "Không tìm thấy câu hỏi" in reading.problems[0].message
    book = load_workbook(BytesIO(template()))
    assert book.sheetnames == ["Câu hỏi", "Ví dụ", "Hướng dẫn"]
    lists = {str(rule.sqref): rule.formula1 for rule in book["Câu hỏi"].data_validations.dataValidation}
    assert lists == {
        "B2:B1001": f'"{",".join(KIND_LABELS.values())}"',
        "C2:C1001": '"x"',
        "L2:L1001": '"Nhận biết,Thông hiểu,Vận dụng,Vận dụng cao"',
    }
    headings = [cell.value for cell in book["Câu hỏi"][1]]
    assert headings[11] == "Mức độ"


def test_the_examples_of_the_template_are_sound_when_copied_over() -> None:
    book = load_workbook(BytesIO(template()))
    rows = list(book["Ví dụ"].iter_rows(values_only=True))
    reading = read(workbook(*[["" if value is None else value for value in row] for row in rows]))
    assert reading.problems == ()
    assert {question.kind for question in reading.questions} == set(KINDS)


def test_formulas_stay_text() -> None:
    question = Question("single_choice", "=1+1", (Option("=cmd|'/c calc'!A1", True), Option("+1"), Option("@x")))
    data = write([question], "excel").data
    assert read(data).questions == (question,)
    assert load_workbook(BytesIO(data))["Câu hỏi"]["D2"].data_type != "f"


def test_a_text_too_long_for_a_cell_is_left_out_and_named() -> None:
    long = Question("single_choice", "dài " * 9000, (Option("a", True), Option("b")))
    writing = write([long, replace(long, stem="ngắn")], "excel")
    assert [problem.item for problem in writing.problems] == [1]
    assert [question.stem for question in read(writing.data).questions] == ["ngắn"]


def test_writing_twice_gives_the_same_bytes() -> None:
    question = Question("single_choice", "Hỏi?", (Option("a", True), Option("b")))
    assert write([question], "excel").data == write([question], "excel").data


def test_a_thousand_questions_are_read() -> None:
    options = tuple(Option(f"Phương án số {n} với vài chữ để có độ dài như thật", n == 2) for n in range(4))
    many = [Question("single_choice", f"Câu hỏi số {n} về thẩm quyền của cấp xã?", options) for n in range(1000)]
    data = write(many, "excel").data
    reading = read(data)
    assert list(reading.questions) == many


@settings(max_examples=60, deadline=None)
@given(st.lists(questions(any_text(), pins=True), min_size=1, max_size=4))
def test_what_is_written_reads_back_the_same(given_questions: list[Question]) -> None:
    writing = write(given_questions, "excel")
    reading = read(writing.data)
    assert writing.problems == ()
    assert list(reading.questions) == given_questions
    assert [question.ref for question in reading.questions] == [question.ref for question in given_questions]
