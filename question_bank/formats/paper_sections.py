"""The titles that questions of a paper stand under, and what a title says of the questions below it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from question_bank.formats.rich import Line
from question_bank.formats.vietnamese import fold, level_from
from question_bank.question import Level

CLUSTER, SHORT, ESSAY = "cluster", "short", "essay"
"""What a title may say of its questions: statements to be judged, short answers, essays."""

_DEPTHS = (
    (r"(?:phan|part|section)\b", 1),
    (r"(?:[a-d]\s*[./)-]\s*)?(?:phan )?(?:thi )?(?:cau hoi )?(?:trac nghiem|tu luan)", 1),
    (r"[ivxlc]+\s*[./)-]", 2),
    (r"(?:chuyen de|chu de|linh vuc|vi tri|nhom)\b", 3),
    (r"chuong\b", 4),
    (r"(?:muc|bai)\b", 5),
)
_DEEPEST = 6
_HINTS = (
    (ESSAY, r"\btu luan\b"),
    (CLUSTER, r"dung(?:/|,| hoac | hay | - )? ?sai"),
    (SHORT, r"tra loi ngan|dien dap (?:an|so)|dien khuyet"),
    ("", r"trac nghiem|nhieu (?:lua chon|phuong an)|mot (?:lua chon|phuong an)"),
)
_SENTENCE = re.compile(r"(?<=\w{3})\.\s+")
_LONG = 60
_BEFORE_LEVEL = re.compile(r"^(?:(?:[ivxlc]+|[a-d]|\d+)\s*[./)-]+\s*)?(?:cac )?(?:cau hoi )?(?:o )?(?:muc do |muc )?")
_PART = re.compile(r"(?:phan|part)\s+([ivxlc]+|\d{1,2}|[a-e])\b")
_BLOCK = re.compile(
    r"de (?:thi|kiem tra|so|cuong|khao sat|tham khao|minh hoa|chinh thuc)|ma de|thoi gian|ho (?:va )?ten|mon\b"
    r"|so bao danh"
    r"|cong hoa|doc lap|uy ban|so (?:noi vu|giao duc)|truong\b|ngan hang|bo cau hoi|ky thi|nam \d{4}|nam hoc|hoi dong"
    r"|dang (?:uy|bo|cong san)|tinh uy|\d+ cau|danh sach|luu y|huong dan|ghi chu|\(?de (?:gom|co)|can bo coi"
)
"""Words of the block above the first question, which is no title of questions."""


@dataclass(frozen=True, slots=True)
class Section:
    """Titles from the widest to the nearest, each with its depth; what they say of the questions."""

    titles: tuple[tuple[int, str], ...] = ()
    hint: str = ""
    part: str = ""
    level: Level | None = None

    @property
    def heading(self) -> str:
        return " › ".join(title for _, title in self.titles)

    def below(self, title: str) -> Section:
        """The section that begins with this title."""
        title = " ".join(title.split()).strip(" .:–-*")
        folded = fold(title)
        title = _SENTENCE.split(title)[0] if len(title) > _LONG else title
        depth = next((depth for pattern, depth in _DEPTHS if re.match(pattern, folded)), _DEEPEST)
        kept = tuple((above, text) for above, text in self.titles if above < depth)
        found = next((hint for hint, pattern in _HINTS if re.search(pattern, folded)), None)
        deeper = len(kept) > 0
        hint = found if found is not None else (self.hint if deeper else "")
        part = _PART.match(folded)
        level = level_from(_BEFORE_LEVEL.sub("", folded)) or (self.level if deeper else None)
        named = part[1] if part else (self.part if deeper else "")
        return Section((*kept, (depth, title[:150])), hint, named, level)


def part_named(text: str) -> str:
    """The part that a heading within a key names, such as "i" for "PHẦN I"."""
    found = _PART.match(fold(text))
    return found[1] if found else ""


def is_emphatic(line: Line) -> bool:
    """A short line that stands out: in capitals, in bold, or in a style for headings."""
    text = line.text.strip(" .:*-–")
    if not 2 < len(text) <= 120 or text.endswith(("?", ";", ",")) or sum(map(str.isalpha, text)) < 3:
        return False
    capitals = text == text.upper() and text != text.lower()
    return line.heading or capitals or "bold" in line.rich.common()


def is_block(text: str) -> bool:
    """Whether the line belongs to the block above the questions: authority, name of the paper, time."""
    return _BLOCK.match(fold(text).strip(" .:*-–(")) is not None
