"""Whole papers: parts, titles, situations, statements, keys of every layout, second files."""

from __future__ import annotations

import pytest

from question_bank.formats import Reading, apply_key, read
from question_bank.messages import Severity
from question_bank.question import Citation, Level, Question

from .papers import paper, word

OPTIONS = ["A. một", "B. hai", "C. ba", "D. bốn"]
STATEMENTS = ["a) ý một", "b) ý hai", "c) ý ba", "d) ý bốn"]
PAPER_OF_THREE_PARTS = [
    "PHẦN I. Câu trắc nghiệm nhiều phương án lựa chọn. Mỗi câu chỉ chọn một phương án.",
    "Câu 1. Hỏi gì?", *OPTIONS, "Câu 2. Hỏi nữa?", *OPTIONS,
    "PHẦN II. Câu trắc nghiệm đúng sai. Trong mỗi ý a), b), c), d) ở mỗi câu, chọn đúng hoặc sai.",
    "Câu 1. Cho biết:", *STATEMENTS, "Câu 2. Cho biết nữa:", *STATEMENTS,
    "PHẦN III. Câu trắc nghiệm trả lời ngắn.",
    "Câu 1. Mấy ngày?", "Câu 2. Ở đâu?",
    "---- HẾT ----", "ĐÁP ÁN",
]  # fmt: skip
KEY_IN_LINES = [
    "PHẦN I", "1.B 2.C", "PHẦN II", "Câu 1: a-Đ, b-S, c-Đ, d-S", "Câu 2: SSĐĐ",
    "PHẦN III", "Câu 1: 12,5", "Câu 2: Hà Nội",
]  # fmt: skip
KEY_IN_TABLES: list[str | list[list[str]]] = [
    "PHẦN I", [["Câu", "1", "2"], ["Đáp án", "B", "C"]],
    "PHẦN II", [["Câu", "a", "b", "c", "d"], ["1", "Đ", "S", "Đ", "S"], ["2", "S", "S", "Đ", "Đ"]],
    "PHẦN III", [["Câu", "Đáp án"], ["1", "12,5"], ["2", "Hà Nội"]],
]  # fmt: skip
STATEMENT_A_ROW = [["Câu", "Lệnh hỏi", "Đáp án (Đ/S)"],
                   ["1", "a)", "Đ"], ["", "b)", "S"], ["", "c)", "Đ"], ["", "d)", "S"],
                   ["2", "a)", "S"], ["", "b)", "S"], ["", "c)", "Đ"], ["", "d)", "Đ"]]  # fmt: skip


def kinds(reading: Reading) -> list[str]:
    return [question.kind for question in reading.questions]


def parts(case: Question) -> list[Question]:
    return [Question.from_json(data) for data in case.details["questions"]]


@pytest.mark.parametrize(
    "key", [KEY_IN_LINES, KEY_IN_TABLES, [*KEY_IN_TABLES[:3], STATEMENT_A_ROW, *KEY_IN_TABLES[4:]]]
)
def test_the_three_parts_of_the_national_format(key: list[str | list[list[str]]]) -> None:
    reading = word(*PAPER_OF_THREE_PARTS, *key)
    assert reading.problems == ()
    assert kinds(reading) == ["single_choice"] * 2 + ["true_false_cluster"] * 2 + ["numeric", "short_text"]
    assert [question.key for question in reading.questions[:4]] == [(1,), (2,), (0, 2), (2, 3)]
    assert reading.questions[4].details["answers"][0]["value"] == "12.5"
    assert reading.questions[5].details["accepted"] == [{"text": "Hà Nội"}]
    assert reading.headings[2] == "PHẦN II. Câu trắc nghiệm đúng sai"


def test_statements_without_a_judgement_are_asked_about() -> None:
    reading = word(*PAPER_OF_THREE_PARTS[:-2])
    assert "Chưa rõ ý nào đúng" in next(problem.message for problem in reading.problems if problem.item == 3)
    assert reading.storable() == ()


@pytest.mark.parametrize("marks", [["(Đ)", "(S)", "(Đ)", "(S)"], ["– Đúng", "– Sai", "– Đúng", "– Sai"]])
def test_statements_that_bear_their_judgement(marks: list[str]) -> None:
    (question,) = word("Câu 1: Cho biết:", *map("{} {}".format, STATEMENTS, marks)).questions
    assert [(option.text, option.correct) for option in question.options] == [
        ("ý một", True), ("ý hai", False), ("ý ba", True), ("ý bốn", False),
    ]  # fmt: skip


