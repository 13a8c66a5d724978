"""The waiting room: what a candidate is told before the start, and when the own paper opens."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import current_app, url_for

from examapp.core import clock
from examapp.core.words import _
from examapp.rounds.models import Candidate, CandidateState, Paper
from examapp.rounds.services import exam_phase
from examapp.sittings import prefetch, services

Phase = Literal["not_open", "no_paper", "before", "running", "over", "started"]

NEAR_MS = 10 * 60_000
"""So close to the start a page asks oftener."""
ASK_NEAR_MS, ASK_FAR_MS = 20_000, 60_000

_APPS = {
    "Zalo": r"Zalo",
    "Facebook": r"FBAN|FBAV|FB_IAB",
    "Messenger": r"MessengerForiOS|Orca-Android",
    "Instagram": r"Instagram",
    "Line": r"\bLine/",
    "TikTok": r"musical_ly|BytedanceWebview|TikTok",
    "WeChat": r"MicroMessenger",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """How it stands for one candidate; times in milliseconds."""

    phase: Phase
    message: str
    """Why this person cannot start now; empty before the start of a shift that is open."""
    now: int
    opens_ms: int
    """When the shift begins; 0 where there is none."""
    delay_ms: int
    """How long after that the own paper opens."""
    spread_ms: int
    digest: str
    """Of the paper that may be fetched now."""

    @property
    def is_waiting(self) -> bool:
        """Whether there is still something to wait for."""
        return self.phase not in {"started", "over"}

    def told(self) -> dict[str, Any]:
        """For the page's script."""
        far = self.phase != "running" and abs(self.opens_ms - self.now) > NEAR_MS
        return {
            "now": self.now,
            "phase": self.phase,
            "opens_ms": self.opens_ms,
            "delay_ms": self.delay_ms,
            "spread_ms": self.spread_ms,
            "digest": self.digest,
            "message": self.message,
            "ask_ms": ASK_FAR_MS if far else ASK_NEAR_MS,
        }


def wait_of(candidate: Candidate, paper: Paper | None, *, begun: bool, now: datetime) -> Wait:
    spread_ms = current_app.config["SETTINGS"].start_spread_seconds * 1000
    phase, message = _phase(candidate, paper, begun, now)
    return Wait(
        phase=phase,
        message=message,
        now=clock.to_ms(now),
        opens_ms=clock.to_ms(candidate.shift.starts_at) if candidate.shift else 0,
        delay_ms=delay_of(candidate, spread_ms),
        spread_ms=spread_ms,
        digest=paper.digest if paper and prefetch.may_fetch(candidate, now=now) else "",
    )


def _phase(candidate: Candidate, paper: Paper | None, begun: bool, now: datetime) -> tuple[Phase, str]:
    if begun:
        return "started", ""
    message = services.why_not(candidate, now=now) or ""
    if candidate.state is not CandidateState.ENROLLED or candidate.shift is None:
        return "not_open", message
    phase = exam_phase(candidate.round, candidate.shift, now)
    if paper is None and phase in {"before", "running"}:
        return "no_paper", _("Chưa có đề thi đã niêm phong cho người dự thi này. Hãy báo người tổ chức thi.")
    return phase, "" if phase == "before" else message


def delay_of(candidate: Candidate, spread_ms: int) -> int:
    """The candidate's own moment in the spread: the same at each look, and nobody's choice."""
    if not spread_ms:
        return 0
    seed = hashlib.sha256(f"start:{candidate.shift_id}:{candidate.id}".encode()).digest()
    return int.from_bytes(seed[:8], "big") % spread_ms


def app_of(user_agent: str) -> str:
    """The app whose built-in browser this is; empty for a browser of its own."""
    return next((name for name, pattern in _APPS.items() if re.search(pattern, user_agent)), "")


def page_data(candidate: Candidate, wait: Wait) -> dict[str, Any]:
    """What the waiting room's script is told."""
    return {
        "poll": url_for("sittings.waiting", candidate_id=candidate.id),
        "paper": url_for("sittings.locked_paper", candidate_id=candidate.id),
        "wait": wait.told(),
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "good": _("Tốt"),
        "note": _("Lưu ý"),
        "bad": _("Chưa được"),
        "checking": _("Đang kiểm tra"),
        "storageGood": _("Trình duyệt giữ được bài trên máy này."),
        "storageBad": _(
            "Trình duyệt này không giữ được bài trên máy: khi mất mạng đừng đóng trang. Nên tắt chế độ ẩn danh."
        ),
        "clockGood": _("Đồng hồ của máy đúng giờ."),
        "clockOff": _("Đồng hồ của máy lệch {n} phút. Không sao: bài thi tính giờ theo máy chủ."),
        "lineGood": _("Máy chủ trả lời sau {n} ms."),
        "lineSlow": _("Mạng chậm: máy chủ trả lời sau {n} ms. Vẫn làm bài được; câu trả lời giữ trên máy rồi gửi dần."),
        "lineBad": _("Chưa nối được tới máy chủ. Hãy kiểm tra mạng; trang tự thử lại."),
        "pageKept": _("Lỡ tải lại trang khi mất mạng thì bài thi vẫn mở lại được."),
        "pageLost": _("Khi đang thi mà mất mạng, đừng đóng và đừng tải lại trang: trang chỉ mở lại được khi có mạng."),
        "paperHere": _("Đề đã nằm sẵn trên máy ở dạng khóa; đến giờ chỉ cần chìa khóa."),
        "paperLater": _("Đề sẽ tải về khi bắt đầu."),
        "before": _("Bắt đầu sau"),
        "days": _("{n} ngày"),
        "opened": _("Đã đến giờ làm bài"),
        "closed": _("Chưa vào thi được"),
        "waiting": _("Đang chờ"),
        "ready": _("Đã sẵn sàng"),
        "getReady": _("Sẵn sàng – bài tự mở lúc {at}"),
        "unready": _("Thôi, chưa sẵn sàng"),
        "staysOpen": _("Bài tự mở lúc {at}. Cứ để trang này mở và để màn hình sáng."),
        "start": _("Bắt đầu làm bài"),
        "soon": _("Bài mở sau {n} giây."),
        "starting": _("Đang mở bài thi…"),
        "again": _("Chưa nối được tới máy chủ, đang thử lại. Thời gian làm bài chưa bắt đầu tính."),
    }
