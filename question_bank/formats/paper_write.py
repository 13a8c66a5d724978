"""Questions as the paragraphs and tables of a paper that readers of this package, and people, understand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from question_bank.formats.html_blocks import HtmlTable, Paragraph, Written, blocks_of
from question_bank.formats.paper_key_lines import below, statement_key
from question_bank.formats.rich import PLAIN, Look
from question_bank.formats.vietnamese import LEVEL_MARKS
from question_bank.kinds.base import comparable, letter
from question_bank.kinds.matching import choices_of
from question_bank.question import Option, Question

KeyMark = Literal["line", "bold", "underline", "colour", "asterisk", "table", "none"]
Layout = Literal["lines", "tabs"]

BOLD: Look = frozenset({"bold"})
RED = "colour:FF0000"
_LOOKS: dict[str, Look] = {"bold": BOLD, "underline": frozenset({"underline"}), "colour": frozenset({RED})}
_SIGNS = {
    "multiple_response": "Chọn nhiều",
    "true_false_cluster": "Đúng/Sai từng ý",
    "matching": "Ghép đôi",
    "ordering": "Sắp xếp",
    "numeric": "Trả lời bằng số",
    "short_text": "Trả lời ngắn",
    "gap_text": "Điền chỗ trống",
    "essay": "Tự luận",
}
_GAP = re.compile(r"\[\[(\d{1,3})\]\]")
_TABBED = 200
"""Options that together are longer stand on lines of their own."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a paper is written: what marks the right answers, how options stand, whether details are told."""

    key_mark: KeyMark = "line"
    layout: Layout = "lines"
    details: bool = True
    tables: bool = True

    @property
    def with_key(self) -> bool:
        return self.key_mark != "none"


@dataclass(frozen=True, slots=True)
class Numbered:
    """The written question, the key entries for a table of answers, and the number the next question bears."""

    blocks: list[Written]
    keys: list[tuple[int, str]]
    following: int


def written(question: Question, number: int, manner: Manner) -> Numbered:
    """The question with all that belongs to it."""
    if question.kind == "case":
        return _case(question, number, manner)
    blocks = [*_stem(question, number), *_parts(question, manner)]
    key = statement_key(question)
    in_table = manner.key_mark == "table" and bool(key)
    lines = below(question, with_key=manner.with_key, key_line=not in_table and _needs_line(question, manner))
    if not manner.details:
        hidden = _DETAILS if manner.with_key else _DETAILS | _LAW
        lines = [(name, value) for name, value in lines if name not in hidden]
    blocks += [[(f"{name}: {value}", PLAIN)] for name, value in lines if value]
    return Numbered(blocks, [(number, key)] if in_table else [], number + 1)


_DETAILS = frozenset(["Chuyên đề", "Vị trí", "Điểm", "Thời gian", "Nhãn", "Cố định", "Mã câu"])


def _needs_line(question: Question, manner: Manner) -> bool:
    """Marks on letters show the answers of choices only; every other kind needs words."""
    return manner.key_mark == "line" or (manner.with_key and not _is_choice(question))


def _is_choice(question: Question) -> bool:
    return question.kind in ("single_choice", "multiple_response", "true_false")


def _case(question: Question, number: int, manner: Manner) -> Numbered:
    """The situation says which questions it is for; they follow with numbers of their own."""
    parts = [Question.from_json(data) for data in question.details.get("questions", ())]
    last = number + max(len(parts) - 1, 0)
    level = f" ({LEVEL_MARKS[question.level]})" if question.level else ""
    label = f"Tình huống (dùng cho câu {number} đến câu {last}){level}:"
    blocks = _labelled(label, blocks_of(question.stem_html, question.stem))
    points = f"{question.points / 1000:g}".replace(".", ",")
    lines = below(replace(question, points=1000), with_key=manner.with_key, key_line=False)
    told = [("Điểm", points), *lines]
    blocks += [[(f"{name}: {value}", PLAIN)] for name, value in told if value and (manner.details or name in _LAW)]
    keys: list[tuple[int, str]] = []
    for part in parts:
        found = written(part, number, manner)
        blocks += found.blocks
        keys += found.keys
        number = found.following
    return Numbered(blocks, keys, number)


