"""What will come of a file and what is wrong with it: counts, a page of its questions, what the bank does not know."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, not_, or_, select

from examapp.accounts.models import Account
from examapp.bank.alike import Twin, load_twins, told
from examapp.bank.checks import Catalogue, Defaults, Destination, Named, destination, law_findings
from examapp.bank.items import Finding, Report, findings_of, load_place, question_of
from examapp.bank.labels import level_label
from examapp.bank.media import Picture, as_address, images_for, type_of
from examapp.bank.models import ImportGroup, ImportItem, ImportMedia, Question, QuestionImport, QuestionVersion, Topic
from examapp.bank.scope import READS, open_to, reached
from examapp.core.db import db
from examapp.core.models import File, FileContent
from examapp.core.permissions import Permission
from examapp.core.words import _, in_language
from examapp.organisation.models import Position
from question_bank import question as domain

DEFAULT_LEVEL = domain.Level.RECALL
SHOWS = ("", "errors", "warnings", "alike", "out")
"""What the list may be narrowed to."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A heading, category or code that has no meaning here yet."""

    written: str
    count: int
    """Questions it stands over."""


@dataclass(frozen=True, slots=True)
class UnknownLaw:
    """A document that questions cite and the registry does not know."""

    symbol: str
    count: int
    first: int
    """Number of the first question that cites it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of the file that go the same way, and how many of them are in which state."""

    id: int
    named: Named
    goes: Destination
    total: int
    out: int
    clean: int
    """Not left out and without an error of their own."""
    levelless: int

    @property
    def good(self) -> int:
        return 0 if self.goes.has_errors else self.clean


def defaults_of(kept: QuestionImport) -> Defaults:
    return Defaults(
        position=db.session.get(Position, kept.position_id) if kept.position_id else None,
        topic=db.session.get(Topic, kept.topic_id) if kept.topic_id else None,
        level=kept.level or DEFAULT_LEVEL,
    )


def pictures_of(kept: QuestionImport, wanted: Iterable[str]) -> Iterator[tuple[str, Picture]]:
    """What the file brought under these digests."""
    if not (digests := sorted(set(wanted))):
        return
    rows = db.session.execute(
        select(ImportMedia.sha256, FileContent.data)
        .join(File, File.id == ImportMedia.file_id)
        .join(FileContent, FileContent.sha256 == File.sha256)
        .where(ImportMedia.import_id == kept.id, ImportMedia.sha256.in_(digests))
    )
    for sha256, data in rows:
        yield sha256, Picture(data, type_of(data))


