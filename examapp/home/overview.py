"""The leader's view of a year: what the pages and the workbook show of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from examapp.core import clock
from examapp.core.errors import NotFound
from examapp.core.text import fold, format_date
from examapp.core.words import _
from examapp.evaluation.models import QualityLevel
from examapp.home import counts
from examapp.home.figures import Answers, Share, Tally, evaluation_figure, exam_figure
from examapp.home.places import Places, load_places
from examapp.rounds.models import ExamRound

TWO_LEVELS = date(2025, 7, 1)
"""The day on which the districts ended (domain: two levels of local government)."""


@dataclass(slots=True)
class Line:
    """A line of a table by unit or by position."""

    key: int
    label: str
    tally: Tally = field(default_factory=Tally)
    sources: set[int] = field(default_factory=set)
    """Units or positions of the day whose figures stand in it."""
    note: str = ""
    opens: bool = False
    """Whether the page can be turned to it: a unit with others below it."""


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic over all positions."""

    topic: str
    whole: Answers
    by_position: Mapping[int, Answers]


@dataclass(frozen=True, slots=True)
class Weakness:
    """Topics × positions, the weakest topic first."""

    positions: list[tuple[int, str]]
    rows: list[TopicRow]

    @property
    def shared(self) -> list[TopicRow]:
        """Topics that people of several positions were asked about."""
        return [row for row in self.rows if len(row.by_position) > 1]

    @property
    def own(self) -> list[tuple[TopicRow, str]]:
        """Topics of one position's people only, with its name."""
        names = dict(self.positions)
        return [(row, names[next(iter(row.by_position))]) for row in self.rows if len(row.by_position) == 1]

    def columns(self) -> list[tuple[int, str]]:
        """Positions that were asked about a shared topic, by short names where these tell them apart."""
        asked = {position for row in self.shared for position in row.by_position}
        return [(key, name) for key, name in short_names(self.positions) if key in asked]


@dataclass(frozen=True, slots=True)
class Overview:
    year: int
    years: list[int]
    unit_id: int | None
    unit: str
    above: tuple[int, str] | None
    units: list[tuple[int, str]]
    """To choose from."""
    whole: Tally
    before: Tally
    """The year before."""
    candidates: int
    """Different persons enrolled."""
    rounds: list[ExamRound]
    by_unit: list[Line]
    by_position: list[Line]
    weakness: Weakness
    trend: dict[int, Tally]
    marks: list[tuple[int, str]]
    """Years in which the tree changed, with what happened."""