def test_small_letters_of_a_stem_stay_there_when_options_follow() -> None:
    (question,) = word("Câu 1: Xét các ý:", *STATEMENTS, "Số ý đúng là:", *OPTIONS, "Đáp án: B").questions
    assert question.kind == "single_choice"
    assert question.stem.endswith("d) ý bốn\nSố ý đúng là:")


def test_titles_are_kept_beside_the_questions() -> None:
    reading = word(
        "SỞ NỘI VỤ", "ĐỀ THI THỬ", "Thời gian: 45 phút",
        "CHUYÊN ĐỀ 1: ĐẤT ĐAI", "Câu 1: Hỏi?", *OPTIONS, "Đáp án: A",
        "CÔNG CHỨC TƯ PHÁP – HỘ TỊCH", "Câu 2: Hỏi?", *OPTIONS, "Đáp án: A",
        "Chương 2: Thủ tục", "Câu 3: Hỏi?", *OPTIONS, "Đáp án: A",
        "CHUYÊN ĐỀ 2: HỘ TỊCH", "Câu 4: Hỏi?", *OPTIONS, "Đáp án: A",
    )  # fmt: skip
    assert reading.problems == ()
    assert reading.headings == (
        "CHUYÊN ĐỀ 1: ĐẤT ĐAI",
        "CHUYÊN ĐỀ 1: ĐẤT ĐAI › CÔNG CHỨC TƯ PHÁP – HỘ TỊCH",
        "CHUYÊN ĐỀ 1: ĐẤT ĐAI › Chương 2: Thủ tục",
        "CHUYÊN ĐỀ 2: HỘ TỊCH",
    )


def test_titles_that_name_a_level() -> None:
    reading = word("I. NHẬN BIẾT", "Câu 1: Hỏi?", *OPTIONS, "Đáp án: A", "MỨC ĐỘ VẬN DỤNG CAO", "Câu 2: Hỏi?", *OPTIONS,
                   "Đáp án: A", "Câu 3: Hỏi? (TH)", *OPTIONS, "Đáp án: A")  # fmt: skip
    assert [question.level for question in reading.questions] == [
        Level.RECALL, Level.ADVANCED_APPLICATION, Level.COMPREHENSION,
    ]  # fmt: skip
    assert [question.stem for question in reading.questions] == ["Hỏi?"] * 3


def test_an_option_of_capitals_is_no_title() -> None:
    reading = word("Câu 1: Hỏi?", "A. HCl", "*B. H2SO4", "C. HNO3", "Câu 2: Hỏi?", *OPTIONS, "Đáp án: A")
    assert [len(question.options) for question in reading.questions] == [3, 4]


@pytest.mark.parametrize(
    "lines",
    [
        ["Căn cứ: khoản 2 Điều 12 Luật 31/2024/QH15"],
        ["Căn cứ khoản 2 Điều 12 Luật 31/2024/QH15."],
        ["Cơ sở pháp lý: khoản 2 Điều 12 Luật 31/2024/QH15"],
    ],
)
def test_lines_of_law_become_citations(lines: list[str]) -> None:
    reading = word("Câu 1: Hỏi?", *OPTIONS, "Đáp án: A", *lines)
    assert reading.questions[0].citations == (Citation("31/2024/QH15", "12", "2"),)
    assert reading.problems == ()


def test_law_within_the_stem_is_a_citation_too() -> None:
    (question,) = word("Câu 1: Ai cấp (theo khoản 1 Điều 3 Luật 60/2014/QH13)", *OPTIONS, "Đáp án: A").questions
    assert (question.stem, question.citations) == ("Ai cấp", (Citation("60/2014/QH13", "3", "1"),))


def test_a_situation_and_its_questions_become_a_case() -> None:
    reading = word(
        "Tình huống 1: Ông A đến xã.", "Ông nộp hồ sơ.", "Câu 1: Ai nhận?", *OPTIONS, "Đáp án: A",
        "Câu 2: Mấy ngày?", "Đáp án: 15",
        "Đọc đoạn sau và trả lời câu 3–4:", "Một đoạn văn.", [["Năm", "Số"], ["2020", "5"]],
        "Câu 3: Ai?", *OPTIONS, "Đáp án: B", "Câu 4: Gì?", *OPTIONS, "Đáp án: C",
        "Câu 5: Riêng lẻ?", *OPTIONS, "Đáp án: D",
    )  # fmt: skip
    first, second, alone = reading.questions
    assert (first.kind, first.stem, first.points) == ("case", "Ông A đến xã.\nÔng nộp hồ sơ.", 2000)
    assert [part.kind for part in parts(first)] == ["single_choice", "numeric"]
    assert "<td>2020</td>" in second.stem_html
    assert [part.key for part in parts(second)] == [(1,), (2,)]
    assert alone.key == (3,)
    assert [(problem.item, problem.severity) for problem in reading.problems] == [(1, Severity.WARNING)]
    assert "gộp vào một tình huống" in reading.problems[0].message


