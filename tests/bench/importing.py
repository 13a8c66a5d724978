"""Ten thousand questions from one Excel file, two thousand from Word, as the job runner brings them into the bank.

``python -m tests.bench.importing FILE COUNT`` does it in a process of its own and prints what it took, because the
memory of a process that has done other things before tells nothing.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from examapp import create_app
from examapp.accounts.models import Account
from examapp.bank import imports, storing
from examapp.bank.import_files import Incoming
from examapp.bank.models import ImportState, QuestionImport
from examapp.core.db import db, unit_of_work
from examapp.core.jobs import run_waiting
from question_bank.formats import write
from tests.bench.figures import ROOT, Figure
from tests.bench.files import QUIETEST, TIMES, varied_questions
from tests.bench.stage import Instance

QUESTIONS = 10_000
IN_WORD = 2_000
EXAMINER = "cauhoi"


def measure_large_import(instance: Instance) -> list[Figure]:
    file = instance.folder / "muoi-nghin-cau.xlsx"
    file.write_bytes(write(varied_questions(QUESTIONS), "excel").data)
    best = _best(instance, file, QUESTIONS)
    conditions = (
        f"{instance.kind}, {QUESTIONS} questions, an .xlsx of {file.stat().st_size // 1024} KiB, in the job runner: "
        f"read, compared with the bank, kept for looking at, confirmed, checked again, stored in steps; {QUIETEST}"
    )
    return [
        Figure("import.excel_10000_s", best["seconds"], "s", conditions),
        Figure("import.excel_10000_read_s", best["read"], "s", f"{conditions}; until it can be looked at"),
        Figure("import.excel_10000_store_s", best["store"], "s", f"{conditions}; from the confirmation on"),
        Figure("import.excel_10000_mb", best["megabytes"], "MB", f"{conditions}; peak of the process"),
        Figure("import.excel_10000_chunk_ms", best["chunk_ms"], "ms", f"{conditions}; longest transaction that writes"),
    ]


def measure_word_import(instance: Instance) -> list[Figure]:
    file = instance.folder / "hai-nghin-cau.docx"
    file.write_bytes(write(varied_questions(IN_WORD), "word").data)
    best = _best(instance, file, IN_WORD)
    conditions = (
        f"{instance.kind}, {IN_WORD} questions, a .docx of {file.stat().st_size // 1024} KiB, in the job runner: read, "
        f"compared with the bank, kept for looking at, confirmed, checked again, stored in steps; {QUIETEST}"
    )
    return [
        Figure("import.word_2000_s", best["seconds"], "s", conditions),
        Figure("import.word_2000_read_s", best["read"], "s", f"{conditions}; until it can be looked at"),
    ]


def _best(instance: Instance, file: Path, count: int) -> dict[str, float]:
    runs = [_in_a_process(instance.copy(f"import-{count}-{number}"), file, count) for number in range(TIMES)]
    return min(runs, key=lambda run: run["seconds"])


def _in_a_process(instance: Instance, file: Path, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.importing", str(file), str(count)]
    done = subprocess.run(command, cwd=ROOT, env=instance.environment(), check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _import(file: Path, count: int) -> dict[str, float]:
    longest = _watch_transactions()
    times = [time.perf_counter()]
    with unit_of_work() as session:
        owner = session.scalars(select(Account).where(Account.login == EXAMINER)).one()
        incoming = Incoming(file.name, file.read_bytes())
        batch_id = imports.start_batch([incoming], [None], owner=owner, choice=imports.Choice()).id
    run_waiting()
    times.append(time.perf_counter())
    with unit_of_work() as session:
        kept = session.scalars(select(QuestionImport).where(QuestionImport.batch_id == batch_id)).one()
        storing.store_import(kept, person=session.get_one(Account, kept.owner_id))
    run_waiting()
    times.append(time.perf_counter())
    stored = select(func.sum(QuestionImport.stored_count)).where(
        QuestionImport.batch_id == batch_id, QuestionImport.state == ImportState.STORED
    )
    if db.session.scalar(stored) != count:
        raise RuntimeError("not every question was stored")
    read, store = (later - earlier for earlier, later in pairwise(times))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {"seconds": read + store, "read": read, "store": store, "megabytes": peak, "chunk_ms": longest[0] * 1000}


def _watch_transactions() -> list[float]:
    """The longest time between the beginning of a transaction that writes and its end."""
    from sqlalchemy import event

    longest, began = [0.0], [0.0]

    def ended(_connection: object) -> None:
        if began[0]:
            longest[0] = max(longest[0], time.perf_counter() - began[0])
            began[0] = 0.0

    def begun(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("BEGIN IMMEDIATE"):
            began[0] = time.perf_counter()

    event.listen(db.engine, "after_cursor_execute", begun)
    event.listen(db.engine, "commit", ended)
    event.listen(db.engine, "rollback", ended)
    return longest


if __name__ == "__main__":
    with create_app().app_context():
        found = _import(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(json.dumps(found))
