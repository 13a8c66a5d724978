"""Safe Exam Browser as a round's requirement on PCs: the browser proves with every request which it is.

It sends SHA-256 over the address of the request and a key, in hexadecimal: one of the configuration that was handed out
(``X-SafeExamBrowser-ConfigKeyHash``), one of program and configuration together (``X-SafeExamBrowser-RequestHash``);
see the developers' documentation of Safe Exam Browser on both keys. Phones are never asked: there is none for them that
a commune's official could be expected to install.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from werkzeug.datastructures import Headers

from examapp.core.errors import Conflict
from examapp.core.words import _
from examapp.rounds.models import ExamRound

CONFIG_HEADER = "X-SafeExamBrowser-ConfigKeyHash"
EXAM_HEADER = "X-SafeExamBrowser-RequestHash"
PHONE = re.compile(r"Android|iPhone|iPad|iPod|Mobile", re.IGNORECASE)


def is_required(exam_round: ExamRound) -> bool:
    return bool(exam_round.seb_config_keys or exam_round.seb_exam_keys)


def proves(url: str, keys: str, shown: str) -> bool:
    """Whether ``shown`` was made of this address and one of ``keys`` (one a line); nothing to prove without keys."""
    wanted = [hashlib.sha256((url + key).encode()).hexdigest() for key in keys.split()]
    return not wanted or any(hmac.compare_digest(one.encode(), shown.lower().encode()) for one in wanted)


def require(exam_round: ExamRound, *, url: str, headers: Headers) -> None:
    """Turn a PC away that does not show what the round asks for; say what to do."""
    if not is_required(exam_round) or PHONE.search(headers.get("User-Agent", "")):
        return
    url = url.split("#", 1)[0]
    if CONFIG_HEADER not in headers and EXAM_HEADER not in headers:
        raise Conflict(
            _("Kỳ thi này trên máy tính phải làm bằng Safe Exam Browser."),
            advice=_("Hãy mở tệp cấu hình .seb mà người tổ chức thi đã phát, rồi đăng nhập lại trong trình duyệt đó."),
        )
    if not proves(url, exam_round.seb_config_keys, headers.get(CONFIG_HEADER, "")):
        raise Conflict(
            _("Safe Exam Browser đang dùng tệp cấu hình khác với tệp của kỳ thi này."),
            advice=_("Hãy đóng trình duyệt, mở lại bằng đúng tệp cấu hình của kỳ thi; nếu vẫn lỗi, hãy gọi giám thị."),
        )
    if not proves(url, exam_round.seb_exam_keys, headers.get(EXAM_HEADER, "")):
        raise Conflict(
            _("Phiên bản Safe Exam Browser trên máy này không phải phiên bản kỳ thi cho phép."),
            advice=_("Hãy đổi sang máy khác hoặc gọi giám thị."),
        )
