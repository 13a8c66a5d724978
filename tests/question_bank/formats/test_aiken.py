"""Aiken: the dialects of others are read, what is written is what Moodle reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats import Reading, read, write
from question_bank.messages import Severity
from question_bank.question import Option, Question

from .strategies import phrases, questions

SOUND = "Thủ đô?\nA) Huế\nB) Hà Nội\nANSWER: B\n"


def aiken(text: str) -> Reading:
    return read(text.encode(), format="aiken")


@pytest.mark.parametrize(
    "text",
    [
        SOUND,
        SOUND.replace("\n", "\r\n"),
        "Thủ đô?\n\nA. Huế\n\nB. Hà Nội\n\nANSWER: B",
        "Thủ đô?\n(a) Huế\n(b) Hà Nội\nanswer: b",
        "Thủ đô?\nA: Huế\nB: Hà\nNội\nĐÁP ÁN: B.",
        "Thủ đô?\nA) Huế\nB) Hà Nội\nANSWER: Hà Nội",
        "Thủ đô?\nA) Huế\nB) Hà Nội\nĐáp án đúng: b) Hà Nội",
    ],
)
def test_dialects(text: str) -> None:
    reading = aiken(text)
    (question,) = reading.questions
    assert reading.problems == ()
    assert (question.kind, question.stem, question.key) == ("single_choice", "Thủ đô?", (1,))
    assert question.options[1].text.replace("\n", " ") == "Hà Nội"


def test_true_false_several_answers_and_explanations() -> None:
    reading = aiken(
        "Trái đất tròn.\nA) Đúng\nB) Sai\nANSWER: A\n\n"
        "Số chẵn?\nA) 2\nB) 3\nC) 4\nANSWER: A, C\nGiải thích: chia hết\ncho hai.\n\nHai\ndòng?\nA) a\nB) b\nANSWER: A"
    )
    assert [question.kind for question in reading.questions] == ["true_false", "multiple_response", "single_choice"]
    assert reading.questions[1].key == (0, 2)
    assert reading.questions[1].explanation == "chia hết\ncho hai."
    assert reading.questions[2].stem == "Hai\ndòng?"


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("Hỏng?\nA) a\nB) b\nANSWER: E", "Dòng 1", "Dòng 4: đáp án “E”"),
        ("Hỏng?\nA) a\nB) b\nANSWER:", "Dòng 1", "thiếu dòng đáp án"),
        ("Hỏng?\nA) a\nB) b", "Dòng 1", "thiếu dòng đáp án"),
        ("Hỏng?\nANSWER: A", "Dòng 1", "0 phương án"),
        ("Hỏng?\nA) a\nA) b\nANSWER: A", "Dòng 1", "không chỉ đúng một phương án"),
    ],
)
def test_a_faulty_question_is_named_by_line_and_the_rest_is_read(text: str, line: str, part: str) -> None:
    reading = aiken(f"{text}\n\n{SOUND}")
    assert len(reading.questions) == 2
    assert [found.stem for found in reading.storable()] == ["Thủ đô?"]
    faults = [problem for problem in reading.problems if part in problem.message]
    assert {(fault.place, fault.item) for fault in faults} == {(line, 1)}


def test_what_is_no_question_and_what_is_doubtful() -> None:
    reading = aiken(f"{SOUND}\nHết phần một.\n\nPhần hai\n\nMột?\nA) a\nC) b\nANSWER: C\n\nHết.")
    assert [found.key for found in reading.questions] == [(1,), (1,)]
    assert [(p.place, p.severity) for p in reading.problems] == [
        ("Dòng 6", Severity.WARNING), ("Dòng 6", Severity.WARNING), ("Dòng 15", Severity.ERROR),
    ]  # fmt: skip


def test_what_aiken_cannot_carry_is_named() -> None:
    plain = Question("single_choice", "Một?", (Option("a", True), Option("b")))
    given_questions = [
        plain,
        replace(plain, topic="x", explanation="vì"),
        Question("essay", "Viết"),
        replace(plain, stem="Hai\ndòng"),
    ]
    writing = write(given_questions, "aiken")
    assert [(problem.item, problem.severity) for problem in writing.problems] == [
        (2, Severity.WARNING), (3, Severity.ERROR), (4, Severity.WARNING),
    ]  # fmt: skip
    assert "chuyên đề, giải thích" in writing.problems[0].message


@settings(max_examples=60, deadline=None)
@given(st.lists(questions(phrases()), min_size=1, max_size=3))
def test_what_is_written_reads_back_the_same(given_questions: list[Question]) -> None:
    bare = [Question(one.kind, one.stem, one.options) for one in given_questions if one.kind != "multiple_response"]
    writing = write(bare, "aiken")
    assert writing.problems == ()
    assert [q for q in aiken(writing.data.decode()).questions if bare] == bare
