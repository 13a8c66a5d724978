"""Shape of the room's forms; the rules come back from the services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from examapp.core.forms import DateField, HouseForm
from examapp.core.words import _, _l
from examapp.organisation.labels import LINK_KINDS, POST_REASONS, STAFF_CATEGORIES, UNIT_KINDS
from examapp.organisation.models import LinkKind, Position, Post, PostReason, StaffCategory, UnitKind
from examapp.organisation.posts import Terms, describe


def labelled(labels: dict[Any, str]) -> list[tuple[Any, str]]:
    """Choices of a select from a dictionary of labels."""
    return [(key.value if hasattr(key, "value") else key, _(label)) for key, label in labels.items()]


def day_of(field: DateField) -> date:
    """The day in a required field of a form that was found valid."""
    day: date | None = field.data
    assert day is not None
    return day


class UnitForm(HouseForm):
    """Name, kind and first day, for a new unit and for corrections."""

    name = StringField(_l("Tên đơn vị"), validators=[InputRequired(), Length(max=200)])
    kind = SelectField(_l("Loại đơn vị"), coerce=UnitKind)
    valid_from = DateField(_l("Thành lập từ ngày"), validators=[InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = labelled(UNIT_KINDS)


class NewUnitForm(UnitForm):
    code = StringField(
        _l("Mã đơn vị"),
        validators=[InputRequired(), Length(max=40)],
        description=_l("Chữ không dấu, chữ số và các dấu . _ -"),
    )
    parent = StringField(
        _l("Mã đơn vị cấp trên"),
        validators=[Optional()],
        description=_l("Gõ tên hoặc mã rồi chọn trong danh sách gợi ý."),
    )


class MoveForm(HouseForm):
    parent = StringField(_l("Mã đơn vị cấp trên"), validators=[InputRequired()])
    on = DateField(_l("Từ ngày"), validators=[InputRequired()])


class CloseForm(HouseForm):
    last_day = DateField(_l("Ngày cuối cùng đơn vị còn tồn tại"), validators=[InputRequired()])


class RenameForm(HouseForm):
    code = StringField(
        _l("Mã mới"),
        validators=[InputRequired(), Length(max=40)],
        description=_l("Tên cũ vẫn giữ trong lịch sử, nên tên mới có mã riêng."),
    )
    name = StringField(_l("Tên mới"), validators=[InputRequired(), Length(max=200)])
    kind = SelectField(_l("Loại đơn vị"), coerce=UnitKind)
    on = DateField(_l("Từ ngày"), validators=[InputRequired()])
    legal_basis = StringField(_l("Căn cứ"), validators=[Optional(), Length(max=200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = labelled(UNIT_KINDS)


class MergeForm(HouseForm):
    predecessors = StringField(
        _l("Mã các đơn vị cũ"), validators=[InputRequired()], description=_l("Nhiều mã cách nhau bằng dấu phẩy.")
    )
    successor = StringField(
        _l("Mã đơn vị mới"),
        validators=[InputRequired()],
        description=_l("Đơn vị này phải có sẵn; nếu chưa, hãy thêm đơn vị trước."),
    )
    kind = SelectField(_l("Quan hệ"), coerce=LinkKind)
    on = DateField(_l("Ngày đầu tiên của đơn vị mới"), validators=[InputRequired()])
    legal_basis = StringField(_l("Căn cứ"), validators=[Optional(), Length(max=200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = labelled(LINK_KINDS)


class OfficialForm(HouseForm):
    full_name = StringField(_l("Họ và tên"), validators=[InputRequired(), Length(max=120)])
    given_name = StringField(
        _l("Tên (để xếp danh sách)"),
        validators=[Optional(), Length(max=60)],
        description=_l("Để trống nếu tên gọi là chữ cuối của họ và tên. Danh sách xếp theo tên gọi."),
    )
    staff_category = SelectField(_l("Loại cán bộ"), coerce=StaffCategory)
    birth_date = DateField(_l("Ngày sinh"), validators=[Optional()])
    phone = StringField(_l("Số điện thoại"), validators=[Optional(), Length(max=20)])
    identity_number = StringField(_l("Số định danh cá nhân"), validators=[Optional(), Length(max=20)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff_category.choices = labelled(STAFF_CATEGORIES)

    def values(self) -> dict[str, Any]:
        names = ("full_name", "given_name", "staff_category", "birth_date", "phone", "identity_number")
        return {name: self[name].data for name in names}


class TermsForm(HouseForm):
    """From, to, main or concurrent, why."""

    valid_from = DateField(_l("Từ ngày"), validators=[InputRequired()])
    valid_to = DateField(
        _l("Đến ngày"), validators=[Optional()], description=_l("Ngày cuối cùng; để trống nếu chưa biết.")
    )
    is_primary = RadioField(_l("Chính hay kiêm nhiệm"), coerce=int, default=1)
    reason = SelectField(_l("Lý do"), coerce=PostReason)
    managing_level = StringField(_l("Cấp quản lý"), validators=[Optional(), Length(max=100)])
    decision = StringField(_l("Quyết định"), validators=[Optional(), Length(max=500)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_primary.choices = [(1, _("Vị trí chính")), (0, _("Kiêm nhiệm"))]
        self.reason.choices = labelled(POST_REASONS)

    def terms(self) -> Terms:
        return Terms(
            valid_from=day_of(self.valid_from),
            valid_to=self.valid_to.data,
            is_primary=bool(self.is_primary.data),
            reason=self.reason.data,
            managing_level=self.managing_level.data or "",
            decision=self.decision.data or "",
        )


class PostForm(TermsForm):
    position = SelectField(_l("Vị trí, chức vụ"), coerce=int)
    unit = StringField(
        _l("Mã đơn vị"),
        validators=[InputRequired()],
        description=_l("Gõ tên hoặc mã rồi chọn trong danh sách gợi ý."),
    )

    def offer(self, positions: Iterable[Position]) -> None:
        self.position.choices = [(position.id, position.name) for position in positions]


class NewOfficialForm(OfficialForm, PostForm):
    """A person with the first post, without which nobody of the unit could find the person again."""

    staff_code = StringField(
        _l("Số hiệu"),
        validators=[InputRequired(), Length(max=40)],
        description=_l("Cũng là tên đăng nhập; không trùng với người khác."),
    )


class EndForm(HouseForm):
    last_day = DateField(_l("Ngày cuối cùng giữ vị trí"), validators=[InputRequired()])
    next_primary = SelectField(_l("Vị trí nào trở thành vị trí chính"), coerce=int, default=0)
    decision = StringField(_l("Quyết định"), validators=[Optional(), Length(max=500)])

    def offer(self, others: Iterable[Post]) -> None:
        self.next_primary.choices = [(0, _("Không đổi")), *((post.id, describe(post)) for post in others)]


class ImportForm(HouseForm):
    file = FileField(_l("Tệp Excel"), validators=[FileRequired(_l("Chưa chọn tệp."))])
