"""What the exam page's script says: written here, so that it is translated like every other text."""

from __future__ import annotations

from examapp.core.words import _


def client_words(contact: str) -> dict[str, str]:
    """By short names; ``{n}``, ``{at}`` and the like are filled in by the script."""
    contact = contact or _("giám thị")
    return _of_the_line(contact) | _of_the_paper() | _of_the_end(contact)


def _of_the_line(contact: str) -> dict[str, str]:
    """Whether answers arrive, and the time."""
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
        "offlineSaved": _(
            "Mọi câu đã trả lời đều đã lưu trên máy chủ. Cứ làm tiếp: câu mới được giữ trên máy này và tự gửi khi có "
            "mạng. Cần giúp: %(contact)s.",
            contact=contact,
        ),
        "refused": _("Không gửi được"),
        "refusedText": _(
            "Máy chủ không nhận bài từ trang này. Bài vẫn giữ trên máy này: không xóa dữ liệu trình duyệt, "
            "gọi %(contact)s.",
            contact=contact,
        ),
        "memory": _("Trình duyệt này không giữ được bài trên máy. Đừng đóng hoặc tải lại trang khi còn câu chưa gửi."),
        "hide": _("Ẩn đồng hồ"),
        "show": _("Hiện đồng hồ"),
        "left": _("Còn {n} phút."),
        "added": _("Được cộng thêm {n} phút: {reason}"),
        "older": _(
            "{n} lượt trả lời từ thiết bị dùng trước đó vừa đến máy chủ. Câu nào đã trả lời ở máy này thì tính theo "
            "máy này."
        ),
    }


def _of_the_paper() -> dict[str, str]:
    """Questions, their states, and the way through them."""
    return {
        "count": _("{n} trên {of} câu đã trả lời"),
        "question": _("Câu {n}"),
        "doneCell": _("đã trả lời"),
        "emptyCell": _("chưa trả lời"),
        "unsentCell": _("còn trên máy này, chưa gửi"),
        "closedCell": _("đã khóa, không mở lại được"),
        "aheadCell": _("chưa đến"),
        "flagged": _("đánh dấu xem lại"),
        "onServer": _("Đã lưu trên máy chủ"),
        "onDevice": _("Còn trên máy này, chưa gửi"),
        "unanswered": _("Chưa trả lời"),
        "leaveOne": _("Sang câu sau thì không quay lại câu này được."),
        "leaveSection": _("Sang phần sau thì không quay lại phần này được."),
        "leaveEmpty": _("Câu này chưa trả lời."),
        "leaveMissing": _("Phần này còn {n} câu chưa trả lời."),
        "goOne": _("Sang câu sau"),
        "goSection": _("Sang phần sau"),
        "closedOne": _("Câu {n} đã khóa."),
        "closedSection": _("Các câu đến câu {n} đã khóa."),
        "note": _("Báo câu hỏi có vấn đề"),
        "noteHere": _("Báo cáo câu này còn trên máy, gửi cùng câu trả lời"),
        "noted": _("Đã gửi báo cáo câu này"),
        "noteEmpty": _("Ô này còn trống nên không có báo cáo nào. Hãy ghi điều chưa ổn rồi bấm “Ghi nhận”."),
        "noteDone": _("Ghi nhận"),
        "flag": _("Đánh dấu"),
        "unflag": _("Đã đánh dấu"),
        "none": _("Còn {n} câu chưa trả lời."),
        "lost": _("{n} câu chưa trả lời đã khóa, không mở lại được."),
        "all": _("Đã trả lời đủ {n} câu."),
        "marked": _("Đánh dấu xem lại: câu {list}."),
        "submit": _("Nộp bài"),
        "submitEmpty": _("Nộp bài, bỏ trống {n} câu"),
    }


def _of_the_end(contact: str) -> dict[str, str]:
    """Time over, submission, and whatever else ends the page."""
    return {
        "zero": _("Đã hết giờ làm bài"),
        "zeroText": _("Bài được khóa và đang tự nộp. Đừng đóng trang này cho đến khi thấy mã biên nhận."),
        "submitting": _("Đang nộp bài"),
        "submittingText": _("Đừng đóng trang này cho đến khi thấy mã biên nhận."),
        "stuck": _("Bài đã khóa, còn {n} câu chưa gửi; các câu này được giữ kín trên máy."),
        "stuckSaved": _("Bài đã khóa; mọi câu đã trả lời đều đã lưu trên máy chủ."),
        "stuckGoes": _("Khi có mạng, trang tự gửi và tự nộp bài."),
        "stuckHelp": _(
            "Hãy để nguyên trang này cho đến khi thấy mã biên nhận. Cần giúp: %(contact)s.", contact=contact
        ),
        "code": _(
            "Hãy đọc mã dưới đây cho giám thị và để nguyên trang này cho đến khi giám thị ghi xong. "
            "Cần giúp: %(contact)s.",
            contact=contact,
        ),
        "file": _("Lưu tệp bài làm khẩn cấp"),
        "fileText": _("Nếu giám thị yêu cầu, hãy lưu tệp bài làm khẩn cấp: tệp giữ kín các câu chưa gửi để nộp sau."),
        "fileSaved": _(
            "Đã tạo tệp {name}, thường nằm trong thư mục Tải xuống (Downloads). Hãy báo giám thị để nhận tệp này."
        ),
        "codes": _("Hiện mã QR"),
        "codesWhy": _("Giám thị cũng có thể chụp các mã QR của những câu chưa gửi để nộp mà không cần mạng."),
        "codesText": _(
            "Giám thị chụp rõ từng mã, rồi tải ảnh lên ở trang nhận bài làm khẩn cấp. Mã đã được niêm phong."
        ),
        "codesPlace": _("Mã {n} / {of}"),
        "codesBack": _("Mã trước"),
        "codesNext": _("Mã tiếp"),
        "codesClose": _("Đóng mã QR"),
        "codesTooMany": _("Bài chưa gửi quá dài để hiện bằng mã QR. Hãy lưu tệp bài làm khẩn cấp."),
        "nextPerson": _("Người tiếp theo"),
        "nextText": _(
            "Chỉ khi giám thị đã ghi mã và máy này phải nhường cho người khác, hãy bấm “Người tiếp theo”: các câu chưa "
            "gửi vẫn được giữ kín trên máy và tự gửi khi có mạng."
        ),
        "done": _("Đã nộp bài"),
        "doneText": _("Máy chủ đã nhận {n} câu trả lời lúc {at}."),
        "verifyText": _("Hãy ghi lại hoặc chụp mã này: mã tính từ chính các câu trả lời đã lưu, đối chiếu lại được."),
        "receipt": _("Mã biên nhận"),
        "open": _("Xem giấy biên nhận"),
        "moved": _("Bài đang mở trên thiết bị khác"),
        "movedText": _("Trang này dừng lại. Những câu đã chọn ở đây vẫn được gửi lên máy chủ."),
        "reload": _("Mở lại ở máy này"),
        "stopped": _("Bài thi này đã được dừng"),
        "stoppedText": _(
            "Chủ tịch hội đồng đã quyết định dừng bài này và cho thi bù bằng một đề khác. Lý do: {reason}"
        ),
        "stoppedKept": _(
            "Các câu đã trả lời vẫn được giữ để tra cứu, không tính điểm; câu còn trên máy này vẫn tự gửi. "
            "Không cần nộp bài này. Hãy xem ca thi bù và làm theo hướng dẫn của giám thị."
        ),
        "makeUp": _("Xem ca thi bù"),
        "submittedText": _("Máy chủ đã nhận bài này. Số câu và mã có ở trang biên nhận."),
    }
