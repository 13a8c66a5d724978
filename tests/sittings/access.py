"""What shuts people out of a page, in a real Chromium: axe's findings, small targets, width, Tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.browser.test_pages import overflow, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

FINGER = 44
"""The house wants this of every target; WCAG 2.2 AA asks for 24."""

_SHARED = r"""
const FOCUSABLE = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
const box = (e) => (e.type === 'radio' || e.type === 'checkbox') && e.closest('label') || e;
const text = (e) => (box(e).innerText || e.ariaLabel || e.name || '').trim().slice(0, 40);
const named = (e) => `${e.tagName.toLowerCase()}${e.id && '#' + e.id} “${text(e)}”`;
const name = (e) => (e.type === 'radio' ? `radio ${e.name}` : named(e));
const shown = (e) => {
  const at = box(e).getBoundingClientRect();
  const seen = box(e).checkVisibility({visibilityProperty: true});
  return seen && at.width > 1 && at.height > 1 && !e.matches('.skip-link');
};
const targets = () => Array.from(document.querySelectorAll(FOCUSABLE)).filter(shown);
"""

_SMALL = r"""(least) => {
  const inText = (e) => e.matches('a') && getComputedStyle(e).display === 'inline'
    && e.parentElement.innerText.trim().length > e.innerText.trim().length + 3;
  return targets().filter((e) => !inText(e) && !e.matches('[tabindex]'))
    .map((e) => [name(e), box(e).getBoundingClientRect()])
    .filter(([_name, at]) => at.height < least - .5 || at.width < least - .5)
    .map(([name, at]) => `${name} ${Math.round(at.width)} × ${Math.round(at.height)}`);
}"""

_STOPS = r"""() => {
  const open = targets().filter((e) => !e.disabled && !e.closest('fieldset:disabled'));
  return open.map(name).filter((one, at, all) => !one.startsWith('radio') || all.indexOf(one) === at);
}"""

# Looked at when the key comes up: by then the page has scrolled to what has the focus.
_WATCH = r"""() => {
  const ringed = (style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const stops = [];
  const look = (event) => {
    const e = document.activeElement;
    if (event.key !== 'Tab') return;
    if (e === document.body || e.matches('.skip-link')) return stops.push(null);
    const beside = e.nextElementSibling;
    const ring = ringed(getComputedStyle(e)) || Boolean(beside && ringed(getComputedStyle(beside, '::after')));
    const at = box(e).getBoundingClientRect();
    const y = Math.max(at.top + 2, Math.min(at.top + at.height / 2, innerHeight / 2));
    const over = document.elementFromPoint(at.left + at.width / 2, y);
    const fixed = over && /fixed|sticky/.test(getComputedStyle(over).position);
    const clear = Boolean(over && (box(e).contains(over) || (over.contains(box(e)) && !fixed)));
    stops.push({name: name(e), ring, clear, over: over ? name(over) : 'the edge of the screen'});
  };
  document.querySelector('.skip-link').focus();
  document.addEventListener('keyup', look);
  window.walked = () => {
    document.removeEventListener('keyup', look);
    return stops;
  };
}"""


def _script(code: str) -> str:
    head, body = code.split("{", 1)
    return f"{head}{{{_SHARED}{body}"


def small_targets(page: Page, least: int = FINGER) -> list[str]:
    """Whatever can be pressed and is smaller than a finger; links in the middle of a sentence apart."""
    found: list[str] = page.evaluate(_script(_SMALL), least)
    return found


def walk(page: Page, presses: int) -> list[dict[str, Any] | None]:
    """Where the Tab key leads from the top of the page; None where it is past the last of the page."""
    page.evaluate(_script(_WATCH))
    for _press in range(presses):
        page.keyboard.press("Tab")
    stops: list[dict[str, Any] | None] = page.evaluate("walked()")
    return stops


def keyboard_problems(page: Page) -> list[str]:
    """Every control once, in the order of the page, with a ring around it and nothing over it."""
    expected = page.evaluate(_script(_STOPS))
    stops = [stop for stop in walk(page, len(expected) + 1) if stop]
    problems = [f"no ring: {stop['name']}" for stop in stops if not stop["ring"]]
    problems += [f"covered by {stop['over']}: {stop['name']}" for stop in stops if not stop["clear"]]
    reached = [stop["name"] for stop in stops]
    if reached != expected:
        problems.append(f"Tab goes {reached} instead of {expected}")
    return problems


def width_problems(page: Page) -> list[str]:
    """Nothing to scroll sideways on the smallest phone with large text."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 320, "height": size["height"]})
    was = page.evaluate("document.documentElement.className")
    page.evaluate("document.documentElement.classList.add('text-large')")
    found = overflow(page)
    page.evaluate("(was) => { document.documentElement.className = was; }", was)
    page.set_viewport_size(size)
    return [found] if found else []


class Looks:
    """Collects what is wrong, by the state in which it was found."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.states: list[str] = []

    def at(self, page: Page, state: str, *, least: int = FINGER, keyboard: bool = True, desk: bool = False) -> None:
        """From the top of the page, where what stays there lies over nothing; on a desk's screen as well."""
        page.evaluate("scrollTo(0, 0)")
        found = list(violations(page)) + small_targets(page, least) + width_problems(page)
        if keyboard:
            found += keyboard_problems(page)
        if desk and (size := page.viewport_size):
            page.set_viewport_size({"width": 1280, "height": 900})
            found += [f"at 1280: {one}" for one in violations(page)]
            page.set_viewport_size(size)
        self.states.append(state)
        self.problems += [f"{state}: {one}" for one in found]
