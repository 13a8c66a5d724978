"""Forms of questions, reviews and the registry: shape only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from examapp.bank.labels import kind_choices, level_choices
from examapp.bank.models import LegalDocument, Question, Topic
from examapp.bank.reviews import CHECKLIST
from examapp.core.forms import DateField, DecimalField, HouseForm, choices, not_before
from examapp.core.text import whole_number
from examapp.core.words import _, _l, gettext
from examapp.organisation.models import Position
from question_bank import question as domain
from question_bank.kinds import true_false
from question_bank.kinds.base import MOST_OPTIONS

ROWS_AT_FIRST = 4


class PartForm(HouseForm):
    """A row of a larger form: the token stands in the whole."""

    class Meta(HouseForm.Meta):
        csrf = False


class OptionForm(PartForm):
    text = StringField(_l("Nội dung phương án"), [Length(max=2000)])
    correct = BooleanField(_l("Đúng"))
    pinned = BooleanField(_l("Giữ nguyên vị trí"))


class CitationForm(PartForm):
    document = StringField(_l("Văn bản"), [Length(max=200)])
    article = StringField(_l("Điều"), [Length(max=20)])
    clause = StringField(_l("Khoản"), [Length(max=20)])
    point = StringField(_l("Điểm"), [Length(max=20)])


class ContentForm(HouseForm):
    """What a question says; shared by the editor and by mending an imported one."""

    kind = SelectField(
        _l("Loại câu hỏi"), description=_l("Câu Đúng/Sai: phương án A là “Đúng”, B là “Sai”; chỉ cần đánh dấu đáp án.")
    )
    stem = TextAreaField(_l("Câu dẫn"), [Length(max=5000)])
    options = FieldList(FormField(OptionForm), label=_l("Phương án"))
    level = SelectField(_l("Mức độ"))
    topic = SelectField(_l("Chuyên đề"))

    def offer(self, topics: Sequence[Topic]) -> None:
        self.kind.choices = kind_choices()
        self.level.choices = level_choices()
        self.topic.choices = [(topic.code, topic.name) for topic in topics]

    def change_rows(self, act: str) -> bool:
        """Do what a row button asks ("add-option", "drop-option-2"); ``False`` for any other button."""
        verb, _dash, rest = act.partition("-")
        name, _dash, number = rest.partition("-")
        rows: FieldList | None = {"option": self.options, "citation": self._fields.get("citations")}.get(name)
        if rows is None or verb not in {"add", "drop"}:
            return False
        if verb == "add" and len(rows) < MOST_OPTIONS:
            rows.append_entry()
        elif verb == "drop" and (index := whole_number(number)) is not None and index < len(rows):
            del rows.entries[index]
        return True

    def written_options(self) -> tuple[domain.Option, ...]:
        """The rows that hold something; for true/false always the two words, in their order."""
        if self.kind.data == true_false.KIND.name:
            ticked = [row.form.correct.data for row in self.options.entries[:2]] + [False, False]
            return (
                domain.Option(true_false.TRUE, correct=bool(ticked[0])),
                domain.Option(true_false.FALSE, correct=bool(ticked[1])),
            )
        return tuple(
            domain.Option(row.form.text.data or "", correct=row.form.correct.data, pinned=row.form.pinned.data)
            for row in self.options.entries
            if row.form.text.data or row.form.correct.data
        )


class QuestionForm(ContentForm):
    positions = SelectMultipleField(
        _l("Vị trí việc làm"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    is_common = BooleanField(_l("Dùng chung cho mọi vị trí"))
    points = DecimalField(
        _l("Điểm"), [InputRequired(), NumberRange(min=Decimal("0.001"), max=Decimal(100))], places=3, default=1
    )
    seconds = IntegerField(_l("Thời gian dự kiến (giây)"), [Optional(), NumberRange(min=5, max=3600)])
    explanation = TextAreaField(_l("Giải thích đáp án"), [Length(max=5000)])
    citations = FieldList(FormField(CitationForm), label=_l("Căn cứ pháp lý"))
    note = StringField(_l("Ghi chú cho lần sửa này"), [Length(max=300)])

    def offer_all(self, topics: Sequence[Topic], positions: Sequence[Position]) -> None:
        self.offer(topics)
        self.positions.choices = [(position.code, position.name) for position in positions]

    def show(self, content: domain.Question, *, is_common: bool) -> None:
        """Fill in the form from a stored question."""
        self.kind.data, self.stem.data, self.topic.data = content.kind, content.stem, content.topic
        self.level.data = content.level.value if content.level else None
        self.positions.data, self.is_common.data = list(content.positions), is_common
        self.points.data, self.seconds.data = Decimal(content.points) / 1000, content.seconds
        self.explanation.data = content.explanation
        for option in content.options:
            self.options.append_entry({"text": option.text, "correct": option.correct, "pinned": option.pinned})
        for citation in content.citations:
            self.citations.append_entry(
                {
                    "document": citation.document,
                    "article": citation.article,
                    "clause": citation.clause,
                    "point": citation.point,
                }
            )

    def fill_rows(self) -> None:
        """Enough empty rows to begin with."""
        while len(self.options) < ROWS_AT_FIRST:
            self.options.append_entry()
        while len(self.citations) < 1:
            self.citations.append_entry()

    def content(self, base: domain.Question | None = None) -> domain.Question:
        """What is typed, as a question; ``base`` gives what the form does not show (tags)."""
        return domain.Question(
            kind=self.kind.data,
            stem=self.stem.data or "",
            options=self.written_options(),
            level=domain.Level(self.level.data) if self.level.data else None,
            topic=self.topic.data or "",
            positions=tuple(self.positions.data or ()),
            explanation=self.explanation.data or "",
            citations=tuple(
                domain.Citation(row.document.data, row.article.data or "", row.clause.data or "", row.point.data or "")
                for row in (entry.form for entry in self.citations.entries)
                if row.document.data
            ),
            tags=base.tags if base else (),
            points=int(Decimal(self.points.data or 1) * 1000),
            seconds=self.seconds.data,
        )


class ReasonForm(HouseForm):
    reason = StringField(_l("Lý do"), [DataRequired(), Length(max=300)])


class ReviewForm(HouseForm):
    passed = SelectMultipleField(
        _l("Đã xem và đạt"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    comment = TextAreaField(_l("Nhận xét"), [Length(max=2000)], description=_l("Bắt buộc khi trả lại."))

    def offer(self) -> None:
        self.passed.choices = [(name, gettext(label)) for name, label in CHECKLIST.items()]


class DocumentForm(HouseForm):
    title = StringField(_l("Tên văn bản"), [DataRequired(), Length(max=300)])
    in_force_from = DateField(_l("Có hiệu lực từ ngày"), [Optional()])
    in_force_to = DateField(_l("Có hiệu lực đến hết ngày"), [Optional(), not_before("in_force_from")])
    superseded_by = SelectField(_l("Được thay bằng"), coerce=str)
    status_checked = BooleanField(
        _l("Đã kiểm tra số, ký hiệu và ngày hiệu lực với văn bản gốc"),
        description=_l("Người xác nhận được ghi lại cùng thời điểm."),
    )
    note = TextAreaField(_l("Ghi chú"), [Length(max=2000)])

    def offer(self, documents: Sequence[LegalDocument]) -> None:
        pairs = [(str(document.id), document.symbol) for document in documents]
        self.superseded_by.choices = choices(pairs, empty=_("Chưa có văn bản thay thế"))


class NewDocumentForm(HouseForm):
    symbol = StringField(
        _l("Số, ký hiệu"),
        [DataRequired(), Length(max=60)],
        description=_l("Ghi như trên văn bản, ví dụ 118/2025/NĐ-CP."),
    )
    title = StringField(_l("Tên văn bản"), [DataRequired(), Length(max=300)])
    field = StringField(_l("Lĩnh vực"), [Length(max=100)])


def form_of(question: Question, content: domain.Question, form: QuestionForm) -> QuestionForm:
    """The editor's form showing a stored question."""
    form.show(content, is_common=question.is_common)
    form.fill_rows()
    return form
