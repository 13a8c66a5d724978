"""Importing questions: files are read, looked at, mended, confirmed. Nothing enters the bank before that.

A small file is read while the person waits, a large one by a job that goes on where a killed runner left it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.alike import Twin, alike, dump_twins
from examapp.bank.checks import Named
from examapp.bank.import_files import Incoming, Refused
from examapp.bank.items import (
    Draft,
    Report,
    content_columns,
    drafts_of,
    dump_place,
    finding_columns,
    pack,
    unpack,
)
from examapp.bank.models import (
    BankKind,
    ImportBatch,
    ImportGroup,
    ImportItem,
    ImportMedia,
    ImportState,
    QuestionImport,
    Topic,
)
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.files import read_file, store_file
from examapp.core.jobs import Cancelled, Work, start_job
from examapp.core.models import File, Job
from examapp.core.words import _, in_language
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.formats import FORMATS, Reading, read

READ_AT_ONCE = 200_000
"""Bytes up to which a file is read while the person waits; a larger one becomes a job."""
JOB = "bank.read_import"
CHUNK = 500
"""Rows kept in one transaction: the others who write wait no longer than that."""
AUTO = "auto"
BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person said of all the files of a batch."""

    bank: BankKind = BankKind.EXAM
    position: Position | None = None
    topic: Topic | None = None
    level: domain.Level | None = None


def read_upload(data: bytes, *, name: str, format: str = AUTO) -> Reading:
    """Read a file that holds at least one question; :class:`Invalid` tells why it does not."""
    reading = read(BytesIO(data), format, filename=name)
    if not reading.questions:
        told = [f"{in_language(problem.place)}: {in_language(problem.message)}" for problem in reading.problems]
        raise Invalid(" ".join(told[:5]) or _("Tệp không có câu hỏi nào."), field="file")
    return reading


def read_small(files: Sequence[Incoming]) -> list[Reading | Invalid | None]:
    """What each file holds, or why it cannot be read; ``None`` for those that a job will read."""
    found: list[Reading | Invalid | None] = []
    ahead = READ_AT_ONCE
    for file in files:
        if len(file.data) > ahead:
            found.append(None)
            continue
        ahead -= len(file.data)
        try:
            found.append(read_upload(file.data, name=file.name))
        except Invalid as error:
            found.append(error)
    return found


def start_batch(
    files: Sequence[Incoming],
    readings: Sequence[Reading | Invalid | None],
    *,
    owner: Account,
    choice: Choice,
    refused: Sequence[Refused] = (),
) -> ImportBatch:
    """Keep every file with what was read of it; jobs read the others."""
    told = [[one.name, pack(one.reason)] for one in refused]
    batch = ImportBatch(owner_id=owner.id, refused=json.dumps(told, ensure_ascii=False))
    db.session.add(batch)
    db.session.flush()
    for file, reading in zip(files, readings, strict=True):
        kept = keep_import(file, batch=batch, owner=owner, choice=choice)
        if isinstance(reading, Reading):
            take_in(kept, reading)
        elif reading is None:
            read_later(kept)
        else:
            kept.state, kept.message = ImportState.UNREADABLE, reading.message
    db.session.flush()
    return batch


def keep_import(file: Incoming, *, batch: ImportBatch, owner: Account, choice: Choice) -> QuestionImport:
    """The file as it came, for who must later see what was imported."""
    stored = store_file(file.data, name=file.name, kind="question_import", media_type=BINARY, owner_id=owner.id)
    kept = QuestionImport(
        batch_id=batch.id,
        file_id=stored.id,
        format=AUTO,
        bank=choice.bank,
        position_id=choice.position.id if choice.position else None,
        topic_id=choice.topic.id if choice.topic else None,
        level=choice.level,
        owner_id=owner.id,
    )
    db.session.add(kept)
    db.session.flush()
    return kept


def refused_of(batch: ImportBatch) -> list[Refused]:
    return [Refused(name, unpack(reason)) for name, reason in json.loads(batch.refused)]


def read_later(kept: QuestionImport) -> Job:
    """Have a job read the file."""
    if kept.state is not ImportState.WAITING:
        raise _is_over()
    name = db.session.get_one(File, kept.file_id).name
    title = _("Đọc tệp câu hỏi %(name)s", name=name)[:200]
    job = start_job(JOB, title=title, owner_id=kept.owner_id, import_id=kept.id)
    kept.job_id = job.id
    return job


