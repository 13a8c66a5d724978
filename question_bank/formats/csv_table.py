"""CSV: the table of the Excel template as text, divided by commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from itertools import islice

from question_bank.formats.base import Collector, Format, Reading, Source, Writing
from question_bank.formats.excel_cells import Cell, Written, rows_for, what_is_lost
from question_bank.formats.excel_columns import columns_for, values_of
from question_bank.formats.excel_mapping import NeedsMapping, look
from question_bank.formats.excel_sheets import Sheet, text_of
from question_bank.formats.excel_table import read_sheets
from question_bank.formats.files import LARGEST_FILE, decode
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question

csv.field_size_limit(LARGEST_FILE)

_DIVIDERS = ";,\t|"
_LOOKED_AT = 50
_MOST_LINES = 200
"""A cell of more lines is one whose closing quote is missing."""
_MOST_COLUMNS = 200
_FORMULA = re.compile(r"'*[=+\-@\t]")
_NUMBER = re.compile(r"[-+]?[0-9.,]+%?")
_PLACE = N_("Dòng {row}")


def read(source: Source) -> Reading:
    collector = Collector("csv")
    read_sheets([_sheet(source, collector)], source.mappings, collector)
    return collector.reading()


def columns(source: Source) -> NeedsMapping:
    """What the columns seem to hold."""
    sheet = _sheet(source, Collector("csv"))
    return NeedsMapping((look(sheet.name, sheet.rows),))


def _sheet(source: Source, collector: Collector) -> Sheet:
    """The table; a row stands at the number of the line that it begins in, however many lines it has."""
    lines = decode(source).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    divider = _divider(lines)
    skipped = 0
    if lines and (found := re.fullmatch(r"sep=(.)", lines[0].strip('\ufeff "').strip(), re.IGNORECASE)):
        divider, skipped = found[1], 1
    rows: list[list[str]] = [[]] * skipped
    for line, cells in _records(lines, divider, skipped, collector):
        rows += [[]] * (line - len(rows))
        rows.append([text_of(_unguarded(cell)) for cell in cells[:_MOST_COLUMNS]])
    width = max(map(len, rows), default=0)
    return Sheet("CSV", [row + [""] * (width - len(row)) for row in rows], place=_PLACE)


def _divider(lines: Sequence[str]) -> str:
    """The one that cuts most of the first lines into equally many cells."""

    def told(divider: str) -> tuple[int, int]:
        try:
            counts = [len(row) for row in islice(csv.reader(_ended(lines, 0), delimiter=divider), _LOOKED_AT) if row]
        except csv.Error:
            return 0, 0
        wide = [count for count in counts if count > 1]
        usual = max(set(wide), key=wide.count, default=0)
        return wide.count(usual) * min(usual, 12), usual

    return max(_DIVIDERS, key=told)


def _ended(lines: Sequence[str], start: int) -> Iterator[str]:
    return (f"{line}\n" for line in islice(lines, start, None))


def _records(lines: Sequence[str], divider: str, start: int, collector: Collector) -> Iterator[tuple[int, list[str]]]:
    """Each row with the index of its first line. A quote that is never closed spoils its own line and no other."""
    while start < len(lines):
        reader = csv.reader(_ended(lines, start), delimiter=divider)
        first = start
        for row in reader:
            end = start + reader.line_num
            if _is_unclosed(lines, first, end, row, divider):
                template = N_("Dấu ngoặc kép mở ra mà không đóng: sửa dấu ngoặc kép của dòng này rồi nhập lại.")
                collector.warning(Message(template), Message(_PLACE, row=first + 1))
                yield first, _literal(lines[first], divider)
                break
            yield first, row
            first = end
        else:
            return
        start = first + 1


def _is_unclosed(lines: Sequence[str], first: int, end: int, row: Sequence[str], divider: str) -> bool:
    """Whether cells or lines became one only because a quote was forgotten."""
    if end - first == 1 and '"' not in lines[first]:
        return False
    alone = [len(_literal(line, divider)) for line in lines[first:end]]
    if sum(line.count('"') for line in lines[first:end]) % 2:
        return end - first > 1 or len(row) < alone[0]
    return end - first > _MOST_LINES or (end - first > 1 and len(row) != alone[0] > 2 and len(set(alone)) == 1)


def _literal(line: str, divider: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(divider)]


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    """The same columns as in Excel, divided by semicolons, as Excel with Vietnamese settings opens them.

    Images, bold and raised letters have no place in it, and every question that loses something is told.
    """
    problems: list[Problem] = []
    written: list[tuple[int, Written]] = []
    for item, question in enumerate(questions, start=1):
        rows = rows_for(question)
        written += [(item, row) for row in rows]
        if message := what_is_lost(question, rows, rich=False):
            problems.append(Problem(Message(N_("Câu {item}"), item=item), item, Severity.WARNING, message))
    columns = columns_for([row for _, row in written])
    stream = StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.heading for column in columns])
    for item, row in written:
        writer.writerow([_guarded(value) for value in values_of(row, columns, item)])
    return Writing(b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", "replace"), tuple(problems))


def _guarded(value: Cell | str | float | None) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe, as a person would type it."""
    text = value.plain if isinstance(value, Cell) else text_of(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) and not _NUMBER.fullmatch(text[1:]) else text


FORMAT = Format("csv", Message(N_("CSV")), ".csv", "text/csv; charset=utf-8", read, write)
