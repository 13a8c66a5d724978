"""Small Excel workbooks for tests, as people make them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

Cell = Any
"""A value, or a pair of a value and the properties of its cell's format."""


def workbook(
    *rows: Sequence[Cell], name: str = "Câu hỏi", first_row: int = 0, **more: Sequence[Sequence[Cell]]
) -> bytes:
    """A workbook with one sheet of ``rows``, and one for each further keyword."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    for title, content, start in [(name, rows, first_row), *((title, content, 0) for title, content in more.items())]:
        sheet = book.add_worksheet(title)
        for row, cells in enumerate(content, start=start):
            for column, cell in enumerate(cells):
                value, look = cell if isinstance(cell, tuple) else (cell, None)
                sheet.write(row, column, value, book.add_format(look) if look else None)
    book.close()
    return stream.getvalue()


HEADINGS = ("STT", "Câu hỏi", "A", "B", "C", "Đáp án")
