"""The catalogues of positions that ship, and the positions a province adds.

A position may be held from the day its catalogue came into use here, not from the day of its decree: the communes of
01/07/2025 worked in these positions before the decree was signed, and the titles before it are older than theirs.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.core.db import db
from examapp.core.text import fold, nfc
from examapp.organisation.models import Position, StaffCategory

FILE = Path(__file__).with_name("positions.csv")


def shipped_positions() -> list[dict[str, str]]:
    """The rows of both catalogues and the titles of cadres, as written in the file."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return [{key: nfc(value) for key, value in row.items()} for row in csv.DictReader(stream)]


def load_positions(session: Session | None = None) -> int:
    """Store the shipped positions that are missing or differ; returns how many. Doing it again changes nothing."""
    session = session or db.session
    known = {position.code: position for position in session.scalars(select(Position))}
    rows = shipped_positions()
    changed = set()
    for row in rows:
        position = known.get(row["code"])
        if position is None:
            position = known[row["code"]] = Position(code=row["code"])
            session.add(position)
        if _fill(position, row):
            changed.add(row["code"])
    session.flush()
    for row in rows:
        successor = known[row["successor"]].id if row["successor"] else None
        if known[row["code"]].successor_id != successor:
            known[row["code"]].successor_id = successor
            changed.add(row["code"])
    session.flush()
    return len(changed)


def _fill(position: Position, row: dict[str, str]) -> bool:
    values = {
        "name": row["name"],
        "name_fold": fold(row["name"]),
        "catalogue": row["catalogue"],
        "department": row["department"],
        "staff_category": StaffCategory(row["staff_category"]),
        "is_leadership": row["is_leadership"] == "1",
        "is_verified": row["is_verified"] == "1",
        "valid_from": date.fromisoformat(row["valid_from"]),
        "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    }
    changed = False
    for name, value in values.items():
        if getattr(position, name) != value:
            setattr(position, name, value)
            changed = True
    return changed
