"""Whoever sends what is not theirs to send, after the end, or all at once: nobody learns, takes or loses anything.

Each case goes through the real application. Messages of a wrong shape are in ``test_bad_messages.py``.
"""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from examapp.bank.models import Question, QuestionState, QuestionVersion
from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.results.models import Result
from examapp.results.services import compute_results
from examapp.rounds.models import ExamRound, RoundState, Shift
from examapp.sittings import events as stored_events
from examapp.sittings import receipts
from examapp.sittings.models import Sitting, SittingLease, SittingState
from examapp.sittings.settle import settle
from examapp.sittings.token import HEADER
from tests.sittings.desk import (
    BAD,
    HOUR,
    WRITER,
    at_the_device,
    change,
    desk_of,
    events,
    harm,
    message,
    ms,
    now_of,
    refusal,
)
from tests.sittings.outboxes import sealed_log


@pytest.fixture
def desk(app, build):
    return desk_of(app, build)


# authority


def forged(desk) -> str:
    token = desk.token()
    return token[:-1] + ("A" if token[-1] != "A" else "B")


@pytest.mark.parametrize("where", ["save", "submit", "integrity"])
def test_tokens(app, desk, where: str):
    body = message(where, desk.sitting)
    theirs = desk.token().replace(f"{desk.sitting.id}.", f"{desk.theirs.id}.", 1)
    for key, status, error in (
        ("", 401, "token"),
        (forged(desk), 401, "token"),
        (theirs, 401, "token"),
        (desk.token() + "\u00e9", 401, "token"),
        ("1." * 2000, 401, "token"),
        (desk.token(deadline=ms(-25 * HOUR)), 403, "expired"),
    ):
        answer = desk.post(where, body, key=key)
        assert (answer.status_code, answer.get_json()) == (status, {"error": error}), key
    assert harm(app, desk, answer) == []


def test_a_token_and_the_address_of_somebody_else(app, desk):
    """Where the address names a sitting, the token has to be its own."""
    answer = desk.submit([5, 3, [1], ms()], of=desk.theirs)
    assert (answer.status_code, answer.get_json()["error"]) == (404, "sitting")
    for where in ("submit", "save-form"):
        form = desk.client.post(desk.path_of(where, desk.theirs), data={"token": desk.token(), "s3": "1"})
        assert form.status_code == 404
        bad = desk.client.post(desk.path_of(where), data={"token": forged(desk), "s3": "1"})
        assert bad.status_code == 409
    assert now_of(app, desk.theirs).state is SittingState.STARTED
    assert harm(app, desk, answer) == []


def test_a_log_under_the_address_of_somebody_else(app, desk):
    log = sealed_log(app, desk.sitting.ref, [[1, 3, [1], ms(), 0]], writer=BAD)
    answer = desk.post("deliver", {"ref": desk.theirs.ref, "logs": [log]})
    assert desk.theirs.ref not in answer.get_data(as_text=True)
    assert refusal(answer) == (403, "seal")
    assert harm(app, desk, answer) == []


def test_pages_of_somebody_else_are_not_found(app, desk, reader):
    """Signed in as the other person, whatever address is tried."""
    stranger, ref = reader(desk.other), desk.sitting.ref
    candidate = desk.candidate.id
    for path in (f"{ref}", f"{ref}/review", f"{ref}/receipt", f"{ref}/verify", f"enter/{candidate}"):
        assert stranger.client.get(f"/sittings/{path}").status_code == 404, path
    for path in (f"waiting/{candidate}", f"waiting/{candidate}/paper", "waiting/999999", "enter/999999"):
        assert stranger.client.get(f"/sittings/{path}").status_code == 404, path
    data = {"csrf_token": stranger._token(), "have": "\u0000" * 99}
    for path in (f"{ref}/take-over", f"enter/{candidate}"):
        answer = stranger.client.post(f"/sittings/{path}", data=data, headers={"Accept": "application/json"})
        assert answer.status_code == 404, path
        assert desk.candidate.full_name not in answer.get_data(as_text=True)
    assert now_of(app, desk.sitting).lease == 1


