"""Questions as an Excel workbook in the layout of the template; each is read back, and what is not the same is told."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from question_bank.formats.base import Writing
from question_bank.formats.excel_cells import Cell, Written, rows_for, what_is_lost
from question_bank.formats.excel_columns import columns_for, values_of
from question_bank.formats.rich import Look
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.plain_text import alt_of
from question_bank.question import MEDIA, Question

LONGEST_CELL = 32767
SHEET = "Câu hỏi"
_IMAGE_HEIGHT, _IMAGE_WIDTH, _IMAGE_ROW, _BELOW_TEXT = 110, 320, 150, 36
"""Pixels."""
_FORMATS: dict[str, dict[str, Any]] = {
    "bold": {"bold": True},
    "italic": {"italic": True},
    "underline": {"underline": 1},
    "sup": {"font_script": 1},
    "sub": {"font_script": 2},
}


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    """The questions in the layout of the template; ``media`` are the images by digest, they are put on their cells."""
    problems: list[Problem] = []
    kept: list[list[Written]] = []
    for item, question in enumerate(questions, start=1):
        rows = rows_for(question)
        place = Message(N_("Câu {item}"), item=item)
        if any(len(text) > LONGEST_CELL for row in rows for text in row.texts()):
            message = Message(N_("Nội dung dài quá giới hạn của một ô Excel."))
            problems.append(Problem(place, item, Severity.ERROR, message))
            continue
        kept.append(rows)
        for told in (_missing(rows, media or {}), what_is_lost(question, rows)):
            problems += [Problem(place, item, Severity.WARNING, told)] if told else []
    stream, workbook = new_workbook()
    Sheet(workbook, SHEET, media or {}).fill(kept)
    workbook.close()
    return Writing(stream.getvalue(), tuple(problems))


def _missing(rows: Sequence[Written], media: Mapping[str, bytes]) -> Message | None:
    images = [image for row in rows for cell in [row.stem, *row.options] for image in cell.images]
    names = [alt_of(image) or "?" for image in images if not _bytes(image, media)]
    if not names:
        return None
    template = N_("Không có tệp hình của câu này, chỉ ghi lời mô tả: {names}.")
    return Message(template, names=", ".join(names))


def _bytes(image: str, media: Mapping[str, bytes]) -> bytes:
    found = MEDIA.search(image)
    return media.get(found[1], b"") if found else b""


def new_workbook() -> tuple[BytesIO, Any]:
    """A workbook in memory whose bytes depend on its content only."""
    stream = BytesIO()
    workbook = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    workbook.set_properties({"created": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)})
    return stream, workbook


class Sheet:
    """A sheet of questions on its way into a workbook."""

    def __init__(self, workbook: Any, name: str, media: Mapping[str, bytes]) -> None:
        self.sheet = workbook.add_worksheet(name)
        self._workbook = workbook
        self._media = media
        self._head = workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E8ECF2", "border": 1}
        )
        self._body = workbook.add_format({"text_wrap": True, "valign": "top"})
        self._formats: dict[Look, Any] = {}

    def fill(self, questions: Sequence[Sequence[Written]]) -> None:
        columns = columns_for([row for rows in questions for row in rows])
        for place, column in enumerate(columns):
            self.sheet.set_column(place, place, column.width, self._body)
            self.sheet.write_string(0, place, column.heading, self._head)
        numbered = ((number, row) for number, rows in enumerate(questions, start=1) for row in rows)
        for place, (number, row) in enumerate(numbered, start=1):
            self._fill_row(place, values_of(row, columns, number))
        self.sheet.freeze_panes(1, 0)

    def _fill_row(self, row: int, values: Sequence[Cell | str | float | None]) -> None:
        for column, value in enumerate(values):
            if isinstance(value, Cell):
                self._fill_text(row, column, value)
            elif isinstance(value, str):
                self.sheet.write_string(row, column, value, self._body)
            elif value is not None:
                self.sheet.write_number(row, column, value, self._body)

    def _fill_text(self, row: int, column: int, cell: Cell) -> None:
        if len(cell.pieces) > 1:
            fragments: list[Any] = []
            for text, look in cell.pieces:
                fragments += [self._format(look), text] if look else [text]
            self.sheet.write_rich_string(row, column, *fragments, self._body)
        else:
            self.sheet.write_string(row, column, cell.text, self._body)
        for image in cell.images:
            self._add_image(row, column, image)

    def _format(self, look: Look) -> Any:
        if look not in self._formats:
            told = {name: value for mark in look for name, value in _FORMATS.get(mark, {}).items()}
            self._formats[look] = self._workbook.add_format(told)
        return self._formats[look]

    def _add_image(self, row: int, column: int, image: str) -> None:
        data = _bytes(image, self._media)
        if not data:
            return
        from PIL import Image  # only where there are images

        with Image.open(BytesIO(data)) as opened:
            width, height = opened.size
            if opened.format not in ("PNG", "JPEG", "GIF", "BMP"):
                stream = BytesIO()
                opened.save(stream, "PNG")
                data = stream.getvalue()
        scale = min(1.0, _IMAGE_HEIGHT / height, _IMAGE_WIDTH / width)
        self.sheet.set_row_pixels(row, _IMAGE_ROW)
        look = {"x_scale": scale, "y_scale": scale, "y_offset": _BELOW_TEXT, "object_position": 1}
        told = {"image_data": BytesIO(data), "description": alt_of(image), **look}
        self.sheet.insert_image(row, column, "image", told)
