"""The elements of QTI 2.1, 2.2 and 3.0 under one set of names, and the files of a package.

QTI 3 writes ``qti-choice-interaction response-identifier``, older versions ``choiceInteraction responseIdentifier``;
here both bear the older names, without namespaces. Entities, DTDs with declarations and everything outside the file
are refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from urllib.parse import unquote

from lxml import etree

from question_bank.formats.archives import check_zip
from question_bank.formats.base import Source, UnreadableFileError
from question_bank.messages import N_, Message

_DASH = re.compile(r"-(\w)")
_VOID = frozenset(["br", "img", "hr", "col"])
_LARGEST_ITEM = 8 * 2**20
_DEEPEST = 100


@dataclass(slots=True)
class Node:
    """One element; ``content`` holds its texts and elements in their order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    line: int = 0
    content: list[str | Node] = field(default_factory=list)

    @property
    def children(self) -> list[Node]:
        return [part for part in self.content if isinstance(part, Node)]

    @property
    def text(self) -> str:
        """All text below, blanks collapsed."""
        return " ".join("".join(self.texts()).split())

    def texts(self) -> Iterator[str]:
        for part in self.content:
            if isinstance(part, str):
                yield part
            else:
                yield from part.texts()

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, name: str) -> list[Node]:
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> Node | None:
        return next((child for child in self.children if child.name == name), None)

    def below(self, *names: str) -> list[Node]:
        return [node for node in self.walk() if node.name in names and node is not self]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def html(self, swap: Swap | None = None) -> str:
        """The content as markup; ``swap`` may give the markup of an element that is not to be written as it stands."""
        parts = (escape(part, quote=False) if isinstance(part, str) else part._outer(swap) for part in self.content)
        return "".join(parts)

    def _outer(self, swap: Swap | None) -> str:
        if swap and (said := swap(self)) is not None:
            return said
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        if self.name in _VOID:
            return f"<{self.name}{attributes}>"
        return f"<{self.name}{attributes}>{self.html(swap)}</{self.name}>"


Swap = Callable[[Node], str | None]


def parse(data: bytes) -> Node:
    """The root element; :class:`UnreadableFileError` names the line where the file is broken."""
    if len(data) > _LARGEST_ITEM:
        template = N_("Tệp XML lớn hơn {megabytes} MB nên không được mở: chia nhỏ rồi nhập.")
        raise UnreadableFileError(Message(template, megabytes=_LARGEST_ITEM // 2**20))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        template = N_("Tệp XML hỏng ở dòng {line}: mở bằng phần mềm đã tạo ra nó, xuất lại rồi nhập.")
        raise UnreadableFileError(Message(template, line=line), Message(N_("Dòng {line}"), line=line)) from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and (list(declared.iterentities()) or list(declared.iterelements())):
        raise UnreadableFileError(
            Message(N_("Tệp XML có khai báo DTD hoặc thực thể nên không được mở: bỏ phần khai báo rồi nhập."))
        )
    return _node(root, 0)


def _node(element: etree._Element, depth: int) -> Node:
    if depth > _DEEPEST:
        raise UnreadableFileError(Message(N_("Các thẻ XML lồng nhau quá sâu nên tệp không được mở.")))
    qti3 = str(element.tag).rsplit("}", 1)[-1].startswith("qti-")
    attributes = {_local(str(name), camel=qti3): str(value) for name, value in element.attrib.items()}
    node = Node(_local(str(element.tag)), attributes, element.sourceline or 0)
    if element.text:
        node.content.append(element.text)
    for child in element:
        if isinstance(child.tag, str):
            node.content.append(_node(child, depth + 1))
        if child.tail:
            node.content.append(child.tail)
    return node


def _local(name: str, *, camel: bool = False) -> str:
    """The name of older versions: no namespace, no prefix "qti-", dashes as humps."""
    name = name.rsplit("}", 1)[-1]
    if not name.startswith("qti-"):
        return _DASH.sub(lambda found: found[1].upper(), name) if camel and not name.startswith("data-") else name
    return _DASH.sub(lambda found: found[1].upper(), name.removeprefix("qti-"))


class Package:
    """The files of a zip by their paths, and the items its manifest lists."""

    def __init__(self, source: Source) -> None:
        check_zip(source.data)
        self._archive = zipfile.ZipFile(BytesIO(source.data))
        self._names = {posixpath.normpath(name): name for name in self._archive.namelist()}

    def read(self, path: str) -> bytes | None:
        """The bytes under a path; ``None`` when there is no such file."""
        name = self._names.get(posixpath.normpath(unquote(path)))
        if name is None:
            return None
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError, ValueError):
            return None

    @property
    def manifest(self) -> str | None:
        found = [name for name in self._names if posixpath.basename(name).lower() == "imsmanifest.xml"]
        return min(found, key=len) if found else None

    def xml_names(self) -> list[str]:
        return sorted(name for name in self._names if name.lower().endswith(".xml"))
