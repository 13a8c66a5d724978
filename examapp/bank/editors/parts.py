"""Rows that several kinds share: options, accepted texts, numbers; and how shares and numbers are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from examapp.bank.editors.base import PartForm
from examapp.bank.editors.rich import Rich, RichField
from examapp.core import text as words
from examapp.core.forms import DecimalField
from examapp.core.words import _, _l
from question_bank import question as domain
from question_bank.kinds.base import letter
from question_bank.kinds.details import FULL

LONGEST = 2000


class OptionForm(PartForm):
    text = RichField(_l("Nội dung phương án"), most=LONGEST)
    correct = BooleanField(_l("Đúng"))
    pinned = BooleanField(_l("Giữ nguyên vị trí"))
    share = DecimalField(_l("Tỷ lệ điểm (%)"), [Optional(), NumberRange(min=-100, max=100)], places=1)
    feedback = StringField(_l("Nhận xét cho người chọn phương án này"), [Length(max=LONGEST)])

    @staticmethod
    def values(option: domain.Option) -> dict[str, Any]:
        return {
            "text": Rich(option.text, option.html),
            "correct": option.correct,
            "pinned": option.pinned,
            "share": percent(option.share),
            "feedback": option.feedback,
        }

    def option(self) -> domain.Option:
        return domain.Option(
            text=self.text.data.text,
            html=self.text.data.html,
            correct=self.correct.data,
            pinned=self.pinned.data,
            share=thousandths(self.share.data),
            feedback=self.feedback.data or "",
        )

    @property
    def is_written(self) -> bool:
        return bool(self.text.data.text or self.correct.data)


class AcceptedForm(PartForm):
    """A text that counts as right."""

    text = StringField(_l("Câu trả lời được chấp nhận"), [Length(max=LONGEST)])
    share = DecimalField(_l("Tỷ lệ điểm (%)"), [Optional(), NumberRange(min=0, max=100)], places=1)
    feedback = StringField(_l("Nhận xét"), [Length(max=LONGEST)])

    @staticmethod
    def values(accepted: Mapping[str, Any]) -> dict[str, Any]:
        return {**accepted, "share": percent(accepted.get("share"))}

    def accepted(self) -> dict[str, Any]:
        return {"text": self.text.data, **extras(self)}

    @property
    def is_written(self) -> bool:
        return bool(self.text.data)


class NumberForm(PartForm):
    """A number or a range that counts as right. Numbers are kept as they are written, with a point."""

    mode = SelectField(_l("Cách so"))
    value = DecimalField(_l("Giá trị"), [Optional()], places=None)
    tolerance = DecimalField(_l("Sai số"), [Optional(), NumberRange(min=0)], places=None)
    low = DecimalField(_l("Từ"), [Optional()], places=None)
    high = DecimalField(_l("Đến"), [Optional()], places=None)
    share = DecimalField(_l("Tỷ lệ điểm (%)"), [Optional(), NumberRange(min=0, max=100)], places=1)
    feedback = StringField(_l("Nhận xét"), [Length(max=LONGEST)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mode.choices = [
            ("absolute", _("Giá trị, sai số tính bằng số")),
            ("relative", _("Giá trị, sai số tính bằng %")),
            ("range", _("Trong khoảng từ … đến …")),
        ]
        self.mode.data = self.mode.data or "absolute"

    @staticmethod
    def values(answer: Mapping[str, Any]) -> dict[str, Any]:
        shared = {"share": percent(answer.get("share")), "feedback": answer.get("feedback", "")}
        if "low" in answer or "high" in answer:
            return {**shared, "mode": "range", "low": number(answer.get("low")), "high": number(answer.get("high"))}
        mode, tolerance = answer.get("mode", "absolute"), number(answer.get("tolerance"))
        if mode == "relative" and tolerance is not None:
            tolerance *= 100
        return {**shared, "mode": mode, "value": number(answer.get("value")), "tolerance": tolerance}

    def answer(self) -> dict[str, Any]:
        if self.mode.data == "range":
            return {"low": plain(self.low.data), "high": plain(self.high.data), **extras(self)}
        found = {"value": plain(self.value.data), "mode": self.mode.data}
        if self.tolerance.data is not None:
            relative = self.mode.data == "relative"
            found["tolerance"] = plain(self.tolerance.data / 100 if relative else self.tolerance.data)
        return {**found, **extras(self)}

    @property
    def is_written(self) -> bool:
        return any(field.data is not None for field in (self.value, self.low, self.high))


def extras(form: Any) -> dict[str, Any]:
    """Share and feedback of an answer, where they are written."""
    found: dict[str, Any] = {}
    if (share := thousandths(form.share.data)) is not None:
        found["share"] = share
    if form.feedback.data:
        found["feedback"] = form.feedback.data
    return found


def number(written: object) -> Decimal | None:
    """A number of the details, for its field; ``None`` for what is none."""
    try:
        return Decimal(str(written)) if written not in (None, "") else None
    except ArithmeticError:
        return None


def plain(value: Decimal | None) -> str:
    """ "12.5": the form in which details keep numbers."""
    if value is None:
        return ""
    fixed = f"{value:f}"
    return fixed.rstrip("0").rstrip(".") if "." in fixed else fixed


def percent(share: int | None) -> Decimal | None:
    return None if share is None else Decimal(share) / 10


def thousandths(share: Decimal | None) -> int | None:
    return None if share is None else int(words.round_half_up(share * 10))


def said_share(share: int | None) -> str:
    """ "50% số điểm"; nothing where a right answer earns everything anyhow."""
    if share is None or share == FULL:
        return ""
    return _("%(share)s%% số điểm", share=words.format_points(share * 100, 1))


def said_number(answer: Mapping[str, Any]) -> str:
    """A right number in words: "12,5 (sai số 0,1)", "từ 1 đến 2"."""
    if "low" in answer or "high" in answer:
        low, high = (comma(plain(number(answer.get(name)))) for name in ("low", "high"))
        said = _("từ %(low)s đến %(high)s", low=low, high=high)
    else:
        said = comma(plain(number(answer.get("value"))))
        tolerance = number(answer.get("tolerance"))
        if tolerance and answer.get("mode") == "relative":
            said = _("%(value)s (sai số %(tolerance)s%%)", value=said, tolerance=comma(plain(tolerance * 100)))
        elif tolerance:
            said = _("%(value)s (sai số %(tolerance)s)", value=said, tolerance=comma(plain(tolerance)))
    return with_notes(said, said_share(answer.get("share")))


def said_accepted(accepted: Mapping[str, Any]) -> str:
    return with_notes(accepted.get("text", ""), said_share(accepted.get("share")))


def comma(written: str) -> str:
    return written.replace(".", ",")


def with_notes(said: str, *notes: str) -> str:
    kept = [note for note in notes if note]
    return f"{said} ({', '.join(kept)})" if kept else said


def feedback_lines(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is said to who answered so, for the lines of a version."""
    return [
        _("Nhận xét %(n)s: %(said)s", n=index, said=row["feedback"])
        for index, row in enumerate(rows, start=1)
        if row.get("feedback")
    ]


def option_lines(options: Sequence[domain.Option], *, right: str) -> list[str]:
    """Options in words; ``right`` is what the right ones are called."""
    found = []
    for index, option in enumerate(options):
        marks = [right if option.correct else "", _("giữ vị trí") if option.pinned else "", said_share(option.share)]
        found.append(with_notes(f"{letter(index)}. {option.text}", *marks))
        if option.feedback:
            found.append(_("Nhận xét %(n)s: %(said)s", n=letter(index), said=option.feedback))
    return found
