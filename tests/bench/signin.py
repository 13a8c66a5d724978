"""Signing in: its CPU time, and what a burst of it does to those who are answering."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from examapp.demonstration.accounts import PASSWORD
from tests.bench.cpu import cpu_seconds
from tests.bench.figures import Figure
from tests.bench.hall import Hall, fill
from tests.bench.ladder import drive, percentiles
from tests.bench.stage import Instance, Server, serving

ANSWERING = 1_000
BURST = 300
ALONE = 60
WARM_UP = 20
CALM_S, AFTER_S = 40, 25
BURST_S, ALONE_S = 3, 9
"""Within so long the sign-ins begin."""
Told = dict[str, str]


def measure_sign_in(instance: Instance) -> list[Figure]:
    hall = fill(instance, ANSWERING + BURST + ALONE + WARM_UP, begun=ANSWERING)
    newcomers = [
        {"login": seat.login, "cookie": cookie}
        for seat, cookie in zip(hall.seats, hall.nobody, strict=True)
        if not seat.token
    ]
    with serving(instance) as server:
        _sign_in(instance, server, hall, newcomers[BURST + ALONE :])
        cpu_ms = _sign_in(instance, server, hall, newcomers[BURST : BURST + ALONE])
        order = _order(hall, newcomers[:BURST], CALM_S, AFTER_S)
        order["people"] = [asdict(seat) for seat in hall.seats if seat.token]
        told = drive(instance, server, order).told
    return _figures(instance.kind, cpu_ms, told)


def _order(hall: Hall, newcomers: list[Told], calm_s: int, after_s: int) -> dict[str, Any]:
    return {
        "burst_s": BURST_S if calm_s else ALONE_S,
        "ramp": calm_s,
        "steady": after_s,
        "window": 0,
        "csrf": hall.csrf,
        "people": [],
        "newcomers": newcomers,
        "password": PASSWORD,
    }


def _sign_in(instance: Instance, server: Server, hall: Hall, newcomers: list[Told]) -> float:
    """CPU-ms of each, when nothing else is asked of the server."""
    cluster = instance.cluster
    before = server.cpu + (cpu_seconds(cluster.pid) if cluster else 0.0)
    told = drive(instance, server, _order(hall, newcomers, 0, ALONE_S + 1)).told
    after = server.cpu + (cpu_seconds(cluster.pid) if cluster else 0.0)
    if told["errors"] or len(told["latencies"]["signin"]) != len(newcomers):
        raise RuntimeError(f"not everybody could sign in: {told['errors']}")
    return (after - before) / len(newcomers) * 1000


def _figures(kind: str, cpu_ms: float, told: dict[str, Any]) -> list[Figure]:
    alone = f"{kind}, mean of {ALONE} sign-ins by password within {ALONE_S} s, server and database, nothing else asked"
    burst = (
        f"{kind}, {BURST} sign-ins by password within {BURST_S} s while {ANSWERING} candidates answer every 20 to "
        f"40 s, on loopback without TLS; {told['queued']} times somebody was asked to wait"
    )
    latencies, errors = told["latencies"], sum(told["errors"].values())
    return [
        Figure("signin.cpu_ms", cpu_ms, "ms", alone),
        Figure("signin.burst_errors", errors, "", burst + (f"; {told['errors']}" if errors else "")),
        *percentiles("signin.burst", kind, latencies.get("signin", []), burst + ", until signed in"),
        *percentiles("signin.save_calm", kind, latencies.get("save.ramp", []), burst + "; saves before it"),
        *percentiles("signin.save_burst", kind, latencies.get("save.burst", []), burst + "; saves meanwhile"),
    ]
