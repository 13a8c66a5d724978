"""Saving answers: a handler in front of Flask, because everybody comes here all the time.

The token is the authority; no cookie is read, no account loaded, no hook run. ``docs/saving.md`` tells the protocol.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examapp.sittings import store as storing
from examapp.sittings.standing import left_slot, noted_slot
from examapp.sittings.token import ENVIRON, Signer, Token

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/sittings/save"
MAX_BODY = 64 * 1024
MOST_FIGURES = 9
"""Of a length: numbers of thousands of figures are not even read."""
MAX_EVENTS = 200
MAX_RESPONSE = 16 * 1024
"""Characters of an answer as it is stored."""
MAX_TEXT = 8_000
MAX_DEPTH = 3
MAX_SEQ = 100_000
MAX_SLOT = 500
MAX_MS = 1 << 48
MAX_OF_SITTING = 10_000
"""Events of one sitting that a process stores."""
MOST_SITTINGS = 100_000
WRITER = re.compile(r"[A-Za-z0-9_-]{8,22}")

Key = tuple[int, str, int]
"""slot, response as stored, answered_ms: what has to be the same when a number comes again."""

STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    413: "413 Content Too Large",
    503: "503 Service Unavailable",
}


class RefusedError(Exception):
    """The exact status, and one word that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True, slots=True)
class Batch:
    """What one message carries: numbered events of one writer."""

    writer: str
    events: dict[int, Key]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which numbers are safe, which came before with other content, and what the database says of the sitting."""

    acknowledged: list[int]
    conflicts: list[int]
    facts: str
    now_ms: int
    stored: int = 0
    """How many events were new."""


def parse(body: bytes) -> Batch:
    """The batch, or :class:`RefusedError`; nothing of a batch is taken when a part of it is wrong."""
    try:
        data = json.loads(body)
        writer, events = data["writer"], data["events"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RefusedError(400, "body") from None
    if not isinstance(writer, str) or not WRITER.fullmatch(writer):
        raise RefusedError(400, "writer")
    if not isinstance(events, list):
        raise RefusedError(400, "events")
    if len(events) > MAX_EVENTS:
        raise RefusedError(413, "events")
    found: dict[int, Key] = {}
    for event in events:
        seq, key = read_event(event)
        if found.setdefault(seq, key) != key:
            raise RefusedError(400, "seq")
    return Batch(writer, found)


def read_event(event: Any) -> tuple[int, Key]:
    """(number, what it says), or :class:`RefusedError` with the word of the limit it breaks."""
    if not isinstance(event, list) or len(event) != 4:
        raise RefusedError(400, "event")
    seq, slot, response, answered = event
    if type(seq) is not int or not 1 <= seq <= MAX_SEQ:
        raise RefusedError(400, "seq")
    if type(slot) is not int or not (1 <= slot <= MAX_SLOT or _is_act(slot)):
        raise RefusedError(400, "slot")
    if type(answered) is not int or not 0 <= answered < MAX_MS:
        raise RefusedError(400, "answered")
    return seq, (slot, stored_response(response), answered)


def _is_act(slot: int) -> bool:
    """A note on a question, or leaving questions behind (:mod:`examapp.sittings.standing`); never the submission."""
    about = noted_slot(slot) or left_slot(slot)
    return about is not None and 1 <= about <= MAX_SLOT


def stored_response(response: Any) -> str:
    """The answer as canonical JSON: a list of whole numbers, texts and such lists again."""
    if not isinstance(response, list):
        raise RefusedError(400, "response")
    if all(type(part) is int and 0 <= part < 1000 for part in response):  # nearly every answer there is
        stored = "[" + ",".join(map(str, response)) + "]"
    else:
        _check_parts(response, 1)
        stored = json.dumps(response, ensure_ascii=False, separators=(",", ":"))
    if len(stored) > MAX_RESPONSE:
        raise RefusedError(400, "response")
    return stored


def _check_parts(parts: list[Any], depth: int) -> None:
    for part in parts:
        if type(part) is int and 0 <= part < 1000:
            continue
        if isinstance(part, str) and len(part) <= MAX_TEXT and _is_whole(part):
            continue
        if isinstance(part, list) and depth < MAX_DEPTH:
            _check_parts(part, depth + 1)
            continue
        raise RefusedError(400, "response")


def _is_whole(text: str) -> bool:
    """Whether it can be written down; half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def save(store: storing.Store, token: Token, batch: Batch, now_ms: int) -> Outcome:
    """Append the batch: one statement, and a second one only when something came before."""
    sitting, writer, events = token.sitting_id, batch.writer, batch.events
    rows: list[storing.Row] = []
    if events:
        values: list[Any] = []
        for seq, (slot, response, answered) in events.items():
            values += (sitting, writer, seq, token.lease, slot, response, answered, now_ms)
        values += storing.facts_values(token)
        rows = store.run(storing.insert_sql(len(events), moved=token.lease > 1), values)
    if len(rows) == len(events) and rows:
        return Outcome(sorted(row[0] for row in rows), [], rows[0][1], now_ms, len(rows))
    return _with_repeated(store, token, batch, rows, now_ms)


