"""What a Word document says beyond its runs: styles, automatic numbers, pictures, changes, nested parts."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats import Reading, read
from question_bank.formats.paper_read import read_blocks
from question_bank.formats.rich import Line, Rich

from .papers import shapes, word

TEXTS = ["một", "hai", "ba"]


def reading_of(document: Any) -> Reading:
    stream = BytesIO()
    document.save(stream)
    return read(stream.getvalue())


@pytest.mark.parametrize("kind", [WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER])
def test_marks_that_come_from_styles(kind: Any) -> None:
    document = Document()
    base = document.styles.add_style("Nền", kind)
    base.font.color.rgb = RGBColor(0xFF, 0, 0)
    style = document.styles.add_style("Đúng", kind)
    style.base_style = base
    document.add_paragraph("Câu 1: Hỏi gì?")
    for letter, text in zip("ABC", TEXTS, strict=True):
        if letter == "B" and kind == WD_STYLE_TYPE.PARAGRAPH:
            document.add_paragraph(f"{letter}. {text}", style="Đúng")
        else:
            document.add_paragraph().add_run(f"{letter}. {text}", style="Đúng" if letter == "B" else None)
    assert shapes(reading_of(document).questions) == [("Hỏi gì?", TEXTS, (1,))]


def test_a_run_may_switch_off_what_its_style_says() -> None:
    document = Document()
    document.styles["Normal"].font.bold = True
    for text, bold in [("Câu 1: Hỏi gì?", None), ("A. một", False), ("B. hai", None), ("C. ba", False)]:
        document.add_paragraph().add_run(text).bold = bold
    assert shapes(reading_of(document).questions) == [("Hỏi gì?", TEXTS, (1,))]


def test_questions_and_options_numbered_by_word() -> None:
    reading = word("#0 Hỏi gì?", "#1 một", "#1 <u>hai</>", "#1 ba", "#0 Hỏi nữa?", "#1 <u>một</>", "#1 hai", "#1 ba")
    assert shapes(reading.questions) == [("Hỏi gì?", TEXTS, (1,)), ("Hỏi nữa?", TEXTS, (0,))]
    assert reading.places == ("Câu 1, đoạn 1", "Câu 2, đoạn 5")


def test_pictures_and_formulas_keep_a_place_and_a_warning() -> None:
    document = Document()
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    paragraph = document.add_paragraph("Câu 1: Tính ")
    paragraph._p.append(parse_xml(f"<m:oMath {math}><m:r><m:t>x</m:t></m:r></m:oMath>"))
    for text in ("*A. một", "B. hai", "C. "):
        paragraph = document.add_paragraph(text)
    paragraph.runs[0]._r.append(parse_xml(f"<w:drawing {nsdecls('w')}/>"))
    reading = reading_of(document)
    assert shapes(reading.questions) == [("Tính \\(x\\)", ["một", "hai", "[hình]"], (0,))]
    assert [(problem.item, "ở C chưa" in problem.message) for problem in reading.problems] == [(1, True)]
    assert len(reading.storable()) == 1


def test_deleted_and_hidden_text_is_not_read_and_inserted_text_is() -> None:
    document = Document()
    paragraph = document.add_paragraph("Câu 1: Hỏi ")
    run = '<w:r><w:{tag} xml:space="preserve">{text}</w:{tag}></w:r>'
    for change, tag, text in (("del", "delText", "cũ"), ("ins", "t", "gì?")):
        inner = run.format(tag=tag, text=text)
        paragraph._p.append(parse_xml(f'<w:{change} {nsdecls("w")} w:id="1" w:author="x">{inner}</w:{change}>'))
    paragraph.add_run(" ẩn").font.hidden = True
    for text in ("*A. một", "B. hai", "C. ba"):
        document.add_paragraph(text)
    assert shapes(reading_of(document).questions) == [("Hỏi gì?", TEXTS, (0,))]


def test_a_table_inside_a_table_is_read_once() -> None:
    document = Document()
    document.add_paragraph("Câu 1: Hỏi gì?")
    inner = document.add_table(rows=1, cols=1).cell(0, 0).add_table(rows=1, cols=3)
    for cell, text in zip(inner.rows[0].cells, ("A. một", "*B. hai", "C. ba"), strict=True):
        cell.text = text
    assert shapes(reading_of(document).questions) == [("Hỏi gì?", TEXTS, (1,))]


PIECES = st.sampled_from(
    [
        "Câu 1: ", "Câu 2 (NB). ", "Bài 3. ", "1. ", "(2) ", "A. ", "B. ", "*C. ", "D) ", "a) ", "b. ", "\t", " ",
        "• B. ", "Đáp án: ",
        "Chọn B", "ĐÁP ÁN", "1A 2B 3C 4D", "HẾT", "PHẦN I. ", "Giải thích: ", "Căn cứ: ", "Điểm: ", "Cố định: ",
        "Loại: ", "[<br>]",
        "[<sg>]", "[</sg>]", "ID: 7", "Đúng", "Sai", "text", "(đúng)", "Hỏi gì?", "[2] ", "(CLO1)", "Đọc và trả lời",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=6).map("".join), max_size=14), st.integers(0, 3))
def test_no_order_of_lines_makes_the_reader_fall(texts: list[str], look: int) -> None:
    marks = frozenset(["bold", "underline", "colour:FF0000"][:look])
    lines = [Line(Rich.of([(text[:2], marks), (text[2:], frozenset())]).strip(), n) for n, text in enumerate(texts, 1)]
    reading = read_blocks(lines)
    assert reading.questions or reading.problems
    for problem in reading.problems:
        assert problem.item is None or 1 <= problem.item <= len(reading.questions)
