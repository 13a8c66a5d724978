"""Rules of posts, officials and the catalogue, asked without pages."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import select

from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Invalid
from examapp.organisation.catalogue import load_positions, shipped_positions
from examapp.organisation.models import Official, Position, Post, PostReason, StaffCategory, Unit
from examapp.organisation.officials import clean_identity, clean_phone, masked
from examapp.organisation.services import (
    Terms,
    add_officials,
    add_post,
    add_posts,
    add_units,
    correct_post,
    create_official,
    edit_official,
    end_post,
    posts_of,
    posts_on,
    transfer,
    unit_path,
)

pytestmark = pytest.mark.usefixtures("context")
JULY, AUGUST = date(2025, 7, 1), date(2025, 8, 1)


@pytest.fixture
def place(build):
    commune = build.unit("Xã Một")
    return {
        "commune": commune,
        "office": build.unit("Văn phòng", parent=commune),
        "clerk": build.position("tp", "Tư pháp"),
        "chair": build.position("ct", "Chủ tịch"),
        "old": build.position("cu", "Văn phòng – thống kê", valid_from=date(2010, 1, 1), valid_to=date(2025, 6, 30)),
        "duc": build.official("Nguyễn Văn Đức"),
    }


def give(place, position="clerk", unit="office", who="duc", **terms):
    """Add a post for good; returns its id."""
    terms.setdefault("valid_from", JULY)
    with unit_of_work() as session:
        post = add_post(
            session.get_one(Official, place[who].id),
            position=session.get_one(Position, place[position].id),
            unit=session.get_one(Unit, place[unit].id),
            terms=Terms(**terms),
        )
        return post.id


def held(place):
    """(position, from, to, primary) of every post, the earliest first."""
    query = select(Post).where(Post.official_id == place["duc"].id).order_by(Post.valid_from, Post.id)
    return [(p.position.code, p.valid_from, p.valid_to, p.is_primary) for p in db.session.scalars(query)]


def act(verb, post_id, **options):
    with unit_of_work() as session:
        return verb(session.get_one(Post, post_id), **options)


def test_a_second_open_primary_post_is_refused(place):
    give(place)
    with pytest.raises(Invalid) as caught:
        give(place, "chair", "commune", valid_from=AUGUST)
    assert caught.value.field == "is_primary"
    assert "“Tư pháp” tại Văn phòng (từ 01/07/2025 đến nay)" in caught.value.message
    assert "“Chủ tịch” tại Xã Một (từ 01/08/2025 đến nay)" in caught.value.message


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        (date(2025, 12, 31), None, False),
        (date(2026, 1, 1), None, True),
        (date(2025, 9, 1), date(2025, 9, 30), False),
        (date(2026, 1, 1), date(2026, 1, 1), True),
    ],
)
def test_closed_primary_posts_count_too(place, start, end, fits):
    give(place, valid_to=date(2025, 12, 31))
    if fits:
        give(place, "chair", "commune", valid_from=start, valid_to=end)
        assert len(held(place)) == 2
    else:
        with pytest.raises(Invalid):
            give(place, "chair", "commune", valid_from=start, valid_to=end)


def test_concurrent_posts_may_be_many(place):
    give(place)
    give(place, "chair", "commune", is_primary=False)
    give(place, "chair", "office", is_primary=False)
    assert [primary for *_, primary in held(place)] == [True, False, False]


def test_the_same_post_twice_at_once_is_refused(place):
    give(place, is_primary=False)
    with pytest.raises(Invalid, match="đã giữ"):
        give(place, is_primary=False, valid_from=AUGUST)


@pytest.mark.parametrize(
    ("position", "terms", "field"),
    [
        ("clerk", {"valid_from": date(2025, 6, 30)}, "unit"),
        ("old", {"valid_from": JULY}, "position"),
        ("clerk", {"valid_from": AUGUST, "valid_to": JULY}, "valid_to"),
    ],
)
def test_a_post_stays_inside_the_life_of_unit_and_position(place, position, terms, field):
    with pytest.raises(Invalid) as caught:
        give(place, position, **terms)
    assert caught.value.field == field


def test_a_transfer_leaves_no_gap_and_no_overlap(place):
    first = give(place)
    with unit_of_work() as session:
        transfer(
            session.get_one(Post, first),
            position=session.get_one(Position, place["chair"].id),
            unit=session.get_one(Unit, place["commune"].id),
            terms=Terms(valid_from=AUGUST, reason=PostReason.ROTATION),
        )
    assert held(place) == [("tp", JULY, date(2025, 7, 31), True), ("ct", AUGUST, None, True)]


def test_a_transfer_to_the_same_place_or_into_the_past_is_refused(place):
    first = give(place)
    clerk, chair, office = (
        db.session.get_one(kind, place[key].id)
        for kind, key in ((Position, "clerk"), (Position, "chair"), (Unit, "office"))
    )
    db.session.rollback()
    with pytest.raises(Invalid, match="trùng với vị trí đang giữ"):
        act(transfer, first, position=clerk, unit=office, terms=Terms(valid_from=AUGUST))
    with pytest.raises(Invalid, match="bắt đầu ngày 01/07/2025"):
        act(transfer, first, position=chair, unit=office, terms=Terms(valid_from=JULY))
    assert held(place) == [("tp", JULY, None, True)]


def test_ending_twice_is_a_conflict(place):
    post = give(place)
    act(end_post, post, last_day=AUGUST)
    with pytest.raises(Conflict, match="đã kết thúc ngày 01/08/2025"):
        act(end_post, post, last_day=date(2025, 9, 1))
    act(end_post, post, last_day=date(2025, 7, 31), decision="5/QĐ (mẫu)")
    assert held(place) == [("tp", JULY, date(2025, 7, 31), True)]


def test_a_concurrent_post_becomes_primary_the_day_after(place):
    main = give(place)
    other = give(place, "chair", "commune", is_primary=False)
    with pytest.raises(Invalid) as caught:
        act(end_post, main, last_day=date(2025, 7, 31))
    assert caught.value.field == "next_primary"
    with unit_of_work() as session:
        chosen = session.get_one(Post, other)
        end_post(session.get_one(Post, main), last_day=date(2025, 7, 31), next_primary=chosen)
    assert held(place) == [
        ("tp", JULY, date(2025, 7, 31), True),
        ("ct", JULY, date(2025, 7, 31), False),
        ("ct", AUGUST, None, True),
    ]


def test_a_correction_keeps_the_rules(place):
    first = give(place, valid_to=date(2025, 7, 31))
    give(place, "chair", "commune", valid_from=AUGUST)
    with pytest.raises(Invalid):
        act(correct_post, first, terms=Terms(valid_from=JULY))
    act(correct_post, first, terms=Terms(valid_from=JULY, is_primary=False))
    assert held(place)[0] == ("tp", JULY, None, False)


def test_posts_of_a_day(place, build):
    an = build.official("Trần Thị Ân")
    give(place, valid_to=date(2025, 7, 31))
    give(place, "chair", "commune", is_primary=False)
    build.post(an, place["clerk"], place["office"])
    assert [(p.official.given_name, p.position.name, p.unit.name) for p in posts_on(JULY)] == [
        ("Ân", "Tư pháp", "Văn phòng"),
        ("Đức", "Tư pháp", "Văn phòng"),
        ("Đức", "Chủ tịch", "Xã Một"),
    ]
    assert [p.official_id for p in posts_on(AUGUST, unit_ids={place["office"].id})] == [an.id]
    assert [p.position_id for p in posts_on(JULY, position_ids=[place["chair"].id])] == [place["chair"].id]
    assert posts_on(JULY, unit_ids=set()) == []
    assert posts_on(date(2025, 6, 30)) == []
    assert [p.is_primary for p in posts_of(place["duc"].id, on=JULY)] == [True, False]


def test_the_path_to_a_unit(place):
    assert [unit.name for unit in unit_path(place["office"].id, JULY)] == ["Xã Một", "Văn phòng"]
    assert [unit.name for unit in unit_path(place["office"].id, date(2020, 1, 1))] == ["Văn phòng"]


# Officials


def test_names_are_composed_and_spaced_once():
    with unit_of_work():
        official = create_official(
            staff_code="CB1",
            full_name="  " + unicodedata.normalize("NFD", "Đặng  Thị Ệ") + " ",
            staff_category=StaffCategory.CIVIL_SERVANT,
        )
    assert (official.full_name, official.given_name, official.name_fold) == ("Đặng Thị Ệ", "Ệ", "dang thi e")


def test_an_edited_given_name_moves_the_person_in_lists(build):
    official = build.official("H'Hen Niê", staff_code="CB1")
    before = official.sort_key
    with unit_of_work() as session:
        row = session.get_one(Official, official.id)
        edit_official(
            row, full_name="H'Hen Niê", given_name="H'Hen", staff_category=StaffCategory.CADRE,
            birth_date=None, phone="", identity_number="",
        )  # fmt: skip
    assert row.sort_key < before
    assert row.phone is None


@pytest.mark.parametrize(
    ("written", "kept"), [("0912 345.678", "0912345678"), ("+84912345678", "+84912345678"), ("", None), (None, None)]
)
def test_phones_stay_text(written, kept):
    assert clean_phone(written) == kept


@pytest.mark.parametrize("written", ["12", "không có", "09123456789012345"])
def test_what_is_no_phone_is_refused(written):
    with pytest.raises(Invalid):
        clean_phone(written)


def test_identity_numbers_keep_their_zeros():
    assert clean_identity("001 090 012345") == "001090012345"
    assert clean_identity("012345678") == "012345678"
    for wrong in ("1090012345", "00109001234x"):
        with pytest.raises(Invalid):
            clean_identity(wrong)


def test_only_the_last_three_figures_are_shown():
    assert masked("001090012345") == "•••••••••345"
    assert masked(None) == ""


def test_a_birthday_lies_in_the_past():
    with pytest.raises(Invalid, match="Ngày sinh"):
        create_official(
            staff_code="CB1", full_name="Mẫu", staff_category=StaffCategory.CADRE, birth_date=date(2999, 1, 1)
        )


# The catalogue


def test_the_catalogues_are_whole():
    rows = shipped_positions()
    assert Counter(row["catalogue"] for row in rows) == {"361_2025": 42, "33_2023": 6, "can_bo": 13}
    new = [row for row in rows if row["catalogue"] == "361_2025"]
    assert sum(row["is_leadership"] == "1" for row in new) == 8
    codes = {row["code"] for row in rows}
    assert len(codes) == len(rows)
    assert {row["successor"] for row in rows} - {""} <= codes
    assert {row["code"] for row in rows if row["is_verified"] == "0"} >= {"kt_do_thi", "vx_thong_tin", "kt_dang_ky_kd"}


def test_every_position_before_the_reform_has_one_after_it():
    rows = {row["code"]: row for row in shipped_positions()}
    for row in rows.values():
        if row["catalogue"] == "33_2023":
            assert row["valid_to"] == "2025-06-30"
            assert rows[row["successor"]]["valid_from"] == "2025-07-01"


def test_loading_again_changes_nothing():
    with unit_of_work():
        assert load_positions() == 61
    with unit_of_work():
        assert load_positions() == 0
    with unit_of_work() as session:
        session.scalars(select(Position).where(Position.code == "tp_tu_phap")).one().name = "Khác"
    with unit_of_work():
        assert load_positions() == 1
    old = db.session.scalars(select(Position).where(Position.code == "old_tp_ho_tich")).one()
    assert db.session.get_one(Position, old.successor_id).code == "tp_tu_phap"


# Many at once


def test_many_rows_are_stored_with_few_statements(build):
    position = build.position("tp")
    with unit_of_work():
        units = add_units(
            {"code": f"u{n}", "name": f"Xã {n}", "kind": "commune", "valid_from": JULY, "parent": "u0" if n else None}
            for n in range(50)
        )
        people = add_officials(
            {"staff_code": f"CB{n}", "full_name": f"Người Mẫu Số {n}", "staff_category": StaffCategory.CIVIL_SERVANT}
            for n in range(50)
        )
        count = add_posts(
            {
                "official_id": people[f"CB{n}"],
                "position_id": position.id,
                "unit_id": units[f"u{n}"],
                "valid_from": JULY,
                "is_primary": True,
            }
            for n in range(50)
        )
    assert count == len(posts_on(JULY)) == 50
    assert [unit.code for unit in unit_path(units["u7"], JULY)] == ["u0", "u7"]
    assert add_units([]) == add_officials([]) == {}
    assert add_posts([]) == 0
