"""Workbooks for tests, written row by row as a person would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter

from examapp.organisation.sheets import SHEETS

HEADINGS = {sheet.name: [column.heading for column in sheet.columns] for sheet in SHEETS}


Rows = Sequence[Sequence[Any]]


def workbook(sheets: Mapping[str, Rows], *, headings: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """An .xlsx: sheet name → rows, under the headings of the template unless others are given."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            names = (headings or {}).get(name) or HEADINGS.get(name, [])
            for line, row in enumerate([list(names), *rows]):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        page.write_datetime(line, column, value, day)
                    elif isinstance(value, str):
                        page.write_string(line, column, value)
                    elif value is not None:
                        page.write(line, column, value)
    return stream.getvalue()


def small_organisation(**replaced: Rows) -> dict[str, Rows]:
    """A province, a commune formed of two, an office, two people; sheets are replaced by key (``posts=[…]``)."""
    sheets: dict[str, Rows] = {
        "units": [
            ["tinh", "Tỉnh Mẫu", "Tỉnh", "", "", "01/01/2000", ""],
            ["cu-1", "Xã Cũ Một", "Xã", "tinh", "", "01/01/2000", "30/06/2025"],
            ["cu-2", "Thị trấn Cũ Hai", "Thị trấn", "tinh", "", date(2000, 1, 1), date(2025, 6, 30)],
            ["moi", "Xã Mới", "Xã", "tinh", "", "1/7/2025", ""],
            ["moi-vp", "Văn phòng HĐND và UBND", "Văn phòng", "moi", "", "01-07-2025", None],
        ],
        "positions": [["tro-ly", "Trợ lý (mẫu)", "Công chức", "Không", "01/07/2025", "", ""]],
        "officials": [
            ["CB001", "Nguyễn Văn Đức", "", "Công chức", "20/05/1990", "0912345678", "001090012345"],
            ["CB002", "H'Hen Niê", "H'Hen", "Cán bộ", date(1985, 2, 1), 912345679, 40085012346.0],
        ],
        "posts": [
            ["CB001", "tro-ly", "moi-vp", "01/07/2025", "", "Chính", "Bổ nhiệm, tuyển dụng", "", "01/QĐ (mẫu)"],
            ["CB002", "tro-ly", "moi", date(2025, 7, 1), "", "Chính", "", "", ""],
            ["CB002", "tro-ly", "moi-vp", "01/01/2026", "", "Kiêm nhiệm", "Kiêm nhiệm", "", ""],
        ],
        "links": [
            ["cu-1", "moi", "Sáp nhập vào", "01/07/2025", "Nghị quyết (mẫu)"],
            ["cu-2", "moi", "Sáp nhập vào", "01/07/2025", ""],
        ],
    }
    sheets.update(replaced)
    return {sheet.name: sheets[sheet.key] for sheet in SHEETS if sheet.key in sheets}
