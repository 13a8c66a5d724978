"""JSON of unknown origin: one byte form only, and every part of the form it must have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from question_bank.question import canonical_json, clean_text

SHA256 = re.compile(r"[0-9a-f]{64}")
LARGEST_NUMBER = 2**31 - 1


def parse(data: bytes) -> Any:
    """What the bytes say, if they are the canonical form of it; ``ValueError`` otherwise.

    Two readers of the same bytes can then never see different things: no name stands twice, no number is infinite.
    """
    try:
        found = json.loads(data, parse_constant=_refuse)
        same = canonical_json(found) == data
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not same:
        raise ValueError("not canonical")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def mapping(value: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """A mapping with exactly these names."""
    if not isinstance(value, dict) or set(value) != set(names):
        raise ValueError("other names")
    return value


def items(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise ValueError("no list, or a long one")
    return value


def line(value: Any, longest: int, *, least: int = 0) -> str:
    """A text without line breaks and invisible characters."""
    if not isinstance(value, str) or not least <= len(value) <= longest or clean_text(value) != value or "\n" in value:
        raise ValueError("no such line")
    return value


def prose(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("no such text")
    return clean_text(value)


def sha256(value: Any) -> str:
    if not isinstance(value, str) or not SHA256.fullmatch(value):
        raise ValueError("no digest")
    return value


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def whole(value: Any, least: int = 0, most: int = LARGEST_NUMBER) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("no such number")
    return value


def maybe_whole(value: Any, least: int, most: int) -> int | None:
    return None if value is None else whole(value, least, most)


def day(value: Any) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("no day")
    found = date.fromisoformat(value)
    if found.isoformat() != value or not 1900 <= found.year <= 2200:
        raise ValueError("no such day")
    return found


def moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("no moment")
    found = datetime.fromisoformat(value)
    if found.tzinfo is None or not 2000 <= found.year <= 2200:
        raise ValueError("no such moment")
    return found.astimezone(UTC)
