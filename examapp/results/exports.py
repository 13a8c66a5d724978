"""Results of a round as files: an Excel workbook of five sheets, CSV and JSON.

Written as official lists are, so in Vietnamese whatever language the reader has chosen for the pages. Rows are streamed
from a session of their own: ten thousand results take no more memory than ten.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import IO, Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from examapp.audit.services import record
from examapp.bank.labels import LEVELS
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import NotFound
from examapp.core.files import XLSX
from examapp.core.jobs import Work
from examapp.core.tables import CSV, JSON, Column, Heading, Kind, Table, numbered, write_csv, write_json, write_xlsx
from examapp.core.text import format_date
from examapp.core.words import _
from examapp.organisation.models import Official, Position
from examapp.results import figures
from examapp.results.access import PUBLISHED
from examapp.results.figures import Group, Share, within
from examapp.results.marking import COMMON
from examapp.results.models import Result, ResultPart
from examapp.results.people import LABELS, Standing, standing
from examapp.rounds.models import Candidate, ExamRound
from examapp.rounds.words import period_name
from examapp.sittings.models import COUNTING_SITTING, Sitting

LARGE = 2000
"""From so many people on, the file is made by the job runner."""
STREAM = 500
"""Rows fetched at a time."""


class Format(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


MEDIA: dict[Format, str] = {Format.XLSX: XLSX, Format.CSV: CSV, Format.JSON: JSON}


@dataclass(frozen=True, slots=True)
class Extent:
    """What of a round a file holds."""

    round_id: int
    unit_ids: frozenset[int] | None = None
    with_questions: bool = True
    """Questions are for those who reach the whole round."""


PEOPLE = (
    Column("no", "TT", Kind.COUNT, 6),
    Column("number", "Số báo danh", width=10),
    Column("full_name", "Họ và tên", width=26),
    Column("staff_code", "Mã cán bộ", width=12),
    Column("unit", "Đơn vị", width=32),
    Column("position", "Vị trí việc làm", width=30),
    Column("common", "Điểm phần chung", Kind.POINTS),
    Column("own", "Điểm phần vị trí", Kind.POINTS),
    Column("points", "Tổng điểm", Kind.POINTS),
    Column("possible", "Điểm tối đa", Kind.POINTS),
    Column("percent", "Tỷ lệ điểm", Kind.PERCENT),
    Column("outcome", "Kết quả", width=11),
    Column("note", "Ghi chú", width=26),
)


def _people(extent: Extent) -> Iterator[tuple[Any, ...]]:
    """Everyone of the round in the Vietnamese order of names, one at a time."""
    is_common = ResultPart.section == COMMON
    parts = (
        select(
            ResultPart.result_id,
            func.sum(case((is_common, ResultPart.awarded))).label("common"),
            func.sum(case((~is_common, ResultPart.awarded))).label("own"),
        )
        .join(Result, Result.id == ResultPart.result_id)
        .where(Result.round_id == extent.round_id, Result.is_current)
        .group_by(ResultPart.result_id)
        .subquery()
    )
    statement = (
        select(
            Candidate.number,
            Candidate.full_name,
            Official.staff_code,
            Candidate.unit_name,
            Position.name,
            parts.c.common,
            parts.c.own,
            Result.awarded,
            Result.possible,
            Result.passed,
            Result.reason,
            Candidate.state,
            Candidate.reason,
            Sitting.state,
        )
        .select_from(Candidate)
        .join(Official, Official.id == Candidate.official_id)
        .join(Position, Position.id == Candidate.position_id)
        .outerjoin(Sitting, COUNTING_SITTING)
        .outerjoin(Result, and_(Result.candidate_id == Candidate.id, Result.is_current))
        .outerjoin(parts, parts.c.result_id == Result.id)
        .where(Candidate.round_id == extent.round_id, *within(Candidate.unit_id, extent.unit_ids))
        .order_by(Candidate.sort_key, Candidate.number, Candidate.id)
        .execution_options(yield_per=STREAM)
    )
    with Session(db.engine) as session:
        for row in session.execute(statement):
            yield _person(row)


def _person(row: Any) -> tuple[Any, ...]:
    number, name, code, unit, position, common, own, awarded, possible, passed, why, state, reason, sitting = row
    where = standing(state, sitting, awarded is not None, passed)
    percent = None if awarded is None else (awarded, possible)
    outcome = LABELS[where] if where in {Standing.PASSED, Standing.FAILED} else ""
    note = f"Đã tính lại: {why}" if why else "" if outcome else LABELS[where]
    if reason and not outcome:
        note = f"{note}: {reason}"
    return number, name, code, unit, position, common, own, awarded, possible, percent, outcome, note


def _group_columns(label: str) -> tuple[Column, ...]:
    return (
        Column("no", "TT", Kind.COUNT, 6),
        Column("label", label, width=44),
        Column("enrolled", "Dự thi", Kind.COUNT),
        Column("sat", "Có mặt", Kind.COUNT),
        Column("absent", "Vắng", Kind.COUNT),
        Column("results", "Có kết quả", Kind.COUNT),
        Column("passed", "Đạt", Kind.COUNT),
        Column("passed_percent", "Tỷ lệ đạt", Kind.PERCENT),
        Column("average", "Điểm trung bình (%)", Kind.PERCENT, 12),
    )


def _group_rows(groups: Callable[[], Iterable[Group]]) -> Iterator[tuple[Any, ...]]:
    for group in groups():
        average = group.average
        yield (
            group.label,
            group.enrolled,
            group.sat,
            group.enrolled - group.sat,
            group.results,
            group.passed,
            (group.passed, group.results),
            None if average is None else _as_pair(average),
        )


def _as_pair(percent: Fraction) -> tuple[int, int]:
    return percent.numerator, percent.denominator * 100


SHARES = (
    Column("papers", "Số lượt hỏi", Kind.COUNT),
    Column("answered", "Có trả lời", Kind.COUNT),
    Column("right", "Trả lời đúng", Kind.COUNT),
    Column("right_percent", "Tỷ lệ đúng", Kind.PERCENT),
    Column("percent", "Tỷ lệ điểm", Kind.PERCENT),
)
TOPICS = (Column("no", "TT", Kind.COUNT, 6), Column("topic", "Chuyên đề", width=44), *SHARES)
QUESTIONS = (
    Column("no", "TT", Kind.COUNT, 6),
    Column("code", "Mã câu hỏi", width=13),
    Column("stem", "Câu hỏi", width=70),
    Column("topic", "Chuyên đề", width=28),
    Column("level", "Mức độ", width=14),
    *SHARES,
    Column("key", "Đáp án", width=60),
)
"""Keys are there once the round is published."""


def _share(share: Share) -> tuple[Any, ...]:
    right, points = (share.right, share.papers), (share.awarded, share.possible)
    return share.papers, share.answered, share.right, right, points


def _topic_rows(shares: Iterable[Share]) -> Iterator[tuple[Any, ...]]:
    for share in shares:
        yield share.label, *_share(share)


def _question_rows(questions: Sequence[figures.Asked], *, with_keys: bool) -> Iterator[tuple[Any, ...]]:
    keys = figures.keys_of([asked.version_id for asked in questions]) if with_keys else {}
    for asked in questions:
        key = "\n".join(keys.get(asked.version_id, ()))
        yield asked.code, asked.stem, asked.topic, LEVELS[asked.level], *_share(asked.share), key


def people_table(exam_round: ExamRound, extent: Extent) -> Table:
    """The list of results, as it is handed in."""
    return Table(
        name="Kết quả",
        columns=PEOPLE,
        rows=numbered(_people(extent)),
        heading=Heading("Bảng kết quả thi", _heading_lines(exam_round)),
        closing=lambda n: f"Danh sách gồm {n} người.",
    )


def _heading_lines(exam_round: ExamRound) -> list[str]:
    basis = f"Căn cứ: {exam_round.legal_basis_number} ngày {format_date(exam_round.legal_basis_date)}"
    lines = [f"{exam_round.name} ({exam_round.code}), {period_name(exam_round)}", basis]
    if exam_round.decision_number:
        decided = format_date(exam_round.decision_date)
        lines.append(f"Kết quả được công nhận tại Quyết định số {exam_round.decision_number} ngày {decided}")
    else:
        lines.append("Chưa có quyết định công nhận kết quả")
    return lines


def workbook(exam_round: ExamRound, extent: Extent) -> Iterator[Table]:
    """The sheets in their order; each asks the database when it is written."""
    yield people_table(exam_round, extent)
    lines = _heading_lines(exam_round)
    cells = figures.cells(extent.round_id, extent.unit_ids)
    for name, label, groups in (
        ("Theo đơn vị", "Đơn vị", figures.by_unit(cells)),
        ("Theo vị trí", "Vị trí việc làm", figures.by_position(cells)),
    ):
        rows = numbered(_group_rows(groups.values))
        yield Table(name, _group_columns(label), rows, Heading(f"Kết quả thi {name.lower()}", lines))
    asked = figures.by_question(extent.round_id) if extent.with_questions else []
    is_whole = extent.with_questions and extent.unit_ids is None
    topics = figures.topics_of(asked) if is_whole else figures.by_topic(extent.round_id, extent.unit_ids)
    yield Table("Theo chuyên đề", TOPICS, numbered(_topic_rows(topics)), Heading("Kết quả theo chuyên đề", lines))
    if extent.with_questions:
        rows = numbered(_question_rows(asked, with_keys=exam_round.state in PUBLISHED))
        yield Table("Theo câu hỏi", QUESTIONS, rows, Heading("Kết quả theo câu hỏi", lines))


def write(
    stream: IO[bytes],
    form: Format,
    exam_round: ExamRound,
    extent: Extent,
    *,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the file; returns how many rows all its tables have."""
    told = progress or (lambda done: None)
    if form is Format.XLSX:
        return write_xlsx(stream, workbook(exam_round, extent), progress=told)
    table = people_table(exam_round, extent)
    if form is Format.CSV:
        return write_csv(stream, table, progress=told)
    return write_json(stream, table, about=_about(exam_round), progress=told)


