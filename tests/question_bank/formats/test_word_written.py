"""Papers that this package writes: plain ones read back the same, and the dialects for demonstrations."""

from __future__ import annotations

import itertools
from io import BytesIO

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats import read, write, write_word
from question_bank.formats.word_write import KeyMark, Layout
from question_bank.messages import Severity
from question_bank.question import Level, Option, Question

from .strategies import any_text, phrases, questions

SAMPLE = [
    Question("single_choice", "Một gì?", tuple(Option(t, t == "b") for t in ("a", "b", "c", "d")), level=Level.RECALL),
    Question("multiple_response", "Hai gì?\nHai dòng.", (Option("x", True), Option("y"), Option("z", True))),
    Question("true_false", "Ba.", (Option("Đúng"), Option("Sai", True)), explanation="Vì sai.", tags=("mẫu",)),
    Question("single_choice", "Bốn gì?", tuple(Option(t, t == "m") for t in ("k", "l", "m"))),
]


@pytest.mark.parametrize(
    ("mark", "layout"),
    list(itertools.product(["line", "bold", "underline", "colour", "asterisk", "table"], ["lines", "tabs"])),
)
def test_every_dialect_is_understood(mark: KeyMark, layout: Layout) -> None:
    writing = write_word(SAMPLE, mark, layout, title="ĐỀ THI MINH HỌA (dữ liệu mẫu)", details=False)
    reading = read(writing.data)
    assert (writing.problems, reading.problems) == ((), ())
    assert [(q.kind, q.stem, q.options, q.level, q.explanation) for q in reading.questions] == [
        (q.kind, q.stem, q.options, q.level, q.explanation) for q in SAMPLE
    ]


def test_a_paper_without_its_key_is_never_given_one() -> None:
    reading = read(write_word(SAMPLE, "none").data)
    assert [question.key for question in reading.questions] == [()] * 4
    assert {problem.item for problem in reading.problems} == {1, 2, 3, 4}
    assert reading.storable() == ()


def test_the_plain_paper_is_readable_by_people() -> None:
    document = Document(BytesIO(write(SAMPLE[:1], "word").data))
    assert [p.text for p in document.paragraphs] == ["Câu 1 (NB): Một gì?", "A. a", "B. b", "C. c", "D. d", "Đáp án: B"]
    assert document.paragraphs[0].runs[0].bold


def test_what_a_paper_cannot_carry_is_named() -> None:
    tricky = Question("single_choice", "Hỏi\nCâu 2: nữa?", (Option("một", True), Option("Đáp án: C")))
    writing = write([SAMPLE[0], tricky], "word")
    assert [(problem.item, problem.severity) for problem in writing.problems] == [(2, Severity.WARNING)]
    assert "Word không giữ" in writing.problems[0].message


@settings(max_examples=40, deadline=None)
@given(st.lists(questions(phrases(), pins=True), min_size=1, max_size=4))
def test_what_is_written_reads_back_the_same(given_questions: list[Question]) -> None:
    writing = write(given_questions, "word")
    lost = {problem.item for problem in writing.problems}
    reading = read(writing.data)
    if not lost:
        assert list(reading.questions) == given_questions
        assert [question.ref for question in reading.questions] == [question.ref for question in given_questions]


@settings(max_examples=40, deadline=None)
@given(questions(any_text()))
def test_a_question_is_carried_whole_or_named(question: Question) -> None:
    writing = write([question], "word")
    assert writing.problems or read(writing.data).questions == (question,)
