"""What the bank's enums are called on pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from examapp.bank.models import BankKind, QuestionState, Strand, Topic, Verdict
from examapp.core.words import N_, gettext
from examapp.organisation.labels import STAFF_CATEGORIES
from examapp.organisation.models import Position
from question_bank.kinds import KINDS
from question_bank.question import Level

LEVELS: dict[Level, str] = {
    Level.RECALL: N_("Nhận biết"),
    Level.COMPREHENSION: N_("Thông hiểu"),
    Level.APPLICATION: N_("Vận dụng"),
    Level.ADVANCED_APPLICATION: N_("Vận dụng cao"),
}
STATES: dict[QuestionState, str] = {
    QuestionState.DRAFT: N_("Bản nháp"),
    QuestionState.IN_REVIEW: N_("Chờ thẩm định"),
    QuestionState.APPROVED: N_("Đã duyệt"),
    QuestionState.RETIRED: N_("Ngừng dùng"),
}
STATE_TAGS: dict[QuestionState, str] = {
    QuestionState.DRAFT: "neutral",
    QuestionState.IN_REVIEW: "act",
    QuestionState.APPROVED: "good",
    QuestionState.RETIRED: "neutral",
}
STRANDS: dict[Strand, str] = {
    Strand.PROFESSIONAL: N_("Chuyên môn"),
    Strand.PROCEDURE: N_("Nghiệp vụ, thủ tục"),
    Strand.POLICY: N_("Nắm bắt chính sách"),
    Strand.SKILL: N_("Kỹ năng"),
}
BANKS: dict[BankKind, str] = {BankKind.EXAM: N_("Ngân hàng thi"), BankKind.PRACTICE: N_("Ngân hàng ôn tập")}
VERDICTS: dict[Verdict, str] = {Verdict.APPROVED: N_("Duyệt"), Verdict.RETURNED: N_("Trả lại")}


def level_label(level: Level | None) -> str:
    return gettext(LEVELS[level]) if level else ""


def kind_label(kind: str) -> str:
    return gettext(KINDS[kind].label)


def state_label(state: QuestionState) -> str:
    return gettext(STATES[state])


def strand_label(strand: Strand) -> str:
    return gettext(STRANDS[strand])


def strand_choices() -> list[tuple[str, str]]:
    return [(strand.value, strand_label(strand)) for strand in Strand]


def level_choices() -> list[tuple[str, str]]:
    return [(level.value, level_label(level)) for level in Level]


def kind_choices() -> list[tuple[str, str]]:
    return [(name, kind_label(name)) for name in KINDS]


def topic_choices(topics: Sequence[Topic]) -> dict[str, list[tuple[str, str]]]:
    """Topics under their strand, the first level of the tree."""
    found = {strand: [(topic.code, topic.name) for topic in topics if topic.strand is strand] for strand in Strand}
    return {strand_label(strand): pairs for strand, pairs in found.items() if pairs}


@dataclass(frozen=True, slots=True)
class PositionGroup:
    """Positions of one body of a commune, for a list that folds."""

    label: str
    pairs: list[tuple[str, str]]


def position_groups(positions: Sequence[Position]) -> list[PositionGroup]:
    """By department where the catalogue names one, else by category of staff; groups and names in their order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for position in positions:
        label = position.department or gettext(STAFF_CATEGORIES[position.staff_category])
        found.setdefault(label, []).append((position.code, position.name))
    return [PositionGroup(label, pairs) for label, pairs in sorted(found.items())]


def bank_label(bank: BankKind) -> str:
    return gettext(BANKS[bank])


def bank_choices(banks: Sequence[BankKind]) -> list[tuple[str, str]]:
    return [(bank.value, bank_label(bank)) for bank in banks]


def state_choices() -> list[tuple[str, str]]:
    return [(state.value, state_label(state)) for state in QuestionState]


def verdict_label(verdict: Verdict) -> str:
    return gettext(VERDICTS[verdict])
