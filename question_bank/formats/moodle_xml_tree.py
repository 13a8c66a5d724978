"""The elements of a Moodle XML file, one question at a time, with their lines; a broken one does not stop the rest.

DTDs, entities and everything outside the file are refused by the parser. Where the file is not well-formed, reading
goes on at the next ``<question``, so that only the broken question is lost.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from question_bank.formats.base import Source, UnreadableFileError
from question_bank.formats.files import decode
from question_bank.messages import N_, Message

_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"\A\s*<\?xml\b[^>]{0,100}?\bencoding\s*=\s*[\"']([\w.-]{1,20})[\"']")
_ENCODINGS = re.compile(r"utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|latin-?\d|(?:windows-|cp)125\d", re.IGNORECASE)
_QUESTION = re.compile(r"<question[\s>]")
_ROOT = "<quiz>"
_DEEPEST = 60
_MOST_BROKEN = 1000
_CHUNK = 2**16
_REASONS = {
    "mismatched tag": N_("thẻ mở và thẻ đóng không khớp"),
    "not well-formed (invalid token)": N_("có ký tự không được phép, thường là dấu & hoặc < viết trực tiếp"),
    "undefined entity": N_("có ký hiệu dạng &tên; mà XML không biết"),
    "no element found": N_("tệp bị cắt cụt ở đây"),
    "unclosed token": N_("tệp bị cắt cụt ở đây"),
    "unclosed CDATA section": N_("phần CDATA không có dấu đóng"),
    "junk after document element": N_("còn nội dung sau thẻ đóng của tệp"),
    "duplicate attribute": N_("một thuộc tính được ghi hai lần"),
    "question inside question": N_("thiếu thẻ </question>"),
    "too deep": N_("các thẻ lồng nhau quá sâu"),
}


@dataclass(slots=True)
class Element:
    """One element; ``content`` holds its texts and elements in their order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    line: int = 0
    content: list[str | Element] = field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        return [part for part in self.content if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """The text; elements inside, which should have been escaped, as the markup they are."""
        return "".join(part if isinstance(part, str) else part._markup() for part in self.content)

    def _markup(self) -> str:
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        inner = "".join(escape(part) if isinstance(part, str) else part._markup() for part in self.content)
        return f"<{self.name}{attributes}>{inner}</{self.name}>"

    def all(self, name: str) -> list[Element]:
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> Element:
        """The first child of that name, or an empty one at the same line."""
        return next((child for child in self.children if child.name == name), Element(name, line=self.line))

    def value(self, *path: str) -> str:
        """The text of a descendant without blanks around it; empty where there is none."""
        found = self
        for name in path:
            found = found.first(name)
        return found.text.strip()


class _Broken(Exception):
    """The questions cannot be told apart from here on."""


class _Reader(ContentHandler):
    """Builds each question and gives it away; ``begun`` is where the one being built begins."""

    def __init__(self, emit: Callable[[Element], None], first_line: int) -> None:
        super().__init__()
        self._emit = emit
        self._first_line = first_line
        self._open: list[Element] = []
        self._locator: Any = None
        self.begun: tuple[int, int] | None = None

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802 - the parser calls it so
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        if name == "question" and len(self._open) > 1:
            raise _Broken("question inside question")
        if len(self._open) > _DEEPEST:
            raise _Broken("too deep")
        if len(self._open) == 1:
            self.begun = self._locator.getLineNumber(), self._locator.getColumnNumber()
        line = self._first_line + self._locator.getLineNumber()
        element = Element(name, dict(attrs.items()), line)
        if len(self._open) > 1:
            self._open[-1].content.append(element)
        self._open.append(element)

    def endElement(self, name: str) -> None:  # noqa: N802
        element = self._open.pop()
        if len(self._open) == 1:
            self._emit(element)
            self.begun = None

    def characters(self, content: str) -> None:
        if len(self._open) > 1:
            self._open[-1].content.append(content)


def read_questions(
    source: Source, emit: Callable[[Element], None], report: Callable[[int, int, Message], None]
) -> None:
    """Give every child of the root to ``emit``; to ``report`` the first line of a broken one, its line and fault."""
    text = _text(source)
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    starts = [found.start() for found in _QUESTION.finditer(text)]
    begin, prefix = 0, ""
    for number in range(_MOST_BROKEN + 1):
        above = bisect_right(lines, begin) - 1
        if number == _MOST_BROKEN:
            report(above + 1, above + 1, Message(N_("tệp hỏng ở quá nhiều chỗ, phần còn lại không được đọc")))
            return
        reader = _Reader(emit, above)
        fault = _parse(prefix, text, begin, reader)
        if fault is None:
            return
        reason, line, column = fault
        at_line, at_column = reader.begun or (line, column)
        report(above + at_line, above + line, reason)
        at = at_column + (begin - len(prefix) if at_line == 1 else lines[min(above + at_line, len(lines)) - 1])
        following = bisect_right(starts, max(at, begin if number else at))
        if following == len(starts):
            return
        begin, prefix = starts[following], _ROOT


def _parse(prefix: str, text: str, begin: int, reader: _Reader) -> tuple[Message, int, int] | None:
    """Parse from ``begin`` to the end, or to the first fault: what it is, its line and column."""
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(reader)
    reader.setDocumentLocator(parser)
    try:
        parser.feed(prefix.encode())
        for start in range(begin, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK].encode("utf-8", "replace"))
        parser.close()
    except SAXParseException as error:
        return _reason(error.getMessage()), error.getLineNumber() or 1, error.getColumnNumber() or 0
    except _Broken as error:
        return _reason(str(error)), parser.getLineNumber(), parser.getColumnNumber()
    except DefusedXmlException as error:
        template = N_("Tệp XML có khai báo DTD hoặc thực thể nên không được mở: xuất lại từ Moodle rồi nhập.")
        raise UnreadableFileError(Message(template)) from error
    return None


def _reason(message: str) -> Message:
    return Message(_REASONS.get(message, message))


def _text(source: Source) -> str:
    """The file as text, without its declaration but with all its lines."""
    found = _ENCODING.match(source.data)
    encoding = found[1].decode("ascii") if found else "utf-8"
    if encoding.lower() in ("utf-8", "utf8", "utf-16", "utf16"):
        text = decode(source)
    else:
        text = _decoded(source.data, encoding)
    return _DECLARATION.sub(lambda declaration: "\n" * declaration[0].count("\n"), text.replace("\r\n", "\n"))


def _decoded(data: bytes, encoding: str) -> str:
    template = N_("Tệp XML ghi bảng mã {encoding} nhưng không đọc được theo bảng mã này: xuất lại với UTF-8.")
    if not _ENCODINGS.fullmatch(encoding):
        raise UnreadableFileError(Message(template, encoding=encoding))
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFileError(Message(template, encoding=encoding)) from error
