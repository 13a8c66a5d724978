"""The escapes of GIFT, and its texts with their mark of markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape as escape_html

from question_bank.formats.moodle_text import Marked, marked
from question_bank.formats.pictures import Pictures
from question_bank.question import clean_text

_ESCAPED = re.compile(r"\\([~=#{}:n\\])", re.DOTALL)
_TO_ESCAPE = re.compile(r"[~=#{}:\\]")
_MARKUP = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
_NEEDS_MARK = re.compile(r"[\[/%]")


def find_unescaped(text: str, characters: str, start: int = 0) -> int | None:
    """The first place of one of ``characters`` that no backslash stands before."""
    for match in re.compile(rf"\\.|[{re.escape(characters)}]", re.DOTALL).finditer(text, start):
        if len(match.group()) == 1:
            return match.start()
    return None


def split_unescaped(text: str, markers: str) -> list[tuple[str, str]]:
    """``text`` cut before each unescaped marker: pairs of marker and what follows; the first has no marker."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for match in re.finditer(rf"[{re.escape(markers)}]|(?:\\.|[^{re.escape(markers)}\\]|\\)+", text, re.DOTALL):
        if match.group() in markers:
            parts.append((match.group(), []))
        else:
            parts[-1][1].append(match.group())
    return [(marker, "".join(pieces)) for marker, pieces in parts]


@dataclass(frozen=True, slots=True)
class Texts:
    """Reads the texts of one question: in their own markup, or in ``markup`` where they have no mark."""

    markup: str = "moodle"
    pictures: Pictures | None = None

    def read(self, text: str) -> Marked:
        text, markup = unmarked(text, self.markup)
        if self.pictures and markup in ("html", "moodle", "markdown"):
            text = self.pictures.named(text)
        return marked(text, markup)

    def plain(self, text: str) -> str:
        return self.read(text).text


def unmarked(text: str, markup: str) -> tuple[str, str]:
    """``text`` without its mark and escapes, and the markup it is in."""
    mark = _MARKUP.match(text)
    if mark:
        markup, text = mark.group(1), text[mark.end() :]
    return _ESCAPED.sub(lambda match: "\n" if match.group(1) == "n" else match.group(1), text), markup


def write_text(text: str, html: str = "", markup: str = "moodle") -> str:
    """The text for a GIFT file, on one line, with a mark where ``markup`` would not give the same back."""
    if html:
        return _escape(html) if markup == "html" else f"[html]{_escape(html)}"
    bare = markup != "html" and not _NEEDS_MARK.match(text) and marked(text, markup) == (text, "")
    return _escape(text) if bare else f"[plain]{_escape(text)}"


def write_left(text: str, html: str, markup: str) -> str:
    """The left side of a pair, which ends at the first arrow: an arrow of its own is written as HTML."""
    if "->" not in (html or text):
        return write_text(text, html, markup)
    html = (html or escape_html(text, quote=False).replace("\n", "<br>")).replace("->", "-&gt;")
    return write_text(text, html, markup)


def _escape(text: str) -> str:
    return _TO_ESCAPE.sub(r"\\\g<0>", text).replace("\n", "\\n")


def last_of_path(category: str) -> str:
    """The name of a category without those above it; a slash of its own is written twice."""
    return clean_text(re.split(r"(?<!/)/(?!/)", category)[-1].replace("//", "/"))


def comments(line: str) -> Iterator[str]:
    """The contents of the square brackets in a comment line, "name:value" each."""
    for match in re.finditer(r"\[([a-z]{2,10}:(?:\\.|[^\]\\])*)\]", line):
        yield match.group(1)