_LAW = frozenset(["Căn cứ"])


def _labelled(label: str, blocks: Sequence[Written], look: Look = BOLD) -> list[Written]:
    """The blocks with a label before the first words."""
    if blocks and not isinstance(blocks[0], HtmlTable):
        return [[(label, look), (" ", PLAIN), *blocks[0]], *blocks[1:]]
    return [[(label, look)], *blocks]


def _stem(question: Question, number: int) -> list[Written]:
    signs = f" ({LEVEL_MARKS[question.level]})" if question.level else ""
    signs += f" ({_SIGNS[question.kind]})" if question.kind in _SIGNS else ""
    html, text = question.stem_html, question.stem
    if question.kind == "gap_text":
        html, text = _GAP.sub(r"(\1) ………", html), _GAP.sub(r"(\1) ………", text)
    return _labelled(f"Câu {number}{signs}:", blocks_of(html, text))


def _parts(question: Question, manner: Manner) -> list[Written]:
    """What stands between the stem and the lines below."""
    if question.kind == "matching":
        return _columns(question, manner)
    if question.kind == "ordering":
        return _lettered([Option(item["text"], html=item.get("html", "")) for item in mixed_items(question)], manner)
    if question.kind == "true_false_cluster":
        return [
            block
            for index, option in enumerate(question.options)
            for block in _labelled(f"{letter(index).lower()})", blocks_of(option.html, option.text), PLAIN)
        ]
    return _lettered(question.options, manner) if question.options else []


def mixed_items(question: Question) -> list[dict[str, str]]:
    """The items of an ordering by their texts, so that a paper does not show their right order."""
    return sorted(question.details.get("items", ()), key=lambda item: comparable(item["text"]))


def _lettered(options: Sequence[Option], manner: Manner) -> list[Written]:
    written_options = [_option(option, index, manner) for index, option in enumerate(options)]
    flat = [blocks[0] for blocks in written_options if len(blocks) == 1 and not isinstance(blocks[0], HtmlTable)]
    short = sum(len(option.text) for option in options) <= _TABBED
    if manner.layout == "tabs" and len(flat) == len(written_options) and short:
        return [[piece for option in flat for piece in [*option, ("\t", PLAIN)]][:-1]]
    return [block for blocks in written_options for block in blocks]


def _option(option: Option, index: int, manner: Manner) -> list[Written]:
    look = _LOOKS.get(manner.key_mark, PLAIN) if option.correct else PLAIN
    star = "*" if option.correct and manner.key_mark == "asterisk" else ""
    blocks = blocks_of(option.html, option.text)
    if look and manner.key_mark != "underline":
        blocks = [b if isinstance(b, HtmlTable) else [(text, own | look) for text, own in b] for b in blocks]
    return _labelled(f"{star}{letter(index)}.", blocks, look)


def _columns(question: Question, manner: Manner) -> list[Written]:
    """What is to be matched, in two columns, or one after the other where there are no tables."""
    pairs = question.details.get("pairs", ())
    lefts = [
        _labelled(f"{number}.", blocks_of(pair.get("left_html", ""), pair["left"]), PLAIN)
        for number, pair in enumerate(pairs, start=1)
    ]
    rights = [
        _labelled(f"{letter(index)}.", blocks_of(choice.html, choice.text), PLAIN)
        for index, choice in enumerate(choices_of(question))
    ]
    nested = any(isinstance(block, HtmlTable) for side in (lefts, rights) for blocks in side for block in blocks)
    if not manner.tables or nested:
        return [block for side in (lefts, rights) for blocks in side for block in blocks]
    table = HtmlTable([[[[("Cột A", BOLD)]], [[("Cột B", BOLD)]]]])
    for row in range(max(len(lefts), len(rights))):
        table.rows.append([_cell(lefts, row), _cell(rights, row)])
    return [table]


def _cell(side: Sequence[Sequence[Written]], row: int) -> list[Paragraph]:
    return [block for block in side[row] if not isinstance(block, HtmlTable)] if row < len(side) else []
