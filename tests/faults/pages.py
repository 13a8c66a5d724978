"""The same people in a real Chromium, at the real page: what is pressed there is what has to arrive."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chromium import ARGUMENTS
from tests.faults.account import Acts
from tests.faults.fleet import OPTIONS, YEAR_MS, Habits
from tests.faults.processes import command_of, descendants, kill
from tests.faults.stage import QUESTIONS, Person

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

TIMEOUT_MS = 30_000
ON_DISK_S = 15
PRESS = """([slot, option]) => {
    const input = document.querySelectorAll(`#q${slot} input`)[option - 1];
    if (!input || input.matches(":disabled")) return false;
    input.click();
    return input.checked;
}"""
READY = "[...document.querySelectorAll('.q')].filter((q) => q.getClientRects().length).length === 1"
"""The script shows one question at a time; without it the paper is one long form."""
WRONG_CLOCK = """{
    const real = Date, off = %d;
    Date = class extends real {
        constructor(...given) { super(...(given.length ? given : [real.now() + off])); }
        static now() { return real.now() + off; }
    };
}"""
FILL = """() => {
    for (let size = 1 << 20; size >= 1; size >>= 1) {
        try { for (let i = 0; i < 40; i += 1) localStorage.setItem(`full.${size}.${i}`, "x".repeat(size)); } catch { }
    }
    try { localStorage.setItem("probe", "x".repeat(64)); return false; } catch { return true; }
}"""


@dataclass
class Walker:
    """A person at a browser: presses options, and knows what was pressed."""

    person: Person
    context: BrowserContext
    url: str
    chance: random.Random
    faults: list[str]
    acts: Acts = field(init=False)
    pages: list[Page] = field(default_factory=list)
    chosen: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.acts = Acts(self.person.sitting_id, by_content=True)

    async def open(self) -> Page:
        """A window on the exam, tried as long as the network makes trouble."""
        page = await self.context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        await self._reach(page)
        self.pages.append(page)
        return page

    async def _reach(self, page: Page) -> None:
        from playwright.async_api import Error

        for _ in range(30):
            try:
                await page.goto(f"{self.url}/sittings/{self.person.ref}", wait_until="load", timeout=10_000)
                await page.wait_for_function(READY, timeout=5_000)
            except Error:
                await asyncio.sleep(0.5)
            else:
                return
        raise RuntimeError(f"trang bài thi không mở được: {page.url}")

    async def press(self, slot: int = 0, option: int = 0, window: int = 0) -> None:
        """Another option than the one chosen; two windows never touch the same question."""
        slots = [n for n in range(1, QUESTIONS + 1) if len(self.pages) == 1 or n % 2 == window]
        slot = slot or self.chance.choice(slots)
        option = option or self.chance.choice([n for n in range(1, OPTIONS + 1) if n != self.chosen.get(slot)])
        if await self.pages[window].evaluate(PRESS, [slot, option]):
            self.chosen[slot] = option
            self.acts.answer(1, slot, option)
        else:
            self.faults.append(f"câu {slot} không chọn được ở bài {self.person.sitting_id}")

    async def reload(self) -> None:
        await self._reach(self.pages[-1])

    async def crash(self) -> None:
        """The page's process dies; what it had put down is the browser's."""
        from playwright.async_api import Error

        page = self.pages.pop()
        await asyncio.sleep(0.2)
        session = await self.context.new_cdp_session(page)
        with contextlib.suppress(Error, TimeoutError):
            await asyncio.wait_for(session.send("Page.crash"), 5)
        with contextlib.suppress(Error, TimeoutError):
            await asyncio.wait_for(page.close(), 5)
        await self.open()

    async def hand_in(self) -> None:
        """Over the list of questions, as a person does."""
        page = self.pages[-1]
        await page.get_by_role("button", name="Danh sách câu").click()
        await page.get_by_role("button", name="Xem lại và nộp bài").click()
        self.acts.submitted = True
        await page.locator("#confirm").click()
        await page.get_by_role("heading", name="Đã nộp bài").wait_for()


class Browsing:
    """All people in Chromium: some answer through every fault, some have a story of their own."""

    def __init__(self, browser: Browser, path: str, url: str, people: list[Person], chance: random.Random) -> None:
        self._browser, self._path, self._url, self._people, self._chance = browser, path, url, people, chance
        self.faults: list[str] = []
        self.walkers: list[Walker] = []
        self.standing: list[Walker] = []

    async def walker(self, context: BrowserContext | None = None, script: str = "") -> Walker:
        person = self._people.pop()
        context = context or await self._browser.new_context(
            viewport={"width": 360, "height": 740}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
        )
        if script:
            await context.add_init_script(script)
        walker = Walker(person, context, self._url, self._chance, self.faults)
        await self.sign_in(walker)
        self.walkers.append(walker)
        return walker

    async def sign_in(self, walker: Walker) -> None:
        """In place of whoever was signed in there; the browser is the one on which the exam was begun."""
        await walker.context.clear_cookies()
        await walker.context.add_cookies(
            [
                {"name": "thuocdo", "value": walker.person.session, "url": self._url},
                {"name": "sitting_device", "value": walker.person.device, "url": f"{self._url}/sittings"},
            ]
        )

    async def begin(self, number: int) -> None:
        """Those who answer all the time; the clock of the first is wrong by years."""
        off = self._chance.choice((-1, 1)) * self._chance.randrange(2, 20) * YEAR_MS
        for i in range(number):
            walker = await self.walker(script=WRONG_CLOCK % off if i == 0 else "")
            await walker.open()
            self.standing.append(walker)

    async def live(self, habits: Habits) -> None:
        """Until it is cancelled between two acts; see :meth:`living`."""
        while True:
            walker = self._chance.choice(self.standing)
            drawn = self._chance.random()
            if drawn < habits.reload:
                await walker.reload()
            elif drawn < habits.reload * 2:
                await walker.crash()
            else:
                await walker.press()
            await asyncio.sleep(self._chance.uniform(0.1, 0.6))
            if self._stop.is_set():
                return

    @contextlib.asynccontextmanager
    async def living(self, habits: Habits) -> AsyncIterator[None]:
        self._stop = asyncio.Event()
        task = asyncio.create_task(self.live(habits)) if self.standing else None
        try:
            yield
        finally:
            self._stop.set()
            if task:
                await task

    async def offline(self) -> int:
        """The browser itself knows that there is no network; the page crashes meanwhile."""
        walker = await self.walker()
        await walker.open()
        await walker.context.set_offline(True)
        for slot in (1, 2, 3, 2):
            await walker.press(slot)
        await asyncio.sleep(1)
        await walker.context.set_offline(False)
        await walker.press(4)
        await walker.context.route("**/sittings/save", lambda route: route.abort())
        for slot in (5, 1):
            await walker.press(slot)
        await walker.context.unroute("**/sittings/save")
        await walker.crash()
        return 1

    async def two_windows(self) -> int:
        """Of one browser at the same time, one of them without network; it closes before it could send."""
        walker = await self.walker()
        await walker.open()
        second = await walker.open()
        await second.route("**/sittings/save", lambda route: route.abort())
        for window in (0, 1, 0, 1, 1):
            await walker.press(window=window)
        await asyncio.sleep(0.2)
        await second.close()
        walker.pages.pop()
        await walker.reload()
        return 1

    async def two_people(self) -> int:
        """One after the other at one computer; what the first could not send goes while the second is there."""
        first = await self.walker()
        page = await first.open()
        await page.route("**/sittings/save", lambda route: route.abort())
        for slot in (1, 2, 3):
            await first.press(slot)
        await asyncio.sleep(0.2)
        second = await self.walker(first.context)
        await page.close()
        page = await first.context.new_page()
        await page.goto(f"{self._url}/sittings/")
        await second.open()
        for slot in (1, 2):
            await second.press(slot)
        return 1

    async def full_storage(self) -> int:
        """Nothing can be kept on the device: answers go from memory."""
        walker = await self.walker()
        page = await walker.open()
        await walker.press(1)
        if not await page.evaluate(FILL):
            self.faults.append("bộ nhớ của trình duyệt không đầy được")
        await page.context.set_offline(True)
        for slot in (1, 2, 3):
            await walker.press(slot)
        await page.context.set_offline(False)
        await walker.press(4)
        return 1

    async def power_cut(self, profile: Path) -> int:
        """The whole browser is killed with answers on it that never left, as when the power goes; then it is back.

        A browser writes its storage to the disk some seconds after the page has put something there.
        """
        launch = self._browser.browser_type.launch_persistent_context
        options = {"executable_path": self._path, "args": list(ARGUMENTS), "viewport": {"width": 360, "height": 740}}
        context = await launch(profile, **options)
        walker = await self.walker(context)
        page = await walker.open()
        await page.route("**/sittings/save", lambda route: route.abort())
        for slot in (1, 2, 3):
            await walker.press(slot)
        await asyncio.sleep(ON_DISK_S)
        kill(pid for pid in descendants(os.getpid()) if str(profile) in command_of(pid))
        with contextlib.suppress(Exception):  # whatever the driver says of a browser that is gone
            await asyncio.wait_for(context.close(), 10)
        walker.context = await launch(profile, **options)
        walker.pages.clear()
        await self.sign_in(walker)
        await walker.open()
        return 1

    async def stories(self, profile: Path | None) -> int:
        """Each beside the others; ``profile`` is where a browser that is killed keeps what it has."""
        told = [self.offline(), self.two_windows(), self.two_people(), self.full_storage()]
        if profile:
            told.append(self.power_cut(profile))
        return sum(await asyncio.gather(*told))


@contextlib.asynccontextmanager
async def browsing(path: str, url: str, people: list[Person], chance: random.Random) -> AsyncIterator[Browsing]:
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield Browsing(browser, path, url, people, chance)
        finally:
            await browser.close()


WALKERS = 3
PEOPLE = WALKERS + 6
