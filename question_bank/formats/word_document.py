"""A Word document as lines and tables: runs with their looks, automatic numbers written out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError

from question_bank.formats.base import Collector, Converted, UnreadableFileError, conversion, whole_file
from question_bank.formats.rich import Block, Line, Look, Rich, Table
from question_bank.formats.word_fonts import Fonts
from question_bank.formats.word_pictures import Pictures, formula
from question_bank.formats.word_styles import Numbering, Properties, Styles, look_of, qn, stated
from question_bank.messages import N_, Message

LARGEST_TEXT = 60 * 2**20
_HEAD = 4096

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_WITHIN = {qn(f"w:{name}") for name in ("hyperlink", "ins", "moveTo", "smartTag", "sdt", "sdtContent", "fldSimple")}
_SIGNS = {qn("w:tab"): "\t", qn("w:cr"): "\n", qn("w:br"): "\n", qn("w:noBreakHyphen"): "-", qn("w:ptab"): "\t"}
_PICTURES = {qn("w:drawing"), qn("w:pict"), qn("w:object"), f"{_COMPATIBILITY}AlternateContent"}


def blocks(data: bytes, collector: Collector | None = None) -> list[Block]:
    """The lines and tables of the document's body, in order; images and what was converted go to ``collector``."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if archive.getinfo("word/document.xml").file_size > LARGEST_TEXT:
                template = N_("Phần chữ của tài liệu quá lớn: chia thành nhiều tệp nhỏ rồi nhập lần lượt.")
                raise UnreadableFileError(Message(template))
            _refuse_declarations(archive)
        return list(_Reader(Document(BytesIO(data)), collector or Collector("word")).blocks())
    except (OpcError, SyntaxError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, OSError) as error:
        template = N_("Tệp Word bị hỏng: mở tệp bằng Word, lưu lại dạng .docx rồi nhập.")
        raise UnreadableFileError(Message(template)) from error


def _refuse_declarations(archive: zipfile.ZipFile) -> None:
    """Word writes no document types; one that is there would only declare entities that grow or reach outside."""
    for part in archive.namelist():
        if part.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                if b"<!DOCTYPE" in stream.read(_HEAD):
                    template = N_("Tệp Word có khai báo XML không an toàn ở {part}, không được mở: lưu lại bằng Word.")
                    raise UnreadableFileError(Message(template, part=part[:60]))


