"""Tables in layouts of their own: a person says what the columns hold, once."""

from __future__ import annotations

import json

import pytest

from question_bank.formats import ColumnMapping, Reading, columns_of, read, write
from question_bank.formats.excel_mapping import OPTION, ROLES
from question_bank.messages import Severity
from question_bank.question import Option, Question

from .books import HEADINGS, workbook

ODD = ("Thứ hạng", "Vấn đề nêu ra", "Trả lời thứ nhất", "Trả lời thứ nhì", "Chốt")
ROWS = [(1, "Cơ quan nào?", "Ủy ban nhân dân", "Tòa án", "A"), (2, "Việc gì?", "Một việc", "Hai việc", "B")]
GIVEN = ["number", "stem", OPTION, OPTION, "answer"]


def look(reading: Reading):  # type: ignore[no-untyped-def]
    assert reading.needs_mapping is not None
    (sheet,) = reading.needs_mapping.sheets
    return sheet


def test_unknown_headings_are_asked_about_and_read_by_the_answer() -> None:
    data = workbook(("Ngân hàng câu hỏi",), ODD, *ROWS)
    reading = read(data)
    assert reading.questions == ()
    assert [problem.severity for problem in reading.problems] == [Severity.ERROR]
    sheet = look(reading)
    assert (sheet.name, sheet.rows[1], sheet.width, sheet.mapping.first_row) == ("Câu hỏi", ODD, 5, 2)
    mapping = ColumnMapping.of_roles(GIVEN, first_row=2, digest=sheet.digest)
    again = read(data, mapping=mapping)
    assert again.problems == ()
    assert again.needs_mapping is None
    assert [question.key for question in again.questions] == [(0,), (1,)]
    assert again.questions[0].options == (Option("Ủy ban nhân dân", True), Option("Tòa án"))


def test_a_saved_mapping_knows_the_headings_again_wherever_they_stand() -> None:
    sheet = look(read(workbook(("Ngân hàng câu hỏi",), ODD, *ROWS)))
    saved = json.loads(json.dumps(ColumnMapping.of_roles(GIVEN, first_row=2, digest=sheet.digest).as_json()))
    mapping = ColumnMapping.from_json(saved)
    higher = read(workbook(ODD, *ROWS, Khác=[ODD, *ROWS], Lạ=[("Họ", "Tên"), ("A", "B")]), mapping=[mapping])
    assert len(higher.questions) == 4
    other = read(workbook(("Thứ", "Ngày", "Việc", "Nơi", "Ai"), *ROWS), mapping=mapping)
    assert other.needs_mapping is not None
    csv = ("\r\n".join(";".join(map(str, row)) for row in (ODD, *ROWS))).encode("utf-8-sig")
    assert len(read(csv, "csv", mapping=mapping).questions) == 2


def test_a_mapping_goes_before_headings_that_are_known() -> None:
    data = workbook(("STT", "Câu hỏi", "A", "B", "Đáp án", "Đáp án mới"), (1, "Hỏi?", "x", "y", "A", "B"))
    known = columns_of(data)
    assert known is not None
    (sheet,) = known.sheets
    assert sheet.mapping.roles(6) == ["number", "stem", OPTION, OPTION, "answer", ""]
    roles = ["number", "stem", OPTION, OPTION, "", "answer"]
    mapping = ColumnMapping.of_roles(roles, first_row=1, digest=sheet.digest)
    assert [read(data).questions[0].key, read(data, mapping=mapping).questions[0].key] == [(0,), (1,)]
    assert columns_of(write([], "gift").data or b"{=a ~b}") is None


def test_guessed_columns_are_shown_too() -> None:
    filler = tuple(f"Column{number}" for number in range(1, 6))
    data = workbook(filler, *((f"Hỏi {n}?", "x", "y", "z", "B") for n in range(3)))
    reading = read(data)
    assert [question.key for question in reading.questions] == [(1,)] * 3
    assert look(reading).mapping.roles(5) == ["stem", OPTION, OPTION, OPTION, "answer"]
    confirmed = read(data, mapping=look(reading).mapping)
    assert (len(confirmed.questions), confirmed.problems, confirmed.needs_mapping) == (3, (), None)


def test_all_options_in_one_cell_or_below_the_stem() -> None:
    headings = ("Số", "Mô tả", "Chốt")
    data = workbook(headings, (1, "Cơ quan nào?\nA. Ủy ban\nB. Tòa án", "B"), (2, "Việc gì?\nA. Một\nB. Hai", "A"))
    sheet = look(read(data))
    mapping = ColumnMapping.of_roles(["number", "stem", "answer"], first_row=1, digest=sheet.digest)
    assert [question.key for question in read(data, mapping=mapping).questions] == [(1,), (0,)]


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"columns": {"stem": -1}, "options": [], "first_row": 0, "digest": ""},
        {"columns": {"stem": "1"}, "options": [], "first_row": 0, "digest": ""},
        {"columns": {"lạ": 1}, "options": [], "first_row": 0, "digest": ""},
        {"columns": {"stem": 1}, "options": [], "first_row": 0, "digest": 5},
        {"columns": {"stem": 1}, "options": [10**9], "first_row": 0, "digest": ""},
    ],
)
def test_what_is_no_mapping_is_refused(data: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ColumnMapping.from_json(data)


def test_a_mapping_that_says_too_little() -> None:
    assert "nội dung" in str(ColumnMapping.of_roles(["number"]).problem())
    assert "đáp án" in str(ColumnMapping.of_roles(["stem"]).problem())
    assert ColumnMapping.of_roles(["stem", "options"]).problem() is None
    assert set(ROLES) > {"stem", OPTION, "answer"}


def test_headings_that_say_enough_need_no_mapping() -> None:
    assert read(workbook(HEADINGS, (1, "Hỏi?", "x", "y", "z", "A"))).needs_mapping is None
    question = Question("single_choice", "Hỏi?", (Option("a", True), Option("b")))
    assert read(write([question], "csv").data).needs_mapping is None
