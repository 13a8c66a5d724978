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
        return [*cls.key(question), *feedback_lines(question.details.get("accepted", ()))]

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        details = question.details
        said = [_("Đáp án: %(answer)s", answer=said_accepted(one)) for one in details.get("accepted", ())]
        if details.get("match_case"):
            said.append(_("Phân biệt chữ hoa, chữ thường"))
        if not details.get("match_marks", True):
            said.append(_("Chấp nhận cả khi viết không dấu"))
        return said


FORM = ShortTextForm
