"""Rows of the kinds that offer no plain choice: how a person fills them, and how they are read.

- statements each true or false: one an option cell, the answer "Đ, S, Đ";
- pairs: "trái = phải" in each option cell, "(thêm) = phải" for a choice that belongs to nothing;
- an order: its steps in the option cells as they follow each other, or in any order with the answer "C, A, B";
- a number: the answer "12,5", "12 ± 0,5", "12 ± 5%" or "từ 1 đến 2"; a short text: its accepted forms; each on a line
  of its own or divided by semicolons, with a weight before it as in "(50%) gần đúng";
- gaps: the stem holds [[1]], [[2]], …; the option cells say in this order what goes there: "a | *b | c" to choose
  from, "[số] 12 ± 1" for a number, else the accepted words;
- an essay: lines of the rubric as answer, "Nêu đúng thẩm quyền (0,5 điểm)".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from question_bank.formats.assemble import points_from, truth
from question_bank.formats.excel_details import Details, share_from
from question_bank.formats.paper_groups import with_gaps
from question_bank.formats.paper_typed import numeric_answer
from question_bank.formats.vietnamese import fold
from question_bank.kinds.gap_text import MARKER
from question_bank.messages import N_, Message
from question_bank.question import Option, Question

Text = tuple[str, str]
"""The plain form of a cell and its rich form or nothing."""

DIVIDERS = ("||", "=>", "→", "↔", "=")
"""What may stand between the two sides of a pair; the first that every cell has counts."""
EXTRA = "(thêm)"
NUMBER, WORDS = "[số]", "[chữ]"
_BLANK = re.compile(r"_{3,}|…{2,}|\.{5,}")
_SHARED = re.compile(r"\((\d{1,3}(?:[.,]\d)?)\s*%\)\s*(.*)", re.DOTALL)
_WORTH = re.compile(r"\s*[(\[]\s*(\d+(?:[.,]\d+)?)\s*(?:điểm|đ)\s*[)\]]\s*\.?$", re.IGNORECASE)
_TRUTH = re.compile(r"(?:\(?[A-Ja-j]\s*[-.):=]\s*)?(đúng|sai|true|false|[đdst])", re.IGNORECASE)
_FULL = 1000


@dataclass(slots=True)
class Filled:
    """What was filled into a row: its option cells, its answer, the lines of its details."""

    options: Sequence[Text]
    answer: str
    details: Details
    errors: list[Message] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)

    def parts(self) -> list[str]:
        """The accepted answers: of the answer cell, or of the option cells where that is empty."""
        if not self.answer:
            return [text for text, _ in self.options if text]
        return divided(self.answer)


def divided(text: str) -> list[str]:
    """Lines, or what semicolons divide in a single one; a weight before it keeps a line whole."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) > 1 or (lines and _SHARED.fullmatch(lines[0])):
        return lines
    return [part.strip() for part in text.split(";") if part.strip()]


def shared(text: str) -> tuple[str, dict[str, int]]:
    """A text without the weight before it, and the weight as a detail."""
    found = _SHARED.fullmatch(text)
    return (found[2], {"share": share_from(found[1])}) if found else (text, {})


def _said(details: Details, which: str) -> dict[str, str]:
    told = details.value("feedback", which)
    return {"feedback": told} if told else {}


def _rich(name: str, cell: Text, html: str) -> dict[str, str]:
    return {name: cell[0], html: cell[1]} if cell[1] else {name: cell[0]}


def truths_of(answer: str, count: int) -> list[bool] | None:
    """What "Đ, S, Đ", "a-Đ; b-S" or "ĐSĐ" says of so many statements; ``None`` for anything else."""
    compact = answer.replace(" ", "")
    if len(compact) == count and re.fullmatch(r"[đdst]+", compact, re.IGNORECASE):
        parts = list(compact)
    else:
        parts = [part.strip() for part in re.split(r"[,;\n/|]|(?<=[đĐsS])\s+", answer) if part.strip()]
    matches = [_TRUTH.fullmatch(part) for part in parts]
    if len(parts) != count or not all(matches):
        return None
    found = [truth(match[1]) for match in matches if match]
    return None if any(one is None for one in found) else [one is True for one in found]


def _cluster(question: Question, filled: Filled) -> Question:
    truths = truths_of(filled.answer, len(filled.options))
    if truths is None:
        filled.errors.append(Message(N_("Chưa rõ ý nào đúng, ý nào sai: ghi Đ hoặc S cho từng ý, ví dụ “Đ, S, S, Đ”.")))
    options = tuple(
        Option(text, bool(truths and truths[index]), html=html) for index, (text, html) in enumerate(filled.options)
    )
    table = filled.details.table()
    return replace(question, options=options, details={"table": table} if table else {})


def _matching(question: Question, filled: Filled) -> Question:
    cells = [text for text, _ in filled.options if text]
    divider = divider_of(cells)
    pairs: list[dict[str, str]] = []
    extra: list[dict[str, str]] = []
    for cell in cells:
        left, found, right = (part.strip() for part in cell.partition(divider))
        if not found or not right:
            template = N_("Chưa rõ cặp ghép “{cell}”: ghi mỗi ô một cặp theo mẫu “vế trái = vế phải”.")
            filled.errors.append(Message(template, cell=cell))
            pairs.append({"left": left, "right": right})
        elif left in ("", EXTRA):
            extra.append({"text": right})
        else:
            pairs.append({"left": left, "right": right})
    return replace(question, details={"pairs": pairs, **({"extra": extra} if extra else {})})


def divider_of(cells: Sequence[str]) -> str:
    """What divides the sides in every cell, or else in most."""
    every = (divider for divider in DIVIDERS if cells and all(divider in cell for cell in cells))
    return next(every, max(DIVIDERS, key=lambda divider: sum(divider in cell for cell in cells)))


