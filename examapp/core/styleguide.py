"""The form of the page that shows every macro: one field of each kind, some of them with an error."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from examapp.core.forms import DateField, DecimalField, HouseForm, MomentField, choices
from examapp.core.words import _l

LEVELS = choices([("recognise", _l("Nhận biết")), ("understand", _l("Thông hiểu")), ("apply", _l("Vận dụng"))])


class SampleForm(HouseForm):
    name = StringField(_l("Tên kỳ thi"), [InputRequired(), Length(max=120)])
    code = StringField(_l("Ký hiệu"), [Optional()], description=_l("Chữ in và số, ví dụ KT-2026-04."))
    basis = TextAreaField(_l("Căn cứ"), description=_l("Số, ngày, tên văn bản; mỗi dòng một văn bản."))
    opens_on = DateField(_l("Ngày thi"), [InputRequired()])
    starts_at = MomentField(_l("Giờ bắt đầu ca thi"))
    minutes = IntegerField(_l("Thời gian làm bài (phút)"), [NumberRange(min=5, max=240)])
    pass_mark = DecimalField(_l("Điểm đạt"), [Optional()])
    level = SelectField(_l("Mức độ"), choices=LEVELS)
    purpose = RadioField(
        _l("Mục đích"), choices=choices([("official", _l("Chính thức")), ("rehearsal", _l("Thi thử"))])
    )
    shifts = SelectMultipleField(
        _l("Ca thi"),
        choices=choices([("morning", _l("Buổi sáng")), ("afternoon", _l("Buổi chiều"))]),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    list_file = FileField(_l("Danh sách người dự thi"), description=_l("Tệp .xlsx theo mẫu."))
    show_answers = BooleanField(_l("Cho xem đáp án sau khi công bố kết quả"))


def sample_form() -> SampleForm:
    """Filled in with some mistakes, so that the errors can be seen."""
    entered = MultiDict(
        {
            "name": "",
            "code": "KT-2026-04",
            "opens_on": "32/13/2026",
            "minutes": "3",
            "pass_mark": "5,5",
            "level": "apply",
        }
    )
    form = SampleForm(formdata=entered, meta={"csrf": False})
    form.validate()
    return form
