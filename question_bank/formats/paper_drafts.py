"""From the lines of a question paper to drafts of questions, one step before any answer is decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from question_bank.formats import paper_lines as lines_of
from question_bank.formats.paper_keys import KeyList, is_key_heading, key_table, pairs_of_line
from question_bank.formats.paper_lines import Marked
from question_bank.formats.rich import PLAIN, Block, Line, Look, Rich
from question_bank.kinds.base import letter
from question_bank.messages import N_, Message

_LOOK_AHEAD = 12


@dataclass(slots=True)
class DraftOption:
    """An option; the marks in ``inherited`` come from the stem's line that it stands on and mean nothing."""

    star: bool
    label: Rich
    lines: list[Rich]
    inherited: Look


@dataclass(slots=True)
class Draft:
    """A question as found: where, its number and signs, and the lines of each part."""

    paragraph: int
    number: int | None = None
    signs: str = ""
    stem: list[Rich] = field(default_factory=list)
    options: list[DraftOption] = field(default_factory=list)
    several_on_a_line: bool = False
    answers: list[str] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)

    @property
    def place(self) -> Message:
        if self.number is None:
            return Message(N_("Đoạn {paragraph}"), paragraph=self.paragraph)
        return Message(N_("Câu {number}, đoạn {paragraph}"), number=self.number, paragraph=self.paragraph)


@dataclass(slots=True)
class Paper:
    """Everything found in a document."""

    drafts: list[Draft] = field(default_factory=list)
    keys: list[KeyList] = field(default_factory=list)


def _unnumbered() -> Message:
    return Message(N_("Câu này thiếu số thứ tự: kiểm tra câu dẫn và các phương án."))


def _items(block: Block) -> list[Line | KeyList]:
    """A table is a key, or else just lines."""
    if isinstance(block, Line):
        return [block]
    found = key_table(block.texts())
    return [KeyList(0, block.paragraph, *found)] if found else [*block.lines()]


def paper_from(blocks: Sequence[Block]) -> Paper:
    return _Splitter(blocks).run()


class _Splitter:
    """Walks through the lines once, knowing which part of which question each belongs to."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._items = [item for block in blocks for item in _items(block)]
        lines = [item for item in self._items if isinstance(item, Line)]
        self._capital = lines_of.uses_capitals(lines)
        self._style = lines_of.start_style(lines, capital=self._capital)
        self._paper = Paper()
        self._draft: Draft | None = None
        self._part = "stem"
        self._after_blank = True
        self._loose: list[Line] = []
        self._in_key = False
        self._in_passage = False
        self._group: int | None = None
        self._ref = ""

    def run(self) -> Paper:
        for position, item in enumerate(self._items):
            if isinstance(item, KeyList):
                self._close()
                item.after = len(self._paper.drafts)
                self._paper.keys.append(item)
            else:
                ahead = self._items[position + 1 : position + 1 + _LOOK_AHEAD]
                self._take(item, [following for following in ahead if isinstance(following, Line)])
        self._close()
        return self._paper

    def _take(self, line: Line, following: Sequence[Line]) -> None:
        """Decide what a line is; the order of the questions asked here matters."""
        if not line.text:
            self._after_blank = True
            return
        if not (self._tag(line) or self._key(line) or self._boundary(line)):
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
        identity = lines_of.identity_of(line.text)
        if identity:
            self._close()
            self._ref = identity
            return True
        tag = lines_of.tag_of(line.text)
        if tag is None:
            return self._in_passage
        self._close()
        name = tag[0]
        self._in_passage = name == "sg"
        if name == "sg":
            self._group = line.paragraph
        elif name == "/sg":
            self._group = self._group if self._loose or not self._paper.drafts else None
        return True

    def _key(self, line: Line) -> bool:
        """Headings of keys and the lines below them; a key without heading is a line of several pairs."""
        if lines_of.is_end(line.text) or is_key_heading(line.text):
            self._close()
            self._in_key = not lines_of.is_end(line.text)
            if self._in_key:
                self._paper.keys.append(KeyList(len(self._paper.drafts), line.paragraph))
            return True
        if self._in_key:
            if self._paper.keys[-1].take(line.text):
                return True
            self._in_key = self._start(line) is None
            return self._in_key
        if len(pairs_of_line(line.text)) > 3:
            self._close()
            self._paper.keys.append(KeyList(len(self._paper.drafts), line.paragraph))
            self._in_key = True
            return self._paper.keys[-1].take(line.text)
        return False

    def _boundary(self, line: Line) -> bool:
        """Section titles, and invitations to read a passage that several questions share."""
        if self._part == "explanation" and self._draft and not self._after_blank:
            return False
        if self._start(line):
            return False
        if lines_of.is_section(line, within_stem=self._draft is not None and not self._draft.options):
            self._close()
            self._group = None
            return True
        if lines_of.is_passage(line.text) and (self._draft is None or self._draft.options):
            self._close()
            self._group = line.paragraph
            return True
        return False

    def _start(self, line: Line) -> re.Match[str] | None:
        return lines_of.start_of(line, self._style) if self._style else None

    def _begin(
        self, line: Line, cut: int, following: Sequence[Line], *, number: int | None = None, signs: str = ""
    ) -> Draft:
        self._close()
        self._draft = draft = Draft(line.paragraph, number, signs)
        if self._ref:
            draft.fields.append(("ma cau", self._ref))
            self._ref = ""
        self._part = "stem"
        if self._group is not None:
            template = N_(
                "Câu này dùng chung một đoạn văn (đoạn {paragraph}) chưa được nhập: thêm vào câu dẫn nếu cần."
            )
            draft.warnings.append(Message(template, paragraph=self._group))
        self._stem_line(draft, line.rich.cut(cut).strip(), following)
        return draft

    def _before_question(self, line: Line, following: Sequence[Line]) -> None:
        """Outside of any question an option A, with its B to follow, shows that a stem without a number went before."""
        options = lines_of.options_of(line.rich, None, capital=self._capital)
        complete = len(options) > 1 or self._next_letter(following) == 1
        if not self._loose or not options or options[0].index != 0 or not (complete or self._style is None):
            if self._after_blank:
                self._loose.clear()
            self._loose.append(line)
            return
        stem = self._loose if self._style is None else self._loose[-1:]
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
        answer = lines_of.answer_of(line.text)
        if answer is not None and (draft.options or self._style is not None):
            draft.answers.append(answer)
            self._part = "explanation" if self._part == "explanation" else "details"
            return True
        explanation = lines_of.explanation_of(line.rich)
        if explanation is not None:
            self._part = "explanation"
            draft.explanation += [explanation.text] if explanation.text else []
            return True
        found = lines_of.field_of(line.text)
        if found is not None and (draft.options or draft.answers):
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
