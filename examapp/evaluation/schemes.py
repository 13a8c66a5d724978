"""Schemes that ship, and which one holds for whom in which year."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from sqlalchemy import or_, select

from examapp.core.db import db
from examapp.evaluation.models import Scheme, SchemeKind
from examapp.organisation.models import StaffCategory

FOLDER = Path(__file__).parent / "schemes"


def load_schemes() -> int:
    """Store the schemes that ship and are not there yet; returns how many were added."""
    known = set(db.session.execute(select(Scheme.key, Scheme.version)))
    added = 0
    for path in sorted(FOLDER.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        if (data["key"], 1) not in known:
            db.session.add(
                Scheme(
                    key=data["key"],
                    name=data["name"],
                    kind=SchemeKind(data["kind"]),
                    staff_category=StaffCategory(data["staff_category"]),
                    legal_basis=data["legal_basis"],
                    valid_from=date.fromisoformat(data["valid_from"]),
                    valid_to=date.fromisoformat(data["valid_to"]) if data["valid_to"] else None,
                    is_local=data.get("is_local", False),
                    definition=json.dumps(data["definition"], ensure_ascii=False),
                )
            )
            added += 1
    db.session.flush()
    return added


def scheme_for(category: StaffCategory, year: int) -> Scheme | None:
    """The scheme in force for ``category`` at the end of ``year``, the newest version; ``None`` where there is none."""
    end = date(year, 12, 31)
    return db.session.scalar(
        select(Scheme)
        .where(
            Scheme.staff_category == category,
            Scheme.valid_from <= end,
            or_(Scheme.valid_to.is_(None), Scheme.valid_to >= end),
        )
        .order_by(Scheme.valid_from.desc(), Scheme.version.desc())
        .limit(1)
    )


def list_schemes() -> list[Scheme]:
    return list(db.session.scalars(select(Scheme).order_by(Scheme.valid_from.desc(), Scheme.key, Scheme.version)))
