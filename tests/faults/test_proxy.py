"""The bad line does what it is told: what the server sees and what comes back, in each kind of weather."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from tests.faults.proxy import FAIR, Proxy, Weather
from tests.faults.wire import LineError, Reply, exchange, read_request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Act = Callable[[Proxy], Awaitable[None]]


def through(weather: Weather, act: Act) -> list[bytes]:
    """Do ``act`` with a proxy in that weather; the bodies a small server behind it was given whole."""
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if request is not None:
            seen.append(request.body)
            writer.write(OK)
            await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server, Proxy(server.sockets[0].getsockname()[1], random.Random(1)) as proxy:
            proxy.weather = weather
            await act(proxy)
            await proxy.settled()

    asyncio.run(run())
    return seen


async def post(proxy: Proxy, path: str = "/sittings/save") -> Reply:
    return await exchange(proxy.port, "POST", path, {}, b'{"events":[]}', timeout_s=20)


async def fails(proxy: Proxy) -> None:
    with pytest.raises(LineError):
        await post(proxy)
    assert proxy.ledger.failed == 1


async def works(proxy: Proxy) -> None:
    assert (await post(proxy)).body == b"ok"


async def answers_foreign(proxy: Proxy) -> None:
    assert (await post(proxy)).body != b"ok"


@pytest.mark.parametrize(
    ("weather", "act", "arrivals"),
    [
        (FAIR, works, {1}),
        (Weather(lose_request=1), fails, {0}),
        (Weather(lose_reply=1), fails, {1}),
        (Weather(foreign=1), answers_foreign, {0}),
        (Weather(twice=1), works, {2, 3}),
        (Weather(slow=1, slow_s=0.1, hold=1, hold_s=0.1), works, {1}),
        (Weather(cut="refused"), fails, {0}),
    ],
    ids=["fair", "lose_request", "lose_reply", "foreign", "twice", "slow", "cut"],
)
def test_each_weather_does_what_it_says(weather, act, arrivals):
    assert len(through(weather, act)) in arrivals


def test_half_a_line_lets_nothing_whole_through():
    async def act(proxy: Proxy) -> None:
        for _ in range(8):
            with pytest.raises(LineError):
                await post(proxy)

    assert len(through(Weather(half=1), act)) < 8


def test_files_of_the_page_are_left_alone():
    async def act(proxy: Proxy) -> None:
        assert (await post(proxy, "/static/build/exam.js")).body == b"ok"

    assert len(through(Weather(lose_request=1), act)) == 1


def test_who_gives_up_does_not_call_back_what_is_under_way():
    async def act(proxy: Proxy) -> None:
        with pytest.raises(LineError):
            await exchange(proxy.port, "POST", "/sittings/save", {}, b"{}", timeout_s=0.02)

    assert through(Weather(hold=1, hold_s=0.3), act) == [b"{}"]
