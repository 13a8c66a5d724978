"""Tables of questions, wherever they stand: which sheets and columns count, and the questions row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from question_bank.formats import encodings
from question_bank.formats.base import Collector, Converted, conversion, whole_file
from question_bank.formats.excel_headings import HEADING_ROWS, Headings, find_headings, guess_headings
from question_bank.formats.excel_mapping import ColumnMapping, NeedsMapping, look
from question_bank.formats.excel_questions import Built, Table, built, has_letters, is_choice, kind_of
from question_bank.formats.excel_rows import Row, error_message, rows_of
from question_bank.formats.excel_sheets import Sheet
from question_bank.formats.marks import Decision, Evidence, decide
from question_bank.formats.vietnamese import fold
from question_bank.messages import N_, Message

_NOT_QUESTIONS = {"vi du", "mau", "huong dan", "danh muc", "example", "examples", "guide", "readme"}
_NO = {"", "0", "khong", "no", "false", "-"}
_SAMPLE = 200_000

Styles = Callable[[Sequence[Row]], None]
"""Notes how the option cells of rows look."""


def read_sheets(
    sheets: Sequence[Sheet], mappings: Sequence[ColumnMapping], collector: Collector, styles: Styles | None = None
) -> None:
    """The questions of every sheet with headings; sheets of examples and guidance are passed over, and said so."""
    _unify(sheets, collector)
    usable: list[tuple[Sheet, Headings]] = []
    for sheet in sheets:
        headings = _mapped(sheet, mappings) or find_headings(sheet.rows)
        if headings and fold(sheet.name) not in _NOT_QUESTIONS:
            usable.append((sheet, headings))
        elif len(sheets) > 1:
            collector.note(Message(N_("Trang tính “{sheet}” không được đọc."), sheet=sheet.name))
    if not usable:
        usable = _without_headings(sheets, collector)
    read_rows([row for sheet, headings in usable for row in rows_of(sheet, headings)], collector, styles)


def _mapped(sheet: Sheet, mappings: Sequence[ColumnMapping]) -> Headings | None:
    sound = (mapping for mapping in mappings if mapping.problem() is None)
    found = (mapping.headings(sheet.rows) for mapping in sound)
    return next((headings for headings in found if headings and "stem" in headings.columns), None)


def _without_headings(sheets: Sequence[Sheet], collector: Collector) -> list[tuple[Sheet, Headings]]:
    """What the columns seem to hold; a person is asked."""
    candidates = [sheet for sheet in sheets if fold(sheet.name) not in _NOT_QUESTIONS]
    collector.needs_mapping = NeedsMapping(tuple(look(sheet.name, sheet.rows) for sheet in candidates))
    for sheet in candidates:
        headings = guess_headings(sheet.rows)
        if headings:
            template = N_("Không có dòng tiêu đề; các cột được suy ra từ nội dung: kiểm tra kỹ trước khi nhập.")
            collector.warning(Message(template), Message(N_("Trang tính “{sheet}”"), sheet=sheet.name))
            return [(sheet, headings)]
    template = N_(
        "Không tìm thấy dòng tiêu đề trong {rows} dòng đầu: cần các cột “Nội dung câu hỏi”, “Phương án A”, "
        "“Phương án B”, …, “Đáp án”. Tải tệp mẫu để điền."
    )
    collector.error(Message(template, rows=HEADING_ROWS), whole_file())
    return []


def _unify(sheets: Sequence[Sheet], collector: Collector) -> None:
    """Cells of an old encoding become Unicode; a person compares before and after."""
    suspicious = [text for sheet in sheets for row in sheet.rows for text in row if encodings.may_be_old(text)]
    name = encodings.detect("\n".join(suspicious)[:_SAMPLE]) if suspicious else None
    if name is None:
        return
    changed: list[Converted] = []
    for sheet in sheets:
        for number, row in enumerate(sheet.rows):
            surely = not any(map(encodings.may_be_old, row))
            for column, text in enumerate(row):
                if text.isascii() or not encodings.is_in(text, name, surely=surely):
                    continue
                row[column] = encodings.to_unicode(text, name)
                sheet.looks.runs.pop((number, column), None)
                changed.append(Converted(Message(sheet.place, sheet=sheet.name, row=number + 1), text, row[column]))
    if changed:
        collector.converted += changed
        collector.warning(conversion(name, changed), whole_file())


def read_rows(rows: Sequence[Row], collector: Collector, styles: Styles | None = None) -> None:
    """The questions of the rows, a case with the rows that belong to it."""
    choices = [row for row in rows if is_choice(row)]
    by_style = bool(choices) and not any(row.answer for row in choices)
    decision = _decision(choices, collector, styles) if by_style and styles else None
    all_letters = all(has_letters(row) for row in choices if row.answer)
    for group in _groups(rows):
        _add(group, decision, all_letters, collector)


def _decision(rows: Sequence[Row], collector: Collector, styles: Styles) -> Decision:
    styles(rows)
    decision = decide([Evidence(len(row.options.texts), row.marked) for row in rows])
    for note in decision.notes:
        collector.note(note)
    return decision


@dataclass(slots=True)
class _Group:
    """A row and those of its sub-questions; ``orphan`` for one that says it belongs to a case and has none above."""

    row: Row
    parts: list[Row] = field(default_factory=list)
    orphan: bool = False


def _groups(rows: Sequence[Row]) -> Iterator[_Group]:
    group: _Group | None = None
    for row in rows:
        within = fold(row.cells.get("within", "")) not in _NO
        if within and group is not None and kind_of(group.row) == "case":
            group.parts.append(row)
            continue
        if group is not None:
            yield group
        group = _Group(row, orphan=within)
    if group is not None:
        yield group


def _add(group: _Group, decision: Decision | None, all_letters: bool, collector: Collector) -> None:
    row = group.row

    def image(data: bytes, alt: str) -> str | None:
        return collector.add_media(data, alt, row.place)

    table = Table(decision, all_letters, image)
    result = built(row, table)
    parts = [(part, built(part, table)) for part in group.parts]
    if result.question is None:
        collector.skip(result.skipped or "", row.place)
        return
    if result.question.kind == "case":
        written = [part.question.as_json() for _, part in parts if part.question is not None]
        result.question = replace(result.question, details={"questions": written})
    item = collector.add(result.question, row.place, result.errors, number=row.label)
    if group.orphan:
        template = N_("Dòng này ghi là câu nhỏ nhưng phía trên không có dòng Tình huống: sửa cột Loại hoặc bỏ dấu x.")
        collector.error(Message(template), row.place, item)
    _report(row, result, item, collector)
    for part, told in parts:
        _report_part(part, told, item, collector)


def _report(row: Row, result: Built, item: int, collector: Collector) -> None:
    if row.errors:
        collector.error(error_message(row), row.place, item)
    for message in result.warnings:
        collector.warning(message, row.place, item)


def _report_part(row: Row, result: Built, item: int, collector: Collector) -> None:
    for message in [*([result.skipped] if result.skipped else []), *result.errors]:
        collector.error(message, row.place, item)
    if result.question is not None and result.question.kind in ("case", "essay"):
        template = N_("Loại câu hỏi này không đặt được trong tình huống: cần chọn loại khác.")
        collector.error(Message(template), row.place, item)
    _report(row, result, item, collector)
