"""What a package holds, part by part: how each is written and how strictly it is read back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from examapp.bank.exchange import strict
from examapp.bank.models import BankKind, QuestionState, Strand
from question_bank.question import Question, canonical_json, digest

MOST_VERSIONS = 200
MOST_PLACES = 200
MOST_NAMES = 50
UID = re.compile(r"[0-9a-z]{26}")


@dataclass(frozen=True, slots=True)
class PackedVersion:
    """One version: what it says, and every digest it is known by."""

    number: int
    content: Question
    raw: Mapping[str, Any]
    """The content as the origin wrote it: what its digest was taken of."""
    digest: str
    known_as: tuple[str, ...]
    """Digests that the same version has in other installations, where topics or positions have other codes."""
    note: str
    at: datetime

    @property
    def names(self) -> frozenset[str]:
        return frozenset((self.digest, *self.known_as))

    @property
    def place(self) -> tuple[str, frozenset[str]]:
        """Topic and positions, as they are called there."""
        return self.content.topic, frozenset(self.content.positions)

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "content": dict(self.raw),
            "digest": self.digest,
            "known_as": list(self.known_as),
            "note": self.note,
            "at": self.at.isoformat(),
        }

    @classmethod
    def read(cls, value: Any) -> Self:
        data = strict.mapping(value, ("number", "content", "digest", "known_as", "note", "at"))
        content, named = Question.read(data["content"]), strict.sha256(data["digest"])
        if digest(canonical_json(data["content"])) != named:
            raise ValueError("another digest")
        strict.whole(content.points, 1)
        strict.maybe_whole(content.seconds, 0, strict.LARGEST_NUMBER)
        if (
            len(content.positions) > MOST_PLACES
            or len(content.citations) > MOST_PLACES
            or len(content.tags) > MOST_PLACES
        ):
            raise ValueError("too many")
        return cls(
            number=strict.whole(data["number"], 1),
            content=content,
            raw=data["content"],
            digest=named,
            known_as=tuple(strict.sha256(one) for one in strict.items(data["known_as"], MOST_NAMES)),
            note=strict.prose(data["note"], 300),
            at=strict.moment(data["at"]),
        )


@dataclass(frozen=True, slots=True)
class PackedQuestion:
    """A question with all its versions, the oldest first; the last one is the present one."""

    uid: str
    bank: BankKind
    state: QuestionState
    is_common: bool
    is_sample: bool
    is_held: bool
    positions: tuple[str, ...]
    topic: str
    versions: tuple[PackedVersion, ...]

    @property
    def last(self) -> PackedVersion:
        return self.versions[-1]

    def stays_in_place(self, since: int) -> bool:
        """Whether topic and positions are those of the version before index ``since``: nobody there moved it."""
        return since > 0 and self.last.place == self.versions[since - 1].place

    @property
    def media(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(sha for version in self.versions for sha in version.content.media))

    def as_json(self) -> dict[str, Any]:
        return {
            "uid": self.uid,
            "bank": self.bank.value,
            "state": self.state.value,
            "common": self.is_common,
            "sample": self.is_sample,
            "held": self.is_held,
            "positions": list(self.positions),
            "topic": self.topic,
            "versions": [version.as_json() for version in self.versions],
        }

    @classmethod
    def read(cls, value: Any) -> Self:
        names = ("uid", "bank", "state", "common", "sample", "held", "positions", "topic", "versions")
        data = strict.mapping(value, names)
        versions = tuple(PackedVersion.read(one) for one in strict.items(data["versions"], MOST_VERSIONS))
        numbers = [version.number for version in versions]
        if not versions or numbers != sorted(set(numbers)) or not isinstance(data["uid"], str):
            raise ValueError("versions out of order")
        if not UID.fullmatch(data["uid"]):
            raise ValueError("no identity")
        found = cls(
            uid=data["uid"],
            bank=BankKind(data["bank"]),
            state=QuestionState(data["state"]),
            is_common=strict.truth(data["common"]),
            is_sample=strict.truth(data["sample"]),
            is_held=strict.truth(data["held"]),
            positions=tuple(strict.line(one, 60, least=1) for one in strict.items(data["positions"], MOST_PLACES)),
            topic=strict.line(data["topic"], 60, least=1),
            versions=versions,
        )
        if found.is_common == bool(found.positions):
            raise ValueError("of positions or common to all")
        return found


@dataclass(frozen=True, slots=True)
class PackedTopic:
    code: str
    name: str
    strand: Strand
    parent: str
    position: str

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "strand": self.strand.value,
            "parent": self.parent,
            "position": self.position,
        }

    @classmethod
    def read(cls, value: Any) -> Self:
        data = strict.mapping(value, ("code", "name", "strand", "parent", "position"))
        return cls(
            code=strict.line(data["code"], 60, least=1),
            name=strict.line(data["name"], 200, least=1),
            strand=Strand(data["strand"]),
            parent=strict.line(data["parent"], 60),
            position=strict.line(data["position"], 60),
        )


@dataclass(frozen=True, slots=True)
class PackedPosition:
    """A position by its code; the name helps whoever has to say which one it is here."""

    code: str
    name: str

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name}

    @classmethod
    def read(cls, value: Any) -> Self:
        data = strict.mapping(value, ("code", "name"))
        return cls(strict.line(data["code"], 60, least=1), strict.line(data["name"], 200))


DATES = ("issued_on", "in_force_from", "in_force_to", "superseded_on")
_LINES = {"symbol": 60, "title": 300, "kind": 40, "issuer": 120, "link": 500, "field": 100, "superseded_by": 60}


@dataclass(frozen=True, slots=True)
class Amendment:
    """Which document changes another, and from when."""

    by: str
    on: date | None

    def as_json(self) -> dict[str, Any]:
        return {"by": self.by, "on": self.on.isoformat() if self.on else None}

    @classmethod
    def read(cls, value: Any) -> Self:
        data = strict.mapping(value, ("by", "on"))
        return cls(strict.line(data["by"], 60, least=1), strict.day(data["on"]))


@dataclass(frozen=True, slots=True)
class PackedDocument:
    """A legal document as the origin's registry has it; what others are called in it stands by symbol."""

    symbol: str
    title: str
    kind: str
    issuer: str
    link: str
    field: str
    is_party: bool
    issued_on: date | None
    in_force_from: date | None
    in_force_to: date | None
    superseded_by: str
    superseded_on: date | None
    mark: str
    is_checked: bool
    note: str
    amendments: tuple[Amendment, ...]

    def as_json(self) -> dict[str, Any]:
        days = {name: getattr(self, name) for name in DATES}
        return {
            **{name: getattr(self, name) for name in _LINES},
            **{name: found.isoformat() if found else None for name, found in days.items()},
            "party": self.is_party,
            "mark": self.mark,
            "checked": self.is_checked,
            "note": self.note,
            "amendments": [one.as_json() for one in self.amendments],
        }

    @classmethod
    def read(cls, value: Any) -> Self:
        data = strict.mapping(value, (*_LINES, *DATES, "party", "mark", "checked", "note", "amendments"))
        needed = {"symbol", "title"}
        lines: dict[str, Any] = {
            name: strict.line(data[name], most, least=int(name in needed)) for name, most in _LINES.items()
        }
        days: dict[str, Any] = {name: strict.day(data[name]) for name in DATES}
        return cls(
            **lines,
            **days,
            is_party=strict.truth(data["party"]),
            mark=strict.line(data["mark"], 1, least=1),
            is_checked=strict.truth(data["checked"]),
            note=strict.prose(data["note"], 10_000),
            amendments=tuple(Amendment.read(one) for one in strict.items(data["amendments"], MOST_PLACES)),
        )


@dataclass(frozen=True, slots=True)
class PackedStatistic:
    """How a version did in the published rounds of a year, summed over them."""

    uid: str
    digest: str
    year: int
    papers: int
    answered: int
    facility: int | None
    discrimination: int | None

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def read(cls, value: Any) -> Self:
        names = ("uid", "digest", "year", "papers", "answered", "facility", "discrimination")
        data = strict.mapping(value, names)
        papers = strict.whole(data["papers"], 1)
        if not isinstance(data["uid"], str) or not UID.fullmatch(data["uid"]):
            raise ValueError("no identity")
        return cls(
            uid=data["uid"],
            digest=strict.sha256(data["digest"]),
            year=strict.whole(data["year"], 2000, 2200),
            papers=papers,
            answered=strict.whole(data["answered"], 0, papers),
            facility=strict.maybe_whole(data["facility"], 0, 1000),
            discrimination=strict.maybe_whole(data["discrimination"], -1000, 1000),
        )
