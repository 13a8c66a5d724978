"""Versions of a question side by side, and whether its key is still the approved one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.accounts.models import Account
from examapp.bank.content import content_of
from examapp.bank.labels import kind_label, level_label
from examapp.bank.models import Question, QuestionVersion, Review, Topic, Verdict
from examapp.bank.paper import all_lines, key_lines
from examapp.core import text
from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.words import _
from examapp.organisation.models import Position
from question_bank import question as domain

Part = tuple[bool, str]
"""Whether these words changed, and the words."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of both versions; an empty side has no such line."""

    before: tuple[Part, ...]
    after: tuple[Part, ...]

    @property
    def is_changed(self) -> bool:
        return any(changed for changed, _words in (*self.before, *self.after))


@dataclass(frozen=True, slots=True)
class KeyChange:
    """The key as it was approved and as it is now, in words."""

    approved_number: int
    approved_by: str
    approved_at: datetime
    before: list[str]
    after: list[str]


def get_pair(
    question: Question, number: int, against: int | None = None
) -> tuple[QuestionVersion, QuestionVersion | None]:
    """The version with this number and the one to compare it with, the one before it unless another is named."""
    other = number - 1 if against is None else against
    found = {
        version.number: version
        for version in db.session.scalars(
            select(QuestionVersion)
            .where(QuestionVersion.question_id == question.id, QuestionVersion.number.in_([number, other]))
            .options(joinedload(QuestionVersion.topic))
        )
    }
    if number not in found:
        raise NotFound()
    return found[number], found.get(other) if other != number else None


def key_change(question: Question) -> KeyChange | None:
    """Whether the question is marked otherwise than in the version that was approved last; ``None`` when it is not,
    or when none was. Wording that does not touch the key does not count."""
    row = db.session.execute(
        select(QuestionVersion, Account.display_name, Review.at)
        .join(Review, Review.version_id == QuestionVersion.id)
        .join(Account, Account.id == Review.reviewer_id)
        .where(QuestionVersion.question_id == question.id, Review.verdict == Verdict.APPROVED)
        .order_by(Review.at.desc(), Review.id.desc())
        .limit(1)
    ).first()
    if row is None or row[0].id == question.current_id:
        return None
    approved, reviewer, at = row
    old, new = content_of(approved), content_of(question.current)
    before, after = key_lines(old), key_lines(new)
    if (old.kind, before) == (new.kind, after):
        return None
    if old.kind != new.kind:
        before, after = [kind_label(old.kind), *before], [kind_label(new.kind), *after]
    return KeyChange(approved.number, reviewer, at, before, after)


def names_of_places(contents: Iterable[domain.Question]) -> dict[str, str]:
    """Names of the topics and positions that these contents name by code; "topic:x" and "position:x"."""
    every = list(contents)
    topics = {content.topic for content in every}
    positions = {code for content in every for code in content.positions}
    found = {
        f"topic:{code}": name
        for code, name in db.session.execute(select(Topic.code, Topic.name).where(Topic.code.in_(topics)))
    }
    rows = db.session.execute(select(Position.code, Position.name).where(Position.code.in_(positions)))
    return found | {f"position:{code}": name for code, name in rows}


def lines(content: domain.Question, names: Mapping[str, str]) -> list[str]:
    """Everything a question says, line by line, in words."""
    positions = [names.get(f"position:{code}", code) for code in content.positions]
    found = [
        _("Loại: %(kind)s", kind=kind_label(content.kind)),
        _("Mức độ: %(level)s", level=level_label(content.level)),
        _("Chuyên đề: %(topic)s", topic=names.get(f"topic:{content.topic}", content.topic)),
        _("Vị trí: %(positions)s", positions="; ".join(positions) or _("dùng chung")),
        *(_("Câu dẫn: %(line)s", line=line) for line in content.stem.split("\n")),
        *all_lines(content),
    ]
    found += [_("Định dạng: %(parts)s", parts=said) for html in _rich_texts(content) if (said := formatting(html))]
    found += [_("Giải thích: %(line)s", line=line) for line in content.explanation.split("\n") if line]
    found += [_("Căn cứ: %(line)s", line=str(citation)) for citation in content.citations]
    found.append(_("Điểm: %(points)s", points=text.format_points(content.points, 3)))
    if content.seconds:
        found.append(_("Thời gian dự kiến: %(seconds)s giây", seconds=content.seconds))
    if content.tags:
        found.append(_("Từ khóa: %(tags)s", tags=", ".join(content.tags)))
    return found


def _rich_texts(content: domain.Question) -> Iterator[str]:
    yield content.stem_html
    yield from (option.html for option in content.options)
    yield from _html_in(content.details)


def _html_in(value: Any) -> Iterator[str]:
    """Every rich text in the details of a kind, at any depth."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from [inner] if str(name).endswith("html") and isinstance(inner, str) else _html_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _html_in(inner)


class _Formatting(HTMLParser):
    """What is formatted how: the words in bold, the number of tables, the images."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = _mark_names()
        if tag in names:
            self._open.append((tag, []))
        elif tag == "img":
            given = dict(attrs)
            mark = (given.get("src") or "").removeprefix("media:")[:6]
            self.found.append(_("hình “%(alt)s” (%(mark)s)", alt=given.get("alt") or "", mark=mark))
        elif tag in {"table", "ul", "ol"}:
            self.found.append(_("bảng") if tag == "table" else _("danh sách"))

    def handle_data(self, data: str) -> None:
        for _tag, words in self._open:
            words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            _tag, words = self._open.pop()
            self.found.append(f"{_mark_names()[tag]} “{''.join(words)}”")


def _mark_names() -> dict[str, str]:
    bold, italic = _("đậm"), _("nghiêng")
    return {
        "b": bold,
        "strong": bold,
        "i": italic,
        "em": italic,
        "u": _("gạch chân"),
        "s": _("gạch ngang"),
        "sub": _("chỉ số"),
        "sup": _("số mũ"),
    }


def formatting(html: str) -> str:
    """The formatting of a rich text in words, so that a change of it shows where the words stay."""
    reader = _Formatting()
    reader.feed(html)
    reader.close()
    return "; ".join(reader.found)


def difference(before: domain.Question | None, after: domain.Question) -> list[Row]:
    """The rows of both versions beside each other, changed words marked."""
    names = names_of_places([after, *([before] if before else [])])
    new = lines(after, names)
    if before is None:
        return [Row((), ((False, line),)) for line in new]
    return compare(lines(before, names), new)


def compare(old: list[str], new: list[str]) -> list[Row]:
    rows: list[Row] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [Row(((False, line),), ((False, line),)) for line in new[j1:j2]]
        else:
            rows += list(_changed(old[i1:i2], new[j1:j2]))
    return rows


def _changed(old: list[str], new: list[str]) -> Iterator[Row]:
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else ""
        after = new[index] if index < len(new) else ""
        yield _words(before, after) if before and after else Row(_all(before), _all(after))


def _all(line: str) -> tuple[Part, ...]:
    return ((True, line),) if line else ()


def _words(before: str, after: str) -> Row:
    old, new = re.split(r"(\s+)", before), re.split(r"(\s+)", after)
    left: list[Part] = []
    right: list[Part] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        changed = tag != "equal"
        left += [(changed, "".join(old[i1:i2]))] if i2 > i1 else []
        right += [(changed, "".join(new[j1:j2]))] if j2 > j1 else []
    return Row(tuple(left), tuple(right))
