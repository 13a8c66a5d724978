"""Forms of the room: shape only."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from examapp.core.forms import HouseForm, IntegerField
from examapp.core.words import _l


class ExtensionForm(HouseForm):
    """More time, with its reason."""

    minutes = IntegerField(
        _l("Số phút cộng thêm"),
        validators=[InputRequired(), NumberRange(min=1, max=240)],
        description=_l("Từ 1 đến 240."),
    )
    reason = StringField(
        _l("Lý do"),
        validators=[InputRequired(), Length(max=300)],
        description=_l("Người dự thi đọc được dòng này, ví dụ: Mất điện từ 8 giờ 10 đến 8 giờ 25."),
    )


class DecisionForm(HouseForm):
    """Why late answers count or do not; which they are stands beside it on the page."""

    reason = TextAreaField(
        _l("Lý do"),
        validators=[InputRequired(), Length(max=300)],
        description=_l(
            "Người dự thi đọc được dòng này. Ví dụ: Mất mạng cả phòng từ 9 giờ 10 đến khi hết giờ, mã giám thị ghi "
            "khớp; hoặc: Gửi sau khi đã nộp bài, không có sự cố nào được ghi nhận."
        ),
    )


class CodeForm(HouseForm):
    """What a device shows of what it has not sent."""

    code = StringField(
        _l("Mã trên màn hình"),
        validators=[InputRequired(), Length(max=40)],
        description=_l("10 chữ và số, ví dụ 7K2QX-M94TB. Không phân biệt chữ hoa, chữ thường, dấu cách, dấu gạch."),
    )


class FileForm(HouseForm):
    """An emergency file."""

    file = FileField(
        _l("Tệp bài làm khẩn cấp"),
        validators=[FileRequired(_l("Chưa chọn tệp."))],
        description=_l(
            "Tệp có tên bắt đầu bằng “thuocdo-”, do trang bài thi tạo ra khi nộp bài hay hết giờ mà không có mạng."
        ),
    )


class PhotosForm(HouseForm):
    """Photos of the QR codes of an emergency file, and the codes that earlier photos brought."""

    photos = MultipleFileField(
        _l("Ảnh chụp mã QR"),
        description=_l("Chọn một hay nhiều ảnh, theo thứ tự nào cũng được; mỗi ảnh có thể có vài mã."),
    )
    camera = MultipleFileField(
        _l("Hoặc chụp ngay bằng máy ảnh"),
        description=_l("Chụp thẳng, đủ sáng, thấy trọn viền trắng quanh mã. Ảnh chỉ dùng để đọc mã, không được lưu."),
    )
    held = HiddenField(validators=[Length(max=200_000)])


class ReceiptForm(HouseForm):
    """A receipt code."""

    code = StringField(
        _l("Mã biên nhận hoặc mã chưa gửi"),
        validators=[InputRequired(), Length(max=40)],
        description=_l("10 chữ và số, ví dụ 7K2QX-M94TB."),
    )
