"""Numeric answers as Moodle writes them: a number, one with a tolerance, or a range."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_NUMBER = r"[-+−]?(?:\d{1,40}(?:[.,]\d{0,40})?|[.,]\d{1,40})(?:[eE][-+]?\d{1,2})?"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")
_VALUE = re.compile(rf"({_NUMBER})(?:\s*:\s*({_NUMBER}))?")
_CANONICAL = re.compile(r"-?\d+(?:\.\d+)?")


def decimal(text: str) -> str:
    """The number as a decimal string with a point; ``ValueError`` when it is no number."""
    text = text.strip().replace("−", "-").replace(",", ".").removeprefix("+")
    if _CANONICAL.fullmatch(text):
        return text
    if not re.fullmatch(_NUMBER, text):
        raise ValueError(text)
    return _plain(Decimal(text))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def answer_from(text: str) -> dict[str, Any]:
    """What "12.5", "12.5:0.1" or "1..5" accepts; ``ValueError`` for anything else."""
    text = text.strip()
    if found := _RANGE.fullmatch(text):
        return {"low": decimal(found[1]), "high": decimal(found[2])}
    found = _VALUE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return value_with(found[1], found[2] or "0")


def value_with(value: str, tolerance: str) -> dict[str, Any]:
    """A value and how far from it an answer may be."""
    tolerance = decimal(tolerance or "0").removeprefix("-")
    exact = not tolerance.strip("0.")
    return {"value": decimal(value), **({} if exact else {"tolerance": tolerance, "mode": "absolute"})}


def as_value(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Any answer as a value and an absolute tolerance: a range by its middle, a relative tolerance worked out."""
    if "low" in answer:
        low, high = Decimal(answer["low"]), Decimal(answer["high"])
        return _plain((low + high) / 2), _plain((high - low) / 2)
    tolerance = answer.get("tolerance") or "0"
    if answer.get("mode") == "relative":
        tolerance = _plain(abs(Decimal(answer["value"])) * Decimal(tolerance))
    return answer["value"], tolerance


def as_range(answer: Mapping[str, Any], low: str, high: str) -> dict[str, Any]:
    """The answer as the range it was before it was written as a value; itself where they do not agree."""
    rest = {name: inner for name, inner in answer.items() if name not in ("value", "tolerance", "mode")}
    wanted = {**rest, "low": decimal(low), "high": decimal(high)}
    return wanted if _same(answer, wanted) else dict(answer)


def as_relative(answer: Mapping[str, Any], tolerance: str) -> dict[str, Any]:
    """The same for a relative tolerance."""
    wanted = {**answer, "tolerance": decimal(tolerance), "mode": "relative"}
    return wanted if _same(answer, wanted) else dict(answer)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return [Decimal(part) for part in as_value(one)] == [Decimal(part) for part in as_value(other)]
