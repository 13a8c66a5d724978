"""Forms of questions: shape only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from examapp.bank.editors.base import PartForm, forms_of, grow
from examapp.bank.editors.body import BodyField
from examapp.bank.editors.rich import Rich, RichField
from examapp.bank.labels import bank_choices, kind_choices, level_choices, topic_choices
from examapp.bank.models import BankKind, Question, Topic
from examapp.core.forms import DecimalField, HouseForm, IntegerField
from examapp.core.words import _l
from examapp.organisation.models import Position
from question_bank import question as domain

MOST_CITATIONS, MOST_TAGS, LONGEST_TAG = 20, 20, 60
MOST_CARRIED = 500


class CitationForm(PartForm):
    document = StringField(_l("Văn bản"), [Length(max=200)])
    article = StringField(_l("Điều"), [Length(max=20)])
    clause = StringField(_l("Khoản"), [Length(max=20)])
    point = StringField(_l("Điểm"), [Length(max=20)])

    def citation(self) -> domain.Citation:
        typed = (self.document.data, self.article.data, self.clause.data, self.point.data)
        return domain.Citation(*(text or "" for text in typed))


class ContentForm(HouseForm):
    """What a question says; shared by the editor and by mending an imported one."""

    kind = SelectField(_l("Loại câu hỏi"))
    shown = StringField(widget=HiddenInput())
    """The kind whose fields the page showed: another one chosen beside them asks for its own fields first."""
    stem = RichField(
        _l("Câu dẫn"),
        most=5000,
        description=_l("Công thức viết giữa \\( và \\), ví dụ \\(\\frac{a}{b}\\); m² và H₂O dùng nút số mũ, chỉ số."),
    )
    body = BodyField()
    level = SelectField(_l("Mức độ"))
    topic = SelectField(_l("Chuyên đề"))

    carries: Sequence[tuple[str, str]] = ()
    """Fields of other kinds that the page keeps."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = kind_choices()
        self.kind.data = self.kind.data or self.body.form.kind

    def offer(self, topics: Sequence[Topic]) -> None:
        self.level.choices = level_choices()
        self.topic.choices = topic_choices(topics)

    @property
    def is_kind_changed(self) -> bool:
        return bool(self.shown.data) and self.shown.data != self.kind.data

    def show_content(self, content: domain.Question) -> None:
        self.kind.data = self.shown.data = content.kind
        self.stem.data = Rich(content.stem, content.stem_html)
        self.body.show(content)

    def fill_rows(self) -> None:
        """Enough empty rows to begin with."""
        self.body.form.fill(self.stem.data.text)

    def written(self, base: domain.Question) -> domain.Question:
        """``base`` with kind, stem and what the kind needs as they are typed."""
        form = self.body.form
        options, details = form.written()
        stem, stem_html = self.stem.data
        found = replace(base, kind=form.kind, stem=stem, stem_html=stem_html, options=options, details=details)
        if base.kind == found.kind and form.same(base, found):  # the same, however it is written down
            return replace(found, options=base.options, details=base.details)
        return found

    def carried(self, sent: MultiDict[str, str]) -> list[tuple[str, str]]:
        """Fields of kinds chosen before, which the page keeps so that changing back loses nothing."""
        return [pair for body in _bodies(self) for pair in _of_other_kinds(body, sent)][:MOST_CARRIED]


def _bodies(form: Any) -> Iterator[BodyField]:
    for field in form:
        if isinstance(field, BodyField):
            yield field
        inner = field.form if isinstance(field, FormField) else getattr(field, "entries", ())
        yield from _bodies(inner)


def _of_other_kinds(body: BodyField, sent: MultiDict[str, str]) -> Iterator[tuple[str, str]]:
    own, start = {field.short_name for field in body.form}, f"{body.name}-"
    for name, value in sent.items(multi=True):
        if name.startswith(start) and name.removeprefix(start).split("-", 1)[0] not in own:
            yield name, value


class QuestionForm(ContentForm):
    bank = SelectField(_l("Ngân hàng"))
    positions = SelectMultipleField(
        _l("Vị trí việc làm"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    is_common = BooleanField(_l("Dùng chung cho mọi vị trí"))
    points = DecimalField(
        _l("Điểm"), [InputRequired(), NumberRange(min=Decimal("0.001"), max=Decimal(100))], places=3, default=1
    )
    seconds = IntegerField(_l("Thời gian dự kiến (giây)"), [Optional(), NumberRange(min=5, max=3600)])
    explanation = TextAreaField(_l("Giải thích đáp án"), [Length(max=5000)])
    citations = FieldList(FormField(CitationForm), label=_l("Căn cứ pháp lý"), max_entries=MOST_CITATIONS)
    tags = StringField(
        _l("Từ khóa"), [Length(max=600)], description=_l("Cách nhau bằng dấu phẩy, ví dụ: một cửa, chứng thực.")
    )
    note = StringField(_l("Ghi chú cho lần sửa này"), [Length(max=300)])

    def offer_all(self, topics: Sequence[Topic], positions: Sequence[Position], banks: Sequence[BankKind]) -> None:
        self.offer(topics)
        self.positions.choices = [(position.code, position.name) for position in positions]
        self.bank.choices = bank_choices(banks)
        self.bank.data = self.bank.data or banks[0].value

    def show(self, content: domain.Question, *, is_common: bool, bank: BankKind) -> None:
        """Fill in the form from a stored question."""
        self.show_content(content)
        self.topic.data, self.bank.data = content.topic, bank.value
        self.level.data = content.level.value if content.level else None
        self.positions.data, self.is_common.data = list(content.positions), is_common
        self.points.data, self.seconds.data = Decimal(content.points) / 1000, content.seconds
        self.explanation.data, self.tags.data = content.explanation, ", ".join(content.tags)
        self.citations.process(None, [asdict(citation) for citation in content.citations])

    def fill_rows(self) -> None:
        super().fill_rows()
        grow(self.citations, 1)

    def content(self, base: domain.Question | None = None) -> domain.Question:
        """What is typed, as a question; ``base`` is the stored one that is edited."""
        return self.written(
            replace(
                base or domain.Question(kind=self.kind.data, stem=""),
                level=domain.Level(self.level.data) if self.level.data in set(domain.Level) else None,
                topic=self.topic.data or "",
                positions=tuple(self.positions.data or ()),
                explanation=self.explanation.data or "",
                citations=tuple(row.citation() for row in forms_of(self.citations) if row.document.data),
                tags=tags_of(self.tags.data or ""),
                points=int(Decimal(self.points.data or 1) * 1000),
                seconds=self.seconds.data,
            )
        )


def tags_of(typed: str) -> tuple[str, ...]:
    """Words separated by commas, each once, in their order."""
    words = (" ".join(word.split())[:LONGEST_TAG] for word in typed.replace(";", ",").split(","))
    return tuple(dict.fromkeys(word for word in words if word))[:MOST_TAGS]


class ReasonForm(HouseForm):
    reason = StringField(_l("Lý do"), [DataRequired(), Length(max=300)])


def form_of(question: Question, content: domain.Question, form: QuestionForm) -> QuestionForm:
    """The editor's form showing a stored question."""
    form.show(content, is_common=question.is_common, bank=question.bank)
    form.fill_rows()
    return form
