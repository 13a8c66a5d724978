"""The suite can see what it looks for: an answer lost, doubled or counted wrongly does not pass."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.faults.account import Acts, Ledger, Stored, compare
from tests.faults.wire import Reply, Request

ONE = (1, "writer-1", 1)
TWO = (1, "writer-1", 2)


def request(events: list[list], **more: object) -> Request:
    body = json.dumps({"writer": "writer-1", "events": events, "epoch": "", **more}).encode()
    head = b"POST /sittings/save HTTP/1.1\r\nX-Sitting-Token: 1.1.99.device.mac\r\n\r\n"
    return Request("POST", "/sittings/save", head, body)


def reply(status: int = 200, **told: object) -> Reply:
    return Reply(status, b"HTTP/1.1 200 OK\r\n\r\n", json.dumps(told).encode())


@pytest.fixture
def ledger() -> Ledger:
    """Two answers went out, both were acknowledged."""
    made = Ledger()
    events = made.note_request(request([[1, 5, [2], 1000], [2, 6, [3], 2000]]))
    made.note_reply(events, reply(ack=[1, 2], left_ms=1))
    return made


@pytest.fixture
def acts() -> Acts:
    made = Acts(1)
    made.answer(1, 5, 2)
    made.answer(1, 6, 3)
    made.keys = {ONE: (5, "[2]", 1000), TWO: (6, "[3]", 2000)}
    return made


@pytest.fixture
def stored() -> Stored:
    return Stored({ONE: (5, "[2]", 1000), TWO: (6, "[3]", 2000)}, 2, {1: {5: [2], 6: [3]}}, set(), {1: 1})


def test_what_is_there_once_and_counts_as_it_was_done_is_good(acts, ledger, stored):
    assert compare([acts], ledger, stored).good


def test_an_answer_acknowledged_and_gone_is_lost(acts, ledger, stored):
    acts.keys.pop(TWO)
    gone = replace(stored, events={ONE: stored.events[ONE]}, rows=1)
    assert [line.split(" (")[0] for line in compare([acts], ledger, gone).lost] == ["đã báo lưu"]


def test_an_answer_done_and_never_stored_is_lost(acts, stored):
    gone = replace(stored, events={ONE: stored.events[ONE]}, rows=1)
    assert len(compare([acts], Ledger(), gone).lost) == 1


def test_an_answer_stored_with_other_content_is_lost(acts, ledger, stored):
    other = replace(stored, events=stored.events | {TWO: (6, "[4]", 2000)})
    assert len(compare([acts], ledger, other).lost) == 2


@pytest.mark.parametrize(
    "more",
    [
        {"rows": 3},
        {"events": {ONE: (5, "[2]", 1000), TWO: (6, "[3]", 2000), (1, "writer-2", 1): (5, "[2]", 1000)}, "rows": 3},
        {"conflicts": {ONE}},
        {"leases": {1: 2}},
        {"events": {ONE: (5, "[2]", 1000), TWO: (6, "[3]", 2000), (1, "writer-1", 3): (0, "[]", 3000)}, "rows": 3},
    ],
    ids=["row", "key", "conflict", "lease", "submission"],
)
def test_anything_there_beyond_what_was_done_is_doubled(acts, ledger, stored, more):
    verdict = compare([acts], ledger, replace(stored, **more))
    assert len(verdict.doubled) == 1
    assert not verdict.lost


def test_another_answer_counting_than_the_last_one_differs(acts, ledger, stored):
    verdict = compare([acts], ledger, replace(stored, responses={1: {5: [2], 6: [1]}}))
    assert verdict.differing == ["bài 1: câu → (đã làm, được tính) {6: ([3], [1])}"]


def test_people_at_a_browser_are_known_by_what_they_pressed(acts, stored):
    acts.by_content, acts.keys = True, {}
    assert compare([acts], Ledger(), stored).good
    acts.answer(1, 7, 1)
    assert compare([acts], Ledger(), stored).lost == ["đã bấm (7, '[1]') ở bài 1"]
    acts.done[-1] = (1, 6, 3)
    twice = replace(
        stored, events=stored.events | {(1, "writer-2", 1): (6, "[3]", 1), (1, "writer-2", 2): (6, "[3]", 2)}
    )
    assert compare([acts], Ledger(), replace(twice, rows=4)).doubled == ["thừa (6, '[3]') ở bài 1"]


def test_a_submission_has_to_be_there(acts, ledger, stored):
    acts.submitted = True
    assert compare([acts], ledger, stored).lost == ["lần nộp của bài 1"]


def test_the_newest_device_that_answered_a_question_decides(acts):
    acts.answer(2, 5, 4)
    acts.answer(1, 5, 1)
    acts.answer(1, 6, 0)
    assert acts.responses() == {5: [4], 6: []}
    assert acts.mark({5: 4, 6: 3}, 1000) == 1000


def test_the_ledger_keeps_what_the_server_promised_and_what_it_refused():
    ledger = Ledger()
    events = ledger.note_request(request([[1, 5, [2], 1000], [2, 6, [3], 2000]]))
    ledger.note_reply(events, reply(409, ack=[1], conflicts=[2], left_ms=1))
    ledger.note_reply(events, reply(400, error="seq"))
    assert ledger.acknowledged == {ONE: (5, "[2]", 1000)}
    assert set(ledger.sent) == {ONE, TWO}
    assert ledger.refused == {"400 seq": 1}
