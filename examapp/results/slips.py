"""Giấy xác nhận kết quả: one person's published result on paper, in the layout of official documents.

The paper is in Vietnamese whatever the language of the pages. Number, date and signature are left to the clerk.
"""

from __future__ import annotations

from typing import Any

from examapp.core import clock
from examapp.core.documents import render_pdf
from examapp.core.errors import Conflict
from examapp.core.text import format_date, format_percent, format_points
from examapp.core.words import _
from examapp.results.access import PUBLISHED
from examapp.results.marking import COMMON
from examapp.results.models import Result, ResultPart
from examapp.results.review import position_names
from examapp.rounds.models import ExamRound, Purpose, RoundState

TEMPLATE = "results/documents/slip.typ"


def slip_pdf(result: Result) -> bytes:
    """The slip of a published result; refused before publication."""
    exam_round = result.round
    if exam_round.state not in PUBLISHED:
        raise Conflict(
            _("Kết quả kỳ thi %(code)s chưa công bố nên chưa in được giấy xác nhận.", code=exam_round.code),
            advice=_("Hãy in sau khi kết quả được công bố."),
        )
    return render_pdf(TEMPLATE, slip_data(result))


def slip_data(result: Result) -> dict[str, Any]:
    """What stands on the slip, from the frozen snapshot."""
    exam_round, snapshot = result.round, result.frozen
    basis = f"{exam_round.legal_basis_number} ngày {format_date(exam_round.legal_basis_date)}"
    names = position_names({part.section for part in result.parts})
    return {
        "title": "Giấy xác nhận kết quả",
        "subject": exam_round.name,
        "opening": f"Căn cứ {basis}, xác nhận kết quả của người dự thi sau đây:",
        "facts": [
            ["Họ và tên", snapshot["full_name"]],
            ["Mã cán bộ", snapshot["staff_code"]],
            ["Đơn vị", snapshot["unit_name"]],
            ["Vị trí việc làm", "; ".join(snapshot["positions"])],
            ["Kỳ thi, số báo danh", f"{exam_round.code}, {snapshot['number']}"],
        ],
        "head": ["Phần thi", "Số câu", "Số câu đúng", "Điểm", "Điểm tối đa"],
        "rows": [_row(part, names) for part in result.parts],
        "total": [
            "Tổng cộng",
            str(sum(part.questions for part in result.parts)),
            str(sum(part.right for part in result.parts)),
            format_points(result.awarded),
            format_points(result.possible),
        ],
        "outcome": [
            ["Tỷ lệ điểm", format_percent(result.awarded, result.possible)],
            ["Mức phải đạt", f"{snapshot['pass_percent']}%"],
            ["Kết quả", "Đạt" if result.passed else "Chưa đạt"],
        ],
        "standing": standing_line(exam_round),
        "recipients": ["Người dự thi;", "Lưu: VT."],
        "code": verification_code(result),
        "printed": f"In ngày {format_date(clock.today())}, phiên bản kết quả {result.version}",
    }


def _row(part: ResultPart, names: dict[str, str]) -> list[str]:
    label = "Phần chung" if part.section == COMMON else f"Phần vị trí: {names.get(part.section, part.section)}"
    points = [format_points(part.awarded), format_points(part.possible)]
    return [label, str(part.questions), str(part.right), *points]


def standing_line(exam_round: ExamRound) -> str:
    """What the result is worth on the day of printing."""
    if exam_round.state is RoundState.RECOGNISED:
        day = format_date(exam_round.decision_date)
        return f"Kết quả đã được công nhận tại Quyết định số {exam_round.decision_number} ngày {day}."
    published = format_date(clock.local(exam_round.published_at).date()) if exam_round.published_at else ""
    said = f"Kết quả đã công bố ngày {published}. " if published else ""
    if exam_round.purpose is Purpose.REHEARSAL:
        return said + "Đây là kỳ thi thử, kết quả chỉ để tham khảo."
    return said + "Chưa có quyết định công nhận kết quả."


def verification_code(result: Result) -> str:
    """Twelve characters of the unguessable reference, in groups: enough to find the result, too few to open it."""
    short = result.ref[:12].upper()
    return "-".join(short[at : at + 4] for at in range(0, 12, 4))
