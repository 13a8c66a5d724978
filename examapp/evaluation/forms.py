"""Forms of the room; those for scores are made from the scheme."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from examapp.core.forms import DateField, DecimalField, HouseForm, IntegerField, choices
from examapp.core.text import format_points, parse_decimal
from examapp.core.words import _, _l
from examapp.evaluation.models import LinkMode, QualityLevel
from examapp.evaluation.rules import LEVELS, Criterion


def level_choices(empty: str) -> list[SelectChoice]:
    return choices([(level.value, _(label)) for level, label in LEVELS.items()], empty=empty)


class ScoresForm(HouseForm):
    """Base of the form that :func:`scores_form` makes for a scheme."""

    worked_months = IntegerField(_l("Số tháng làm việc trong năm"), validators=[InputRequired(), NumberRange(0, 12)])
    self_level = SelectField(_l("Tự xếp loại"), validators=[Optional()])


def scores_form(criteria: list[Criterion], limits: dict[str, int], **data: Any) -> ScoresForm:
    """A form with one field for each criterion, named by its key."""
    fields: dict[str, Any] = {}
    for criterion in criteria:
        if criterion.unit == "yes_no":
            pairs = choices([("1", _("Đạt")), ("0", _("Chưa đạt"))], empty=_("Chưa nhập"))
            fields[criterion.key] = SelectField(criterion.name, choices=pairs, validators=[Optional()])
            continue
        most = limits[criterion.key]
        hint = _("Từ 0 đến %(max)s điểm.", max=format_points(most))
        if criterion.unit == "percent":
            hint = _("Phần trăm, từ 0 đến 100.")
        if criterion.unconfirmed:
            hint += " " + _("Cần xác nhận: quy định gốc chưa được kiểm tra.")
        fields[criterion.key] = DecimalField(criterion.name, places=None, description=hint, validators=[Optional()])
    form: ScoresForm = type("SchemeForm", (ScoresForm,), fields)(data=data)
    form.self_level.choices = level_choices(_("Chưa có"))
    return form


def entered(form: ScoresForm, criteria: list[Criterion]) -> dict[str, int | None]:
    """Values as they are stored: thousandths, or 0/1."""
    values: dict[str, int | None] = {}
    for criterion in criteria:
        raw = form[criterion.key].data
        if raw in (None, ""):
            values[criterion.key] = None
        else:
            values[criterion.key] = int(raw) if criterion.unit == "yes_no" else int(Decimal(raw) * 1000)
    return values


class FactForm(HouseForm):
    fact = SelectField(_l("Căn cứ"), id="fact-kind", validators=[DataRequired()])
    decision_number = StringField(
        _l("Số quyết định, kết luận"), id="fact-number", validators=[DataRequired(), Length(max=100)]
    )
    decision_date = DateField(_l("Ngày"), id="fact-date", validators=[DataRequired()])
    note = StringField(_l("Ghi chú"), id="fact-note", validators=[Optional(), Length(max=300)])


class DecisionForm(HouseForm):
    level = SelectField(_l("Mức xếp loại quyết định"), validators=[DataRequired()])
    reason = TextAreaField(
        _l("Lý do"), description=_l("Bắt buộc khi khác mức đề nghị."), validators=[Optional(), Length(max=2000)]
    )
    decision_number = StringField(
        _l("Số quyết định"), description=_l("Theo sổ văn thư; có thể bổ sung sau."), validators=[Length(max=100)]
    )
    decision_date = DateField(_l("Ngày quyết định"), validators=[Optional()])


class RenewForm(HouseForm):
    reason = TextAreaField(_l("Lý do lập bản mới"), validators=[DataRequired(), Length(max=300)])


class OpenYearForm(HouseForm):
    year = IntegerField(_l("Năm"), validators=[InputRequired()])
    unit = HiddenField()


class LinkForm(HouseForm):
    """How exam results enter a year's evaluation in a unit and all below it."""

    unit = SelectField(_l("Đơn vị (và các đơn vị bên dưới)"), coerce=int, validators=[DataRequired()])
    scheme_key = SelectField(_l("Bộ tiêu chí"), validators=[DataRequired()])
    mode = SelectField(
        _l("Kết quả thi được dùng"),
        choices=choices(
            [
                (LinkMode.EVIDENCE.value, _l("Làm căn cứ tham khảo, không cộng điểm")),
                (LinkMode.POINTS.value, _l("Cộng điểm vào một tiêu chí theo quy định địa phương")),
            ]
        ),
    )
    criterion = SelectField(_l("Tiêu chí được cộng"), validators=[Optional()])
    max_points = DecimalField(_l("Điểm cộng tối đa"), places=None, validators=[Optional()])
    mapping = TextAreaField(
        _l("Bảng quy đổi"),
        description=_l("Mỗi dòng: từ phần trăm = điểm. Ví dụ: 90 = 5"),
        validators=[Optional(), Length(max=2000)],
    )
    regulation_number = StringField(_l("Số của quy định địa phương"), validators=[Length(max=100)])
    regulation_date = DateField(_l("Ngày ban hành quy định"), validators=[Optional()])


def parse_mapping(raw: str) -> list[tuple[int, int]]:
    """Lines "90 = 4,5" → [(90, 4500)]; ``ValueError`` names the line that cannot be read."""
    rows = []
    for number, line in enumerate(filter(None, (part.strip() for part in raw.splitlines())), start=1):
        least, sign, points = line.partition("=")
        try:
            if not sign:
                raise ValueError
            rows.append((int(least.strip().rstrip("%")), int(parse_decimal(points) * 1000)))
        except ValueError:
            raise ValueError(_("Dòng %(n)s không đọc được: “%(line)s”.", n=number, line=line)) from None
    return rows


def format_mapping(rows: list[list[int]]) -> str:
    return "\n".join(f"{least} = {format_points(points)}" for least, points in rows)


def level_of_form(raw: str | None) -> QualityLevel | None:
    return QualityLevel(raw) if raw else None
