"""Numbers as people write them here: decimal comma or point, groups of three, a unit behind."""

from __future__ import annotations

import re
from fractions import Fraction

from question_bank.question import clean_text
from question_bank.spelling import folded

LONGEST = 60
_STORED = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?")
_NUMBER_AND_UNIT = re.compile(r"(?P<sign>[-+])?\s*(?P<figures>[0-9.,][0-9., ]*)(?P<unit>.*)", re.DOTALL)
_WHOLE = re.compile(r"[0-9]+")
_DECIMAL = re.compile(r"(?P<whole>[0-9]*)[.,](?P<part>[0-9]+)")
_GROUPED = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?:(?P<between>[., ])[0-9]{3})(?:(?P=between)[0-9]{3})*)(?:[.,](?P<part>[0-9]+))?"
)


def stored(text: str) -> Fraction | None:
    """A number as questions keep it: figures with a decimal point; ``None`` when it is none."""
    return Fraction(text) if _STORED.fullmatch(text) else None


def readings(text: str, unit: str = "", *, unit_required: bool = False) -> frozenset[Fraction]:
    """What a number with or without its unit may mean; nothing when it is none, or the unit is another.

    "1.500" is fifteen hundred to one writer and one and a half to another: both are in the answer.
    """
    sign, figures, rest = _split(text)
    if folded(rest) != folded(unit).removesuffix(".") and (rest or unit_required):
        return frozenset()
    return frozenset(sign * value for value in _values(figures))


def _split(text: str) -> tuple[int, str, str]:
    """Sign, figures, and what stands behind them."""
    text = clean_text(text).replace("\u2212", "-").replace("–", "-")
    found = _NUMBER_AND_UNIT.fullmatch(" ".join(text.split())) if len(text) <= LONGEST else None
    if found is None:
        return 1, "", text
    figures = found["figures"].rstrip(" ,.")
    return -1 if found["sign"] == "-" else 1, figures, found["unit"].strip().removesuffix(".")


def _values(figures: str) -> set[Fraction]:
    if _WHOLE.fullmatch(figures):
        return {Fraction(figures)}
    found = {_decimal(match) for match in [_DECIMAL.fullmatch(figures)] if match}
    grouped = _GROUPED.fullmatch(figures)
    if grouped and (grouped["part"] is None or figures[grouped.end("whole")] != grouped["between"]):
        whole = re.sub(r"[., ]", "", grouped["whole"])
        found.add(Fraction(f"{whole}.{grouped['part'] or 0}"))
    return found


def _decimal(match: re.Match[str]) -> Fraction:
    return Fraction(f"{match['whole'] or 0}.{match['part']}")


def with_comma(text: str) -> str:
    """A stored number as it is written here."""
    return text.replace(".", ",")
