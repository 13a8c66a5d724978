"""The life of a question: in which rounds it was drawn, who saw it, how it did, what was done to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import or_, select

from examapp.accounts.models import Account
from examapp.audit.labels import ACTIONS
from examapp.audit.models import AuditEvent
from examapp.bank.exposures import held_rounds
from examapp.bank.models import Exposure, ItemStatistic, Question, QuestionVersion
from examapp.core.db import db
from examapp.core.room import HeldRound
from examapp.core.words import gettext

NOT_TOLD = ("question.read", "question.printed")
"""Reading changes nothing; who read is for the log."""


@dataclass(frozen=True, slots=True)
class Use:
    """One version in one round that is over."""

    round: HeldRound
    code: str
    """The question's own, or that of one merged into it."""
    number: int
    """Of the version."""
    papers: int
    seen: int
    """Candidates who began to answer."""
    statistic: ItemStatistic | None


@dataclass(frozen=True, slots=True)
class Usage:
    uses: list[Use]
    is_awaited: bool
    """It stands on papers that are still to be sat; of which round is told to nobody."""

    @property
    def papers(self) -> int:
        return sum(use.papers for use in self.uses)

    @property
    def seen(self) -> int:
        return sum(use.seen for use in self.uses)


def usage_of(question: Question) -> Usage:
    """Its own versions and those of what was merged into it, the latest round first."""
    rows = db.session.execute(
        select(Exposure.round_id, QuestionVersion.id, Question.code, QuestionVersion.number, Exposure.papers)
        .join(QuestionVersion, QuestionVersion.id == Exposure.version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(or_(Question.id == question.id, Question.merged_into_id == question.id))
    ).all()
    rounds = {one.id: (place, one) for place, one in enumerate(held_rounds())}
    over = [row for row in rows if row.round_id in rounds and rounds[row.round_id][1].is_over]
    over.sort(key=lambda row: (rounds[row.round_id][0], row.code, -row.number))
    versions, round_ids = sorted({row.id for row in over}), sorted({row.round_id for row in over})
    seen, statistics = _seen(versions, round_ids), _statistics(versions)
    uses = [
        Use(
            rounds[row.round_id][1],
            row.code,
            row.number,
            row.papers,
            seen.get((row.id, row.round_id), 0),
            statistics.get((row.id, row.round_id)),
        )
        for row in over
    ]
    return Usage(uses, is_awaited=len(over) < len(rows))


def _seen(version_ids: Sequence[int], round_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    if not version_ids:
        return {}
    return {key: count for sat in current_app.extensions["sat"] for key, count in sat(version_ids, round_ids).items()}


def _statistics(version_ids: Sequence[int]) -> dict[tuple[int, int], ItemStatistic]:
    found = db.session.scalars(select(ItemStatistic).where(ItemStatistic.version_id.in_(version_ids)))
    return {(one.version_id, one.round_id): one for one in found}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something done to the question, as the log tells it."""

    at: datetime
    what: str
    who: str
    why: str


def history_of(question: Question) -> list[Moment]:
    """From its first words on, the latest act first."""
    rows = db.session.execute(
        select(AuditEvent.at, AuditEvent.action, AuditEvent.details, Account.display_name)
        .outerjoin(Account, Account.id == AuditEvent.actor_id)
        .where(
            AuditEvent.target == "question",
            AuditEvent.target_id == question.code,
            AuditEvent.action.not_in(NOT_TOLD),
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )
    return [
        Moment(at, gettext(ACTIONS[action]) if action in ACTIONS else action, name or "", _why(details))
        for at, action, details, name in rows
    ]


def _why(details: str) -> str:
    told = json.loads(details)
    return str(told.get("reason") or told.get("note") or "")
