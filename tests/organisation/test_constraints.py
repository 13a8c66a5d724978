"""What the database itself refuses."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError, StatementError

from examapp.organisation.models import LinkKind, UnitLink, UnitParent

JULY, JUNE = date(2025, 7, 1), date(2025, 6, 30)


@pytest.fixture
def things(build):
    return build.unit("Xã Một"), build.unit("Xã Hai"), build.position(), build.official()


def test_codes_are_unique(build, things):
    build.unit(code="x")
    with pytest.raises(IntegrityError):
        build.unit(code="x")
    build.position("p")
    with pytest.raises(IntegrityError):
        build.position("p")
    build.official(staff_code="c")
    with pytest.raises(IntegrityError):
        build.official(staff_code="c")


def test_nothing_ends_before_it_begins(build, things):
    one, two, position, official = things
    with pytest.raises(IntegrityError):
        build.unit(valid_from=JULY, valid_to=JUNE)
    with pytest.raises(IntegrityError):
        build.position(valid_from=JULY, valid_to=JUNE)
    with pytest.raises(IntegrityError):
        build.post(official, position, one, valid_from=JULY, valid_to=JUNE)
    with pytest.raises(IntegrityError):
        build.save(UnitParent(unit_id=one.id, parent_id=two.id, valid_from=JULY, valid_to=JUNE))


def test_no_unit_is_its_own_parent_or_successor(build, things):
    one = things[0]
    with pytest.raises(IntegrityError):
        build.save(UnitParent(unit_id=one.id, parent_id=one.id, valid_from=JULY))
    with pytest.raises(IntegrityError):
        build.save(UnitLink(predecessor_id=one.id, successor_id=one.id, kind=LinkKind.RENAMED, on=JULY))


def test_a_unit_has_one_place_in_a_tree_on_its_first_day(build, things):
    one, two, *_ = things
    build.save(UnitParent(unit_id=one.id, parent_id=two.id, valid_from=JULY))
    with pytest.raises(IntegrityError):
        build.save(UnitParent(unit_id=one.id, parent_id=two.id, valid_from=JULY))


def test_two_units_are_linked_once_in_a_way(build, things):
    one, two, *_ = things
    build.save(UnitLink(predecessor_id=one.id, successor_id=two.id, kind=LinkKind.MERGED_INTO, on=JULY))
    build.save(UnitLink(predecessor_id=one.id, successor_id=two.id, kind=LinkKind.RETYPED, on=JULY))
    with pytest.raises(IntegrityError):
        build.save(UnitLink(predecessor_id=one.id, successor_id=two.id, kind=LinkKind.RETYPED, on=JULY))


def test_a_person_has_one_open_primary_post(build, things):
    one, two, position, official = things
    build.post(official, position, one)
    build.post(official, position, two, is_primary=False)
    build.post(official, position, one, valid_from=date(2025, 7, 2), valid_to=date(2025, 7, 3))
    with pytest.raises(IntegrityError):
        build.post(official, position, two, valid_from=date(2026, 1, 1))


def test_the_same_post_begins_once_a_day(build, things):
    one, _two, position, official = things
    build.post(official, position, one, is_primary=False)
    with pytest.raises(IntegrityError):
        build.post(official, position, one, is_primary=False)


def test_enumerations_are_closed(build):
    with pytest.raises((StatementError, IntegrityError)):
        build.unit(kind="làng")
