"""Plain text in the dialects of question papers: what Word papers say, without their looks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape

from question_bank.formats.base import Format, Reading, Source, Writing
from question_bank.formats.files import decode
from question_bank.formats.html_blocks import HtmlTable, Paragraph, Written
from question_bank.formats.paper_carried import lost_of
from question_bank.formats.paper_lines import without_tool_tags
from question_bank.formats.paper_read import read_blocks
from question_bank.formats.paper_write import Manner, written
from question_bank.formats.rich import OBJECT, PLAIN, Line, Look, Rich, object_html
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.plain_text import alt_of, told
from question_bank.question import Question

_MARKS = {"u": "underline", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "mark": "fill:FFFF00"}
_TAG = re.compile(r"<(?P<close>/?)(?P<name>u|b|strong|i|em|mark)>", re.IGNORECASE)
_MANNER = Manner(tables=False)
_UNDERSCORES = re.compile(r"(?<![\w_])(_{1,2})(?=[^\W_])([^_\n]*[^\W_])\1(?![\w_])")


def read(source: Source) -> Reading:
    lines = decode(source).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    numbered = enumerate(map(without_tool_tags, lines), start=1)
    return read_blocks([Line(_rich(text), number) for number, text in numbered], "text")


def _rich(text: str) -> Rich:
    """A line with the looks that its tags of HTML or its underscores give it."""
    text = _UNDERSCORES.sub(r"<u>\2</u>", text)
    pieces: list[tuple[str, Look]] = []
    look: Look = PLAIN
    end = 0
    for tag in _TAG.finditer(text):
        pieces.append((text[end : tag.start()], look))
        mark = _MARKS[tag["name"].lower()]
        look = look - {mark} if tag["close"] else look | {mark}
        end = tag.end()
    pieces.append((text[end:], look))
    return Rich.of(pieces).strip()


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    """The paper as it would stand in Word, without looks and tables."""
    lines: list[str] = []
    problems: list[Problem] = []
    number = 1
    for item, question in enumerate(questions, start=1):
        found = written(question, number, _MANNER)
        lines += [*_lines(found.blocks), ""]
        alone = [Line(_rich(line), 1) for line in _lines(written(question, 1, _MANNER).blocks)]
        if told := lost_of(question, alone, "Văn bản"):
            problems.append(Problem(Message(N_("Câu {item}"), item=number), item, Severity.WARNING, told))
        number = found.following
    return Writing("\n".join(lines).encode(), tuple(problems))


def _lines(blocks: Sequence[Written]) -> list[str]:
    """The lines of what is written; an image is told by its description, a table row by row."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, HtmlTable):
            rows = [" | ".join(" ".join(map(_words, cell)) for cell in row) for row in block.rows]
            lines += rows
        else:
            lines += _words(block).split("\n")
    return lines


def _words(paragraph: Paragraph) -> str:
    return "".join(told(unescape(alt_of(object_html(look)))) if text == OBJECT else text for text, look in paragraph)


FORMAT = Format("text", Message(N_("Văn bản thuần")), ".txt", "text/plain", read, write)
