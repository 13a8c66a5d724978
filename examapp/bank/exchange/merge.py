"""The act: what was chosen of a package enters the bank, all of it at one moment or nothing.

New questions are stored chunk by chunk without being shown. The last transaction adds the further versions of known
questions, the law and the statistics, and makes everything appear; who stops the work before finds the bank as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.content import content_of, present_content
from examapp.bank.exchange import arrivals, keys, laws, places, receive, statistics
from examapp.bank.exchange.arrivals import Arrival, Terms, Wanted
from examapp.bank.exchange.models import ExchangeItem, ExchangePackage, Fate, PackageState
from examapp.bank.exchange.package import Package
from examapp.bank.exchange.receive import packed_of
from examapp.bank.items import pack
from examapp.bank.media import keep_image
from examapp.bank.models import Citation, Question, QuestionState, QuestionVersion
from examapp.bank.questions import code_of
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid
from examapp.core.jobs import Work, start_job
from examapp.core.models import Job
from examapp.core.words import N_, _
from question_bank.messages import Message

JOB = "bank.merge_package"
CHUNK = 200
IMAGES = 5
WITH_PLACE = (joinedload(Question.current).joinedload(QuestionVersion.topic), selectinload(Question.positions))
FRESH = (Fate.NEW, Fate.TWIN)
FURTHER = (Fate.NEWER, Fate.DIVERGED)
MOST_CODES = 1000
"""Named in the log; counts are told in full."""

CHANGED = N_("Câu này đã thay đổi ở đây sau khi xem trước nên được giữ nguyên.")
COME = N_("Câu này đã có ở đây trong lúc gói chờ nhận.")
NO_IMAGE = N_("Hình của câu này thiếu hoặc không dùng được.")
NO_PLACE = N_("Vị trí của câu này không còn trong danh mục.")


def merge_later(kept: ExchangePackage, *, person: Account) -> Job:
    """Have a job take what was chosen. One package at a time: two could hold the same question."""
    keys.check_keeper(person)
    receive.check_open(kept)
    partner = keys.trusted(kept.fingerprint)
    if partner is None or partner.id != kept.partner_id:
        advice = _("Hãy thêm lại khóa của nơi gửi, hoặc bỏ gói này.")
        raise Conflict(_("Khóa ký gói này không còn được tin cậy."), advice=advice)
    busy = select(ExchangePackage.id).where(ExchangePackage.state == PackageState.MERGING)
    if db.session.scalar(busy.limit(1)) is not None:
        raise Conflict(_("Một gói khác đang được nhận."), advice=_("Hãy đợi gói đó xong rồi làm lại."))
    title = _("Nhận gói từ %(origin)s", origin=partner.name)[:200]
    job = start_job(JOB, title=title, owner_id=person.id, package_id=kept.id)
    kept.state, kept.job_id = PackageState.MERGING, job.id
    db.session.flush()
    return job


def merge_job(work: Work) -> None:
    """Run again after its runner was killed, it goes on with what is still missing."""
    package_id: int = work.parameters["package_id"]
    kept = db.session.get_one(ExchangePackage, package_id)
    url, state = f"/bank/exchange/packages/{kept.ref}", kept.state
    db.session.rollback()
    if state is PackageState.MERGING:
        try:
            _merge_in_steps(work, package_id)
        except Exception:
            take_back(package_id)
            raise
    db.session.rollback()
    told = told_of(db.session.get_one(ExchangePackage, package_id))
    message = _(
        "Đã nhận %(new)s câu mới, cập nhật %(further)s câu, duyệt theo nơi gửi %(approved)s câu.",
        new=told.get("new", 0),
        further=told.get("further", 0),
        approved=told.get("approved", 0),
    )
    db.session.rollback()
    work.finish(message=message, url=url)


def told_of(kept: ExchangePackage) -> dict[str, Any]:
    """What came of the merging."""
    found: dict[str, Any] = json.loads(kept.made)
    return found


def _merge_in_steps(work: Work, package_id: int) -> None:
    kept = db.session.get_one(ExchangePackage, package_id)
    opened = receive.open_kept(kept)
    images = _keep_images(kept.id, opened, work)
    terms = _settle(package_id, images, work)
    total, done = _amounts(package_id)
    while fresh := _next(package_id):
        prepared = arrivals.prepare(_placed(fresh, terms), terms)
        db.session.rollback()
        with unit_of_work():
            _store_fresh(fresh, prepared, terms)
        done += len(fresh)
        work.progress(done, total)
    further = [one for chunk in _further(package_id) for one in arrivals.prepare(_placed(chunk, terms), terms)]
    db.session.rollback()
    work.progress(total, total)
    with unit_of_work() as session:
        _finish(session.get_one(ExchangePackage, package_id), further, opened, terms)


def _items(package_id: int, *fates: Fate) -> Select[Any]:
    """What is to be taken and not stored yet."""
    return (
        select(ExchangeItem)
        .where(
            ExchangeItem.package_id == package_id,
            ExchangeItem.is_taken,
            ExchangeItem.is_done.is_(False),
            ExchangeItem.fate.in_(fates),
        )
        .order_by(ExchangeItem.number)
    )


def _amounts(package_id: int) -> tuple[int, int]:
    query = select(func.count()).where(ExchangeItem.package_id == package_id, ExchangeItem.is_taken)
    done = db.session.scalar(query.where(ExchangeItem.is_done)) or 0
    return db.session.scalar(query) or 0, done


def _keep_images(package_id: int, opened: Package, work: Work) -> dict[str, str]:
    """Prepare every image that is needed again, whatever the origin did; an image that is none is left out."""
    needed: dict[str, None] = {}
    query = _items(package_id, *FRESH, *FURTHER).with_only_columns(ExchangeItem.data)
    for data in db.session.scalars(query.where(ExchangeItem.data.contains("media:"))):
        needed |= dict.fromkeys(packed_of(data).media)
    digests, kept = list(needed), dict[str, str]()
    db.session.rollback()
    for start in range(0, len(digests), IMAGES):
        with unit_of_work() as session:
            owner = session.get_one(Account, work.owner_id)
            for sha256 in digests[start : start + IMAGES]:
                if (found := opened.image(sha256)) is not None and (image := _kept(found, owner)):
                    kept[sha256] = image
    return kept


def _kept(data: bytes, owner: Account) -> str:
    try:
        return keep_image(data, owner)
    except Invalid:
        return ""


def _settle(package_id: int, images: Mapping[str, str], work: Work) -> Terms:
    with unit_of_work() as session:
        kept = session.get_one(ExchangePackage, package_id)
        assert kept.partner is not None
        topics = {one.packed.topic for one in _all(package_id) if not one.packed.stays_in_place(one.take_from)}
        assert work.owner_id is not None
        return Terms(
            bank=kept.bank,
            trusts_review=kept.partner.trusts_review,
            places=places.settle(kept, topics),
            images=images,
            person_id=work.owner_id,
            origin=kept.partner.name,
        )


def _all(package_id: int) -> Iterator[Wanted]:
    return (_wanted(item) for item in db.session.scalars(_items(package_id, *FRESH, *FURTHER)))


def _next(package_id: int) -> list[Wanted]:
    """The next new questions as plain values, with no transaction left open."""
    found = [_wanted(item) for item in db.session.scalars(_items(package_id, *FRESH).limit(CHUNK))]
    db.session.rollback()
    return found


def _further(package_id: int) -> Iterator[list[Wanted]]:
    """Questions that are here and get further versions, with where they stand."""
    found = [_wanted(item) for item in db.session.scalars(_items(package_id, *FURTHER))]
    for start in range(0, len(found), CHUNK):
        chunk = found[start : start + CHUNK]
        query = select(Question).where(Question.id.in_([one.question_id for one in chunk]))
        here = {row.id: row for row in db.session.scalars(query.options(*WITH_PLACE))}
        placed = {key: (present_content(row), row.current.topic_id, list(row.positions)) for key, row in here.items()}
        yield [replace(one, place=placed.get(one.question_id or 0)) for one in chunk]


def _wanted(item: ExchangeItem) -> Wanted:
    return Wanted(item.id, packed_of(item.data), item.take_from, item.question_id, item.base_id)


def _placed(wanted: Sequence[Wanted], terms: Terms) -> list[Wanted]:
    """Those that can be stored: with all their images, at places that are known."""
    return [one for one in wanted if _why_not(one, terms) is None]


def _why_not(one: Wanted, terms: Terms) -> str | None:
    if any(sha256 not in terms.images for version in one.versions for sha256 in version.content.media):
        return NO_IMAGE
    stays = one.packed.stays_in_place(one.take_from)
    return NO_PLACE if not stays and places.positions_here(one.packed, terms.places) is None else None


def _store_fresh(wanted: Sequence[Wanted], prepared: Sequence[Arrival], terms: Terms) -> None:
    taken = set(db.session.scalars(select(Question.uid).where(Question.uid.in_([one.packed.uid for one in wanted]))))
    ready = [one for one in prepared if one.wanted.packed.uid not in taken]
    ids = arrivals.insert_new(ready, terms)
    became = {one.wanted.item_id: found for one, found in zip(ready, ids, strict=True)}
    stored = [{"id": item, "question_id": found, "is_done": True} for item, found in became.items()]
    if stored:
        db.session.execute(update(ExchangeItem), stored)
    left = {one.item_id: COME if one.packed.uid in taken else _why_not(one, terms) for one in wanted}
    _leave({item: reason or CHANGED for item, reason in left.items() if item not in became})


def _leave(reasons: Mapping[int, str]) -> None:
    """Say of items why they are not taken after all."""
    rows = [
        {
            "id": item,
            "fate": Fate.SKIPPED,
            "is_taken": False,
            "reason": json.dumps(pack(Message(reason)), ensure_ascii=False),
        }
        for item, reason in reasons.items()
    ]
    if rows:
        db.session.execute(update(ExchangeItem), rows)


def _finish(kept: ExchangePackage, further: Sequence[Arrival], opened: Package, terms: Terms) -> None:
    """Everything appears."""
    new = _done_ids(kept.id, *FRESH)
    arrivals.show(new)
    updated = _append(kept.id, further, terms)
    approved = _approve(kept.id) if terms.trusts_review else []
    _leave(dict.fromkeys(db.session.scalars(_items(kept.id, *Fate).with_only_columns(ExchangeItem.id)), CHANGED))
    taken = [*new, *updated]
    documents = laws.add_documents(kept, _unmatched(taken))
    uids = db.session.scalars(select(ExchangeItem.uid).where(ExchangeItem.package_id == kept.id))
    assert kept.partner_id is not None
    figures = statistics.take_in(opened.statistics(), kept.partner_id, kept.bank, uids)
    topics = len(json.loads(kept.made).get("topics", []))
    told = {"new": len(new), "further": len(updated), "approved": len(approved), "statistics": figures}
    kept.made = json.dumps({**told, "documents": documents, "topics": topics}, ensure_ascii=False)
    kept.state, kept.merged_at = PackageState.MERGED, clock.now()
    emptied = update(ExchangeItem).where(ExchangeItem.package_id == kept.id).values(data="")
    db.session.execute(emptied.execution_options(synchronize_session=False))
    db.session.flush()
    assert kept.partner is not None
    record(
        "exchange.merged",
        "exchange_package",
        kept.ref,
        session=None,
        by=db.session.get_one(Account, terms.person_id).display_name,
        partner=kept.partner.name,
        fingerprint=kept.fingerprint,
        trusts_review=terms.trusts_review,
        came=len(new),
        updated=len(updated),
        approved_count=len(approved),
        documents=documents,
        codes=[code_of(found) for found in [*taken, *approved][:MOST_CODES]],
        approved_codes=_approved_codes([*taken, *approved]),
    )


def _done_ids(package_id: int, *fates: Fate) -> list[int]:
    done = select(ExchangeItem.question_id).where(
        ExchangeItem.package_id == package_id, ExchangeItem.is_done, ExchangeItem.fate.in_(fates)
    )
    return [found for found in db.session.scalars(done.order_by(ExchangeItem.number)) if found is not None]


def _append(package_id: int, further: Sequence[Arrival], terms: Terms) -> list[int]:
    """Further versions, where the question here still is what the person compared; the ids of the questions."""
    ids = [one.wanted.question_id for one in further if one.wanted.question_id]
    standing: dict[int, tuple[int | None, QuestionState]] = {}
    for start in range(0, len(ids), CHUNK):
        rows = select(Question.id, Question.current_id, Question.state).where(
            Question.id.in_(ids[start : start + CHUNK])
        )
        standing |= {row.id: (row.current_id, row.state) for row in db.session.execute(rows.with_for_update())}
    ready: dict[int, Arrival] = {}
    for one in further:
        current_id, state = standing.get(one.wanted.question_id or 0, (None, QuestionState.RETIRED))
        if one.wanted.question_id and current_id == one.wanted.base_id and state is not QuestionState.RETIRED:
            ready[one.wanted.question_id] = one
    order = sorted(ready)
    for start in range(0, len(order), CHUNK):
        arrivals.append({found: ready[found] for found in order[start : start + CHUNK]})
    done = [{"id": one.wanted.item_id, "is_done": True} for one in ready.values()]
    if done:
        db.session.execute(update(ExchangeItem), done)
    unplaced = [item for item in db.session.scalars(_items(package_id, *FURTHER)) if item.data]
    reasons = {item.id: _why_not(_wanted(item), terms) for item in unplaced}
    _leave({item: reason for item, reason in reasons.items() if reason})
    return order


def _approve(package_id: int) -> list[int]:
    """Questions that are the same here and there: the review there counts, if nobody has changed anything since."""
    items = db.session.scalars(_items(package_id, Fate.APPROVED)).all()
    base = {item.question_id: item for item in items if item.question_id}
    waits = {QuestionState.DRAFT, QuestionState.IN_REVIEW}
    approved = []
    for start in range(0, len(items), CHUNK):
        ids = [item.question_id for item in items[start : start + CHUNK]]
        for row in db.session.scalars(select(Question).where(Question.id.in_(ids)).with_for_update()):
            item = base[row.id]
            is_same = row.state in waits and row.current_id == item.base_id
            if is_same and arrivals.is_sound(content_of(row.current), row.bank):
                row.state, item.is_done = QuestionState.APPROVED, True
                approved.append(row.id)
    db.session.flush()
    return approved


def _approved_codes(ids: Sequence[int]) -> list[str]:
    """Codes of those that may be drawn now because they were approved elsewhere."""
    found: list[str] = []
    for start in range(0, len(ids), CHUNK):
        rows = select(Question.code).where(
            Question.id.in_(ids[start : start + CHUNK]), Question.state == QuestionState.APPROVED
        )
        found += db.session.scalars(rows)
    return found[:MOST_CODES]


def _unmatched(question_ids: Sequence[int]) -> set[str]:
    """Symbols that these questions cite and the registry does not know."""
    found: set[str] = set()
    for start in range(0, len(question_ids), CHUNK):
        cited = (
            select(Citation.symbol)
            .join(QuestionVersion, QuestionVersion.id == Citation.version_id)
            .where(QuestionVersion.question_id.in_(question_ids[start : start + CHUNK]), Citation.document_id.is_(None))
        )
        found |= set(db.session.scalars(cited.distinct()))
    return found


def take_back(package_id: int) -> None:
    """Undo a merging that did not come to its end: what nobody has seen goes, and the choices stand as they were."""
    db.session.rollback()
    hidden = select(ExchangeItem.id, ExchangeItem.question_id).where(
        ExchangeItem.package_id == package_id, ExchangeItem.is_done, ExchangeItem.fate.in_(FRESH)
    )
    while rows := db.session.execute(hidden.limit(CHUNK)).all():
        db.session.rollback()
        with unit_of_work() as session:
            session.execute(
                update(ExchangeItem), [{"id": item, "question_id": None, "is_done": False} for item, _found in rows]
            )
            arrivals.remove_hidden([found for _item, found in rows if found])
    db.session.rollback()
    with unit_of_work() as session:
        kept = session.get_one(ExchangePackage, package_id)
        if kept.state is PackageState.MERGING:
            places.forget_topics(kept)
            kept.state, kept.job_id = PackageState.READ, None
