"""Commands of the bank: ``examapp questions import`` and ``examapp questions export``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from examapp.bank import exports
from examapp.bank.alike import alike, told
from examapp.bank.bulk import insert_many
from examapp.bank.checks import UNKNOWN_POSITION, Catalogue, Defaults, Destination, Named, destination, law_findings
from examapp.bank.filtering import COMMON
from examapp.bank.items import Draft, drafts_of
from examapp.bank.media import keep_image
from examapp.bank.models import Topic
from examapp.bank.previews import DEFAULT_LEVEL, codes_of
from examapp.bank.storing import row_of, with_images
from examapp.bank.topics import unsorted_topic
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.words import _
from examapp.organisation.models import Position
from question_bank.formats import FORMATS, Reading, as_json, read
from question_bank.messages import Message, Problem, Severity

questions_group = AppGroup("questions", help="Ngân hàng câu hỏi: nhập, xuất.")


@questions_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--position", required=True, help=f"Mã vị trí của câu không ghi vị trí; “{COMMON}” là dùng chung.")
@click.option("--topic", default="", help="Mã chuyên đề của câu không ghi chuyên đề.")
@click.option("--format", "format_name", default="auto", type=click.Choice(["auto", *FORMATS]))
@click.option("--dry-run", is_flag=True, help="Chỉ đọc và kiểm tra, không lưu gì.")
@click.option("--json", "in_json", is_flag=True, help="In một đối tượng JSON thay cho lời.")
def import_questions(file: Path, position: str, topic: str, format_name: str, dry_run: bool, in_json: bool) -> None:
    """Nhập câu hỏi từ FILE thành bản nháp."""
    reading = read(file, format_name, filename=file.name)
    reading, stored = _store(reading, position=position, topic=topic, dry_run=dry_run)
    if in_json:
        click.echo(json.dumps(as_json(reading, stored), ensure_ascii=False))
    else:
        _tell(reading, stored, dry_run=dry_run)
    has_errors = any(problem.severity is Severity.ERROR for problem in reading.problems)
    sys.exit(0 if stored or (dry_run and not has_errors) else 1)


def _store(reading: Reading, *, position: str, topic: str, dry_run: bool) -> tuple[Reading, int]:
    """The reading with what the bank found as well, and how many questions were stored."""
    with unit_of_work():
        catalogue = Catalogue.load()
        place = db.session.scalar(select(Position).where(Position.code == position))
        chosen = db.session.scalar(select(Topic).where(Topic.code == topic)) if topic else None
        wrong = _wrong_options(position, place, topic, chosen)
        defaults = Defaults(position=place, topic=chosen, level=DEFAULT_LEVEL)
        drafts = drafts_of(reading)
        goes = {
            draft.number: destination(
                Named(draft.question.topic, draft.question.positions, draft.heading), catalogue, defaults, None
            )
            for draft in drafts
        }
        found = [problem for draft in drafts for problem in _problems(draft, goes[draft.number], catalogue)]
        reading = replace(reading, problems=(*wrong, *reading.problems, *found, *_repeated(drafts)))
        faulty = {problem.item for problem in reading.problems if problem.severity is Severity.ERROR}
        good = [draft for draft in drafts if draft.number not in faulty]
        if wrong or dry_run or not good:
            return reading, 0
        images = {sha256: keep_image(data, None) for sha256, data in reading.media.items()}
        unsorted = None if all(goes[draft.number].topic for draft in good) else unsorted_topic(place)
        rows = []
        for draft in good:
            where = goes[draft.number]
            into = where.topic or unsorted
            assert into is not None
            rows.append(row_of(with_images(draft.question, images), into, where.positions, defaults.level))
        stored = insert_many(rows, owner_id=None, note=_("Nhập từ tệp"))
    return reading, len(stored)


def _problems(draft: Draft, goes: Destination, catalogue: Catalogue) -> Iterator[Problem]:
    cited = [citation.document for citation in draft.question.citations]
    for finding in (*goes.findings, *law_findings(cited, catalogue)):
        yield Problem(draft.place, draft.number, finding.severity, finding.message)


def _repeated(drafts: Sequence[Draft]) -> Iterator[Problem]:
    """Questions that the bank or the file has already."""
    for number, twins in alike(drafts).items():
        place = drafts[number - 1].place
        codes = codes_of([twin.question_id for twin in twins if twin.question_id])
        for twin in twins:
            message = told(twin, codes.get(twin.question_id or 0, ""))
            yield Problem(place, number, Severity.WARNING, message)


def _wrong_options(position: str, place: Position | None, topic: str, chosen: Topic | None) -> list[Problem]:
    """Codes given to the command that the installation does not know."""
    wrong = []
    if place is None and position != COMMON:
        wrong.append(Problem("--position", None, Severity.ERROR, Message(UNKNOWN_POSITION, code=position)))
    if topic and chosen is None:
        message = Message("Chuyên đề “{topic}” không có trong danh mục: kiểm tra lại mã chuyên đề.", topic=topic)
        wrong.append(Problem("--topic", None, Severity.ERROR, message))
    return wrong


def _tell(reading: Reading, stored: int, *, dry_run: bool) -> None:
    for note in reading.notes:
        click.echo(note)
    words = {Severity.ERROR: "Lỗi", Severity.WARNING: "Cảnh báo"}
    for problem in reading.problems:
        click.echo(f"{words[problem.severity]}: {problem.place}: {problem.message}")
    if dry_run:
        click.echo(f"Đọc được {reading.read} câu; chạy thử nên không lưu gì.")
    else:
        click.echo(f"Đọc được {reading.read} câu, đã lưu {stored} câu dạng bản nháp.")


@questions_group.command("export")
@click.option("--position", default="", help=f"Mã vị trí; “{COMMON}” là câu dùng chung; bỏ trống là tất cả.")
@click.option("--format", "format_name", default="excel", type=click.Choice(list(FORMATS)))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
def export_questions(position: str, format_name: str, output: Path) -> None:
    """Xuất câu hỏi kèm đáp án ra tệp."""
    if position and not exports.known_position(position):
        raise click.ClickException(f"Vị trí “{position}” không có trong danh mục.")
    ids: Sequence[int] = exports.all_ids(position=position, on=clock.today())
    if not ids:
        raise click.ClickException("Không có câu hỏi nào để xuất.")
    questions = exports.contents(ids)
    around = exports.Surroundings.of(questions)
    db.session.rollback()
    exported = exports.write_file(questions, format_name, who="examapp questions export", around=around)
    with unit_of_work():
        exports.note_export(exported, format=format_name, position=position, by="examapp questions export")
    output.write_bytes(exported.data)
    for problem in exported.problems:
        click.echo(f"{problem.place}: {problem.message}", err=True)
    click.echo(f"Đã xuất {exported.count} câu hỏi ra {output}.")
