"""What stands in the text of a Word document beside letters: images and equations."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from docx.oxml.ns import nsmap, qn

from question_bank.formats.rich import FORMULA, NAMELESS, OBJECT, PICTURE, Look, object_look
from question_bank.formats.word_math import latex
from question_bank.messages import Message

Keep = Callable[[bytes, str, str], str | None]
"""Takes the bytes of an image, its description and its place; gives its digest, or ``None`` for no image."""

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_BLIP = f"{{{nsmap['a']}}}blip"
_IMAGE_DATA = "{urn:schemas-microsoft-com:vml}imagedata"
_OLE = "{urn:schemas-microsoft-com:office:office}OLEObject"


class Pictures:
    """Finds the images that drawings point to, in one part of the package."""

    def __init__(self, part: Any, keep: Keep | None) -> None:
        self._part = part
        self._keep = keep

    def piece(self, element: Any, place: Message) -> tuple[str, Look]:
        """The drawing as one character with its image; words in brackets where there is none to be kept."""
        data = self._bytes(element)
        is_formula = next(element.iter(_OLE), None) is not None
        if data is not None and self._keep is not None:
            alt = _described(element)
            sha = self._keep(data, alt, place)
            if sha is not None:
                return OBJECT, object_look(f'<img src="media:{sha}" alt="{escape(alt or NAMELESS)}">')
        return FORMULA if is_formula else PICTURE, frozenset()

    def has_image(self, element: Any) -> bool:
        return self._bytes(element) is not None

    def _bytes(self, element: Any) -> bytes | None:
        names = [blip.get(f"{_RELATION}embed") for blip in element.iter(_BLIP)]
        names += [image.get(f"{_RELATION}id") for image in element.iter(_IMAGE_DATA)]
        for name in filter(None, names):
            related = self._part.related_parts.get(name)
            if related is not None:
                return bytes(related.blob)
        return None


def _described(element: Any) -> str:
    """The description an author wrote for readers who do not see the image."""
    for properties in element.iter(qn("wp:docPr")):
        for name in ("descr", "title"):
            if text := " ".join((properties.get(name) or "").split()):
                return str(text)
    return ""


def formula(element: Any) -> tuple[str, Look]:
    """An equation as one character with its LaTeX; words in brackets where it is too hard."""
    found = latex(element)
    if found is None or not _is_readable(found):
        return FORMULA, frozenset()
    return OBJECT, object_look(escape(f"\\({found}\\)", quote=False))


def _is_readable(found: str) -> bool:
    from question_bank.formulas import mathml

    return mathml(found, "inline") is not None
