"""Words: Vietnamese is written in the source; English comes from one catalogue a room, ``english.po``.

The catalogues are read as they are (no compiled copies to keep in step). ``_`` translates now, ``_l`` later
(for form labels and other texts made before there is a request), ``N_`` only marks a text for extraction.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import current_app, has_request_context, request
from flask_babel import LazyString

LOCALES = {"vi": "Tiếng Việt", "en": "English"}
Speech = tuple[str, str]
"""A language, and what an exam is called in it."""
PACKAGES = Path(__file__).resolve().parents[2]


def locale() -> str:
    """The reader's language: chosen with the switch, kept in a cookie; Vietnamese otherwise."""
    return speech()[0]


def speech() -> Speech:
    """Language and :func:`exam_word` of the request, worked out once: a page asks for hundreds of texts."""
    if not has_request_context():
        return "vi", exam_word()
    known: dict[str, Speech] = request.environ
    if _KNOWN not in known:
        chosen = request.cookies.get("language", "vi")
        known[_KNOWN] = (chosen if chosen in LOCALES else "vi", exam_word())
    return known[_KNOWN]


_KNOWN = "thuocdo.words"


def catalogue_files() -> list[Path]:
    return sorted([*PACKAGES.glob("examapp/*/english.po"), *PACKAGES.glob("question_bank/english.po")])


@cache
def english() -> dict[str, tuple[str, ...]]:
    """All rooms' English texts together: Vietnamese → English (one form, or two where number matters)."""
    texts: dict[str, tuple[str, ...]] = {}
    for path in catalogue_files():
        with path.open("rb") as source:
            for message in read_po(source, locale="en"):
                found = message.string if isinstance(message.string, tuple | list) else [message.string]
                forms = [str(form or "") for form in found]
                key = str(message.id[0] if isinstance(message.id, tuple | list) else message.id)
                if key and all(forms):
                    texts[key] = tuple(forms)
    return texts


def gettext(text: str, **values: Any) -> str:
    """``text`` in the reader's language; ``values`` fill ``%(name)s`` places."""
    found = translated(text, *speech())
    return found % values if values else found


def translated(text: str, language: str, called: str) -> str:
    """``text`` in that language, with exams called as the organisation calls them."""
    return english().get(text, (text,))[0] if language == "en" else _as_called_here(text, called)


def ngettext(one: str, many: str, n: int, **values: Any) -> str:
    """Vietnamese has one form for all numbers; English has two. ``n`` fills ``%(n)s``."""
    language, called = speech()
    forms = english().get(one, (one, many)) if language == "en" else (_as_called_here(many, called),)
    return forms[0 if n == 1 else -1] % {"n": n, **values}


USUAL = "kỳ thi"


def _as_called_here(text: str, called: str) -> str:
    """Kỳ thi or kỳ kiểm tra, as the organisation chose; the sources say the usual word."""
    if called == USUAL:
        return text
    return text.replace(USUAL, called).replace(USUAL.capitalize(), called.capitalize())


def lazy_gettext(text: str, **values: Any) -> LazyString:
    return LazyString(gettext, text, **values)


def in_language(message: str) -> str:
    """A :class:`question_bank.messages.Message` in the reader's language; other strings as they are."""
    from question_bank.messages import Message

    return message.translated(gettext) if isinstance(message, Message) else message


def exam_word() -> str:
    """What the organisation calls an exam: kỳ thi or kỳ kiểm tra."""
    return str(current_app.config["SETTINGS"].exam_word) if current_app else USUAL


def N_(text: str) -> str:  # noqa: N802 - the customary name of the marker
    return text


_ = gettext
_l = lazy_gettext
