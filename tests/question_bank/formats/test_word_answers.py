"""How Word papers mark the right answers: in the letters, below the question, or in a key at the end."""

from __future__ import annotations

import pytest

from question_bank.formats import Reading
from question_bank.messages import Severity

from .papers import shapes, word

TEXTS = ["một", "hai", "ba", "bốn"]


def questions(mark: str, *rights: int) -> list[str]:
    """Numbered questions with the option ``mark`` makes of the right ones."""
    lines: list[str] = []
    for number, right in enumerate(rights, start=1):
        lines.append(f"<b>Câu {number}:</> Hỏi gì?")
        for index, text in enumerate(TEXTS):
            option = f"{'ABCD'[index]}. {text}"
            lines.append(mark.format(letter="ABCD"[index], text=text) if index == right else option)
    return lines


def keys(reading: Reading) -> list[tuple[int, ...]]:
    assert [[option.text for option in question.options] for question in reading.questions] == [TEXTS] * len(
        reading.questions
    )
    return [question.key for question in reading.questions]


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        ("<u>{letter}</>. {text}", "gạch chân"),
        ("<u>{letter}.</> {text}", "gạch chân"),
        ("<u>{letter}. {text}</>", "gạch chân"),
        ("{letter}. <u>{text}</>", "gạch chân"),
        ("<b>{letter}.</> {text}", "chữ đậm"),
        ("<b>{letter}. {text}</>", "chữ đậm"),
        ("<red>{letter}.</> {text}", "chữ màu"),
        ("<red u>{letter}</>. {text}", "gạch chân"),
        ("{letter}. <mark>{text}</>", "tô nền"),
        ("<i>{letter}. {text}</>", "chữ nghiêng"),
        ("*{letter}. {text}", "dấu sao"),
        ("{letter}. *{text}", "dấu sao"),
        ("{letter}.* {text}", "dấu sao"),
        ("{letter}. {text} (đúng)", "(đúng)"),
        ("{letter}. {text} [Đúng]", "(đúng)"),
        ("{letter}. {text} (x)", "(đúng)"),
    ],
)
def test_marks_on_the_option(mark: str, note: str) -> None:
    reading = word(*questions(mark, 1, 0, 3))
    assert keys(reading) == [(1,), (0,), (3,)]
    assert reading.problems == ()
    assert any(note in text and "3/3" in text for text in reading.notes)


@pytest.mark.parametrize(
    "line",
    [
        "Đáp án: B", "Đáp án B", "ĐÁP ÁN: b", "Đáp án đúng là: B", "Đáp án đúng là B", "Đáp án đúng B.",
        "Đáp án cần chọn là: B.", "ANSWER: B", "Đ/A: B",
        "Chọn B", "=> B",
        "Chọn đáp án B", "Đáp án. Câu trả lời 2 (B)", "• Đáp án: B. hai", "Đáp án: hai",
    ],
)  # fmt: skip
def test_a_line_below_the_options(line: str) -> None:
    assert keys(word(*questions("{letter}. {text}", 0), line)) == [(1,)]


def test_an_answer_glued_behind_the_last_option() -> None:
    assert keys(word("Câu 1: Hỏi gì?", "A. một", "B. hai", "C. ba", "D. bốn. Đáp án: C".replace(". Đáp", " Đáp"))) == [
        (2,)
    ]


def test_a_mark_on_every_option_is_no_mark() -> None:
    reading = word("Câu 1: Hỏi gì?", *(f"<b>{letter}.</> {text}" for letter, text in zip("ABCD", TEXTS, strict=True)))
    assert keys(reading) == [()]
    assert "Không thấy dấu nào" in reading.notes[0]
    assert reading.storable() == ()


def test_dark_grey_is_ink() -> None:
    reading = word("<grey>Câu 1: Hỏi gì?</>", *(f"<grey>{'ABCD'[i]}. {text}</>" for i, text in enumerate(TEXTS)))
    assert keys(reading) == [()]


