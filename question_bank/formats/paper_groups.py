"""Situations and passages that several questions share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from question_bank.formats.rich import Rich
from question_bank.formats.vietnamese import fold

_SIGN = r"(?:\s*[(\[][^()\[\]]{1,60}[)\]])"
_SITUATION = re.compile(
    r"(?:tình huống|bài đọc|đoạn văn|ngữ liệu)\s*(?:số\s*)?(?P<number>\d{0,3})"
    rf"(?P<signs>{_SIGN}*)\s*(?:[:.]+|$)\s*",
    re.IGNORECASE,
)
_INVITATION = re.compile(
    r"(?:(?:hãy\s+)?đọc|dựa (?:vào|trên)|căn cứ vào|sử dụng|cho|(?:thông tin|dữ liệu|tình huống)\b.{0,60}?dùng|dùng"
    r"|questions?)"
    r"\b.{0,200}?(?:trả lời|(?:các )?câu(?: hỏi)?(?: số)? ?\(?<?\d|refer to|câu hỏi (?:từ|sau|dưới))",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:câu(?: hỏi)?|questions?|từ)\s*(?:số\s*|từ\s*|câu\s*)*[({]?<?(?P<first>\d{1,4})>?[)}]?\s*"
    r"(?:đến|tới|to|và|and|[-–—,])\s*(?:câu\s*)?(?:số\s*)?[({]?<?(?P<last>\d{1,4})>?[)}]?",
    re.IGNORECASE,
)
_GAP = re.compile(r"(?:\{<(?P<tag>\d{1,3})>\}|\((?P<number>\d{1,3})\))\s*(?:[_.]{3,}|…+|(?<=\})_*)")


@dataclass(slots=True)
class Group:
    """What several questions share: its lines, the numbers it says it is for, and lines of details."""

    paragraph: int
    first: int | None = None
    last: int | None = None
    signs: str = ""
    lines: list[Rich] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    tagged: bool = False
    questions: int = 0

    def covers(self, number: int | None) -> bool:
        """Whether a question of this number still belongs here."""
        if number is None or self.first is None or self.last is None:
            return True
        return self.first <= number <= self.last

    def follows(self, number: int | None) -> bool:
        """Whether it says that it is for the questions right after that number."""
        return number is not None and self.first == number + 1


def situation(rich: Rich, paragraph: int) -> Group | None:
    """The group that a line such as "Tình huống 1 (câu 3–5): …" begins."""
    found = _SITUATION.match(rich.text)
    if not found or (len(rich.text) > 2 and not re.search(r"\d|[:.]", found.group())):
        return None
    group = Group(paragraph, *_numbers(found["signs"]), signs=_RANGE_SIGN.sub("", found["signs"]))
    rest = rich.cut(found.end()).strip()
    if rest.text:
        group.lines.append(rest)
    return group


_RANGE_SIGN = re.compile(r"[(\[][^()\[\]]*\d+\s*(?:đến|tới|và|[-–—,])[^()\[\]]*[)\]]", re.IGNORECASE)


def invitation(rich: Rich, paragraph: int) -> Group | None:
    """The group that a line such as "Đọc đoạn sau và trả lời câu 3–5" begins; the invitation is no text of it."""
    found = _INVITATION.match(rich.text)
    if not found or len(rich.text) > 400:
        return None
    group = Group(paragraph, *_numbers(rich.text))
    _, colon, rest = rich.text.partition(":")
    if colon and rest.strip() and not _RANGE.search(rest):
        group.lines.append(rich.cut(len(rich.text) - len(rest)).strip())
    elif group.first is None and not re.search(r"(?:câu hỏi|đoạn|thông tin|passage)", rich.text, re.IGNORECASE):
        return None
    return group


def _numbers(text: str) -> tuple[int | None, int | None]:
    found = _RANGE.search(text)
    if not found:
        return None, None
    first, last = int(found["first"]), int(found["last"])
    return (first, last) if first <= last else (None, None)


def numbered_gaps(text: str) -> dict[int, re.Match[str]]:
    """The places such as "{<1>}____" or "(1) ……" in a text, by their numbers."""
    return {int(match["tag"] or match["number"]): match for match in _GAP.finditer(text)}


def with_gaps(text: str) -> str:
    """The text with its numbered places in the form that questions with gaps have."""
    return _GAP.sub(lambda match: f"[[{int(match['tag'] or match['number'])}]]", text)


def is_only_invitation(text: str) -> bool:
    return _INVITATION.match(text) is not None and "refer to" in fold(text)
