"""The rows of a table that hold a question, their cells by what they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from question_bank.formats.assemble import Options, options_from, options_in_cell, stem_and_options
from question_bank.formats.excel_extent import column_letters
from question_bank.formats.excel_headings import Headings
from question_bank.formats.excel_looks import Picture, Runs
from question_bank.formats.excel_sheets import Sheet
from question_bank.messages import N_, Message
from question_bank.plain_text import told

_WHOLE = re.compile(r"[0-9]{1,6}")
_SHARED = frozenset(
    ["kind", "level", "topic", "position", "cite", "points", "seconds", "tags", "explanation", "pinned"]
)
"""What one merged cell may say of all the rows beside it."""


class Shown(NamedTuple):
    """What a cell shows beside its plain text."""

    runs: Runs
    pictures: list[Picture]


@dataclass(slots=True)
class Row:
    """One row that holds something, its cells by name, and its options with their columns.

    ``texts`` are the options as written; ``options`` those without letters and stars. ``shown`` holds what the cells
    of stem and options show, by "stem" and by the number of the option. ``errors`` are cells that Excel could not work
    out; ``label`` is the number that the row itself bears.
    """

    sheet: str
    number: int
    place: Message
    cells: dict[str, str]
    texts: list[str]
    columns: list[int]
    marked: dict[str, frozenset[int]] = field(default_factory=dict)
    shown: dict[str | int, Shown] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    label: int | None = None
    _options: Options | None = None

    @property
    def answer(self) -> str:
        return self.cells.get("answer", "")

    @property
    def options(self) -> Options:
        if self._options is None:
            self._options = options_from(self.texts)
        return self._options

    @options.setter
    def options(self, options: Options) -> None:
        self._options = options


def rows_of(sheet: Sheet, headings: Headings) -> list[Row]:
    """Every row below the headings that has more than a number."""
    _place_pictures(sheet, headings)
    _fill_merged(sheet, headings)
    named = [(name, column) for name, column in headings.columns.items() if name != "number"]
    columns, number = list(headings.options), headings.columns.get("number")
    errors = _errors(sheet, {*headings.columns.values(), *columns})
    rows = []
    for index in range(headings.first_row, len(sheet.rows)):
        row = sheet.rows[index]
        cells = {name: row[column] for name, column in named if row[column]}
        if columns:
            texts, own = [row[column] for column in columns], columns
            while texts and not texts[-1]:
                texts.pop()
        else:
            texts, own = _in_one_cell(cells, headings)
        if cells or texts or index in errors:
            place = Message(sheet.place, sheet=sheet.name, row=index + 1)
            found = Row(sheet.name, index + 1, place, cells, texts, own[: len(texts)], errors=errors.get(index, []))
            found.label = int(row[number]) if number is not None and _WHOLE.fullmatch(row[number]) else None
            rows.append(found)
            _note_shown(found, sheet, headings)
    return rows


def _in_one_cell(cells: dict[str, str], headings: Headings) -> tuple[list[str], list[int]]:
    """All options in a cell of their own, or below the stem in one with it."""
    source = "options" if "options" in headings.columns else "stem"
    if source == "stem":
        stem, options = stem_and_options(cells.get("stem", ""))
        cells.update({name: text for name, text in (("stem", stem), ("options", options)) if text})
    texts = options_in_cell(cells.get("options", ""))
    return texts, [headings.columns[source]] * len(texts)


def _errors(sheet: Sheet, columns: set[int]) -> dict[int, list[str]]:
    """The names of the cells with errors in these columns, by row."""
    found: dict[int, list[str]] = {}
    for row, column in sorted(sheet.looks.errors):
        if column in columns:
            found.setdefault(row, []).append(f"{column_letters(column)}{row + 1}")
    return found


def error_message(row: Row) -> Message:
    template = N_("Ô {cells} chỉ có giá trị lỗi của Excel (như #N/A): mở tệp, sửa công thức hoặc ghi nội dung vào ô.")
    return Message(template, cells=", ".join(row.errors))


def _fill_merged(sheet: Sheet, headings: Headings) -> None:
    """A topic or level merged over several rows is that of each of them."""
    columns = {column for name, column in headings.columns.items() if name in _SHARED}
    for (first, column), (last, _) in sheet.merged:
        if column in columns and headings.first_row <= first < last < len(sheet.rows):
            for row in range(first + 1, last + 1):
                sheet.rows[row][column] = sheet.rows[row][column] or sheet.rows[first][column]


def _place_pictures(sheet: Sheet, headings: Headings) -> None:
    """Every image gets a place in the text of its cell; one beside the texts of a question belongs to its stem."""
    stem = headings.columns["stem"]
    texts = {stem, *headings.options}
    found: dict[tuple[int, int], list[Picture]] = {}
    for (row, column), pictures in sorted(sheet.looks.pictures.items()):
        place = (row, column if column in texts else stem)
        if not headings.first_row <= row < len(sheet.rows):
            continue  # the arms above a list, a drawing below it
        found.setdefault(place, []).extend(pictures)
        own = sheet.rows[row]
        own.extend([""] * (place[1] + 1 - len(own)))
        missing = [told(one.alt) for one in pictures if told(one.alt) not in own[place[1]]]
        own[place[1]] = "\n".join(filter(None, [own[place[1]], *missing]))
    sheet.looks.pictures = found


def _note_shown(row: Row, sheet: Sheet, headings: Headings) -> None:
    if not sheet.looks.runs and not sheet.looks.pictures:
        return
    places: list[tuple[str | int, int]] = [("stem", headings.columns["stem"])]
    places += list(enumerate(row.columns)) if len(set(row.columns)) == len(row.columns) else []
    for name, column in places:
        cell = (row.number - 1, column)
        runs, pictures = sheet.looks.runs.get(cell, []), sheet.looks.pictures.get(cell, [])
        if runs or pictures:
            row.shown[name] = Shown(runs, pictures)
