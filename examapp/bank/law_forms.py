"""Forms of the registry and of the acts on questions whose law ends: shape only."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from examapp.bank.law_acts import Basis
from examapp.bank.law_registry import Entry
from examapp.bank.models import LegalDocument
from examapp.core.forms import DateField, HouseForm, choices, not_before
from examapp.core.text import whole_number
from examapp.core.words import _, _l
from question_bank import question as domain


class DocumentForm(HouseForm):
    """A document of the registry, new or changed."""

    symbol = StringField(
        _l("Số, ký hiệu"),
        [DataRequired(), Length(max=60)],
        description=_l("Ghi như trên văn bản, ví dụ 118/2025/NĐ-CP; văn bản của Đảng ghi như 366-QĐ/TW."),
    )
    kind = StringField(
        _l("Loại văn bản"), [Length(max=40)], description=_l("Để trống thì lấy theo số, ký hiệu khi biết chắc.")
    )
    issuer = StringField(_l("Cơ quan ban hành"), [Length(max=120)])
    title = StringField(_l("Tên văn bản"), [DataRequired(), Length(max=300)])
    is_party = BooleanField(_l("Văn bản của Đảng"))
    issued_on = DateField(_l("Ngày ban hành"), [Optional()])
    in_force_from = DateField(_l("Có hiệu lực từ ngày"), [Optional()])
    in_force_to = DateField(
        _l("Có hiệu lực đến hết ngày"),
        [Optional(), not_before("in_force_from")],
        description=_l("Ngày cuối cùng còn hiệu lực; để trống nếu chưa biết."),
    )
    superseded_by = SelectField(_l("Được thay bằng"), coerce=str)
    superseded_on = DateField(
        _l("Được thay từ ngày"),
        [Optional()],
        description=_l("Từ ngày này câu hỏi căn cứ vào văn bản không còn dùng được. Thay một phần thì để trống."),
    )
    link = StringField(
        _l("Địa chỉ đọc toàn văn"), [Length(max=500)], description=_l("Bắt đầu bằng http:// hoặc https://.")
    )
    field = StringField(_l("Lĩnh vực"), [Length(max=100)])
    note = TextAreaField(_l("Ghi chú"), [Length(max=2000)])
    status_checked = BooleanField(
        _l("Đã kiểm tra số, ký hiệu và ngày hiệu lực với văn bản gốc"),
        description=_l("Người xác nhận được ghi lại cùng thời điểm."),
    )

    def offer(self, documents: Sequence[LegalDocument]) -> None:
        pairs = [(str(document.id), document.symbol) for document in documents]
        self.superseded_by.choices = choices(pairs, empty=_("Chưa có văn bản thay thế"))

    def entry(self) -> Entry:
        return Entry(
            symbol=self.symbol.data,
            title=self.title.data,
            kind=self.kind.data or "",
            issuer=self.issuer.data or "",
            issued_on=self.issued_on.data,
            is_party=self.is_party.data,
            link=self.link.data or "",
            field=self.field.data or "",
            in_force_from=self.in_force_from.data,
            in_force_to=self.in_force_to.data,
            superseded_by_id=int(self.superseded_by.data) if self.superseded_by.data else None,
            superseded_on=self.superseded_on.data,
            note=self.note.data or "",
        )


class AmendmentForm(HouseForm):
    """What amends a document."""

    amended_by = SelectField(_l("Văn bản sửa đổi"), coerce=str, validators=[DataRequired()])
    from_on = DateField(
        _l("Sửa đổi từ ngày"),
        [Optional()],
        description=_l("Để trống thì lấy ngày có hiệu lực của văn bản sửa đổi."),
    )
    note = StringField(_l("Nội dung sửa đổi"), [Length(max=300)])

    def offer(self, documents: Sequence[LegalDocument]) -> None:
        pairs = [(str(document.id), document.symbol) for document in documents]
        self.amended_by.choices = choices(pairs, empty=_("Chọn văn bản"))


class LawFileForm(HouseForm):
    file = FileField(_l("Tệp Excel"), [DataRequired()])


class PlaceForm(HouseForm):
    """The place in the new document that stands for one old citation."""

    class Meta(HouseForm.Meta):
        csrf = False

    citation = HiddenField()
    document = StringField(_l("Văn bản mới"), [Length(max=200)])
    article = StringField(_l("Điều"), [Length(max=20)])
    clause = StringField(_l("Khoản"), [Length(max=20)])
    point = StringField(_l("Điểm"), [Length(max=20)])


class RenewForm(HouseForm):
    rows = FieldList(FormField(PlaceForm))

    def places(self) -> dict[int, domain.Citation]:
        """What was entered, by the id of the old citation; rows without article, clause or point are left out."""
        found = {}
        for row in (entry.form for entry in self.rows.entries):
            number = whole_number(row.citation.data or "")
            if number is not None and (row.article.data or row.clause.data or row.point.data):
                found[number] = domain.Citation(
                    row.document.data or "", row.article.data or "", row.clause.data or "", row.point.data or ""
                )
        return found


class CompareForm(HouseForm):
    """Nothing to enter: the person says that the questions stand."""


class RetireForm(HouseForm):
    reason = StringField(_l("Lý do"), [DataRequired(), Length(max=300)])


class KeepForm(HouseForm):
    """Still applied by a transitional provision: which, why, until when."""

    basis_symbol = StringField(
        _l("Văn bản có điều khoản chuyển tiếp"),
        [DataRequired(), Length(max=200)],
        description=_l("Số, ký hiệu văn bản, ví dụ 118/2025/NĐ-CP."),
    )
    basis_article = StringField(_l("Điều"), [Length(max=20)])
    basis_clause = StringField(_l("Khoản"), [Length(max=20)])
    basis_point = StringField(_l("Điểm"), [Length(max=20)])
    reason = StringField(_l("Lý do"), [DataRequired(), Length(max=300)])
    until = DateField(
        _l("Còn áp dụng đến hết ngày"),
        [Optional()],
        description=_l("Để trống nếu không ghi ngày; khi đó câu hỏi dùng được đến khi có người thôi áp dụng."),
    )

    def basis(self) -> Basis:
        cited = domain.Citation(
            self.basis_symbol.data,
            self.basis_article.data or "",
            self.basis_clause.data or "",
            self.basis_point.data or "",
        )
        return Basis(cited, self.reason.data, self.until.data)
