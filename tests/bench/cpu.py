"""CPU time of processes and of all they started, as the kernel counts it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold blanks itself: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def family(pid: int) -> Iterator[int]:
    """The process and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                children.setdefault(int(_stat(int(entry))[1]), []).append(int(entry))
            except (FileNotFoundError, ProcessLookupError):
                continue
    waiting = [pid]
    while waiting:
        member = waiting.pop()
        yield member
        waiting += children.get(member, [])


def cpu_seconds(pid: int) -> float:
    """User and system time of the family, with children that have ended and were waited for."""
    ticks = 0
    for member in family(pid):
        try:
            ticks += sum(int(field) for field in _stat(member)[11:15])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return ticks * TICK
