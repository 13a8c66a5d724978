"""The file that goes from one installation to another: a zip whose manifest names every member by its digest and is
signed. Nothing of it is believed before the signature has been verified and every member has been held to the manifest.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from examapp.bank.exchange import signing, strict
from examapp.bank.exchange.contents import (
    PackedDocument,
    PackedPosition,
    PackedQuestion,
    PackedStatistic,
    PackedTopic,
)
from examapp.bank.models import BankKind
from examapp.core.errors import Invalid
from examapp.core.words import _, in_language
from question_bank.formats.archives import check_zip
from question_bank.formats.base import UnreadableFileError
from question_bank.question import canonical_json

FORMAT, VERSION = "thuocdo-exchange", 1
EXTENSION = ".thuocdo"
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
QUESTIONS, TOPICS, DOCUMENTS, STATISTICS = "questions.jsonl", "topics.json", "documents.json", "statistics.jsonl"
MEDIA = "media/"
MOST_QUESTIONS = 20_000
MOST_STATISTICS = 500_000
MOST_OF_OTHERS = 20_000
MOST_IMAGES = 4_000
DEEPEST = 20
"""Topics above each other."""
LARGEST_IMAGE = 5 * 2**20
LARGEST_LINE = 8 * 2**20
LARGEST = 250 * 2**20
"""Bytes of all members together."""

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is to be packed."""

    origin: str
    made_by: str
    made_at: datetime
    bank: BankKind
    questions: Sequence[PackedQuestion]
    topics: Sequence[PackedTopic]
    positions: Sequence[PackedPosition]
    documents: Sequence[PackedDocument]
    statistics: Sequence[PackedStatistic]
    media: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package says of itself."""

    origin: str
    made_by: str
    made_at: datetime
    bank: BankKind
    counts: Mapping[str, int]
    members: Mapping[str, str]
    """SHA-256 of every member by its name; the manifest and its signature are not among them."""


def write_package(contents: Contents, key: Ed25519PrivateKey) -> bytes:
    """The signed file."""
    _check_amount(contents)
    members = _members(contents)
    manifest = canonical_json(
        {
            "format": FORMAT,
            "version": VERSION,
            "origin": contents.origin,
            "made_by": contents.made_by,
            "made_at": contents.made_at.isoformat(),
            "bank": contents.bank.value,
            "counts": _counts(contents),
            "members": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
        }
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {MANIFEST: manifest, SIGNATURE: signing.sign(manifest, key), **members}.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name.startswith(MEDIA) else None)
    return out.getvalue()


def _check_amount(contents: Contents) -> None:
    """What could not be read again is not written."""
    for found, most in (
        (len(contents.questions), MOST_QUESTIONS),
        (len(contents.media), MOST_IMAGES),
        (len(contents.statistics), MOST_STATISTICS),
    ):
        if found > most:
            raise Invalid(_("Gói quá lớn: hãy lọc hẹp hơn rồi lập nhiều gói."), field="position")


def _counts(contents: Contents) -> dict[str, int]:
    return {
        "questions": len(contents.questions),
        "versions": sum(len(question.versions) for question in contents.questions),
        "topics": len(contents.topics),
        "documents": len(contents.documents),
        "statistics": len(contents.statistics),
        "media": len(contents.media),
    }


def _members(contents: Contents) -> dict[str, bytes]:
    topics = {
        "topics": [topic.as_json() for topic in contents.topics],
        "positions": [position.as_json() for position in contents.positions],
    }
    return {
        QUESTIONS: _lines(contents.questions),
        TOPICS: canonical_json(topics),
        DOCUMENTS: canonical_json([document.as_json() for document in contents.documents]),
        STATISTICS: _lines(contents.statistics),
        **{f"{MEDIA}{sha256}": data for sha256, data in sorted(contents.media.items())},
    }


def _lines(parts: Sequence[PackedQuestion] | Sequence[PackedStatistic]) -> bytes:
    return b"".join(canonical_json(part.as_json()) + b"\n" for part in parts)


class Package:
    """A file whose signature holds and whose members are those of its manifest."""

    def __init__(self, data: bytes) -> None:
        """Raises :class:`Invalid` for a file that is none, or that was changed after it had been signed."""
        _check_archive(data)
        self._archive = zipfile.ZipFile(BytesIO(data))
        self.names = frozenset(self._archive.namelist())
        if not {MANIFEST, SIGNATURE, QUESTIONS, TOPICS, DOCUMENTS, STATISTICS} <= self.names:
            raise Invalid(_("Tệp này không phải gói trao đổi ngân hàng câu hỏi."), field="file")
        written = self._member(MANIFEST)
        try:
            self.fingerprint = signing.verify(written, self._member(SIGNATURE))
        except ValueError:
            raise Invalid(
                _("Chữ ký của gói không đúng: gói đã bị sửa hoặc hỏng. Hãy xin lại gói từ nơi gửi."), field="file"
            ) from None
        self.manifest = _read_manifest(written)
        self._hold_to_manifest()

    def _member(self, name: str) -> bytes:
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError, KeyError):
            raise Invalid(
                _("Gói bị hỏng ở phần “%(name)s”. Hãy xin lại gói từ nơi gửi.", name=name), field="file"
            ) from None

    def _hold_to_manifest(self) -> None:
        members = self.manifest.members
        for name in sorted(self.names.symmetric_difference({*members, MANIFEST, SIGNATURE})):
            message = _("Gói thiếu hoặc thừa phần “%(name)s” so với bản kê đã ký nên không được nhận.", name=name[:80])
            raise Invalid(message, field="file")
        for name, digest in members.items():
            if hashlib.sha256(self._member(name)).hexdigest() != digest:
                message = _("Phần “%(name)s” của gói đã bị sửa sau khi ký nên gói không được nhận.", name=name)
                raise Invalid(message, field="file")
            if name.startswith(MEDIA) and name != f"{MEDIA}{digest}":
                raise _malformed(name)

    def questions(self) -> Iterator[tuple[int, PackedQuestion | None]]:
        """Each with its line; ``None`` stands for one that does not have the form of a question."""
        for number, line in enumerate(self._lines(QUESTIONS, MOST_QUESTIONS), start=1):
            try:
                found: PackedQuestion | None = PackedQuestion.read(strict.parse(line))
            except (ValueError, RecursionError):
                found = None
            yield number, found

    def statistics(self) -> list[PackedStatistic]:
        lines = self._lines(STATISTICS, MOST_STATISTICS)
        return _all(STATISTICS, lambda: [PackedStatistic.read(strict.parse(line)) for line in lines])

    def topics(self) -> list[PackedTopic]:
        return self._listed(TOPICS, lambda data: _as_tree(_of(data, "topics", PackedTopic.read)))

    def positions(self) -> list[PackedPosition]:
        return self._listed(TOPICS, lambda data: _of(data, "positions", PackedPosition.read))

    def documents(self) -> list[PackedDocument]:
        return self._listed(
            DOCUMENTS, lambda data: [PackedDocument.read(one) for one in strict.items(data, MOST_OF_OTHERS)]
        )

    def image(self, sha256: str) -> bytes | None:
        """The bytes of an image that the package carries along."""
        return self._member(f"{MEDIA}{sha256}") if f"{MEDIA}{sha256}" in self.names else None

    def _listed(self, name: str, read: Callable[[Any], list[Part]]) -> list[Part]:
        return _all(name, lambda: read(strict.parse(self._member(name))))

    def _lines(self, name: str, most: int) -> list[bytes]:
        data = self._member(name)
        if data and not data.endswith(b"\n"):
            raise _malformed(name)
        lines = data.split(b"\n")[:-1]
        if len(lines) > most or any(len(line) > LARGEST_LINE for line in lines):
            raise Invalid(_("Gói quá lớn: hãy đề nghị nơi gửi lập nhiều gói nhỏ hơn."), field="file")
        return lines


def _all(name: str, read: Callable[[], list[Part]]) -> list[Part]:
    try:
        return read()
    except (ValueError, RecursionError):
        raise _malformed(name) from None


def _of(data: Any, name: str, read: Callable[[Any], Part]) -> list[Part]:
    both = strict.mapping(data, ("topics", "positions"))
    return [read(one) for one in strict.items(both[name], MOST_OF_OTHERS)]


def _as_tree(topics: list[PackedTopic]) -> list[PackedTopic]:
    """Each once, behind what stands above it, so that none stands above itself."""
    depths = {"": 0}
    for topic in topics:
        if topic.code in depths or topic.parent not in depths or depths[topic.parent] >= DEEPEST:
            raise ValueError("no tree")
        depths[topic.code] = depths[topic.parent] + 1
    return topics


def _malformed(name: str) -> Invalid:
    message = _("Phần “%(name)s” của gói không đúng dạng nên gói không được nhận.", name=name[:80])
    return Invalid(message, field="file")


def _check_archive(data: bytes) -> None:
    """Safe to be unpacked, each name once, nothing but what a package holds."""
    if not data.startswith(b"PK\x03\x04"):
        raise Invalid(_("Tệp này không phải gói trao đổi ngân hàng câu hỏi."), field="file")
    try:
        check_zip(data)
    except UnreadableFileError as error:
        raise Invalid(in_language(error.message), field="file") from None
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
    sizes = {part.filename: part.file_size for part in parts}
    if len(sizes) != len(parts):
        raise Invalid(_("Gói có hai phần trùng tên nên không được nhận."), field="file")
    images = [name for name in sizes if name.startswith(MEDIA)]
    if sum(sizes.values()) > LARGEST or any(sizes[name] > LARGEST_IMAGE for name in images):
        raise Invalid(_("Gói quá lớn: hãy đề nghị nơi gửi lập nhiều gói nhỏ hơn."), field="file")


def _read_manifest(written: bytes) -> Manifest:
    try:
        data = strict.parse(written)
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError("another format")
        if data.get("version") != VERSION:
            message = _("Gói được lập bằng phiên bản phần mềm khác nên chưa đọc được. Hãy cập nhật phần mềm ở hai nơi.")
            raise Invalid(message, field="file")
        names = ("format", "version", "origin", "made_by", "made_at", "bank", "counts", "members")
        data = strict.mapping(data, names)
        counted = ("questions", "versions", "topics", "documents", "statistics", "media")
        return Manifest(
            origin=strict.line(data["origin"], 200),
            made_by=strict.line(data["made_by"], 200),
            made_at=strict.moment(data["made_at"]),
            bank=BankKind(data["bank"]),
            counts={name: strict.whole(count) for name, count in strict.mapping(data["counts"], counted).items()},
            members={strict.line(name, 100): strict.sha256(sha) for name, sha in dict(data["members"]).items()},
        )
    except (ValueError, TypeError):
        raise _malformed(MANIFEST) from None
