"""A visible line in an exported file: who took it and when. No reader takes it for a part of a question.

In Word it stands above every page, in Excel on a sheet of its own, in CSV in the first row; elsewhere in a comment.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from lxml import etree

BOM = b"\xef\xbb\xbf"
SHEET = "Nguồn"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_PART = "xl/worksheets/source.xml"


def stamp(data: bytes, format: str, line: str) -> bytes:
    """The file with ``line`` in it."""
    return _STAMPS[format](data, " ".join(line.split()))


def _word(data: bytes, line: str) -> bytes:
    from docx import Document
    from docx.shared import Pt

    document = Document(BytesIO(data))
    for section in document.sections:
        header = section.header.paragraphs[0]
        run = header.add_run(line)
        run.italic, run.font.size = True, Pt(9)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _excel(data: bytes, line: str) -> bytes:
    """One more sheet, the first: added to the package itself, since opening a large workbook again takes seconds."""
    return _repacked(
        data,
        {
            "xl/workbook.xml": _with_sheet,
            "xl/_rels/workbook.xml.rels": _with_relation,
            "[Content_Types].xml": _with_type,
        },
        {_SHEET_PART: _sheet(line)},
    )


def _sheet(line: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}"><sheetData><row r="1">'
        f'<c r="A1" t="inlineStr"><is><t>{escape(line)}</t></is></c></row></sheetData></worksheet>'
    ).encode()


def _with_sheet(part: bytes) -> bytes:
    from lxml import etree

    root = _parsed(part)
    sheets = root.find(f"{{{_MAIN}}}sheets")
    numbers = [int(sheet.get("sheetId")) for sheet in sheets]
    sheet = etree.Element(f"{{{_MAIN}}}sheet", name=SHEET, sheetId=str(max(numbers) + 1))
    sheet.set(f"{{{_RELATIONS}}}id", "rIdSource")
    sheets.insert(0, sheet)
    for name in root.iter(f"{{{_MAIN}}}definedName"):
        if name.get("localSheetId") is not None:
            name.set("localSheetId", str(int(name.get("localSheetId")) + 1))
    for view in root.iter(f"{{{_MAIN}}}workbookView"):
        view.set("activeTab", str(int(view.get("activeTab", "0")) + 1))
    return _written(root)


def _with_relation(part: bytes) -> bytes:
    from lxml import etree

    root = _parsed(part)
    target = _SHEET_PART.removeprefix("xl/")
    kind = f"{_RELATIONS}/worksheet"
    root.append(etree.Element(f"{{{_PACKAGE}}}Relationship", Id="rIdSource", Type=kind, Target=target))
    return _written(root)


def _with_type(part: bytes) -> bytes:
    from lxml import etree

    root = _parsed(part)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    root.append(etree.Element(f"{{{_TYPES}}}Override", PartName=f"/{_SHEET_PART}", ContentType=kind))
    return _written(root)


def _parsed(part: bytes) -> etree._Element:
    from lxml import etree

    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))


def _written(root: etree._Element) -> bytes:
    from lxml import etree

    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def _repacked(data: bytes, changes: dict[str, Callable[[bytes], bytes]], more: dict[str, bytes] | None = None) -> bytes:
    """The package with some parts changed and others added; the rest is copied."""
    stream = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            content = source.read(part)
            target.writestr(part, changes[part.filename](content) if part.filename in changes else content)
        for name, content in (more or {}).items():
            target.writestr(name, content)
    return stream.getvalue()


def _csv(data: bytes, line: str) -> bytes:
    quoted = line.replace('"', '""')
    return _first_line(data, f'"{quoted}"\r\n')


def _comment(data: bytes, line: str) -> bytes:
    return _first_line(data, f"// {line}\n\n")


def _first_line(data: bytes, line: str) -> bytes:
    mark = BOM if data.startswith(BOM) else b""
    return mark + line.encode() + data.removeprefix(BOM)


def _xml(data: bytes, line: str) -> bytes:
    """Behind the declaration, where a comment may stand."""
    comment = f"<!-- {line.replace('--', '—')} -->\n".encode()
    start, end, rest = data.partition(b"?>")
    if not data.lstrip().startswith((b"<?xml", BOM + b"<?xml")):
        return comment + data
    return start + end + b"\n" + comment + rest.lstrip(b"\r\n")


def _qti(data: bytes, line: str) -> bytes:
    if not data.startswith(b"PK"):
        return _xml(data, line)
    return _repacked(data, {"imsmanifest.xml": lambda part: _xml(part, line)})


_STAMPS: dict[str, Callable[[bytes, str], bytes]] = {
    "word": _word,
    "excel": _excel,
    "csv": _csv,
    "text": _comment,
    "gift": _comment,
    "aiken": _comment,
    "moodle-xml": _xml,
    "qti": _qti,
}
