"""``python -m tests.bench.plans``: write ``docs/hot-path.md``, the statements of the hot path with their plans.

On installations of the bench with two thousand candidates and a quarter of a million answers, on both databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import select

from examapp.core.db import db
from examapp.sittings import store
from examapp.sittings.models import Sitting
from tests.bench.figures import DATABASES, ROOT
from tests.bench.growth import EACH, store_answers
from tests.bench.hall import STRIDE, fill
from tests.bench.stage import Instance, demonstration
from tests.reader import Reader
from tests.sittings.hot_path import Asked, Road, explain

FILE = ROOT / "docs" / "hot-path.md"
PEOPLE = 2_000
HEADER = """# The hot path's statements

Every statement of start, exam page, save, submission and receipt, with the plan that each database makes for it.
Written by `python -m tests.bench.plans` from the demonstration with {people} further candidates and {answers} stored
answers, after `ANALYZE`; lists of columns are shortened. `tests/sittings/test_statements.py` holds the numbers, and
that no plan reads a long table from end to end, on both databases. Statements that an act above has shown already are
not shown again.

Connections of saves are in autocommit: the statement is its own transaction, and "committed" is part of its answer.
The other acts are one transaction each, with `BEGIN` and `COMMIT` besides. What SQLite lists under an `INSERT` into
`sittings` are the tables that refer to it; it looks there only while a deferred key is unmet, which never happens.
Questions that a process has read before it does not read again.

"""
DIALECTS = {" IS 0": " IS false", " IS 1": " IS true", " WITH TIME ZONE": "", " OFFSET ?": "", "::timestamptz": ""}
DIALECTS["RETURNING id"] = "RETURNING sittings.id"
"""Ways of saying the same, so that both plans stand under one statement."""
ACTS = {
    "start": "Start (`POST /sittings/enter/<id>`)",
    "page": "Exam page (`GET /sittings/<ref>`)",
    "save": "Save (`POST /sittings/save`, one answer; more answers are more rows of the same statement)",
    "contact": "Contact without an answer (the same address)",
    "repeated": "Save, a number that came before: besides, what is stored under it",
    "conflict": "Save, the same number with other content: besides",
    "submit": "Submission (`POST /sittings/<ref>/submit`) with settlement",
    "receipt": "Receipt (`GET /sittings/<ref>/receipt`)",
}


def main() -> None:
    told = {kind: _walk_on(kind) for kind in DATABASES}
    parts = [HEADER.format(people=PEOPLE, answers=PEOPLE * EACH)]
    shown: set[str] = set()
    for act, title in ACTS.items():
        numbers = " and ".join(f"{len(told[kind][act])} on {kind}" for kind in DATABASES)
        parts.append(f"## {title}\n\nStatements: {numbers}.\n\n")
        plans: dict[str, dict[str, list[str]]] = {}
        for kind in DATABASES:
            for sql, plan in told[kind][act]:
                plans.setdefault(sql, {})[kind] = plan
        parts += [_shown(sql, plans[sql]) for sql in plans if sql not in shown]
        shown |= set(plans)
    FILE.write_text("".join(parts).rstrip() + "\n", encoding="utf-8")


def _shown(sql: str, plans: dict[str, list[str]]) -> str:
    lines = [f"```sql\n{sql}\n```\n\n"]
    for name, plan in plans.items():
        steps = [re.sub(r"'[^']*'(::\w+)*( with time zone)?", "?", step) for step in plan]
        lines.append(f"{name}:\n\n```\n" + "\n".join(steps or ["appends; looks nothing up"]) + "\n```\n\n")
    return "".join(lines)


def _walk_on(kind: str) -> dict[str, list[tuple[str, list[str]]]]:
    with demonstration(kind) as built:
        instance = built.copy("plans")
        hall = fill(instance, PEOPLE + 1, begun=PEOPLE)
        store_answers(instance, PEOPLE, first=1)
        acts = _acts(instance, hall.app)
        with hall.app.app_context(), db.engine.connect() as connection:
            found = {act: [(_short(one.sql), explain(connection, one)) for one in acts[act]] for act in ACTS}
            connection.rollback()
            db.engine.dispose()
    return found


def _acts(instance: Instance, app: Any) -> dict[str, list[Asked]]:
    candidate = STRIDE + 1
    road = Road(app, partial(Reader, app), candidate, candidate)
    acts = {"start": road.start(), "page": road.page()}
    with app.app_context():
        sitting = db.session.scalars(select(Sitting).where(Sitting.candidate_id == candidate)).one()
        sign = app.extensions["sitting_signer"].sign
        token = sign(sitting_id=sitting.id, lease=1, device="d" * 26, deadline_ms=sitting.deadline_ms)
        db.session.rollback()
    acts["save"], acts["contact"] = road.save(1, token=token), road.save(token=token)
    mark = "%s" if instance.cluster else "?"
    acts["repeated"] = [Asked(store.stored_sql(1).replace("?", mark), (STRIDE + 2, "w", 1))]
    acts["conflict"] = [Asked(store.CONFLICT_SQL.replace("?", mark), (STRIDE + 2, "w", 1, "[]", 1, STRIDE + 2))]
    acts["submit"], acts["receipt"] = road.submit(2, 3, token=token), road.receipt()
    return acts


def _short(sql: str) -> str:
    """Without the lists of columns, with marks of one style."""
    sql = " ".join(sql.split())
    sql = re.sub(r"%\(\w+\)s(::[A-Z]+)?|%s", "?", sql)
    for said, alike in DIALECTS.items():
        sql = sql.replace(said, alike)
    sql = re.sub(r"SELECT (?:(?!SELECT|FROM).){90,}? FROM ", "SELECT … FROM ", sql)
    sql = re.sub(r"RETURNING (?:sittings\.)?id, .*$", "RETURNING …", sql)
    return _wrapped(sql.split(" "))


def _wrapped(words: Iterable[str]) -> str:
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 130:
            lines.append(line)
            line = "  "
        line += (" " if line.strip() else "") + word
    return "\n".join([*lines, line])


if __name__ == "__main__":
    main()
