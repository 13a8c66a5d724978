"""From lines that remember their looks to the two forms of a text: plain, and rich where looks or objects matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby

from question_bank import rich_text
from question_bank.formats.rich import OBJECT, PLAIN, Look, Rich, Table, object_html
from question_bank.question import clean_text

_TAGS = {"bold": "b", "italic": "i", "underline": "u", "sub": "sub", "sup": "sup"}
_STYLES = frozenset(_TAGS)
_FORMULA = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]|\$[^$\n]*[\\^_=][^$\n]*\$")
_DOLLARS = re.compile(r"\$([^$<>\n]{0,300}?[\\^_=][^$<>\n]{0,300}?)\$")


def both(lines: Sequence[Rich], ignored: Look = PLAIN) -> tuple[str, str]:
    """The plain and the rich form of lines; looks that all of them bear are how the document looks, and left out."""
    told = (_STYLES - ignored) - _common(lines)
    if not any(_says_more(line, told) for line in lines):
        return clean_text("\n".join(line.text for line in lines)), ""
    html = rich_text.clean("".join(_block(line, told) for line in lines))
    if not html:
        return clean_text("\n".join(line.text.replace(OBJECT, "") for line in lines)), ""
    return rich_text.plain(html), html


def _common(lines: Sequence[Rich]) -> Look:
    return Rich("".join(line.text for line in lines), tuple(look for line in lines for look in line.looks)).common()


def _says_more(line: Rich, told: Look) -> bool:
    """Whether the line has an object, or a look upon something else than blanks and points."""
    if OBJECT in line.text or _FORMULA.search(line.text):
        return True
    bearing = {look for look in set(line.looks) if look & told}
    return bool(bearing) and any(
        look in bearing and character.isalnum() for character, look in zip(line.text, line.looks, strict=True)
    )


def _block(line: Rich, told: Look) -> str:
    html = inline(line, told)
    return html if html.startswith("<table") and html.endswith("</table>") else f"<p>{html}</p>"


def inline(line: Rich, told: Look = _STYLES) -> str:
    """One line as HTML, with the looks in ``told`` and its objects."""
    parts: list[str] = []
    characters = zip(line.text, line.looks, strict=True)
    for look, run in groupby(characters, key=lambda pair: pair[1] if pair[0] == OBJECT else pair[1] & told):
        text = "".join(character for character, _ in run)
        if OBJECT in text:
            parts.append(object_html(look) * text.count(OBJECT))
            continue
        tags = [_TAGS[name] for name in _TAGS if name in look] if any(map(str.isalnum, text)) else []
        opening, closing = "".join(f"<{tag}>" for tag in tags), "".join(f"</{tag}>" for tag in reversed(tags))
        parts.append(f"{opening}{escape(text, quote=False)}{closing}")
    return _DOLLARS.sub(r"\\(\1\\)", "".join(parts))


def table_html(table: Table) -> str:
    """The table as HTML; cells that others reach over are left out."""
    rows = []
    for row, cells in enumerate(table.rows):
        written = []
        for column, lines in enumerate(cells):
            across, down = table.spans.get((row, column), (1, 1))
            if down == 0:
                continue
            spans = (f' colspan="{across}"' if across > 1 else "") + (f' rowspan="{down}"' if down > 1 else "")
            content = "<br>".join(inline(line.rich) for line in lines if line.text)
            written.append(f"<td{spans}>{content}</td>")
        rows.append(f"<tr>{''.join(written)}</tr>")
    return f"<table><tbody>{''.join(rows)}</tbody></table>"
