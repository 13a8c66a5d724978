"""A browser as far as the wire shows it: one connection that stays open, cookies, what it has kept from before."""

from __future__ import annotations

import html
import http.client
import json
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import brotli

_TAG = re.compile(r"<(?:link|script|img)\b[^>]*>")
_ADDRESS = re.compile(r'\b(?:href|src)="([^"]+)"')
_CSRF = re.compile(r'name="csrf_token"[^>]*\bvalue="([^"]+)"')
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """A response; ``wire`` counts its bytes as they came, status line and headers included."""

    status: int
    url: str
    text: str
    wire: int
    lasting: bool
    """It may be kept without asking again."""
    location: str = ""

    def field(self, name: str) -> str:
        """The value of the first hidden field of that name."""
        found = re.search(rf'name="{name}"[^>]*\bvalue="([^"]*)"', self.text)
        if found is None:
            raise RuntimeError(f"no field {name} at {self.url}")
        return html.unescape(found[1])

    def parts(self) -> list[str]:
        """Addresses of what a browser loads with this page."""
        addresses = [found[1] for tag in _TAG.findall(self.text) if (found := _ADDRESS.search(tag))]
        return list(dict.fromkeys(urljoin(self.url, html.unescape(address)) for address in addresses))


class Connection(http.client.HTTPConnection):
    """Sends the head and a short body in one piece, as Chromium does; the library would send two."""

    _held = b""

    def send(self, data: Any) -> None:
        self._held += data

    def getresponse(self) -> http.client.HTTPResponse:
        data, self._held = self._held, b""
        super().send(data)
        return super().getresponse()

    def close(self) -> None:
        self._held = b""
        super().close()


class Browser:
    """Opens pages with everything they load; refuses to go on when an answer is not what a person expects."""

    def __init__(self, port: int) -> None:
        self._connection = Connection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, tuple[str, str]] = {}
        self._kept: set[str] = set()

    def with_empty_cache(self) -> Browser:
        """The same person, with nothing kept of what was loaded before."""
        fresh = Browser(self._connection.port)
        fresh._cookies = dict(self._cookies)
        return fresh

    def close(self) -> None:
        self._connection.close()

    def open(self, url: str) -> tuple[Answer, list[Answer]]:
        """The page at the end of its redirects, and what had to be loaded with it."""
        page = self.follow(self.request("GET", url))
        return page, self.load(page)

    def load(self, page: Answer) -> list[Answer]:
        """What had to be loaded with a page."""
        loaded = []
        for address in page.parts():
            if address not in self._kept:
                part = self.request("GET", address)
                _expect(part, 200)
                loaded.append(part)
                if part.lasting:
                    self._kept.add(address)
        return loaded

    def submit(self, page: Answer, url: str, **fields: str) -> Answer:
        """Send a form of ``page`` with its CSRF token, as far as the page that follows it."""
        return self.follow(self.send_form(page, url, **fields))

    def send_form(self, page: Answer, url: str, **fields: str) -> Answer:
        """The same as far as the first answer."""
        token = _CSRF.search(page.text)
        body = {"csrf_token": token[1]} if token else {}
        return self.request("POST", url, urlencode(body | fields), {"Content-Type": FORM})

    def send(self, url: str, data: dict[str, Any], token: str) -> dict[str, Any]:
        """What the exam page's script sends."""
        headers = {"Content-Type": "application/json", "X-Sitting-Token": token}
        answer = self.request("POST", url, json.dumps(data, separators=(",", ":")), headers)
        _expect(answer, 200)
        told: dict[str, Any] = json.loads(answer.text)
        return told

    def follow(self, answer: Answer) -> Answer:
        while answer.location:
            answer = self.request("GET", answer.location)
        _expect(answer, 200)
        return answer

    def request(self, method: str, url: str, body: str = "", headers: dict[str, str] | None = None) -> Answer:
        path = urlsplit(url).path + (f"?{query}" if (query := urlsplit(url).query) else "")
        told = {"Accept-Encoding": "br, gzip", "Accept-Language": "vi", **self._cookie_header(path), **(headers or {})}
        response = self._exchange(method, path, body, told)
        data = response.read()
        self._take_cookies(response)
        location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
        return Answer(
            status=response.status,
            url=path,
            text=_decoded(data, response.headers.get("Content-Encoding", "")),
            wire=len(data) + _head_size(response),
            lasting="immutable" in response.headers.get("Cache-Control", ""),
            location=urljoin(path, location) if location else "",
        )

    def _exchange(self, method: str, path: str, body: str, told: dict[str, str]) -> http.client.HTTPResponse:
        """On the connection that is there; on a new one when the server has closed it meanwhile."""
        try:
            self._connection.request(method, path, body.encode() or None, told)
            return self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            if method != "GET":
                raise
            self._connection.close()
            self._connection.request(method, path, headers=told)
            return self._connection.getresponse()

    def _cookie_header(self, path: str) -> dict[str, str]:
        held = [f"{name}={value}" for name, (value, under) in self._cookies.items() if path.startswith(under)]
        return {"Cookie": "; ".join(held)} if held else {}

    @property
    def cookies(self) -> dict[str, str]:
        """What it holds, by name."""
        return {name: value for name, (value, _under) in self._cookies.items()}

    def _take_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = (morsel.coded_value, morsel["path"] or "/")


def _decoded(data: bytes, encoding: str) -> str:
    if encoding == "gzip":
        raise RuntimeError("the server chose gzip where brotli was accepted")
    return (brotli.decompress(data) if encoding == "br" else data).decode(errors="replace")


def _head_size(response: http.client.HTTPResponse) -> int:
    lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{k}: {v}" for k, v in response.headers.items()), ""]
    return sum(len(line.encode()) + 2 for line in lines)


def _expect(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise RuntimeError(f"{answer.url} answered {answer.status}: {answer.text[:500]}")
