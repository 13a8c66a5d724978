"""GIFT: the standard as others write it, the fields of this bank, and what is written reads back the same."""

from __future__ import annotations

import base64
import unicodedata
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from question_bank.formats import FORMATS, Reading, read, write
from question_bank.formats.carried import lost
from question_bank.messages import Severity
from question_bank.question import Citation, Level, Option, Question

from .shapes import shapes
from .strategies import any_text, questions


def gift(text: str) -> Reading:
    return read(text.encode(), format="gift")


def only(text: str) -> Question:
    reading = gift(text)
    assert reading.problems == ()
    (question,) = reading.questions
    return question


def refused(text: str) -> str:
    """The message about the one thing that could not become a question."""
    reading = gift(text)
    assert (reading.questions, reading.read, len(reading.problems)) == ((), 1, 1)
    assert reading.problems[0].severity is Severity.ERROR
    return str(reading.problems[0].message)


def test_single_choice_with_every_field() -> None:
    question = only(
        "$CATEGORY: $course$/top/tp_ho_tich\n\n"
        "// [id:tp-001] [level:thong_hieu] [position:tp_tu_phap] [position:vp_van_thu]"
        " [cite:60/2014/QH13|5|2|a] [cite:30/2020/NĐ-CP] [seconds:45] [points:1500] [tag:mẫu] [pinned:3]\n"
        "Câu dẫn ở đây? {\n=Phương án đúng\n~Phương án sai\n~Cả hai phương án trên\n####Giải thích ngắn.\n}\n"
    )
    assert question == Question(
        "single_choice",
        "Câu dẫn ở đây?",
        (Option("Phương án đúng", True), Option("Phương án sai"), Option("Cả hai phương án trên", pinned=True)),
        level=Level.COMPREHENSION,
        topic="tp_ho_tich",
        positions=("tp_tu_phap", "vp_van_thu"),
        explanation="Giải thích ngắn.",
        citations=(Citation("60/2014/QH13", "5", "2", "a"), Citation("30/2020/NĐ-CP")),
        tags=("mẫu",),
        points=1500,
        seconds=45,
    )
    assert question.ref == "tp-001"


def test_weights_make_a_multiple_response() -> None:
    question = only("Chọn các số chẵn. {~%50%Hai ~%50%Bốn ~%-100%Năm}")
    assert question.kind == "multiple_response"
    assert [(option.text, option.correct) for option in question.options] == [
        ("Hai", True), ("Bốn", True), ("Năm", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "key", "feedback", "explanation"),
    [
        ("T", (0,), ("", ""), ""),
        ("false", (1,), ("", ""), ""),
        ("TRUE#chọn sai#chọn đúng", (0,), ("chọn đúng", "chọn sai"), ""),
        ("F# #lời khen", (1,), ("", "lời khen"), ""),
        ("T#chọn sai ####Giải thích chung", (0,), ("", "chọn sai"), "Giải thích chung"),
    ],
)
def test_true_false(answer: str, key: tuple[int, ...], feedback: tuple[str, str], explanation: str) -> None:
    question = only(f"Hà Nội là thủ đô. {{{answer}}}")
    assert (question.kind, question.key, question.explanation) == ("true_false", key, explanation)
    assert tuple(option.feedback for option in question.options) == feedback
    assert [option.text for option in question.options] == ["Đúng", "Sai"]


def test_escapes_and_line_breaks() -> None:
    question = only(r"Kết quả của 1 \= 1 \{x\} \# \~ \: C\:\\nam\nlà? {=\=1 ~a\~b ~a\#b#}")
    assert question.stem == "Kết quả của 1 = 1 {x} # ~ : C:\\nam\nlà?"
    assert [option.text for option in question.options] == ["=1", "a~b", "a#b"]


def test_the_missing_word_leaves_a_gap() -> None:
    assert only("Grant is {~buried =entombed ~living} in a tomb.").stem == "Grant is _____ in a tomb."


def test_markup_becomes_plain_text() -> None:
    question = only("::Tên::[html]<p>Thủ&nbsp;đô <b>nào</b>?</p><p>Chọn&lt;1&gt;</p>{=<i>Hà Nội</i> ~[plain]<b>}")
    assert question.stem == "Thủ đô nào?\nChọn<1>"
    assert [option.text for option in question.options] == ["Hà Nội", "<b>"]
    assert only("[markdown]Chọn **một** `từ` _____ {=a ~b}").stem == "Chọn một từ _____"


