"""Tables that hold answers: numbers with letters in the layouts that papers have, and rubrics of essays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from question_bank.formats.paper_keys import LETTERS, PAIR, Pair
from question_bank.formats.vietnamese import fold

_NUMBER = re.compile(r"(?:câu\s*)?(\d{1,4})\s*[.):]?", re.IGNORECASE)
_COUNT = frozenset(["cau", "cau hoi", "cau so", "so cau", "stt", "tt", "so tt"])
_ANSWER = frozenset(["dap an", "da", "d/a", "d.an", "ket qua", "tra loi", "chon", "dap an dung", "dap an (d/s)"])
_STATEMENT = frozenset(["y", "lenh hoi", "menh de", "phat bieu", "nhan dinh"])
_CONTENT = re.compile(r"noi dung|dap an|huong dan|yeu cau|goi y|y tra loi")
_POINTS = re.compile(r"(?:thang |so |bieu )?diem(?: toi da)?")
_OTHER = "?"
_LONGEST = 80

Token = Pair | int | str | None


def key_table(rows: Sequence[Sequence[str]]) -> tuple[list[Pair], bool] | None:
    """The pairs of a table of numbers and answers, and whether it mixes several papers; ``None`` for other tables."""
    for layout in (_statements, _under_headings, _beside_labels):
        if pairs := layout(rows):
            return pairs, False
    grid = [[_token(cell) for cell in row] for row in rows]
    cells = [token for row in grid for token in row if token is not None]
    if not cells or sum(token == _OTHER for token in cells) * 5 > len(cells):
        return None
    found: list[tuple[int, Pair]] = []
    mixed = False
    for index, row in enumerate(grid):
        below = grid[index + 1] if index + 1 < len(grid) else []
        found += [(column, token) for column, token in enumerate(row) if isinstance(token, tuple)]
        if _is_over(row, below):
            found += [
                (0, (t, str(b))) for t, b in zip(row, below, strict=False) if isinstance(t, int) and _is_letters(b)
            ]
        else:
            mixed = mixed or _across(row, found)
    return ([pair for _, pair in sorted(found, key=lambda one: one[0])], mixed) if found else None


def _statements(rows: Sequence[Sequence[str]]) -> list[Pair]:
    """ "Câu | a | b | c | d" over rows of right and wrong, or one statement a row."""
    heading = [fold(cell).strip(" .:()") for cell in rows[0]] if rows else []
    letters = [column for column, word in enumerate(heading) if re.fullmatch(r"(?:y )?[a-h]\)?", word)]
    pairs: dict[int, list[str]] = {}
    if len(letters) > 1 and heading[0] in _COUNT:
        for row in rows[1:]:
            number = _NUMBER.fullmatch(" ".join(row[0].split()))
            if number and len(row) > letters[-1]:
                pairs[int(number[1])] = [f"{chr(97 + n)}-{row[column]}" for n, column in enumerate(letters)]
    elif len(heading) == 3 and heading[0] in _COUNT and heading[1] in _STATEMENT:
        current = 0
        for row in rows[1:]:
            if len(row) == 3 and (number := _NUMBER.fullmatch(" ".join(row[0].split()))):
                current = int(number[1])
            if len(row) == 3 and current and row[1].strip():
                pairs.setdefault(current, []).append(f"{row[1].strip(' .)')}-{row[2]}")
    return [(number, ", ".join(parts)) for number, parts in pairs.items()]


def _under_headings(rows: Sequence[Sequence[str]]) -> list[Pair]:
    """Columns "Câu" and "Đáp án", perhaps several times side by side, with answers of any kind below."""
    heading = [fold(cell).strip(" .:") for cell in rows[0]] if rows else []
    columns = [
        (place, place + 1)
        for place in range(len(heading) - 1)
        if heading[place] in _COUNT and heading[place + 1] in _ANSWER
    ]
    if not columns or len(columns) * 2 != len([word for word in heading if word]):
        return []
    pairs: list[Pair] = []
    for number, answer in columns:
        for row in rows[1:]:
            found = _NUMBER.fullmatch(" ".join(row[number].split())) if answer < len(row) else None
            if found and 0 < len(row[answer].strip()) <= _LONGEST:
                pairs.append((int(found[1]), _answer(row[answer])))
    return pairs


def _beside_labels(rows: Sequence[Sequence[str]]) -> list[Pair]:
    """A row that begins with "Câu" over one that begins with "Đáp án"."""
    pairs: list[Pair] = []
    for above, below in pairwise(rows):
        if not above or not below or fold(above[0]).strip(" .:") not in _COUNT:
            continue
        if fold(below[0]).strip(" .:") not in _ANSWER:
            continue
        for number, answer in zip(above[1:], below[1:], strict=False):
            found = _NUMBER.fullmatch(" ".join(number.split()))
            if found and 0 < len(answer.strip()) <= _LONGEST:
                pairs.append((int(found[1]), _answer(answer)))
    return pairs


def _answer(text: str) -> str:
    text = " ".join(text.split())
    letters = LETTERS.fullmatch(text)
    return letters[1].upper() if letters else text


def rubric_table(rows: Sequence[Sequence[str]]) -> dict[int, list[str]]:
    """What essays earn their points for: columns for the question, what is expected and its points."""
    heading = [fold(cell).strip(" .:*") for cell in rows[0]] if rows else []
    points = next((column for column, word in enumerate(heading) if _POINTS.fullmatch(word)), None)
    number = next((column for column, word in enumerate(heading) if word in _COUNT), None)
    content = [c for c, word in enumerate(heading) if _CONTENT.match(word) and c not in (points, number)]
    if points is None or number is None or not content:
        return {}
    found: dict[int, list[str]] = {}
    current = 0
    for row in rows[1:]:
        if len(row) <= max(points, number, content[-1]):
            continue
        if match := _NUMBER.match(" ".join(row[number].split())):
            current = int(match[1])
        text = " ".join(row[content[-1]].split())
        if current and text:
            worth = row[points].strip()
            found.setdefault(current, []).append(f"{text} ({worth} điểm)" if worth else text)
    return found


def _is_over(row: Sequence[Token], below: Sequence[Token]) -> bool:
    """Whether ``row`` is one of numbers and ``below`` one of letters."""
    numbers_below = any(isinstance(token, int) for token in below)
    return any(map(_is_letters, below)) and not numbers_below and not any(map(_is_letters, row))


def _across(row: Sequence[Token], pairs: list[tuple[int, Pair]]) -> bool:
    """Add each number with the letter to its right; ``True`` when a number has several."""
    number: tuple[int, int] | None = None
    letters = 0
    for column, token in enumerate(row):
        if isinstance(token, int):
            number, letters = (column, token), 0
        elif number is not None and _is_letters(token):
            letters += 1
            if letters > 1:
                return True
            pairs.append((number[0], (number[1], str(token))))
    return False


def _is_letters(token: Token) -> bool:
    return isinstance(token, str) and token != _OTHER


def _token(cell: str) -> Token:
    """A number, letters, a pair of both, nothing of interest, or "?" for any other text."""
    text = " ".join(cell.split())
    if not text or fold(text).strip(" .:") in _COUNT | _ANSWER:
        return None
    if match := _NUMBER.fullmatch(text):
        return int(match.group(1))
    if match := LETTERS.fullmatch(text):
        return match.group(1).upper()
    if match := PAIR.fullmatch(text):
        return int(match.group(1)), match.group(2).upper()
    return _OTHER
