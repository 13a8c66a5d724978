"""A real Firefox, told what to do by the protocol it speaks itself (WebDriver BiDi), without a driver in between."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

PATIENCE_S = 20.0
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
"""A new profile asks nobody outside this machine for anything."""


def firefox() -> str | None:
    """The program, where it is installed."""
    named = os.environ.get("FIREFOX")
    return named or shutil.which("firefox-esr") or shutil.which("firefox")


class FirefoxError(Exception):
    """What Firefox answered instead of doing it."""


class Page:
    """The one tab of a Firefox; waits are for what the page shows, never for a time."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.faults: list[str] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        self._context = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if told.get("method") == "log.entryAdded" and told["params"]["type"] == "javascript":
                self.faults.append(str(told["params"]["text"]))
            if told.get("id") == number:
                if told["type"] == "error":
                    raise FirefoxError(f"{method}: {told['error']} {told['message']}")
                result: dict[str, Any] = told["result"]
                return result

    def open(self, url: str) -> None:
        self.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def reload(self) -> None:
        self.call("browsingContext.reload", context=self._context, wait="complete")

    def viewport(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self.call("browsingContext.setViewport", context=self._context, viewport=size)

    def offline(self, off: bool) -> None:
        conditions = {"type": "offline"} if off else None
        self.call("emulation.setNetworkConditions", contexts=[self._context], networkConditions=conditions)

    def cookie(self, name: str, value: str, domain: str) -> None:
        told = {"name": name, "value": {"type": "string", "value": value}, "domain": domain, "path": "/"}
        self.call("storage.setCookie", cookie=told)

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression: null, a text, a number, true or false."""
        target = {"context": self._context}
        told = self.call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        if told["type"] != "success":
            raise FirefoxError(told["exceptionDetails"]["text"])
        return told["result"].get("value")

    def wait(self, expression: str) -> None:
        """Until the expression is true."""
        until = time.monotonic() + PATIENCE_S
        while not self.run(expression):
            if time.monotonic() > until:
                raise AssertionError(f"never came true: {expression}\n{self.run('document.body.innerText')}")
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        """A real click on the first element that matches; scrolled into view before."""
        found = json.dumps(selector)
        self.wait(f"!!document.querySelector({found})")
        at = self.run(
            f"(() => {{ const e = document.querySelector({found}); e.scrollIntoView({{block: 'center'}});"
            " const b = e.getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2].map(Math.round).join(); })()"
        )
        x, y = map(int, at.split(","))
        pointer = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act({"type": "pointer", "id": "mouse", "actions": pointer})

    def press(self, keys: str) -> None:
        """Type on the keyboard, one key after the other."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})

    def _act(self, source: dict[str, Any]) -> None:
        self.call("input.performActions", context=self._context, actions=[source])

    def text(self) -> str:
        return str(self.run("document.body.innerText"))


@contextlib.contextmanager
def open_firefox() -> Iterator[Page]:
    """A Firefox with a profile of its own, ended afterwards."""
    from websockets.sync.client import connect

    program = firefox()
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="thuocdo-firefox-") as profile:
        with open(f"{profile}/user.js", "w", encoding="utf-8") as file:
            file.writelines(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items())
        options = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        process = subprocess.Popen([program, *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            with connect(f"{_address(process)}/session", max_size=None) as socket:
                yield Page(socket)
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_S)
            if process.stderr:
                process.stderr.close()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
            return found[1]
    raise FirefoxError("Firefox ended before it could be spoken to")
