"""The rules of law: what is in force when, what may carry a question on a day, what rests on what.

A version may be drawn for a day when every document it cites is known, checked and in force on that day, or is still
applied to it by a transitional provision. The same is said twice: as a condition for the database, and for one citation
in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import AliasedClass

from examapp.bank.models import BankKind, Citation, LegalDocument, Question, QuestionState, TransitionalUse
from examapp.bank.scope import reached
from examapp.core import text
from examapp.core.db import db
from examapp.core.words import _
from question_bank import question as domain

DAY = timedelta(days=1)

_SYMBOL = re.compile(r"\d{1,4}/\d{4}/[^\W\d_]+\d*(?:-[^\W\d_]+)*|\d{1,4}-[^\W\d_]+/[^\W\d_]+", re.UNICODE)

Documents = type[LegalDocument] | AliasedClass[LegalDocument]
Citations = type[Citation] | AliasedClass[Citation]


@lru_cache(maxsize=4096)
def symbol_key(symbol: str) -> str:
    """The form in which a symbol typed by hand equals the printed one: "Nghị định số 23/2015/NĐ-CP" → 23/2015/nd-cp."""
    match = _SYMBOL.search(text.nfc(symbol))
    return text.fold(match.group() if match else symbol).replace(" ", "")


def documents_by_key() -> dict[str, tuple[int, str]]:
    """Every document's id and symbol, by the key of its symbol and of those it went by before."""
    found: dict[str, tuple[int, str]] = {}
    rows = db.session.execute(select(LegalDocument.id, LegalDocument.symbol, LegalDocument.other_names))
    for document_id, symbol, others in rows:
        found[symbol_key(symbol)] = (document_id, symbol)
        for other in others.splitlines():
            found.setdefault(symbol_key(other), (document_id, symbol))
    return found


def notice() -> timedelta:
    """How long before an end the owner of a question is told (``LAW_NOTICE_DAYS``)."""
    return timedelta(days=current_app.config["SETTINGS"].law_notice_days)


def begun(on: date, document: Documents = LegalDocument) -> ColumnElement[bool]:
    """The condition on documents. An entry without a first day relies on the check of its status."""
    return or_(document.in_force_from.is_(None), document.in_force_from <= on)


def ended(on: date, document: Documents = LegalDocument) -> ColumnElement[bool]:
    """The condition on documents: the last day has passed, or the successor stands in its place."""
    return or_(
        and_(document.in_force_to.is_not(None), document.in_force_to < on),
        and_(document.superseded_on.is_not(None), document.superseded_on <= on),
    )


def in_force(on: date) -> ColumnElement[bool]:
    """The condition on documents: begun and not ended."""
    return and_(begun(on), not_(ended(on)))


def lapsed(on: date, cited: Citations = Citation) -> ColumnElement[bool]:
    """On citations: the document has ended by that day, and no transitional provision keeps the version."""
    document = aliased(LegalDocument)
    kept = select(TransitionalUse.id).where(
        TransitionalUse.version_id == cited.version_id,
        TransitionalUse.document_id == cited.document_id,
        or_(TransitionalUse.until.is_(None), TransitionalUse.until >= on),
    )
    gone = select(document.id).where(ended(on, document))
    return and_(cited.document_id.in_(gone), not_(kept.correlate(cited).exists()))


def faulty_versions(on: date) -> Select[Any]:
    """Ids of the versions with a citation that may not carry a question on that day.

    Written from the documents down, so that the database visits only the citations of faulty ones.
    """
    cited, document = aliased(Citation), aliased(LegalDocument)
    not_ready = select(document.id).where(or_(document.status_checked.is_(False), not_(begun(on, document))))
    faulty = or_(cited.document_id.is_(None), cited.document_id.in_(not_ready), lapsed(on, cited))
    return select(cited.version_id).where(faulty)


def resting_on_law(on: date) -> ColumnElement[bool]:
    """The condition on ``questions``: whatever the present version cites may carry it on that day."""
    return Question.current_id.not_in(faulty_versions(on))


def in_words(citation: Citation) -> str:
    """Point, clause, article and symbol, the symbol as the registry prints it now."""
    symbol = citation.document.symbol if citation.document else citation.symbol
    return str(domain.Citation(symbol, citation.article, citation.clause, citation.point))


def last_use(citation: Citation) -> date | None:
    """The last day for which this citation carries its version: the document's, or that of a transitional provision."""
    end = citation.document.last_day if citation.document else None
    if end is None:
        return None
    for use in citation.version.transitional_uses:
        if use.document_id == citation.document_id:
            return max(end, use.until) if use.until else None
    return end


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
    if document.last_day and document.last_day < on and (end := last_use(citation)) and end < on:
        return _("Văn bản %(symbol)s hết hiệu lực sau ngày %(day)s.", symbol=document.symbol, day=text.format_date(end))
    return None


@dataclass(frozen=True, slots=True)
class Ending:
    """A document that has ended or ends soon, and how many questions rest on it."""

    document: LegalDocument
    questions: int
    is_over: bool


def endings(positions: set[int] | None, *, on: date) -> list[Ending]:
    """Documents ended by ``on`` or within the notice, with the living questions in reach that rest on nothing else."""
    counts = (
        select(Citation.document_id, func.count(func.distinct(Question.id)).label("questions"))
        .join(Question, Question.current_id == Citation.version_id)
        .where(Question.bank == BankKind.EXAM, Question.state != QuestionState.RETIRED, reached(positions))
        .where(lapsed(on + notice() + DAY))
        .group_by(Citation.document_id)
        .subquery()
    )
    rows = db.session.execute(
        select(LegalDocument, counts.c.questions)
        .join(counts, counts.c.document_id == LegalDocument.id)
        .order_by(func.coalesce(LegalDocument.in_force_to, LegalDocument.superseded_on), LegalDocument.id)
    )
    return [
        Ending(document, questions, bool(document.last_day and document.last_day < on)) for document, questions in rows
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
