"""Real files of others, read where they lie: what is supported is read, the rest is listed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from question_bank.formats import Reading, read
from question_bank.messages import Severity
from question_bank.question import Question

SAMPLES = Path(__file__).parents[3].parent / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of sample files is not beside the project")

KINDS = {
    "multichoice-single": "single_choice",
    "multichoice-single+missingword": "single_choice",
    "multichoice-multiple": "multiple_response",
    "truefalse": "true_false",
    "essay": "essay",
    "matching": "matching",
    "numerical": "numeric",
    "shortanswer": "short_text",
    "shortanswer+missingword": "short_text",
    "ordering": "ordering",
    "cloze": "gap_text",
    "gapselect": "gap_text",
}


def listed(folder: str) -> dict[str, tuple[int, Counter[str]]]:
    """The files of a folder with their items and kinds, as the list beside them counts them."""
    files: dict[str, tuple[int, Counter[str]]] = {}
    if not SAMPLES.is_dir():
        return files
    for line in (SAMPLES / "README.md").read_text(encoding="utf-8").splitlines():
        if match := re.match(rf"\| ({folder}/[^|]+?) \| [^|]+ \| (\d+)(?: \(([^)]*)\))? \|", line):
            kinds: Counter[str] = Counter()
            for part in filter(None, (match[3] or "").split(", ")):
                name, count = part.rsplit(" ", 1)
                kinds[KINDS.get(name, "")] += int(count)
            files[match[1]] = (int(match[2]), kinds)
    return files


OF_MOODLE = {**listed("gift"), **listed("moodlexml")}


@pytest.mark.parametrize("name", OF_MOODLE)
def test_gift_and_moodle_xml_files(name: str) -> None:
    items, kinds = OF_MOODLE[name]
    reading = read(SAMPLES / name, format="gift" if name.startswith("gift") else "auto")
    assert reading.read == items
    if "multiple-true-false" not in name:  # one has other columns than true and false and becomes pairs
        assert Counter(q.kind for q in reading.questions) == +Counter({k: n for k, n in kinds.items() if k})
        assert sum(p.item is None and p.severity is Severity.ERROR for p in reading.problems) == max(
            kinds[""], items == 0
        )


@pytest.mark.parametrize("name", listed("aiken"))
def test_aiken_files(name: str) -> None:
    reading = read(SAMPLES / name)
    assert (reading.format, reading.read, reading.problems) == ("aiken", 2, ())


WORD = {
    "basic_questions_sample": [(0,), (2,), (0,), (1,), ()],
    "fill_blank_sample": [(0,), (0,), (1,), (0,)],
    "group_questions_sample": [(1,), (1,), (2,), (0,)],
    "Test_CauHoiDon": [(1,), (2,), (1,)],
    "ToanA3_2": [(0,), (3,)],
}


def single(reading: Reading) -> list[Question]:
    """The questions, those of a case one by one."""
    return [
        part
        for question in reading.questions
        for part in ([Question.from_json(data) for data in question.details.get("questions", ())] or [question])
    ]


@pytest.mark.parametrize("name", WORD)
def test_word_files_with_their_keys(name: str) -> None:
    (path,) = (SAMPLES / "vn-docx").glob(f"*{name}.docx")
    reading = read(path)
    assert [question.key for question in single(reading)] == WORD[name]
    assert all(len(question.options) == 4 for question in single(reading))
    assert "gạch chân" in reading.notes[0]


def test_a_shared_passage_of_the_samples_becomes_a_case() -> None:
    (path,) = (SAMPLES / "vn-docx").glob("*group_questions_sample.docx")
    (case,) = read(path).questions
    assert case.kind == "case"
    assert case.stem.startswith("The Internet of Things")


@pytest.mark.parametrize(
    ("name", "kinds", "asked"),
    [
        ("template-docs", ["single_choice"] * 3 + ["short_text", "multiple_response"], [4]),
        ("test-docs", ["single_choice"] * 5 + ["short_text", "multiple_response"], [6]),
        ("test-simple-docs", ["single_choice"] * 2, []),
        ("sample-questions", ["single_choice", "case", "gap_text"], [1]),
    ],
)
def test_text_files(name: str, kinds: list[str], asked: list[int]) -> None:
    (path,) = (found for found in (SAMPLES / "vn-text").iterdir() if re.search(rf"[-~]{name}\.txt$", found.name))
    reading = read(path)
    assert (reading.format, [question.kind for question in reading.questions]) == ("text", kinds)
    assert [problem.item for problem in reading.problems if problem.severity is Severity.ERROR] == asked


def test_three_underlined_options_are_asked_about() -> None:
    (path,) = (SAMPLES / "vn-docx").glob("*basic_questions_sample.docx")
    assert [(problem.item, "A, B, D" in problem.message) for problem in read(path).problems] == [(5, True)]


def test_pictures_and_formulas_are_named() -> None:
    (path,) = (SAMPLES / "vn-docx").glob("*ToanA3_2.docx")
    reading = read(path)
    assert {p.item for p in reading.problems if "[hình]" in p.message} == {1, 2}
    assert reading.storable() == ()


def test_a_guide_that_only_looks_like_a_paper() -> None:
    (path,) = (SAMPLES / "vn-docx").glob("*THI TEST.docx") or (SAMPLES / "vn-docx").glob("*TEST.docx")
    reading = read(path)
    assert [question.kind for question in reading.questions] == [
        "single_choice", "case", "gap_text", "single_choice", "single_choice",
    ]  # fmt: skip
    assert [question.key for question in single(reading) if question.options].count(()) == 3
