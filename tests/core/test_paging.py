"""Links that keep the filters of a page keep nothing that would lead them elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from examapp.accounts.models import Role
from examapp.core.paging import filters_here, here
from examapp.invigilation import board
from tests.bank.builders import content, office
from tests.builders import Builder
from tests.reader import Reader
from tests.sittings.builders import hall

FOR_URL_FOR = "_method=POST&_scheme=x&_anchor=x&_external=1&endpoint=x&code=x"
SITE = "http://localhost"

Open = Callable[..., Reader]


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("q=a&state=b&state=c", {"q": ["a"], "state": ["b", "c"]}),
        ("page=3&q=", {"q": [""]}),
        (FOR_URL_FOR, {}),
    ],
)
def test_what_a_link_takes_along(app: Flask, asked: str, kept: dict[str, list[str]]) -> None:
    with app.test_request_context(f"/rounds/Q4-2026/candidates?{asked}"):
        assert filters_here() == kept
        assert here(2).startswith("/rounds/Q4-2026/candidates?")


def test_the_pages_of_the_board(build: Builder, reader: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "PER_PAGE", 1)
    place = hall(build)
    for name in ("Bùi Thị An", "Đỗ Văn Bình"):
        place.candidate(name)
    page = reader(place.organiser()).open(f"/invigilation/Q4-2026?{FOR_URL_FOR}&state=waiting")
    assert page.link("Tiếp") == f"{SITE}/invigilation/Q4-2026?state=waiting&page=2"


def test_the_list_of_candidates_on_paper_and_as_a_file(build: Builder, reader: Open) -> None:
    place = hall(build)
    place.candidate()
    page = reader(place.organiser()).open(f"/rounds/Q4-2026/candidates?{FOR_URL_FOR}&q=a")
    assert page.link("Bản in") == f"{SITE}/rounds/Q4-2026/candidates/print?q=a"
    assert page.link("Tải Excel") == f"{SITE}/rounds/Q4-2026/candidates.xlsx?q=a"


def test_questions_on_paper_with_their_keys(build: Builder, reader: Open) -> None:
    o = office(build)
    question = build.question(o.topic, o.justice, author=o.head, content=content())
    head = reader(o.head)
    address = f"{SITE}/bank/questions/{question.code}/print?key=yes"
    assert head.open(f"{address}&{FOR_URL_FOR}").link("Bản không có đáp án") == address.replace("yes", "no")
    assert head.open(f"/bank/print?{FOR_URL_FOR}&q=a").link("Bản có đáp án") == f"{SITE}/bank/print?code=x&q=a&key=yes"


@pytest.mark.parametrize("path", ["/bank/", "/bank/law", "/audit/", "/organisation/officials"])
def test_a_list_opens_whatever_its_address_says(build: Builder, reader: Open, path: str) -> None:
    reader(build.account(None, Role.ADMINISTRATOR, Role.BANK_MANAGER)).open(f"{path}?{FOR_URL_FOR}")
