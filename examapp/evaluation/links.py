"""How a year's exam results enter the evaluation: as evidence, or as points by a local regulation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core.db import db
from examapp.core.errors import Forbidden, Invalid
from examapp.core.permissions import Permission
from examapp.core.words import _
from examapp.evaluation import rules
from examapp.evaluation.models import Evaluation, EvaluationState, ExamLink, LinkMode
from examapp.evaluation.schemes import list_schemes
from examapp.evaluation.sheets import last_day
from examapp.organisation.tree import subtree


def find_link(year: int, unit_id: int, scheme_key: str) -> ExamLink | None:
    return db.session.scalar(
        select(ExamLink).where(ExamLink.year == year, ExamLink.unit_id == unit_id, ExamLink.scheme_key == scheme_key)
    )


def save_link(
    *,
    year: int,
    unit_id: int,
    scheme_key: str,
    mode: LinkMode,
    criterion: str,
    max_points: int,
    mapping: Sequence[tuple[int, int]],
    regulation_number: str,
    regulation_date: date | None,
    by: Account,
) -> ExamLink:
    """Set the link of a unit and all below it. Points need the local regulation's number and date."""
    reach = by.units(Permission.EVALUATION_DECIDE)
    if reach is not None and unit_id not in reach:
        raise Forbidden(_("Đơn vị này ngoài phạm vi được giao."))
    if mode is LinkMode.POINTS:
        if not regulation_number or regulation_date is None:
            raise Invalid(
                _("Tính điểm thi vào xếp loại thì phải ghi số và ngày của quy định địa phương."),
                field="regulation_number",
            )
        _check_points(scheme_key, criterion, max_points, mapping)
    else:
        criterion, max_points, mapping = "", 0, ()
    decided = db.session.scalar(
        select(Evaluation.id).where(
            Evaluation.year == year,
            Evaluation.unit_id.in_(subtree([unit_id], on=last_day(year))),
            Evaluation.state == EvaluationState.DECIDED,
        )
    )
    if decided is not None:
        raise Invalid(
            _(
                "Năm %(year)s của đơn vị này đã có người được quyết định xếp loại, nên không đổi cách tính nữa.",
                year=year,
            )
        )
    link = find_link(year, unit_id, scheme_key)
    if link is None:
        link = ExamLink(year=year, unit_id=unit_id, scheme_key=scheme_key)
        db.session.add(link)
    link.mode, link.criterion, link.max_points = mode, criterion, max_points
    link.mapping = json.dumps(sorted(mapping, reverse=True))
    link.regulation_number, link.regulation_date = regulation_number, regulation_date
    record("evaluation.link_set", "unit", unit_id, year=year, mode=mode.value, regulation=regulation_number)
    db.session.flush()
    return link


def _check_points(scheme_key: str, criterion: str, max_points: int, mapping: Sequence[tuple[int, int]]) -> None:
    scheme = next((scheme for scheme in list_schemes() if scheme.key == scheme_key), None)
    if scheme is None:
        raise Invalid(_("Hãy chọn một bộ tiêu chí."), field="scheme_key")
    definition = rules.read_definition(scheme.kind, scheme.definition)
    target = next((c for c in definition.criteria if c.key == criterion and c.unit == "points"), None)
    if target is None:
        raise Invalid(_("Hãy chọn tiêu chí có điểm để cộng điểm thi."), field="criterion")
    if not 0 < max_points <= target.max:
        raise Invalid(_("Điểm tối đa phải lớn hơn 0 và không quá điểm của tiêu chí."), field="max_points")
    if not mapping:
        raise Invalid(_("Hãy ghi bảng quy đổi, ít nhất một dòng."), field="mapping")
    if any(not 0 <= least <= 100 or not 0 <= points <= max_points for least, points in mapping):
        raise Invalid(_("Bảng quy đổi có dòng ngoài khoảng cho phép."), field="mapping")
