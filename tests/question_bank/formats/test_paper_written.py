"""Papers of every kind of question: written, read back, and honest about what they cannot carry."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from docx import Document
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from question_bank import rich_text
from question_bank.formats import read, write, write_word
from question_bank.formats.carried import normal
from question_bank.images import prepare
from question_bank.kinds import KINDS
from question_bank.question import Level, Option, Question

from .paper_kinds import any_kind

STATEMENTS = tuple(
    Option(text, correct=index % 2 == 0) for index, text in enumerate(["ý một", "ý hai", "ý ba", "ý tư"])
)
CALM = settings(
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
EVERY_KIND = [
    Question("single_choice", "Một gì?", (Option("a", True), Option("b")), level=Level.RECALL, topic="dat_dai"),
    Question("multiple_response", "Hai gì?", (Option("x", True), Option("y", True), Option("z")),
             details={"scoring": "right_minus_wrong"}),
    Question("true_false", "Ba.", (Option("Đúng", True), Option("Sai"))),
    Question("true_false_cluster", "Cho biết:", STATEMENTS, topic="ho_tich"),
    Question("matching", "Ghép:", details={"pairs": [{"left": "Luật", "right": "Quốc hội"},
             {"left": "Nghị định", "right": "Chính phủ"}], "extra": [{"text": "Bộ"}]}),
    Question("ordering", "Xếp:", details={"items": [{"text": "tiếp nhận"}, {"text": "xử lý"}, {"text": "báo cáo"}]}),
    Question("numeric", "Mấy ngày?", details={"answers": [{"value": "12.5", "tolerance": "0.5", "mode": "absolute"}],
             "unit": "ngày"}),
    Question("short_text", "Ở đâu?", details={"accepted": [{"text": "Hà Nội"}, {"text": "Thăng Long"}]}),
    Question("gap_text", "Có [[1]] cấp, [[2]] bước.", details={"gaps": [
             {"choices": [{"text": "hai", "correct": True}, {"text": "ba", "correct": False}]},
             {"accepted": [{"text": "bốn"}]}]}),
    Question("essay", "Trình bày.", details={"rubric": [{"text": "Nêu đủ ý", "points": 1000}], "words": 300}),
    Question("case", "Ông A nộp hồ sơ.", points=2000, details={"questions": [
             Question("single_choice", "Ai nhận?", (Option("x", True), Option("y"))).as_json(),
             Question("numeric", "Mấy ngày?", details={"answers": [{"value": "3"}]}).as_json()]}),
]  # fmt: skip


def same(question: Question) -> Question:
    """Without what only repeats a default."""
    details = dict(question.details)
    if question.kind == "case":
        details["questions"] = [same(Question.from_json(data)).as_json() for data in details["questions"]]
    return replace(question, details=normal(details))


def test_every_kind_has_an_example_here() -> None:
    assert [question.kind for question in EVERY_KIND] != []
    assert {question.kind for question in EVERY_KIND} == set(KINDS)


@pytest.mark.parametrize("format", ["word", "text"])
def test_every_kind_reads_back_the_same(format: str) -> None:
    writing = write(EVERY_KIND, format)
    reading = read(writing.data, filename="de.txt" if format == "text" else "")
    assert (writing.problems, reading.problems) == ((), ())
    assert list(map(same, reading.questions)) == list(map(same, EVERY_KIND))


@settings(CALM, max_examples=60)
@given(st.lists(any_kind(), min_size=1, max_size=3), st.sampled_from(["word", "text"]))
def test_what_is_written_reads_back_the_same_or_is_named(questions: list[Question], format: str) -> None:
    writing = write(questions, format)
    if not writing.problems:
        reading = read(writing.data, filename="de.txt" if format == "text" else "")
        assert list(map(same, reading.questions)) == list(map(same, questions))


@settings(CALM, max_examples=40)
@given(any_kind(rich=True))
def test_word_carries_rich_texts_and_tables(question: Question) -> None:
    writing = write([question], "word")
    assert writing.problems == ()
    assert list(map(same, read(writing.data).questions)) == [same(question)]


def test_a_table_of_answers_holds_those_of_every_kind() -> None:
    writing = write_word(EVERY_KIND, "table")
    reading = read(writing.data)
    assert [problem.message for problem in reading.problems] == []
    assert list(map(same, reading.questions)) == list(map(same, EVERY_KIND))


def test_a_paper_without_answers_gives_nothing_away() -> None:
    secret = [replace(question, explanation="Vì bí mật.") for question in EVERY_KIND]
    document = Document(BytesIO(write_word(secret, "none").data))
    told = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for hidden in ("Đáp án", "bí mật", "Nêu đủ ý", "Thăng Long", "bốn", "12,5"):
        assert hidden not in told
    order = [line for line in told.split("\n") if line.endswith(("tiếp nhận", "xử lý", "báo cáo"))]
    assert order == ["A. báo cáo", "B. tiếp nhận", "C. xử lý"]


def test_sections_by_topic_with_their_names() -> None:
    questions = [EVERY_KIND[0], EVERY_KIND[3], replace(EVERY_KIND[0], stem="Nữa?")]
    writing = write_word(questions, title="ĐỀ THI", sections={"dat_dai": "Đất đai", "ho_tich": "Hộ tịch"})
    reading = read(writing.data)
    assert [
        (question.stem, heading) for question, heading in zip(reading.questions, reading.headings, strict=True)
    ] == [
        ("Một gì?", "CHUYÊN ĐỀ 1. Đất đai"),
        ("Nữa?", "CHUYÊN ĐỀ 1. Đất đai"),
        ("Cho biết:", "CHUYÊN ĐỀ 2. Hộ tịch"),
    ]
    foot = Document(BytesIO(writing.data)).sections[0].footer.paragraphs[0].text
    assert foot.startswith("Trang ")


def picture() -> bytes:
    stream = BytesIO()
    Image.new("RGB", (40, 30), (200, 10, 10)).save(stream, "PNG")
    return prepare(stream.getvalue()).data


def test_images_travel_with_their_descriptions() -> None:
    image = prepare(picture())
    stem, html = rich_text.both(f'<p>Xem hình <img src="media:{image.sha256}" alt="Sơ đồ thửa đất">.</p>')
    question = replace(EVERY_KIND[0], stem=stem, stem_html=html)
    writing = write([question], "word", {image.sha256: image.data})
    reading = read(writing.data)
    assert (writing.problems, reading.problems, reading.questions) == ((), (), (question,))
    assert reading.media == {image.sha256: image.data}


def test_an_image_that_is_not_at_hand_is_told_by_its_description() -> None:
    stem, html = rich_text.both(f'<p>Xem <img src="media:{"a" * 64}" alt="Sơ đồ"></p>')
    writing = write([replace(EVERY_KIND[0], stem=stem, stem_html=html)], "word")
    assert any("Sơ đồ" in problem.message for problem in writing.problems)
    assert "[Hình: Sơ đồ]" in Document(BytesIO(writing.data)).paragraphs[0].text


def test_text_says_that_it_carries_no_looks() -> None:
    stem, html = rich_text.both("<p>Câu nào <b>không</b> đúng?</p>")
    writing = write([replace(EVERY_KIND[0], stem=stem, stem_html=html)], "text")
    assert ["định dạng" in problem.message for problem in writing.problems] == [True]


def test_feedback_and_weights_are_carried() -> None:
    options = (Option("a", True, share=1000, feedback="Đúng rồi."), Option("b", share=-250), Option("c", share=0))
    question = Question("single_choice", "Một gì?", options, details={"scoring": "weights"})
    writing = write([question], "word")
    assert (writing.problems, read(writing.data).questions) == ((), (question,))
