"""Very many late answers of one person: what is looked at stays in proportion, and says the same."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from examapp.accounts.models import Role
from examapp.core import clock
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.errors import Invalid
from examapp.invigilation.board import PER_PAGE
from examapp.rounds.models import BoardMember, BoardRole, ExamRound
from examapp.sittings import late, late_answers
from examapp.sittings.late_answers import _effects, key_of
from examapp.sittings.models import AnswerEvent, EventDecision, Sitting
from examapp.sittings.settle import settle_due
from examapp.sittings.standing import COUNTING, Event, Facts, answers_in, left, standings

URL = "/invigilation/Q4-2026"
MINUTE = 60_000
MANY = 1_500


@pytest.fixture
def passes(monkeypatch) -> list[int]:
    """How many events each evaluation of the standings looked at."""
    seen: list[int] = []

    def counted(events, facts):
        events = list(events)
        seen.append(len(events))
        return standings(events, facts)

    for module in (late, late_answers):
        monkeypatch.setattr(module, "standings", counted)
    return seen


@pytest.fixture
def flooded(place) -> Sitting:
    sitting = place.sitting(place.candidate("Bùi Thị An")[1], ago=120)
    with place.build.app.app_context(), database.unit_of_work():
        settle_due(clock.now())
    end = sitting.deadline_ms
    with place.build.app.app_context(), database.unit_of_work() as session:
        session.add_all(
            AnswerEvent(
                sitting_id=sitting.id,
                writer="writer-0001",
                seq=seq,
                lease=1,
                slot=1 + seq % 20,
                response=json.dumps([seq % 4]),
                answered_ms=end + seq,
                received_ms=end + 45 * MINUTE + seq // 100,
            )
            for seq in range(1, MANY + 1)
        )
    return sitting


def test_a_flood_of_late_answers_keeps_nobody_waiting(app, build, reader, place, flooded, passes):
    head = build.account(None, Role.INVIGILATOR)
    build.save(BoardMember(round_id=place.round.id, account_id=head.id, role=BoardRole.CHAIR))
    browser = reader(head)
    began = time.process_time()
    page = browser.open(f"{URL}/late/{flooded.candidate_id}")
    assert page.texts("tbody//td[@data-label='Nếu được tính']") == ["đổi câu trả lời được tính"] * PER_PAGE
    assert "Trang 1 trên 30" in page.text
    assert "1500 kết quả" in page.text
    assert len(passes) <= 4
    page = browser.open(page.link("Trang cuối"))
    assert page.all("tbody//input")[-1].get("value") == f"writer-0001:{MANY}"
    passes.clear()
    page = browser.submit("reason", pick=[f"writer-0001:{MANY}"], reason="Mất điện", press="act=accept")
    assert "Câu trả lời được tính đổi ở câu 1." in page.text
    assert len(passes) <= 4
    passes.clear()
    assert "lập phụ lục số 1" in browser.submit("confirmed").text
    assert len(passes) <= 8, "the decision, and the page after it"
    assert time.process_time() - began < 20


def test_all_that_waits_is_decided_at_once_and_nothing_is_left_out(app, build, reader, place, flooded):
    head = build.account(None, Role.INVIGILATOR)
    build.save(BoardMember(round_id=place.round.id, account_id=head.id, role=BoardRole.CHAIR))
    browser = reader(head)
    page = browser.open(f"{URL}/late/{flooded.candidate_id}?page=2")
    assert "Mọi lượt đang chờ, ở mọi trang: 1500 lượt" in page.text
    page = browser.submit("reason", everything="yes", reason="", press="act=refuse", status=422)
    assert page.all("input[@name='everything']")[0].get("checked") is not None
    assert "Trang 2 trên 30" in page.text
    page = browser.submit("reason", reason="Gửi sau khi hết giờ", press="act=refuse")
    assert "Không chấp nhận 1500 lượt trả lời đến muộn" in page.text
    browser.submit("confirmed")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(EventDecision)) == MANY
        assert late.count_waiting([place.round.id]) == {}


def test_counting_what_waits_asks_for_standings_only(app, place, flooded, passes, monkeypatch):
    monkeypatch.setattr(late_answers, "_effects", None)
    with app.app_context():
        assert late.count_waiting([place.round.id]) == {place.round.id: MANY}
    assert passes == [MANY]


def test_looking_at_an_effect_keeps_no_writer_out(app, place, flooded, monkeypatch):
    computed = []
    plain = late.answers_in

    def meanwhile(found):
        with database.apart() as session:
            session.get_one(ExamRound, place.round.id).name = "Tên ghi cùng lúc"
        computed.append(True)
        return plain(found)

    monkeypatch.setattr(late, "answers_in", meanwhile)
    with app.app_context(), database.writing():
        sitting = db.session.get_one(Sitting, flooded.id)
        late.effect_of(sitting, [("writer-0001", MANY)], accepted=True)
        with pytest.raises(Invalid):
            late.effect_of(sitting, [("writer-0002", 1)], accepted=True)
    assert computed == [True]


@pytest.mark.parametrize("seed", range(60))
def test_every_effect_is_what_both_decisions_would_come_to(seed):
    pick = random.Random(seed)
    events = [
        Event(
            writer=f"w{pick.randint(1, 3)}",
            seq=seq,
            lease=pick.randint(1, 3),
            slot=left(pick.randint(1, 3)) if seed % 3 == 0 and pick.random() < 0.1 else pick.randint(1, 4),
            response=(pick.randint(1, 2),),
            answered_ms=pick.randint(0, 2_000_000),
            received_ms=pick.randint(0, 2_000_000),
        )
        for seq in range(1, 31)
    ]
    keys = [(event.writer, event.seq) for event in events]
    facts = Facts(
        started_ms=0,
        deadline_ms=1_000_000,
        late_ms=1_400_000,
        submitted_ms=pick.choice([None, 1_200_000]),
        taken_ms=(300_000, 600_000),
        decisions={key: pick.random() < 0.5 for key in pick.sample(keys, 6)},
    )
    effects = _effects(standings(events, facts), facts)
    for event, key in zip(events, keys, strict=True):
        if event.slot < 1:
            continue
        with_it, without = (
            standings(events, replace(facts, decisions={**facts.decisions, key: accepted}))
            for accepted in (True, False)
        )
        stands = next(verdict for placed, verdict in with_it if key_of(placed) == key)
        assert effects[key].can_count == (stands in COUNTING)
        assert effects[key].makes_difference == (answers_in(with_it) != answers_in(without))
