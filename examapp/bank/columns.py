"""Tables whose columns nobody can tell: a person says what they hold, once for all files with the same headings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank.models import ImportColumns, ImportState, QuestionImport
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.core.words import _, in_language
from question_bank.formats.excel_mapping import ROLES, ColumnMapping, NeedsMapping, SheetLook


def role_choices() -> list[tuple[str, str]]:
    return [(name, in_language(label)) for name, label in ROLES.items()]


def said_by(owner_id: int) -> list[ColumnMapping]:
    """Everything this person has said of tables."""
    rows = db.session.scalars(select(ImportColumns.mapping).where(ImportColumns.owner_id == owner_id))
    return [ColumnMapping.from_json(json.loads(mapping)) for mapping in rows]


def dump_sheets(needs: NeedsMapping | None) -> str:
    """The sheets to ask about, as an import keeps them."""
    return json.dumps([_as_json(sheet) for sheet in needs.sheets], ensure_ascii=False) if needs else ""


def _as_json(sheet: SheetLook) -> dict[str, Any]:
    return {"name": sheet.name, "rows": sheet.rows, "width": sheet.width, "mapping": sheet.mapping.as_json()}


def sheets_of(kept: QuestionImport) -> list[SheetLook]:
    """The sheets to ask about."""
    return [
        SheetLook(
            data["name"],
            tuple(tuple(row) for row in data["rows"]),
            data["width"],
            ColumnMapping.from_json(data["mapping"]),
        )
        for data in (json.loads(kept.columns) if kept.columns else [])
    ]


def roles_shown(sheet: SheetLook) -> list[str]:
    """The guess for each column that the page shows."""
    return sheet.mapping.roles(max(map(len, sheet.rows), default=0))


def waits_for_columns(kept: QuestionImport) -> bool:
    return bool(kept.columns) and kept.state in {ImportState.MAPPING, ImportState.READ}


def named(sheets: Sequence[SheetLook], roles: Mapping[int, Sequence[str]]) -> list[ColumnMapping]:
    """What the columns of each sheet hold, from one role a column; a sheet without a role is not read.

    ``roles`` are by the place of the sheet. :class:`Invalid` where no question could be read.
    """
    chosen = [
        ColumnMapping.of_roles(roles[place], first_row=sheet.mapping.first_row, digest=sheet.digest)
        for place, sheet in enumerate(sheets)
        if any(roles.get(place, ()))
    ]
    if not chosen:
        raise Invalid(_("Hãy chọn ý nghĩa cho các cột của ít nhất một trang tính."))
    for mapping in chosen:
        if (problem := mapping.problem()) is not None:
            raise Invalid(in_language(problem))
    return chosen


def remember_columns(mappings: Sequence[ColumnMapping], *, person: Account) -> None:
    """For this file and every later one with the same headings."""
    rows = db.session.scalars(select(ImportColumns).where(ImportColumns.owner_id == person.id))
    known = {row.digest: row for row in rows}
    for mapping in mappings:
        row = known.setdefault(mapping.digest, ImportColumns(owner_id=person.id, digest=mapping.digest))
        row.mapping = json.dumps(mapping.as_json())
        db.session.add(row)
    db.session.flush()
    record("import.columns_named", "question_import", "", count=len(mappings))
