"""Units over time: made, corrected, moved, closed, merged and renamed."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid
from examapp.organisation.mergers import merge_units, plan_merge, rename_unit
from examapp.organisation.models import LinkKind, Post, PostReason, Tree, Unit, UnitKind, UnitLink, UnitParent
from examapp.organisation.posts import posts_on
from examapp.organisation.tree import scope, subtree
from examapp.organisation.units import children_on, close_unit, correct_unit, create_unit, move_unit, unit_path

pytestmark = pytest.mark.usefixtures("context")
REFORM, EVE = date(2025, 7, 1), date(2025, 6, 30)
LONG_AGO = date(2000, 1, 1)


@pytest.fixture
def land(build):
    """A district with two communes and a new commune under the province, on the eve of the reform."""
    province = build.unit("Tỉnh", kind=UnitKind.PROVINCE, code="tinh", valid_from=LONG_AGO)
    one = build.unit("Xã Một", parent=province, code="mot", valid_from=LONG_AGO)
    two = build.unit("Xã Hai", parent=province, code="hai", valid_from=LONG_AGO)
    new = build.unit("Xã Mới", parent=province, code="moi")
    team = build.unit("Đội", parent=one, code="doi", valid_from=LONG_AGO, kind=UnitKind.OTHER)
    now = build.position("tp", "Tư pháp")
    old = build.position("old", "Tư pháp – hộ tịch", valid_from=LONG_AGO, valid_to=EVE, successor_id=now.id)
    gone = build.position("gone", "Trưởng Công an xã", valid_from=LONG_AGO, valid_to=EVE)
    chair = build.position("ct", "Chủ tịch", valid_from=LONG_AGO)
    people = [build.official(name) for name in ("Lê Văn An", "Lê Văn Bình", "Lê Văn Chi")]
    build.post(people[0], old, one, valid_from=LONG_AGO)
    build.post(people[1], gone, one, valid_from=LONG_AGO, valid_to=date(2025, 6, 1))
    build.post(people[2], chair, one, valid_from=LONG_AGO)
    build.post(people[2], chair, two, valid_from=LONG_AGO, is_primary=False)
    return {"province": province, "one": one, "two": two, "new": new, "team": team, "people": people, "gone": gone}


def row(land, key):
    return db.session.get_one(Unit, land[key].id)


def test_a_merger_moves_people_to_the_positions_of_today(land):
    with unit_of_work():
        plan = merge_units([row(land, "one"), row(land, "two")], row(land, "new"), on=REFORM, legal_basis="NQ 1 (mẫu)")
        told = [(m.post.official.given_name, m.position.code if m.position else m.why_not) for m in plan.moves]
    assert told == [("An", "tp"), ("Chi", "ct"), ("Chi", "người này đã giữ cùng vị trí ở đơn vị mới")]
    after = posts_on(REFORM)
    assert [(p.official.given_name, p.position.code, p.unit.code, p.is_primary) for p in after] == [
        ("An", "tp", "moi", True),
        ("Chi", "ct", "moi", True),
    ]
    assert {(p.reason, p.decision) for p in after} == {(PostReason.REORGANISATION, "NQ 1 (mẫu)")}
    assert len(posts_on(EVE)) == 3
    assert row(land, "one").valid_to == row(land, "two").valid_to == EVE
    links = db.session.scalars(select(UnitLink).order_by(UnitLink.id)).all()
    assert [(link.kind, link.on, link.legal_basis) for link in links] == [
        (LinkKind.MERGED_INTO, REFORM, "NQ 1 (mẫu)")
    ] * 2


def test_units_below_go_along(land):
    with unit_of_work():
        merge_units([row(land, "one")], row(land, "new"), on=REFORM)
    assert [unit.code for unit in unit_path(land["team"].id, REFORM)] == ["tinh", "moi", "doi"]
    assert [unit.code for unit in unit_path(land["team"].id, EVE)] == ["tinh", "mot", "doi"]


def test_who_may_see_the_new_unit_sees_what_it_came_from(land):
    with unit_of_work():
        merge_units([row(land, "one")], row(land, "new"), on=REFORM)
    assert scope([land["new"].id], on=REFORM) == {land["new"].id, land["one"].id, land["team"].id}


def test_a_position_without_a_replacement_ends(land, build):
    build.post(build.official("Lê Văn Dũng"), land["gone"], land["one"], valid_from=LONG_AGO)
    plan = plan_merge([row(land, "one")], row(land, "new"), on=REFORM)
    assert [move.why_not for move in plan.ended] == [
        "vị trí chỉ dùng từ 01/01/2000 đến 30/06/2025 và chưa có vị trí thay thế"
    ]


def test_looking_changes_nothing(land):
    plan_merge([row(land, "one")], row(land, "new"), on=REFORM)
    assert not db.session.dirty
    assert not db.session.new


@pytest.mark.parametrize(
    ("old", "new", "on", "words"),
    [
        (["new"], "new", date(2026, 1, 1), "vừa là đơn vị cũ"),
        ([], "new", REFORM, "Chưa chọn"),
        (["one"], "new", date(2025, 6, 1), "Đơn vị mới “Xã Mới” chỉ tồn tại"),
        (["new"], "one", REFORM, "“Xã Mới” chỉ tồn tại"),
    ],
)
def test_a_merger_that_cannot_be_is_refused(land, old, new, on, words):
    with pytest.raises(Invalid, match=words), unit_of_work():
        merge_units([row(land, key) for key in old], row(land, new), on=on)
    assert db.session.scalar(select(UnitLink.id)) is None


def test_a_post_that_begins_later_stands_in_the_way(land, build):
    position = build.position("x", "Mới")
    build.post(build.official("Lê Văn Em"), position, land["one"], valid_from=date(2025, 8, 1))
    plan = plan_merge([row(land, "one")], row(land, "new"), on=REFORM)
    assert "Lê Văn Em" in plan.obstacles[0]


def test_a_new_name_keeps_people_places_and_the_old_name(land):
    with unit_of_work():
        unit = rename_unit(row(land, "one"), code="mot-2", name="Phường Một", on=REFORM, kind=UnitKind.WARD)
    assert [u.code for u in unit_path(unit.id, REFORM)] == ["tinh", "mot-2"]
    assert [u.code for u in children_on(unit, REFORM)] == ["doi"]
    assert db.session.scalars(select(UnitLink.kind)).one() is LinkKind.RETYPED
    assert {p.unit.code for p in posts_on(REFORM)} == {"mot-2", "hai"}
    assert {p.unit.code for p in posts_on(EVE)} == {"mot", "hai"}


def test_a_name_does_not_change_before_the_unit_began(land):
    with pytest.raises(Invalid), unit_of_work():
        rename_unit(row(land, "new"), code="x", name="X", on=REFORM)


def test_moving_keeps_the_past(land):
    with unit_of_work():
        move_unit(row(land, "team"), parent=row(land, "two"), on=date(2010, 1, 1))
    assert land["team"].id in subtree([land["one"].id], on=date(2009, 12, 31))
    assert land["team"].id in subtree([land["two"].id], on=date(2010, 1, 1))
    with unit_of_work():
        move_unit(row(land, "team"), parent=None, on=LONG_AGO)
    assert db.session.scalar(select(UnitParent.id).where(UnitParent.unit_id == land["team"].id)) is None


def test_a_unit_never_stands_above_itself(land):
    with pytest.raises(Invalid, match="nằm dưới chính đơn vị này"), unit_of_work():
        move_unit(row(land, "one"), parent=row(land, "team"), on=REFORM)
    with pytest.raises(Invalid, match="nằm dưới chính đơn vị này"), unit_of_work():
        move_unit(row(land, "one"), parent=row(land, "one"), on=REFORM)


def test_a_parent_lives_as_long_as_the_unit(land):
    with pytest.raises(Invalid, match="không trùm hết"), unit_of_work():
        create_unit(code="x", name="X", kind=UnitKind.OTHER, valid_from=LONG_AGO, parent=row(land, "new"))


def test_the_party_tree_is_apart(land):
    with unit_of_work():
        create_unit(
            code="cb",
            name="Chi bộ",
            kind=UnitKind.PARTY_BODY,
            valid_from=REFORM,
            parent=row(land, "new"),
            tree=Tree.PARTY,
        )
    assert len(subtree([land["new"].id], on=REFORM)) == 1
    assert len(subtree([land["new"].id], on=REFORM, tree=Tree.PARTY)) == 2


def test_closing_waits_for_people_and_units_below(land):
    with pytest.raises(Conflict, match="Còn 2 vị trí"), unit_of_work():
        close_unit(row(land, "one"), last_day=EVE)
    with unit_of_work():
        for post in db.session.scalars(select(Post).where(Post.unit_id == land["one"].id, Post.valid_to.is_(None))):
            post.valid_to = EVE
    with pytest.raises(Conflict, match="Còn 1 đơn vị trực thuộc sau ngày này: Đội"), unit_of_work():
        close_unit(row(land, "one"), last_day=EVE)
    with unit_of_work():
        close_unit(row(land, "team"), last_day=EVE)
        close_unit(row(land, "one"), last_day=EVE)
    assert land["one"].id not in subtree([land["province"].id], on=REFORM)
    with pytest.raises(Conflict, match="đã kết thúc"), unit_of_work():
        close_unit(row(land, "one"), last_day=REFORM)
    with pytest.raises(Invalid), unit_of_work():
        close_unit(row(land, "new"), last_day=EVE)


def test_a_corrected_first_day_moves_the_place_in_the_tree(land):
    with unit_of_work():
        correct_unit(row(land, "new"), name="Xã Mới", kind=UnitKind.WARD, valid_from=date(2025, 6, 16))
    assert land["new"].id in subtree([land["province"].id], on=date(2025, 6, 16))
    with pytest.raises(Invalid, match="Đã có người giữ"), unit_of_work():
        correct_unit(row(land, "one"), name="Xã Một", kind=UnitKind.COMMUNE, valid_from=date(2001, 1, 1))
    with pytest.raises(Invalid, match="cấp trên"), unit_of_work():
        correct_unit(row(land, "two"), name="Xã Hai", kind=UnitKind.COMMUNE, valid_from=date(1999, 1, 1))
