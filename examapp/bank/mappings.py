"""What headings, categories and unknown codes of files mean here: asked once, remembered for a person's later files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.filtering import COMMON
from examapp.bank.models import ImportMapping, Topic
from examapp.bank.topics import topics_for
from examapp.core import text
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.words import _
from examapp.organisation.models import Position

STEP = " › "
"""Between a title and the one below it."""


def key_of(written: str) -> str:
    return hashlib.sha256(text.fold(written).encode()).hexdigest()


def above(heading: str) -> list[str]:
    """The path of titles and the paths it hangs under, nearest first: "A › B" gives "A › B", "A"."""
    parts = heading.split(STEP)
    return [STEP.join(parts[:end]) for end in range(len(parts), 0, -1)]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a person said that a text means; what is ``None`` was left open."""

    topic: Topic | None = None
    position: Position | None = None
    is_common: bool = False


def meanings(owner_id: int | None) -> dict[str, Meaning]:
    """Everything this person has said, by key."""
    rows = db.session.execute(
        select(ImportMapping, Topic, Position)
        .outerjoin(Topic, Topic.id == ImportMapping.topic_id)
        .outerjoin(Position, Position.id == ImportMapping.position_id)
        .where(ImportMapping.owner_id == owner_id)
    )
    return {row.key: Meaning(topic, position, row.is_common) for row, topic, position in rows}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen on the page for one text: codes; empty leaves it open."""

    written: str
    topic: str = ""
    position: str = ""


def remember(choices: Iterable[Choice], *, person: Account, reach: set[int] | None) -> int:
    """Keep what a person says texts mean, in place of what was said before; how many have a meaning now."""
    known = {
        row.key: row for row in db.session.scalars(select(ImportMapping).where(ImportMapping.owner_id == person.id))
    }
    topics = {topic.code: topic for topic in topics_for(reach)}
    positions = {position.code: position for position in db.session.scalars(select(Position))}
    kept = 0
    for choice in choices:
        position = positions.get(choice.position)
        _check(choice, position, reach)
        row = known.get(key_of(choice.written))
        if not choice.topic and not choice.position:
            if row is not None:
                db.session.delete(row)
            continue
        if row is None:
            row = ImportMapping(owner_id=person.id, key=key_of(choice.written))
            known[row.key] = row
            db.session.add(row)
        topic = topics.get(choice.topic)
        row.text = choice.written[:300]
        row.topic_id, row.position_id = topic.id if topic else None, position.id if position else None
        row.is_common = choice.position == COMMON
        kept += 1
    db.session.flush()
    record("import.mapped", "question_import", "", count=kept)
    return kept


def _check(choice: Choice, position: Position | None, reach: set[int] | None) -> None:
    if reach is None or not choice.position:
        return
    if position is None or position.id not in reach:
        raise Invalid(_("Hãy chọn vị trí trong phạm vi được giao cho “%(written)s”.", written=choice.written))
