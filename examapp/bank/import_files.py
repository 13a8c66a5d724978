"""What a person sends at once: files, and archives of files, opened only as far as that is safe."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from examapp.core.text import nfc
from examapp.core.words import N_
from question_bank.formats.archives import MOST_PARTS, WORST_RATIO, password
from question_bank.formats.files import LARGEST_FILE
from question_bank.messages import Message

MOST_FILES = 50
"""Sent at once, members of archives included."""
MOST_BYTES = 100 * 2**20
"""Of all of them, unpacked."""

SMALL = 2**20
"""Bytes up to which it does not matter how well a member is packed."""

_ZIP = b"PK\x03\x04"
_UNICODE_NAME = 0x800
_OWN_FORMATS = ("[Content_Types].xml", "imsmanifest.xml", "content.xml")
"""Parts that show a packed document or package: it is a file of its own, not an archive of files."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One file to be read."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, or a member of an archive, that is not taken, and why."""

    name: str
    reason: str


def open_up(sent: Iterable[Incoming]) -> tuple[list[Incoming], list[Refused]]:
    """The files to read, those of archives in their place, and what is refused."""
    taken: list[Incoming] = []
    refused: list[Refused] = []
    size = 0
    for found in _members(sent):
        if isinstance(found, Refused):
            refused.append(found)
        elif len(taken) >= MOST_FILES:
            refused.append(Refused(found.name, Message(_TOO_MANY, most=MOST_FILES)))
        elif size + len(found.data) > MOST_BYTES:
            refused.append(Refused(found.name, Message(_TOO_MUCH, megabytes=MOST_BYTES // 2**20)))
        else:
            taken.append(found)
            size += len(found.data)
    return taken, refused


_TOO_MANY = N_("Mỗi lần gửi nhiều nhất {most} tệp: gửi tệp này ở lần sau.")
_TOO_MUCH = N_("Các tệp gửi một lần lớn hơn {megabytes} MB khi giải nén: gửi tệp này ở lần sau.")
_TOO_LARGE = N_("Tệp lớn hơn {megabytes} MB: bỏ hình ảnh hoặc chia thành nhiều tệp nhỏ.")
_NESTED = N_("Tệp nén nằm trong tệp nén không được mở: giải nén trước rồi gửi.")
_EMPTY = N_("Tệp nén không có tệp nào để đọc.")
_BROKEN = N_("Không giải nén được: nén lại rồi gửi.")
_SWOLLEN = N_("Nội dung nén của tệp lớn bất thường nên không được mở.")
_BAD_PATH = N_("Đường dẫn trong tệp nén không an toàn nên tệp không được đọc: nén lại từ thư mục gốc.")


def _members(sent: Iterable[Incoming]) -> Iterator[Incoming | Refused]:
    for file in sent:
        if not is_archive(file.data):
            yield file
            continue
        is_empty = True
        for found in _unpacked(file):
            is_empty = False
            yield found
        if is_empty:
            yield Refused(file.name, Message(_EMPTY))


def is_archive(data: bytes) -> bool:
    """Whether the file is a packed folder of files. One that cannot be opened is left to its reader to refuse."""
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [PurePosixPath(name).name for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return False
    return not any(part in names for part in _OWN_FORMATS)


def _unpacked(file: Incoming) -> Iterator[Incoming | Refused]:
    """The members, one by one. Who packed badly loses the bad members, not the good ones."""
    with zipfile.ZipFile(BytesIO(file.data)) as archive:
        parts = [part for part in archive.infolist() if not part.is_dir() and not _is_litter(part.filename)]
        if len(parts) > MOST_PARTS:
            yield Refused(file.name, Message(_TOO_MANY, most=MOST_FILES))
            return
        for part in parts:
            name = f"{file.name} › {_name_of(part)}"
            reason = _why_not(part)
            if reason is not None:
                yield Refused(name, reason)
                continue
            try:
                data = archive.read(part)
            except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError):
                yield Refused(name, Message(_BROKEN))
                continue
            yield Refused(name, Message(_NESTED)) if is_archive(data) else Incoming(_name_of(part), data)


def _why_not(part: zipfile.ZipInfo) -> Message | None:
    """What keeps a member from being unpacked."""
    path = part.filename.replace("\\", "/")
    outside = path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"
    if outside or stat.S_ISLNK(part.external_attr >> 16):
        return Message(_BAD_PATH)
    if part.flag_bits & 1:
        return password()
    if part.file_size > LARGEST_FILE:
        return Message(_TOO_LARGE, megabytes=LARGEST_FILE // 2**20)
    if part.file_size > SMALL and part.file_size > WORST_RATIO * max(part.compress_size, 1):
        return Message(_SWOLLEN)
    return None


def _is_litter(path: str) -> bool:
    """What systems put beside the files of people."""
    name = PurePosixPath(path.replace("\\", "/")).name
    return path.startswith("__MACOSX/") or name.startswith((".", "~$")) or name in {"Thumbs.db", "desktop.ini"}


def _name_of(part: zipfile.ZipInfo) -> str:
    """The name without its folders. Old packers write UTF-8 without saying so."""
    name = part.filename
    if not part.flag_bits & _UNICODE_NAME:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = part.filename
    return nfc(PurePosixPath(name.replace("\\", "/")).name)[:255] or "?"
