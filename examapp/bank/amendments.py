"""Amendments: a softer flag. The question stays usable; somebody reads the amendment and says that it still stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import law
from examapp.bank.models import AmendmentCheck, Citation, LegalAmendment, LegalDocument, Question, QuestionVersion
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.words import _


def amendments_of(document: LegalDocument) -> list[LegalAmendment]:
    """What amends the document, the latest first."""
    found = db.session.scalars(
        select(LegalAmendment)
        .where(LegalAmendment.document_id == document.id)
        .options(joinedload(LegalAmendment.amended_by))
    )
    return sorted(found, key=lambda one: (effective(one) or date.max, one.id), reverse=True)


def amended_by(document: LegalDocument) -> list[LegalDocument]:
    """The documents that this one amends, by symbol."""
    return list(
        db.session.scalars(
            select(LegalDocument)
            .join(LegalAmendment, LegalAmendment.document_id == LegalDocument.id)
            .where(LegalAmendment.amended_by_id == document.id)
            .order_by(LegalDocument.symbol)
        )
    )


def effective(amendment: LegalAmendment) -> date | None:
    """The day from which it amends: its own, or that of the amending document; ``None`` when neither is known."""
    return amendment.from_on or amendment.amended_by.in_force_from


def add_amendment(
    document: LegalDocument, amending: LegalDocument, *, from_on: date | None = None, note: str = ""
) -> LegalAmendment:
    if document.id == amending.id:
        raise Invalid(_("Một văn bản không thể tự sửa đổi chính nó."), field="amended_by")
    known = select(LegalAmendment.id).where(
        LegalAmendment.document_id == document.id, LegalAmendment.amended_by_id == amending.id
    )
    if db.session.scalar(known) is not None:
        raise Invalid(_("Đã ghi %(symbol)s là văn bản sửa đổi.", symbol=amending.symbol), field="amended_by")
    amendment = LegalAmendment(document_id=document.id, amended_by_id=amending.id, from_on=from_on, note=note)
    db.session.add(amendment)
    db.session.flush()
    record("law.amended", "legal_document", document.symbol, amended_by=amending.symbol, on=from_on, note=note)
    return amendment


def get_amendment(document: LegalDocument, amendment_id: int) -> LegalAmendment:
    found = db.session.get(LegalAmendment, amendment_id)
    if found is None or found.document_id != document.id:
        raise NotFound()
    return found


def drop_amendment(amendment: LegalAmendment) -> None:
    """Take back an amendment that was entered by mistake, with the checks made of it."""
    symbols = (amendment.document.symbol, amendment.amended_by.symbol)
    db.session.execute(delete(AmendmentCheck).where(AmendmentCheck.amendment_id == amendment.id))
    db.session.delete(amendment)
    db.session.flush()
    record("law.amendment_dropped", "legal_document", symbols[0], amended_by=symbols[1])


def _open(on: date) -> ColumnElement[bool]:
    """On amendments joined to their ``amending`` document and to a version: in force by then, newer, not yet read.

    Who wrote or edited the version after the amendment had begun knew it; an amendment without a day is always shown.
    """
    amending = aliased(LegalDocument)
    begins = func.coalesce(
        LegalAmendment.from_on,
        select(amending.in_force_from)
        .where(amending.id == LegalAmendment.amended_by_id)
        .correlate(LegalAmendment)
        .scalar_subquery(),
    )
    read = select(AmendmentCheck.version_id).where(
        AmendmentCheck.amendment_id == LegalAmendment.id, AmendmentCheck.version_id == QuestionVersion.id
    )
    newer = or_(begins.is_(None), and_(begins <= on, QuestionVersion.created_at < begins))
    return and_(newer, ~read.correlate(LegalAmendment, QuestionVersion).exists())


def flagged(on: date) -> ColumnElement[bool]:
    """The condition on ``questions``: an amendment of what the present version cites waits to be compared with it."""
    cited = aliased(Citation)
    waiting = (
        select(cited.version_id)
        .join(LegalAmendment, LegalAmendment.document_id == cited.document_id)
        .join(QuestionVersion, QuestionVersion.id == cited.version_id)
        .where(_open(on + law.notice()))
    )
    return Question.current_id.in_(waiting)


def waiting_for(versions: Iterable[QuestionVersion], on: date) -> dict[int, list[LegalAmendment]]:
    """The amendments still to be compared with each of these versions, by version id; one statement."""
    ids = [version.id for version in versions]
    rows = db.session.execute(
        select(QuestionVersion.id, LegalAmendment)
        .join(Citation, Citation.version_id == QuestionVersion.id)
        .join(LegalAmendment, LegalAmendment.document_id == Citation.document_id)
        .where(QuestionVersion.id.in_(ids), _open(on + law.notice()))
        .options(joinedload(LegalAmendment.amended_by), joinedload(LegalAmendment.document))
        .order_by(LegalAmendment.id)
    )
    found: dict[int, list[LegalAmendment]] = {}
    for version_id, amendment in rows:
        mine = found.setdefault(version_id, [])
        if amendment not in mine:
            mine.append(amendment)
    return found


def note_compared(questions: Sequence[Question], *, person: Account, on: date) -> int:
    """ "Đã đối chiếu": the person read what amends these questions' law, and they stand. Says how many flags closed."""
    open_ones = waiting_for((question.current for question in questions), on)
    for question in questions:
        mine = open_ones.get(question.current.id, [])
        db.session.add_all(
            AmendmentCheck(amendment_id=one.id, version_id=question.current.id, by_id=person.id, at=clock.now())
            for one in mine
        )
        if mine:
            symbols = [one.amended_by.symbol for one in mine]
            record("question.compared", "question", question.code, version=question.current.number, amended_by=symbols)
    db.session.flush()
    return sum(len(mine) for mine in open_ones.values())