def take_in(kept: QuestionImport, reading: Reading) -> None:
    """Keep what was read, in the caller's transaction: for files small enough."""
    drafts = drafts_of(reading)
    _keep_media(kept, reading.media)
    _keep_items(kept.id, drafts, alike(drafts), {})
    _note_read(kept, reading)


def _note_read(kept: QuestionImport, reading: Reading) -> None:
    kept.format, kept.report, kept.read_count = reading.format, Report.of(reading).dumps(), reading.read
    kept.state, kept.job_id = ImportState.READ, None
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
        db.session.execute(insert(ImportItem), rows)


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
            file = store_file(data, name=sha256[:12], kind="import_image", media_type=BINARY, owner_id=kept.owner_id)
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
    file = db.session.get_one(File, kept.file_id)
    data, name = read_file(file), file.name
    db.session.rollback()
    try:
        reading = read_upload(data, name=name)
        _take_in_steps(work, import_id, reading)
    except Invalid as error:
        with unit_of_work() as session:
            kept = session.get_one(QuestionImport, import_id)
            kept.state, kept.message = ImportState.UNREADABLE, error.message
        raise
    except Cancelled:
        _give_up(import_id)
        raise
    count = len(reading.questions)
    work.finish(message=_("Đã đọc %(n)s câu hỏi. Hãy xem lại rồi xác nhận.", n=count), url=url)


def _take_in_steps(work: Work, import_id: int, reading: Reading) -> None:
    """Keep the questions chunk by chunk; those that an earlier run has kept stay."""
    drafts = drafts_of(reading)
    twins = alike(drafts)
    groups = _groups_of(import_id)
    kept_before = db.session.scalar(select(func.max(ImportItem.number)).where(ImportItem.import_id == import_id)) or 0
    db.session.rollback()
    for some in _some_at_a_time(list(reading.media.items()), 20):
        with unit_of_work() as session:
            _keep_media(session.get_one(QuestionImport, import_id), dict(some))
    for some in _some_at_a_time(drafts[kept_before:], CHUNK):
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
        clear_items(import_id)
        session.get_one(QuestionImport, import_id).state = ImportState.DISCARDED


def clear_items(import_id: int) -> None:
    """Forget what was read of a file."""
    for table in (ImportItem, ImportGroup, ImportMedia):
        found = delete(table).where(table.import_id == import_id)
        db.session.execute(found.execution_options(synchronize_session=False))


def get_batch(ref: str, *, person: Account) -> ImportBatch:
    query = select(ImportBatch).where(ImportBatch.ref == ref, ImportBatch.owner_id == person.id)
    found = db.session.scalar(query.options(joinedload(ImportBatch.imports).joinedload(QuestionImport.file)))
    if found is None:
        raise NotFound()
    return found


def get_import(ref: str, *, person: Account, lock: bool = False) -> QuestionImport:
    """An import of this person's own: nobody else confirms what somebody uploaded. ``lock`` before changing it."""
    query = select(QuestionImport).where(QuestionImport.ref == ref, QuestionImport.owner_id == person.id)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound()
    return found


def get_item(kept: QuestionImport, number: int) -> ImportItem:
    query = select(ImportItem).where(ImportItem.import_id == kept.id, ImportItem.number == number)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def imports_query(person: Account) -> Select[Any]:
    query = select(QuestionImport).where(QuestionImport.owner_id == person.id).options(joinedload(QuestionImport.file))
    return query.order_by(QuestionImport.created_at.desc(), QuestionImport.id.desc())


def check_open(kept: QuestionImport) -> None:
    """Only what has been read and not yet confirmed can be changed."""
    if kept.state is not ImportState.READ:
        raise _is_over()


def _is_over() -> Conflict:
    advice = _("Hãy mở danh sách các lần nhập để xem kết quả hoặc nhập tệp khác.")
    return Conflict(_("Lần nhập này đã kết thúc hoặc đang được xử lý."), advice=advice)


def discard_import(kept: QuestionImport) -> None:
    """Give the file up; nothing of it enters the bank."""
    if kept.state not in {ImportState.READ, ImportState.MAPPING, ImportState.WAITING}:
        raise _is_over()
    kept.state = ImportState.DISCARDED
    db.session.flush()
    record("import.discarded", "question_import", kept.ref)


def format_label(name: str) -> str:
    return in_language(FORMATS.label(name)) if name in FORMATS else "–"
