"""Plain text in the dialects of question papers: what Word papers say, without their looks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from question_bank.formats.base import Format, Reading, Source, Writing
from question_bank.formats.files import decode
from question_bank.formats.paper_lines import without_tool_tags
from question_bank.formats.paper_read import read_blocks
from question_bank.formats.rich import PLAIN, Line, Look, Rich
from question_bank.messages import N_, Message
from question_bank.question import Question

_MARKS = {"u": "underline", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "mark": "fill:FFFF00"}
_TAG = re.compile(r"<(?P<close>/?)(?P<name>u|b|strong|i|em|mark)>", re.IGNORECASE)
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
    raise NotImplementedError


FORMAT = Format("text", Message(N_("Văn bản thuần")), ".txt", "text/plain", read, write)
