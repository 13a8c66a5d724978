"""Equations of Word as LaTeX, as far as they are simple; others are told to be missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SIGNS = {
    "×": r"\times ", "÷": r"\div ", "·": r"\cdot ", "±": r"\pm ", "∓": r"\mp ", "≤": r"\le ", "≥": r"\ge ",
    "≠": r"\ne ", "≈": r"\approx ", "∞": r"\infty ", "→": r"\to ", "←": r"\leftarrow ", "⇒": r"\Rightarrow ",
    "⇔": r"\Leftrightarrow ", "∈": r"\in ", "∉": r"\notin ", "⊂": r"\subset ", "⊆": r"\subseteq ", "∪": r"\cup ",
    "∩": r"\cap ", "∅": r"\emptyset ", "∀": r"\forall ", "∃": r"\exists ", "∂": r"\partial ", "∇": r"\nabla ",
    "√": r"\surd ", "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ", "∬": r"\iint ", "∭": r"\iiint ", "∮": r"\oint ",
    "…": r"\ldots ", "⋯": r"\cdots ", "°": r"^{\circ}", "′": "'", "−": "-", "–": "-", "∥": r"\parallel ",
    "⊥": r"\perp ", "∠": r"\angle ", "△": r"\triangle ", "\u2061": "", "\u200b": "", "\xa0": " ",
    "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "_": r"\_", "\\": r"\backslash ",
    "~": " ", "^": r"\hat{}",
}  # fmt: skip
_GREEK_LETTERS = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩϵϑϕ"
_GREEK_NAMES = """
    alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi chi psi
    omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega epsilon vartheta phi
"""
_GREEK = dict(zip(_GREEK_LETTERS, re.findall(r"\w+", _GREEK_NAMES), strict=True))
_ACCENTS = {
    "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "overline", "\u20d7": "vec", "\u0307": "dot",
    "\u0308": "ddot", "¯": "bar", "^": "hat", "~": "tilde", "→": "vec",
}  # fmt: skip
_FUNCTIONS = frozenset(
    ["sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "lim", "max", "min", "exp", "arcsin", "arccos", "arctan"]
)
_BRACKETS = {"{": r"\{", "}": r"\}", "": ".", "|": "|", "‖": r"\|", "⟨": r"\langle ", "⟩": r"\rangle ",
             "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil "}  # fmt: skip
_LONGEST = 800


class _TooHardError(Exception):
    """An element that has no simple form."""


def latex(element: Any) -> str | None:
    """The formula, or ``None`` when it is not simple."""
    try:
        text = " ".join(_inside(element).split())
    except (_TooHardError, RecursionError):
        return None
    return text if text and len(text) <= _LONGEST else None


def _inside(element: Any) -> str:
    return "".join(map(_one, element))


def _one(element: Any) -> str:
    if not isinstance(element.tag, str):
        return ""
    if not element.tag.startswith(_MATH):
        return ""  # properties of runs, bookmarks, proofing marks
    name = element.tag.removeprefix(_MATH)
    if name.endswith("Pr"):
        return ""
    if name not in _FORMS:
        raise _TooHardError(name)
    return _FORMS[name](element)


def _text(element: Any) -> str:
    plain = element.find(f"{_MATH}rPr/{_MATH}nor") is not None
    text = "".join(part.text or "" for part in element.iter(f"{_MATH}t"))
    if plain or any(character.isalpha() and ord(character) > 0x2FF and character not in _GREEK for character in text):
        kept = "".join(character for character in text if character not in "{}$\\")
        return f"\\text{{{kept}}}" if text.strip() else " "
    return "".join(_SIGNS.get(c) or (f"\\{_GREEK[c]} " if c in _GREEK else c) for c in text)


def _part(element: Any, name: str) -> str:
    found = element.find(_MATH + name)
    return _inside(found) if found is not None else ""


def _value(element: Any, path: str, default: str) -> str:
    """What a property says; ``default`` where it is not stated."""
    found = element.find("/".join(_MATH + part for part in path.split("/")))
    return str(found.get(f"{_MATH}val", default)) if found is not None else default


def _fraction(element: Any) -> str:
    if _value(element, "fPr/type", "bar") == "lin":
        return f"{{{_part(element, 'num')}}}/{{{_part(element, 'den')}}}"
    return f"\\frac{{{_part(element, 'num')}}}{{{_part(element, 'den')}}}"


def _raised(element: Any) -> str:
    scripts = "".join(
        f"{sign}{{{_part(element, name)}}}" for name, sign in (("sub", "_"), ("sup", "^")) if _part(element, name)
    )
    return f"{{{_part(element, 'e')}}}{scripts}"


def _root(element: Any) -> str:
    degree = _part(element, "deg").strip()
    index = f"[{degree}]" if degree else ""
    return f"\\sqrt{index}{{{_part(element, 'e')}}}"


def _bracketed(element: Any) -> str:
    begin, end = _value(element, "dPr/begChr", "("), _value(element, "dPr/endChr", ")")
    between = _value(element, "dPr/sepChr", "|")
    inner = between.join(_inside(part) for part in element.findall(f"{_MATH}e"))
    return f"\\left{_BRACKETS.get(begin, begin)}{inner}\\right{_BRACKETS.get(end, end)}"


def _large(element: Any) -> str:
    sign = _SIGNS.get(_value(element, "naryPr/chr", "∫"))
    if not sign:
        raise _TooHardError
    scripts = "".join(
        f"{mark}{{{_part(element, name)}}}" for name, mark in (("sub", "_"), ("sup", "^")) if _part(element, name)
    )
    return f"{sign.strip()}{scripts} {_part(element, 'e')}"


def _function(element: Any) -> str:
    name = _part(element, "fName").strip()
    return f"{_named(name) or name} {_part(element, 'e')}"


def _accent(element: Any) -> str:
    accent = _ACCENTS.get(_value(element, "accPr/chr", "\u0302"))
    if accent is None:
        raise _TooHardError
    return f"\\{accent}{{{_part(element, 'e')}}}"


def _bar(element: Any) -> str:
    name = "overline" if _value(element, "barPr/pos", "bot") == "top" else "underline"
    return f"\\{name}{{{_part(element, 'e')}}}"


def _limit(element: Any) -> str:
    sign = "_" if element.tag.endswith("limLow") else "^"
    base = _part(element, "e").strip()
    return f"{_named(base) or '{' + base + '}'}{sign}{{{_part(element, 'lim')}}}"


def _named(text: str) -> str:
    """The command for a known function, which Word writes as plain letters."""
    plain = text.removeprefix(r"\text{").removesuffix("}").strip()
    return f"\\{plain}" if plain in _FUNCTIONS else ""


def _matrix(element: Any) -> str:
    return _rows(
        " & ".join(_inside(cell) for cell in row.findall(f"{_MATH}e")) for row in element.findall(f"{_MATH}mr")
    )


def _lines(element: Any) -> str:
    return _rows(_inside(part) for part in element.findall(f"{_MATH}e"))


def _rows(rows: Iterable[str]) -> str:
    return r"\begin{matrix}" + r" \\ ".join(rows) + r"\end{matrix}"


_FORMS: dict[str, Callable[[Any], str]] = {
    "oMath": _inside, "oMathPara": _inside, "e": _inside, "box": _inside, "borderBox": _inside, "r": _text,
    "f": _fraction, "sSup": _raised, "sSub": _raised, "sSubSup": _raised, "rad": _root, "d": _bracketed,
    "nary": _large, "func": _function, "acc": _accent, "bar": _bar, "limLow": _limit, "limUpp": _limit,
    "m": _matrix, "eqArr": _lines,
}  # fmt: skip
