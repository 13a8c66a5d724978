"""Rich texts as paragraphs and tables whose characters remember their looks: the way out of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from question_bank.formats.rich import OBJECT, PLAIN, Line, Look, Rich, Table, object_look

Paragraph = list[tuple[str, Look]]
"""Pieces of text with their looks; a line break in a piece stays within the paragraph."""

_LOOKS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "sub": "sub", "sup": "sup"}
_BLOCKS = frozenset(["p", "li", "blockquote", "ul", "ol"])


@dataclass(slots=True)
class HtmlTable:
    """Rows of cells of paragraphs; ``spans`` as in :class:`question_bank.formats.rich.Table`."""

    rows: list[list[list[Paragraph]]] = field(default_factory=list)
    spans: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


Written = Paragraph | HtmlTable


def blocks_of(html: str, plain: str = "") -> list[Written]:
    """The paragraphs and tables of a cleaned text; of ``plain`` when there is no rich form."""
    if not html:
        return [[(plain, PLAIN)]]
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.finished()


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[Written] = []
        self._paragraph: Paragraph = []
        self._looks: list[str] = []
        self._table: HtmlTable | None = None
        self._lists: list[int | None] = []

    def finished(self) -> list[Written]:
        self._end_paragraph()
        return self._blocks

    def handle_data(self, data: str) -> None:
        self._paragraph.append((data.replace("\n", " "), frozenset(self._looks)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _LOOKS:
            self._looks.append(_LOOKS[tag])
        elif tag == "br":
            self._paragraph.append(("\n", PLAIN))
        elif tag == "img":
            image = f'<img src="{escape(values.get("src", ""))}" alt="{escape(values.get("alt", ""))}">'
            self._paragraph.append((OBJECT, object_look(image)))
        elif tag == "table":
            self._end_paragraph()
            self._table = HtmlTable()
        elif tag == "tr" and self._table is not None:
            self._table.rows.append([])
        elif tag in ("td", "th") and self._table is not None:
            self._begin_cell(self._table, values)
        elif tag in _BLOCKS:
            self._begin_block(tag)

    def _begin_block(self, tag: str) -> None:
        self._end_paragraph()
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li" and self._lists:
            count = self._lists[-1]
            if count is not None:
                self._lists[-1] = count + 1
            self._paragraph.append(("- " if count is None else f"{count + 1}) ", PLAIN))

    def _begin_cell(self, table: HtmlTable, values: dict[str, str]) -> None:
        if not table.rows:
            table.rows.append([])
        self._paragraph = []
        table.rows[-1].append([])
        across, down = (int(values.get(name) or 1) for name in ("colspan", "rowspan"))
        if (across, down) != (1, 1):
            table.spans[len(table.rows) - 1, len(table.rows[-1]) - 1] = (across, down)

    def handle_endtag(self, tag: str) -> None:
        if tag in _LOOKS and _LOOKS[tag] in self._looks:
            self._looks.remove(_LOOKS[tag])
        elif tag in ("td", "th"):
            self._end_paragraph()
        elif tag == "table" and self._table is not None:
            self._blocks.append(self._table)
            self._table = None
        elif tag in _BLOCKS:
            self._end_paragraph()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()

    def _end_paragraph(self) -> None:
        if any(text.strip() for text, _ in self._paragraph):
            if self._table is not None and self._table.rows and self._table.rows[-1]:
                self._table.rows[-1][-1].append(self._paragraph)
            elif self._table is None:
                self._blocks.append(self._paragraph)
        self._paragraph = []


def lines_of(paragraph: Paragraph, number: int = 1) -> list[Line]:
    """The lines that a reader would find in the paragraph."""
    pieces: list[Paragraph] = [[]]
    for text, look in paragraph:
        first, *others = text.split("\n")
        pieces[-1].append((first, look))
        pieces += [[(other, look)] for other in others]
    return [Line(Rich.of(piece).strip(), number) for piece in pieces]


def table_of(table: HtmlTable, number: int = 1) -> Table:
    """The table that a reader would find."""
    rows = [
        [[line for paragraph in cell for line in lines_of(paragraph, number)] for cell in row] for row in table.rows
    ]
    return Table(rows, number, dict(table.spans))


def has_table(blocks: Sequence[Written]) -> bool:
    return any(isinstance(block, HtmlTable) for block in blocks)
