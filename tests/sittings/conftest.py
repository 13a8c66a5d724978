"""The served application and phones that open it in a real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from werkzeug.serving import make_server


@pytest.fixture
def site(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def phone(site, reader, browser) -> Iterator[Callable]:
    """Opens a page signed in as an account, 360 px wide; faults of the page's script fail the test."""
    faults: list[str] = []
    with ExitStack() as stack:

        def open_phone(account, *, width=360, height=740, **options):
            cookie = reader(account).client.get_cookie("thuocdo")
            context = browser.new_context(viewport={"width": width, "height": height}, base_url=site, **options)
            stack.callback(context.close)
            context.add_cookies([{"name": "thuocdo", "value": cookie.value, "url": site}])
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.set_default_timeout(8000)
            return page

        yield open_phone
    assert not faults
