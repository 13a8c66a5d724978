"""What a question paper is taken apart into, before any answer is decided."""

from __future__ import annotations

from dataclasses import dataclass, field

from question_bank.formats.paper_groups import Group
from question_bank.formats.paper_keys import KeyList
from question_bank.formats.paper_sections import Section
from question_bank.formats.rich import Look, Rich
from question_bank.messages import N_, Message


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
    section: Section = field(default_factory=Section)
    group: int | None = None

    def place(self, format: str) -> Message:
        """Where the question stands: in a plain text lines are counted, in a document paragraphs."""
        if format == "text":
            if self.number is None:
                return Message(N_("Dòng {line}"), line=self.paragraph)
            return Message(N_("Câu {number}, dòng {line}"), number=self.number, line=self.paragraph)
        if self.number is None:
            return Message(N_("Đoạn {paragraph}"), paragraph=self.paragraph)
        return Message(N_("Câu {number}, đoạn {paragraph}"), number=self.number, paragraph=self.paragraph)


@dataclass(slots=True)
class Paper:
    """Everything found in a document; ``rubrics`` holds what is said of the marking of essays, by their numbers."""

    drafts: list[Draft] = field(default_factory=list)
    keys: list[KeyList] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    rubrics: dict[int, list[str]] = field(default_factory=dict)
