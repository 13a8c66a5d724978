"""The sheets of a workbook as texts, opened only after its size is known to be harmless."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from question_bank.formats.base import UnreadableFileError
from question_bank.formats.excel_extent import BrokenWorkbookError, extents
from question_bank.messages import N_, Message
from question_bank.question import clean_text

MOST_CELLS = 3_000_000
"""The largest rectangle a sheet may span: the reader allots all of it at once, empty cells too."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet; ``rows`` begin at row 1 and column A and are all of one length.

    ``place`` is the template that names a row of it.
    """

    name: str
    rows: list[list[str]]
    place: str = N_("Trang tính “{sheet}”, dòng {row}")


def sheets(data: bytes) -> list[Sheet]:
    """Every visible sheet that has cells."""
    check_extent(data)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            return list(_visible(workbook))
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


def _visible(workbook: CalamineWorkbook) -> Iterator[Sheet]:
    for sheet in workbook.sheets_metadata:
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible:
            values = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            rows = [[text_of(value) for value in row] for row in values]
            if any(any(row) for row in rows):
                yield Sheet(sheet.name, rows)


def check_extent(data: bytes) -> None:
    """Refuse a workbook that is not sound or whose cells lie too far apart."""
    try:
        far = next((extent.part for extent in extents(data) if extent.cells > MOST_CELLS), None)
    except BrokenWorkbookError as error:
        raise UnreadableFileError(_broken()) from error
    if far is not None:
        template = N_("Trang tính trải quá rộng: xóa các dòng, cột trống ở xa vùng câu hỏi rồi lưu lại.")
        raise UnreadableFileError(Message(template), far)


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
