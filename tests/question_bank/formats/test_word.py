"""Word papers: how questions are numbered, options laid out, and what belongs to neither."""

from __future__ import annotations

import unicodedata

import pytest

from question_bank.messages import Severity
from question_bank.question import Citation, Level

from .papers import shapes, word

OPTIONS = ["A. một", "B. hai", "C. ba", "D. bốn", "Đáp án: B"]
EXPECTED = ("Hỏi gì?", ["một", "hai", "ba", "bốn"], (1,))


@pytest.mark.parametrize(
    "start",
    [
        "Câu 1: ", "Câu 1. ", "<b>Câu </><b>1</>: ", "CÂU 1. ", "Câu hỏi 1: ", "Câu 1) ", "Câu 1 - ", "Câu 1 ",
        "Câu1: ", "Cau 1: ",
        "Bài 1: ", "Bài 1. ", "1. ", "1.", "1) ", "Question 1. ", "Question <b>3</><b>0</>. ", "(1) ", "#0 ",
    ],
)  # fmt: skip
def test_numbers_of_questions(start: str) -> None:
    reading = word(f"{start}Hỏi gì?", *OPTIONS)
    assert shapes(reading.questions) == [EXPECTED]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("start", "level", "tags", "points"),
    [
        ("Câu 1 (NB): ", Level.RECALL, (), 1000),
        ("Câu 1. [TH] ", Level.COMPREHENSION, (), 1000),
        ("(VD) Câu 1: ", Level.APPLICATION, (), 1000),
        ("Câu 1 (Vận dụng cao). ", Level.ADVANCED_APPLICATION, (), 1000),
        ("(CLO4) Câu 1: ", None, ("CLO4",), 1000),
        ("Câu 1 (0,5 điểm): ", None, (), 500),
        ("Câu 1: [3] ", None, ("mức 3",), 1000),
        ("Câu 1 (NB) (CLO2): ", Level.RECALL, ("CLO2",), 1000),
    ],
)
def test_signs_beside_the_number(start: str, level: Level | None, tags: tuple[str, ...], points: int) -> None:
    (question,) = word(f"{start}Hỏi gì?", *OPTIONS).questions
    assert (question.stem, question.level, question.tags, question.points) == ("Hỏi gì?", level, tags, points)


@pytest.mark.parametrize(
    "options",
    [
        ["A. một", "B. hai", "C. ba", "D. bốn"],
        ["A) một", "B) hai", "C) ba", "D) bốn"],
        ["a. một", "b. hai", "c. ba", "d. bốn"],
        ["a) một", "b) hai", "c) ba", "d) bốn"],
        ["A/ một", "B/ hai", "C/ ba", "D/ bốn"],
        ["(A) một", "(B) hai", "(C) ba", "(D) bốn"],
        ["- A. một", "- B. hai", "- C. ba", "- D. bốn"],
        ["A.một", "B.hai", "C.ba", "D.bốn"],
        ["A. một\tB. hai", "C. ba\tD. bốn"],
        ["A. một      B. hai      C. ba      D. bốn"],
        ["A. một\tB. hai\tC. ba\tD. bốn"],
        ["A. một B. hai C. ba D. bốn"],
        ["A. một B. hai", "C. ba D. bốn"],
        ["A. một\nB. hai\nC. ba\nD. bốn"],
        ["A. một", "", "B. hai", "", "C. ba", "", "D. bốn"],
        ["#1 một", "#1 hai", "#1 ba", "#1 bốn"],
        [[["A. một", "B. hai"], ["C. ba", "D. bốn"]]],
    ],
)
def test_layouts_of_options(options: list[str | list[list[str]]]) -> None:
    reading = word("Câu 1: Hỏi gì?", *options, "Đáp án: B")
    assert shapes(reading.questions) == [EXPECTED]
    assert reading.problems == ()


def test_options_that_begin_within_the_stem() -> None:
    reading = word(
        "Câu 1: Hỏi gì? A. một", "B. hai", "C. ba", "D. bốn", "Đáp án: B",
        "Câu 2: Hỏi gì? A. một B. hai C. ba D. bốn", "Đáp án: B",
        "Câu 3: Hỏi gì?\tA. một\tB. hai", "C. ba\tD. bốn", "Đáp án: B",
    )  # fmt: skip
    assert shapes(reading.questions) == [EXPECTED] * 3


def test_wrapped_options_and_stems_of_several_lines() -> None:
    reading = word(
        "Câu 1: Cho các ý:", "(1). Thứ nhất", "(2). Thứ hai", "A. một", "dài hai đoạn", "B. hai", "Đáp án: A"
    )
    assert shapes(reading.questions) == [("Cho các ý:\n(1). Thứ nhất\n(2). Thứ hai", ["một dài hai đoạn", "hai"], (0,))]


