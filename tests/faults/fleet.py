"""Candidates on the wire: what two hundred people do at their devices at the same time."""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.faults.account import Acts, Key, compact
from tests.faults.stage import QUESTIONS, Person
from tests.faults.window import Device, HandedIn, Log, Pace, Way, Window
from tests.faults.wire import LineError, Reply, exchange

TOKEN = re.compile(r"\d{1,15}\.\d{1,5}\.\d{1,12}\.[0-9a-z]{26}\.[\w-]{43}")
EPOCH = re.compile(r'"epoch":\s*"([0-9a-z]*)"')
CSRF = re.compile(r'name="csrf_token"[^>]*\bvalue="([^"]+)"')
LEASE = re.compile(r'name="lease" value="(\d+)"')
OPTIONS = 4
YEAR_MS = 365 * 86_400_000


@dataclass(frozen=True)
class Habits:
    """What people do besides answering: how likely an act is that instead."""

    reload: float = 0
    second_window: float = 0
    move: float = 0
    clash: float = 0
    submit: float = 0


ANSWERING = Habits()


@dataclass
class Candidate:
    """A person of the fleet: devices, open windows, and the account of what was done."""

    person: Person
    acts: Acts
    devices: list[Device]
    windows: list[Window] = field(default_factory=list)
    wrong_clock: bool = False
    never_submits: bool = False
    has_moved: bool = False
    """In the present phase."""
    acting: str = ""
    """What is being done right now."""
    trouble: str = ""

    @property
    def window(self) -> Window:
        return self.windows[-1]


