"""The question, its byte form and its digest."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.vietnamese import citations_from
from question_bank.question import Citation, Level, Option, Question, canonical_json, clean_text, question_digest

QUESTION = Question(
    kind="single_choice",
    stem="Thời hạn giải quyết là bao lâu?",
    options=(Option("3 ngày"), Option("5 ngày", correct=True), Option("Cả A và B đều đúng", pinned=True)),
    level=Level.COMPREHENSION,
    topic="mot_cua",
    positions=("XA-01",),
    explanation="Theo quy định về thời hạn.",
    citations=(Citation("118/2025/NĐ-CP", article="4", clause="2"),),
    tags=("ôn tập",),
    points=250,
    seconds=60,
    ref="Câu 1",
)

texts = st.text(max_size=30)
questions = st.builds(
    Question,
    kind=st.sampled_from(["single_choice", "multiple_response", "true_false"]),
    stem=texts,
    options=st.lists(
        st.builds(Option, texts, st.booleans(), st.booleans(), texts, texts, st.none() | st.integers(-1000, 1000)),
        max_size=5,
    ).map(tuple),
    level=st.none() | st.sampled_from(Level),
    topic=texts,
    positions=st.lists(texts, max_size=3).map(tuple),
    explanation=texts,
    citations=st.lists(st.builds(Citation, texts, texts, texts, texts), max_size=3).map(tuple),
    tags=st.lists(texts, max_size=3).map(tuple),
    points=st.integers(0, 10_000),
    seconds=st.none() | st.integers(1, 600),
    ref=texts,
    stem_html=texts,
    details=st.dictionaries(texts, st.none() | st.integers() | texts | st.lists(texts, max_size=2), max_size=2),
)


def test_the_key_is_the_indices_of_the_right_options() -> None:
    assert QUESTION.key == (1,)
    assert replace(QUESTION, options=()).key == ()


@given(questions)
@settings(max_examples=60)
def test_a_question_survives_its_json(question: Question) -> None:
    again = Question.from_json(json.loads(json.dumps(question.as_json())))

    assert again == question == Question.read(question.as_json())
    assert again.ref == question.ref
    assert hash(again) == hash(question)


def test_old_json_without_optional_parts_is_read() -> None:
    question = Question.from_json({"kind": "true_false", "stem": "Đúng hay sai?", "options": []})

    assert question == Question("true_false", "Đúng hay sai?")


def test_the_digest_of_a_plain_question_is_what_it_was_before_there_were_rich_ones() -> None:
    assert question_digest(QUESTION) == "f446e4cea6791c5f062fbf7171570fec49b84621baa3e70188061b6f13cd83bc"
    assert question_digest(QUESTION) == question_digest(replace(QUESTION, stem_html="", details={}))


@pytest.mark.parametrize(
    "change",
    [
        {"stem": None},
        {"kind": 5},
        {"options": [{"text": "a", "correct": "yes"}]},
        {"options": [{"text": "a", "correct": True, "share": "1"}]},
        {"options": {}, "points": "1"},
        {"options": "ab"},
        {"details": []},
        {"level": "rat_kho"},
        {"citations": [{"law": "x"}]},
        {"citations": [{"document": 1}]},
        {"tags": [1]},
        {"seconds": 1.5},
    ],
)
def test_json_of_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="stem"):
        Question.read({**QUESTION.as_json(), **change})
    with pytest.raises(ValueError, match="None"):
        Question.read(None)


def test_images_are_found_wherever_they_are_named() -> None:
    first, second, third, fourth = (f"media:{number * 16}" for number in ("0123", "4567", "89ab", "cdef"))
    part = Question("single_choice", "", (Option("", html=f'<img src="{third}">'),), stem_html=f'<img src="{fourth}">')
    question = Question(
        "case",
        f"{first} nói suông",
        stem_html=f'<img src="{second}"><img src="{second}">',
        details={"questions": [part.as_json()], "left": first},
    )

    assert [f"media:{sha}" for sha in question.media] == [second, third, fourth]


def test_questions_from_different_files_are_equal() -> None:
    assert replace(QUESTION, ref="Câu 99") == QUESTION


def test_canonical_bytes_do_not_depend_on_the_order_of_keys() -> None:
    assert (
        canonical_json({"b": 1, "a": "Đúng"}) == canonical_json({"a": "Đúng", "b": 1}) == '{"a":"Đúng","b":1}'.encode()
    )


@pytest.mark.parametrize(
    "change",
    [
        {"stem": "Thời hạn giải quyết là bao lâu ?"},
        {"options": (Option("3 ngày", correct=True), *QUESTION.options[1:])},
        {"points": 251},
        {"level": None},
        {"citations": ()},
        {"stem_html": "<p><b>Thời hạn</b></p>"},
        {"details": {"scoring": "weights"}},
        {"options": (replace(QUESTION.options[0], share=0), *QUESTION.options[1:])},
    ],
)
def test_any_change_changes_the_digest(change: dict[str, Any]) -> None:
    assert question_digest(replace(QUESTION, **change)) != question_digest(QUESTION)
    assert question_digest(replace(QUESTION)) == question_digest(QUESTION)


@pytest.mark.parametrize(
    ("citation", "text"),
    [
        (Citation("118/2025/NĐ-CP"), "118/2025/NĐ-CP"),
        (Citation("118/2025/NĐ-CP", article="4"), "Điều 4, 118/2025/NĐ-CP"),
        (Citation("118/2025/NĐ-CP", "4", "2", "a"), "điểm a khoản 2 Điều 4, 118/2025/NĐ-CP"),
    ],
)
def test_a_citation_names_the_place_from_the_smallest_part(citation: Citation, text: str) -> None:
    assert str(citation) == text


@pytest.mark.parametrize("written", ["Điều 4, 118/2025/NĐ-CP", "Điều 4 118/2025/NĐ-CP", "118/2025/NĐ-CP, Điều 4."])
def test_the_symbol_is_not_read_as_another_article(written: str) -> None:
    assert citations_from(written) == (Citation("118/2025/NĐ-CP", article="4"),)
    assert [str(one) for one in citations_from("Điều 4, 5, 118/2025/NĐ-CP")] == ["Điều 4, 5, 118/2025/NĐ-CP"]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Cán bộ  ", "Cán bộ"),
        ("dòng một \r\n  dòng hai\rdòng ba", "dòng một\ndòng hai\ndòng ba"),
        (unicodedata.normalize("NFD", "Đường sá, ế ẩm"), "Đường sá, ế ẩm"),
        ("khoản\u00a01", "khoản 1"),
        ("\ufeffCâu\u200b hỏi\x00", "Câu hỏi"),
        ("Cụm tê\u200b\u0301", "Cụm tế"),
        ("một\ttab", "một\ttab"),
        ("", ""),
    ],
)
def test_clean_text(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@given(texts)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
