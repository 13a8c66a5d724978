"""Excel workbooks: one question a row, under headings in Vietnamese or English."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from question_bank.formats.assemble import (
    Options,
    asks_for_several,
    letters_key,
    names_from,
    not_understood,
    numbers_key,
    options_from,
    options_in_cell,
    points_from,
    stem_and_options,
    texts_key,
    truth,
    with_options,
    without_stars,
)
from question_bank.formats.base import Collector, Format, Reading, Source, UnreadableFileError, unsupported
from question_bank.formats.excel_headings import HEADING_ROWS, Headings, find_headings, guess_headings
from question_bank.formats.excel_sheets import Sheet, sheets
from question_bank.formats.excel_styles import cell_marks
from question_bank.formats.excel_write import write
from question_bank.formats.marks import Decision, Evidence, Verdict, decide
from question_bank.formats.vietnamese import citations_from, fold, kind_from, level_from, unknown_kind_label
from question_bank.kinds import KINDS
from question_bank.kinds.true_false import FALSE, TRUE
from question_bank.messages import N_, Message
from question_bank.question import Question

_NOT_QUESTIONS = {"vi du", "mau", "huong dan", "danh muc", "example", "examples", "guide", "readme"}


@dataclass(slots=True)
class _Row:
    """One row that holds something, its cells by name, and its options with their columns."""

    sheet: str
    number: int
    place: Message
    cells: dict[str, str]
    options: Options
    columns: list[int]
    marked: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        return self.cells.get("answer", "")


def read(source: Source) -> Reading:
    collector = Collector("excel")
    found = sheets(source.data)
    if not found:
        raise UnreadableFileError(Message(N_("Tệp Excel không có dữ liệu: điền câu hỏi theo mẫu rồi nhập lại.")))
    rows = _rows(found, collector)
    by_style = bool(rows) and not any(row.answer for row in rows)
    if by_style:
        _look_at_styles(source.data, rows)
    decision = decide([Evidence(len(row.options.texts), row.marked) for row in rows]) if by_style else None
    if decision:
        for note in decision.notes:
            collector.note(note)
    all_letters = all(_is_letters(row) for row in rows if row.answer)
    for row in rows:
        _read_row(row, decision, all_letters, collector)
    return collector.reading()


def read_table(sheet: Sheet, headings: Headings, collector: Collector) -> None:
    """Questions of a table that stands in another kind of file; only its cells' words count."""
    rows = _rows_of(sheet, headings)
    all_letters = all(_is_letters(row) for row in rows if row.answer)
    for row in rows:
        _read_row(row, None, all_letters, collector)


def _rows(found: Sequence[Sheet], collector: Collector) -> list[_Row]:
    """The rows of every sheet with headings; sheets of examples and guidance are passed over, and said so."""
    usable: list[tuple[Sheet, Headings]] = []
    for sheet in found:
        headings = find_headings(sheet.rows)
        if headings and fold(sheet.name) not in _NOT_QUESTIONS:
            usable.append((sheet, headings))
        elif len(found) > 1:
            collector.note(Message(N_("Trang tính “{sheet}” không được đọc."), sheet=sheet.name))
    if not usable:
        usable = _without_headings(found, collector)
    return [row for sheet, headings in usable for row in _rows_of(sheet, headings)]


def _without_headings(found: Sequence[Sheet], collector: Collector) -> list[tuple[Sheet, Headings]]:
    for sheet in found:
        headings = guess_headings(sheet.rows) if fold(sheet.name) not in _NOT_QUESTIONS else None
        place = Message(N_("Trang tính “{sheet}”"), sheet=sheet.name)
        if headings:
            template = N_("Không có dòng tiêu đề; các cột được suy ra từ nội dung: kiểm tra kỹ trước khi nhập.")
            collector.warning(Message(template), place)
            return [(sheet, headings)]
    template = N_(
        "Không tìm thấy dòng tiêu đề trong {rows} dòng đầu: cần các cột “Nội dung câu hỏi”, “Phương án A”, "
        "“Phương án B”, …, “Đáp án”. Tải tệp mẫu để điền."
    )
    raise UnreadableFileError(Message(template, rows=HEADING_ROWS))


def _rows_of(sheet: Sheet, headings: Headings) -> list[_Row]:
    rows = []
    for index in range(headings.first_row, len(sheet.rows)):
        row = sheet.rows[index]
        cells = {name: row[column] for name, column in headings.columns.items()}
        texts, columns = _options(row, headings, cells)
        if any(text for name, text in cells.items() if name != "number") or texts:
            place = Message(sheet.place, sheet=sheet.name, row=index + 1)
            rows.append(_Row(sheet.name, index + 1, place, cells, options_from(texts), columns))
    return rows


