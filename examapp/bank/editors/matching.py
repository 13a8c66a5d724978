"""Things on the left, each with what belongs to it; further choices that belong to none."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, FormField, RadioField

from examapp.bank.editors.base import BodyForm, PartForm, Written, forms_of, grow
from examapp.bank.editors.parts import LONGEST
from examapp.bank.editors.rich import Rich, RichField
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds.matching import MOST_CHOICES, MOST_PAIRS

ROWS_AT_FIRST = 3


class PairForm(PartForm):
    left = RichField(_l("Vế trái"), most=LONGEST)
    right = RichField(_l("Ghép với"), most=LONGEST)

    def pair(self) -> dict[str, Any]:
        return {**self.left.data.named("left", "left_html"), **self.right.data.named("right", "right_html")}


class TextForm(PartForm):
    text = RichField(_l("Nội dung"), most=LONGEST)


class MatchingForm(BodyForm):
    kind = "matching"
    pairs = FieldList(FormField(PairForm), label=_l("Các cặp"), max_entries=MOST_PAIRS)
    extra = FieldList(FormField(TextForm), label=_l("Lựa chọn thừa"), max_entries=MOST_CHOICES)
    pairs_scoring = RadioField(_l("Cách chấm"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pairs_scoring.choices = list(ways().items())
        self.pairs_scoring.data = self.pairs_scoring.data if self.pairs_scoring.data in ways() else "each"

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        details = question.details
        return {
            "pairs": [
                {
                    "left": Rich(pair.get("left", ""), pair.get("left_html", "")),
                    "right": Rich(pair.get("right", ""), pair.get("right_html", "")),
                }
                for pair in details.get("pairs", ())
            ],
            "extra": [{"text": Rich(one.get("text", ""), one.get("html", ""))} for one in details.get("extra", ())],
            "pairs_scoring": details.get("scoring", "each"),
        }

    def written(self) -> Written:
        pairs = [row.pair() for row in forms_of(self.pairs) if row.left.data.text or row.right.data.text]
        extra = [row.text.data.named("text", "html") for row in forms_of(self.extra) if row.text.data.text]
        details: dict[str, Any] = {"pairs": pairs}
        if extra:
            details["extra"] = extra
        if self.pairs_scoring.data != "each":
            details["scoring"] = self.pairs_scoring.data
        return Written((), details)

    def fill(self, stem: str) -> None:
        grow(self.pairs, ROWS_AT_FIRST)

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        extra = [one.get("text", "") for one in question.details.get("extra", ())]
        return [
            *_said_pairs(question),
            *(_("Lựa chọn thừa: %(said)s", said=text) for text in extra),
            _said_way(question),
        ]

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        usual = question.details.get("scoring", "each") == "each"
        return [*sorted(_said_pairs(question)), *([] if usual else [_said_way(question)])]


def ways() -> dict[str, str]:
    return {"each": _("Mỗi cặp ghép đúng được một phần điểm"), "all": _("Ghép đúng mọi cặp mới được điểm")}


def _said_pairs(question: domain.Question) -> list[str]:
    return [f"{pair.get('left', '')} → {pair.get('right', '')}" for pair in question.details.get("pairs", ())]


def _said_way(question: domain.Question) -> str:
    known = ways()
    return _("Cách chấm: %(way)s", way=known.get(question.details.get("scoring", ""), known["each"]))


FORM = MatchingForm
