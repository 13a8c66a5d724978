"""The columns of the tables that are written, in Excel and in CSV alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from question_bank.formats.excel_cells import Cell, Written
from question_bank.kinds.base import letter

USUAL_OPTIONS = 6


class Column(NamedTuple):
    name: str
    heading: str
    width: int


_FIRST = (
    Column("number", "STT", 6),
    Column("kind", "Loại", 16),
    Column("within", "Thuộc tình huống", 10),
    Column("stem", "Nội dung câu hỏi", 60),
)
_LAST = (
    Column("answer", "Đáp án", 14),
    Column("level", "Mức độ", 16),
    Column("topic", "Chuyên đề", 20),
    Column("position", "Vị trí", 18),
    Column("explanation", "Giải thích", 40),
    Column("cite", "Căn cứ", 32),
    Column("points", "Điểm", 8),
    Column("seconds", "Thời gian (giây)", 10),
    Column("tags", "Nhãn", 14),
    Column("pinned", "Cố định", 9),
    Column("details", "Chi tiết", 32),
    Column("ref", "Mã câu", 12),
)
OPTION = "option"


def columns_for(rows: Sequence[Written] = ()) -> list[Column]:
    """The columns, with as many options as the rows need."""
    options = max([USUAL_OPTIONS, *(len(row.options) for row in rows)])
    return [*_FIRST, *(Column(OPTION, f"Phương án {letter(index)}", 24) for index in range(options)), *_LAST]


def place_of(name: str, columns: Sequence[Column]) -> int:
    return next(place for place, column in enumerate(columns) if column.name == name)


def values_of(row: Written, columns: Sequence[Column], number: int) -> list[Cell | str | float | None]:
    """What stands in each column; rows of a case have no number of their own."""
    options = iter(row.options)
    values: list[Cell | str | float | None] = []
    for column in columns:
        if column.name == OPTION:
            values.append(next(options, None))
        elif column.name == "stem":
            values.append(row.stem)
        elif column.name == "number":
            values.append(None if row.cells.get("within") else number)
        else:
            values.append(row.cells.get(column.name))
    return values
