"""From a row of a table to the question that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from question_bank.formats.assemble import (
    asks_for_several,
    letters_key,
    names_from,
    not_understood,
    numbers_key,
    points_from,
    texts_key,
    truth,
    with_options,
)
from question_bank.formats.excel_details import Details, details_from
from question_bank.formats.excel_details import not_understood as details_not_understood
from question_bank.formats.excel_kinds import BUILDERS, Filled, Text, kind_shown
from question_bank.formats.excel_rows import Row
from question_bank.formats.excel_text import Keep, texts_of
from question_bank.formats.marks import Decision, Evidence, Verdict
from question_bank.formats.vietnamese import KIND_LABELS, citations_from, fold, kind_from, level_from
from question_bank.kinds import KINDS
from question_bank.kinds.true_false import FALSE, TRUE
from question_bank.messages import N_, Message
from question_bank.question import Question

_KINDS = {fold(label): kind for kind, label in KIND_LABELS.items()} | {
    fold(kind.label): name for name, kind in KINDS.items()
}
_CHOICES = frozenset(["single_choice", "multiple_response", "true_false"])
_MANY_PARTS = 40


@dataclass(slots=True)
class Built:
    """A question, why its answer is missing, and what else to say; without a question, why there is none."""

    question: Question | None = None
    skipped: Message | None = None
    errors: list[Message] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """What the rows of a file have in common."""

    decision: Decision | None = None
    """Which look shows the right answers, where no answer is written."""
    all_letters: bool = True
    """Every written answer is letters, so that a number among the options is none."""
    image: Keep = lambda data, alt: None


def kind_of(row: Row) -> str | None:
    """The kind that the row states."""
    text = row.cells.get("kind", "")
    return (_KINDS.get(fold(text)) or kind_from(text)) if text else None


def is_choice(row: Row) -> bool:
    return kind_of(row) in (None, *_CHOICES) and kind_shown(row.texts, row.answer) is None


def built(row: Row, table: Table) -> Built:
    """The question of a row."""
    result = Built()
    kind = kind_of(row) or kind_shown(row.texts, row.answer)
    question = _fields(row, result)
    details = details_from(row.cells["details"]) if "details" in row.cells else Details()
    ignored = frozenset(table.decision.marks) if table.decision else frozenset[str]()
    stem = texts_of(question.stem, row.shown.get("stem"), table.image)
    question = replace(question, kind=kind or "single_choice", stem=stem[0], stem_html=stem[1])
    texts = row.texts if kind not in (None, *_CHOICES, "true_false_cluster") else row.options.texts
    cells = [texts_of(text, row.shown.get(index), table.image, ignored) for index, text in enumerate(texts)]
    if kind in BUILDERS:
        result.question = _of_kind(question, Filled(cells, row.answer, details), result)
    elif kind == "case":
        result.question = question
    else:
        _choice(question, row, cells, table, result)
    if result.question is not None:
        result.question = _with_pins(_with_details(result.question, details), row.cells.get("pinned", ""), result)
    result.warnings += details_not_understood(details)
    return result


def _of_kind(question: Question, filled: Filled, result: Built) -> Question:
    if len(filled.options) > _MANY_PARTS:
        filled.options = filled.options[:_MANY_PARTS]
    question = BUILDERS[question.kind](question, filled)
    result.errors += filled.errors
    result.warnings += filled.warnings
    return question


def _choice(question: Question, row: Row, cells: Sequence[Text], table: Table, result: Built) -> None:
    kind = kind_of(row)
    texts = [text for text, _ in cells]
    if not texts and (kind == "true_false" or truth(row.answer) is not None):
        texts = [TRUE, FALSE]
    if not texts and question.stem:
        template = N_(
            "Dòng này không có phương án nào nên không được nhập: nếu là câu tự luận, trả lời ngắn hoặc trả lời bằng "
            "số thì ghi vào cột Loại."
        )
        result.skipped = Message(template)
        return
    if row.cells.get("kind") and kind is None:
        result.warnings.append(not_understood(Message(N_("loại câu hỏi")), row.cells["kind"]))
    verdict = _key(row, question.stem, texts, table)
    question = with_options(question, texts, verdict.key, kind)
    if question.kind != "true_false" and any(html for _, html in cells):
        rich = zip(question.options, cells, strict=True)
        question = replace(question, options=tuple(replace(option, html=html) for option, (_, html) in rich))
    result.question = question
    result.errors += [verdict.conflict] if verdict.conflict else []
    result.warnings += [verdict.doubt] if verdict.doubt else []


def _key(row: Row, stem: str, texts: Sequence[str], table: Table) -> Verdict:
    """What the answer column says, or, in a workbook without answers there, the look of the cells."""
    if table.decision:
        return table.decision.verdict(Evidence(len(texts), row.marked, asks_for_several(stem)))
    if not row.answer:
        return Verdict()
    letters = letters_key(row.answer, len(texts))
    if table.all_letters and letters is not None:
        return Verdict(letters)
    stated = truth(row.answer) if [truth(text) for text in texts] == [True, False] else None
    if stated is not None:
        return Verdict(frozenset({0 if stated else 1}))
    readings = (letters, numbers_key(row.answer, len(texts)), texts_key(row.answer, texts))
    found = {reading for reading in readings if reading is not None}
    if len(found) == 1:
        return Verdict(found.pop())
    template = N_("Đáp án “{answer}” không khớp phương án nào: ghi chữ cái của phương án đúng (A, B, C, …).")
    if found:
        template = N_("Đáp án “{answer}” có thể hiểu theo nhiều cách: ghi chữ cái của phương án đúng (A, B, C, …).")
    return Verdict(conflict=Message(template, answer=row.answer))


def has_letters(row: Row) -> bool:
    """Whether the answer is written in letters, or as right or wrong."""
    return letters_key(row.answer, len(row.texts) or 2) is not None or truth(row.answer) is not None


def _fields(row: Row, result: Built) -> Question:
    """What a question of any kind has, with what could not be understood."""
    cells = row.cells
    level = level_from(cells["level"]) if "level" in cells else None
    if level is None and "level" in cells:
        result.warnings.append(not_understood(Message(N_("mức độ")), cells["level"]))
    points, seconds = 1000, None
    if "points" in cells:
        try:
            points = points_from(cells["points"])
        except ValueError:
            result.warnings.append(not_understood(Message(N_("điểm")), cells["points"]))
    if "seconds" in cells:
        seconds = _seconds(cells["seconds"])
        if seconds is None:
            result.warnings.append(not_understood(Message(N_("thời gian")), cells["seconds"]))
    return Question(
        kind="single_choice",
        stem=cells.get("stem", ""),
        level=level,
        topic=cells.get("topic", ""),
        positions=names_from(cells["position"]) if "position" in cells else (),
        explanation=cells.get("explanation", ""),
        citations=citations_from(cells["cite"]) if "cite" in cells else (),
        tags=names_from(cells["tags"]) if "tags" in cells else (),
        points=points,
        seconds=seconds,
        ref=cells.get("ref", ""),
    )


def _seconds(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 7 and int(text) else None


def _with_details(question: Question, details: Details) -> Question:
    """What is said of the options of a choice, and the way of marking."""
    if not details.values:
        return question
    scoring, weights = details.scoring(question.kind), details.weights() if question.kind != "gap_text" else {}
    options = []
    for index, option in enumerate(question.options):
        name = chr(ord("A") + index)
        said = details.value("feedback", name)
        options.append(replace(option, feedback=said, share=weights.get(name)))
    if weights and not question.key:
        full = 1000 if question.kind == "single_choice" else 1
        options = [replace(option, correct=(option.share or 0) >= full) for option in options]
    more = {"scoring": scoring} if scoring else {}
    return replace(question, options=tuple(options), details={**question.details, **more})


def _with_pins(question: Question, text: str, result: Built) -> Question:
    """The question with the options that ``text`` names keeping their places."""
    if not text:
        return question
    pinned = letters_key(text, len(question.options))
    if pinned is None:
        result.warnings.append(not_understood(Message(N_("phương án cố định")), text))
        return question
    options = tuple(replace(option, pinned=index in pinned) for index, option in enumerate(question.options))
    return replace(question, options=options)
