"""From the lines of a question paper to drafts of questions, one step before any answer is decided."""

from __future__ import annotations

import re
from collections.abc import Sequence

from question_bank.formats import paper_lines as lines_of
from question_bank.formats.paper_frame import Frame
from question_bank.formats.paper_keys import KeyList, is_key_heading, pairs_of_line
from question_bank.formats.paper_lines import Marked
from question_bank.formats.paper_parts import Draft, DraftOption, Paper
from question_bank.formats.paper_sections import part_named
from question_bank.formats.paper_tables import Item, as_line, items
from question_bank.formats.rich import PLAIN, Block, Line, Look, Rich, Table
from question_bank.kinds.base import letter
from question_bank.messages import N_, Message

_LOOK_AHEAD = 12


def _unnumbered() -> Message:
    return Message(N_("Câu này thiếu số thứ tự: kiểm tra câu dẫn và các phương án."))


def paper_from(blocks: Sequence[Block]) -> Paper:
    paper = Paper()
    return _Splitter(items(blocks, paper.rubrics), paper).run()


def _is_blank(item: Item) -> bool:
    return isinstance(item, Line) and not item.text


class _Splitter:
    """Walks through the lines once, knowing which part of which question each belongs to."""

    def __init__(self, found: Sequence[Item], paper: Paper) -> None:
        self._items = found
        lines = [item for item in found if isinstance(item, Line)]
        self._capital = lines_of.uses_capitals(lines)
        self._style = lines_of.start_style(lines, capital=self._capital)
        self._paper = paper
        self._frame = Frame(paper, self._style, capital=self._capital)
        self._draft: Draft | None = None
        self._part = "stem"
        self._after_blank = True
        self._loose: list[Line] = []
        self._in_key = False
        self._rubric: int | None = None
        self._key_ahead = False

    def run(self) -> Paper:
        for position, item in enumerate(self._items):
            if isinstance(item, KeyList):
                self._close()
                item.after = len(self._paper.drafts)
                before = self._paper.keys[-1] if self._paper.keys else None
                if before is not None and self._in_key and not before.pairs:
                    item.part = before.part
                self._paper.keys.append(item)
                continue
            ahead = self._items[position + 1 : position + 1 + _LOOK_AHEAD]
            following = [line for line in ahead if isinstance(line, Line)]
            self._key_ahead = isinstance(next((one for one in ahead if not _is_blank(one)), None), KeyList)
            for line in self._as_lines(item):
                self._take(line, following)
        self._close()
        return self._paper

    def _as_lines(self, item: Line | Table) -> Sequence[Line]:
        """A table of data belongs whole to the question it stands in, or to the situation before one."""
        if isinstance(item, Line):
            return [item]
        inside = self._draft is not None and self._part in ("stem", "options")
        return [as_line(item)] if inside or self._frame.gathering else item.lines()

    def _take(self, line: Line, following: Sequence[Line]) -> None:
        """Decide what a line is; the order of the questions asked here matters."""
        if not line.text:
            self._after_blank = True
            return
        if not (self._tag(line) or self._key(line, following) or self._boundary(line, following)):
            if start := self._start(line):
                self._begin(
                    line, start.end(), following, number=int(start["number"]), signs=start["before"] + start["after"]
                )
            elif self._draft is None:
                self._before_question(line, following)
            else:
                self._inside(self._draft, line, following)
        self._after_blank = False

    def _tag(self, line: Line) -> bool:
        """Tags of other tools divide questions and enclose passages."""
        if self._frame.identity(line.text):
            self._close()
            return True
        tag = lines_of.tag_of(line.text)
        if tag is None:
            return self._frame.in_passage and self._frame.passage_line(line)
        self._close()
        self._frame.tag(tag[0], line, tag[1])
        return True

    def _key(self, line: Line, following: Sequence[Line]) -> bool:
        """Headings of keys and the lines below them; a key without heading is a line of several pairs."""
        text = line.text
        if lines_of.is_end(text) or is_key_heading(text):
            self._close()
            self._in_key = not lines_of.is_end(text)
            self._rubric = None
            if self._in_key:
                self._paper.keys.append(KeyList(len(self._paper.drafts), line.paragraph))
            return True
        if self._in_key:
            return self._within_key(line, following)
        if len(pairs_of_line(text)) > 3:
            self._close()
            self._paper.keys.append(KeyList(len(self._paper.drafts), line.paragraph))
            self._in_key = True
            return self._paper.keys[-1].take(text)
        return False

    def _within_key(self, line: Line, following: Sequence[Line]) -> bool:
        if lines_of.is_section(line) and (part := part_named(line.text)) and self._answers_follow(following):
            self._paper.keys.append(KeyList(len(self._paper.drafts), line.paragraph, part=part))
            return True
        start = self._start(line)
        if start is None and lines_of.is_section(line) and not self._answers_follow(following):
            self._in_key = self._rubric is not None
            return self._in_key
        begins = start is not None and self._next_letter(following) is not None
        if not begins and self._paper.keys[-1].take(line.text):
            return True
        if start is not None and not begins and self._is_known(int(start["number"])):
            self._rubric = int(start["number"])
            line = Line(line.rich.cut(start.end()).strip(), line.paragraph)
            start = None
        if start is None and self._rubric is not None and line.text:
            self._paper.rubrics.setdefault(self._rubric, []).append(line.text)
        self._in_key = start is None
        return self._in_key

    def _answers_follow(self, following: Sequence[Line]) -> bool:
        """Whether the next line is one of a key and no question."""
        after = next((line for line in following if line.text), None)
        if after is None or self._key_ahead:
            return True
        return (
            KeyList(0, 0).take(after.text)
            and self._next_letter([line for line in following if line is not after]) is None
        )

    def _is_known(self, number: int) -> bool:
        return any(draft.number == number and not draft.options for draft in self._paper.drafts)

    def _boundary(self, line: Line, following: Sequence[Line]) -> bool:
        """Section titles, and invitations to read a passage that several questions share."""
        if self._start(line):
            return False
        inside = self._part == "explanation" and self._draft is not None and not self._after_blank
        if inside and not self._frame.interrupts(line, following, self._draft):
            return False
        found = self._frame.boundary(line, following, self._draft, after_blank=self._after_blank)
        if found:
            self._close()
            self._frame.enter(found)
        return found is not None

    def _start(self, line: Line) -> re.Match[str] | None:
        return lines_of.start_of(line, self._style) if self._style else None

    def _begin(
        self, line: Line, cut: int, following: Sequence[Line], *, number: int | None = None, signs: str = ""
    ) -> Draft:
        loose = self._loose
        self._close()
        self._draft = draft = Draft(line.paragraph, number, signs)
        self._frame.begin(draft, [] if self._style is None else loose)
        self._part = "stem"
        self._stem_line(draft, line.rich.cut(cut).strip(), following)
        return draft

    def _before_question(self, line: Line, following: Sequence[Line]) -> None:
        """Outside of any question an option A, with its B to follow, shows that a stem without a number went before."""
        options = lines_of.options_of(line.rich, None, capital=self._capital)
        complete = len(options) > 1 or self._next_letter(following) == 1
        if not self._loose or not options or options[0].index != 0 or not (complete or self._style is None):
            if self._after_blank and not self._frame.gathering:
                self._loose.clear()
            self._loose.append(line)
            return
        stem = self._loose if self._style is None else self._loose[-1:]
        self._loose = [] if self._style is None else self._loose[:-1]
        draft = self._begin(stem[0], 0, following)
        draft.stem += [loose.rich for loose in stem[1:]]
        if self._style is not None:
            draft.warnings.append(_unnumbered())
        self._inside(draft, line, following)

    def _inside(self, draft: Draft, line: Line, following: Sequence[Line]) -> None:
        if self._options(draft, line, following) or self._detail(draft, line):
            return
        if self._part == "stem":
            self._stem_line(draft, line.rich, following)
        elif self._part == "explanation":
            draft.explanation.append(line.text)
        elif self._part == "options" and not self._after_blank and not self._next_stem(draft, line, following):
            draft.options[-1].lines.append(line.rich)
            self._warn_of_swallowed(draft, line)
        elif self._style is None:
            self._close()
            self._loose = [line]
        elif draft.answers and not draft.options:
            draft.answers[-1] += f"\n{line.text}"
        else:
            template = N_("Dòng sau các phương án không được nhập: “{text}”.")
            draft.warnings.append(Message(template, text=line.text[:80]))

    def _warn_of_swallowed(self, draft: Draft, line: Line) -> None:
        """A line taken into an option that begins with the next number, as questions begin in other papers."""
        if self._style and draft.number and lines_of.numbered(line) == draft.number + 1:
            template = N_(
                "Phương án {letter} có dòng giống đầu một câu khác: “{text}”. Sửa cách ghi số câu cho thống nhất."
            )
            draft.errors.append(Message(template, letter=letter(len(draft.options) - 1), text=line.text[:80]))

    def _next_stem(self, draft: Draft, line: Line, following: Sequence[Line]) -> bool:
        """In a paper without numbers: whether the line after the options is already the next stem."""
        return self._style is None and len(draft.options) > 1 and self._next_letter(following) == 0

    def _stem_line(self, draft: Draft, rich: Rich, following: Sequence[Line]) -> None:
        """A line of the stem; options may stand at its end."""
        after = self._next_letter(following)
        rest, options = lines_of.split_stem(rich, after or None, capital=self._capital)
        if rest.text:
            draft.stem.append(rest)
        if options:
            self._add_options(draft, options, rest.common())

    def _options(self, draft: Draft, line: Line, following: Sequence[Line]) -> bool:
        """Take the options of a line, if it has the letters that are due."""
        if self._part == "explanation":
            return False
        repeated = lines_of.repeated_letter(line.text)
        if repeated is not None and 1 < len(draft.options) > repeated:
            draft.answers.append(letter(repeated))
            self._part = "details"
            return True
        first = lines_of.marker(line.text, capital=self._capital)
        if first is None:
            return False
        index, due = lines_of.index_of(first), len(draft.options)
        if index == 0 and due > 1:
            self._unnumbered(draft, line, following)
            return True
        if index < due - 1 or index > due + 2 or (due == 0 and index != 0):
            return False
        if index != due:
            template = N_(
                "Các chữ cái của phương án không liên tục: sau {before} là {found}. Sửa lại thứ tự A, B, C, D."
            )
            draft.errors.append(Message(template, before=letter(due - 1) if due else "–", found=letter(index)))
        after = self._next_letter(following)
        several = draft.several_on_a_line
        found = lines_of.options_of(line.rich, after or None, capital=self._capital, several=several)
        self._add_options(draft, found)
        return True

    def _unnumbered(self, draft: Draft, line: Line, following: Sequence[Line]) -> None:
        """A second option A: a question begins here whose number is missing; its stem ran into the last option."""
        last = draft.options[-1]
        stem, last.lines = last.lines[1:], last.lines[:1]
        begun = self._begin(line, len(line.text), following)
        begun.stem = stem
        begun.warnings.append(_unnumbered())
        self._add_options(begun, lines_of.options_of(line.rich, self._next_letter(following), capital=self._capital))

    def _add_options(self, draft: Draft, found: Sequence[Marked], inherited: Look = PLAIN) -> None:
        draft.several_on_a_line = draft.several_on_a_line or len(found) > 1
        for option in found:
            text, answer = lines_of.answer_at_end(option.text)
            draft.options.append(DraftOption(option.star, option.label, [text], inherited))
            if answer:
                draft.answers.append(answer)
        self._part = "options"

    def _detail(self, draft: Draft, line: Line) -> bool:
        """Answer, explanation, citation and the other details below a question."""
        found = lines_of.field_of(line.text)
        known = draft.options or draft.answers or lines_of.is_sure_field(found, draft.signs)
        answer = lines_of.answer_of(line.text) if found is None else None
        if answer is not None and (draft.options or self._style is not None):
            draft.answers.append(answer)
            self._part = "explanation" if self._part == "explanation" else "details"
            return True
        explanation = lines_of.explanation_of(line.rich)
        if explanation is not None:
            self._part = "explanation"
            draft.explanation += [explanation.text] if explanation.text else []
            return True
        if found is not None and known:
            draft.fields.append(found)
            self._part = "explanation" if self._part == "explanation" else "details"
            return True
        return False

    def _next_letter(self, following: Sequence[Line]) -> int | None:
        """The letter of the next line of options of the same question."""
        for line in following:
            if (
                self._start(line)
                or lines_of.answer_of(line.text)
                or lines_of.explanation_of(line.rich)
                or lines_of.tag_of(line.text)
            ):
                return None
            if found := lines_of.marker(line.text, capital=self._capital):
                return lines_of.index_of(found)
        return None

    def _close(self) -> None:
        if self._draft is not None:
            self._paper.drafts.append(self._draft)
        self._draft, self._part = None, "stem"
        self._loose = []
