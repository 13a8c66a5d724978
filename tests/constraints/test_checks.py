"""Truths of one row: for each named CHECK the smallest changes that break it, and neighbours that do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import CheckConstraint

from examapp.bank.exchange.models import PackageState
from examapp.bank.models import ImportState, PairVerdict, QuestionState, SetState, Verdict
from examapp.core.models import JobState
from examapp.evaluation.models import EvaluationState, LinkMode, QualityLevel
from examapp.practice.models import CardState
from examapp.rounds.models import CandidateState, Period, RoundState
from examapp.sittings.models import SittingState, StopOutcome
from tests.constraints.ground import DAY, NOW, TABLES, Ground, Row, lists

DAY_BEFORE = DAY - timedelta(days=1)


@dataclass(frozen=True)
class Truth:
    """Changes to the valid row: each of ``broken`` is refused, each of ``kept`` is taken."""

    broken: tuple[Row, ...]
    kept: tuple[Row, ...]


def between(column: str, least: int, most: int) -> Truth:
    return Truth(({column: least - 1}, {column: most + 1}), ({column: least}, {column: most}))


def at_least(column: str, least: int) -> Truth:
    return Truth(({column: least - 1},), ({column: least},))


def written(column: str) -> Truth:
    return Truth(({column: ""},), ({column: "x"},))


FROM_TO = Truth(({"valid_to": DAY_BEFORE},), ({"valid_to": DAY}, {"valid_to": None}))
NOT_OVER_POSSIBLE = Truth(
    ({"awarded": -1}, {"awarded": 11}, {"possible": 4}), ({"awarded": 0}, {"awarded": 10}, {"possible": 5})
)

CORE = {
    "ck_deployment_one_row": Truth(({"id": 2},), ({"id": 1},)),
    "ck_jobs_progress": Truth(({"done": -1}, {"total": -1}), ({"done": 0, "total": 0},)),
    "ck_jobs_ended": Truth(
        (
            {"ended_at": NOW},
            {"state": JobState.RUNNING, "ended_at": NOW},
            {"state": JobState.DONE},
            {"state": JobState.FAILED},
            {"state": JobState.CANCELLED},
        ),
        ({"state": JobState.RUNNING}, {"state": JobState.DONE, "ended_at": NOW}),
    ),
}

ORGANISATION = {
    "ck_positions_dates": FROM_TO,
    "ck_posts_dates": FROM_TO,
    "ck_unit_links_not_itself": Truth(({"successor_id": 1},), ({"predecessor_id": 2, "successor_id": 1},)),
    "ck_unit_parents_dates": FROM_TO,
    "ck_unit_parents_not_itself": Truth(({"parent_id": 1},), ({"parent_id": 2},)),
    "ck_units_dates": FROM_TO,
}

ACCOUNTS = {
    "ck_grants_dates": FROM_TO,
    "ck_grants_one_scope": Truth(
        ({"unit_id": 1, "position_id": 1},), ({"unit_id": 1}, {"position_id": 1}, {"unit_id": None})
    ),
    "ck_sign_in_codes_dates": Truth(({"expires_at": NOW},), ({"expires_at": NOW + timedelta(seconds=1)},)),
    "ck_sign_in_codes_one_end": Truth(({"used_at": NOW, "revoked_at": NOW},), ({"used_at": NOW}, {"revoked_at": NOW})),
}

BANK = {
    "ck_duplicate_pairs_decided": Truth(
        ({"verdict": PairVerdict.DIFFERENT}, {"decided_at": NOW}),
        ({"verdict": PairVerdict.MERGED, "decided_at": NOW},),
    ),
    "ck_duplicate_pairs_order": Truth(({"first_id": 2}, {"first_id": 3}), ({"second_id": 3},)),
    "ck_exchange_items_number": at_least("number", 1),
    "ck_exchange_packages_merged": Truth(
        ({"merged_at": NOW}, {"state": PackageState.MERGED}), ({"state": PackageState.MERGED, "merged_at": NOW},)
    ),
    "ck_exchange_packages_partner": Truth(
        ({"state": PackageState.READ, "partner_id": None},),
        ({"state": PackageState.READ}, {"partner_id": None}, {"state": PackageState.DISCARDED, "partner_id": None}),
    ),
    "ck_foreign_statistics_answered": between("answered", 0, 2),
    "ck_import_items_number": at_least("number", 1),
    "ck_import_mappings_place": Truth(
        ({"is_common": True, "position_id": 1},), ({"is_common": True}, {"position_id": 1})
    ),
    "ck_question_imports_unreadable": Truth(
        ({"message": "hỏng"}, {"state": ImportState.UNREADABLE}),
        ({"state": ImportState.UNREADABLE, "message": "hỏng"},),
    ),
    "ck_item_statistics_answered": between("answered", 0, 2),
    "ck_legal_amendments_self": Truth(({"amended_by_id": 1},), ({"document_id": 2, "amended_by_id": 1},)),
    "ck_legal_documents_superseded": Truth(
        ({"superseded_on": DAY},), ({"superseded_by_id": 2}, {"superseded_by_id": 2, "superseded_on": DAY})
    ),
    "ck_question_versions_seconds": Truth(({"seconds": 0},), ({"seconds": 1}, {"seconds": None})),
    "ck_questions_merged": Truth(
        ({"merged_into_id": 2}, {"merged_into_id": 1, "state": QuestionState.RETIRED}),
        ({"merged_into_id": 2, "state": QuestionState.RETIRED},),
    ),
    "ck_review_sets_closed": Truth(
        ({"closed_at": NOW}, {"state": SetState.CLOSED}), ({"state": SetState.CLOSED, "closed_at": NOW},)
    ),
    "ck_review_sets_decision": Truth(
        ({"decision_number": "5/QĐ"}, {"decision_on": DAY}), ({"decision_number": "5/QĐ", "decision_on": DAY},)
    ),
    "ck_transitional_uses_basis": Truth(({"basis_symbol": ""}, {"reason": ""}), ({"reason": "x"},)),
    "ck_writing_tasks_count": at_least("count", 1),
    "ck_legal_documents_dates": Truth(
        ({"in_force_from": DAY, "in_force_to": DAY_BEFORE},),
        ({"in_force_from": DAY, "in_force_to": DAY}, {"in_force_from": DAY}, {"in_force_to": DAY}),
    ),
    "ck_matrix_rows_count": at_least("count", 1),
    "ck_matrix_rows_points": at_least("points", 1),
    "ck_matrix_versions_minutes": between("minutes", 1, 600),
    "ck_question_versions_points": at_least("points", 1),
    "ck_questions_hold": Truth(
        ({"held_at": NOW}, {"hold_reason": "Văn bản hết hiệu lực"}),
        ({"held_at": NOW, "hold_reason": "Văn bản hết hiệu lực"},),
    ),
    "ck_reviews_returned_with_comment": Truth(
        ({"verdict": Verdict.RETURNED},), ({"verdict": Verdict.RETURNED, "comment": "Sửa phương án B"},)
    ),
}

PRACTICE = {
    "ck_practice_cards_step": Truth(
        ({"step": 0}, {"state": CardState.LEARNING}), ({"state": CardState.RELEARNING, "step": 0},)
    ),
    "ck_practice_cards_stability": Truth(({"stability": 0},), ({"stability": 0.001},)),
    "ck_practice_cards_share": between("share", 0, 1000),
    "ck_practice_answers_number": at_least("number", 1),
    "ck_practice_answers_seconds": at_least("seconds", 0),
    "ck_practice_answers_share": Truth(
        ({"share": -1}, {"share": 1001}), ({"share": 0}, {"share": 1000}, {"share": None})
    ),
    "ck_mock_exams_marked": Truth(({"submitted_at": NOW}, {"awarded": 5}), ({"submitted_at": NOW, "awarded": 5},)),
    "ck_mock_exams_awarded": Truth(
        ({"submitted_at": NOW, "awarded": -1}, {"submitted_at": NOW, "awarded": 11}),
        ({"submitted_at": NOW, "awarded": 0}, {"submitted_at": NOW, "awarded": 10}),
    ),
    "ck_mock_exams_deadline": Truth(({"deadline_at": NOW},), ({"deadline_at": NOW + timedelta(seconds=1)},)),
}

RECOGNISED: Row = {"state": RoundState.RECOGNISED, "decision_number": "12/QĐ", "decision_date": DAY}

ROUNDS = {
    "ck_candidates_extra_minutes": Truth(
        ({"extra_minutes": -1}, {"extra_minutes": 10}, {"extra_reason": "Khuyết tật"}),
        ({"extra_minutes": 10, "extra_reason": "Khuyết tật"}, {"extra_minutes": 0}),
    ),
    "ck_candidates_reason": Truth(
        ({"state": CandidateState.EXCUSED}, {"state": CandidateState.WITHDRAWN}, {"reason": "Nghỉ ốm"}),
        (
            {"state": CandidateState.EXCUSED, "reason": "Nghỉ ốm"},
            {"state": CandidateState.WITHDRAWN, "reason": "Chuyển công tác"},
        ),
    ),
    "ck_exam_rounds_cancelled": Truth(
        ({"state": RoundState.CANCELLED}, {"cancel_reason": "Bão"}),
        ({"state": RoundState.CANCELLED, "cancel_reason": "Bão"},),
    ),
    "ck_exam_rounds_integrity_days": between("integrity_days", 1, 365),
    "ck_exam_rounds_late_window": between("late_window_minutes", 0, 1440),
    "ck_exam_rounds_minutes": between("minutes", 1, 600),
    "ck_exam_rounds_pass_percent": between("pass_percent", 0, 100),
    "ck_exam_rounds_period_number": Truth(
        tuple(
            {"period": period, "period_number": number}
            for period, most in ((Period.MONTH, 12), (Period.QUARTER, 4), (Period.HALF, 2), (Period.YEAR, 1))
            for number in (0, most + 1)
        ),
        tuple(
            {"period": period, "period_number": number}
            for period, most in ((Period.MONTH, 12), (Period.QUARTER, 4), (Period.HALF, 2), (Period.YEAR, 1))
            for number in (1, most)
        ),
    ),
    "ck_exam_rounds_recognition": Truth(
        (
            {"state": RoundState.RECOGNISED},
            {**RECOGNISED, "decision_number": ""},
            {**RECOGNISED, "decision_date": None},
            {**RECOGNISED, "state": RoundState.PUBLISHED},
            {"decision_number": "12/QĐ"},
            {"decision_date": DAY},
        ),
        (RECOGNISED, {"state": RoundState.PUBLISHED}),
    ),
    "ck_exam_rounds_stop_limit": between("stop_limit_minutes", 0, 240),
    "ck_exam_rounds_union_caps": Truth(
        ({"union_max_questions": 0}, {"union_max_minutes": 0}, {"union_max_minutes": 601}),
        ({"union_max_questions": 1, "union_max_minutes": 1}, {"union_max_minutes": 600}),
    ),
    "ck_shifts_capacity": Truth(({"capacity": 0},), ({"capacity": 1}, {"capacity": None})),
    "ck_shifts_times": Truth(({"ends_at": NOW},), ({"ends_at": NOW + timedelta(seconds=1)},)),
}

SETTLED: Row = {"state": SittingState.SETTLED, "settled_at": NOW, "record": b"{}"}
REFUSED: Row = {"outcome": StopOutcome.REFUSED, "decision": "Đã đủ giờ", "decided_by_id": 2, "decided_at": NOW}
MADE_UP: Row = {**REFUSED, "outcome": StopOutcome.MAKE_UP, "paper_id": 1}

SITTINGS = {
    "ck_answer_events_seq": at_least("seq", 1),
    "ck_answer_events_slot": between("slot", -2000, 500),
    "ck_deliveries_events": Truth(
        ({"events": -1, "stored": -1}, {"stored": -1}, {"stored": 4}, {"events": 1}),
        ({"stored": 0}, {"stored": 3}, {"events": 0, "stored": 0}),
    ),
    "ck_event_decisions_reason": written("reason"),
    "ck_extensions_minutes": between("minutes", 1, 240),
    "ck_extensions_one_target": Truth(
        ({"sitting_id": None}, {"shift_id": 1}), ({"sitting_id": None, "shift_id": 1}, {"sitting_id": 1})
    ),
    "ck_extensions_reason": written("reason"),
    "ck_integrity_events_seq": at_least("seq", 1),
    "ck_sitting_addenda_number": at_least("number", 1),
    "ck_sitting_addenda_reason": written("reason"),
    "ck_sitting_leases_device": written("device"),
    "ck_sitting_leases_number": at_least("number", 1),
    "ck_sittings_deadline": Truth(
        ({"deadline_ms": 10}, {"late_ms": 19}), ({"deadline_ms": 11}, {"late_ms": 20}, {"deadline_ms": 30})
    ),
    "ck_sittings_lease": at_least("lease", 1),
    "ck_sittings_settled": Truth(
        (
            {**SETTLED, "settled_at": None},
            {**SETTLED, "record": None},
            {**SETTLED, "state": SittingState.STARTED},
            {"settled_at": NOW},
            {"record": b"{}"},
        ),
        (SETTLED,),
    ),
    "ck_sittings_submitted": Truth(
        (
            {"state": SittingState.SUBMITTED},
            {"submitted_ms": 15},
            {"state": SittingState.STOPPED, "submitted_ms": 15},
        ),
        (
            {"state": SittingState.SUBMITTED, "submitted_ms": 15},
            {"state": SittingState.STOPPED},
            SETTLED,
            {**SETTLED, "submitted_ms": 15},
        ),
    ),
    "ck_stops_decided": Truth(
        (
            {**REFUSED, "decision": ""},
            {**REFUSED, "decided_by_id": None},
            {**REFUSED, "decided_at": None},
            {**REFUSED, "outcome": StopOutcome.WAITING},
            {"outcome": StopOutcome.REFUSED},
            {**MADE_UP, "decision": ""},
        ),
        (REFUSED, MADE_UP),
    ),
    "ck_stops_make_up": Truth(({"paper_id": 1}, {**MADE_UP, "paper_id": None}, {**REFUSED, "paper_id": 1}), (MADE_UP,)),
    "ck_stops_reason": written("reason"),
    "ck_stops_time_back": Truth(
        ({"outcome": StopOutcome.TIME_BACK}, {"extension_id": 1}, {**REFUSED, "extension_id": 1}),
        ({"outcome": StopOutcome.TIME_BACK, "extension_id": 1},),
    ),
    "ck_stops_times": Truth(({"ended_ms": 12}, {"ended_ms": 11}), ({"ended_ms": 13},)),
    "ck_unsent_codes_code": written("code"),
    "ck_unsent_codes_wrong": Truth(({"wrong_by_id": 2}, {"wrong_ms": 22}), ({"wrong_by_id": 2, "wrong_ms": 22},)),
}

RESULTS = {
    "ck_hand_marks_awarded": NOT_OVER_POSSIBLE,
    "ck_hand_marks_number": at_least("number", 1),
    "ck_result_items_awarded": NOT_OVER_POSSIBLE,
    "ck_result_parts_awarded": NOT_OVER_POSSIBLE,
    "ck_results_awarded": NOT_OVER_POSSIBLE,
    "ck_results_reason": Truth(
        ({"version": 2}, {"version": 0}, {"version": 0, "reason": "Tính lại"}), ({"version": 2, "reason": "Tính lại"},)
    ),
}

UNDECIDED: Row = {"state": EvaluationState.OPEN, "decided_level": None, "decided_by_id": None, "decided_at": None}
EVIDENCE: Row = {"mode": LinkMode.EVIDENCE, "criterion": "", "max_points": 0}

EVALUATION = {
    "ck_evaluations_decided": Truth(
        (
            {"state": EvaluationState.OPEN},
            {"decided_level": None},
            {"decided_by_id": None},
            {"decided_at": None},
            {**UNDECIDED, "state": EvaluationState.DECIDED},
            {**UNDECIDED, "decided_level": QualityLevel.GOOD},
            {**UNDECIDED, "decided_by_id": 2},
            {**UNDECIDED, "decided_at": NOW},
        ),
        (UNDECIDED, {"decided_level": QualityLevel.COMPLETED}),
    ),
    "ck_evaluations_worked_months": between("worked_months", 0, 12),
    "ck_exam_links_points": Truth(
        (
            {"criterion": ""},
            {"max_points": 0},
            {"max_points": 100_001},
            {"mode": LinkMode.EVIDENCE},
            {**EVIDENCE, "criterion": "chat_luong"},
            {**EVIDENCE, "max_points": 1},
        ),
        ({"max_points": 1}, {"max_points": 100_000}, EVIDENCE),
    ),
    "ck_exam_links_regulation": Truth(
        ({"regulation_number": ""}, {"regulation_date": None}),
        ({**EVIDENCE, "regulation_number": "", "regulation_date": None},),
    ),
    "ck_forced_facts_decision": written("decision_number"),
    "ck_schemes_dates": FROM_TO,
}

TRUTHS: dict[str, Truth] = CORE | ORGANISATION | ACCOUNTS | BANK | PRACTICE | ROUNDS | SITTINGS | RESULTS | EVALUATION

CHECKS = {
    str(one.name): table
    for table in TABLES.values()
    for one in table.constraints
    if isinstance(one, CheckConstraint) and one.name not in lists(table)  # those: see test_references
}


def test_every_check_has_its_case() -> None:
    assert set(TRUTHS) == set(CHECKS)
    assert all(truth.broken and truth.kept for truth in TRUTHS.values())


@pytest.mark.parametrize("name", TRUTHS)
def test_the_database_keeps_it_true(ground: Ground, name: str) -> None:
    truth, table = TRUTHS[name], CHECKS[name]
    for changes in truth.broken:
        assert ground.refusal(ground.change(table, changes)) == name, changes
    for changes in truth.kept:
        assert ground.refusal(ground.change(table, changes)) is None, changes
