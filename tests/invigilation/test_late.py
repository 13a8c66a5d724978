"""Late answers before the council: the list, the decision, its addendum, and what it does to results."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.accounts.models import Account, Role
from examapp.audit.models import AuditEvent
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.errors import Conflict, Forbidden, Invalid
from examapp.rounds.models import BoardMember, BoardRole, ExamRound, RoundState
from examapp.sittings.late import count_waiting, decide, waiting_events
from examapp.sittings.late_answers import late_of
from examapp.sittings.models import Addendum, AnswerEvent, EventDecision, Sitting, SittingState
from examapp.sittings.receipts import verify
from examapp.sittings.settle import responses_of, settle_due, short_code
from examapp.sittings.standing import Event, answers_in, standings
from examapp.sittings.unsent import unsent_bytes
from tests.sittings.builders import Hall, hall

URL = "/invigilation/Q4-2026"
MINUTE = 60_000
WRITER = "writer-0001"


def sat(place: Hall, name: str = "Bùi Thị An", *, settled: bool = True, **columns: Any) -> Sitting:
    """Somebody whose time was over an hour ago, who had answered question 1, and whose 2 and 3 came half an hour
    after the late window: 2 as claimed in time, 3 as claimed too late."""
    sitting = place.sitting(place.candidate(name)[1], ago=120, **columns)
    end = sitting.deadline_ms
    save(place, sitting, 1, "[1]", at=end - 20 * MINUTE)
    if settled:
        settle_all(place)
    late = end + 45 * MINUTE
    save(place, sitting, 2, "[2]", at=end - 5 * MINUTE, came=late)
    save(place, sitting, 3, "[3]", at=end + MINUTE, came=late)
    return sitting


def save(place: Hall, sitting: Sitting, slot: int, response: str, *, at: int, came: int = 0, **columns: Any) -> None:
    row = {"writer": WRITER, "seq": slot, "lease": 1} | columns
    place.build.save(
        AnswerEvent(sitting_id=sitting.id, slot=slot, response=response, answered_ms=at, received_ms=came or at, **row)
    )


def settle_all(place: Hall) -> None:
    with place.build.app.app_context(), unit_of_work():
        settle_due(clock.now())


def chair(place: Hall) -> Account:
    account = place.build.account(None, Role.INVIGILATOR)
    place.build.save(BoardMember(round_id=place.round.id, account_id=account.id, role=BoardRole.CHAIR))
    return account


def council_says(
    place: Hall,
    sitting: Sitting,
    *slots: int,
    accepted: bool = True,
    by: Account | None = None,
    reason: str = "Mất điện",
) -> int:
    """The number of the addendum; 0 when there was nothing to write."""
    by = by or place.organiser()
    with place.build.app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, sitting.id)
        keys = [(WRITER, slot) for slot in slots]
        made = decide(row, keys, accepted=accepted, reason=reason, by=session.get_one(Account, by.id), now=clock.now())
        return made.number if made else 0


def counted(place: Hall, sitting: Sitting) -> dict[int, Any]:
    with place.build.app.app_context():
        return responses_of(db.session.get_one(Sitting, sitting.id))


def rows(place: Hall, kind: type, *order: Any) -> list[Any]:
    with place.build.app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(kind).order_by(*order)))


def test_the_list_says_when_and_how_but_not_what(build, reader, place):
    sitting = sat(place)
    save(place, sitting, 4, '["chữ đã gõ"]', at=sitting.deadline_ms - MINUTE, came=sitting.deadline_ms + 90 * MINUTE)
    sat(place, "Đỗ Văn Bình", submitted_ms=clock.to_ms(clock.now()) - 90 * MINUTE, state=SittingState.SUBMITTED)
    browser = reader(chair(place))
    page = browser.open(URL)
    page = browser.open(page.link("Bài đến muộn"))
    assert "3 lượt trả lời chờ hội đồng quyết định, của 1 người" in page.text
    assert "Bùi Thị An" in page.text
    assert "Đỗ Văn Bình" not in page.text
    everybody = browser.open(page.link("Cả những lượt đã quyết định"))
    assert "Đỗ Văn Bình" in everybody.text
    page = browser.open(everybody.link("Bùi Thị An"))
    assert page.texts("tbody//td[@class='lead-cell']") == ["Câu 2", "Câu 3", "Câu 4"]
    assert page.texts("tbody//td[@data-label='Nếu được tính']") == ["đổi câu trả lời được tính"] * 3
    assert "chữ đã gõ" not in page.html
    assert "[2]" not in page.html
    assert page.text.count("sau khi hết giờ") == 2, "an act of the same page is never earlier than the one before it"
    assert "qua mạng, từ trang bài thi" in page.text


def test_bounds_come_from_the_contacts_of_the_same_page(app, place):
    sitting = sat(place)
    end = sitting.deadline_ms
    with app.app_context():
        second, third = late_of(db.session.get_one(Sitting, sitting.id)).events
    assert (second.slot, second.placed.floor_ms) == (2, end - 20 * MINUTE), "not before the answer before it"
    assert second.placed.claim_ms == end - 5 * MINUTE
    assert second.placed.ceiling_ms == end + 45 * MINUTE
    assert (third.slot, third.placed.floor_ms) == (3, end - 5 * MINUTE)
    save(place, sitting, 2, "[4]", at=end - 10 * MINUTE, came=end + 50 * MINUTE, seq=11)
    with app.app_context():
        late = late_of(db.session.get_one(Sitting, sitting.id)).events[-1]
    assert late.placed.contact_ms == end + 45 * MINUTE, "the message before"
    assert late.placed.claim_ms == late.placed.floor_ms == end + 45 * MINUTE - 20_000, "a clock put back is no help"


def test_a_decision_is_shown_before_it_is_taken_and_makes_an_addendum(build, reader, place):
    sitting = sat(place)
    before = build.get(Sitting, sitting.id)
    browser = reader(chair(place))
    browser.open(f"{URL}/late/{sitting.candidate_id}")
    page = browser.submit("reason", pick=[f"{WRITER}:2"], reason="Mất điện cả phòng (mẫu)", press="act=accept")
    assert "Chấp nhận 1 lượt trả lời đến muộn của Bùi Thị An, ở câu 2?" in page.text
    assert "Câu trả lời được tính đổi ở câu 2." in page.text
    assert rows(place, EventDecision) == []
    page = browser.submit("confirmed")
    assert "lập phụ lục số 1" in page.text
    assert "Mất điện cả phòng (mẫu)" in page.text
    assert counted(place, sitting) == {1: [1], 2: [2]}
    after, addendum = build.get(Sitting, sitting.id), rows(place, Addendum)[0]
    assert (after.record, after.receipt, after.digest) == (before.record, before.receipt, before.digest)
    assert addendum.receipt in page.text
    assert addendum.receipt == short_code(addendum.record)
    audit = [event for event in rows(place, AuditEvent) if event.action == "sitting.late_decided"]
    assert len(audit) == 1


def test_the_same_again_changes_nothing_and_another_decision_is_a_new_row(place):
    sitting = sat(place)
    assert council_says(place, sitting, 2, 3) == 1
    assert council_says(place, sitting, 3, 2, reason="Lý do khác") == 0
    assert (len(rows(place, EventDecision)), len(rows(place, Addendum))) == (2, 1)
    assert council_says(place, sitting, 3, accepted=False) == 2
    assert counted(place, sitting) == {1: [1], 2: [2]}
    assert council_says(place, sitting, 2, 3, accepted=False) == 3, "only what is new is written"
    assert len(rows(place, EventDecision)) == 4
    assert counted(place, sitting) == {1: [1]}
    assert [row.accepted for row in rows(place, EventDecision, EventDecision.id)] == [True, True, False, False]


def test_refused_answers_wait_no_longer(app, place):
    sitting = sat(place)
    with app.app_context():
        assert count_waiting([place.round.id]) == {place.round.id: 2}
        assert [len(one.waiting) for one in waiting_events(db.session.get_one(ExamRound, place.round.id))] == [2]
    council_says(place, sitting, 2, 3, accepted=False)
    with app.app_context():
        assert count_waiting([place.round.id]) == {}
        assert waiting_events(db.session.get_one(ExamRound, place.round.id)) == []


def test_before_settlement_the_page_says_when_it_can_be_decided(build, reader, place):
    sitting = sat(place, settled=False, late_ms=clock.to_ms(clock.now()) - 1000)
    head = chair(place)
    page = reader(head).open(f"{URL}/late/{sitting.candidate_id}")
    assert "Bài này chưa chốt. Hội đồng quyết định được sau khi bài được chốt" in page.text
    assert not page.all("input[@name='pick']")
    with pytest.raises(Conflict, match="chưa chốt"):
        council_says(place, sitting, 2, by=head)


@pytest.mark.parametrize("role", [None, BoardRole.INVIGILATOR, BoardRole.SECRETARY])
def test_only_the_chair_decides(build, reader, place, role):
    sitting = sat(place)
    chair(place)
    account = build.account(None, Role.INVIGILATOR) if role else place.organiser()
    if role:
        build.save(BoardMember(round_id=place.round.id, account_id=account.id, role=role))
    browser = reader(account)
    page = browser.open(f"{URL}/late/{sitting.candidate_id}")
    assert "Chỉ chủ tịch hội đồng thi quyết định" in page.text
    assert not page.all("input[@name='pick']")
    browser.post(page.url, pick=f"{WRITER}:2", reason="x", act="accept", confirmed="yes", status=403)
    with pytest.raises(Forbidden):
        council_says(place, sitting, 2, by=account)
    assert rows(place, EventDecision) == []


def test_who_does_not_watch_the_round_finds_nothing(build, reader, place):
    sitting = sat(place)
    other = hall(build, code="Q3-2026")
    reader(build.account(None, Role.EXAMINER)).open(f"{URL}/late", status=404)
    browser = reader(place.organiser())
    browser.open(f"/invigilation/{other.round.code}/late/{sitting.candidate_id}", status=404)
    browser.open(f"{URL}/late/99999", status=404)


def test_nobody_decides_about_the_own_answers(build, reader, place):
    account, candidate = place.candidate("Chủ Tịch Mẫu")
    sitting = place.sitting(candidate, ago=120)
    settle_all(place)
    save(place, sitting, 2, "[2]", at=sitting.deadline_ms - MINUTE, came=sitting.deadline_ms + 45 * MINUTE)
    build.grant(account, Role.INVIGILATOR)
    build.save(BoardMember(round_id=place.round.id, account_id=account.id, role=BoardRole.CHAIR))
    page = reader(account).open(f"{URL}/late/{candidate.id}")
    assert "Không ai tự quyết định về việc dự thi của chính mình." in page.text
    with pytest.raises(Forbidden):
        council_says(place, sitting, 2, by=account)


def test_after_recognition_there_is_nothing_more_to_decide(build, reader, place):
    sitting = sat(place)
    head = chair(place)
    with build.app.app_context(), unit_of_work() as session:
        row = session.get_one(ExamRound, place.round.id)
        row.state, row.decision_number, row.decision_date = RoundState.RECOGNISED, "12/QĐ (mẫu)", clock.today()
    with pytest.raises(Conflict, match="đã được công nhận"):
        council_says(place, sitting, 2, by=head)
    assert not reader(head).open(f"{URL}/late/{sitting.candidate_id}").all("input[@name='pick']")


@pytest.mark.parametrize(
    ("slots", "reason", "field"),
    [
        ((), "Mất điện", "pick"),
        ((2,), "  ", "reason"),
        ((2,), "x" * 301, "reason"),
        ((1,), "đã được tính, không có gì để quyết định", "pick"),
        ((7,), "không có", "pick"),
    ],
)
def test_what_cannot_be_decided(place, slots, reason, field):
    sitting = sat(place)
    with pytest.raises(Invalid) as error:
        council_says(place, sitting, *slots, reason=reason)
    assert error.value.field == field
    assert rows(place, EventDecision) == rows(place, Addendum) == []


def test_the_form_keeps_what_was_ticked_when_the_reason_is_missing(reader, place):
    sitting = sat(place)
    browser = reader(chair(place))
    browser.open(f"{URL}/late/{sitting.candidate_id}")
    page = browser.submit("reason", pick=[f"{WRITER}:3"], reason="", press="act=refuse", status=422)
    assert [box.get("value") for box in page.all("input[@checked]") if box.get("name") == "pick"] == [f"{WRITER}:3"]


def test_nothing_ticked_and_no_reason_are_told_at_once(reader, place):
    sitting = sat(place)
    browser = reader(chair(place))
    browser.open(f"{URL}/late/{sitting.candidate_id}")
    page = browser.submit("reason", reason="", press="act=accept", status=422)
    assert "Hãy chọn ít nhất một lượt trả lời." in page.text
    assert "Lý do: Chưa nhập ô này." in page.text


def test_answers_after_the_submission_count_when_the_council_says_so(reader, place):
    submitted = clock.to_ms(clock.now()) - 90 * MINUTE
    sitting = sat(place, submitted_ms=submitted, state=SittingState.SUBMITTED)
    browser = reader(chair(place))
    page = browser.open(f"{URL}/late/{sitting.candidate_id}")
    assert page.texts("tbody//td[@data-label='Trạng thái']") == ["Đến sau khi nộp"] * 2
    assert counted(place, sitting) == {1: [1]}
    browser.submit("reason", pick=[f"{WRITER}:2"], reason="Máy tự nộp khi mất mạng (mẫu)", press="act=accept")
    browser.submit("confirmed")
    assert counted(place, sitting) == {1: [1], 2: [2]}


def test_an_older_device_never_overrules_the_newer(place, reader):
    sitting = place.sitting(place.candidate("Bùi Thị An")[1], ago=120, lease=2)
    from examapp.sittings.models import SittingLease

    end = sitting.deadline_ms
    place.build.save(
        SittingLease(sitting_id=sitting.id, number=2, device="b" * 26, taken_ms=sitting.started_ms + 5 * MINUTE)
    )
    save(place, sitting, 2, "[4]", at=end - 30 * MINUTE, writer="writer-0002", lease=2)
    settle_all(place)
    save(place, sitting, 2, "[1]", at=end - 20 * MINUTE, came=end + 45 * MINUTE)
    with place.build.app.app_context():
        found = late_of(db.session.get_one(Sitting, sitting.id)).events
    assert found == [], "it is evidence, whatever is decided"
    with pytest.raises(Invalid):
        council_says(place, sitting, 2)


def test_which_code_an_answer_came_under(app, build, reader, place):
    sitting = sat(place)
    with app.app_context():
        events = [Event(WRITER, n, 1, n, (n,), 0, 0) for n in (2, 3)]
        code = short_code(unsent_bytes(sitting.ref, events))
    browser = reader(chair(place))
    browser.open(f"{URL}/{sitting.candidate_id}/code")
    browser.submit("code", code=code)
    page = browser.open(f"{URL}/late/{sitting.candidate_id}")
    assert page.text.count(f"khớp mã {code}") == 2


def test_the_chair_finds_it_on_the_home_page(reader, place):
    sat(place)
    home = reader(chair(place)).open("/")
    assert "2 lượt trả lời chờ hội đồng quyết định" in home.text
    assert "chờ hội đồng quyết định" not in reader(place.organiser()).open("/").text, "there is a chair"


def test_what_counts_is_what_events_and_decisions_say_from_scratch(app, place):
    sitting = sat(place)
    save(place, sitting, 1, "[4]", at=sitting.deadline_ms - 2 * MINUTE, came=sitting.deadline_ms + 46 * MINUTE, seq=4)
    script = [((2,), True), ((1 + 3, 3), True), ((2,), False), ((3,), False), ((2, 3), True)]
    for step, (seqs, accepted) in enumerate(script, start=1):
        assert council_says(place, sitting, *seqs, accepted=accepted) == step
        with app.app_context():
            from examapp.sittings.events import events_of, facts_of

            row = db.session.get_one(Sitting, sitting.id)
            assert responses_of(row) == answers_in(standings(events_of(row), facts_of(row)))
            assert verify(row) == []
    newest = json.loads(rows(place, Addendum, Addendum.number)[-1].record)
    assert newest["decisions"] == [[WRITER, 2, True], [WRITER, 3, True], [WRITER, 4, True]]


def sent_with_the_submission(place: Hall) -> tuple[Account, Sitting]:
    """The common case: a device comes back after the late window, sends two answers, and the page submits by itself."""
    account, candidate = place.candidate("Lê Thị Muộn")
    sitting = place.sitting(candidate, ago=120)
    back = sitting.deadline_ms + 30 * MINUTE
    for slot in (1, 2):
        save(place, sitting, slot, "[1]", at=sitting.deadline_ms - MINUTE, came=back)
    with place.build.app.app_context(), unit_of_work() as session:
        row = session.get_one(Sitting, sitting.id)
        row.state, row.submitted_ms = SittingState.SUBMITTED, back + 36
    settle_all(place)
    return account, sitting


def test_answers_that_came_just_before_a_late_submission_wait_too(app, reader, place):
    account, sitting = sent_with_the_submission(place)
    with app.app_context():
        assert count_waiting([place.round.id]) == {place.round.id: 2}
        [late] = waiting_events(db.session.get_one(ExamRound, place.round.id))
        assert len(late.waiting) == 2
    assert "2 lượt trả lời chờ hội đồng quyết định" in reader(chair(place)).open("/").text
    page = reader(account).open(f"/sittings/{sitting.ref}/receipt")
    assert "2 lượt trả lời đến khi đã hết thời gian nhận bài" in page.text


def test_the_receipt_tells_what_the_council_decided(reader, place):
    account, sitting = sent_with_the_submission(place)
    council_says(place, sitting, 1, 2, reason="Mất điện cả phòng")
    page = reader(account).open(f"/sittings/{sitting.ref}/receipt")
    assert "Mất điện cả phòng." in page.text
    assert rows(place, Addendum)[0].receipt in page.text


def test_a_closed_round_still_leads_to_its_board(build, place, reader):
    with build.app.app_context(), unit_of_work() as session:
        session.get_one(ExamRound, place.round.id).state = RoundState.CLOSED
    browser = reader(chair(place))
    page = browser.open(browser.open("/rounds/Q4-2026").link("Diễn biến làm bài"))
    assert page.heading == "Theo dõi làm bài"
