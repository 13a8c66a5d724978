"""The fault suite (``tests/faults``) as figures: how much was sent while everything failed, and what became of it."""

from __future__ import annotations

import asyncio
import random
import secrets
import sys

from tests.bench.figures import DATABASES, Figure
from tests.bench.stage import CannotMeasureError
from tools.test import chromium, postgresql_programs


def measure_faults() -> list[Figure]:
    """The whole suite on both databases, some ten minutes; its table is printed as it goes."""
    from tests.faults.run import Report, run

    if chromium() is None or postgresql_programs() is None:
        raise CannotMeasureError("cần cả Chromium và PostgreSQL (apt install chromium postgresql)")
    seed = secrets.randbelow(1 << 31)
    reports: list[Report] = []
    for kind in DATABASES:
        chance = random.Random(f"{seed} {kind}")
        reports.append(asyncio.run(run(kind, chance=chance, short=False, only=(), say=_say)))
    conditions = (
        f"whole fault suite, seed {seed}, 200 candidates on the wire and 9 in Chromium on each of both databases; "
        f"marks that differ: {sum(report.differing for report in reports)}"
    )
    return [
        Figure("faults.events_sent", sum(report.sent for report in reports), "answers", conditions),
        Figure("faults.lost", sum(report.lost for report in reports), "answers", conditions),
        Figure("faults.doubled", sum(report.doubled for report in reports), "answers", conditions),
    ]


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
