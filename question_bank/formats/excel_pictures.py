"""The images of a workbook: those that lie on a cell and those that are the content of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from question_bank.formats.excel_extent import Extent
from question_bank.formats.excel_looks import Looks, Picture
from question_bank.formats.excel_package import Package, embedded, related

if TYPE_CHECKING:
    from lxml.etree import _Element

_VALUES = "xl/richData/rdrichvalue.xml"
_RELATIONS = "xl/richData/richValueRel.xml"


def add_pictures(package: Package, looks: Mapping[str, Looks], extents: Mapping[str, Extent]) -> None:
    """Put every image of every sheet to its cell."""
    if not any(name.startswith("xl/media/") for name in package.names):
        return
    contents = _cell_images(package)
    for sheet, part in package.sheet_parts().items():
        for target in package.relations(part).values():
            if target in package.names and target.startswith("xl/drawings/") and target.endswith(".xml"):
                _add_drawn(package, target, looks[sheet])
        if part in extents:
            _add_contents(extents[part], contents, looks[sheet])


def _add_drawn(package: Package, part: str, looks: Looks) -> None:
    relations = package.relations(part)
    root = package.tree(part)
    for anchor in () if root is None else root:
        start = anchor.find("{*}from")
        if start is None:
            continue
        row, column = (_whole(start.findtext(f"{{*}}{name}")) for name in ("row", "col"))
        for image in anchor.iter("{*}pic"):
            blip = next(image.iter("{*}blip"), None)
            data = b"" if blip is None else package.content(relations.get(embedded(blip), ""))
            name = next(image.iter("{*}cNvPr"), None)
            alt = "" if name is None else name.get("descr", "")
            looks.pictures.setdefault((row, column), []).append(Picture(data, " ".join(alt.split())))


def _whole(text: str | None) -> int:
    return int(text) if text and text.strip().isdecimal() else 0


def _cell_images(package: Package) -> list[Picture]:
    """The images that are contents of cells, in the order in which cells name them."""
    if _VALUES not in package.names:
        return []
    relations = package.relations(_RELATIONS)
    targets = [relations.get(related(relation), "") for relation in package.elements(_RELATIONS, "rel")]
    values = [[value.text or "" for value in one] for one in package.elements(_VALUES, "rv")]
    images = []
    for block in _blocks(package, "valueMetadata"):
        place = _whole(next((one.get("v") for one in block.iter("{*}rc")), ""))
        rich = [_whole(one.get("i")) for found in _blocks(package, "futureMetadata") for one in found.iter("{*}rvb")]
        value = values[rich[place]] if place < len(rich) and rich[place] < len(values) else []
        target = _whole(value[0]) if value else len(targets)
        data = package.content(targets[target]) if target < len(targets) else b""
        images.append(Picture(data, " ".join(value[2].split()) if len(value) > 2 else ""))
    return images


def _blocks(package: Package, name: str) -> list[_Element]:
    return [block for one in package.elements("xl/metadata.xml", name) for block in one.iterchildren("{*}bk")]


def _add_contents(extent: Extent, images: list[Picture], looks: Looks) -> None:
    for row, column, number in extent.valued:
        if 0 < number <= len(images):
            looks.pictures.setdefault((row, column), []).append(images[number - 1])
