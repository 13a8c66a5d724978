"""References and enumerations: one rule for all of them, asked of every column the metadata has."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import CheckConstraint, String, Table, delete, literal

from examapp.bank.models import QuestionState
from examapp.sittings.models import StopOutcome
from tests.constraints.ground import NOW, ROWS, TABLES, Ground, Row, first, lists

NOBODY = 987_654_321
DECIDED: Row = {"decision": "Đã đủ giờ", "decided_at": NOW}
COMPANIONS: dict[str, Row] = {
    "duplicate_pairs.first_id": {"second_id": NOBODY + 1},
    "extensions.shift_id": {"sitting_id": None},
    "questions.merged_into_id": {"state": QuestionState.RETIRED},
    "stops.decided_by_id": {"outcome": StopOutcome.REFUSED, **DECIDED},
    "stops.extension_id": {"outcome": StopOutcome.TIME_BACK},
    "stops.paper_id": {"outcome": StopOutcome.MAKE_UP, "decided_by_id": 2, **DECIDED},
    "unsent_codes.wrong_by_id": {"wrong_ms": 22},
}
"""What another truth of the row asks to change along with a reference."""

CHILDREN = [table for table in TABLES.values() if table.foreign_keys]
PARENTS = sorted(
    {
        key.column.table.name
        for table in CHILDREN
        for key in table.foreign_keys
        if ROWS[table.name][0].get(key.parent.name) is not None
    }
)
LISTS = {name: column for table in TABLES.values() for name, column in lists(table).items()}


def test_every_table_has_a_valid_row(ground: Ground) -> None:
    assert set(ROWS) == set(TABLES)
    ground.lay(*TABLES)
    assert [name for name, rows in ROWS.items() if not rows] == ["deployment"]


@pytest.mark.parametrize("table", CHILDREN, ids=lambda table: table.name)
def test_no_row_refers_to_a_row_that_is_not_there(ground: Ground, table: Table) -> None:
    for key in table.foreign_keys:
        column = key.parent.name
        asked = {column: NOBODY, **COMPANIONS.get(f"{table.name}.{column}", {})}
        constraint = key.constraint
        assert constraint is not None
        named = "FOREIGN KEY constraint failed" if ground.connection.dialect.name == "sqlite" else constraint.name
        assert ground.refusal(ground.change(table, asked)) == named, column


@pytest.mark.parametrize("name", PARENTS)
def test_no_row_goes_that_others_refer_to(ground: Ground, name: str) -> None:
    table = TABLES[name]
    ground.lay(*TABLES)
    assert ground.refusal(delete(table).where(first(table))) is not None


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_values_is_closed(ground: Ground, name: str) -> None:
    """The list's own CHECK refuses the value, or another truth of the row that speaks of the same column."""
    column = LISTS[name]
    speaks = re.compile(rf"\b{column.name}\b")
    checks = [one for one in column.table.constraints if isinstance(one, CheckConstraint)]
    assert name in {one.name for one in checks}
    refusal = ground.refusal(ground.change(column.table, {column.name: literal("không có", String)}))
    assert refusal in {one.name for one in checks if speaks.search(str(one.sqltext))}
