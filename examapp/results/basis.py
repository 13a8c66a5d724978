"""The legal basis of the questions of a round: as it was frozen when its papers were sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from examapp.bank.models import FrozenCitation
from examapp.core.db import db
from examapp.core.text import format_date
from examapp.core.words import _
from question_bank.question import Question


@dataclass(frozen=True, slots=True)
class Basis:
    """One citation as it is shown."""

    text: str
    title: str = ""
    in_force: str = ""
    transitional: str = ""


def basis_of(round_id: int, questions: Mapping[int, Question]) -> dict[int, list[Basis]]:
    """By version, in their order; papers from before citations were frozen show what the question itself says."""
    rows = (
        select(
            FrozenCitation.version_id,
            FrozenCitation.text,
            FrozenCitation.title,
            FrozenCitation.in_force_from,
            FrozenCitation.in_force_to,
            FrozenCitation.transitional,
        )
        .where(FrozenCitation.round_id == round_id, FrozenCitation.version_id.in_(list(questions)))
        .order_by(FrozenCitation.version_id, FrozenCitation.number)
    )
    found: dict[int, list[Basis]] = defaultdict(list)
    for version_id, text, title, start, end, transitional in db.session.execute(rows):
        found[version_id].append(Basis(text, title, _in_force(start, end), transitional))
    return {
        version_id: found.get(version_id) or [Basis(str(citation)) for citation in question.citations]
        for version_id, question in questions.items()
    }


def _in_force(first: date | None, last: date | None) -> str:
    start, end = format_date(first), format_date(last)
    if start and end:
        return _("hiệu lực từ %(start)s đến %(end)s", start=start, end=end)
    if start:
        return _("hiệu lực từ %(start)s", start=start)
    return _("hiệu lực đến %(end)s", end=end) if end else ""
