"""gunicorn's threaded worker, with nothing left in which one phone's bad network keeps the others waiting.

A connection gets a thread when its request is there in whole, not when it opens or with the first byte: browsers open
some in advance and send nothing, and a body may take its time. What has come so far is kept beside the connection,
without a thread. Bodies too large for that, and those whose end cannot be told beforehand, share a part of the threads.
Some threads are only for what hurries: when a thousand hand in, the answers of the others are stored as ever.
What the other side has no room for yet waits beside the connection as well (:mod:`examapp.core.web_line`). After a last
answer nobody waits for the other side to close, which on a slow network takes seconds.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from examapp.core.web_line import Line

ARRIVAL_S = 20.0
"""So long a request may take to arrive, from its first byte on; then its connection is closed."""
WHOLE_BYTES = 64 * 1024
"""Bodies up to this size are awaited without a thread; of larger ones as much has to be there first."""
UNREAD_S = 30.0
"""So long the other side may take none of its answer; then its connection is closed."""
QUEUE_S = 120.0
"""So long a request may wait in a line for a thread."""
HURRIES = (b"POST /sittings/save ",)
"""How the short requests begin that no other holds up: answers, of which each thread stores hundreds a second."""
HEAD_END = b"\r\n\r\n"
NOTIFY_S = 1.0
"""Often enough: gunicorn ends a process that was silent for thirty seconds."""
LINGER_S = 2.0
"""So long the other side may take to read the last answer before its connection is cut."""
LINGER_BYTES = 64 * 1024
QUIET_ERRORS = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)


class Arrival(Enum):
    PART = "more has to come"
    WHOLE = "the request is there"
    LARGE = "the rest is for a thread to read"
    GONE = "the other side has closed"


@dataclass
class Lane:
    """Requests of which only so many are at work at a time; the others wait in line."""

    most: int
    at_work: int = 0
    line: deque[Connection] = field(default_factory=deque)

    @property
    def is_free(self) -> bool:
        return self.at_work < self.most


class Connection(TConn):  # type: ignore[misc]
    """One that leaves the waiting, before a request and at its end, to the loop of the worker."""

    def __init__(self, *known: Any, linger: Callable[[Connection], None]) -> None:
        super().__init__(*known)
        self._linger = linger
        self.read_on = 0
        self.lanes: tuple[Lane, ...] = ()
        self.stalls = False
        self._arrived = bytearray()
        self._needed = self._awaited = 0

    def init(self) -> None:
        """In the thread: what has been read already goes first."""
        super().init()
        if self._arrived:
            self.parser.unreader.unread(bytes(self._arrived))
            self._arrived = bytearray()
        if self.stalls:
            self.sock.require_progress()

    def expect(self) -> Arrival:
        """Begin with a request; a part of it may have been read together with the one before."""
        self.sock.setblocking(False)
        self._needed = 0
        self._arrived = bytearray(self.parser.unreader.take_buffered() if self.parser else b"")
        known = self._judge()
        return self.take() if known is Arrival.PART else known

    def take(self) -> Arrival:
        """Read what is there, without waiting."""
        try:
            data = self.sock.recv(WHOLE_BYTES)
        except (BlockingIOError, InterruptedError):
            return Arrival.PART
        except OSError:
            return Arrival.GONE
        if not data:
            return Arrival.GONE
        self._arrived += data
        return self._judge()

    @property
    def hurries(self) -> bool:
        return self._arrived.startswith(HURRIES)

    def is_there(self) -> bool:
        """Whether the other side still waits for an answer, as far as can be seen without reading."""
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK))
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False

    def _judge(self) -> Arrival:
        if not self._needed:
            if self._arrived.startswith((b"\r", b"\n")):
                self._arrived = self._arrived.lstrip(b"\r\n")
            end = self._arrived.find(HEAD_END)
            if end < 0:
                return Arrival.PART if len(self._arrived) < WHOLE_BYTES else Arrival.LARGE
            length = body_length(bytes(self._arrived[:end]))
            if length is None:
                return Arrival.LARGE
            self._needed = end + len(HEAD_END) + length
            self._awaited = self._needed if length <= WHOLE_BYTES else end + WHOLE_BYTES
        if len(self._arrived) >= self._needed:
            return Arrival.WHOLE
        return Arrival.PART if len(self._arrived) < self._awaited else Arrival.LARGE

    def close(self, graceful: bool = False) -> None:
        if graceful:
            self._linger(self)
        else:
            util.close(self.sock)


class Worker(ThreadWorker):  # type: ignore[misc]
    def init_process(self) -> None:
        self._notified = 0.0
        self._lingering: deque[Connection] = deque()
        self._arriving: dict[Connection, None] = {}
        self._sending: dict[Connection, None] = {}
        reserved = self.cfg.threads // 4
        self._usual = Lane(max(1, self.cfg.threads - reserved))
        self._large = Lane(max(1, reserved))
        self._looks = not self.cfg.is_ssl and self.cfg.http2_cleartext == "off" and self.cfg.proxy_protocol == "off"
        super().init_process()

    def notify(self) -> None:
        """Say that the process lives: a file is touched for it, which with every request costs a tenth of a save."""
        now = time.monotonic()
        if now - self._notified >= NOTIFY_S:
            self._notified = now
            super().notify()

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in QUIET_ERRORS:
                return
            raise
        self.nr_conns += 1
        line = Line(client)
        conn = Connection(self.cfg, line, address, listener.getsockname(), linger=self._linger)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(line, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn: Connection) -> None:
        """Something of a request is there: a thread gets it if it is all of it."""
        if not self._looks:
            super().enqueue_req(conn)
            return
        arrival = conn.expect()
        if arrival is not Arrival.PART:
            self._go_on(conn, arrival)
            return
        conn.timeout = time.monotonic() + ARRIVAL_S
        self._arriving[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_arriving, conn))

    def _on_arriving(self, conn: Connection, _sock: socket.socket) -> None:
        arrival = conn.take()
        if arrival is not Arrival.PART:
            del self._arriving[conn]
            self.poller.unregister(conn.sock)
            self._go_on(conn, arrival)

    def _go_on(self, conn: Connection, arrival: Arrival) -> None:
        if arrival is Arrival.GONE:
            self._drop(conn)
        elif arrival is Arrival.WHOLE and conn.hurries:
            super().enqueue_req(conn)
        else:
            conn.stalls = arrival is Arrival.LARGE
            conn.timeout = time.monotonic() + QUEUE_S
            (self._large if conn.stalls else self._usual).line.append(conn)
            self._start_waiting()

    def _start_waiting(self) -> None:
        """Large bodies have a lane of their own inside the usual one."""
        for lane in (self._usual, self._large):
            while lane.line and lane.is_free and self._usual.is_free:
                conn = lane.line.popleft()
                if not conn.is_there():
                    self._drop(conn)
                    continue
                conn.lanes = (self._usual,) if lane is self._usual else (self._usual, lane)
                for one in conn.lanes:
                    one.at_work += 1
                super().enqueue_req(conn)

    def handle(self, conn: Connection) -> Any:
        """In the thread; what cannot be sent at once is left to the loop."""
        result = super().handle(conn)
        try:
            if isinstance(conn.sock, Line):
                conn.sock.push()
        except OSError:
            return False
        return result

    def finish_request(self, conn: Connection, fs: Future[Any]) -> None:
        for lane in conn.lanes:
            lane.at_work -= 1
        conn.lanes, conn.stalls = (), False
        self._start_waiting()
        if not (isinstance(conn.sock, Line) and conn.sock.unsent):
            super().finish_request(conn, fs)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + UNREAD_S
        self._sending[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self._on_room, conn, fs))

    def _on_room(self, conn: Connection, fs: Future[Any], line: Line) -> None:
        """The other side has taken something of its answer."""
        try:
            is_sent = line.push()
        except OSError:
            self._drop_sending(conn)
            return
        del self._sending[conn]
        if is_sent:
            self.poller.unregister(line)
            super().finish_request(conn, fs)
        else:
            conn.timeout = time.monotonic() + UNREAD_S
            self._sending[conn] = None  # behind those that have waited longer

    def _drop_sending(self, conn: Connection) -> None:
        del self._sending[conn]
        self.poller.unregister(conn.sock)
        self._drop(conn)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

    def _give_up_waiting(self, now: float) -> None:
        while self._arriving and (conn := next(iter(self._arriving))).timeout <= now:
            del self._arriving[conn]
            self.poller.unregister(conn.sock)
            self._drop(conn)
        while self._sending and (conn := next(iter(self._sending))).timeout <= now:
            self._drop_sending(conn)
        for lane in (self._usual, self._large):
            while lane.line and lane.line[0].timeout <= now:
                self._drop(lane.line.popleft())

    def _linger(self, conn: Connection) -> None:
        """Say that nothing more comes; cut the connection once the other side has closed too, or after a while."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            util.close(conn.sock)
            return
        if _is_over(conn):
            util.close(conn.sock)
            return
        conn.timeout = time.monotonic() + LINGER_S
        self._lingering.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_lingering, conn))

    def _on_lingering(self, conn: Connection, _sock: socket.socket) -> None:
        if _is_over(conn):
            self._lingering.remove(conn)
            self._cut(conn)

    def _cut(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        util.close(conn.sock)

    def murder_pending(self) -> None:
        super().murder_pending()
        now = time.monotonic()
        self._give_up_waiting(now)
        while self._lingering and self._lingering[0].timeout <= now:
            self._cut(self._lingering.popleft())

    def _cap_keepalive(self, deadline: float) -> None:
        """Whoever stops does not wait for connections that have said nothing, or not all, either."""
        super()._cap_keepalive(deadline)
        for conn in (*self.pending_conns, *self._arriving, *self._large.line):
            conn.timeout = min(conn.timeout, deadline)


def body_length(head: bytes) -> int | None:
    """Of the body that follows; None if only reading tells, or the other side waits to be told to send it."""
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        match name.strip().lower():
            case b"transfer-encoding" | b"expect":
                return None
            case b"content-length":
                told = value.strip()
                if not told.isdigit() or len(told) > 18:
                    return None
                length = max(length, int(told))
    return length


def _is_over(conn: Connection) -> bool:
    """Read away what still comes; whether the other side has closed, or sends more than anybody has to read."""
    while conn.read_on < LINGER_BYTES:
        try:
            data = conn.sock.recv(4096)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:  # with TLS "not yet" comes as an error of its own
            return error.errno not in (errno.EAGAIN, errno.EWOULDBLOCK) and "want" not in type(error).__name__.lower()
        if not data:
            return True
        conn.read_on += len(data)
    return True
