"""The unit's sheet as Excel, one person's sheet as PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

from examapp.audit.services import record
from examapp.core import clock
from examapp.core.documents import render_pdf
from examapp.core.tables import Column, Heading, Kind, Table, numbered, write_xlsx
from examapp.core.text import format_date, format_percent, format_points
from examapp.core.words import _
from examapp.evaluation.models import QualityLevel
from examapp.evaluation.rules import LEVELS
from examapp.evaluation.sheets import Sheet, quota_check
from examapp.organisation.models import Unit


def note_export(year: int, unit: Unit | None) -> None:
    """Log that a sheet left the house; in a transaction of its own, because reading is all the page does."""
    from examapp.core.db import apart

    with apart() as session:
        record("evaluation.exported", "year", year, session=session, unit=unit.code if unit else "")


def write_sheet(stream: IO[bytes], rows: Sequence[Sheet], *, year: int, unit: Unit | None) -> int:
    """Bảng tổng hợp xếp loại with the columns of official lists, and the share of the highest level by group."""
    heading = Heading(
        title=_("Bảng tổng hợp đánh giá, xếp loại năm %(year)s", year=year),
        lines=[unit.name if unit else _("Mọi đơn vị trong phạm vi được giao")],
    )
    summary = Table(
        name=_("Tổng hợp"),
        columns=_columns(),
        rows=numbered(_rows(rows)),
        heading=heading,
        closing=lambda n: _("Danh sách gồm %(n)s người", n=n),
    )
    shares = Table(
        name=_("Tỷ lệ xuất sắc"),
        columns=(
            Column("group", _("Đơn vị, nhóm nhiệm vụ"), width=50),
            Column("excellent", _("Số người xuất sắc"), Kind.COUNT),
            Column("allowed", _("Trần"), Kind.COUNT),
            Column("names", _("Họ và tên"), width=60),
        ),
        rows=((line.group, line.excellent, line.allowed, ", ".join(line.names)) for line in quota_check(rows)),
    )
    return write_xlsx(stream, [summary, shares])


def _columns() -> tuple[Column, ...]:
    return (
        Column("number", _("TT"), Kind.COUNT, width=6),
        Column("name", _("Họ và tên")),
        Column("code", _("Mã cán bộ"), width=12),
        Column("position", _("Chức vụ, vị trí việc làm"), width=30),
        Column("unit", _("Đơn vị"), width=34),
        Column("exams", _("Kết quả thi đã công nhận"), width=30),
        Column("general", _("Điểm tiêu chí chung"), Kind.POINTS),
        Column("results", _("Điểm kết quả nhiệm vụ"), Kind.POINTS),
        Column("total", _("Tổng điểm"), Kind.POINTS),
        Column("self", _("Tự xếp loại"), width=20),
        Column("proposed", _("Đề nghị"), width=20),
        Column("decided", _("Quyết định"), width=20),
        Column("note", _("Ghi chú"), width=30),
    )


def _rows(rows: Sequence[Sheet]) -> Iterator[tuple[Any, ...]]:
    for sheet in rows:
        e, proposal = sheet.evaluation, sheet.proposal
        scored = bool(proposal and proposal.total is not None)
        yield (
            e.official.full_name,
            e.official.staff_code,
            e.position.name,
            sheet.unit_name,
            "; ".join(f"{r.round.name}: {format_percent(r.awarded, r.possible)}" for r in sheet.results),
            proposal.sections.get("general") if proposal and scored else None,
            proposal.sections.get("results") if proposal and scored else None,
            proposal.total if proposal and scored else None,
            label(e.self_level),
            label(proposal.level) if proposal else "",
            label(e.decided_level),
            _note(sheet),
        )


def label(level: QualityLevel | None) -> str:
    return _(LEVELS[level]) if level else ""


def _note(sheet: Sheet) -> str:
    if sheet.definition is None:
        return _("Chưa có bộ tiêu chí")
    parts = [sheet.evaluation.reason] if sheet.evaluation.reason else []
    if sheet.proposal and sheet.proposal.unranked:
        parts.append(sheet.proposal.reasons[0])
    if sheet.proposal and sheet.proposal.missing:
        parts.append(_("Còn thiếu: %(names)s", names="; ".join(sheet.proposal.missing)))
    return ". ".join(parts)


def slip_pdf(sheet: Sheet) -> bytes:
    """Phiếu đánh giá, xếp loại of one person in the layout of official documents."""
    e, proposal = sheet.evaluation, sheet.proposal
    data = {
        "title": _("Phiếu đánh giá, xếp loại"),
        "subject": _("Năm %(year)s", year=e.year),
        "facts": [
            [_("Họ và tên"), e.official.full_name],
            [_("Mã cán bộ"), e.official.staff_code],
            [_("Chức vụ, vị trí"), e.position.name],
            [_("Đơn vị"), sheet.unit_name],
            [_("Bộ tiêu chí"), e.scheme.name if e.scheme else _("Chưa có bộ tiêu chí")],
        ],
        "exam_head": [_("Kỳ thi"), _("Điểm"), _("Tỷ lệ"), _("Kết quả")],
        "exam_rows": [
            [
                r.round.name,
                f"{format_points(r.awarded)}/{format_points(r.possible)}",
                format_percent(r.awarded, r.possible),
                _("Đạt") if r.passed else _("Chưa đạt"),
            ]
            for r in sheet.results
        ],
        "no_exams": _("Chưa có kết quả thi được công nhận trong năm."),
        "criteria_head": [_("Tiêu chí"), _("Đã nhập"), _("Tối đa")],
        "criteria_rows": _criteria(sheet),
        "outcome": [
            [_("Tổng điểm"), format_points(proposal.total) if proposal and proposal.total is not None else ""],
            [_("Tự xếp loại"), label(e.self_level)],
            [_("Mức đề nghị"), label(proposal.level) if proposal else ""],
            [_("Mức quyết định"), label(e.decided_level)],
            [_("Số, ngày quyết định"), " ".join(filter(None, (e.decision_number, format_date(e.decision_date))))],
        ],
        "headings": [_("I. Kết quả thi đã công nhận"), _("II. Tiêu chí"), _("III. Xếp loại")],
        "recipients": [_("Người được đánh giá;"), _("Lưu: Hồ sơ đánh giá.")],
        "printed": _("In ngày %(day)s", day=format_date(clock.today())),
    }
    return render_pdf("evaluation/documents/slip.typ", data)


def _criteria(sheet: Sheet) -> list[list[str]]:
    if sheet.definition is None:
        return []
    rows = []
    for criterion in sheet.definition.criteria:
        if not criterion.applies(sheet.is_leader):
            continue
        value = sheet.values.get(criterion.key)
        if value is None:
            shown = "…"
        elif criterion.unit == "yes_no":
            shown = _("Đạt") if value else _("Chưa đạt")
        else:
            shown = format_points(value) + ("%" if criterion.unit == "percent" else "")
        most = (
            format_points(criterion.max)
            if criterion.unit == "points"
            else ("100%" if criterion.unit == "percent" else "")
        )
        name = criterion.name + (f" ({_('cần xác nhận')})" if criterion.unconfirmed else "")
        rows.append([name, shown, most])
    return rows
