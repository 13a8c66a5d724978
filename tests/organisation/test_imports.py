"""Import of an organisation: every problem by its cell, all or nothing, the same file twice is harmless."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from examapp.core.db import db, unit_of_work
from examapp.core.errors import Invalid
from examapp.organisation.catalogue import load_positions
from examapp.organisation.importing import store_plan
from examapp.organisation.imports import Fate, import_workbook
from examapp.organisation.models import (
    LinkKind,
    Official,
    Position,
    Post,
    PostReason,
    StaffCategory,
    Unit,
    UnitKind,
    UnitLink,
    UnitParent,
)
from examapp.organisation.template import template_workbook
from tests.organisation.builders import small_organisation, workbook

pytestmark = pytest.mark.usefixtures("context")


def run(sheets, **options):
    """Import for good; returns the plan."""
    with unit_of_work():
        plan = import_workbook(workbook(sheets), **options)
        store_plan(plan, name="mau.xlsx")
    return plan


def problems(sheets, **options):
    plan = import_workbook(workbook(sheets), **options)
    return {problem.place: problem.message for problem in plan.errors}


def fates(plan):
    return {fate: plan.totals[fate] for fate in Fate if plan.totals[fate]}


def test_a_whole_organisation_is_stored():
    plan = run(small_organisation())
    assert not plan.errors
    assert fates(plan) == {Fate.CREATED: 5 + 1 + 2 + 3 + 2}
    commune = db.session.scalars(select(Unit).where(Unit.code == "moi")).one()
    assert (commune.name, commune.kind, commune.valid_from) == ("Xã Mới", UnitKind.COMMUNE, date(2025, 7, 1))
    closed = db.session.scalars(select(Unit).where(Unit.code == "cu-2")).one()
    assert closed.valid_to == date(2025, 6, 30)
    edge = db.session.scalars(select(UnitParent).where(UnitParent.unit_id == closed.id)).one()
    assert (edge.valid_from, edge.valid_to) == (date(2000, 1, 1), date(2025, 6, 30))
    assert db.session.scalars(select(UnitLink.kind)).all() == [LinkKind.MERGED_INTO, LinkKind.MERGED_INTO]
    assert db.session.scalars(select(Position.catalogue)).one() == "local"


def test_people_keep_names_and_numbers_as_written():
    run(small_organisation())
    duc, hen = db.session.scalars(select(Official).order_by(Official.staff_code)).all()
    assert (duc.full_name, duc.given_name, duc.name_fold) == ("Nguyễn Văn Đức", "Đức", "nguyen van duc")
    assert (duc.phone, duc.identity_number, duc.birth_date) == ("0912345678", "001090012345", date(1990, 5, 20))
    assert (hen.given_name, hen.staff_category) == ("H'Hen", StaffCategory.CADRE)
    post = db.session.scalars(select(Post).where(Post.official_id == duc.id)).one()
    assert (post.is_primary, post.reason, post.decision) == (True, PostReason.APPOINTMENT, "01/QĐ (mẫu)")


def test_numbers_that_lost_their_zero_are_mended_and_named():
    plan = run(small_organisation())
    assert {problem.place for problem in plan.warnings} == {"Người!F3", "Người!G3"}
    hen = db.session.scalars(select(Official).where(Official.staff_code == "CB002")).one()
    assert (hen.phone, hen.identity_number) == ("0912345679", "040085012346")
    assert not any("040085012346" in problem.message for problem in plan.warnings)


def test_planning_stores_nothing():
    plan = import_workbook(workbook(small_organisation()))
    assert plan.is_storable
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 0


def test_the_same_workbook_again_changes_nothing():
    run(small_organisation())
    again = import_workbook(workbook(small_organisation()))
    assert fates(again) == {Fate.UNCHANGED: 13}
    assert not again.is_storable


def test_changes_are_told_with_old_and_new():
    run(small_organisation())
    sheets = small_organisation(
        officials=[["cb001", "Nguyễn Văn Đức", "", "Viên chức", "", "", ""]],
        posts=[["CB001", "tro-ly", "moi-vp", "01/07/2025", "31/12/2025", "Chính", "", "", ""]],
    )
    plan = run(sheets)
    (official,) = [change for change in plan.changes["officials"] if change.fate is Fate.CHANGED]
    assert official.differences == {"staff_category": (StaffCategory.CIVIL_SERVANT, StaffCategory.PUBLIC_EMPLOYEE)}
    (post,) = [change for change in plan.changes["posts"] if change.fate is Fate.CHANGED]
    assert post.differences == {"valid_to": (None, date(2025, 12, 31))}
    duc = db.session.scalars(select(Official).where(Official.staff_code == "CB001")).one()
    assert duc.phone == "0912345678"
    assert duc.posts[0].decision == "01/QĐ (mẫu)"


def test_primary_posts_may_change_places_in_one_import():
    run(small_organisation())
    swapped = [
        ["CB002", "tro-ly", "moi", "01/07/2025", "31/12/2025", "Chính", "", "", ""],
        ["CB002", "tro-ly", "moi-vp", "01/01/2026", "", "Chính", "", "", ""],
    ]
    run(small_organisation(posts=swapped))
    primary = db.session.scalars(select(Post).where(Post.is_primary, Post.valid_to.is_(None))).all()
    assert len(primary) == 2


def test_two_primary_posts_at_once_are_refused_at_their_cell():
    rows = [
        ["CB001", "tro-ly", "moi-vp", "01/07/2025", "31/12/2025", "Chính", "", "", ""],
        ["CB001", "tro-ly", "moi", "31/12/2025", "", "Chính", "", "", ""],
    ]
    found = problems(small_organisation(posts=rows))
    assert list(found) == ["Giữ vị trí!F3"]
    message = found["Giữ vị trí!F3"]
    assert "Văn phòng HĐND và UBND (từ 01/07/2025 đến 31/12/2025)" in message
    assert "Xã Mới (từ 31/12/2025 đến nay)" in message


def test_stored_posts_count_when_primary_posts_are_compared():
    run(small_organisation())
    found = problems(small_organisation(posts=[["CB001", "tro-ly", "moi", "01/01/2026", "", "Chính", "", "", ""]]))
    assert list(found) == ["Giữ vị trí!F2"]


@pytest.mark.parametrize(
    ("sheet", "row", "place", "words"),
    [
        ("units", ["moi", "Tên", "Xã", "", "", "01/07/2025", ""], "Đơn vị!A7", "đã có ở Đơn vị!A5"),
        ("units", ["x y", "Tên", "Xã", "", "", "01/07/2025", ""], "Đơn vị!A7", "chỉ được gồm"),
        ("units", ["x", "", "Xã", "", "", "01/07/2025", ""], "Đơn vị!B7", "Chưa ghi tên đơn vị"),
        ("units", ["x", "Tên", "Làng", "", "", "01/07/2025", ""], "Đơn vị!C7", "không có trong danh sách"),
        ("units", ["x", "Tên", "Xã", "ma-la", "", "01/07/2025", ""], "Đơn vị!D7", "Không có đơn vị mang mã “ma-la”"),
        ("units", ["x", "Tên", "Xã", "x", "", "01/07/2025", ""], "Đơn vị!D7", "cấp trên của chính nó"),
        ("units", ["x", "Tên", "Xã", "cu-1", "", "01/07/2025", ""], "Đơn vị!D7", "chỉ tồn tại"),
        ("units", ["x", "Tên", "Xã", "", "", "31/02/2025", ""], "Đơn vị!F7", "không phải ngày"),
        ("units", ["x", "Tên", "Xã", "", "", "01/07/2025", "30/06/2025"], "Đơn vị!G7", "không được trước"),
        ("units", ["x", "Tên", "Xã", "", "", 2025, ""], "Đơn vị!F7", "không phải ngày"),
        ("positions", ["tro-ly", "Khác", "Công chức", "", "01/07/2025", "", ""], "Vị trí!A3", "đã có ở"),
        ("positions", ["y", "Khác", "Công chức", "", "01/07/2025", "", "z"], "Vị trí!G3", "“z”"),
        ("officials", ["cb001", "Trùng", "", "Công chức", "", "", ""], "Người!A4", "đã có ở Người!A2"),
        ("officials", ["CB9", "Tên", "", "Công chức", "01/01/2099", "", ""], "Người!E4", "Ngày sinh"),
        ("officials", ["CB9", "Tên", "", "Công chức", "", "12", ""], "Người!F4", "Số điện thoại"),
        ("officials", ["CB9", "Tên", "", "Công chức", "", "", "12345"], "Người!G4", "12 chữ số"),
        ("officials", ["CB9", "Tên", "", "Công chức", "", "", "001090012345"], "Người!G4", "đã có ở Người!G2"),
        ("posts", ["CB9", "tro-ly", "moi", "01/07/2025", "", "Chính", "", "", ""], "Giữ vị trí!A5", "CB9"),
        ("posts", ["CB001", "la", "moi", "01/07/2025", "", "Chính", "", "", ""], "Giữ vị trí!B5", "“la”"),
        ("posts", ["CB001", "tro-ly", "la", "01/07/2025", "", "Chính", "", "", ""], "Giữ vị trí!C5", "“la”"),
        (
            "posts",
            ["CB001", "tro-ly", "cu-1", "01/07/2025", "", "Kiêm nhiệm", "", "", ""],
            "Giữ vị trí!C5",
            "chỉ tồn tại",
        ),
        (
            "posts",
            ["CB001", "tro-ly", "moi", "01/07/2025", "", "Phụ", "", "", ""],
            "Giữ vị trí!F5",
            "Chính, Kiêm nhiệm",
        ),
        ("posts", ["CB001", "tro-ly", "moi-vp", "01/07/2025", "", "Chính", "", "", ""], "Giữ vị trí!A5", "trùng với"),
        ("links", ["cu-1", "cu-1", "Sáp nhập vào", "01/07/2025", ""], "Sáp nhập!B4", "là một"),
        ("links", ["tinh", "moi", "Sáp nhập vào", "01/07/2025", ""], "Sáp nhập!A4", "còn tồn tại"),
        ("links", ["cu-1", "moi", "Sáp nhập vào", "01/06/2025", ""], "Sáp nhập!D4", "chỉ tồn tại"),
        ("links", ["cu-1", "moi", "Sáp nhập vào", "01/07/2025", ""], "Sáp nhập!A4", "đã có ở"),
    ],
)
def test_a_wrong_cell_is_named_with_what_to_do(sheet, row, place, words):
    sheets = small_organisation()
    name = {"units": "Đơn vị", "positions": "Vị trí", "officials": "Người", "posts": "Giữ vị trí", "links": "Sáp nhập"}
    sheets[name[sheet]] = [*sheets[name[sheet]], row]
    found = problems(sheets)
    assert list(found) == [place]
    assert words in found[place]


def test_every_problem_is_listed_at_once_in_the_order_of_the_sheets():
    found = problems(
        small_organisation(
            units=[["moi", "", "Làng", "", "", "x", ""]],
            officials=[["CB001", "Nguyễn Văn Đức", "", "?", "", "", ""]],
            posts=[["CB001", "tro-ly", "moi", "01/07/2025", "", "Chính", "", "", ""]],
            links=[],
        )
    )
    assert list(found) == ["Đơn vị!B2", "Đơn vị!C2", "Đơn vị!F2", "Người!D2"]


def test_a_circle_of_three_units_is_found():
    rows = [
        ["a", "A", "Khác", "c", "", "01/07/2025", ""],
        ["b", "B", "Khác", "a", "", "01/07/2025", ""],
        ["c", "C", "Khác", "b", "", "01/07/2025", ""],
    ]
    found = problems({"Đơn vị": rows})
    assert set(found) == {"Đơn vị!D2", "Đơn vị!D3", "Đơn vị!D4"}


def test_a_unit_may_not_be_closed_over_people_who_stay():
    run(small_organisation())
    closed = [["moi-vp", "Văn phòng HĐND và UBND", "Văn phòng", "", "", "01/07/2025", "31/12/2025"]]
    found = problems({"Đơn vị": closed})
    assert set(found) == {"Đơn vị!G2"}
    assert "CB00" in found["Đơn vị!G2"]


def test_nothing_is_stored_while_there_are_errors():
    sheets = small_organisation(posts=[["CB001", "la", "moi", "01/07/2025", "", "Chính", "", "", ""]])
    with pytest.raises(Invalid, match="còn 1 lỗi"):
        run(sheets)
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 0


def test_the_shipped_catalogue_is_not_rewritten():
    with unit_of_work():
        load_positions()
    name = db.session.scalar(select(Position.name).where(Position.code == "tp_tu_phap"))
    same = [["tp_tu_phap", name, "Công chức", "", "01/07/2025", "", ""]]
    assert not problems({"Vị trí": same})
    other = [["tp_tu_phap", "Tư pháp khác", "Công chức", "", "01/07/2025", "", ""]]
    assert list(problems({"Vị trí": other})) == ["Vị trí!A2"]


def test_headings_may_stand_lower_in_another_order_and_without_marks():
    headings = {"Nguoi": ["Loai can bo *", "HỌ VÀ TÊN", "so hieu", "Cột lạ"]}
    plan = import_workbook(workbook({"Nguoi": [["công chức", "Lê Thị Mẫu", 17, "x"]]}, headings=headings))
    assert not plan.errors
    assert [problem.place for problem in plan.warnings] == ["Người!D1"]
    assert plan.changes["officials"][0].title == "Lê Thị Mẫu (17)"


def test_missing_and_double_columns_are_named():
    headings = {"Người": ["Số hiệu", "Số hiệu", "Loại cán bộ"]}
    plan = import_workbook(workbook({"Người": [["CB1", "CB2", "Công chức"]]}, headings=headings))
    assert {problem.place: problem.message.split(".")[0] for problem in plan.errors} == {
        "Người!A1": "Thiếu cột “Họ và tên”",
        "Người!B1": "Cột “Số hiệu” có hai lần",
    }


def test_a_workbook_of_something_else_is_refused():
    with pytest.raises(Invalid, match="không có trang tính nào của mẫu"):
        import_workbook(workbook({"Sheet1": [["a"]]}))


def test_the_template_is_read_without_complaint_and_holds_nothing():
    with unit_of_work():
        load_positions()
    plan = import_workbook(template_workbook())
    assert not plan.problems
    assert not plan.touched


def test_only_units_in_reach_may_be_touched():
    run(small_organisation())
    reach = set(db.session.scalars(select(Unit.id).where(Unit.code.in_(["moi", "moi-vp"]))))
    sheets = {
        "Đơn vị": [
            ["tinh", "Tỉnh Khác", "Tỉnh", "", "", "01/01/2000", ""],
            ["moi-2", "Phòng Mẫu", "Phòng", "moi", "", "01/07/2025", ""],
            ["moi-3", "Phòng Lạc", "Phòng", "cu-1", "", "01/07/2025", ""],
            ["moi-4", "Phòng Rơi", "Phòng", "", "", "01/07/2025", ""],
        ],
        "Vị trí": [["them", "Thêm", "Công chức", "", "01/07/2025", "", ""]],
    }
    found = problems(sheets, reach=reach)
    assert list(found) == ["Đơn vị!A2", "Đơn vị!D4", "Đơn vị!D5", "Vị trí!A2"]


def test_people_of_other_units_may_not_be_touched():
    run(small_organisation())
    reach = set(db.session.scalars(select(Unit.id).where(Unit.code == "moi")))
    sheets = small_organisation(units=[], positions=[], links=[])
    found = problems(sheets, reach=reach)
    assert {"Người!A2", "Giữ vị trí!C2", "Giữ vị trí!C4"} <= set(found)
    assert "Người!A3" not in found
