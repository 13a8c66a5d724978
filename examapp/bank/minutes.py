"""Biên bản thẩm định: the outcome of a review set on paper, in the layout of official documents.

The paper is in Vietnamese whatever the language of the pages, and says nothing of what the questions ask. Number and
day of the decision are dots until somebody has entered them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from examapp.bank.models import ReviewSet, SetState
from examapp.bank.set_progress import Entry, Progress, Standing
from examapp.core import clock
from examapp.core.documents import render_pdf
from examapp.core.errors import IllegalMove
from examapp.core.text import fold, format_date, format_number
from examapp.core.words import _

TEMPLATE = "bank/documents/minutes.typ"
SHOWN = (Standing.APPROVED, Standing.RETURNED, Standing.CHANGED, Standing.WAITING)
"""Results in the order of the columns."""


def minutes_pdf(review_set: ReviewSet, entries: Sequence[Entry], progress: Progress, *, printed_by: str) -> bytes:
    """The minutes of a closed set; refused before it is closed."""
    if review_set.state is not SetState.CLOSED:
        raise IllegalMove(_("Gói thẩm định chưa đóng."), advice=_("Hãy đóng gói trước khi tải biên bản."))
    return render_pdf(TEMPLATE, minutes_data(review_set, entries, progress, printed_by=printed_by))


def minutes_data(
    review_set: ReviewSet, entries: Sequence[Entry], progress: Progress, *, printed_by: str
) -> dict[str, Any]:
    """What stands in the minutes."""
    begun = clock.local(review_set.created_at).date()
    closed = clock.local(review_set.closed_at).date() if review_set.closed_at else clock.today()
    last = _last_standings(entries)
    returned = {entry.question.id for entry in _standing(entries, Standing.RETURNED)}
    mended = sum(standing is Standing.APPROVED for question_id, standing in last.items() if question_id in returned)
    return {
        "title": "Biên bản thẩm định câu hỏi",
        "subject": review_set.name,
        "closed_on": closed.isoformat(),
        "opening": f"Từ ngày {format_date(begun)} đến ngày {format_date(closed)}, những người có tên dưới đây đã thẩm "
        f"định {format_number(len(last))} câu hỏi của gói “{review_set.name}”. Người ra hoặc sửa câu hỏi không thẩm "
        "định câu của mình; mỗi câu được mở và xem theo các điểm: đáp án, độ dài phương án, mức độ, căn cứ, câu chữ.",
        "members": [[one.name, str(one.opened), str(one.approved), str(one.returned), ""] for one in progress.members],
        "topics": _topics(entries, last),
        "total": ["Tổng cộng", *_figures(Counter(last.values()))],
        "mended": f"Trong số câu được duyệt có {mended} câu đã trả lại, được sửa và thẩm định lại." if mended else "",
        "returned": [
            [str(number), _name(entry), entry.review.comment if entry.review else ""]
            for number, entry in enumerate(_standing(entries, Standing.RETURNED), start=1)
        ],
        "approved": "; ".join(_name(entry) for entry in _standing(entries, Standing.APPROVED)),
        "decision_number": review_set.decision_number,
        "decision_on": review_set.decision_on.isoformat() if review_set.decision_on else None,
        "printed": _printed(clock.today(), printed_by),
    }


def _last_standings(entries: Sequence[Entry]) -> dict[int, Standing]:
    """Where each question came out: a mended version stands behind the one that was returned."""
    return {entry.question.id: entry.standing for entry in _last_entries(entries)}


def _figures(counts: Counter[Standing]) -> list[str]:
    """All, then by result."""
    return [format_number(counts.total()), *(format_number(counts[one]) for one in SHOWN)]


def _topics(entries: Sequence[Entry], last: dict[int, Standing]) -> list[list[str]]:
    """Each topic with its questions by result."""
    found: dict[str, Counter[Standing]] = defaultdict(Counter)
    for topic, question_id in {(entry.version.topic.name, entry.question.id) for entry in _last_entries(entries)}:
        found[topic][last[question_id]] += 1
    return [[topic, *_figures(found[topic])] for topic in sorted(found, key=fold)]


def _last_entries(entries: Sequence[Entry]) -> list[Entry]:
    return list({entry.question.id: entry for entry in entries}.values())


def _standing(entries: Sequence[Entry], standing: Standing) -> list[Entry]:
    return [entry for entry in entries if entry.standing is standing]


def _name(entry: Entry) -> str:
    return f"{entry.question.code} (phiên bản {entry.version.number})"


def _printed(day: date, name: str) -> str:
    return f"In ngày {format_date(day)}, người in: {name}"
