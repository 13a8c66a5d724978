"""A window of the exam page as far as the wire shows it, and the device it is open on.

A window does what the exam page does: it keeps an answer before it sends it, sends one message at a time, tries again
with growing pauses after every doubt, believes nothing but an acknowledgement, and sends everything again to a
database that is another one than before. Pauses are shorter than a page's, so that a run is short.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.account import compact
from tests.faults.stage import Person
from tests.faults.wire import LineError, Reply, exchange

NEVER = frozenset({400, 401, 403, 404, 413})
MOST = 200


@dataclass(frozen=True)
class Pace:
    """How quick everything goes, in seconds."""

    think: float = 2.0
    timeout: float = 4.0
    pause: float = 0.25
    longest_pause: float = 2.0
    idle: float = 10.0


@dataclass
class Event:
    seq: int
    slot: int
    response: list[Any]
    answered: int
    sent: bool = False


@dataclass
class Log:
    """What one window has answered, as it lies in the device's storage."""

    writer: str
    token: str
    epoch: str
    events: list[Event] = field(default_factory=list)

    @property
    def waiting(self) -> list[Event]:
        return [event for event in self.events if not event.sent]

    def take_epoch(self, epoch: str) -> None:
        if epoch and epoch != self.epoch:
            self.epoch = epoch
            for event in self.events:
                event.sent = False


@dataclass
class Device:
    """A browser: its cookies and its storage, which outlive its windows; ``wrong_ms`` is how far off its clock is."""

    cookies: dict[str, str]
    wrong_ms: int = 0
    logs: dict[str, Log] = field(default_factory=dict)


class Moved(Exception):
    """The sitting is open on another device."""


class HandedIn(Exception):
    """The sitting has been submitted."""


@dataclass
class Way:
    """How windows reach the server, and whom they tell of a number that was taken."""

    port: int
    pace: Pace
    chance: random.Random
    on_clash: Callable[[Window, Log, int], None]


class Window:
    """One load of the exam page on a device, until it is closed or crashes."""

    def __init__(self, person: Person, device: Device, way: Way, *, token: str, epoch: str = "") -> None:
        self.person, self.device, self._way = person, device, way
        self.lease = int(token.split(".")[1])
        self.epoch = epoch
        self.own = Log(secrets.token_urlsafe(12), token, epoch)
        self.logs = [*device.logs.values(), self.own]
        device.logs[self.own.writer] = self.own
        for log in self.logs:
            log.take_epoch(epoch)
        self.offline = self.moved = self.submitted = False
        self.submission: list[int] | None = None
        self.receipt = ""
        self.refused = self.trouble = ""
        self._seq = 0
        self._failures = 0
        self._asked = False
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._send_for_ever())

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.device.wrong_ms

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def back_by_one(self) -> None:
        """As on a phone that was set back to an older copy of itself: a number will be given twice."""
        self._seq -= 1

    def answer(self, slot: int, response: list[Any]) -> Event:
        event = Event(self.next_seq(), slot, response, self.now_ms())
        self.own.events.append(event)
        self._wake.set()
        return event

    def hand_in(self) -> None:
        self.submission = self.submission or [self.next_seq(), self.now_ms()]
        self._wake.set()

    def hurry(self) -> None:
        """The network is back, says the browser."""
        self._failures = 0
        self._wake.set()

    def ask(self) -> None:
        """How things stand, also where there is nothing to send."""
        self._asked = not self.submitted
        self._wake.set()

    @property
    def waits(self) -> bool:
        handing_in = self.submission is not None and not self.submitted
        return not self.refused and (handing_in or self._asked or any(log.waiting for log in self.logs))

    async def close(self) -> None:
        """Closed, crashed or without power: whatever was under way is forgotten, the device's storage is not."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _send_for_ever(self) -> None:
        while not self.refused:
            if self.offline or not self.waits:
                if not await self._woken(self._way.pace.idle):
                    self.ask()
                continue
            try:
                await self._send_next()
                self._failures = 0
            except LineError as error:
                self._failures += 1
                self.trouble = str(error)
                pace = self._way.pace
                pause = min(pace.longest_pause, pace.pause * 2 ** min(self._failures - 1, 5))
                self._wake.clear()
                await self._woken(pause * self._way.chance.uniform(0.75, 1.25))

    async def _woken(self, within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    async def _send_next(self) -> None:
        log = next((log for log in self.logs if log is not self.own and log.waiting), self.own)
        if log is self.own and self.submission is not None and not self.submitted and len(log.waiting) <= MOST:
            return await self._submit()
        events = log.waiting[-MOST:]
        message = {"writer": log.writer, "events": [_sent(event) for event in events], "epoch": self.epoch}
        reply = await self._post("/sittings/save", log.token, message)
        told = self._understood(reply)
        self._asked = False
        safe = {*told["ack"], *told.get("conflicts", ())}
        for event in events:
            event.sent = event.sent or event.seq in safe
        if told["epoch"] != self.epoch:
            self.epoch = told["epoch"]
            for other in self.logs:
                other.take_epoch(self.epoch)
        self.moved = self.moved or told["lease"] > self.lease
        for seq in told.get("conflicts", ()):
            self._way.on_clash(self, log, seq)
        return None

    async def _submit(self) -> None:
        assert self.submission is not None
        events = [_sent(event) for event in self.own.waiting]
        message = {"writer": self.own.writer, "events": events, "epoch": self.epoch, "submit": self.submission}
        reply = await self._post(f"/sittings/{self.person.ref}/submit", self.own.token, message)
        told = self._understood(reply, wanted="receipt")
        self.submitted, self.receipt, self._asked = True, told["receipt"], False
        for log in self.logs:
            for event in log.events:
                event.sent = True
        self.device.logs.clear()

    async def _post(self, path: str, token: str, message: dict[str, Any]) -> Reply:
        headers = {"Content-Type": "application/json", "X-Sitting-Token": token}
        body = compact(message).encode()
        return await exchange(self._way.port, "POST", path, headers, body, timeout_s=self._way.pace.timeout)

    def _understood(self, reply: Reply, wanted: str = "left_ms") -> dict[str, Any]:
        try:
            told = json.loads(reply.body)
        except ValueError:
            told = {}
        if reply.status in {200, 409} and wanted in told:
            return told  # type: ignore[no-any-return]
        if reply.status in NEVER and "error" in told:
            self.refused = f"{reply.status} {told['error']}"
        raise LineError(f"{reply.status}")


def _sent(event: Event) -> list[Any]:
    return [event.seq, event.slot, event.response, event.answered]
