"""What counts: a table for each sentence of the rule, and properties that hold for every history."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examapp.sittings.standing import (
    TRANSIT_MS,
    Event,
    Facts,
    Standing,
    left,
    left_slot,
    note_on,
    noted_slot,
    place,
    responses,
    standings,
    tally,
)

MINUTE = 60_000
START, DEADLINE, LATE = 0, 45 * MINUTE, 60 * MINUTE
FACTS = Facts(START, DEADLINE, LATE)


def event(seq: int, slot: int = 1, *, answered: int, received: int, writer: str = "w", lease: int = 1, response=(1,)):
    return Event(writer, seq, lease, slot, tuple(response), answered, received)


def verdicts(events, facts=FACTS) -> dict[tuple[str, int], Standing]:
    return {(p.event.writer, p.event.seq): verdict for p, verdict in standings(events, facts)}


@pytest.mark.parametrize(
    ("answered", "received", "expected"),
    [
        (10 * MINUTE, 10 * MINUTE, Standing.COUNTS),
        (DEADLINE, DEADLINE, Standing.COUNTS),
        (DEADLINE - 1, DEADLINE + 1, Standing.FLAGGED),
        (DEADLINE, LATE, Standing.FLAGGED),
        (DEADLINE + 1, DEADLINE + 2, Standing.NEEDS_DECISION),
        (DEADLINE - 1, LATE + 1, Standing.NEEDS_DECISION),
        (DEADLINE + 1, LATE + 1, Standing.NEEDS_DECISION),
        (90 * MINUTE, 10 * MINUTE, Standing.COUNTS),  # a claim in the future is bounded by its arrival
        (-MINUTE, 10 * MINUTE, Standing.COUNTS),
    ],
)
def test_one_event_by_when_it_was_answered_and_when_it_came(answered, received, expected):
    assert verdicts([event(1, answered=answered, received=received)]) == {("w", 1): expected}


@pytest.mark.parametrize(
    ("received", "expected"),
    [(19 * MINUTE, Standing.COUNTS), (20 * MINUTE, Standing.COUNTS), (20 * MINUTE + 1, Standing.EVIDENCE)],
)
def test_after_the_submission_everything_is_evidence(received, expected):
    facts = Facts(START, DEADLINE, LATE, submitted_ms=20 * MINUTE)
    assert verdicts([event(1, answered=MINUTE, received=received)], facts) == {("w", 1): expected}


def test_whoever_was_heard_after_the_deadline_cannot_claim_to_have_answered_before():
    heard = event(1, answered=DEADLINE - MINUTE, received=DEADLINE + 5 * MINUTE)
    claimed = event(2, slot=2, answered=DEADLINE - MINUTE, received=DEADLINE + 10 * MINUTE)
    assert verdicts([heard, claimed]) == {("w", 1): Standing.FLAGGED, ("w", 2): Standing.NEEDS_DECISION}


def test_a_message_under_way_at_the_deadline_takes_nothing_from_the_next_one():
    under_way = event(1, answered=DEADLINE - 3000, received=DEADLINE + TRANSIT_MS // 2)
    last = event(2, slot=2, answered=DEADLINE - 500, received=DEADLINE + TRANSIT_MS)
    assert verdicts([under_way, last]) == {("w", 1): Standing.FLAGGED, ("w", 2): Standing.FLAGGED}


def test_claims_never_run_backwards_along_seq():
    events = [event(1, answered=DEADLINE + MINUTE, received=LATE), event(2, answered=MINUTE, received=LATE)]
    assert [p.claim_ms for p in place(events, FACTS)] == [DEADLINE + MINUTE, DEADLINE + MINUTE]


def test_a_later_contact_bounds_an_earlier_act_that_arrives_after_it():
    events = [event(1, answered=50 * MINUTE, received=52 * MINUTE), event(2, answered=9 * MINUTE, received=10 * MINUTE)]
    assert [p.claim_ms for p in place(events, FACTS)] == [10 * MINUTE, 10 * MINUTE]
    assert verdicts(events)["w", 1] is Standing.FLAGGED


def test_no_claim_is_earlier_than_the_start():
    facts = Facts(5 * MINUTE, DEADLINE, LATE)
    assert place([event(1, answered=0, received=6 * MINUTE)], facts)[0].claim_ms == 5 * MINUTE


def test_an_older_device_counts_only_where_the_newer_has_not_answered():
    facts = Facts(START, DEADLINE, LATE, taken_ms=(20 * MINUTE,))
    events = [
        event(1, slot=1, answered=5 * MINUTE, received=5 * MINUTE, writer="old"),
        event(2, slot=2, answered=6 * MINUTE, received=6 * MINUTE, writer="old"),
        event(3, slot=3, answered=30 * MINUTE, received=30 * MINUTE, writer="old"),
        event(4, slot=1, answered=31 * MINUTE, received=31 * MINUTE, writer="old", response=(4,)),
        event(1, slot=1, answered=21 * MINUTE, received=21 * MINUTE, writer="new", lease=2, response=(2,)),
    ]
    assert verdicts(events, facts) == {
        ("old", 1): Standing.EVIDENCE,
        ("old", 2): Standing.COUNTS,
        ("old", 3): Standing.FLAGGED,  # came after the move, from the device that no longer held the sitting
        ("old", 4): Standing.EVIDENCE,
        ("new", 1): Standing.COUNTS,
    }
    assert responses(events, facts) == {1: [2], 2: [1], 3: [1]}


def test_a_newer_answer_that_does_not_count_hides_nothing():
    facts = Facts(START, DEADLINE, LATE, taken_ms=(20 * MINUTE,))
    events = [
        event(1, answered=5 * MINUTE, received=5 * MINUTE, writer="old"),
        event(1, answered=LATE, received=LATE + MINUTE, writer="new", lease=2, response=(2,)),
    ]
    assert responses(events, facts) == {1: [1]}


def test_the_last_counting_event_of_a_slot_is_its_answer_even_when_taken_back():
    events = [
        event(1, answered=MINUTE, received=2 * MINUTE, response=(1,)),
        event(2, answered=2 * MINUTE, received=2 * MINUTE, response=(3,)),
        event(3, slot=2, answered=3 * MINUTE, received=3 * MINUTE, response=(2,)),
        event(4, slot=2, answered=4 * MINUTE, received=4 * MINUTE, response=()),
    ]
    assert responses(events, FACTS) == {1: [3], 2: []}


def test_an_extension_makes_late_answers_count():
    late = event(1, answered=DEADLINE + MINUTE, received=DEADLINE + 2 * MINUTE)
    assert verdicts([late])["w", 1] is Standing.NEEDS_DECISION
    assert verdicts([late], Facts(START, DEADLINE + 5 * MINUTE, LATE + 5 * MINUTE))["w", 1] is Standing.COUNTS


def test_the_submission_is_no_answer():
    events = [
        event(1, answered=MINUTE, received=MINUTE),
        event(2, slot=0, answered=MINUTE, received=MINUTE, response=()),
    ]
    assert responses(events, FACTS) == {1: [1]}
    assert tally(standings(events, FACTS))[Standing.COUNTS] == 1


events_strategy = st.lists(
    st.builds(
        Event,
        writer=st.sampled_from(["a", "b", "c"]),
        seq=st.integers(1, 12),
        lease=st.integers(1, 3),
        slot=st.integers(0, 4),
        response=st.tuples(st.integers(1, 4)),
        answered_ms=st.integers(-MINUTE, 70 * MINUTE),
        received_ms=st.integers(0, 70 * MINUTE),
    ),
    max_size=25,
    unique_by=lambda e: (e.writer, e.seq),
)
facts_strategy = st.builds(
    Facts,
    started_ms=st.just(START),
    deadline_ms=st.just(DEADLINE),
    late_ms=st.just(LATE),
    submitted_ms=st.none() | st.integers(0, 70 * MINUTE),
    taken_ms=st.just((20 * MINUTE, 30 * MINUTE)),
)


@given(events_strategy, facts_strategy, st.randoms(use_true_random=False))
def test_neither_the_order_of_delivery_nor_duplicates_matter(events, facts, rng):
    again = [*events, *rng.choices(events, k=5)] if events else []
    rng.shuffle(again)
    assert standings(again, facts) == standings(events, facts)
    assert responses(again, facts) == responses(events, facts)


@given(events_strategy, facts_strategy)
def test_bounded_claims_are_monotone_and_lie_between_start_and_arrival(events, facts):
    placed = place(events, facts)
    for writer in "abc":
        chain = sorted((p for p in placed if p.event.writer == writer), key=lambda p: p.event.seq)
        claims = [p.claim_ms for p in chain]
        assert claims == sorted(claims)
        assert all(p.claim_ms <= p.event.received_ms for p in chain)


@st.composite
def honest_deliveries(draw):
    """A device answers in time and sends one message after the other, each with all that is unsent; any message may
    take as long as a client waits for it, and the network may be gone for a while."""
    moments = sorted(draw(st.lists(st.integers(1, DEADLINE), min_size=1, max_size=15)))
    acts = [(seq, draw(st.integers(1, 4)), (draw(st.integers(1, 4)),), at) for seq, at in enumerate(moments, start=1)]
    waiting, events, sent_at = list(acts), [], 0
    while waiting:
        sent_at = max(sent_at, waiting[0][3]) + draw(st.integers(0, 10 * MINUTE))
        sent_at = min(sent_at, max(DEADLINE, waiting[-1][3]))
        arrived = sent_at + draw(st.integers(0, TRANSIT_MS))
        events += [Event("w", seq, 1, slot, given, at, arrived) for seq, slot, given, at in waiting if at <= sent_at]
        waiting = [act for act in waiting if act[3] > sent_at]
        sent_at = arrived
    return acts, events


@given(honest_deliveries())
def test_an_honest_device_loses_nothing_to_the_network(delivery):
    acts, events = delivery
    assert {p.event.seq: p.claim_ms for p in place(events, FACTS)} == {seq: at for seq, _slot, _given, at in acts}
    expected = {slot: list(given) for _seq, slot, given, _at in acts}
    assert responses(events, FACTS) == dict(sorted(expected.items()))


def test_many_events_are_placed_quickly():
    events = [event(n, slot=n % 40 + 1, answered=n, received=LATE - n % 7) for n in range(1, 20_001)]
    assert len(place(events, FACTS)) == 20_000


def test_a_device_that_sends_nothing_but_steps_holds_nobody_up():
    steps = [event(2 * n, left(n % 400 + 1), answered=n, received=LATE, response=()) for n in range(1, 10_001)]
    answers = [event(2 * n + 1, slot=n % 400 + 1, answered=n, received=LATE) for n in range(1, 10_001)]
    assert len(standings([*steps, *answers], FACTS)) == 20_000


@pytest.mark.parametrize("slot", [1, 40, 500])
def test_acts_about_a_question_have_slots_of_their_own(slot):
    assert (noted_slot(note_on(slot)), left_slot(note_on(slot))) == (slot, None)
    assert (noted_slot(left(slot)), left_slot(left(slot))) == (None, slot)
    assert (noted_slot(slot), left_slot(slot), noted_slot(0), left_slot(0)) == (None, None, None, None)


@pytest.mark.parametrize(
    ("step", "answered", "slot", "expected"),
    [
        (left(2), 11, 1, Standing.EVIDENCE),
        (left(2), 11, 2, Standing.EVIDENCE),
        (left(2), 11, 3, Standing.COUNTS),
        (left(2), 9, 2, Standing.COUNTS),  # answered before going on
        (note_on(2), 11, 2, Standing.COUNTS),  # a note closes nothing
    ],
)
def test_what_was_left_behind_stays_as_it_was(step, answered, slot, expected):
    """The step is the act of minute 10; acts of one page keep their order."""
    acts = sorted([(10, step, ()), (answered, slot, (4,))], key=lambda act: act[0])
    events = [
        event(n, at_slot, answered=at * MINUTE, received=12 * MINUTE, response=given)
        for n, (at, at_slot, given) in enumerate(acts, start=1)
    ]
    found = {p.event.slot: verdict for p, verdict in standings(events, FACTS)}
    assert found[slot] is expected


def test_a_step_and_its_answer_in_one_message_keep_their_order():
    """Both claimed for the same moment, as a plain form sends them: the answer first, then the act of going on."""
    events = [
        event(1, slot=1, answered=MINUTE, received=MINUTE, response=(2,)),
        event(2, left(1), answered=MINUTE, received=MINUTE, response=()),
        event(3, slot=1, answered=MINUTE, received=MINUTE, response=(3,)),
    ]
    assert responses(events, FACTS) == {1: [2]}


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [(19 * MINUTE, Standing.EVIDENCE), (20 * MINUTE, Standing.EVIDENCE), (20 * MINUTE + 1, Standing.COUNTS)],
)
def test_a_newer_device_is_bound_by_what_had_arrived_when_it_took_over(arrived, expected):
    facts = Facts(START, DEADLINE, LATE, taken_ms=(20 * MINUTE,))
    events = [
        event(1, left(1), answered=5 * MINUTE, received=arrived, writer="old", response=()),
        event(1, slot=1, answered=25 * MINUTE, received=25 * MINUTE, writer="new", lease=2, response=(2,)),
    ]
    assert verdicts(events, facts)["new", 1] is expected


def test_notes_and_steps_are_neither_answers_nor_counted_as_such():
    events = [
        event(1, note_on(1), answered=MINUTE, received=LATE + MINUTE, response=("Sai chính tả",)),
        event(2, left(1), answered=2 * MINUTE, received=LATE + MINUTE, response=()),
        event(3, slot=2, answered=3 * MINUTE, received=LATE + MINUTE),
    ]
    assert responses(events, FACTS) == {}
    assert sum(tally(standings(events, FACTS)).values()) == 1


@pytest.mark.parametrize(
    ("accepted", "answered", "received", "expected"),
    [
        (True, DEADLINE - 1, LATE + 1, Standing.FLAGGED),
        (False, DEADLINE - 1, LATE + 1, Standing.EVIDENCE),
        (True, DEADLINE + 1, LATE + 1, Standing.FLAGGED),
        (None, DEADLINE - 1, LATE + 1, Standing.NEEDS_DECISION),
    ],
)
def test_the_council_decides_what_waits_for_it(accepted, answered, received, expected):
    decisions = {} if accepted is None else {("w", 1): accepted}
    facts = Facts(START, DEADLINE, LATE, decisions=decisions)
    assert verdicts([event(1, answered=answered, received=received)], facts) == {("w", 1): expected}


def test_no_decision_brings_back_what_a_newer_device_has_answered_or_was_left_behind():
    facts = Facts(START, DEADLINE, LATE, taken_ms=(20 * MINUTE,), decisions={("old", 1): True, ("old", 3): True})
    events = [
        event(1, slot=1, answered=5 * MINUTE, received=LATE + MINUTE, writer="old"),
        event(2, left(2), answered=6 * MINUTE, received=LATE + MINUTE, writer="old", response=()),
        event(3, slot=2, answered=7 * MINUTE, received=LATE + MINUTE, writer="old"),
        event(1, slot=1, answered=25 * MINUTE, received=25 * MINUTE, writer="new", lease=2, response=(2,)),
    ]
    assert responses(events, facts) == {1: [2]}


def test_a_restored_database_may_know_fewer_leases_than_the_devices():
    """What was left behind under the lease before is then taken as known; nothing fails."""
    events = [
        event(1, left(1), answered=5 * MINUTE, received=5 * MINUTE, writer="old", response=()),
        event(1, 1, answered=6 * MINUTE, received=6 * MINUTE, writer="new", lease=4),
        event(2, 2, answered=7 * MINUTE, received=7 * MINUTE, writer="new", lease=4),
    ]
    assert verdicts(events) == {
        ("old", 1): Standing.COUNTS,
        ("new", 1): Standing.EVIDENCE,
        ("new", 2): Standing.COUNTS,
    }


@pytest.mark.parametrize(
    ("writer", "arrived", "expected"),
    [
        ("other", 12 * MINUTE, Standing.EVIDENCE),  # claims to be older, came when the leaving was known
        ("other", 9 * MINUTE, Standing.COUNTS),
        ("w", 12 * MINUTE, Standing.COUNTS),  # the page's own numbers say that it came before the leaving
    ],
)
def test_a_claim_does_not_open_again_what_was_left_behind(writer, arrived, expected):
    events = [
        event(5, left(3), answered=10 * MINUTE, received=10 * MINUTE, response=()),
        event(1, 2, answered=5 * MINUTE, received=arrived, writer=writer),
    ]
    assert verdicts(events)[writer, 1] is expected