def test_every_letter_bold_and_the_right_one_underlined() -> None:
    lines = []
    for number, right in ((1, 2), (2, 0)):
        lines.append(f"Câu {number}: Hỏi gì?")
        lines += [f"<b{' u' if i == right else ''}>{'ABCD'[i]}.</> {text}" for i, text in enumerate(TEXTS)]
    assert keys(word(*lines)) == [(2,), (0,)]


def test_two_marked_options_are_left_to_a_person() -> None:
    lines = [
        *questions("<u>{letter}.</> {text}", 1, 2),
        "Câu 3: Hỏi gì?",
        "<u>A.</> một",
        "<u>B.</> hai",
        "C. ba",
        "D. bốn",
    ]
    reading = word(*lines)
    assert keys(reading) == [(1,), (2,), ()]
    assert [(problem.item, problem.severity) for problem in reading.problems] == [(3, Severity.ERROR)]
    assert "A, B" in reading.problems[0].message


def test_marks_that_disagree_are_left_to_a_person() -> None:
    reading = word(*questions("<u>{letter}.</> {text}", 1), "Đáp án: C")
    assert keys(reading) == [()]
    assert "dòng “Đáp án” ở C" in reading.problems[0].message
    assert "gạch chân ở B" in reading.problems[0].message


def test_a_stray_colour_is_a_warning_where_another_mark_rules() -> None:
    lines = questions("<u>{letter}.</> {text}", 1, 2, 3, 0, 1)
    lines[1] = lines[1].replace("A.", "<red>A.</>")
    reading = word(*lines)
    assert keys(reading) == [(1,), (2,), (3,), (0,), (1,)]
    assert [(problem.item, problem.severity) for problem in reading.problems] == [(1, Severity.WARNING)]


def test_several_right_answers_must_be_said() -> None:
    reading = word("Câu 1: Hỏi gì?", "*A. một", "B. hai", "*C. ba", "D. bốn", "Câu 2: Hỏi gì?",
                   *questions("", 9)[1:], "Đáp án: A, C",
                   "Câu 3: Hỏi gì? (Chọn nhiều đáp án)", "*A. một", "*B. hai", "C. ba", "D. bốn")  # fmt: skip
    assert [(question.kind, question.key) for question in reading.questions] == [
        ("multiple_response", (0, 2)), ("multiple_response", (0, 2)), ("multiple_response", (0, 1)),
    ]  # fmt: skip
    underlined = word("Câu 1: Chọn nhiều đáp án đúng.", "<u>A.</> một", "<u>B.</> hai", "C. ba", "D. bốn")
    assert [(question.kind, question.key) for question in underlined.questions] == [("multiple_response", (0, 1))]


def test_an_answer_that_is_no_option() -> None:
    reading = word(*questions("<b>{letter}.</> {text}", 1), "Đáp án: E")
    assert keys(reading) == [()]
    assert "“E” không khớp" in reading.problems[0].message


def test_bold_that_runs_on_from_the_stem_is_no_mark() -> None:
    lines = [f"<b>Câu {n}: Hỏi gì? A. một</>" for n in (1, 2)]
    rest = ["<u>B.</> hai", "C. ba", "D. bốn"]
    assert keys(word(lines[0], "B. hai", "C. ba", "D. bốn", lines[1], *rest)) == [(), (1,)]


def test_the_right_option_repeated_behind_a_bullet() -> None:
    lines = questions("{letter}. {text}", 0, 0)
    assert keys(word(*lines[:5], "• B. hai;", *lines[5:], "• D. d;")) == [(1,), (3,)]


PLAIN = questions("{letter}. {text}", 0, 0, 0, 0, 0)
EXPECTED = [(1,), (0,), (3,), (2,), (1,)]


