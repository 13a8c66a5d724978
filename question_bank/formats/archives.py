"""The limits that a packed file must keep before anything unpacks it."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from io import BytesIO

from question_bank.formats.base import UnreadableFileError
from question_bank.messages import N_, Message

LARGEST_UNPACKED = 300 * 2**20
MOST_PARTS = 5000
WORST_RATIO = 200
"""How many times larger than packed a part may be; texts of real documents stay below 100."""

_SMALL_PART = 2**20


def check_zip(data: bytes) -> set[str]:
    """The names of the parts, after making sure that unpacking them can neither fill the memory nor leave a folder."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        template = N_("Tệp bị hỏng hoặc tải lên chưa trọn: mở thử bằng phần mềm đã tạo ra nó, lưu lại rồi nhập.")
        raise UnreadableFileError(Message(template)) from error
    _check_size(parts)
    for part in parts:
        if _leads_away(part):
            template = N_("Tệp nén có đường dẫn không an toàn “{name}” nên không được mở: nén lại từ thư mục gốc.")
            raise UnreadableFileError(Message(template, name=part.filename[:80]))
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFileError(password())
    return {part.filename for part in parts}


def _check_size(parts: Sequence[zipfile.ZipInfo]) -> None:
    swollen = any(p.file_size > _SMALL_PART and p.file_size > WORST_RATIO * max(p.compress_size, 1) for p in parts)
    if swollen or len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        template = N_("Nội dung nén của tệp lớn bất thường nên không được mở: bỏ hình ảnh và dữ liệu thừa rồi lưu lại.")
        raise UnreadableFileError(Message(template))


def _leads_away(part: zipfile.ZipInfo) -> bool:
    """A path out of the archive, or a link instead of a file."""
    name = part.filename.replace("\\", "/")
    outside = name.startswith("/") or ".." in name.split("/") or name[1:2] == ":"
    return outside or stat.S_ISLNK(part.external_attr >> 16)


def password() -> Message:
    return Message(N_("Tệp được bảo vệ bằng mật khẩu: mở tệp, bỏ mật khẩu, lưu lại rồi nhập."))
