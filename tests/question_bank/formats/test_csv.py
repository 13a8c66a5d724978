"""CSV: every divider and encoding that spreadsheets write, and quotes that are out of order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats import Reading, read, write
from question_bank.formats.stamps import stamp
from question_bank.messages import Severity
from question_bank.question import Option, Question

from .strategies import any_text, questions

HEAD = ("STT", "Câu hỏi", "A", "B", "C", "Đáp án")
ROWS = [
    ("1", "Cơ quan nào?", "A. Ủy ban", "B. Tòa án", "C. Sở", "B"),
    ("2", "Việc gì?", "A. một", "B. hai", "C. ba", "A"),
]


def table(divider: str = ";", *rows: tuple[str, ...]) -> str:
    return "\r\n".join(divider.join(row) for row in (HEAD, *(rows or ROWS)))


def keys(reading: Reading) -> list[tuple[int, ...]]:
    return [question.key for question in reading.questions]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("divider", [";", ",", "\t", "|"])
def test_dividers_and_encodings(divider: str, encoding: str) -> None:
    reading = read(table(divider).encode(encoding), filename="cau-hoi.csv")
    assert (reading.format, reading.problems, keys(reading)) == ("csv", (), [(1,), (0,)])
    assert reading.questions[0].options[0].text == "Ủy ban"
    assert reading.places == ("Dòng 2", "Dòng 3")


def test_the_content_tells_that_it_is_a_table() -> None:
    assert read(table().encode()).format == "csv"


def test_the_line_that_names_the_divider() -> None:
    assert keys(read(f"sep=;\r\n{table()}".encode(), "csv")) == [(1,), (0,)]


def test_line_breaks_within_quotes_and_places_after_them() -> None:
    rows = [("1", '"Dòng một\r\ndòng ""hai"""', "x", "y", "z", "A"), ("2", "Hỏi?", "x", "x", "z", "B")]
    reading = read(table(";", *rows).encode(), "csv")
    assert reading.questions[0].stem == 'Dòng một\ndòng "hai"'
    assert reading.places == ("Dòng 2", "Dòng 4")
    assert [problem.place for problem in reading.problems] == ["Dòng 4"]


@pytest.mark.parametrize("at_end", [True, False])
def test_a_quote_that_is_never_closed_spoils_its_own_line_only(at_end: bool) -> None:
    broken, sound = ("1", '"Hỏi?', "x", "y", "z", "A"), ("2", "Hỏi nữa?", "x", "y", "z", "B")
    rows = [sound, broken] if at_end else [broken, sound, ("3", '"Hỏi thêm?"', "x", "y", "z", "C")]
    reading = read(table(";", *rows).encode(), "csv")
    assert len(reading.questions) == len(rows)
    assert [(problem.place, problem.severity) for problem in reading.problems] == [
        ("Dòng 3" if at_end else "Dòng 2", Severity.WARNING)
    ]


def test_a_very_long_cell_is_named_and_the_rest_goes_on() -> None:
    long = ("1", "dài " * 1_250_000, "x", "y", "z", "A")
    reading = read(table(";", long, *ROWS[1:]).encode(), filename="dai.csv")
    assert [problem.place for problem in reading.problems] == ["Dòng 2"]
    assert "quá dài" in reading.problems[0].message
    assert [question.stem for question in reading.storable()] == ["Việc gì?"]


def test_rows_of_unequal_length() -> None:
    reading = read(
        table(";", ("1", "Hỏi?", "x", "y"), ROWS[1], ("3",), ("", "", "", "", "", "", "", "thừa")).encode(), "csv"
    )
    assert [problem.place for problem in reading.problems] == ["Dòng 2"]
    assert len(reading.storable()) == 1


def test_nothing_written_is_a_formula_to_a_spreadsheet() -> None:
    options = (Option("=cmd|'/c calc'!A1", True), Option("+x"), Option("@x"), Option("-5"), Option("'=x"))
    question = Question("single_choice", "=1+1", options)
    data = write([question], "csv").data
    cells = data.decode("utf-8-sig").splitlines()[1].split(";")
    assert not any(cell.startswith(("=", "+", "@", '"=')) for cell in cells)
    assert "-5" in cells
    assert read(data).questions == (question,)


def test_a_mark_of_who_took_the_file_does_not_disturb() -> None:
    question = Question("single_choice", "Hỏi?", (Option("a", True), Option("b")))
    data = stamp(write([question], "csv").data, "csv", "Xuất bởi A lúc 08:00")
    assert read(data).questions == (question,)


@settings(max_examples=60, deadline=None)
@given(st.lists(questions(any_text(), pins=True), min_size=1, max_size=4))
def test_what_is_written_reads_back_the_same(given_questions: list[Question]) -> None:
    writing = write(given_questions, "csv")
    assert writing.problems == ()
    assert list(read(writing.data, "csv").questions) == given_questions