def _about(exam_round: ExamRound) -> dict[str, Any]:
    return {
        "round": exam_round.code,
        "name": exam_round.name,
        "year": exam_round.year,
        "period": exam_round.period.value,
        "period_number": exam_round.period_number,
        "purpose": exam_round.purpose.value,
        "state": exam_round.state.value,
        "pass_percent": exam_round.pass_percent,
        "decision_number": exam_round.decision_number,
        "decision_date": exam_round.decision_date,
        "exported_at": clock.now(),
    }


def file_name(exam_round: ExamRound, form: Format) -> str:
    return f"ket-qua-{exam_round.code}.{form.value}"


def as_bytes(
    form: Format, exam_round: ExamRound, extent: Extent, *, progress: Callable[[int], None] | None = None
) -> bytes:
    """The whole file; while it is written only its last few megabytes are in memory."""
    with tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024) as stream:
        write(stream, form, exam_round, extent, progress=progress)
        stream.seek(0)
        return stream.read()


def count_people(extent: Extent) -> int:
    listed = select(func.count()).where(
        Candidate.round_id == extent.round_id, *within(Candidate.unit_id, extent.unit_ids)
    )
    return int(db.session.scalar(listed) or 0)


def record_export(
    exam_round: ExamRound, form: Format, extent: Extent, *, session: Session | None = None, **details: Any
) -> None:
    """Who took which results out of the house."""
    units: Collection[int] = extent.unit_ids or ()
    record(
        "results.exported", "round", exam_round.code, session=session, format=form.value, units=sorted(units), **details
    )


def export_job(work: Work) -> None:
    """A large file, made by the runner and kept with the job."""
    given = work.parameters
    units = given.get("unit_ids")
    extent = Extent(given["round_id"], None if units is None else frozenset(units), given["with_questions"])
    form = Format(given["format"])
    exam_round = db.session.get(ExamRound, extent.round_id)
    if exam_round is None:
        raise NotFound()
    people = count_people(extent)
    db.session.expunge(exam_round)
    db.session.rollback()
    data = as_bytes(form, exam_round, extent, progress=lambda done: work.progress(min(done, people), people))
    with unit_of_work():
        record_export(exam_round, form, extent, asked_by=work.owner_id)
    work.finish(message=_("Đã xuất %(n)s người.", n=people), file=(data, file_name(exam_round, form), MEDIA[form]))
