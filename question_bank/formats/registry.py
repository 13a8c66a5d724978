"""Every format by its name; the module of a format is loaded when the format is first used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from question_bank.formats.base import Format
from question_bank.messages import N_, Message

_PACKAGE = "question_bank.formats"


@dataclass(frozen=True, slots=True)
class Known:
    """What can be said of a format without loading it: its module, how people call it, how its files end."""

    module: str
    label: Message
    extensions: tuple[str, ...]


_KNOWN = {
    "word": Known("word", Message(N_("Word")), (".docx", ".doc")),
    "excel": Known("excel", Message(N_("Excel")), (".xlsx",)),
    "csv": Known("csv_table", Message(N_("CSV")), (".csv", ".tsv")),
    "text": Known("text", Message(N_("Văn bản thuần")), (".txt",)),
    "gift": Known("gift", Message(N_("GIFT")), (".gift",)),
    "aiken": Known("aiken", Message(N_("Aiken")), (".aiken",)),
    "moodle-xml": Known("moodle_xml", Message(N_("Moodle XML")), (".xml",)),
    "qti": Known("qti", Message(N_("QTI")), (".zip",)),
}


class Registry(Mapping[str, Format]):
    """The formats in the order people see them."""

    def __getitem__(self, name: str) -> Format:
        format = import_module(f"{_PACKAGE}.{_KNOWN[name].module}").FORMAT
        assert isinstance(format, Format)
        return format

    def __contains__(self, name: object) -> bool:
        return name in _KNOWN

    def __iter__(self) -> Iterator[str]:
        return iter(_KNOWN)

    def __len__(self) -> int:
        return len(_KNOWN)

    def label(self, name: str) -> Message:
        """How people call the format."""
        return _KNOWN[name].label

    def promised_by(self, extension: str) -> str | None:
        """The format that a file's ending promises; ``None`` for endings that several formats use."""
        found = [name for name, known in _KNOWN.items() if extension in known.extensions]
        return found[0] if len(found) == 1 and extension not in _SHARED else None


_SHARED = {".txt", ".xml", ".zip"}


FORMATS = Registry()
