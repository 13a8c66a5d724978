"""GIFT, the plain text format of Moodle, with the fields of this bank in the comment before a question.

$CATEGORY: tp_ho_tich

// [id:tp-001] [level:nhan_biet] [position:tp_tu_phap] [cite:60/2014/QH13|5|2|a]
Câu dẫn ở đây? {
=Phương án đúng
~Phương án sai#Nhận xét cho người chọn phương án này.
####Giải thích.
}

The fields are those of :mod:`question_bank.formats.bank_fields`. A missing word ("Ba {=là} hai") leaves "_____" in the
stem of an ordinary question, which loses nothing; with ``[kind:gap_text]`` it is a gap. A cluster of true/false
statements is written as pairs of statement and "Đúng" or "Sai" with ``[kind:true_false_cluster]``; an ordering as the
ordering questions of Moodle do, ``{>3 ALL VERTICAL ALL_OR_NOTHING HIDE`` with an item a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from question_bank.formats.bank_fields import field_from, first, with_fields
from question_bank.formats.base import Collector, Format, Reading, Source
from question_bank.formats.files import decode
from question_bank.formats.gift_answers import read_answers
from question_bank.formats.gift_text import Texts, comments, find_unescaped, last_of_path, unmarked
from question_bank.formats.gift_write import write
from question_bank.formats.moodle_kinds import description
from question_bank.formats.moodle_text import LONGEST
from question_bank.formats.pictures import Pictures
from question_bank.formats.weights import how_marked
from question_bank.messages import N_, Message
from question_bank.question import Question

_CATEGORY = re.compile(r"\s*\$CATEGORY:(.*)", re.DOTALL)
_TITLE = re.compile(r"\A\s*::((?:\\.|[^\\:]|:(?!:))*)::", re.DOTALL)
_DATA = re.compile(r"data\\?:image/[^\s\"'<>]{100,}", re.IGNORECASE)
_BLANK = "_____"


@dataclass(slots=True)
class _Block:
    """The lines of one question, its comment lines before it, and where it begins."""

    line: int
    comments: list[str]
    text: str
    topic: str

    @property
    def place(self) -> Message:
        title = _TITLE.match(self.text)
        if title and title.group(1).strip():
            return Message(N_("Dòng {line}, câu “{title}”"), line=self.line, title=Texts().plain(title.group(1)))
        return Message(N_("Dòng {line}"), line=self.line)


def read(source: Source) -> Reading:
    collector = Collector("gift")
    for block in _blocks(decode(source)):
        _read_block(block, collector)
    return collector.reading()


def _blocks(text: str) -> Iterator[_Block]:
    """Blocks divided by empty lines; an empty line inside braces divides only when the next block has its own."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ahead = _next_braces(lines)
    topic, state = "", ""
    pending: list[tuple[int, str]] = []
    for index, line in enumerate([*lines, ""]):
        category = _CATEGORY.fullmatch(line)
        if category is None and line.strip():
            pending.append((index + 1, line))
            state = _after(line, state)
        elif category is not None or not (state == "{" and ahead[min(index + 1, len(lines))] == "}"):
            if block := _block(pending, topic):
                yield block
            pending, state = [], ""
        if category is not None:
            topic = last_of_path(category.group(1))
    if block := _block(pending, topic):
        yield block


def _next_braces(lines: Sequence[str]) -> list[str]:
    """For each line and the end, the first brace or category from there on: "{", "}", "$" or nothing."""
    found = [""] * (len(lines) + 1)
    for index in range(len(lines) - 1, -1, -1):
        line, here = lines[index], None
        if _CATEGORY.fullmatch(line):
            found[index] = "$"
            continue
        if not _is_comment(line):
            here = find_unescaped(line, "{}")
        found[index] = found[index + 1] if here is None else line[here]
    return found


def _after(line: str, state: str) -> str:
    """Where the braces of a question stand after ``line``: "" none yet, "{" open, "}" closed for good."""
    start = 0
    if state != "}" and not _is_comment(line):
        if not state and (found := find_unescaped(line, "{")) is not None:
            state, start = "{", found + 1
        if state and find_unescaped(line, "}", start) is not None:
            return "}"
    return state


def _block(lines: Sequence[tuple[int, str]], topic: str) -> _Block | None:
    """A block of text; ``None`` where there are only comments."""
    begin = next((index for index, (_, line) in enumerate(lines) if not _is_comment(line)), None)
    if begin is None:
        return None
    text = "\n".join(line for _, line in lines[begin:] if not _is_comment(line))
    return _Block(lines[begin][0], [line for _, line in lines[:begin]], text, topic)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("//")


def _read_block(block: _Block, collector: Collector) -> None:
    place = block.place
    body = _TITLE.sub("", block.text, count=1)
    length = len(body) if len(body) <= LONGEST else len(_DATA.sub("", body))
    if length > LONGEST:
        template = N_("Câu dài {count} ký tự, quá giới hạn {most}: kiểm tra xem có thiếu dấu đóng hoặc dán nhầm không.")
        collector.skip(Message(template, count=length, most=LONGEST), place)
        return
    opened = find_unescaped(body, "{")
    if opened is None:
        collector.skip(description(Texts().plain(body)), place)
        return
    closed = find_unescaped(body, "}", opened + 1)
    if closed is None:
        collector.skip(Message(N_("Thiếu dấu “}” đóng phần trả lời: thêm dấu này vào cuối câu.")), place)
        return
    _read_question(block, (body[:opened], body[opened + 1 : closed], body[closed + 1 :]), collector)


def _read_question(block: _Block, parts: tuple[str, str, str], collector: Collector) -> None:
    fields = [field for line in block.comments for text in comments(line) if (field := field_from(text))]
    before, between, after = parts
    kind = first(fields, "kind")
    pictures = Pictures(collector, block.place)
    blank = "[[1]]" if kind == "gap_text" else _BLANK
    stem = Texts(pictures=pictures).read(f"{before}{blank}{after}" if after.strip() or kind == "gap_text" else before)
    texts = Texts(unmarked(before, "moodle")[1], pictures)
    answers, explanation = _general_feedback(between, texts)
    question = Question("", stem.text, stem_html=stem.html, topic=block.topic, explanation=explanation)
    found = read_answers(question, answers, texts, fields)
    if isinstance(found, Message):
        collector.skip(found, block.place)
        return
    question, doubts = with_fields(found.question, fields)
    if (note := how_marked(question)) and note not in collector.notes:
        collector.note(note)
    item = collector.add(question, block.place)
    for message in [*found.doubts, *doubts]:
        collector.warning(message, block.place, item)


def _general_feedback(answers: str, texts: Texts) -> tuple[str, str]:
    """The answers without the ``####`` part, and that part as plain text."""
    position = answers.find("####")
    while position > 0 and answers[position - 1] == "\\":
        position = answers.find("####", position + 1)
    if position < 0:
        return answers.strip(), ""
    return answers[:position].strip(), texts.plain(answers[position + 4 :])


FORMAT = Format("gift", Message(N_("GIFT (Moodle)")), ".gift", "text/plain; charset=utf-8", read, write)
