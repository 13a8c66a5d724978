"""Questions of a package as the bank stores them: images, topics and positions by their names here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, insert, select, update

from examapp.bank.bulk import Prepared, Row, prepare_many
from examapp.bank.content import normalised
from examapp.bank.exchange.contents import PackedQuestion, PackedVersion
from examapp.bank.exchange.models import VersionAlias
from examapp.bank.exchange.places import Places, positions_here
from examapp.bank.models import (
    BankKind,
    Citation,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionTag,
    QuestionText,
    QuestionVersion,
)
from examapp.bank.questions import code_of
from examapp.bank.storing import with_images
from examapp.core import clock
from examapp.core.db import db, new_reference
from question_bank.kinds import get_kind
from question_bank.question import Question as Content


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question to be taken, with the versions that are not here yet."""

    item_id: int
    packed: PackedQuestion
    take_from: int = 0
    question_id: int | None = None
    base_id: int | None = None
    place: Row | None = None
    """What the question says here now, with its topic and positions."""

    def stays(self, version: PackedVersion) -> bool:
        """Whether the version stands there where the last one we share stood: then it stays where it stands here."""
        shared = self.packed.versions[self.take_from - 1] if self.take_from else None
        return self.place is not None and shared is not None and shared.place == version.place

    @property
    def versions(self) -> Sequence[PackedVersion]:
        return self.packed.versions[self.take_from :]


@dataclass(frozen=True, slots=True)
class Arrival:
    """The same, ready to be stored."""

    wanted: Wanted
    versions: Sequence[Prepared]
    names: Sequence[Sequence[str]]
    """What each version is called elsewhere."""
    state: QuestionState

    @property
    def last(self) -> Prepared:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every question of a package."""

    bank: BankKind
    trusts_review: bool
    places: Places
    images: Mapping[str, str]
    """Digest in the package → digest of what is kept."""
    person_id: int
    origin: str


def prepare(wanted: Sequence[Wanted], terms: Terms) -> list[Arrival]:
    """The slow part, which writes nothing."""
    contents = [[_here(one, version, terms) for version in one.versions] for one in wanted]
    rows = [row for found in contents for row in found]
    prepared = iter(prepare_many(rows, author_id=terms.person_id))
    arrivals = []
    for one, found in zip(wanted, contents, strict=True):
        versions = [_told(next(prepared), version, terms) for version in one.versions]
        names = [
            sorted(version.names - {here.version["digest"]})
            for version, here in zip(one.versions, versions, strict=True)
        ]
        arrivals.append(Arrival(one, versions, names, state_of(one.packed, found[-1][0], terms)))
    return arrivals


def _here(one: Wanted, version: PackedVersion, terms: Terms) -> Row:
    """A version under the names of this installation; an old one whose topic is gone stands under the present one."""
    content = with_images(version.content, terms.images)
    if one.place is not None and one.stays(version):
        now, topic_id, positions = one.place
        return normalised(content, topic=now.topic, positions=now.positions), topic_id, positions
    is_last = version is one.packed.last
    known = version.content.topic in terms.places.topics
    topic_id, topic = terms.places.topics[one.packed.topic if is_last or not known else version.content.topic]
    positions = positions_here(one.packed, terms.places) or []
    then = [terms.places.positions.get(code) for code in version.content.positions]
    codes = [position.code for position in (positions if is_last else then) if position is not None]
    return normalised(content, topic=topic, positions=codes), topic_id, positions


def _told(prepared: Prepared, version: PackedVersion, terms: Terms) -> Prepared:
    """With when it was written there, and where it comes from."""
    note = f"{terms.origin}: {version.note}" if version.note else terms.origin
    columns = {"number": version.number, "note": note[:300], "created_at": min(version.at, clock.now())}
    return replace(prepared, version={**prepared.version, **columns})


def state_of(packed: PackedQuestion, content: Content, terms: Terms) -> QuestionState:
    """Approved only where whom we trust approved it and nothing is wrong with it; else to be reviewed."""
    was_approved = packed.state is QuestionState.APPROVED and not packed.is_held
    if terms.trusts_review and was_approved and is_sound(content, terms.bank):
        return QuestionState.APPROVED
    return QuestionState.IN_REVIEW if terms.bank is BankKind.EXAM else QuestionState.DRAFT


def is_sound(content: Content, bank: BankKind) -> bool:
    """Whether its kind finds nothing wrong, and an exam question names the law it rests on."""
    return not get_kind(content.kind).check(content) and (bank is BankKind.PRACTICE or bool(content.citations))


def insert_new(arrivals: Sequence[Arrival], terms: Terms) -> list[int]:
    """Store new questions that are seen nowhere before :func:`show`; ids in order."""
    if not arrivals:
        return []
    batch = new_reference()
    rows = [
        {
            "code": f"{batch}-{number}",  # until the ids are known
            "uid": one.wanted.packed.uid,
            "bank": terms.bank,
            "state": one.state,
            "is_common": not one.last.position_ids,
            "is_sample": one.wanted.packed.is_sample,
            "owner_id": terms.person_id,
        }
        for number, one in enumerate(arrivals)
    ]
    ids = list(db.session.scalars(insert(Question).returning(Question.id, sort_by_parameter_order=True), rows))
    db.session.execute(update(Question), [{"id": found, "code": code_of(found)} for found in ids])
    _insert_versions(zip(ids, arrivals, strict=True), {})
    _write_neighbours(dict(zip(ids, arrivals, strict=True)))
    return ids


def append(arrivals: Mapping[int, Arrival]) -> dict[int, int]:
    """Store further versions of questions by their ids and make the last one the present one; their version ids."""
    numbers = dict(
        db.session.execute(
            select(QuestionVersion.question_id, QuestionVersion.number)
            .where(QuestionVersion.question_id.in_(list(arrivals)))
            .order_by(QuestionVersion.number)
        ).all()
    )
    present = _insert_versions(arrivals.items(), numbers)
    db.session.execute(
        update(Question),
        [
            {
                "id": question_id,
                "current_id": present[question_id],
                "state": one.state,
                "is_common": not one.last.position_ids,
            }
            for question_id, one in arrivals.items()
        ],
    )
    for table in (QuestionText, QuestionTag, QuestionPosition):
        gone = delete(table).where(table.question_id.in_(list(arrivals)))
        db.session.execute(gone.execution_options(synchronize_session=False))
    _write_neighbours(arrivals)
    return present


def _insert_versions(arrivals: Iterable[tuple[int, Arrival]], numbers: Mapping[int, int]) -> dict[int, int]:
    """``numbers``: the last number of each question so far; without one the package's numbers stay. The last ids."""
    rows, citations, names = [], [], []
    for question_id, one in arrivals:
        for index, version in enumerate(one.versions):
            own = {"number": numbers[question_id] + index + 1} if question_id in numbers else {}
            rows.append({**version.version, **own, "question_id": question_id})
            citations.append(version.citations)
            names.append(one.names[index])
    returning = insert(QuestionVersion).returning(QuestionVersion.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(returning, rows))
    cited = [{"version_id": found, **row} for found, every in zip(ids, citations, strict=True) for row in every]
    aliases = [{"version_id": found, "digest": name} for found, every in zip(ids, names, strict=True) for name in every]
    for table, many in ((Citation, cited), (VersionAlias, aliases)):
        if many:
            db.session.execute(insert(table), many)
    return {row["question_id"]: found for row, found in zip(rows, ids, strict=True)}


