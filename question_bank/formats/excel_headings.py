"""Which column of a sheet holds what, told from its heading row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from question_bank.formats.assemble import letters_key
from question_bank.formats.vietnamese import fold

HEADING_ROWS = 10
"""How far down a heading row is looked for."""

_WORDS = {
    "number": "stt|tt|so thu tu|so tt|no|cau|cau so|thu tu",
    "stem": "cau hoi|noi dung|noi dung cau hoi|cau dan|de bai|question|question text|stem|content|cau hoi trac nghiem",
    "options": "phuong an|phuong an tra loi|cac phuong an|cac phuong an tra loi|lua chon|cac lua chon|cac dap an"
    "|options|answers|choices|cau tra loi|noi dung phuong an",
    "answer": "dap an|dap an dung|phuong an dung|tra loi dung|cau tra loi dung|lua chon dung|d/a|da|key|answer"
    "|answer key|correct|correct answer|right answer|ket qua",
    "level": "muc do|muc do nhan thuc|cap do|do kho|level|difficulty",
    "topic": "chuyen de|chu de|linh vuc|ma chuyen de|hang muc|topic|category|chuyen muc",
    "position": "vi tri|vi tri viec lam|ma vi tri|position|positions",
    "explanation": "giai thich|loi giai|huong dan giai|explanation|feedback|dien giai",
    "cite": "can cu|can cu phap ly|co so phap ly|van ban|trich dan|citation|citations|legal basis|reference|tham chieu",
    "points": "diem|so diem|points|score|mark|marks",
    "kind": "loai|loai cau|loai cau hoi|dang|dang cau hoi|kieu|kind|type|question type",
    "seconds": "thoi gian|so giay|seconds|time",
    "tags": "nhan|the|tu khoa|tags|keywords",
    "ref": "ma|ma cau|ma cau hoi|id|code|ref",
    "pinned": "co dinh|giu cho|phuong an co dinh|pinned|fixed",
    "within": "thuoc tinh huong|cau nho|thuoc cau|part of|within",
    "details": "chi tiet|thong tin them|details",
}
_MEANING = {word: name for name, words in _WORDS.items() for word in words.split("|")}
_FILLER = re.compile(r"(?:(?:column|cot|field|unnamed:?|truong|f|c)\s*)?\d{1,3}|[x.*-]+|[a-z]")
_OPTION = re.compile(
    r"(?:([a-j])"
    r"|(?:phuong an|pa|dap an|lua chon|cau tra loi|tra loi|noi dung phuong an|y|option|answer|choice)"
    r"(?:\s*([1-9]|[1-4][0-9])|\s+([a-z])|([a-j])))"
)
"""Letters of options stand alone only as far as options go; Excel's own columns have the same names."""


@dataclass(slots=True)
class Headings:
    """The columns by what they hold, and the index of the first row below the heading."""

    first_row: int
    columns: dict[str, int] = field(default_factory=dict)
    options: list[int] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Enough to read questions: a stem, and options or an answer."""
        return "stem" in self.columns and bool(self.options or self.columns.keys() & {"options", "answer"})


def find_headings(rows: Sequence[Sequence[str]]) -> Headings | None:
    """The heading row among the first rows: the one that names most columns."""
    found = [_headings(rows, index) for index in range(min(HEADING_ROWS, len(rows)))]
    return max((headings for headings in found if headings.complete), key=_named, default=None)


def headings_in(rows: Sequence[Sequence[str]]) -> Headings | None:
    """The row that looks most like headings, even if what it says is not enough to read by."""
    found = [_headings(rows, index) for index in range(min(HEADING_ROWS, len(rows)))]
    return max((headings for headings in found if _named(headings) > 1), key=_named, default=None)


def _named(headings: Headings) -> int:
    return len(headings.columns) + len(headings.options)


def _headings(rows: Sequence[Sequence[str]], index: int) -> Headings:
    headings = _one_row(rows[index], index + 1)
    if "stem" in headings.columns and not headings.options and index + 1 < len(rows):
        below = _one_row(rows[index + 1], index + 2)
        if below.options and not rows[index + 1][headings.columns["stem"]]:
            headings.columns.pop("options", None)
            columns = {**below.columns, **headings.columns}
            return Headings(index + 2, columns, below.options)
    if "options" in headings.columns and not headings.options:
        headings.options = _under_one_heading(rows, index, headings)
    return headings


def _one_row(row: Sequence[str], first_row: int) -> Headings:
    headings = Headings(first_row)
    letters: dict[int, int] = {}
    for column, text in enumerate(row):
        folded = re.sub(r"\(.*?\)|[*:.]", " ", fold(text)).strip()
        folded = " ".join(folded.split())
        option = _OPTION.fullmatch(folded)
        if option:
            told = option[1] or option[3] or option[4]
            letters.setdefault(ord(told) - ord("a") if told else int(option[2]) - 1, column)
        elif folded in _MEANING:
            headings.columns.setdefault(_MEANING[folded], column)
    if sorted(letters) == list(range(len(letters))) and len(letters) > 1:
        headings.options = [letters[place] for place in sorted(letters)]
    return headings


def _under_one_heading(rows: Sequence[Sequence[str]], index: int, headings: Headings) -> list[int]:
    """One heading merged over several option columns leaves the next ones without any."""
    start = headings.columns["options"]
    heading, columns = rows[index], [start]
    while columns[-1] + 1 < len(heading) and not heading[columns[-1] + 1].strip():
        columns.append(columns[-1] + 1)
    filled = [column for column in columns if any(row[column].strip() for row in rows[index + 1 :])]
    return filled if len(filled) > 1 else []


def guess_headings(rows: Sequence[Sequence[str]]) -> Headings | None:
    """The columns of a sheet without headings: letters in one column, options before it, the stem before those."""
    first_row = 1 if rows and _is_filler(rows[0]) else 0
    width = max(map(len, rows), default=0)
    for answer in range(3, width):
        filled = [row for row in rows[first_row:] if row[answer].strip()]
        letters = [row for row in filled if letters_key(row[answer], 10) is not None]
        if len(letters) < 2 or len(letters) * 5 < len(filled) * 4:
            continue
        texts = [
            c
            for c in range(answer)
            if sum(len(row[c]) > 0 and not row[c].isdigit() for row in letters) * 2 > len(letters)
        ]
        if len(texts) > 2:
            return Headings(first_row, {"stem": texts[0], "answer": answer}, texts[1:])
    return None


def _is_filler(row: Sequence[str]) -> bool:
    """A first row such as "1 | 2 | 3" or "Column1 | Column2", that only fills the place of headings."""
    filled = [cell for cell in row if cell]
    return bool(filled) and all(_FILLER.fullmatch(fold(cell)) for cell in filled)
