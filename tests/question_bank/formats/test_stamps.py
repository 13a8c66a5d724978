"""The line that says who took a file: visible, and no part of any question."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from question_bank.formats import FORMATS, read, write
from question_bank.formats.stamps import stamp
from question_bank.question import Level, Option, Question

LINE = "Xuất từ ngân hàng câu hỏi: Nguyễn Văn Mẫu (cb1) -- 05/02/2026 08:30 <hạn chế tiếp cận>"
QUESTIONS = [
    Question(
        "single_choice",
        f"Nội dung câu thứ {number} là gì?",
        (Option("Phương án một", correct=True), Option("Phương án hai"), Option("Phương án ba")),
        level=Level.RECALL,
    )
    for number in (1, 2)
]


def words_of(data):
    """Everything in a file, unpacked."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    return data.decode("utf-8-sig")


@pytest.mark.parametrize("format", FORMATS)
def test_a_stamped_file_says_who_took_it_and_reads_as_before(format):
    data = write(QUESTIONS, format).data
    stamped = stamp(data, format, LINE)
    assert "Nguyễn Văn Mẫu (cb1)" in words_of(stamped)
    before, after = read(data, format), read(stamped, format)
    assert after.questions == before.questions
    assert len(after.questions) == 2
    assert [problem.message for problem in after.problems] == [problem.message for problem in before.problems]


def test_a_workbook_keeps_its_lists_and_opens_on_the_questions():
    from openpyxl import load_workbook

    workbook = load_workbook(BytesIO(stamp(write(QUESTIONS, "excel").data, "excel", LINE)))
    assert workbook.sheetnames[0] == "Nguồn"
    assert workbook["Nguồn"]["A1"].value == LINE
    assert workbook.active.title == "Câu hỏi"
    assert workbook.active.freeze_panes == "A2"


def test_the_line_stands_above_every_page_of_a_paper():
    from docx import Document

    document = Document(BytesIO(stamp(write(QUESTIONS, "word").data, "word", LINE)))
    assert document.sections[0].header.paragraphs[0].text == LINE
