"""Which of several statements are right: "a-Đ, b-S, c-Đ, d-S", "ĐSĐS", "a) Đúng b) Sai …"."""

from __future__ import annotations

import re

from question_bank.formats.vietnamese import fold

_WORD = r"(?:đúng|sai|đ|s|true|false|t|f)"
_PAIRED = re.compile(rf"\(?([a-h])\s*[).:=–-]*\s*[\[(]?({_WORD})(?!\w)[\])]?", re.IGNORECASE)
_ROW = re.compile(rf"{_WORD}(?:[\s,;–-]+{_WORD})+\.?", re.IGNORECASE)
_RUN = re.compile(r"[ĐS]{2,10}|[TF]{2,10}")
_RIGHT = {"dung", "d", "true", "t"}
_AT_END = re.compile(rf"\s*(?:[(\[]\s*({_WORD})\s*[)\]]|[–-]\s*(đúng|sai))\s*\.?\s*$", re.IGNORECASE)


def truths_of(text: str) -> list[bool] | None:
    """For each statement whether it is right; ``None`` when the text does not say just that."""
    text = text.strip(" .")
    pairs = _PAIRED.findall(text)
    if len(pairs) > 1 and not re.sub(r"[\s,;.|/–-]", "", _PAIRED.sub("", text)):
        if [letter.lower() for letter, _ in pairs] == [chr(ord("a") + n) for n in range(len(pairs))]:
            return [_is_right(word) for _, word in pairs]
        return None
    if _ROW.fullmatch(text):
        return [_is_right(word) for word in re.findall(_WORD, text, re.IGNORECASE)]
    if _RUN.fullmatch(text):
        return [letter in "ĐT" for letter in text]
    return None


def truth_at_end(text: str) -> tuple[int, bool] | None:
    """Where a mark such as "(Đ)" or "– Sai" at the end of a statement begins, and what it says."""
    found = _AT_END.search(text)
    return (found.start(), _is_right(found[1] or found[2])) if found else None


def _is_right(word: str) -> bool:
    return fold(word) in _RIGHT
