"""Forms of the room results."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from examapp.core.forms import DateField, HouseForm
from examapp.core.words import _l


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
