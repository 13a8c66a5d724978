"""The Word format: papers in, papers out."""

from __future__ import annotations

from question_bank.formats.base import Format
from question_bank.formats.word_read import read
from question_bank.formats.word_write import write_word
from question_bank.messages import N_, Message

FORMAT = Format(
    "word",
    Message(N_("Word")),
    ".docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    read,
    write_word,
)
