"""What schemes propose: a table of examples for each that ships, and properties."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examapp.evaluation import rules
from examapp.evaluation.models import QualityLevel, SchemeKind
from examapp.evaluation.rules import ORDER, exam_points, propose, quota, read_definition
from examapp.evaluation.schemes import FOLDER

X, G, C, N = ORDER


def definition(name):
    import json

    data = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return read_definition(SchemeKind(data["kind"]), json.dumps(data["definition"]))


SCORED = definition("cong_chuc_335_2025")
CONDITIONAL = definition("nd_90_2020")


def points(total):
    """Values of the scored scheme that add up to ``total`` points."""
    left, values = total * 1000, {}
    for criterion in SCORED.criteria:
        values[criterion.key] = min(criterion.max, left)
        left -= values[criterion.key]
    return values


def test_the_scheme_of_2025_has_a_hundred_points():
    assert sum(s.max for s in SCORED.sections) == 100_000
    assert [s.max for s in SCORED.sections] == [30_000, 70_000]
    assert all(sum(c.max for c in s.criteria) == s.max for s in SCORED.sections)


@pytest.mark.parametrize(("total", "level"), [(100, X), (90, X), (89, G), (70, G), (69, C), (50, C), (49, N), (0, N)])
def test_bands(total, level):
    proposal = propose(SCORED, points(total))
    assert (proposal.level, proposal.total) == (level, total * 1000)
    assert proposal.reasons


def test_nothing_is_proposed_while_something_is_missing():
    values = points(95)
    del values["progress"]
    proposal = propose(SCORED, values)
    assert proposal.level is None
    assert proposal.missing == ("Tiến độ thực hiện",)


def test_discipline_forces_the_lowest_level_even_unscored():
    assert propose(SCORED, {}, ["discipline"]).level is N
    assert propose(SCORED, points(100), ["discipline"]).level is N


def test_a_fact_of_leaders_binds_leaders_only():
    assert propose(SCORED, points(95), ["unit_corruption"]).level is X
    assert propose(SCORED, points(95), ["unit_corruption"], leader=True).level is N


@pytest.mark.parametrize(
    ("values", "leader", "months", "level"),
    [
        ({"general": 1, "on_time": 100_000, "beyond": 50_000}, False, 12, X),
        ({"general": 1, "on_time": 100_000, "beyond": 49_999}, False, 12, G),
        ({"general": 1, "on_time": 80_000, "beyond": 0}, False, 12, C),
        ({"general": 1, "on_time": 79_999, "beyond": 0}, False, 12, N),
        ({"general": 0, "on_time": 100_000, "beyond": 100_000}, False, 12, N),
        (
            {"general": 1, "on_time": 100_000, "beyond": 60_000, "sub_completed": 100_000, "sub_good": 70_000},
            True,
            12,
            X,
        ),
        (
            {"general": 1, "on_time": 100_000, "beyond": 60_000, "sub_completed": 100_000, "sub_good": 69_000},
            True,
            12,
            G,
        ),
        ({"general": 1, "on_time": 100_000, "beyond": 60_000}, False, 8, C),
        ({"general": 1, "on_time": 100_000, "beyond": 60_000}, False, 9, X),
    ],
)
def test_conditions(values, leader, months, level):
    assert propose(CONDITIONAL, values, leader=leader, worked_months=months).level is level


def test_under_six_months_is_not_ranked():
    proposal = propose(CONDITIONAL, {"general": 1}, worked_months=5)
    assert proposal.unranked
    assert proposal.level is None


def test_why_a_higher_level_was_missed_is_said():
    proposal = propose(CONDITIONAL, {"general": 1, "on_time": 100_000, "beyond": 10_000})
    assert "vượt mức" in proposal.reasons[0]


@given(st.integers(0, 100), st.integers(0, 100))
def test_more_points_never_lower_the_level(a, b):
    low, high = sorted((a, b))
    first, second = propose(SCORED, points(low)).level, propose(SCORED, points(high)).level
    assert first is not None
    assert second is not None
    assert ORDER.index(second) <= ORDER.index(first)


@pytest.mark.parametrize(
    ("percents", "expected"),
    [
        ([], None),
        ([Fraction(95)], 5000),
        ([Fraction(95), Fraction(60)], 3000),
        ([Fraction(10)], 0),
        ([Fraction(80)], 4000),
    ],
)
def test_exam_points_follow_the_table(percents, expected):
    assert exam_points([(90, 5000), (80, 4000), (65, 3000), (50, 2000)], percents) == expected


@pytest.mark.parametrize(
    ("levels", "expected"), [([X, G, G, G, G, G], (1, 1)), ([X, X, G, G, G, G], (2, 0)), ([None, C], (0, 0))]
)
def test_quota_is_a_fifth_of_the_good_rounded_down(levels, expected):
    assert quota(SCORED, levels) == expected


def test_every_level_has_a_name():
    assert set(rules.LEVELS) == set(QualityLevel)
