"""Questions as a Word paper, in the plain form or in one of the dialects that examiners use."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Literal

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt, RGBColor

from question_bank.formats.base import Writing
from question_bank.formats.paper_read import read_blocks
from question_bank.formats.rich import PLAIN, Line, Look, Rich
from question_bank.formats.vietnamese import LEVEL_MARKS
from question_bank.kinds.base import letter
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question

KeyMark = Literal["line", "bold", "underline", "colour", "asterisk", "table", "none"]
Layout = Literal["lines", "tabs"]
Paragraph = list[tuple[str, Look]]
"""Pieces of text with their looks; a line break in a piece stays within the paragraph."""

_BOLD: Look = frozenset({"bold"})
_RED = "colour:FF0000"
_LOOKS: dict[str, Look] = {
    "bold": _BOLD,
    "underline": frozenset({"underline"}),
    "colour": frozenset({_RED}),
}
_KEYS_IN_ROW = 10
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_word(
    questions: Sequence[Question],
    key_mark: KeyMark = "line",
    layout: Layout = "lines",
    *,
    title: str = "",
    details: bool = True,
) -> Writing:
    """A paper with the right answers marked in the given way; every question is read back to see what is lost.

    ``details`` adds lines for topic, positions, points and the like, which papers by hand seldom have.
    """
    document = _new_document(title)
    problems: list[Problem] = []
    for number, question in enumerate(questions, start=1):
        for paragraph in _paragraphs(question, number, key_mark, layout, details):
            _add_paragraph(document, paragraph)
        if not _survives(question, layout):
            template = N_(
                "Câu này có chỗ giống cách đánh số, chữ cái phương án hoặc dòng đáp án nên khi đọc lại từ Word sẽ "
                "khác: dùng Excel hoặc GIFT."
            )
            place = Message(N_("Câu {item}"), item=number)
            problems.append(Problem(place, number, Severity.WARNING, Message(template)))
    if key_mark == "table":
        _add_key_table(document, questions)
    stream = BytesIO()
    document.save(stream)
    return Writing(stream.getvalue(), tuple(problems))


def _survives(question: Question, layout: Layout) -> bool:
    """Whether the question, written alone in the plain way, reads back the same."""
    lines: list[Line] = []
    for paragraph in _paragraphs(question, 1, "line", layout, details=True):
        pieces: list[Paragraph] = [[]]
        for text, look in paragraph:
            first, *others = _NOT_XML.sub("", text).split("\n")
            pieces[-1].append((first, look))
            pieces += [[(other, look)] for other in others]
        lines += [Line(Rich.of(piece).strip(), 1) for piece in pieces]
    reading = read_blocks(lines)
    return reading.questions == (question,) and reading.questions[0].ref == question.ref


def _paragraphs(question: Question, number: int, key_mark: KeyMark, layout: Layout, details: bool) -> list[Paragraph]:
    signs = f" ({LEVEL_MARKS[question.level]})" if question.level else ""
    signs += " (Chọn nhiều)" if question.kind == "multiple_response" else ""
    stem: Paragraph = [(f"Câu {number}{signs}:", _BOLD), (f" {question.stem}", PLAIN)]
    options = [_option(question, index, key_mark) for index in range(len(question.options))]
    if layout == "tabs":
        options = [[piece for option in options for piece in [*option, ("\t", PLAIN)]][:-1]] if options else []
    below = [(name, value) for name, value in _below(question, key_mark, details) if value]
    return [stem, *options, *([(f"{name}: {value}", PLAIN)] for name, value in below)]


def _option(question: Question, index: int, key_mark: KeyMark) -> Paragraph:
    option = question.options[index]
    look = _LOOKS.get(key_mark, PLAIN) if option.correct else PLAIN
    star = "*" if option.correct and key_mark == "asterisk" else ""
    text = look if key_mark != "underline" else PLAIN
    return [(f"{star}{letter(index)}.", look), (f" {option.text}", text)]


def _below(question: Question, key_mark: KeyMark, details: bool) -> list[tuple[str, str]]:
    """The lines below the options: name and value, the explanation last, since it takes all that follows."""
    lines = [("Đáp án", ", ".join(letter(index) for index in question.key))] if key_mark == "line" else []
    lines.append(("Căn cứ", "; ".join(map(str, question.citations))))
    if details:
        pinned = [letter(index) for index, option in enumerate(question.options) if option.pinned]
        points = f"{question.points / 1000:g}".replace(".", ",")
        lines += [
            ("Chuyên đề", question.topic),
            ("Vị trí", ", ".join(question.positions)),
            ("Điểm", points if question.points != 1000 else ""),
            ("Thời gian", f"{question.seconds} giây" if question.seconds else ""),
            ("Nhãn", ", ".join(question.tags)),
            ("Cố định", ", ".join(pinned)),
            ("Mã câu", question.ref),
        ]
    return [*lines, ("Giải thích", question.explanation)]


def _new_document(title: str) -> Any:
    document = Document()
    document.core_properties.created = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    document.core_properties.author = ""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(13)
    normal.paragraph_format.space_after = Pt(2)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(2)
    if title:
        heading = document.add_paragraph()
        heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
        heading.add_run(title).bold = True
        document.add_paragraph()
    return document


def _add_paragraph(document: Any, pieces: Paragraph) -> None:
    paragraph = document.add_paragraph()
    for text, look in pieces:
        run = paragraph.add_run(_NOT_XML.sub("", text))
        run.bold = "bold" in look or None
        run.underline = "underline" in look or None
        if _RED in look:
            run.font.color.rgb = RGBColor(0xFF, 0, 0)


def _add_key_table(document: Any, questions: Sequence[Question]) -> None:
    """The key at the end: rows of numbers over rows of letters."""
    document.add_paragraph()
    document.add_paragraph().add_run("BẢNG ĐÁP ÁN").bold = True
    keys = [(str(n), ", ".join(letter(index) for index in q.key)) for n, q in enumerate(questions, 1) if q.key]
    table = document.add_table(rows=0, cols=min(_KEYS_IN_ROW, max(len(keys), 1)))
    table.style = "Table Grid"
    for start in range(0, len(keys), _KEYS_IN_ROW):
        for part in (0, 1):
            cells = table.add_row().cells
            for column, pair in enumerate(keys[start : start + _KEYS_IN_ROW]):
                cells[column].text = pair[part]
