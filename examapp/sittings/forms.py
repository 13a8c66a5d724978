"""Forms of the room: shape only."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length, NumberRange

from examapp.core.forms import HouseForm, IntegerField
from examapp.core.words import _l


class ExtensionForm(HouseForm):
    """More time, with its reason."""

    minutes = IntegerField(
        _l("Số phút cộng thêm"),
        validators=[InputRequired(), NumberRange(min=1, max=240)],
        description=_l("Từ 1 đến 240."),
    )
    reason = StringField(
        _l("Lý do"),
        validators=[InputRequired(), Length(max=300)],
        description=_l("Người dự thi đọc được dòng này, ví dụ: Mất điện từ 8 giờ 10 đến 8 giờ 25."),
    )