def short_names(names: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """ "Tư pháp" for "Tư pháp (hộ tịch, chứng thực)": what stands before the first comma or bracket, if unique."""
    short = [re.split(r"[,(]", name, maxsplit=1)[0].strip() for _key, name in names]
    return [(key, cut if short.count(cut) == 1 else name) for (key, name), cut in zip(names, short, strict=True)]


def get_overview(*, reach: set[int] | None, year: int | None, unit_id: int | None) -> Overview:
    """The figures of ``year`` (the last one with results, when it is ``None``) within ``reach``."""
    places = load_places(today=clock.today(), within=reach)
    if unit_id is not None and (unit_id not in places.places or not places.may_see(unit_id)):
        raise NotFound()
    asked = reach if unit_id is None else places.below(unit_id)
    trend = _trend(asked)
    year = year if year in trend else max((one for one in trend if trend[one].enrolled), default=clock.today().year)
    focus = unit_id if unit_id is not None else _only(places.tops())
    whole, people = trend.get(year, Tally()), counts.people_of(year, asked)
    catalogue = _Catalogue()
    rounds = counts.rounds_of(year, asked)
    answers = counts.topics_of([one.id for one in rounds], asked, catalogue.successors())
    cells, levels = counts.exams_of(year, asked), counts.evaluations_of(year, asked)
    return Overview(
        year=year,
        years=sorted(trend, reverse=True) or [year],
        unit_id=unit_id,
        unit=places.places[focus].name if focus is not None else "",
        above=_above(places, unit_id),
        units=places.choices(),
        whole=whole,
        before=trend.get(year - 1, Tally()),
        candidates=len({who for who, *_place in people}),
        rounds=rounds,
        by_unit=_by_unit(places, focus, _Year(cells, levels, people)),
        by_position=_by_position(catalogue, _Year(cells, levels, people)),
        weakness=_weakness(catalogue, answers, whole.people),
        trend=dict(sorted(trend.items())),
        marks=_marks(places, trend),
    )


def _only(found: list[int]) -> int | None:
    return found[0] if len(found) == 1 else None


def _above(places: Places, unit_id: int | None) -> tuple[int, str] | None:
    line = places.line(unit_id) if unit_id is not None else ()
    return (line[1], places.places[line[1]].name) if len(line) > 1 else None


def _trend(units: set[int] | None) -> dict[int, Tally]:
    trend: dict[int, Tally] = {}
    for year, exams in counts.exams_by_year(units):
        _add(trend.setdefault(year, Tally()), exams)
    for year, people in counts.people_by_year(units).items():
        trend[year].people = people
    for year, level, count in counts.evaluations_by_year(units):
        trend.setdefault(year, Tally()).add_evaluations(count=count, good=level in counts.GOOD)
    return trend


def _add(tally: Tally, exams: counts.Exams) -> None:
    tally.add_exams(
        enrolled=exams.enrolled,
        sat=exams.sat,
        passed=exams.passed,
        awarded=exams.awarded,
        possible=exams.possible,
        excused=exams.excused,
    )


@dataclass(frozen=True, slots=True)
class _Year:
    cells: list[counts.Cell]
    levels: list[tuple[int, int, QualityLevel, int]]
    people: list[tuple[int, int, int, bool]]

    def grouped(self, key: Callable[[int, int], int], *, source: Callable[[int, int], int]) -> dict[int, Line]:
        """Lines by what ``key`` makes of unit and position; ``source`` names what was put into them."""
        lines: dict[int, Line] = {}

        def line(unit_id: int, position_id: int) -> Line:
            found = lines.setdefault(key(unit_id, position_id), Line(key(unit_id, position_id), ""))
            found.sources.add(source(unit_id, position_id))
            return found

        for cell in self.cells:
            _add(line(cell.unit_id, cell.position_id).tally, cell.exams)
        for unit_id, position_id, level, count in self.levels:
            line(unit_id, position_id).tally.add_evaluations(count=count, good=level in counts.GOOD)
        persons: dict[int, set[int]] = {}
        for who, unit_id, position_id, has_result in self.people:
            if has_result:
                persons.setdefault(line(unit_id, position_id).key, set()).add(who)
        for identity, members in persons.items():
            lines[identity].tally.people = len(members)
        return lines


def _by_unit(places: Places, focus: int | None, year: _Year) -> list[Line]:
    lines = year.grouped(lambda unit, _position: places.row_of(unit, focus), source=lambda unit, _position: unit)
    for line in lines.values():
        place = places.places[line.key]
        line.label = place.name
        ended = sorted(places.places[one].name for one in line.sources - {line.key} if not places.is_living(one))
        if ended:
            line.note = _("gồm kết quả của đơn vị cũ: %(names)s", names=", ".join(ended))
        elif place.valid_to is not None and not places.is_living(line.key):
            line.note = _("đơn vị đến %(day)s", day=format_date(place.valid_to))
        elif line.key == focus:
            line.note = _("những người thuộc thẳng đơn vị này")
        line.opens = line.key != focus and places.has_below(line.key)
    return sorted(lines.values(), key=lambda line: (line.key == focus, fold(line.label), line.key))


class _Catalogue:
    """Positions; people of an ended one are counted to its successor, where the catalogue names one."""

    def __init__(self) -> None:
        self.positions = counts.positions()

    def today(self, position_id: int) -> int:
        seen = {position_id}
        while (successor := self.positions[position_id][1]) is not None and successor not in seen:
            seen.add(successor)
            position_id = successor
        return position_id

    def successors(self) -> dict[int, int]:
        """Positions whose people are counted to another, with that one."""
        return {one: today for one in self.positions if (today := self.today(one)) != one}

    def name(self, position_id: int) -> str:
        return self.positions[position_id][0]

    def ended(self, position_id: int) -> date | None:
        return self.positions[position_id][2]


def _by_position(catalogue: _Catalogue, year: _Year) -> list[Line]:
    lines = year.grouped(lambda _unit, position: catalogue.today(position), source=lambda _unit, position: position)
    for line in lines.values():
        line.label = catalogue.name(line.key)
        others = sorted(catalogue.name(one) for one in line.sources - {line.key})
        ended = catalogue.ended(line.key)
        if others:
            line.note = _("gồm chức danh cũ: %(names)s", names=", ".join(others))
        elif ended is not None:
            line.note = _("chức danh đến %(day)s", day=format_date(ended))
    return sorted(lines.values(), key=lambda line: (fold(line.label), line.key))


def _weakness(catalogue: _Catalogue, cells: Sequence[counts.TopicCell], people: int) -> Weakness:
    """``people``: how many persons have a result at all; who moved within the year is in two positions' cells."""
    topics: dict[int, list[counts.TopicCell]] = {}
    for cell in cells:
        topics.setdefault(cell.topic_id, []).append(cell)
    names = counts.topic_names()
    rows = [_topic_row(names[topic_id], own, people) for topic_id, own in topics.items()]
    rows.sort(key=lambda row: (row.whole.is_thin, row.whole.right.percent or Fraction(0), fold(row.topic)))
    heads = {(cell.position_id, catalogue.name(cell.position_id)) for cell in cells}
    return Weakness(sorted(heads, key=lambda pair: (fold(pair[1]), pair[0])), rows)


def _topic_row(topic: str, cells: list[counts.TopicCell], people: int) -> TopicRow:
    asked = Share(sum(cell.right for cell in cells), sum(cell.answers for cell in cells))
    return TopicRow(
        topic=topic,
        whole=Answers(min(people, sum(cell.people for cell in cells)), asked),
        by_position={cell.position_id: Answers(cell.people, Share(cell.right, cell.answers)) for cell in cells},
    )


def _marks(places: Places, trend: Mapping[int, Tally]) -> list[tuple[int, str]]:
    marks: dict[int, str] = {}
    for day in places.changes():
        if day == TWO_LEVELS:
            marks[day.year] = _("%(day)s: hai cấp", day=format_date(day))
        else:
            marks.setdefault(day.year, _("%(day)s: sắp xếp đơn vị", day=format_date(day)))
    return [(year, label) for year, label in sorted(marks.items()) if year in trend]


def trend_values(trend: Mapping[int, Tally]) -> dict[str, list[float | None]]:
    """The three lines of the picture; years of too few people are gaps."""

    def plain(value: Fraction | None) -> float | None:
        return None if value is None else float(value)

    tallies = list(trend.values())
    return {
        "average": [plain(exam_figure(one, one.average)) for one in tallies],
        "passing": [plain(exam_figure(one, one.passing.percent)) for one in tallies],
        "good": [plain(evaluation_figure(one)) for one in tallies],
    }
