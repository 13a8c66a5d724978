"""One situation, several questions about it that travel together."""

from __future__ import annotations

from decimal import Decimal
from itertools import zip_longest
from typing import Any

from wtforms import FieldList, FormField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from examapp.bank.editors import forms
from examapp.bank.editors.base import BodyForm, PartForm, Written, forms_of, grow
from examapp.bank.editors.body import BodyField
from examapp.bank.editors.rich import Rich, RichField
from examapp.core.forms import DecimalField
from examapp.core.text import format_points
from examapp.core.words import _, _l, gettext
from question_bank import question as domain
from question_bank.kinds import CASE, KINDS
from question_bank.kinds.base import Order
from question_bank.kinds.case import MOST_QUESTIONS


class SubQuestionForm(PartForm):
    kind = SelectField(_l("Loại câu hỏi"))
    stem = RichField(_l("Câu dẫn"), most=5000)
    points = DecimalField(
        _l("Điểm"), [InputRequired(), NumberRange(min=Decimal("0.001"), max=100)], places=3, default=Decimal(1)
    )
    body = BodyField(nested=True)
    explanation = TextAreaField(_l("Giải thích đáp án"), [Length(max=5000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(name, gettext(KINDS[name].label)) for name in forms(nested=True)]
        self.kind.data = self.kind.data or next(iter(forms(nested=True)))
        if not self.points.raw_data and self.points.data is None:
            self.points.data = Decimal(1)

    @staticmethod
    def values(question: domain.Question) -> dict[str, Any]:
        return {
            "kind": question.kind,
            "stem": Rich(question.stem, question.stem_html),
            "points": Decimal(question.points) / 1000,
            "body": question,
            "explanation": question.explanation,
        }

    def question(self) -> domain.Question:
        options, details = self.body.form.written()
        return domain.Question(
            kind=self.body.form.kind,
            stem=self.stem.data.text,
            stem_html=self.stem.data.html,
            options=options,
            details=details,
            explanation=self.explanation.data or "",
            points=int((self.points.data or Decimal(1)) * 1000),
        )


class CaseForm(BodyForm):
    kind = "case"
    questions = FieldList(FormField(SubQuestionForm), label=_l("Các câu của tình huống"), max_entries=MOST_QUESTIONS)

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        return {"questions": [SubQuestionForm.values(one) for one in CASE.parts(question)]}

    @classmethod
    def same(cls, one: domain.Question, other: domain.Question) -> bool:
        pairs = zip_longest(CASE.parts(one), CASE.parts(other))
        return all(left and right and _alike(left, right) for left, right in pairs)

    def written(self) -> Written:
        return Written((), {"questions": [row.question().as_json() for row in forms_of(self.questions)]})

    def fill(self, stem: str) -> None:
        grow(self.questions, 2)
        for row in forms_of(self.questions):
            row.body.form.fill(row.stem.data.text)

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        found: list[str] = []
        for number, one in enumerate(CASE.parts(question), start=1):
            points = format_points(one.points, 3)
            found.append(_("Ý %(n)s (%(points)s điểm): %(stem)s", n=number, points=points, stem=one.stem))
            found += forms()[one.kind].lines(one)
        return found

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        return [
            _("Ý %(n)s: %(line)s", n=number, line=line)
            for number, one in enumerate(CASE.parts(question), start=1)
            for line in forms()[one.kind].key(one)
        ]

    @classmethod
    def order(cls, question: domain.Question) -> Order:
        return tuple((one.kind, forms()[one.kind].order(one)) for one in CASE.parts(question))


def _alike(one: domain.Question, other: domain.Question) -> bool:
    fields = ("kind", "stem", "stem_html", "points", "explanation")
    return all(getattr(one, name) == getattr(other, name) for name in fields) and forms()[one.kind].same(one, other)


FORM = CaseForm
