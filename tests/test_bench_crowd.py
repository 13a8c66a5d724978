"""The crowd of the load ladder: how it reads answers, who starts when, which rungs there are."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections.abc import Callable, Coroutine
from typing import Any

import brotli
import pytest

from tests.bench.crowd import BrokenError, Browser, Newcomer, Person, Plan, Seen, gather
from tests.bench.ladder import RUNGS, chosen_rungs


def answer(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields])
    return f"{head}\r\n\r\n".encode() + body


Served = Callable[[bytes], bytes]


def at_server(reply: Served, act: Callable[[int], Coroutine[Any, Any, Any]], pieces: int = 1) -> Any:
    """Run ``act`` against a server that gives ``reply(request)`` in so many pieces."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.lower().split(b"\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            octets = reply(head + await reader.readexactly(length))
            if not octets:
                break
            size = -(-len(octets) // pieces)
            for at in range(0, len(octets), size):
                writer.write(octets[at : at + size])
                await writer.drain()
                await asyncio.sleep(0)
            if b"connection: close" in octets.lower():
                break
        writer.close()

    async def run() -> Any:
        open_still: list[asyncio.StreamWriter] = []

        async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            open_still.append(writer)
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await serve(reader, writer)

        server = await asyncio.start_server(quietly, "127.0.0.1", 0)
        async with server:
            try:
                return await act(server.sockets[0].getsockname()[1])
            finally:
                for writer in open_still:
                    writer.close()
                while len(asyncio.all_tasks()) > 1:  # the other side sees the end and closes too
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.01)

    return asyncio.run(run())


def plan(port: int, **changed: Any) -> Plan:
    return Plan(**{"port": port, "ramp": 0, "steady": 0, "window": 0, "csrf": "c", **changed})


@pytest.mark.parametrize("pieces", [1, 2, 7, 60])
@pytest.mark.parametrize(("coding", "pack"), [("br", brotli.compress), ("gzip", gzip.compress), ("", bytes)])
def test_an_answer_is_read_however_it_comes(pieces, coding, pack):
    text = "Bài thi của tôi " * 20
    fields = [f"Content-Encoding: {coding}"] if coding else []
    octets = answer(pack(text.encode()), *fields)

    async def act(port: int) -> Any:
        browser = Browser("a=b", plan(port), Seen())
        return [await browser.ask("GET", "/") for _ in range(3)], browser._seen.connections

    replies, connections = at_server(lambda _request: octets, act, pieces)
    assert [(reply.status, reply.text()) for reply in replies] == [(200, text)] * 3
    assert connections == 1, "one connection, kept"


def test_a_kept_connection_that_was_closed_is_opened_again():
    told = iter([answer(b"1"), b"", answer(b"2"), answer(b"3", "Connection: close"), answer(b"4")])

    async def act(port: int) -> Any:
        seen = Seen()
        browser = Browser("", plan(port), seen)
        return [(await browser.ask("POST", "/", b"{}", "application/json")).text() for _ in range(4)], seen

    texts, seen = at_server(lambda _request: next(told), act)
    assert texts == ["1", "2", "3", "4"]
    assert (seen.resent, seen.connections) == (1, 3)


def test_a_new_connection_that_breaks_is_an_error():
    async def act(port: int) -> Any:
        await Browser("", plan(port), Seen()).ask("GET", "/")

    with pytest.raises(BrokenError):
        at_server(lambda _request: b"", act)


def test_whoever_is_asked_to_wait_signs_in_later():
    queue = answer(b'<input type="hidden" name="ticket" value="sealed">', "Retry-After: 0", status="202 Accepted")
    told = iter([queue, answer(b"", "Location: /", status="303 See Other")])

    async def act(port: int) -> Seen:
        seen = Seen()
        await Newcomer("", plan(port), seen).sign_in(0, "hall1", "a b&c")
        return seen

    requests: list[bytes] = []
    seen = at_server(lambda request: requests.append(request) or next(told), act)
    assert (len(seen.latencies["signin"]), seen.queued, seen.errors) == (1, 1, {})
    assert requests[0].endswith(b"csrf_token=c&login=hall1&password=a+b%26c")
    assert requests[1].endswith(b"csrf_token=c&ticket=sealed")


def server_of_an_exam() -> Served:
    """Just enough of the product for one sitting."""

    def reply(request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        method, path = head.split(b" ")[:2]
        if path.startswith(b"/sittings/enter/"):
            return answer(b"", "Location: /sittings/ref1", status="303 See Other")
        if path == b"/sittings/ref1":
            return answer(b'<input name="token" type="hidden" value="1.1.9.d.m">')
        if path.endswith(b"/receipt"):
            return answer(b"ABCDE-12345")
        assert b"X-Sitting-Token: 1.1.9.d.m" in head
        told = {"ack": [event[0] for event in json.loads(body)["events"]], "receipt": "ABCDE-12345"}
        assert method == b"POST"
        return answer(json.dumps(told).encode())

    return reply


def test_a_person_sits_from_the_button_to_the_receipt():
    order = {
        "ramp": 0.05,
        "steady": 0.05,
        "window": 0.05,
        "csrf": "c",
        "people": [{"candidate": n, "cookie": "a=b", "token": "", "ref": ""} for n in range(3)],
    }

    async def act(port: int) -> dict[str, Any]:
        return await gather({"port": port, **order})

    told = at_server(server_of_an_exam(), act)
    assert told["errors"] == {}
    assert {name: len(values) for name, values in told["latencies"].items()} == dict.fromkeys(
        ["start", "submit.end", "receipt"], 3
    )


def test_answers_are_numbered_and_acknowledged(monkeypatch):
    monkeypatch.setattr("tests.bench.crowd.PAUSE_S", (0.0, 0.01))

    async def act(port: int) -> Seen:
        seen = Seen()
        person = Person(
            {"candidate": 1, "cookie": "", "token": "1.1.9.d.m", "ref": "ref1"}, plan(port, steady=60), seen
        )
        await person._answer_until(asyncio.get_running_loop().time() + 0.2)
        return seen

    seen = at_server(server_of_an_exam(), act)
    assert seen.acknowledged == len(seen.latencies["save.end"]) > 0
    assert not seen.errors


def test_nobody_starts_faster_than_a_thousand_a_minute():
    assert [rung.people for rung in RUNGS] == [100, 1_000, 2_500, 10_000]
    assert all(rung.starting / rung.ramp_s <= 1_000 / 60 for rung in RUNGS)
    assert next(rung for rung in RUNGS if rung.people == 1_000).starting == 1_000, "everybody within a minute"


@pytest.mark.parametrize(
    ("kind", "ladder", "people"),
    [
        ("sqlite", "", [100, 1_000, 2_500]),
        ("postgresql", "", [100, 1_000, 2_500, 10_000]),
        ("postgresql", "2500, 10000", [2_500, 10_000]),
        ("sqlite", "10000", []),
    ],
)
def test_rungs_are_chosen_by_the_environment(monkeypatch, kind, ladder, people):
    monkeypatch.setenv("LADDER", ladder)
    assert [rung.people for rung in chosen_rungs(kind)] == people
