"""Pages of units, officials and positions: what a reader sees, who may see it, what an edit does."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event

from examapp.accounts.models import Role
from examapp.core.db import db
from examapp.organisation.models import (
    LinkKind,
    Official,
    Post,
    PostReason,
    Tree,
    Unit,
    UnitKind,
    UnitLink,
    UnitParent,
)

ADMINISTRATOR = Role.ADMINISTRATOR


@pytest.fixture
def place(build):
    """A province of two communes; the first came of an older one and has an office with two people."""
    province = build.unit("Tỉnh Mẫu", kind=UnitKind.PROVINCE, code="tinh", valid_from=date(2000, 1, 1))
    one = build.unit("Xã Một", parent=province, code="mot")
    two = build.unit("Xã Hai", parent=province, code="hai")
    office = build.unit("Văn phòng", parent=one, kind=UnitKind.DEPARTMENT, code="vp")
    old = build.unit("Xã Cũ", code="cu", valid_from=date(2000, 1, 1), valid_to=date(2025, 6, 30))
    build.save(UnitLink(predecessor_id=old.id, successor_id=one.id, kind=LinkKind.MERGED_INTO, on=date(2025, 7, 1)))
    clerk = build.position("tp", "Tư pháp")
    chair = build.position("ct", "Chủ tịch", is_verified=False)
    duc = build.official("Nguyễn Văn Đức", staff_code="CB1", phone="0912345678", identity_number="001090012345")
    an = build.official("Trần Thị Ân", staff_code="CB2")
    far = build.official("Lê Văn Xa", staff_code="CB3")
    build.post(duc, clerk, office)
    build.post(duc, chair, one, is_primary=False)
    build.post(an, clerk, office)
    build.post(far, clerk, two)
    return {
        "province": province, "one": one, "two": two, "office": office, "old": old, "clerk": clerk, "chair": chair,
        "duc": duc, "an": an, "far": far,
    }  # fmt: skip


@pytest.fixture
def admin(build, reader):
    return reader(build.account(None, ADMINISTRATOR))


@pytest.fixture
def leader_of_one(build, reader, place):
    return reader(build.account(None, Role.LEADER, unit=place["one"]))


def test_the_tree_counts_each_person_once(admin, place):
    page = admin.open("/organisation/units")
    assert page.heading == "Đơn vị"
    assert "4 đơn vị, 3 người" in page.text
    assert "Tỉnh Mẫu · Tỉnh, thành phố · 3 người" in page.text
    assert "Xã Một · Xã · 2 người" in page.text
    assert "Xã Cũ" not in page.text


def test_the_tree_of_another_day(admin, place):
    page = admin.open("/organisation/units?on=30/06/2025")
    assert "Xã Cũ" in page.text
    assert "Xã Một" not in page.text
    assert "Đang xem cơ cấu của ngày 30/06/2025" in page.text


def test_an_unreadable_day_is_today(admin, place):
    assert "Xã Một" in admin.open("/organisation/units?on=hôm+qua").text


def test_the_party_tree_shows_its_members_only(admin, place, build):
    cell = build.unit("Chi bộ Mẫu", kind=UnitKind.PARTY_BODY)
    build.save(UnitParent(unit_id=cell.id, parent_id=place["one"].id, tree=Tree.PARTY, valid_from=date(2025, 7, 1)))
    page = admin.open("/organisation/units?tree=party")
    assert "Chi bộ Mẫu" in page.text
    assert "Xã Hai" not in page.text


def test_an_empty_tree_says_what_to_do_first(admin):
    page = admin.open("/organisation/units")
    assert "Chưa có đơn vị nào" in page.text
    assert page.link("Nhập từ Excel").endswith("/organisation/import")


def test_a_reader_sees_the_own_units_and_where_they_came_from(leader_of_one):
    page = leader_of_one.open("/organisation/units")
    assert "Xã Một" in page.text
    assert "Xã Hai" not in page.text
    assert "Tỉnh Mẫu" not in page.text
    assert "Thêm đơn vị" not in page.text
    leader_of_one.open("/organisation/units/hai", status=404)
    leader_of_one.open("/organisation/units/cu")
    leader_of_one.open("/organisation/officials/CB3", status=404)
    leader_of_one.open("/organisation/units/new", status=404)


def test_a_unit_shows_its_people_its_past_and_what_stands_below(admin, place):
    page = admin.open("/organisation/units/mot")
    assert page.heading == "Xã Một"
    assert "Nguyễn Văn Đức" in page.text
    assert "Chủ tịch cần xác nhận" in page.text
    assert "Hình thành từ Xã Cũ · sáp nhập vào “Xã Một”, 01/07/2025" in page.text
    assert admin.open(page.link("Văn phòng")).heading == "Văn phòng"
    assert "Trần Thị Ân" in admin.page.text


def test_a_closed_unit_says_so(admin, place):
    page = admin.open("/organisation/units/cu")
    assert "Đơn vị này đã kết thúc ngày 30/06/2025" in page.text
    assert "Tiếp nối bởi" in page.text


def test_people_are_sorted_by_given_name(admin, place):
    page = admin.open("/organisation/officials")
    assert [text.split(" CB")[0] for text in page.texts("td[@class='lead-cell']")] == [
        "Trần Thị Ân", "Nguyễn Văn Đức", "Lê Văn Xa",
    ]  # fmt: skip
    page = admin.open("/organisation/officials?sort=-name")
    assert page.texts("td[@class='lead-cell']")[0].startswith("Lê Văn Xa")


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("q=nguyen+van+duc", ["Nguyễn Văn Đức"]),
        ("q=ĐỨC", ["Nguyễn Văn Đức"]),
        ("q=dục", []),
        ("q=cb2", ["Trần Thị Ân"]),
        ("unit=mot", ["Trần Thị Ân", "Nguyễn Văn Đức"]),
        ("unit=hai", ["Lê Văn Xa"]),
        ("position=ct", ["Nguyễn Văn Đức"]),
        ("unit=mot&position=tp&q=ân", ["Trần Thị Ân"]),
        ("category=can_bo", []),
        ("q=%25", []),
    ],
)
def test_the_list_is_filtered_by_its_address(admin, place, address, names):
    page = admin.open(f"/organisation/officials?{address}")
    assert page.texts("td[@class='lead-cell']") == names


def test_the_list_keeps_to_the_reach_of_the_reader(leader_of_one):
    page = leader_of_one.open("/organisation/officials")
    assert "Nguyễn Văn Đức" in page.text
    assert "Lê Văn Xa" not in page.text
    assert "Lê Văn Xa" not in leader_of_one.open("/organisation/officials?unit=hai").text


def test_the_list_costs_the_same_for_many_people(admin, place, build, app):
    def queries():
        found = []
        with app.app_context():
            engine = db.engine

        def note(_connection, _cursor, statement, *_rest):
            found.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            admin.open("/organisation/officials")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(found)

    few = queries()
    for number in range(35):
        official = build.official(f"Người Mẫu {number}")
        build.post(official, place["clerk"], place["office"])
    assert queries() == few
    assert "Trang 1 trên 2" in admin.page.text
    admin.open(admin.page.link("Tiếp"))
    assert "Trang 2 trên 2" in admin.page.text


def test_numbers_are_masked_on_pages_and_whole_in_the_form(admin, place):
    page = admin.open("/organisation/officials/CB1")
    assert "001090012345" not in page.html
    assert "0912345678" not in page.html
    assert "•••••••••345" in page.text
    assert "•••••••678" in page.text
    assert "001090012345" in admin.open("/organisation/officials/CB1/edit").html


def test_the_history_of_a_person(admin, place, build):
    old = build.position("cu", "Văn phòng – thống kê", valid_from=date(2010, 1, 1), valid_to=date(2025, 6, 30))
    build.post(place["duc"], old, place["old"], valid_from=date(2020, 1, 1), valid_to=date(2025, 6, 30))
    page = admin.open("/organisation/officials/CB1")
    rows = page.texts("tbody/tr")
    assert len(rows) == 3
    assert rows[-1].startswith("01/01/2020 – 30/06/2025 Văn phòng – thống kê Xã Cũ Chính Bổ nhiệm, tuyển dụng")
    assert "01/07/2025 – nay" in rows[0]


def test_a_unit_is_added_and_corrected(admin, place, build):
    admin.open("/organisation/units/new?parent=mot")
    admin.submit("code", code="kt", name="Phòng Kinh tế", kind="department", valid_from="1/8/2025")
    assert admin.page.heading == "Phòng Kinh tế"
    assert "Tỉnh Mẫu › Xã Một › Phòng Kinh tế" in admin.page.text
    admin.open("/organisation/units/kt/edit")
    admin.submit("name", name="Phòng Kinh tế, Hạ tầng", valid_from="01/07/2025")
    assert admin.page.heading == "Phòng Kinh tế, Hạ tầng"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"code": "mot"}, "đã dùng"),
        ({"code": "new"}, "dành riêng"),
        ({"code": "a b"}, "chỉ được gồm"),
        ({"parent": "la"}, "Không có đơn vị mang mã “la”"),
        ({"valid_from": "01/01/2020"}, "chỉ tồn tại từ 01/07/2025 đến nay"),
        ({"valid_from": "32/01/2026"}, "Không có ngày 32/01/2026 trong lịch"),
        ({"valid_from": "tháng sau"}, "dạng ngày/tháng/năm"),
        ({"name": ""}, "Chưa nhập ô này"),
    ],
)
def test_a_wrong_unit_is_told_and_kept_on_the_page(admin, place, values, words):
    admin.open("/organisation/units/new")
    right = {"code": "kt", "name": "Phòng", "kind": "department", "valid_from": "01/08/2025", "parent": "mot"}
    page = admin.submit("code", status=422, **{**right, **values})
    assert words in page.text
    assert 'value="01/08/2025"' in page.html or "valid_from" in values


def test_a_local_administrator_adds_only_below_the_own_unit(build, reader, place):
    local = reader(build.account(None, ADMINISTRATOR, unit=place["one"]))
    local.open("/organisation/units/new")
    values = {"code": "kt", "name": "Phòng", "kind": "department", "valid_from": "01/08/2025"}
    assert "trong phạm vi" in local.submit("code", status=422, parent="", **values).text
    assert "Không có đơn vị" in local.submit("code", status=422, parent="hai", **values).text
    local.submit("code", parent="mot", **values)
    assert local.page.heading == "Phòng"
    local.open("/organisation/units/hai/edit", status=404)


def test_a_unit_with_people_is_not_closed(admin, place):
    admin.open("/organisation/units/vp/close")
    page = admin.submit("last_day", status=422, last_day="31/12/2026")
    assert "Còn 2 vị trí đang có người giữ" in page.text


def test_a_merger_is_shown_before_it_is_done(admin, place, build, app):
    admin.open("/organisation/merge?from=hai")
    page = admin.submit("predecessors", successor="mot", on="01/01/2026", kind="merged_into", legal_basis="NQ (mẫu)")
    assert page.heading == "Xác nhận sáp nhập"
    assert "Lê Văn Xa: “Tư pháp” tại Xã Hai (từ 01/07/2025 đến nay) chuyển sang đơn vị mới." in page.text
    assert build.get(Unit, place["two"].id).valid_to is None
    admin.submit("confirmed")
    assert admin.page.heading == "Xã Một"
    assert "Lê Văn Xa" in admin.page.text
    assert build.get(Unit, place["two"].id).valid_to == date(2025, 12, 31)
    assert "Sắp xếp đơn vị hành chínhNQ (mẫu)" in admin.open("/organisation/officials/CB3").text


def test_a_merger_that_cannot_be_says_why(admin, place):
    admin.open("/organisation/merge")
    page = admin.submit("predecessors", status=422, predecessors="mot, hai", successor="mot", on="01/01/2026")
    assert "vừa là đơn vị cũ vừa là đơn vị mới" in page.text


def test_a_unit_takes_another_name(admin, place):
    admin.open("/organisation/units/vp/rename")
    admin.submit("code", code="vp2", name="Văn phòng HĐND và UBND", on="01/01/2026", legal_basis="QĐ (mẫu)")
    assert admin.page.heading == "Văn phòng HĐND và UBND"
    assert "Trần Thị Ân" in admin.page.text
    assert "đổi tên thành" in admin.page.text


def test_a_person_is_added_with_the_first_post(admin, place):
    admin.open("/organisation/officials/new?unit=vp")
    admin.submit(
        "staff_code",
        staff_code="CB9",
        full_name="H'Hen Niê",
        given_name="H'Hen",
        staff_category="cong_chuc",
        birth_date="2/3/1990",
        position=str(place["clerk"].id),
        valid_from="01/08/2025",
    )
    assert admin.page.heading == "H'Hen Niê"
    assert "Tư pháp, Văn phòng" in admin.page.text
    admin.open("/organisation/officials/CB9/edit")
    admin.submit("full_name", given_name="", phone="0912 345 000")
    assert "Tên (để xếp danh sách)Niê" in admin.page.text


def test_a_staff_code_is_not_given_twice(admin, place):
    admin.open("/organisation/officials/new?unit=vp")
    page = admin.submit(
        "staff_code", status=422, staff_code="cb1", full_name="Trùng Mã",
        position=str(place["clerk"].id), valid_from="01/08/2025",
    )  # fmt: skip
    assert "đã dùng cho một người khác" in page.text


def test_a_second_primary_post_is_refused_naming_both(admin, place):
    admin.open("/organisation/officials/CB2/posts/new")
    page = admin.submit(
        "position", status=422, position=str(place["chair"].id), unit="mot", is_primary="1", valid_from="01/01/2026"
    )
    assert "“Tư pháp” tại Văn phòng (từ 01/07/2025 đến nay)" in page.text
    assert "“Chủ tịch” tại Xã Một (từ 01/01/2026 đến nay)" in page.text
    admin.submit("position", position=str(place["chair"].id), unit="mot", is_primary="0", valid_from="01/01/2026")
    assert admin.page.heading == "Trần Thị Ân"


def test_a_person_is_transferred(admin, place, build):
    page = admin.open("/organisation/officials/CB2")
    admin.open(page.link("Điều động"))
    assert "kết thúc một ngày trước" in admin.page.text
    admin.submit("unit", unit="hai", reason="rotation", valid_from="01/02/2026", decision="12/QĐ (mẫu)")
    rows = admin.page.texts("tbody/tr")
    assert rows[0].startswith("01/02/2026 – nayđang giữ Tư pháp Xã Hai Chính Luân chuyển12/QĐ (mẫu)")
    assert rows[1].startswith("01/07/2025 – 31/01/2026 Tư pháp Văn phòng")


def test_ending_the_primary_post_asks_which_becomes_primary(admin, place, build, app):
    post = next(p for p in _posts(app, place["duc"]) if p.is_primary)
    admin.open(f"/organisation/posts/{post.id}/end")
    page = admin.submit("last_day", status=422, last_day="31/01/2026")
    assert "Hãy chọn vị trí nào trở thành vị trí chính" in page.text
    other = next(p for p in _posts(app, place["duc"]) if not p.is_primary)
    admin.submit("last_day", last_day="31/01/2026", next_primary=str(other.id))
    rows = admin.page.texts("tbody/tr")
    assert rows[0].startswith("01/02/2026 – nayđang giữ Chủ tịch cần xác nhận Xã Một Chính")


def test_a_post_is_corrected(admin, place, app):
    (post,) = _posts(app, place["an"])
    admin.open(f"/organisation/posts/{post.id}/edit")
    admin.submit("valid_from", valid_from="01/09/2025", decision="5/QĐ (mẫu)")
    assert "01/09/2025 – nay" in admin.page.text
    admin.open(f"/organisation/posts/{post.id}/edit")
    page = admin.submit("valid_from", status=422, valid_from="01/09/2024")
    assert "chỉ tồn tại từ 01/07/2025 đến nay" in page.text


def _posts(app, official: Official) -> list[Post]:
    with app.app_context():
        return db.session.query(Post).filter_by(official_id=official.id).order_by(Post.id).all()


def test_posts_out_of_reach_cannot_be_changed(build, reader, place, app):
    local = reader(build.account(None, ADMINISTRATOR, unit=place["two"]))
    (post,) = _posts(app, place["an"])
    for act in ("edit", "end", "transfer"):
        local.open(f"/organisation/posts/{post.id}/{act}", status=404)
    local.open("/organisation/officials/CB2", status=404)
    local.open("/organisation/officials/CB2/posts/new", status=404)


def test_positions_show_what_is_not_confirmed(admin):
    page = admin.open("/organisation/positions")
    assert "Chưa có danh mục vị trí" in page.text
    admin.submit("Nạp danh mục")
    assert "Đã cập nhật 61 vị trí." in admin.page.text
    page = admin.open("/organisation/positions?q=quan+ly+do+thi")
    assert page.texts("td[@class='lead-cell']") == ["Quản lý đô thịkt_do_thi · Phòng Kinh tế cần xác nhận"]
    page = admin.open("/organisation/positions?catalogue=33_2023")
    assert len(page.texts("tbody/tr")) == 6
    assert "01/01/2010 – 30/06/2025" in page.text


def test_only_who_reaches_everything_loads_the_catalogue(build, reader, place):
    local = reader(build.account(None, ADMINISTRATOR, unit=place["one"]))
    assert "Nạp danh mục" not in local.open("/organisation/positions").text
    local.post("/organisation/positions/load", status=404)


def test_who_has_no_permission_finds_nothing(build, reader, place):
    official = reader(build.account(place["an"]))
    for address in ("units", "units/mot", "officials", "officials/CB2", "positions", "import"):
        official.open(f"/organisation/{address}", status=404)


def test_pages_speak_english(build, reader, place):
    page = reader(build.account(None, ADMINISTRATOR), language="en").open("/organisation/officials/CB1")
    assert "Positions held" in page.text


def test_reasons_cover_every_kind():
    from examapp.organisation import labels

    assert set(labels.POST_REASONS) == set(PostReason)
