"""An answer in the candidate's own words, marked by people with a rubric."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wtforms import FieldList, FormField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from examapp.bank.editors.base import BodyForm, PartForm, Written, forms_of, grow
from examapp.bank.editors.parts import LONGEST
from examapp.core.forms import DecimalField, IntegerField
from examapp.core.text import format_points
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds.essay import MOST_WORDS

MOST_CRITERIA = 20


class CriterionForm(PartForm):
    text = TextAreaField(_l("Ý cần có"), [Length(max=LONGEST)])
    points = DecimalField(_l("Điểm"), [Optional(), NumberRange(min=0, max=100)], places=3)

    def criterion(self) -> dict[str, Any]:
        return {"text": self.text.data, "points": int((self.points.data or Decimal(0)) * 1000)}


class EssayForm(BodyForm):
    kind = "essay"
    rubric = FieldList(FormField(CriterionForm), label=_l("Hướng dẫn chấm"), max_entries=MOST_CRITERIA)
    words = IntegerField(
        _l("Số từ tối đa"),
        [Optional(), NumberRange(min=1, max=MOST_WORDS)],
        description=_l("Để trống nếu không giới hạn."),
    )
    height = IntegerField(_l("Số dòng của ô trả lời"), [Optional(), NumberRange(min=2, max=60)])

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        details = question.details
        rubric = [
            {"text": row.get("text", ""), "points": Decimal(row.get("points", 0)) / 1000}
            for row in details.get("rubric", ())
        ]
        return {"rubric": rubric, "words": details.get("words"), "height": details.get("lines")}

    def written(self) -> Written:
        details: dict[str, Any] = {"rubric": [row.criterion() for row in forms_of(self.rubric) if row.text.data]}
        if self.words.data:
            details["words"] = self.words.data
        if self.height.data:
            details["lines"] = self.height.data
        return Written((), details)

    def fill(self, stem: str) -> None:
        grow(self.rubric, 2)

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        found = cls.key(question)
        if words := question.details.get("words"):
            found.append(_("Số từ tối đa: %(n)s", n=words))
        if lines := question.details.get("lines"):
            found.append(_("Số dòng của ô trả lời: %(n)s", n=lines))
        return found

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        return [
            _("Hướng dẫn chấm: %(said)s (%(points)s điểm)", said=row.get("text", ""), points=_points(row))
            for row in question.details.get("rubric", ())
        ]


def _points(row: Mapping[str, Any]) -> str:
    return format_points(row.get("points", 0), 3)


FORM = EssayForm
