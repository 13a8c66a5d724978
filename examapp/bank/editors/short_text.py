"""A few words, compared with accepted ones."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FieldList, FormField

from examapp.bank.editors.base import BodyForm, Written, forms_of, grow
from examapp.bank.editors.parts import AcceptedForm, feedback_lines, said_accepted
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds.short_text import MOST_ACCEPTED


class ShortTextForm(BodyForm):
    kind = "short_text"
    accepted = FieldList(FormField(AcceptedForm), label=_l("Câu trả lời được chấp nhận"), max_entries=MOST_ACCEPTED)
    match_case = BooleanField(_l("Phân biệt chữ hoa, chữ thường"))
    ignore_marks = BooleanField(_l("Chấp nhận cả khi viết không dấu"))

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        details = question.details
        return {
            "accepted": [AcceptedForm.values(one) for one in details.get("accepted", ())],
            "match_case": details.get("match_case", False),
            "ignore_marks": not details.get("match_marks", True),
        }

    def written(self) -> Written:
        details: dict[str, Any] = {"accepted": [row.accepted() for row in forms_of(self.accepted) if row.is_written]}
        if self.match_case.data:
            details["match_case"] = True
        if self.ignore_marks.data:
            details["match_marks"] = False
        return Written((), details)

    def fill(self, stem: str) -> None:
        grow(self.accepted, 2)

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        said = [_("Đáp án: %(answer)s", answer=line) for line in _right(question)]
        return [*said, *_rules(question), *feedback_lines(question.details.get("accepted", ()))]

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        return [*_right(question), *_rules(question)]


def _right(question: domain.Question) -> list[str]:
    return [said_accepted(one) for one in question.details.get("accepted", ())]


def _rules(question: domain.Question) -> list[str]:
    """How answers are compared, where it is not the usual way."""
    case = [_("Phân biệt chữ hoa, chữ thường")] if question.details.get("match_case") else []
    return case if question.details.get("match_marks", True) else [*case, _("Chấp nhận cả khi viết không dấu")]


FORM = ShortTextForm
