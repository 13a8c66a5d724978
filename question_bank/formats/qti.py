"""QTI 2.1, 2.2 and 3.0: items alone or in packages; written as a package of 2.2.

What QTI has no place for (level, positions, citations …) travels in the metadata of the item's resource in the
manifest, as ``<bank xmlns="urn:thuoc-do:bank" kind="…" topic="…"><field>level:nhan_biet</field></bank>``; see
:mod:`question_bank.formats.bank_fields`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from question_bank.formats.bank_fields import Field, field_from, first, with_fields
from question_bank.formats.base import Collector, Format, Reading, Source, UnreadableFileError
from question_bank.formats.qti_item import Files, Item, ItemError
from question_bank.formats.qti_kinds import read_item, without_key
from question_bank.formats.qti_tree import Package, parse
from question_bank.formats.qti_write import write
from question_bank.messages import N_, Message
from question_bank.question import clean_text

_BROKEN = N_("Không đọc được tệp {path} trong gói: {reason}")


class _Entry(NamedTuple):
    """A file of a package and what the manifest says beside it."""

    path: str
    fields: tuple[Field, ...] = ()
    topic: str = ""
    kind: str = ""
    """Of an item written by this bank, whose name is only its place in the package."""


def read(source: Source) -> Reading:
    collector = Collector("qti")
    if source.data.startswith(b"PK"):
        _read_package(Package(source), collector)
    else:
        root = parse(source.data)
        if root.name != "assessmentItem":
            template = N_("Tệp chỉ là danh sách dẫn đến câu hỏi (<{name}>): nhập cả gói .zip có các câu hỏi.")
            raise UnreadableFileError(Message(template, name=root.name))
        _take(Item(root, collector, "", lambda path: None), _Entry(""), collector)
    return collector.reading()


def _read_package(package: Package, collector: Collector) -> None:
    files: Files = package.read
    for entry in _entries(package):
        data = package.read(entry.path)
        place = Message(N_("Tệp {path}"), path=entry.path)
        if data is None:
            collector.skip(Message(N_("Tệp được khai trong gói nhưng không có hoặc bị hỏng.")), place)
            continue
        try:
            root = parse(data)
        except UnreadableFileError as error:
            collector.skip(Message(_BROKEN, path=entry.path, reason=error.message), place)
            continue
        if root.name == "assessmentItem":
            scoring = first(entry.fields, "scoring")
            _take(Item(root, collector, entry.path, files, entry.kind, scoring), entry, collector)


def _entries(package: Package) -> Iterator[_Entry]:
    """The items as the manifest lists them; without a manifest, every XML file."""
    name = package.manifest
    data = package.read(name) if name else None
    if name is None or data is None:
        yield from map(_Entry, package.xml_names())
        return
    folder = name.rpartition("/")[0]
    for resource in parse(data).below("resource"):
        href = resource.get("href")
        if href.lower().endswith(".xml") and "item" in resource.get("type").lower():
            found = tuple(field for node in resource.below("field") if (field := field_from(node.text)))
            bank = resource.below("bank")
            topic = clean_text(bank[0].get("topic")) if bank else ""
            kind = bank[0].get("kind") if bank else ""
            yield _Entry(f"{folder}/{href}" if folder else href, found, topic, kind)


def _take(item: Item, entry: _Entry, collector: Collector) -> None:
    try:
        question = read_item(item, entry.topic)
    except ItemError as error:
        collector.skip(error.message, item.place)
        return
    question, doubts = with_fields(replace(question, ref="") if entry.kind else question, entry.fields)
    number = collector.add(question, item.place, without_key(question), heading=entry.topic)
    for message in dict.fromkeys([*item.doubts, *doubts]):
        collector.warning(message, item.place, number)


FORMAT = Format("qti", Message(N_("QTI")), ".zip", "application/zip", read, write)
