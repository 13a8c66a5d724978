"""Files in and out: a thousand questions from Excel, ten thousand results to Excel, the demonstration."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from examapp.accounts.models import Account
from examapp.bank import import_reading, imports, storing
from examapp.bank.import_files import Incoming
from examapp.bank.models import QuestionImport
from examapp.core.db import db, unit_of_work
from examapp.results import exports
from examapp.results.models import Result, ResultItem
from examapp.rounds.models import ExamRound
from question_bank import starter
from question_bank.formats import write
from question_bank.question import Question
from tests.bench.figures import ROOT, Figure
from tests.bench.stage import Instance, fresh_sqlite

QUESTIONS = 1000
RESULTS = 10_000
BASE = 125
"""Real results of the demonstration that the ten thousand are made of."""
TIMES = 3
QUIETEST = f"the quickest of {TIMES} runs, as others may use the machine"
STRIDE = 10_000_000
"""Ids of one copy lie so far from those of the next."""


def measure_import(instance: Instance) -> list[Figure]:
    """What two requests of the import do, without the waiting between them: read and check, confirm and store.

    A small file goes first, because a running server has mapped its tables and compiled its statements long ago.
    """
    questions = varied_questions(TIMES * QUESTIONS + 20)
    small, *files = (
        write(questions[n : n + QUESTIONS], "excel").data for n in range(TIMES * QUESTIONS, -1, -QUESTIONS)
    )
    app = instance.app()
    with app.app_context():
        _import(small)
        steps = min((_import(large) for large in files), key=lambda steps: sum(steps.values()))
        db.engine.dispose()
    conditions = (
        f"{instance.kind}, wall time of {QUESTIONS} questions, an .xlsx of {len(files[0]) // 1024} KiB by the services "
        f"in one warm process: read, checked against the bank, kept for looking at, confirmed, stored; {QUIETEST}"
    )
    figures = {"import.excel_1000_s": sum(steps.values()), **{f"import.{name}_s": s for name, s in steps.items()}}
    return [Figure(name, value, "s", conditions) for name, value in figures.items()]


def _import(data: bytes) -> dict[str, float]:
    """The seconds of each step."""
    file = Incoming("do-nhanh.xlsx", data)
    times = [time.perf_counter()]
    reading = import_reading.read_incoming(file)
    times.append(time.perf_counter())
    with unit_of_work() as session:
        owner = session.scalars(select(Account).where(Account.login == "cauhoi")).one()
        batch = imports.start_batch([file], [reading], owner=owner, choice=imports.Choice())
        ref = session.scalars(select(QuestionImport.ref).where(QuestionImport.batch_id == batch.id)).one()
    times.append(time.perf_counter())
    with unit_of_work() as session:
        owner = session.scalars(select(Account).where(Account.login == "cauhoi")).one()
        stored = storing.store_import(imports.get_import(ref, person=owner), person=owner)
    times.append(time.perf_counter())
    if stored != len(reading.questions):
        raise RuntimeError(f"only {stored} of {len(reading.questions)} questions were stored")
    spans = [later - earlier for earlier, later in pairwise(times)]
    return dict(zip(("read", "check", "store"), spans, strict=True))


def varied_questions(number: int) -> list[Question]:
    """Questions of the sample bank, each under stems of its own, as a bank that grows over years has them."""
    sample = starter.load()
    return [
        replace(question, stem=f"{question.stem} (tình huống {index + 1})")
        for index in range(number)
        for question in [sample[index % len(sample)]]
    ]


def measure_export(instance: Instance) -> list[Figure]:
    """The workbook as the job runner makes it, in a warm process; memory by the command, in a process of its own."""
    app = instance.app()
    with app.app_context():
        with unit_of_work() as session:
            small = _best_known_round(session)
            large = _enlarge(session, small)
            rounds = [session.get_one(ExamRound, round_id) for round_id in (small, large)]
            for row in rounds:
                session.expunge(row)
        _seconds(rounds[0])
        seconds, cpu = min(_seconds(rounds[1]) for _ in range(TIMES))
        db.engine.dispose()
    little, much = (_export(instance, row.code) for row in rounds)
    what = f"{instance.kind}, {RESULTS} results with 40 marked questions each, a workbook of five sheets"
    command = f"{what} by the command examapp results export"
    growth = (much.peak_kb - little.peak_kb) / 1000
    return [
        Figure("export.results_10000_s", seconds, "s", f"{what}, wall time in a warm process; {QUIETEST}"),
        Figure("export.cpu_s", cpu, "s", f"{what}, CPU time of the same run"),
        Figure("export.command_s", much.seconds, "s", f"{command}, wall time with its start"),
        Figure("export.command_cpu_s", much.cpu_s, "s", f"{command}, CPU time with its start"),
        Figure("export.memory_peak_mb", much.peak_kb / 1000, "MB", command),
        Figure("export.memory_growth_mb", growth, "MB", f"{command}, peak against a round of a few hundred results"),
    ]


def _seconds(exam_round: ExamRound) -> tuple[float, float]:
    """Wall and CPU time of making the workbook."""
    began, busy = time.perf_counter(), time.process_time()
    exports.as_bytes(exports.Format.XLSX, exam_round, exports.Extent(exam_round.id))
    return time.perf_counter() - began, time.process_time() - busy


@dataclass(frozen=True)
class Written:
    seconds: float
    cpu_s: float
    peak_kb: int
    size: int


def _export(instance: Instance, code: str) -> Written:
    file = instance.folder / f"{code}.xlsx"
    command = [sys.executable, "-m", "examapp", "results", "export", "--round", code, "-o", str(file)]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=instance.environment(), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"the export of {code} failed")
    return Written(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file.stat().st_size)


def _best_known_round(session: Session) -> int:
    """The round with the most marked questions."""
    items = (
        select(Result.round_id)
        .join(ResultItem, ResultItem.result_id == Result.id)
        .where(Result.is_current)
        .group_by(Result.round_id)
        .order_by(func.count().desc())
        .limit(1)
    )
    return session.scalars(items).one()


@dataclass(frozen=True)
class Copied:
    """How a table's rows are copied: ids moved by a stride, texts that must be unique marked with the copy's number."""

    table: str
    moved: tuple[str, ...]
    marked: tuple[str, ...]
    of_base: str
    in_round: bool = False


COPIED = (
    Copied("officials", ("id",), ("staff_code",), "id IN (SELECT official_id FROM base)"),
    Copied("candidates", ("id", "official_id"), ("number",), "id IN (SELECT candidate_id FROM base)", True),
    Copied("papers", ("id", "candidate_id"), ("ref",), "candidate_id IN (SELECT candidate_id FROM base)"),
    Copied("sittings", ("id", "candidate_id", "paper_id"), ("ref",), "candidate_id IN (SELECT candidate_id FROM base)"),
    Copied(
        "results",
        ("id", "candidate_id", "sitting_id", "official_id"),
        ("ref",),
        "id IN (SELECT result_id FROM base)",
        True,
    ),
    Copied("result_parts", ("id", "result_id"), (), "result_id IN (SELECT result_id FROM base)"),
    Copied("result_items", ("result_id",), (), "result_id IN (SELECT result_id FROM base)"),
)


def _enlarge(session: Session, round_id: int) -> int:
    """A round of ten thousand results beside the real one, copied inside the database; its id."""
    run = session.connection().exec_driver_sql
    run(
        "CREATE TEMPORARY TABLE base AS SELECT id AS result_id, candidate_id, official_id FROM results"
        f" WHERE is_current AND round_id = {round_id} ORDER BY id LIMIT {BASE}"
    )
    if session.scalar(text("SELECT count(*) FROM base")) != BASE:
        raise RuntimeError(f"the demonstration has fewer than {BASE} results in a round")
    large = round_id + STRIDE
    run(_copy(session, Copied("exam_rounds", ("id",), ("code",), f"id = {round_id}"), 1, large))
    for number in range(1, RESULTS // BASE + 1):
        for copied in COPIED:
            run(_copy(session, copied, number, large))
    run("DROP TABLE base")
    return large


def _copy(session: Session, copied: Copied, number: int, round_id: int) -> str:
    columns = [row[1] for row in session.connection().exec_driver_sql(f"PRAGMA table_info({copied.table})")]
    values = [_value(column, copied, number, round_id) for column in columns]
    return (
        f"INSERT INTO {copied.table} ({', '.join(map(_quoted, columns))}) SELECT {', '.join(values)}"
        f" FROM {copied.table} WHERE {copied.of_base}"
    )


def _value(column: str, copied: Copied, number: int, round_id: int) -> str:
    if column in copied.moved:
        return f"{_quoted(column)} + {number * STRIDE}"
    if column in copied.marked:
        return f"{_quoted(column)} || '-{number}'"
    return str(round_id) if copied.in_round and column == "round_id" else _quoted(column)


def _quoted(name: str) -> str:
    return f'"{name}"'


def measure_demonstration() -> list[Figure]:
    """``examapp demo`` into an empty database."""
    instance = fresh_sqlite("demo")
    instance.command("db", "upgrade")
    began = time.perf_counter()
    instance.command("demo")
    seconds = time.perf_counter() - began
    size = Path(instance.folder / "thuocdo.sqlite").stat().st_size
    conditions = f"sqlite, wall time of examapp demo with its start, into an empty database ({size / 1e6:.0f} MB after)"
    return [Figure("demo.build_s", seconds, "s", conditions)]