class _Reader:
    def __init__(self, document: Any, collector: Collector) -> None:
        self._body = document.element.body
        self._styles = Styles(document.styles.element)
        try:
            numbering = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
        except KeyError:
            numbering = None
        self._numbering = Numbering(numbering)
        self._pictures = Pictures(document.part, collector.add_media)
        self._fonts = Fonts(self._body, document.styles.element)
        self._collector = collector
        self._paragraphs = 0

    def blocks(self) -> Iterator[Block]:
        for element in _children(self._body):
            if element.tag == qn("w:p"):
                yield from self._lines(element)
            elif element.tag == qn("w:tbl"):
                yield self._table(element)
        changed = self._collector.converted
        if changed and self._fonts.found:
            self._collector.warning(conversion(self._fonts.found, changed), whole_file())

    def _table(self, element: Any) -> Table:
        first = self._paragraphs + 1
        rows: list[list[list[Line]]] = []
        spans: dict[tuple[int, int], tuple[int, int]] = {}
        above: dict[int, tuple[int, int]] = {}
        for row in (child for child in _children(element) if child.tag == qn("w:tr")):
            cells = [cell for cell in _children(row) if cell.tag == qn("w:tc")]
            column = 0
            for index, cell in enumerate(cells):
                across, merge = _reach(cell)
                here = (len(rows), index)
                if merge == "continue" and column in above:
                    spans[here] = (across, 0)
                    origin = above[column]
                    spans[origin] = (spans[origin][0], spans[origin][1] + 1)
                else:
                    spans[here] = (across, 1)
                    above[column] = here
                column += across
            rows.append([[line for p in cell.iter(qn("w:p")) for line in self._lines(p)] for cell in cells])
        return Table(rows, first, {place: span for place, span in spans.items() if span != (1, 1)})

    def _place(self) -> Message:
        return Message(N_("Đoạn {paragraph}"), paragraph=self._paragraphs)

    def _lines(self, paragraph: Any) -> list[Line]:
        """The paragraph cut at its line breaks."""
        self._paragraphs += 1
        self._fonts.begin_paragraph(paragraph)
        properties = paragraph.find(qn("w:pPr"))
        style_element = properties.find(qn("w:pStyle")) if properties is not None else None
        style = style_element.get(qn("w:val")) if style_element is not None else None
        base = self._styles.of_paragraph(style)
        pieces: list[list[tuple[str, Look]]] = [[]]
        label = self._label(properties, style, base)
        if label[0]:
            pieces[0].append(label)
        for text, look in self._pieces(paragraph, base):
            first, *others = text.split("\n")
            pieces[-1].append((first, look))
            pieces += [[(other, look)] for other in others]
        if before := self._fonts.before():
            after = "".join(text for line in pieces for text, _ in line)
            self._collector.converted.append(Converted(self._place(), before, after))
        heading = self._styles.is_heading(style)
        return [Line(Rich.of(line).strip(), self._paragraphs, heading) for line in pieces]

    def _label(self, properties: Any, style: str | None, base: Properties) -> tuple[str, Look]:
        """The paragraph's automatic number; it looks as its level and the paragraph's own mark say."""
        numbering = properties.find(qn("w:numPr")) if properties is not None else None
        if numbering is None:
            numbering = self._styles.numbering(style)
        if numbering is None:
            return "", frozenset()
        number, level = numbering.find(qn("w:numId")), numbering.find(qn("w:ilvl"))
        if number is None:
            return "", frozenset()
        depth = int(level.get(qn("w:val"), "0")) if level is not None else 0
        text, own = self._numbering.label(number.get(qn("w:val"), ""), depth)
        mark = stated(properties.find(qn("w:rPr"))) if properties is not None else {}
        return f"{text} " if text else "", look_of({**base, **mark, **own})

    def _pieces(self, element: Any, base: Properties) -> Iterator[tuple[str, Look]]:
        for child in element:
            if child.tag == qn("w:r"):
                yield from self._run(child, base)
            elif child.tag in _WITHIN:
                yield from self._pieces(child, base)
            elif child.tag in (f"{_MATH}oMath", f"{_MATH}oMathPara"):
                yield formula(child)

    def _run(self, run: Any, base: Properties) -> Iterator[tuple[str, Look]]:
        own = run.find(qn("w:rPr"))
        style = own.find(qn("w:rStyle")) if own is not None else None
        named = self._styles.of(style.get(qn("w:val"), "")) if style is not None else {}
        properties = {**base, **named, **stated(own)}
        if properties.get("hidden"):
            return
        look = look_of(properties)
        font = properties.get("font", "")
        for child in run:
            if child.tag == qn("w:t"):
                yield self._fonts.text(child.text or "", font), look
            elif child.tag in _SIGNS:
                yield _SIGNS[child.tag], look
            elif child.tag == qn("w:sym"):
                yield self._fonts.symbol(child), look
            elif child.tag in _PICTURES:
                yield self._picture(child)

    def _picture(self, element: Any) -> tuple[str, Look]:
        """A drawing; a text box is no image, and its words are not part of the line."""
        if next(element.iter(qn("w:txbxContent")), None) is not None and not self._pictures.has_image(element):
            self._collector.warning(Message(N_("Khung chữ không được nhập: chuyển thành đoạn văn.")), self._place())
            return "", frozenset()
        return self._pictures.piece(element, self._place())


def _reach(cell: Any) -> tuple[int, str]:
    """How many columns the cell takes, and whether it begins or continues one that reaches down."""
    properties = cell.find(qn("w:tcPr"))
    if properties is None:
        return 1, ""
    across, down = properties.find(qn("w:gridSpan")), properties.find(qn("w:vMerge"))
    columns = across.get(qn("w:val"), "1") if across is not None else "1"
    merge = down.get(qn("w:val"), "continue") if down is not None else ""
    return max(1, int(columns)) if columns.isdigit() else 1, merge


def _children(element: Any) -> Iterator[Any]:
    """The children, with those of content controls and tracked insertions in their place."""
    for child in element:
        if child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _children(child)
        else:
            yield child
