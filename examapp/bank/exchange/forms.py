"""Forms of the exchange: shape only."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf.file import FileField
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from examapp.bank.import_forms import position_pairs
from examapp.bank.labels import bank_choices, state_choices
from examapp.bank.models import BankKind, Topic
from examapp.core.forms import HouseForm, choices
from examapp.core.words import _, _l
from examapp.organisation.models import Position


class PartnerForm(HouseForm):
    name = StringField(_l("Tên nơi trao đổi"), [DataRequired(), Length(max=200)])
    key = TextAreaField(
        _l("Khóa công khai hoặc mã khóa"),
        [DataRequired(), Length(max=500)],
        description=_l(
            "Chép từ trang này ở nơi kia. Nên gọi điện đọc lại mã khóa để chắc chắn không ai thay khóa trên đường."
        ),
    )


class PackageForm(HouseForm):
    file = FileField(_l("Tệp gói (.thuocdo)"))


class PackForm(HouseForm):
    bank = SelectField(_l("Ngân hàng"))
    position = SelectField(_l("Vị trí việc làm"), default="")
    topic = SelectField(_l("Chuyên đề"), default="")
    state = SelectField(_l("Trạng thái"), default="")

    def offer(
        self, banks: Sequence[BankKind], positions: Sequence[Position], topics: Sequence[Topic], *, common: bool
    ) -> None:
        self.bank.choices = bank_choices(banks)
        self.bank.data = self.bank.data or banks[0].value
        every = _("Tất cả trong phạm vi được giao")
        self.position.choices = choices(position_pairs(positions, common=common), empty=every)
        self.topic.choices = choices([(topic.code, topic.name) for topic in topics], empty=_("Mọi chuyên đề"))
        self.state.choices = choices(state_choices(), empty=_("Mọi trạng thái, trừ ngừng dùng"))
        for field in (self.position, self.topic, self.state):
            field.data = field.data or ""
