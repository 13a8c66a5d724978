"""Biên bản thẩm định: the outcome of a review set on paper, in the layout of official documents.

The paper is in Vietnamese whatever the language of the pages, and says nothing of what the questions ask. Number and
day of the decision are dots until somebody has entered them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from examapp.bank.models import ReviewSet, SetState
from examapp.bank.set_progress import Entry, Progress, Standing
from examapp.core import clock
from examapp.core.documents import render_pdf
from examapp.core.errors import IllegalMove
from examapp.core.text import format_date, format_number
from examapp.core.words import _

TEMPLATE = "bank/documents/minutes.typ"
SAID = {
    Standing.APPROVED: "Duyệt",
    Standing.RETURNED: "Trả lại để sửa",
    Standing.CHANGED: "Đã rút hoặc sửa trước khi thẩm định",
    Standing.WAITING: "Chưa thẩm định",
}


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
    mended = sum(1 for question_id, standing in last.items() if standing is Standing.APPROVED and
                 any(e.question.id == question_id and e.standing is Standing.RETURNED for e in entries))  # fmt: skip
    return {
        "title": "Biên bản thẩm định câu hỏi",
        "subject": review_set.name,
        "closed_on": closed.isoformat(),
        "opening": f"Từ ngày {format_date(begun)} đến ngày {format_date(closed)}, những người có tên dưới đây đã thẩm "
        f"định {format_number(len(last))} câu hỏi của gói “{review_set.name}”. Người ra hoặc sửa câu hỏi không thẩm "
        "định câu của mình; mỗi câu được mở và xem theo các điểm: đáp án, độ dài phương án, mức độ, căn cứ, câu chữ.",
        "members": [
            [str(number), one.name, str(one.opened), str(one.approved), str(one.returned), ""]
            for number, one in enumerate(progress.members, start=1)
        ],
        "results": _results(last, mended),
        "topics": _topics(entries, last),
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
    return {entry.question.id: entry.standing for entry in entries}


def _results(last: dict[int, Standing], mended: int) -> list[list[str]]:
    counts = Counter(last.values())
    rows = [["Số câu của gói", str(len(last))], *([SAID[one], str(counts[one])] for one in SAID)]
    if mended:
        rows.insert(2, ["trong đó sửa rồi duyệt lại", str(mended)])
    return rows


def _topics(entries: Sequence[Entry], last: dict[int, Standing]) -> list[list[str]]:
    """Each topic with its questions by result."""
    topic_of = {entry.question.id: entry.version.topic.name for entry in entries}
    counts = Counter((topic_of[question_id], standing) for question_id, standing in last.items())
    return [
        [topic, str(sum(counts[topic, one] for one in SAID)), *(str(counts[topic, one]) for one in SAID)]
        for topic in sorted(set(topic_of.values()))
    ]


def _standing(entries: Sequence[Entry], standing: Standing) -> list[Entry]:
    return [entry for entry in entries if entry.standing is standing]


def _name(entry: Entry) -> str:
    return f"{entry.question.code} (phiên bản {entry.version.number})"


def _printed(day: date, name: str) -> str:
    return f"In ngày {format_date(day)}, người in: {name}"