def test_a_situation_that_is_a_question_itself() -> None:
    reading = word("Tình huống 1: Ông A hỏi gì?", *OPTIONS, "Đáp án: A")
    assert kinds(reading) == ["single_choice"]


def test_tags_of_other_tools() -> None:
    reading = word(
        "[<sg>]", "Questions {<1>} – {<2>} refer to the following passage.", "Một đoạn.", "[<egc>]",
        "(<1>) Ai?", *OPTIONS, "Đáp án: A", "[<br>]", "(<2>) Gì?", *OPTIONS, "Đáp án: B", "[<br>]", "[</sg>]",
        "(<3>) Riêng?", *OPTIONS, "Đáp án: C",
    )  # fmt: skip
    assert kinds(reading) == ["case", "single_choice"]
    assert reading.questions[0].stem == "Một đoạn."
    assert reading.problems == ()


def test_a_passage_of_numbered_places_becomes_a_text_with_gaps() -> None:
    text = "(DIENKHUYET)\n[<sg>]\nHà Nội {<1>}_____ thủ đô, Huế {<2>} _____ cố đô.\n[<egc>]\n"
    text += "(DIENKHUYET – 1)\nA. <u>là</u>\nB. có\n[<br>]\n(DIENKHUYET – 2)\nA. có\nB. <strong>là</strong>\n"
    text += "[<br>]\n[</sg>]\n(KETTHUCDIENKHUYET)"
    reading = read(text.encode(), filename="de.txt")
    (question,) = reading.questions
    assert question.stem == "Hà Nội [[1]] thủ đô, Huế [[2]] cố đô."
    rights = [[choice["text"] for choice in gap["choices"] if choice["correct"]] for gap in question.details["gaps"]]
    assert rights == [["là"], ["là"]]


def test_options_without_letters() -> None:
    reading = word("Câu 1: Hỏi gì?", "một", "<u>hai</>", "ba", "Câu 2: Hỏi gì?", "- một", "- hai", "- ba",
                   "Câu 3: Hỏi gì?", "một", "hai", "ba", "Đáp án: C")  # fmt: skip
    assert [question.key for question in reading.questions] == [(1,), (), (2,)]
    assert [problem.item for problem in reading.problems if problem.severity is Severity.ERROR] == [2]
    assert all("không có chữ cái" in p.message for p in reading.problems if p.severity is Severity.WARNING)


def test_matching_ordering_and_gaps() -> None:
    reading = word(
        "Câu 1 (Ghép đôi): Ghép.", [["Cột A", "Cột B"], ["1. Luật", "A. Quốc hội"], ["2. Nghị định", "B. Chính phủ"]],
        "Đáp án: 1-A, 2-B", "Câu 2: Sắp xếp các bước:", "A. ba", "B. một", "C. hai", "Đáp án: B → C → A",
        "Câu 3 (Điền chỗ trống): Có (1) …… cấp.", "Đáp án chỗ trống 1: hai; 2",
    )  # fmt: skip
    assert reading.problems == ()
    matching, ordering, gaps = reading.questions
    assert [(pair["left"], pair["right"]) for pair in matching.details["pairs"]] == [
        ("Luật", "Quốc hội"), ("Nghị định", "Chính phủ"),
    ]  # fmt: skip
    assert [item["text"] for item in ordering.details["items"]] == ["một", "hai", "ba"]
    assert gaps.details["gaps"] == [{"accepted": [{"text": "hai"}, {"text": "2"}]}]


def test_essays_take_their_rubric_from_the_guide_to_marking() -> None:
    reading = word(
        "I. TRẮC NGHIỆM", "Câu 1: Hỏi gì?", *OPTIONS, "II. TỰ LUẬN (5 điểm)", "Câu 1 (3 điểm): Phân tích.",
        "Câu 2 (2 điểm): Xử lý tình huống.", "HƯỚNG DẪN CHẤM", "1B",
        [["Câu", "Nội dung", "Điểm"], ["1", "Nêu vai trò", "1,0"], ["", "Phân tích", "2,0"], ["2", "Xử lý đúng", "2"]],
    )  # fmt: skip
    choice, first, second = reading.questions
    assert (choice.key, first.points, second.points) == ((1,), 3000, 2000)
    assert [(one["text"], one["points"]) for one in first.details["rubric"]] == [
        ("Nêu vai trò", 1000), ("Phân tích", 2000),
    ]  # fmt: skip
    assert second.details["rubric"] == [{"text": "Xử lý đúng", "points": 2000}]