def test_comments_are_of_the_question_they_stand_before() -> None:
    first = "// [level:van_dung]\n\n// lời dặn\nMột? {=a ~b}\n// [level:nhan_biet] sau"
    reading = gift(first + "\n\n// [level:thong_hieu]\nHai? {\n// trong\n=c\n~d}")
    assert [question.level for question in reading.questions] == [None, Level.COMPREHENSION]
    assert [option.text for option in reading.questions[1].options] == ["c", "d"]


def test_an_empty_line_inside_braces_does_not_end_the_question() -> None:
    reading = gift("Một? {\n=a\n\n~b\n}\n\nHai? {=c ~d}")
    assert [len(question.options) for question in reading.questions] == [2, 2]


def test_an_open_brace_spoils_only_its_own_question() -> None:
    reading = gift("Một? {=a ~b\n\nHai? {=c ~d}")
    assert [question.stem for question in reading.questions] == ["Hai?"]
    assert reading.problems[0].place == "Dòng 1"
    assert "}" in reading.problems[0].message


@pytest.mark.parametrize(
    ("text", "kind", "details"),
    [
        ("Kể về quê hương. {}", "essay", {}),
        ("Thủ đô? {Hà Nội}", "short_text", {"accepted": [{"text": "Hà Nội"}]}),
        ("Thủ đô? {=Hà Nội =%50%Thăng Long#tên cũ}", "short_text",
         {"accepted": [{"text": "Hà Nội"}, {"text": "Thăng Long", "share": 500, "feedback": "tên cũ"}]}),
        ("Ghép. {=Pháp -> Paris =Ý -> Roma = -> Tokyo}", "matching",
         {"pairs": [{"left": "Pháp", "right": "Paris"}, {"left": "Ý", "right": "Roma"}], "extra": [{"text": "Tokyo"}]}),
        ("Một cộng một? {#2}", "numeric", {"answers": [{"value": "2"}]}),
        ("Số pi? {#3,14:0.01#gần}", "numeric",
         {"answers": [{"value": "3.14", "tolerance": "0.01", "mode": "absolute", "feedback": "gần"}]}),
        ("Từ 1 đến 5? {#=1..5 =%50%0:1}", "numeric",
         {"answers": [{"low": "1", "high": "5"}, {"value": "0", "tolerance": "1", "mode": "absolute", "share": 500}]}),
        ("Xếp. {>3 ALL VERTICAL ALL_OR_NOTHING HIDE\nmột\nhai\nba\n}", "ordering",
         {"items": [{"text": "một"}, {"text": "hai"}, {"text": "ba"}]}),
        ("Xếp. {>2\nmột\nhai}", "ordering", {"scoring": "pairs", "items": [{"text": "một"}, {"text": "hai"}]}),
    ],
)  # fmt: skip
def test_the_other_kinds(text: str, kind: str, details: dict[str, object]) -> None:
    question = only(text)
    assert (question.kind, question.details) == (kind, details)


def test_weights_and_feedback_of_options() -> None:
    question = only("Một? {=a#hay ~%50%b#gần\\#đúng ~%-25%c ~d}")
    assert [(option.share, option.feedback) for option in question.options] == [
        (1000, "hay"), (500, "gần#đúng"), (-250, ""), (0, ""),
    ]  # fmt: skip
    assert question.details == {"scoring": "weights"}


def test_a_gap_where_the_comment_says_so() -> None:
    question = only("// [kind:gap_text]\nBa {=là ~và} hai.")
    assert (question.kind, question.stem) == ("gap_text", "Ba [[1]] hai.")
    assert question.details["gaps"][0]["choices"][0] == {"text": "là", "correct": True}


def test_images_inside_the_text() -> None:
    stream = BytesIO()
    Image.new("RGB", (4, 4)).save(stream, "PNG")
    data = base64.b64encode(stream.getvalue()).decode().replace("=", "\\=")
    reading = gift(f'[html]<p>Biển <img src\\="data\\:image/png;base64,{data}" alt\\="biển"> gì?</p> {{=a ~b}}')
    (sha,) = reading.media
    assert reading.questions[0].media == (sha,)
    written = FORMATS["gift"].write(reading.questions, reading.media)
    assert written.problems == ()
    assert read(written.data, format="gift").questions == reading.questions
    assert "hình" in write(reading.questions, "gift").problems[0].message


def test_a_description_is_listed() -> None:
    assert "hướng dẫn" in refused("Đọc kỹ hướng dẫn.")


@pytest.mark.parametrize("text", ["Hỏng. {#nhiều}", "Hỏng. {#1:x}", "Hỏng. {#=1e99999999}"])
def test_numbers_that_are_none_are_refused(text: str) -> None:
    assert "không phải số" in refused(text)


