"""Images of questions: made small, written anew without anything that came along, named by their digest."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from PIL import Image as Pillow
from PIL import ImageOps

from question_bank.messages import N_, Message

WIDEST, HIGHEST = 1200, 2400
HEAVIEST = 200_000
MOST_PIXELS = 40_000_000
_READ = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
_QUALITIES = (85, 75, 65, 50)
_SMALLEST = 200
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Image:
    """PNG or JPEG, ready to be shown."""

    data: bytes
    media_type: str
    sha256: str
    width: int
    height: int


class ImageError(Exception):
    """The file is no image that can be used; the message says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


def prepare(data: bytes) -> Image:
    """The image at a size for a page, re-encoded, the first frame only. What is prepared already stays as it is."""
    picture = _opened(data, "RGB", (WIDEST, HIGHEST))
    if picture.format == "JPEG" and _is_prepared(picture, data):
        return _image(data, picture)
    picture = _upright(picture)
    picture.thumbnail((WIDEST, HIGHEST), Pillow.Resampling.LANCZOS)
    encoded = _encoded(picture, "PNG")
    if len(encoded) <= HEAVIEST:
        return _image(encoded, picture)
    return _lighter(_without_transparency(picture))


def grey(data: bytes, longest: int) -> Pillow.Image:
    """The picture for a reader of codes, not to be kept: grey on white, no side longer than ``longest``."""
    picture = _without_transparency(_upright(_opened(data, "L", (longest, longest)))).convert("L")
    picture.thumbnail((longest, longest), Pillow.Resampling.LANCZOS)
    return picture


def _opened(data: bytes, mode: str, size: tuple[int, int]) -> Pillow.Image:
    """The picture, decoded to the end: a file that is cut off shows only then. One of a camera comes no larger than is
    needed for ``size``."""
    try:
        picture = Pillow.open(BytesIO(data), formats=_READ)
    except (Pillow.DecompressionBombWarning, Pillow.DecompressionBombError):
        raise _too_large() from None
    except Exception:
        raise ImageError(_why_not(data)) from None
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large()
    try:
        picture.draft(mode, size)
        picture.load()
    except Exception:  # decoders fail in many ways over damaged data
        raise _damaged() from None
    return picture


def _damaged() -> ImageError:
    return ImageError(Message(N_("Tệp ảnh hỏng hoặc không đầy đủ: cần lấy lại tệp gốc rồi tải lên.")))


def _too_large() -> ImageError:
    template = N_("Ảnh quá lớn: chỉ nhận ảnh đến {most} triệu điểm ảnh, cần thu nhỏ rồi tải lên.")
    return ImageError(Message(template, most=MOST_PIXELS // 1_000_000))


def _why_not(data: bytes) -> Message:
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        return Message(N_("Tệp ảnh trống: cần chọn tệp khác."))
    if b"<svg" in start or start.startswith((b"<?xml", b"<!doctype svg")):
        return Message(N_("Ảnh SVG không được nhận vì có thể chứa mã lệnh: cần lưu thành PNG hoặc JPEG."))
    if start.startswith((b"\xd7\xcd\xc6\x9a", b"\x01\x00\x00\x00")) or data[40:44] == b" EMF":
        return Message(N_("Ảnh WMF, EMF của Word không được nhận: cần dán lại thành ảnh PNG hoặc JPEG."))
    return Message(N_("Tệp không phải là ảnh đọc được: chỉ nhận PNG, JPEG, GIF, WebP, BMP và TIFF."))


def _upright(picture: Pillow.Image) -> Pillow.Image:
    """As the camera was held, in colours that every page shows."""
    with suppress(Exception):  # a note of the camera that cannot be read turns nothing
        picture = ImageOps.exif_transpose(picture)
    try:
        return _in_shown_colours(picture)
    except Exception:  # what came with the colours is decoded only now
        raise _damaged() from None


def _in_shown_colours(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode.startswith("I;"):  # in whichever order of bytes
        picture = picture.convert("I")
    if picture.mode in {"I", "F"}:  # sixteen bits for each grey
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")


def _without_transparency(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode != "RGBA":
        return picture
    paper = Pillow.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _lighter(picture: Pillow.Image) -> Image:
    """As JPEG with as much quality, then as much size, as the weight allows."""
    while True:
        for quality in _QUALITIES:
            encoded = _encoded(picture, "JPEG", quality)
            if len(encoded) <= HEAVIEST or max(picture.size) <= _SMALLEST:
                return _image(encoded, picture)
        picture = picture.resize((picture.width * 4 // 5 or 1, picture.height * 4 // 5 or 1))


def _encoded(picture: Pillow.Image, form: str, quality: int = 0) -> bytes:
    """The pixels and nothing else: what came with the file stays behind in ``info``."""
    bare = picture.copy()
    bare.info = {}
    out = BytesIO()
    bare.save(out, form, optimize=True, **({"quality": quality} if quality else {}))
    return out.getvalue()


def _image(data: bytes, picture: Pillow.Image) -> Image:
    media_type = _MEDIA_TYPES["PNG" if data.startswith(b"\x89PNG") else "JPEG"]
    return Image(data, media_type, hashlib.sha256(data).hexdigest(), picture.width, picture.height)


def _is_prepared(picture: Pillow.Image, data: bytes) -> bool:
    """Whether a JPEG is as this module writes it; writing it once more would lose quality and change its name.

    A PNG loses nothing and needs no such look.
    """
    small = picture.width <= WIDEST and picture.height <= HIGHEST and len(data) <= HEAVIEST
    return small and picture.mode in {"L", "RGB"} and _holds_only_pixels(data)


_PIXEL_SEGMENTS = {0xC0, 0xC4, 0xDB, 0xE0}  # frame, Huffman tables, quantisation, JFIF
_SCAN, _END = 0xDA, b"\xff\xd9"


def _holds_only_pixels(jpeg: bytes) -> bool:
    """No segment for anything else, and nothing behind the end."""
    place = 2
    while jpeg[place : place + 1] == b"\xff":
        kind, length = jpeg[place + 1], int.from_bytes(jpeg[place + 2 : place + 4], "big")
        if kind == _SCAN:
            return jpeg.find(_END, place) == len(jpeg) - len(_END)
        if kind not in _PIXEL_SEGMENTS or (kind == 0xE0 and length > 16):
            return False
        place += 2 + length
    return False
