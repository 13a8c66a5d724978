"""A statement that is right or wrong."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, StringField
from wtforms.validators import Length

from examapp.bank.editors.base import BodyForm, Written
from examapp.bank.editors.parts import LONGEST, option_lines
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds import true_false
from question_bank.kinds.base import Order

TEXTS = {"true": true_false.TRUE, "false": true_false.FALSE}


class TrueFalseForm(BodyForm):
    kind = "true_false"
    answer = RadioField(_l("Đáp án"))
    feedback_true = StringField(_l("Nhận xét cho người chọn Đúng"), [Length(max=LONGEST)])
    feedback_false = StringField(_l("Nhận xét cho người chọn Sai"), [Length(max=LONGEST)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answer.choices = [("true", _("Đúng")), ("false", _("Sai"))]
        self.answer.validate_choice = False  # not answered yet: the kind's check says so

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        by_text = {option.text: option for option in question.options}
        found: dict[str, Any] = {}
        for name, text in TEXTS.items():
            option = by_text.get(text)
            if option is not None and option.correct:
                found["answer"] = name
            found[f"feedback_{name}"] = option.feedback if option else ""
        return found

    def written(self) -> Written:
        return Written(
            tuple(
                domain.Option(text, correct=self.answer.data == name, feedback=self[f"feedback_{name}"].data or "")
                for name, text in TEXTS.items()
            )
        )

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        return option_lines(question.options, right=_("đáp án"))

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        return [option.text for option in question.options if option.correct]

    @classmethod
    def order(cls, question: domain.Question) -> Order:
        return tuple(range(len(question.options)))


FORM = TrueFalseForm
