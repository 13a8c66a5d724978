"""Where passwords are hashed: one at a time on a machine, on a thread that gives way to everything else.

A hash costs 9 MiB and ten milliseconds of a core, and a whole hall signs in within the same minute. So few
may stand in line here, the longest waiting first; for others there is no place, and they are asked to come again.
Nobody who stands in line holds a database connection. ``docs/decisions/sign-in-queue.md`` says why.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

LINE = 3
"""Who may wait in a process beside the one whose turn it is: threads that save no answers meanwhile."""
PATIENCE_S = 2.0
"""So long somebody waits here before being asked to come again."""
NICENESS = 10
FIRST_PACE_S = 0.06

Found = TypeVar("Found")


class CrowdedError(Exception):
    """No place in line; ``again_s`` says after how many seconds there should be one."""

    def __init__(self, again_s: float) -> None:
        super().__init__("no place in line")
        self.again_s = again_s


@dataclass(order=True, slots=True)
class _Wish:
    since: float
    number: int
    work: Callable[[], Any] = field(compare=False)
    outcome: Future[Any] = field(compare=False, default_factory=Future)


class Desk:
    """The line of one process. ``lock`` is the file by which the processes of a machine take turns."""

    def __init__(self, lock: Path, *, line: int = LINE, patience_s: float = PATIENCE_S) -> None:
        self._lock_file, self._most, self._patience_s = lock, line, patience_s
        self._numbers = count()
        self._pace_s = FIRST_PACE_S
        self._fresh()

    def _fresh(self) -> None:
        """A process that was forked has a line of its own."""
        self._process = os.getpid()
        self._line: list[_Wish] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._promised = 0.0

    def refuse_when_full(self, since: float) -> None:
        """Say at once, before anything is looked up, that somebody would find no place."""
        self._after_fork()
        with self._changed:
            latest = self._line[-1].since if self._line else since
            if len(self._line) >= self._most and latest <= since:
                raise CrowdedError(self._promise())

    def do(self, work: Callable[[], Found], *, since: float) -> Found:
        """Do ``work`` when it is its turn; raises :class:`CrowdedError`. ``since``: when the wish was first made."""
        self._after_fork()
        wish = _Wish(since, next(self._numbers), work)
        with self._changed:
            insort(self._line, wish)
            if len(self._line) > self._most:
                self._line.pop().outcome.set_exception(CrowdedError(self._promise()))
            self._begin()
            self._changed.notify()
        try:
            found: Found = wish.outcome.result(self._patience_s)
        except TimeoutError:
            self._leave(wish)
            found = wish.outcome.result()
        return found

    def _after_fork(self) -> None:
        if self._process != os.getpid():
            self._fresh()

    def _leave(self, wish: _Wish) -> None:
        """Give up waiting, unless it is being done already."""
        with self._changed:
            if wish in self._line:
                self._line.remove(wish)
                wish.outcome.set_exception(CrowdedError(self._promise()))

    def _promise(self) -> float:
        """A turn for each who is sent away, one after the other."""
        now = time.monotonic()
        self._promised = max(now + self._pace_s * (len(self._line) + 1), self._promised + self._pace_s)
        return self._promised - now

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="hashing", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        _give_way()
        while True:
            with self._changed:
                while not self._line:
                    self._changed.wait()
                wish = self._line.pop(0)
            began = time.monotonic()
            with _alone(self._lock_file):
                try:
                    wish.outcome.set_result(wish.work())
                except BaseException as error:  # whoever waits for it gets it
                    wish.outcome.set_exception(error)
            self._pace_s += (min(time.monotonic() - began, 1.0) - self._pace_s) / 8


def _give_way() -> None:
    """On Linux a thread has a priority of its own; elsewhere the short line has to do."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """The turn of this process among those of the machine; the system takes it back from one that is killed. Where a
    folder knows no locks, each process has a turn of its own."""
    with contextlib.ExitStack() as held:
        if sys.platform != "win32":  # there is one web process there
            import fcntl

            with contextlib.suppress(OSError):
                fcntl.flock(held.enter_context(path.open("a")), fcntl.LOCK_EX)
        yield
