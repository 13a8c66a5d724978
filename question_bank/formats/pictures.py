"""Images inside HTML texts: taken in from data URIs and from files that came along, given out again when writing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from html import unescape
from urllib.parse import unquote

from question_bank.formats.base import Collector
from question_bank.messages import N_, Message

_SOURCE = re.compile(r"(<img\b[^<>\"']{0,50}(?:\"[^\"]*\"[^<>\"']{0,50}|'[^']*'[^<>\"']{0,50}){0,20}?\bsrc\s*=\s*)"
                     r"(?P<src>\"[^\"]*\"|'[^']*'|[^\s<>\"']+)", re.IGNORECASE)  # fmt: skip
_DATA = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*;base64,", re.IGNORECASE)
_NAMED = re.compile(r"media:([0-9a-f]{64})")
_MOST_TOLD = 20
_OF_FILE = "@@PLUGINFILE@@"
_TYPES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}

Files = Mapping[str, bytes | None]
"""The files beside a text by their names; ``None`` where the content could not be decoded."""


class Pictures:
    """Gives each image found in the texts of one question to the collector and names it by its digest."""

    def __init__(self, collector: Collector, place: str) -> None:
        self._collector = collector
        self._place = place
        self._told: set[str] = set()

    def named(self, html: str, files: Files | None = None) -> str:
        """``html`` with its images as ``media:…``; one that cannot be had is told and left without an address."""
        if "<img" not in html.lower():
            return html

        def replaced(found: re.Match[str]) -> str:
            address = unescape(found["src"].strip("\"'")).strip()
            name = self._name(address, files or {})
            return f'{found[1]}"media:{name}"' if name else f'{found[1]}""'

        return _SOURCE.sub(replaced, html)

    def _name(self, address: str, files: Files) -> str | None:
        if _DATA.match(address):
            data = decoded(address.split(",", 1)[1])
            return self._kept(data, N_("hình nhúng trong câu"))
        if address.startswith(_OF_FILE):
            name = unquote(address.removeprefix(_OF_FILE)).split("?")[0].rsplit("/", 1)[-1]
            return self._kept(files[name], name) if name in files else self._missing(name)
        return self._missing(address[:100])

    def _kept(self, data: bytes | None, name: str) -> str | None:
        if data is None:
            self._tell(N_("Hình “{name}” bị hỏng nên không nhập được: chèn lại hình sau khi nhập."), name)
            return None
        return self._collector.add_media(data, name, self._place)

    def _missing(self, name: str) -> str | None:
        self._tell(N_("Hình “{name}” không có trong tệp nên không nhập được: chèn hình sau khi nhập."), name)
        return None

    def _tell(self, template: str, name: str) -> None:
        """Once for each name, and not without end."""
        if name not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(name)
            self._collector.warning(Message(template, name=Message(name)), self._place)


def decoded(text: str) -> bytes | None:
    """The bytes of base64 text, blanks and line ends aside; ``None`` when it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def given_out(html: str, address: Callable[[str], str | None]) -> str:
    """``html`` with its images under the addresses that ``address`` gives for their digests; others are taken out."""

    def replaced(found: re.Match[str]) -> str:
        named = _NAMED.search(found[0])
        place = address(named[1]) if named else None
        return found[0].replace(f"media:{named[1]}", place) if named and place else ""

    return re.sub(r"<img\b[^<>]*>", replaced, html)


def data_uri(data: bytes) -> str:
    return f"data:image/{image_type(data)};base64,{base64.b64encode(data).decode()}"


def image_type(data: bytes) -> str:
    """What the first bytes say; PNG where they say nothing known."""
    return next((name for start, name in _TYPES.items() if data.startswith(start)), "png")
