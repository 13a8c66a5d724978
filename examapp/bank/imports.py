"""Importing questions: read, look, mend, confirm. Nothing enters the bank before somebody confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import reviews
from examapp.bank.checks import Catalogue, Defaults, check_items, places_of
from examapp.bank.content import normalised
from examapp.bank.items import ImportItem, Preview
from examapp.bank.labels import level_label
from examapp.bank.models import (
    Citation,
    ImportState,
    Question,
    QuestionImport,
    QuestionState,
    QuestionVersion,
    Topic,
)
from examapp.bank.questions import insert_many
from examapp.bank.topics import unsorted_topic
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.files import read_file, store_file
from examapp.core.jobs import Work
from examapp.core.models import File
from examapp.core.permissions import Permission
from examapp.core.words import _, in_language
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.formats import FORMATS, Reading, read

READ_AT_ONCE = 200_000
"""Bytes up to which a file is read while the person waits; a larger one becomes a job."""
DEFAULT_LEVEL = domain.Level.RECALL
JOB = "bank.read_import"


def read_upload(data: bytes, *, name: str, format: str = "auto") -> Reading:
    """Read a file that holds at least one question; :class:`Invalid` tells why it does not."""
    reading = read(BytesIO(data), format, filename=name)
    if not reading.questions:
        told = [f"{in_language(problem.place)}: {in_language(problem.message)}" for problem in reading.problems]
        raise Invalid(" ".join(told[:5]) or _("Tệp không có câu hỏi nào."), field="file")
    return reading


def keep_import(
    reading: Reading,
    *,
    file: File,
    owner: Account,
    position: Position | None,
    topic: Topic | None,
    level: domain.Level | None,
) -> QuestionImport:
    """Keep what was read, checked against the bank, until its owner confirms or discards it."""
    preview = Preview.of(reading)
    kept = QuestionImport(
        file_id=file.id,
        format=reading.format,
        position_id=position.id if position else None,
        topic_id=topic.id if topic else None,
        level=level,
        items="",
        owner_id=owner.id,
    )
    _check(preview, defaults_of(kept), owner)
    kept.items = preview.dumps()
    db.session.add(kept)
    db.session.flush()
    record("import.read", "question_import", kept.ref, file=file.name, format=reading.format, read=reading.read)
    return kept


def keep_file(data: bytes, *, name: str, owner: Account) -> File:
    """The file as it came, for who must later see what was imported."""
    return store_file(data, name=name, kind="question_import", media_type="application/octet-stream", owner_id=owner.id)


def read_import_job(work: Work) -> None:
    """The job behind a large file: read it outside any transaction, keep what was found in one."""
    given = work.parameters
    file = db.session.get_one(File, given["file_id"])
    data, name = read_file(file), file.name
    db.session.rollback()
    reading = read_upload(data, name=name)
    with unit_of_work() as session:
        owner = session.get_one(Account, work.owner_id)
        kept = keep_import(
            reading,
            file=session.get_one(File, given["file_id"]),
            owner=owner,
            position=session.get(Position, given["position_id"]) if given["position_id"] else None,
            topic=session.get(Topic, given["topic_id"]) if given["topic_id"] else None,
            level=domain.Level(given["level"]) if given["level"] else None,
        )
        ref = kept.ref
    count = len(reading.questions)
    message = _("Đã đọc %(n)s câu hỏi. Hãy xem lại rồi xác nhận.", n=count)
    work.finish(message=message, url=f"/bank/import/{ref}")


def defaults_of(kept: QuestionImport) -> Defaults:
    return Defaults(
        position=db.session.get(Position, kept.position_id) if kept.position_id else None,
        topic=db.session.get(Topic, kept.topic_id) if kept.topic_id else None,
        level=kept.level or DEFAULT_LEVEL,
    )


def _check(preview: Preview, defaults: Defaults, person: Account) -> Catalogue:
    catalogue = Catalogue.load()
    reach = person.positions(Permission.BANK_IMPORT)
    check_items(preview.items, catalogue=catalogue, defaults=defaults, reach=reach)
    return catalogue


def get_import(ref: str, *, person: Account, lock: bool = False) -> QuestionImport:
    """An import of this person's own: nobody else confirms what somebody uploaded. ``lock`` before changing it."""
    query = select(QuestionImport).where(QuestionImport.ref == ref, QuestionImport.owner_id == person.id)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound()
    return found


def imports_query(person: Account) -> Select[Any]:
    query = select(QuestionImport).where(QuestionImport.owner_id == person.id)
    return query.order_by(QuestionImport.created_at.desc(), QuestionImport.id.desc())


def preview_of(kept: QuestionImport) -> Preview:
    return Preview.loads(kept.items)


def summary_notes(preview: Preview, defaults: Defaults) -> list[str]:
    """How the file was understood, and what will be taken where it says nothing."""
    notes = [in_language(note) for note in preview.notes]
    no_level = sum(item.question.level is None for item in preview.items)
    no_topic = sum(not item.question.topic for item in preview.items)
    if no_level:
        text = _("%(n)s câu không ghi mức độ: sẽ lưu là “%(level)s”.", n=no_level, level=level_label(defaults.level))
        notes.append(text)
    if no_topic:
        topic = defaults.topic.name if defaults.topic else _("Chưa xếp chuyên đề")
        notes.append(_("%(n)s câu không ghi chuyên đề: sẽ vào “%(topic)s”.", n=no_topic, topic=topic))
    return notes


