"""The pages of a Word paper: fonts and margins, a title, questions kept together, a key, page numbers at the foot."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from html import unescape
from io import BytesIO
from typing import IO, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import UnrecognizedImageError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.text.paragraph import Paragraph

from question_bank.formats.html_blocks import HtmlTable, Written
from question_bank.formats.html_blocks import Paragraph as Pieces
from question_bank.formats.paper_carried import NOT_XML
from question_bank.formats.paper_write import RED
from question_bank.formats.rich import OBJECT, Look, object_html
from question_bank.plain_text import alt_of, told
from question_bank.rich_text import media as media_of

_WIDEST = Cm(15)
_PAIRS_IN_ROW = 5
_FIELD = re.compile(r"\{(PAGE|NUMPAGES)\}")


class Page:
    """Adds what is written to a document that looks like the papers of an office."""

    def __init__(self, title: str, media: Mapping[str, bytes]) -> None:
        self._document = _new_document(title)
        self._media = media
        self._end = self._document.element.body.sectPr

    def heading(self, text: str) -> None:
        paragraph = self._document.add_paragraph(style="Heading 2")
        paragraph.add_run(NOT_XML.sub("", text))

    def add(self, blocks: Sequence[Written]) -> list[str]:
        """One question, kept on one page where it fits; descriptions of images that were not at hand."""
        missing: list[str] = []
        for place, block in enumerate(blocks):
            if isinstance(block, HtmlTable):
                missing += self._table(block)
                continue
            paragraph = self._paragraph()
            if place < len(blocks) - 1:
                paragraph.paragraph_format.keep_with_next = True
            missing += self._fill(paragraph, block)
        return missing

    def _paragraph(self) -> Any:
        """At the end, found at once: the library would look through all paragraphs before it each time."""
        element = OxmlElement("w:p")
        self._end.addprevious(element)
        return Paragraph(element, self._document._body)

    def _fill(self, paragraph: Any, pieces: Pieces) -> list[str]:
        missing: list[str] = []
        for text, look in pieces:
            if text == OBJECT:
                missing += self._picture(paragraph, object_html(look))
            elif text:
                _style(paragraph.add_run(NOT_XML.sub("", text)), look)
        return missing

    def _picture(self, paragraph: Any, html: str) -> list[str]:
        alt = unescape(alt_of(html))
        data = next((self._media[sha] for sha in media_of(html) if sha in self._media), None)
        if data is None:
            paragraph.add_run(told(alt))
            return [alt or told("")]
        try:
            shape = paragraph.add_run().add_picture(BytesIO(data))
        except (UnrecognizedImageError, OSError):
            paragraph.add_run(told(alt))
            return [alt or told("")]
        if shape.width > _WIDEST:
            shape.height = Emu(int(shape.height * _WIDEST / shape.width))
            shape.width = _WIDEST
        shape._inline.docPr.set("descr", NOT_XML.sub("", alt))
        return []

    def _table(self, table: HtmlTable) -> list[str]:
        places = _places(table)
        width = max((column + across for column, across, *_ in places.values()), default=1)
        made = self._document.add_table(rows=len(table.rows), cols=max(width, 1))
        made.style = "Table Grid"
        missing: list[str] = []
        for (row, cell), (column, across, down) in places.items():
            target = made.cell(row, column)
            if across > 1 or down > 1:
                last = min(row + down, len(table.rows)) - 1
                target = target.merge(made.cell(last, column + across - 1))
            for number, paragraph in enumerate(table.rows[row][cell]):
                place = target.paragraphs[0] if number == 0 else target.add_paragraph()
                missing += self._fill(place, paragraph)
        return missing

    def key_table(self, keys: Sequence[tuple[int, str]]) -> None:
        """The key on a page of its own: several pairs of columns side by side."""
        self._document.add_page_break()
        heading = self._document.add_paragraph()
        heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
        heading.add_run("BẢNG ĐÁP ÁN").bold = True
        columns = min(_PAIRS_IN_ROW, len(keys))
        rows = -(-len(keys) // columns)
        table = self._document.add_table(rows=0, cols=columns * 2)
        table.style = "Table Grid"
        lines = [["Câu", "Đáp án"] * columns]
        for row in range(rows):
            line: list[str] = []
            for column in range(columns):
                place = column * rows + row
                line += [str(keys[place][0]), keys[place][1]] if place < len(keys) else ["", ""]
            lines.append(line)
        for number, line in enumerate(lines):
            for cell, text in zip(table.add_row().cells, line, strict=True):
                cell.paragraphs[0].add_run(NOT_XML.sub("", text)).bold = True if number == 0 else None

    def save(self, stream: IO[bytes]) -> None:
        self._document.save(stream)


def _places(table: HtmlTable) -> dict[tuple[int, int], tuple[int, int, int]]:
    """For each cell its column and how many columns and rows it takes, past what reaches down from above."""
    taken: set[tuple[int, int]] = set()
    places: dict[tuple[int, int], tuple[int, int, int]] = {}
    for row, cells in enumerate(table.rows):
        column = 0
        for cell in range(len(cells)):
            while (row, column) in taken:
                column += 1
            across, down = table.spans.get((row, cell), (1, 1))
            down = max(1, min(down, len(table.rows) - row))
            places[row, cell] = (column, across, down)
            taken |= {(row + y, column + x) for y in range(down) for x in range(across)}
            column += across
    return places


def _style(run: Any, look: Look) -> None:
    for name in ("bold", "italic", "underline"):
        if name in look:
            setattr(run, name, True)
    if "sup" in look:
        run.font.superscript = True
    if "sub" in look:
        run.font.subscript = True
    if RED in look:
        run.font.color.rgb = RGBColor(0xFF, 0, 0)


def _new_document(title: str) -> Any:
    document = Document()
    document.core_properties.created = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    document.core_properties.author = ""
    for name, size in (("Normal", 13), ("Heading 2", 13)):
        style = document.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        style.paragraph_format.space_after = Pt(2)
    heading = document.styles["Heading 2"]
    heading.font.color.rgb, heading.font.bold = RGBColor(0, 0, 0), True
    heading.element.rPr.rFonts.attrib.clear()
    heading.font.name = "Times New Roman"
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    _foot(section.footer.paragraphs[0])
    if title:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(NOT_XML.sub("", title)).bold = True
        document.add_paragraph()
    return document


def _foot(paragraph: Any) -> None:
    """The number of the page and of all pages."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in _FIELD.split("Trang {PAGE}/{NUMPAGES}"):
        run = paragraph.add_run("" if part in ("PAGE", "NUMPAGES") else part)
        run.font.size = Pt(9)
        if part not in ("PAGE", "NUMPAGES"):
            continue
        for kind in ("begin", "", "end"):
            element = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                element.set(qn("w:fldCharType"), kind)
            else:
                element.text = part
            run._r.append(element)
