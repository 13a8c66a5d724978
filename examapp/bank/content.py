"""From a question as the domain writes it to the rows that keep it, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from examapp.bank import law
from examapp.bank.models import Question, QuestionVersion
from examapp.core import text
from examapp.core.db import db
from question_bank import question as domain
from question_bank import rich_text
from question_bank.kinds import KINDS

LONGEST_TAG = 60


def normalised(content: domain.Question, *, topic: str, positions: Iterable[str]) -> domain.Question:
    """As it is stored: texts and rich texts cleaned, topic and positions by code, without the file's own identity."""
    stem, stem_html = _both(content.stem, content.stem_html)
    return replace(
        content,
        stem=stem,
        stem_html=stem_html,
        options=tuple(_cleaned_option(option) for option in content.options),
        details=_cleaned(content.details),
        explanation=domain.clean_text(content.explanation),
        tags=tuple(dict.fromkeys(tag for word in content.tags if (tag := domain.clean_text(word)[:LONGEST_TAG]))),
        level=content.level or domain.Level.RECALL,
        topic=topic,
        positions=tuple(sorted(positions)),
        ref="",
    )


def _both(plain: str, html: str) -> tuple[str, str]:
    """A text and its rich form, cleaned; where there is a rich form, the text is what it says."""
    if html and (kept := rich_text.clean(html)):
        return rich_text.plain(kept), kept
    return domain.clean_text(plain), ""


def _cleaned_option(option: domain.Option) -> domain.Option:
    plain, html = _both(option.text, option.html)
    feedback = domain.clean_text(option.feedback)
    if (plain, html, feedback) == (option.text, option.html, option.feedback):
        return option
    return replace(option, text=plain, html=html, feedback=feedback)


def _cleaned(value: Any) -> Any:
    """Details of a kind, with every text in them cleaned; "left_html" is the rich form of "left", "html" of "text"."""
    if isinstance(value, Mapping):
        cleaned = {name: _cleaned(inner) for name, inner in value.items() if not str(name).endswith("html")}
        for name, inner in value.items():
            if str(name).endswith("html") and isinstance(inner, str):
                beside = "text" if name == "html" else str(name).removesuffix("_html")
                plain, html = _both(str(value.get(beside, "")), inner)
                cleaned.update({beside: plain, name: html} if html else {beside: plain})
        return cleaned
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return domain.clean_text(value) if isinstance(value, str) else value


def with_known_symbols(content: domain.Question, documents: Mapping[str, tuple[int, str]]) -> domain.Question:
    """Citations of documents in the registry carry the symbol as the registry prints it."""
    citations = tuple(
        replace(citation, document=found[1])
        if (found := documents.get(law.symbol_key(citation.document))) and found[1] != citation.document
        else citation
        for citation in content.citations
    )
    return content if citations == content.citations else replace(content, citations=citations)


def text_columns(content: domain.Question) -> dict[str, str]:
    """The columns of ``question_texts``: what the search reads, without marks and with them."""
    texts = KINDS[content.kind].texts(content) if content.kind in KINDS else [one.text for one in content.options]
    parts = [content.stem, *texts, *map(str, content.citations)]
    plain = " ".join(" ".join(parts).lower().split())
    return {"folded": text.fold(plain), "marked": plain}


def version_columns(
    content: domain.Question, *, topic_id: int, author_id: int | None, note: str = ""
) -> dict[str, Any]:
    """The columns of ``question_versions`` that say what the question says."""
    data = domain.canonical_json(content.as_json())
    return {
        "kind": content.kind,
        "level": content.level,
        "topic_id": topic_id,
        "stem": content.stem,
        "content": data,
        "digest": domain.digest(data),
        "points": content.points,
        "seconds": content.seconds or None,
        "author_id": author_id,
        "note": note,
    }


def citation_columns(content: domain.Question, documents: Mapping[str, tuple[int, str]]) -> list[dict[str, Any]]:
    """The columns of ``citations``, matched to the registry where the symbol is known."""
    rows = []
    for citation in content.citations:
        found = documents.get(law.symbol_key(citation.document))
        rows.append(
            {
                "document_id": found[0] if found else None,
                "symbol": citation.document[:200],
                "article": citation.article[:20],
                "clause": citation.clause[:20],
                "point": citation.point[:20],
            }
        )
    return rows


def content_of(version: QuestionVersion) -> domain.Question:
    return domain.Question.from_json(json.loads(version.content))


def present_content(question: Question) -> domain.Question:
    """What the question says now, with the positions it stands in."""
    codes = (position.code for position in question.positions)
    return normalised(content_of(question.current), topic=question.current.topic.code, positions=codes)


def load_questions(version_ids: Iterable[int]) -> dict[int, domain.Question]:
    """The questions of these versions, by version id, from the bytes that were hashed."""
    wanted: Sequence[int] = sorted(set(version_ids))
    found: dict[int, domain.Question] = {}
    for start in range(0, len(wanted), 500):
        rows = db.session.execute(
            select(QuestionVersion.id, QuestionVersion.content).where(
                QuestionVersion.id.in_(wanted[start : start + 500])
            )
        )
        found.update((version_id, as_question(data)) for version_id, data in rows)
    return found


def as_question(content: bytes) -> domain.Question:
    """Out of the canonical bytes."""
    return domain.Question.from_json(json.loads(content))
