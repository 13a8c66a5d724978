"""Excel workbooks: one question a row, under headings in Vietnamese or English."""

from __future__ import annotations

from collections.abc import Sequence

from question_bank.formats.assemble import without_stars
from question_bank.formats.base import Collector, Format, Reading, Source, UnreadableFileError
from question_bank.formats.excel_headings import Headings
from question_bank.formats.excel_mapping import NeedsMapping, look
from question_bank.formats.excel_rows import Row, rows_of
from question_bank.formats.excel_sheets import Sheet, open_book
from question_bank.formats.excel_styles import cell_marks
from question_bank.formats.excel_table import read_rows, read_sheets
from question_bank.formats.excel_write import write
from question_bank.messages import N_, Message


def read(source: Source) -> Reading:
    collector = Collector("excel")
    book = open_book(source.data)
    if not book.sheets:
        raise UnreadableFileError(Message(N_("Tệp Excel không có dữ liệu: điền câu hỏi theo mẫu rồi nhập lại.")))
    for name in book.hidden:
        collector.note(Message(N_("Trang tính ẩn “{sheet}” không được đọc."), sheet=name))

    def styles(rows: Sequence[Row]) -> None:
        _look_at_styles(source.data, rows)

    read_sheets(book.sheets, source.mappings, collector, styles)
    return collector.reading()


def read_table(sheet: Sheet, headings: Headings, collector: Collector) -> None:
    """Questions of a table that stands in another kind of file; only its cells' words count."""
    read_rows(rows_of(sheet, headings), collector)


def columns(source: Source) -> NeedsMapping:
    """What the columns of every visible sheet seem to hold."""
    return NeedsMapping(tuple(look(sheet.name, sheet.rows) for sheet in open_book(source.data).sheets))


def _look_at_styles(data: bytes, rows: Sequence[Row]) -> None:
    """Without answers in a column, stars, colours and bold letters of the option cells may show them."""
    marks = cell_marks(data, [(row.sheet, row.number, column) for row in rows for column in set(row.columns)])
    for row in rows:
        row.marked = dict(row.options.marked)
        row.options = without_stars(row.options)
        if len(set(row.columns)) < len(row.columns):
            continue
        for index, column in enumerate(row.columns):
            for mark in marks.get((row.sheet, row.number, column), ()):
                row.marked[mark] = row.marked.get(mark, frozenset()) | {index}


FORMAT = Format(
    "excel",
    Message(N_("Excel")),
    ".xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    read,
    write,
)
