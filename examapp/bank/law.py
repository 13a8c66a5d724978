"""The registry of legal documents: what is in force when, what a person has confirmed, what rests on what."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.models import BankKind, Citation, LegalDocument, Mark, Question, QuestionState
from examapp.bank.scope import reached
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.words import _

REGISTRY = Path(__file__).with_name("registry.csv")
ENDING_SOON = timedelta(days=60)
"""Questions resting on a document that ends within this time are shown for a look."""

_SYMBOL = re.compile(r"\d{1,4}/\d{4}/[^\W\d_]+\d*(?:-[^\W\d_]+)*|\d{1,4}-[^\W\d_]+/[^\W\d_]+", re.UNICODE)


def load_registry() -> int:
    """Store the shipped documents that are not there yet and say how many; what a person changed stays."""
    with REGISTRY.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = {document.symbol: document for document in db.session.scalars(select(LegalDocument))}
    new = {row["symbol"]: _from_row(row) for row in rows if row["symbol"] not in known}
    db.session.add_all(new.values())
    db.session.flush()
    documents = known | new
    for row in rows:
        if row["symbol"] in new and row["superseded_by"]:
            new[row["symbol"]].superseded_by_id = documents[row["superseded_by"]].id
    db.session.flush()
    return len(new)


def _from_row(row: dict[str, str]) -> LegalDocument:
    mark = Mark(row["mark"])
    return LegalDocument(
        symbol=row["symbol"],
        title=row["title"],
        field=row["field"],
        in_force_from=text.parse_date(row["in_force_from"]) if row["in_force_from"] else None,
        in_force_to=text.parse_date(row["in_force_to"]) if row["in_force_to"] else None,
        mark=mark,
        status_checked=mark is Mark.VERIFIED,
        note=row["note"],
    )


def symbol_key(symbol: str) -> str:
    """The form in which a symbol typed by hand equals the printed one: "Nghị định số 23/2015/NĐ-CP" → 23/2015/nd-cp."""
    match = _SYMBOL.search(text.nfc(symbol))
    return text.fold(match.group() if match else symbol).replace(" ", "")


def documents_by_key() -> dict[str, tuple[int, str]]:
    """Every document's id and symbol, by the key of its symbol."""
    rows = db.session.execute(select(LegalDocument.id, LegalDocument.symbol))
    return {symbol_key(symbol): (found_id, symbol) for found_id, symbol in rows}


def in_force(on: date) -> ColumnElement[bool]:
    """The condition on ``legal_documents``. An entry without a first day relies on the check of its status."""
    return and_(
        or_(LegalDocument.in_force_from.is_(None), LegalDocument.in_force_from <= on),
        or_(LegalDocument.in_force_to.is_(None), LegalDocument.in_force_to >= on),
    )


def resting_on_law(on: date) -> ColumnElement[bool]:
    """The condition on ``questions``: every document the present version cites is known, checked and in force."""
    faulty = (
        select(Citation.id)
        .outerjoin(LegalDocument, LegalDocument.id == Citation.document_id)
        .where(
            Citation.version_id == Question.current_id,
            or_(LegalDocument.id.is_(None), LegalDocument.status_checked.is_(False), ~in_force(on)),
        )
    )
    return ~faulty.correlate(Question).exists()


def why_not(citation: Citation, on: date) -> str | None:
    """What keeps this citation from carrying a question on that day; ``None`` when nothing does."""
    document = citation.document
    if document is None:
        return _("Văn bản %(symbol)s chưa có trong danh mục văn bản pháp luật.", symbol=citation.symbol)
    if not document.status_checked:
        return _("Văn bản %(symbol)s chưa được xác nhận hiệu lực.", symbol=document.symbol)
    if document.in_force_from and document.in_force_from > on:
        day = text.format_date(document.in_force_from)
        return _("Văn bản %(symbol)s có hiệu lực từ ngày %(day)s.", symbol=document.symbol, day=day)
    if document.in_force_to and document.in_force_to < on:
        day = text.format_date(document.in_force_to)
        return _("Văn bản %(symbol)s hết hiệu lực sau ngày %(day)s.", symbol=document.symbol, day=day)
    return None


def get_document(document_id: int) -> LegalDocument:
    document = db.session.get(LegalDocument, document_id)
    if document is None:
        raise NotFound()
    return document


def documents_query(*, query: str = "", on: date | None = None, checked: bool | None = None) -> Select[Any]:
    """The list of the registry, newest law first."""
    found = select(LegalDocument).order_by(
        case((LegalDocument.in_force_from.is_(None), 1), else_=0),
        LegalDocument.in_force_from.desc(),
        LegalDocument.id,
    )
    if on is not None:
        found = found.where(in_force(on))
    if checked is not None:
        found = found.where(LegalDocument.status_checked.is_(checked))
    if query.strip():
        found = found.where(LegalDocument.id.in_(_matching(query)))
    return found


