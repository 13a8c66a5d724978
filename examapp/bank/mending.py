"""Mending one question of a file in place, leaving it out, taking it in again."""

from __future__ import annotations

from sqlalchemy import select

from examapp.bank.alike import alike, dump_twins
from examapp.bank.checks import Named, content_findings
from examapp.bank.import_reading import group_id_for
from examapp.bank.imports import check_open, get_item
from examapp.bank.items import Draft, content_columns, finding_columns
from examapp.bank.models import ImportGroup, ImportItem, QuestionImport, stem_key
from examapp.core.db import db
from question_bank import question as domain


def mend_item(kept: QuestionImport, number: int, question: domain.Question) -> ImportItem:
    """Take what a person has written in place of what was read. Of the findings only what still holds counts."""
    check_open(kept)
    item = get_item(kept, number)
    twins = alike([Draft(number, question, "", "", ())], _first_with(kept, question.stem)).get(number, [])
    findings = content_findings(question)
    heading = db.session.get_one(ImportGroup, item.group_id).heading
    columns = {
        **content_columns(question),
        **finding_columns(findings, is_alike=bool(twins)),
        "group_id": group_id_for(kept, Named(question.topic, question.positions, heading)),
        "alike": dump_twins(twins),
        "is_mended": True,
        "is_left_out": False,
    }
    for name, value in columns.items():
        setattr(item, name, value)
    db.session.flush()
    return item


def _first_with(kept: QuestionImport, stem: str) -> dict[str, int]:
    """The first question of the file with an equal stem, by the key of the stem."""
    key = stem_key(stem)
    query = select(ImportItem.number).where(ImportItem.import_id == kept.id, ImportItem.stem_key == key)
    number = db.session.scalar(query.order_by(ImportItem.number).limit(1))
    return {key: number} if number else {}


def leave_out(kept: QuestionImport, number: int, *, out: bool) -> None:
    """Leave one question of the file out, or take it in again."""
    check_open(kept)
    get_item(kept, number).is_left_out = out
    db.session.flush()