def _options(row: Sequence[str], headings: Headings, cells: dict[str, str]) -> tuple[list[str], list[int]]:
    """The option texts and their columns; empty cells after the last option are none."""
    if not headings.options:
        source = "options" if "options" in cells else "stem"
        if source == "stem":
            cells["stem"], cells["options"] = stem_and_options(cells["stem"])
        texts = options_in_cell(cells["options"])
        return texts, [headings.columns[source]] * len(texts)
    columns = list(headings.options)
    while columns and not row[columns[-1]]:
        columns.pop()
    return [row[column] for column in columns], columns


def _look_at_styles(data: bytes, rows: Sequence[_Row]) -> None:
    """Without answers in a column, stars, colours and bold letters of the option cells may show them."""
    marks = cell_marks(data, [(row.sheet, row.number, column) for row in rows for column in set(row.columns)])
    for row in rows:
        row.marked = dict(row.options.marked)
        row.options = without_stars(row.options)
        if len(set(row.columns)) < len(row.columns):
            continue
        for index, column in enumerate(row.columns):
            for mark in marks.get((row.sheet, row.number, column), ()):
                row.marked[mark] = row.marked.get(mark, frozenset()) | {index}


def _is_letters(row: _Row) -> bool:
    return letters_key(row.answer, len(row.options.texts) or 2) is not None or truth(row.answer) is not None


def _read_row(row: _Row, decision: Decision | None, all_letters: bool, collector: Collector) -> None:
    question, warnings = _fields(row)
    kind = kind_from(row.cells.get("kind", "")) if row.cells.get("kind") else None
    if kind is not None and kind not in KINDS:
        collector.skip(unsupported(unknown_kind_label(kind)), row.place)
        return
    texts = row.options.texts
    if not texts and (kind == "true_false" or truth(row.answer) is not None):
        texts = [TRUE, FALSE]
    if not texts and question.stem:
        template = N_("Dòng này không có phương án nào (câu tự luận hoặc tiêu đề) nên không được nhập.")
        collector.skip(Message(template), row.place)
        return
    if row.cells.get("kind") and kind is None:
        warnings.append(not_understood(Message(N_("loại câu hỏi")), row.cells["kind"]))
    verdict = _key(row, texts, decision, all_letters, asks_for_several(question.stem))
    question = with_options(question, texts, verdict.key, kind)
    question, pin_warnings = _with_pins(question, row.cells.get("pinned", ""))
    item = collector.add(question, row.place, [verdict.conflict] if verdict.conflict else [])
    for message in [*warnings, *pin_warnings, *([verdict.doubt] if verdict.doubt else [])]:
        collector.warning(message, row.place, item)


def _key(row: _Row, texts: Sequence[str], decision: Decision | None, all_letters: bool, several: bool) -> Verdict:
    """What the answer column says, or, in a workbook without answers there, the look of the cells."""
    if decision:
        return decision.verdict(Evidence(len(texts), row.marked, several))
    if not row.answer:
        return Verdict()
    letters = letters_key(row.answer, len(texts))
    if all_letters and letters is not None:
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


def _fields(row: _Row) -> tuple[Question, list[Message]]:
    """The question without its options, and the cells that could not be understood."""
    cells = row.cells
    warnings: list[Message] = []
    question = Question(
        kind="single_choice",
        stem=cells.get("stem", ""),
        topic=cells.get("topic", ""),
        positions=names_from(cells.get("position", "")),
        explanation=cells.get("explanation", ""),
        citations=citations_from(cells.get("cite", "")),
        tags=names_from(cells.get("tags", "")),
        ref=cells.get("ref", ""),
    )
    if cells.get("level"):
        level = level_from(cells["level"])
        question = replace(question, level=level)
        if level is None:
            warnings.append(not_understood(Message(N_("mức độ")), cells["level"]))
    numbers: dict[str, Any] = {}
    for name, label, convert in _NUMBERS:
        try:
            if cells.get(name):
                numbers[name] = convert(cells[name])
        except ValueError:
            warnings.append(not_understood(label, cells[name]))
    return replace(question, **numbers), warnings


def _seconds(text: str) -> int:
    seconds = int(text)
    if seconds <= 0:
        raise ValueError(text)
    return seconds


_NUMBERS: tuple[tuple[str, Message, Callable[[str], int]], ...] = (
    ("points", Message(N_("điểm")), points_from),
    ("seconds", Message(N_("thời gian")), _seconds),
)


def _with_pins(question: Question, text: str) -> tuple[Question, list[Message]]:
    """The question with the options that ``text`` names keeping their places."""
    if not text:
        return question, []
    pinned = letters_key(text, len(question.options))
    if pinned is None:
        return question, [not_understood(Message(N_("phương án cố định")), text)]
    options = tuple(replace(option, pinned=index in pinned) for index, option in enumerate(question.options))
    return replace(question, options=options), []


FORMAT = Format(
    "excel",
    Message(N_("Excel")),
    ".xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    read,
    write,
)
