"""Arithmetic of the leader's view: exact sums, percentages as fractions, rounded once when they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from examapp.core.text import format_number, round_half_up
from examapp.core.words import _

FEW = 5
"""Groups of fewer people are shown as "ít": their figures would tell about persons."""

FEW_ANSWERS = 20
"""Fewer answers say nothing about a topic."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> Fraction | None:
        return Fraction(100 * self.part, self.whole) if self.whole else None


@dataclass(slots=True)
class Tally:
    """What was counted of a group: exams it was enrolled for, results, decided evaluations."""

    enrolled: int = 0
    sat: int = 0
    passed: int = 0
    percents: Fraction = field(default_factory=Fraction)
    """Sum of the percentages of all results."""
    excused: int = 0
    people: int = 0
    """Different persons with a result."""
    decided: int = 0
    """Persons whose evaluation of the year is decided."""
    good: int = 0
    """Of them those of the two highest levels."""

    def add_exams(self, *, enrolled: int, sat: int, passed: int, awarded: int, possible: int, excused: int = 0) -> None:
        """Add exams marked out of ``possible`` points each; ``awarded`` is their sum."""
        self.enrolled += enrolled
        self.sat += sat
        self.passed += passed
        self.excused += excused
        if possible:
            self.percents += Fraction(100 * awarded, possible)

    def add_evaluations(self, *, count: int, good: bool) -> None:
        self.decided += count
        self.good += count if good else 0

    @property
    def participation(self) -> Share:
        return Share(self.sat, self.enrolled)

    @property
    def passing(self) -> Share:
        return Share(self.passed, self.sat)

    @property
    def good_or_better(self) -> Share:
        return Share(self.good, self.decided)

    @property
    def average(self) -> Fraction | None:
        """Mean of the percentages of all results: each result counts the same, however many points its paper had."""
        return self.percents / self.sat if self.sat else None

    @property
    def hides_exams(self) -> bool:
        return 0 < self.people < FEW

    @property
    def hides_evaluations(self) -> bool:
        return 0 < self.decided < FEW


def exam_figure(tally: Tally, value: Fraction | None) -> Fraction | None:
    """``value`` where the group is large enough to show it."""
    return None if tally.hides_exams else value


def evaluation_figure(tally: Tally) -> Fraction | None:
    return None if tally.hides_evaluations else tally.good_or_better.percent


def percent_text(value: Fraction | None, digits: int = 1) -> str:
    """ "88,4%"; nothing is a dash."""
    return "–" if value is None else format_number(value, digits) + "%"


def shown_percent(value: Fraction | None, *, hidden: bool) -> str:
    return _("ít") if hidden else percent_text(value)


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two percentages, for the macro ``kpi``: in percentage points, never in percent."""

    text: str
    kind: str


def change_between(now: Fraction | None, before: Fraction | None) -> Change | None:
    """From ``before`` to ``now``. The exact difference is rounded once: it may differ from that of rounded figures."""
    if now is None or before is None:
        return None
    points = round_half_up(now - before, 1)
    if points == 0:
        return Change(_("không đổi"), "neutral")
    figure = format_number(abs(points), 1)
    if points > 0:
        return Change(_("▲ +%(points)s điểm phần trăm", points=figure), "good")
    return Change(_("▼ −%(points)s điểm phần trăm", points=figure), "bad")


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of the people of one position to the questions of one topic."""

    people: int
    right: Share

    @property
    def is_thin(self) -> bool:
        return self.people < FEW or self.right.whole < FEW_ANSWERS

    @property
    def percent(self) -> Fraction | None:
        """Right answers in a hundred; nothing where there are too few people or answers to conclude."""
        return None if self.is_thin else self.right.percent
