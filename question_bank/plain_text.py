"""A rich text without its markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from question_bank.question import clean_text

_NAME = re.compile(r"<(/?)([a-z0-9]+)")
_ALT = re.compile(r' alt="([^"]*)"')
_BLOCKS = frozenset(["p", "ul", "ol", "table", "thead", "tbody", "tr", "blockquote", "li"])
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def alt_of(image: str) -> str:
    found = _ALT.search(image)
    return unescape(found[1]) if found else ""


def told(alt: str) -> str:
    """An image in words; the same in both languages, because it is part of the question."""
    return f"[Hình: {alt}]" if alt else "[Hình]"


class PlainText:
    """Reads the tags and texts of a cleaned text one after the other."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._starts: list[int] = []
        self._cells = 0
        self._in_cell = False

    def read(self, pieces: Iterable[tuple[str, bool]]) -> str:
        for part, is_tag in pieces:
            if is_tag:
                self._tag(part)
            else:
                self._out.append(unescape(part))
        return clean_text("".join(self._out))

    def _tag(self, tag: str) -> None:
        found = _NAME.match(tag)
        if found is None:
            return
        name, closes = found[2], bool(found[1])
        if name == "img":
            self._out.append(told(alt_of(tag)))
        elif name == "br":
            self._out.append(" " if self._in_cell else "\n")
        elif name in {"td", "th"}:
            self._cell(closes)
        elif name in {"sub", "sup"}:
            self._script(name, closes)
        elif name in _BLOCKS:
            self._block(name, closes)

    def _block(self, name: str, closes: bool) -> None:
        self._cells = 0 if name == "tr" else self._cells
        if self._out and not self._out[-1].endswith((" ", "\n")):
            self._out.append(" " if self._in_cell else "\n")
        if name == "li" and not closes:
            self._out.append("- ")

    def _cell(self, closes: bool) -> None:
        self._in_cell = not closes
        while closes and self._out and self._out[-1] == " ":
            self._out.pop()
        if not closes:
            self._out.extend([" | "] if self._cells else [])
            self._cells += 1

    def _script(self, name: str, closes: bool) -> None:
        """10<sup>3</sup> is no 103: figures take their raised or lowered form, others a sign before them."""
        if not closes:
            self._starts.append(len(self._out))
        elif self._starts:
            start = self._starts.pop()
            text = "".join(self._out[start:])
            table, sign = (_RAISED, "^") if name == "sup" else (_LOWERED, "_")
            told_so = text.translate(table) if all(ord(c) in table for c in text) else f"{sign}({text})"
            self._out[start:] = [told_so] if text.strip() else []
