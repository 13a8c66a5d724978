"""Which role may do what. Every account may use the house; an official may sit exams and read the own record."""

from __future__ import annotations

from examapp.accounts.models import Role
from examapp.core.permissions import Permission as P  # noqa: N817 - a table of permissions reads better short
from examapp.core.words import N_

EVERYONE = frozenset({P.SIGNED_IN})
OFFICIAL = frozenset({P.SIT, P.OWN_RECORD, P.PRACTISE})

PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.EXAMINER: frozenset(
        {
            P.BANK_READ,
            P.BANK_EDIT,
            P.BANK_IMPORT,
            P.BANK_EXPORT,
            P.PRACTICE_BANK_READ,
            P.PRACTICE_BANK_EDIT,
            P.LAW_READ,
            P.MATRIX_READ,
        }
    ),
    Role.REVIEWER: frozenset({P.BANK_READ, P.BANK_REVIEW, P.PRACTICE_BANK_READ, P.LAW_READ}),
    Role.BANK_MANAGER: frozenset(
        {
            P.BANK_READ,
            P.BANK_MANAGE,
            P.BANK_EXPORT,
            P.PRACTICE_BANK_READ,
            P.PRACTICE_BANK_EDIT,
            P.LAW_READ,
            P.LAW_EDIT,
            P.MATRIX_READ,
        }
    ),
    Role.ORGANISER: frozenset(
        {
            P.MATRIX_READ,
            P.MATRIX_EDIT,
            P.BANK_DRAW,
            P.PRACTICE_WATCH,
            P.ROUND_READ,
            P.ROUND_EDIT,
            P.ROUND_WATCH,
            P.RESULTS_READ,
            P.RESULTS_PUBLISH,
            P.RESULTS_EXPORT,
            P.ORGANISATION_READ,
            P.LAW_READ,
        }
    ),
    Role.INVIGILATOR: frozenset({P.ROUND_READ, P.ROUND_WATCH}),
    Role.EVALUATOR: frozenset(
        {P.EVALUATION_READ, P.EVALUATION_SCORE, P.EVALUATION_DECIDE, P.RESULTS_READ, P.RESULTS_EXPORT}
    ),
    Role.LEADER: frozenset({P.OVERVIEW_READ, P.RESULTS_READ, P.EVALUATION_READ, P.ORGANISATION_READ}),
    Role.FOCAL_PERSON: frozenset({P.SLIPS_PRINT, P.ORGANISATION_READ}),
    Role.ADMINISTRATOR: frozenset(
        {
            P.ACCOUNTS_MANAGE,
            P.SLIPS_PRINT,
            P.ORGANISATION_READ,
            P.ORGANISATION_EDIT,
            P.LAW_READ,
            P.LAW_EDIT,
            P.SCHEME_EDIT,
            P.AUDIT_READ,
        }
    ),
    Role.INSPECTOR: frozenset(
        {
            P.ORGANISATION_READ,
            P.LAW_READ,
            P.MATRIX_READ,
            P.ROUND_READ,
            P.INTEGRITY_READ,
            P.RESULTS_READ,
            P.EVALUATION_READ,
            P.OVERVIEW_READ,
            P.AUDIT_READ,
        }
    ),
}

LABELS: dict[Role, str] = {
    Role.EXAMINER: N_("Người ra câu hỏi"),
    Role.REVIEWER: N_("Người thẩm định"),
    Role.BANK_MANAGER: N_("Phụ trách ngân hàng câu hỏi"),
    Role.ORGANISER: N_("Người tổ chức thi"),
    Role.INVIGILATOR: N_("Giám thị"),
    Role.EVALUATOR: N_("Người đánh giá"),
    Role.LEADER: N_("Lãnh đạo"),
    Role.FOCAL_PERSON: N_("Đầu mối đơn vị"),
    Role.ADMINISTRATOR: N_("Quản trị hệ thống"),
    Role.INSPECTOR: N_("Thanh tra (chỉ xem)"),
}
