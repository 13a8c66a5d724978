"""Frozen citations: what the questions of a round's papers cited, as the law stood on the day of the exam."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import selectinload

from examapp.bank import law
from examapp.bank.law_acts import basis_in_words
from examapp.bank.models import Citation, FrozenCitation, QuestionVersion
from examapp.core.db import db
from question_bank.question import canonical_json, digest

PIECE = 200
"""Versions read at once."""


def freeze_citations(round_id: int, version_ids: Iterable[int], *, on: date) -> int:
    """Write the citations of these versions for the round; says how many. What stands there for them is replaced."""
    wanted = sorted(set(version_ids))
    written = 0
    for start in range(0, len(wanted), PIECE):
        piece = wanted[start : start + PIECE]
        rows = [row for version in _versions(piece) for row in _rows(round_id, version, on)]
        db.session.execute(
            delete(FrozenCitation)
            .where(FrozenCitation.round_id == round_id, FrozenCitation.version_id.in_(piece))
            .execution_options(synchronize_session=False)
        )
        if rows:
            db.session.execute(insert(FrozenCitation), rows)
        written += len(rows)
    return written


def _versions(ids: Sequence[int]) -> list[QuestionVersion]:
    return list(
        db.session.scalars(
            select(QuestionVersion)
            .where(QuestionVersion.id.in_(ids))
            .options(
                selectinload(QuestionVersion.citations).joinedload(Citation.document),
                selectinload(QuestionVersion.transitional_uses),
            )
            .order_by(QuestionVersion.id)
        )
    )


def _rows(round_id: int, version: QuestionVersion, on: date) -> list[dict[str, Any]]:
    return [
        {
            "round_id": round_id,
            "version_id": version.id,
            "number": number,
            "text": law.in_words(citation)[:500],
            "title": citation.document.title if citation.document else "",
            "in_force_from": citation.document.in_force_from if citation.document else None,
            "in_force_to": citation.document.last_day if citation.document else None,
            "transitional": _transitional(version, citation, on),
        }
        for number, citation in enumerate(version.citations, start=1)
    ]


def _transitional(version: QuestionVersion, citation: Citation, on: date) -> str:
    """Why the document was still applied on that day although it had ended; empty while it was in force."""
    document = citation.document
    if document is None or document.last_day is None or document.last_day >= on:
        return ""
    uses = [use for use in version.transitional_uses if use.document_id == document.id]
    return basis_in_words(uses[0])[:700] if uses else ""


def thaw(round_id: int) -> None:
    """Forget what was frozen for a round that goes back to draft or is sealed anew."""
    db.session.execute(
        delete(FrozenCitation).where(FrozenCitation.round_id == round_id).execution_options(synchronize_session=False)
    )


def frozen_citations(round_id: int, version_ids: Iterable[int]) -> dict[int, list[FrozenCitation]]:
    """What stands frozen for these versions, by version id, each in its order."""
    rows = db.session.scalars(
        select(FrozenCitation)
        .where(FrozenCitation.round_id == round_id, FrozenCitation.version_id.in_(sorted(set(version_ids))))
        .order_by(FrozenCitation.version_id, FrozenCitation.number)
    )
    found: dict[int, list[FrozenCitation]] = {}
    for row in rows:
        found.setdefault(row.version_id, []).append(row)
    return found


def frozen_digest(round_id: int) -> str:
    """One digest over what is frozen for the round, for the log."""
    rows = db.session.execute(
        select(
            FrozenCitation.version_id,
            FrozenCitation.number,
            FrozenCitation.text,
            FrozenCitation.in_force_from,
            FrozenCitation.in_force_to,
            FrozenCitation.transitional,
        )
        .where(FrozenCitation.round_id == round_id)
        .order_by(FrozenCitation.version_id, FrozenCitation.number)
    )
    lines = [[str(value) if isinstance(value, date) else value for value in row] for row in rows]
    return digest(canonical_json(lines))
