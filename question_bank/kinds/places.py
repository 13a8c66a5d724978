"""Which options may change places, and with which others.

"Cả A và B đều đúng" and "Tất cả các phương án trên" speak of the places of other options. They keep
their own place, and what they speak of may only change places among itself, so that the sentence
stays as true after shuffling as it was before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from question_bank.question import Option

_NUMBERS = {"hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9}
_NUMBER = rf"(?P<number>[2-9]|{'|'.join(_NUMBERS)})"
_NOUN = r"(?:phương án|đáp án|lựa chọn|câu trả lời|trường hợp|nội dung|câu|ý)"
_VERDICT = r"(?:(?:đều |cùng |là |được )*(?:không )?(?:đúng|sai|chính xác|phù hợp|hợp lý))"
_JOIN = r"(?: ?[,;&+/] ?(?:và |hoặc )?| và | hoặc | )"
_LETTERS = rf"(?P<letters>[a-j](?:{_JOIN}[a-j])+)"
_ABOVE = r"(?P<above>(?:nêu |kể |ở |bên |phía )*trên)"

_LETTERS_NAMED = re.compile(
    rf"(?:(?:chỉ |chỉ có |gồm )?(?:cả |các )?(?:{_NUMBER} )?(?:{_NOUN} )?){_LETTERS}(?: {_VERDICT})?"
    rf"|(?:chỉ |chỉ có )?{_NOUN} (?P<letter>[a-j]) {_VERDICT}"
)
_ALL_OTHERS = re.compile(
    rf"(?:cả {_NUMBER}|tất cả|toàn bộ|mọi|các|cả)(?: các| những)?(?: {_NOUN})?(?: đã)?(?: {_ABOVE})?(?: {_VERDICT})?"
)
_NONE = re.compile(
    rf"không(?: có)?(?: {_NOUN})?(?: nào)?(?: trong(?: số)?)?(?: các| những)?(?: {_NOUN})?(?: đã)?"
    rf"(?: {_ABOVE})?(?: {_VERDICT})?"
)
_ABOUT_OPTIONS = re.compile(f"{_NOUN}|{_ABOVE}|{_VERDICT}")
_NONE_OF_OPTIONS = re.compile(f"{_NOUN}| nào")


def keeps_place(option: Option) -> bool:
    """Whether the option stays where the examiner wrote it: marked so, or worded as speaking of other options."""
    return option.pinned or _match(option.text) is not None


def places_kept_together(options: Sequence[Option]) -> list[list[int]]:
    """Groups of places whose options may be shuffled among each other; fixed places are in no group."""
    fixed = [keeps_place(option) for option in options]
    named = [_places_named(index, option.text) for index, option in enumerate(options)]
    groups: dict[tuple[bool, ...], list[int]] = {}
    for index in range(len(options)):
        if not fixed[index]:
            groups.setdefault(tuple(index in places for places in named), []).append(index)
    return list(groups.values())


def _match(text: str) -> re.Match[str] | None:
    """How the text speaks of other options, if it does.

    "Tất cả" or "Không phù hợp" alone may be an answer of its own; a further word shows what it speaks of.
    """
    words = " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip(" .!")
    if match := _LETTERS_NAMED.fullmatch(re.sub(r"[()]", "", words)):
        return match
    if (match := _ALL_OTHERS.fullmatch(words)) and _ABOUT_OPTIONS.search(words):
        return match
    if (match := _NONE.fullmatch(words)) and _NONE_OF_OPTIONS.search(words):
        return match
    return None


def _places_named(index: int, text: str) -> frozenset[int]:
    """The places the option at ``index`` speaks of; empty when it speaks of all or of none."""
    match = _match(text)
    if match is None:
        return frozenset()
    parts = match.groupdict()
    letters = parts.get("letters") or parts.get("letter")
    if letters:
        return frozenset(ord(found) - ord("a") for found in re.findall(r"\b[a-j]\b", letters))
    number = parts.get("number")
    if number and parts.get("above"):
        count = _NUMBERS.get(number) or int(number)
        return frozenset(range(max(0, index - count), index))
    return frozenset(range(index)) if parts.get("above") else frozenset()
