"""What the enumerations of the room are called on pages and in workbooks."""

from __future__ import annotations

from examapp.core.words import N_
from examapp.organisation.models import LinkKind, PostReason, StaffCategory, Tree, UnitKind

UNIT_KINDS: dict[UnitKind, str] = {
    UnitKind.PROVINCE: N_("Tỉnh, thành phố"),
    UnitKind.DISTRICT: N_("Huyện, quận, thị xã (đến 30/06/2025)"),
    UnitKind.COMMUNE: N_("Xã"),
    UnitKind.WARD: N_("Phường"),
    UnitKind.TOWNSHIP: N_("Thị trấn (đến 30/06/2025)"),
    UnitKind.SPECIAL_ZONE: N_("Đặc khu"),
    UnitKind.DEPARTMENT: N_("Phòng, văn phòng, trung tâm"),
    UnitKind.PARTY_BODY: N_("Tổ chức Đảng"),
    UnitKind.FRONT_BODY: N_("Mặt trận và đoàn thể"),
    UnitKind.OTHER: N_("Đơn vị khác"),
}
STAFF_CATEGORIES: dict[StaffCategory, str] = {
    StaffCategory.CADRE: N_("Cán bộ"),
    StaffCategory.CIVIL_SERVANT: N_("Công chức"),
    StaffCategory.PUBLIC_EMPLOYEE: N_("Viên chức"),
    StaffCategory.PART_TIME_ACTIVIST: N_("Người hoạt động không chuyên trách"),
    StaffCategory.CONTRACT: N_("Người làm hợp đồng"),
}
POST_REASONS: dict[PostReason, str] = {
    PostReason.APPOINTMENT: N_("Bổ nhiệm, tuyển dụng"),
    PostReason.ELECTION: N_("Bầu cử"),
    PostReason.ROTATION: N_("Luân chuyển"),
    PostReason.TRANSFER: N_("Điều động"),
    PostReason.SECONDMENT: N_("Biệt phái"),
    PostReason.CONCURRENT: N_("Kiêm nhiệm"),
    PostReason.REORGANISATION: N_("Sắp xếp đơn vị hành chính"),
    PostReason.OTHER: N_("Lý do khác"),
}
LINK_KINDS: dict[LinkKind, str] = {
    LinkKind.MERGED_INTO: N_("Sáp nhập vào"),
    LinkKind.SPLIT_FROM: N_("Chia, tách thành"),
    LinkKind.RENAMED: N_("Đổi tên thành"),
    LinkKind.RETYPED: N_("Chuyển loại thành"),
}
TREES: dict[Tree, str] = {
    Tree.STATE: N_("Chính quyền và hành chính"),
    Tree.PARTY: N_("Tổ chức Đảng"),
}
LOCAL = "local"
CATALOGUES: dict[str, str] = {
    "361_2025": N_("Vị trí việc làm công chức cấp xã (Nghị định 361/2025/NĐ-CP)"),
    "33_2023": N_("Chức danh công chức cấp xã trước 01/07/2025 (Nghị định 33/2023/NĐ-CP)"),
    "can_bo": N_("Chức vụ, chức danh cán bộ"),
    LOCAL: N_("Do địa phương quy định"),
}
"""Catalogues in the order in which lists show them."""
