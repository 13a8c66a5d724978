"""From a confirmed file into the bank: all of it or nothing, many questions in steps that a killed runner may leave.

Questions come without being shown; when the last has come all of them appear in one statement, so nobody ever sees
half a file. Who stops the work before that finds the bank as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.bulk import Prepared, Row, insert_hidden, prepare_many, show_many
from examapp.bank.content import normalised
from examapp.bank.imports import check_open
from examapp.bank.items import dump_question, question_of
from examapp.bank.media import keep_image
from examapp.bank.models import (
    BankKind,
    Citation,
    ImportBatch,
    ImportItem,
    ImportMedia,
    ImportState,
    Question,
    QuestionImport,
    QuestionPosition,
    QuestionTag,
    QuestionText,
    QuestionVersion,
    Topic,
)
from examapp.bank.previews import Preview
from examapp.bank.topics import unsorted_topic
from examapp.core.db import Base, db, unit_of_work
from examapp.core.errors import Conflict, Invalid
from examapp.core.files import read_file
from examapp.core.jobs import Work, start_job
from examapp.core.models import File, Job
from examapp.core.words import _
from examapp.organisation.models import Position
from question_bank import question as domain

STORE_AT_ONCE = 1000
"""Questions up to which the person waits; more become a job."""
CHUNK = 250
"""Questions stored in one transaction of the job."""
IMAGES = 5
JOB = "bank.store_import"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where each group of the file goes, and what stands for what the file does not say."""

    places: Mapping[int, tuple[Topic, tuple[Position, ...]]]
    level: domain.Level
    owner_id: int | None
    bank: BankKind
    images: Mapping[str, str]
    """Digest in the file → digest of what is kept, where they differ."""


def store_import(kept: QuestionImport, *, person: Account, only_good: bool = False, already: int = 0) -> int | Job:
    """Store every question of the file, or with ``only_good`` those without errors, as drafts of this person.

    What the bank would say now counts, not what it said when the file was read. Gives how many came, or the job that
    brings them. ``already`` counts questions for which the person has waited before.
    """
    check_open(kept)
    preview = Preview(kept, person=person)
    check_storable(preview, only_good=only_good)
    kept.only_good = only_good
    if preview.good > STORE_AT_ONCE - already:
        return store_later(kept)
    plan = _plan(preview, _keep_images(kept.id, _images_of(kept.id), person))
    items = list(db.session.scalars(_waiting(preview)))
    _store(plan, items, _prepare(plan, items))
    _appear(kept, skipped=preview.total - len(items))
    return len(items)


def check_storable(preview: Preview, *, only_good: bool) -> None:
    """What must be settled before anything is stored."""
    if preview.report.converted and not preview.kept.is_conversion_confirmed:
        message = _("Tệp có chữ theo bảng mã cũ đã được đổi sang Unicode: hãy so lại rồi xác nhận chữ đổi đúng.")
        raise Invalid(message)
    if not preview.good:
        raise Invalid(_("Không có câu hợp lệ nào để lưu. Hãy sửa ít nhất một câu."))
    if preview.faulty and not only_good:
        advice = _("Hãy sửa, bỏ qua các câu lỗi, hoặc chọn chỉ lưu các câu đạt.")
        raise Conflict(_("Tệp còn %(n)s câu lỗi nên chưa lưu câu nào.", n=preview.faulty), advice=advice)


def _plan(preview: Preview, images: Mapping[str, str]) -> Plan:
    """Settle where everything goes; writes the topic of unsorted questions if it is not there yet."""
    fallback: Topic | None = None
    places: dict[int, tuple[Topic, tuple[Position, ...]]] = {}
    for group in preview.groups.values():
        topic = group.goes.topic
        if topic is None:
            fallback = topic = fallback or unsorted_topic(preview.defaults.position)
        places[group.id] = (topic, group.goes.positions)
    return Plan(places, preview.defaults.level, preview.kept.owner_id, preview.kept.bank, images)


def _images_of(import_id: int) -> list[str]:
    return list(db.session.scalars(select(ImportMedia.sha256).where(ImportMedia.import_id == import_id)))