def _ordering(question: Question, filled: Filled) -> Question:
    items = [_rich("text", cell, "html") for cell in filled.options]
    letters = re.findall(r"[A-Z]", filled.answer.upper())
    wanted = [chr(ord("A") + index) for index in range(len(items))]
    if sorted(letters) == wanted and items:
        items = [items[ord(letter) - ord("A")] for letter in letters]
    elif filled.answer:
        filled.errors.append(Message(N_("Chưa rõ thứ tự đúng: ghi đáp án như C, A, D, B, đủ các chữ cái.")))
    else:
        template = N_("Thứ tự đúng được lấy theo thứ tự các ô phương án: kiểm tra lại.")
        filled.warnings.append(Message(template))
    return replace(question, details={"items": items})


def _numeric(question: Question, filled: Filled) -> Question:
    answers, unit = _numbers(filled.parts(), filled, "")
    told, required = filled.details.unit()
    details: dict[str, Any] = {"answers": answers}
    if told or unit:
        details["unit"] = told or unit
    if required:
        details["unit_required"] = True
    return replace(question, details=details)


def _numbers(parts: Sequence[str], filled: Filled, place: str) -> tuple[list[dict[str, Any]], str]:
    """The numeric answers and the first unit behind one."""
    answers, unit = [], ""
    for number, part in enumerate(parts, start=1):
        text, share = shared(part)
        found = numeric_answer(text)
        if found is None:
            template = N_("Đáp án “{text}” không phải là số: ghi số, như 12,5 hoặc 12,5 ± 0,1.")
            filled.errors.append(Message(template, text=text))
            continue
        answers.append({**found[0], **share, **_said(filled.details, f"{place}{number}")})
        unit = unit or found[1]
    return answers, unit


def _accepted(parts: Sequence[str], details: Details, place: str) -> list[dict[str, Any]]:
    told = [shared(part) for part in parts]
    return [
        {"text": text, **share, **_said(details, f"{place}{number}")}
        for number, (text, share) in enumerate(told, start=1)
    ]


def _short_text(question: Question, filled: Filled) -> Question:
    accepted = _accepted(filled.parts(), filled.details, "")
    return replace(question, details={"accepted": accepted, **filled.details.compared()})


def _gap_text(question: Question, filled: Filled) -> Question:
    cells = [text for text, _ in filled.options] or [line for line in filled.answer.split("\n") if line.strip()]
    gaps = []
    for number, cell in enumerate(cells, start=1):
        gap = _gap(cell, number, filled)
        if re.fullmatch(r"[0-9]{1,3}", weight := filled.details.value("weights", str(number))):
            gap["points"] = int(weight)
        gaps.append(gap)
    stem, html = _marked(question.stem), _marked(question.stem_html)
    return replace(question, stem=stem, stem_html=html, details={"gaps": gaps})


def _gap(cell: str, number: int, filled: Filled) -> dict[str, Any]:
    place = f"{number}."
    compared = filled.details.compared(str(number))
    if cell.startswith(NUMBER):
        answers, unit = _numbers(divided(cell.removeprefix(NUMBER)), filled, place)
        unit = filled.details.unit(str(number))[0] or unit
        return {"numeric": answers, **({"unit": unit} if unit else {})}
    if cell.startswith(WORDS) or "|" not in cell:
        return {"accepted": _accepted(divided(cell.removeprefix(WORDS)), filled.details, place), **compared}
    choices = []
    for index, part in enumerate(cell.split("|"), start=1):
        text, share = shared(part.strip())
        right = text.startswith("*")
        text = text.removeprefix("*").strip()
        choices.append({"text": text, "correct": right, **share, **_said(filled.details, f"{place}{index}")})
    return {"choices": choices}


def _marked(stem: str) -> str:
    """The stem with its gaps as [[1]]; "(1) ……" and plain blanks are taken for such."""
    if MARKER.search(stem):
        return stem
    stem = with_gaps(stem)
    if MARKER.search(stem):
        return stem
    numbers = iter(range(1, 1000))
    return _BLANK.sub(lambda _: f"[[{next(numbers)}]]", stem)


def _essay(question: Question, filled: Filled) -> Question:
    rubric: list[dict[str, Any]] = []
    waiting: list[str] = []
    for line in filled.answer.split("\n"):
        worth = _WORTH.search(line)
        waiting.append(line[: worth.start()] if worth else line)
        if worth:
            text = "\n".join(waiting).strip(" -+•*\n")
            rubric.append({"text": text, "points": _points(worth[1])})
            waiting = []
    rest = "\n".join(waiting).strip()
    explanation = "\n".join(filter(None, [rest, question.explanation]))
    words, lines = filled.details.whole("words"), filled.details.whole("lines")
    details = {"rubric": rubric, "words": words, "lines": lines}
    kept = {name: value for name, value in details.items() if value}
    return replace(question, explanation=explanation, details=kept)


def _points(text: str) -> int:
    try:
        return points_from(text)
    except ValueError:
        return 0


BUILDERS: dict[str, Callable[[Question, Filled], Question]] = {
    "true_false_cluster": _cluster,
    "matching": _matching,
    "ordering": _ordering,
    "numeric": _numeric,
    "short_text": _short_text,
    "gap_text": _gap_text,
    "essay": _essay,
}


def kind_shown(texts: Sequence[str], answer: str) -> str | None:
    """The kind of a row that states none and is no choice: statements judged one by one."""
    judged = re.search(r"[đĐsS]", answer) and truths_of(answer, len(texts)) is not None
    if len(texts) > 1 and judged and not all(truth(text) is not None for text in texts):
        return "true_false_cluster" if "," in answer or len(fold(answer)) > 1 else None
    return None
