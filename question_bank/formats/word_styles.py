"""How a run of a Word document looks once its styles are followed, and what automatic numbers say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from docx.oxml.ns import qn as qualified

from question_bank.formats.colours import is_neutral
from question_bank.formats.rich import Look

qn = cache(qualified)
"""The full name of a tag such as "w:p"; asked for often enough to be remembered."""

_OFF = {"0", "false", "off", "none"}
_RAISED = {"superscript": "sup", "subscript": "sub"}
_INK_THEMES = {"text1", "text2", "dark1", "dark2", "background1", "light1"}
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
          (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip

Properties = dict[str, str]
"""What is stated of a run: "bold", "italic", "underline" and "hidden" as "1" or "", colours and fonts as names."""


def stated(element: Any) -> Properties:
    """The properties that an ``rPr`` element states itself."""
    properties: Properties = {}
    if element is None:
        return properties
    for tag, name in (("w:b", "bold"), ("w:i", "italic"), ("w:u", "underline"), ("w:vanish", "hidden")):
        found = element.find(qn(tag))
        if found is not None:
            properties[name] = "" if found.get(qn("w:val"), "1") in _OFF else "1"
    raised = element.find(qn("w:vertAlign"))
    if raised is not None:
        properties["raised"] = _RAISED.get(raised.get(qn("w:val"), ""), "")
    fonts = element.find(qn("w:rFonts"))
    if fonts is not None and (font := fonts.get(qn("w:ascii")) or fonts.get(qn("w:hAnsi"))):
        properties["font"] = font
    colour = element.find(qn("w:color"))
    if colour is not None:
        ink = colour.get(qn("w:themeColor")) in _INK_THEMES
        properties["colour"] = "" if ink else colour.get(qn("w:val"), "").upper()
    shading, highlight = element.find(qn("w:shd")), element.find(qn("w:highlight"))
    if shading is not None:
        properties["fill"] = shading.get(qn("w:fill"), "").upper()
    if highlight is not None:
        value = highlight.get(qn("w:val"), "").upper()
        properties["fill"] = "" if value in ("NONE", "WHITE") else value
    return properties


def look_of(properties: Properties) -> Look:
    marks = {name for name in ("bold", "italic", "underline") if properties.get(name)}
    if properties.get("raised"):
        marks.add(properties["raised"])
    for name in ("colour", "fill"):
        if not is_neutral(properties.get(name, "")):
            marks.add(f"{name}:{properties[name]}")
    return frozenset(marks)


class Styles:
    """The styles of a document; each builds on another."""

    def __init__(self, element: Any) -> None:
        self._styles = {style.get(qn("w:styleId")): style for style in element.iter(qn("w:style"))}
        self._found: dict[str, Properties] = {}
        self._headings: dict[str, bool] = {}
        defaults = element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
        self._defaults = stated(defaults)
        self._paragraph = next(
            (
                name
                for name, style in self._styles.items()
                if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) == "1"
            ),
            "",
        )

    def of_paragraph(self, style: str | None) -> Properties:
        return {**self._defaults, **self.of(style or self._paragraph)}

    def of(self, style: str) -> Properties:
        """What the style and those it is based on state; the nearest statement holds."""
        if style not in self._found:
            properties: Properties = {}
            for element in reversed(list(self._chain(style))):
                properties |= stated(element.find(qn("w:rPr")))
            self._found[style] = properties
        return self._found[style]

    def is_heading(self, style: str | None) -> bool:
        """Whether a paragraph of this style has a place in the outline of the document."""
        if style is None:
            return False
        if style not in self._headings:
            levels = (found.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}") for found in self._chain(style))
            level = next((found for found in levels if found is not None), None)
            self._headings[style] = level is not None and level.get(qn("w:val"), "9") != "9"
        return self._headings[style]

    def numbering(self, style: str | None) -> Any:
        """The ``numPr`` that a paragraph style brings along."""
        for element in self._chain(style or self._paragraph):
            found = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if found is not None:
                return found
        return None

    def _chain(self, style: str) -> Iterator[Any]:
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            yield self._styles[style]
            based_on = self._styles[style].find(qn("w:basedOn"))
            style = based_on.get(qn("w:val"), "") if based_on is not None else ""


class Numbering:
    """Automatic numbers, counted as Word counts them."""

    def __init__(self, element: Any) -> None:
        self._levels: dict[tuple[str, int], Any] = {}
        self._lists: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        if element is None:
            return
        for abstract in element.iter(qn("w:abstractNum")):
            for level in abstract.iter(qn("w:lvl")):
                self._levels[abstract.get(qn("w:abstractNumId")), int(level.get(qn("w:ilvl"), "0"))] = level
        for number in element.iter(qn("w:num")):
            self._add_list(number)

    def _add_list(self, number: Any) -> None:
        name, abstract = number.get(qn("w:numId")), number.find(qn("w:abstractNumId"))
        self._lists[name] = abstract.get(qn("w:val")) if abstract is not None else ""
        for override in number.iter(qn("w:lvlOverride")):
            start = override.find(qn("w:startOverride"))
            if start is not None:
                self._starts[name, int(override.get(qn("w:ilvl"), "0"))] = int(start.get(qn("w:val"), "1"))

    def label(self, number: str, level: int) -> tuple[str, Properties]:
        """The next label of that list at that level, and how it looks; no text for bullets and unknown lists."""
        abstract = self._lists.get(number, "")
        element = self._levels.get((abstract, level))
        if element is None:
            return "", {}
        counts = self._counts.setdefault(abstract, {})
        counts[level] = self._next(number, abstract, level)
        for deeper in [found for found in counts if found > level]:
            del counts[deeper]
        if _value(element, "w:numFmt", "decimal") in ("bullet", "none"):
            return "", {}
        text = re.sub(
            r"%([1-9])",
            lambda match: self._written(abstract, int(match.group(1)) - 1, counts),
            _value(element, "w:lvlText", ""),
        )
        return text, stated(element.find(qn("w:rPr")))

    def _next(self, number: str, abstract: str, level: int) -> int:
        start = self._starts.get((number, level))
        if start is not None and (number, level) not in self._begun:
            self._begun.add((number, level))
            return start
        first = int(_value(self._levels[abstract, level], "w:start", "1"))
        return self._counts[abstract].get(level, first - 1) + 1

    def _written(self, abstract: str, level: int, counts: dict[int, int]) -> str:
        element = self._levels.get((abstract, level))
        if element is None:
            return ""
        return _numeral(counts.get(level, 1), _value(element, "w:numFmt", "decimal"))


def _value(element: Any, tag: str, default: str) -> str:
    found = element.find(qn(tag))
    return str(found.get(qn("w:val"), default)) if found is not None else default


def _numeral(number: int, form: str) -> str:
    if form in ("upperLetter", "lowerLetter") and number > 0:
        letter = chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if form == "upperLetter" else letter.lower()
    if form in ("upperRoman", "lowerRoman") and 0 < number < 4000:
        text = ""
        for value, sign in _ROMAN:
            text += sign * (number // value)
            number %= value
        return text if form == "upperRoman" else text.lower()
    return str(number)
