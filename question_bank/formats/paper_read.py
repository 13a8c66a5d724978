"""Question papers: "Câu 1: … A. … B. …" in the many ways that examiners write and mark them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from question_bank.formats.assemble import (
    asks_for_several,
    letters_key,
    names_from,
    not_understood,
    points_from,
    with_options,
)
from question_bank.formats.base import Collector, Reading, unsupported
from question_bank.formats.excel import read_table
from question_bank.formats.excel_headings import Headings, find_headings
from question_bank.formats.excel_sheets import Sheet
from question_bank.formats.marks import Decision, Evidence, decide
from question_bank.formats.paper_answers import Answered, answered, apply_keys
from question_bank.formats.paper_drafts import paper_from
from question_bank.formats.rich import FORMULA, PICTURE, Block, Table
from question_bank.formats.vietnamese import citations_from, fold, kind_from, level_from, unknown_kind_label
from question_bank.kinds import KINDS
from question_bank.kinds.base import letter
from question_bank.messages import N_, Message
from question_bank.question import Question, clean_text

_SIGN = re.compile(r"[(\[]\s*([^()\[\]]{1,20}?)\s*[)\]]\s*:?\s*")
_OUTCOME = re.compile(r"CLO\s*\d+(?:\.\d+)?", re.IGNORECASE)
_OUTCOME_AT_END = re.compile(r"\s*[(\[]\s*(CLO\s*\d+(?:\.\d+)?)\s*[)\]]\s*$", re.IGNORECASE)
_POINTS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:điểm|đ)", re.IGNORECASE)


def read_blocks(found: Sequence[Block], format: str = "word", collector: Collector | None = None) -> Reading:
    """The questions of a paper given as lines and tables."""
    collector = collector or Collector(format)
    tables = {id(block): table for block in found if isinstance(block, Table) and (table := _question_table(block))}
    paper = paper_from([block for block in found if id(block) not in tables])
    items = [answered(draft) for draft in paper.drafts]
    for place, message in apply_keys(paper, items):
        collector.warning(message, place)
    decision = decide([Evidence(len(item.texts), item.marked) for item in items if item.texts])
    collector.notes += decision.notes
    for item in items:
        _add(item, decision, collector)
    for sheet, headings in tables.values():
        read_table(sheet, headings, collector)
    return collector.reading()


def _question_table(table: Table) -> tuple[Sheet, Headings] | None:
    """A table of one question a row, as in a spreadsheet, if its first rows have the headings of one."""
    width = max(map(len, table.rows), default=0)
    rows = [[clean_text(text) for text in row] + [""] * (width - len(row)) for row in table.texts()]
    headings = find_headings(rows)
    if headings is None:
        return None
    return Sheet(str(table.paragraph), rows, N_("Bảng ở đoạn {sheet}, dòng {row}")), headings


def _add(item: Answered, decision: Decision, collector: Collector) -> None:
    draft = item.draft
    question, kind, warnings = _fields(item)
    if not item.texts or (kind is not None and kind not in KINDS):
        if kind is None or kind in KINDS:
            label = Message(N_("trả lời ngắn")) if draft.answers else Message(N_("tự luận, không có phương án A, B, C"))
        else:
            label = unknown_kind_label(kind)
        collector.skip(unsupported(label), draft.place)
        return
    several = asks_for_several(f"{draft.signs} {question.stem}") or kind == "multiple_response"
    verdict = decision.verdict(Evidence(len(item.texts), item.marked, several))
    key = verdict.key if not draft.errors else frozenset[int]()
    question, pin_warning = _with_pins(with_options(question, item.texts, key, kind), item)
    errors = [*draft.errors, *([verdict.conflict] if verdict.conflict else [])]
    number = collector.add(question, draft.place, errors)
    doubts = [doubt for doubt in (verdict.doubt, pin_warning, _left_out(question)) if doubt]
    for message in [*draft.warnings, *warnings, *doubts]:
        collector.warning(message, draft.place, number)


def _left_out(question: Question) -> Message | None:
    """Pictures and formulas do not come along; only their places are kept."""
    places = [Message(N_("câu dẫn"))] if _has_picture(question.stem) else []
    places += [Message(letter(index)) for index, option in enumerate(question.options) if _has_picture(option.text)]
    if not places:
        return None
    template = N_(
        "Hình hoặc công thức ở {places} chưa được nhập, chỉ giữ chỗ “[hình]”, “[công thức]”: gõ lại bằng chữ."
    )
    return Message(template, places=", ".join(map(str, places)))


def _has_picture(text: str) -> bool:
    return PICTURE in text or FORMULA in text


def _fields(item: Answered) -> tuple[Question, str | None, list[Message]]:
    """The question without options, its stated kind, and what could not be understood."""
    draft = item.draft
    question = Question("single_choice", "", explanation=clean_text("\n".join(draft.explanation)))
    question = _with_stem(question, draft.signs, "\n".join(line.text for line in draft.stem))
    kind: str | None = None
    warnings: list[Message] = []
    for name, value in draft.fields:
        if name == "loai":
            kind = kind_from(value)
            if kind is None:
                warnings.append(not_understood(Message(N_("loại câu hỏi")), value))
            continue
        try:
            question = _with_field(question, name, value)
        except ValueError:
            warnings.append(not_understood(Message(N_("giá trị")), value))
    signs = [stated for sign in _SIGN.findall(draft.signs) if (stated := kind_from(sign))]
    return question, kind or (signs[0] if signs else None), warnings


def _with_stem(question: Question, signs: str, stem: str) -> Question:
    """The stem without the signs of level, outcome and points around the number and at its own ends."""
    understood: dict[str, Any] = {}
    tags: list[str] = []
    rest = ""
    for sign in _SIGN.findall(signs):
        if not (_take_sign(sign, understood, tags) or kind_from(sign)):
            rest += f"({sign}) "
    while match := _SIGN.match(stem):
        if match.group(1).isdigit() and match.group().startswith("("):
            break
        if not _take_sign(match.group(1), understood, tags):
            break
        stem = stem[match.end() :]
    while match := _OUTCOME_AT_END.search(stem):
        tags.append(match.group(1).upper())
        stem = stem[: match.start()]
    return replace(question, stem=clean_text(rest + stem), tags=tuple(tags), **understood)


def _take_sign(sign: str, understood: dict[str, Any], tags: list[str]) -> bool:
    """Note what "NB", "CLO2", "3" or "0,5 điểm" says; ``False`` for a sign that is text."""
    if level := level_from(sign):
        understood["level"] = level
    elif _OUTCOME.fullmatch(sign):
        tags.append(sign.upper())
    elif match := _POINTS.fullmatch(sign):
        understood["points"] = points_from(match.group(1))
    elif sign in {"1", "2", "3", "4"}:
        tags.append(f"mức {sign}")
    else:
        return False
    return True


def _with_field(question: Question, name: str, value: str) -> Question:
    """The question with one line such as "Căn cứ: …" taken; ``ValueError`` when the value makes no sense."""
    changes: dict[str, Any] = {}
    match name:
        case "can cu" | "can cu phap ly" | "co so phap ly":
            changes["citations"] = question.citations + citations_from(value)
        case "muc do":
            changes["level"] = level_from(value)
            if changes["level"] is None:
                raise ValueError(value)
        case "chuyen de" | "chu de":
            changes["topic"] = value
        case "vi tri":
            changes["positions"] = names_from(value)
        case "nhan":
            changes["tags"] = question.tags + names_from(value)
        case "diem":
            changes["points"] = points_from(re.sub(r"\s*(?:điểm|đ)$", "", value))
        case "thoi gian":
            changes["seconds"] = _seconds(value)
        case "ma cau":
            changes["ref"] = value
    return replace(question, **changes)


def _seconds(value: str) -> int:
    match = re.fullmatch(r"(\d+)\s*(giay|phut)?", fold(value))
    if not match or int(match.group(1)) == 0:
        raise ValueError(value)
    return int(match.group(1)) * (60 if match.group(2) == "phut" else 1)


def _with_pins(question: Question, item: Answered) -> tuple[Question, Message | None]:
    """The question with the options of the line "Cố định: D" keeping their places."""
    for name, value in item.draft.fields:
        if name != "co dinh":
            continue
        pinned = letters_key(value, len(question.options))
        if pinned is None:
            return question, not_understood(Message(N_("phương án cố định")), value)
        options = tuple(replace(option, pinned=index in pinned) for index, option in enumerate(question.options))
        return replace(question, options=options), None
    return question, None
