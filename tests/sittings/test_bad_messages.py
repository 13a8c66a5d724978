"""Messages that no page of ours sends: answered by the exact code, losing nothing that was there and telling nothing.

Each case goes through the real application. Afterwards the answers from before still stand, and the next good message
is taken. What messages of the right shape may hold, ``test_save.py`` and ``test_deliver.py`` try; here is the rest.
"""

from __future__ import annotations

import io
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.core.db import db
from examapp.sittings import receipts
from examapp.sittings.models import AnswerConflict, Sitting
from examapp.sittings.notes import notes_of_round
from examapp.sittings.settle import read_record
from examapp.sittings.token import HEADER
from tests.sittings.desk import BAD, PATHS, WRITER, at_the_device, desk_of, events, harm, message, ms, now_of, refusal
from tests.sittings.outboxes import sealed_log


@pytest.fixture
def desk(app, build):
    return desk_of(app, build)


# events


REFUSED_EVENTS = {
    "below every note": ([1, -600, ["Ghi chú"], 5], "slot"),
    "leaves behind what no paper has": ([1, -1600, [], 5], "slot"),
    "between notes and leaving": ([1, -1000, [], 5], "slot"),
    "the submission as an answer": ([1, 0, [], 5], "slot"),
    "a slot far away": ([1, 10**30, [1], 5], "slot"),
    "a slot with a point": ([1, 1.0, [1], 5], "slot"),
    "a number with a point": ([1.0, 1, [1], 5], "seq"),
    "a number as text": (["1", 1, [1], 5], "seq"),
    "a number far away": ([10**30, 1, [1], 5], "seq"),
    "an option out of range": ([1, 1, [10**30], 5], "response"),
    "an object as answer": ([1, 1, {"1": 1}, 5], "response"),
    "nothing as answer": ([1, 1, None, 5], "response"),
    "a note too deep": ([1, -1, [[[["x"]]]], 5], "response"),
    "a note too long": ([1, -1, ["x" * 8001], 5], "response"),
    "before the epoch": ([1, 1, [1], -1], "answered"),
    "no time": ([1, 1, [1], None], "answered"),
    "five parts": ([1, 1, [1], 5, 0], "event"),
    "an object": ({"seq": 1}, "event"),
}


@pytest.mark.parametrize("name", REFUSED_EVENTS)
@pytest.mark.parametrize("where", ["save", "submit"])
def test_an_event_that_breaks_a_rule_takes_the_message_back(app, desk, where: str, name: str):
    event, error = REFUSED_EVENTS[name]
    good = [7, 3, [1], ms()]
    answer = desk.send(good, event) if where == "save" else desk.submit(good, event)
    assert refusal(answer) == (400, error)
    assert harm(app, desk, answer) == []


STRANGE_EVENTS = {
    "beyond the paper": [1, 400, [1], 0],
    "a note beyond the paper": [2, -400, ["Câu nào?"], 0],
    "a text for a choice": [3, 1, ["Phương án A"], 0],
    "an option that is not there": [4, 1, [9], 0],
    "two options where one is asked": [5, 3, [1, 2], 0],
    "a choice for an essay": [6, 11, [1], 0],
    "lists for a number": [7, 7, [[1], ["2"]], 0],
    "too few parts": [8, 4, [1], 0],
    "a case without its parts": [9, 10, [[1]], 0],
    "an item twice": [10, 6, [1, 1, 2, 3], 0],
    "a note of numbers": [11, -1, [7], 0],
    "a note of lists": [12, -2, [["x"], []], 0],
    "a note of nothing": [13, -3, [], 0],
    "a note that is markup": [14, -4, ["<script>alert(1)</script>\u0000"], 0],
    "from the year 1970": [15, 8, ["Cơ quan A"], 1],
    "from the year 2100": [16, 9, [1, "chữ 0", "0"], 4_102_444_800_000],
    "as late as can be written": [17, 2, [1], (1 << 48) - 1],
    "leaves behind with an answer": [18, -1001, [1, "x"], 0],
    "leaves behind what the paper has not": [19, -1400, [], 0],
}
"""Of the right shape, so they are stored; what they are worth is decided later."""


