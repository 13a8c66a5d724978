"""Text that remembers how each of its characters looks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, repeat

from question_bank.messages import N_, Message

Look = frozenset[str]
"""The marks a character bears, named as in :mod:`question_bank.formats.marks`."""

PLAIN: Look = frozenset()
PICTURE, FORMULA = "[hình]", "[công thức]"
"""What stands in a text for a picture or a formula that could not be brought along."""
NAMELESS = "Hình chưa có mô tả"
"""The description of an image that has none: a person is asked to write it."""
OBJECT = "\ufffc"
"""Stands in a text for an image, a formula or a table; the HTML of it is in the look of this one character."""
_HTML = "html:"


@dataclass(frozen=True, slots=True)
class Rich:
    """One line of text, composed (NFC), with the look of every character."""

    text: str
    looks: tuple[Look, ...]

    @classmethod
    def object(cls, html: str) -> Rich:
        """A text that is nothing but this image, formula or table."""
        return cls(OBJECT, (object_look(html),))

    @classmethod
    def of(cls, pieces: Iterable[tuple[str, Look]]) -> Rich:
        """Join pieces; a combining mark joins the letter before it, also across pieces."""
        pieces = list(pieces)
        whole = "".join(text for text, _ in pieces)
        if whole.isprintable() and unicodedata.is_normalized("NFC", whole):
            return cls(whole, tuple(chain.from_iterable(repeat(look, len(text)) for text, look in pieces)))
        characters: list[str] = []
        looks: list[Look] = []
        for text, look in pieces:
            for character in text.replace("\u00a0", " "):
                if characters and unicodedata.combining(character):
                    characters[-1] = unicodedata.normalize("NFC", characters[-1] + character)
                elif character == "\t" or unicodedata.category(character) not in {"Cc", "Cf"}:
                    characters.append(unicodedata.normalize("NFC", character))
                    looks.append(look)
        spread = [look for text, look in zip(characters, looks, strict=True) for _ in text]
        return cls("".join(characters), tuple(spread))

    def cut(self, start: int, end: int | None = None) -> Rich:
        return Rich(self.text[start:end], self.looks[start:end])

    def strip(self) -> Rich:
        start = len(self.text) - len(self.text.lstrip())
        return self.cut(start, max(start, len(self.text.rstrip())))

    def common(self) -> Look:
        """The marks that nearly all of its visible characters bear."""
        if not any(set(self.looks)):
            return PLAIN
        visible = [look for text, look in zip(self.text, self.looks, strict=True) if not text.isspace()]
        marks = frozenset().union(*visible) if visible else PLAIN
        return frozenset(mark for mark in marks if sum(mark in look for look in visible) * 10 >= len(visible) * 9)


def object_look(html: str) -> Look:
    return frozenset({_HTML + html})


def object_html(look: Look) -> str:
    """The HTML that an object's look holds."""
    return next((mark.removeprefix(_HTML) for mark in look if mark.startswith(_HTML)), "")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document and the number of the paragraph it stands in, from 1.

    ``heading`` tells that the document itself gives it the style of a heading.
    """

    rich: Rich
    paragraph: int
    heading: bool = False

    @property
    def text(self) -> str:
        return self.rich.text

    @property
    def place(self) -> Message:
        return Message(N_("Đoạn {paragraph}"), paragraph=self.paragraph)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of cells of lines. ``spans`` holds columns and rows of the cells that reach over several."""

    rows: list[list[list[Line]]]
    paragraph: int
    spans: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def lines(self) -> list[Line]:
        """Everything in it, row by row."""
        return [line for row in self.rows for cell in row for line in cell]

    def texts(self) -> list[list[str]]:
        return [["\n".join(line.text for line in cell).strip() for cell in row] for row in self.rows]


Block = Line | Table
