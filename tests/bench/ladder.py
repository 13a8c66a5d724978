"""The ladder: more and more candidates at once, each rung on an installation of its own.

``LADDER=1000,2500`` chooses rungs, ``LADDER_DATABASES=postgresql`` databases.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any

from sqlalchemy import func, select

from examapp.core.db import db
from examapp.sittings.models import AnswerEvent, Sitting, SittingState
from tests.bench.cpu import cpu_seconds
from tests.bench.figures import ROOT, Figure
from tests.bench.hall import STRIDE, Hall, fill
from tests.bench.stage import Instance, Server, serving

STEADY_S = 60
MOST_OF_A_CORE = 0.5
"""A crowd that needs more is measuring itself."""


@dataclass(frozen=True)
class Rung:
    """How many people; of them ``starting`` press Start within the ramp, the others have begun before."""

    people: int
    starting: int
    ramp_s: int
    window_s: int
    databases: tuple[str, ...] = ("sqlite", "postgresql")


RUNGS = (
    Rung(100, 100, 10, 8),
    Rung(1_000, 1_000, 60, 20),
    Rung(2_500, 500, 30, 40),
    Rung(10_000, 500, 30, 300, ("postgresql",)),
)
"""Everybody starts at a rate of a thousand a minute at most."""


def chosen_rungs(kind: str) -> list[Rung]:
    """Those of ``LADDER``; all without it."""
    wanted = {int(word) for word in os.environ.get("LADDER", "").split(",") if word.strip()}
    databases = os.environ.get("LADDER_DATABASES", kind).split(",")
    return [r for r in RUNGS if kind in r.databases and kind in databases and (not wanted or r.people in wanted)]


def measure_ladder(instance: Instance) -> list[Figure]:
    return [figure for rung in chosen_rungs(instance.kind) for figure in _climb(instance, rung)]


@dataclass
class Climb:
    """What a rung gave: the crowd's report, CPU seconds of each part at the beginning of each phase."""

    told: dict[str, Any]
    marks: dict[str, tuple[float, float, float]]
    """Of web server, database and crowd."""

    def cpu(self, part: int, since: str, until: str) -> float:
        return self.marks[until][part] - self.marks[since][part]


def _climb(instance: Instance, rung: Rung) -> list[Figure]:
    copy = instance.copy(f"ladder_{rung.people}")
    hall = fill(copy, rung.people, begun=rung.people - rung.starting)
    with serving(copy) as server:
        climb = drive(copy, server, _order(hall, rung))
    _check_nothing_is_lost(hall, rung, climb)
    return _figures(copy.kind, rung, climb)


def _order(hall: Hall, rung: Rung) -> dict[str, Any]:
    return {
        "ramp": rung.ramp_s,
        "steady": STEADY_S,
        "window": rung.window_s,
        "csrf": hall.csrf,
        "people": [asdict(seat) for seat in hall.seats],
    }


def drive(instance: Instance, server: Server, order: dict[str, Any]) -> Climb:
    """Let the crowd do what the order says, and look at everybody's CPU time whenever a phase begins."""
    command = [sys.executable, "-m", "tests.bench.crowd"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as crowd:
        assert crowd.stdin is not None
        assert crowd.stdout is not None
        crowd.stdin.write(json.dumps({"port": server.port, **order}))
        crowd.stdin.close()
        marks, told = {}, {}
        for line in crowd.stdout:
            told = json.loads(line)
            database = cpu_seconds(instance.cluster.pid) if instance.cluster else 0.0
            marks[told.get("phase", "over")] = (server.cpu, database, cpu_seconds(crowd.pid))
    if crowd.returncode:
        raise RuntimeError("the crowd did not come to its end")
    return Climb(told, marks)


def _check_nothing_is_lost(hall: Hall, rung: Rung, climb: Climb) -> None:
    ours = Sitting.id.in_(select(Sitting.id).where(Sitting.candidate_id > STRIDE))
    with hall.app.app_context():
        stored = db.session.scalar(
            select(func.count()).select_from(AnswerEvent).join(Sitting).where(ours, AnswerEvent.slot > 0)
        )
        settled = db.session.scalar(
            select(func.count()).select_from(Sitting).where(ours, Sitting.state == SittingState.SETTLED)
        )
        db.session.rollback()
        db.engine.dispose()
    if stored is None or stored < climb.told["acknowledged"]:
        raise RuntimeError(f"{climb.told['acknowledged']} answers acknowledged, {stored} stored")
    if rung.window_s and settled != rung.people and not climb.told["errors"]:
        raise RuntimeError(f"{settled} of {rung.people} sittings settled")


def _figures(kind: str, rung: Rung, climb: Climb) -> list[Figure]:
    told = climb.told
    begun = rung.people - rung.starting
    conditions = (
        f"{kind}, {rung.people} candidates on loopback without TLS, papers of 40 questions, {rung.starting} start "
        f"within {rung.ramp_s} s{f' while {begun} that have begun before answer' if begun else ''}, then {STEADY_S} s "
        "with an answer every 20 to 40 s each and a contact after 25 s of silence, then all submit within "
        f"{rung.window_s} s; "
        f"server, database and crowd share the cores, crowd {climb.cpu(2, 'ramp', 'over') / told['seconds']:.2f} of one"
    )
    own = max(climb.cpu(2, "ramp", "steady") / rung.ramp_s, climb.cpu(2, "steady", "end") / STEADY_S)
    name = f"ladder.{rung.people}"
    errors = sum(told["errors"].values())
    figures = [
        Figure(f"{name}.errors.{kind}", errors, "", conditions + (f"; {told['errors']}" if errors else "")),
        Figure(f"{name}.crowd_cores.{kind}", own, "cores", conditions),
        Figure(f"{name}.busy_cores.{kind}", _both(climb, "steady", "end") / STEADY_S, "cores", conditions),
        Figure(f"{name}.cpu_s.{kind}", _both(climb, "ramp", "over") / rung.people, "s", conditions),
    ]
    acts = {"start": "start", "save": "save.steady", "save_ramp": "save.ramp", "submit": "submit.end"}
    if own > MOST_OF_A_CORE:
        return [Figure(f"{name}.void.{kind}", own, "cores", f"{conditions}; VOID: the crowd took too much of a core")]
    for act, key in acts.items():
        figures += percentiles(f"{name}.{act}", kind, told["latencies"].get(key, []), conditions)
    return figures


def _both(climb: Climb, since: str, until: str) -> float:
    return climb.cpu(0, since, until) + climb.cpu(1, since, until)


def percentiles(name: str, kind: str, latencies: Sequence[float], conditions: str) -> list[Figure]:
    if len(latencies) < 2:
        return []
    cuts = quantiles(latencies, n=100)
    return [Figure(f"{name}_p{p}_ms.{kind}", cuts[p - 1], "ms", conditions) for p in (50, 95, 99)]
