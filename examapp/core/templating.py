"""What every template may use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_login import current_user
from jinja2 import StrictUndefined

from examapp.core import clock, text, words
from examapp.core.assets import asset
from examapp.core.paging import filters_here
from examapp.core.spoken import SpokenEnvironment


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    url: str
    current: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    items: list[Item]


GROUPS = (
    words.N_("Bài thi của tôi"),
    words.N_("Ngân hàng câu hỏi"),
    words.N_("Tổ chức thi"),
    words.N_("Đánh giá"),
    words.N_("Tổng hợp"),
    words.N_("Quản trị"),
)
"""The groups of the navigation, in the order of the road."""


def init_templating(app: Flask) -> None:
    env = app.jinja_env
    assert isinstance(env, SpokenEnvironment)
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(words.gettext, words.ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.globals["_"] = words.gettext  # the extension's own makes a new context for every text
    env.filters.update(
        date=text.format_date,
        moment=text.format_moment,
        clock=text.format_time,
        span=_span,
        number=text.format_number,
        points=text.format_points,
        in_language=words.in_language,
    )
    env.globals.update(
        asset=asset,
        filters_here=filters_here,
        percent=text.format_percent,
        macros_of=lambda name: env.get_template(name).module,
    )
    env.speak()
    app.context_processor(_context)


def _span(start: datetime, end: datetime) -> str:
    """From when to when, the day once where it is the same."""
    same_day = clock.local(start).date() == clock.local(end).date()
    return f"{text.format_moment(start)} – {text.format_time(end) if same_day else text.format_moment(end)}"


def _context() -> dict[str, Any]:
    return {
        "settings": current_app.config["SETTINGS"],
        "locale": words.locale(),
        "navigation": Navigation(),
    }


class Navigation:
    """The groups of :func:`navigation`, worked out when a page asks for them: the candidate's pages show none."""

    @cached_property
    def groups(self) -> list[Group]:
        return navigation() if request else []

    def __iter__(self) -> Iterator[Group]:
        return iter(self.groups)

    def __bool__(self) -> bool:
        return bool(self.groups)


def navigation() -> list[Group]:
    """The entries this person may open, grouped, in the order of the road."""
    person = getattr(current_user, "_get_current_object", lambda: current_user)()
    if not person.is_authenticated:
        return []
    may = cache(person.may)
    links = [
        (link, url_for(link.endpoint))
        for room in current_app.extensions["rooms"]
        for link in room.navigation
        if any(map(may, link.permissions))
    ]
    here = _nearest([url for link, url in links if link.endpoint.split(".")[0] == request.blueprint])
    groups: dict[str, list[Item]] = {}
    for link, url in links:
        current = url in {request.path, here}
        count = link.count() if link.count else None
        groups.setdefault(link.group, []).append(Item(words.gettext(link.label), url, current, count))
    ordered = sorted(groups, key=lambda label: GROUPS.index(label) if label in GROUPS else len(GROUPS))
    return [Group(words.gettext(label), groups[label]) for label in ordered]


def _nearest(urls: list[str]) -> str:
    """The entry that the page stands below: the longest address that the page's address begins with."""
    above = [url for url in urls if url != "/" and f"{request.path}/".startswith(url.rstrip("/") + "/")]
    return max(above, key=len, default="")
