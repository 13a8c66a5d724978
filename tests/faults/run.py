"""A run on one database: fault after fault, and the account after each."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.stage import Instance
from tests.faults.account import Acts, compare
from tests.faults.cluster import cluster, disk
from tests.faults.faults import FAULTS, Fault, Ground
from tests.faults.fleet import Fleet
from tests.faults.pages import PEOPLE, WALKERS, Browsing, browsing
from tests.faults.proxy import FAIR, Proxy
from tests.faults.stage import POINTS, Stage, answers_held, marks, prepare, serving, stored
from tests.faults.window import Pace
from tools.test import chromium, postgresql_programs

FLEET = 200
DRAIN_S = 60
SLICE = Pace(think=4)
WHOLE = Pace(think=2.5, timeout=4, pause=0.5, longest_pause=5)

Say = Callable[..., None]


@dataclass(frozen=True)
class Row:
    """What one fault came to."""

    name: str
    times: int
    done: int
    sent: int
    requests: int
    failed: int
    acknowledged: int
    lost: int
    doubled: int
    differing: int
    seconds: float

    def __str__(self) -> str:
        figures = (self.times, self.done, self.sent, self.requests, self.failed, self.acknowledged)
        verdicts = (self.lost, self.doubled, self.differing)
        return f"{self.name:<32}" + "".join(f"{n:>9}" for n in figures) + "".join(f"{n:>7}" for n in verdicts)


HEADINGS = f"{'sự cố':<32}" + "".join(
    f"{name:>{width}}"
    for name, width in (
        *((name, 9) for name in ("số lần", "đã làm", "đã gửi", "yêu cầu", "hỏng", "đã nhận")),
        *((name, 7) for name in ("mất", "trùng", "sai")),
    )
)


@dataclass
class Report:
    kind: str
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.problems

    @property
    def sent(self) -> int:
        return sum(row.sent for row in self.rows)

    @property
    def lost(self) -> int:
        return sum(row.lost for row in self.rows)

    @property
    def doubled(self) -> int:
        return sum(row.doubled for row in self.rows)

    @property
    def differing(self) -> int:
        return sum(row.differing for row in self.rows)


async def run(kind: str, *, chance: random.Random, short: bool, only: tuple[str, ...], say: Say) -> Report:
    """Everything of one database; nothing stays of it."""
    programs, browser = postgresql_programs(), chromium()
    report = Report(kind)
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(disk())
        profile = Path(stack.enter_context(TemporaryDirectory(prefix="thuocdo-profile-", ignore_cleanup_errors=True)))
        own = stack.enter_context(cluster(programs, place.folder / "pg")) if kind == "postgresql" and programs else None
        folder = place.folder / "instance"
        folder.mkdir()
        instance = Instance(folder, own.url if own else f"sqlite:///{folder / 'thuocdo.sqlite'}")
        stage = await asyncio.to_thread(prepare, instance, FLEET + PEOPLE, chance)
        server = stack.enter_context(serving(instance, _log(kind)))
        async with contextlib.AsyncExitStack() as open_things:
            proxy = await open_things.enter_async_context(Proxy(server.port, chance))
            fleet = Fleet(stage.people[:FLEET], proxy.port, SLICE if short else WHOLE, chance)
            open_things.push_async_callback(fleet.end)
            url, people = f"http://127.0.0.1:{proxy.port}", stage.people[FLEET:]
            pages = await open_things.enter_async_context(browsing(browser, url, people, chance)) if browser else None
            if pages:
                await pages.begin(WALKERS)
            fleet.begin()
            say(f"— {kind}: {FLEET} người trên dây, {PEOPLE if pages else 0} người trong Chromium", HEADINGS)
            one = Run(Ground(stage, server, proxy, fleet, place, own), pages, report, short, say, profile)
            for fault in FAULTS:
                if (not only or fault.key in only) and (kind in fault.slice or not short):
                    await one.pass_through(fault)
            if pages:
                await one.tell_stories(pages)
            await one.mark_everything()
    return report


def _log(kind: str) -> Path:
    from tests.bench.figures import ROOT

    folder = ROOT / "build" / "faults"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"server-{kind}.log"
    log.unlink(missing_ok=True)
    return log


@dataclass
class Run:
    ground: Ground
    pages: Browsing | None
    report: Report
    short: bool
    say: Say
    profile: Path

    @property
    def _acts(self) -> list[Acts]:
        fleet = [one.acts for one in self.ground.fleet.candidates]
        return fleet + [walker.acts for walker in (self.pages.walkers if self.pages else ())]

    @property
    def _stage(self) -> Stage:
        return self.ground.stage

    async def pass_through(self, fault: Fault) -> None:
        """While it lasts everybody goes on; then the line is good again and everybody waits until all is sent."""
        if (fault.needs == "postgresql" and self.ground.cluster is None) or (
            fault.needs == "disk" and not self.ground.disk.small
        ):
            if fault.needs == "disk":
                self.say(f"{fault.name:<32}  bỏ qua: ở đây không gắn được đĩa riêng (cần quyền root)")
            return
        ground = self.ground

        async def happen() -> int:
            ground.fleet.habits = fault.habits
            ground.fleet.going.set()
            async with contextlib.AsyncExitStack() as stack:
                if self.pages:
                    await stack.enter_async_context(self.pages.living(fault.habits))
                habitual = ground.fleet.habitual
                times = await fault.act(ground, fault.seconds if self.short else fault.longer)
                ground.fleet.going.clear()
            return times + ground.fleet.habitual - habitual

        before = ground.proxy.ledger.statuses.copy(), ground.proxy.ledger.failed
        await self._account(fault.name, happen)
        had = ground.proxy.ledger.statuses - before[0], ground.proxy.ledger.failed - before[1]
        if (fault.bites == "failed" and not had[1]) or (fault.bites.isdigit() and not had[0][int(fault.bites)]):
            self._complain(f"{fault.name}: sự cố không có tác dụng (chờ {fault.bites}, có {had})")

    async def tell_stories(self, pages: Browsing) -> None:
        """What needs a browser, and needs it undisturbed; at the end somebody hands in there."""

        async def happen() -> int:
            told = await pages.stories(None if self.short else self.profile)
            await self._all_arrived(DRAIN_S)
            await pages.standing[-1].hand_in()
            return told + 1

        await self._account("Chromium: mất mạng, hai người, đầy bộ nhớ", happen)

    async def _account(self, name: str, happen: Callable) -> None:  # type: ignore[type-arg]
        ledger, began = self.ground.proxy.ledger, time.monotonic()
        before = self._counts()
        times = await happen()
        self.ground.proxy.weather = FAIR
        drained = await self.ground.fleet.drain(DRAIN_S)
        await self.ground.proxy.settled()
        arrived = await self._all_arrived(DRAIN_S)
        held = await asyncio.to_thread(stored, self._stage)
        verdict = compare(self._acts, ledger, held)
        counts = [after - earlier for after, earlier in zip(self._counts(), before, strict=True)]
        judged = (len(verdict.lost), len(verdict.doubled), len(verdict.differing))
        row = Row(name[:31], times, *counts, *judged, time.monotonic() - began)
        self.report.rows.append(row)
        self.say(f"{row}  {row.seconds:>4.0f} s")
        self._complain(*verdict.lines())
        if not (drained and arrived):
            self._complain(f"{name}: sau {DRAIN_S} s vẫn còn câu trả lời trên máy người dự thi")
            self._complain(*self.ground.fleet.stuck())
        self._complain(*(f"bị từ chối hẳn: {text} × {n}" for text, n in ledger.refused.items()))
        if self.pages:
            self._complain(*self.pages.faults)
            self.pages.faults.clear()
        ledger.refused.clear()

    def _counts(self) -> tuple[int, int, int, int, int]:
        ledger = self.ground.proxy.ledger
        done = sum(len(acts.done) for acts in self._acts)
        return done, len(ledger.sent), ledger.requests, ledger.failed, len(ledger.acknowledged)

    async def _all_arrived(self, within_s: float) -> bool:
        """What was pressed in the browser; its page says so too, but here the database is asked."""
        until = time.monotonic() + within_s
        while self.pages and time.monotonic() < until:
            browsers = [walker.acts for walker in self.pages.walkers]
            rows = await asyncio.to_thread(answers_held, self._stage, [acts.sitting for acts in browsers])
            if all(rows[acts.sitting] >= len(acts.done) for acts in browsers):
                return True
            await asyncio.sleep(0.5)
        return not self.pages

    async def mark_everything(self) -> None:
        """Nobody sits any more: the round is closed and marked, and every mark is what the acts come to."""
        self.ground.fleet.going.clear()
        awarded, receipts = await asyncio.to_thread(marks, self._stage)
        right = {person.sitting_id: person.right for person in self._stage.people}
        people = {acts.sitting: acts for acts in self._acts}
        wrong = 0
        for sitting, keys in right.items():
            expected = people[sitting].mark(keys, POINTS) if sitting in people else 0
            if awarded.get(sitting) != expected:
                wrong += 1
                self._complain(f"điểm bài {sitting}: {awarded.get(sitting)}, đã làm được {expected}")
            told = people[sitting].receipt if sitting in people else ""
            if told and told != receipts[sitting]:
                wrong += 1
                self._complain(f"biên nhận bài {sitting}: {told}, máy chủ ghi {receipts[sitting]}")
        if wrong:
            self.report.rows.append(Row("chấm cả kỳ thi", 1, 0, 0, 0, 0, 0, 0, 0, wrong, 0))
        handed = sum(acts.submitted for acts in people.values())
        codes = sorted(self.ground.proxy.ledger.statuses.items())
        self.say(f"{'máy chủ đã trả lời':<32} " + ", ".join(f"{status}: {times}" for status, times in codes))
        self.say(f"{'chấm cả kỳ thi':<32} {len(awarded)} bài, {handed} đã nộp, sai điểm hoặc biên nhận: {wrong}")

    def _complain(self, *lines: str) -> None:
        for line in lines:
            self.report.problems.append(line)
            self.say(f"  ! {line}")
