"""Arithmetic of the overview: exact fractions, rounded half up once, differences in percentage points."""

from __future__ import annotations

from fractions import Fraction

import pytest

from examapp.home.figures import (
    Answers,
    Share,
    Tally,
    change_between,
    evaluation_figure,
    exam_figure,
    percent_text,
    shown_percent,
)


def tally(**counts: int) -> Tally:
    return Tally(**counts)


def test_a_share_of_nothing_is_no_percentage():
    assert Share(0, 0).percent is None
    assert Share(302, 312).percent == Fraction(30200, 312)
    assert percent_text(Share(302, 312).percent) == "96,8%"
    assert percent_text(None) == "–"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (1, 8, "12,5%"),
        (1, 16, "6,3%"),  # 6,25 goes up
        (1, 80, "1,3%"),  # 1,25 goes up, where binary rounding to even would not
        (3, 80, "3,8%"),  # 3,75
        (2, 3, "66,7%"),
        (1, 3, "33,3%"),
        (0, 7, "0,0%"),
        (7, 7, "100,0%"),
    ],
)
def test_percentages_are_rounded_half_up(part, whole, text):
    assert percent_text(Share(part, whole).percent) == text


def test_the_average_counts_every_result_the_same_however_many_points_its_paper_had():
    found = Tally()
    found.add_exams(enrolled=3, sat=2, passed=1, awarded=50_000, possible=40_000)  # 125 percent of two papers
    found.add_exams(enrolled=1, sat=1, passed=1, awarded=20_000, possible=20_000)
    assert found.average == Fraction(225, 3)
    assert found.participation == Share(3, 4)
    assert found.passing == Share(2, 3)


def test_the_absent_have_no_points_and_no_part_in_the_average():
    found = Tally()
    found.add_exams(enrolled=2, sat=0, passed=0, awarded=0, possible=0, excused=1)
    assert found.average is None
    assert found.participation.percent == 0
    assert found.excused == 1


def test_good_or_better_is_of_those_decided():
    found = Tally()
    found.add_evaluations(count=3, good=True)
    found.add_evaluations(count=1, good=False)
    assert found.good_or_better == Share(3, 4)


@pytest.mark.parametrize(("people", "hidden"), [(0, False), (1, True), (4, True), (5, False), (6, False)])
def test_figures_of_fewer_than_five_people_are_hidden(people, hidden):
    found = tally(people=people, sat=people, enrolled=people, passed=people)
    assert found.hides_exams is hidden
    assert exam_figure(found, Fraction(50)) == (None if hidden else Fraction(50))
    assert shown_percent(Fraction(50), hidden=hidden) == ("ít" if hidden else "50,0%")


def test_many_exams_of_few_people_are_still_few_people():
    assert tally(people=4, sat=16, enrolled=16).hides_exams


@pytest.mark.parametrize(("decided", "shown"), [(4, None), (5, Fraction(100)), (0, None)])
def test_evaluations_are_hidden_by_their_own_number(decided, shown):
    assert evaluation_figure(tally(decided=decided, good=decided, people=50)) == shown


@pytest.mark.parametrize(
    ("now", "before", "text", "kind"),
    [
        (Fraction(884, 10), Fraction(853, 10), "▲ +3,1 điểm phần trăm", "good"),
        (Fraction(853, 10), Fraction(884, 10), "▼ −3,1 điểm phần trăm", "bad"),
        (Fraction(200, 3), Fraction(66), "▲ +0,7 điểm phần trăm", "good"),
        (Fraction(5005, 100), Fraction(50), "▲ +0,1 điểm phần trăm", "good"),  # 0,05 goes up
        (Fraction(50), Fraction(5005, 100), "▼ −0,1 điểm phần trăm", "bad"),
        (Fraction(5004, 100), Fraction(50), "không đổi", "neutral"),
    ],
)
def test_differences_are_percentage_points(now, before, text, kind):
    change = change_between(now, before)
    assert (change.text, change.kind) == (text, kind)


def test_there_is_no_change_from_nothing():
    assert change_between(None, Fraction(1)) is None
    assert change_between(Fraction(1), None) is None


@pytest.mark.parametrize(
    ("people", "right", "asked", "percent"),
    [(5, 15, 20, 75), (4, 15, 20, None), (5, 15, 19, None), (9, 0, 30, 0)],
)
def test_a_topic_needs_enough_people_and_answers(people, right, asked, percent):
    assert Answers(people, Share(right, asked)).percent == percent
