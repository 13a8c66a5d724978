"""A text with gaps: each a list to choose from, words or a number to type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, FieldList, FormField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from examapp.bank.editors.base import BodyForm, PartForm, Written, forms_of, grow
from examapp.bank.editors.parts import (
    LONGEST,
    AcceptedForm,
    NumberForm,
    extras,
    feedback_lines,
    percent,
    said_accepted,
    said_number,
    said_share,
    with_notes,
)
from examapp.core.forms import DecimalField, IntegerField
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds.base import MOST_OPTIONS
from question_bank.kinds.gap_text import MARKER, MOST_GAPS


class ChoiceForm(PartForm):
    text = StringField(_l("Lựa chọn"), [Length(max=LONGEST)])
    correct = BooleanField(_l("Đúng"))
    pinned = BooleanField(_l("Giữ nguyên vị trí"))
    share = DecimalField(_l("Tỷ lệ điểm (%)"), [Optional(), NumberRange(min=0, max=100)], places=1)
    feedback = StringField(_l("Nhận xét"), [Length(max=LONGEST)])

    def choice(self) -> dict[str, Any]:
        found = {"text": self.text.data, "correct": self.correct.data, **extras(self)}
        return {**found, "pinned": True} if self.pinned.data else found


class GapForm(PartForm):
    mode = SelectField(_l("Cách trả lời"))
    points = IntegerField(_l("Trọng số"), [Optional(), NumberRange(min=1, max=100)])
    choices = FieldList(FormField(ChoiceForm), label=_l("Các lựa chọn"), max_entries=MOST_OPTIONS * 2)
    accepted = FieldList(FormField(AcceptedForm), label=_l("Câu trả lời được chấp nhận"), max_entries=MOST_OPTIONS)
    numeric = FieldList(FormField(NumberForm), label=_l("Đáp án bằng số"), max_entries=MOST_OPTIONS)
    match_case = BooleanField(_l("Phân biệt chữ hoa, chữ thường"))
    ignore_marks = BooleanField(_l("Chấp nhận cả khi viết không dấu"))
    unit = StringField(_l("Đơn vị"), [Length(max=60)], description=_l("Được phép ghi sau số; để trống nếu không có."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mode.choices = list(modes().items())
        self.mode.data = self.mode.data if self.mode.data in modes() else "choices"

    @staticmethod
    def values(gap: Mapping[str, Any]) -> dict[str, Any]:
        mode = next((name for name in modes() if name in gap), "choices")
        return {
            "mode": mode,
            "points": None if gap.get("points") == 1 else gap.get("points"),
            "choices": [{**one, "share": percent(one.get("share"))} for one in gap.get("choices", ())],
            "accepted": [AcceptedForm.values(one) for one in gap.get("accepted", ())],
            "numeric": [NumberForm.values(one) for one in gap.get("numeric", ())],
            "match_case": gap.get("match_case", False),
            "ignore_marks": not gap.get("match_marks", True),
            "unit": gap.get("unit", ""),
        }

    def gap(self) -> dict[str, Any]:
        rows: list[dict[str, Any]]
        if self.mode.data == "accepted":
            rows = [row.accepted() for row in forms_of(self.accepted) if row.is_written]
        elif self.mode.data == "numeric":
            rows = [row.answer() for row in forms_of(self.numeric) if row.is_written]
        else:
            rows = [row.choice() for row in forms_of(self.choices) if row.text.data]
        found: dict[str, Any] = {self.mode.data: rows}
        if self.points.data and self.points.data != 1:
            found["points"] = self.points.data
        return {**found, **self._ways_of_comparing()}

    def _ways_of_comparing(self) -> dict[str, Any]:
        if self.mode.data == "numeric":
            return {"unit": self.unit.data} if self.unit.data else {}
        if self.mode.data != "accepted":
            return {}
        case = {"match_case": True} if self.match_case.data else {}
        return {**case, "match_marks": False} if self.ignore_marks.data else case

    def fill(self) -> None:
        grow({"choices": self.choices, "accepted": self.accepted, "numeric": self.numeric}[self.mode.data], 1)


class GapTextForm(BodyForm):
    kind = "gap_text"
    gaps = FieldList(FormField(GapForm), label=_l("Các chỗ trống"), max_entries=MOST_GAPS)

    @classmethod
    def values(cls, question: domain.Question) -> dict[str, Any]:
        return {"gaps": [GapForm.values(gap) for gap in question.details.get("gaps", ())]}

    def written(self) -> Written:
        return Written((), {"gaps": [row.gap() for row in forms_of(self.gaps)]})

    def fill(self, stem: str) -> None:
        """A row for each gap that the stem names."""
        named = [int(number) for number in MARKER.findall(stem) if int(number) <= MOST_GAPS]
        while len(self.gaps) < max([1, *named]):
            self.gaps.append_entry()
        for row in forms_of(self.gaps):
            row.fill()

    @classmethod
    def lines(cls, question: domain.Question) -> list[str]:
        found = []
        for number, gap in enumerate(question.details.get("gaps", ()), start=1):
            said = [one["text"] for one in gap.get("choices", ())]
            if said:
                found.append(_("Chỗ trống %(n)s, lựa chọn: %(texts)s", n=number, texts="; ".join(said)))
            found.append(said_gap(number, gap))
            found += feedback_lines([*gap.get("choices", ()), *gap.get("accepted", ()), *gap.get("numeric", ())])
        return found

    @classmethod
    def key(cls, question: domain.Question) -> list[str]:
        return [said_gap(number, gap) for number, gap in enumerate(question.details.get("gaps", ()), start=1)]


def modes() -> dict[str, str]:
    return {"choices": _("Chọn trong danh sách"), "accepted": _("Gõ chữ"), "numeric": _("Gõ số")}


def said_gap(number: int, gap: Mapping[str, Any]) -> str:
    """What is right in a gap, in words."""
    right = [
        *(
            with_notes(one.get("text", ""), said_share(one.get("share")))
            for one in gap.get("choices", ())
            if one.get("correct") or one.get("share")
        ),
        *map(said_accepted, gap.get("accepted", ())),
        *map(said_number, gap.get("numeric", ())),
    ]
    weight = gap.get("points", 1)
    notes = [_("trọng số %(n)s", n=weight) if weight != 1 else ""]
    notes.append(_("phân biệt chữ hoa, chữ thường") if gap.get("match_case") else "")
    notes.append("" if gap.get("match_marks", True) else _("chấp nhận cả khi viết không dấu"))
    notes.append(_("đơn vị %(unit)s", unit=gap["unit"]) if gap.get("unit") else "")
    said = _("Chỗ trống %(n)s, đáp án: %(texts)s", n=number, texts="; ".join(right) or "–")
    return with_notes(said, *notes)


FORM = GapTextForm
