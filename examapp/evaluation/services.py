"""The year: open it, enter what people know, decide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.core import clock
from examapp.core.db import db
from examapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from examapp.core.text import format_points
from examapp.core.words import _
from examapp.evaluation.models import (
    Evaluation,
    EvaluationScore,
    EvaluationState,
    ForcedFact,
    QualityLevel,
)
from examapp.evaluation.schemes import scheme_for
from examapp.evaluation.sheets import FIRST_YEAR, entry_limits, last_day, sheets
from examapp.organisation.services import posts_on


def open_year(year: int, *, unit_ids: set[int] | None, by: Account | None) -> int:
    """Make an evaluation for everyone whose main post is in ``unit_ids`` and who has none for ``year`` yet.

    ``None`` means every unit. Returns how many were made.
    """
    if not FIRST_YEAR <= year <= clock.today().year:
        raise Invalid(_("Năm phải từ %(first)s đến năm nay.", first=FIRST_YEAR), field="year")
    have = set(db.session.scalars(select(Evaluation.official_id).where(Evaluation.year == year)))
    made = 0
    for post in posts_on(last_day(year), unit_ids=unit_ids):
        if not post.is_primary or post.official_id in have:
            continue
        have.add(post.official_id)
        scheme = scheme_for(post.official.staff_category, year)
        db.session.add(
            Evaluation(
                official_id=post.official_id,
                year=year,
                scheme_id=scheme.id if scheme else None,
                unit_id=post.unit_id,
                position_id=post.position_id,
            )
        )
        made += 1
    db.session.flush()
    if made and by is not None:
        record("evaluation.opened", "year", year, count=made)
    return made


def _editable(evaluation: Evaluation, by: Account) -> None:
    if by.official_id == evaluation.official_id:
        raise Forbidden(
            _("Không ai tự nhập điểm hoặc tự quyết định xếp loại của mình."),
            advice=_("Hãy để người đánh giá khác thực hiện."),
        )
    if evaluation.state is EvaluationState.DECIDED:
        raise Conflict(
            _("Bản đánh giá này đã có quyết định nên không sửa được."),
            advice=_("Cần thay đổi thì lập bản mới kèm lý do; bản cũ được giữ nguyên."),
        )


def save_scores(
    evaluation: Evaluation,
    values: Mapping[str, int | None],
    *,
    by: Account,
    worked_months: int | None = None,
    self_level: QualityLevel | None = None,
) -> None:
    """Store entered values (thousandths, or 0/1); ``None`` clears one. What is out of range is refused by name."""
    _editable(evaluation, by)
    [sheet] = sheets([evaluation])
    if sheet.definition is None:
        raise Conflict(_("Chưa có bộ tiêu chí cho nhóm người này, nên chưa nhập điểm được."))
    limits = entry_limits(sheet)
    stored = {score.criterion: score for score in evaluation.scores}
    for criterion in sheet.definition.criteria:
        if criterion.key not in values:
            continue
        value = values[criterion.key]
        if value is not None and not 0 <= value <= limits[criterion.key]:
            limit = format_points(limits[criterion.key]) if criterion.unit != "yes_no" else "1"
            raise Invalid(
                _("%(name)s: giá trị phải từ 0 đến %(max)s.", name=criterion.name, max=limit), field=criterion.key
            )
        _store(evaluation, stored, criterion.key, value, by)
    if worked_months is not None:
        if not 0 <= worked_months <= 12:
            raise Invalid(_("Số tháng làm việc phải từ 0 đến 12."), field="worked_months")
        evaluation.worked_months = worked_months
    evaluation.self_level = self_level
    record("evaluation.scored", "evaluation", evaluation.id, values=str(dict(values)))
    db.session.flush()


def _store(
    evaluation: Evaluation, stored: dict[str, EvaluationScore], key: str, value: int | None, by: Account
) -> None:
    score = stored.get(key)
    if value is None:
        if score is not None:
            evaluation.scores.remove(score)
            db.session.delete(score)
    elif score is None:
        evaluation.scores.append(EvaluationScore(criterion=key, value=value, by_id=by.id))
    elif score.value != value:
        score.value, score.by_id, score.at = value, by.id, clock.now()


def add_fact(
    evaluation: Evaluation, *, fact: str, decision_number: str, decision_date: date, note: str, by: Account
) -> ForcedFact:
    """Enter a fact that forces a level; it takes effect once somebody else has confirmed it."""
    _editable(evaluation, by)
    [sheet] = sheets([evaluation])
    known = sheet.definition.fact(fact) if sheet.definition else None
    if known is None:
        raise Invalid(_("Hãy chọn một căn cứ trong danh sách."), field="fact")
    if decision_date.year != evaluation.year:
        raise Invalid(
            _("Ngày quyết định phải thuộc năm đánh giá %(year)s.", year=evaluation.year), field="decision_date"
        )
    row = ForcedFact(
        fact=fact, decision_number=decision_number, decision_date=decision_date, note=note, entered_by_id=by.id
    )
    evaluation.facts.append(row)
    record("evaluation.fact_entered", "evaluation", evaluation.id, fact=fact, decision=decision_number)
    db.session.flush()
    return row


def confirm_fact(evaluation: Evaluation, fact_id: int, *, by: Account) -> None:
    _editable(evaluation, by)
    fact = _fact(evaluation, fact_id)
    if fact.entered_by_id == by.id:
        raise Forbidden(_("Người nhập không tự xác nhận."), advice=_("Hãy để một người khác xác nhận căn cứ này."))
    fact.confirmed_by_id = by.id
    record("evaluation.fact_confirmed", "evaluation", evaluation.id, fact=fact.fact, decision=fact.decision_number)
    db.session.flush()


def remove_fact(evaluation: Evaluation, fact_id: int, *, by: Account) -> None:
    _editable(evaluation, by)
    fact = _fact(evaluation, fact_id)
    record("evaluation.fact_removed", "evaluation", evaluation.id, fact=fact.fact, decision=fact.decision_number)
    evaluation.facts.remove(fact)
    db.session.delete(fact)
    db.session.flush()


def _fact(evaluation: Evaluation, fact_id: int) -> ForcedFact:
    fact = next((fact for fact in evaluation.facts if fact.id == fact_id), None)
    if fact is None:
        raise NotFound()
    return fact


def decide(
    evaluation: Evaluation,
    *,
    level: QualityLevel,
    reason: str,
    decision_number: str,
    decision_date: date | None,
    by: Account,
) -> None:
    """A person decides; a level other than the proposed one needs its reason. The evidence is frozen."""
    _editable(evaluation, by)
    [sheet] = sheets([evaluation])
    if sheet.proposal is None:
        raise Conflict(_("Chưa có bộ tiêu chí cho nhóm người này, nên chưa xếp loại trong hệ thống được."))
    if sheet.proposal.unranked:
        raise Conflict(sheet.proposal.reasons[0], advice=_("Không xếp loại năm này; hãy kiểm tra số tháng làm việc."))
    if sheet.proposal.level is None:
        raise Invalid(
            _("Chưa đủ dữ liệu để xếp loại. Còn thiếu: %(names)s.", names="; ".join(sheet.proposal.missing)),
            field="level",
        )
    if level is not sheet.proposal.level and not reason:
        raise Invalid(_("Mức quyết định khác mức đề nghị thì phải ghi lý do."), field="reason")
    evaluation.state = EvaluationState.DECIDED
    evaluation.proposed_level, evaluation.decided_level = sheet.proposal.level, level
    evaluation.reason, evaluation.decision_number, evaluation.decision_date = reason, decision_number, decision_date
    evaluation.decided_by_id, evaluation.decided_at = by.id, clock.now()
    evaluation.evidence = json.dumps([{"result": r.ref, "version": r.version} for r in sheet.results])
    record("evaluation.decided", "evaluation", evaluation.id, level=level.value, proposed=sheet.proposal.level.value)
    db.session.flush()


def renew(evaluation: Evaluation, *, reason: str, by: Account) -> Evaluation:
    """A new version of a decided evaluation, to be scored and decided again; the old one stays as it was."""
    if by.official_id == evaluation.official_id:
        raise Forbidden(_("Không ai tự lập lại bản đánh giá của mình."))
    if evaluation.state is not EvaluationState.DECIDED:
        raise Conflict(_("Bản đánh giá này chưa có quyết định, có thể sửa trực tiếp."))
    if not reason:
        raise Invalid(_("Hãy ghi lý do lập bản mới."), field="reason")
    fresh = Evaluation(
        official_id=evaluation.official_id,
        year=evaluation.year,
        version=evaluation.version + 1,
        scheme_id=evaluation.scheme_id,
        unit_id=evaluation.unit_id,
        position_id=evaluation.position_id,
        worked_months=evaluation.worked_months,
        self_level=evaluation.self_level,
        scores=[EvaluationScore(criterion=s.criterion, value=s.value, by_id=s.by_id) for s in evaluation.scores],
        facts=[_copy(fact) for fact in evaluation.facts],
    )
    db.session.add(fresh)
    db.session.flush()
    record("evaluation.renewed", "evaluation", fresh.id, version=fresh.version, reason=reason)
    return fresh


def _copy(fact: ForcedFact) -> ForcedFact:
    return ForcedFact(
        fact=fact.fact,
        decision_number=fact.decision_number,
        decision_date=fact.decision_date,
        entered_by_id=fact.entered_by_id,
        confirmed_by_id=fact.confirmed_by_id,
        note=fact.note,
    )
