"""What the exchange adds to the room: its pages, its commands, its jobs."""

from __future__ import annotations

from collections.abc import Callable

from examapp.bank.exchange import cli, package_routes, routes  # noqa: F401 - each adds its own when it is loaded
from examapp.bank.exchange.gather import JOB as PACK_JOB
from examapp.bank.exchange.gather import pack_job
from examapp.bank.exchange.merge import JOB as MERGE_JOB
from examapp.bank.exchange.merge import merge_job
from examapp.bank.exchange.receive import JOB as COMPARE_JOB
from examapp.bank.exchange.receive import compare_job
from examapp.core.jobs import Work

JOBS: dict[str, Callable[[Work], None]] = {PACK_JOB: pack_job, COMPARE_JOB: compare_job, MERGE_JOB: merge_job}
