"""The crowd: so many candidates at once, each in a browser of their own, answering at their own pace.

A process of its own (``python -m tests.bench.crowd``) that is told by JSON on its standard input, says on its output
when a phase begins, and ends with what it has seen. It only ever speaks to 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import resource
import secrets
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import brotli  # type: ignore[import-untyped]

HOST = "127.0.0.1"
QUESTIONS = 40
PAUSE_S = (20.0, 40.0)
"""Between two answers of a candidate."""
IDLE_S = 25.0
"""After so long without a message the page asks how things stand."""
TIMEOUT_S = 20.0
"""After so long the page gives a message up and sends it again."""
TRIES = 6
GRACE_S = 60.0
"""So long after the last submission was due the crowd goes home, whatever is still open."""
AGENT = "Mozilla/5.0 (Linux; Android 9) Chrome/90.0"
_TOKEN = re.compile(r'(?:"token"\s*:\s*|name="token"[^>]*\bvalue=)"([^"]+)"')
_TICKET = re.compile(r'name="ticket" value="([^"]+)"')
"""Of the queue: what the form held, sealed."""


class BrokenError(Exception):
    """The connection went away before the answer was there."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    location: str
    encoding: str
    body: bytes
    again_s: float | None = None
    """When the server asks to come back, as a queue does."""

    def text(self) -> str:
        if self.encoding == "br":
            return str(brotli.decompress(self.body), "utf-8")
        return (gzip.decompress(self.body) if self.encoding == "gzip" else self.body).decode()


class Line(asyncio.Protocol):
    """A connection that stays open until the server closes it, as a browser's does; one request at a time."""

    __slots__ = ("_buffer", "_transport", "answer", "since", "used")

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[Reply] | None = None
        self.since = 0.0
        self.used = False

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, octets: bytes) -> asyncio.Future[Reply]:
        assert self._transport is not None
        self.answer, self.since = asyncio.get_running_loop().create_future(), time.monotonic()
        self._transport.write(octets)
        return self.answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        fields = dict(line.lower().split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
        if len(body) < int(fields.get("content-length", 0)):
            return
        place = re.search(rb"(?im)^location: (.*?)\r?$", head)
        again = re.match(r"\d+", fields.get("retry-after") or fields.get("refresh") or "")
        reply = Reply(
            int(head[9:12]),
            place[1].decode() if place else "",
            fields.get("content-encoding", ""),
            bytes(body),
            float(again[0]) if again else None,
        )
        self._buffer, self.used = b"", True
        if fields.get("connection") == "close":
            self.close()
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(reply)
        self.answer = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(BrokenError())
        self.answer = None


@dataclass
class Plan:
    """Seconds of each phase, from the beginning of the ramp."""

    port: int
    ramp: float
    steady: float
    window: float
    csrf: str
    began: float = 0.0
    signing_in: int = 0
    """How many are at it just now."""

    def phase(self) -> str:
        spent = time.monotonic() - self.began
        if self.signing_in:
            return "burst"
        return "ramp" if spent < self.ramp else "steady" if spent < self.ramp + self.steady else "end"


@dataclass
class Seen:
    """Latencies in ms by act and phase; errors by what they were."""

    latencies: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    resent: int = 0
    queued: int = 0
    connections: int = 0

    def note(self, act: str, began: float) -> None:
        self.latencies[act].append((time.monotonic() - began) * 1000)


class Browser:
    """Asks on a connection that it keeps, and on a new one when that has been closed."""

    def __init__(self, cookie: str, plan: Plan, seen: Seen) -> None:
        self.cookie, self._plan, self._seen = cookie, plan, seen
        self.line: Line | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "", token: str = "") -> Reply:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{self._plan.port}\r\nUser-Agent: {AGENT}\r\n"
            f"Accept-Encoding: br, gzip\r\nCookie: {self.cookie}\r\n"
        )
        head += f"X-Sitting-Token: {token}\r\n" if token else ""
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if kind else ""
        octets = f"{head}\r\n".encode() + body
        while True:
            if self.line is None or not self.line.is_open:
                loop = asyncio.get_running_loop()
                _, self.line = await loop.create_connection(Line, HOST, self._plan.port)
                self._seen.connections += 1
            try:
                return await self.line.send(octets)
            except BrokenError:
                if not self.line.used:
                    raise
                self._seen.resent += (
                    1  # the server closed a kept connection meanwhile: browsers send again by themselves
                )
                self.line = None


