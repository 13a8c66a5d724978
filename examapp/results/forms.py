"""Forms of the room results."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from examapp.core.forms import DateField, DecimalField, HouseForm
from examapp.core.text import format_points
from examapp.core.words import _, _l
from examapp.results.by_people import Line
from examapp.results.models import HandMark


class ComputeForm(HouseForm):
    """Computing again after publication says why."""

    reason = StringField(
        _l("Lý do tính lại"),
        validators=[InputRequired(), Length(max=300)],
        description=_l("Người dự thi có kết quả thay đổi sẽ thấy lý do này."),
    )


class ConfirmForm(HouseForm):
    """Nothing to fill in but the token."""


class RecogniseForm(HouseForm):
    number = StringField(
        _l("Số, ký hiệu quyết định"),
        validators=[InputRequired(), Length(max=100)],
        description=_l("Như ghi trên văn bản, ví dụ 125/QĐ-UBND."),
    )
    date = DateField(
        _l("Ngày ban hành quyết định"),
        validators=[InputRequired()],
        description=_l("Dạng ngày/tháng/năm, ví dụ 05/02/2026."),
    )


def mark_form(rubric: Sequence[Line], mark: HandMark | None) -> HouseForm:
    """A field for each line of the rubric and one for a comment, filled in with the mark there is."""
    given = mark.given if mark and len(mark.given) == len(rubric) else [None] * len(rubric)
    fields: dict[str, Any] = {}
    for number, (line, points) in enumerate(zip(rubric, given, strict=True)):
        fields[f"line_{number}"] = DecimalField(
            line.text,
            validators=[InputRequired(), NumberRange(0, Decimal(line.points) / 1000)],
            default=None if points is None else Decimal(points) / 1000,
            description=_("Tối đa %(most)s điểm.", most=format_points(line.points)),
        )
    fields["comment"] = TextAreaField(
        _("Nhận xét"),
        validators=[Length(max=2000)],
        default=mark.comment if mark else "",
        description=_("Người dự thi xem được nhận xét khi kỳ thi công bố đáp án."),
    )
    form: HouseForm = type("MarkForm", (HouseForm,), fields)()
    return form