def _keep_images(import_id: int, digests: Sequence[str], owner: Account) -> dict[str, str]:
    """Keep images of the file for good: what each is called from now on, where that differs."""
    rows = db.session.execute(
        select(ImportMedia.sha256, File)
        .join(File, File.id == ImportMedia.file_id)
        .where(ImportMedia.import_id == import_id, ImportMedia.sha256.in_(digests))
    )
    kept = {sha256: keep_image(read_file(file), owner) for sha256, file in rows.all()}
    return {sha256: image for sha256, image in kept.items() if image != sha256}


def _waiting(preview: Preview) -> Select[ImportItem]:
    """The items to store that are not in the bank yet, in the order of the file."""
    missing = ImportItem.import_id == preview.kept.id, ImportItem.question_id.is_(None)
    return select(ImportItem).where(*missing, preview.storable_condition).order_by(ImportItem.number)


def rows_of(plan: Plan, items: Sequence[ImportItem]) -> list[Row]:
    """The items as the bank stores them."""
    return [
        row_of(with_images(question_of(item.content), plan.images), *plan.places[item.group_id], plan.level)
        for item in items
    ]


def row_of(question: domain.Question, topic: Topic, positions: Sequence[Position], level: domain.Level) -> Row:
    """A question with its place in the bank; ``level`` is taken where it says none."""
    content = replace(question, level=question.level or level)
    return normalised(content, topic=topic.code, positions=[p.code for p in positions]), topic.id, positions


def with_images(question: domain.Question, images: Mapping[str, str]) -> domain.Question:
    """The question with its images under the names they are kept by."""
    named = [sha256 for sha256 in question.media if images.get(sha256, sha256) != sha256] if images else []
    if not named:
        return question
    content = dump_question(question)
    for sha256 in named:
        content = content.replace(f"media:{sha256}", f"media:{images[sha256]}")
    return question_of(content)


def _prepare(plan: Plan, items: Sequence[ImportItem]) -> list[Prepared]:
    """The slow part of storing, which writes nothing."""
    return prepare_many(rows_of(plan, items), author_id=plan.owner_id, note=_("Nhập từ tệp"))


def _store(plan: Plan, items: Sequence[ImportItem], prepared: Sequence[Prepared]) -> None:
    """Bring the items into the bank, not shown yet."""
    ids = insert_hidden(prepared, owner_id=plan.owner_id, bank=plan.bank)
    became = [{"item": item.id, "question": found} for item, found in zip(items, ids, strict=True)]
    if became:
        rows = Base.metadata.tables[ImportItem.__tablename__]
        matched = rows.update().where(rows.c.id == bindparam("item")).values(question_id=bindparam("question"))
        db.session.execute(matched, became)


def _appear(kept: QuestionImport, *, skipped: int) -> None:
    """Show all that came, and close the import."""
    brought = select(ImportItem.question_id).where(*came(kept.id))
    show_many(Question.id.in_(brought))
    kept.stored_count = db.session.scalar(select(func.count()).select_from(brought.subquery())) or 0
    kept.state, kept.job_id = ImportState.STORED, None
    db.session.flush()
    record("import.stored", "question_import", kept.ref, stored=kept.stored_count, skipped=skipped)


def store_later(kept: QuestionImport) -> Job:
    """Have a job store the file, or go on with storing it."""
    title = _("Lưu câu hỏi từ tệp %(name)s", name=db.session.get_one(File, kept.file_id).name)[:200]
    job = start_job(JOB, title=title, owner_id=kept.owner_id, import_id=kept.id)
    kept.state, kept.job_id = ImportState.STORING, job.id
    db.session.flush()
    return job


def is_ready(preview: Preview) -> bool:
    """Whether the file can be stored as it is, with nothing to mend or to confirm."""
    is_compared = preview.kept.is_conversion_confirmed or not preview.report.converted
    return is_compared and preview.good > 0 and not preview.faulty and not preview.report.problems


def store_batch(batch: ImportBatch, *, person: Account) -> tuple[int, int]:
    """Store every file that is ready: how many questions came, and how many files a job brings."""
    came = later = 0
    for kept in batch.imports:
        if kept.state is not ImportState.READ or not is_ready(Preview(kept, person=person)):
            continue
        stored = store_import(kept, person=person, already=came)
        if isinstance(stored, int):
            came += stored
        else:
            later += 1
    return came, later


