"""Uploaded files: what they really are, and whether opening them is safe, told before anything opens them.

Every refusal is an :class:`Invalid` that says what is wrong with the file and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence

from examapp.core.errors import Invalid
from examapp.core.text import nfc
from examapp.core.words import N_, _, in_language
from question_bank.formats.base import UnreadableFileError
from question_bank.formats.excel_extent import BrokenWorkbookError, Extent, extents
from question_bank.formats.files import check_zip, detect, load

MOST_ROWS = 200_000
MOST_CELLS = 5_000_000
"""Rows × columns of the smallest rectangle that holds a sheet's cells: readers take memory for all of it, so two cells
in opposite corners of an otherwise empty sheet would bring the process down."""

LABELS = {
    "excel": N_("Excel (.xlsx)"),
    "word": N_("Word (.docx)"),
    "gift": N_("GIFT (.gift, .txt)"),
}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def check_upload(data: bytes, name: str, *, kinds: Sequence[str] = ("excel",), field: str = "file") -> str:
    """The kind of the file, one of ``kinds`` (excel, word, gift); raises :class:`Invalid` when it cannot be taken.

    Refused are files that are empty, too large, password-protected, damaged, of another kind than wanted, or that
    would swell beyond measure when opened.
    """
    name = nfc(name) or _("tệp")
    wanted = _(" hoặc ").join(_(LABELS[kind]) for kind in kinds)
    try:
        source = load(data, name)
        if "gift" not in kinds and not source.data.startswith((_ZIP, _OLE)):
            raise Invalid(_("Nội dung của “%(name)s” không phải tệp %(wanted)s.", name=name, wanted=wanted))
        kind = detect(source)
    except UnreadableFileError as error:
        raise Invalid(f"{name}: {in_language(error.message)}", field=field) from None
    except Invalid as error:
        advice = _("Hãy mở tệp bằng phần mềm đã tạo ra nó, lưu lại đúng dạng rồi gửi lại.")
        raise Invalid(f"{error.message} {advice}", field=field) from None
    if kind not in kinds:
        found = _(LABELS[kind])
        message = _("“%(name)s” là tệp %(found)s; ở đây cần tệp %(wanted)s.", name=name, found=found, wanted=wanted)
        raise Invalid(message, field=field)
    if kind == "excel":
        _check_sheets(data, name, field)
    return kind


def _check_sheets(data: bytes, name: str, field: str) -> None:
    """Make sure that every sheet's rectangle of cells fits into memory."""
    if "xl/workbook.xml" not in check_zip(data):
        message = _("%(name)s: hãy lưu lại dạng .xlsx rồi gửi lại.", name=name)
        raise Invalid(message, field=field)
    try:
        far = next((one for one in extents(data) if one.rows > MOST_ROWS or one.cells > MOST_CELLS), None)
    except BrokenWorkbookError as error:
        message = _("%(name)s bị hỏng hoặc tải lên chưa trọn. Hãy mở bằng Excel, lưu lại rồi gửi lại.", name=name)
        raise Invalid(message, field=field) from error
    if far is not None:
        raise Invalid(_too_wide(name, far), field=field)


def _too_wide(name: str, extent: Extent) -> str:
    return _(
        "%(name)s có trang tính kéo dài tới dòng %(rows)s, cột thứ %(columns)s. Hãy xóa các dòng, cột trống có "
        "định dạng ở cuối trang tính, hoặc chia thành nhiều tệp, rồi gửi lại.",
        name=name,
        rows=extent.rows,
        columns=extent.columns,
    )