def test_strange_events_are_stored_and_worth_nothing(app, desk, reader):
    """Pages open, the paper is settled and marked, and only what answers a question of this paper counts."""
    sent = [[seq, slot, response, at or ms()] for seq, slot, response, at in STRANGE_EVENTS.values()]
    assert desk.send(*sent).get_json()["ack"] == [event[0] for event in sent]
    browser = at_the_device(reader, desk)
    page = browser.open(f"/sittings/{desk.sitting.ref}")
    assert "Câu một lựa chọn (mẫu)?" in page.text
    assert "<script>alert(1)</script>" not in page.html
    browser.open(f"/sittings/{desk.sitting.ref}/review")
    with app.app_context():
        noted = {note.slot: (note.text, note.question_id is None) for note in notes_of_round(desk.place.round.id)}
        assert noted == {400: ("Câu nào?", True), 4: ("<script>alert(1)</script>", False)}
    reader(desk.place.organiser()).open(f"/invigilation/{desk.place.round.code}")
    told = desk.submit(writer=WRITER).get_json()
    assert told["answered"] == 3  # 2, 8 and 9: what came before for question 1 was replaced by what answers nothing
    reader(desk.account).open(f"/sittings/{desk.sitting.ref}/receipt")
    with app.app_context():
        record = read_record(db.session.get_one(Sitting, desk.sitting.id))
        assert dict(record["responses"])[2] == [1]
        assert record["standing"] == {"counts": 13, "flagged": 0, "needs_decision": 0, "evidence": 0}
        assert receipts.verify(db.session.get_one(Sitting, desk.sitting.id)) == []


def test_an_answer_from_the_future_is_claimed_for_now(app, desk):
    """A clock that is decades ahead wins nothing: the next act of the page replaces it, and nothing is late."""
    assert desk.send([1, 1, [4], 4_102_444_800_000], [2, 1, [3], ms()]).status_code == 200
    assert desk.submit(seq=3).get_json()["answered"] == 1
    record = read_record(now_of(app, desk.sitting))
    assert record["responses"] == [[1, [3]]]
    assert record["standing"]["counts"] == 3


def test_the_number_of_an_answer_as_that_of_the_submission(app, desk):
    """The answer is kept, the submission holds, and the number's other content is evidence."""
    told = desk.submit([5, 3, [1], ms()], seq=5).get_json()
    assert (told["submitted"], told["answered"]) == (True, 2)
    assert events(app, desk.sitting) == [(WRITER, 1, 1, "[2]"), (BAD, 5, 3, "[1]")]
    with app.app_context(), Session(db.engine) as session:
        assert [row.seq for row in session.scalars(select(AnswerConflict))] == [5]


# messages


