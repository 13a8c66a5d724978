"""Forms of import and export: shape only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from examapp.bank.forms import ROWS_AT_FIRST, ContentForm
from examapp.bank.items import ImportItem
from examapp.bank.labels import level_choices, state_choices
from examapp.bank.listing import COMMON
from examapp.bank.models import Topic
from examapp.core.forms import HouseForm, choices
from examapp.core.words import _, _l, in_language
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.formats import FORMATS


def position_pairs(positions: Sequence[Position], *, common: bool) -> list[tuple[str, str]]:
    shared = [(COMMON, _("Dùng chung cho mọi vị trí"))] if common else []
    return [*shared, *((position.code, position.name) for position in positions)]


class ImportForm(HouseForm):
    file = FileField(
        _l("Tệp câu hỏi"),
        [FileRequired(_l("Hãy chọn tệp Word, Excel hoặc GIFT."))],
        description=_l("Tệp Word (.docx), Excel (.xlsx) hoặc GIFT. Hệ thống tự nhận dạng theo nội dung."),
    )
    position = SelectField(_l("Vị trí việc làm"), description=_l("Dùng cho câu không ghi vị trí trong tệp."))
    topic = SelectField(_l("Chuyên đề"), description=_l("Dùng cho câu không ghi chuyên đề trong tệp."))
    level = SelectField(_l("Mức độ"), description=_l("Dùng cho câu không ghi mức độ trong tệp."))

    def offer(self, positions: Sequence[Position], topics: Sequence[Topic], *, common: bool) -> None:
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

    def show(self, item: ImportItem) -> None:
        question = item.question
        self.kind.data, self.stem.data = question.kind, question.stem
        self.level.data = question.level.value if question.level else ""
        self.topic.data = question.topic if question.topic in _values(self.topic) else ""
        self.position.data = question.positions[0] if question.positions else ""
        for option in question.options:
            self.options.append_entry({"text": option.text, "correct": option.correct, "pinned": option.pinned})
        while len(self.options) < ROWS_AT_FIRST:
            self.options.append_entry()

    def question(self, before: domain.Question) -> domain.Question:
        """What is typed; citations, explanation and the like stay as the file says them."""
        several = [code for code in before.positions if code in _values(self.position)]
        same = self.position.data and self.position.data in several
        chosen = (self.position.data,) if self.position.data else ()
        return replace(
            before,
            kind=self.kind.data,
            stem=domain.clean_text(self.stem.data or ""),
            options=self.written_options(),
            level=domain.Level(self.level.data) if self.level.data else None,
            topic=self.topic.data or "",
            positions=tuple(several) if same else chosen,
        )


def _values(field: SelectField) -> set[str]:
    return {value for value, *_rest in field.iter_choices()}


class ExportForm(HouseForm):
    format = SelectField(_l("Định dạng"))
    position = SelectField(_l("Vị trí việc làm"))
    topic = SelectField(_l("Chuyên đề"))
    state = SelectField(_l("Trạng thái"))

    def offer(self, positions: Sequence[Position], topics: Sequence[Topic], *, common: bool) -> None:
        every = _("Tất cả trong phạm vi được giao")
        self.format.choices = [(name, in_language(format.label)) for name, format in FORMATS.items()]
        self.position.choices = choices(position_pairs(positions, common=common), empty=every)
        self.topic.choices = choices([(topic.code, topic.name) for topic in topics], empty=_("Mọi chuyên đề"))
        self.state.choices = choices(state_choices(), empty=_("Mọi trạng thái, trừ ngừng dùng"))