def test_a_start_that_is_refused_says_why(app, desk, reader):
    account, candidate = desk.place.candidate("Lê Văn Chưa Có Đề", sealed=False)
    browser = reader(account)
    data = {"csrf_token": browser._token(), "have": "x" * 5000}
    answer = browser.client.post(f"/sittings/enter/{candidate.id}", data=data, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.get_json().keys() == {"error", "message", "advice"}
    assert answer.get_json()["error"] == "refused"
    assert browser.client.get(f"/sittings/waiting/{candidate.id}").get_json()["phase"] == "no_paper"
    assert browser.client.get(f"/sittings/waiting/{candidate.id}/paper").status_code == 404
    assert harm(app, desk, answer) == []


def test_a_form_holds_what_it_likes(app, desk):
    """Fields of no question are passed over; what no answer can be is named on the next page and not kept."""
    fields = {
        "token": desk.token(),
        "shown": '{"1": 5, "x": [], "' + "9" * 5000 + '": [1]}',
        "s400": "1",
        "s-1": "1",
        "s7": "x" * 9000,
        "s3": "999999999999999999999",
        "n2": "x" * 9000,
        "then": "next-999",
    }
    answer = desk.client.post(desk.path_of("save-form"), data=fields)
    assert answer.status_code == 303
    assert "refused=" in answer.headers["Location"]
    stored = [row for row in events(app, desk.sitting) if row[0] != WRITER]
    assert [(slot, len(json.loads(response)[0])) for _w, _s, slot, response in stored if slot != 1] == [(-2, 500)]


# after the end


@pytest.mark.parametrize("state", [SittingState.SETTLED, SittingState.STOPPED, "closed", "older lease"])
def test_after_the_end(app, desk, build, state: Any):
    """Everything is still stored and acknowledged; nothing of it changes what was written down."""
    if state == "older lease":
        build.save(SittingLease(sitting_id=desk.sitting.id, number=2, device="b" * 26, taken_ms=ms()))
        change(app, desk.sitting, lease=2)
    elif state is SittingState.STOPPED:
        change(app, desk.sitting, state=state)
    else:
        assert desk.submit(writer=WRITER).get_json()["answered"] == 1
    if state == "closed":
        change(app, desk.place.round, state=RoundState.CLOSED, closed_at=clock.now())
    before = now_of(app, desk.sitting)
    told = desk.send([5, 3, [1], ms()])
    assert (told.status_code, told.get_json()["ack"]) == (200, [5])
    again = desk.submit([6, 1, [4], ms()])
    if state == "older lease":
        assert (again.status_code, again.get_json()["error"]) == (409, "lease")
    else:
        assert (again.status_code, again.get_json()["ack"]) == (200, [6])
        assert again.get_json().get("receipt") == (before.receipt or None)
    after = now_of(app, desk.sitting)
    assert (after.state, after.record, after.receipt, after.submitted_ms) == (
        before.state,
        before.record,
        before.receipt,
        before.submitted_ms,
    )
    assert (BAD, 5, 3, "[1]") in events(app, desk.sitting)
    answer = desk.client.post(desk.path_of("save-form"), data={"token": desk.token(), "s3": "1"})
    assert answer.status_code == 303
    assert now_of(app, desk.sitting).record == before.record


@pytest.mark.parametrize("state", [SittingState.SUBMITTED, SittingState.SETTLED, SittingState.STOPPED])
def test_nobody_fills_the_disk_after_the_end(app, desk, monkeypatch, state: SittingState):
    """No more than may come while the exam goes on, by whichever way; what comes once more is no event."""
    if state is SittingState.SETTLED:
        assert desk.submit(writer=WRITER).status_code == 200
    else:
        change(app, desk.sitting, state=state, submitted_ms=ms() if state is SittingState.SUBMITTED else None)
    monkeypatch.setattr(stored_events, "MAX_OF_SITTING", len(events(app, desk.sitting)) + 1)
    assert desk.submit([3, 1, [3], ms()]).status_code == 200
    before = events(app, desk.sitting)
    assert refusal(desk.submit([4, 1, [4], ms()])) == (413, "many")
    log = sealed_log(app, desk.sitting.ref, [[5, 3, [1], ms(), 0]], writer=BAD)
    assert refusal(desk.post("deliver", {"ref": desk.sitting.ref, "logs": [log]})) == (413, "many")
    assert desk.submit().status_code == 200, "the receipt is there as ever"
    assert events(app, desk.sitting) == before


def test_a_form_stores_no_more_than_the_page(app, desk, monkeypatch):
    monkeypatch.setattr(stored_events, "MAX_OF_SITTING", 2)

    def saved(**fields: str):
        return desk.client.post(desk.path_of("save-form"), data={"token": desk.token(), "shown": "{}", **fields})

    assert saved(s1="1").status_code == 303
    before = events(app, desk.sitting)
    refused = saved(s1="2")
    assert refused.status_code == 409
    assert "đã lưu quá nhiều lượt trả lời" in refused.text
    assert "Hãy nộp bài" in refused.text
    assert events(app, desk.sitting) == before
    assert saved(then="review").headers["Location"].endswith("/review"), "who changes nothing gets on"
    assert desk.client.post(desk.path_of("submit"), data={"token": desk.token()}).status_code == 303
    assert now_of(app, desk.sitting).state is SittingState.SETTLED


# at once


def at_once(*acts: Any) -> list[Any]:
    """All acts in threads of their own, let go together; their answers in order."""
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int) -> None:
        gate.wait()
        answers[number] = acts[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def poster(app, desk, where: str, body: Any) -> Any:
    """A post by a client of its own."""
    headers = {HEADER: desk.token()}

    def post() -> Any:
        return app.test_client().post(
            desk.path_of(where), data=json.dumps(body), headers=headers, content_type="application/json"
        )

    return post


def test_submissions_at_once_give_one_receipt(app, desk):
    """Two tabs, a button pressed twice, and the form: one submission, the same receipt, every answer there."""
    bodies = [
        {"writer": f"tab-{tab:05d}", "epoch": "", "events": [[1, 3 + tab, [1], ms()]], "submit": [2, ms()]}
        for tab in range(3)
    ]
    form = app.test_client()
    acts = [poster(app, desk, "submit", body) for body in (*bodies, bodies[0])]
    acts.append(lambda: form.post(desk.path_of("submit"), data={"token": desk.token()}))
    *scripts, by_form = at_once(*acts)
    assert [answer.status_code for answer in scripts] == [200] * 4
    assert by_form.status_code == 303
    sitting = now_of(app, desk.sitting)
    assert {answer.get_json()["receipt"] for answer in scripts} == {sitting.receipt}
    stored = events(app, desk.sitting)
    assert len([row for row in stored if row[2] == 0]) == 1
    assert {row[2] for row in stored} == {0, 1, 3, 4, 5}
    with app.app_context():
        assert receipts.verify(db.session.get_one(Sitting, desk.sitting.id)) == []


def test_saves_while_the_paper_is_submitted(app, desk):
    """What is acknowledged is stored, before or after the submission; the record holds what it had seen."""
    saves = [
        {"writer": f"tab-{tab:05d}", "epoch": "", "events": [[seq, 1 + seq, [1], ms()] for seq in range(1, 9)]}
        for tab in range(4)
    ]
    submission = {"writer": WRITER, "epoch": "", "events": [], "submit": [2, ms()]}
    *answers, submitted = at_once(
        *[poster(app, desk, "save", body) for body in saves], poster(app, desk, "submit", submission)
    )
    assert [answer.get_json()["ack"] for answer in answers] == [[*range(1, 9)]] * 4
    assert submitted.get_json()["submitted"] is True
    assert len(events(app, desk.sitting)) == 1 + 4 * 8 + 1
    with app.app_context():
        sitting = db.session.get_one(Sitting, desk.sitting.id)
        assert sitting.state is SittingState.SETTLED
        assert receipts.verify(sitting) == []


# the bank goes on


def test_a_question_that_is_retired_or_replaced_stays_on_its_paper(app, desk, build, reader):
    """The paper shows and marks the versions that were sealed, whatever has become of the questions since."""
    with app.app_context(), unit_of_work() as session:
        for number, question in enumerate(session.scalars(select(Question).order_by(Question.id)).all()):
            old = session.get_one(QuestionVersion, question.current_id)
            content = json.loads(old.content) | {"stem": "Câu đã thay bằng câu khác (mẫu)?"}
            new = QuestionVersion(
                **{
                    column.name: getattr(old, column.name)
                    for column in QuestionVersion.__table__.columns
                    if column.name not in {"id", "number", "content", "stem"}
                },
                number=2,
                stem=content["stem"],
                content=json.dumps(content).encode(),
            )
            session.add(new)
            session.flush()
            question.current_id = new.id
            question.state = (QuestionState.RETIRED, QuestionState.DRAFT)[number % 2]
    page = at_the_device(reader, desk).open(f"/sittings/{desk.sitting.ref}")
    assert "Câu một lựa chọn (mẫu)?" in page.text
    assert "Câu đã thay" not in page.text
    right = [[9, 1, [1], ms()], [10, 7, ["10,5"], ms()], [11, 8, ["Cơ quan A"], ms()]]
    assert desk.submit(*right, seq=12).get_json()["answered"] == 3
    change(app, desk.theirs, state=SittingState.SUBMITTED, submitted_ms=ms())
    with app.app_context(), unit_of_work() as session:
        settle(session.get_one(Sitting, desk.theirs.id), now=clock.now())
        row = session.get_one(ExamRound, desk.place.round.id)
        row.state, row.closed_at = RoundState.CLOSED, clock.now()
        session.execute(update(Shift).values(ends_at=clock.now()))
    with app.app_context(), unit_of_work():
        compute_results(desk.place.round.id, now=clock.now())
    with app.app_context():
        awarded = dict(db.session.execute(select(Result.candidate_id, Result.awarded)).all())
    assert awarded == {desk.candidate.id: 3000, desk.other_candidate.id: 0}
