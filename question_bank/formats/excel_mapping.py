"""Tables whose headings say nothing: what a person must be asked, and what the columns then mean.

A reader that does not know the columns gives :class:`NeedsMapping`; the person says what each column holds, and the
file is read again with the :class:`ColumnMapping` made of it. The digest of the headings recognises the next such file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from question_bank.formats.excel_headings import HEADING_ROWS, Headings, guess_headings, headings_in
from question_bank.formats.vietnamese import fold
from question_bank.messages import N_, Message

OPTION = "option"
"""The role that several columns may have: one option each, in their order."""

ROLES = {
    "stem": Message(N_("Nội dung câu hỏi (có thể kèm các phương án)")),
    OPTION: Message(N_("Một phương án")),
    "options": Message(N_("Tất cả phương án trong một ô")),
    "answer": Message(N_("Đáp án")),
    "kind": Message(N_("Loại câu hỏi")),
    "details": Message(N_("Chi tiết")),
    "level": Message(N_("Mức độ")),
    "topic": Message(N_("Chuyên đề")),
    "position": Message(N_("Vị trí")),
    "explanation": Message(N_("Giải thích")),
    "cite": Message(N_("Căn cứ")),
    "points": Message(N_("Điểm")),
    "seconds": Message(N_("Thời gian (giây)")),
    "tags": Message(N_("Nhãn")),
    "pinned": Message(N_("Phương án cố định")),
    "within": Message(N_("Thuộc tình huống")),
    "number": Message(N_("Số thứ tự")),
    "ref": Message(N_("Mã câu")),
}
"""What a column may hold, in the order in which people choose."""

_SHOWN_ROWS, _SHOWN_COLUMNS, _SHOWN_TEXT = 12, 40, 120
_MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What the columns hold, counted from 0; ``first_row`` is the index of the first row with a question.

    ``digest`` names the headings that it was made for; without one it is for any sheet.
    """

    columns: Mapping[str, int] = field(default_factory=dict)
    options: tuple[int, ...] = ()
    first_row: int = 0
    digest: str = ""

    @classmethod
    def of_roles(cls, roles: Iterable[str], *, first_row: int = 0, digest: str = "") -> ColumnMapping:
        """From one role for each column, "" for a column without; a role given twice counts where it is first."""
        columns: dict[str, int] = {}
        options: list[int] = []
        for column, role in enumerate(roles):
            if role == OPTION:
                options.append(column)
            elif role in ROLES:
                columns.setdefault(role, column)
        return cls(columns, tuple(options), first_row, digest)

    def roles(self, width: int) -> list[str]:
        """One role for each of ``width`` columns."""
        found = {column: role for role, column in self.columns.items()} | dict.fromkeys(self.options, OPTION)
        return [found.get(column, "") for column in range(width)]

    def problem(self) -> Message | None:
        """Why no question can be read with it; ``None`` when it will do."""
        if "stem" not in self.columns:
            return Message(N_("Chưa chọn cột nội dung câu hỏi."))
        if not self.options and not self.columns.keys() & {"options", "answer", "kind"}:
            return Message(N_("Chưa chọn cột phương án hoặc cột đáp án."))
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": dict(self.columns),
            "options": list(self.options),
            "first_row": self.first_row,
            "digest": self.digest,
        }

    @classmethod
    def from_json(cls, data: Any) -> ColumnMapping:
        """``ValueError`` for anything that :meth:`as_json` has not made."""
        try:
            mapping = cls(dict(data["columns"]), tuple(data["options"]), data["first_row"], data["digest"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(data) from error
        places = [*mapping.columns.values(), *mapping.options]
        sound = mapping.columns.keys() <= ROLES.keys() and isinstance(mapping.digest, str)
        if not sound or not all(type(one) is int and 0 <= one < _MOST_COLUMNS for one in [*places, mapping.first_row]):
            raise ValueError(data)
        return mapping

    def headings(self, rows: Sequence[Sequence[str]]) -> Headings | None:
        """Where the columns are in a sheet with these headings; ``None`` for a sheet with others."""
        first_row = self.first_row
        if self.digest:
            found = first_row_below(rows, self.digest)
            if found is None:
                return None
            first_row = found
        width = max(map(len, rows), default=0)
        columns = {role: column for role, column in self.columns.items() if column < width}
        return Headings(first_row, columns, [column for column in self.options if column < width])


@dataclass(frozen=True, slots=True)
class SheetLook:
    """A sheet as a person is shown it: its first rows, cut short, and what its columns seem to hold.

    ``mapping`` is the guess to begin with: its ``first_row`` is the number of rows above the questions, the last of
    which are the headings, and its ``digest`` names these. ``width`` counts the columns of the whole sheet.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    width: int
    mapping: ColumnMapping

    @property
    def digest(self) -> str:
        return self.mapping.digest


@dataclass(frozen=True, slots=True)
class NeedsMapping:
    """The sheets whose columns a person must name."""

    sheets: tuple[SheetLook, ...]


def look(name: str, rows: Sequence[Sequence[str]]) -> SheetLook:
    """The sheet with the best guess at its columns."""
    headings = headings_in(rows) or guess_headings(rows) or Headings(_likely_first_row(rows))
    mapping = ColumnMapping(
        dict(headings.columns), tuple(headings.options), headings.first_row, digest_of(rows, headings.first_row)
    )
    shown = tuple(tuple(cell[:_SHOWN_TEXT] for cell in row[:_SHOWN_COLUMNS]) for row in rows[:_SHOWN_ROWS])
    return SheetLook(name, shown, max(map(len, rows), default=0), mapping)


def digest_of(rows: Sequence[Sequence[str]], first_row: int) -> str:
    """Of the headings right above ``first_row``; without any, of the number of columns that are filled."""
    if not 0 < first_row <= len(rows):
        return _digest([str(_filled_width(rows))])
    return _digest(["", *rows[first_row - 1]])


def first_row_below(rows: Sequence[Sequence[str]], digest: str) -> int | None:
    """The row below the headings of that digest; ``None`` where there are none."""
    if digest == digest_of(rows, 0):
        return 0
    for index in range(min(HEADING_ROWS, len(rows))):
        if _digest(["", *rows[index]]) == digest:
            return index + 1
    return None


def _digest(cells: Sequence[str]) -> str:
    told = [fold(cell) for cell in cells]
    while told and not told[-1]:
        told.pop()
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()


def _filled_width(rows: Sequence[Sequence[str]]) -> int:
    return max((column + 1 for row in rows for column, cell in enumerate(row) if cell), default=0)


def _likely_first_row(rows: Sequence[Sequence[str]]) -> int:
    """Below the first row that has most of its cells filled with short, different words."""
    width = _filled_width(rows[:_SHOWN_ROWS])
    for index, row in enumerate(rows[:HEADING_ROWS]):
        filled = [cell for cell in row if cell]
        is_heading = len(set(filled)) * 3 >= width * 2 and all(
            len(cell) <= 40 and not cell.isdigit() for cell in filled
        )
        if filled and is_heading and index + 1 < len(rows):
            return index + 1
    return 0
