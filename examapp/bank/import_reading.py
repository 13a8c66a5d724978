"""Reading the files of an import: at once or by a job that goes on where a killed runner left it."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from sqlalchemy import delete, insert, select

from examapp.audit.services import record
from examapp.bank.alike import Twin, alike, dump_twins
from examapp.bank.checks import Named
from examapp.bank.columns import dump_sheets, said_by
from examapp.bank.import_files import Incoming
from examapp.bank.items import Draft, Report, content_columns, drafts_of, dump_place, finding_columns
from examapp.bank.media import type_of
from examapp.bank.models import ImportGroup, ImportItem, ImportMedia, ImportState, QuestionImport
from examapp.core.db import Base, db, unit_of_work
from examapp.core.errors import Invalid
from examapp.core.files import read_file, store_file
from examapp.core.jobs import Cancelled, Work
from examapp.core.models import File
from examapp.core.words import _, in_language
from question_bank.formats import Reading, apply_key, read
from question_bank.formats.excel_mapping import ColumnMapping

READ_AT_ONCE = 200_000
"""Bytes up to which a file is read while the person waits; a larger one becomes a job."""
JOB = "bank.read_import"
CHUNK = 1000
"""Rows kept in one transaction: the others who write wait no longer than that."""
IMAGES = 20
AUTO = "auto"
PACKED, HEADING = b"PK", "ĐÁP ÁN\n".encode()


def read_upload(data: bytes, *, name: str, format: str = AUTO, columns: Sequence[ColumnMapping] = ()) -> Reading:
    """Read a file that holds at least one question, or a table whose columns a person may name.

    :class:`Invalid` tells why it does not; ``columns`` is what has been said of tables before.
    """
    reading = read(BytesIO(data), format, filename=name, mapping=columns)
    if not reading.questions and reading.needs_mapping is None:
        told = [f"{in_language(problem.place)}: {in_language(problem.message)}" for problem in reading.problems]
        raise Invalid(" ".join(told[:5]) or _("Tệp không có câu hỏi nào."), field="file")
    return reading


def read_answers(key: Incoming) -> Mapping[int, str]:
    """The answers by number that a file of answers holds; :class:`Invalid` tells why there are none."""
    found = read(BytesIO(key.data), AUTO, filename=key.name).key
    if not found and not key.data.startswith(PACKED):  # bare lines "1. B": whoever sent them says what they are
        found = read(BytesIO(HEADING + key.data.removeprefix(codecs.BOM_UTF8)), AUTO, filename=key.name).key
    if not found:
        message = _("Tệp đáp án “%(name)s” không có bảng số câu và đáp án đọc được.", name=key.name)
        raise Invalid(message, field="key")
    return found


def read_incoming(
    file: Incoming, answers: Mapping[int, str] | None = None, columns: Sequence[ColumnMapping] = ()
) -> Reading:
    """A file with the answers of another one, if there is one."""
    reading = read_upload(file.data, name=file.name, columns=columns)
    return apply_key(reading, answers) if answers else reading


def read_small(
    files: Sequence[Incoming], answers: Mapping[int, str] | None = None, columns: Sequence[ColumnMapping] = ()
) -> list[Reading | Invalid | None]:
    """What each file holds, or why it cannot be read; ``None`` for those that a job will read."""
    found: list[Reading | Invalid | None] = []
    ahead = READ_AT_ONCE
    for file in files:
        if len(file.data) > ahead:
            found.append(None)
            continue
        ahead -= len(file.data)
        try:
            found.append(read_incoming(file, answers, columns))
        except Invalid as error:
            found.append(error)
    return found


def incoming_of(file_id: int) -> Incoming:
    """A kept file as it came."""
    file = db.session.get_one(File, file_id)
    return Incoming(file.name, read_file(file))


def take_in(kept: QuestionImport, reading: Reading) -> None:
    """Keep what was read, in the caller's transaction: for files small enough."""
    drafts = drafts_of(reading)
    twins = alike(drafts)
    _keep_media(kept, reading.media)
    _keep_items(kept.id, _missing(kept.id, drafts), twins, _groups_of(kept.id))
    _note_read(kept, reading)


def _missing(import_id: int, drafts: Sequence[Draft]) -> list[Draft]:
    """Without those that are kept already."""
    known = set(db.session.scalars(select(ImportItem.number).where(ImportItem.import_id == import_id)))
    return [draft for draft in drafts if draft.number not in known]


def _note_read(kept: QuestionImport, reading: Reading) -> None:
    kept.format, kept.report, kept.read_count = reading.format, Report.of(reading).dumps(), reading.read
    kept.columns, kept.job_id = dump_sheets(reading.needs_mapping), None
    kept.state = ImportState.READ if reading.questions else ImportState.MAPPING
    db.session.flush()
    name = db.session.get_one(File, kept.file_id).name
    record("import.read", "question_import", kept.ref, file=name, format=reading.format, read=reading.read)


