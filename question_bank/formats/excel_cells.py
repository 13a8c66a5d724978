"""A question as the cells of a row, and of the rows below it for a case; and whether these read back the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from question_bank.formats.carried import lost, normal
from question_bank.formats.excel_details import Lines, percent
from question_bank.formats.excel_kinds import DIVIDERS, EXTRA, NUMBER, WORDS, divider_of
from question_bank.formats.excel_questions import Table, built
from question_bank.formats.excel_rows import Row
from question_bank.formats.excel_sheets import text_of
from question_bank.formats.excel_text import Pieces, pieces_of, read_back
from question_bank.formats.paper_typed import written_number
from question_bank.formats.rich import PLAIN
from question_bank.formats.vietnamese import KIND_LABELS, LEVEL_LABELS
from question_bank.kinds.base import letter
from question_bank.messages import Message
from question_bank.question import Option, Question

FULL = 1000
_NOWHERE = Message("")


@dataclass(slots=True)
class Cell:
    """A cell of text: what it shows, its pieces where they look differently, the images on it as HTML.

    ``plain`` and ``html`` are the two forms of the text that it came from.
    """

    text: str
    plain: str
    html: str = ""
    pieces: Pieces = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, html: str = "") -> Cell:
        if not html:
            return cls(text, text)
        pieces, images = pieces_of(html, text)
        shown = "".join(piece for piece, _ in pieces)
        return cls(shown, text, html, pieces if any(look != PLAIN for _, look in pieces) else [], images)


@dataclass(slots=True)
class Written:
    """One row: its cells by name, its option cells."""

    stem: Cell
    options: list[Cell]
    cells: dict[str, str | float | None]

    def texts(self) -> list[str]:
        """Everything in it."""
        told = [cell.text for cell in [self.stem, *self.options]]
        return told + [value for value in self.cells.values() if isinstance(value, str)]


def rows_for(question: Question) -> list[Written]:
    """The row of a question, and those of its sub-questions."""
    rows = [_row(question)]
    for data in question.details.get("questions", ()) if question.kind == "case" else ():
        part = _row(Question.from_json(data))
        part.cells["within"] = "x"
        rows.append(part)
    return rows


def _row(question: Question) -> Written:
    lines = Lines()
    lines.scoring(question.details.get("scoring"))
    options, answer = _PARTS.get(question.kind, _choice)(question, lines)
    for index, option in enumerate(question.options):
        lines.add("feedback", option.feedback, letter(index))
    cells: dict[str, str | float | None] = {
        "kind": KIND_LABELS.get(question.kind, question.kind),
        "answer": answer,
        "details": lines.text(),
        "level": LEVEL_LABELS[question.level] if question.level else "",
        "topic": question.topic,
        "position": ", ".join(question.positions),
        "explanation": question.explanation,
        "cite": "; ".join(map(str, question.citations)),
        "points": question.points / 1000,
        "seconds": question.seconds,
        "tags": ", ".join(question.tags),
        "pinned": ", ".join(letter(index) for index, option in enumerate(question.options) if option.pinned),
        "ref": question.ref,
    }
    return Written(Cell.of(question.stem, question.stem_html), options, cells)


Parts = tuple[list[Cell], str]


def _cells(options: Sequence[Option]) -> list[Cell]:
    return [Cell.of(option.text, option.html) for option in options]


def _choice(question: Question, lines: Lines) -> Parts:
    if question.details.get("scoring") == "weights":
        weights = (f"{letter(index)} {percent(option.share or 0)}" for index, option in enumerate(question.options))
        lines.add("weights", "; ".join(weights))
    return _cells(question.options), ", ".join(letter(index) for index in question.key)


def _cluster(question: Question, lines: Lines) -> Parts:
    lines.add("table", "; ".join(percent(share) for share in question.details.get("table") or ()))
    return _cells(question.options), ", ".join("Đ" if option.correct else "S" for option in question.options)


def _matching(question: Question, lines: Lines) -> Parts:
    sides = [(pair.get("left", ""), pair.get("right", "")) for pair in question.details.get("pairs", ())]
    sides += [(EXTRA, one.get("text", "")) for one in question.details.get("extra", ())]
    for divider in reversed(DIVIDERS):
        cells = [f"{left} {divider} {right}" for left, right in sides]
        clear = all(tuple(part.strip() for part in cell.partition(divider)[::2]) == side
                    for cell, side in zip(cells, sides, strict=True))  # fmt: skip
        if clear and divider_of(cells) == divider:
            break
    return [Cell.of(cell) for cell in cells], ""


def _ordering(question: Question, lines: Lines) -> Parts:
    items = question.details.get("items", ())
    cells = [Cell.of(item.get("text", ""), item.get("html", "")) for item in items]
    return cells, ", ".join(letter(index) for index in range(len(cells)))


def _numeric(question: Question, lines: Lines) -> Parts:
    lines.unit(question.details)
    return [], _answers(question.details.get("answers", ()), written_number, lines)


def _short_text(question: Question, lines: Lines) -> Parts:
    lines.compared(question.details)
    return [], _answers(question.details.get("accepted", ()), _text, lines)


def _text(answer: Any) -> str:
    return str(answer.get("text", ""))


def _answers(answers: Sequence[Any], tell: Callable[[Any], str], lines: Lines, place: str = "") -> str:
    """Each accepted answer on a line of its own; one that holds a semicolon says its weight, and so stays whole."""
    told = []
    for number, answer in enumerate(answers, start=1):
        text, share = tell(answer), answer.get("share", FULL)
        weight = f"({percent(share)}) " if share != FULL or ";" in text else ""
        told.append(weight + text)
        lines.add("feedback", answer.get("feedback", ""), f"{place}{number}")
    return "\n".join(told)


def _gap_text(question: Question, lines: Lines) -> Parts:
    gaps = question.details.get("gaps", ())
    for number, gap in enumerate(gaps, start=1):
        lines.add("weights", gap.get("points") if gap.get("points") != 1 else "", str(number))
    return [Cell.of(_gap(gap, number, lines)) for number, gap in enumerate(gaps, start=1)], ""


def _gap(gap: Any, number: int, lines: Lines) -> str:
    place = f"{number}."
    lines.unit(gap, str(number))
    lines.compared(gap, str(number))
    if "numeric" in gap:
        return f"{NUMBER} {_answers(gap['numeric'], written_number, lines, place)}"
    if "accepted" in gap:
        told = _answers(gap["accepted"], _text, lines, place)
        return f"{WORDS} {told}" if "|" in told or told.startswith("[") else told
    choices = []
    for index, choice in enumerate(gap.get("choices", ()), start=1):
        share = choice.get("share")
        weight = f"({percent(share)}) " if share not in (None, FULL) else ""
        choices.append(f"{weight}{'*' if choice.get('correct') else ''}{choice.get('text', '')}")
        lines.add("feedback", choice.get("feedback", ""), f"{place}{index}")
    return " | ".join(choices)


def _essay(question: Question, lines: Lines) -> Parts:
    lines.add("words", question.details.get("words"))
    lines.add("lines", question.details.get("lines"))
    rubric = question.details.get("rubric", ())
    return [], "\n".join(map(_rubric, rubric))


def _rubric(line: Any) -> str:
    points = f"{line.get('points', 0) / FULL:g}".replace(".", ",")
    return f"{line.get('text', '')} ({points} điểm)"


_PARTS: dict[str, Callable[[Question, Lines], Parts]] = {
    "true_false_cluster": _cluster,
    "matching": _matching,
    "ordering": _ordering,
    "numeric": _numeric,
    "short_text": _short_text,
    "gap_text": _gap_text,
    "case": lambda question, lines: ([], ""),
    "essay": _essay,
}


def what_is_lost(question: Question, rows: Sequence[Written], *, rich: bool = True) -> Message | None:
    """What the table cannot carry of the question."""
    again = _read(question, rows[0], rich)
    parts = [Question.from_json(data) for data in question.details.get("questions", ())]
    if question.kind == "case" and again is not None:
        found = [_read(part, row, rich) for part, row in zip(parts, rows[1:], strict=True)]
        read = [part.as_json() for part in map(_comparable, filter(None, found))]
        again = replace(again, details={"questions": read})
    told = _comparable(question)
    again = again and _comparable(again)
    if again is not None and told == again and told.ref == again.ref:
        return None
    return lost(told, again, "Excel" if rich else "CSV")


def _comparable(question: Question) -> Question:
    """Equal details in equal words."""
    if not question.details:
        return question
    details = dict(question.details)
    if question.kind == "case":
        parts = [Question.from_json(data) for data in details.get("questions", ())]
        details["questions"] = [_comparable(part).as_json() for part in parts]
    return replace(question, details=normal(details))


def _read(question: Question, written: Written, rich: bool) -> Question | None:
    """The question that the row is read as."""
    texts = [text_of(cell.text if rich else cell.plain) for cell in written.options]
    while texts and not texts[-1]:
        texts.pop()
    cells = {name: text for name, value in written.cells.items() if (text := text_of(value))}
    stem = text_of(written.stem.text if rich else written.stem.plain)
    if stem:
        cells["stem"] = stem
    found = built(Row("", 0, _NOWHERE, cells, texts, list(range(len(texts)))), Table()).question
    return _with_looks(found, written) if rich and found is not None else found


def _with_looks(found: Question, written: Written) -> Question:
    """What is carried beside the plain text."""
    if written.stem.html:
        stem, html = read_back(written.stem.html, written.stem.plain)
        found = replace(found, stem=stem, stem_html=html)
    if not any(cell.html for cell in written.options):
        return found
    forms = [read_back(cell.html, cell.plain) for cell in written.options]
    if found.kind == "ordering":
        items = [{"text": text, **({"html": html} if html else {})} for text, html in forms]
        return replace(found, details={**found.details, "items": items})
    options = (
        replace(option, text=text, html=html) for option, (text, html) in zip(found.options, forms, strict=False)
    )
    return replace(found, options=tuple(options))
