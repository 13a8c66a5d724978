"""The load: so many candidates that save at the same time, each on one connection that stays open.

A process of its own (``python -m tests.bench.load``), told by JSON on its standard input, so that its CPU time is
nobody else's. It only ever speaks to 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

LIMIT_S = 120
"""No run takes longer, whatever happens."""
QUESTIONS = 40


@dataclass
class Run:
    """How many requests are left to send, and what came back."""

    left: int
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


class Candidate(asyncio.Protocol):
    """Saves one answer after the other, the next as soon as the last is acknowledged."""

    def __init__(self, run: Run, token: str, done: asyncio.Future[None]) -> None:
        self._run, self._token, self._done = run, token, done
        self._writer, self._seq, self._buffer, self._sent = secrets.token_urlsafe(12), 0, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        if self._run.left <= 0:
            self._transport.close()
            return
        self._run.left -= 1
        self._seq += 1
        slot, option, answered = self._seq % QUESTIONS + 1, self._seq % 4 + 1, int(time.time() * 1000)
        event = [self._seq, slot, [option], answered]
        body = json.dumps({"writer": self._writer, "events": [event], "epoch": "0" * 26}, separators=(",", ":"))
        head = (
            f"POST /sittings/save HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Sitting-Token: {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._sent = time.perf_counter()
        self._transport.write((head + body).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._run.latencies.append(time.perf_counter() - self._sent)
        self._run.statuses[head[9:12].decode()] += 1
        self._buffer = b""
        if b"connection: close" in head.lower():
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._buffer or exc:
            self._run.statuses["broken"] += 1
        if not self._done.done():
            self._done.set_result(None)


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.index(b"content-length:") + 15
    return int(lower[start:].split(b"\r\n", 1)[0])


async def drive(port: int, tokens: list[str], requests: int) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    run, began = Run(requests), time.perf_counter()
    ends = []
    for token in tokens:
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda t=token, d=done: Candidate(run, t, d), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.wait_for(asyncio.gather(*ends), LIMIT_S)
    return {"seconds": time.perf_counter() - began, "latencies": run.latencies, "statuses": dict(run.statuses)}


def main() -> None:
    given = json.load(sys.stdin)
    json.dump(asyncio.run(drive(given["port"], given["tokens"], given["requests"])), sys.stdout)


if __name__ == "__main__":
    main()
