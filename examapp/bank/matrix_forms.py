"""Forms of the exam matrices."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from wtforms import Field, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from examapp.bank.labels import level_label
from examapp.bank.matrices import MOST_IN_A_CELL, MOST_MINUTES, Place
from examapp.bank.models import MatrixVersion, Topic
from examapp.core.forms import DateField, DecimalField, HouseForm, IntegerField
from examapp.core.words import _l
from question_bank.question import Level

COMMON = "common"
"""Value of the choice "no position"."""
CODE = Regexp(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$", message=_l("Mã chỉ gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối.")
)


class NewMatrixForm(HouseForm):
    position = SelectField(
        _l("Dùng cho"), description=_l("Phần chung hỏi mọi người dự thi; phần của vị trí chỉ hỏi người giữ vị trí đó.")
    )
    name = StringField(_l("Tên ma trận"), [InputRequired(), Length(max=200)])
    code = StringField(
        _l("Mã"),
        [Optional(), Length(max=40), CODE],
        description=_l("Để trống thì hệ thống đặt mã theo vị trí."),
    )


class MatrixForm(HouseForm):
    """Time and day of the check; :func:`grid_form` adds the points of each level and the number of each cell."""

    minutes = IntegerField(_l("Thời gian cho phần này (phút)"), [InputRequired(), NumberRange(min=1, max=MOST_MINUTES)])
    on = DateField(
        _l("Ngày thi dự kiến"),
        [InputRequired()],
        description=_l("Số câu dùng được tính theo ngày này: văn bản còn hiệu lực, câu không bị giữ lại."),
    )

    def points(self) -> dict[Level, int]:
        """Thousandths of a point for a question of each level."""
        return {level: int(Decimal(_sound(self[f"points_{level.value}"])) * 1000) for level in Level}

    def counts(self, topics: Iterable[Topic]) -> dict[Place, int]:
        """What a refused field holds counts as nothing, so that the page can be shown again."""
        cells = {(topic.id, level): self[cell_name(topic.id, level)] for topic in topics for level in Level}
        return {place: int(_sound(field)) for place, field in cells.items()}


def _sound(field: Field) -> Decimal | int:
    return field.data if field.data and not field.errors else 0


def cell_name(topic_id: int, level: Level) -> str:
    return f"cell_{topic_id}_{level.value}"


def grid_form(topics: Iterable[Topic], version: MatrixVersion | None) -> type[MatrixForm]:
    """The form of this grid; what ``version`` says stands in it."""
    asked = {(row.topic_id, row.level): row for row in version.rows} if version else {}
    fields: dict[str, object] = {}
    for topic in topics:
        for level in Level:
            row = asked.get((topic.id, level))
            fields[cell_name(topic.id, level)] = IntegerField(
                f"{topic.name} – {level_label(level)}",
                [Optional(), NumberRange(min=0, max=MOST_IN_A_CELL)],
                default=row.count if row else None,
            )
    for level in Level:
        worth = next((row.points for row in asked.values() if row.level is level), 1000)
        fields[f"points_{level.value}"] = DecimalField(
            _l("Điểm mỗi câu: %(level)s", level=level_label(level)),
            [Optional(), NumberRange(min=0, max=1000)],
            default=Decimal(worth) / 1000,
        )
    return type("GridForm", (MatrixForm,), fields)
