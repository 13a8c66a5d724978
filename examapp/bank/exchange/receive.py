"""A package that comes: verified, kept, compared with the bank question by question. Nothing of it enters yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select, update

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.exchange import compare, keys, signing, strict
from examapp.bank.exchange.compare import CHOOSABLE, MALFORMED, TWICE, Choices, Judge, Verdict
from examapp.bank.exchange.contents import PackedQuestion
from examapp.bank.exchange.models import ExchangeItem, ExchangePackage, Fate, PackageState
from examapp.bank.exchange.package import Package
from examapp.bank.items import pack
from examapp.bank.models import Topic
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid, NotFound
from examapp.core.files import read_file, store_file
from examapp.core.jobs import Work, start_job
from examapp.core.models import File, Job
from examapp.core.words import _
from examapp.organisation.models import Position
from question_bank.messages import Message
from question_bank.question import canonical_json, clean_text

JOB = "bank.compare_package"
AT_ONCE = 300
"""Questions up to which the person waits for the comparison; more become a job."""
CHUNK = 250
KIND, MEDIA_TYPE = "exchange_package", "application/octet-stream"


def keep_package(package: Package, data: bytes, *, name: str, person: Account) -> ExchangePackage:
    """Keep what came; it is compared as soon as its signer is trusted."""
    keys.check_keeper(person)
    own = keys.own_public()
    if own is not None and package.fingerprint == signing.fingerprint_of(own):
        message = _("Gói này do chính hệ thống này lập nên không có gì để nhận.")
        raise Invalid(message, field="file")
    topics, positions, documents = package.topics(), package.positions(), package.documents()
    package.statistics()  # its form is looked at before anything is kept
    file = store_file(data, name=name, kind=KIND, media_type=MEDIA_TYPE, owner_id=person.id)
    said = package.manifest
    kept = ExchangePackage(
        file_id=file.id,
        fingerprint=package.fingerprint,
        origin=said.origin,
        made_by=said.made_by,
        made_at=said.made_at,
        bank=said.bank,
        counts=json.dumps(dict(said.counts)),
        topics=canonical_json([one.as_json() for one in topics]).decode(),
        positions=canonical_json([one.as_json() for one in positions]).decode(),
        documents=canonical_json([one.as_json() for one in documents]).decode(),
        owner_id=person.id,
    )
    db.session.add(kept)
    db.session.flush()
    record("exchange.received", "exchange_package", kept.ref, origin=said.origin, fingerprint=package.fingerprint)
    return kept


def start_comparing(kept: ExchangePackage, package: Package | None, *, person: Account) -> Job | None:
    """Compare the package, at once or by a job; nothing happens while nobody trusts its signer."""
    keys.check_keeper(person)
    if kept.state not in {PackageState.WAITING, PackageState.READ}:
        raise is_over()
    kept.partner = keys.trusted(kept.fingerprint)
    if kept.partner is None:
        kept.state = PackageState.WAITING
        db.session.flush()
        return None
    if counts_of(kept)["questions"] > AT_ONCE:
        kept.state = PackageState.WAITING
        title = _("So gói từ %(origin)s với ngân hàng", origin=kept.origin)[:200]
        job = start_job(JOB, title=title, owner_id=person.id, package_id=kept.id)
        kept.job_id = job.id
        db.session.flush()
        return job
    opened = package or open_kept(kept)
    _forget_items(kept.id)
    for rows in _compared(kept, opened.questions(), person):
        db.session.execute(insert(ExchangeItem), rows)
    kept.state = PackageState.READ
    db.session.flush()
    return None


def open_kept(kept: ExchangePackage) -> Package:
    return Package(read_file(db.session.get_one(File, kept.file_id)))


def counts_of(kept: ExchangePackage) -> Mapping[str, int]:
    found: dict[str, int] = json.loads(kept.counts)
    return found


def _forget_items(package_id: int) -> None:
    gone = delete(ExchangeItem).where(ExchangeItem.package_id == package_id)
    db.session.execute(gone.execution_options(synchronize_session=False))


def _compared(
    kept: ExchangePackage, lines: Iterator[tuple[int, PackedQuestion | None]], person: Account
) -> Iterator[list[dict[str, Any]]]:
    """Rows of items, chunk by chunk."""
    judge, seen = Judge(kept, person), set[str]()
    while chunk := list(islice(lines, CHUNK)):
        sound: list[tuple[int, PackedQuestion]] = []
        rows = []
        for number, packed in chunk:
            if packed is None:
                rows.append(_unread(kept.id, number, f"line-{number}", MALFORMED))
            elif packed.uid in seen:
                rows.append(_unread(kept.id, number, f"{packed.uid}-{number}", TWICE))
            else:
                seen.add(packed.uid)
                sound.append((number, packed))
        verdicts = judge.judge([packed for _number, packed in sound])
        rows += [_row(kept.id, *pair, verdict) for pair, verdict in zip(sound, verdicts, strict=True)]
        yield rows


def _row(package_id: int, number: int, packed: PackedQuestion, verdict: Verdict) -> dict[str, Any]:
    stem = " ".join(clean_text(packed.last.content.stem).split())
    return {
        "package_id": package_id,
        "number": number,
        "uid": packed.uid,
        "title": stem[:300].strip(),
        "data": canonical_json(packed.as_json()).decode(),
        "places": "".join(f"|{code}|" for code in packed.positions),
        **_columns(verdict),
        "is_taken": verdict.is_taken,
        "is_done": False,
    }


def _columns(verdict: Verdict) -> dict[str, Any]:
    names = ("fate", "reason", "take_from", "question_id", "base_id", "twin_id")
    return {name: getattr(verdict, name) for name in names}


def _unread(package_id: int, number: int, uid: str, reason: str) -> dict[str, Any]:
    verdict = Verdict(Fate.SKIPPED, json.dumps(pack(Message(reason)), ensure_ascii=False))
    told = {"uid": uid, "title": "", "data": "", "places": "", "is_taken": False, "is_done": False}
    return {"package_id": package_id, "number": number, **told, **_columns(verdict)}


def compare_job(work: Work) -> None:
    """The job behind a large package; begun again, it begins anew."""
    package_id: int = work.parameters["package_id"]
    kept = db.session.get_one(ExchangePackage, package_id)
    ref, url = kept.ref, f"/bank/exchange/packages/{kept.ref}"
    person, total = db.session.get_one(Account, work.owner_id), counts_of(kept)["questions"]
    if kept.state is PackageState.WAITING and kept.partner is not None:
        opened, done = open_kept(kept), 0
        db.session.rollback()
        with unit_of_work():
            _forget_items(package_id)
        for rows in _compared(kept, opened.questions(), person):
            db.session.rollback()
            with unit_of_work():
                db.session.execute(insert(ExchangeItem), rows)
            done += len(rows)
            work.progress(min(done, total), total)
        with unit_of_work() as session:
            session.get_one(ExchangePackage, package_id).state = PackageState.READ
    db.session.rollback()
    work.finish(message=_("Đã so xong gói %(ref)s.", ref=ref[:6]), url=url)


def get_package(ref: str, *, person: Account, lock: bool = False) -> ExchangePackage:
    """A package, for whoever keeps the whole bank."""
    keys.check_keeper(person)
    query = select(ExchangePackage).where(ExchangePackage.ref == ref)
    found = db.session.scalar(query.with_for_update(of=ExchangePackage) if lock else query)
    if found is None:
        raise NotFound()
    return found


def packages_query() -> Select[Any]:
    return select(ExchangePackage).order_by(ExchangePackage.created_at.desc(), ExchangePackage.id.desc())


def is_over() -> Conflict:
    advice = _("Hãy mở lại trang trao đổi để xem tình trạng các gói.")
    return Conflict(_("Gói này đã kết thúc hoặc đang được xử lý."), advice=advice)


def check_open(kept: ExchangePackage) -> None:
    if kept.state is not PackageState.READ:
        raise is_over()


def discard(kept: ExchangePackage) -> None:
    """Give the package up; nothing of it enters the bank, and what was read of it goes."""
    if kept.state not in {PackageState.WAITING, PackageState.READ}:
        raise is_over()
    kept.state = PackageState.DISCARDED
    _forget_items(kept.id)
    db.session.flush()
    record("exchange.discarded", "exchange_package", kept.ref, origin=kept.origin)


def tally(kept: ExchangePackage) -> dict[Fate, tuple[int, int]]:
    """By fate: how many questions, and how many of them are to be taken."""
    rows = db.session.execute(
        select(ExchangeItem.fate, ExchangeItem.is_taken, func.count())
        .where(ExchangeItem.package_id == kept.id)
        .group_by(ExchangeItem.fate, ExchangeItem.is_taken)
    )
    found = dict.fromkeys(Fate, (0, 0))
    for fate, is_taken, count in rows:
        total, taken = found[fate]
        found[fate] = total + count, taken + (count if is_taken else 0)
    return found


def choose(kept: ExchangePackage, said: Mapping[int, bool]) -> None:
    """What the person wants of single questions, by their numbers."""
    check_open(kept)
    for is_taken in (True, False):
        numbers = [number for number, wanted in said.items() if wanted is is_taken]
        chosen = update(ExchangeItem).where(
            ExchangeItem.package_id == kept.id, ExchangeItem.number.in_(numbers), ExchangeItem.fate.in_(CHOOSABLE)
        )
        db.session.execute(chosen.values(is_taken=is_taken).execution_options(synchronize_session=False))


def choose_all(kept: ExchangePackage, fate: Fate, *, is_taken: bool) -> None:
    """The same of every question that stands so."""
    check_open(kept)
    if fate in CHOOSABLE:
        chosen = update(ExchangeItem).where(ExchangeItem.package_id == kept.id, ExchangeItem.fate == fate)
        db.session.execute(chosen.values(is_taken=is_taken).execution_options(synchronize_session=False))


def map_codes(
    kept: ExchangePackage, *, positions: Mapping[str, str], topics: Mapping[str, str], person: Account
) -> None:
    """Take what positions and topics of the package are here, and look again at the questions it is about."""
    check_open(kept)
    known = set(db.session.scalars(select(Position.code))) | {compare.COMMON}
    topic_codes = set(db.session.scalars(select(Topic.code)))
    before = Choices.of(kept)
    after = Choices(
        positions={code: said for code, said in positions.items() if said in known},
        topics={code: said for code, said in topics.items() if said in topic_codes},
    )
    kept.choices = after.dumps()
    db.session.flush()
    changed = {
        code
        for code in {*before.positions, *after.positions}
        if before.positions.get(code) != after.positions.get(code)
    }
    if changed:
        _judge_again(kept, changed, person)


def _judge_again(kept: ExchangePackage, codes: Sequence[str] | set[str], person: Account) -> None:
    concerned = or_(*(ExchangeItem.places.contains(f"|{code}|", autoescape=True) for code in codes))
    query = select(ExchangeItem.id, ExchangeItem.data).where(
        ExchangeItem.package_id == kept.id, ExchangeItem.data != "", concerned
    )
    rows = db.session.execute(query.order_by(ExchangeItem.id)).all()
    judge = Judge(kept, person)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        verdicts = judge.judge([packed_of(data) for _id, data in chunk])
        changes = [
            {"id": item_id, **_columns(verdict), "is_taken": verdict.is_taken}
            for (item_id, _data), verdict in zip(chunk, verdicts, strict=True)
        ]
        db.session.execute(update(ExchangeItem), changes)


def packed_of(data: str) -> PackedQuestion:
    """The question of an item."""
    return PackedQuestion.read(strict.parse(data.encode()))
