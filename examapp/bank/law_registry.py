"""Keeping the registry of legal documents: what ships, what people add, correct and confirm."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, case, select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.law import documents_by_key, ended, in_force, symbol_key
from examapp.bank.law_symbols import describe
from examapp.bank.models import Citation, LegalAmendment, LegalDocument, Mark
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.words import _

REGISTRY = Path(__file__).with_name("registry.csv")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person may write of a document; the confirmation stands apart."""

    symbol: str
    title: str
    kind: str = ""
    issuer: str = ""
    issued_on: date | None = None
    is_party: bool = False
    link: str = ""
    field: str = ""
    in_force_from: date | None = None
    in_force_to: date | None = None
    superseded_by_id: int | None = None
    superseded_on: date | None = None
    note: str = ""

    @classmethod
    def of(cls, document: LegalDocument) -> Entry:
        return cls(**{name: getattr(document, name) for name in NAMES})


NAMES = tuple(field.name for field in fields(Entry))


def load_registry() -> int:
    """Store the shipped documents that are not there yet and say how many; what a person wrote stays."""
    with REGISTRY.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = documents_by_key()
    new = {row["symbol"]: _from_row(row) for row in rows if symbol_key(row["symbol"]) not in known}
    db.session.add_all(new.values())
    db.session.flush()
    ids = {key: found[0] for key, found in documents_by_key().items()}
    for row in rows:
        if row["symbol"] in new:
            _connect(new[row["symbol"]], row, ids)
        else:
            _fill_in(db.session.get_one(LegalDocument, known[symbol_key(row["symbol"])][0]), row)
    db.session.flush()
    return len(new)


def _from_row(row: dict[str, str]) -> LegalDocument:
    mark = Mark(row["mark"])
    return LegalDocument(
        symbol=row["symbol"],
        title=row["title"],
        kind=row["kind"],
        issuer=row["issuer"],
        issued_on=_day(row["issued_on"]),
        is_party=bool(row["is_party"]),
        field=row["field"],
        in_force_from=_day(row["in_force_from"]),
        in_force_to=_day(row["in_force_to"]),
        mark=mark,
        status_checked=mark is Mark.VERIFIED,
        note=row["note"],
    )


def _day(written: str) -> date | None:
    return text.parse_date(written) if written else None


def _connect(document: LegalDocument, row: dict[str, str], ids: dict[str, int]) -> None:
    """What stands in its place, and what amends it."""
    if row["superseded_by"]:
        document.superseded_by_id = ids[symbol_key(row["superseded_by"])]
        document.superseded_on = _day(row["superseded_on"])
    for symbol in filter(None, row["amended_by"].split("|")):
        db.session.add(LegalAmendment(document_id=document.id, amended_by_id=ids[symbol_key(symbol)]))


def _fill_in(document: LegalDocument, row: dict[str, str]) -> None:
    """An entry of an older installation gets the columns it did not have; nothing that is written is touched."""
    if not document.kind and not document.issuer:
        document.kind, document.issuer, document.is_party = row["kind"], row["issuer"], bool(row["is_party"])
    document.issued_on = document.issued_on or _day(row["issued_on"])


def get_document(document_id: int) -> LegalDocument:
    document = db.session.get(LegalDocument, document_id)
    if document is None:
        raise NotFound()
    return document


def documents_query(
    *,
    query: str = "",
    on: date | None = None,
    checked: bool | None = None,
    kind: str = "",
    party: bool | None = None,
    ending: tuple[date, date] | None = None,
) -> Select[Any]:
    """The list of the registry, newest law first. ``ending``: those whose last day lies between these days."""
    found = select(LegalDocument).order_by(
        case((LegalDocument.in_force_from.is_(None), 1), else_=0),
        LegalDocument.in_force_from.desc(),
        LegalDocument.id,
    )
    if on is not None:
        found = found.where(in_force(on))
    if checked is not None:
        found = found.where(LegalDocument.status_checked.is_(checked))
    if kind:
        found = found.where(LegalDocument.kind == kind)
    if party is not None:
        found = found.where(LegalDocument.is_party.is_(party))
    if ending is not None:
        found = found.where(~ended(ending[0]), ended(ending[1]))
    if query.strip():
        found = found.where(LegalDocument.id.in_(_matching(query)))
    return found


def _matching(query: str) -> list[int]:
    """Ids of the documents that hold every word of ``query``; the registry is small enough to be read whole."""
    words = text.fold(query).split()
    columns = (
        LegalDocument.symbol,
        LegalDocument.title,
        LegalDocument.field,
        LegalDocument.kind,
        LegalDocument.issuer,
        LegalDocument.other_names,
    )
    rows = db.session.execute(select(LegalDocument.id, *columns))
    return [row[0] for row in rows if all(word in text.fold(" ".join(row[1:])) for word in words)]


