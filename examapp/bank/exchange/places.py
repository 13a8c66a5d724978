"""Where the questions of a package go: its topics and positions as they are here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select

from examapp.audit.services import record
from examapp.bank.exchange.compare import COMMON, Choices, topics_in
from examapp.bank.exchange.contents import PackedPosition, PackedQuestion, PackedTopic
from examapp.bank.exchange.models import ExchangeItem, ExchangePackage, Fate
from examapp.bank.models import Strand, Topic
from examapp.bank.topics import is_used
from examapp.core import text
from examapp.core.db import db
from examapp.organisation.models import Position


@dataclass(frozen=True, slots=True)
class UnknownTopic:
    """A topic of the package that is not here: what it may be here, and whether it will be made."""

    packed: PackedTopic
    said: str
    """Code of the topic here that stands for it: chosen, or found by its name; empty: it is made."""


def unknown_topics(package: ExchangePackage) -> list[UnknownTopic]:
    finder = TopicFinder(package)
    return [
        UnknownTopic(packed, found.code if (found := finder.find(packed.code)) else "")
        for packed in finder.packed.values()
        if packed.code not in finder.codes
    ]


def unknown_positions(package: ExchangePackage) -> list[tuple[PackedPosition, str]]:
    """Positions of questions that are not here, each with what was said of it."""
    packed = [PackedPosition.read(one) for one in json.loads(package.positions)]
    known = set(db.session.scalars(select(Position.code)))
    named = {one.code for one in packed}
    used = select(ExchangeItem.places).where(ExchangeItem.package_id == package.id, ExchangeItem.fate != Fate.SKIPPED)
    wanted = {code for places in db.session.scalars(used.distinct()) for code in places.split("|") if code}
    said = Choices.of(package).positions
    missing = [one for one in packed if one.code in wanted] + [PackedPosition(c, "") for c in sorted(wanted - named)]
    return [(one, said.get(one.code, "")) for one in missing if one.code not in known]


class TopicFinder:
    """Finds the topic here for one of the package: said by the person, by code, or by name at the same place."""

    def __init__(self, package: ExchangePackage) -> None:
        self.packed = {topic.code: topic for topic in topics_in(package)}
        self.choices = Choices.of(package)
        self.rows = list(db.session.scalars(select(Topic)))
        self.codes = {topic.code: topic for topic in self.rows}
        self.positions: dict[str, int] = {
            code: found for found, code in db.session.execute(select(Position.id, Position.code))
        }

    def find(self, code: str) -> Topic | None:
        if found := self.codes.get(self.choices.topics.get(code, "")) or self.codes.get(code):
            return found
        packed = self.packed.get(code)
        return self._by_name(packed) if packed else None

    def _by_name(self, packed: PackedTopic) -> Topic | None:
        parent = self.find(packed.parent) if packed.parent else None
        if packed.parent and parent is None:
            return None
        place = packed.strand, parent.id if parent else None, self.position_id(packed)
        same = [
            topic
            for topic in self.rows
            if (topic.strand, topic.parent_id, topic.position_id) == place
            and text.fold(topic.name) == text.fold(packed.name)
        ]
        return same[0] if same else None

    def position_id(self, packed: PackedTopic) -> int | None:
        said = self.choices.positions.get(packed.position, packed.position)
        return self.positions.get(said) or self.positions.get(packed.position)

    def make(self, code: str) -> tuple[Topic, list[Topic]]:
        """The topic here, made under its strand with what stands above it where it is missing; and what was made."""
        if found := self.find(code):
            return found, []
        packed, made, parent = self.packed[code], list[Topic](), None
        strand: Strand = packed.strand
        position_id = self.position_id(packed)
        if packed.parent in self.packed and packed.parent != code:
            parent, made = self.make(packed.parent)
            strand, position_id = parent.strand, parent.position_id or position_id
        topic = Topic(
            code=code,
            name=packed.name,
            strand=strand,
            parent_id=parent.id if parent else None,
            position_id=position_id,
        )
        db.session.add(topic)
        db.session.flush()
        record("topic.created", "topic", code, name=packed.name, parent=parent.code if parent else None)
        self.rows.append(topic)
        self.codes[code] = topic
        return topic, [*made, topic]


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything goes, as plain values that outlive the transaction."""

    topics: Mapping[str, tuple[int, str]]
    """Id and code here, by the code in the package."""
    positions: Mapping[str, Position | None]
    """The position here by its code in the package; ``None``: common to all."""


def settle(package: ExchangePackage, wanted: Iterable[str]) -> Places:
    """Make the missing ones of the ``wanted`` topics, and remember on the package that they were made for it."""
    finder = TopicFinder(package)
    made: list[Topic] = []
    for code in sorted(set(wanted)):
        made += finder.make(code)[1]
    if made:
        told = json.loads(package.made)
        package.made = json.dumps({**told, "topics": [*told.get("topics", []), *(topic.id for topic in made)]})
        db.session.flush()
    known = {
        code: (topic.id, topic.code)
        for code in {*finder.packed, *finder.codes}
        if (topic := finder.find(code)) is not None
    }
    rows = {position.code: position for position in db.session.scalars(select(Position))}
    places: dict[str, Position | None] = {code: row for code, row in rows.items()}
    for code, said in finder.choices.positions.items():
        if code not in rows and (said in rows or said == COMMON):
            places[code] = rows.get(said)
    for row in rows.values():
        db.session.expunge(row)
    return Places(known, places)


def forget_topics(package: ExchangePackage) -> None:
    """Take back the topics that were made for a merging that did not come to its end, the last made first."""
    told = json.loads(package.made)
    for topic_id in reversed(told.pop("topics", [])):
        topic = db.session.get(Topic, topic_id)
        if topic is not None and not is_used(topic):
            db.session.execute(delete(Topic).where(Topic.id == topic_id))
            db.session.flush()
    package.made = json.dumps(told)


def positions_here(packed: PackedQuestion, places: Places) -> list[Position] | None:
    """The positions of the question here, none when it is common to all; ``None`` when one is not known here."""
    if any(code not in places.positions for code in packed.positions):
        return None
    found = [places.positions[code] for code in packed.positions]
    known = {position.code: position for position in found if position is not None}
    return [] if None in found else list(known.values())
