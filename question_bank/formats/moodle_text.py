"""Texts of Moodle in its four markups, as the plain text and the rich form that a question keeps."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from question_bank import rich_text
from question_bank.question import clean_text

LONGEST = 300_000
"""Characters of one text; what is longer is no question and only costs time."""

_TAGS = "p|br|b|strong|i|em|u|s|sub|sup|ul|ol|li|table|tr|td|th|span|div|img|code|pre|h[1-6]|blockquote|a|font|center"
_HTML = re.compile(rf"</(?:{_TAGS})\s*>|<br\s*/?>|<img\s", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
_OWN_BLOCK = re.compile(r"\n(?=\s*</?(?:p|div|ul|ol|li|table|thead|tbody|tr|td|th|h[1-6]|blockquote)\b)", re.IGNORECASE)


class Marked(NamedTuple):
    text: str
    html: str


def marked(text: str, markup: str) -> Marked:
    """``text`` in the markup "html", "markdown", "plain" or "moodle", which is HTML where it looks so."""
    if markup == "html":
        return Marked(*rich_text.both(text))
    if markup == "markdown":
        return Marked(*rich_text.both(_from_markdown(text)))
    if markup == "moodle":
        return _automatic(text)
    return Marked(clean_text(text), "")


def plain(text: str, markup: str) -> str:
    """The plain text alone, where a question keeps no rich form."""
    return marked(text, markup).text


def _automatic(text: str) -> Marked:
    if _HTML.search(text):
        return Marked(*rich_text.both(_OWN_BLOCK.sub(" ", text.strip()).replace("\n", "<br>")))
    text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    return Marked(clean_text(text), rich_text.clean(rich_text.from_plain(text)) if _has_formula(text) else "")


def _has_formula(text: str) -> bool:
    """Whether marks of a formula open and close somewhere; what lies between is looked at later."""
    return any(-1 < text.find(begin) < text.rfind(end) for begin, end in (("\\(", "\\)"), ("\\[", "\\]")))


def _from_markdown(text: str) -> str:
    """The library is loaded for the rare file that needs it. Raw HTML stays and is cleaned with the rest."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
