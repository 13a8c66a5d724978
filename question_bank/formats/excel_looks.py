"""What the cells of a workbook show beside their values: pieces of text in bold or raised, percentages, errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from question_bank.formats.excel_extent import Extent, column_and_row
from question_bank.formats.excel_package import Package
from question_bank.formats.rich import Look

if TYPE_CHECKING:
    from lxml.etree import _Element

Cell = tuple[int, int]
"""Row and column, from 0."""
Runs = list[tuple[str, Look]]

_RICH = re.compile(rb"<(?:\w+:)?(?:vertAlign|b|i|u)(?:\s[^<>]*)?/>")
_PERCENT_FORMATS = frozenset({9, 10})
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_ON = {"b": "bold", "i": "italic", "u": "underline"}


@dataclass(slots=True)
class Picture:
    """An image on a cell, and what it is said to show."""

    data: bytes
    alt: str = ""


@dataclass(slots=True)
class Looks:
    """Of one sheet, by cell."""

    runs: dict[Cell, Runs] = field(default_factory=dict)
    percents: set[Cell] = field(default_factory=set)
    pictures: dict[Cell, list[Picture]] = field(default_factory=dict)
    errors: set[Cell] = field(default_factory=set)


def looks_of(package: Package, extents: Mapping[str, Extent]) -> dict[str, Looks]:
    """The looks of every sheet by its name; cheap for workbooks without any."""
    rich = _rich_strings(package)
    percents = _percent_styles(package)
    found: dict[str, Looks] = {}
    for name, part in package.sheet_parts().items():
        looks = found[name] = Looks()
        content = package.content(part)
        if content and (rich or percents or _RICH.search(content)):
            _Pass(rich, percents, looks).read(content)
        if part in extents:
            looks.errors = set(extents[part].errors)
    return found


def _rich_strings(package: Package) -> dict[int, Runs]:
    """The shared strings whose pieces look differently."""
    part = "xl/sharedStrings.xml"
    if not _RICH.search(package.content(part)):
        return {}
    runs = ((index, _runs(item)) for index, item in enumerate(package.elements(part, "si")))
    return {index: found for index, found in runs if any(look for _, look in found)}


def _runs(item: _Element) -> Runs:
    found: Runs = []
    for run in item.iterchildren("{*}r"):
        text = "".join(piece.text or "" for piece in run.iterchildren("{*}t"))
        properties = run.find("{*}rPr")
        found.append((text, frozenset() if properties is None else _look(properties)))
    return found


def _look(properties: _Element) -> Look:
    looks: set[str] = set()
    for one in properties:
        name, value = str(one.tag).rpartition("}")[2], one.get("val", "")
        if name in _ON and value not in {"0", "false", "none"}:
            looks.add(_ON[name])
        elif name == "vertAlign" and value in {"superscript", "subscript"}:
            looks.add(value[:3])
    return frozenset(looks)


def _percent_styles(package: Package) -> frozenset[str]:
    """The numbers of the cell styles that show a number as a percentage."""
    part = "xl/styles.xml"
    own = {
        int(format.get("numFmtId", "0"))
        for format in package.elements(part, "numFmt")
        if "%" in _QUOTED.sub("", format.get("formatCode", ""))
    }
    styles = next(package.elements(part, "cellXfs"), None)
    if styles is None:
        return frozenset()
    wanted = _PERCENT_FORMATS | own
    return frozenset(str(n) for n, style in enumerate(styles) if int(style.get("numFmtId") or 0) in wanted)


class _Pass:
    """One walk over the cells of a sheet."""

    def __init__(self, rich: Mapping[int, Runs], percents: frozenset[str], looks: Looks) -> None:
        self._rich = rich
        self._percents = percents
        self._looks = looks
        self._row, self._column = -1, -1
        self._kind = ""
        self._text: list[str] | None = None
        self._own: Runs = []
        self._look: set[str] = set()
        self._in_run = False

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(content, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row, self._column = int(attributes.get("r") or self._row + 2) - 1, -1
        elif name == "r":
            self._in_run, self._look = True, set()
        elif name in ("v", "t"):
            self._text = []
        elif self._in_run and name in _ON and attributes.get("val") not in ("0", "false", "none"):
            self._look.add(_ON[name])
        elif self._in_run and name == "vertAlign" and attributes.get("val", "") in ("superscript", "subscript"):
            self._look.add(attributes["val"][:3])

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            column, row = column_and_row(reference)
            self._row, self._column = row - 1, column - 1
        else:
            self._column += 1
        self._kind, self._own = attributes.get("t", "n"), []
        if self._kind == "n" and attributes.get("s", "0") in self._percents:
            self._looks.percents.add((self._row, self._column))

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        text = "".join(self._text or ())
        if name == "v":
            if self._kind == "s" and text.isdecimal() and int(text) in self._rich:
                self._looks.runs[self._row, self._column] = self._rich[int(text)]
            self._text = None
        elif name == "t":
            if self._in_run:
                self._own.append((text, frozenset(self._look)))
            self._text = None
        elif name == "r":
            self._in_run = False
        elif name == "c" and any(look for _, look in self._own):
            self._looks.runs[self._row, self._column] = self._own
