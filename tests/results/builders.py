"""A closed round with papers, sittings and answers, straight from the models."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.accounts.models import Account, Role
from examapp.bank.models import Question, QuestionVersion
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.organisation.models import Official, Position, Unit
from examapp.results.models import Result
from examapp.results.services import compute_results, publish_round, recognise_round
from examapp.rounds.models import Candidate, ExamRound, Paper, Period, RoundState, Setting, Shift
from examapp.sittings.models import AnswerEvent, Sitting, SittingState
from question_bank import question as domain
from question_bank.paper import Layout, Slot
from tests.builders import Builder

MINUTE = 60_000


@dataclass
class Scene:
    """Two communes under a province, two positions; each paper has a common section and one for each post."""

    build: Builder
    province: Unit
    north: Unit
    south: Unit
    justice: Position
    land: Position
    common: list[int]
    own: dict[str, list[int]]
    """Question versions: the first option (A) of each is right."""
    digests: dict[int, str]
    round: ExamRound
    shift: Shift
    points: int = 1000
    """Thousandths for each question of the papers made from now on."""
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def candidate(
        self,
        name: str = "Nguyễn Thị Mẫu",
        *,
        right: int | None = None,
        unit: Unit | None = None,
        posts: list[tuple[Position, Unit]] | None = None,
        official: Official | None = None,
        submitted: bool = True,
        **columns: Any,
    ) -> Candidate:
        """Somebody enrolled; ``right`` of the questions from the first on were answered rightly, the next one
        wrongly and the rest not at all. ``None``: did not come."""
        unit = unit or self.north
        posts = posts or [(self.justice, unit)]
        official = official or self.build.official(name)
        candidate: Candidate = self.build.save(
            Candidate(
                round_id=self.round.id,
                official_id=official.id,
                shift_id=self.shift.id,
                number=f"{next(self.numbers):04d}",
                unit_id=posts[0][1].id,
                position_id=posts[0][0].id,
                full_name=official.full_name,
                sort_key=official.sort_key,
                unit_name=posts[0][1].name,
                posts=json.dumps([_post(*post) for post in posts]),
                **columns,
            )
        )
        layout = self._layout([position for position, _ in posts])
        paper = self.build.save(_paper(candidate, layout))
        if right is not None:
            answers = {slot.number: [1] for slot in layout.slots[:right]}
            if right < len(layout.slots):
                answers[right + 1] = [2]
            self._sit(candidate, paper, answers, submitted)
        return candidate

    def _layout(self, positions: list[Position]) -> Layout:
        versions = [("common", one) for one in self.common]
        versions += [(position.code, one) for position in positions for one in self.own[position.code]]
        return Layout(
            tuple(
                Slot(number, section, one, self.digests[one], "single_choice", (0, 1, 2, 3), self.points)
                for number, (section, one) in enumerate(versions, start=1)
            ),
            minutes=45,
        )

    def _sit(self, candidate: Candidate, paper: Paper, answers: dict[int, list[int]], submitted: bool) -> None:
        started = clock.to_ms(clock.now()) - (180 if submitted else 5) * MINUTE
        sitting = self.build.save(
            Sitting(
                candidate_id=candidate.id,
                paper_id=paper.id,
                state=SittingState.SUBMITTED if submitted else SittingState.STARTED,
                started_ms=started,
                deadline_ms=started + 45 * MINUTE,
                late_ms=started + 60 * MINUTE,
                submitted_ms=started + 30 * MINUTE if submitted else None,
            )
        )
        self.build.save(
            *[
                AnswerEvent(
                    sitting_id=sitting.id,
                    writer="w" * 22,
                    seq=slot,
                    lease=1,
                    slot=slot,
                    response=json.dumps(response),
                    answered_ms=started + slot * 1000,
                    received_ms=started + slot * 1000 + 200,
                )
                for slot, response in answers.items()
            ]
        )

    def compute(self, **options: Any) -> Any:
        with self.build.app.app_context(), unit_of_work():
            return compute_results(self.round.id, **options)

    def publish(self) -> None:
        self.compute()
        with self.build.app.app_context(), unit_of_work() as session:
            publish_round(session.get_one(ExamRound, self.round.id))

    def recognise(self, number: str = "12/QĐ-UBND", day: date | None = None) -> None:
        self.publish()
        with self.build.app.app_context(), unit_of_work() as session:
            recognise_round(session.get_one(ExamRound, self.round.id), number=number, date=day or clock.today())

    def set_round(self, **columns: Any) -> None:
        with self.build.app.app_context(), unit_of_work() as session:
            exam_round = session.get_one(ExamRound, self.round.id)
            for name, value in columns.items():
                setattr(exam_round, name, value)

    def change_answers(self, candidate: Candidate, answers: dict[int, list[int]]) -> None:
        """What the council may do later: other answers count than those that were settled."""
        with self.build.app.app_context(), unit_of_work() as session:
            sitting = session.scalars(select(Sitting).where(Sitting.candidate_id == candidate.id)).one()
            assert sitting.record is not None
            record = json.loads(sitting.record)
            record["responses"] = [[slot, response] for slot, response in answers.items()]
            sitting.record = domain.canonical_json(record)

    def results(self, candidate: Candidate | None = None) -> list[Result]:
        """Stored versions in their order, with parts."""
        with self.build.app.app_context(), Session(db.engine, expire_on_commit=False) as session:
            statement = select(Result).order_by(Result.candidate_id, Result.version)
            if candidate is not None:
                statement = statement.where(Result.candidate_id == candidate.id)
            found = list(session.scalars(statement))
            for result in found:
                assert result.parts is not None
            return found

    def result(self, candidate: Candidate) -> Result:
        return self.results(candidate)[-1]

    def organiser(self, unit: Unit | None = None) -> Account:
        return self.build.account(None, Role.ORGANISER, unit=unit or self.province)

    def account_of(self, candidate: Candidate) -> Account:
        return self.build.account(self.build.get(Official, candidate.official_id))


def _post(position: Position, unit: Unit) -> dict[str, Any]:
    return {
        "post": 1,
        "position": position.code,
        "position_id": position.id,
        "position_name": position.name,
        "unit": unit.id,
        "unit_name": unit.name,
    }


def _paper(candidate: Candidate, layout: Layout) -> Paper:
    data = layout.canonical()
    return Paper(
        candidate_id=candidate.id,
        minutes=layout.minutes,
        layout=data,
        digest=domain.digest(data),
        sealed_at=clock.now() - timedelta(days=2),
    )


def scene(build: Builder, **columns: Any) -> Scene:
    """A round that was closed an hour ago; two common questions and two for each position."""
    province = build.unit("Tỉnh Mẫu")
    north, south = build.unit("Xã Bắc (mẫu)", parent=province), build.unit("Xã Nam (mẫu)", parent=province)
    justice, land = build.position("tp_tu_phap", "Tư pháp"), build.position("nn_dat_dai", "Đất đai")
    document = build.document("118/2025/NĐ-CP")
    topics = [build.topic(f"cd_{name}", f"Chuyên đề {name}") for name in ("chung", "tư pháp", "đất đai")]
    questions = [
        [_question(build, topics[0], number) for number in (1, 2)],
        [_question(build, topics[1], number, justice, document=document) for number in (3, 4)],
        [_question(build, topics[2], number, land) for number in (5, 6)],
    ]
    versions = [[build.get(QuestionVersion, one.current_id) for one in group] for group in questions]
    now = clock.now()
    values: dict[str, Any] = {
        "code": "KT-2026-Q4",
        "name": "Kỳ thi kỹ năng Quý IV (mẫu)",
        "year": now.year,
        "period": Period.QUARTER,
        "period_number": 4,
        "legal_basis_number": "Kế hoạch số 12/KH-UBND",
        "legal_basis_date": date(2026, 1, 5),
        "setting": Setting.SUPERVISED,
        "minutes": 45,
        "unit_id": province.id,
        "posts_on": clock.today(),
        "state": RoundState.CLOSED,
        "closed_at": now - timedelta(hours=1),
    }
    exam_round = build.save(ExamRound(**(values | columns)))
    shift = build.save(
        Shift(
            round_id=exam_round.id,
            name="Ca 1",
            starts_at=now - timedelta(hours=4),
            ends_at=now - timedelta(hours=1),
        )
    )
    return Scene(
        build=build,
        province=province,
        north=north,
        south=south,
        justice=justice,
        land=land,
        common=[one.id for one in versions[0]],
        own={justice.code: [one.id for one in versions[1]], land.code: [one.id for one in versions[2]]},
        digests={one.id: one.digest for group in versions for one in group},
        round=exam_round,
        shift=shift,
    )


def _question(build: Builder, topic: Any, number: int, *positions: Position, document: Any = None) -> Question:
    content = domain.Question(
        kind="single_choice",
        stem=f"Nội dung câu hỏi mẫu {number}?",
        options=tuple(domain.Option(f"{'Đúng' if x == 'A' else 'Sai'} {x} của câu {number}", x == "A") for x in "ABCD"),
        level=domain.Level.RECALL,
        topic=topic.code,
        explanation=f"Giải thích câu {number}.",
        citations=(domain.Citation("118/2025/NĐ-CP", article="5"),) if document else (),
    )
    question: Question = build.question(topic, *positions, content=content, document=document)
    return question
