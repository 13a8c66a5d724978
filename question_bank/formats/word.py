"""The Word format: papers in, papers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from question_bank.formats.base import Format, Reading, Source, Writing
from question_bank.messages import N_, Message
from question_bank.question import Question


def read(source: Source) -> Reading:
    from question_bank.formats import word_old, word_read

    if source.data.startswith(word_old.OLE):
        source = Source(word_old.converted(source.data), source.name)
    return word_read.read(source)


def write(questions: Sequence[Question], media: Mapping[str, bytes] | None = None) -> Writing:
    from question_bank.formats import word_write

    return word_write.write_word(questions, media=media)


FORMAT = Format(
    "word",
    Message(N_("Word")),
    ".docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    read,
    write,
)