@pytest.mark.parametrize(
    "key",
    [
        ["BẢNG ĐÁP ÁN", [["1", "2", "3", "4", "5"], ["B", "A", "D", "C", "B"]]],
        [[["Câu", "1", "2", "3", "4", "5"], ["Đáp án", "B", "A", "D", "C", "B"]]],
        [[["1", "2", "3"], ["B", "A", "D"], ["4", "5", ""], ["C", "B", ""]]],
        [[["Câu", "Đáp án", "Câu", "Đáp án"], ["1", "B", "4", "C"], ["2", "A", "5", "B"], ["3", "D", "", ""]]],
        [[["1.B", "2.A", "3.D"], ["4.C", "5.B", ""]]],
        [[["Câu 1", "B"], ["Câu 2", "A"], ["Câu 3", "D"], ["Câu 4", "C"], ["Câu 5", "B"]]],
        ["----HẾT----", "ĐÁP ÁN", "1B 2A 3D 4C 5B"],
        ["ĐÁP ÁN TRẮC NGHIỆM", "1.B; 2.A; 3.D", "4 - C, 5 - B"],
        ["HƯỚNG DẪN CHẤM", "Câu 1: B", "Câu 2: A", "Câu 3: D", "Câu 4: C", "Câu 5: B"],
        ["KEY", "1\t2\t3\t4\t5", "B\tA\tD\tC\tB"],
        ["1b 2a 3d 4c 5b"],
    ],
)
def test_keys_at_the_end(key: list[str | list[list[str]]]) -> None:
    reading = word(*PLAIN, *key)
    assert keys(reading) == EXPECTED
    assert reading.problems == ()


def test_a_key_completes_the_marks_of_the_document() -> None:
    lines = [
        line.replace("<b>B.</>", "B.") if n < 3 else line
        for n, line in enumerate(questions("<b>{letter}.</> {text}", 1, 0, 3))
    ]
    reading = word(*lines, "ĐÁP ÁN", "1B 2A 3D")
    assert keys(reading) == [(1,), (0,), (3,)]
    assert reading.problems == ()


def test_gaps_and_clashes_of_a_key_are_reported() -> None:
    reading = word(*PLAIN, "ĐÁP ÁN", "1B 2A 4E 5B 9C")
    assert keys(reading) == [(1,), (0,), (), (), (1,)]
    assert [(problem.item, problem.severity) for problem in reading.problems] == [
        (None, Severity.WARNING), (3, Severity.ERROR), (4, Severity.ERROR),
    ]  # fmt: skip
    assert "9" in reading.problems[0].message
    assert "“E”" in reading.problems[2].message


def test_numbers_that_begin_anew_take_the_key_of_their_part() -> None:
    part = questions("{letter}. {text}", 0, 0)
    after_each = word("PHẦN I", *part, "ĐÁP ÁN", "1B 2C", "PHẦN II", *part, "ĐÁP ÁN", "1D 2A")
    at_the_end = word("PHẦN I", *part, "PHẦN II", *part, "ĐÁP ÁN", "1B 2C", "1D 2A")
    assert keys(after_each) == keys(at_the_end) == [(1,), (2,), (3,), (0,)]
    unclear = word("PHẦN I", *part, "PHẦN II", *part, "ĐÁP ÁN", "1B 2C")
    assert keys(unclear) == [()] * 4
    assert any("Số câu lặp lại" in problem.message for problem in unclear.problems)


def test_a_key_of_several_papers_is_not_used() -> None:
    reading = word(*PLAIN, [["Câu", "101", "102"], ["1", "B", "C"], ["2", "A", "D"]])
    assert keys(reading) == [()] * 5
    assert any("nhiều mã đề" in problem.message for problem in reading.problems)


def test_shapes_of_a_whole_paper() -> None:
    reading = word("ĐỀ THI", "", *questions("<u>{letter}.</> {text}", 2))
    assert shapes(reading.questions) == [("Hỏi gì?", TEXTS, (2,))]
