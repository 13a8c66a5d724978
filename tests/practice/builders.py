"""A person with a post, and a small practice bank. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass

from examapp.accounts.models import Account
from examapp.bank.models import BankKind, Question, Topic
from examapp.organisation.models import Official, Position, Unit
from question_bank import question as domain
from question_bank.question import Level, Option
from tests.builders import Builder


@dataclass(frozen=True)
class Room:
    unit: Unit
    justice: Position
    land: Position
    topic: Topic
    land_topic: Topic
    common_topic: Topic
    official: Official
    account: Account


def room(build: Builder) -> Room:
    """Somebody with one post; the bank is empty."""
    unit = build.unit()
    justice = build.position("tp_tu_phap", "Tư pháp (mẫu)")
    land = build.position("nn_dat_dai", "Đất đai (mẫu)")
    official = build.official()
    build.post(official, justice, unit)
    return Room(
        unit=unit,
        justice=justice,
        land=land,
        topic=build.topic("tp_chung_thuc", "Chứng thực", position_id=justice.id),
        land_topic=build.topic("dd_quan_ly", "Quản lý đất đai", position_id=land.id),
        common_topic=build.topic("chung_cong_vu", "Công vụ"),
        official=official,
        account=build.account(official),
    )


def content(number: int = 1, **columns: object) -> domain.Question:
    values: dict[str, object] = {
        "kind": "single_choice",
        "stem": f"Sổ ôn tập số {number} do ai giữ?",
        "options": (
            Option("Công chức tư pháp", correct=True, feedback="Đúng là người này giữ sổ."),
            Option("Kế toán", feedback="Kế toán giữ sổ kế toán."),
            Option("Văn thư"),
            Option("Chủ tịch"),
        ),
        "level": Level.RECALL,
        "topic": "tp_chung_thuc",
        "explanation": "Sổ do người chứng thực giữ (câu mẫu).",
        "seconds": 60,
    }
    return domain.Question(**{**values, **columns})  # type: ignore[arg-type]


def practice_question(build: Builder, at: Room, number: int = 1, **columns: object) -> Question:
    """An approved question of the practice bank, of the justice post unless ``columns`` say otherwise."""
    topic = columns.pop("topic", at.topic)
    positions = columns.pop("positions", (at.justice,))
    columns.setdefault("bank", BankKind.PRACTICE)
    columns.setdefault("content", content(number, **columns.pop("says", {})))  # type: ignore[arg-type]
    return build.question(topic, *positions, **columns)  # type: ignore[arg-type, misc]
