"""What the exam page's script says: written here, so that it is translated like every other text."""

from __future__ import annotations

from examapp.core.words import _


def client_words(contact: str) -> dict[str, str]:
    """By short names; ``{n}``, ``{at}`` and the like are filled in by the script."""
    return {
        "sending": _("Đang gửi…"),
        "saved": _("Đã lưu {at}"),
        "unsent": _("{n} câu chưa gửi"),
        "offline": _("Mất mạng."),
        "busy": _("Máy chủ đang bận."),
        "offlineText": _(
            "Bài vẫn giữ trên máy này ({n} câu chưa gửi) và sẽ tự gửi lại. Cứ làm tiếp. Cần giúp: %(contact)s.",
            contact=contact,
        ),
        "refused": _("Không gửi được"),
        "refusedText": _(
            "Máy chủ không nhận bài từ trang này. Bài vẫn giữ trên máy này: không xóa dữ liệu trình duyệt, "
            "gọi %(contact)s.",
            contact=contact,
        ),
        "memory": _("Trình duyệt này không giữ được bài trên máy. Đừng đóng hoặc tải lại trang khi còn câu chưa gửi."),
        "count": _("{n} trên {of} câu đã trả lời"),
        "hide": _("Ẩn đồng hồ"),
        "show": _("Hiện đồng hồ"),
        "left": _("Còn {n} phút."),
        "added": _("Được cộng thêm {n} phút: {reason}"),
        "question": _("Câu {n}"),
        "answered": _("đã trả lời"),
        "empty": _("chưa trả lời"),
        "here": _("còn trên máy này"),
        "flagged": _("đánh dấu xem lại"),
        "flag": _("Đánh dấu"),
        "unflag": _("Đã đánh dấu"),
        "none": _("Còn {n} câu chưa trả lời."),
        "all": _("Đã trả lời đủ {n} câu."),
        "zero": _("Đã hết giờ làm bài"),
        "zeroText": _("Bài được khoá và đang tự nộp. Đừng đóng trang này cho đến khi thấy mã biên nhận."),
        "submitting": _("Đang nộp bài"),
        "submittingText": _("Đừng đóng trang này cho đến khi thấy mã biên nhận."),
        "code": _(
            "Còn {n} câu chưa gửi; bài vẫn giữ trên máy này và sẽ tự gửi lại. Hãy đọc mã dưới đây cho giám thị ghi lại:"
        ),
        "done": _("Đã nộp bài"),
        "doneText": _("Máy chủ đã nhận {n} câu trả lời."),
        "receipt": _("Mã biên nhận"),
        "open": _("Xem giấy biên nhận"),
        "moved": _("Bài đang mở trên thiết bị khác"),
        "movedText": _("Trang này dừng lại. Những câu đã chọn ở đây vẫn được gửi lên máy chủ."),
        "reload": _("Mở lại ở máy này"),
        "submittedText": _("Bài này đã được nộp ở một trang khác."),
    }
