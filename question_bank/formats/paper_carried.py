"""Whether a written question reads back the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from question_bank.formats.carried import lost, normal
from question_bank.formats.html_blocks import HtmlTable, Written, lines_of, table_of
from question_bank.formats.paper_read import read_blocks
from question_bank.formats.rich import Block
from question_bank.messages import Message
from question_bank.question import Question

NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_read(blocks: Sequence[Written]) -> list[Block]:
    """The lines and tables that a reader would find."""
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, HtmlTable):
            found.append(table_of(block))
        else:
            found += lines_of([(NOT_XML.sub("", text), look) for text, look in block])
    return found


def what_is_lost(question: Question, blocks: Sequence[Written], format: str) -> Message | None:
    """What the paper cannot carry of the question, written alone in the plain way."""
    return lost_of(question, as_read(blocks), format)


def lost_of(question: Question, found: Sequence[Block], format: str) -> Message | None:
    """What is lost of the question when these lines and tables are read."""
    questions = read_blocks(found).questions
    if len(questions) != 1:
        return lost(question, None, format)
    return lost(_comparable(question), _comparable(questions[0]), format)


def _comparable(question: Question) -> Question:
    """Equal details in equal words."""
    details = dict(question.details)
    if question.kind == "case":
        parts = [Question.from_json(data) for data in details.get("questions", ())]
        details["questions"] = [_comparable(part).as_json() for part in parts]
    return replace(question, details=normal(details))
