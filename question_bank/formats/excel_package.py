"""The parts of a workbook's archive by what they are for. Only for workbooks whose parts are known to be harmless."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class Package:
    """A workbook's archive; what is missing or broken in it counts as empty."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(BytesIO(data))
        self.names = frozenset(self._archive.namelist())

    def content(self, part: str) -> bytes:
        return self._archive.read(part) if part in self.names else b""

    def tree(self, part: str) -> _Element | None:
        """The root element of a part."""
        from lxml import etree  # slow to import, and few workbooks need it

        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
            return etree.fromstring(self.content(part), parser)
        except etree.XMLSyntaxError:
            return None

    def elements(self, part: str, name: str) -> Iterator[_Element]:
        """Every element of that local name in a part."""
        root = self.tree(part)
        yield from () if root is None else root.iter(f"{{*}}{name}")

    def relations(self, part: str) -> dict[str, str]:
        """The parts that a part points to, by the names it gives them."""
        folder, name = posixpath.split(part)
        found = {}
        for relation in self.elements(f"{folder}/_rels/{name}.rels", "Relationship"):
            target = relation.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            found[relation.get("Id", "")] = posixpath.normpath(whole)
        return found

    def sheet_parts(self) -> dict[str, str]:
        """The part of each sheet by its name."""
        workbook = next((name for name in self.names if name.startswith("xl/workbook") and name.endswith(".xml")), "")
        relations = self.relations(workbook)
        return {
            sheet.get("name", ""): relations.get(_relation_of(sheet), "") for sheet in self.elements(workbook, "sheet")
        }


def _relation_of(element: _Element) -> str:
    """The relation that an element names, in whichever of the two namespaces for it."""
    return next((value for name, value in element.attrib.items() if str(name).endswith("}id")), "")


def embedded(element: _Element) -> str:
    """The relation of the image that a drawing's ``blip`` shows."""
    return next((value for name, value in element.attrib.items() if str(name).endswith("}embed")), "")


def related(element: _Element) -> str:
    return _relation_of(element)
