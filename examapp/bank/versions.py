"""Two versions of a question side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from examapp.bank.labels import kind_label, level_label
from examapp.bank.models import Question, QuestionVersion
from examapp.core import text
from examapp.core.db import db
from examapp.core.errors import NotFound
from examapp.core.words import _
from question_bank import question as domain
from question_bank.kinds.base import letter

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


def get_pair(question: Question, number: int) -> tuple[QuestionVersion, QuestionVersion | None]:
    """The version with this number and the one before it."""
    found = {
        version.number: version
        for version in db.session.scalars(
            select(QuestionVersion)
            .where(QuestionVersion.question_id == question.id, QuestionVersion.number.in_([number, number - 1]))
            .options(joinedload(QuestionVersion.topic))
        )
    }
    if number not in found:
        raise NotFound()
    return found[number], found.get(number - 1)


def lines(content: domain.Question) -> list[str]:
    """Everything a question says, line by line, in words."""
    found = [
        _("Loại: %(kind)s", kind=kind_label(content.kind)),
        _("Mức độ: %(level)s", level=level_label(content.level)),
        _("Chuyên đề: %(topic)s", topic=content.topic),
        _("Vị trí: %(positions)s", positions=", ".join(content.positions) or _("dùng chung")),
        *(_("Câu dẫn: %(line)s", line=line) for line in content.stem.split("\n")),
    ]
    for index, option in enumerate(content.options):
        marks = [_("đáp án")] if option.correct else []
        marks += [_("giữ vị trí")] if option.pinned else []
        found.append(f"{letter(index)}. {option.text}" + (f" ({', '.join(marks)})" if marks else ""))
    found += [_("Giải thích: %(line)s", line=line) for line in content.explanation.split("\n") if line]
    found += [_("Căn cứ: %(line)s", line=str(citation)) for citation in content.citations]
    found.append(_("Điểm: %(points)s", points=text.format_points(content.points, 3)))
    if content.seconds:
        found.append(_("Thời gian dự kiến: %(seconds)s giây", seconds=content.seconds))
    return found


def difference(before: domain.Question | None, after: domain.Question) -> list[Row]:
    """The rows of both versions beside each other, changed words marked."""
    new = lines(after)
    if before is None:
        return [Row((), ((False, line),)) for line in new]
    old = lines(before)
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
