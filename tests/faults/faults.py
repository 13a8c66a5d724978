"""What goes wrong: each fault, what people do meanwhile, and how long it lasts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from tests.bench.figures import DATABASES
from tests.faults.cluster import Cluster, Disk
from tests.faults.fleet import ANSWERING, Fleet, Habits
from tests.faults.proxy import FAIR, Proxy, Weather
from tests.faults.stage import Server, Stage, set_back, shorten_log


@dataclass
class Ground:
    """Everything that can be made to fail."""

    stage: Stage
    server: Server
    proxy: Proxy
    fleet: Fleet
    disk: Disk
    cluster: Cluster | None = None


Act = Callable[[Ground, float], Awaitable[int]]
"""Does it for so many seconds; how many times it was done."""


@dataclass(frozen=True)
class Fault:
    key: str
    name: str
    act: Act
    seconds: float
    """In the slice."""
    longer: float
    """In the whole suite."""
    habits: Habits = ANSWERING
    needs: str = ""
    """``postgresql``, or ``disk``: a disk of our own."""
    bites: str = ""
    """What must have happened for the fault to have been one: a status the server gave, or ``failed`` requests."""
    slice: tuple[str, ...] = DATABASES
    """On which databases it is in the slice."""


def _weather(weather: Weather) -> Act:
    """Bad weather all the time."""

    async def act(ground: Ground, seconds: float) -> int:
        before = ground.proxy.injected.total()
        ground.proxy.weather = weather
        await asyncio.sleep(seconds)
        ground.proxy.weather = FAIR
        return ground.proxy.injected.total() - before

    return act


async def _wait(_ground: Ground, seconds: float) -> int:
    await asyncio.sleep(seconds)
    return 0


async def _cut(ground: Ground, seconds: float) -> int:
    """Twice: at first nobody answers, then nothing is there at all."""
    for way in ("silent", "refused"):
        ground.proxy.weather = replace(FAIR, cut=way)
        await asyncio.sleep(seconds / 2)
    ground.proxy.weather = FAIR
    return 2


MOST_S = 40.0
"""So long it goes on when nothing was hit."""


async def _kill_workers(ground: Ground, seconds: float) -> int:
    """Again and again, and in the end in the middle of something: a quick server is idle most of the time."""
    ledger = ground.proxy.ledger
    killed, began, failed = 0, time.monotonic(), ledger.failed
    while (spent := time.monotonic() - began) < seconds or (ledger.failed == failed and spent < MOST_S):
        await asyncio.sleep(0.4)
        while not ground.proxy.at_server and time.monotonic() - began < MOST_S:
            await asyncio.sleep(0.001)
        killed += await asyncio.to_thread(ground.server.kill_workers)
    return killed


async def _cut_power(ground: Ground, seconds: float) -> int:
    await asyncio.sleep(seconds / 2)
    await asyncio.to_thread(ground.server.cut_power)
    await asyncio.to_thread(ground.server.start)
    await asyncio.sleep(seconds / 2)
    return 1


async def _update(ground: Ground, seconds: float) -> int:
    await asyncio.sleep(seconds / 2)
    await asyncio.to_thread(ground.server.stop)
    await asyncio.to_thread(ground.server.start)
    await asyncio.sleep(seconds / 2)
    return 1


async def _kill_database(ground: Ground, seconds: float) -> int:
    assert ground.cluster is not None
    for end in (ground.cluster.kill, ground.cluster.stop_immediately):
        await asyncio.sleep(seconds / 3)
        await asyncio.to_thread(end)
        await asyncio.sleep(seconds / 6)
        await asyncio.to_thread(ground.cluster.start)
    return 2


async def _fill_disk(ground: Ground, seconds: float) -> int:
    """Full, then space again; a database that has given up meanwhile is started again, as its keeper would do."""
    await asyncio.to_thread(shorten_log, ground.stage)
    await asyncio.to_thread(ground.disk.fill)
    for _ in range(4):  # what the database gives back meanwhile is taken too
        await asyncio.sleep(seconds / 4)
        await asyncio.to_thread(ground.disk.fill)
    await asyncio.to_thread(ground.disk.free)
    if ground.cluster is not None:
        await asyncio.to_thread(ground.cluster.start)
    return 1


async def _restore(ground: Ground, seconds: float) -> int:
    """Back to a copy of some seconds ago; the server is down meanwhile."""
    await asyncio.sleep(seconds / 3)
    copy_ms = int(time.time() * 1000)
    await asyncio.sleep(seconds / 3)
    await asyncio.to_thread(ground.server.stop)
    gone = await asyncio.to_thread(set_back, ground.stage, copy_ms)
    await asyncio.to_thread(ground.server.start)
    await asyncio.sleep(seconds / 3)
    return 1 if gone else 0


async def _storm(ground: Ground, seconds: float) -> int:
    """The whole weather at once, while workers are killed."""
    ground.proxy.weather = STORM
    before = ground.proxy.injected.total()
    killed = await _kill_workers(ground, seconds)
    ground.proxy.weather = FAIR
    return killed + ground.proxy.injected.total() - before


STORM = Weather(
    lose_request=0.1, lose_reply=0.1, half=0.05, foreign=0.05, slow=0.3, slow_s=2, twice=0.2, hold=0.05, hold_s=6
)
RESTLESS = Habits(reload=0.1, second_window=0.08, clash=0.04)
MOVING = Habits(move=0.25, reload=0.03)
HANDING_IN = Habits(submit=0.3, reload=0.05)

FAULTS = (
    Fault("calm", "không có sự cố", _wait, 2, 6),
    Fault("lose_request", "mất gói tin đi", _weather(Weather(lose_request=0.4)), 1, 6, bites="failed"),
    Fault("lose_reply", "mất lời đáp", _weather(Weather(lose_reply=0.4)), 1, 6, bites="failed"),
    Fault("half", "đứt giữa chừng", _weather(Weather(half=0.4)), 1, 6, bites="failed"),
    Fault("foreign", "máy khác trả lời thay", _weather(Weather(foreign=0.4)), 1, 6),
    Fault(
        "order",
        "chậm, lặp, đảo thứ tự",
        _weather(Weather(slow=0.3, slow_s=3, twice=0.5, hold=0.15, hold_s=6)),
        3,
        12,
    ),
    Fault("cut", "mất mạng", _cut, 6, 60, bites="failed"),
    Fault("workers", "SIGKILL tiến trình web", _kill_workers, 3, 10, bites="failed"),
    Fault("power", "máy chủ mất điện", _cut_power, 2, 6, slice=("sqlite",), bites="failed"),
    Fault("update", "khởi động lại máy chủ", _update, 2, 6, slice=(), bites="failed"),
    Fault("database", "SIGKILL cơ sở dữ liệu", _kill_database, 3, 10, needs="postgresql", bites="503"),
    Fault("disk", "đầy đĩa", _fill_disk, 4, 8, needs="disk", bites="503"),
    Fault("restore", "phục hồi từ bản sao", _restore, 3, 9, slice=("postgresql",)),
    Fault("windows", "tải lại, sập trang, hai cửa sổ", _wait, 4, 10, habits=RESTLESS),
    Fault(
        "devices",
        "chuyển máy khi mạng xấu",
        _weather(Weather(lose_request=0.1, lose_reply=0.1, slow=0.2, slow_s=1)),
        4,
        10,
        habits=MOVING,
    ),
    Fault("storm", "mọi thứ cùng lúc", _storm, 4, 15, habits=replace(RESTLESS, clash=0), bites="failed"),
    Fault("submit", "nộp bài khi mạng xấu", _storm, 4, 10, habits=HANDING_IN, bites="failed"),
)
"""In this order; what comes later finds what came before."""
