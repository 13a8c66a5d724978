"""One served installation for each test process; every page of every test is watched for faults."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from examapp.demonstration.accounts import PASSWORD
from tests.browser.instance import Site, build, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

TIMEOUT = 30_000
HEIGHTS = {320: 640, 360: 740, 1280: 900}


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Site]:
    """Built by the first process that asks, copied and served by each."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    built = shared / "demonstration"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build(built)
    with serving(built, tmp_path_factory.mktemp("served") / "instance") as running:
        yield running


class Visitors:
    """Opens browsers for people: each a context of its own with its own cookies and storage."""

    def __init__(self, browser: Browser, site: Site, stack: ExitStack) -> None:
        self.browser, self.site, self._stack = browser, site, stack
        self.faults: list[str] = []

    def open(self, login: str = "", *, width: int = 1280, **options: Any) -> Page:
        """A page in a fresh browser, signed in as ``login`` through the form."""
        options.setdefault("locale", "vi-VN")
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            base_url=self.site.url,
            timezone_id="Asia/Ho_Chi_Minh",
            accept_downloads=True,
            **options,
        )
        self._stack.callback(context.close)
        context.set_default_timeout(TIMEOUT)
        page = self.tab(context)
        if login:
            sign_in(page, login)
        return page

    def tab(self, context: BrowserContext) -> Page:
        """One more tab of the same browser. What its console complains of is a fault, but for the cut network."""
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._hear(page, message.type, message.text))
        return page

    def _hear(self, page: Page, kind: str, text: str) -> None:
        if kind == "error" and "ERR_INTERNET_DISCONNECTED" not in text:
            self.faults.append(f"{page.url}: {text}")


def sign_in(page: Page, login: str) -> None:
    page.goto("/account/sign-in")
    page.get_by_label("Mã cán bộ hoặc số điện thoại").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("heading", name="Việc của tôi").wait_for()


@pytest.fixture
def visitors(browser: Browser, site: Site) -> Iterator[Visitors]:
    """Faults of any page's script, style or policy fail the test that opened it."""
    with ExitStack() as stack:
        opened = Visitors(browser, site, stack)
        yield opened
    assert not opened.faults, "\n".join(opened.faults)


@pytest.fixture
def pictures() -> Path | None:
    """Where the pictures of the documentation go, when they are to be made again (``PICTURES=1``)."""
    if not os.environ.get("PICTURES"):
        return None
    folder = Path(__file__).resolve().parents[2] / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
