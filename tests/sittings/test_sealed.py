"""The seal of a device's log: what was sealed opens as it was, and nothing else opens."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from examapp.sittings.models import SittingLease
from examapp.sittings.save import RefusedError
from examapp.sittings.sealed import from_text, lease_secret, open_log, secrets_of, to_text
from tests.sittings.builders import hall
from tests.sittings.outboxes import seal, sealed_log

REF = "0123456789abcdefghjkmnpqrs"
SAME_APP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)

writers = st.text(string.ascii_letters + string.digits + "-_", min_size=8, max_size=22)
leases = st.integers(1, 99_999)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
parts = st.recursive(st.integers(0, 999) | texts, lambda inner: st.lists(inner, max_size=3), max_leaves=4).filter(
    lambda part: json.dumps(part).count("[") < 3
)
events = st.lists(
    st.tuples(
        st.integers(1, 100_000),
        st.integers(1, 500) | st.integers(-1500, -1001) | st.integers(-500, -1),
        st.lists(parts, max_size=4),
        st.integers(0, 1 << 47),
        st.integers(0, 1),
    ),
    unique_by=lambda event: event[0],
    max_size=12,
)


@given(writers, leases, events)
@SAME_APP
def test_a_log_opens_as_it_was_sealed(app, writer: str, lease: int, listed: list[Any]):
    log = sealed_log(app, REF, listed, writer=writer, lease=lease)
    with app.app_context():
        opened = open_log(REF, log)
    assert (opened.writer, opened.lease, opened.refused) == (writer, lease, ())
    told = {seq: (slot, json.loads(response), at) for seq, (slot, response, at) in opened.events.items()}
    assert told == {seq: (slot, response, at) for seq, slot, response, at, _sent in listed}
    assert opened.unsent == {event[0] for event in listed if not event[4]}


@given(events, st.data())
@SAME_APP
def test_any_changed_bit_is_refused(app, listed: list[Any], data: st.DataObject):
    log = sealed_log(app, REF, listed)
    name = data.draw(st.sampled_from(["nonce", "data"]))
    content = bytearray(from_text(log[name]) or b"")
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    with app.app_context(), pytest.raises(RefusedError) as refusal:
        open_log(REF, log | {name: to_text(bytes(content))})
    assert (refusal.value.status, refusal.value.reason) == (403, "seal")


@given(writers, leases, st.sampled_from(["ref", "lease", "writer"]))
@SAME_APP
def test_a_log_of_another_sitting_lease_or_page_is_refused(app, writer: str, lease: int, what: str):
    assume((writer, lease) != ("writer-0001", 1))
    log = sealed_log(app, REF, [[1, 1, [2], 5, 0]], writer="writer-0001", lease=1)
    ref = REF[::-1] if what == "ref" else REF
    other = log | ({"lease": lease} if what == "lease" else {"writer": writer} if what == "writer" else {})
    assume(other != log or ref != REF)
    with app.app_context(), pytest.raises(RefusedError) as refusal:
        open_log(ref, other)
    assert refusal.value.reason == "seal"


@pytest.mark.parametrize(
    "change",
    [
        {"writer": "short"},
        {"writer": None},
        {"lease": 0},
        {"lease": "1"},
        {"lease": True},
        {"lease": 100_000},
        {"nonce": "AAAA"},
        {"nonce": None},
        {"data": "AAAA"},
        {"data": "!" * 40},
        {"data": "Ă" * 40},
        {"data": 7},
    ],
)
def test_what_is_no_log_is_told_apart_from_a_broken_seal(app, change: dict[str, Any]):
    log = sealed_log(app, REF, [])
    with app.app_context(), pytest.raises(RefusedError) as refusal:
        open_log(REF, log | change)
    assert (refusal.value.status, refusal.value.reason) == (400, "log")


@pytest.mark.parametrize("plain", [b"", b"{", b"[]", b'{"epoch":""}', b'{"events":7}', b"\xff", b"[" * 100_000])
def test_a_sealed_text_without_events_is_refused(app, plain: bytes):
    with app.app_context(), pytest.raises(RefusedError) as refusal:
        open_log(REF, seal(lease_secret(REF, 1), REF, plain))
    assert (refusal.value.status, refusal.value.reason) == (400, "events")


def test_an_event_that_breaks_the_rules_does_not_take_the_others_along(app):
    good, again = [1, 1, [2], 5, 0], [2, 2, ["Ý kiến"], 6, 1]
    bad = [[3, 501, [1], 5, 0], [4, 1, "1", 5, 0], [5, 1, ["x" * 8001], 5, 0], [6, 1, [1], 5], 7, [], [1, 1, [3], 5, 0]]
    with app.app_context():
        opened = open_log(REF, sealed_log(app, REF, [good, *bad, again]))
    assert opened.events == {1: (1, "[2]", 5), 2: (2, '["Ý kiến"]', 6)}
    assert opened.unsent == {1}
    why = [(3, "slot"), (4, "response"), (5, "response"), (6, "event"), (0, "event"), (0, "event"), (1, "seq")]
    assert list(opened.refused) == why


def test_a_device_gets_the_secrets_of_the_leases_it_held_itself(app, build):
    place = hall(build)
    sitting = place.sitting(place.candidate()[1], device="a" * 26)
    with app.app_context():
        assert secrets_of(sitting) == {"1": to_text(lease_secret(sitting.ref, 1))}
    for number, device in ((2, "b" * 26), (3, "a" * 26)):
        build.save(SittingLease(sitting_id=sitting.id, number=number, device=device, taken_ms=sitting.started_ms))
    sitting.lease = 3
    with app.app_context():
        assert list(secrets_of(sitting)) == ["1", "3"]
    sitting.lease = 2
    with app.app_context():
        assert list(secrets_of(sitting)) == ["2"]
        assert len({*secrets_of(sitting).values(), to_text(lease_secret("other", 2))}) == 2
