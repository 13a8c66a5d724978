"""Whose decisions about a round's sittings are the council's."""

from __future__ import annotations

from examapp.accounts.models import Account
from examapp.core.errors import Conflict, Forbidden
from examapp.core.words import _
from examapp.rounds.board import members_of
from examapp.rounds.models import BoardRole, ExamRound, RoundState
from examapp.rounds.services import may_edit


def may_decide(exam_round: ExamRound, person: Account) -> bool:
    """The chair decides; where none is named, whoever organises the round."""
    chairs = [member.account_id for member in members_of(exam_round.id) if member.role is BoardRole.CHAIR]
    return person.id in chairs if chairs else may_edit(exam_round, person)


def require_may_decide(exam_round: ExamRound, person: Account) -> None:
    """Refuse whoever is not the council, and what comes after the results were recognised."""
    if not may_decide(exam_round, person):
        raise Forbidden(
            _("Chỉ chủ tịch hội đồng thi quyết định việc này."),
            advice=_("Kỳ thi chưa có chủ tịch hội đồng thì người tổ chức kỳ thi quyết định."),
        )
    if exam_round.state is RoundState.RECOGNISED:
        raise Conflict(
            _("Kết quả kỳ thi đã được công nhận nên hội đồng không quyết định thêm được."),
            advice=_("Muốn thay đổi, cần một quyết định mới của cấp có thẩm quyền."),
        )
    if exam_round.state is RoundState.CANCELLED:
        raise Conflict(_("Kỳ thi đã hủy nên không còn gì để quyết định."))