class Preview:
    """One file as it would enter the bank now."""

    def __init__(self, kept: QuestionImport, *, person: Account, catalogue: Catalogue | None = None) -> None:
        self.kept, self.person = kept, person
        self.catalogue = catalogue or Catalogue.load(person.id)
        self.defaults = defaults_of(kept)
        self.report = Report.loads(kept.report)
        reach = person.positions(Permission.BANK_IMPORT)
        self.groups = {
            row.id: _group(row, self.catalogue, self.defaults, reach) for row in db.session.execute(_counted(kept.id))
        }

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups.values())

    @property
    def out(self) -> int:
        return sum(group.out for group in self.groups.values())

    @property
    def good(self) -> int:
        return sum(group.good for group in self.groups.values())

    @property
    def faulty(self) -> int:
        return self.total - self.out - self.good

    @property
    def unknown(self) -> list[Unknown]:
        """Texts to be mapped, those over most questions first."""
        counts: dict[str, int] = {}
        for group in self.groups.values():
            for written in group.goes.unknown:
                counts[written] = counts.get(written, 0) + group.total
        return sorted((Unknown(*pair) for pair in counts.items()), key=lambda one: (-one.count, one.written))

    @cached_property
    def _cited(self) -> Sequence[Row[str, int, int]]:
        """What is cited, as it is kept with the items: how often, and first where."""
        return db.session.execute(
            select(ImportItem.documents, func.count(), func.min(ImportItem.number))
            .where(ImportItem.import_id == self.kept.id, ImportItem.documents != "")
            .group_by(ImportItem.documents)
        ).all()

    @cached_property
    def unknown_laws(self) -> list[UnknownLaw]:
        found: dict[str, UnknownLaw] = {}
        for packed, count, first in self._cited:
            for symbol in json.loads(packed):
                if not self.catalogue.knows(symbol):
                    so_far = found.get(symbol, UnknownLaw(symbol, 0, first))
                    found[symbol] = UnknownLaw(symbol, so_far.count + count, min(so_far.first, first))
        return sorted(found.values(), key=lambda one: (-one.count, one.first))

    @property
    def faulty_condition(self) -> ColumnElement[bool]:
        """The condition on ``import_items``: an error of its own, or of where it goes."""
        bad = [group.id for group in self.groups.values() if group.goes.has_errors]
        return or_(ImportItem.has_errors, ImportItem.group_id.in_(bad))

    @property
    def storable_condition(self) -> ColumnElement[bool]:
        return and_(ImportItem.is_left_out.is_(False), not_(self.faulty_condition))

    def _doubtful_condition(self) -> ColumnElement[bool]:
        unmatched = {one.symbol for one in self.unknown_laws}
        citing = [row[0] for row in self._cited if unmatched.intersection(json.loads(row[0]))]
        moved = [group.id for group in self.groups.values() if group.goes.findings]
        doubts = [ImportItem.has_warnings, ImportItem.group_id.in_(moved), ImportItem.documents.in_(citing)]
        return and_(or_(*doubts), not_(self.faulty_condition))

    def items(self, show: str = "") -> Select[ImportItem]:
        """The questions asked for: all, with errors, with warnings, likely duplicates, left out."""
        conditions: dict[str, ColumnElement[bool]] = {
            "errors": self.faulty_condition,
            "alike": ImportItem.alike != "",
            "out": ImportItem.is_left_out.is_(True),
        }
        query = select(ImportItem).where(ImportItem.import_id == self.kept.id).order_by(ImportItem.number)
        if show == "warnings":
            return query.where(self._doubtful_condition())
        return query.where(conditions[show]) if show in conditions else query

    def doubtful_items(self) -> Select[ImportItem]:
        """Those of which there is anything to say, left out or not."""
        query = select(ImportItem).where(ImportItem.import_id == self.kept.id).order_by(ImportItem.number)
        return query.where(or_(self.faulty_condition, self._doubtful_condition()))

    def looks(self, items: Sequence[ImportItem]) -> list[Look]:
        """The items with all that a page says of them."""
        twins = {item.id: load_twins(item.alike) for item in items}
        known = _twins_of_bank([one for found in twins.values() for one in found], self.person)
        codes = codes_of([item.question_id for item in items if item.question_id])
        return [self._look(item, twins[item.id], known, codes) for item in items]

    def _look(
        self, item: ImportItem, twins: Sequence[Twin], known: Mapping[int, tuple[str, str]], codes: Mapping[int, str]
    ) -> Look:
        question = question_of(item.content)
        goes = self.groups[item.group_id].goes
        cited = law_findings([citation.document for citation in question.citations], self.catalogue)
        findings = [*findings_of(item.findings), *goes.findings, *cited]
        return Look(
            item=item,
            question=question,
            place=load_place(item.place),
            findings=sorted(findings, key=lambda finding: not finding.is_error),
            goes=goes,
            level=item.level or self.defaults.level,
            twins=[_bank_twin(twin, *known[found]) for twin in twins if (found := twin.question_id or 0) in known],
            repeats=[FileTwin(in_language(told(twin)), twin.number) for twin in twins if twin.number],
            code=codes.get(item.question_id or 0, ""),
        )

    def images(self, questions: Iterable[domain.Question]) -> dict[str, str]:
        """The images these questions show, as addresses that hold the bytes; of the file, or added while mending."""
        wanted = {sha256 for question in questions for sha256 in question.media}
        found = {sha256: as_address(picture) for sha256, picture in pictures_of(self.kept, wanted)}
        return found | images_for(wanted - found.keys())

    def notes(self) -> list[str]:
        """How the file was understood, and what will be taken where it says nothing."""
        notes = [in_language(note) for note in self.report.notes]
        groups = self.groups.values()
        levelless = sum(group.levelless for group in groups)
        topicless = sum(
            group.total for group in groups if not group.named.topic and group.goes.topic is self.defaults.topic
        )
        if levelless:
            level = level_label(self.defaults.level)
            notes.append(_("%(n)s câu không ghi mức độ: sẽ lưu là “%(level)s”.", n=levelless, level=level))
        if topicless:
            topic = self.defaults.topic.name if self.defaults.topic else _("Chưa xếp chuyên đề")
            notes.append(_("%(n)s câu không ghi chuyên đề: sẽ vào “%(topic)s”.", n=topicless, topic=topic))
        return notes


