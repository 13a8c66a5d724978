"""Reading the details of a question: whatever was put there, what has the wrong form counts as missing."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

FULL = 1000
"""Shares and tables are thousandths."""


def entries(source: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = source.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def text_of(source: Mapping[str, Any], name: str) -> str:
    found = source.get(name)
    return found if isinstance(found, str) and is_storable(found) else ""


def is_storable(text: str) -> bool:
    """Half of a surrogate pair, or a zero, can be sent as JSON but is no character of a text."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def whole_of(source: Mapping[str, Any], name: str, default: int) -> int:
    found = source.get(name)
    return found if type(found) is int else default


def scoring_of(details: Mapping[str, Any], default: str) -> str:
    return text_of(details, "scoring") or default


def within_bounds(share: Fraction) -> Fraction:
    return min(Fraction(1), max(Fraction(0), share))


def thousandths(share: int) -> Fraction:
    return within_bounds(Fraction(share, FULL))
