"""Processes that this run started, and their descendants: the only ones it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                found[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
    return found


def children(pid: int) -> list[int]:
    return sorted(child for child, parent in _parents().items() if parent == pid)


def descendants(pid: int) -> list[int]:
    parents = _parents()
    found, latest = [], {pid}
    while latest:
        latest = {child for child, parent in parents.items() if parent in latest}
        found += sorted(latest)
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def kill(pids: Iterable[int], number: signal.Signals = signal.SIGKILL) -> int:
    """How many there still were."""
    done = 0
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            done += 1
    return done


def is_gone(pid: int) -> bool:
    """Ended, or only waiting for its parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def wait_gone(pids: Iterable[int], within_s: float = 20) -> None:
    until = time.monotonic() + within_s
    waiting = list(pids)
    while (waiting := [pid for pid in waiting if not is_gone(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
