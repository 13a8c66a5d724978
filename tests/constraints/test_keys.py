"""Truths between two rows: what may be there once, and what a second row must say otherwise to be taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import Index, Table, UniqueConstraint

from examapp.organisation.models import LinkKind, Tree
from examapp.rounds.models import BoardRole
from examapp.sittings.models import SittingState
from question_bank.question import Level
from tests.constraints.ground import DAY, NOW, OTHER_REF, ROWS, TABLES, Ground, Row, has_number

LATER = DAY + timedelta(days=1)


@dataclass(frozen=True)
class Once:
    """A second row like the first (but for ``besides``, what other keys ask for) is refused; with one of ``apart``
    changed too it is taken."""

    apart: tuple[Row, ...]
    besides: Row = field(default_factory=dict)


def by(column: str) -> Once:
    """A code, a name to sign in with, an address."""
    return Once(({column: OTHER_REF},))


ORGANISATION = {
    "uq_officials_staff_code": by("staff_code"),
    "uq_positions_code": by("code"),
    "uq_posts_official_id_position_id_unit_id_valid_from": Once(
        ({"valid_from": LATER}, {"unit_id": 2}, {"official_id": 2}), {"is_primary": False}
    ),
    "uq_posts_open_primary": Once(
        ({"is_primary": False}, {"valid_to": LATER}, {"official_id": 2}), {"valid_from": LATER}
    ),
    "uq_unit_links_predecessor_id_successor_id_kind": Once(
        ({"kind": LinkKind.RETYPED}, {"predecessor_id": 2, "successor_id": 1})
    ),
    "uq_unit_parents_unit_id_tree_valid_from": Once(
        ({"tree": Tree.PARTY}, {"valid_from": LATER}, {"unit_id": 2, "parent_id": 1})
    ),
    "uq_units_code": by("code"),
}

ACCOUNTS = {
    "uq_accounts_login": Once(({"login": "x"},), {"official_id": None, "phone": None}),
    "uq_accounts_official_id": Once(({"official_id": 2}, {"official_id": None}), {"login": "x", "phone": None}),
    "uq_accounts_phone": Once(({"phone": "0900000002"}, {"phone": None}), {"login": "x", "official_id": None}),
    "uq_sign_in_codes_open": Once(({"used_at": NOW}, {"revoked_at": NOW}, {"account_id": 2})),
    "uq_user_sessions_ref": by("ref"),
}

BANK = {
    "uq_legal_amendments_document_id_amended_by_id": Once(({"document_id": 2, "amended_by_id": 1},)),
    "uq_questions_uid": Once(({"uid": OTHER_REF},), {"code": "x"}),
    "uq_review_sets_ref": by("ref"),
    "uq_saved_filters_account_id_name": Once(({"name": "Khác"}, {"account_id": 2})),
    "uq_transitional_uses_version_id_document_id": Once(({"document_id": 2},)),
    "uq_exchange_items_package_id_number": Once(({"number": 2},), {"uid": "2"}),
    "uq_exchange_items_package_id_uid": Once(({"uid": "2"},), {"number": 2}),
    "uq_exchange_packages_ref": by("ref"),
    "uq_exchange_partners_fingerprint": Once(({"fingerprint": "c" * 64},), {"name": "Khác"}),
    "uq_exchange_partners_name": Once(({"name": "Khác"},), {"fingerprint": "c" * 64}),
    "uq_files_ref": by("ref"),
    "uq_jobs_ref": by("ref"),
    "uq_legal_documents_symbol": by("symbol"),
    "uq_matrices_code": by("code"),
    "uq_matrix_rows_version_id_topic_id_level": Once(({"level": Level.COMPREHENSION}, {"version_id": 2})),
    "uq_matrix_versions_matrix_id_number": Once(({"number": 3},)),
    "uq_import_batches_ref": by("ref"),
    "uq_import_columns_owner_id_digest": Once(({"digest": "y"}, {"owner_id": 2})),
    "uq_import_groups_import_id_key": Once(({"key": "y"},)),
    "uq_import_items_import_id_number": Once(({"number": 2},)),
    "uq_import_mappings_owner_id_key": Once(({"key": "y"}, {"owner_id": 2})),
    "uq_question_imports_ref": by("ref"),
    "uq_question_versions_question_id_number": Once(({"number": 2},)),
    "uq_questions_code": Once(({"code": OTHER_REF},), {"uid": "x"}),
    "uq_topics_code": by("code"),
}

PRACTICE = {
    "uq_practice_answers_official_id_question_id_number": Once(
        ({"number": 2}, {"official_id": 2}, {"question_id": 2}), {"ref": OTHER_REF}
    ),
    "uq_practice_answers_ref": Once(({"ref": OTHER_REF},), {"number": 2}),
    "uq_mock_exams_open": Once(({"submitted_at": NOW, "awarded": 5}, {"official_id": 2}), {"ref": OTHER_REF}),
    "uq_mock_exams_ref": Once(({"ref": OTHER_REF},), {"official_id": 2}),
}

ROUNDS = {
    "uq_board_members_round_id_account_id_role": Once(
        ({"role": BoardRole.SECRETARY}, {"account_id": 2}, {"round_id": 2})
    ),
    "uq_candidates_round_id_number": Once(({"number": "003"}, {"round_id": 2}), {"official_id": 3}),
    "uq_candidates_round_id_official_id": Once(({"official_id": 3}, {"round_id": 2}), {"number": "003"}),
    "uq_exam_rounds_code": by("code"),
    "uq_papers_candidate_id_number": Once(({"number": 2}, {"candidate_id": 2}), {"ref": OTHER_REF}),
    "uq_papers_ref": Once(({"ref": OTHER_REF},), {"number": 2}),
    "uq_round_matrices_round_id_matrix_version_id": Once(({"matrix_version_id": 2}, {"round_id": 2})),
}

SITTINGS = {
    "uq_sittings_counting": Once(({"candidate_id": 2}, {"state": SittingState.STOPPED}), {"ref": OTHER_REF}),
    "uq_sittings_ref": Once(({"ref": OTHER_REF},), {"candidate_id": 2}),
}

RESULTS = {
    "uq_hand_marks_sitting_id_slot_number": Once(({"number": 2}, {"slot": 2})),
    "uq_result_parts_result_id_section": Once(({"section": "tp"},)),
    "uq_results_candidate_id_version": Once(
        ({"version": 2, "reason": "Tính lại"}, {"candidate_id": 2}), {"ref": OTHER_REF, "is_current": False}
    ),
    "uq_results_current": Once(
        ({"is_current": False}, {"candidate_id": 2}), {"ref": OTHER_REF, "version": 2, "reason": "Tính lại"}
    ),
    "uq_results_ref": Once(({"ref": OTHER_REF},), {"candidate_id": 2}),
}

EVALUATION = {
    "uq_evaluation_scores_evaluation_id_criterion": Once(({"criterion": "tien_do"},)),
    "uq_evaluations_official_id_year_version": Once(({"version": 2}, {"year": 2027}, {"official_id": 2})),
    "uq_exam_links_year_unit_id_scheme_key": Once(({"year": 2027}, {"unit_id": 2}, {"scheme_key": "x"})),
    "uq_schemes_key_version": Once(({"version": 2}, {"key": "x"})),
}

KEPT_ONCE: dict[str, Once] = ORGANISATION | ACCOUNTS | BANK | PRACTICE | ROUNDS | SITTINGS | RESULTS | EVALUATION

KEYS: dict[str, tuple[Table, list[str]]] = {
    str(key.name): (table, [column.name for column in key.columns])
    for table in TABLES.values()
    for key in (*table.constraints, *table.indexes)
    if isinstance(key, UniqueConstraint) or (isinstance(key, Index) and key.unique)
}

NATURAL = [table for table in TABLES.values() if not has_number(table)]


def test_every_key_has_its_case() -> None:
    assert set(KEPT_ONCE) == set(KEYS)
    assert all(once.apart for once in KEPT_ONCE.values())


@pytest.mark.parametrize("name", KEPT_ONCE)
def test_the_database_takes_it_once(ground: Ground, name: str) -> None:
    once, (table, columns) = KEPT_ONCE[name], KEYS[name]
    assert ground.refusal(ground.twin(table, once.besides)) == ground.key(name, table, columns)
    for changes in once.apart:
        assert ground.refusal(ground.twin(table, once.besides | changes)) is None, changes


@pytest.mark.parametrize("table", NATURAL, ids=lambda table: table.name)
def test_rows_without_a_number_are_told_apart_by_what_they_say(ground: Ground, table: Table) -> None:
    """An answer that arrives twice, a mark that is given twice: there is one row."""
    primary = table.primary_key
    assert ROWS[table.name]
    assert ground.refusal(ground.twin(table, {})) == ground.key(str(primary.name), table, primary.columns.keys())
