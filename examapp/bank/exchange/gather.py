"""What goes into a package: questions with all their versions, and what they rest on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import exports, law, listing
from examapp.bank.exchange.contents import (
    MOST_VERSIONS,
    Amendment,
    PackedDocument,
    PackedPosition,
    PackedQuestion,
    PackedStatistic,
    PackedTopic,
    PackedVersion,
)
from examapp.bank.exchange.keys import own_key
from examapp.bank.exchange.models import VersionAlias
from examapp.bank.exchange.package import EXTENSION, MOST_QUESTIONS, Contents, write_package
from examapp.bank.exposures import held_rounds
from examapp.bank.media import image_bytes
from examapp.bank.models import BankKind, ItemStatistic, LegalAmendment, LegalDocument, Question, QuestionVersion, Topic
from examapp.bank.scope import concealed_from
from examapp.core import clock, text
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Forbidden, Invalid
from examapp.core.jobs import Work, start_job
from examapp.core.models import Job
from examapp.core.permissions import Permission
from examapp.core.words import _
from examapp.organisation.models import Position
from question_bank.question import Question as Content
from question_bank.question import clean_text

JOB = "bank.pack"
MEDIA_TYPE = "application/octet-stream"
CHUNK = 250


def reach_of(person: Account) -> set[int] | None:
    """Positions whose questions this person may send away (``None``: all): both rights must hold there."""
    both = [person.positions(permission) for permission in (Permission.BANK_EXPORT, Permission.BANK_MANAGE)]
    bounded = [reach for reach in both if reach is not None]
    return set.intersection(*bounded) if bounded else None


def check_sender(person: Account, bank: BankKind) -> None:
    needed = {Permission.BANK_EXPORT, Permission.BANK_MANAGE}
    needed |= {Permission.PRACTICE_BANK_READ} if bank is BankKind.PRACTICE else {Permission.BANK_READ}
    if not all(person.may(permission) for permission in needed):
        raise Forbidden(_("Lập gói cần quyền xuất câu hỏi và quyền phụ trách ngân hàng."))


def matching(filters: listing.Filters, *, bank: BankKind, person: Account, demo: bool) -> list[int]:
    """Ids of the questions that a package with these filters would hold."""
    check_sender(person, bank)
    found = listing.matching_ids(
        filters, positions=reach_of(person), on=clock.today(), demo=demo, bank=bank, most=MOST_QUESTIONS
    )
    if len(found) > MOST_QUESTIONS:
        raise Invalid(_("Gói quá lớn: hãy lọc hẹp hơn rồi lập nhiều gói."), field="position")
    hidden = concealed_from(person)
    if not (open_ones := [one for one in found if one not in hidden]):
        raise Invalid(_("Không có câu hỏi nào khớp lựa chọn này."), field="position")
    return open_ones


def pack_later(ids: Sequence[int], *, bank: BankKind, person: Account, choice: dict[str, str]) -> Job:
    """Have a job write the package."""
    title = _("Lập gói trao đổi gồm %(n)s câu hỏi", n=len(ids))
    return start_job(JOB, title=title, owner_id=person.id, ids=list(ids), bank=bank.value, choice=choice)


def pack_job(work: Work) -> None:
    given = work.parameters
    person = db.session.get_one(Account, work.owner_id)
    packed = pack(given["ids"], bank=BankKind(given["bank"]), made_by=person.display_name, work=work)
    with unit_of_work():
        note(packed, **given["choice"], job=str(work.id))
    message = _("Đã lập gói gồm %(n)s câu hỏi, có đáp án. Chỉ chuyển gói qua kênh được kiểm soát.", n=packed.count)
    work.finish(message=message, file=(packed.data, packed.name, MEDIA_TYPE))


@dataclass(frozen=True, slots=True)
class Packed:
    data: bytes
    name: str
    count: int
    bank: BankKind


def pack(ids: Sequence[int], *, bank: BankKind, made_by: str, work: Work | None = None) -> Packed:
    """Write the package of these questions; reads, and writes nothing but the key when there is none yet."""
    questions: list[PackedQuestion] = []
    for start in range(0, len(ids), CHUNK):
        questions += _questions(ids[start : start + CHUNK])
        if work is not None:
            db.session.rollback()
            work.progress(len(questions), len(ids))
    contents = surround(questions, bank=bank, made_by=made_by)
    db.session.rollback()
    data = write_package(contents, own_key())
    name = f"ngan-hang-{text.format_date(clock.today()).replace('/', '')}{EXTENSION}"
    return Packed(data, name, len(questions), bank)


def note(packed: Packed, **choice: str) -> None:
    """Every package that leaves the bank is in the log."""
    told = {name: value for name, value in choice.items() if value}
    record("exchange.packed", "bank", packed.bank.value, session=None, count=packed.count, **told)


def told_filters(filters: listing.Filters) -> dict[str, str]:
    return exports.told_filters(filters, ())


def surround(questions: Sequence[PackedQuestion], *, bank: BankKind, made_by: str) -> Contents:
    """The questions with topics, positions, law, statistics and images they name."""
    contents = [version.content for question in questions for version in question.versions]
    settings = current_app.config["SETTINGS"]
    topics = _topics({question.topic for question in questions})
    codes = {code for question in questions for code in question.positions} | {topic.position for topic in topics}
    return Contents(
        origin=_line(settings.managing_body)[:200].strip(),
        made_by=_line(made_by)[:200].strip(),
        made_at=clock.now(),
        bank=bank,
        questions=questions,
        topics=topics,
        positions=_positions(codes),
        documents=_documents(contents),
        statistics=_statistics(questions),
        media=image_bytes({sha256 for question in questions for sha256 in question.media}),
    )


def _questions(ids: Sequence[int]) -> list[PackedQuestion]:
    rows = db.session.scalars(
        select(Question)
        .where(Question.id.in_(ids), Question.current_id.is_not(None))
        .options(selectinload(Question.positions), joinedload(Question.current).joinedload(QuestionVersion.topic))
        .order_by(Question.id)
    ).all()
    versions: dict[int, list[QuestionVersion]] = defaultdict(list)
    every = select(QuestionVersion).where(QuestionVersion.question_id.in_(ids)).order_by(QuestionVersion.number)
    for version in db.session.scalars(every):
        versions[version.question_id].append(version)
    named = aliases_of(version.id for found in versions.values() for version in found)
    return [
        PackedQuestion(
            uid=row.uid,
            bank=row.bank,
            state=row.state,
            is_common=row.is_common,
            is_sample=row.is_sample,
            is_held=row.held_at is not None,
            positions=() if row.is_common else tuple(position.code for position in row.positions),
            topic=row.current.topic.code,
            versions=tuple(
                _version(version, named.get(version.id, ())) for version in _to_the_present(versions[row.id], row)
            ),
        )
        for row in rows
    ]


def _to_the_present(versions: Sequence[QuestionVersion], question: Question) -> Sequence[QuestionVersion]:
    """The present version is the last one; of a very long history the beginning is left out."""
    return [version for version in versions if version.number <= question.current.number][-MOST_VERSIONS:]


def _line(written: str) -> str:
    """As a package has it: on one line, without what nobody sees."""
    return " ".join(clean_text(written).split())


def _version(version: QuestionVersion, known_as: Iterable[str]) -> PackedVersion:
    raw: dict[str, Any] = json.loads(version.content)
    return PackedVersion(
        number=version.number,
        content=Content.from_json(raw),
        raw=raw,
        digest=version.digest,
        known_as=tuple(known_as),
        note=clean_text(version.note),
        at=version.created_at,
    )


def aliases_of(version_ids: Iterable[int]) -> dict[int, list[str]]:
    """What versions are called elsewhere, by version id."""
    wanted = sorted(set(version_ids))
    found: dict[int, list[str]] = defaultdict(list)
    for start in range(0, len(wanted), 500):
        rows = select(VersionAlias).where(VersionAlias.version_id.in_(wanted[start : start + 500]))
        for alias in db.session.scalars(rows.order_by(VersionAlias.version_id, VersionAlias.digest)):
            found[alias.version_id].append(alias.digest)
    return found


def _topics(codes: set[str]) -> list[PackedTopic]:
    """These topics and all above them, parents first."""
    every = {topic.id: topic for topic in db.session.scalars(select(Topic))}
    positions = dict(db.session.execute(select(Position.id, Position.code)).all())
    found: dict[int, PackedTopic] = {}

    def add(topic: Topic) -> None:
        parent = every.get(topic.parent_id) if topic.parent_id else None
        if topic.id in found:
            return
        if parent is not None:
            add(parent)
        found[topic.id] = PackedTopic(
            code=topic.code,
            name=_line(topic.name),
            strand=topic.strand,
            parent=parent.code if parent else "",
            position=positions.get(topic.position_id, "") if topic.position_id else "",
        )

    for topic in sorted(every.values(), key=lambda one: one.code):
        if topic.code in codes:
            add(topic)
    return list(found.values())


def _positions(codes: set[str]) -> list[PackedPosition]:
    rows = db.session.execute(select(Position.code, Position.name).order_by(Position.code))
    return [PackedPosition(code, _line(name)) for code, name in rows if code in codes]


def _documents(contents: Sequence[Content]) -> list[PackedDocument]:
    """What is cited, what stands in its place, what amends it."""
    registry = {document.id: document for document in db.session.scalars(select(LegalDocument))}
    amendments: dict[int, list[LegalAmendment]] = defaultdict(list)
    for one in db.session.scalars(select(LegalAmendment).order_by(LegalAmendment.id)):
        amendments[one.document_id].append(one)
    known = law.documents_by_key()
    cited = {citation.document for content in contents for citation in content.citations}
    waiting = [known[key][0] for symbol in cited if (key := law.symbol_key(symbol)) in known]
    found: dict[int, PackedDocument] = {}
    while waiting:
        document = registry[waiting.pop()]
        if document.id in found:
            continue
        changes = amendments[document.id]
        found[document.id] = _document(document, registry, changes)
        waiting += [one.amended_by_id for one in changes]
        waiting += [document.superseded_by_id] if document.superseded_by_id else []
    return sorted(found.values(), key=lambda one: one.symbol)


def _document(
    document: LegalDocument, registry: dict[int, LegalDocument], amendments: Sequence[LegalAmendment]
) -> PackedDocument:
    successor = registry.get(document.superseded_by_id or 0)
    return PackedDocument(
        **{name: _line(getattr(document, name)) for name in ("symbol", "title", "kind", "issuer", "link", "field")},
        is_party=document.is_party,
        issued_on=document.issued_on,
        in_force_from=document.in_force_from,
        in_force_to=document.in_force_to,
        superseded_by=_line(successor.symbol) if successor else "",
        superseded_on=document.superseded_on,
        mark=document.mark.value,
        is_checked=document.status_checked,
        note=clean_text(document.note)[:10_000].strip(),
        amendments=tuple(Amendment(_line(registry[one.amended_by_id].symbol), one.from_on) for one in amendments),
    )


def _statistics(questions: Sequence[PackedQuestion]) -> list[PackedStatistic]:
    """The installation's own figures, summed by year over the rounds that are over."""
    packed = {(question.uid, version.digest) for question in questions for version in question.versions}
    years = {one.id: one.day.year for one in held_rounds() if one.is_over and one.day}
    uids = sorted({question.uid for question in questions})
    sums: dict[tuple[str, str, int], list[ItemStatistic]] = defaultdict(list)
    for start in range(0, len(uids), 500):
        rows = db.session.execute(
            select(Question.uid, QuestionVersion.digest, ItemStatistic)
            .join(QuestionVersion, QuestionVersion.id == ItemStatistic.version_id)
            .join(Question, Question.id == QuestionVersion.question_id)
            .where(Question.uid.in_(uids[start : start + 500]), ItemStatistic.papers > 0)
        )
        for uid, digest, statistic in rows:
            if (uid, digest) in packed and statistic.round_id in years:
                sums[uid, digest, years[statistic.round_id]].append(statistic)
    return [summed(uid, digest, year, found) for (uid, digest, year), found in sorted(sums.items(), key=lambda p: p[0])]


def summed(uid: str, digest: str, year: int, found: Sequence[ItemStatistic]) -> PackedStatistic:
    """Papers added up, shares and correlations weighed by papers."""

    def mean(name: str) -> int | None:
        weighed = [(getattr(one, name), one.papers) for one in found if getattr(one, name) is not None]
        papers = sum(weight for _value, weight in weighed)
        return round(sum(value * weight for value, weight in weighed) / papers) if papers else None

    return PackedStatistic(
        uid=uid,
        digest=digest,
        year=year,
        papers=sum(one.papers for one in found),
        answered=sum(one.answered for one in found),
        facility=mean("facility"),
        discrimination=mean("discrimination"),
    )