def _keep_items(
    import_id: int, drafts: Sequence[Draft], twins: Mapping[int, Sequence[Twin]], groups: dict[str, int]
) -> None:
    """Rows for these questions; ``groups`` are the ids that are there, by key, and get the new ones."""
    named = [Named(draft.question.topic, draft.question.positions, draft.heading) for draft in drafts]
    keys = {where: where.key for where in set(named)}
    _keep_groups(import_id, keys, groups)
    rows = [
        {
            "import_id": import_id,
            "number": draft.number,
            "group_id": groups[keys[where]],
            "place": dump_place(draft.place),
            "alike": dump_twins(twins.get(draft.number, ())),
            **content_columns(draft.question),
            **finding_columns(draft.findings, is_alike=draft.number in twins),
        }
        for draft, where in zip(drafts, named, strict=True)
    ]
    if rows:
        db.session.execute(insert(Base.metadata.tables[ImportItem.__tablename__]), rows)


def _keep_groups(import_id: int, keys: Mapping[Named, str], groups: dict[str, int]) -> None:
    new = {key: where for where, key in keys.items() if key not in groups}
    rows = [
        {
            "import_id": import_id,
            "key": key,
            "topic": where.topic,
            "positions": json.dumps(where.positions, ensure_ascii=False),
            "heading": where.heading,
        }
        for key, where in new.items()
    ]
    if rows:
        returning = insert(ImportGroup).returning(ImportGroup.id, sort_by_parameter_order=True)
        groups.update(zip(new, db.session.scalars(returning, rows), strict=True))


def group_id_for(kept: QuestionImport, named: Named) -> int:
    """The group of questions that name this; a new one where a person has chosen otherwise than the file."""
    known = select(ImportGroup.id).where(ImportGroup.import_id == kept.id, ImportGroup.key == named.key)
    groups = {named.key: found} if (found := db.session.scalar(known)) else {}
    _keep_groups(kept.id, {named: named.key}, groups)
    return groups[named.key]


def _keep_media(kept: QuestionImport, media: Mapping[str, bytes]) -> None:
    known = set(db.session.scalars(select(ImportMedia.sha256).where(ImportMedia.import_id == kept.id)))
    for sha256, data in media.items():
        if sha256 not in known:
            name, media_type = sha256[:12], type_of(data)
            file = store_file(data, name=name, kind="import_image", media_type=media_type, owner_id=kept.owner_id)
            db.session.add(ImportMedia(import_id=kept.id, sha256=sha256, file_id=file.id))
    db.session.flush()


def read_import_job(work: Work) -> None:
    """The job behind a large file: read it outside any transaction, keep what was found in short ones."""
    import_id: int = work.parameters["import_id"]
    kept = db.session.get_one(QuestionImport, import_id)
    url = f"/bank/import/{kept.ref}"
    if kept.state is not ImportState.WAITING:
        db.session.rollback()
        work.finish(message=_("Tệp đã được đọc."), url=url)
        return
    file = incoming_of(kept.file_id)
    key = incoming_of(kept.key_file_id) if kept.key_file_id else None
    columns = said_by(kept.owner_id)
    db.session.rollback()
    try:
        reading = read_incoming(file, read_answers(key) if key else None, columns)
        _take_in_steps(work, import_id, reading)
    except Invalid as error:
        with unit_of_work() as session:
            kept = session.get_one(QuestionImport, import_id)
            kept.state, kept.message = ImportState.UNREADABLE, error.message
        raise
    except Cancelled:
        _give_up(import_id)
        raise
    message = _("Đã đọc %(n)s câu hỏi. Hãy xem lại rồi xác nhận.", n=len(reading.questions))
    if not reading.questions:
        message = _("Chưa rõ ý nghĩa các cột của bảng. Hãy chọn ý nghĩa từng cột rồi đọc lại.")
    work.finish(message=message, url=url)


def _take_in_steps(work: Work, import_id: int, reading: Reading) -> None:
    """Keep the questions chunk by chunk; those that an earlier run has kept stay."""
    drafts = drafts_of(reading)
    twins = alike(drafts)
    groups = _groups_of(import_id)
    missing = _missing(import_id, drafts)
    db.session.rollback()
    for some in _some_at_a_time(list(reading.media.items()), IMAGES):
        with unit_of_work() as session:
            _keep_media(session.get_one(QuestionImport, import_id), dict(some))
    for some in _some_at_a_time(missing, CHUNK):
        with unit_of_work():
            _keep_items(import_id, some, twins, groups)
        work.progress(some[-1].number, len(drafts))
    with unit_of_work() as session:
        _note_read(session.get_one(QuestionImport, import_id), reading)


def _groups_of(import_id: int) -> dict[str, int]:
    rows = db.session.execute(select(ImportGroup.key, ImportGroup.id).where(ImportGroup.import_id == import_id))
    return {key: group_id for key, group_id in rows}


def _some_at_a_time(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _give_up(import_id: int) -> None:
    """The person has stopped the reading: nothing of the file is kept but the file."""
    db.session.rollback()
    with unit_of_work() as session:
        _clear_items(import_id)
        session.get_one(QuestionImport, import_id).state = ImportState.DISCARDED


def _clear_items(import_id: int) -> None:
    """Forget what was read of a file."""
    for table in (ImportItem, ImportGroup, ImportMedia):
        found = delete(table).where(table.import_id == import_id)
        db.session.execute(found.execution_options(synchronize_session=False))
