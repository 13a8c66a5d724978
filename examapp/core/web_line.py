"""The socket of a connection, on which no thread waits for a slow network.

What is written is kept until the other side has room for it; the loop of the worker sends it on. Only an answer that is
larger than can be kept holds its thread, and only while something of it is taken. Who sends a large body has to send it
at some pace.
"""

from __future__ import annotations

import errno
import select
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

PIECE = 32 * 1024
"""Written at once: head and body of a short answer go out together."""
MOST_UNSENT = 32 * 1024 * 1024
"""Of an answer; nearly every one is in memory anyway."""
STALL_S = 30.0
"""So long a thread waits for the next piece of a body, or for the other side to take more of its answer."""
SLOWEST = 2000
"""Bytes a second that a large body has to come at: a third of the slowest network that an exam is sat on."""


class Line(socket.socket):
    """Takes the place of an accepted socket."""

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self.unsent = bytearray()
        self._began: float | None = None
        self._received = 0

    def sendall(self, data: Buffer, flags: int = 0, /) -> None:
        """Keep it, and send what there is room for when enough has come together."""
        self.unsent += data
        if len(self.unsent) >= PIECE:
            self.push()
        while len(self.unsent) > MOST_UNSENT:
            self._wait_for_room()
            self.push()

    def push(self) -> bool:
        """Send what there is room for, without waiting; whether that was all."""
        while self.unsent:
            try:
                sent = self.send(self.unsent, socket.MSG_DONTWAIT)
            except (BlockingIOError, InterruptedError):
                return False
            del self.unsent[:sent]
        return True

    def _wait_for_room(self) -> None:
        waiting = select.poll()
        waiting.register(self, select.POLLOUT)
        if not waiting.poll(STALL_S * 1000):
            raise ConnectionResetError(errno.ECONNRESET, "the other side takes nothing of its answer")

    def require_progress(self) -> None:
        """From now on reading ends, as if the other side had closed, when too little comes."""
        self.settimeout(STALL_S)
        self._began, self._received = time.monotonic(), 0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        if self._began is None:
            return super().recv(size, flags)
        try:
            data = super().recv(size, flags)
        except TimeoutError:
            return b""
        self._received += len(data)
        is_late = (time.monotonic() - self._began - STALL_S) * SLOWEST > self._received
        return b"" if is_late else data
