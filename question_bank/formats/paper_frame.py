"""What stands around the questions of a paper while it is walked through: titles, shared situations, identities."""

from __future__ import annotations

from collections.abc import Sequence

from question_bank.formats import paper_lines as lines_of
from question_bank.formats.paper_groups import Group, invitation, situation
from question_bank.formats.paper_parts import Draft, Paper
from question_bank.formats.paper_sections import Section, is_block, is_emphatic
from question_bank.formats.rich import Line

Boundary = Group | Section

_SHORTEST = 10
"""Capitals right below an option may go on with it; a title is longer."""


class Frame:
    """Knows the section and the group that the next question will belong to."""

    def __init__(self, paper: Paper, style: str | None, *, capital: bool) -> None:
        self._paper = paper
        self._style = style
        self._capital = capital
        self._section = Section()
        self._group: int | None = None
        self._ref = ""
        self.in_passage = False

    @property
    def gathering(self) -> bool:
        """Whether a situation has begun that no question has followed yet."""
        return self._group is not None and not self._paper.groups[self._group].questions

    def identity(self, text: str) -> bool:
        """A line such as "ID: 7" before a question."""
        found = lines_of.identity_of(text)
        self._ref = found or self._ref
        return found is not None

    def tag(self, name: str, line: Line, rest: str) -> None:
        """``[<sg>]`` begins what several questions share, ``[<egc>]`` its questions, ``[</sg>]`` ends it."""
        self.in_passage = name == "sg"
        if name == "sg":
            if not self.gathering:
                self._open(Group(line.paragraph, tagged=True))
            if rest:
                self._gather(Line(line.rich.cut(len(line.text) - len(rest)), line.paragraph))
        elif name == "/sg" and not self.gathering:
            self._group = None

    def passage_line(self, line: Line) -> bool:
        self._gather(line)
        return True

    def _gather(self, line: Line) -> None:
        group = self._paper.groups[self._group] if self._group is not None else None
        if group is None:
            return
        rich = line.rich
        if sign := lines_of.outcome_of(rich.text):
            group.signs += sign.group()
            rich = rich.cut(sign.end())
        invited = invitation(rich, line.paragraph)
        if invited is not None and group.first is None:
            group.first, group.last = invited.first, invited.last
        if invited is None or invited.first is None:
            group.lines.append(rich.strip())

    def boundary(
        self, line: Line, following: Sequence[Line], draft: Draft | None, *, after_blank: bool
    ) -> Boundary | None:
        """The section or group that a line begins, if it begins one."""
        done = draft is None or bool(draft.options or draft.answers or draft.fields)
        within_stem = draft is not None and not draft.options
        if lines_of.is_section(line, within_stem=within_stem):
            return self._section.below(line.text)
        group = self._shared(line, following)
        if group is not None and (done or (draft is not None and group.follows(draft.number))):
            return group
        if done and self._is_title(line, following, draft, after_blank=after_blank):
            return self._section.below(line.text)
        return None

    def interrupts(self, line: Line, following: Sequence[Line], draft: Draft | None) -> bool:
        """Whether a line right below an explanation cannot belong to it: a title above a question, or a situation."""
        group = situation(line.rich, line.paragraph)
        if group is not None and draft is not None and group.follows(draft.number):
            return True
        after = next((found for found in following if found.text), None)
        return line.heading or (after is not None and self._starts(after) and lines_of.is_section(line))

    def _shared(self, line: Line, following: Sequence[Line]) -> Group | None:
        """A situation, unless its own options follow: then it is a question itself."""
        group = situation(line.rich, line.paragraph) or invitation(line.rich, line.paragraph)
        if group is None or (self.gathering and not group.lines and group.first is None):
            return None
        for after in following:
            if self._starts(after):
                return group
            first = lines_of.marker(after.text, capital=self._capital)
            if self._style is not None and first and lines_of.index_of(first) == 0:
                return None
        return group

    def _is_title(self, line: Line, following: Sequence[Line], draft: Draft | None, *, after_blank: bool) -> bool:
        """A line that stands out, with a question or another title right below it."""
        if self._style is None or self.gathering or is_block(line.text) or not is_emphatic(line):
            return False
        if lines_of.marker(line.text, capital=True) or lines_of.marker(line.text, capital=False):
            return False
        if lines_of.field_of(line.text) and draft is not None and line.text != line.text.upper():
            return False
        loud = line.heading or (line.text.upper() == line.text and len(line.text) >= _SHORTEST)
        if draft is not None and not loud and not after_blank:
            return False
        after = next((found for found in following if found.text), None)
        return after is not None and (self._starts(after) or lines_of.is_section(after) or is_emphatic(after))

    def _starts(self, line: Line) -> bool:
        return self._style is not None and lines_of.start_of(line, self._style) is not None

    def enter(self, found: Boundary) -> None:
        if isinstance(found, Group):
            self._open(found)
        else:
            self._section = found
            self._group = None

    def _open(self, group: Group) -> None:
        self._paper.groups.append(group)
        self._group = len(self._paper.groups) - 1

    def begin(self, draft: Draft, loose: Sequence[Line]) -> None:
        """A question begins: it belongs to the section and, as far as its number says so, to the group."""
        draft.section = self._section
        if self._ref:
            draft.fields.append(("ma cau", self._ref))
            self._ref = ""
        if self._group is None:
            return
        group = self._paper.groups[self._group]
        if not group.questions:
            for line in loose:
                self._detail_or_text(group, line)
        if not group.covers(draft.number):
            self._group = None
            return
        group.questions += 1
        draft.group = self._group

    @staticmethod
    def _detail_or_text(group: Group, line: Line) -> None:
        found = lines_of.field_of(line.text)
        if found:
            group.fields.append(found)
        elif line.text:
            group.lines.append(line.rich)
