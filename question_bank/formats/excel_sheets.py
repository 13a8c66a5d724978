"""The sheets of a workbook as texts, opened only after its size is known to be harmless."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from question_bank.formats.base import UnreadableFileError
from question_bank.formats.excel_extent import BrokenWorkbookError, Extent, extents
from question_bank.formats.excel_looks import Cell, Looks, looks_of
from question_bank.formats.excel_package import Package
from question_bank.formats.excel_pictures import add_pictures
from question_bank.messages import N_, Message
from question_bank.question import clean_text

MOST_CELLS = 3_000_000
"""The largest rectangle a sheet may span: the reader allots all of it at once, empty cells too."""


@dataclass(slots=True)
class Sheet:
    """A table; ``rows`` begin at row 1 and column A and are all of one length.

    ``place`` is the template that names a row of it. ``merged`` holds the first and the last cell of cells made one.
    """

    name: str
    rows: list[list[str]]
    place: str = N_("Trang tính “{sheet}”, dòng {row}")
    looks: Looks = field(default_factory=Looks)
    merged: Sequence[tuple[Cell, Cell]] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """The visible sheets that have cells, and the names of the hidden ones."""

    sheets: list[Sheet]
    hidden: list[str]


def open_book(data: bytes) -> Book:
    found = check_extent(data)
    package = Package(data)
    looks = looks_of(package, found)
    add_pictures(package, looks, found)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            return _book(workbook, looks)
    except PasswordError as error:
        template = N_("Tệp được bảo vệ bằng mật khẩu: mở tệp, bỏ mật khẩu, lưu lại rồi nhập.")
        raise UnreadableFileError(Message(template)) from error
    except CalamineError as error:
        raise UnreadableFileError(_broken()) from error
    except BaseException as error:
        # a panic of the reader's Rust code is no Exception, and has no importable class
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFileError(_broken()) from error


def _book(workbook: CalamineWorkbook, looks: Mapping[str, Looks]) -> Book:
    book = Book([], [])
    for sheet in workbook.sheets_metadata:
        if sheet.typ is not SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible is not SheetVisibleEnum.Visible:
            book.hidden.append(sheet.name)
            continue
        found = workbook.get_sheet_by_name(sheet.name)
        rows = [[text_of(value) for value in row] for row in found.to_python(skip_empty_area=False)]
        own = looks.get(sheet.name) or Looks()
        _with_percents(rows, own)
        if own.pictures or any(any(row) for row in rows):
            book.sheets.append(Sheet(sheet.name, rows, looks=own, merged=found.merged_cell_ranges or ()))
    return book


def _with_percents(rows: list[list[str]], looks: Looks) -> None:
    """A person sees "50%" where the file says 0.5."""
    for row, column in looks.percents:
        if row < len(rows) and column < len(rows[row]) and rows[row][column]:
            try:
                shown = Decimal(rows[row][column].replace(",", ".")) * 100
            except ArithmeticError:
                continue
            rows[row][column] = f"{shown.normalize():f}%".replace(".", ",")


def check_extent(data: bytes) -> dict[str, Extent]:
    """How far the cells of each part reach; a workbook that is not sound or too wide is refused."""
    found = {}
    try:
        for extent in extents(data):
            if extent.cells > MOST_CELLS:
                template = N_("Trang tính trải quá rộng: xóa các dòng, cột trống ở xa vùng câu hỏi rồi lưu lại.")
                raise UnreadableFileError(Message(template), extent.part)
            found[extent.part] = extent
    except BrokenWorkbookError as error:
        raise UnreadableFileError(_broken()) from error
    return found


def _broken() -> Message:
    return Message(N_("Tệp Excel bị hỏng: mở tệp bằng Excel, lưu lại dạng .xlsx rồi nhập."))


def text_of(value: Any) -> str:
    """What a person sees in the cell, in Vietnamese notation."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value).replace(".", ",")
    if isinstance(value, datetime.date):
        timed = isinstance(value, datetime.datetime) and value.time() != datetime.time()
        return value.strftime("%d/%m/%Y %H:%M" if timed else "%d/%m/%Y")
    return "" if value is None else str(value)
