"""Every main page of every role, at the widths of a small phone, a phone and a desk: fits, is quiet, is accessible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import HEIGHTS, Visitors
from tests.browser.instance import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FIRST = "td.lead-cell a"
"""The first row of a list."""
OPEN_ROUND = ("/rounds/?state=open", FIRST)
QUESTION = ("/bank/", FIRST)
PAGES: dict[str, list[str | tuple[str, ...]]] = {
    "": ["/account/sign-in", "/account/first", "/help", "/styleguide"],
    "cauhoi": [
        "/", "/account/", "/account/password", "/help", "/bank/", QUESTION, (*QUESTION, "a[href$='/edit']"),
        (*QUESTION, "a[href*='/versions/']"), "/bank/questions/new", "/bank/work", "/bank/import", "/bank/export",
        "/bank/law", ("/bank/law", FIRST), "/bank/matrices", ("/bank/matrices", FIRST),
    ],
    "thamdinh": [
        "/", "/bank/work", "/bank/review", ("/bank/review", FIRST), "/bank/", "/bank/sets", ("/bank/sets", FIRST),
        ("/bank/sets", FIRST, "main a.btn-primary"), ("/bank/sets", FIRST, "main a[href*='key=yes']"),
    ],
    "nganhang": [
        "/", "/bank/sets/new", ("/bank/sets", "tr:nth-child(2) td.lead-cell a"), "/bank/writing", "/bank/flagged",
        "/bank/matrices/MT-VAN-THU-DU-KIEN", "/bank/writing/new?matrix=MT-VAN-THU-DU-KIEN",
        "/bank/topics", ("/bank/topics", FIRST), "/bank/topics/new",
    ],
    "tochuc": [
        "/", "/practice/participation",
        "/bank/matrices", ("/bank/matrices", FIRST), "/bank/matrices/new", "/rounds/", "/rounds/new",
        OPEN_ROUND, (*OPEN_ROUND, "main a[href$='/matrices']"), (*OPEN_ROUND, "main a[href$='/shifts']"),
        (*OPEN_ROUND, "main a[href$='/candidates']"), (*OPEN_ROUND, "main a[href$='/candidates']", FIRST),
        (*OPEN_ROUND, "main .steps a[href$='/board']"), (*OPEN_ROUND, "a[href$='/close']"),
        (*OPEN_ROUND, "main a[href*='/invigilation/']"),
        (*OPEN_ROUND, "main a[href*='/invigilation/']", FIRST),
        (*OPEN_ROUND, "main a[href*='/invigilation/']", "main a[href*='/shift/']"),
        "/results/", ("/results/", FIRST), ("/results/", FIRST, FIRST), ("/results/", FIRST, "main a[href$='/units']"),
        ("/results/", FIRST, "main a[href$='/positions']"), ("/results/", FIRST, "a[href$='/topics']"),
        ("/results/", FIRST, "a[href$='/questions']"), "/organisation/units",
        ("/organisation/units", "main a[href*='/organisation/units/']"),
        "/organisation/officials", ("/organisation/officials", FIRST), "/organisation/positions",
    ],
    "giamthi": ["/", "/rounds/", OPEN_ROUND, (*OPEN_ROUND, "main a[href*='/invigilation/']")],
    "danhgia": [
        "/", "/evaluation/", "/evaluation/2025", ("/evaluation/2025", FIRST), "/evaluation/2025/exam-link",
        "/evaluation/schemes", "/results/", "/records", ("/records", FIRST),
    ],
    "lanhdao": ["/", "/overview", "/overview?year=2025", "/records", ("/records", FIRST), "/evaluation/2025"],
    "daumoi": ["/", "/account/slips", "/organisation/units", "/organisation/officials"],
    "quantri": [
        "/", "/account/all", ("/account/all", FIRST), "/account/all/missing", "/account/all/new", "/account/slips",
        "/organisation/units/new", "/organisation/officials/new", "/organisation/import", "/organisation/merge",
        "/bank/law/new", "/audit/",
    ],
    "thanhtra": ["/", "/audit/", "/rounds/", "/results/", "/overview"],
    "cb0039": [
        "/", "/practice/", "/practice/question", "/practice/mock", "/sittings/", ("/sittings/", "main .btn-primary"),
        "/record", ("/record", FIRST), "/account/",
    ],
}  # fmt: skip
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


Known = dict[tuple[str, ...], str]
"""Addresses already found by following links."""


def reach(page: Page, way: str | tuple[str, ...], known: Known) -> None:
    """Open the address, then follow the first link of each kind, as a reader would; what was found before is kept."""
    steps = (way,) if isinstance(way, str) else way
    begun = next((n for n in range(len(steps), 1, -1) if steps[:n] in known), 1)
    _open(page, known.get(steps[:begun], steps[0]))
    for number in range(begun, len(steps)):
        link = page.locator(steps[number]).first
        assert link.count(), f"{page.url} has no link {steps[number]}"
        _open(page, link.get_attribute("href") or "")
        known[steps[: number + 1]] = page.url


def _open(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, f"{address}: {answer.status}"


def overflow(page: Page) -> str:
    """What makes the page wider than the window, if anything does."""
    return page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return "";
            const over = [...document.querySelectorAll("main *, header *, footer *")]
                .filter((e) => e.getBoundingClientRect().right > wide + 1)
                .map((e) => `${e.tagName}.${e.className}`);
            return `${document.documentElement.scrollWidth} > ${wide}: ${over.slice(0, 6).join(", ")}`;
        }"""
    )


def violations(page: Page) -> Iterable[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    for one in found["violations"]:
        yield f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"


def check_widths(page: Page, way: object) -> list[str]:
    problems = []
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        if wide := overflow(page):
            problems.append(f"{way} at {width}: {wide}")
    return problems


def check_access(page: Page, way: object) -> list[str]:
    """In the two layouts; a phone's is the same at 320 and 360."""
    problems = []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        problems += [f"{way} at {width}: {one}" for one in violations(page)]
    return problems


@pytest.mark.parametrize("login", PAGES, ids=lambda login: login or "nobody")
def test_pages_fit_and_are_quiet(visitors: Visitors, login: str) -> None:
    page = visitors.open(login)
    problems: list[str] = []
    known: Known = {}
    for way in PAGES[login]:
        reach(page, way, known)
        problems += check_widths(page, way)
    assert not problems, "\n".join(problems)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core chưa được cài: make assets")
@pytest.mark.parametrize("login", PAGES, ids=lambda login: login or "nobody")
def test_pages_are_accessible(visitors: Visitors, login: str) -> None:
    page = visitors.open(login, bypass_csp=True)
    problems: list[str] = []
    known: Known = {}
    for way in PAGES[login]:
        reach(page, way, known)
        problems += check_access(page, way)
    assert not problems, "\n".join(problems)