def mend_item(kept: QuestionImport, number: int, question: domain.Question, *, person: Account) -> ImportItem:
    """Take what a person has written in place of what was read, and check it anew."""
    preview, item = _open(kept, number)
    item.question, item.mended, item.left_out = question, True, False
    _check(preview, defaults_of(kept), person)
    kept.items = preview.dumps()
    db.session.flush()
    return item


def leave_out(kept: QuestionImport, number: int, *, out: bool) -> None:
    """Leave one question of the file out, or take it in again."""
    preview, item = _open(kept, number)
    item.left_out = out
    kept.items = preview.dumps()
    db.session.flush()


def _open(kept: QuestionImport, number: int) -> tuple[Preview, ImportItem]:
    _check_open(kept)
    preview = preview_of(kept)
    item = preview.item(number)
    if item is None:
        raise NotFound()
    return preview, item


def _check_open(kept: QuestionImport) -> None:
    if kept.state is not ImportState.READ:
        raise Conflict(
            _("Lần nhập này đã kết thúc."), advice=_("Hãy mở danh sách các lần nhập để xem kết quả hoặc nhập tệp khác.")
        )


def store_import(kept: QuestionImport, *, person: Account) -> int:
    """Store every question without errors as a draft of this person, all in one transaction; how many came.

    What the bank would say now counts, not what it said when the file was read.
    """
    _check_open(kept)
    preview, defaults = preview_of(kept), defaults_of(kept)
    catalogue = _check(preview, defaults, person)
    good = preview.good
    if not good:
        raise Invalid(_("Không có câu hợp lệ nào để lưu. Hãy sửa ít nhất một câu."))
    ids = store_items(good, catalogue=catalogue, defaults=defaults, owner_id=person.id)
    codes = {found: code for found, code in db.session.execute(select(Question.id, Question.code).where(_among(ids)))}
    for item, found in zip(good, ids, strict=True):
        item.code = codes[found]
    kept.items, kept.state, kept.stored_count = preview.dumps(), ImportState.STORED, len(ids)
    db.session.flush()
    record("import.stored", "question_import", kept.ref, stored=len(ids), skipped=len(preview.items) - len(ids))
    return len(ids)


def _among(ids: Sequence[int]) -> Any:
    """Ids of one bulk insert: their range first, so that the statement stays short."""
    return Question.id.between(min(ids), max(ids))


def store_items(
    items: Sequence[ImportItem], *, catalogue: Catalogue, defaults: Defaults, owner_id: int | None
) -> list[int]:
    """Put the items into the bank as drafts; ids in their order."""
    fallback = defaults.topic
    rows: list[tuple[domain.Question, int, Sequence[Position]]] = []
    for item in items:
        question = item.question
        places = places_of(question, catalogue, defaults)
        topic = catalogue.topic(question.topic) if question.topic else None
        if topic is None:
            fallback = topic = fallback or unsorted_topic(defaults.position)
        content = replace(question, level=question.level or defaults.level)
        rows.append((normalised(content, topic=topic.code, positions=[p.code for p in places]), topic.id, places))
    return insert_many(rows, owner_id=owner_id, note=_("Nhập từ tệp"))


def discard_import(kept: QuestionImport) -> None:
    """Give the file up; nothing of it enters the bank."""
    _check_open(kept)
    kept.state = ImportState.DISCARDED
    db.session.flush()
    record("import.discarded", "question_import", kept.ref)


def submit_stored(kept: QuestionImport) -> tuple[int, int]:
    """Submit what this import stored for review: how many went, how many are not ready yet."""
    codes = [item.code for item in preview_of(kept).items if item.code]
    sent = waiting = 0
    for start in range(0, len(codes), 500):
        drafts = select(Question).where(Question.code.in_(codes[start : start + 500])).order_by(Question.id)
        for question in db.session.scalars(drafts.where(Question.state == QuestionState.DRAFT).options(*_loaded())):
            if reviews.missing_for_review(question):
                waiting += 1
            else:
                reviews.submit_for_review(question)
                sent += 1
    return sent, waiting


def _loaded() -> tuple[Any, ...]:

    current = joinedload(Question.current)
    return (current.selectinload(QuestionVersion.citations).joinedload(Citation.document),)


def drafts_left(kept: QuestionImport) -> int:
    """How many questions of a finished import are still drafts."""
    codes = [item.code for item in preview_of(kept).items if item.code]
    left = 0
    for start in range(0, len(codes), 500):
        found = (
            select(func.count())
            .select_from(Question)
            .where(Question.code.in_(codes[start : start + 500]), Question.state == QuestionState.DRAFT)
        )
        left += db.session.scalar(found) or 0
    return left


def format_label(name: str) -> str:
    return in_language(FORMATS[name].label)


def file_of(kept: QuestionImport) -> File:
    return db.session.get_one(File, kept.file_id)
