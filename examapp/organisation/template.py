"""The template of the workbook: a guide, one sheet for each kind of row, drop-downs, and examples that are not read."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter
from sqlalchemy import select

from examapp.core.db import db
from examapp.organisation.models import Position
from examapp.organisation.sheets import EXAMPLE, GUIDE, LISTS, NOTE, SHEETS, Column, Kind, Sheet
from examapp.organisation.workbook import letters

ROWS_WITH_HELP = 2000
"""How far down drop-downs and formats reach."""

_GUIDE = (
    "Tệp mẫu nhập tổ chức, cán bộ",
    "1. Mỗi trang tính ghi một loại dữ liệu: Đơn vị, Vị trí, Người, Giữ vị trí, Sáp nhập. Trang không dùng có thể xóa.",
    "2. Giữ nguyên tên trang và tên cột. Cột có dấu * là bắt buộc. Thứ tự cột, dòng tùy ý.",
    "3. Dòng có ghi chú “Ví dụ” chỉ để minh họa và được bỏ qua khi nhập.",
    "4. Ngày ghi dạng ngày/tháng/năm, ví dụ 05/02/2026. “Đến ngày” là ngày cuối cùng còn hiệu lực.",
    "5. Số hiệu, số điện thoại, số định danh ghi dạng văn bản để giữ số 0 ở đầu.",
    "6. Trong cùng thời gian mỗi người chỉ có một vị trí chính; các vị trí khác ghi là kiêm nhiệm.",
    "7. Đơn vị cũ sau sáp nhập: ghi “Đến ngày”, rồi ghi quan hệ ở trang “Sáp nhập”.",
    "8. Nhập lại cùng một tệp không tạo thêm gì: dòng được nhận ra theo mã. Ô để trống không xóa dữ liệu đã có.",
    "9. Hệ thống kiểm tra cả tệp trước, nêu lỗi theo từng ô; chỉ lưu khi không còn lỗi và có người xác nhận.",
)
_POSITIONS_BELOW = "Mã vị trí đã có trong hệ thống (dùng cho trang “Giữ vị trí”)"


def template_workbook() -> bytes:
    """An .xlsx to fill in, with the codes of the positions that are stored."""
    stream = BytesIO()
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"title": _GUIDE[0]})
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
            "head": book.add_format(
                {"bold": True, "bg_color": "#EDEDED", "border": 1, "text_wrap": True, "valign": "top"}
            ),
            "example": book.add_format({"italic": True, "font_color": "#666666", "num_format": "@"}),
            "text": book.add_format({"num_format": "@"}),
        }
        _write_guide(book, styles)
        lists = {id(column.choices): column for sheet in SHEETS for column in sheet.columns if column.choices}
        places = {key: _place(index, column) for index, (key, column) in enumerate(lists.items())}
        for sheet in SHEETS:
            _write_sheet(book, sheet, styles, places)
        _write_lists(book, list(lists.values()))
    return stream.getvalue()


def _write_guide(book: Any, styles: dict[str, Any]) -> None:
    page = book.add_worksheet(GUIDE)
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 90)
    page.write_string(0, 0, _GUIDE[0], styles["title"])
    for line, text in enumerate(_GUIDE[1:], start=1):
        page.merge_range(line, 0, line, 1, text, styles["wrap"])
    line = len(_GUIDE) + 1
    page.write_string(line, 0, _POSITIONS_BELOW, styles["title"])
    names = db.session.execute(select(Position.code, Position.name).order_by(Position.catalogue, Position.code))
    for code, name in names:
        line += 1
        page.write_string(line, 0, code)
        page.write_string(line, 1, name)


def _place(index: int, column: Column) -> str:
    """Where the list of a drop-down stands."""
    letter = letters(index)
    return f"='{LISTS}'!${letter}$1:${letter}${len(column.choices)}"


def _write_lists(book: Any, columns: list[Column]) -> None:
    """The values of the drop-downs, on a hidden sheet: some hold commas, which a list inside a cell cannot."""
    page = book.add_worksheet(LISTS)
    for index, column in enumerate(columns):
        for line, word in enumerate(column.choices):
            page.write_string(line, index, word)
    page.hide()


def _write_sheet(book: Any, sheet: Sheet, styles: dict[str, Any], places: dict[int, str]) -> None:
    page = book.add_worksheet(sheet.name)
    columns = (*sheet.columns, NOTE)
    for position, column in enumerate(columns):
        page.set_column(position, position, column.width, styles["text"])
        page.write_string(0, position, column.heading + (" *" if column.required else ""), styles["head"])
        if column.hint:
            page.write_comment(0, position, column.hint)
        if column.kind is Kind.CHOICE:
            _add_drop_down(page, position, places[id(column.choices)])
    for line, example in enumerate(sheet.examples, start=1):
        for position, text in enumerate((*example, EXAMPLE)):
            page.write_string(line, position, text, styles["example"])
    page.freeze_panes(1, 1)


def _add_drop_down(page: Any, position: int, source: str) -> None:
    page.data_validation(
        1,
        position,
        ROWS_WITH_HELP,
        position,
        {
            "validate": "list",
            "source": source,
            "error_title": "Chọn trong danh sách",
            "error_message": "Hãy chọn một giá trị trong danh sách của ô này.",
        },
    )
