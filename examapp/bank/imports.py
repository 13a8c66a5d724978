"""Importing questions: files are read, looked at, mended, confirmed. Nothing enters the bank before that.

A small file is read while the person waits, a large one by a job that goes on where a killed runner left it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, not_, or_, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.import_files import Incoming, Refused
from examapp.bank.import_reading import AUTO, JOB, take_in
from examapp.bank.items import pack, unpack
from examapp.bank.models import BankKind, ImportBatch, ImportItem, ImportState, QuestionImport, Topic
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.files import store_file
from examapp.core.jobs import start_job
from examapp.core.models import File, Job
from examapp.core.words import _, in_language
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.formats import FORMATS, Reading

BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person said of all the files of a batch."""

    bank: BankKind = BankKind.EXAM
    position: Position | None = None
    topic: Topic | None = None
    level: domain.Level | None = None


def start_batch(
    files: Sequence[Incoming],
    readings: Sequence[Reading | Invalid | None],
    *,
    owner: Account,
    choice: Choice,
    key: Incoming | None = None,
    refused: Sequence[Refused] = (),
) -> ImportBatch:
    """Keep every file with what was read of it; jobs read the others."""
    told = [[one.name, pack(one.reason)] for one in refused]
    batch = ImportBatch(owner_id=owner.id, refused=json.dumps(told, ensure_ascii=False))
    db.session.add(batch)
    db.session.flush()
    for file, reading in zip(files, readings, strict=True):
        kept = keep_import(file, batch=batch, owner=owner, choice=choice)
        if key is not None:
            keep_key(kept, key)
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


def keep_key(kept: QuestionImport, key: Incoming) -> None:
    """The file with the answers, beside that with the questions."""
    file = store_file(key.data, name=key.name, kind="question_import", media_type=BINARY, owner_id=kept.owner_id)
    kept.key_file_id = file.id
    db.session.flush()


def read_anew(kept: QuestionImport, reading: Reading | None) -> Job | None:
    """Take in what the file says now; what a person has mended or left out stays. Without a reading a job reads it."""
    if kept.state not in {ImportState.READ, ImportState.MAPPING}:
        raise _is_over()
    settled = or_(ImportItem.is_mended, ImportItem.is_left_out)
    touched = delete(ImportItem).where(ImportItem.import_id == kept.id, not_(settled))
    db.session.execute(touched.execution_options(synchronize_session=False))
    kept.state = ImportState.WAITING
    if reading is None:
        return read_later(kept)
    take_in(kept, reading)
    return None


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
