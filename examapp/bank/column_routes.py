"""Naming the columns of a foreign table, and reading it again with what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import alike, columns, import_reading, imports
from examapp.bank.models import QuestionImport
from examapp.bank.routes import bp, let_go
from examapp.core.errors import Conflict, Invalid
from examapp.core.permissions import Permission, requires
from examapp.core.words import _
from question_bank.formats import Reading
from question_bank.formats.excel_mapping import ColumnMapping


def _asked(ref: str, *, lock: bool = False) -> QuestionImport:
    kept = imports.get_import(ref, person=current_user, lock=lock)
    if not columns.waits_for_columns(kept):
        raise Conflict(_("Tệp này không cần chọn ý nghĩa cột."))
    return kept


@bp.get("/import/<string:ref>/columns")
@requires(Permission.BANK_IMPORT)
def name_columns(ref: str) -> str:
    return _page(_asked(ref), {})


@bp.post("/import/<string:ref>/columns")
@requires(Permission.BANK_IMPORT)
def keep_columns(ref: str) -> ResponseReturnValue:
    """Read the file again with what the columns are said to hold, and remember that."""
    kept = _asked(ref)
    sheets = columns.sheets_of(kept)
    roles = {place: request.form.getlist(f"sheet-{place}") for place in range(len(sheets))}
    try:
        mappings = columns.named(sheets, roles)
        reading = _read(kept, [*mappings, *columns.said_by(current_user.id)])
    except Invalid as error:
        return _page(_asked(ref), roles, error.message), 422
    kept = _asked(ref, lock=True)
    columns.remember_columns(mappings, person=current_user)
    job = imports.read_anew(kept, reading)
    return redirect(url_for("core.job", ref=job.ref) if job else url_for("bank.import_preview", ref=ref))


def _read(kept: QuestionImport, mappings: Sequence[ColumnMapping]) -> Reading | None:
    """What a small file holds, read with no transaction open; ``None`` for one that a job will read."""
    file = import_reading.incoming_of(kept.file_id)
    key = import_reading.incoming_of(kept.key_file_id) if kept.key_file_id else None
    let_go()
    alike.prepare()
    answers = import_reading.read_answers(key) if key else None
    reading = import_reading.read_small([file], answers, mappings)[0]
    if isinstance(reading, Invalid):
        raise reading
    return reading


def _page(kept: QuestionImport, roles: Mapping[int, Sequence[str]], error: str = "") -> str:
    sheets = columns.sheets_of(kept)
    chosen = {place: roles.get(place) or columns.roles_shown(sheet) for place, sheet in enumerate(sheets)}
    return render_template(
        "bank/import_columns.html",
        kept=kept,
        sheets=sheets,
        chosen=chosen,
        choices=columns.role_choices(),
        error=error,
    )