def test_a_text_beyond_all_measure_is_named_and_the_rest_is_read() -> None:
    reading = gift(f"{'x' * 5_000_000} {{=a ~b}}\n\nHai? {{=a ~b}}")
    assert ([q.stem for q in reading.questions], reading.skipped) == (["Hai?"], 1)
    assert "quá giới hạn" in reading.problems[0].message
    assert "quá giới hạn" in refused(f"Một? {{{'~a' * 600}}}")


@pytest.mark.parametrize(
    ("answers", "part"),
    [("~a ~b", "chưa có đáp án"), ("=a =b ~c", "2 đáp án đúng"), ("=a ~A", "giống nhau"), ("=a ~", "để trống")],
)
def test_faulty_questions_are_kept_with_an_error(answers: str, part: str) -> None:
    reading = gift(f"Tốt? {{=a ~b}}\n\nHỏng? {{{answers}}}")
    assert [question.stem for question in reading.questions] == ["Tốt?", "Hỏng?"]
    assert any(part in problem.message for problem in reading.problems)
    assert {(problem.item, problem.place) for problem in reading.problems} == {(2, "Dòng 3")}
    assert [question.stem for question in reading.storable()] == ["Tốt?"]


@pytest.mark.parametrize("field", ["level:khó", "points:nhiều", "seconds:-1", "pinned:9", "cite:", "cite:a|b|c|d|e"])
def test_a_field_nobody_understands_is_a_warning(field: str) -> None:
    reading = gift(f"// [{field}]\nMột? {{=a ~b}}")
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING]
    assert len(reading.storable()) == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Một? {chữ =a ~b}", "“chữ”"),
        ("Một? {#1 ~#sai rồi}", "nhận xét"),
        ("Ghép. {=a -> b#hay =c -> d}", "nhận xét"),
        ("Xếp. {>2 RANDOM VERTICAL ALL_OR_NOTHING\na\nb\nc}", "một phần"),
        ("Xếp. {>2 ALL VERTICAL ABSOLUTE_POSITION SHOW\na\nb}", "ABSOLUTE_POSITION"),
    ],
)
def test_what_the_bank_cannot_hold_is_said(text: str, part: str) -> None:
    reading = gift(text)
    assert [(problem.severity, part in problem.message) for problem in reading.problems] == [(Severity.WARNING, True)]


def test_byte_order_marks_and_decomposed_letters() -> None:
    text = "Câu hỏi về hộ tịch? {=Đúng rồi ~Không}"
    decomposed = unicodedata.normalize("NFD", text)
    expected = only(text)
    for data in (b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16"), decomposed.encode(), text.encode() + b"\r\n"):
        assert read(data).questions == (expected,)


def test_a_sitting_of_questions_keeps_its_topics_in_order() -> None:
    question = Question("true_false", "Một", (Option("Đúng", True), Option("Sai")))
    given_questions = [replace(question, topic=topic) for topic in ("a", "", "b/c", "b/c")]
    data = write(given_questions, "gift").data
    assert data.decode().count("$CATEGORY") == 3
    assert list(read(data).questions) == given_questions


def test_what_gift_cannot_say_is_left_out_and_named() -> None:
    sound = Question("single_choice", "Một", (Option("a", True), Option("b")))
    writing = write([Question("single_choice", "Hỏng", (Option("a", True),)), sound], "gift")
    assert [(problem.item, problem.severity) for problem in writing.problems] == [(1, Severity.ERROR)]
    assert read(writing.data).questions == (sound,)


@settings(max_examples=100, deadline=None)
@given(st.lists(questions(any_text(), pins=True), min_size=1, max_size=3))
def test_what_is_written_reads_back_the_same(given_questions: list[Question]) -> None:
    writing = write(given_questions, "gift")
    reading = read(writing.data, format="gift")
    assert writing.problems == ()
    assert list(reading.questions) == given_questions
    assert [question.ref for question in reading.questions] == [question.ref for question in given_questions]


@settings(max_examples=150, deadline=None)
@given(shapes())
def test_every_kind_reads_back_the_same_or_what_is_lost_is_said(given_question: Question) -> None:
    writing = write([given_question], "gift")
    several_gaps = len(given_question.details.get("gaps", [])) > 1
    assert [problem.severity for problem in writing.problems] == [Severity.ERROR] * several_gaps
    found = [] if several_gaps else read(writing.data, format="gift").questions
    assert [lost(given_question, question, "") for question in found] == [None] * (not several_gaps)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("~=#{}:\\%/$[]T \na-1.>"), max_size=60))
def test_no_text_makes_the_reader_fall(text: str) -> None:
    reading = gift(text)
    assert not any("Không đọc được tệp" in problem.message for problem in reading.problems)
    assert reading.questions or reading.problems
