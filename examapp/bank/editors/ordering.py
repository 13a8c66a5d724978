"""Steps to be put into their order."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, FormField, RadioField

from examapp.bank.editors.base import BodyForm, Written, forms_of, grow
from examapp.bank.editors.matching import TextForm
from examapp.bank.editors.rich import Rich
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds.ordering import MOST_ITEMS

ROWS_AT_FIRST = 3


class OrderingForm(BodyForm):
    kind = "ordering"
    items = FieldList(FormField(TextForm), label=_l("Các bước theo đúng thứ tự"), max_entries=MOST_ITEMS)
    items_scoring = RadioField(_l("Cách chấm"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items_scoring.choices = list(ways().items())
        self.items_scoring.data = self.items_scoring.data if self.items_scoring.data in ways() else "exact"

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        rows = question.details.get("items", ())
        return {
            "items": [{"text": Rich(row.get("text", ""), row.get("html", ""))} for row in rows],
            "items_scoring": question.details.get("scoring", "exact"),
        }

    def written(self) -> Written:
        rows = [row.text.data.named("text", "html") for row in forms_of(self.items) if row.text.data.text]
        return Written((), {"items": rows, **({"scoring": "pairs"} if self.items_scoring.data == "pairs" else {})})

    def fill(self, stem: str) -> None:
        grow(self.items, ROWS_AT_FIRST)

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        return [*_said_items(question), _said_way(question)]

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        usual = question.details.get("scoring", "exact") == "exact"
        return [*_said_items(question), *([] if usual else [_said_way(question)])]


def ways() -> dict[str, str]:
    return {
        "exact": _("Đúng toàn bộ thứ tự mới được điểm"),
        "pairs": _("Mỗi cặp bước đứng liền nhau đúng thứ tự được một phần điểm"),
    }


def _said_items(question: domain.Question) -> list[str]:
    return [f"{n}. {row.get('text', '')}" for n, row in enumerate(question.details.get("items", ()), start=1)]


def _said_way(question: domain.Question) -> str:
    known = ways()
    return _("Cách chấm: %(way)s", way=known.get(question.details.get("scoring", ""), known["exact"]))


FORM = OrderingForm