class Person(Browser):
    """One candidate in one browser."""

    def __init__(self, told: dict[str, Any], plan: Plan, seen: Seen) -> None:
        super().__init__(told["cookie"], plan, seen)
        self.candidate, self.token, self.ref = (told[name] for name in ("candidate", "token", "ref"))
        self._writer, self._seq = secrets.token_urlsafe(12), 0

    async def sit(self, begin_after: float) -> None:
        """From the button to the receipt."""
        await asyncio.sleep(begin_after)
        if not self.token:
            await self._start()
        if not self.token:
            return
        end = self._plan.began + self._plan.ramp + self._plan.steady + random.uniform(0, self._plan.window)
        await self._answer_until(end)
        if self._plan.window:
            await self._submit()

    async def _start(self) -> None:
        began, enter = time.monotonic(), f"/sittings/enter/{self.candidate}"
        try:
            form = f"csrf_token={self._plan.csrf}".encode()
            reply = await self.ask("POST", enter, form, "application/x-www-form-urlencoded")
            page = await self.ask("GET", reply.location) if reply.status == 303 else reply
        except (BrokenError, OSError) as error:
            self._seen.errors[f"start {type(error).__name__}"] += 1
            return
        found = _TOKEN.search(page.text()) if page.status == 200 else None
        if found is None:
            self._seen.errors[f"start {page.status}"] += 1
            return
        self._seen.note("start", began)
        self.token, self.ref = found[1], reply.location.rsplit("/", 1)[1]

    async def _answer_until(self, end: float) -> None:
        first = random.uniform(0, PAUSE_S[1])
        at = time.monotonic() + first
        while True:
            quiet = time.monotonic() + IDLE_S
            due = min(at, end)
            if quiet < due:
                await asyncio.sleep(quiet - time.monotonic())
                await self._save("contact", [])
                continue
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if due == end:
                return
            self._seq += 1
            event = [self._seq, self._seq % QUESTIONS + 1, [self._seq % 4 + 1], int(time.time() * 1000)]
            at = time.monotonic() + random.uniform(*PAUSE_S)
            await self._save("save", [event])

    async def _save(self, act: str, events: list[list[Any]]) -> None:
        body = {"writer": self._writer, "events": events, "epoch": ""}
        told = await self._send(act, "/sittings/save", body)
        if told is not None:
            if told["ack"] != [event[0] for event in events]:
                self._seen.errors["not acknowledged"] += 1
            self._seen.acknowledged += len(events)

    async def _submit(self) -> None:
        submission = [self._seq + 1, int(time.time() * 1000)]
        body = {"writer": self._writer, "events": [], "epoch": "", "submit": submission}
        told = await self._send("submit", f"/sittings/{self.ref}/submit", body)
        if told is None:
            return
        began = time.monotonic()
        try:
            page = await self.ask("GET", f"/sittings/{self.ref}/receipt")
        except (BrokenError, OSError):
            self._seen.errors["receipt broken"] += 1
            return
        if page.status != 200 or told["receipt"] not in page.text():
            self._seen.errors[f"receipt {page.status}"] += 1
        self._seen.note("receipt", began)
        if self.line is not None:
            self.line.close()

    async def _send(self, act: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """As the page does: what fails is sent again, with growing pauses; every failure is an error here."""
        octets, began, phase = json.dumps(body, separators=(",", ":")).encode(), time.monotonic(), self._plan.phase()
        for attempt in range(TRIES):
            try:
                reply = await self.ask("POST", path, octets, "application/json", self.token)
                if reply.status == 200:
                    self._seen.note(f"{act}.{phase}", began)
                    told: dict[str, Any] = json.loads(reply.text())
                    return told
                self._seen.errors[f"{act} {reply.status}"] += 1
            except (BrokenError, OSError) as error:
                self._seen.errors[f"{act} {type(error).__name__}"] += 1
            await asyncio.sleep(2**attempt * random.uniform(0.75, 1.25))
        return None


class Newcomer(Browser):
    """Somebody who signs in, and waits in the queue when there is one."""

    async def sign_in(self, begin_at: float, login: str, password: str) -> None:
        await asyncio.sleep(max(0.0, begin_at - time.monotonic()))
        began = time.monotonic()
        fields = {"csrf_token": self._plan.csrf, "login": login, "password": password}
        self._plan.signing_in += 1
        try:
            reply = await self._try(fields)
            while reply.again_s is not None:
                self._seen.queued += 1
                await asyncio.sleep(reply.again_s)
                held = _TICKET.search(reply.text())
                reply = await self._try({"csrf_token": self._plan.csrf, "ticket": held[1]} if held else fields)
            if reply.status == 303:
                self._seen.note("signin", began)
            else:
                self._seen.errors[f"signin {reply.status}"] += 1
        except (BrokenError, OSError) as error:
            self._seen.errors[f"signin {type(error).__name__}"] += 1
        finally:
            self._plan.signing_in -= 1

    async def _try(self, fields: dict[str, str]) -> Reply:
        form = urlencode(fields).encode()
        return await self.ask("POST", "/account/sign-in", form, "application/x-www-form-urlencoded")


async def _give_up_what_hangs(people: Sequence[Browser]) -> None:
    while True:
        await asyncio.sleep(1)
        oldest = time.monotonic() - TIMEOUT_S
        for person in people:
            line = person.line
            if line is not None and line.answer is not None and line.since < oldest:
                line.close()


async def _say_phases(plan: Plan) -> None:
    for name, at in (("ramp", 0.0), ("steady", plan.ramp), ("end", plan.ramp + plan.steady)):
        await asyncio.sleep(max(0.0, plan.began + at - time.monotonic()))
        _say({"phase": name})


async def gather(told: dict[str, Any]) -> dict[str, Any]:
    plan = Plan(*(told[name] for name in ("port", "ramp", "steady", "window", "csrf")))
    seen = Seen()
    people = [Person(one, plan, seen) for one in told["people"]]
    plan.began = time.monotonic()
    watch = [asyncio.create_task(_give_up_what_hangs(people)), asyncio.create_task(_say_phases(plan))]
    newcomers = [(Newcomer(one["cookie"], plan, seen), one["login"]) for one in told.get("newcomers", ())]
    sittings = [asyncio.create_task(person.sit(_begin_after(person, plan))) for person in people]
    for newcomer, login in newcomers:
        at = plan.began + plan.ramp + random.uniform(0, told["burst_s"])
        sittings.append(asyncio.create_task(newcomer.sign_in(at, login, told["password"])))
    _, open_still = await asyncio.wait(sittings, timeout=plan.ramp + plan.steady + plan.window + GRACE_S)
    seen.errors["unfinished"] += len(open_still)
    for task in (*open_still, *watch):
        task.cancel()
    for task in sittings:
        if not task.cancelled() and task.done():
            task.result()
    return {
        "latencies": seen.latencies,
        "errors": {what: count for what, count in seen.errors.items() if count},
        "acknowledged": seen.acknowledged,
        "resent": seen.resent,
        "queued": seen.queued,
        "connections": seen.connections,
        "seconds": time.monotonic() - plan.began,
    }


def _begin_after(person: Person, plan: Plan) -> float:
    """Whoever still has to start does so within the ramp; the others have long begun."""
    return 0.0 if person.token else random.uniform(0, plan.ramp)


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 65536), hard))
    _say(asyncio.run(gather(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
