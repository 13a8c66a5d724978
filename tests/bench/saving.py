"""A save beside its floor: interleaved pairs, so that whatever else the machine does falls on both alike."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from sqlalchemy import select

from examapp.core import clock
from examapp.core.db import db, new_reference, unit_of_work
from examapp.rounds.models import Candidate, ExamRound, Paper
from examapp.sittings.services import start_sitting
from tests.bench import floor
from tests.bench.cpu import cpu_seconds
from tests.bench.examined import NOT_BEGUN
from tests.bench.figures import ROOT, Figure
from tests.bench.stage import Instance, Server, plain, serving

CONNECTIONS = 50
PAIRS = 7
REQUESTS = 3000
WARM_UP = 1000


@dataclass(frozen=True)
class Measure:
    """One run: CPU-ms a request of the server's and the database's processes, requests a second, latencies in ms."""

    server_ms: float
    database_ms: float
    per_second: float
    latencies: list[float]

    @property
    def cpu_ms(self) -> float:
        return self.server_ms + self.database_ms


def measure_saves(instance: Instance) -> list[Figure]:
    tokens = start_sittings(instance, CONNECTIONS)
    with ExitStack() as stack:
        product = stack.enter_context(serving(instance))
        bare = stack.enter_context(_floor(instance))
        for server in (product, bare):
            drive(server, instance, tokens, WARM_UP)
        pairs = [
            (drive(product, instance, tokens, REQUESTS), drive(bare, instance, tokens, REQUESTS)) for _ in range(PAIRS)
        ]
    return _figures(instance.kind, pairs)


def start_sittings(instance: Instance, number: int) -> list[str]:
    """Candidates of the open round who have just started; the tokens their pages were given."""
    app = instance.app()
    with app.app_context(), unit_of_work():
        waiting = (
            select(Candidate)
            .join(ExamRound, ExamRound.id == Candidate.round_id)
            .join(Paper, Paper.candidate_id == Candidate.id)
            .where(NOT_BEGUN)
            .order_by(Candidate.number)
            .limit(number)
        )
        tokens = []
        for candidate in db.session.scalars(waiting).all():
            device = new_reference()
            sitting = start_sitting(candidate, now=clock.now(), device=device)
            sign = app.extensions["sitting_signer"].sign
            tokens.append(
                sign(sitting_id=sitting.id, lease=sitting.lease, device=device, deadline_ms=sitting.deadline_ms)
            )
        db.session.flush()
    return tokens


def _floor(instance: Instance):  # type: ignore[no-untyped-def]
    """The floor's own database beside the product's: another file, or another database of the same cluster."""
    if instance.cluster:
        url = plain(instance.cluster.create("floor"))
    else:
        file = instance.folder / "floor.sqlite"
        for path in instance.folder.glob("floor.sqlite*"):
            path.unlink()
        url = str(file)
    floor.create_table(url)
    return serving(instance, "tests.bench.floor:create_app()", **{floor.URL: url})


def drive(server: Server, instance: Instance, tokens: Sequence[str], requests: int) -> Measure:
    cluster = instance.cluster
    before, database_before = server.cpu, cpu_seconds(cluster.pid) if cluster else 0.0
    order = json.dumps({"port": server.port, "tokens": tokens, "requests": requests})
    command = [sys.executable, "-m", "tests.bench.load"]
    done = subprocess.run(command, cwd=ROOT, input=order, capture_output=True, text=True, check=True)
    used, database_used = server.cpu - before, cpu_seconds(cluster.pid) - database_before if cluster else 0.0
    told = json.loads(done.stdout)
    if told["statuses"] != {"200": requests}:
        raise RuntimeError(f"not every save was acknowledged: {told['statuses']}")
    return Measure(
        server_ms=used / requests * 1000,
        database_ms=database_used / requests * 1000,
        per_second=requests / told["seconds"],
        latencies=[latency * 1000 for latency in told["latencies"]],
    )


def _figures(kind: str, pairs: Sequence[tuple[Measure, Measure]]) -> list[Figure]:
    products, floors = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    conditions = (
        f"{kind}, {CONNECTIONS} keep-alive connections, medians of {len(pairs)} interleaved pairs of {REQUESTS} saves "
        "of one answer, gunicorn gthread 2 processes x 8 threads, every commit synced to the disk"
    )
    cuts = quantiles([latency for run in products for latency in run.latencies], n=100)
    values = {
        "save.cpu_ms": (median(run.cpu_ms for run in products), "ms"),
        "save.ratio": (median(product.cpu_ms / bare.cpu_ms for product, bare in pairs), "x floor"),
        "save.server_cpu_ms": (median(run.server_ms for run in products), "ms"),
        "save.database_cpu_ms": (median(run.database_ms for run in products), "ms"),
        "save.floor_cpu_ms": (median(run.cpu_ms for run in floors), "ms"),
        "save.floor_server_cpu_ms": (median(run.server_ms for run in floors), "ms"),
        "save.per_second": (median(run.per_second for run in products), "/s"),
        "save.floor_per_second": (median(run.per_second for run in floors), "/s"),
        "save.p50_ms": (cuts[49], "ms"),
        "save.p95_ms": (cuts[94], "ms"),
        "save.p99_ms": (cuts[98], "ms"),
    }
    return [Figure(f"{name}.{kind}", value, unit, conditions) for name, (value, unit) in values.items()]
