"""Questions as a Word paper that a person can hand to the council, with or without the right answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

from question_bank.formats.base import Writing
from question_bank.formats.html_blocks import Written
from question_bank.formats.paper_carried import what_is_lost
from question_bank.formats.paper_write import KeyMark, Layout, Manner, written
from question_bank.formats.word_page import Page
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question

__all__ = ["KeyMark", "Layout", "write_word"]


def write_word(
    questions: Sequence[Question],
    key_mark: KeyMark = "line",
    layout: Layout = "lines",
    *,
    title: str = "",
    details: bool = True,
    media: Mapping[str, bytes] | None = None,
    sections: Mapping[str, str] | None = None,
) -> Writing:
    """A paper with the right answers marked in the given way; every question is read back to see what is lost.

    ``details`` adds lines for topic, positions, points and the like, which papers by hand seldom have; ``sections``
    gives the name of each topic and puts its questions together under it.
    """
    manner = Manner(key_mark, layout, details)
    page = Page(title, media or {})
    problems: list[Problem] = []
    keys: list[tuple[int, str]] = []
    number = 1
    for heading, indices in _sections(questions, sections):
        if heading:
            page.heading(heading)
        for index in indices:
            found = written(questions[index], number, manner)
            missing = page.add(found.blocks)
            keys += found.keys
            problems += _problems(questions[index], index + 1, number, manner, missing)
            number = found.following
    if keys:
        page.key_table(keys)
    stream = BytesIO()
    page.save(stream)
    return Writing(stream.getvalue(), tuple(problems))


def _sections(questions: Sequence[Question], names: Mapping[str, str] | None) -> list[tuple[str, list[int]]]:
    """The questions by topic, in the order the topics first appear."""
    if names is None:
        return [("", list(range(len(questions))))]
    topics: dict[str, list[int]] = {}
    for index, question in enumerate(questions):
        topics.setdefault(question.topic, []).append(index)
    named = [(names.get(topic, topic), indices) for topic, indices in topics.items()]
    return [
        (f"CHUYÊN ĐỀ {place}. {name}" if name else "NỘI DUNG KHÁC", indices)
        for place, (name, indices) in enumerate(named, start=1)
    ]


def _problems(question: Question, item: int, number: int, manner: Manner, missing: Sequence[str]) -> list[Problem]:
    place = Message(N_("Câu {item}"), item=number)
    found: list[Message] = []
    if missing:
        template = N_("Không có tệp hình của câu này, chỉ ghi lời mô tả: {names}.")
        found.append(Message(template, names=", ".join(missing)))
    whole: list[Written] = written(question, 1, Manner("line", manner.layout)).blocks
    if told := what_is_lost(question, whole, "Word"):
        found.append(told)
    return [Problem(place, item, Severity.WARNING, message) for message in found]
