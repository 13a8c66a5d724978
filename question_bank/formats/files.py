"""What a file really is, told from its content, and the limits it must keep before anything opens it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from question_bank.formats import archives, encodings
from question_bank.formats.archives import check_zip
from question_bank.formats.base import Converted, Source, UnreadableFileError
from question_bank.formats.sniff import text_format, xml_format
from question_bank.messages import N_, Message

__all__ = ["LARGEST_FILE", "Readable", "check_zip", "decode", "detect", "load", "unified"]

LARGEST_FILE = 30 * 2**20

_ZIP, _OLE, _RTF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")
_OFFICE = {".docx": "Word", ".doc": "Word", ".xlsx": "Excel", ".xls": "Excel"}
_MACROS = ("word/vbaProject.bin", "xl/vbaProject.bin")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SNIFFED = 200_000

Readable = str | os.PathLike[str] | bytes | BinaryIO


def load(path_or_stream: Readable, filename: str = "") -> Source:
    """The bytes, at most :data:`LARGEST_FILE` of them."""
    try:
        if isinstance(path_or_stream, bytes):
            return _limited(Source(path_or_stream, filename))
        if isinstance(path_or_stream, str | os.PathLike):
            path = Path(path_or_stream)
            with path.open("rb") as stream:
                return _limited(Source(stream.read(LARGEST_FILE + 1), filename or path.name))
        name = filename or os.path.basename(str(getattr(path_or_stream, "name", "") or ""))
        return _limited(Source(path_or_stream.read(LARGEST_FILE + 1), name))
    except OSError as error:
        template = N_("Không mở được tệp ({reason}): kiểm tra đường dẫn và quyền đọc tệp.")
        raise UnreadableFileError(Message(template, reason=error.strerror or type(error).__name__)) from error


def _limited(source: Source) -> Source:
    if not source.data.strip(b"\x00 \t\r\n"):
        raise UnreadableFileError(Message(N_("Tệp trống: kiểm tra lại tệp đã chọn.")))
    if len(source.data) > LARGEST_FILE:
        template = N_("Tệp lớn hơn {megabytes} MB: bỏ hình ảnh hoặc chia thành nhiều tệp nhỏ rồi nhập lần lượt.")
        raise UnreadableFileError(Message(template, megabytes=LARGEST_FILE // 2**20))
    return source


def detect(source: Source, wanted: str = "auto") -> str:
    """The name of the format that the content has; raises where it has none that can be read.

    Only plain text leaves a doubt: ``wanted`` or the file's ending then decides.
    """
    data = source.data
    if data.startswith(_ZIP):
        return _detect_zip(data)
    if data.startswith(_OLE):
        return _detect_ole(source)
    if data.startswith(b"%PDF"):
        raise UnreadableFileError(Message(N_("Đây là tệp PDF, chưa đọc được: dùng tệp Word hoặc Excel gốc.")))
    if data.startswith(_RTF):
        raise UnreadableFileError(Message(N_("Đây là tệp RTF: mở bằng Word, lưu lại dạng .docx rồi nhập.")))
    if data.startswith(_PICTURES):
        raise UnreadableFileError(Message(N_("Đây là tệp hình ảnh: cần tệp câu hỏi có chữ, như Word hoặc Excel.")))
    return _detect_text(source, wanted)


def _detect_zip(data: bytes) -> str:
    names = check_zip(data)
    if any(name in names for name in _MACROS):
        template = N_("Tệp có macro nên không được mở: lưu lại dạng .docx hoặc .xlsx (không có macro) rồi nhập.")
        raise UnreadableFileError(Message(template))
    if "word/document.xml" in names:
        return "word"
    if any(name.startswith("xl/workbook") and name.endswith(".xml") for name in names):
        return "excel"
    if any(name.rsplit("/", 1)[-1] == "imsmanifest.xml" for name in names):
        return "qti"
    if "xl/workbook.bin" in names:
        raise UnreadableFileError(Message(N_("Đây là tệp .xlsb: mở bằng Excel, lưu lại dạng .xlsx rồi nhập.")))
    if "mimetype" in names and "content.xml" in names:
        raise UnreadableFileError(Message(N_("Đây là tệp OpenDocument: lưu lại dạng .docx hoặc .xlsx rồi nhập.")))
    template = N_("Đây là tệp nén nhưng không phải Word, Excel hay gói QTI: giải nén rồi chọn tệp bên trong.")
    raise UnreadableFileError(Message(template))


def _detect_ole(source: Source) -> str:
    """Old Office files and encrypted new ones are alike outside; the names of their streams tell."""
    data = source.data
    if "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data:
        raise UnreadableFileError(archives.password())
    if "WordDocument".encode("utf-16-le") in data:
        return "word"
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        raise UnreadableFileError(
            Message(N_("Đây là tệp Excel đời cũ (.xls): mở bằng Excel, lưu lại dạng .xlsx rồi nhập."))
        )
    raise UnreadableFileError(_unknown(source.name))


def _unknown(name: str) -> Message:
    promised = _OFFICE.get(os.path.splitext(name)[1].lower())
    if promised:
        template = N_("Tên tệp có đuôi của {promised} nhưng nội dung không phải: lưu lại bằng {promised} rồi nhập.")
        return Message(template, promised=promised)
    template = N_(
        "Không nhận ra định dạng của tệp: cần tệp Word, Excel, CSV, văn bản, GIFT, Aiken, Moodle XML hoặc QTI."
    )
    return Message(template)


def _detect_text(source: Source, wanted: str) -> str:
    if xml := xml_format(source.data):
        return xml
    start = decode(source)[:_SNIFFED]
    if start.lstrip().lower().startswith(("<!doctype html", "<html")):
        raise UnreadableFileError(
            Message(N_("Đây là trang web (HTML): mở bằng Word hoặc Excel, lưu lại .docx hoặc .xlsx."))
        )
    if start.lstrip().startswith("<?xml"):
        raise UnreadableFileError(Message(N_("Đây là tệp XML nhưng không phải Moodle XML hay QTI nên không đọc được.")))
    extension = os.path.splitext(source.name)[1].lower()
    found = text_format(start, extension, wanted)
    if found is None:
        raise UnreadableFileError(_unknown(source.name))
    return found


def decode(source: Source) -> str:
    """Text in UTF-8, with or without a mark, or in UTF-16 with one."""
    if b"\x00" in source.data[:4096] and not source.data.startswith(_UTF_16):
        raise UnreadableFileError(_unknown(source.name))
    try:
        return source.data.decode(_encoding(source.data))
    except UnicodeDecodeError as error:
        line = source.data[: error.start].count(b"\n") + 1
        template = N_("Chữ trong tệp không theo Unicode: mở bằng trình soạn thảo, lưu lại với bảng mã UTF-8.")
        raise UnreadableFileError(Message(template), Message(N_("Dòng {line}"), line=line)) from error


def _encoding(data: bytes) -> str:
    return "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"


def unified(source: Source) -> Source:
    """A plain text of an old Vietnamese encoding as UTF-8, with what became of each line; others as they are."""
    data = source.data
    if data.startswith((_ZIP, _OLE, _RTF, b"%PDF", *_PICTURES)) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return source
    try:
        text = data.decode(_encoding(data))
        name = encodings.detect(text[:_SNIFFED])
    except UnicodeDecodeError:
        found = None if b"\x00" in data[:4096] else encodings.of_bytes(data)
        if found is None:
            return source
        text, name = found
    return source if name is None else _converted(source, text, name)


def _converted(source: Source, text: str, name: str) -> Source:
    lines: list[str] = []
    changed: list[Converted] = []
    for number, line in enumerate(text.split("\n"), start=1):
        lines.append(encodings.to_unicode(line, name) if encodings.is_in(line, name) else line)
        if lines[-1] != line and name != encodings.WINDOWS:
            place = Message(N_("Dòng {line}"), line=number)
            changed.append(Converted(place, line.strip(), lines[-1].strip()))
    return Source("\n".join(lines).encode(), source.name, name, tuple(changed))
