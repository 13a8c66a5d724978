"""The served installation at the other end of a line that can be cut, slow or busy; and phones that call it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from tests.chromium import OPEN_NAME

_EXAM = re.compile(r"/sittings/[0-9a-z]{26}")


class Line:
    """Cut and mended on the same port; ``slow_s`` and ``busy`` concern the address of the exam only."""

    def __init__(self, app: Flask) -> None:
        self.app, self.port = app, 0
        self.slow_s, self.busy, self._is_cut = 0.0, False, False
        self.asked: list[str] = []
        self.mend()

    def mend(self) -> None:
        self._is_cut = False
        self._server = make_server("127.0.0.1", self.port, self._answer, threaded=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def cut(self) -> None:
        self._is_cut = True
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        if self._is_cut:  # browsers open connections ahead of time, and one of those would still get through
            raise ConnectionAbortedError
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if _EXAM.fullmatch(environ["PATH_INFO"]):
            if self.busy:
                start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
                return [b"busy"]
            time.sleep(self.slow_s)
        return self.app.wsgi_app(environ, start_response)

    def exams_asked(self) -> int:
        return sum(bool(_EXAM.fullmatch(one.removeprefix("GET "))) for one in self.asked)


@contextmanager
def phones(line: Line, reader: Callable[..., Any], browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages signed in as an account; faults of their scripts fail the test. ``secure=False``: without HTTPS."""
    faults: list[str] = []
    with ExitStack() as stack:

        def sign_in(context: Any, site: str, account: Any) -> None:
            cookie = reader(account).client.get_cookie("thuocdo")
            context.add_cookies([{"name": "thuocdo", "value": cookie.value, "url": site}])

        def open_phone(
            account: Any, *, secure: bool = True, width: int = 360, height: int = 740, **options: Any
        ) -> Any:
            site = f"http://{'127.0.0.1' if secure else OPEN_NAME}:{line.port}"
            context = browser.new_context(viewport={"width": width, "height": height}, base_url=site, **options)
            stack.callback(context.close)
            sign_in(context, site, account)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.set_default_timeout(12_000)
            return page

        open_phone.sign_in = lambda page, account: sign_in(page.context, page.url, account)  # type: ignore[attr-defined]
        yield open_phone
    assert not faults
