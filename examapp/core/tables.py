"""Tables for files: columns and an iterator of rows become an Excel workbook, CSV or JSON.

A room describes a table once::

    Table(
        name=_("Kết quả"),
        columns=(Column("number", _("Số báo danh")), Column("points", _("Điểm"), Kind.POINTS)),
        rows=rows(),                       # any iterable of tuples, read once and never held as a whole
        heading=Heading(title=..., lines=[...]),
        closing=lambda n: _("Danh sách gồm %(n)s người", n=n),
    )

and writes it with :func:`write_xlsx`, :func:`write_csv` or :func:`write_json`. Values are exact until they are written:
points come in thousandths, percentages as (part, whole). Nothing a person typed can become a formula in any format.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from fractions import Fraction
from typing import IO, Any

import xlsxwriter
from flask import current_app

from examapp.core import clock
from examapp.core.text import format_date, format_moment, nfc, round_half_up

CSV = "text/csv"
JSON = "application/json"
BATCH = 500
"""Rows between two looks at whether to go on."""


class Kind(Enum):
    """What a column holds, and therefore how each format writes it."""

    TEXT = auto()
    COUNT = auto()
    """A whole number."""
    POINTS = auto()
    """Thousandths of a point."""
    PERCENT = auto()
    """(part, whole)."""
    DATE = auto()
    MOMENT = auto()


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    """Its name in JSON."""
    label: str
    kind: Kind = Kind.TEXT
    width: int = 0
    """Characters; 0 takes what suits the kind."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the columns, as on an official list."""

    title: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    """Of the sheet, at most 31 characters."""
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    heading: Heading | None = None
    closing: Callable[[int], str] | None = None
    """The line under the table, given how many rows it has."""


Progress = Callable[[int], None]
"""Told every few hundred rows how many are done; may raise to stop the work."""


def _nothing(done: int) -> None:
    """Nobody listens."""


# Excel

_WIDTHS = {Kind.TEXT: 24, Kind.COUNT: 9, Kind.POINTS: 10, Kind.PERCENT: 10, Kind.DATE: 12, Kind.MOMENT: 17}
_FORMATS = {
    Kind.COUNT: "#,##0",
    Kind.POINTS: "0.00",
    Kind.PERCENT: "0.00%",
    Kind.DATE: "dd/mm/yyyy",
    Kind.MOMENT: "dd/mm/yyyy hh:mm",
}
_NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"


def write_xlsx(stream: IO[bytes], tables: Iterable[Table], *, progress: Progress = _nothing) -> int:
    """Write the tables as sheets of one workbook; returns how many rows. Memory stays flat however many there are."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "dd/mm/yyyy",
    }
    book = xlsxwriter.Workbook(stream, options)
    done = 0
    try:
        styles = _Styles(book)
        for table in tables:
            done = _write_sheet(book, table, styles, done, progress)
    finally:
        book.close()
    return done


class _Styles:
    """The few formats a workbook needs, made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
        edge = {**base, "border": 1}
        self.text = book.add_format({**edge, "text_wrap": True})
        self.values = {kind: book.add_format({**edge, "num_format": code}) for kind, code in _FORMATS.items()}
        self.head = book.add_format(
            {**edge, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "bg_color": "#EDEDED"}
        )
        self.center = book.add_format({**base, "align": "center"})
        self.bold = book.add_format({**base, "align": "center", "bold": True})
        self.title = book.add_format({**base, "align": "center", "bold": True, "font_size": 14})
        self.note = book.add_format({**base, "italic": True})

    def of(self, kind: Kind) -> Any:
        return self.values.get(kind, self.text)


def _write_sheet(book: xlsxwriter.Workbook, table: Table, styles: _Styles, done: int, progress: Progress) -> int:
    sheet = book.add_worksheet(sheet_name(table.name))
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, column.width or _WIDTHS[column.kind])
    line = _write_heading(sheet, table, styles)
    sheet.set_row(line, 33)
    for index, column in enumerate(table.columns):
        sheet.write_string(line, index, column.label, styles.head)
    first = line
    cells = [(index, column.kind, styles.of(column.kind)) for index, column in enumerate(table.columns)]
    for row in table.rows:
        line += 1
        _write_row(sheet, line, cells, row)
        done += 1
        if done % BATCH == 0:
            progress(done)
    _lay_out(sheet, table, first, line)
    if table.closing:
        sheet.write_string(line + 1, 0, table.closing(line - first), styles.note)
    return done


