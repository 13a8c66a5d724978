"""Answer keys that stand apart from the questions: headings and lists of numbers with their answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from question_bank.formats.paper_truths import truths_of
from question_bank.formats.vietnamese import fold

LETTERS = re.compile(r"([A-Ja-j](?:\s*[,;]\s*[A-Ja-j])*)\.?")
PAIR = re.compile(r"(?:câu\s*)?(\d{1,3})\s*[.):=–-]*\s*([A-Ja-j](?:,\s?[A-Ja-j])*)(?!\w)\.?", re.IGNORECASE)
_ONE = re.compile(r"(?P<word>câu\s*)?(?P<number>\d{1,4})\s*[.):=–-]+\s*(?P<answer>\S.*)", re.IGNORECASE)
_VALUE = re.compile(r"-?\d[\d.,]*(?:\s*[%\w/²³°]{1,12})?")
_WORDS = re.compile(r"^(?:câu hỏi|câu|đáp án|đ/a|đa|chọn)\s*[:.]?\s+(?=[\dA-J])", re.IGNORECASE)
_HEADING = re.compile(
    r"(?:bang |phan )?dap an(?: (?:trac nghiem|de|chi tiet|va|cua|tham khao|phan|goc|dung|mon|thi|bai)\b.*)?"
    r"|huong dan cham\b.*|(?:answer )?keys?|bang tra loi"
)
_LONGEST_ANSWER = 60

Pair = tuple[int, str]


@dataclass(slots=True)
class KeyList:
    """A key found after ``after`` questions; ``mixed`` when it holds the keys of several papers.

    ``part`` names the part of the paper it is for, if it says so.
    """

    after: int
    paragraph: int
    pairs: list[Pair] = field(default_factory=list)
    mixed: bool = False
    numbers: list[int] = field(default_factory=list)
    part: str = ""

    def take(self, text: str) -> bool:
        """Add the pairs of a line that holds nothing else; a row of numbers waits for its row of letters."""
        tokens = _WORDS.sub("", text.strip()).replace("|", " ").split()
        if len(tokens) > 1 and all(token.isdigit() for token in tokens):
            self.numbers = [int(token) for token in tokens]
            return True
        if self.numbers and len(tokens) == len(self.numbers) and all(LETTERS.fullmatch(token) for token in tokens):
            self.pairs += zip(self.numbers, [token.strip(".").upper() for token in tokens], strict=True)
            self.numbers = []
            return True
        pairs = pairs_of_line(text) or _single(text)
        self.pairs += pairs
        return bool(pairs)


def _single(text: str) -> list[Pair]:
    """One question with an answer that is no letter: "Câu 1: a-Đ, b-S, c-Đ, d-S", "2. 12,5", "Câu 3: Hà Nội"."""
    match = _ONE.fullmatch(text.strip())
    if not match:
        return []
    answer = match["answer"].strip()
    sure = truths_of(answer) is not None or _VALUE.fullmatch(answer.rstrip("."))
    short = (
        match["word"]
        and len(answer) <= _LONGEST_ANSWER
        and not re.search(r"[(\[]\s*\d+(?:[.,]\d+)?\s*(?:đ|điểm)", answer)
    )
    return [(int(match["number"]), answer)] if sure or short else []


def is_key_heading(text: str) -> bool:
    """Whether the line announces a key: "BẢNG ĐÁP ÁN", "HƯỚNG DẪN CHẤM", "KEY" …"""
    if len(text) >= 80 or re.search(r"(?:[:.]|\b(?i:là|đúng|chọn)\b)\s*\(?[A-Ja-j]\)?\.?$", text):
        return False
    return _HEADING.fullmatch(fold(text).strip(" .:-–—*")) is not None


def pairs_of_line(text: str) -> list[Pair]:
    """The pairs of a line that is nothing but "1A 2B", "1.A; 2.C", "1 - A" …"""
    rest = PAIR.sub("", text)
    if re.sub(r"[\s,;|./–-]", "", rest):
        return []
    return [(int(number), letters.upper()) for number, letters in PAIR.findall(text)]
