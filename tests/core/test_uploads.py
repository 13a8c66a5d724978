"""Uploaded files are told apart and weighed before anything opens them."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter
from docx import Document

from examapp.core.errors import Invalid
from examapp.core.uploads import MOST_ROWS, check_upload

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


def excel(cells=((0, 0, "x"),)) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for row, column, text in cells:
            page.write(row, column, text)
    return stream.getvalue()


def word() -> bytes:
    stream = io.BytesIO()
    Document().save(stream)
    return stream.getvalue()


def changed(data: bytes, part: str, content: bytes) -> bytes:
    """The workbook with one part replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return stream.getvalue()


def test_what_is_wanted_is_taken():
    assert check_upload(excel(), "a.xlsx") == "excel"
    assert check_upload(word(), "a.docx", kinds=("word", "excel")) == "word"
    assert check_upload("Câu {=a ~b}".encode(), "a.gift", kinds=("gift",)) == "gift"


SHEET = "xl/worksheets/sheet1.xml"
CELL = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "trống"),
        (b"   \n", "trống"),
        ("Họ và tên;Số hiệu".encode(), "không phải tệp Excel"),
        (b"%PDF-1.7 ...", "không phải tệp Excel"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        (OLE + "Workbook".encode("utf-16-le"), "đời cũ"),
        (word(), "là tệp Word"),
        (excel()[:-40], "hỏng"),
        (b"PK\x03\x04 rest", "hỏng"),
        (changed(excel(), "xl/media/big.bin", bytes(9 * 2**20)), "bất thường"),
        (changed(excel(), "xl/vbaProject.bin", b"x"), "macro"),
        (changed(excel(), SHEET, b"<worksheet><sheetData>"), "hỏng"),
        (changed(excel(), SHEET, b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'), "hỏng"),
    ],
)
def test_what_cannot_be_taken_is_refused_plainly(data, words):
    with pytest.raises(Invalid) as caught:
        check_upload(data, "danh sách.xlsx")
    assert words in caught.value.message
    assert caught.value.field == "file"
    assert "Traceback" not in caught.value.message


def test_two_cells_in_far_corners_are_refused():
    """A reader would take memory for the whole rectangle, and the process would be gone."""
    with pytest.raises(Invalid, match="dòng 1048576, cột thứ 16384"):
        check_upload(excel(((0, 0, "x"), (1048575, 16383, "y"))), "a.xlsx")


@pytest.mark.parametrize(
    "cells",
    [
        f'<row r="{MOST_ROWS + 1}"><c/></row>',
        "<row r='1'><c r='A1'/></row><row r='2000'><c r='XFD2000'/></row>",
        '<x:row xmlns:x="u" r="900000"/>',
        '<row r="1"><c r="A&#49;048576"/></row>',
    ],
)
def test_however_the_far_cell_is_written(cells):
    with pytest.raises(Invalid, match="kéo dài"):
        check_upload(changed(excel(), SHEET, CELL.format(cells).encode()), "a.xlsx")


@pytest.mark.parametrize("part", ["elsewhere/sheet.xml", "xl/worksheets/sheet2.bin"])
def test_a_sheet_may_bear_any_name(part):
    far = CELL.format('<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>')
    with pytest.raises(Invalid, match="kéo dài"):
        check_upload(changed(excel(), part, far.encode()), "a.xlsx")


def test_cells_without_a_reference_are_counted():
    cells = "".join(f"<row>{'<c/>' * 40}</row>" for _ in range(3))
    assert check_upload(changed(excel(), SHEET, CELL.format(cells).encode()), "a.xlsx") == "excel"


def test_a_cell_that_names_nothing_is_refused():
    data = changed(excel(), SHEET, CELL.format('<row r="1"><c r="??"/></row>').encode())
    with pytest.raises(Invalid, match="hỏng"):
        check_upload(data, "a.xlsx")
