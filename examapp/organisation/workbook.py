"""Reading the cells of an organisation's workbook: every cell is either a value or a problem with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from examapp.core.errors import Invalid
from examapp.core.text import fold, format_date, nfc, parse_date, within_reach
from examapp.core.words import _, in_language
from examapp.organisation.officials import clean_identity, clean_phone, masked
from examapp.organisation.sheets import (
    EXAMPLE,
    GUIDE,
    LAST_HEADING_ROW,
    LISTS,
    MOST_ROWS,
    NOTE,
    SHEETS,
    Column,
    Kind,
    Sheet,
)
from examapp.organisation.units import clean_code
from question_bank.formats.vietnamese import damage


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of the workbook ("Giữ vị trí!C14") and what to do. Errors keep it from being stored."""

    place: str
    message: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was read whole. Optional cells left empty have no value."""

    sheet: Sheet
    number: int
    values: dict[str, Any]
    letters: dict[str, str]

    def place(self, key: str = "") -> str:
        """The cell of column ``key``, or the row's first cell."""
        return f"{self.sheet.name}!{self.letters.get(key) or next(iter(self.letters.values()))}{self.number}"


@dataclass(slots=True)
class Contents:
    rows: dict[str, list[Row]] = field(default_factory=lambda: {sheet.key: [] for sheet in SHEETS})
    problems: list[Problem] = field(default_factory=list)
    broken: set[tuple[str, str]] = field(default_factory=set)
    """(sheet, code) of things whose own row is wrong: rows that name them are not blamed for it."""

    def error(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))

    def warn(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message, is_error=False))


def read_workbook(data: bytes) -> Contents:
    """Everything the workbook says. The bytes have passed :func:`examapp.core.uploads.check_upload`."""
    contents = Contents()
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            known = {fold(sheet.name): sheet for sheet in SHEETS}
            found = [(name, known.get(fold(name))) for name in book.sheet_names]
            for name, sheet in found:
                if sheet is not None:
                    read_sheet(book.get_sheet_by_name(name).to_python(skip_empty_area=False), sheet, contents)
                elif fold(name) not in {fold(GUIDE), fold(LISTS)}:
                    contents.warn(f"{name}!A1", _("Trang tính này không thuộc mẫu nên được bỏ qua."))
    except (CalamineError, OSError, ValueError) as error:
        message = _("Tệp bị hỏng nên không đọc được. Hãy mở bằng Excel, lưu lại dạng .xlsx rồi gửi lại.")
        raise Invalid(message, field="file") from error
    if not any(sheet for _name, sheet in found):
        names = ", ".join(f"“{sheet.name}”" for sheet in SHEETS)
        raise Invalid(
            _("Tệp không có trang tính nào của mẫu. Cần ít nhất một trong: %(names)s.", names=names), field="file"
        )
    return contents


def read_sheet(lines: list[list[Any]], sheet: Sheet, contents: Contents) -> None:
    """Put the rows of one sheet into ``contents``; what is wrong is named by its cell."""
    start, columns = _headings(lines, sheet)
    if not columns:
        names = ", ".join(column.heading for column in sheet.columns if column.required)
        if any(_is_filled(cell) for line in lines for cell in line):
            message = _(
                "Không thấy dòng tiêu đề trong %(n)s dòng đầu. Cần các cột: %(names)s.", n=LAST_HEADING_ROW, names=names
            )
            contents.error(f"{sheet.name}!A1", message)
        return
    _check_headings(lines[start], start, columns, sheet, contents)
    if any(column.required and column not in columns.values() for column in sheet.columns):
        return
    if len(lines) - start - 1 > MOST_ROWS:
        message = _("Trang tính có quá %(n)s dòng. Hãy chia thành nhiều tệp.", n=MOST_ROWS)
        contents.error(f"{sheet.name}!A{MOST_ROWS}", message)
        return
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        if any(_is_filled(cell) for cell in line):
            row = _read_row(line, number, columns, sheet, contents)
            if row is not None:
                contents.rows[sheet.key].append(row)


def _headings(lines: list[list[Any]], sheet: Sheet) -> tuple[int, dict[int, Column]]:
    """The row of headings (the one of the first rows that knows most) and its columns by position."""
    best: tuple[int, dict[int, Column]] = (0, {})
    for index, line in enumerate(lines[:LAST_HEADING_ROW]):
        columns: dict[int, Column] = {}
        for position, cell in enumerate(line):
            column = sheet.column(cell) if isinstance(cell, str) else None
            if column is not None and column not in columns.values():
                columns[position] = column
        if len(columns) > max(len(best[1]), 1):
            best = (index, columns)
    return best


