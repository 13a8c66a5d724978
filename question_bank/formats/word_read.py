"""Word papers: the lines and tables of a document, read as every question paper is."""

from __future__ import annotations

from question_bank.formats.base import Collector, Reading, Source
from question_bank.formats.paper_read import read_blocks
from question_bank.formats.word_document import blocks


def read(source: Source) -> Reading:
    collector = Collector("word")
    return read_blocks(blocks(source.data, collector), collector=collector)