def kinds_in_use() -> list[str]:
    """The kinds that occur in the registry, for the filter."""
    return sorted(kind for kind in db.session.scalars(select(LegalDocument.kind).distinct()) if kind)


def problems_of(entry: Entry, *, document_id: int | None = None) -> list[tuple[str, str]]:
    """What contradicts itself in an entry: (field, message)."""
    found = []
    if entry.in_force_from and entry.in_force_to and entry.in_force_to < entry.in_force_from:
        found.append(("in_force_to", _("Ngày hết hiệu lực phải từ ngày có hiệu lực trở đi.")))
    if entry.issued_on and entry.in_force_from and entry.in_force_from < entry.issued_on:
        found.append(("issued_on", _("Ngày ban hành phải trước hoặc bằng ngày có hiệu lực.")))
    if document_id is not None and entry.superseded_by_id == document_id:
        found.append(("superseded_by", _("Một văn bản không thể được thay bằng chính nó.")))
    if entry.superseded_on and entry.superseded_by_id is None:
        found.append(("superseded_by", _("Đã ghi ngày được thay thì cần chọn văn bản thay thế.")))
    if entry.superseded_on and entry.in_force_from and entry.superseded_on <= entry.in_force_from:
        found.append(("superseded_on", _("Ngày được thay phải sau ngày có hiệu lực.")))
    if entry.link and (urlsplit(entry.link).scheme not in {"http", "https"} or not urlsplit(entry.link).netloc):
        found.append(("link", _("Địa chỉ phải bắt đầu bằng http:// hoặc https://.")))
    return found


def _check(entry: Entry, *, document_id: int | None = None) -> None:
    for field, message in problems_of(entry, document_id=document_id):
        raise Invalid(message, field=field)
    taken = documents_by_key().get(symbol_key(entry.symbol))
    if taken is not None and taken[0] != document_id:
        raise Invalid(_("Văn bản %(symbol)s đã có trong danh mục.", symbol=entry.symbol), field="symbol")


def change_document(document: LegalDocument, entry: Entry, *, person: Account, status_checked: bool) -> None:
    """Correct an entry; who confirms its status answers for it by name."""
    _check(entry, document_id=document.id)
    before = _state_of(document)
    if status_checked and not document.status_checked:
        document.checked_by_id, document.checked_at = person.id, clock.now()
    elif not status_checked:
        document.checked_by_id = document.checked_at = None
    document.status_checked = status_checked
    renamed = entry.symbol != document.symbol
    write(document, entry)
    db.session.flush()
    if renamed:
        take_up_citations([document])
    after = _state_of(document)
    changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if changes:
        record("law.changed", "legal_document", document.symbol, session=None, **changes)


def write(document: LegalDocument, entry: Entry) -> None:
    """Put the entry into its row. An old symbol stays known: questions and files go on citing it."""
    if document.symbol and symbol_key(document.symbol) != symbol_key(entry.symbol):
        names = [*(document.other_names or "").splitlines(), document.symbol]
        document.other_names = "\n".join(name for name in dict.fromkeys(names) if name != entry.symbol)
    for name in NAMES:
        setattr(document, name, getattr(entry, name))


def _state_of(document: LegalDocument) -> dict[str, Any]:
    """For the log: the successor by its symbol."""
    state = {name: getattr(document, name) for name in (*NAMES, "status_checked") if name != "superseded_by_id"}
    successor = select(LegalDocument.symbol).where(LegalDocument.id == document.superseded_by_id)
    return state | {"superseded_by": db.session.scalar(successor) if document.superseded_by_id else ""}


def add_document(entry: Entry, *, person: Account) -> LegalDocument:
    """A new entry, to be confirmed; citations that name its symbol are matched to it."""
    _check(entry)
    document = LegalDocument(symbol="", mark=Mark.PARTLY)
    write(document, described(entry))
    db.session.add(document)
    db.session.flush()
    matched = take_up_citations([document])
    record("law.added", "legal_document", entry.symbol, title=entry.title, by=person.display_name, citations=matched)
    return document


def described(entry: Entry) -> Entry:
    """With what its symbol and title say for certain, where nothing is written."""
    known = describe(entry.symbol, entry.title)
    values = {name: getattr(entry, name) for name in NAMES}
    values["kind"] = entry.kind or known.kind
    values["issuer"] = entry.issuer or known.issuer
    values["is_party"] = entry.is_party or known.is_party
    return Entry(**values)


def take_up_citations(documents: Iterable[LegalDocument]) -> int:
    """Match the citations that waited for one of these documents; says how many."""
    keys = {
        symbol_key(name): document.id
        for document in documents
        for name in (document.symbol, *document.other_names.splitlines())
    }
    waiting = db.session.scalars(select(Citation).where(Citation.document_id.is_(None)))
    matched = [citation for citation in waiting if symbol_key(citation.symbol) in keys]
    for citation in matched:
        citation.document_id = keys[symbol_key(citation.symbol)]
    db.session.flush()
    return len(matched)
