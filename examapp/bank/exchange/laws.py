"""Legal documents of a package: what the registry lacks comes in to be confirmed; what it has stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from examapp.audit.services import record
from examapp.bank.exchange.contents import DATES, PackedDocument
from examapp.bank.exchange.models import ExchangePackage
from examapp.bank.law import documents_by_key, symbol_key
from examapp.bank.law_registry import Entry, problems_of, take_up_citations, write
from examapp.bank.models import LegalAmendment, LegalDocument, Mark
from examapp.core import text
from examapp.core.db import db
from examapp.core.words import N_, _, gettext

DATE_LABELS: dict[str, str] = {
    "issued_on": N_("Ngày ban hành"),
    "in_force_from": N_("Có hiệu lực từ"),
    "in_force_to": N_("Có hiệu lực đến hết"),
    "superseded_on": N_("Được thay từ"),
}


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document of the package beside the registry's."""

    packed: PackedDocument
    is_new: bool
    differences: Sequence[tuple[str, str, str]] = ()
    """What it is, as it stands here, as it stands there."""
    problems: Sequence[str] = ()


def documents_in(package: ExchangePackage) -> list[PackedDocument]:
    return [PackedDocument.read(one) for one in json.loads(package.documents)]


def document_lines(package: ExchangePackage) -> list[DocumentLine]:
    """Documents that are not here, and those whose dates differ; what is the same is left out."""
    known = documents_by_key()
    rows = {document.id: document for document in db.session.scalars(select(LegalDocument))}
    lines = []
    for packed in documents_in(package):
        found = known.get(symbol_key(packed.symbol))
        if found is None:
            problems = [message for _field, message in problems_of(_entry(packed))]
            lines.append(DocumentLine(packed, is_new=True, problems=problems))
        elif differences := _differences(packed, rows[found[0]], rows):
            lines.append(DocumentLine(packed, is_new=False, differences=differences))
    return lines


def _differences(
    packed: PackedDocument, here: LegalDocument, rows: dict[int, LegalDocument]
) -> list[tuple[str, str, str]]:
    found = [
        (gettext(DATE_LABELS[name]), text.format_date(getattr(here, name)), text.format_date(getattr(packed, name)))
        for name in DATES
        if getattr(here, name) != getattr(packed, name)
    ]
    successor = rows.get(here.superseded_by_id or 0)
    ours = successor.symbol if successor else ""
    if symbol_key(ours) != symbol_key(packed.superseded_by):
        found.append((_("Được thay bằng"), ours, packed.superseded_by))
    return found


def add_documents(package: ExchangePackage, cited: Iterable[str]) -> list[str]:
    """Add the documents that the cited ones lead to and the registry lacks; their symbols.

    They come unconfirmed whatever the origin says, and one that contradicts itself does not come.
    """
    packed = {symbol_key(one.symbol): one for one in documents_in(package)}
    known = {key: found[0] for key, found in documents_by_key().items()}
    made: dict[str, LegalDocument] = {}
    waiting = [key for symbol in cited if (key := symbol_key(symbol)) in packed]
    while waiting:
        key = waiting.pop()
        if key not in packed or key in known or key in made or problems_of(_entry(packed[key])):
            continue
        made[key] = _row(packed[key], package)
        waiting += [symbol_key(one.by) for one in packed[key].amendments]
        waiting += [symbol_key(packed[key].superseded_by)] if packed[key].superseded_by else []
    db.session.add_all(made.values())
    db.session.flush()
    ids = known | {key: document.id for key, document in made.items()}
    for key, document in made.items():
        _connect(document, packed[key], ids)
    db.session.flush()
    take_up_citations(made.values())
    for document in made.values():
        record("law.added", "legal_document", document.symbol, title=document.title, origin=package.origin)
    return sorted(document.symbol for document in made.values())


def _entry(packed: PackedDocument) -> Entry:
    """Without its successor, which may not be here yet."""
    names = ("symbol", "title", "kind", "issuer", "issued_on", "is_party", "link", "field")
    return Entry(
        **{name: getattr(packed, name) for name in names},
        in_force_from=packed.in_force_from,
        in_force_to=packed.in_force_to,
        note=packed.note,
    )


def _row(packed: PackedDocument, package: ExchangePackage) -> LegalDocument:
    document = LegalDocument(symbol="", other_names="", mark=Mark.UNVERIFIED, status_checked=False)
    write(document, _entry(packed))
    source = _("Nhận từ gói của %(origin)s, cần xác nhận.", origin=package.origin)
    document.note = "\n".join(filter(None, (packed.note, source)))
    return document


def _connect(document: LegalDocument, packed: PackedDocument, ids: dict[str, int]) -> None:
    """What stands in its place, and what amends it, as far as that is here now."""
    successor = ids.get(symbol_key(packed.superseded_by)) if packed.superseded_by else None
    begins = packed.in_force_from
    if successor is not None and successor != document.id:
        document.superseded_by_id = successor
        is_possible = packed.superseded_on and not (begins and packed.superseded_on <= begins)
        document.superseded_on = packed.superseded_on if is_possible else None
    seen = {document.id}
    for one in packed.amendments:
        amending = ids.get(symbol_key(one.by))
        if amending is not None and amending not in seen:
            seen.add(amending)
            db.session.add(LegalAmendment(document_id=document.id, amended_by_id=amending, from_on=one.on))
