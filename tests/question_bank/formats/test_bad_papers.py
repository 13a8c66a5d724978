"""Papers with something wrong in them: each thing is named with its place, the rest goes on."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO

import pytest
from docx import Document

from question_bank.formats import base as formats_base
from question_bank.formats import read
from question_bank.messages import Severity

from .papers import paper, word

GOOD = ["Câu 9: Câu còn lại?", "*A. một", "B. hai"]


def errors(*lines: str | list[list[str]]) -> list[str]:
    """What is wrong with the first question; the good one after it must still be there."""
    reading = word(*lines, *GOOD)
    assert reading.storable()[-1].stem == "Câu còn lại?"
    assert all(problem.place for problem in reading.problems)
    return [str(p.message) for p in reading.problems if p.severity is Severity.ERROR and p.item == 1]


def test_every_letter_bold_is_no_answer() -> None:
    lines = ["<b>Câu 1:</> Hỏi gì?", "<b>A.</> một", "<b>B.</> hai", "<b>C.</> ba"]
    assert "chưa có đáp án" in errors(*lines)[0]


def test_a_stem_of_five_megabytes() -> None:
    draw = random.Random(5)
    long = " ".join(f"chữ{draw.randrange(10**6)}" for _ in range(500_000))
    assert "quá dài" in errors(f"Câu 1: {long}", "*A. một", "B. hai")[0]
    text = f"Câu 1: {'A. b ' * 1_000_000}\n*A. một\nB. hai\n" + "\n".join(GOOD)
    assert len(read(text.encode(), filename="de.txt").storable()) == 1


def test_a_key_that_is_longer_or_shorter_than_the_paper() -> None:
    lines = ["Câu 1: Hỏi?", "A. một", "B. hai", "Câu 2: Hỏi?", "A. một", "B. hai"]
    longer = word(*lines, "ĐÁP ÁN", "1A 2B 3A 4B")
    assert [(problem.item, problem.severity) for problem in longer.problems] == [(None, Severity.WARNING)]
    assert "3, 4" in longer.problems[0].message
    shorter = word(*lines, "ĐÁP ÁN", "1A")
    assert [(problem.item, problem.severity) for problem in shorter.problems] == [(2, Severity.ERROR)]


def test_a_table_where_a_list_was_expected() -> None:
    reading = word([["Câu 1: Hỏi gì?"], ["*A. một"], ["B. hai"]], [["Câu 2: Hỏi gì?", "A. một", "*B. hai"]])
    assert [question.key for question in reading.questions] == [(0,), (1,)]


def test_scripts_are_words_like_others() -> None:
    text = "Câu 1: <script>alert(1)</script> là gì?\n*A. <img src=x onerror=alert(1)>\nB. hai"
    (question,) = read(text.encode(), filename="de.txt").questions
    assert question.stem == "<script>alert(1)</script> là gì?"
    assert (question.stem_html, question.options[0].html) == ("", "")


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels"])
def test_entities_of_xml_are_refused(part: str) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(paper(*GOOD))) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b"?>", b"?>" + bomb, 1) if name == part else data)
    reading = read(stream.getvalue())
    assert reading.questions == ()
    assert "không an toàn" in reading.problems[0].message


@pytest.mark.parametrize("name", ["../away.xml", "/etc/away.xml", "word\\..\\..\\away.xml", "C:/away.xml"])
def test_paths_that_lead_out_of_the_archive(name: str) -> None:
    stream = BytesIO(paper(*GOOD))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    assert "không an toàn" in read(stream.getvalue()).problems[0].message


def test_links_in_an_archive() -> None:
    stream = BytesIO(paper(*GOOD))
    link = zipfile.ZipInfo("word/link.xml")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(link, b"/etc/hostname")
    assert "không an toàn" in read(stream.getvalue()).problems[0].message


def test_more_questions_than_one_file_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    assert formats_base.MOST_QUESTIONS == 20_000
    monkeypatch.setattr(formats_base, "MOST_QUESTIONS", 2)
    reading = read("\n".join(GOOD * 3).encode(), filename="de.txt")
    assert (reading.questions, "hơn 2 câu hỏi" in reading.problems[0].message) == ((), True)


def test_a_document_of_nothing_but_breaks() -> None:
    document = Document()
    for _ in range(3):
        document.add_page_break()
    stream = BytesIO()
    document.save(stream)
    assert "Không tìm thấy câu hỏi" in read(stream.getvalue()).problems[0].message
