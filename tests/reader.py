"""A reader of pages: opens, checks every page it opens, fills in forms as they stand on the page."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from examapp.core import clock
from examapp.core.db import apart

ALLOWED = {"unexpected-char-in-comment"}


class Page:
    """A page as a reader sees it."""

    def __init__(self, response: TestResponse, url: str) -> None:
        self.response, self.status, self.url = response, response.status_code, url
        self.html = response.get_data(as_text=True)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.root: Element = parser.parse(self.html)
        self.faults = [f"{code} at {place}" for place, code, _ in parser.errors if code not in ALLOWED]

    def all(self, path: str) -> list[Element]:
        """Elements by an ElementTree path ("h2", "table//td", "a[@class='x']")."""
        return self.root.findall(f".//{path}")

    def texts(self, path: str) -> list[str]:
        return [text_of(element) for element in self.all(path)]

    @property
    def text(self) -> str:
        return text_of(self.root.find("body") if self.root.find("body") is not None else self.root)

    @property
    def heading(self) -> str:
        return self.texts("h1")[0]

    def form(self, containing: str = "") -> Element:
        """The form whose action, button or field names hold ``containing``; the first one of ``main`` otherwise."""
        forms = self.all("main//form") or self.all("form")
        for form in forms:
            haystack = [form.get("action") or "", text_of(form)]
            haystack += [field.get("name") or "" for field in form.iter() if field.get("name")]
            if not containing or any(containing in part for part in haystack):
                return form
        raise AssertionError(f"no form with {containing!r} at {self.url}: {[text_of(f)[:80] for f in forms]}")

    def link(self, text: str) -> str:
        for anchor in self.all("a"):
            if text in text_of(anchor):
                return urljoin(self.url, anchor.get("href") or "")
        raise AssertionError(f"no link {text!r} at {self.url}: {[text_of(a) for a in self.all('a')]}")

    def check(self) -> None:
        """What holds for every page of the house."""
        assert not self.faults, f"{self.url}: {self.faults[:5]}"
        assert len(self.all("h1")) == 1, f"{self.url}: {len(self.all('h1'))} h1"
        assert text_of(self.all("title")[0]), self.url
        ids = [element.get("id") for element in self.root.iter() if isinstance(element.tag, str) and element.get("id")]
        assert len(ids) == len(set(ids)), f"{self.url}: double ids {sorted({i for i in ids if ids.count(i) > 1})}"
        for target in [label.get("for") for label in self.all("label") if label.get("for")]:
            assert target in ids, f"{self.url}: a label for {target!r}, which is not there"
        _check_labels(self)
        for element in self.root.iter():
            if isinstance(element.tag, str):
                bad = [name for name in element.attrib if name == "style" or str(name).startswith("on")]
                assert not bad, f"{self.url}: {element.tag} has {bad}"


def _check_labels(page: Page) -> None:
    labelled = {label.get("for") for label in page.all("label")}
    inside = {id(field) for label in page.all("label") for field in label.iter()}
    for tag in ("input", "select", "textarea"):
        for field in page.all(tag):
            if field.get("type") in {"hidden", "submit", "button"}:
                continue
            named = field.get("aria-label") or field.get("aria-labelledby")
            labelled_here = named or field.get("id") in labelled or id(field) in inside
            assert labelled_here, f"{page.url}: {field.get('name')} unlabelled"


def text_of(element: Element) -> str:
    return re.sub(r"\s+", " ", "".join(_visible(element))).strip()


def _visible(element: Element) -> Iterable[str]:
    if element.tag in {"script", "style"} or not isinstance(element.tag, str):
        return
    yield element.text or ""
    for child in element:
        yield from _visible(child)
        yield child.tail or ""


class Reader:
    """Signed in as ``account`` (an :class:`Account` or its id), or as nobody."""

    def __init__(self, app: Flask, account: Any = None, *, language: str = "vi") -> None:
        self.client = app.test_client()
        self.app = app
        self.page: Page
        if language != "vi":
            self.client.set_cookie("language", language)
        if account is not None:
            self._sign_in(account)

    def _sign_in(self, account: Any) -> None:
        from datetime import timedelta

        from examapp.accounts.models import Account, UserSession

        account_id = account if isinstance(account, int) else account.id
        with self.app.app_context(), apart() as session:
            row = session.get_one(Account, account_id)
            live = UserSession(
                account_id=row.id, session_number=row.session_number, expires_at=clock.now() + timedelta(hours=4)
            )
            session.add(live)
            session.flush()
            ref = live.ref
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = str(account_id)
            cookie["_fresh"] = True
            cookie["session_ref"] = ref

    def open(self, url: str, *, status: int = 200, follow: bool = True) -> Page:
        """Open a page, follow redirects, check it."""
        return self._read(self.client.get(url, follow_redirects=follow), status)

    def submit(
        self, containing: str = "", *, status: int = 200, follow: bool = True, press: str = "", **values: Any
    ) -> Page:
        """Fill in the form that has ``containing`` on the present page and send it, as a browser would.

        Fields keep what stands in them; ``values`` replace by name (``None`` leaves out; lists send several).
        ``press`` names the button ("name=value") when there are several.
        """
        form = self.page.form(containing)
        data = MultiDict(form_fields(form))
        for name, value in values.items():
            data.setlist(name, value if isinstance(value, list) else [] if value is None else [value])
        if press:
            name, _, value = press.partition("=")
            data[name] = value
        action = urljoin(self.page.url, form.get("action") or self.page.url)
        parts = urlsplit(action)
        url = parts.path + (f"?{parts.query}" if parts.query else "")
        if (form.get("method") or "get").lower() == "get":
            return self._read(self.client.get(url, query_string=data, follow_redirects=follow), status)
        multipart = form.get("enctype") == "multipart/form-data"
        return self._read(
            self.client.post(
                url, data=data, follow_redirects=follow, content_type="multipart/form-data" if multipart else None
            ),
            status,
        )

    def post(self, url: str, *, status: int = 200, follow: bool = True, **data: Any) -> Page:
        """Post directly, with a valid CSRF token; for what no page offers."""
        token = self._token()
        return self._read(self.client.post(url, data={"csrf_token": token, **data}, follow_redirects=follow), status)

    def download(self, url: str) -> TestResponse:
        response = self.client.get(url)
        assert response.status_code == 200, (url, response.status_code)
        return response

    def _token(self) -> str:
        from flask import g
        from flask_wtf.csrf import generate_csrf

        with self.client.session_transaction() as cookie, self.app.test_request_context():
            from flask import session

            session.update(cookie)
            token = generate_csrf()
            g.pop("csrf_token", None)
            cookie["csrf_token"] = session["csrf_token"]
        return token

    def _read(self, response: TestResponse, status: int) -> Page:
        url = response.request.url
        page = Page(response, url)
        assert page.status == status, f"{url}: {page.status} instead of {status}: {page.text[:400]}"
        if response.mimetype == "text/html" and response.status_code not in {301, 302, 303, 308}:
            page.check()
            self.page = page
        return page


def form_fields(form: Element) -> list[tuple[str, str]]:
    """What a browser would send of a form left as it is."""
    found: list[tuple[str, str]] = []
    closed = {id(f) for box in form.iter("fieldset") if box.get("disabled") is not None for f in box.iter()}
    for field in form.iter():
        name = field.get("name") if isinstance(field.tag, str) else None
        if not name or field.get("disabled") is not None or id(field) in closed:
            continue
        if field.tag == "textarea":
            found.append((name, (field.text or "").removeprefix("\n")))
        elif field.tag == "select":
            options = list(field.iter("option"))
            chosen = [o for o in options if o.get("selected") is not None]
            if not chosen and field.get("multiple") is None:
                chosen = options[:1]
            found.extend((name, o.get("value") if o.get("value") is not None else text_of(o)) for o in chosen)
        elif field.tag == "input" and field.get("type") not in {"submit", "button", "file", "image"}:
            if field.get("type") in {"checkbox", "radio"}:
                if field.get("checked") is not None:
                    found.append((name, field.get("value") or "on"))
            else:
                found.append((name, field.get("value") or ""))
    return found
