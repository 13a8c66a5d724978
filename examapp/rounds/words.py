"""What the kinds of this room are called."""

from __future__ import annotations

from examapp.core.words import N_, _
from examapp.rounds.models import (
    BoardRole,
    CandidateState,
    Disclosure,
    ExamRound,
    Movement,
    Period,
    PostsRule,
    Purpose,
    RoundState,
    Setting,
)

STATES: dict[RoundState, str] = {
    RoundState.DRAFT: N_("Đang soạn"),
    RoundState.SEALED: N_("Đã niêm phong đề"),
    RoundState.OPEN: N_("Đang mở"),
    RoundState.CLOSED: N_("Đã đóng"),
    RoundState.PUBLISHED: N_("Đã công bố kết quả"),
    RoundState.RECOGNISED: N_("Đã công nhận kết quả"),
    RoundState.CANCELLED: N_("Đã hủy"),
}
STATE_KINDS: dict[RoundState, str] = {
    RoundState.DRAFT: "neutral",
    RoundState.SEALED: "warn",
    RoundState.OPEN: "act",
    RoundState.CLOSED: "neutral",
    RoundState.PUBLISHED: "good",
    RoundState.RECOGNISED: "good",
    RoundState.CANCELLED: "bad",
}
"""The kind of tag of each state."""
PERIODS: dict[Period, str] = {
    Period.MONTH: N_("Tháng"),
    Period.QUARTER: N_("Quý"),
    Period.HALF: N_("Nửa năm"),
    Period.YEAR: N_("Cả năm"),
}
PURPOSES: dict[Purpose, str] = {Purpose.OFFICIAL: N_("Chính thức"), Purpose.REHEARSAL: N_("Thi thử")}
SETTINGS: dict[Setting, str] = {
    Setting.SUPERVISED: N_("Tập trung tại phòng, có giám thị"),
    Setting.OWN_DEVICE: N_("Trên thiết bị của từng người"),
}
POSTS_RULES: dict[PostsRule, str] = {
    PostsRule.MAIN_AND_COMMON: N_("Vị trí chính và phần chung"),
    PostsRule.UNION: N_("Gộp các vị trí đang giữ, phần chung chỉ hỏi một lần"),
}
MOVEMENTS: dict[Movement, str] = {
    Movement.FREE: N_("Tự do: quay lại được mọi câu đến khi nộp"),
    Movement.BY_SECTION: N_("Từng phần: sang phần sau thì không quay lại phần trước"),
    Movement.ONE_WAY: N_("Từng câu: sang câu sau thì không quay lại câu trước"),
}
DISCLOSURES: dict[Disclosure, str] = {
    Disclosure.MARKS: N_("Chỉ điểm"),
    Disclosure.ANSWERS: N_("Điểm, đáp án, giải thích và căn cứ pháp lý"),
}
BOARD_ROLES: dict[BoardRole, str] = {
    BoardRole.CHAIR: N_("Chủ tịch hội đồng"),
    BoardRole.SECRETARY: N_("Thư ký"),
    BoardRole.MEMBER: N_("Ủy viên"),
    BoardRole.INVIGILATOR: N_("Giám thị"),
    BoardRole.SUPERVISOR: N_("Giám sát"),
}
CANDIDATE_STATES: dict[CandidateState, str] = {
    CandidateState.ENROLLED: N_("Dự thi"),
    CandidateState.EXCUSED: N_("Được miễn hoặc hoãn"),
    CandidateState.WITHDRAWN: N_("Rút khỏi danh sách"),
}

ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


def period_name(exam_round: ExamRound) -> str:
    """ "Quý I/2026", "Tháng 3/2026", "6 tháng đầu năm 2026", "Năm 2026"."""
    number, year = exam_round.period_number, exam_round.year
    match exam_round.period:
        case Period.MONTH:
            return _("Tháng %(number)s/%(year)s", number=number, year=year)
        case Period.QUARTER:
            return _("Quý %(number)s/%(year)s", number=ROMAN[number], year=year)
        case Period.HALF if number == 1:
            return _("6 tháng đầu năm %(year)s", year=year)
        case Period.HALF:
            return _("6 tháng cuối năm %(year)s", year=year)
        case _other:
            return _("Năm %(year)s", year=year)