def _with_repeated(store: storing.Store, token: Token, batch: Batch, rows: list[storing.Row], now_ms: int) -> Outcome:
    """Some numbers were stored before, or the message only asks how things stand."""
    facts = rows[0][1] if rows else _facts(store, token)
    if facts is None:
        raise storing.UnknownSittingError
    new = {row[0] for row in rows}
    repeated = [seq for seq in batch.events if seq not in new]
    conflicts: list[int] = []
    if repeated:
        values = [token.sitting_id, batch.writer, *repeated]
        before = {row[0]: tuple(row[1:]) for row in store.run(storing.stored_sql(len(repeated)), values)}
        conflicts = sorted(seq for seq in repeated if before.get(seq) != batch.events[seq])
    for seq in conflicts:
        event = json.dumps([token.lease, *batch.events[seq]])
        keep = [token.sitting_id, batch.writer, seq, event, now_ms, token.sitting_id]
        store.run(storing.CONFLICT_SQL, keep)
    return Outcome(sorted(set(batch.events).difference(conflicts)), conflicts, facts, now_ms, len(rows))


def _facts(store: storing.Store, token: Token) -> Any:
    return store.run(storing.facts_sql(moved=token.lease > 1), storing.facts_values(token))[0][0]


def reply(outcome: Outcome) -> bytes:
    """The compact answer; ``left_ms`` counts down to 0, ``notices`` are JSON as the database holds them."""
    deadline, _late, lease, submitted, older, epoch, notice = outcome.facts.split(",", 6)
    left = max(0, int(deadline) - outcome.now_ms)
    more = f',"older":{older}' if older != "0" else ""
    more += f',"conflicts":{_numbers(outcome.conflicts)}' if outcome.conflicts else ""
    return (
        f'{{"ack":{_numbers(outcome.acknowledged)},"left_ms":{left},"now":{outcome.now_ms},"lease":{lease},'
        f'"epoch":"{epoch}","notices":[{notice}],"submitted":{"false" if submitted == "0" else "true"}{more}}}'
    ).encode()


def _numbers(numbers: list[int]) -> str:
    return "[" + ",".join(map(str, numbers)) + "]"


class Counted:
    """How many events this process has stored of each sitting: a page that goes mad, or somebody who wants to fill the
    disk, ends here without a look at the database. An exam of three hours leaves a tenth of it."""

    def __init__(self, most: int = MAX_OF_SITTING) -> None:
        self._most = most
        self._stored: dict[int, int] = {}

    def require_room(self, sitting_id: int) -> None:
        if self._stored.get(sitting_id, 0) >= self._most:
            raise RefusedError(413, "many")

    def add(self, sitting_id: int, stored: int) -> None:
        if len(self._stored) > MOST_SITTINGS:
            self._stored.clear()
        self._stored[sitting_id] = self._stored.get(sitting_id, 0) + stored


class HotPath:
    """WSGI: takes ``POST /sittings/save`` itself and hands everything else on."""

    def __init__(self, inner: WSGIApplication, *, store: storing.Store, signer: Signer) -> None:
        self._inner, self._store, self._signer = inner, store, signer
        self._counted = Counted()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self._inner(environ, start_response)
        extra: list[tuple[str, str]] = []
        try:
            status, body = self._answer(environ)
        except RefusedError as refusal:
            status, body = refusal.status, b'{"error":"%s"}' % refusal.reason.encode()
        except storing.UnknownSittingError:
            status, body = 404, b'{"error":"sitting"}'
        except storing.BusyError:
            status, body, extra = 503, b'{"error":"busy"}', [("Retry-After", "3")]
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *extra,
        ]
        start_response(STATUS[status], headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> tuple[int, bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            raise RefusedError(405, "method")
        token = authorise(self._signer, environ.get(ENVIRON, ""), time.time())
        batch = parse(_read_body(environ))
        self._counted.require_room(token.sitting_id)
        # the clock is read when all of it is here: an answer may not be written after the time and count as in time
        outcome = save(self._store, token, batch, int(time.time() * 1000))
        self._counted.add(token.sitting_id, outcome.stored)
        return (409 if outcome.conflicts else 200), reply(outcome)


def authorise(signer: Signer, text: str, now_s: float) -> Token:
    """The token as sent; refused when it is missing, not ours, or a day past the deadline."""
    token = signer.read(text)
    if token is None:
        raise RefusedError(401, "token")
    if token.expires_s < now_s:
        raise RefusedError(403, "expired")
    return token


def _read_body(environ: WSGIEnvironment) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise RefusedError(400, "length")
    if len(length) > MOST_FIGURES or int(length) > MAX_BODY:
        raise RefusedError(413, "body")
    read: Callable[[int], bytes] = environ["wsgi.input"].read
    return read(int(length))
