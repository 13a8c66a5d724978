"""Questions whose law ends: held already, soon held, amended, or kept by a transitional provision; whose they are."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import aliased, joinedload, selectinload

from examapp.accounts.models import Account
from examapp.bank import amendments, law
from examapp.bank.models import (
    BankKind,
    Citation,
    LegalDocument,
    Question,
    QuestionPosition,
    QuestionState,
    QuestionVersion,
    TransitionalUse,
)
from examapp.bank.scope import get_question, open_to
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.permissions import Permission
from examapp.core.words import N_, _

MOST_AT_ONCE = 100
"""Questions that are acted on in one go."""


class Watch(enum.StrEnum):
    """Why a question stands in the list."""

    HELD = "held"
    SOON = "soon"
    AMENDED = "amended"
    KEPT = "kept"


LABELS: dict[Watch, str] = {
    Watch.SOON: N_("Sắp hết căn cứ"),
    Watch.HELD: N_("Đã hết căn cứ"),
    Watch.AMENDED: N_("Căn cứ được sửa đổi"),
    Watch.KEPT: N_("Còn áp dụng theo điều khoản chuyển tiếp"),
}


@dataclass(frozen=True, slots=True)
class Lapse:
    """A citation whose document has ended or ends within the notice."""

    citation: Citation
    document: LegalDocument
    last_day: date
    is_over: bool

    @property
    def successor(self) -> LegalDocument | None:
        return self.document.superseded_by


def held(person: Account, on: date) -> Select[Any]:
    """Questions this person owns that may not be drawn for that day because their law has ended, by code."""
    return find(person, Watch.HELD, on=on, mine=True, permission=Permission.BANK_EDIT)


def soon_held(person: Account, on: date) -> Select[Any]:
    """Questions this person owns whose law ends within the notice from that day, by code."""
    return find(person, Watch.SOON, on=on, mine=True, permission=Permission.BANK_EDIT)


def find(
    person: Account,
    watch: Watch,
    *,
    on: date,
    mine: bool = False,
    document_id: int | None = None,
    permission: Permission = Permission.BANK_READ,
) -> Select[Any]:
    """The living questions in reach that stand in this list, with what a row shows; those that end first on top."""
    query = (
        select(Question)
        .where(
            Question.bank == BankKind.EXAM,
            Question.state != QuestionState.RETIRED,
            _within(person.positions(permission)),
            open_to(person),
            _condition(watch, on),
        )
        .options(
            joinedload(Question.current).joinedload(QuestionVersion.topic),
            joinedload(Question.current)
            .selectinload(QuestionVersion.citations)
            .joinedload(Citation.document)
            .joinedload(LegalDocument.superseded_by),
            joinedload(Question.current).selectinload(QuestionVersion.transitional_uses),
            selectinload(Question.positions),
        )
        .order_by(_first_end().asc().nulls_last(), Question.code)
    )
    if mine:
        query = query.where(_owned_by(person))
    if document_id is not None:
        citing = select(Citation.version_id).where(Citation.document_id == document_id)
        query = query.where(Question.current_id.in_(citing))
    return query


def _owned_by(person: Account) -> ColumnElement[bool]:
    """Written so that no index of owners is taken: one may own most of the bank, and few documents end."""
    return func.coalesce(Question.owner_id, 0) == person.id


def _within(positions: set[int] | None) -> ColumnElement[bool]:
    """What :func:`scope.reached` says, asked of each question by itself: few stand in these lists."""
    if positions is None:
        return true()
    beyond = select(QuestionPosition.question_id).where(
        QuestionPosition.question_id == Question.id, QuestionPosition.position_id.not_in(positions)
    )
    return and_(Question.is_common.is_(False), ~beyond.correlate(Question).exists())


def _condition(watch: Watch, on: date) -> ColumnElement[bool]:
    match watch:
        case Watch.HELD:
            return Question.current_id.in_(_resting_on_lapsed(on))
        case Watch.SOON:
            by_then = Question.current_id.in_(_resting_on_lapsed(on + law.notice() + law.DAY))
            return and_(by_then, not_(Question.current_id.in_(_resting_on_lapsed(on))))
        case Watch.AMENDED:
            return amendments.flagged(on)
        case Watch.KEPT:
            alive = or_(TransitionalUse.until.is_(None), TransitionalUse.until >= on)
            return Question.current_id.in_(select(TransitionalUse.version_id).where(alive))


def _resting_on_lapsed(on: date) -> Select[Any]:
    cited = aliased(Citation)
    return select(cited.version_id).where(law.lapsed(on, cited))


def _first_end() -> ColumnElement[date]:
    """The earliest end among the documents that the present version cites."""
    cited, document = aliased(Citation), aliased(LegalDocument)
    return (
        select(func.min(func.coalesce(document.in_force_to, document.superseded_on)))
        .join(cited, cited.document_id == document.id)
        .where(cited.version_id == Question.current_id)
        .correlate(Question)
        .scalar_subquery()
    )


def count(person: Account, watch: Watch, on: date) -> int:
    """How many of this person's own questions stand in the list."""
    mine = find(person, watch, on=on, mine=True, permission=Permission.BANK_EDIT)
    return db.session.scalar(select(func.count()).select_from(mine.order_by(None).options().subquery())) or 0


def lapsing_count(person: Account, on: date) -> int:
    """How many of this person's own questions are held by law or soon will be; asked on every page."""
    mine = (
        select(func.count(func.distinct(Question.id)))
        .join(Citation, Citation.version_id == Question.current_id)
        .where(
            law.lapsed(on + law.notice() + law.DAY),
            _owned_by(person),
            Question.bank == BankKind.EXAM,
            Question.state != QuestionState.RETIRED,
            _within(person.positions(Permission.BANK_EDIT)),
        )
    )
    return db.session.scalar(mine) or 0


def lapses(question: Question, on: date) -> list[Lapse]:
    """The citations of the present version that carry it no longer than the notice from ``on``."""
    found = []
    for citation in question.current.citations:
        end = law.last_use(citation)
        if citation.document is not None and end is not None and end <= on + law.notice():
            found.append(Lapse(citation, citation.document, end, end < on))
    return found


def chosen(codes: Sequence[str], *, person: Account) -> list[Question]:
    """The questions somebody ticked, each within reach of editing."""
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise Invalid(_("Chưa chọn câu hỏi nào."), advice=_("Hãy đánh dấu ít nhất một câu rồi chọn việc cần làm."))
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(_("Mỗi lần chọn nhiều nhất %(n)s câu.", n=MOST_AT_ONCE))
    return [get_question(code, person=person, permission=Permission.BANK_EDIT) for code in wanted]
