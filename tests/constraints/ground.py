"""One valid row of every table, so that a case says only what it changes. All names are invented.

Rows are written as the database sees them, past the services and past the builders of the rooms (which mend what is
missing), in one transaction that is never committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Enum, Executable, Table, and_, insert, update
from sqlalchemy.exc import IntegrityError

from examapp.accounts.models import Role
from examapp.bank.exchange.models import Fate
from examapp.bank.models import BankKind, Mark, Strand, Verdict
from examapp.evaluation.models import EvaluationState, LinkMode, QualityLevel, SchemeKind
from examapp.models import Base
from examapp.organisation.models import LinkKind, StaffCategory, UnitKind
from examapp.practice.models import CardState
from examapp.rounds.models import BoardRole, Period, Setting
from examapp.sittings.models import DeliveryWay, IntegrityKind, StopOutcome
from question_bank.question import Level
from question_bank.similarity import Likeness

TABLES: Mapping[str, Table] = Base.metadata.tables
Row = dict[str, Any]

DAY = date(2026, 7, 1)
NOW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
REF, OTHER_REF = "0" * 26, "1" * 26

_DATED: Row = {"valid_from": DAY}
_PLACE: Row = {"unit_id": 1, "position_id": 1}

ROWS: dict[str, list[Row]] = {
    "deployment": [],  # its one row is there before every test
    "file_contents": [{"sha256": "a" * 64, "data": b"x"}],
    "officials": [
        {
            "staff_code": f"CB{number}",
            "full_name": "Nguyễn Văn Mẫu",
            "given_name": "Mẫu",
            "sort_key": "x",
            "name_fold": "nguyen van mau",
            "staff_category": StaffCategory.CIVIL_SERVANT,
        }
        for number in (1, 2, 3)
    ],
    "positions": [
        {
            "code": "tp",
            "name": "Tư pháp",
            "name_fold": "tu phap",
            "catalogue": "local",
            "staff_category": StaffCategory.CIVIL_SERVANT,
            **_DATED,
        }
    ],
    "schemes": [
        {
            "key": "mau",
            "name": "Bộ tiêu chí mẫu",
            "kind": SchemeKind.SCORED,
            "staff_category": StaffCategory.CIVIL_SERVANT,
            "legal_basis": "mẫu",
            "definition": "{}",
            **_DATED,
        }
    ],
    "sign_in_failures": [{"login": "cb1", "device": "x"}],
    "units": [
        {"code": f"dv{number}", "name": "Xã Mẫu", "name_fold": "xa mau", "kind": UnitKind.COMMUNE, **_DATED}
        for number in (1, 2)
    ],
    "accounts": [
        {"official_id": 1, "login": "cb1", "phone": "0900000001", "display_name": "Nguyễn Văn Mẫu"},
        {"login": "cb2", "display_name": "Trần Thị Mẫu"},
    ],
    "audit_events": [{"action": "x", "target": "x"}],
    "exam_links": [
        {
            "year": 2026,
            "unit_id": 1,
            "scheme_key": "mau",
            "mode": LinkMode.POINTS,
            "criterion": "chat_luong",
            "max_points": 5000,
            "regulation_number": "01/QC",
            "regulation_date": DAY,
        }
    ],
    "matrices": [{"code": "MT", "name": "Ma trận mẫu"}],
    "posts": [{"official_id": 1, "is_primary": True, **_PLACE, **_DATED}],
    "topics": [{"code": "cd", "name": "Chuyên đề mẫu", "strand": Strand.PROFESSIONAL}],
    "unit_links": [{"predecessor_id": 1, "successor_id": 2, "kind": LinkKind.RENAMED, "on": DAY}],
    "unit_parents": [{"unit_id": 1, "parent_id": 2, **_DATED}],
    "evaluations": [
        {
            "official_id": 1,
            "year": 2026,
            "state": EvaluationState.DECIDED,
            "decided_level": QualityLevel.GOOD,
            "decided_by_id": 2,
            "decided_at": NOW,
            **_PLACE,
        }
    ],
    "exam_rounds": [
        {
            "code": f"Q{number}",
            "name": "Kỳ thi mẫu",
            "year": 2026,
            "period": Period.QUARTER,
            "period_number": number,
            "legal_basis_number": "01/KH",
            "legal_basis_date": DAY,
            "setting": Setting.SUPERVISED,
            "minutes": 45,
            "unit_id": 1,
            "posts_on": DAY,
        }
        for number in (1, 2)
    ],
    "files": [{"ref": REF, "sha256": "a" * 64, "kind": "x", "name": "x", "media_type": "text/plain", "size": 1}],
    "grants": [{"account_id": 1, "role": Role.EXAMINER, **_DATED}],
    "legal_documents": [
        {"symbol": f"{number}/2026/NĐ-CP", "title": "Văn bản mẫu", "mark": Mark.VERIFIED} for number in (1, 2)
    ],
    "legal_amendments": [{"document_id": 1, "amended_by_id": 2}],
    "matrix_versions": [{"matrix_id": 1, "number": number, "minutes": 20} for number in (1, 2)],
    "questions": [{"code": f"CH-{number}", "uid": f"{number}"} for number in (1, 2, 3)],
    "question_texts": [{"question_id": 1, "folded": "x", "marked": "x"}],
    "question_tags": [{"question_id": 1, "tag": "mẫu"}],
    "duplicate_pairs": [{"first_id": 1, "second_id": 2, "likeness": Likeness.NUMBERS, "score": 90}],
    "review_sets": [{"ref": REF, "name": "Gói mẫu", "created_by_id": 2}],
    "review_set_members": [{"set_id": 1, "account_id": 2}],
    "saved_filters": [{"account_id": 1, "name": "Của tôi", "query": "state=draft"}],
    "writing_tasks": [{"assignee_id": 1, "topic_id": 1, "level": Level.RECALL, "count": 2, "created_by_id": 2}],
    "sign_in_codes": [{"account_id": 1, "code_hash": "x", "issued_at": NOW, "expires_at": NOW + timedelta(days=1)}],
    "user_sessions": [{"ref": REF, "account_id": 1, "session_number": 1, "expires_at": NOW}],
    "board_members": [{"round_id": 1, "account_id": 1, "role": BoardRole.CHAIR}],
    "evaluation_scores": [{"evaluation_id": 1, "criterion": "chat_luong", "value": 1, "by_id": 2}],
    "forced_facts": [
        {"evaluation_id": 1, "fact": "x", "decision_number": "7/QĐ", "decision_date": DAY, "entered_by_id": 2}
    ],
    "jobs": [{"ref": REF, "kind": "x"}],
    "matrix_rows": [{"version_id": 1, "topic_id": 1, "level": Level.RECALL, "count": 1}],
    "import_batches": [{"ref": REF, "owner_id": 1}],
    "question_imports": [{"ref": REF, "batch_id": 1, "file_id": 1, "format": "word", "owner_id": 1}],
    "import_groups": [{"import_id": 1, "key": "x", "topic": "cd", "positions": "[]"}],
    "import_items": [
        {"import_id": 1, "number": 1, "group_id": 1, "place": '""', "content": "{}", "stem_key": "x", "question_id": 1}
    ],
    "import_media": [{"import_id": 1, "sha256": "a" * 64, "file_id": 1}],
    "import_columns": [{"owner_id": 1, "digest": "x", "mapping": "{}"}],
    "import_mappings": [{"owner_id": 1, "key": "x", "text": "Phần I", "topic_id": 1}],
    "exchange_partners": [{"name": "Sở mẫu", "fingerprint": "b" * 64, "added_by_id": 2}],
    "exchange_packages": [
        {
            "ref": REF,
            "file_id": 1,
            "fingerprint": "b" * 64,
            "partner_id": 1,
            "origin": "Sở mẫu",
            "made_by": "Nguyễn Văn Mẫu",
            "made_at": NOW,
            "bank": BankKind.EXAM,
            "counts": "{}",
            "owner_id": 2,
        }
    ],
    "exchange_items": [
        {"package_id": 1, "number": 1, "uid": "1", "title": "x", "data": "{}", "fate": Fate.NEW, "question_id": 1}
    ],
    "version_aliases": [{"version_id": 1, "digest": "a" * 64}],
    "foreign_statistics": [{"version_id": 1, "partner_id": 1, "year": 2026, "papers": 2, "answered": 1}],
    "question_positions": [{"question_id": 1, "position_id": 1}],
    "question_versions": [
        {
            "question_id": 1,
            "number": 1,
            "kind": "single_choice",
            "level": Level.RECALL,
            "topic_id": 1,
            "stem": "Câu hỏi mẫu?",
            "content": b"{}",
            "digest": "x",
        }
    ],
    "round_matrices": [{"round_id": 1, "matrix_version_id": 1}],
    "shifts": [{"round_id": 1, "name": "Ca 1", "starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}],
    "candidates": [
        {
            "round_id": 1,
            "official_id": number,
            "number": f"00{number}",
            "full_name": "Nguyễn Văn Mẫu",
            "sort_key": "x",
            "unit_name": "Xã Mẫu",
            "posts": "[]",
            **_PLACE,
        }
        for number in (1, 2)
    ],
    "citations": [{"version_id": 1, "symbol": "1/2026/NĐ-CP"}],
    "exposures": [{"version_id": 1, "round_id": 1, "papers": 1}],
    "item_statistics": [{"version_id": 1, "round_id": 1, "papers": 2, "answered": 1}],
    "frozen_citations": [{"version_id": 1, "round_id": 1, "number": 1, "text": "Điều 1"}],
    "amendment_checks": [{"amendment_id": 1, "version_id": 1, "by_id": 2}],
    "transitional_uses": [
        {"version_id": 1, "document_id": 1, "basis_symbol": "2/2026/NĐ-CP", "reason": "Chuyển tiếp", "by_id": 2}
    ],
    "review_openings": [{"version_id": 1, "account_id": 2}],
    "review_set_items": [{"set_id": 1, "version_id": 1, "place": 1}],
    "reviews": [{"version_id": 1, "reviewer_id": 2, "verdict": Verdict.APPROVED}],
    "practice_cards": [
        {
            "official_id": 1,
            "question_id": 1,
            "state": CardState.REVIEW,
            "stability": 2.5,
            "difficulty": 5.0,
            "due_at": NOW,
            "first_at": NOW,
            "answered_at": NOW,
            "share": 1000,
        }
    ],
    "practice_answers": [
        {
            "ref": REF,
            "official_id": 1,
            "question_id": 1,
            "number": 1,
            "version_id": 1,
            "arrangement": "[]",
            "response": "[]",
            "seconds": 5,
            "answered_at": NOW,
        }
    ],
    "mock_exams": [
        {
            "ref": REF,
            "official_id": 1,
            "layout": b"{}",
            "started_at": NOW,
            "deadline_at": NOW + timedelta(minutes=45),
            "possible": 10,
        }
    ],
    "papers": [{"ref": REF, "candidate_id": 1, "minutes": 45, "layout": b"{}", "digest": "x", "sealed_at": NOW}],
    "sittings": [{"ref": REF, "candidate_id": 1, "paper_id": 1, "started_ms": 10, "deadline_ms": 20, "late_ms": 30}],
    "answer_conflicts": [{"sitting_id": 1, "writer": "w", "seq": 1, "event": "{}", "received_ms": 11}],
    "answer_events": [
        {
            "sitting_id": 1,
            "writer": "w",
            "seq": 1,
            "lease": 1,
            "slot": 1,
            "response": "[1]",
            "answered_ms": 11,
            "received_ms": 12,
        }
    ],
    "event_decisions": [
        {"sitting_id": 1, "writer": "w", "seq": 1, "accepted": True, "reason": "Mạng hỏng", "by_id": 2}
    ],
    "extensions": [{"sitting_id": 1, "minutes": 5, "reason": "Mất điện", "by_id": 2}],
    "sitting_addenda": [
        {
            "sitting_id": 1,
            "number": 1,
            "record": b"{}",
            "digest": "x",
            "receipt": "x",
            "reason": "Mạng hỏng",
            "by_id": 2,
            "at": NOW,
        }
    ],
    "unsent_codes": [{"sitting_id": 1, "code": "ABCDE-12345", "by_id": 2, "noted_ms": 21}],
    "deliveries": [{"sitting_id": 1, "way": DeliveryWay.FILE, "events": 3, "stored": 2, "received_ms": 25}],
    "stops": [
        {
            "sitting_id": 1,
            "began_ms": 12,
            "ended_ms": 14,
            "reason": "Mất điện",
            "outcome": StopOutcome.WAITING,
            "by_id": 2,
        }
    ],
    "waiting_contacts": [{"candidate_id": 1, "heard_ms": 12}],
    "integrity_events": [
        {"sitting_id": 1, "writer": "w", "seq": 1, "kind": IntegrityKind.LEFT, "at_ms": 12, "received_ms": 13}
    ],
    "results": [
        {
            "ref": REF,
            "round_id": 1,
            "candidate_id": 1,
            "official_id": 1,
            "awarded": 5,
            "possible": 10,
            "passed": True,
            "snapshot": "{}",
            **_PLACE,
        }
    ],
    "hand_marks": [{"sitting_id": 1, "slot": 1, "points": "[5]", "awarded": 5, "possible": 10, "by_id": 2}],
    "sitting_leases": [{"sitting_id": 1, "number": 1, "device": "x", "taken_ms": 10}],
    "result_items": [{"result_id": 1, "slot": 1, "version_id": 1, "awarded": 5, "possible": 10}],
    "result_parts": [
        {
            "result_id": 1,
            "section": "common",
            "unit_id": 1,
            "awarded": 5,
            "possible": 10,
            "right": 1,
            "questions": 2,
        }
    ],
}


def has_number(table: Table) -> bool:
    """Whether rows are told apart by a number of their own, not by what they say."""
    return table.primary_key.columns.keys() == ["id"]


def first(table: Table) -> ColumnElement[bool]:
    """Picks the first of the valid rows."""
    row = ROWS[table.name][0] if ROWS[table.name] else {}
    return and_(*(column == row.get(column.name, 1) for column in table.primary_key.columns))


def lists(table: Table) -> dict[str, Column[Any]]:
    """The columns held to a list of values, by the name of the CHECK that holds them."""
    return {f"ck_{table.name}_{one.type.name}": one for one in table.columns if isinstance(one.type, Enum)}


@cache
def rests_on(name: str) -> frozenset[str]:
    """The table and all it may refer to, however far."""
    found, ahead = set(), {name}
    while ahead:
        found |= ahead
        ahead = {key.column.table.name for one in ahead for key in TABLES[one].foreign_keys} - found
    return frozenset(found)


class Ground:
    """A transaction in which tables have their valid rows; what is tried in it leaves nothing behind."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.laid: set[str] = set()

    def lay(self, *names: str) -> None:
        """The valid rows of these tables, and of all they rest on."""
        wanted = frozenset().union(*(rests_on(name) for name in names)) - self.laid
        self.laid |= wanted
        for table in Base.metadata.sorted_tables:
            for number, row in enumerate(ROWS[table.name] if table.name in wanted else (), start=1):
                self.connection.execute(insert(table).values({"id": number, **row} if has_number(table) else row))

    def change(self, table: Table, changes: Row) -> Executable:
        """The first row of ``table``, and no other, said otherwise."""
        self.lay(table.name)
        return update(table).where(first(table)).values(changes)

    def twin(self, table: Table, changes: Row) -> Executable:
        """Another row that says what the first says, except ``changes``."""
        self.lay(table.name)
        own = {"id": 99} if has_number(table) else {}
        return insert(table).values(own | ROWS[table.name][0] | changes)

    def refusal(self, statement: Executable) -> str | None:
        """What the database names as broken: a constraint, on SQLite the columns of a key; ``None``: it took it.

        What it took is taken back.
        """
        attempt = self.connection.begin_nested()
        try:
            assert self.connection.execute(statement).rowcount != 0, "there was no such row"
        except IntegrityError as error:
            name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
            return name or str(error.orig).split(": ", 1)[-1]
        finally:
            attempt.rollback()
        return None

    def key(self, name: str | None, table: Table, columns: list[str]) -> str | None:
        """How :meth:`refusal` names a broken key of ``table``."""
        if self.connection.dialect.name == "sqlite":
            return ", ".join(f"{table.name}.{column}" for column in columns)
        return name
