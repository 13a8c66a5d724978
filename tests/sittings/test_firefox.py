"""The exam page in a real Firefox: a whole sitting, without network in between, and a reload without network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from examapp.core.db import db
from examapp.sittings.models import Sitting, SittingState
from examapp.sittings.settle import read_record, responses_of
from tests.firefox import Page, firefox, open_firefox
from tests.sittings.builders import hall

pytestmark = [pytest.mark.browser, pytest.mark.skipif(firefox() is None, reason="no Firefox here")]

SAVED = "document.querySelector('#state').classList.contains('good')"
UNSENT = "document.querySelector('#state').classList.contains('warn')"


@pytest.fixture
def site(app) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def phone(site, reader) -> Iterator[Callable[..., Page]]:
    """A Firefox of 360 px signed in as somebody; what its console calls a fault fails the test."""
    with open_firefox() as page:
        page.viewport(360, 740)

        def signed_in(account) -> Page:
            page.cookie("thuocdo", reader(account).client.get_cookie("thuocdo").value, "127.0.0.1")
            return page

        yield signed_in
        assert page.faults == []


def enter(page: Page, site: int, candidate) -> str:
    page.open(f"http://127.0.0.1:{site}/sittings/enter/{candidate.id}")
    if page.run("!!document.querySelector('#read')"):
        page.click("#read")
    page.click("form button.btn-primary")
    page.wait("!!document.querySelector('#state.good')")
    return str(page.run("location.pathname"))


def choose(page: Page, slot: int, option: int) -> None:
    page.wait(f"!document.querySelector('#q{slot}').hidden")
    page.click(f"#q{slot} label:nth-of-type({option})")


def sitting(app) -> Sitting:
    return db.session.scalars(select(Sitting)).one()


def test_a_whole_sitting_through_a_lost_network(app, build, phone, site):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, site, candidate)
    choose(page, 1, 2)
    page.wait(SAVED)
    page.offline(True)
    page.click("#next")
    choose(page, 2, 1)
    page.wait(UNSENT)
    assert "Mất mạng" in page.text()
    page.offline(False)
    page.wait(SAVED)
    for _ in range(3):
        page.click("#next")
    page.click("#confirm")
    page.wait("!!document.querySelector('.receipt-code')")
    with app.app_context():
        found = sitting(app)
        assert found.state is SittingState.SETTLED
        assert found.receipt in page.text()
        assert responses_of(found) == {1: [2], 2: [1]}
        assert read_record(found)["answered"] == 2


def test_a_reload_without_network_loses_nothing(app, build, phone, site):
    place = hall(build)
    account, candidate = place.candidate()
    page = phone(account)
    enter(page, site, candidate)
    page.wait("navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)")
    choose(page, 1, 3)
    page.wait(SAVED)
    page.offline(True)
    page.click("#next")
    choose(page, 2, 2)
    page.wait(UNSENT)
    page.reload()
    page.wait(UNSENT)
    assert page.run("document.querySelectorAll('.nav-grid .unsent').length") == 1
    page.offline(False)
    page.wait(SAVED)
    with app.app_context():
        assert responses_of(sitting(app)) == {1: [3], 2: [2]}