def _check_headings(line: list[Any], start: int, columns: dict[int, Column], sheet: Sheet, contents: Contents) -> None:
    for column in sheet.columns:
        if column.required and column not in columns.values():
            message = _("Thiếu cột “%(name)s”. Hãy thêm cột này, đúng tên như tệp mẫu.", name=column.heading)
            contents.error(f"{sheet.name}!A{start + 1}", message)
    for position, cell in enumerate(line):
        if _is_filled(cell) and position not in columns:
            twice = isinstance(cell, str) and sheet.column(cell) is not None
            place = f"{sheet.name}!{letters(position)}{start + 1}"
            if twice:
                contents.error(place, _("Cột “%(name)s” có hai lần. Hãy bỏ một cột.", name=cell))
            else:
                contents.warn(place, _("Cột “%(name)s” không thuộc mẫu nên được bỏ qua.", name=str(cell)))


def _read_row(line: list[Any], number: int, columns: dict[int, Column], sheet: Sheet, contents: Contents) -> Row | None:
    row = Row(sheet, number, {}, {column.key: letters(position) for position, column in sorted(columns.items())})
    cells = {
        column.key: (column, line[position] if position < len(line) else "") for position, column in columns.items()
    }
    note = cells.pop(NOTE.key, (NOTE, ""))[1]
    if isinstance(note, str) and fold(note).startswith(fold(EXAMPLE)):
        return None
    sound = True
    for key, (column, cell) in cells.items():
        try:
            for warning in _read_cell(row, column, cell):
                contents.warn(row.place(key), warning)
        except Invalid as error:
            contents.error(row.place(key), error.message)
            sound = False
    if not sound:
        contents.broken.add(identity(row))
    return row if sound else None


def identity(row: Row) -> tuple[str, str]:
    """Which unit, position or official the row is about."""
    key = "staff_code" if row.sheet.key == "officials" else "code"
    return row.sheet.key, str(row.values.get(key, "")).lower()


def _read_cell(row: Row, column: Column, cell: Any) -> Iterator[str]:
    """Put the cell's value into the row; yields warnings, raises :class:`Invalid`."""
    if not _is_filled(cell):
        if column.required:
            raise Invalid(_("Chưa ghi %(name)s.", name=column.heading.lower()))
        return
    value, warning = READERS[column.kind](cell, column)
    if value is not None:
        row.values[column.key] = value
    if warning:
        yield warning


def _is_filled(cell: Any) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def _as_text(cell: Any) -> str:
    """What a person sees in the cell: whole numbers without a point, dates as written here."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return format_date(cell)
    return " ".join(nfc(str(cell)).split())


def _code(cell: Any, column: Column) -> tuple[Any, str]:
    return clean_code(_as_text(cell)), ""


def _text(cell: Any, column: Column) -> tuple[Any, str]:
    text = _as_text(cell)
    if len(text) > column.longest:
        raise Invalid(_("Nội dung dài quá %(n)s ký tự. Hãy viết gọn lại.", n=column.longest))
    damaged = damage(text)
    return text, in_language(damaged) if damaged else ""


def _date(cell: Any, column: Column) -> tuple[Any, str]:
    try:
        if isinstance(cell, date):
            return within_reach(cell.date() if isinstance(cell, datetime) else cell), ""
        return parse_date(cell if isinstance(cell, str) else ""), ""
    except ValueError:
        raise Invalid(
            _("“%(found)s” không phải ngày. Hãy ghi dạng ngày/tháng/năm, ví dụ 05/02/2026.", found=_as_text(cell))
        ) from None


def _choice(cell: Any, column: Column) -> tuple[Any, str]:
    wanted = fold(_as_text(cell))
    for word, value in column.choices.items():
        if fold(word) == wanted:
            return value, ""
    words = ", ".join(column.choices)
    raise Invalid(
        _("“%(found)s” không có trong danh sách. Hãy chọn một trong: %(words)s.", found=_as_text(cell), words=words)
    )


def _phone(cell: Any, column: Column) -> tuple[Any, str]:
    text = _as_text(cell)
    if not isinstance(cell, str) and re.fullmatch(r"[1-9][0-9]{8}", text):
        text = f"0{text}"
        return clean_phone(text), _("Ô ghi dạng số nên mất số 0 ở đầu; hệ thống đọc là %(found)s.", found=masked(text))
    return clean_phone(text), ""


def _identity(cell: Any, column: Column) -> tuple[Any, str]:
    text = _as_text(cell)
    if not isinstance(cell, str) and re.fullmatch(r"[1-9][0-9]{9,10}", text):
        text = text.zfill(12)
        message = _("Ô ghi dạng số nên mất số 0 ở đầu; hệ thống đọc là %(found)s. Hãy kiểm tra.", found=masked(text))
        return clean_identity(text), message
    return clean_identity(text), ""


READERS: dict[Kind, Callable[[Any, Column], tuple[Any, str]]] = {
    Kind.CODE: _code,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.PHONE: _phone,
    Kind.IDENTITY: _identity,
}


def letters(position: int) -> str:
    """Column 0 is A, 26 is AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name
