"""A question: stem, kind, options with their key, topic, level, citations."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MEDIA = re.compile(r"\bmedia:([0-9a-f]{64})\b")
"""How a rich text names an image: by the digest of its bytes."""


class Level(StrEnum):
    """Mức độ nhận thức, from the easiest to the hardest."""

    RECALL = "nhan_biet"
    COMPREHENSION = "thong_hieu"
    APPLICATION = "van_dung"
    ADVANCED_APPLICATION = "van_dung_cao"


@dataclass(frozen=True, slots=True)
class Option:
    """One option. A *pinned* option ("Cả A, B, C đều đúng") keeps its place when others are shuffled.

    ``html`` is the rich form of ``text``, or empty; ``feedback`` is said to who chose it; ``share`` is its
    weight in thousandths where the question is marked by weights, and may be negative.
    """

    text: str
    correct: bool = False
    pinned: bool = False
    html: str = ""
    feedback: str = ""
    share: int | None = None

    def as_json(self) -> dict[str, Any]:
        """What is not set is left out, so that the digest of an older question stays what it was."""
        data: dict[str, Any] = {"text": self.text, "correct": self.correct}
        extra = {"pinned": self.pinned, "html": self.html, "feedback": self.feedback}
        data.update((name, value) for name, value in extra.items() if value)
        return data if self.share is None else {**data, "share": self.share}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Option:
        return cls(
            text=data["text"],
            correct=data["correct"],
            pinned=data.get("pinned", False),
            html=data.get("html", ""),
            feedback=data.get("feedback", ""),
            share=data.get("share"),
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """Where the law says it: the document's symbol ("118/2025/NĐ-CP") and the place in it, as far as known."""

    document: str
    article: str = ""
    clause: str = ""
    point: str = ""

    def __str__(self) -> str:
        parts = [
            f"điểm {self.point}" if self.point else "",
            f"khoản {self.clause}" if self.clause else "",
            f"Điều {self.article}" if self.article else "",
        ]
        place = " ".join(part for part in parts if part)
        return f"{place}, {self.document}" if place else self.document


@dataclass(frozen=True, slots=True)
class Question:
    """What an examiner writes. Texts are plain, NFC; line breaks in a stem are kept.

    ``kind`` is the name of a module in :mod:`question_bank.kinds`; ``points`` are thousandths of a
    point; ``seconds`` is the expected time to answer; ``ref`` is the identity in the file it came from.
    ``stem_html`` is the sanitised rich form of ``stem`` (:mod:`question_bank.rich_text`), or empty;
    ``details`` is what the kind needs beside options, as JSON, described in the module of the kind.
    """

    kind: str
    stem: str
    options: tuple[Option, ...] = ()
    level: Level | None = None
    topic: str = ""
    positions: tuple[str, ...] = ()
    explanation: str = ""
    citations: tuple[Citation, ...] = ()
    tags: tuple[str, ...] = ()
    points: int = 1000
    seconds: int | None = None
    ref: str = field(default="", compare=False)
    stem_html: str = ""
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> tuple[int, ...]:
        """Indices of the right options, from 0."""
        return tuple(i for i, option in enumerate(self.options) if option.correct)

    @property
    def media(self) -> tuple[str, ...]:
        """Digests of the images named anywhere in the question, sub-questions included, each once."""
        rich = [self.stem_html, *(option.html for option in self.options), *_rich_texts(self.details)]
        return tuple(dict.fromkeys(sha for html in rich for sha in MEDIA.findall(html)))

    def as_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "kind": self.kind,
            "stem": self.stem,
            "options": [option.as_json() for option in self.options],
            "level": self.level.value if self.level else None,
            "topic": self.topic,
            "positions": list(self.positions),
            "explanation": self.explanation,
            "citations": [
                {"document": c.document, "article": c.article, "clause": c.clause, "point": c.point}
                for c in self.citations
            ],
            "tags": list(self.tags),
            "points": self.points,
            "seconds": self.seconds,
            "ref": self.ref,
        }
        if self.stem_html:
            data["stem_html"] = self.stem_html
        if self.details:
            data["details"] = dict(self.details)
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Question:
        return cls(
            kind=data["kind"],
            stem=data["stem"],
            options=tuple(Option.from_json(option) for option in data["options"]),
            level=Level(data["level"]) if data.get("level") else None,
            topic=data.get("topic", ""),
            positions=tuple(data.get("positions", ())),
            explanation=data.get("explanation", ""),
            citations=tuple(Citation(**c) for c in data.get("citations", ())),
            tags=tuple(data.get("tags", ())),
            points=data.get("points", 1000),
            seconds=data.get("seconds"),
            ref=data.get("ref", ""),
            stem_html=data.get("stem_html", ""),
            details=data.get("details", {}),
        )

    @classmethod
    def read(cls, data: Any) -> Question:
        """A question out of JSON of unknown origin; ``ValueError`` when a part has another form than it must."""
        try:
            question = cls.from_json(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(data) from error
        if not _is_well_formed(question):
            raise ValueError(data)
        return question


def _is_well_formed(question: Question) -> bool:
    texts: list[Any] = [question.kind, question.stem, question.topic, question.explanation, question.ref]
    texts += [question.stem_html, *question.positions, *question.tags]
    texts += [text for option in question.options for text in (option.text, option.html, option.feedback)]
    texts += [text for c in question.citations for text in (c.document, c.article, c.clause, c.point)]
    truths: list[Any] = [truth for option in question.options for truth in (option.correct, option.pinned)]
    wholes: list[Any] = [question.points, *(option.share for option in question.options if option.share is not None)]
    wholes += [] if question.seconds is None else [question.seconds]
    return (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(truth, bool) for truth in truths)
        and all(type(whole) is int for whole in wholes)
        and isinstance(question.details, Mapping)
    )


def _rich_texts(value: Any) -> Iterator[str]:
    """Every string under a name that ends in "html", at any depth."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(inner, str):
                yield from [inner] if str(name).endswith("html") else []
            else:
                yield from _rich_texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _rich_texts(inner)


def canonical_json(data: Any) -> bytes:
    """The one byte form of ``data``: what is hashed is stored as these bytes."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def question_digest(question: Question) -> str:
    """The digest of everything the question says; changing a word or the key changes it."""
    return digest(canonical_json(question.as_json()))


class _Visible(dict[int, int | None]):
    """Each character as it is, or nothing for a control character; worked out when it is first met."""

    def __missing__(self, code: int) -> int | None:
        kept = self[code] = None if unicodedata.category(chr(code)) in {"Cc", "Cf"} else code
        return kept


_VISIBLE = _Visible({ord(kept): ord(kept) for kept in "\n\t\u200d"})


def clean_text(text: str) -> str:
    """NFC, line ends as ``\\n``, no control characters, no blanks at the ends of lines."""
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return text.strip()  # one sound line, as nearly all are: an import cleans hundreds of thousands
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    text = text.translate(_VISIBLE)
    text = unicodedata.normalize("NFC", text)  # last: an invisible character may have kept a letter from its accent
    return "\n".join(line.strip() for line in text.split("\n")).strip()
