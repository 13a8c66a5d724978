"""The door of the file formats: read a file into questions and problems, write questions into a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from question_bank.formats.base import (
    Format,
    Reading,
    Source,
    UnreadableFileError,
    Writing,
    as_json,
    conversion,
    whole_file,
)
from question_bank.formats.excel_mapping import ColumnMapping, NeedsMapping
from question_bank.formats.files import Readable, detect, load, unified
from question_bank.formats.registry import FORMATS
from question_bank.messages import N_, Message, Problem, Severity
from question_bank.question import Question

__all__ = [
    "FORMATS",
    "ColumnMapping",
    "Format",
    "NeedsMapping",
    "Reading",
    "Writing",
    "apply_key",
    "as_json",
    "columns_of",
    "read",
    "template",
    "write",
    "write_word",
]

log = logging.getLogger(__name__)


def read(
    path_or_stream: Readable,
    format: str = "auto",
    *,
    filename: str = "",
    mapping: ColumnMapping | Sequence[ColumnMapping] = (),
) -> Reading:
    """Read a file; whatever is wrong with it becomes a problem, never an exception.

    ``format`` is a name in :data:`FORMATS` or "auto": the content decides, not the name. ``ValueError``
    for any other ``format``. ``mapping`` says what the columns of a table hold that says it badly itself.
    """
    if format != "auto" and format not in FORMATS:
        raise ValueError(f"unknown format {format!r}")
    name = filename
    try:
        mappings = (mapping,) if isinstance(mapping, ColumnMapping) else tuple(mapping)
        source = replace(unified(load(path_or_stream, filename)), mappings=mappings)
        name = source.name
        found = detect(source, format)
        if format not in ("auto", found):
            return _failed(format, _other_format(format, found))
        return _with_conversion(_with_name_checked(FORMATS[found].read(source), source), source)
    except UnreadableFileError as error:
        return _failed(format, error.message, error.place, name=name)
    except Exception:
        log.exception("reading a question file failed")
        message = Message(N_("Không đọc được tệp, có thể tệp bị hỏng: mở tệp, lưu lại rồi nhập."))
        return _failed(format, message, name=name)


def write(questions: Sequence[Question], format: str, media: Mapping[str, bytes] | None = None) -> Writing:
    """The questions as a file of that format, with what it could not carry; ``media`` holds the images they name."""
    return FORMATS[format].write(questions, media or {})


def write_word(questions: Sequence[Question], *arguments: Any, **details: Any) -> Writing:
    """A paper in one of the dialects of Word; see :func:`question_bank.formats.word_write.write_word`."""
    from question_bank.formats import word_write

    return word_write.write_word(questions, *arguments, **details)


def apply_key(reading: Reading, key: Mapping[int, str]) -> Reading:
    """The reading with the answers of a key that came in a file of its own (:attr:`Reading.key`)."""
    from question_bank.formats import second_file

    return second_file.apply_key(reading, key)


def template(topics: Sequence[tuple[str, str]] = (), positions: Sequence[tuple[str, str]] = ()) -> bytes:
    """The workbook that examiners fill in; it offers the topics and positions given, each a code and its name."""
    from question_bank.formats import excel_template

    return excel_template.template(topics, positions)


def columns_of(path_or_stream: Readable, format: str = "auto", *, filename: str = "") -> NeedsMapping | None:
    """What the columns of a table seem to hold, to be corrected by a person; ``None`` for a file of other things."""
    from question_bank.formats import csv_table, excel

    try:
        source = unified(load(path_or_stream, filename))
        columns = {"excel": excel.columns, "csv": csv_table.columns}.get(detect(source, format))
        return columns(source) if columns else None
    except UnreadableFileError:
        return None


def _failed(format: str, message: Message, place: str = "", *, name: str = "") -> Reading:
    where = place or (Message(N_("Tệp “{name}”"), name=name) if name else whole_file())
    return Reading(format=format, problems=(Problem(where, None, Severity.ERROR, message),))


def _other_format(wanted: str, found: str) -> Message:
    template = N_("Nội dung là tệp {found}, không phải {wanted}: chọn đúng định dạng hoặc để tự nhận.")
    return Message(template, found=FORMATS.label(found), wanted=FORMATS.label(wanted))


def _with_name_checked(reading: Reading, source: Source) -> Reading:
    """A warning when the file's name promises another format than its content has."""
    promised = FORMATS.promised_by(PurePath(source.name).suffix.lower()) or reading.format
    if promised == reading.format:
        return reading
    template = N_("Tên tệp có đuôi của {promised} nhưng nội dung là {found}; đã đọc theo nội dung.")
    message = Message(template, promised=FORMATS.label(promised), found=FORMATS.label(reading.format))
    where = Message(N_("Tệp “{name}”"), name=source.name)
    return replace(reading, problems=(Problem(where, None, Severity.WARNING, message), *reading.problems))


def _with_conversion(reading: Reading, source: Source) -> Reading:
    """Text of an old encoding is read as Unicode; the person compares before and after."""
    if source.encoding is None:
        return reading
    changed = (*source.converted, *reading.converted)
    where = whole_file()
    warning = Problem(where, None, Severity.WARNING, conversion(source.encoding, changed))
    return replace(reading, problems=(warning, *reading.problems), converted=changed)