def test_words_that_stand_out_are_kept_and_marks_of_answers_are_not() -> None:
    reading = word("Câu 1: Câu nào <b>không</> đúng?", "A. x<sub>2</>", "<u>B. một</>", "C. ba",
                   "Câu 2: Hỏi?", "<u>A. một</>", "B. <i>Romeo</> và", "C. ba")  # fmt: skip
    first, second = reading.questions
    assert first.stem_html == "<p>Câu nào <b>không</b> đúng?</p>"
    assert [option.html for option in first.options] == ["<p>x<sub>2</sub></p>", "", ""]
    assert [option.html for option in second.options] == ["", "<p><i>Romeo</i> và</p>", ""]
    assert (first.key, second.key) == ((1,), (0,))


class TestSecondFile:
    QUESTIONS = ["Câu 1: Hỏi gì?", *OPTIONS, "Câu 2: Hỏi?", "A. một", "*B. hai", "Câu 3: Cho biết:", *STATEMENTS]

    def test_a_file_of_answers_only_keeps_them(self) -> None:
        reading = word("ĐÁP ÁN", [["Câu", "Đáp án"], ["1", "A"], ["2", "C"], ["3", "a-Đ, b-S"]])
        assert reading.key == {1: "A", 2: "C", 3: "a-Đ, b-S"}
        assert [problem.severity for problem in reading.problems] == [Severity.WARNING]
        assert read("ĐÁP ÁN\n1A 2B 3C\n4D".encode(), filename="dap-an.txt").key == {1: "A", 2: "B", 3: "C", 4: "D"}

    def test_three_pairs_of_columns(self) -> None:
        rows = [["1", "A", "3", "C", "5", "A"], ["2", "B", "4", "D", "6", "B"]]
        assert word(rows).key == {1: "A", 2: "B", 3: "C", 4: "D", 5: "A", 6: "B"}

    def test_a_key_of_several_papers_must_be_divided(self) -> None:
        reading = word([["Câu", "101", "102"], ["1", "A", "B"], ["2", "C", "D"]])
        assert (reading.key, "nhiều mã đề" in reading.problems[0].message) == ({}, True)

    def test_the_answers_complete_the_questions(self) -> None:
        questions = read(paper(*self.QUESTIONS, "Câu 4 (Đúng/Sai từng ý): Cho:", *STATEMENTS))
        whole = apply_key(questions, {1: "D", 2: "B", 4: "ĐSĐS"})
        assert [question.key for question in whole.questions] == [(3,), (1,), (), (0, 2)]
        assert [problem.item for problem in whole.problems if problem.severity is Severity.ERROR] == [3]

    def test_an_answer_that_disagrees_is_asked_about(self) -> None:
        whole = apply_key(read(paper(*self.QUESTIONS[:8])), {1: "A", 2: "A", 9: "B"})
        assert [question.key for question in whole.questions] == [(0,), ()]
        told = {problem.item: problem.message for problem in whole.problems}
        assert "khác đáp án trong tệp" in next(
            problem.message for problem in whole.problems if problem.item == 2 and "khác" in problem.message
        )
        assert "9" in told[None]

    def test_a_key_settles_what_was_doubtful(self) -> None:
        doubtful = word("Câu 1: Hỏi?", "<u>A.</> một", "<u>B.</> hai", "C. ba", "Câu 2: Hỏi?", "<u>A.</> một", "B. hai")
        assert doubtful.storable() == doubtful.questions[1:]
        settled = apply_key(doubtful, {1: "B"})
        assert settled.problems == ()
        assert settled.questions[0].key == (1,)

    def test_the_questions_of_a_case_have_numbers_of_their_own(self) -> None:
        lines = [
            "Tình huống (câu 1–2): Ông A.",
            "Câu 1: Ai?",
            *OPTIONS,
            "Câu 2: Gì?",
            *OPTIONS,
            "Câu 3: Nữa?",
            *OPTIONS,
        ]
        whole = apply_key(word(*lines), {1: "A", 2: "B", 3: "C"})
        assert whole.problems == ()
        assert [part.key for part in parts(whole.questions[0])] == [(0,), (1,)]
