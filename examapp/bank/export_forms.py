"""Form of the export: shape only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wtforms import SelectField

from examapp.bank.exports import choices_of_format
from examapp.bank.import_forms import position_pairs
from examapp.bank.labels import state_choices
from examapp.bank.models import Topic
from examapp.core.forms import HouseForm, choices
from examapp.core.words import _, _l
from examapp.organisation.models import Position


class ExportForm(HouseForm):
    format = SelectField(_l("Định dạng"))
    position = SelectField(_l("Vị trí việc làm"), default="")
    topic = SelectField(_l("Chuyên đề"), default="")
    state = SelectField(_l("Trạng thái"), default="")

    def offer(self, positions: Sequence[Position], topics: Sequence[Topic], *, common: bool) -> None:
        every = _("Tất cả trong phạm vi được giao")
        self.format.choices = choices_of_format()
        self.position.choices = choices(position_pairs(positions, common=common), empty=every)
        self.topic.choices = choices([(topic.code, topic.name) for topic in topics], empty=_("Mọi chuyên đề"))
        self.state.choices = choices(state_choices(), empty=_("Mọi trạng thái, trừ ngừng dùng"))
        for field in (self.position, self.topic, self.state):
            field.data = field.data or ""

    def show(self, filters: Mapping[str, str]) -> None:
        """The filters of the list it was reached from."""
        for field in (self.position, self.topic, self.state):
            field.data = filters.get(field.name, "")
