"""Forms of rounds: shape only, the rules stand in the services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from wtforms import Field, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NoneOf, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from examapp.core import clock, text
from examapp.core.forms import DateField, HouseForm, IntegerField, MomentField, choices
from examapp.core.words import _, _l
from examapp.rounds import words
from examapp.rounds.models import BoardRole, CandidateState, Disclosure, Movement, Period, PostsRule, Purpose, Setting

Kind = TypeVar("Kind", bound=StrEnum)

CODE = Regexp(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$", message=_l("Mã chỉ gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối.")
)


def _of(labels: Mapping[Kind, str]) -> list[SelectChoice]:
    return choices([(member.value, _l(label)) for member, label in labels.items()])


class RoundForm(HouseForm):
    name = StringField(_l("Tên kỳ thi"), [InputRequired(), Length(max=200)])
    code = StringField(
        _l("Mã kỳ thi"),
        [Optional(), Length(max=40), CODE, NoneOf(["new"], message=_l("Mã này không dùng được."))],
        description=_l("Để trống thì hệ thống đặt mã theo năm và kỳ. Mã không đổi được sau khi tạo."),
    )
    unit_id = SelectField(
        _l("Phạm vi"), coerce=int, description=_l("Đơn vị và mọi đơn vị trực thuộc có người dự thi trong kỳ này.")
    )
    year = IntegerField(_l("Năm"), [InputRequired(), NumberRange(min=2000, max=2100)])
    period = SelectField(_l("Kỳ"), coerce=Period, choices=_of(words.PERIODS))
    period_number = IntegerField(
        _l("Số của kỳ"),
        [InputRequired(), NumberRange(min=1, max=12)],
        description=_l("Tháng 1–12, quý 1–4, nửa năm 1–2; cả năm ghi 1."),
    )
    legal_basis_number = StringField(
        _l("Căn cứ: số, ký hiệu"),
        [InputRequired(), Length(max=100)],
        description=_l("Quyết định hoặc kế hoạch tổ chức, ví dụ 12/KH-UBND."),
    )
    legal_basis_date = DateField(_l("Căn cứ: ngày ban hành"), [InputRequired()])
    purpose = RadioField(_l("Mục đích"), coerce=Purpose, choices=_of(words.PURPOSES), default=Purpose.OFFICIAL)
    setting = RadioField(_l("Hình thức"), coerce=Setting, choices=_of(words.SETTINGS), default=Setting.SUPERVISED)
    posts_on = DateField(
        _l("Ngày tính vị trí"),
        [InputRequired()],
        description=_l("Ai giữ vị trí nào vào ngày này thì thi theo vị trí đó."),
    )
    posts_rule = RadioField(
        _l("Người giữ nhiều vị trí"),
        coerce=PostsRule,
        choices=_of(words.POSTS_RULES),
        default=PostsRule.MAIN_AND_COMMON,
    )
    union_max_questions = IntegerField(
        _l("Khi gộp: nhiều nhất (câu)"), [InputRequired(), NumberRange(min=1, max=300)], default=60
    )
    union_max_minutes = IntegerField(
        _l("Khi gộp: nhiều nhất (phút)"), [InputRequired(), NumberRange(min=1, max=600)], default=75
    )
    minutes = IntegerField(
        _l("Thời gian làm bài (phút)"),
        [InputRequired(), NumberRange(min=1, max=600)],
        default=45,
        description=_l("Cho đề của một vị trí."),
    )
    pass_percent = IntegerField(_l("Tỷ lệ điểm để đạt (%)"), [InputRequired(), NumberRange(min=0, max=100)], default=50)
    late_window_minutes = IntegerField(
        _l("Nhận câu trả lời gửi muộn (phút)"),
        [InputRequired(), NumberRange(min=0, max=1440)],
        default=15,
        description=_l("Câu trả lời làm trong giờ nhưng mạng chậm vẫn được nhận thêm chừng này phút."),
    )
    stop_limit_minutes = IntegerField(
        _l("Gián đoạn nhiều nhất (phút)"),
        [InputRequired(), NumberRange(min=0, max=240)],
        default=30,
        description=_l("Dừng giữa chừng lâu hơn thì thi bù bằng đề khác, theo quyết định của chủ tịch hội đồng."),
    )
    movement = RadioField(
        _l("Đi lại giữa các câu"), coerce=Movement, choices=_of(words.MOVEMENTS), default=Movement.FREE
    )
    contact = StringField(
        _l("Liên hệ khi gặp sự cố"),
        [Optional(), Length(max=200)],
        description=_l("Tên, điện thoại. Hiện trên bài thi cùng liên hệ của ca thi và của hệ thống."),
    )
    integrity_basis = StringField(
        _l("Ghi nhận rời trang, mở máy thứ hai: căn cứ pháp lý"),
        [Optional(), Length(max=300)],
        description=_l(
            "Để trống thì không ghi gì. Nếu ghi, người dự thi được báo trước; số liệu này không tự tính vào điểm, "
            "vào đánh giá hay thống kê nào."
        ),
    )
    integrity_days = IntegerField(
        _l("Giữ ghi nhận này (ngày)"),
        [InputRequired(), NumberRange(min=1, max=365)],
        default=30,
        description=_l("Tính từ ngày đóng kỳ thi, sau đó tự xóa."),
    )
    seb_config_keys = TextAreaField(
        _l("Safe Exam Browser: khóa cấu hình (Config Key)"),
        [Optional(), Length(max=2000)],
        description=_l("Mỗi dòng một khóa. Có khóa thì máy tính phải dùng Safe Exam Browser; điện thoại thì không."),
    )
    seb_exam_keys = TextAreaField(
        _l("Safe Exam Browser: khóa trình duyệt (Browser Exam Key)"),
        [Optional(), Length(max=2000)],
        description=_l("Mỗi dòng một khóa, cho từng phiên bản và hệ điều hành được phép."),
    )
    disclosure = RadioField(
        _l("Khi công bố, người dự thi xem được"),
        coerce=Disclosure,
        choices=_of(words.DISCLOSURES),
        default=Disclosure.MARKS,
    )
    rules = TextAreaField(
        _l("Quy định riêng của kỳ thi"),
        [Optional(), Length(max=5000)],
        description=_l("Người dự thi đọc trước khi bắt đầu, cùng quy định chung của hệ thống."),
    )

    def validate_legal_basis_date(self, field: Field) -> None:
        if field.data and field.data != field.object_data and field.data > clock.today():
            raise ValidationError(
                _(
                    "Ngày này chưa đến: hôm nay là %(today)s. Hãy ghi ngày đã ban hành văn bản.",
                    today=text.format_date(clock.today()),
                )
            )


class MatricesForm(HouseForm):
    """One choice for the common section and each position; the fields are added by :func:`matrices_form`."""


def section_field(position_id: int | None) -> str:
    return "common" if position_id is None else f"position_{position_id}"


def matrices_form(sections: Iterable[tuple[int | None, str, list[tuple[int, str]]]]) -> type[MatricesForm]:
    """``sections``: (position or none, label, matrices to choose from)."""
    fields = {
        section_field(position_id): SelectField(
            label, choices=choices([(str(key), text) for key, text in matrices], empty=_l("Không dùng"))
        )
        for position_id, label, matrices in sections
    }
    return type("RoundMatricesForm", (MatricesForm,), fields)


class ShiftForm(HouseForm):
    name = StringField(_l("Tên ca"), [InputRequired(), Length(max=100)])
    starts_at = MomentField(_l("Bắt đầu"), [InputRequired()])
    ends_at = MomentField(
        _l("Kết thúc"), [InputRequired()], description=_l("Không bài nào kéo dài quá giờ này, trừ khi được gia hạn.")
    )
    place = StringField(_l("Địa điểm"), [Optional(), Length(max=200)])
    contact = StringField(
        _l("Người hỗ trợ, điện thoại"), [Optional(), Length(max=100)], description=_l("Người dự thi gọi khi gặp sự cố.")
    )
    capacity = IntegerField(
        _l("Số chỗ"), [Optional(), NumberRange(min=1, max=100000)], description=_l("Để trống nếu không giới hạn.")
    )

    def validate_ends_at(self, field: Field) -> None:
        """A shift that is over may still get another place or contact."""
        if field.data and field.data != field.object_data and field.data <= clock.now():
            raise ValidationError(
                _(
                    "Giờ này đã qua: bây giờ là %(now)s. Ca thi phải kết thúc sau lúc này.",
                    now=text.format_moment(clock.now()),
                )
            )


class PartForm(HouseForm):
    """Which part of the tree is enrolled."""

    units = SelectMultipleField(
        _l("Phần của cây đơn vị"),
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Không chọn mục nào nghĩa là toàn bộ phạm vi của kỳ thi."),
    )


class MemberForm(HouseForm):
    login = StringField(
        _l("Mã cán bộ (tên đăng nhập)"),
        [InputRequired(), Length(max=40)],
        description=_l("Ghi đúng mã, ví dụ cb00012."),
    )
    role = SelectField(_l("Vai trò"), coerce=BoardRole, choices=_of(words.BOARD_ROLES))


class ReasonForm(HouseForm):
    reason = StringField(_l("Lý do"), [InputRequired(), Length(max=300)])


class ReleaseForm(HouseForm):
    state = RadioField(
        _l("Việc"),
        coerce=CandidateState,
        choices=choices(
            [
                (CandidateState.EXCUSED.value, _l("Miễn hoặc hoãn thi kỳ này")),
                (CandidateState.WITHDRAWN.value, _l("Rút khỏi danh sách (đưa vào nhầm)")),
            ]
        ),
        default=CandidateState.EXCUSED,
    )
    reason = StringField(_l("Lý do"), [InputRequired(), Length(max=300)])


class MoveForm(HouseForm):
    shift = SelectField(_l("Ca mới"), coerce=int)


class ExtraForm(HouseForm):
    minutes = IntegerField(_l("Thêm giờ (phút)"), [InputRequired(), NumberRange(min=0, max=120)])
    extra_reason = StringField(_l("Lý do thêm giờ"), [Optional(), Length(max=300)])
