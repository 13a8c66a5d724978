"""Where people are counted today: mergers, splits, renamings, departments, what a person may see."""

from __future__ import annotations

from datetime import date

from examapp.home.places import Fate, Hanging, Place, Places
from examapp.organisation.models import UnitKind

TODAY = date(2026, 6, 1)
END, MERGER = date(2025, 6, 30), date(2025, 7, 1)
OLD = date(2011, 1, 1)

PROVINCE, DISTRICT, A, B, C, NEW, SPLIT_1, SPLIT_2, OFFICE, OLD_OFFICE, RENAMED = range(1, 12)
UNITS = [
    Place(PROVINCE, "Tỉnh", UnitKind.PROVINCE, None),
    Place(DISTRICT, "Huyện", UnitKind.DISTRICT, END),
    Place(A, "Xã A cũ", UnitKind.COMMUNE, END),
    Place(B, "Xã B cũ", UnitKind.COMMUNE, END),
    Place(C, "Xã C cũ", UnitKind.COMMUNE, END),
    Place(NEW, "Xã Mới", UnitKind.COMMUNE, None),
    Place(SPLIT_1, "Phường Đông", UnitKind.WARD, None),
    Place(SPLIT_2, "Phường Tây", UnitKind.WARD, None),
    Place(OFFICE, "Văn phòng Xã Mới", UnitKind.DEPARTMENT, None),
    Place(OLD_OFFICE, "Văn phòng Xã A cũ", UnitKind.DEPARTMENT, END),
    Place(RENAMED, "Xã B xưa", UnitKind.COMMUNE, date(2020, 12, 31)),
]
HANGINGS = [
    Hanging(DISTRICT, PROVINCE, OLD, END),
    *(Hanging(unit, DISTRICT, OLD, END) for unit in (A, B, C, RENAMED)),
    *(Hanging(unit, PROVINCE, MERGER, None) for unit in (NEW, SPLIT_1, SPLIT_2)),
    Hanging(OFFICE, NEW, MERGER, None),
    Hanging(OLD_OFFICE, A, OLD, END),
]
FATES = [
    Fate(A, NEW, MERGER),
    Fate(B, NEW, MERGER),
    Fate(C, SPLIT_1, MERGER),
    Fate(C, SPLIT_2, MERGER),
    Fate(RENAMED, B, date(2021, 1, 1)),
]


def places(within: set[int] | None = None) -> Places:
    return Places(UNITS, HANGINGS, FATES, today=TODAY, within=within)


def test_a_merged_unit_is_counted_to_its_successor():
    assert places().line(A) == (A, NEW, PROVINCE)
    assert places().row_of(A, PROVINCE) == NEW


def test_through_several_changes():
    assert places().line(RENAMED) == (RENAMED, B, NEW, PROVINCE)


def test_a_department_of_an_ended_unit_goes_with_it():
    assert places().line(OLD_OFFICE) == (OLD_OFFICE, A, NEW, PROVINCE)


def test_a_split_unit_keeps_a_line_of_its_own():
    assert places().line(C) == (C, PROVINCE)
    assert places().row_of(C, PROVINCE) == C


def test_an_ended_unit_without_successor_stands_under_the_one_above():
    assert places().line(DISTRICT) == (DISTRICT, PROVINCE)


def test_turned_to_a_commune_its_insides_and_its_predecessors_have_lines():
    found = places()
    assert found.row_of(OFFICE, NEW) == OFFICE
    assert found.row_of(A, NEW) == A
    assert found.row_of(OLD_OFFICE, NEW) == A
    assert found.row_of(NEW, NEW) == NEW
    assert found.below(NEW) == {NEW, OFFICE, A, B, RENAMED, OLD_OFFICE}
    assert found.has_below(NEW)
    assert not found.has_below(SPLIT_1)


def test_nothing_above_what_a_person_may_see():
    found = places({NEW, OFFICE, A, B, RENAMED, OLD_OFFICE})
    assert found.line(OFFICE) == (OFFICE, NEW)
    assert found.tops() == [NEW]
    assert found.choices() == [(NEW, "Xã Mới")]
    assert not found.may_see(PROVINCE)


def test_a_split_predecessor_in_sight_stands_apart():
    found = places({SPLIT_1, C})
    assert found.row_of(C, SPLIT_1) == C
    assert found.tops() == [SPLIT_1]


def test_choices_are_living_units_under_those_above_them():
    assert places().choices() == [
        (PROVINCE, "Tỉnh"),
        (SPLIT_1, "– Phường Đông"),
        (SPLIT_2, "– Phường Tây"),
        (NEW, "– Xã Mới"),
    ]


def test_a_living_unit_that_gave_a_part_away_stays_itself():
    fates = [Fate(SPLIT_1, SPLIT_2, date(2026, 1, 1))]
    found = Places(UNITS, HANGINGS, fates, today=TODAY)
    assert found.line(SPLIT_1) == (SPLIT_1, PROVINCE)


def test_the_parent_of_today_counts_not_one_to_come():
    moved = [
        Hanging(OFFICE, NEW, MERGER, date(2026, 12, 31)),
        Hanging(OFFICE, SPLIT_1, date(2027, 1, 1), None),
    ]
    assert Places(UNITS, moved, [], today=TODAY).line(OFFICE) == (OFFICE, NEW)
    assert Places(UNITS, moved, [], today=date(2027, 2, 1)).line(OFFICE) == (OFFICE, SPLIT_1)


def test_a_circle_of_links_ends():
    circle = [Fate(A, B, MERGER), Fate(B, A, MERGER)]
    assert Places(UNITS, [], circle, today=TODAY).line(A) == (A, B)


def test_days_of_change_are_those_in_sight():
    assert places().changes() == [date(2021, 1, 1), MERGER]
    assert places({SPLIT_1}).changes() == [MERGER]
