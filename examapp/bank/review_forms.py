"""Forms of reviews, review sets, writing tasks and topics: shape only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from examapp.accounts.models import Account
from examapp.bank.labels import strand_choices
from examapp.bank.models import Topic
from examapp.bank.reviews import CHECKLIST
from examapp.core.forms import DateField, HouseForm, choices
from examapp.core.words import _, _l, gettext
from examapp.organisation.models import Position


class ReviewForm(HouseForm):
    passed = SelectMultipleField(
        _l("Đã xem và đạt"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Duyệt khi mọi điểm đều đạt."),
    )
    has_seen_key = BooleanField(_l("Đã xem đáp án mới, khác với đáp án được duyệt lần trước"))
    comment = TextAreaField(_l("Nhận xét"), [Length(max=2000)], description=_l("Bắt buộc khi trả lại."))

    def offer(self) -> None:
        self.passed.choices = [(name, gettext(label)) for name, label in CHECKLIST.items()]


class SetForm(HouseForm):
    name = StringField(
        _l("Tên gói"), [DataRequired(), Length(max=200)], description=_l("Ví dụ: Câu hỏi hộ tịch, đợt tháng 9/2026.")
    )
    due_on = DateField(_l("Hạn thẩm định"), [Optional()])
    members = SelectMultipleField(
        _l("Người thẩm định"),
        [InputRequired()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Mỗi câu do một thành viên quyết định; không ai thẩm định câu mình ra hoặc sửa."),
    )

    def offer(self, people: Iterable[Account]) -> None:
        self.members.choices = [(str(person.id), person.display_name) for person in people]


class DecisionForm(HouseForm):
    decision_number = StringField(_l("Số quyết định"), [DataRequired(), Length(max=60)])
    decision_on = DateField(_l("Ngày quyết định"), [InputRequired()])


class TaskForm(HouseForm):
    """Who writes what is missing; the numbers of the cells stand beside it on the page."""

    assignee = SelectField(_l("Người viết"), [InputRequired()])
    due_on = DateField(_l("Hạn viết xong"), [Optional()])
    note = StringField(_l("Ghi chú cho người viết"), [Length(max=300)])

    def offer(self, people: Iterable[Account]) -> None:
        pairs = [(str(person.id), person.display_name) for person in people]
        self.assignee.choices = choices(pairs, empty=_("Chọn người viết"))


class TopicForm(HouseForm):
    name = StringField(_l("Tên chuyên đề"), [DataRequired(), Length(max=200)])
    parent = SelectField(
        _l("Nằm dưới"), description=_l("Cấp đầu là bốn mảng nội dung; chuyên đề con theo mảng và vị trí của cấp trên.")
    )
    position = SelectField(_l("Dùng cho vị trí"), description=_l("Để trống thì chuyên đề dùng chung cho mọi vị trí."))

    def offer(self, above: Sequence[tuple[Topic, int]], positions: Sequence[Position]) -> None:
        """``above``: where it may stand, each with its depth in the tree."""
        strands = [(f"strand-{value}", label) for value, label in strand_choices()]
        topics = [(str(topic.id), "– " * (depth + 1) + topic.name) for topic, depth in above]
        self.parent.choices = choices([*strands, *topics])
        self.position.choices = choices([(str(p.id), p.name) for p in positions], empty=_("Dùng chung"))
