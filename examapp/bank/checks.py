"""What the bank finds wrong with questions of a file: unknown codes, places out of reach, law it does not know.

Which topic and which positions a question gets, and whether that is allowed, is worked out anew whenever it is looked
at: a heading mapped, a document added to the registry or a grant given in between counts at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from examapp.bank import law
from examapp.bank.items import Finding, error, warning
from examapp.bank.mappings import STEP, Meaning, above, key_of, meanings
from examapp.bank.models import ImportGroup, Topic
from examapp.bank.scope import covers
from examapp.core import text
from examapp.core.db import db
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.kinds import KINDS
from question_bank.messages import N_, Message

UNKNOWN_POSITION = N_("Vị trí “{code}” không có trong danh mục: chọn lại vị trí cho câu này hoặc bỏ câu khỏi tệp.")
OUT_OF_REACH = N_("Câu hỏi thuộc vị trí ngoài phạm vi được giao ({codes}): chọn vị trí được giao hoặc bỏ câu này.")
COMMON_OUT_OF_REACH = N_("Câu dùng chung chỉ do người được giao mọi vị trí nhập: chọn vị trí cho câu này.")
UNKNOWN_TOPIC = N_("Chuyên đề “{topic}” không có trong danh mục: câu sẽ vào “{instead}”; chọn lại nếu cần.")
UNKNOWN_LAW = N_("Văn bản “{symbol}” chưa có trong danh mục: câu sẽ giữ nguyên chữ, cần sửa trước khi gửi thẩm định.")
UNSORTED_NAME = "Chưa xếp chuyên đề"


@dataclass(frozen=True, slots=True)
class Defaults:
    """Where questions go that do not say so themselves. No position: common to all; no topic: not sorted yet."""

    position: Position | None
    topic: Topic | None
    level: domain.Level


@dataclass(frozen=True, slots=True)
class Named:
    """What a question of a file says of its place, as written."""

    topic: str = ""
    positions: tuple[str, ...] = ()
    heading: str = ""

    @property
    def key(self) -> str:
        return domain.digest(domain.canonical_json([self.topic, self.positions, self.heading]))

    @classmethod
    def of(cls, group: ImportGroup) -> Named:
        return cls(group.topic, tuple(json.loads(group.positions)), group.heading)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a question goes: no topic means not sorted yet, no position common to all."""

    topic: Topic | None
    positions: tuple[Position, ...] = ()
    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()
    """Texts that nobody has said the meaning of."""

    @property
    def has_errors(self) -> bool:
        return any(finding.is_error for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The codes and names that a file may use, read once, and what this person has said of others."""

    positions: Mapping[str, Position]
    topics: Mapping[str, Topic]
    documents: frozenset[str]
    said: Mapping[str, Meaning] = field(default_factory=dict)

    @classmethod
    def load(cls, owner_id: int | None = None) -> Catalogue:
        positions = list(db.session.scalars(select(Position).order_by(Position.code)))
        topics = list(db.session.scalars(select(Topic).order_by(Topic.code)))
        return cls(
            positions={key: one for one in reversed(positions) for key in (text.fold(one.name), text.fold(one.code))},
            topics={key: one for one in reversed(topics) for key in (text.fold(one.name), text.fold(one.code))},
            documents=frozenset(law.documents_by_key()),
            said=meanings(owner_id) if owner_id is not None else {},
        )

    def position(self, code: str) -> Position | None:
        return self.positions.get(text.fold(code))

    def topic(self, code: str) -> Topic | None:
        """By code or name; of a path of categories the last part counts."""
        return self.topics.get(text.fold(code)) or self.topics.get(text.fold(code.rpartition("/")[2]))

    def meaning(self, written: str) -> Meaning | None:
        """What a person said of the text; of a path of titles the nearest that has a meaning."""
        return next((self.said[key] for path in above(written) if (key := key_of(path)) in self.said), None)

    def knows(self, symbol: str) -> bool:
        return law.symbol_key(symbol) in self.documents


def destination(named: Named, catalogue: Catalogue, defaults: Defaults, reach: set[int] | None) -> Destination:
    """Where a question goes that names this, and what is wrong with it; ``reach``: the person's positions."""
    unknown: list[str] = []
    findings: list[Finding] = []
    topic, hint = _by_topic(named.topic, catalogue, unknown)
    titled, title_hint = _by_titles(named, catalogue, unknown)
    if named.topic in unknown:
        instead = titled or defaults.topic
        name = instead.name if instead else UNSORTED_NAME
        findings.append(warning(Message(UNKNOWN_TOPIC, topic=named.topic, instead=name)))
    if hint.position is None and not hint.is_common:
        hint = title_hint
    places, is_common = _positions(named, hint, catalogue, unknown)
    lost = [code for code in named.positions if code in unknown]
    findings += [error(Message(UNKNOWN_POSITION, code=code)) for code in lost]
    if not named.positions and not places and not is_common and defaults.position:
        places = [defaults.position]
    findings += _out_of_reach(places, reach) if places or not lost else []
    return Destination(topic or titled or defaults.topic, tuple(places), tuple(findings), tuple(dict.fromkeys(unknown)))


def _by_topic(written: str, catalogue: Catalogue, unknown: list[str]) -> tuple[Topic | None, Meaning]:
    """The topic that a question names itself, and what else a person said that name means."""
    if not written:
        return None, Meaning()
    said = catalogue.meaning(written)
    found = catalogue.topic(written) or (said.topic if said else None)
    if found is None and said is None:
        unknown.append(written)
    return found, said or Meaning()


def _by_titles(named: Named, catalogue: Catalogue, unknown: list[str]) -> tuple[Topic | None, Meaning]:
    """What the titles above a question mean: as a person said, else those that are names of the catalogue."""
    if not named.heading:
        return None, Meaning()
    if said := catalogue.meaning(named.heading):
        return said.topic, said
    titles = named.heading.split(STEP)[::-1]
    topic = next((found for title in titles if (found := catalogue.topic(title))), None)
    position = next((place for title in titles if (place := catalogue.position(title))), None)
    if topic is None and position is None and not named.topic:
        unknown.append(named.heading)
    return topic, Meaning(topic, position)


def _positions(named: Named, hint: Meaning, catalogue: Catalogue, unknown: list[str]) -> tuple[list[Position], bool]:
    """The positions that are named; ``True`` where somebody said "common to all"."""
    if not named.positions:
        return ([hint.position] if hint.position else []), hint.is_common
    places: list[Position] = []
    is_common = False
    for code in named.positions:
        said = catalogue.meaning(code)
        place = catalogue.position(code) or (said.position if said else None)
        if place is not None:
            places.append(place)
        elif said and said.is_common:
            is_common = True
        else:
            unknown.append(code)
    return list(dict.fromkeys(places)), is_common


def _out_of_reach(places: Sequence[Position], reach: set[int] | None) -> list[Finding]:
    if covers(reach, wanted={place.id for place in places}, is_common=not places):
        return []
    if not places:
        return [error(Message(COMMON_OUT_OF_REACH))]
    codes = ", ".join(place.code for place in places if reach is not None and place.id not in reach)
    return [error(Message(OUT_OF_REACH, codes=codes))]


def content_findings(question: domain.Question) -> list[Finding]:
    """What its kind finds wrong with a question that a person has mended."""
    return [error(message) for message in KINDS[question.kind].check(question)]


def law_findings(symbols: Iterable[str], catalogue: Catalogue) -> Iterator[Finding]:
    for symbol in dict.fromkeys(symbols):
        if not catalogue.knows(symbol):
            yield warning(Message(UNKNOWN_LAW, symbol=symbol))
