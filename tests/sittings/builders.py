"""Rounds with sealed papers, straight from the models: what the room of sittings needs before it starts."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from examapp.accounts.models import Account, Role
from examapp.bank.models import Question, QuestionVersion
from examapp.core import clock
from examapp.organisation.models import Official, Position, Unit
from examapp.rounds.models import Candidate, ExamRound, Paper, Period, RoundState, Setting, Shift
from examapp.sittings.models import Sitting
from question_bank import question as domain
from question_bank.kinds import get_kind
from question_bank.paper import Layout, Slot
from tests.builders import Builder


@dataclass
class Hall:
    """An open round with one running shift."""

    build: Builder
    unit: Unit
    position: Position
    round: ExamRound
    shift: Shift
    layout: Layout

    def candidate(self, full_name: str = "Trần Thị Mẫu", **columns: Any) -> tuple[Account, Candidate]:
        """Somebody enrolled, with an account and a sealed paper."""
        official = self.build.official(full_name)
        account = self.build.account(official)
        return account, self.enrol(official, **columns)

    def enrol(self, official: Official, *, minutes: int = 45, sealed: bool = True, **columns: Any) -> Candidate:
        columns.setdefault("shift_id", self.shift.id)
        columns.setdefault("number", f"SBD{official.id:04d}")
        if columns.get("extra_minutes"):
            columns.setdefault("extra_reason", "Khuyết tật, theo quyết định (mẫu)")
        post = {"post": 1, "position": self.position.code, "position_name": self.position.name}
        candidate: Candidate = self.build.save(
            Candidate(
                round_id=self.round.id,
                official_id=official.id,
                unit_id=self.unit.id,
                position_id=self.position.id,
                full_name=official.full_name,
                sort_key=official.sort_key,
                unit_name=self.unit.name,
                posts=json.dumps([post | {"unit": self.unit.id, "unit_name": self.unit.name}]),
                **columns,
            )
        )
        if sealed:
            self.build.save(paper_row(candidate, self.layout, minutes))
        return candidate

    def organiser(self) -> Account:
        return self.build.account(None, Role.ORGANISER)

    def sitting(self, candidate: Candidate, *, ago: int = 5, device: str = "0" * 26, **columns: Any) -> Sitting:
        """A sitting that began so many minutes ago on that device."""
        from examapp.sittings.models import SittingLease

        started = clock.to_ms(clock.now()) - ago * 60_000
        columns.setdefault("deadline_ms", started + 45 * 60_000)
        columns.setdefault("late_ms", columns["deadline_ms"] + 15 * 60_000)
        paper = self.paper(candidate)
        sitting: Sitting = self.build.save(
            Sitting(candidate_id=candidate.id, paper_id=paper.id, started_ms=started, **columns)
        )
        self.build.save(SittingLease(sitting_id=sitting.id, number=1, device=device, taken_ms=started))
        return sitting

    def paper(self, candidate: Candidate) -> Paper:
        from sqlalchemy import select
        from sqlalchemy.orm import Session

        from examapp.core.db import db

        with self.build.app.app_context(), Session(db.engine, expire_on_commit=False) as session:
            return session.scalars(select(Paper).where(Paper.candidate_id == candidate.id)).one()


def hall(
    build: Builder,
    *,
    questions: Sequence[domain.Question] | None = None,
    count: int = 4,
    starts_at: datetime | None = None,
    hours: float = 2,
    state: RoundState = RoundState.OPEN,
    code: str = "Q4-2026",
    **columns: Any,
) -> Hall:
    """A round in ``state`` whose shift began ten minutes ago, with a paper of these questions."""
    unit, position = build.unit(), build.position()
    starts_at = starts_at or clock.now() - timedelta(minutes=10)
    columns.setdefault("late_window_minutes", 15)
    columns.setdefault("minutes", 45)
    columns.setdefault("setting", Setting.SUPERVISED)
    exam_round: ExamRound = build.save(
        ExamRound(
            code=code,
            name="Kỳ thi mẫu quý IV/2026",
            year=2026,
            period=Period.QUARTER,
            period_number=4,
            legal_basis_number="01/KH (mẫu)",
            legal_basis_date=clock.local(starts_at).date(),
            unit_id=unit.id,
            posts_on=clock.local(starts_at).date(),
            state=state,
            **columns,
        )
    )
    shift: Shift = build.save(
        Shift(
            round_id=exam_round.id,
            name="Ca 1",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
            contact="0203 000 000 (mẫu)",
        )
    )
    topic = build.topic()
    stored = [build.question(topic, content=content) for content in questions or [None] * count]
    return Hall(build, unit, position, exam_round, shift, layout_of(build, stored, position))


class Still(random.Random):
    """Chance that moves nothing."""

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        return start - 1

    def shuffle(self, x: Any) -> None:
        return


def layout_of(build: Builder, questions: Sequence[Question], position: Position, minutes: int = 45) -> Layout:
    """The questions in their order, the second half in the position's section, everything as written."""
    slots = []
    for number, question in enumerate(questions, start=1):
        version: QuestionVersion = build.get(QuestionVersion, question.current_id)
        content = domain.Question.from_json(json.loads(version.content))
        section = "common" if number <= (len(questions) + 1) // 2 else position.code
        order = get_kind(content.kind).shuffle(content, Still())
        slots.append(Slot(number, section, version.id, version.digest, version.kind, order, 1000))
    return Layout(tuple(slots), minutes)