def test_letters_that_are_no_markers() -> None:
    reading = word(
        "Câu 1: Cho R(A,B,C), F = {A→BC}. a. ý thứ nhất b. ý thứ hai", "a. Ý nhỏ", "b. Ý nhỏ nữa",
        "A. C = 5 và theo phương án B. đã nêu", "B. Cả A, C đều đúng", "C. Ông C. Mác", "Đáp án: C",
    )  # fmt: skip
    stem = "Cho R(A,B,C), F = {A→BC}. a. ý thứ nhất b. ý thứ hai\na. Ý nhỏ\nb. Ý nhỏ nữa"
    options = ["C = 5 và theo phương án B. đã nêu", "Cả A, C đều đúng", "Ông C. Mác"]
    assert shapes(reading.questions) == [(stem, options, (2,))]


def test_headings_sections_and_ends_stay_outside() -> None:
    reading = word(
        [["ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]],
        "ĐỀ THI KIỂM TRA", "Thời gian: 45 phút", "Họ và tên: ..........", "A. PHẦN TRẮC NGHIỆM",
        "<b>PHẦN I. Kiến thức chung</>",
        "Câu 1: Hỏi gì?", *OPTIONS,
        "CHƯƠNG 2", "II. CHUYÊN MÔN", "Câu 1: Hỏi gì?", *OPTIONS[:4],
        "Chuyên đề 3: Đất đai", "Câu 2: Hỏi gì?", *OPTIONS,
        "----- HẾT -----", "Cán bộ coi thi không giải thích gì thêm.",
    )  # fmt: skip
    assert [question.stem for question in reading.questions] == ["Hỏi gì?"] * 3
    assert [[option.text for option in question.options] for question in reading.questions] == [EXPECTED[1]] * 3
    assert [problem.item for problem in reading.problems] == [2]


def test_details_below_a_question() -> None:
    reading = word(
        "Câu 1: Hỏi gì?", *OPTIONS,
        "Căn cứ: khoản 2 Điều 12 Nghị định 30/2020/NĐ-CP; Luật 60/2014/QH13", "Mức độ: Thông hiểu",
        "Chuyên đề: vt_van_ban",
        "Vị trí: vp_van_thu", "Điểm: 0,5", "Thời gian: 2 phút", "Cố định: D",
        "Lời giải: Vì thế này.", "Chọn B", "= dòng nữa, A. không phải phương án",
        "Câu 2: Hỏi gì?", *OPTIONS,
    )  # fmt: skip
    question, after = reading.questions
    assert reading.problems == ()
    assert question.citations == (Citation("30/2020/NĐ-CP", "12", "2"), Citation("60/2014/QH13"))
    assert (question.level, question.topic, question.positions) == (Level.COMPREHENSION, "vt_van_ban", ("vp_van_thu",))
    assert (question.points, question.seconds, question.key) == (500, 120, (1,))
    assert question.options[3].pinned
    assert question.explanation == "Vì thế này.\n= dòng nữa, A. không phải phương án"
    assert after.explanation == ""


def test_a_paper_without_numbers() -> None:
    reading = word(
        "Bài kiểm tra", "", "Hỏi gì?", *OPTIONS, "", "Hỏi gì?", *OPTIONS, "[<br>]", "Hỏi gì?", *OPTIONS,
    )  # fmt: skip
    assert shapes(reading.questions) == [EXPECTED] * 3


def test_a_question_whose_number_is_missing() -> None:
    reading = word(
        "Câu 1: Hỏi gì?", "A. một", "B. hai", "C. ba", "D. bốn", "Hỏi gì?", *OPTIONS, "Câu 3: Hỏi gì?", *OPTIONS
    )
    assert [question.stem for question in reading.questions] == ["Hỏi gì?"] * 3
    assert any("thiếu số thứ tự" in problem.message and problem.item == 2 for problem in reading.problems)


def test_a_question_numbered_in_another_way_is_not_swallowed_in_silence() -> None:
    reading = word("Câu 1: Hỏi gì?", "*A. một", "B. hai", "2/ Hỏi gì nữa?", "a. một", "Câu 3: Hỏi gì?", *OPTIONS)
    assert [(p.item, p.severity) for p in reading.problems] == [(1, Severity.ERROR)]
    assert "2/ Hỏi gì nữa?" in reading.problems[0].message


def test_a_number_within_an_option_is_no_question() -> None:
    reading = word("Câu 1: Hỏi gì?", "*A. một", "B. năm", "2025. Hết năm.", "Câu 2: Hỏi gì?", *OPTIONS)
    assert not reading.problems


def test_letters_out_of_order_are_an_error() -> None:
    reading = word("Câu 1: Hỏi gì?", "A. một", "B. hai", "D. bốn", "Đáp án: B")
    assert reading.storable() == ()
    assert "sau B là D" in reading.problems[0].message


def test_true_false_in_three_ways() -> None:
    reading = word(
        "Câu 1: Một.", "A. Đúng", "B. Sai", "Đáp án: B", "Câu 2: Hai.", "Đáp án: Đúng",
        "Câu 3: Ba.", "Xét xem:", "Đúng", "Sai", "Đáp án: Sai", "Câu 4: Bốn.", "A. Sai", "B. Đúng", "Đáp án: A",
    )  # fmt: skip
    assert reading.problems == ()
    assert shapes(reading.questions) == [
        ("Một.", ["Đúng", "Sai"], (1,)),
        ("Hai.", ["Đúng", "Sai"], (0,)),
        ("Ba.\nXét xem:", ["Đúng", "Sai"], (1,)),
        ("Bốn.", ["Đúng", "Sai"], (1,)),
    ]
    assert {question.kind for question in reading.questions} == {"true_false"}


def test_essays_and_short_answers() -> None:
    reading = word(
        "Câu 1: Hỏi gì?", *OPTIONS, "PHẦN II. TRẢ LỜI NGẮN", "Câu 2: Năm nào?", "Đáp án: 2025", "Câu 3: Thủ đô?",
        "Đáp án: Hà Nội; Thăng Long", "Câu 4: Ở đâu?",
        "PHẦN III. TỰ LUẬN", "Câu 5: Trình bày.", "Nêu rõ.", "Ý chấm: Một (0,5 điểm)",
    )  # fmt: skip
    assert [question.kind for question in reading.questions] == [
        "single_choice", "numeric", "short_text", "short_text", "essay",
    ]  # fmt: skip
    number, words, unknown, essay = reading.questions[1:]
    assert number.details["answers"] == [{"value": "2025", "tolerance": "0", "mode": "absolute"}]
    assert words.details["accepted"] == [{"text": "Hà Nội"}, {"text": "Thăng Long"}]
    assert unknown.details["accepted"] == []
    assert (essay.stem, essay.details) == ("Trình bày.\nNêu rõ.", {"rubric": [{"text": "Một", "points": 500}]})
    assert [problem.item for problem in reading.problems] == [4]
    assert reading.headings[4] == "PHẦN III. TỰ LUẬN"


def test_decomposed_letters_are_composed() -> None:
    decomposed = [unicodedata.normalize("NFD", text) for text in ["Câu 1: Hỏi gì?", *OPTIONS]]
    reading = word(*decomposed)
    assert shapes(reading.questions) == [EXPECTED]
    assert reading.questions[0].stem == unicodedata.normalize("NFC", reading.questions[0].stem)


@pytest.mark.parametrize(
    "row",
    [
        (["Phương án trả lời"], ["A. một\nB. hai\nC. ba\nD. bốn"]),
        (["A", "B", "C", "D"], ["một", "hai", "ba", "bốn"]),
    ],
)
def test_a_table_with_one_question_a_row(row: tuple[list[str], list[str]]) -> None:
    reading = word("NGÂN HÀNG CÂU HỎI", [["STT", "Câu hỏi", *row[0], "Đáp án"], ["1", "Hỏi gì?", *row[1], "B"]])
    assert shapes(reading.questions) == [EXPECTED]
    assert reading.places == ("Bảng ở đoạn 2, dòng 2",)
    assert reading.problems == ()


def test_a_table_with_stem_and_options_in_one_cell() -> None:
    reading = word([["TT", "Nội dung câu hỏi", "Đáp án"], ["1", "Hỏi gì?\nA. một\nB. hai\nC. ba\nD. bốn", "B"]])
    assert shapes(reading.questions) == [EXPECTED]


def test_text_of_an_old_encoding_is_converted_and_said() -> None:
    reading = word("Câu 1:", "C©u hái tr¾c nghiÖm nµo?", *OPTIONS)
    assert reading.questions[0].stem == "Câu hỏi trắc nghiệm nào?"
    assert [(problem.item, problem.severity) for problem in reading.problems] == [(None, Severity.WARNING)]
    assert [(found.before, found.after) for found in reading.converted] == [
        ("C©u hái tr¾c nghiÖm nµo?", "Câu hỏi trắc nghiệm nào?")
    ]


def test_what_stands_between_questions_is_said() -> None:
    reading = word("Câu 1: Hỏi gì?", *OPTIONS, "", "Một dòng lạc lõng", "Câu 2: Hỏi gì?", *OPTIONS)
    assert [(p.item, p.severity) for p in reading.problems] == [(1, Severity.WARNING)]
    assert "Một dòng lạc lõng" in reading.problems[0].message


def test_places_name_number_and_paragraph() -> None:
    assert word("Tiêu đề", "", "Câu 7: Hỏi gì?", *OPTIONS).places == ("Câu 7, đoạn 3",)


def test_a_document_without_questions() -> None:
    reading = word("Một bức thư.", "Kính gửi.")
    assert reading.questions == ()
    assert "Không tìm thấy câu hỏi" in reading.problems[0].message
