"""Rich text: HTML by an allow-list, images by digest, formulas as LaTeX between ``\\(`` and ``\\)``.

A rich text is kept beside its plain form and never instead of it. It is cleaned at the door (:func:`clean`)
and once more when shown (:func:`shown`), where images and formulas take their visible form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape

import nh3

from question_bank.messages import N_, Message
from question_bank.plain_text import PlainText, alt_of, told
from question_bank.question import MEDIA, clean_text

TAGS = frozenset(
    re.findall(r"\w+", "p br b strong i em u s sub sup ul ol li table thead tbody tr th td img code blockquote")
)
_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "img": {"src", "alt"}}
_MOST_CELLS = 20
"""How far a cell may span: a table of a question has no more columns."""

_DEEPEST = 6
"""How many empty elements in each other are taken away."""

_READINGS = 4
"""How often a text with a table is read again: what stands in a table where it may not is moved before it, and what
comes of that may be moved once more."""

_MOST_TAGS = 5_000
"""A text with more is no question; reading very deep lists takes longer than is good, so only their words are kept."""

_MOST_REFERENCES = 20_000
"""The same for ``&nbsp;`` and its like: reading very many takes longer with the square of their number."""

_TAG = re.compile(r"<[^>]*>")
_RENAMED = {
    **dict.fromkeys(
        re.findall(r"\w+", "div h1 h2 h3 h4 h5 h6 section article header footer figure figcaption dl dt dd pre"), "p"
    ),
    "del": "s",
    "strike": "s",
    "ins": "u",
}
_RENAMED_TAG = re.compile(rf"<(/?)({'|'.join(_RENAMED)})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_SOURCE = re.compile(r' src="media:[0-9a-f]{64}"')
_AROUND_BLOCKS = re.compile(r"\s*(</?(?:p|br|ul|ol|li|table|thead|tbody|tr|th|td|blockquote)(?: [^>]*)?>)\s*")
_MARKS_FIRST = re.compile("^[\\s\u0300-\u036f]+")
_EMPTY = re.compile(r"<(p|b|strong|i|em|u|s|sub|sup|code|blockquote|ul|ol|li)>(\s?)(?:<br>)*</\1>")
_BLANKS = re.compile(r" {2,}")
"""Where an empty element was there may be one on each side."""
_BLOCKS = frozenset(["p", "blockquote", "ul", "ol", "li"])
_INSIDE = r"(?:\\\\|\\(?![\\(\[])|[^\\]){1,1000}?"
"""Of a formula: where another one begins this one has no end, so many beginnings without an end are read quickly."""
_FORMULA = re.compile(rf"\\\((?P<inline>{_INSIDE})\\\)|\\\[(?P<block>{_INSIDE})\\\]")
_PLAIN_TAGS = re.compile(r"</?(?:p|br)>")


def clean(html: str) -> str:
    """What may be kept of ``html``; empty when a plain text says the same.

    That is when nothing is left, or neither markup beyond paragraphs and line breaks nor a formula is.
    """
    return _worth_keeping(_sanitised(html))


def both(html: str) -> tuple[str, str]:
    """The plain text and its rich form, as a question keeps them."""
    kept = _sanitised(html)
    return PlainText().read(_pieces(kept)), _worth_keeping(kept)


def _worth_keeping(html: str) -> str:
    return html if _TAG.search(_PLAIN_TAGS.sub("", html)) or _FORMULA.search(html) else ""


def from_plain(text: str) -> str:
    """The text as one paragraph with its line breaks; :func:`plain` gives it back."""
    text = clean_text(text)
    return f"<p>{escape(text, quote=False).replace(chr(10), '<br>')}</p>" if text else ""


def media(html: str) -> tuple[str, ...]:
    """Digests of the images in a text, each once, in their order."""
    return tuple(dict.fromkeys(MEDIA.findall(html)))


def plain(html: str) -> str:
    """The text for lists, search and everything without markup: items as "- …", cells joined by " | "."""
    return PlainText().read(_pieces(_sanitised(html)))


def shown(html: str, images: Mapping[str, str]) -> str:
    """The text as a page shows it; ``images`` gives the data URI for each digest.

    An image that is missing is told by its description, a formula that cannot be read stays as written.
    """
    parts = _pieces(_sanitised(html))
    return "".join(_shown_image(part, images) if is_tag else _with_formulas(part) for part, is_tag in parts)


def check(html: str) -> list[Message]:
    """What a person must mend in a rich text before others read it."""
    problems = []
    pieces = list(_pieces(_sanitised(html)))
    nameless = sum(1 for part, is_tag in pieces if is_tag and part.startswith("<img") and not alt_of(part).strip())
    if nameless:
        template = N_(
            "Có {count} hình chưa có lời mô tả: cần ghi hình cho thấy gì để người không nhìn thấy hình hiểu được."
        )
        problems.append(Message(template, count=nameless))
    for part, is_tag in pieces:
        for found in [] if is_tag else _FORMULA.finditer(part):
            latex, _ = _latex(found)
            if _mathml(latex, "inline") is None:
                template = N_("Công thức “{formula}” không đọc được: cần sửa lại cách viết LaTeX.")
                problems.append(Message(template, formula=latex[:60]))
    return problems


def _sanitised(html: str) -> str:
    """Only allowed tags and attributes, and images only by digest. The result holds no ``<`` or ``>`` but of tags."""
    html = html.encode("utf-8", "ignore").decode()  # half a pair of surrogates is no character
    if html.count("<") > _MOST_TAGS or html.count("&") > _MOST_REFERENCES:
        return _text(escape(unescape(re.sub(r"<[^<>]*>", " ", html)), quote=False)).strip()
    html = _RENAMED_TAG.sub(lambda found: f"<{found[1]}{_RENAMED[found[2].lower()]}>", html)
    kept = _read_once(html)
    for _ in range(_READINGS if "<table" in kept else 0):
        before, kept = kept, _read_once(kept)
        if kept == before:
            break
    return kept


def _read_once(html: str) -> str:
    kept = nh3.clean(
        html,
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"media"},
        link_rel=None,
    )
    pieces = _pieces(kept)
    kept = "".join(part if is_tag else _text(part) for part, is_tag in pieces if not is_tag or _is_kept(part))
    for _ in range(_DEEPEST):
        before, kept = kept, _EMPTY.sub(_instead, _AROUND_BLOCKS.sub(r"\1", kept)).strip()
        kept = _BLANKS.sub(" ", kept)
        if kept == before:
            break
    return kept


def _instead(empty: re.Match[str]) -> str:
    """What stays of an empty element: its blank, or the line break that a paragraph between two words was."""
    if empty[1] not in _BLOCKS:
        return empty[2]
    start, end = empty.span()
    before, after = empty.string[max(0, start - 1) : start], empty.string[end : end + 1]
    return "<br>" if before not in {"", ">"} and after not in {"", "<"} else ""


def _is_kept(tag: str) -> bool:
    return not tag.startswith("<img") or _SOURCE.search(tag) is not None


def _text(part: str) -> str:
    """One text between tags, composed by itself: across a tag a mark could melt with its ``>`` and open it."""
    part = part.replace("&nbsp;", " ")
    words = _MARKS_FIRST.sub("", clean_text(part)).split()
    first, last = (" " if part[place].isspace() else "" for place in (0, -1))
    return f"{first}{' '.join(words)}{last}" if words else " "


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if MEDIA.fullmatch(value) else None
    if name == "alt":
        return " ".join(clean_text(value).split())
    return value if value.isascii() and value.isdigit() and 1 < int(value[:4]) <= _MOST_CELLS else None


def _pieces(html: str) -> Iterator[tuple[str, bool]]:
    """The tags and the texts between them, each told whether it is a tag."""
    end = 0
    for found in _TAG.finditer(html):
        if found.start() > end:
            yield html[end : found.start()], False
        yield found[0], True
        end = found.end()
    if end < len(html):
        yield html[end:], False


def _shown_image(tag: str, images: Mapping[str, str]) -> str:
    if not tag.startswith("<img"):
        return tag
    alt = alt_of(tag)
    uri = images.get(media(tag)[0], "")
    if not uri.startswith("data:image/"):
        return escape(told(alt))
    return f'<img src="{escape(uri)}" alt="{escape(alt)}">'


def _with_formulas(text: str) -> str:
    return _FORMULA.sub(lambda found: _mathml(*_latex(found)) or found[0], text)


def _latex(found: re.Match[str]) -> tuple[str, str]:
    block = found["block"]
    return unescape(found["inline"] or block).strip(), "inline" if block is None else "block"


def _mathml(latex: str, display: str) -> str | None:
    """The library is read when the first formula is met, and only then."""
    from question_bank.formulas import mathml

    return mathml(latex, display)
