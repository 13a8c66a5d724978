"""A number, with a tolerance or within a range, with its unit."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FieldList, FormField, StringField
from wtforms.validators import Length

from examapp.bank.editors.base import BodyForm, Written, forms_of, grow
from examapp.bank.editors.parts import NumberForm, feedback_lines, said_number
from examapp.core.words import _, _l
from question_bank import question as domain

MOST_ANSWERS = 20


class NumericForm(BodyForm):
    kind = "numeric"
    answers = FieldList(FormField(NumberForm), label=_l("Đáp án bằng số"), max_entries=MOST_ANSWERS)
    unit = StringField(
        _l("Đơn vị"), [Length(max=60)], description=_l("Hiện sau ô trả lời, ví dụ triệu đồng. Để trống nếu không có.")
    )
    unit_required = BooleanField(_l("Người dự thi phải ghi cả đơn vị"))

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        details = question.details
        return {
            "answers": [NumberForm.values(answer) for answer in details.get("answers", ())],
            "unit": details.get("unit", ""),
            "unit_required": details.get("unit_required", False),
        }

    def written(self) -> Written:
        details: dict[str, Any] = {"answers": [row.answer() for row in forms_of(self.answers) if row.is_written]}
        if self.unit.data:
            details["unit"] = self.unit.data
        if self.unit_required.data:
            details["unit_required"] = True
        return Written((), details)

    def fill(self, stem: str) -> None:
        grow(self.answers, 1)

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        said = [_("Đáp án: %(answer)s", answer=line) for line in _right(question)]
        return [*said, *_unit(question), *feedback_lines(question.details.get("answers", ()))]

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        return [*_right(question), *_unit(question)]


def _right(question: domain.Question) -> list[str]:
    return [said_number(answer) for answer in question.details.get("answers", ())]


def _unit(question: domain.Question) -> list[str]:
    unit, needed = question.details.get("unit", ""), question.details.get("unit_required")
    if not unit:
        return []
    return [_("Đơn vị: %(unit)s (bắt buộc ghi)", unit=unit) if needed else _("Đơn vị: %(unit)s", unit=unit)]


FORM = NumericForm
