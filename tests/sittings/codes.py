"""QR codes of an exam page and photos of them: what ``assets/exam/parts.js`` and ``qr.js`` do, in Python."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from io import BytesIO

import segno
from PIL import Image

from examapp.sittings.settle import short_code

ROOM = 460


def cut(code: str, data: bytes, room: int = ROOM) -> list[bytes]:
    """The parts of a file, as the page makes them."""
    total = -(-len(data) // room)
    size = -(-len(data) // total)
    whole = short_code(data)
    return [f"TD1:{code}:{whole}:{n + 1}/{total}:".encode() + data[n * size : (n + 1) * size] for n in range(total)]


def squeezed(data: bytes) -> bytes:
    return zlib.compress(data)


def photo(*parts: bytes, form: str = "PNG", scale: int = 4) -> bytes:
    """One picture with the codes of these parts beside each other."""
    codes = [_drawn(part, scale) for part in parts]
    wide, high = sum(one.width for one in codes) or 300, max([one.height for one in codes] or [300])
    picture = Image.new("L", (wide, high), 255)
    at = 0
    for one in codes:
        picture.paste(one, (at, 0))
        at += one.width
    return encoded(picture, form)


def _drawn(part: bytes, scale: int) -> Image.Image:
    out = BytesIO()
    code = segno.make(part, error="m", mode="byte", boost_error=False, micro=False)
    code.save(out, kind="png", scale=scale, border=4)
    return Image.open(out).convert("L")


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    out = BytesIO()
    picture.save(out, form)
    return out.getvalue()


def uploads(photos: Sequence[bytes]) -> list[tuple[BytesIO, str]]:
    return [(BytesIO(data), f"anh-{number}.jpg") for number, data in enumerate(photos, start=1)]
