"""How cells look: the only key of a sheet that has no answer column."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from question_bank.formats.colours import is_neutral

Place = tuple[str, int, int]
"""Sheet, row counted from 1, column counted from 0."""


def cell_marks(data: bytes, places: Iterable[Place]) -> dict[Place, set[str]]:
    """The marks of the cells at ``places``; cells without any are left out."""
    from openpyxl import load_workbook  # slow to import, and few sheets need it

    workbook = load_workbook(BytesIO(data), rich_text=True)
    marks: dict[Place, set[str]] = {}
    for sheet, row, column in places:
        cell = workbook[sheet].cell(row, column + 1)
        found = _font_marks(cell.font) | _rich_marks(cell.value)
        fill = cell.fill
        if fill is not None and fill.fill_type == "solid" and not is_neutral(_colour(fill.fgColor)):
            found.add(f"fill:{_colour(fill.fgColor)}")
        if found:
            marks[sheet, row, column] = found
    workbook.close()
    return marks


def _rich_marks(value: Any) -> set[str]:
    """What all the formatted pieces of a cell have in common, when they make up the whole of it."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock

    if not isinstance(value, CellRichText) or not all(
        isinstance(part, TextBlock) for part in value if str(part).strip()
    ):
        return set()
    pieces = [_font_marks(part.font) for part in value if isinstance(part, TextBlock) and part.text.strip()]
    return set.intersection(*pieces) if pieces else set()


def _font_marks(font: Any) -> set[str]:
    """The marks of a font of a cell or of a piece of one; both name their colour differently."""
    if font is None:
        return set()
    marks = {name for name, on in (("bold", font.b), ("italic", font.i), ("underline", font.u)) if on}
    colour = _colour(font.color)
    if not is_neutral(colour):
        marks.add(f"colour:{colour}")
    return marks


def _colour(colour: Any) -> str:
    """Six digits, or a name for a colour of the theme or the palette; nothing for the automatic ones."""
    if colour is None:
        return ""
    if colour.type == "rgb" and isinstance(colour.rgb, str):
        return colour.rgb[-6:].upper()
    if colour.type == "theme" and colour.theme not in (0, 1, 2, 3):
        return f"THEME{colour.theme}"
    if colour.type == "indexed" and colour.indexed not in (0, 1, 8, 9, 64, 65):
        return f"INDEX{colour.indexed}"
    return ""
