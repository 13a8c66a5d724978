"""Images of questions: kept once by what they are, shown inside the page as data."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.files import store_file
from examapp.core.models import File, FileContent
from examapp.core.words import in_language

KIND = "question_image"


class Picture(NamedTuple):
    data: bytes
    media_type: str


def images_for(sha256s: Iterable[str]) -> dict[str, str]:
    """The images that are known, by digest, as addresses that hold the bytes: a page that has them needs no network."""
    return {sha256: as_address(picture) for sha256, picture in _pictures(sha256s)}


def as_address(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"


def type_of(data: bytes) -> str:
    """Of an image that was prepared, told by how it begins."""
    if data.startswith(b"\x89PNG"):
        return "image/png"
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "image/webp"


def image_bytes(sha256s: Iterable[str]) -> dict[str, bytes]:
    """The same as bytes, for files that carry them along."""
    return {sha256: picture.data for sha256, picture in _pictures(sha256s)}


def get_image(sha256: str) -> Picture:
    found = dict(_pictures([sha256]))
    if sha256 not in found:
        raise NotFound()
    return found[sha256]


def _pictures(sha256s: Iterable[str]) -> Iterator[tuple[str, Picture]]:
    """What is kept under these digests as images of questions; other files stay out of reach."""
    wanted = sorted(set(sha256s))
    if not wanted:
        return
    rows = db.session.execute(
        select(File.sha256, File.media_type, FileContent.data)
        .join(FileContent, FileContent.sha256 == File.sha256)
        .where(File.kind == KIND, File.sha256.in_(wanted))
    )
    for sha256, media_type, data in rows:
        yield sha256, Picture(data, media_type)


def keep_image(data: bytes, owner: Account | None) -> str:
    """Keep an image as it will be shown (small, without what a camera writes into it); its digest."""
    from question_bank.images import ImageError, prepare

    try:
        image = prepare(data)
    except ImageError as error:
        raise Invalid(in_language(error.args[0]), field="image") from None
    known = db.session.scalar(select(File.id).where(File.kind == KIND, File.sha256 == image.sha256).limit(1))
    if known is None:
        name = f"{image.sha256[:12]}.{image.media_type.removeprefix('image/')}"
        owner_id = owner.id if owner else None
        store_file(image.data, name=name, kind=KIND, media_type=image.media_type, owner_id=owner_id)
    return image.sha256