class Fleet:
    """All of them, living their lives at the same time."""

    def __init__(self, people: Iterable[Person], port: int, pace: Pace, chance: random.Random) -> None:
        self.port, self.pace, self.chance = port, pace, chance
        self._way = Way(port, pace, chance, self._answer_again)
        self.habits = ANSWERING
        self.habitual = 0
        """How often somebody did something else than to answer."""
        self.going = asyncio.Event()
        self.candidates = [self._candidate(i, person) for i, person in enumerate(people)]
        self._by_sitting = {one.person.sitting_id: one for one in self.candidates}
        self._lives: list[asyncio.Task[None]] = []

    def _candidate(self, i: int, person: Person) -> Candidate:
        wrong = i % 10 == 3
        off = self.chance.choice((-1, 1)) * self.chance.randrange(1, 30) * YEAR_MS if wrong else 0
        device = Device({"thuocdo": person.session, "sitting_device": person.device}, off)
        one = Candidate(person, Acts(person.sitting_id), [device], wrong_clock=wrong, never_submits=i % 5 == 0)
        one.windows.append(Window(person, device, self._way, token=person.token))
        return one

    def begin(self) -> None:
        self._lives = [asyncio.create_task(self._live(one)) for one in self.candidates]

    async def end(self) -> None:
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)
        for one in self.candidates:
            for window in one.windows:
                await window.close()

    async def _live(self, one: Candidate) -> None:
        while not one.acts.submitted:
            await self.going.wait()
            await asyncio.sleep(self.chance.expovariate(1 / self.pace.think))
            if self.going.is_set():
                await self._act(one)
                one.acting = ""

    async def _act(self, one: Candidate) -> None:
        """One act: usually an answer."""
        habits, drawn = self.habits, self.chance.random()
        for name in ("reload", "second_window", "move", "clash", "submit"):
            likely = getattr(habits, name)
            if drawn < likely:
                one.acting = name
                self.habitual += 1
                return await getattr(self, f"_{name}")(one)
            drawn -= likely
        return self._answer(one)

    def _answer(self, one: Candidate) -> None:
        """Two windows at the same time never answer the same question: which came first nobody could tell."""
        index = self.chance.randrange(len(one.windows))
        window = one.windows[index]
        if window.moved or window.submission:
            return
        slots = [slot for slot in range(1, QUESTIONS + 1) if len(one.windows) == 1 or slot % 2 == index]
        self._write(one, window, self.chance.choice(slots), self.chance.randrange(OPTIONS + 1))

    def _write(self, one: Candidate, window: Window, slot: int, option: int) -> None:
        event = window.answer(slot, [option] if option else [])
        one.acts.answer(window.lease, slot, option)
        one.acts.keys[self._key(one, window.own.writer, event.seq)] = (slot, compact(event.response), event.answered)

    def _key(self, one: Candidate, writer: str, seq: int) -> Key:
        return one.person.sitting_id, writer, seq

    async def _reload(self, one: Candidate) -> None:
        """A crash as well: nothing in memory is left, and all windows go at once. Without a right clock whose claims
        can be compared, nobody could say which of two loads answered first, so such devices are not reloaded."""
        if one.wrong_clock or one.window.submission:
            return
        device = one.window.device
        for window in one.windows:
            await window.close()
        one.windows = [await self._load(one, device)]

    async def _second_window(self, one: Candidate) -> None:
        if one.wrong_clock or one.window.submission:
            return
        if len(one.windows) == 2:
            await self._reload(one)
        else:
            one.windows.append(await self._load(one, one.window.device))

    async def _move(self, one: Candidate) -> None:
        """The device dies with answers on it, another takes over, and later the first one comes back."""
        if one.has_moved or one.window.submission or len(one.windows) > 1:
            return
        one.has_moved = True
        before = one.window
        before.offline = True
        for _ in range(self.chance.randrange(3)):
            self._answer(one)
        session = before.device.cookies["thuocdo"]
        device = Device({"thuocdo": session}, before.device.wrong_ms)
        one.devices.append(device)
        one.acts.devices += 1
        one.windows = [await self._load(one, device)]
        for _ in range(self.chance.randrange(3)):
            self._answer(one)
        before.offline = False
        before.hurry()
        while before.waits and not before.refused:  # nobody hands in meanwhile: this act is not over
            await asyncio.sleep(0.2)
        await before.close()

    async def _clash(self, one: Candidate) -> None:
        """A number is used a second time for another answer; the page then answers again under a new one."""
        window = one.window
        if len(one.windows) > 1 or window.submission or not window.own.events or window.own.waiting:
            return
        last = window.own.events[-1]
        option = self.chance.choice([n for n in range(1, OPTIONS + 1) if [n] != last.response])
        window.back_by_one()
        again = window.answer(last.slot, [option])
        if again.seq != last.seq:
            raise AssertionError("the number was to be the same")
        one.acts.clashes.add(self._key(one, window.own.writer, again.seq))
        one.acts.answer(window.lease, again.slot, option)
        while window.waits:
            await asyncio.sleep(0.2)

    def _answer_again(self, window: Window, log: Log, seq: int) -> None:
        """What the server kept apart, because its number was taken, goes under a new number: the newest of it."""
        one = self._by_sitting[window.person.sitting_id]
        refused = [event for event in log.events if event.seq == seq][-1]
        log.events.remove(refused)
        if log is not window.own:
            return
        event = window.answer(refused.slot, refused.response)
        key = self._key(one, window.own.writer, event.seq)
        one.acts.keys[key] = (event.slot, compact(event.response), event.answered)

    async def _submit(self, one: Candidate) -> None:
        if one.never_submits or one.window.moved:
            return
        if len(one.windows) > 1:
            await self._reload(one)
        window = one.window
        window.hand_in()
        one.acts.submitted = True
        crashes = self.chance.random() < 0.3 and not one.wrong_clock
        if crashes:  # the page goes while it hands in, and whoever opens it again sees what became of it
            await asyncio.sleep(self.chance.uniform(0, 1))
            await window.close()
            try:
                window = await self._load(one, window.device)
                one.windows = [window]
                window.hand_in()
            except HandedIn:
                one.windows = []
                return
        while not window.submitted and not window.refused:
            await asyncio.sleep(0.2)
        one.acts.receipt = window.receipt

    async def _load(self, one: Candidate, device: Device) -> Window:
        """Open the exam page, take the sitting over where that is asked, as often as it takes."""
        while True:
            try:
                return await self._try_to_load(one, device)
            except LineError as error:
                one.trouble = str(error)
                await asyncio.sleep(self.pace.pause * self.chance.uniform(1, 3))

    async def _try_to_load(self, one: Candidate, device: Device) -> Window:
        address = f"/sittings/{one.person.ref}"
        page = await self._request(device, "GET", address)
        if page.status == 303 and page.header("location").endswith("/receipt"):
            raise HandedIn
        text = html.unescape(page.body.decode(errors="replace"))
        if page.status == 200 and f"{address}/take-over" in text:
            csrf, lease = CSRF.search(text), LEASE.search(text)
            if csrf is None or lease is None:
                raise LineError("half a page")
            form = urlencode({"csrf_token": csrf[1], "lease": lease[1]})
            taken = await self._request(device, "POST", f"{address}/take-over", form)
            raise LineError(f"taken over: {taken.status}")
        token, epoch = TOKEN.search(text), EPOCH.search(text)
        if page.status != 200 or token is None:
            raise LineError(f"{page.status}")
        return Window(one.person, device, self._way, token=token[0], epoch=epoch[1] if epoch else "")

    async def _request(self, device: Device, method: str, path: str, form: str = "") -> Reply:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in device.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Language": "vi",
        }
        reply = await exchange(self.port, method, path, headers, form.encode(), timeout_s=self.pace.timeout * 3)
        device.cookies |= reply.cookies()
        return reply

    async def drain(self, within_s: float) -> bool:
        """Everybody waits until all is sent; devices with something left that no window knows are opened again."""
        self.going.clear()
        until = time.monotonic() + within_s
        for window in self._windows():
            window.ask()
        while time.monotonic() < until:
            late = [window for window in self._windows() if window.waits]
            if not late and not any(one.acting for one in self.candidates) and not await self._open_forgotten():
                for one in self.candidates:
                    one.has_moved = False
                return True
            for window in late:
                window.hurry()
            await asyncio.sleep(0.25)
        return False

    def stuck(self) -> list[str]:
        """Who is not done, and with what."""
        found = []
        for one in self.candidates:
            waiting = [w for w in one.windows if w.waits]
            if one.acting or waiting:
                what = [(w.lease, w.trouble, sum(len(log.waiting) for log in w.logs)) for w in waiting]
                found.append(f"bài {one.person.sitting_id}: {one.acting or 'chờ'} {what} {one.trouble}")
        return found[:10]

    def _windows(self) -> list[Window]:
        return [window for one in self.candidates for window in one.windows]

    async def _open_forgotten(self) -> int:
        """Devices on which something lies that no open window has read, or that was sent to an earlier database."""
        opened = 0
        for one in self.candidates:
            if not one.windows or one.wrong_clock or one.window.submitted:
                continue
            known = {id(log) for window in one.windows for log in window.logs}
            others = [log for log in one.window.device.logs.values() if id(log) not in known]
            if any(log.waiting or log.epoch != one.window.epoch for log in others):
                await self._reload(one)
                opened += 1
        return opened
