"""What tests of the bank need again and again. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass

from examapp.accounts.models import Account, Role
from examapp.bank.models import LegalDocument, Topic
from examapp.organisation.models import Position
from question_bank.question import Citation, Level, Option, Question
from tests.builders import Builder


@dataclass(frozen=True)
class Office:
    """Two positions with a topic each, a checked document, and the people around one of the positions."""

    justice: Position
    land: Position
    topic: Topic
    land_topic: Topic
    law: LegalDocument
    examiner: Account
    other_examiner: Account
    reviewer: Account
    head: Account
    """Examiner and reviewer over all positions."""


def office(build: Builder) -> Office:
    justice = build.position("tp_tu_phap", "Tư pháp (mẫu)")
    land = build.position("nn_dat_dai", "Đất đai (mẫu)")
    people = [build.account(display_name=name) for name in ("Người ra câu A", "Người ra câu B", "Người thẩm định")]
    build.grant(people[0], Role.EXAMINER, position=justice)
    build.grant(people[1], Role.EXAMINER, position=land)
    build.grant(people[2], Role.REVIEWER, position=justice)
    head = build.account(None, Role.EXAMINER, Role.REVIEWER, display_name="Trưởng ban (mẫu)")
    return Office(
        justice=justice,
        land=land,
        topic=build.topic("tp_chung_thuc", "Chứng thực", position_id=justice.id),
        land_topic=build.topic("dd_quan_ly", "Quản lý đất đai", position_id=land.id),
        law=build.document("23/2015/NĐ-CP", title="Nghị định về chứng thực (mẫu)"),
        examiner=people[0],
        other_examiner=people[1],
        reviewer=people[2],
        head=head,
    )


def content(stem: str = "Sổ chứng thực do ai giữ?", **columns: object) -> Question:
    """A sound single choice with a citation."""
    values: dict[str, object] = {
        "kind": "single_choice",
        "stem": stem,
        "options": (
            Option("Công chức tư pháp", correct=True),
            Option("Kế toán"),
            Option("Văn thư"),
            Option("Cả A và B đều đúng"),
        ),
        "level": Level.APPLICATION,
        "topic": "tp_chung_thuc",
        "citations": (Citation("23/2015/NĐ-CP", "24", "1"),),
        "explanation": "Theo nghị định về chứng thực.",
    }
    return Question(**{**values, **columns})  # type: ignore[arg-type]
