"""Formulas: LaTeX to MathML, which browsers draw and screen readers read without any script.

Imported only where a formula is met, because the library behind it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

LONGEST = 1000
_REFUSED = re.compile(r"\\(?:def|newcommand|renewcommand|let|gdef|edef|href|class|style|require|input|include)\b")
"""Macros can grow without end; the others would bring addresses and styles from outside."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _names(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts"
    " mprescripts none mtable mtr mtd mlabeledtr mstyle mpadded mphantom menclose merror"
)
_ATTRIBUTES = _names(
    "xmlns display mathvariant stretchy fence form separator accent accentunder lspace rspace minsize maxsize"
    " movablelimits linethickness columnalign rowalign columnlines rowlines columnspacing rowspacing displaystyle"
    " scriptlevel notation width height depth symmetric largeop"
)


@lru_cache(maxsize=1000)
def mathml(latex: str, display: str) -> str | None:
    """The formula as ``<math>``; ``None`` when it cannot be read. ``display`` is "inline" or "block"."""
    if not latex or len(latex) > LONGEST or _REFUSED.search(latex):
        return None
    try:
        tree = Converter(display=display).convert_to_element(latex)
    except Exception:  # the library has no common error, and a formula may be nested too deeply for it
        return None
    return tostring(tree, encoding="unicode") if all(_is_known(element) for element in tree.iter()) else None


def _is_known(element: Element) -> bool:
    """Clean the element in place; ``False`` for one that is no formula, or a command the library passed through.

    The library leaves entities in its texts for a later step, which would also bring back tags written as entities;
    here they become characters before the tree is written, and so are escaped.
    """
    for name in list(element.attrib):
        if name not in _ATTRIBUTES:
            del element.attrib[name]
    element.text = unescape(element.text) if element.text else element.text
    element.tail = None
    return element.tag in _TAGS and not (element.text or "").startswith("\\")
