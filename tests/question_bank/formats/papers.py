"""Word papers for tests, made from short strings: ``<b>``, ``<u>``, ``<i>``, ``<red>``, ``<mark>``, ``<sub>`` …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import RGBColor

from question_bank.formats import Reading, read
from question_bank.question import Question

_RUN = re.compile(r"<(?P<tags>[a-z ]+)>(?P<text>.*?)</>|(?P<plain>[^<]+|<)", re.DOTALL)
_LISTS = (
    '<w:abstractNum {} w:abstractNumId="90"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="Câu %1."/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="upperLetter"/>'
    '<w:lvlText w:val="%2."/></w:lvl></w:abstractNum>'.format(nsdecls("w"))
)


def paper(*paragraphs: str | list[list[str]]) -> bytes:
    """A document of paragraphs and, for lists of rows, tables; "#0 …" and "#1 …" take automatic numbers."""
    document = Document()
    _add_list(document)
    for content in paragraphs:
        if isinstance(content, str):
            _fill(document.add_paragraph(), content)
            continue
        table = document.add_table(rows=len(content), cols=len(content[0]))
        for row, cells in enumerate(content):
            for column, text in enumerate(cells):
                _fill(table.cell(row, column).paragraphs[0], text)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _add_list(document: Any) -> None:
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(_LISTS))
    number = f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'
    numbering.append(parse_xml(number))


def _fill(paragraph: Any, text: str) -> None:
    if match := re.match(r"#([01]) ", text):
        text = text[match.end() :]
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().set(qn("w:val"), match.group(1))
        properties.get_or_add_numId().set(qn("w:val"), "90")
    for match in _RUN.finditer(text):
        run = paragraph.add_run(match["text"] if match["tags"] else match["plain"])
        tags = (match["tags"] or "").split()
        run.bold, run.underline, run.italic = "b" in tags or None, "u" in tags or None, "i" in tags or None
        if "red" in tags:
            run.font.color.rgb = RGBColor(0xC0, 0, 0)
        if "grey" in tags:
            run.font.color.rgb = RGBColor(0x33, 0x33, 0x33)
        if "sub" in tags:
            run.font.subscript = True
        if "mark" in tags:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def word(*paragraphs: str | list[list[str]]) -> Reading:
    return read(paper(*paragraphs))


def shapes(questions: Sequence[Question]) -> list[tuple[str, list[str], tuple[int, ...]]]:
    """Stem, option texts and key of each question."""
    return [(q.stem, [option.text for option in q.options], q.key) for q in questions]