def paper_row(candidate: Candidate, layout: Layout, minutes: int) -> Paper:
    data = layout.canonical()
    return Paper(
        candidate_id=candidate.id,
        minutes=minutes,
        layout=data,
        digest=domain.digest(data),
        sealed_at=clock.now() - timedelta(days=1),
    )


def one_of_each_kind(right: int = 0) -> list[domain.Question]:
    """A question of every kind whose key depends on ``right`` (0 to 3); all that a candidate sees stays the same."""
    letters = "ABCD"
    turned = [*range(right, 4), *range(right)]

    def ask(kind: str, stem: str, options: Sequence[domain.Option] = (), **details: Any) -> domain.Question:
        return domain.Question(kind, stem, tuple(options), level=domain.Level.RECALL, details=details)

    single = ask(
        "single_choice",
        "Câu một lựa chọn (mẫu)?",
        [domain.Option(f"Phương án {x}", correct=i == right) for i, x in enumerate(letters)],
    )
    numeric = ask("numeric", "Bao nhiêu ngày (mẫu)?", answers=[{"value": f"{right + 10}.5"}], unit="ngày")
    gaps = [
        {"choices": [{"text": f"Từ {x}", "correct": i == right} for i, x in enumerate(letters)]},
        {"accepted": [{"text": f"chữ {right}"}]},
        {"numeric": [{"value": str(right)}]},
    ]
    gap_text = ask("gap_text", "Điền [[1]], rồi [[2]], rồi [[3]] (mẫu).", gaps=gaps)
    return [
        single,
        ask(
            "multiple_response",
            "Câu nhiều lựa chọn (mẫu)?",
            [domain.Option(f"Lựa chọn {x}", correct=i in (right, (right + 1) % 4)) for i, x in enumerate(letters)],
        ),
        ask(
            "true_false",
            "Khẳng định (mẫu).",
            [domain.Option("Đúng", correct=right % 2 == 0), domain.Option("Sai", correct=right % 2 == 1)],
        ),
        ask(
            "true_false_cluster",
            "Chùm ý (mẫu).",
            [domain.Option(f"Ý thứ {x}", correct=i == right) for i, x in enumerate(letters)],
        ),
        ask(
            "matching",
            "Ghép cặp (mẫu).",
            pairs=[{"left": f"Vế {x}", "right": f"Việc {letters[turned[i]]}"} for i, x in enumerate(letters)],
        ),
        ask("ordering", "Sắp xếp (mẫu).", items=[{"text": f"Bước {letters[i]}"} for i in turned]),
        numeric,
        ask("short_text", "Cơ quan nào (mẫu)?", accepted=[{"text": f"Cơ quan {letters[right]}"}]),
        gap_text,
        ask("case", "Tình huống chung (mẫu).", questions=[q.as_json() for q in (single, numeric, gap_text)]),
        ask("essay", "Nêu cách xử lý (mẫu).", rubric=[{"text": f"Ý {letters[right]}", "points": 1000}], words=300),
    ]
