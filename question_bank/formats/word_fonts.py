"""Runs of a Word document that were typed with fonts from before Unicode."""

from __future__ import annotations

import re
from typing import Any

from question_bank.formats import encodings
from question_bank.formats.word_styles import qn

_MODERN = re.compile("[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9]")
_SUSPICIOUS = re.compile("[©®¬\u00adµ¶·¸¹¨»¾¼½Æ§¡¢£¤¥¦ØÞßåæçëîïñöøûüþäÅÄËÏÖÑ]")
_SAMPLE = 200_000


class Fonts:
    """Decides for the document whether its fonts or its words tell an old encoding, and converts run by run.

    A font's name is sure unless the text typed with such fonts is Unicode all the same: many a document was converted
    and kept the names of its fonts.
    """

    def __init__(self, body: Any, styles: Any) -> None:
        self.found: str | None = None
        self._by_words: str | None = None
        named = any(
            encodings.of_font(fonts.get(qn(f"w:{name}"), "")) is not None
            for root in (body, styles)
            for fonts in root.iter(qn("w:rFonts"))
            for name in ("ascii", "hAnsi")
        )
        text = _sample(body)
        modern = len(_MODERN.findall(text))
        self._by_font = named and modern * 20 < len(text)
        if not self._by_font and not text.isascii():
            self._by_words = encodings.detect(text)
        self._mixed = not self._by_font and self._by_words is None and _SUSPICIOUS.search(text) is not None
        self._raw: list[str] = []
        self._changed = False
        self._last = ""

    def begin_paragraph(self, paragraph: Any) -> None:
        """In a document of Unicode a paragraph that was brought in from elsewhere is judged by itself."""
        self._raw, self._changed, self._last = [], False, ""
        if self._mixed:
            text = _text(paragraph)
            self._by_words = encodings.detect(text) if _SUSPICIOUS.search(text) else None

    def before(self) -> str:
        """The paragraph as it was, when any of it was converted."""
        return "".join(self._raw).strip() if self._changed else ""

    def text(self, text: str, font: str) -> str:
        """The words of a run as Unicode."""
        name = encodings.of_font(font) if self._by_font else self._by_words
        if name is None or _MODERN.search(text) or (not self._by_font and not encodings.is_in(text, name)):
            if self._by_font or self._by_words:
                self._raw.append(text)
            return text
        converted = encodings.to_unicode(text, name, self._last)
        if encodings.draws_capitals(font):
            converted = converted.upper()
        self._raw.append(text)
        self._last = text[-1:]
        if converted != text:
            self._changed = True
            self.found = name
        return converted

    def symbol(self, element: Any) -> str:
        """A single character chosen by font and place; only those of old Vietnamese fonts are letters."""
        font, code = element.get(qn("w:font"), ""), element.get(qn("w:char"), "")
        if encodings.of_font(font) is None or not re.fullmatch(r"[0-9A-Fa-f]{1,4}", code):
            return ""
        name = encodings.of_font(font)
        assert name is not None
        return encodings.to_unicode(chr(int(code, 16)), name)


def _text(paragraph: Any) -> str:
    return "".join(element.text or "" for element in paragraph.iter(qn("w:t")))


def _sample(body: Any) -> str:
    """The first words of the document."""
    parts: list[str] = []
    length = 0
    for paragraph in body.iter(qn("w:p")):
        parts.append(_text(paragraph))
        length += len(parts[-1])
        if length > _SAMPLE:
            break
    return "\n".join(parts)