@dataclass(frozen=True, slots=True)
class BankTwin:
    """A question of the bank that one of the file may repeat."""

    words: str
    code: str
    stem: str
    """Empty where the person may not read it."""


@dataclass(frozen=True, slots=True)
class FileTwin:
    """An earlier question of the file that looks the same."""

    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Look:
    """One question of the file as a page shows it."""

    item: ImportItem
    question: domain.Question
    place: str
    findings: Sequence[Finding]
    goes: Destination
    level: domain.Level
    twins: Sequence[BankTwin]
    repeats: Sequence[FileTwin]
    code: str
    """Of the question it became."""

    @property
    def number(self) -> int:
        return self.item.number

    @property
    def has_errors(self) -> bool:
        return any(finding.is_error for finding in self.findings)

    @property
    def has_doubts(self) -> bool:
        """Whether there is anything to say of it."""
        return bool(self.findings or self.twins or self.repeats)


def _counted(import_id: int) -> Select[*tuple[Any, ...]]:
    """Each group with the number of its items in each state."""
    taken = ImportItem.is_left_out.is_(False)

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    return (
        select(
            ImportGroup.id,
            ImportGroup.topic,
            ImportGroup.positions,
            ImportGroup.heading,
            func.count().label("total"),
            how_many(ImportItem.is_left_out.is_(True)).label("out"),
            how_many(and_(taken, ImportItem.has_errors.is_(False))).label("clean"),
            how_many(ImportItem.level.is_(None)).label("levelless"),
        )
        .join(ImportItem, ImportItem.group_id == ImportGroup.id)
        .where(ImportGroup.import_id == import_id)
        .group_by(ImportGroup.id, ImportGroup.topic, ImportGroup.positions, ImportGroup.heading)
    )


def _group(row: Row[Any], catalogue: Catalogue, defaults: Defaults, reach: set[int] | None) -> Group:
    named = Named(row.topic, tuple(json.loads(row.positions)), row.heading)
    goes = destination(named, catalogue, defaults, reach)
    return Group(row.id, named, goes, row.total, int(row.out), int(row.clean), int(row.levelless))


def _bank_twin(twin: Twin, code: str, stem: str) -> BankTwin:
    return BankTwin(in_language(told(twin, code)), code, stem)


def _twins_of_bank(twins: Sequence[Twin], person: Account) -> dict[int, tuple[str, str]]:
    """Code and stem of the questions that are named; no stem where the person may not read it."""
    ids = sorted({twin.question_id for twin in twins if twin.question_id})
    if not ids:
        return {}
    banks = [
        and_(Question.bank == bank, reached(person.positions(permission)))
        for bank, permission in READS.items()
        if person.may(permission)
    ]
    may_read = and_(or_(false(), *banks), open_to(person))
    rows = db.session.execute(
        select(Question.id, Question.code, QuestionVersion.stem, may_read)
        .join(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(Question.id.in_(ids))
    )
    return {found: (code, stem if readable else "") for found, code, stem, readable in rows}


def codes_of(question_ids: Sequence[int]) -> dict[int, str]:
    if not question_ids:
        return {}
    rows = db.session.execute(select(Question.id, Question.code).where(Question.id.in_(question_ids)))
    return {question_id: code for question_id, code in rows}