def _write_neighbours(arrivals: Mapping[int, Arrival]) -> None:
    """What the present version is searched and filtered by."""
    texts = [{"question_id": found, **one.last.text} for found, one in arrivals.items()]
    tags = [{"question_id": found, "tag": tag} for found, one in arrivals.items() for tag in one.last.tags]
    places = [
        {"question_id": found, "position_id": place}
        for found, one in arrivals.items()
        for place in one.last.position_ids
    ]
    for table, rows in ((QuestionText, texts), (QuestionTag, tags), (QuestionPosition, places)):
        if rows:
            db.session.execute(insert(table), rows)


def show(question_ids: Sequence[int]) -> None:
    """Make new questions appear, all at once."""
    last = (
        select(QuestionVersion.id)
        .where(QuestionVersion.question_id == Question.id)
        .order_by(QuestionVersion.number.desc())
        .limit(1)
        .correlate(Question)
        .scalar_subquery()
    )
    for start in range(0, len(question_ids), 500):
        among = Question.id.in_(question_ids[start : start + 500])
        hidden = update(Question).where(Question.current_id.is_(None), among).values(current_id=last)
        db.session.execute(hidden.execution_options(synchronize_session=False))


def remove_hidden(question_ids: Sequence[int]) -> None:
    """Take back questions that nobody has seen."""
    versions = select(QuestionVersion.id).where(QuestionVersion.question_id.in_(question_ids))
    for statement in (
        delete(Citation).where(Citation.version_id.in_(versions)),
        delete(VersionAlias).where(VersionAlias.version_id.in_(versions)),
        delete(QuestionTag).where(QuestionTag.question_id.in_(question_ids)),
        delete(QuestionText).where(QuestionText.question_id.in_(question_ids)),
        delete(QuestionPosition).where(QuestionPosition.question_id.in_(question_ids)),
        delete(QuestionVersion).where(QuestionVersion.question_id.in_(question_ids)),
        delete(Question).where(Question.id.in_(question_ids)),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
