"""Emergency files as QR codes: the exam page cuts them into parts (``assets/exam/parts.js``), photos bring them here.

A part is a head of signs, ``TD1:<code>:<code of the whole>:<number>/<total>:``, and then bytes. All of a file make the
whole; it is an emergency file as any other, squeezed where the browser could. What is in it is sealed, so nothing here
has to be trusted.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import zxingcpp

from examapp.core.errors import Invalid
from examapp.core.words import _
from examapp.sittings.deliveries import MAX_FILE
from examapp.sittings.sealed import from_text, to_text
from examapp.sittings.settle import short_code
from question_bank.images import grey

MAX_PARTS = 99
MAX_PART = 1000
"""Bytes; a code holds about half of that."""
SHARP = 3000
"""Points of a photo's longer side from which more would not help to read a code."""
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_CODE = rb"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}"
_PART = re.compile(rb"TD1:(%b):(%b):([1-9][0-9]?)/([1-9][0-9]?):(.+)" % (_CODE, _CODE), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """What one QR code carries."""

    raw: bytes
    code: str
    """Of what was unsent, as the page shows it."""
    whole: str
    """The code of the bytes that all parts make."""
    number: int
    total: int
    data: bytes


@dataclass(frozen=True, slots=True)
class MissingParts(Exception):
    """Some of a file are there, and some are not."""

    code: str
    total: int
    numbers: tuple[int, ...]
    """Of those that are missing."""


class SeveralFiles(Invalid):
    """Parts of more than one file, none of which is whole."""


def read_part(raw: bytes) -> Part | None:
    """None where it is another QR code."""
    found = _PART.fullmatch(raw)
    if found is None or len(raw) > MAX_PART:
        return None
    code, whole, number, total, data = found.groups()
    if int(number) > int(total):
        return None
    return Part(raw, code.decode(), whole.decode(), int(number), int(total), data)


def parts_in(photo: bytes) -> list[Part]:
    """The parts in a photo, whatever else is on it; :class:`question_bank.images.ImageError` where it is none."""
    codes = zxingcpp.read_barcodes(grey(photo, SHARP), formats=_QR)
    return [part for code in codes if (part := read_part(bytes(code.bytes)))]


def joined(parts: Iterable[Part]) -> tuple[str, bytes]:
    """(code, emergency file) of one device, whatever the order and however often; :class:`MissingParts` while some are
    not there, and Invalid where they are not of one file, or not as they were shown. One that is whole is taken, though
    parts of another showing of the same answers lie beside it."""
    files: dict[tuple[str, int], dict[int, Part]] = {}
    for part in parts:
        files.setdefault((part.whole, part.total), {}).setdefault(part.number, part)
    codes = sorted({part.code for found in files.values() for part in found.values()})
    if not codes:
        raise Invalid(_("Không đọc được mã QR nào của trang bài thi trong ảnh."), advice=_how_to_photograph())
    if len(codes) > 1:
        raise SeveralFiles(
            _("Ảnh có mã QR của nhiều bài khác nhau: %(codes)s.", codes=", ".join(codes)),
            advice=_("Chưa nhận gì. Hãy gửi riêng ảnh của từng người; mã của bài ghi trên màn hình của người đó."),
        )
    for (whole, total), found in files.items():
        if len(found) == total:
            return codes[0], _file_of([found[number] for number in range(1, total + 1)], whole)
    if len(files) > 1:
        raise SeveralFiles(
            _("Ảnh có mã QR của hai lần hiện khác nhau của bài %(code)s nên không ghép được.", code=codes[0]),
            advice=_("Chưa nhận gì. Hãy mở mã QR trên máy đó rồi chụp lại tất cả các mã đang hiện."),
        )
    ((_whole, total), found) = files.popitem()
    raise MissingParts(codes[0], total, tuple(sorted({*range(1, total + 1)} - {*found})))


def _file_of(parts: Sequence[Part], whole: str) -> bytes:
    data = b"".join(part.data for part in parts)
    if short_code(data) != whole:
        raise not_as_shown()
    if data.startswith(b"{"):
        return data
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(data, MAX_FILE)
    except zlib.error:
        raise not_as_shown() from None
    if not unpacking.eof:
        raise not_as_shown()
    return content


def not_as_shown() -> Invalid:
    """Codes that no exam page showed so."""
    return Invalid(
        _("Nội dung các mã QR không khớp dấu niêm phong: đã bị sửa, hoặc không do hệ thống này tạo ra."),
        advice=_("Chưa nhận gì từ các ảnh này. Hãy chụp lại các mã trên chính máy đã làm bài và giữ nguyên máy đó."),
    )


def _how_to_photograph() -> str:
    return _("Hãy chụp thẳng, đủ sáng, thấy trọn viền trắng quanh mã, không lóa; mỗi ảnh một hoặc vài mã.")


def hold(parts: Iterable[Part]) -> str:
    """Parts as a text, for a form that is shown again until the others are there."""
    return ".".join(dict.fromkeys(to_text(part.raw) for part in parts))


def held(text: str) -> list[Part]:
    """The parts of such a text; what else it holds is passed over."""
    raws = [from_text(one) for one in text.split(".")[: MAX_PARTS * 2]]
    return [part for raw in raws if raw and (part := read_part(raw))]
