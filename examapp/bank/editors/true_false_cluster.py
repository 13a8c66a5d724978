"""Statements that are each right or wrong; marks by the number judged rightly, after a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import FieldList, FormField, RadioField
from wtforms.validators import NumberRange, Optional

from examapp.bank.editors.base import BodyForm, Written, forms_of, grow
from examapp.bank.editors.parts import OptionForm, option_lines, percent, thousandths
from examapp.core.forms import DecimalField
from examapp.core.text import format_points
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds.base import MOST_OPTIONS, Order
from question_bank.kinds.details import FULL
from question_bank.kinds.true_false_cluster import table_of

ROWS_AT_FIRST = 4


class ClusterForm(BodyForm):
    kind = "true_false_cluster"
    statements = FieldList(FormField(OptionForm), label=_l("Các ý"), max_entries=MOST_OPTIONS)
    scale = RadioField(_l("Thang điểm theo số ý đúng"))
    table = FieldList(
        DecimalField(_l("Phần trăm số điểm"), [Optional(), NumberRange(min=0, max=100)], places=1),
        label=_l("Thang điểm"),
        max_entries=MOST_OPTIONS + 1,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale.choices = [("usual", _("Theo thang thường dùng")), ("own", _("Tự đặt thang điểm"))]
        self.scale.data = self.scale.data or "usual"

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        own = question.details.get("table")
        return {
            "statements": [OptionForm.values(option) for option in question.options],
            "scale": "own" if own else "usual",
            "table": [percent(share) for share in table_of(question)] if own else [],
        }

    def written(self) -> Written:
        options = tuple(row.option() for row in forms_of(self.statements) if row.is_written)
        if self.scale.data != "own":
            return Written(options)
        return Written(options, {"table": [thousandths(share) or 0 for share in self._shares(len(options))]})

    def _shares(self, statements: int) -> Sequence[Any]:
        """One share for each number of right ones from 0; what is missing is as usual."""
        usual = [percent(share) for share in usual_table(statements)]
        typed = [entry.data for entry in self.table.entries]
        return [
            typed[n] if n < len(typed) and typed[n] is not None else usual[n] if n < len(usual) else None
            for n in range(statements + 1)
        ]

    def fill(self, stem: str) -> None:
        """As many rows of the table as there are statements, and one; in the usual scale, its shares."""
        grow(self.statements, ROWS_AT_FIRST)
        wanted = len(self.statements) + 1
        shares = self._shares(wanted - 1) if self.scale.data == "own" else map(percent, usual_table(wanted - 1))
        if self.scale.data != "own" or len(self.table) != wanted:
            self.table.process(None, list(shares))

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        table = table_of(question) or usual_table(len(question.options))
        said = _("Thang điểm: %(table)s", table=said_table(table))
        return [*option_lines(question.options, right=_("đúng")), said]

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        judged = sorted(f"{option.text}: {_('đúng') if option.correct else _('sai')}" for option in question.options)
        own = table_of(question) if question.details.get("table") else ()
        return [*judged, *([_("Thang điểm: %(table)s", table=said_table(own))] if own else [])]

    @classmethod
    def order(cls, question: domain.Question) -> Order:
        return tuple(range(len(question.options)))


def usual_table(statements: int) -> Sequence[int]:
    """What counts for so many statements without a table of their own."""
    known = table_of(domain.Question("true_false_cluster", "", (domain.Option(""),) * statements))
    return known or [FULL * right // max(1, statements) for right in range(statements + 1)]


def said_table(table: Sequence[int]) -> str:
    """ "0 ý 0%, 1 ý 10%, …"."""
    shares = (format_points(share * 100, 1) for share in table)
    return ", ".join(_("%(n)s ý %(share)s%%", n=n, share=share) for n, share in enumerate(shares))


FORM = ClusterForm
