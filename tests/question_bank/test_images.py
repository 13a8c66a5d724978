"""Images at the door: small, bare, safe."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import PngImagePlugin

from question_bank.images import HEAVIEST, HIGHEST, WIDEST, ImageError, grey, prepare


def encoded(picture: Pillow.Image, form: str, **how: Any) -> bytes:
    out = BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def noise(width: int, height: int) -> Pillow.Image:
    return Pillow.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_small_drawing_becomes_png_of_the_same_size(form: str) -> None:
    image = prepare(encoded(Pillow.new("RGB", (30, 20), "red"), form))

    assert (image.width, image.height) == (30, 20)
    assert image.media_type in {"image/png", "image/jpeg"}
    assert Pillow.open(BytesIO(image.data)).size == (30, 20)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "I", "F"])
def test_every_kind_of_colours_is_read(mode: str) -> None:
    form = "TIFF" if mode in {"I", "F"} else "PNG"

    assert prepare(encoded(Pillow.new(mode, (9, 7)), form)).media_type == "image/png"


def test_a_photograph_is_made_small_and_light() -> None:
    image = prepare(encoded(noise(2400, 1200), "JPEG", quality=95))

    assert (image.width, image.height, image.media_type) == (WIDEST, WIDEST // 2, "image/jpeg")
    assert len(image.data) <= HEAVIEST


def test_a_strip_keeps_within_the_height() -> None:
    assert prepare(encoded(Pillow.new("L", (2, 9000)), "PNG")).height == HIGHEST


def test_what_is_prepared_stays_as_it_is() -> None:
    for data in (encoded(noise(900, 700), "PNG"), encoded(Pillow.new("RGBA", (40, 40), (1, 2, 3, 4)), "PNG")):
        once = prepare(data)

        assert prepare(once.data) == once


def test_nothing_that_came_along_is_kept() -> None:
    camera = Pillow.Exif()
    camera[0x010F] = "Máy ảnh của ông A"
    camera[0x0112] = 6  # turned by a quarter
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "ong-a")
    photograph = encoded(noise(300, 200), "JPEG", exif=camera, comment=b"ong-a")
    drawing = encoded(Pillow.new("RGB", (30, 20)), "PNG", pnginfo=text)
    with_tail = prepare(encoded(noise(900, 700), "PNG")).data + b"<script>ong-a</script>"

    turned = prepare(photograph)

    assert (turned.width, turned.height) == (200, 300)
    for data in (turned.data, prepare(drawing).data, prepare(with_tail).data):
        assert not any(trace in data for trace in (b"ng A", b"ong-a", b"Exif", b"script"))


@pytest.mark.parametrize(
    "exif", [b"II*\0", b"Exif\0\0II*\0", b"MM\0*\0\0\0\x08\xff\xff\x01", b"not what it says it is"]
)
@pytest.mark.parametrize("form", ["WEBP", "PNG", "JPEG"])
def test_a_note_of_the_camera_that_cannot_be_read_turns_nothing(form: str, exif: bytes) -> None:
    data = encoded(noise(30, 20), form, exif=exif)

    image = prepare(data)

    assert (image.width, image.height) == grey(data, 1000).size == (30, 20)
    assert exif not in image.data


@pytest.mark.parametrize("order", ["I;16", "I;16B"])
def test_greys_of_sixteen_bits_are_read_in_either_order_of_bytes(order: str) -> None:
    halves = b"".join(level.to_bytes(2, "big" if order == "I;16B" else "little") * 4 for level in (0x4000, 0xC000))
    data = encoded(Pillow.frombytes(order, (4, 2), halves), "TIFF")

    image = Pillow.open(BytesIO(prepare(data).data))

    assert [image.getpixel((0, row)) for row in (0, 1)] == [0x40, 0xC0]
    assert grey(data, 100).getpixel((0, 1)) == 0xC0


def test_of_a_moving_image_the_first_frame_stays() -> None:
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "blue")]

    image = prepare(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    assert Pillow.open(BytesIO(image.data)).convert("RGB").getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "trống"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "SVG"),
        (b"\xd7\xcd\xc6\x9a" + bytes(60), "WMF"),
        (b"%PDF-1.7", "không phải là ảnh"),
        (encoded(noise(200, 200), "PNG")[:5000], "không đầy đủ"),
        (encoded(noise(200, 200), "JPEG")[:5000], "không đầy đủ"),
        (encoded(Pillow.new("1", (7000, 7000)), "PNG"), "quá lớn"),
        (encoded(Pillow.new("1", (20_000, 20_000)), "PNG"), "quá lớn"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(data: bytes, told: str) -> None:
    with pytest.raises(ImageError, match=told):
        prepare(data)


@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x20\x00\x00\x00WEBP"]),
)
@settings(max_examples=100)
def test_any_bytes_are_an_image_or_an_error(data: bytes, start: bytes) -> None:
    with pytest.raises(ImageError):
        prepare(start + data)
