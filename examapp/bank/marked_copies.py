"""An Excel file back to who wrote it, with the faulty rows coloured and a column that says what to mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.bank.imports import get_import
from examapp.bank.items import Finding
from examapp.bank.models import ImportItem, QuestionImport
from examapp.bank.previews import Preview
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.files import XLSX, read_file
from examapp.core.jobs import Work, start_job
from examapp.core.models import File, Job
from examapp.core.words import _, in_language
from question_bank.formats.excel_extent import extents
from question_bank.messages import Message

JOB = "bank.mark_copy"
FORMAT = "excel"
AT_ONCE = 20_000
MOST_CELLS = 400_000
"""Cells up to which the file is marked while the person waits, and at all: each takes its memory."""
CHUNK = 500
LONGEST_COMMENT = 1000
RED, YELLOW = PatternFill("solid", fgColor="FFC7CE"), PatternFill("solid", fgColor="FFEB9C")

Place = tuple[str, int]
"""A sheet and a row of it."""


def cells_of(kept: QuestionImport) -> int:
    """How large the file is; :class:`Invalid` for one that cannot be marked."""
    if kept.format != FORMAT:
        raise Invalid(_("Chỉ tệp Excel mới đánh dấu lỗi lại được."))
    cells = sum(extent.cells for extent in extents(read_file(kept.file)))
    if cells > MOST_CELLS:
        raise Invalid(_("Tệp quá lớn để đánh dấu lỗi: xem danh sách câu có lỗi trên trang, hoặc chia tệp nhỏ hơn."))
    return cells


def faults_of(preview: Preview) -> dict[Place, list[Finding]]:
    """What was found, row by row."""
    found: dict[Place, list[Finding]] = defaultdict(list)
    for problem in preview.report.problems:
        if place := _row_of(problem.place):
            found[place].append(problem)
    doubtful = preview.doubtful_items()
    last = 0
    while items := list(db.session.scalars(doubtful.where(ImportItem.number > last).limit(CHUNK))):
        for look in preview.looks(items):
            if place := _row_of(look.place):
                found[place] += look.findings
        last = items[-1].number
    return {place: findings for place, findings in found.items() if findings}


def _row_of(place: str) -> Place | None:
    """Where the reader found it: its places keep sheet and row apart."""
    values: Mapping[str, Any] = place.values if isinstance(place, Message) else {}
    sheet, row = values.get("sheet"), values.get("row")
    return (str(sheet), row) if sheet is not None and isinstance(row, int) else None


def marked_copy(data: bytes, faults: Mapping[Place, Sequence[Finding]]) -> bytes:
    """The workbook with everything it had, and its faults shown; slow, and without the database."""
    workbook = load_workbook(BytesIO(data))
    columns: dict[str, int] = {}
    for (name, row), findings in sorted(faults.items()):
        if name in workbook.sheetnames and isinstance(sheet := workbook[name], Worksheet):
            column = columns.setdefault(name, sheet.max_column + 1)
            _mark(sheet, row, column, findings)
    for name, column in columns.items():
        head = workbook[name].cell(1, column, _("Cần sửa"))
        head.font = Font(bold=True)
        workbook[name].column_dimensions[head.column_letter].width = 60
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _mark(sheet: Worksheet, row: int, column: int, findings: Sequence[Finding]) -> None:
    fill = RED if any(finding.is_error for finding in findings) else YELLOW
    told = "\n".join(f"{_('Lỗi') if one.is_error else _('Cảnh báo')}: {in_language(one.message)}" for one in findings)
    for number in range(1, column):
        sheet.cell(row, number).fill = fill
    cell = sheet.cell(row, column, told)
    cell.fill, cell.alignment = fill, Alignment(wrap_text=True, vertical="top")
    first = next((sheet.cell(row, number) for number in range(1, column) if sheet.cell(row, number).value), cell)
    first.comment = Comment(told[:LONGEST_COMMENT], "Thước Đo", width=360, height=120)


def name_of_copy(name: str) -> str:
    return f"{name.rpartition('.')[0] or name}-can-sua.xlsx"


def mark_later(kept: QuestionImport) -> Job:
    title = _("Đánh dấu lỗi trong tệp %(name)s", name=kept.file.name)[:200]
    return start_job(JOB, title=title, owner_id=kept.owner_id, ref=kept.ref)


def mark_copy_job(work: Work) -> None:
    """The job behind a large file."""
    person = db.session.get_one(Account, work.owner_id)
    kept = get_import(work.parameters["ref"], person=person)
    faults = faults_of(Preview(kept, person=person))
    data, name = read_file(db.session.scalars(select(File).where(File.id == kept.file_id)).one()), kept.file.name
    db.session.rollback()
    work.progress(0, len(faults))
    copy = marked_copy(data, faults)
    message = _("Đã đánh dấu %(n)s dòng cần sửa.", n=len(faults))
    work.finish(message=message, url=f"/bank/import/{work.parameters['ref']}", file=(copy, name_of_copy(name), XLSX))
