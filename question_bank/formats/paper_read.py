"""Question papers: "Câu 1: … A. … B. …" in the many ways that examiners write and mark them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from question_bank.formats import paper_groups
from question_bank.formats.base import Collector, Reading, whole_file
from question_bank.formats.marks import Decision, Evidence, decide
from question_bank.formats.paper_answers import CHOICES, Answered, answered
from question_bank.formats.paper_apply import MIXED, apply_keys
from question_bank.formats.paper_drafts import paper_from
from question_bank.formats.paper_fields import with_fields, with_signs
from question_bank.formats.paper_groups import Group
from question_bank.formats.paper_html import both
from question_bank.formats.paper_kinds import Built, built
from question_bank.formats.paper_parts import Paper
from question_bank.formats.rich import FORMULA, NAMELESS, PICTURE, Block, Line, Table
from question_bank.kinds import KINDS
from question_bank.kinds.base import letter
from question_bank.messages import N_, Message
from question_bank.question import Question, clean_text

LONGEST_LINE = 12_000
"""More than any text of a question may hold: such a line is cut, and the question refused by its length."""


def read_blocks(found: Sequence[Block], format: str = "word", collector: Collector | None = None) -> Reading:
    """The questions of a paper given as lines and tables."""
    collector = collector if collector is not None else Collector(format)
    found = [_cut(block) for block in found]
    tables = {id(block): table for block in found if isinstance(block, Table) and (table := _question_table(block))}
    paper = paper_from([block for block in found if id(block) not in tables])
    items = [answered(draft) for draft in paper.drafts]
    for place, message in apply_keys(paper, items) if items else ():
        collector.warning(message, place)
    decision = decide([Evidence(len(item.texts), item.marked) for item in items if item.chooses])
    collector.notes += decision.notes
    for group, members in groupby(items, key=lambda item: item.draft.group):
        _add_all(list(members), paper.groups[group] if group is not None else None, paper, decision, collector)
    for table in tables.values():
        _read_table(table, collector)
    if not items and not tables:
        _only_key(paper, collector)
    return collector.reading()


def _cut(block: Block) -> Block:
    if isinstance(block, Line) and len(block.text) > LONGEST_LINE:
        return replace(block, rich=block.rich.cut(0, LONGEST_LINE))
    return block


def _question_table(table: Table) -> Any:
    """A table of one question a row, as in a spreadsheet, if its first rows have the headings of one."""
    from question_bank.formats.excel_headings import find_headings
    from question_bank.formats.excel_sheets import Sheet

    width = max(map(len, table.rows), default=0)
    rows = [[clean_text(text) for text in row] + [""] * (width - len(row)) for row in table.texts()]
    headings = find_headings(rows)
    if headings is None:
        return None
    return Sheet(str(table.paragraph), rows, N_("Bảng ở đoạn {sheet}, dòng {row}")), headings


def _read_table(table: Any, collector: Collector) -> None:
    from question_bank.formats.excel import read_table

    sheet, headings = table
    read_table(sheet, headings, collector)


def _only_key(paper: Paper, collector: Collector) -> None:
    """A file that holds no question but answers: they are for the questions of another file."""
    for key in paper.keys:
        if key.mixed:
            collector.error(Message(MIXED), _key_place(key.paragraph))
            continue
        for number, answer in key.pairs:
            if collector.key.setdefault(number, answer) != answer:
                template = N_("Câu {number} có hai đáp án khác nhau trong bảng: chỉ dùng đáp án đầu.")
                collector.warning(Message(template, number=number), _key_place(key.paragraph))
    if collector.key:
        template = N_("Tệp chỉ có đáp án của {count} câu, không có câu hỏi: dùng cùng tệp câu hỏi.")
        collector.warning(Message(template, count=len(collector.key)), whole_file())


def _key_place(paragraph: int) -> Message:
    return Message(N_("Bảng đáp án, đoạn {paragraph}"), paragraph=paragraph)


def _add_all(
    items: Sequence[Answered], group: Group | None, paper: Paper, decision: Decision, collector: Collector
) -> None:
    """The questions of a run that share a situation as one, all others one by one."""
    parts = [built(item, decision, paper.rubrics.get(item.draft.number or 0, ())) for item in items]
    told = group is not None and any(line.text for line in group.lines)
    if group is None or not told or any(part.question.kind == "essay" for part in parts):
        for item, part in zip(items, parts, strict=True):
            if group is not None and told:
                part.question = _with_situation(part.question, group)
            _add(item, part, collector)
        return
    _add_case(items, parts, group, collector)


def _with_situation(question: Question, group: Group) -> Question:
    """An essay cannot be part of a case: each question of such a group tells the situation itself."""
    text, html = both(group.lines)
    from question_bank import rich_text

    if html or question.stem_html:
        whole = f"{html or rich_text.from_plain(text)}{question.stem_html or rich_text.from_plain(question.stem)}"
        return replace(question, stem=rich_text.plain(whole), stem_html=rich_text.clean(whole))
    return replace(question, stem=f"{text}\n{question.stem}".strip())


def _add(item: Answered, part: Built, collector: Collector) -> None:
    draft, place = item.draft, item.draft.place(collector.format)
    number = collector.add(part.question, place, part.errors, heading=draft.section.heading, number=draft.number)
    for message in [*part.warnings, *_left_out(part.question)]:
        collector.warning(message, place, number)


def _add_case(items: Sequence[Answered], parts: Sequence[Built], group: Group, collector: Collector) -> None:
    """One question of the shared situation with all that were asked about it."""
    first, place = items[0].draft, items[0].draft.place(collector.format)
    case, lines = with_signs(Question("case", ""), group.signs, group.lines)
    text, html = both(lines)
    case, warnings = with_fields(replace(case, stem=text, stem_html=html), group.fields)
    if not any(name == "diem" for name, _ in group.fields):
        case = replace(case, points=sum(part.question.points for part in parts))
    merged = _as_gaps(case, items, parts)
    if merged is None:
        questions = [_with_stem_of(part.question, item) for item, part in zip(items, parts, strict=True)]
        merged = replace(case, details={"questions": [question.as_json() for question in questions]})
        merged = merged if group.fields else _with_common(merged, questions)
    errors = [_numbered(item, message) for item, part in zip(items, parts, strict=True) for message in part.errors]
    number = collector.add(merged, place, errors, heading=first.section.heading, number=first.number)
    if not group.tagged and group.first is None and len(items) > 1:
        template = N_("Các câu từ {first} đến {last} được gộp vào một tình huống chung: kiểm tra lại.")
        told = Message(template, first=first.number or 1, last=items[-1].draft.number or len(items))
        collector.warning(told, place, number)
    for message in warnings:
        collector.warning(message, place, number)
    for item, part in zip(items, parts, strict=True):
        for message in [*part.warnings, *_left_out(part.question)]:
            collector.warning(_numbered(item, message), place, number)


def _with_stem_of(question: Question, item: Answered) -> Question:
    """A question about a numbered place of the passage needs no words of its own."""
    if question.stem or item.draft.number is None:
        return question
    return replace(question, stem=f"Chỗ trống ({item.draft.number})")


def _with_common(case: Question, questions: Sequence[Question]) -> Question:
    """A case without details of its own takes the level and the topic that its questions agree on."""
    levels = {question.level for question in questions}
    topics = {question.topic for question in questions}
    level = case.level or (levels.pop() if len(levels) == 1 else None)
    return replace(case, level=level, topic=case.topic or (topics.pop() if len(topics) == 1 else ""))


def _numbered(item: Answered, message: Message) -> Message:
    template = N_("Câu {number}: {problem}")
    return Message(template, number=item.draft.number or "?", problem=message)


def _as_gaps(case: Question, items: Sequence[Answered], parts: Sequence[Built]) -> Question | None:
    """A passage with numbered places and options for each of them is a text with gaps."""
    places = paper_groups.numbered_gaps(case.stem)
    numbers = list(range(1, len(items) + 1))
    if any(part.question.stem for part in parts) or sorted(places) != numbers:
        return None
    if any(part.question.kind not in CHOICES for part in parts):
        return None
    gaps = [
        {"choices": [{"text": option.text, "correct": option.correct} for option in part.question.options]}
        for part in parts
    ]
    stem, html = paper_groups.with_gaps(case.stem), paper_groups.with_gaps(case.stem_html)
    return replace(case, kind="gap_text", stem=stem, stem_html=html, details={"gaps": gaps})


def _left_out(question: Question) -> list[Message]:
    """Pictures and formulas that could not come along; only their places are kept. And those without a description."""
    messages: list[Message] = []
    places = [Message(N_("câu dẫn"))] if _has_picture(question.stem) else []
    places += [Message(letter(index)) for index, option in enumerate(question.options) if _has_picture(option.text)]
    if places:
        template = N_(
            "Hình hoặc công thức ở {places} chưa được nhập, chỉ giữ chỗ “[hình]”, “[công thức]”: gõ lại bằng chữ."
        )
        messages.append(Message(template, places=", ".join(map(str, places))))
    if any(NAMELESS in text for text in [question.stem, *KINDS[question.kind].texts(question)]):
        messages.append(
            Message(N_("Có hình chưa có lời mô tả: ghi hình cho thấy gì để người không nhìn thấy hình hiểu."))
        )
    return messages


def _has_picture(text: str) -> bool:
    return PICTURE in text or FORMULA in text
