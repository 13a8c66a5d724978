"""Forms of the import: shape only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_wtf.file import FileField, MultipleFileField
from wtforms import SelectField
from wtforms.validators import Optional

from examapp.bank.filtering import COMMON
from examapp.bank.forms import ContentForm
from examapp.bank.labels import bank_choices, level_choices
from examapp.bank.models import BankKind, Topic
from examapp.core.forms import HouseForm, choices
from examapp.core.words import _, _l
from examapp.organisation.models import Position
from question_bank import question as domain


def position_pairs(positions: Sequence[Position], *, common: bool) -> list[tuple[str, str]]:
    shared = [(COMMON, _("Dùng chung cho mọi vị trí"))] if common else []
    return [*shared, *((position.code, position.name) for position in positions)]


class ImportForm(HouseForm):
    file = MultipleFileField(
        _l("Tệp câu hỏi"),
        description=_l("Một hay nhiều tệp, hoặc một tệp nén .zip. Hệ thống tự nhận dạng theo nội dung."),
    )
    key = FileField(
        _l("Tệp đáp án"),
        [Optional()],
        description=_l("Chỉ khi đáp án nằm ở tệp riêng; dùng cho một tệp câu hỏi."),
    )
    bank = SelectField(_l("Ngân hàng"))
    position = SelectField(_l("Vị trí việc làm"), description=_l("Dùng cho câu không ghi vị trí trong tệp."))
    topic = SelectField(_l("Chuyên đề"), description=_l("Dùng cho câu không ghi chuyên đề trong tệp."))
    level = SelectField(_l("Mức độ"), description=_l("Dùng cho câu không ghi mức độ trong tệp."))

    def offer(
        self, positions: Sequence[Position], topics: Sequence[Topic], banks: Sequence[BankKind], *, common: bool
    ) -> None:
        self.bank.choices = bank_choices(banks)
        self.bank.data = self.bank.data or banks[0].value
        self.position.choices = position_pairs(positions, common=common)
        self.topic.choices = choices([(topic.code, topic.name) for topic in topics], empty=_("Xếp sau"))
        self.level.choices = level_choices()


class MendForm(ContentForm):
    """One question of a file, written right."""

    position = SelectField(_l("Vị trí việc làm"))

    def offer_places(self, topics: Sequence[Topic], positions: Sequence[Position]) -> None:
        self.offer(topics)
        self.level.choices = choices(level_choices(), empty=_("Theo lựa chọn chung của tệp"))
        topic_pairs = [(topic.code, topic.name) for topic in topics]
        self.topic.choices = choices(topic_pairs, empty=_("Theo lựa chọn chung của tệp"))
        self.position.choices = choices(position_pairs(positions, common=False), empty=_("Theo lựa chọn chung của tệp"))

    def show(self, question: domain.Question) -> None:
        self.show_content(question)
        self.level.data = question.level.value if question.level else ""
        self.topic.data = question.topic if question.topic in _values(self.topic) else ""
        self.position.data = question.positions[0] if question.positions else ""
        self.fill_rows()

    def question(self, before: domain.Question) -> domain.Question:
        """What is typed; citations, explanation and the like stay as the file says them."""
        several = [code for code in before.positions if code in _values(self.position)]
        same = self.position.data and self.position.data in several
        chosen = (self.position.data,) if self.position.data else ()
        return replace(
            self.written(before),
            level=domain.Level(self.level.data) if self.level.data else None,
            topic=self.topic.data or "",
            positions=tuple(several) if same else chosen,
        )


def _values(field: SelectField) -> set[str]:
    return {value for value, *_rest in field.iter_choices()}