def _write_heading(sheet: Any, table: Table, styles: _Styles) -> int:
    """Agency left, nation right, title and lines centred; returns the row of the column heads."""
    if table.heading is None:
        return 0
    settings = current_app.config["SETTINGS"]
    last = max(len(table.columns) - 1, 1)
    middle = max(last * 2 // 5, 0)
    pairs = [
        (settings.parent_body.upper(), styles.center, _NATION, styles.bold),
        (settings.managing_body.upper(), styles.bold, _MOTTO, styles.bold),
    ]
    for line, (left, left_style, right, right_style) in enumerate(pairs):
        _across(sheet, line, (0, middle), left, left_style)
        _across(sheet, line, (middle + 1, last), right, right_style)
    line = 3
    _across(sheet, line, (0, last), table.heading.title.upper(), styles.title)
    lines = [*table.heading.lines, *(["Dữ liệu trình diễn"] if settings.demo else [])]
    for text in lines:
        line += 1
        _across(sheet, line, (0, last), text, styles.center)
    return line + 2


def _across(sheet: Any, line: int, span: tuple[int, int], text: str, style: Any) -> None:
    """One text over several cells of one row, which is all that a row-by-row writer can merge."""
    first, last = span
    if first >= last:
        sheet.write_string(line, first, nfc(text), style)
    else:
        sheet.merge_range(line, first, line, last, nfc(text), style)


def _write_row(sheet: Any, line: int, cells: Sequence[tuple[int, Kind, Any]], row: Sequence[Any]) -> None:
    """``cells``: index, kind and style of each column, looked up once for all rows."""
    for (index, kind, style), value in zip(cells, row, strict=True):
        if value is None or value == "":
            sheet.write_blank(line, index, None, style)
        elif kind is Kind.TEXT:
            sheet.write_string(line, index, str(value), style)
        elif kind is Kind.DATE:
            sheet.write_datetime(line, index, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
        elif kind is Kind.MOMENT:
            sheet.write_datetime(line, index, clock.local(value).replace(tzinfo=None), style)
        else:
            number = _number(kind, value)
            if number is None:
                sheet.write_blank(line, index, None, style)
            else:
                sheet.write_number(line, index, number, style)


def _number(kind: Kind, value: Any) -> float | None:
    if kind is Kind.POINTS:
        return int(value) / 1000
    if kind is Kind.PERCENT:
        part, whole = value
        return (2_000_000 * part + whole) // (2 * whole) / 1_000_000 if whole else None  # halves up, as everywhere
    return float(value)


def _lay_out(sheet: Any, table: Table, first: int, last: int) -> None:
    """A4, one page wide, column heads on every page and kept in sight, filters on the heads."""
    sheet.set_paper(9)
    if len(table.columns) > 6:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.8, right=0.6, top=0.8, bottom=0.8)
    sheet.repeat_rows(first)
    sheet.freeze_panes(first + 1, 0)
    if last > first:
        sheet.autofilter(first, 0, last, len(table.columns) - 1)
    sheet.set_footer("&C&P/&N")


def sheet_name(name: str) -> str:
    """What Excel takes as the name of a sheet."""
    return re.sub(r"[\[\]:*?/\\]", "-", nfc(name)).strip("'")[:31] or "1"


# CSV

_RISKY = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_RISKY) else text


def write_csv(stream: IO[bytes], table: Table, *, progress: Progress = _nothing) -> int:
    """Columns and rows only, as Excel in Vietnam opens it: UTF-8 with a mark, semicolons, decimal commas."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_cell(column.label) for column in table.columns])
    done = 0
    for row in table.rows:
        writer.writerow([_csv_value(column.kind, value) for column, value in zip(table.columns, row, strict=True)])
        done += 1
        if done % BATCH == 0:
            progress(done)
    text.flush()
    text.detach()
    return done


def _csv_value(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    match kind:
        case Kind.TEXT:
            return safe_cell(str(value))
        case Kind.DATE:
            return format_date(value)
        case Kind.MOMENT:
            return format_moment(value)
        case _:
            plain = _plain_number(kind, value)
            return "" if plain is None else plain.replace(".", ",")


def _plain_number(kind: Kind, value: Any) -> str | None:
    """The exact number in figures with a decimal point: points to thousandths, percentages to hundredths."""
    if kind is Kind.COUNT:
        return str(int(value))
    if kind is Kind.POINTS:
        number = round_half_up(Fraction(int(value), 1000), 3)
    else:
        part, whole = value
        if not whole:
            return None
        number = round_half_up(Fraction(100 * part, whole), 2)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# JSON


def write_json(stream: IO[bytes], table: Table, *, about: dict[str, Any], progress: Progress = _nothing) -> int:
    """One object: ``about`` and, under "rows", an object for each row; points and percentages as numbers."""
    head = json.dumps(about, ensure_ascii=False, indent=1, default=_iso)
    body = head.removesuffix("}").rstrip()
    stream.write((body + (",\n" if about else "") + ' "rows": [').encode())
    done = 0
    for row in table.rows:
        pairs = {column.key: _json_value(column.kind, value) for column, value in zip(table.columns, row, strict=True)}
        stream.write(b"\n  " if done == 0 else b",\n  ")
        stream.write(json.dumps(pairs, ensure_ascii=False, default=_iso).encode())
        done += 1
        if done % BATCH == 0:
            progress(done)
    stream.write(b"\n ]\n}\n")
    return done


def _json_value(kind: Kind, value: Any) -> Any:
    if value is None or kind in {Kind.TEXT, Kind.DATE, Kind.MOMENT}:
        return value
    plain = _plain_number(kind, value)
    if plain is None:
        return None
    return float(plain) if "." in plain else int(plain)


def _iso(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value))


def numbered(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Rows with the running number (TT) of official lists in front."""
    for number, row in enumerate(rows, start=1):
        yield (number, *row)
