"""What a person is told after an answer: right or not, a right answer, why, and where the law says it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from examapp.bank import law
from examapp.bank.answered import Reviewed, reviewed
from examapp.bank.asked import Images, asked, images_of, told_of
from examapp.bank.content import content_of
from examapp.bank.law_acts import basis_in_words
from examapp.bank.models import Citation, QuestionVersion
from examapp.core import clock
from examapp.core.db import db
from examapp.core.words import N_
from examapp.practice.models import PracticeAnswer
from question_bank import question as domain
from question_bank.kinds.base import Order, Response

OUTCOMES: dict[str, tuple[str, str]] = {
    "right": ("good", N_("Đúng")),
    "partly": ("warn", N_("Đúng một phần")),
    "wrong": ("bad", N_("Chưa đúng")),
    "blank": ("neutral", N_("Chưa trả lời")),
    "own": ("act", N_("Tự đánh giá")),
}


def outcome(share: int | None, *, blank: bool) -> tuple[str, str]:
    """Kind of tag and its words, for a share in thousandths."""
    if blank:
        return OUTCOMES["blank"]
    if share is None:
        return OUTCOMES["own"]
    return OUTCOMES["right" if share == 1000 else "partly" if share else "wrong"]


@dataclass(frozen=True, slots=True)
class Cited:
    """Where the law says it, and since when and how long."""

    text: str
    title: str
    start: date | None
    end: date | None
    link: str
    transitional: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """One question after it was answered."""

    reviewed: Reviewed
    tag: tuple[str, str]
    explanation: str
    cited: tuple[Cited, ...]
    rubric: tuple[str, ...]
    """What a person who marks would look for."""


def feedback_on(answer: PracticeAnswer) -> Feedback:
    content = content_of(answer.version)
    order = order_of(json.loads(answer.arrangement))
    response = json.loads(answer.response)
    tag = outcome(answer.share, blank=not response)
    cited = citations_of([answer.version_id])[answer.version_id]
    return feedback("q", content, order, response, tag, cited, images_of([content]))


def feedback(
    name: str,
    content: domain.Question,
    order: Order,
    response: Response,
    tag: tuple[str, str],
    cited: Iterable[Cited],
    images: Images,
) -> Feedback:
    told = told_of(content, order)
    return Feedback(
        reviewed=reviewed(asked(name, told, response, images), content, order, with_keys=True),
        tag=tag,
        explanation=content.explanation,
        cited=tuple(cited),
        rubric=tuple(str(line.get("text", "")) for line in content.details.get("rubric", ())),
    )


def order_of(stored: Any) -> Order:
    """Lists as they come from JSON are tuples in the domain."""
    return tuple(order_of(part) if isinstance(part, list) else part for part in stored)


def citations_of(version_ids: Iterable[int]) -> dict[int, list[Cited]]:
    """What each version cites, as the registry says it today; three statements however many versions."""
    wanted = set(version_ids)
    versions = db.session.scalars(
        select(QuestionVersion)
        .where(QuestionVersion.id.in_(wanted))
        .options(
            selectinload(QuestionVersion.citations).joinedload(Citation.document),
            selectinload(QuestionVersion.transitional_uses),
        )
    )
    today = clock.today()
    return {version.id: [_cited(citation, version, today) for citation in version.citations] for version in versions}


def _cited(citation: Citation, version: QuestionVersion, today: date) -> Cited:
    document = citation.document
    if document is None:
        return Cited(law.in_words(citation), "", None, None, "", "")
    ended = document.last_day is not None and document.last_day < today
    kept = [basis_in_words(use) for use in version.transitional_uses if ended and use.document_id == document.id]
    return Cited(
        text=law.in_words(citation),
        title=document.title,
        start=document.in_force_from,
        end=document.last_day,
        link=document.link,
        transitional=kept[0] if kept else "",
    )
