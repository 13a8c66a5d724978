"""How far the cells of a workbook reach, told before anything opens it.

The usual reader takes memory for the whole rectangle of a sheet, so that one cell in the last corner ends the process.
It is also lenient: any part of the archive may be a sheet, whatever its name, and quotes, blanks and small letters
are all the same to it. Therefore every part in which cells can stand is parsed as XML here, and must be sound.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from xml.parsers import expat

_CELLS = b"sheetData"
"""Without this word the reader finds no cells in a part."""
_DOCTYPE = b"<!DOCTYPE"
_INSIDE = frozenset(["v", "t", "is", "f", "r", "rPr"])
"""What stands within cells and is passed over quickly."""
_XML = (".xml", ".rels")
MOST_ERRORS = 1000
"""Cells with errors that are told apart in one part."""
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")


class BrokenWorkbookError(Exception):
    """A part that cannot be unpacked, is no sound XML, or declares a document type."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The smallest rectangle from A1 that holds every cell of a part.

    ``errors`` are the cells that hold no value but an error, ``valued`` those with a number of what they hold instead
    of text (an image); row and column from 0.
    """

    part: str
    rows: int
    columns: int
    errors: tuple[tuple[int, int], ...] = ()
    valued: tuple[tuple[int, int, int], ...] = ()

    @property
    def cells(self) -> int:
        return self.rows * self.columns


def extents(data: bytes) -> Iterator[Extent]:
    """How far each part with cells reaches; :class:`BrokenWorkbookError` where that cannot be told."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for part in archive.infolist():
                content = archive.read(part)
                if part.filename.lower().endswith(_XML) and _DOCTYPE in content:
                    raise BrokenWorkbookError(part.filename)
                if _CELLS in content:
                    yield _Cells().read(part.filename, content)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise BrokenWorkbookError(str(error)) from error


class _Cells:
    """The last row and column that any cell names or comes to stand in."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._row = self._column = 0
        self._errors: list[tuple[int, int]] = []
        self._valued: list[tuple[int, int, int]] = []

    def read(self, part: str, content: bytes) -> Extent:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse
        parser.Parse(content, True)
        return Extent(part, self.rows, self.columns, tuple(self._errors), tuple(self._valued))

    def _refuse(self, *_: object) -> None:
        raise ValueError("a part of a workbook declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _INSIDE:
            return
        local = name.rpartition(":")[2]
        if local == "row":
            self._row, self._column = int(attributes.get("r") or self._row + 1), 0
            self.rows = max(self.rows, self._row)
        elif local == "c":
            self._cell(attributes.get("r", ""))
            if attributes.get("t") == "e":
                self._note(attributes.get("vm", ""))

    def _cell(self, reference: str) -> None:
        if reference:
            self._column, self._row = column_and_row(reference)
        else:
            self._column += 1
        self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)

    def _note(self, number: str) -> None:
        if number.isdecimal():
            self._valued.append((self._row - 1, self._column - 1, int(number)))
        elif len(self._errors) < MOST_ERRORS:
            self._errors.append((self._row - 1, self._column - 1))


def column_and_row(reference: str) -> tuple[int, int]:
    """Both from 1, of "B7"; ``ValueError`` for anything else."""
    match = _REFERENCE.fullmatch(reference) or _REFERENCE.fullmatch(reference.replace("$", ""))
    if match is None:
        raise ValueError(reference)
    return _column_number(match[1]), int(match[2])


@cache
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(index: int) -> str:
    """The name of a column, from 0: A, …, Z, AA, …"""
    letters = ""
    while index >= 0:
        letters, index = chr(ord("A") + index % 26) + letters, index // 26 - 1
    return letters
