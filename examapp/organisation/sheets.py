"""The workbook of an organisation: which sheets and columns it has, and how its cells are read.

Names of sheets and columns are Vietnamese in every language, because they are part of the file's format. They are
recognised without marks and in any order. A row whose note says "ví dụ" is an example and is passed over.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from examapp.core.text import fold
from examapp.organisation.labels import LINK_KINDS, POST_REASONS, STAFF_CATEGORIES
from examapp.organisation.models import UnitKind

UNIT_WORDS: dict[str, UnitKind] = {
    "Tỉnh": UnitKind.PROVINCE,
    "Thành phố": UnitKind.PROVINCE,
    "Huyện": UnitKind.DISTRICT,
    "Quận": UnitKind.DISTRICT,
    "Thị xã": UnitKind.DISTRICT,
    "Xã": UnitKind.COMMUNE,
    "Phường": UnitKind.WARD,
    "Thị trấn": UnitKind.TOWNSHIP,
    "Đặc khu": UnitKind.SPECIAL_ZONE,
    "Phòng": UnitKind.DEPARTMENT,
    "Văn phòng": UnitKind.DEPARTMENT,
    "Trung tâm": UnitKind.DEPARTMENT,
    "Tổ chức Đảng": UnitKind.PARTY_BODY,
    "Mặt trận và đoàn thể": UnitKind.FRONT_BODY,
    "Khác": UnitKind.OTHER,
}
PRIMARY_WORDS = {"Chính": True, "Kiêm nhiệm": False}
YES_WORDS = {"Có": True, "Không": False}
MOST_ROWS = 100_000
LAST_HEADING_ROW = 10


class Kind(enum.Enum):
    """What a column holds."""

    CODE = enum.auto()
    TEXT = enum.auto()
    DATE = enum.auto()
    CHOICE = enum.auto()
    PHONE = enum.auto()
    IDENTITY = enum.auto()


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    heading: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: Mapping[str, object] = field(default_factory=dict)
    longest: int = 200
    hint: str = ""
    width: int = 18


@dataclass(frozen=True, slots=True)
class Sheet:
    key: str
    name: str
    columns: tuple[Column, ...]
    examples: tuple[tuple[str, ...], ...] = ()
    """Rows of the template, without the note that marks them."""

    def column(self, heading: str) -> Column | None:
        wanted = fold(heading.replace("*", " "))
        return next((column for column in (*self.columns, NOTE) if fold(column.heading) == wanted), None)


NOTE = Column("note", "Ghi chú", hint="Dòng có ghi chú “Ví dụ” được bỏ qua khi nhập.")
EXAMPLE = "Ví dụ"
_START = Column("valid_from", "Từ ngày", Kind.DATE, required=True, hint="dd/mm/yyyy")
_END = Column("valid_to", "Đến ngày", Kind.DATE, hint="Ngày cuối cùng; để trống nếu còn hiệu lực.")

UNITS = Sheet(
    "units",
    "Đơn vị",
    (
        Column("code", "Mã đơn vị", Kind.CODE, required=True, hint="Không dấu, không trùng."),
        Column("name", "Tên đơn vị", required=True, width=40),
        Column("kind", "Loại đơn vị", Kind.CHOICE, required=True, choices=UNIT_WORDS),
        Column("parent", "Mã đơn vị cấp trên", Kind.CODE, hint="Để trống với đơn vị cao nhất."),
        Column("party_parent", "Mã tổ chức Đảng cấp trên", Kind.CODE, hint="Chỉ ghi với tổ chức Đảng."),
        _START,
        _END,
    ),
    (
        ("vd-tinh", "Tỉnh Mẫu", "Tỉnh", "", "", "01/07/2025", ""),
        ("vd-xa", "Xã Mẫu", "Xã", "vd-tinh", "", "01/07/2025", ""),
    ),
)
POSITIONS = Sheet(
    "positions",
    "Vị trí",
    (
        Column("code", "Mã vị trí", Kind.CODE, required=True, hint="Danh mục ban hành sẵn đã có trong hệ thống."),
        Column("name", "Tên vị trí", required=True, width=40),
        Column(
            "staff_category",
            "Loại cán bộ",
            Kind.CHOICE,
            required=True,
            choices={label: category for category, label in STAFF_CATEGORIES.items()},
            width=30,
        ),
        Column("is_leadership", "Lãnh đạo", Kind.CHOICE, choices=YES_WORDS),
        _START,
        _END,
        Column("successor", "Mã vị trí thay thế", Kind.CODE, hint="Vị trí tương ứng hiện nay, nếu vị trí đã hết dùng."),
    ),
    (("vd-tro-ly", "Trợ lý (mẫu)", "Công chức", "Không", "01/07/2025", "", ""),),
)
OFFICIALS = Sheet(
    "officials",
    "Người",
    (
        Column("staff_code", "Số hiệu", Kind.CODE, required=True, hint="Cũng là tên đăng nhập; không trùng."),
        Column("full_name", "Họ và tên", required=True, longest=120, width=30),
        Column("given_name", "Tên gọi", longest=60, hint="Chỉ ghi khi tên gọi không phải chữ cuối của họ và tên."),
        Column(
            "staff_category",
            "Loại cán bộ",
            Kind.CHOICE,
            required=True,
            choices={label: category for category, label in STAFF_CATEGORIES.items()},
            width=30,
        ),
        Column("birth_date", "Ngày sinh", Kind.DATE),
        Column("phone", "Số điện thoại", Kind.PHONE, hint="Ghi dạng văn bản, giữ số 0 ở đầu."),
        Column("identity_number", "Số định danh cá nhân", Kind.IDENTITY, hint="12 chữ số, dạng văn bản.", width=22),
    ),
    (("VD001", "Nguyễn Văn Mẫu", "", "Công chức", "20/05/1990", "0900000000", "000000000000"),),
)
POSTS = Sheet(
    "posts",
    "Giữ vị trí",
    (
        Column("staff_code", "Số hiệu", Kind.CODE, required=True),
        Column("position", "Mã vị trí", Kind.CODE, required=True),
        Column("unit", "Mã đơn vị", Kind.CODE, required=True),
        _START,
        _END,
        Column(
            "is_primary",
            "Chính hay kiêm nhiệm",
            Kind.CHOICE,
            required=True,
            choices=PRIMARY_WORDS,
            hint="Mỗi người chỉ một vị trí chính trong cùng thời gian.",
        ),
        Column(
            "reason", "Lý do", Kind.CHOICE, choices={label: reason for reason, label in POST_REASONS.items()}, width=26
        ),
        Column("managing_level", "Cấp quản lý", longest=100),
        Column("decision", "Quyết định", longest=500, width=30),
    ),
    (("VD001", "vd-tro-ly", "vd-xa", "01/07/2025", "", "Chính", "Bổ nhiệm, tuyển dụng", "", ""),),
)
LINKS = Sheet(
    "links",
    "Sáp nhập",
    (
        Column("predecessor", "Mã đơn vị cũ", Kind.CODE, required=True),
        Column("successor", "Mã đơn vị mới", Kind.CODE, required=True),
        Column(
            "kind",
            "Quan hệ",
            Kind.CHOICE,
            required=True,
            choices={label: kind for kind, label in LINK_KINDS.items()},
            hint="Đơn vị cũ (sáp nhập vào, chia tách thành…) đơn vị mới.",
        ),
        Column("on", "Từ ngày", Kind.DATE, required=True, hint="Ngày đầu tiên của đơn vị mới."),
        Column("legal_basis", "Căn cứ", width=30),
    ),
    (("vd-xa-cu", "vd-xa", "Sáp nhập vào", "01/07/2025", "Nghị quyết số … (mẫu)"),),
)
SHEETS = (UNITS, POSITIONS, OFFICIALS, POSTS, LINKS)
GUIDE = "Hướng dẫn"
LISTS = "Danh mục"
"""Sheets of the template that hold no rows."""
