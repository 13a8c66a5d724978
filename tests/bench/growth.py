"""A save among ten million stored answers beside a save among ten thousand: two databases, interleaved pairs."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median, quantiles

from sqlalchemy import text
from sqlalchemy.orm import Session

from examapp.core.db import db, unit_of_work
from tests.bench.figures import Figure
from tests.bench.hall import STRIDE, fill, series
from tests.bench.saving import drive, start_sittings
from tests.bench.stage import Instance, serving

LARGE, SMALL = 10_000_000, 10_000
EACH = 120
"""Answers of a sitting: three for each of forty questions, by two page loads."""
SHIFT = 1_000
"""So many people answer at the same time, so that their answers lie side by side."""
PAIRS = 15
REQUESTS = 2_000
WARM_UP = 2_000
CONNECTIONS = 50


def measure_growth(instance: Instance) -> list[Figure]:
    """Both hold the same people and sittings; only the stored answers differ."""
    began = time.monotonic()
    prepared = instance.copy("growth_small")
    fill(prepared, LARGE // EACH, papers=False)
    _sit(prepared, LARGE // EACH)
    try:
        large = prepared.copy("growth_large")
        for one, events in ((prepared, SMALL), (large, LARGE)):
            store_answers(one, events // EACH)
        loaded = time.monotonic() - began
        ratios = _compare(prepared, large)
    finally:
        _remove(instance)
    return _figures(instance, ratios, loaded)


def _sit(instance: Instance, number: int) -> None:
    """A settled past: each of them had a sitting on one and the same paper."""
    columns = "id, ref, candidate_id, paper_id, state, lease, started_ms, deadline_ms, late_ms, receipt, digest, notice"
    n = f"{STRIDE} + n"
    paper = "(SELECT min(id) FROM papers)"
    values = f"{n}, 'past' || ({n}), {n}, {paper}, 'started', 1, 1000, 2000, 2000, '', '', ''"
    _run(instance, lambda session: [f"INSERT INTO sittings ({columns}) SELECT {values} FROM {series(session, number)}"])


def store_answers(instance: Instance, sittings: int, *, first: int = 0) -> None:
    """Answers in the order in which they came: of a shift everybody's first ones, then everybody's second ones."""

    def statements(session: Session) -> list[str]:
        shifts = range(0, sittings, SHIFT)
        return [_shift(session, first + begin, min(SHIFT, sittings - begin)) for begin in shifts]

    _run(instance, statements)
    quiet = ["ALTER TABLE answer_events SET (autovacuum_enabled = off)", "VACUUM ANALYZE answer_events"]
    _run(instance, lambda _: [*quiet, "CHECKPOINT"] if instance.cluster else ["ANALYZE"], alone=True)


def _shift(session: Session, first: int, number: int) -> str:
    """One statement that stores everything a shift answers."""
    person, event = f"({first} + p.n)", "(e.n - 1)"
    scattered = f"({person} * 131 + {event} / 60) * 2654435761 % 4503599627370449"
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    writer = f"lpad(to_hex({scattered}), 16, 'w')" if is_postgresql else f"printf('%016x', {scattered})"
    values = (
        f"{STRIDE} + {person}, {writer}, {event} % 60 + 1, 1, {event} % 40 + 1, '[' || ({event} % 4 + 1) || ']',"
        f" 1795000000000 + {event} * 1000, 1795000000300 + {event} * 1000"
    )
    columns = "sitting_id, writer, seq, lease, slot, response, answered_ms, received_ms"
    rows = f"{series(session, EACH, 'e')} CROSS JOIN {series(session, number, 'p')}"
    return f"INSERT INTO answer_events ({columns}) SELECT {values} FROM {rows} ORDER BY e.n, p.n"


def _run(instance: Instance, statements: Callable[[Session], list[str]], *, alone: bool = False) -> None:
    with instance.app().app_context():
        if alone:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for sql in statements(db.session):
                    connection.execute(text(sql))
        else:
            with unit_of_work() as session:
                if instance.cluster:
                    session.execute(text("SET LOCAL session_replication_role = replica"))  # keys hold by construction
                for sql in statements(session):
                    session.connection().exec_driver_sql(sql.replace("%", "%%") if instance.cluster else sql)
        db.engine.dispose()


def _compare(small: Instance, large: Instance) -> list[float]:
    with ExitStack() as stack:
        sides = []
        for instance in (small, large):
            tokens = start_sittings(instance, CONNECTIONS)
            sides.append((stack.enter_context(serving(instance)), instance, tokens))
        for side in sides:
            drive(*side, WARM_UP)
        ratios = []
        for pair in range(PAIRS):
            order = sides if pair % 2 else sides[::-1]
            used = {id(side): drive(*side, REQUESTS).cpu_ms for side in order}
            ratios.append(used[id(sides[1])] / used[id(sides[0])])
    return ratios


def _remove(instance: Instance) -> None:
    """Two gigabytes that nobody needs again."""
    for name in ("growth_small", "growth_large"):
        if instance.cluster:
            instance.cluster.drop(name)
        shutil.rmtree(instance.folder.parents[1] / name, ignore_errors=True)


def _figures(instance: Instance, ratios: list[float], loaded: float) -> list[Figure]:
    low, _, high = quantiles(ratios, n=4)
    conditions = (
        f"{instance.kind}, CPU of server and database for a save among {LARGE // EACH * EACH} stored answers of "
        f"{LARGE // EACH} sittings against one among {SMALL // EACH * EACH}, median of {PAIRS} interleaved pairs of "
        f"{REQUESTS} saves; the middle half of the pairs between {low:.2f} and {high:.2f}; loaded in {loaded:.0f} s"
    )
    name = "save.growth_10m_ratio" + ("" if instance.cluster else ".sqlite")
    spread = name.replace("ratio", "spread")
    return [Figure(name, median(ratios), "x", conditions), Figure(spread, high - low, "x", conditions)]
