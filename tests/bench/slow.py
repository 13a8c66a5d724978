"""The exam page over a poor line: Chromium slowed down to 50 kbit/s with 600 ms on the way, nothing kept before."""

from __future__ import annotations

import shutil

from tests.bench.browser import Browser
from tests.bench.figures import Figure
from tests.bench.sitting import QUESTIONS, examinees, sign_in_and_start
from tests.bench.stage import CannotMeasureError, Instance, serving
from tests.chromium import ARGUMENTS

BITS_PER_S = 50_000
DELAY_MS = 600
RUNS = 3
USABLE = "body.live .q:not([hidden]) input:enabled"


def measure_slow_page(instance: Instance) -> list[Figure]:
    """Seconds from the request of the exam page until the first question can be answered; the slowest of some runs."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise CannotMeasureError("không có Chromium (apt install chromium)")
    from playwright.sync_api import sync_playwright

    person = examinees(instance.app(), 1)[0]
    with serving(instance) as server, sync_playwright() as playwright:
        signed_in = Browser(server.port)
        address = f"http://127.0.0.1:{server.port}{sign_in_and_start(signed_in, person).url}"
        chromium = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        seconds = []
        for _ in range(RUNS):
            context = chromium.new_context(viewport={"width": 360, "height": 740})
            context.add_cookies(
                [{"name": name, "value": value, "url": address} for name, value in signed_in.cookies.items()]
            )
            page = context.new_page()
            line = context.new_cdp_session(page)
            line.send("Network.enable")
            speed = BITS_PER_S / 8
            line.send(
                "Network.emulateNetworkConditions",
                {"offline": False, "latency": DELAY_MS, "downloadThroughput": speed, "uploadThroughput": speed},
            )
            page.goto(address, wait_until="commit", timeout=60_000)
            page.wait_for_selector(USABLE, timeout=60_000)
            seconds.append(page.evaluate("performance.now()") / 1000)
            context.close()
        chromium.close()
    conditions = (
        f"Chromium at 50 kbit/s and {DELAY_MS} ms, empty cache, {QUESTIONS} questions, from the request until the "
        f"first question can be answered, slowest of {RUNS}"
    )
    return [Figure("page.exam.slow_s", max(seconds), "s", conditions)]
