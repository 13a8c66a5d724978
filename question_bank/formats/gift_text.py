"""The escapes of GIFT, and its marked-up texts as plain ones."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from question_bank.question import clean_text

_ESCAPED = re.compile(r"\\([~=#{}:n\\])", re.DOTALL)
_TO_ESCAPE = re.compile(r"[~=#{}:\\]")
_MARKUP = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
_NEEDS_MARK = re.compile(r"[\[/%]|[^<&]*[<&]", re.DOTALL)
_EMPHASIS = re.compile(r"(\*\*|\*|`)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_HEADING = re.compile(r"^#{1,6}\s+", re.MULTILINE)
_BLOCKS = {"p", "div", "li", "ul", "ol", "tr", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"}


def find_unescaped(text: str, characters: str, start: int = 0) -> int | None:
    """The first place of one of ``characters`` that no backslash stands before."""
    for match in re.compile(rf"\\.|[{re.escape(characters)}]", re.DOTALL).finditer(text, start):
        if len(match.group()) == 1:
            return match.start()
    return None


def split_unescaped(text: str, markers: str) -> list[tuple[str, str]]:
    """``text`` cut before each unescaped marker: pairs of marker and what follows; the first has no marker."""
    parts = [("", "")]
    for match in re.finditer(rf"[{re.escape(markers)}]|(?:\\.|[^{re.escape(markers)}\\]|\\)+", text, re.DOTALL):
        if match.group() in markers:
            parts.append((match.group(), ""))
        else:
            parts[-1] = (parts[-1][0], parts[-1][1] + match.group())
    return parts


def escape(text: str) -> str:
    """``text`` for a GIFT file: one line, with a mark where its first characters or tags would be misread."""
    written = _TO_ESCAPE.sub(r"\\\g<0>", text).replace("\n", "\\n")
    return f"[plain]{written}" if _NEEDS_MARK.match(text) else written


def plain(text: str, markup: str = "moodle") -> tuple[str, str]:
    """``text`` of a GIFT file as plain text, and the markup it is in: its own mark or the one given."""
    mark = _MARKUP.match(text)
    if mark:
        markup, text = mark.group(1), text[mark.end() :]
    text = _ESCAPED.sub(lambda match: "\n" if match.group(1) == "n" else match.group(1), text)
    if markup == "html":
        text = _without_tags(text)
    elif markup == "markdown":
        text = _EMPHASIS.sub(r"\2", _HEADING.sub("", text))
    return clean_text(text), markup


def escape_field(text: str) -> str:
    return re.sub(r"[\\\]|]", r"\\\g<0>", " ".join(text.split()))


def field_parts(raw: str) -> list[str]:
    """The parts of a field's value, divided by ``|``."""
    joined = [part for _, part in split_unescaped(raw, "|")]
    return [clean_text(re.sub(r"\\(.)", r"\1", part)) for part in joined]


class _TextOnly(HTMLParser):
    """Collects the text of HTML; blocks and breaks become line ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" or tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")


def _without_tags(text: str) -> str:
    parser = _TextOnly()
    parser.feed(text)
    parser.close()
    return re.sub(r"\n\s*\n+", "\n", "".join(parser.parts))
