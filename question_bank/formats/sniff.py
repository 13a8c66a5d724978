"""Which format a text is in, told from how it begins."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

_GIFT = re.compile(r"^\s*\$CATEGORY:|\{\s*(?:[=~#}]|(?:T|F|TRUE|FALSE)\s*[#}])", re.MULTILINE | re.IGNORECASE)
_AIKEN_ANSWER = re.compile(r"^ANSWER:\s*[A-Z]\s*$", re.MULTILINE)
_AIKEN_OPTION = re.compile(r"^[A-Z][.)]\s?\S", re.MULTILINE)
_NUMBERED = re.compile(r"^\W*(?:Câu|Cau|CÂU|Bài)\s*(?:hỏi\s*|số\s*)?\d{1,4}\b", re.MULTILINE)
_OPTION = re.compile(r"^\s*[*(•-]{0,2}\s*[A-Da-d]\s?[.)/:]", re.MULTILINE)
_PAIRS = re.compile(r"^\s*(?:\d{1,3}\s*[.):=–-]*\s*[A-Ja-j]\b[\s,;|]*){2,}$", re.MULTILINE)
_LEGACY_NUMBER = re.compile(r"^\W*C(?:©u|aâu|[^\s\w]u)\s*\d", re.MULTILINE)
_PROLOGUE = rb"(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*"
_ROOT = re.compile(rb"\s*" + _PROLOGUE + rb"<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
_QTI_ROOTS = {"assessmentitem", "assessmenttest", "assessmentsection", "assessmentstimulus"}
_DELIMITERS = ";,\t|"
_ROWS = 12


def xml_format(data: bytes) -> str | None:
    """The format whose root element an XML file has; ``None`` for every other file."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    found = _ROOT.match(data.removeprefix(b"\xef\xbb\xbf")[:200_000])
    if found is None:
        return None
    root = found[1].decode("ascii", "replace").lower()
    if root == "quiz":
        return "moodle-xml"
    plain = root.removeprefix("qti-").replace("-", "")
    return "qti" if plain in _QTI_ROOTS else None


def text_format(text: str, extension: str, wanted: str = "auto") -> str | None:
    """The format of a plain text; one that was asked for by name is taken at its word."""
    if wanted in ("gift", "aiken", "csv", "text"):
        return wanted
    promised = {".gift": "gift", ".aiken": "aiken", ".csv": "csv", ".tsv": "csv"}.get(extension)
    if promised:
        return promised
    if _is_gift(text):
        return "gift"
    if _AIKEN_ANSWER.search(text) and _AIKEN_OPTION.search(text) and not _NUMBERED.search(text):
        return "aiken"
    if is_table(text):
        return "csv"
    return "text" if extension == ".txt" or _is_paper(text) else None


def _is_gift(text: str) -> bool:
    """Answers between braces; a paper with numbers and letters may hold braces in its formulas."""
    braces = len(_GIFT.findall(text))
    return braces > 0 and not (len(_OPTION.findall(text)) > braces * 2 and _NUMBERED.search(text))


def _is_paper(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_NUMBERED, _OPTION, _PAIRS, _LEGACY_NUMBER))


def is_table(text: str) -> bool:
    """Whether the first rows, cut at one delimiter, have the headings of a table of questions."""
    from question_bank.formats.excel_headings import find_headings

    for delimiter in _DELIMITERS:
        rows = _rows(text, delimiter)
        if len(rows) > 1 and sum(len(row) > 2 for row in rows) * 2 > len(rows) and find_headings(rows) is not None:
            return True
    return False


def _rows(text: str, delimiter: str) -> Sequence[list[str]]:
    lines = text.lstrip("\ufeff").splitlines()[:200]
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            rows.append([cell.strip() for cell in row])
            if len(rows) == _ROWS:
                break
    except csv.Error:
        return []
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]
