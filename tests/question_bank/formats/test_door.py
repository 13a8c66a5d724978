"""The door: what a file is, files that are none, and reports of what was read."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats import FORMATS, Reading, archives, as_json, files, read, write
from question_bank.messages import Severity
from question_bank.question import Option, Question

from .books import HEADINGS, workbook

QUESTION = Question("single_choice", "Thủ đô của Việt Nam?", (Option("Hà Nội", True), Option("Huế")))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def archive(**parts: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return stream.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The archive ``data`` with one part replaced or added."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return stream.getvalue()


def refusal(reading: Reading) -> str:
    """The one message about a file that could not be read at all."""
    (problem,) = reading.problems
    assert (reading.questions, problem.item, problem.severity) == ((), None, Severity.ERROR)
    assert problem.place
    return str(problem.message)


@pytest.mark.parametrize("name", FORMATS)
def test_the_content_tells_the_format(name: str, tmp_path: Path) -> None:
    data = write([QUESTION], name).data
    path = tmp_path / f"de{FORMATS[name].extension}"
    path.write_bytes(data)
    for source in (data, BytesIO(data), path, str(path)):
        reading = read(source)
        assert (reading.format, reading.questions, reading.problems) == (name, (QUESTION,), ())


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "trống"),
        (b" \r\n\x00 ", "trống"),
        (b"PK\x03\x04 not a zip at all", "hỏng"),
        (archive(readme=b"x"), "tệp nén"),
        (archive(mimetype=b"application/vnd.oasis.opendocument.text", content_DOT_xml=b"<x/>"), "OpenDocument"),
        (archive(word__document_DOT_xml=b"<x/>", word__vbaProject_DOT_bin=b"x"), "macro"),
        (archive(xl__workbook_DOT_xml=b"<x/>"), "hỏng"),
        (archive(xl__workbook_DOT_bin=b"x"), ".xlsb"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        (OLE + "WordDocument".encode("utf-16-le"), ".doc"),
        (OLE + "Workbook".encode("utf-16-le"), ".xls"),
        (OLE, "Không nhận ra"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"{\\rtf1 abc}", "RTF"),
        (b"\x89PNG\r\n\x1a\n", "hình ảnh"),
        (b"<html><body>x</body></html>", "HTML"),
        (b'<?xml version="1.0"?><other/>', "XML"),
        ("Chỉ là một đoạn văn.".encode(), "Không nhận ra"),
        (b'{"json": true}', "Không nhận ra"),
        (b"K\xf6ln \xfcber \x81 {=a ~b}", "UTF-8"),
        (b"\x00\x01\x02\x03" * 50, "Không nhận ra"),
    ],
)
def test_files_that_cannot_be_read_say_why(data: bytes, part: str) -> None:
    assert part in refusal(read(data))


def test_a_name_that_promises_something_else() -> None:
    reading = read(write([QUESTION], "gift").data, filename="de-thi.xlsx")
    assert reading.questions == (QUESTION,)
    assert [(problem.place, problem.severity) for problem in reading.problems] == [
        ("Tệp “de-thi.xlsx”", Severity.WARNING)
    ]
    assert "Word" in refusal(read("chữ thường".encode(), filename="de-thi.docx"))


def test_a_format_that_was_asked_for_and_is_not_there() -> None:
    assert "GIFT" in refusal(read(write([QUESTION], "gift").data, format="excel"))
    with pytest.raises(ValueError, match="odt"):
        read(b"x", format="odt")


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    assert "Không mở được" in refusal(read(tmp_path / "khong-co.docx"))
    assert "Không mở được" in refusal(read(tmp_path))


def test_too_large_a_file_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE", 1000)

    class Endless(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= 1001
            return b"x" * size

    assert "lớn hơn" in refusal(read(Endless()))


@pytest.mark.parametrize("name", ["word", "excel"])
def test_a_zip_bomb_is_not_opened(name: str) -> None:
    data = with_part(write([QUESTION], name).data, "x/zeros.xml", bytes(30 * 2**20))
    assert "lớn bất thường" in refusal(read(data))


def test_too_many_parts_or_encrypted_ones() -> None:
    data = write([QUESTION], "excel").data
    many = archive(**{f"xl__{n}": b"" for n in range(archives.MOST_PARTS)}, xl__workbook_DOT_xml=b"<x/>")
    assert "lớn bất thường" in refusal(read(many))
    central = data.rindex(b"PK\x01\x02")
    locked = bytearray(data)
    locked[central + 8] |= 1
    assert "mật khẩu" in refusal(read(bytes(locked)))


FAR = [
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "<row><c r='XFD1048576'><v>1</v></c></row>",
    '<row><c r = "xfd1048576"><v>1</v></c></row>',
    '<row><c s=">" r="XFD1048576"><v>1</v></c></row>',
    '<row><c r="X&#70;D1048576"><v>1</v></c></row>',
]


def sheet_reaching(far: str) -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1"><c r="A1"><v>1</v></c></row>{far}</sheetData></worksheet>'
    ).encode()


@pytest.mark.parametrize("far", FAR)
def test_a_workbook_with_a_cell_at_the_end_of_the_world(far: str) -> None:
    """The reader understands every one of these, asks for hundreds of gigabytes, and the process is gone."""
    data = with_part(workbook(HEADINGS), "xl/worksheets/sheet1.xml", sheet_reaching(far))
    assert "quá rộng" in refusal(read(data))


def test_a_far_cell_in_a_sheet_of_any_name() -> None:
    data = with_part(workbook(HEADINGS), "elsewhere/sheet.bin", sheet_reaching(FAR[0]))
    assert "quá rộng" in refusal(read(data))


@pytest.mark.parametrize(
    "sheet",
    [
        b"<worksheet><sheetData>",
        b'<!DOCTYPE a [<!ENTITY b "XFD1048576">]><worksheet><sheetData/></worksheet>',
        b'<worksheet><sheetData><row><c r="??"/></row></sheetData></worksheet>',
    ],
)
def test_a_sheet_whose_extent_cannot_be_told(sheet: bytes) -> None:
    assert "hỏng" in refusal(read(with_part(workbook(HEADINGS), "xl/worksheets/sheet1.xml", sheet)))


def test_a_part_larger_than_it_says() -> None:
    data = bytearray(workbook(HEADINGS))
    central = data.index(b"PK\x01\x02", data.index(b"xl/worksheets/sheet1.xml"))
    while data[central + 46 : central + 70] != b"xl/worksheets/sheet1.xml":
        central = data.index(b"PK\x01\x02", central + 1)
    struct.pack_into("<L", data, central + 24, 10)
    assert "hỏng" in refusal(read(bytes(data)))


def test_empty_workbooks() -> None:
    assert "không có dữ liệu" in refusal(read(workbook()))
    assert "Không tìm thấy câu hỏi" in refusal(read(workbook(HEADINGS)))


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_short_or_damaged_is_a_problem_and_never_an_exception(name: str) -> None:
    data = write([QUESTION] * 5, name).data
    for cut in range(1, len(data), max(1, len(data) // 25)):
        for broken in (data[:cut], data[:cut] + b"\xff" + data[cut + 1 :]):
            reading = read(broken, filename="x")
            assert reading.problems or reading.questions


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert read(data).problems


def test_the_report_as_json() -> None:
    text = "Một? {=a ~b}\n\nHai? {~a ~b}\n\nĐọc kỹ các câu sau."
    reading = read(text.encode())
    assert as_json(reading, stored=1) == {
        "format": "gift",
        "read": 3,
        "stored": 1,
        "questions": [
            {
                "kind": "single_choice",
                "stem": stem,
                "options": [{"text": "a", "correct": right}, {"text": "b", "correct": False}],
            }
            for stem, right in (("Một?", True), ("Hai?", False))
        ],
        "problems": [
            {"place": str(p.place), "item": p.item, "severity": "error", "message": str(p.message)}
            for p in reading.problems
        ],
    }
    assert [(p.place, p.item) for p in reading.problems] == [("Dòng 3", 2), ("Dòng 5", None)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("CÃ¢u há»i", "bảng mã"),
        ("C?u h?i n?o", "mất chữ"),
        ("Cơ quaan nào cĩ thẩmm quyyền câap giâý phép", "hỏng chữ"),
    ],
)
def test_damaged_text_is_noticed(text: str, part: str) -> None:
    reading = read(f"{text} {{=a ~b}}".encode())
    assert [(problem.item, problem.severity) for problem in reading.problems] == [(1, Severity.WARNING)]
    assert part in reading.problems[0].message


def test_sound_vietnamese_is_not_taken_for_damage() -> None:
    text = (
        "Hoà giải, thuý, khoá, toà án, quyền; 5 m²; § 3; “ngoặc”… Köln; 30°C ± 2 © 2025; A¹ có được không? Có. {=a ~b}"
    )
    assert read(text.encode()).problems == ()
