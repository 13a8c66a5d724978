"""What the editors of kinds with options share."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, FormField, RadioField

from examapp.bank.editors.base import BodyForm, Written, forms_of, grow
from examapp.bank.editors.parts import OptionForm, option_lines, said_share, with_notes
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds.base import MOST_OPTIONS, Order

ROWS_AT_FIRST = 4


class OptionsForm(BodyForm):
    options = FieldList(FormField(OptionForm), label=_l("Phương án"), max_entries=MOST_OPTIONS)
    scoring = RadioField(_l("Cách chấm"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scoring.choices = self.ways()
        if self.scoring.data not in dict(self.ways()):
            self.scoring.data = self.ways()[0][0]

    @classmethod
    def ways(cls) -> list[tuple[str, str]]:
        """Ways of marking in plain words, the usual one first: that one is not written down."""
        raise NotImplementedError

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        return {
            "options": [OptionForm.values(option) for option in question.options],
            "scoring": question.details.get("scoring", cls.ways()[0][0]),
        }

    def written(self) -> Written:
        options = tuple(row.option() for row in forms_of(self.options) if row.is_written)
        usual = self.scoring.data == self.ways()[0][0]
        return Written(options, {} if usual or not self.scoring.data else {"scoring": self.scoring.data})

    def fill(self, stem: str) -> None:
        grow(self.options, ROWS_AT_FIRST)

    @classmethod
    def said_way(cls, question: domain.Question) -> str:
        ways = cls.ways()
        return _("Cách chấm: %(way)s", way=dict(ways).get(question.details.get("scoring", ""), ways[0][1]))

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        return [*option_lines(question.options, right=_("đáp án")), cls.said_way(question)]

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        weighed = question.details.get("scoring") == "weights"
        right = [
            with_notes(option.text, said_share(option.share) if weighed else "")
            for option in question.options
            if option.correct or (weighed and option.share)
        ]
        usual = cls.ways()[0][0]
        said = [] if question.details.get("scoring", usual) == usual else [cls.said_way(question)]
        return [*sorted(right), *said]

    @classmethod
    def order(cls, question: domain.Question) -> Order:
        """As written: the letters in the editor are those of the preview."""
        return tuple(range(len(question.options)))
