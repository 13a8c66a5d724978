"""Forms of the room: shape only."""

from __future__ import annotations

from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from examapp.accounts.models import Role
from examapp.accounts.roles import LABELS
from examapp.core.forms import DateField, HouseForm, choices, not_before
from examapp.core.words import _l


class SignInForm(HouseForm):
    login = StringField(_l("Mã cán bộ hoặc số điện thoại"), [InputRequired(), Length(max=60)])
    password = PasswordField(_l("Mật khẩu"), [InputRequired(), Length(max=200)])


class FirstForm(HouseForm):
    login = StringField(_l("Mã cán bộ hoặc số điện thoại"), [InputRequired(), Length(max=60)])
    code = StringField(
        _l("Mã đăng nhập lần đầu"),
        [InputRequired(), Length(max=40)],
        description=_l("Mười chữ và số in trên phiếu. Chữ hoa hay chữ thường, có gạch nối hay không đều được."),
    )


class NewPasswordForm(HouseForm):
    new = PasswordField(
        _l("Mật khẩu mới"),
        [InputRequired(), Length(max=200)],
        description=_l("Ít nhất 10 ký tự. Một câu ngắn dễ nhớ, chỉ mình biết, là tốt nhất."),
    )
    again = PasswordField(
        _l("Nhập lại mật khẩu mới"),
        [InputRequired(), EqualTo("new", message=_l("Hai lần nhập mật khẩu chưa giống nhau."))],
    )


class ChangePasswordForm(NewPasswordForm):
    present = PasswordField(_l("Mật khẩu hiện tại"), [InputRequired(), Length(max=200)])


class AccountForm(HouseForm):
    """An account of somebody who is no official of the list: an administrator, an inspector from outside."""

    login = StringField(
        _l("Tên đăng nhập"),
        [InputRequired(), Length(max=40)],
        description=_l("Mã cán bộ, hoặc tên viết liền không dấu, ví dụ thanhtra01."),
    )
    display_name = StringField(_l("Họ và tên"), [InputRequired(), Length(max=120)])
    phone = StringField(_l("Số điện thoại"), [Optional(), Length(max=20)])


class GrantForm(HouseForm):
    role = SelectField(
        _l("Vai trò"),
        [InputRequired(_l("Hãy chọn một vai trò."))],
        choices=choices([(r.value, LABELS[r]) for r in Role], empty=""),
    )
    unit = StringField(
        _l("Mã đơn vị"), [Optional(), Length(max=40)], description=_l("Để trống khi vai trò có hiệu lực ở mọi đơn vị.")
    )
    position = StringField(
        _l("Mã vị trí việc làm"),
        [Optional(), Length(max=40)],
        description=_l("Chỉ dùng cho người ra câu hỏi và người thẩm định của riêng một vị trí."),
    )
    valid_from = DateField(_l("Từ ngày"), [InputRequired()])
    valid_to = DateField(_l("Đến hết ngày"), [Optional(), not_before("valid_from")])
    basis = StringField(
        _l("Căn cứ giao"), [InputRequired(), Length(max=200)], description=_l("Số, ngày của quyết định hoặc văn bản.")
    )