def _matching(query: str) -> list[int]:
    """Ids of the documents that hold every word of ``query``; the registry is small enough to be read whole."""
    words = text.fold(query).split()
    rows = db.session.execute(select(LegalDocument.id, LegalDocument.symbol, LegalDocument.title, LegalDocument.field))
    return [row[0] for row in rows if all(word in text.fold(" ".join(row[1:])) for word in words)]


def change_document(
    document: LegalDocument,
    *,
    person: Account,
    title: str,
    in_force_from: date | None,
    in_force_to: date | None,
    superseded_by_id: int | None,
    status_checked: bool,
    note: str,
) -> None:
    """Correct an entry; who confirms its status answers for it by name."""
    if in_force_from and in_force_to and in_force_to < in_force_from:
        message = _("Ngày hết hiệu lực phải từ ngày có hiệu lực trở đi.")
        raise Invalid(message, field="in_force_to")
    if superseded_by_id == document.id:
        raise Invalid(_("Một văn bản không thể được thay bằng chính nó."), field="superseded_by")
    before = _state_of(document)
    if status_checked and not document.status_checked:
        document.checked_by_id, document.checked_at = person.id, clock.now()
    elif not status_checked:
        document.checked_by_id = document.checked_at = None
    document.title, document.note, document.status_checked = title, note, status_checked
    document.in_force_from, document.in_force_to = in_force_from, in_force_to
    document.superseded_by_id = superseded_by_id
    db.session.flush()
    after = _state_of(document)
    changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if changes:
        record("law.changed", "legal_document", document.symbol, session=None, **changes)


def _state_of(document: LegalDocument) -> dict[str, Any]:
    names = ("title", "in_force_from", "in_force_to", "superseded_by_id", "status_checked", "note")
    return {name: getattr(document, name) for name in names}


def add_document(*, symbol: str, title: str, field: str, person: Account) -> LegalDocument:
    """A new entry, to be confirmed; citations that name its symbol are matched to it."""
    if symbol_key(symbol) in documents_by_key():
        raise Invalid(_("Văn bản %(symbol)s đã có trong danh mục.", symbol=symbol), field="symbol")
    document = LegalDocument(symbol=symbol, title=title, field=field, mark=Mark.PARTLY)
    db.session.add(document)
    db.session.flush()
    waiting = db.session.scalars(select(Citation).where(Citation.document_id.is_(None)))
    matched = [citation for citation in waiting if symbol_key(citation.symbol) == symbol_key(symbol)]
    for citation in matched:
        citation.document_id = document.id
    db.session.flush()
    record("law.added", "legal_document", symbol, title=title, by=person.display_name, citations=len(matched))
    return document


@dataclass(frozen=True, slots=True)
class Ending:
    """A document that has ended or ends soon, and how many questions rest on it."""

    document: LegalDocument
    questions: int
    is_over: bool


def endings(positions: set[int] | None, *, on: date) -> list[Ending]:
    """Documents ended by ``on`` or within :data:`ENDING_SOON`, with the living questions in reach that cite them."""
    counts = (
        select(Citation.document_id, func.count(func.distinct(Question.id)).label("questions"))
        .join(Question, Question.current_id == Citation.version_id)
        .where(Question.bank == BankKind.EXAM, Question.state != QuestionState.RETIRED, reached(positions))
        .group_by(Citation.document_id)
        .subquery()
    )
    rows = db.session.execute(
        select(LegalDocument, counts.c.questions)
        .join(counts, counts.c.document_id == LegalDocument.id)
        .where(LegalDocument.in_force_to <= on + ENDING_SOON)
        .order_by(LegalDocument.in_force_to, LegalDocument.id)
    )
    return [
        Ending(document, questions, bool(document.in_force_to and document.in_force_to < on))
        for document, questions in rows
    ]


def citing_questions(document: LegalDocument, positions: set[int] | None) -> Select[Any]:
    """Questions in reach whose present version cites the document."""
    citing = select(Citation.version_id).where(Citation.document_id == document.id)
    return (
        select(Question)
        .where(Question.bank == BankKind.EXAM, Question.current_id.in_(citing), reached(positions))
        .order_by(Question.code)
    )


def unchecked(citations: Iterable[Citation]) -> list[str]:
    """For each citation that a person must look after, what is wrong with it."""
    return [reason for citation in citations if (reason := _not_citable(citation))]


def _not_citable(citation: Citation) -> str | None:
    return why_not(citation, date.min) if citation.document is None or not citation.document.status_checked else None
