"""A bad line of our own: a proxy on loopback between everybody who sits the exam and the server."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.faults.account import Ledger
from tests.faults.wire import LineError, Reply, Request, read_request, send

SERVER_S = 30
"""The longest anything waits for the server itself."""
FOREIGN = tuple(
    f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n{page}".encode()
    for status, page in (
        ("200 OK", "<h1>Welcome to our Wi-Fi</h1>"),
        ("403 Forbidden", "<h1>Please sign in to our Wi-Fi</h1>"),
        ("404 Not Found", "<h1>No such page in our Wi-Fi</h1>"),
        ("502 Bad Gateway", "<h1>Bad Gateway</h1>"),
        ("504 Gateway Timeout", ""),
    )
)
"""What other boxes on the way answer in the server's place."""


@dataclass(frozen=True)
class Weather:
    """How the line is. Figures of one request: how likely, or how many seconds at most."""

    lose_request: float = 0
    lose_reply: float = 0
    half: float = 0
    """Only the beginning of the request, or of the answer, gets through."""
    foreign: float = 0
    slow: float = 0
    slow_s: float = 0
    twice: float = 0
    """It reaches the server two or three times, the last of them later."""
    hold: float = 0
    """It is overtaken by what comes after it, though its sender has long given up."""
    hold_s: float = 0
    cut: str = ""
    """``refused`` or ``silent``: nothing gets through at all."""


FAIR = Weather()


@dataclass
class Proxy:
    """Between ``port`` and the server's port. Does to requests of the exam what the weather says, and keeps account."""

    upstream: int
    chance: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    weather: Weather = FAIR
    injected: Counter[str] = field(default_factory=Counter)
    port: int = 0
    at_server: int = 0
    """Messages that the server is working on."""
    _server: asyncio.Server | None = None
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set)

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=64 * 1024, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def settled(self) -> None:
        """Until nothing is on its way any more, late copies included."""
        while self._under_way:
            await asyncio.wait(self._under_way, timeout=1)

    def _follow(self, act: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(act)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._follow(self._one(reader, writer))
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request; the connection ends with it."""
        try:
            async with asyncio.timeout(SERVER_S):
                request = await read_request(reader)
            if request is None:
                return
            answer = await (self._pass(request) if self._touches(request) else self._plain(request))
            writer.write(answer)
            await writer.drain()
            writer.close()
        except (LineError, TimeoutError, OSError):
            self.ledger.failed += 1
        finally:
            if not writer.is_closing():
                writer.transport.abort()

    def _touches(self, request: Request) -> bool:
        """Files of the page come as they are: what is asked about is answers."""
        return request.path.startswith("/sittings/") and request.path != "/sittings/worker.js"

    async def _plain(self, request: Request) -> bytes:
        await self._cut()
        return (await send(self.upstream, closing(request))).raw

    async def _cut(self) -> None:
        if not self.weather.cut:
            return
        self.injected["cut"] += 1
        if self.weather.cut == "silent":
            await asyncio.sleep(SERVER_S / 10)
        raise LineError("cut")

    def _happens(self, name: str, likely: float) -> bool:
        happens = likely > 0 and self.chance.random() < likely
        if happens:
            self.injected[name] += 1
        return happens

    async def _pass(self, request: Request) -> bytes:
        await self._cut()
        weather = self.weather
        if self._happens("lose_request", weather.lose_request):
            raise LineError("lost")
        if self._happens("foreign", weather.foreign):
            return self.chance.choice(FOREIGN)
        half_request = self._happens("half", weather.half)
        if half_request and self.chance.random() < 0.5:
            data = closing(request)
            self._follow(self._half(data[: self.chance.randrange(1, len(data))]))
            raise LineError("half a request")
        if self._happens("slow", weather.slow):
            await asyncio.sleep(self.chance.uniform(0, weather.slow_s))
        if self._happens("hold", weather.hold):
            await asyncio.sleep(self.chance.uniform(0.2, 1) * weather.hold_s)
        copies = self.chance.choice((1, 2)) if self._happens("twice", weather.twice) else 0
        for _ in range(copies):
            self._follow(self._again(request, self.chance.choice((0, 0, 0.3, 1.5))))
        reply = await self._reach(request)
        if self._happens("lose_reply", weather.lose_reply):
            raise LineError("answer lost")
        if self._happens("slow", weather.slow):
            await asyncio.sleep(self.chance.uniform(0, weather.slow_s))
        await self._cut()  # it may have gone meanwhile
        return reply.raw[: self.chance.randrange(1, len(reply.raw))] if half_request else reply.raw

    async def _reach(self, request: Request) -> Reply:
        """To the server and back, and into the account."""
        events = self.ledger.note_request(request)
        self.at_server += 1
        try:
            async with asyncio.timeout(SERVER_S):
                reply = await send(self.upstream, closing(request))
        finally:
            self.at_server -= 1
        self.ledger.note_reply(events, reply)
        return reply

    async def _again(self, request: Request, after_s: float) -> None:
        await asyncio.sleep(after_s)
        with contextlib.suppress(LineError, TimeoutError):
            await self._reach(request)

    async def _half(self, data: bytes) -> None:
        """The server sees the sender vanish in the middle."""
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
            writer.write(data)
            await writer.drain()
            writer.close()


def closing(request: Request) -> bytes:
    """The request again, with the wish to close the connection after it."""
    lines = request.head.decode("latin-1").split("\r\n")[:-2]
    kept = [line for line in lines if not line.lower().startswith(("connection:", "keep-alive:"))]
    return "\r\n".join([*kept, "Connection: close", "", ""]).encode("latin-1") + request.body
