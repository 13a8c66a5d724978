"""What the buttons of rows do, to what a browser has sent: the form is then read as if it had been sent so."""

from __future__ import annotations

import re

from werkzeug.datastructures import MultiDict

_ACT = re.compile(r"(add|drop|up)-([a-z][a-z0-9_-]{0,200})")
_ROW = re.compile(r"(.+)-([0-9]{1,3})")


def with_act(sent: MultiDict[str, str]) -> tuple[MultiDict[str, str], bool]:
    """The fields after the act, and whether there was one: "add-body-options", "drop-body-options-2", "up-…-1"."""
    act = sent.get("act", "")
    if act in {"kind", "refresh"}:  # asks for the fields alone
        return sent, True
    found = _ACT.fullmatch(act)
    if found is None:
        return sent, False
    verb, name = found.groups()
    if verb == "add":
        return _added(sent, name), True
    if (row := _ROW.fullmatch(name)) is None:
        return sent, False
    change = _dropped if verb == "drop" else _moved_up
    return change(sent, row[1], int(row[2])), True


def _added(sent: MultiDict[str, str], name: str) -> MultiDict[str, str]:
    """An empty row after the last: a name alone makes one."""
    after = MultiDict(sent)
    after.add(f"{name}-{max(_numbers(sent, name), default=-1) + 1}", "")
    return after


def _dropped(sent: MultiDict[str, str], rows: str, number: int) -> MultiDict[str, str]:
    """Without the row; those after it move up into its place."""
    after = MultiDict[str, str]()
    for key, value in sent.items(multi=True):
        found = re.match(rf"{re.escape(rows)}-([0-9]{{1,3}})(?![0-9])", key)
        at = int(found[1]) if found else -1
        if at != number:
            after.add(f"{rows}-{at - 1}{key[found.end() :]}" if found and at > number else key, value)
    return after


def _moved_up(sent: MultiDict[str, str], rows: str, number: int) -> MultiDict[str, str]:
    before = max((other for other in _numbers(sent, rows) if other < number), default=None)
    if before is None:
        return sent
    this, that = f"{rows}-{number}", f"{rows}-{before}"
    swapped = MultiDict[str, str]()
    for key, value in sent.items(multi=True):
        swapped.add(_renamed(key, this, that) or _renamed(key, that, this) or key, value)
    return swapped


def _renamed(key: str, row: str, to: str) -> str:
    """The field's name in row ``to``; empty when it is not of ``row``."""
    return to + key.removeprefix(row) if key == row or key.startswith(f"{row}-") else ""


def _numbers(sent: MultiDict[str, str], name: str) -> set[int]:
    rest = (key.removeprefix(f"{name}-").split("-", 1)[0] for key in sent if key.startswith(f"{name}-"))
    return {int(number) for number in rest if number.isascii() and number.isdigit() and len(number) < 4}