def store_import_job(work: Work) -> None:
    """The job behind a large file. Run again after its runner was killed, it goes on with what is still missing."""
    import_id: int = work.parameters["import_id"]
    kept = db.session.get_one(QuestionImport, import_id)
    url = f"/bank/import/{kept.ref}"
    if kept.state is ImportState.STORING:
        db.session.rollback()
        try:
            _store_in_steps(work, import_id)
        except Exception:
            take_back(import_id)
            raise
    db.session.rollback()
    count = db.session.get_one(QuestionImport, import_id).stored_count
    db.session.rollback()
    work.finish(message=_("Đã lưu %(n)s câu hỏi dạng bản nháp.", n=count), url=url)


def _store_in_steps(work: Work, import_id: int) -> None:
    images = _keep_images_in_steps(import_id)
    with unit_of_work() as session:
        kept = session.get_one(QuestionImport, import_id)
        preview = Preview(kept, person=session.get_one(Account, kept.owner_id))
        check_storable(preview, only_good=kept.only_good)
        plan, total = _plan(preview, images), preview.good
        waiting, skipped = _waiting(preview).limit(CHUNK), preview.total - preview.good
        _hold_on_to(plan)
    done = db.session.scalar(select(func.count()).select_from(ImportItem).where(*came(import_id))) or 0
    while items := _next(waiting):
        prepared = _prepare(plan, items)
        db.session.rollback()
        with unit_of_work():
            _store(plan, items, prepared)
        done += len(items)
        work.progress(done, total)
    with unit_of_work() as session:
        _appear(session.get_one(QuestionImport, import_id), skipped=skipped)


def _keep_images_in_steps(import_id: int) -> dict[str, str]:
    digests = _images_of(import_id)
    images: dict[str, str] = {}
    for start in range(0, len(digests), IMAGES):
        with unit_of_work() as session:
            owner = session.get_one(Account, session.get_one(QuestionImport, import_id).owner_id)
            images |= _keep_images(import_id, digests[start : start + IMAGES], owner)
    return images


def _hold_on_to(plan: Plan) -> None:
    """Topics and positions stay usable as plain values through the transactions that follow."""
    for row in {row for topic, places in plan.places.values() for row in (topic, *places)}:
        db.session.expunge(row)


def _next(waiting: Select[ImportItem]) -> list[ImportItem]:
    """The next items as plain values, with no transaction left open: making rows of them takes its time."""
    items = list(db.session.scalars(waiting))
    for item in items:
        db.session.expunge(item)
    db.session.rollback()
    return items


def came(import_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions on ``import_items``: of this file, and in the bank."""
    return ImportItem.import_id == import_id, ImportItem.question_id.is_not(None)


def take_back(import_id: int) -> None:
    """Undo a storing that did not come to its end: the questions, which nobody has seen, go."""
    db.session.rollback()
    brought = select(ImportItem.id, ImportItem.question_id).where(*came(import_id)).limit(CHUNK)
    while rows := db.session.execute(brought).all():
        db.session.rollback()
        with unit_of_work():
            _remove([found for _item, found in rows if found], [item for item, _found in rows])
    db.session.rollback()
    with unit_of_work() as session:
        kept = session.get_one(QuestionImport, import_id)
        if kept.state is ImportState.STORING:
            kept.state, kept.job_id = ImportState.READ, None


def _remove(question_ids: Sequence[int], item_ids: Sequence[int]) -> None:
    versions = select(QuestionVersion.id).where(QuestionVersion.question_id.in_(question_ids))
    for statement in (
        update(ImportItem).where(ImportItem.id.in_(item_ids)).values(question_id=None),
        delete(Citation).where(Citation.version_id.in_(versions)),
        delete(QuestionTag).where(QuestionTag.question_id.in_(question_ids)),
        delete(QuestionText).where(QuestionText.question_id.in_(question_ids)),
        delete(QuestionPosition).where(QuestionPosition.question_id.in_(question_ids)),
        delete(QuestionVersion).where(QuestionVersion.question_id.in_(question_ids)),
        delete(Question).where(Question.id.in_(question_ids)),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
