"""Answer keys that stand apart from the questions: tables and lists of numbers and letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from question_bank.formats.vietnamese import fold

_NUMBER = re.compile(r"(?:câu\s*)?(\d{1,3})\s*[.):]?", re.IGNORECASE)
_LETTERS = re.compile(r"([A-Ja-j](?:\s*[,;]\s*[A-Ja-j])*)\.?")
_PAIR = re.compile(r"(?:câu\s*)?(\d{1,3})\s*[.):=–-]*\s*([A-Ja-j](?:,\s?[A-Ja-j])*)(?!\w)\.?", re.IGNORECASE)
_WORDS = {
    "cau",
    "cau hoi",
    "cau so",
    "so cau",
    "stt",
    "tt",
    "dap an",
    "da",
    "d/a",
    "d.an",
    "ket qua",
    "tra loi",
    "chon",
}
_HEADING = re.compile(
    r"(?:bang |phan )?dap an(?: (?:trac nghiem|de|chi tiet|va|cua|tham khao|phan|goc|dung|mon|thi|bai)\b.*)?"
    r"|huong dan cham\b.*|(?:answer )?keys?|bang tra loi"
)

_OTHER = "?"

Pair = tuple[int, str]


@dataclass(slots=True)
class KeyList:
    """A key found after ``after`` questions; ``mixed`` when it holds the keys of several papers."""

    after: int
    paragraph: int
    pairs: list[Pair] = field(default_factory=list)
    mixed: bool = False
    numbers: list[int] = field(default_factory=list)

    def take(self, text: str) -> bool:
        """Add the pairs of a line that holds nothing else; a row of numbers waits for its row of letters."""
        words = re.sub(
            r"^(?:câu hỏi|câu|đáp án|đ/a|đa|chọn)\s*[:.]?\s+(?=[\dA-J])", "", text.strip(), flags=re.IGNORECASE
        )
        tokens = words.replace("|", " ").split()
        if len(tokens) > 1 and all(token.isdigit() for token in tokens):
            self.numbers = [int(token) for token in tokens]
            return True
        if self.numbers and len(tokens) == len(self.numbers) and all(_LETTERS.fullmatch(token) for token in tokens):
            self.pairs += zip(self.numbers, [token.strip(".").upper() for token in tokens], strict=True)
            self.numbers = []
            return True
        pairs = pairs_of_line(text)
        self.pairs += pairs
        return bool(pairs)


def is_key_heading(text: str) -> bool:
    """Whether the line announces a key: "BẢNG ĐÁP ÁN", "HƯỚNG DẪN CHẤM", "KEY" …"""
    if len(text) >= 80 or re.search(r"(?:[:.]|\b(?i:là|đúng|chọn)\b)\s*\(?[A-Ja-j]\)?\.?$", text):
        return False
    return _HEADING.fullmatch(fold(text).strip(" .:-–—*")) is not None


def pairs_of_line(text: str) -> list[Pair]:
    """The pairs of a line that is nothing but "1A 2B", "1.A; 2.C", "1 - A" …"""
    rest = _PAIR.sub("", text)
    if re.sub(r"[\s,;|./–-]", "", rest):
        return []
    return [(int(number), letters.upper()) for number, letters in _PAIR.findall(text)]


def key_table(rows: Sequence[Sequence[str]]) -> tuple[list[Pair], bool] | None:
    """The pairs of a table of numbers and letters, and whether it mixes several papers; ``None`` for other tables."""
    grid = [[_token(cell) for cell in row] for row in rows]
    cells = [token for row in grid for token in row if token is not None]
    if not cells or sum(token == _OTHER for token in cells) * 5 > len(cells):
        return None
    pairs: list[tuple[int, Pair]] = []
    mixed = False
    for index, row in enumerate(grid):
        below = grid[index + 1] if index + 1 < len(grid) else []
        pairs += [(column, token) for column, token in enumerate(row) if isinstance(token, tuple)]
        if _is_over(row, below):
            found = zip(row, below, strict=False)
            pairs += [(0, (t, str(b))) for t, b in found if isinstance(t, int) and _is_letters(b)]
        else:
            mixed = mixed or _across(row, pairs)
    return ([pair for _, pair in sorted(pairs, key=lambda found: found[0])], mixed) if pairs else None


def _is_over(row: Sequence[Pair | int | str | None], below: Sequence[Pair | int | str | None]) -> bool:
    """Whether ``row`` is one of numbers and ``below`` one of letters."""
    numbers_below = any(isinstance(token, int) for token in below)
    return any(map(_is_letters, below)) and not numbers_below and not any(map(_is_letters, row))


def _across(row: Sequence[Pair | int | str | None], pairs: list[tuple[int, Pair]]) -> bool:
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


def _is_letters(token: Pair | int | str | None) -> bool:
    return isinstance(token, str) and token != _OTHER


def _token(cell: str) -> Pair | int | str | None:
    """A number, letters, a pair of both, nothing of interest, or "?" for any other text."""
    text = " ".join(cell.split())
    if not text or fold(text).strip(" .:") in _WORDS:
        return None
    if match := _NUMBER.fullmatch(text):
        return int(match.group(1))
    if match := _LETTERS.fullmatch(text):
        return match.group(1).upper()
    if match := _PAIR.fullmatch(text):
        return int(match.group(1)), match.group(2).upper()
    return _OTHER
