"""Texts of cells in their two forms: what bold, raised and lowered letters, formulas and images a cell can carry."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from itertools import groupby

from question_bank import rich_text
from question_bank.formats.excel_rows import Shown
from question_bank.formats.html_blocks import HtmlTable, blocks_of
from question_bank.formats.paper_html import both
from question_bank.formats.rich import OBJECT, PLAIN, Look, Rich, object_html, object_look
from question_bank.plain_text import alt_of, told

Keep = Callable[[bytes, str], str | None]
"""Takes an image and what it shows; gives the name it is kept under, if it can be."""
Pieces = list[tuple[str, Look]]
_TOLD = re.compile(r"\[Hình(?:: [^\[\]]*)?\]")
_FORMULA = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)


def texts_of(
    text: str, shown: Shown | None, image: Callable[[bytes, str], str | None], ignored: Look = PLAIN
) -> tuple[str, str]:
    """The plain and the rich form of a cell."""
    if shown is None:
        return formulas(text)
    pieces = shown.runs or [(text, PLAIN)]
    names: dict[str, list[str]] = {}
    for picture in shown.pictures:
        name = image(picture.data, picture.alt)
        if name is not None:
            names.setdefault(told(picture.alt), []).append(_image(name, picture.alt))
    return both(_lines(pieces, names), ignored)


def _image(name: str, alt: str) -> str:
    return f'<img src="media:{name}" alt="{escape(alt)}">'


def formulas(text: str) -> tuple[str, str]:
    """A cell that shows nothing but its text may still hold formulas."""
    if "\\" not in text or not _FORMULA.search(text):
        return text, ""
    html = rich_text.clean(rich_text.from_plain(text))
    return (text, html) if html and rich_text.plain(html) == text else (text, "")


def _lines(pieces: Pieces, images: dict[str, list[str]]) -> list[Rich]:
    """The lines of a cell, with its images where their descriptions stand in the text, or at the end."""
    waiting = {name: list(htmls) for name, htmls in images.items()}
    split: list[Pieces] = [[]]
    for text, look in pieces:
        first, *others = text.replace("\r\n", "\n").split("\n")
        split[-1].append((first, look))
        split += [[(other, look)] for other in others]
    lines = [_with_images(Rich.of(line).strip(), waiting) for line in split]
    rest = [Rich.object(html) for htmls in waiting.values() for html in htmls]
    return [line for line in [*lines, *rest] if line.text]


def _with_images(line: Rich, waiting: dict[str, list[str]]) -> Rich:
    if not waiting or "[Hình" not in line.text:
        return line
    text, looks, end = "", [], 0
    for found in _TOLD.finditer(line.text):
        if not waiting.get(found[0]):
            continue
        html = waiting[found[0]].pop(0)
        text += line.text[end : found.start()] + OBJECT
        looks += [*line.looks[end : found.start()], object_look(html)]
        end = found.end()
    return Rich(text + line.text[end:], (*looks, *line.looks[end:]))


def pieces_of(html: str, plain: str) -> tuple[Pieces, list[str]]:
    """What a cell can show of a text, and its images (as HTML) in their order; a table is told in plain words."""
    blocks = blocks_of(html, plain)
    if any(isinstance(block, HtmlTable) for block in blocks):
        return [(plain, PLAIN)], re.findall(r"<img [^<>]*>", html)
    pieces: Pieces = []
    images: list[str] = []
    for number, block in enumerate(block for block in blocks if not isinstance(block, HtmlTable)):
        pieces += [("\n", PLAIN)] if number else []
        for text, look in block:
            if text == OBJECT:
                images.append(object_html(look))
                pieces.append((told(alt_of(images[-1])), PLAIN))
            else:
                pieces.append((text, look))
    return _joined(pieces), images


def _joined(pieces: Sequence[tuple[str, Look]]) -> Pieces:
    """Neighbours of one look as one piece."""
    runs = groupby(pieces, key=lambda piece: piece[1])
    return [(text, look) for look, run in runs if (text := "".join(text for text, _ in run))]


def read_back(html: str, plain: str) -> tuple[str, str]:
    """Both forms as they are after writing and reading."""
    if not html:
        return formulas(plain)
    pieces, images = pieces_of(html, plain)
    named: dict[str, list[str]] = {}
    for image in images:
        named.setdefault(told(alt_of(image)), []).append(image)
    if not images and all(look == PLAIN for _, look in pieces):
        return formulas("".join(text for text, _ in pieces))
    return both(_lines(pieces, named))
