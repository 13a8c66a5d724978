"""The list of candidates as an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from examapp.core import text
from examapp.core.db import db
from examapp.core.tables import Column, Heading, Kind, Table, write_xlsx
from examapp.core.words import _
from examapp.rounds.candidates import Filter, candidates_of
from examapp.rounds.models import ExamRound
from examapp.rounds.words import CANDIDATE_STATES, period_name


def candidate_workbook(exam_round: ExamRound, shown: Filter) -> bytes:
    """The candidates that ``shown`` picks, in its order."""
    shift = next((shift for shift in exam_round.shifts if str(shift.id) == shown.shift), None)
    lines = [
        f"{exam_round.name} – {period_name(exam_round)}",
        _(
            "Theo %(basis)s ngày %(day)s",
            basis=exam_round.legal_basis_number,
            day=text.format_date(exam_round.legal_basis_date),
        ),
    ]
    if shift is not None:
        lines.append(f"{shift.name}, {text.format_moment(shift.starts_at)}, {shift.place}".rstrip(", "))
    table = Table(
        name=_("Người dự thi"),
        columns=(
            Column("order", _("STT"), Kind.COUNT, 6),
            Column("number", _("Số báo danh"), width=10),
            Column("staff_code", _("Mã cán bộ"), width=12),
            Column("full_name", _("Họ và tên"), width=28),
            Column("unit", _("Đơn vị"), width=40),
            Column("position", _("Vị trí"), width=30),
            Column("shift", _("Ca thi"), width=18),
            Column("starts_at", _("Giờ bắt đầu"), Kind.MOMENT),
            Column("place", _("Địa điểm"), width=26),
            Column("extra", _("Thêm giờ (phút)"), Kind.COUNT),
            Column("state", _("Trạng thái"), width=18),
        ),
        rows=_rows(exam_round.id, shown),
        heading=Heading(_("Danh sách người dự thi"), lines),
        closing=lambda n: _("Danh sách gồm %(n)s người.", n=n),
    )
    stream = io.BytesIO()
    write_xlsx(stream, [table])
    return stream.getvalue()


def _rows(round_id: int, shown: Filter) -> Iterator[tuple[Any, ...]]:
    for order, row in enumerate(db.session.scalars(candidates_of(round_id, shown)).unique(), start=1):
        shift = row.shift
        yield (
            order,
            row.number,
            row.official.staff_code,
            row.full_name,
            row.unit_name,
            row.position.name,
            shift.name if shift else "",
            shift.starts_at if shift else None,
            shift.place if shift else "",
            row.extra_minutes,
            _(CANDIDATE_STATES[row.state]),
        )
