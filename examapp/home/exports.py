"""The tables of the overview as one Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from examapp.audit.services import record
from examapp.core.db import apart
from examapp.core.tables import Column, Heading, Kind, Table, write_xlsx
from examapp.core.words import _
from examapp.home.figures import Tally
from examapp.home.overview import Line, Overview, Weakness


def note_export(view: Overview) -> None:
    """Log that the figures left the house; in a transaction of its own, because the page only reads."""
    with apart() as session:
        record("overview.exported", "year", view.year, session=session, unit=view.unit)


def overview_workbook(view: Overview) -> bytes:
    """Sheets by year, unit, position and topic. Figures of fewer than five people stay empty, marked "ít"."""
    heading = Heading(
        title=_("Tổng hợp kết quả thi và xếp loại năm %(year)s", year=view.year),
        lines=[view.unit or _("Mọi đơn vị trong phạm vi được giao")],
    )
    years = ((str(year), "", tally) for year, tally in view.trend.items())
    stream = io.BytesIO()
    write_xlsx(
        stream,
        [
            _groups(_("Theo năm"), _("Năm"), years, heading),
            _groups(_("Theo đơn vị"), _("Đơn vị"), _lines(view.by_unit), heading),
            _groups(_("Theo vị trí"), _("Vị trí việc làm"), _lines(view.by_position), heading),
            _topics(view.weakness, heading),
        ],
    )
    return stream.getvalue()


def _lines(lines: Iterable[Line]) -> Iterator[tuple[str, str, Tally]]:
    return ((line.label, line.note, line.tally) for line in lines)


def _groups(name: str, label: str, groups: Iterable[tuple[str, str, Tally]], heading: Heading) -> Table:
    columns = (
        Column("label", label, width=40),
        Column("enrolled", _("Lượt phải dự thi"), Kind.COUNT),
        Column("sat", _("Lượt dự thi"), Kind.COUNT),
        Column("participation", _("Tham gia"), Kind.PERCENT),
        Column("average", _("Điểm trung bình"), Kind.PERCENT),
        Column("passed", _("Lượt đạt"), Kind.COUNT),
        Column("passing", _("Đạt"), Kind.PERCENT),
        Column("decided", _("Người đã xếp loại"), Kind.COUNT),
        Column("good", _("Tốt trở lên"), Kind.COUNT),
        Column("good_percent", _("Tỷ lệ tốt trở lên"), Kind.PERCENT),
        Column("note", _("Ghi chú"), width=50),
    )
    return Table(name=name, columns=columns, rows=(_row(*group) for group in groups), heading=heading)


def _row(label: str, note: str, tally: Tally) -> tuple[Any, ...]:
    exams: tuple[Any, ...] = (None, None, None, None)
    if not tally.hides_exams:
        participation, passing = tally.participation, tally.passing
        exams = (
            (participation.part, participation.whole),
            _pair(tally.average),
            passing.part,
            (passing.part, passing.whole),
        )
    levels: tuple[Any, ...] = (None, None)
    if not tally.hides_evaluations:
        levels = (tally.good, (tally.good, tally.decided))
    hidden = _("ít: dưới 5 người") if tally.hides_exams or tally.hides_evaluations else ""
    return (
        label,
        tally.enrolled,
        None if tally.hides_exams else tally.sat,
        *exams,
        tally.decided,
        *levels,
        "; ".join(part for part in (hidden, note) if part),
    )


def _pair(percent: Fraction | None) -> tuple[int, int] | None:
    """A percentage as (part, whole), which the writer rounds once."""
    return None if percent is None else (percent.numerator, percent.denominator * 100)


def _topics(weakness: Weakness, heading: Heading) -> Table:
    columns = (
        Column("topic", _("Chuyên đề"), width=40),
        Column("position", _("Vị trí việc làm"), width=40),
        Column("answers", _("Lượt trả lời"), Kind.COUNT),
        Column("right", _("Trả lời đúng"), Kind.COUNT),
        Column("percent", _("Tỷ lệ đúng"), Kind.PERCENT),
        Column("note", _("Ghi chú")),
    )
    return Table(name=_("Chuyên đề và vị trí"), columns=columns, rows=_topic_rows(weakness), heading=heading)


def _topic_rows(weakness: Weakness) -> Iterator[tuple[Any, ...]]:
    names = dict(weakness.positions)
    for row in weakness.rows:
        for position_id, answers in [(None, row.whole), *sorted(row.by_position.items(), key=lambda p: names[p[0]])]:
            label = _("Mọi vị trí") if position_id is None else names[position_id]
            if answers.is_thin:
                yield row.topic, label, answers.right.whole, None, None, _("ít")
            else:
                share = answers.right
                yield row.topic, label, share.whole, share.part, (share.part, share.whole), ""