BROKEN = {
    "empty": b"",
    "half": b'{"writer": "writer-0002", "events": [[1, 1,',
    "not UTF-8": b'{"writer": "writer-0002\xff", "events": [], "ref": "x", "logs": []}',
    "half a character": b'{"writer": "writer-0002", "events": [], "ref": "x", "logs": []}\xe1\xba',
    "a text": b'"writer events ref logs"',
    "a number": b"7",
    "nothing": b"null",
    "a number of ten thousand figures": b'{"writer": "writer-0002", "ref": "x", "logs": [], "events": ['
    + b"9" * 10_000
    + b"]}",
    "deep lists": b"[" * 12_000,
    "deep objects": b'{"events":' * 1_200,
    "two messages": b"{}{}",
    "form fields": b"writer=writer-0002&events=",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("where", PATHS)
def test_what_is_no_message(app, desk, where: str, name: str):
    if (where, name) == ("save", "empty"):
        answer = desk.post(where, BROKEN[name])
        assert refusal(answer) == (400, "length")
        assert harm(app, desk, answer) == []
    else:
        answer = desk.post(where, BROKEN[name])
        assert refusal(answer) == (400, "body")
        assert harm(app, desk, answer) == []


@pytest.mark.parametrize("where", ["save", "submit"])
def test_numbers_that_json_does_not_know(app, desk, where: str):
    for number in ("NaN", "Infinity", "1e400"):
        text = f'{{"writer": "{BAD}", "events": [[1, 1, [1], {number}]], "submit": [9, 5]}}'
        answer = desk.post(where, text.encode())
        assert (answer.status_code, answer.get_json()) == (400, {"error": "answered"})
    assert harm(app, desk, answer) == []


@pytest.mark.parametrize("where", ["save", "integrity"])
def test_doubled_names_and_a_mark_at_the_beginning_are_read_in_one_way(app, desk, where: str):
    """The last of two names holds; a byte order mark, another encoding and fields nobody knows do no harm."""
    doubled = message(where, desk.sitting, '"writer": "x", "events": 7, "unknown": {"a": [1.5, null]}, ')
    plain = message(where, desk.sitting)
    for body in (doubled, b"\xef\xbb\xbf" + plain, plain.decode().encode("utf-16"), b" \n" + plain):
        assert desk.post(where, body).get_json()["ack"] == []
    assert harm(app, desk, desk.post(where, plain)) == []


def test_sizes_of_the_other_addresses(app, desk):
    too_many = [[seq, 1, [1], 5] for seq in range(1, 202)]
    answer = desk.submit(*too_many)
    assert (answer.status_code, answer.get_json()) == (413, {"error": "events"})
    cases = (("submit", 64), ("deliver", 512), ("integrity", 16))
    for where, kib in cases:
        answer = desk.post(where, message(where, desk.sitting) + b" " * (kib * 1024))
        assert (answer.status_code, answer.get_json()) == (413, {"error": "body"})
    assert harm(app, desk, answer) == []


@pytest.mark.parametrize(
    "submit",
    [None, [], [1], 7, {"seq": 1}, [1, 2, 3]],
)
def test_a_submission_has_its_number_and_time(app, desk, submit: Any):
    body = {"writer": BAD, "epoch": "", "events": [[7, 3, [1], ms()]], "submit": submit}
    answer = desk.post("submit", body)
    assert refusal(answer) == (400, "submit")
    assert harm(app, desk, answer) == []


@pytest.mark.parametrize(
    ("seq", "at", "error"), [(0, 5, "seq"), (100_001, 5, "seq"), (1, -1, "answered"), (1, "5", "answered")]
)
def test_a_submission_keeps_the_limits_of_an_answer(app, desk, seq: Any, at: Any, error: str):
    answer = desk.submit([7, 3, [1], ms()], seq=seq, at=at)
    assert refusal(answer) == (400, error)
    assert harm(app, desk, answer) == []


@pytest.mark.parametrize(
    "event",
    [[1, [], 5], [1, {}, 5], [1, None, 5], [1, "left", None], [1, "left", 1 << 60], [True, "left", 5], "left", None],
)
def test_a_page_left_in_a_strange_way(app, desk, event: Any):
    answer = desk.post("integrity", {"writer": BAD, "events": [event]})
    assert refusal(answer) == (400, "event")
    assert harm(app, desk, answer) == []


def test_a_log_with_strange_parts(app, desk):
    log = sealed_log(app, desk.sitting.ref, [[1, 3, [1], ms(), 0]], writer=BAD)
    strange: list[Any] = [None, [], "log", {}, log | {"data": []}, log | {"nonce": {}}, log | {"writer": []}]
    for one in strange:
        answer = desk.post("deliver", {"ref": desk.sitting.ref, "logs": [one]})
        assert (answer.status_code, answer.get_json()["error"]) == (400, "log")
    assert harm(app, desk, answer) == []


# headers


def test_the_length_of_a_message(app, desk):
    for length, status, error in (
        ("", 400, "length"),
        ("-5", 400, "length"),
        ("ten", 400, "length"),
        ("1e3", 400, "length"),
        ("9" * 5000, 413, "body"),
        ("65537", 413, "body"),
        ("2", 400, "body"),  # less than was sent: the rest is not read
    ):
        answer = desk.client.post(
            "/sittings/save",
            headers={HEADER: desk.token()},
            environ_overrides={"CONTENT_LENGTH": length},
            input_stream=io.BytesIO(message("save", desk.sitting)),
        )
        assert (answer.status_code, answer.get_json()) == (status, {"error": error}), length
    assert harm(app, desk, answer) == []


@pytest.mark.parametrize("where", ["submit", "deliver", "integrity"])
@pytest.mark.parametrize("length", [None, "500"])
def test_a_body_that_stops_or_is_no_http(app, desk, caplog, where: str, length: str | None):
    """The server's own errors, which come while the body is read."""
    server = pytest.importorskip("gunicorn.http.errors")
    for error in (server.InvalidChunkExtension("x"), server.NoMoreData(), ConnectionResetError()):
        told = {"CONTENT_LENGTH": length} if length else {"wsgi.input_terminated": True}
        answer = desk.client.post(
            desk.path_of(where),
            headers={HEADER: desk.token()},
            content_type="application/json",
            environ_overrides={"wsgi.input": Mock(read=Mock(side_effect=error)), **told},
        )
        assert (answer.status_code, answer.get_json()) == (400, {"error": "body"}), error
    assert not caplog.records
    assert harm(app, desk, answer) == []


def test_the_kind_of_a_message(app, desk):
    """Saves and deliveries ask for no kind. A submission that does not say JSON is a form, and has no token."""
    for where in ("save", "integrity"):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "\u00e9"):
            assert desk.post(where, message(where, desk.sitting), content_type=kind).status_code == 200, (where, kind)
    answer = desk.post("deliver", message("deliver", desk.sitting), content_type="text/plain")
    assert (answer.status_code, answer.get_json()) == (400, {"error": "logs"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = desk.post("submit", message("submit", desk.sitting), content_type=kind)
        assert answer.status_code == 409
        assert "Trang bài thi đã cũ hoặc không hợp lệ" in answer.get_data(as_text=True)
    assert harm(app, desk, answer) == []


def test_addresses_of_no_sitting(desk, reader):
    for path in ("", "/review", "/receipt", "/verify"):
        for ref in ("x", "0" * 26, "a%00b", "%F0%9F%98%80", "..%2f..", desk.theirs.ref):
            answer = reader(desk.account).client.get(f"/sittings/{ref}{path}", follow_redirects=True)
            assert answer.status_code == 404, (ref, path)
            assert "Traceback" not in answer.get_data(as_text=True)
    for ref in ("x", "a%00b"):
        answer = desk.client.post(f"/sittings/{ref}/submit", data={"token": desk.token()})
        assert answer.status_code == 404
