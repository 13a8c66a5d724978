"""The clock: UTC inside, Vietnam on pages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from examapp.core import clock


def test_the_day_begins_at_midnight_in_vietnam():
    with time_machine.travel(datetime(2026, 6, 30, 16, 59, 59, tzinfo=UTC), tick=False):
        assert clock.today() == date(2026, 6, 30)
    with time_machine.travel(datetime(2026, 6, 30, 17, 0, tzinfo=UTC), tick=False):
        assert clock.today() == date(2026, 7, 1)
        assert clock.now() == datetime(2026, 6, 30, 17, 0, tzinfo=UTC)
        assert clock.now().tzinfo is UTC


def test_a_typed_time_is_vietnamese():
    typed = clock.from_local(datetime(2026, 11, 21, 8, 30))
    assert typed == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    assert clock.local(typed).strftime("%H:%M") == "08:30"


def test_milliseconds_since_1970():
    assert clock.to_ms(datetime(1970, 1, 1, 0, 0, 1, 500_999, tzinfo=UTC)) == 1500


@given(st.integers(min_value=0, max_value=253_402_300_799_999))
def test_no_millisecond_is_lost(ms):
    assert clock.to_ms(clock.from_ms(ms)) == ms
