"""HTTP/1.1 in as few lines as a client and a proxy between them need: one exchange a connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

LONGEST_HEAD = 64 * 1024


class LineError(Exception):
    """No whole answer came: refused, cut off, or nothing at all within the time given."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    head: bytes
    """As it came, with the empty line that ends it."""
    body: bytes

    def header(self, name: str) -> str:
        return header_of(self.head, name)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        return header_of(self.head, name)

    @property
    def raw(self) -> bytes:
        return self.head + self.body

    def cookies(self) -> dict[str, str]:
        """What it sets, without attributes."""
        lines = self.head.decode("latin-1").split("\r\n")
        pairs = [
            line.split(":", 1)[1].split(";")[0].strip() for line in lines if line.lower().startswith("set-cookie:")
        ]
        return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def header_of(head: bytes, name: str) -> str:
    wanted = name.lower() + ":"
    for line in head.decode("latin-1").split("\r\n"):
        if line.lower().startswith(wanted):
            return line.split(":", 1)[1].strip()
    return ""


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; ``None`` when the client has gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        length = header_of(head, "content-length")
        body = await reader.readexactly(int(length)) if length else b""
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None
    return Request(method, path, head, body)


@contextlib.asynccontextmanager
async def connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to this machine; dropped at once when it is left, whatever stands in it."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LONGEST_HEAD)
    except OSError as error:
        raise LineError("refused") from error
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def send(port: int, data: bytes) -> Reply:
    """One request as bytes, with ``Connection: close`` in it, and its answer to the last byte."""
    async with connection(port) as (reader, writer):
        try:
            writer.write(data)
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
            length = header_of(head, "content-length")
            body = await (reader.readexactly(int(length)) if length else reader.read(-1))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError, IndexError) as error:
            raise LineError("cut off") from error
    return Reply(status, head, body)


async def exchange(
    port: int, method: str, path: str, headers: Mapping[str, str], body: bytes = b"", *, timeout_s: float
) -> Reply:
    """What a browser does for one message: gives up after so many seconds."""
    told = {"Host": f"127.0.0.1:{port}", "Connection": "close", **headers}
    if method == "POST":
        told["Content-Length"] = str(len(body))
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items()) + "\r\n"
    try:
        async with asyncio.timeout(timeout_s):
            return await send(port, head.encode() + body)
    except TimeoutError as error:
        raise LineError("no answer") from error
