"""The server's clock, the only one that counts. UTC inside; the organisation's time zone on pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in Vietnam."""
    return now().astimezone(VIETNAM).date()


def local(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM)


def from_local(moment: datetime) -> datetime:
    """UTC of a naive wall-clock time in Vietnam, as typed into a form."""
    return moment.replace(tzinfo=VIETNAM).astimezone(UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, the form in which the hot path keeps time."""
    return (moment - EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)
