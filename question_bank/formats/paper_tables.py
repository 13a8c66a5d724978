"""Tables of a paper: keys, columns to be matched, data of a stem, or options that only stand in cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from question_bank.formats.paper_html import table_html
from question_bank.formats.paper_key_tables import key_table, rubric_table
from question_bank.formats.paper_keys import KeyList
from question_bank.formats.rich import Block, Line, Rich, Table

_LEFT = re.compile(r"\(?\d{1,2}[.)]")
_RIGHT = re.compile(r"\(?[A-Za-z][.)]")
_SEEMS_QUESTIONS = re.compile(r"\(?[A-Ja-j]\s?[.)/:]|\*\s*[A-J]\b|câu\s*\d", re.IGNORECASE)

Item = Line | Table | KeyList
Rubrics = dict[int, list[str]]


def items(blocks: Sequence[Block], rubrics: Rubrics) -> list[Item]:
    """The blocks with keys recognised; only tables that may be part of a stem stay tables."""
    found: list[Item] = []
    for block in blocks:
        if isinstance(block, Line):
            found.append(block)
            continue
        texts = block.texts()
        if rubric := rubric_table(texts):
            for number, lines in rubric.items():
                rubrics.setdefault(number, []).extend(lines)
        elif key := key_table(texts):
            found.append(KeyList(0, block.paragraph, *key))
        elif _is_matching(texts):
            found += _by_columns(block)
        elif _is_data(block):
            found.append(block)
        else:
            found += block.lines()
    return found


def _is_matching(texts: Sequence[Sequence[str]]) -> bool:
    """Two columns, numbers on the left and letters on the right, below headings or not."""
    rows = [row for row in texts if any(row)]
    if len(rows) < 2 or any(len(row) != 2 for row in rows):
        return False
    rows = rows[1:] if not _LEFT.match(rows[0][0]) else rows
    fits = all((not row[0] or _LEFT.match(row[0])) and (not row[1] or _RIGHT.match(row[1])) for row in rows)
    return fits and sum(bool(row[0]) for row in rows) > 1 and sum(bool(row[1]) for row in rows) > 1


def _by_columns(table: Table) -> list[Line]:
    """The left column, then the right one, without the headings above them."""
    rows = [row for row in table.rows if len(row) == 2]
    first = next((line.text for line in rows[0][0] if line.text), "")
    rows = rows if _LEFT.match(first) else rows[1:]
    return [line for column in (0, 1) for row in rows for line in row[column] if line.text]


def _is_data(table: Table) -> bool:
    """A table of several cells none of which looks like a question or an option."""
    lines = [line for line in table.lines() if line.text]
    wide = max(map(len, table.rows), default=0)
    return wide > 1 and len(lines) > 1 and not any(_SEEMS_QUESTIONS.match(line.text) for line in lines)


def as_line(table: Table) -> Line:
    """The table as one line that holds it whole."""
    return Line(Rich.object(table_html(table)), table.paragraph)
